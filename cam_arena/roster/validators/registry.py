"""The list of validators, and how they run over a roster."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from ..model import Character, Roster
from . import (
    approach,
    control,
    coverage,
    damage,
    infinites,
    openers,
    ranges,
    reachability,
    uptime,
)

__all__ = ["VALIDATORS", "Finding", "Validator", "validate_roster"]


class Check(Protocol):
    """What a validator does: a sentence for every rule that a character breaks."""

    def __call__(
        self, roster: Roster, characters: Sequence[Character] | None = None, *, quick: bool = False
    ) -> list[str]:
        """Return the sentences; `characters` narrows the search, `quick` makes it shallow."""


@dataclass(frozen=True)
class Validator:
    """A rule that a roster must keep."""

    name: str
    """Short name."""
    meaning: str
    """What holds where it finds nothing."""
    check: Check
    """Finds what breaks it."""
    is_per_character: bool = True
    """Whether each character is judged alone."""


@dataclass(frozen=True)
class Finding:
    """A rule that is broken."""

    validator: str
    """Name of the validator."""
    text: str
    """What is wrong, what is allowed and what to do, as a sentence."""


_ALL = (
    Validator(
        "ranges",
        "ticks lie in the range of their kind of move, and depth costs speed or strength",
        ranges.check,
    ),
    Validator(
        "reachability",
        "every move can be reached and no loop of cancels is free",
        reachability.check,
    ),
    Validator("infinites", "the protection gauge ends every combo", infinites.check),
    Validator(
        "damage", "a combo takes at most 45 % of the dummy, 60 % with the ultimate", damage.check
    ),
    Validator("openers", "nothing hurts in the first half second", openers.check),
    Validator("uptime", "armour, invulnerability and guard hold at most 35 %", uptime.check),
    Validator("control", "control effects hold for at most 2.5 s", control.check),
    Validator("approach", "an idle target is hit within 3 s from the widest start", approach.check),
    Validator("coverage", "a large roster uses every rule", coverage.check, False),
)

VALIDATORS: Final[Mapping[str, Validator]] = {validator.name: validator for validator in _ALL}
"""Validators by name, in the order in which they run."""


def validate_roster(
    roster: Roster,
    names: Iterable[str] | None = None,
    characters: Iterable[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    quick: bool = False,
    workers: int = 1,
) -> list[Finding]:
    """Run validators over a roster.

    Args:
        roster: what to judge.
        names: validators; all if None.
        characters: names of the characters to judge; all if None.
        progress: called with the checks done and their number.
        quick: search shallowly: seconds for a handful of characters.
        workers: processes; more than one reads the roster's files again in each.

    Returns:
        What was found, by validator, then by character.

    Raises:
        ValueError: if there is no such validator.
        KeyError: if no character has such a name.
    """
    chosen = list(VALIDATORS if names is None else names)
    for name in chosen:
        if name not in VALIDATORS:
            raise ValueError(f"validator must be one of {', '.join(VALIDATORS)}, got {name!r}")
    judged = [roster[name].index for name in (roster.names if characters is None else characters)]
    alone = [name for name in chosen if VALIDATORS[name].is_per_character]
    jobs: list[tuple[str, int]] = [(name, index) for index in judged for name in alone]
    jobs += [(name, -1) for name in chosen if name not in alone]
    run = partial(_run, roster, quick)
    texts: dict[tuple[str, int], list[str]] = {}
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            _collect(jobs, pool.map(run, jobs, chunksize=4), texts, progress)
    else:
        _collect(jobs, map(run, jobs), texts, progress)
    return [
        Finding(name, text)
        for name in chosen
        for index in (judged if name in alone else [-1])
        for text in texts[name, index]
    ]


def _run(roster: Roster, quick: bool, job: tuple[str, int]) -> list[str]:
    name, index = job
    return VALIDATORS[name].check(roster, None if index < 0 else [roster[index]], quick=quick)


def _collect(
    jobs: Sequence[tuple[str, int]],
    results: Iterable[list[str]],
    texts: dict[tuple[str, int], list[str]],
    progress: Callable[[int, int], None] | None,
) -> None:
    for done, (job, result) in enumerate(zip(jobs, results, strict=True), 1):
        texts[job] = result
        if progress is not None:
            progress(done, len(jobs))
