"""A fast deterministic 1v1 fighting game with unlike characters, for multi-agent learning."""

import importlib
from typing import TYPE_CHECKING, Any, Final

__version__: Final = "0.1.0"

from .registration import register_envs

if TYPE_CHECKING:
    from . import bots, duel_v0, errors, squad_v0, testing
    from .envs.vector import DuelVectorEnv as make_vec
    from .game.match import Match
    from .game.observations import observation_layout
    from .roster import load_roster

__all__ = [
    "Match",
    "__version__",
    "bots",
    "duel_v0",
    "errors",
    "load_roster",
    "make_vec",
    "observation_layout",
    "squad_v0",
    "testing",
]

# Where each name comes from; nothing is imported before it is asked for.
_HOMES: Final = {
    "Match": ("game.match", "Match"),
    "bots": ("bots", None),
    "duel_v0": ("duel_v0", None),
    "errors": ("errors", None),
    "load_roster": ("roster", "load_roster"),
    "make_vec": ("envs.vector", "DuelVectorEnv"),
    "observation_layout": ("game.observations", "observation_layout"),
    "squad_v0": ("squad_v0", None),
    "testing": ("testing", None),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value: Any = importlib.import_module(f".{module}", __name__)
    if attribute is not None:
        value = getattr(value, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


register_envs()
