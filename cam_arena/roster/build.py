"""Compile the values of a roster's files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .codes import Button
from .compile import Compiler, Part, Values
from .compiled import OWNERS, Compiled
from .descriptors import descriptors
from .profiles import profiles
from .sources import Sources

__all__ = ["build"]

Columns = dict[str, list[object]]

_SCHOOL = ("name", "plan", "theme", "personality", "bot", "palette")
_CHARACTER = ("name", "text", "role", "slip", "palette", "silhouette")
_SLOT_BUTTONS = (
    ("skill1", "skill", Button.SKILL1),
    ("skill2", "skill", Button.SKILL2),
    ("ultimate", "ultimate", Button.ULTIMATE),
    ("trait", "trait", Button.TRAIT),
)


def build(sources: Sources) -> Compiled:
    """Compile the values of a roster's files, in which no problem was found."""
    compiler = Compiler()
    columns: dict[str, Columns] = {name: {} for name in (*OWNERS, "schools", "moves")}
    columns["entity_types"] = {"name": []}
    for slot, button, entries, indices in (
        ("scroll", Button.SCROLL, sources.scrolls, compiler.scrolls),
        ("companion", Button.COMPANION_A, sources.companions, compiler.companions),
    ):
        for entry in entries:
            owned = _add_owner(compiler, [Part(slot, button, entry["move"])], entry, columns)
            indices.append(owned.moves[0])
            _add(columns[f"{slot}s"], name=entry["name"], text=entry["text"], **owned.counts)
    scrolls = {entry["name"]: i for i, entry in enumerate(sources.scrolls)}
    companions = {entry["name"]: i for i, entry in enumerate(sources.companions)}
    for i, school in enumerate(sources.schools):
        _add(columns["schools"], **{key: school[key] for key in _SCHOOL})
        for values in school["character"]:
            parts = _parts(values)
            owned = _add_owner(compiler, parts, values, columns)
            called = [companions[name] for name in values["companions"]]
            compiler.add_character(values, i, parts, owned.moves, scrolls[values["scroll"]], called)
            _add(
                columns["characters"],
                **{key: values[key] for key in _CHARACTER},
                authored=values["authored"],
                chain=len(values["chain"]),
                followups=len(values["followup"]),
                **owned.counts,
            )
    arrays = compiler.arrays()
    compiled = Compiled(arrays, columns | {"splits": dict(sources.splits)})
    arrays["descriptors"] = descriptors(compiled.characters, arrays["moves"], arrays["hits"])
    arrays["profiles"] = profiles(compiled.characters, arrays)
    return compiled


def _add(columns: Columns, **values: object) -> None:
    """Add a row to a table of columns."""
    for key, value in values.items():
        columns.setdefault(key, []).append(value)


def _parts(values: Values) -> list[Part]:
    """List a character's moves in the order of their indices."""
    parts = _own_parts(values, in_form=False)
    if values["form"] is not None:
        parts += _own_parts(values["form"], in_form=True)
    return parts + [Part("followup", Button.NONE, move) for move in values["followup"]]


def _own_parts(values: Values, *, in_form: bool) -> list[Part]:
    """List the moves that buttons start, of a character or of its form."""
    chain = [
        Part("chain", Button.NONE if i else Button.ATTACK, move, in_form)
        for i, move in enumerate(values["chain"])
    ]
    return chain + [
        Part(slot, button, values[key], in_form)
        for key, slot, button in _SLOT_BUTTONS
        if values[key] is not None
    ]


@dataclass(frozen=True)
class _Owned:
    """What was added for an owner: indices of its moves, and how many it has of what."""

    moves: list[int]
    counts: dict[str, int]


def _add_owner(
    compiler: Compiler, parts: Sequence[Part], values: Values, columns: Mapping[str, Columns]
) -> _Owned:
    entities = values["entity"]
    moves = compiler.add_owner(parts, entities)
    by_name = {entity["name"]: entity for entity in entities}
    replies = {part.values["name"]: part.values for part in parts}
    for part in parts:
        _add(columns["moves"], **_described(part.values, by_name, replies))
    columns["entity_types"]["name"] += list(by_name)
    return _Owned(moves, {"moves": len(moves), "entity_types": len(entities)})


def _described(
    values: Values, entities: Mapping[str, Values], replies: Mapping[str, Values]
) -> dict[str, object]:
    """Describe a move; a parry's damage and reach are its reply's."""
    struck = replies[values["reply"]] if values["reply"] else values
    spawned = [entities[op["entity"]] for op in values["op"] if op["do"] == "spawn"]
    strikers = [entity for entity in spawned if entity["hit"] is not None]
    damage = sum(_strikes(hit) * hit["damage"] for hit in struck["hit"])
    damage += sum(item["hit"]["damage"] * item["hits"] * item["copies"] for item in strikers)
    reach = max((_hit_reach(struck, hit) for hit in struck["hit"]), default=0)
    reach = max([reach, *(_entity_reach(entity) for entity in strikers)])
    return {
        "name": values["name"],
        "archetype": values["archetype"],
        "damage": damage,
        "reach": reach,
        "is_ranged": int(bool(strikers)),
    }


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
