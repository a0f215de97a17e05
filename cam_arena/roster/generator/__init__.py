"""The roster generator: unlike characters of equal worth, from school files and a seed.

Every drawn value is a hash of seed, school, slot and field, so the same inputs give the same
characters on every platform. More characters a school, and new fields, leave all others as they
are. A new hand-written character takes the place of its school's last generated one; it changes
another only if that one is too like it or has its name. A new scroll or companion changes only who
comes to hold it by default: their loadout, and their damage by what the loadout is worth.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..reader import Problems, Values, read_table
from .build import Knobs, Loadouts, build_character
from .school import read_schools
from .strength import StrengthModel, read_model, strength, write_model
from .structure import Plan, plan_roster
from .tuning import SURPLUS, read_tuning, tune, write_tuning

__all__ = [
    "PER_SCHOOL",
    "ROSTER_SEED",
    "SURPLUS",
    "Knobs",
    "Plan",
    "StrengthModel",
    "bundled_schools",
    "generate_characters",
    "generate_roster",
    "plan_characters",
    "read_model",
    "read_tuning",
    "strength",
    "tune",
    "write_model",
    "write_tuning",
]

PER_SCHOOL: Final = 19
"""Characters of a school in the bundled roster, the hand-written ones included."""

ROSTER_SEED: Final = 304
"""Seed of the bundled roster."""

_BUNDLED: Final = Path(__file__).parent.parent


def generate_characters(
    schools: Sequence[Mapping[str, Any]],
    seed: int = ROSTER_SEED,
    per_school: int | None = None,
    *,
    scrolls: Sequence[Mapping[str, Any]] | None = None,
    companions: Sequence[Mapping[str, Any]] | None = None,
    surplus: Mapping[str, float] | None = None,
) -> list[list[Values]]:
    """Return the characters that fill up each school, as a school file would hold them.

    Args:
        schools: values of school files, as `read_table` returns them; their characters count. A
            school without a `[generator]` table gets none.
        seed: roster seed, 0..2**64 - 1.
        per_school: characters of a school with the hand-written ones; PER_SCHOOL if None.
        scrolls: tables that can be carried; the bundled ones if None.
        companions: tables that can be called; the bundled ones if None.
        surplus: logits by name that play has shown characters to be stronger than the model says.

    Returns:
        One list a school, in the order of `schools`; each entry is the table of a character, to be
        read and checked like those of a file.

    Raises:
        RosterError: if a character cannot be made unlike the others.
    """
    size = PER_SCHOOL if per_school is None else per_school
    counts = [max(size - len(school["character"] or ()), 0) for school in schools]
    plans = plan_characters(schools, seed, counts)
    loadouts = _loadouts(scrolls, companions)
    more = surplus or {}
    return [
        [build_character(plan, loadouts, surplus=more.get(plan.name, 0.0)) for plan in planned]
        for planned in plans
    ]


def generate_roster(
    seed: int,
    count: int,
    on_character: Callable[[], object] | None = None,
    *,
    surplus: Mapping[str, float] | None = None,
    knobs: Callable[[Plan, Mapping[str, int]], Knobs] | None = None,
) -> list[list[Values]]:
    """Return `count` characters of the bundled schools, none of them hand-written.

    Args:
        seed: roster seed, 0..2**64 - 1; another seed gives other characters.
        count: characters in all; the first schools get one more where it does not divide.
        on_character: called after each character, for progress bars.
        surplus: logits by name that play has shown characters to be stronger than the model says.
        knobs: sets damage, cooldowns and statistics instead of evening out strengths.

    Returns:
        One list of tables a school, in the order of the bundled school files.

    Raises:
        ValueError: if count is below 1.
        RosterError: if a character cannot be made unlike the others.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    schools = [dict(school) | {"character": ()} for school in bundled_schools()]
    counts = [(count - i + len(schools) - 1) // len(schools) for i in range(len(schools))]
    plans = plan_characters(schools, seed, counts)
    loadouts = _loadouts(None, None)
    made: list[list[Values]] = [[] for _ in plans]
    for characters, planned in zip(made, plans, strict=True):
        for plan in planned:
            more = (surplus or {}).get(plan.name, 0.0)
            characters.append(build_character(plan, loadouts, surplus=more, knobs=knobs))
            if on_character is not None:
                on_character()
    return made


def plan_characters(
    schools: Sequence[Mapping[str, Any]], seed: int, counts: Sequence[int]
) -> list[list[Plan]]:
    """Return what the generated characters of each school are, before any number.

    Args:
        schools: values of school files, as `read_table` returns them.
        seed: roster seed, 0..2**64 - 1.
        counts: characters to generate for each school.

    Raises:
        RosterError: if a character cannot be made unlike the others.
    """
    able = [i for i, school in enumerate(schools) if school.get("generator")]
    readied = read_schools([schools[i] for i in able])
    plans: list[list[Plan]] = [[] for _ in schools]
    for i, planned in zip(able, plan_roster(readied, seed, [counts[i] for i in able]), strict=True):
        plans[i] = planned
    return plans


def _loadouts(
    scrolls: Sequence[Mapping[str, Any]] | None, companions: Sequence[Mapping[str, Any]] | None
) -> Loadouts:
    return Loadouts(
        _bundled("scrolls.toml", "scroll") if scrolls is None else scrolls,
        _bundled("companions.toml", "companion") if companions is None else companions,
    )


def _bundled(file: str, key: str) -> list[Values]:
    tables: list[Values] = tomllib.loads((_BUNDLED / file).read_text(encoding="utf-8"))[key]
    return tables


def bundled_schools() -> list[Values]:
    """Return the values of the bundled school files, in the order of their names."""
    files = sorted((_BUNDLED / "schools").glob("*.toml"))
    read = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    return [read_table("school file", school, "", Problems("schools")) for school in read]
