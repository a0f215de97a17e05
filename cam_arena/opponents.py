"""Opponents: what a word for one stands for, and whom it draws and warns of.

A bot such as `zoner:3`, the directory of a policy or of a run, what `load_member` returns, a
function `policy(observation, action_mask)`, an object with such a method `act`, and a model of
Stable-Baselines3 are all opponents, wherever one is asked for.
"""

import inspect
import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from . import _core, bots
from .errors import CheckpointError, UnmetWarning
from .game.actions import Action
from .words import counted

if TYPE_CHECKING:
    from .roster import Roster

__all__ = [
    "Bot",
    "Opponent",
    "OpponentWord",
    "Policy",
    "RowPolicy",
    "draws",
    "match_seed",
    "name_of",
    "resolve",
    "trained_characters",
    "trained_pair",
    "warn_of_unmet",
]


@runtime_checkable
class Policy(Protocol):
    """A policy for one seat of one match.

    It may have a method `reset(seed)`, which is called when a match begins, with a seed that
    follows from the match's: so a policy that draws repeats, and one with a memory forgets.
    """

    def act(self, observation: Any, action_mask: NDArray[np.int8]) -> Action:
        """Return an action for what the seat sees and may do."""
        ...


@runtime_checkable
class RowPolicy(Protocol):
    """A policy without a memory that decides for many matches in one pass.

    It sees the preset that it was trained on, whatever the env's is, with one frame.
    """

    @property
    def name(self) -> str:
        """What windows and tables call it."""
        ...

    @property
    def observation(self) -> str:
        """The preset of vectors that it sees."""
        ...

    def act_rows(
        self,
        observations: NDArray[np.float32],
        action_masks: NDArray[np.int8],
        draws: NDArray[np.float32],
    ) -> NDArray[np.int32]:
        """Choose an action a row.

        Args:
            observations: shape (B, O).
            action_masks: shape (B, 108), 1 where legal.
            draws: shape (B,), in [0, 1): the only source of randomness.

        Returns:
            Ids 0..107, shape (B,).
        """
        ...


@dataclass(frozen=True)
class Bot:
    """A scripted bot, which the simulation plays."""

    name: str
    """`kind:level`."""

    @property
    def bot(self) -> tuple[int, int]:
        """Code of the kind and level, as `_core.Batch.set_bot` takes them."""
        return bots.parse(self.name)


Opponent = Bot | Policy | RowPolicy
"""What a word stands for."""

OpponentWord = str | Path | Opponent | Callable[[Any, NDArray[np.int8]], Action] | object
"""What is taken where an opponent is asked for; `object` stands for models of Stable-Baselines3."""


class _Function:
    """A function as a `Policy`."""

    def __init__(self, function: Callable[[Any, NDArray[np.int8]], Action]) -> None:
        self.act = function
        self.name = getattr(function, "__name__", "policy")
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):  # compiled, and does not say
            return
        try:
            signature.bind(None, None)
        except TypeError as error:
            raise TypeError(
                f"opponent {self.name}{signature} cannot be called as "
                "policy(observation, action_mask)"
            ) from error


def resolve(word: OpponentWord, roster: "Roster") -> Opponent:
    """Return what a word for an opponent stands for.

    Args:
        word: a bot (`zoner`, `zoner:3`); the directory of a policy or of a run, as a string or a
            path; what `load_member` returns; a function `policy(observation, action_mask)` or an
            object with such a method `act`; a model of Stable-Baselines3; or what this returned.
        roster: of the matches.

    Raises:
        ValueError: if a text names neither a bot nor a directory, or a policy sees or does
            something else than the matches offer.
        TypeError: if the word is none of these.
        CheckpointError: if a directory holds no intact policy that can play this roster.
        ImportError: if the word needs PyTorch and it is not installed; names the extra.
    """
    if isinstance(word, os.PathLike) or (isinstance(word, str) and _is_path(word)):
        return _load(Path(word), roster)
    if isinstance(word, str):
        bots.parse(word)
        return Bot(word)
    if isinstance(getattr(word, "bot", None), tuple):
        return Bot(str(getattr(word, "name", "")))
    if callable(getattr(word, "for_character", None)):
        _require_roster(word, roster)
        return cast(Opponent, word)
    if callable(getattr(word, "act_rows", None)):
        _require_preset(word)
        _require_roster(word, roster)
        return cast(RowPolicy, word)
    if all(hasattr(word, name) for name in ("predict", "policy", "observation_space")):
        return _agents("sb3_member").member_of_model(word)  # type: ignore[no-any-return]
    if callable(getattr(word, "act", None)):
        return cast(Policy, word)
    if callable(word):
        return _Function(word)
    raise TypeError(f"opponent must be {_ALLOWED}; got {word!r}")


_ALLOWED: Final = (
    f"a bot ({', '.join(bots.names())}, as in 'zoner:3'), the directory of a policy or a run, what "
    "load_member returns, a function policy(observation, action_mask), an object with .act, or a "
    "model of Stable-Baselines3"
)


