"""What settings of every `Config` must be, looked at before a file or a process is made."""

from dataclasses import fields, is_dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from cam_arena.cores import usable_cores
from cam_arena.game.options import MAX_MATCHES, Options
from cam_arena.game.rewards import REWARDS

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["BUDGETS", "check_settings", "most_processes"]

BUDGETS = frozenset({"steps", "minutes", "specialist_steps"})
"""Settings of every scheme that say how long to train: a run may be given more, or less."""
_OF_THE_ENV = ("frame_skip", "reward", "observation")
_PROCESSES = ("workers", "envs")
_LARGEST = 3.4e38  # of float32, which networks compute in
_END = 2**63  # of the whole numbers that seeds and counters can be


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
        if wanted is None and name == "reward" and value is not None and value not in REWARDS:
            wanted = f"one of {list(REWARDS)}"  # weights and functions are for envs
        if wanted is None and name == "seed" and value < 0:
            wanted = "at least 0"
        if wanted is None and name in _PROCESSES and value > most_processes():
            wanted = f"at most {most_processes()} on this machine, of {usable_cores()} cores"
        if wanted is None and name == "matches" and not 1 <= value <= MAX_MATCHES:
            wanted = f"within 1..{MAX_MATCHES}"
        if wanted is not None:
            raise ValueError(f"{name} must be {wanted}, got {value!r}")
    options = {name: given[name] for name in _OF_THE_ENV if given.get(name) is not None}
    Options.for_env(options)  # raises what the env would, later


def most_processes() -> int:
    """Return how many processes a training may ask for here: 4 a core, or 64 if that is more.

    64 let a run that a larger machine began go on here.
    """
    return max(64, 4 * usable_cores())


def _wanted(hint: Any, value: Any) -> str | None:
    """Say what a value of this type must be; None: it is."""
    if get_origin(hint) is Literal:
        allowed = get_args(hint)
        return None if value in allowed else f"one of {list(allowed)}"
    if get_origin(hint) is tuple:
        of = get_args(hint)[0]  # `tuple[X, ...]`
        is_one = isinstance(value, tuple) and not any(_wanted(of, item) for item in value)
        return None if is_one else f"a tuple, each {_wanted(of, object())}"
    kinds = get_args(hint)
    if kinds:  # `X | None`
        failed = [_wanted(kind, value) for kind in kinds if kind is not type(None)]
        return None if value is None or None in failed else failed[0]
    if isinstance(hint, type) and is_dataclass(hint):
        return None if isinstance(value, hint) else f"a {hint.__name__}"
    if hint is float:
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        is_finite = is_number and abs(value) <= _LARGEST
        return None if is_finite else f"a finite number, of at most {_LARGEST:g}"
    if hint is int:
        is_whole = isinstance(value, Integral) and not isinstance(value, bool)
        return None if is_whole and abs(value) < _END else "a whole number"
    if hint is bool:
        return None if isinstance(value, bool) else "True or False"
    if hint is str:
        return None if isinstance(value, str) else "a string"
    if hint is Path:
        return None if isinstance(value, (str, Path)) else "a path"
    return None
