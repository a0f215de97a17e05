"""Read a roster: files, checks, arrays."""

import functools
import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import _core
from ..errors import CharacterError, RosterError
from ..game.rules import Rules
from .checks import check_character, check_owner, check_unique
from .codes import Button
from .compile import Compiler, Part, Values
from .descriptors import descriptors
from .model import Character, EntityType, Loadable, Move, Roster, School
from .reader import Problems, read_table

__all__ = ["find_problems", "load_roster"]

BUNDLED = Path(__file__).parent

_SLOT_BUTTONS = (
    ("skill1", "skill", Button.SKILL1),
    ("skill2", "skill", Button.SKILL2),
    ("ultimate", "ultimate", Button.ULTIMATE),
    ("trait", "trait", Button.TRAIT),
)


def load_roster(path: str | Path | None = None, *, rules: Rules | None = None) -> Roster:
    """Return the roster in a directory; the bundled one by default.

    Args:
        path: directory with schools/*.toml, scrolls.toml, companions.toml and, if wanted,
            splits.toml.
        rules: numbers of the game; the defaults of `Rules` if None.

    Raises:
        RosterError: if a file is missing or is not TOML.
        CharacterError: if a value is not allowed; names file, key, value and what is allowed.
    """
    return _load(Path(path or BUNDLED).resolve(), rules or Rules())


def find_problems(path: str | Path | None = None) -> list[str]:
    """Return all problems of a roster directory as sentences; empty if it loads.

    Raises:
        RosterError: if a file is missing or is not TOML.
    """
    return _read(Path(path or BUNDLED).resolve()).problems()