def _is_path(text: str) -> bool:
    """Tell whether a text names a directory and not a bot."""
    if text.partition(":")[0] in bots.names():
        return False
    # `Path.exists` takes an empty text for the current directory, and raises where one is too long.
    return os.sep in text or text.endswith(".zip") or os.path.exists(text)


def _load(path: Path, roster: "Roster") -> Opponent:
    if path.suffix == ".zip":
        raise ValueError(
            f"{path}: a .zip of Stable-Baselines3 holds pickled code, which is never run here; "
            "load it yourself and give the model, or write it with "
            "cam_arena.integrations.sb3.save_policy(model, directory) and give the directory"
        )
    if not os.path.isdir(path):  # `Path.is_dir` raises where a name is too long
        raise CheckpointError(
            f"there is no directory {path}; give that of a trained policy or a run, or a bot such "
            "as zoner:3"
        )
    return _agents("saved").load_policy(path, roster=roster)  # type: ignore[no-any-return]


def _agents(module: str) -> Any:
    """Import a module of the trainers: only a trained policy needs them, and PyTorch."""
    try:
        if module == "saved":
            from cam_arena.agents import saved

            return saved
        from cam_arena.agents import sb3_member
    except ImportError as error:
        raise ImportError(
            f'a trained policy needs {error.name}, not installed: pip install "cam-arena[agents]"',
            name=error.name,
        ) from error
    return sb3_member


def name_of(opponent: object) -> str:
    """Return what windows, tables and errors call an opponent."""
    return str(getattr(opponent, "name", type(opponent).__name__))


def _require_preset(member: object) -> None:
    preset = getattr(member, "observation", None)
    if preset not in tuple(_core.OBSERVATIONS):
        raise (ValueError if isinstance(preset, str) else TypeError)(
            f"the opponent {name_of(member)} has act_rows, so its attribute `observation` must be "
            f"the preset that it sees: {', '.join(_core.OBSERVATIONS)}; got {preset!r}"
        )


def _require_roster(member: Any, roster: "Roster") -> None:
    trained_on = getattr(member, "roster", None)
    if trained_on is not None and trained_on != roster.id:
        raise CheckpointError(
            f"{member.name}: trained on roster {trained_on}, the matches are of roster "
            f"{roster.id}: its policy knows other characters"
        )


# ---- whom it knows ----


def trained_characters(opponents: Iterable[object]) -> str | None:
    """Return the split or character that policies were trained on; None if unlike or unknown."""
    known = {getattr(opponent, "characters", None) for opponent in opponents} - {None}
    return known.pop() if len(known) == 1 else None


def trained_pair(players: Sequence[object]) -> tuple[str | None, str | None]:
    """Return whom two players play where nobody says: each what it was trained on.

    Who was not trained, or not on known characters, plays those of the other.
    """
    first, second = (trained_characters([player]) for player in players)
    return first or second, second or first


def warn_of_unmet(opponent: object, names: Sequence[str], told: set[str]) -> None:
    """Warn of characters that a policy never met in its training.

    A policy on `descriptor` is not warned of: it knows characters by what they can do.

    Args:
        opponent: a policy that knows whom it met, or anything else.
        names: characters of the match.
        told: whom the user was told of; these are left out, and the others are added.
    """
    met = getattr(opponent, "met", None)
    if met is None or getattr(opponent, "observation", None) == "descriptor":
        return
    unmet = [name for name in dict.fromkeys(names) if name not in met and name not in told]
    if not unmet:
        return
    told.update(unmet)
    more = f" and {len(unmet) - 4} more" if len(unmet) > 4 else ""
    picked = getattr(opponent, "characters", None) or counted(len(met), "character")
    warnings.warn(
        f"{name_of(opponent)} was trained on {picked} and never met "
        f"{', '.join(unmet[:4])}{more}: what it does there says nothing of its training",
        UnmetWarning,
        stacklevel=3,
    )


# ---- what it draws ----

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


def _mix(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return well-mixed bits of each number (the finaliser of splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def match_seed(seed: int, seat: int) -> int:
    """Return what a policy in a seat is told as `reset(seed)` of a match; 0..2**63 - 1."""
    mixed = _mix(np.array([seed], np.uint64) ^ _mix(np.array([seat + 1], np.uint64)))
    return int(mixed[0] >> np.uint64(1))


def draws(seeds: NDArray[np.uint64], ticks: NDArray[np.int64], seat: int) -> NDArray[np.float32]:
    """Return the random numbers of one decision, a function of match, seat and tick alone.

    So a match repeats from its seed, goes on alike from a snapshot, and does not depend on which
    other matches step with it.

    Args:
        seeds: of the matches, shape (B,).
        ticks: of the decisions, shape (B,).
        seat: of the policy.

    Returns:
        float32 in [0, 1), shape (B,).
    """
    with np.errstate(over="ignore"):
        steps = ticks.astype(np.uint64) * np.uint64(2) + np.uint64(seat + 1)
        mixed = _mix(_mix(seeds.astype(np.uint64)) + steps * _GOLDEN)
    return ((mixed >> np.uint64(40)).astype(np.float32)) * np.float32(2.0**-24)
