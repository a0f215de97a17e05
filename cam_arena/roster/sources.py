"""Read a roster's files: the values of all tables, checked."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import RosterError
from ..files import read_toml
from .checks import check_character, check_owner, check_unique
from .reader import Problems, Values, read_table

__all__ = ["Sources", "read_sources"]


@dataclass
class Sources:
    """The values of a roster's files, checked."""

    scrolls: list[Values] = field(default_factory=list)
    companions: list[Values] = field(default_factory=list)
    schools: list[Values] = field(default_factory=list)
    splits: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: list[Problems] = field(default_factory=list)

    def problems(self) -> list[str]:
        """Return what is wrong with the files, as sentences."""
        return [problem for file in self.files for problem in file.found]


def _read_file(path: Path) -> dict[str, Any]:
    if not os.path.lexists(path):
        raise RosterError(
            f"{path} does not exist; a roster is a directory with scrolls.toml, companions.toml "
            "and schools/*.toml"
        )
    return read_toml(path, RosterError)


def read_sources(path: Path) -> Sources:
    """Return the values of a roster directory's files, with all problems found in them.

    Raises:
        RosterError: if a file is missing or is not TOML.
    """
    source = Sources()
    scrolls = Problems("scrolls.toml")
    companions = Problems("companions.toml")
    source.files += [scrolls, companions]
    source.scrolls = read_table(
        "scrolls file", _read_file(path / scrolls.file), "", scrolls
    )["scroll"] or []  # fmt: skip
    source.companions = read_table(
        "companions file", _read_file(path / companions.file), "", companions
    )["companion"] or []  # fmt: skip
    for slot, entries, problems in (
        ("scroll", source.scrolls, scrolls),
        ("companion", source.companions, companions),
    ):
        named = [(problems, f"{slot}[{i}].name", entry["name"]) for i, entry in enumerate(entries)]
        check_unique(named, slot, {})
        for i, entry in enumerate(entries):
            where = f"{slot}[{i}]"
            if entry["move"] is not None:
                moves = [(f"{where}.move", slot, entry["move"])]
                check_owner(moves, entry["entity"] or (), where, problems)
    _read_schools(path, source)
    if not source.problems():
        # What follows reads or names characters that a problem has kept from being made.
        _generate(path, source)
        _tune(path, source)
        _read_splits(path, source)
    return source


def _read_schools(path: Path, source: Sources) -> None:
    files = sorted((path / "schools").glob("*.toml"))
    if not files:
        raise RosterError(
            f"{path / 'schools'} has no *.toml file; a roster needs at least one school"
        )
    scrolls = {entry["name"]: i for i, entry in enumerate(source.scrolls)}
    companions = {entry["name"]: i for i, entry in enumerate(source.companions)}
    schools: dict[str, str] = {}
    names: dict[str, str] = {}
    for file in files:
        problems = Problems(file.name)
        source.files.append(problems)
        school = read_table("school file", _read_file(file), "", problems)
        source.schools.append(school)
        check_unique([(problems, "name", school["name"])], "school", schools)
        characters = school["character"] = list(school["character"] or ())
        keys = [(problems, f"character[{i}].name", c["name"]) for i, c in enumerate(characters)]
        check_unique(keys, "character", names)
        for i, character in enumerate(characters):
            check_character(character, f"character[{i}]", problems, scrolls, companions)


def _generate(path: Path, source: Sources) -> None:
    """Fill up each school with generated characters, where roster.toml asks for it."""
    file = path / "roster.toml"
    if not file.exists():
        return
    from .generator import SURPLUS, generate_characters, read_tuning

    problems = Problems(file.name)
    source.files.append(problems)
    wanted = read_table("roster file", _read_file(file), "", problems)
    if problems.found:
        return
    scrolls = {entry["name"]: i for i, entry in enumerate(source.scrolls)}
    companions = {entry["name"]: i for i, entry in enumerate(source.companions)}
    made = generate_characters(
        source.schools,
        wanted["seed"],
        wanted["per_school"],
        scrolls=source.scrolls,
        companions=source.companions,
        surplus={
            name: factors.get(SURPLUS, 0) / 1000
            for name, factors in read_tuning(path / "tuning.toml").items()
        },
    )
    for school, tables in zip(source.schools, made, strict=True):
        for table in tables:
            where = f"generated {table['name']}"
            character = read_table("character", table, where, problems)
            check_character(character, where, problems, scrolls, companions)
            school["character"].append(character)


def _tune(path: Path, source: Sources) -> None:
    """Apply the factors of tuning.toml to the statistics."""
    file = path / "tuning.toml"
    if not file.exists():
        return
    from .generator import read_tuning, tune

    tuning = read_tuning(file)
    problems = Problems(file.name)
    source.files.append(problems)
    for school in source.schools:
        for character in school["character"]:
            character["stats"] = tune(character["stats"], tuning.pop(character["name"], {}))
    for name in tuning:
        problems.found.append(f"{file.name}: there is no character {name!r}; take the table out")


def _read_splits(path: Path, source: Sources) -> None:
    names = [c["name"] for school in source.schools for c in school["character"] or ()]
    source.splits["all"] = tuple(names)
    file = path / "splits.toml"
    if not file.exists():
        return
    problems = Problems(file.name)
    source.files.append(problems)
    for split, members in _read_file(file).items():
        if (
            not isinstance(members, list)
            or not members
            or not all(isinstance(name, str) for name in members)
        ):
            problems.value(split, members, "a list of character names")
            continue
        if split == "all":
            problems.value(split, members, "left out; it is always all characters")
            continue
        for i, name in enumerate(members):
            if name not in names:
                problems.unknown(f"{split}[{i}]", name, filter(None, names))
        source.splits[split] = tuple(members)
