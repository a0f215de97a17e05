"""What settings of every `Config` must be, looked at before a file or a process is made."""

import math
from dataclasses import fields
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from cam_arena.game.options import Options

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["BUDGETS", "check_settings"]

BUDGETS = frozenset({"steps", "minutes", "specialist_steps"})
"""Settings of every scheme that say how long to train: a run may be given more, or less."""
_OF_THE_ENV = ("frame_skip", "reward", "observation")


def check_settings(config: "DataclassInstance") -> None:
    """Reject a value that cannot be: of a wrong type, not finite, a budget of nothing, no option.

    Args:
        config: of a scheme, or a part of one; its annotations say what may be.

    Raises:
        ValueError: names the setting, what it must be and what was given.
    """
    hints = get_type_hints(type(config))
    given = {one.name: getattr(config, one.name) for one in fields(config)}
    for name, value in given.items():
        wanted = _wanted(hints[name], value)
        if wanted is None and name in BUDGETS and value is not None and value <= 0:
            wanted = "positive"
        if wanted is None and name == "seed" and value < 0:
            wanted = "at least 0"
        if wanted is not None:
            raise ValueError(f"{name} must be {wanted}, got {value!r}")
    options = {name: given[name] for name in _OF_THE_ENV if given.get(name) is not None}
    Options.for_env(options)  # raises what the env would, later


def _wanted(hint: Any, value: Any) -> str | None:
    """Say what a value of this type must be; None: it is."""
    if get_origin(hint) is Literal:
        allowed = get_args(hint)
        return None if value in allowed else f"one of {list(allowed)}"
    kinds = get_args(hint) if get_origin(hint) is not tuple else ()
    if kinds:  # `X | None`
        failed = [_wanted(kind, value) for kind in kinds if kind is not type(None)]
        return None if value is None or None in failed else failed[0]
    if hint is float:
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        return None if is_number and math.isfinite(value) else "a finite number"
    if hint is int:
        is_whole = isinstance(value, Integral) and not isinstance(value, bool)
        return None if is_whole else "a whole number"
    if hint is bool:
        return None if isinstance(value, bool) else "True or False"
    if hint is str:
        return None if isinstance(value, str) else "a string"
    if hint is Path:
        return None if isinstance(value, (str, Path)) else "a path"
    return None