@dataclass
class _Source:
    """The values of a roster's files, checked."""

    scrolls: list[Values] = field(default_factory=list)
    companions: list[Values] = field(default_factory=list)
    schools: list[Values] = field(default_factory=list)
    splits: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: list[Problems] = field(default_factory=list)

    def problems(self) -> list[str]:
        return [problem for file in self.files for problem in file.found]


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RosterError(
            f"{path} does not exist; a roster is a directory with scrolls.toml, companions.toml "
            "and schools/*.toml"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RosterError(f"{path} is not valid TOML: {error}") from error


def _read(path: Path) -> _Source:
    source = _Source()
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
    _read_splits(path, source)
    return source


def _read_schools(path: Path, source: _Source) -> None:
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
        characters = school["character"] or []
        keys = [(problems, f"character[{i}].name", c["name"]) for i, c in enumerate(characters)]
        check_unique(keys, "character", names)
        for i, character in enumerate(characters):
            check_character(character, f"character[{i}]", problems, scrolls, companions)


def _read_splits(path: Path, source: _Source) -> None:
    names = [c["name"] for school in source.schools for c in school["character"] or ()]
    source.splits["all"] = tuple(names)
    file = path / "splits.toml"
    if not file.exists():
        return
    problems = Problems(file.name)
    source.files.append(problems)
    for split, members in _read_file(file).items():
        if not isinstance(members, list) or not members:
            problems.value(split, members, "a list of character names")
            continue
        if split == "all":
            problems.value(split, members, "left out; it is always all characters")
            continue
        for i, name in enumerate(members):
            if name not in names:
                problems.unknown(f"{split}[{i}]", name, filter(None, names))
        source.splits[split] = tuple(members)


@functools.lru_cache(maxsize=8)
def _load(path: Path, rules: Rules) -> Roster:
    source = _read(path)
    problems = source.problems()
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise CharacterError(problems[0] + more)
    build = _Build()
    scrolls = build.loadables(source.scrolls, "scroll", Button.SCROLL)
    companions = build.loadables(source.companions, "companion", Button.COMPANION_A)
    schools: list[School] = []
    for values in source.schools:
        school = School(
            index=len(schools),
            palette=tuple(values["palette"]),
            **{key: values[key] for key in ("name", "plan", "theme", "personality", "bot")},
        )
        schools.append(school)
        for character in values["character"]:
            build.character(character, school, scrolls, companions)
    arrays = build.compiler.arrays()
    packed = rules.pack()
    digest = hashlib.sha256(packed.tobytes())
    for array in arrays.values():
        digest.update(array.tobytes())
    arrays["descriptors"] = descriptors(build.characters, arrays["moves"], arrays["hits"])
    for array in arrays.values():
        array.flags.writeable = False
    return Roster(
        characters=tuple(build.characters),
        schools=tuple(schools),
        moves=tuple(build.moves),
        entity_types=tuple(build.entity_types),
        scrolls=tuple(scrolls),
        companions=tuple(companions),
        splits=source.splits,
        rules=rules,
        path=path,
        id=digest.hexdigest()[:16],
        arrays=arrays,
        data=_core.Data(packed, **arrays),
        reload=_load,
    )


class _Build:
    """Fills the compiler and, beside it, what the package shows of the same things."""

    def __init__(self) -> None:
        self.compiler = Compiler()
        self.characters: list[Character] = []
        self.moves: list[Move] = []
        self.entity_types: list[EntityType] = []

    def loadables(self, entries: Sequence[Values], slot: str, button: Button) -> list[Loadable]:
        loadables = []
        for i, entry in enumerate(entries):
            part = Part(slot, button, entry["move"])
            moves = self._owner(entry["name"], [part], entry["entity"], "#e8e4d8")
            indices = self.compiler.scrolls if slot == "scroll" else self.compiler.companions
            indices.append(moves[0].index)
            loadables.append(Loadable(i, entry["name"], entry["text"], moves[0]))
        return loadables

    def character(
        self,
        values: Values,
        school: School,
        scrolls: Sequence[Loadable],
        companions: Sequence[Loadable],
    ) -> None:
        parts = [
            Part("chain", Button.NONE if i else Button.ATTACK, move)
            for i, move in enumerate(values["chain"])
        ]
        parts += [
            Part(slot, button, values[key])
            for key, slot, button in _SLOT_BUTTONS
            if values[key] is not None
        ]
        parts += [Part("followup", Button.NONE, move) for move in values["followup"]]
        moves = self._owner(values["name"], parts, values["entity"], values["palette"][2])
        by_button = {
            part.button: move
            for part, move in zip(parts, moves, strict=True)
            if part.button is not Button.NONE
        }
        scroll = _by_name(scrolls)[values["scroll"]]
        called = [_by_name(companions)[name] for name in values["companions"]]
        self.compiler.add_character(
            values,
            school.index,
            {button: move.index for button, move in by_button.items()},
            scroll.index,
            [companion.index for companion in called],
        )
        shown = {button.name.lower(): move for button, move in by_button.items()}
        shown["scroll"] = scroll.move
        slots = ("companion_a", "companion_b", "companion_c")
        shown |= {key: companion.move for key, companion in zip(slots, called, strict=False)}
        self.characters.append(
            Character(
                index=len(self.characters),
                name=values["name"],
                text=values["text"],
                school=school,
                role=values["role"],
                stats=values["stats"],
                slip=values["slip"],
                moves=shown,
                chain=tuple(moves[: len(values["chain"])]),
                followups=tuple(moves[len(moves) - len(values["followup"]) :]),
                scroll=values["scroll"],
                companions=tuple(values["companions"]),
                palette=tuple(values["palette"]),
                silhouette=values["silhouette"],
            )
        )

    def _owner(
        self, owner: str, parts: Sequence[Part], entities: Sequence[Values], colour: str
    ) -> list[Move]:
        indices = self.compiler.add_owner(parts, entities)
        for entity in entities:
            self.entity_types.append(
                EntityType(
                    len(self.entity_types), entity["name"], entity["kind"], entity["look"], colour
                )
            )
        by_name = {entity["name"]: entity for entity in entities}
        replies = {part.values["name"]: part.values for part in parts}
        moves = [
            _move(index, part, owner, by_name, replies)
            for index, part in zip(indices, parts, strict=True)
        ]
        self.moves += moves
        return moves


def _by_name(loadables: Sequence[Loadable]) -> dict[str, Loadable]:
    return {loadable.name: loadable for loadable in loadables}


def _move(
    index: int,
    part: Part,
    owner: str,
    entities: Mapping[str, Values],
    replies: Mapping[str, Values],
) -> Move:
    """Describe a move; a parry's damage and reach are its reply's."""
    values = part.values
    struck = replies[values["reply"]] if values["reply"] else values
    spawned = [entities[op["entity"]] for op in values["op"] if op["do"] == "spawn"]
    strikers = [entity for entity in spawned if entity["hit"] is not None]
    damage = sum(_strikes(hit) * hit["damage"] for hit in struck["hit"])
    damage += sum(item["hit"]["damage"] * item["hits"] * item["copies"] for item in strikers)
    reach = max((_hit_reach(struck, hit) for hit in struck["hit"]), default=0)
    reach = max([reach, *(_entity_reach(entity) for entity in strikers)])
    return Move(
        index=index,
        button=part.button.name.lower(),
        category="skill" if part.slot == "followup" else part.slot,
        owner=owner,
        damage=damage,
        reach=reach,
        is_ranged=bool(strikers),
        **{
            key: values[key]
            for key in (
                "name",
                "archetype",
                "startup",
                "active",
                "recovery",
                "cooldown",
                "spark_cost",
            )
        },
    )


def _strikes(hit: Values) -> int:
    if not hit["rehit"]:
        return 1
    ticks: int = hit["window"][1] - hit["window"][0]
    rehit: int = hit["rehit"]
    return -(-ticks // rehit)


def _hit_reach(move: Values, hit: Values) -> int:
    """How far the hit's box gets, the move's own travel before its last tick included."""
    travel: int = 0
    keys = move["velocity"]
    for i, key in enumerate(keys):
        end = keys[i + 1]["at"] if i + 1 < len(keys) else hit["window"][1]
        travel += key["x"] * max(min(end, hit["window"][1]) - key["at"], 0)
    far: int = hit["box"]["x"][1] + travel
    return max(far, 0)


def _entity_reach(entity: Values) -> int:
    far = int(entity["offset"][0] + entity["aim_x"] + entity["hit"]["box"]["x"][1])
    speed = int(entity["speed"] if entity["kind"] == "companion" else abs(entity["vx"]))
    return min(far + speed * int(entity["ttl"]), 12288)
