"""Describe each character by its parameters in full, so that a policy can play one it never met.

A profile is long where a descriptor (descriptors.py) is short: two characters with equal profiles
differ in nothing that their statistics, the moves of their skill buttons, traits, slip and form
say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .codes import Button, Effect, EntityKind, HitFlag, Impact, Op, Slip, Trait, code_names
from .model import Character
from .schema import SCHEMA

__all__ = ["PROFILE_FIELDS", "profiles"]

Arrays = Mapping[str, NDArray[Any]]
Field = tuple[str, int, int, str]

_BUTTONS: Final = ("skill1", "skill2", "ultimate")
_FORM_BUTTONS: Final = ("attack", "skill1", "skill2", "ultimate", "trait")
_CONTROL: Final = (Effect.ROOT, Effect.STUN, Effect.FREEZE, Effect.HUSH, Effect.SEAL)
_MOBILE: Final = (Op.TELEPORT, Op.SET_VELOCITY, Op.MARKER)
_LIFTING: Final = (Impact.LAUNCH, Impact.KNOCKDOWN, Impact.WALLBOUNCE, Impact.GROUNDBOUNCE)

_MOVE_FIELDS: Final[tuple[Field, ...]] = (
    ("startup", 0, 20, "ticks"),
    ("active", 0, 45, "ticks"),
    ("recovery", 0, 30, "ticks"),
    ("cooldown", 0, 600, "ticks"),
    ("spark_cost", 0, 16000, "milli quarters"),
    ("hp_cost", 0, 200, "milli of max HP"),
    ("charges", 1, 3, "uses before the cooldown is felt"),
    ("damage", 0, 4000, "HP of all its hits and its entities'"),
    ("reach", 0, 8192, "su"),
    ("depth", 0, 2048, "half-depth of its deepest hit, su"),
    ("height", 0, 4096, "su its highest hit reaches"),
    ("level", 0, 4, "of its heaviest hit"),
    ("stun", 0, 40, "ticks of its longest"),
    ("lifts", 0, 1, "1: a hit takes the target off its feet"),
    ("grabs", 0, 1, "1: a hit grabs"),
    ("otg", 0, 1, "1: a hit reaches a lying fighter"),
    ("ranged", 0, 1, "1: an entity does the hitting"),
    ("stays", 0, 1, "1: it leaves a zone, trap, wall, orbit or companion"),
    ("travel", -4096, 4096, "su forward by its own speed"),
    ("protection", 0, 60, "ticks of armour, invulnerability, guard or parry"),
    ("control", 0, 150, "ticks of its longest root, stun, freeze, hush or seal"),
    ("debuff", 0, 300, "ticks of its longest other effect on the target"),
    ("buff", 0, 300, "ticks of its longest effect on its own fighter"),
    ("moves_oddly", 0, 1, "1: it teleports, jumps or sets a marker"),
)


def _fields() -> Iterator[Field]:
    for field in SCHEMA["stats"]:
        yield field.key, field.low, field.high, f"statistic {field.key}"
    yield "chain_length", 3, 8, "moves of the chain, branches included"
    yield "chain_damage", 400, 3000, "HP of all these moves"
    for button in _BUTTONS:
        for name, low, high, meaning in _MOVE_FIELDS:
            yield f"{button}_{name}", low, high, meaning
    for trait in code_names(Trait):
        yield f"trait_{trait}", 0, 1, "1: it has this trait"
    for kind in code_names(Slip):
        yield f"slip_{kind}", 0, 1, "1: it slips like this"
    yield "slip_cost", 0, 8000, "milli quarters"
    yield "slip_hp_cost", 0, 100, "milli of max HP"
    yield "slip_cooldown", 300, 540, "ticks"
    yield "slip_ticks", 12, 60, "ticks invulnerable after reappearing"
    for button in _FORM_BUTTONS:
        yield f"form_{button}", 0, 1, "1: its form has another move on this button"


PROFILE_FIELDS: Final[tuple[Field, ...]] = tuple(_fields())
"""Columns of a profile: name, value at -1, value at +1, meaning. Values beyond are clipped."""


def profiles(characters: Sequence[Character], arrays: Arrays) -> NDArray[np.float32]:
    """Return float32 (characters, len(PROFILE_FIELDS)) in [-1, 1]; columns as in PROFILE_FIELDS.

    Args:
        characters: whom to describe.
        arrays: the compiled roster's, by name.
    """
    raw = np.array([list(_values(character, arrays)) for character in characters], np.float64)
    low = np.array([field[1] for field in PROFILE_FIELDS], np.float64)
    high = np.array([field[2] for field in PROFILE_FIELDS], np.float64)
    return np.clip(2 * (raw - low) / (high - low) - 1, -1, 1).astype(np.float32)


def _values(character: Character, arrays: Arrays) -> Iterator[int]:
    record = arrays["characters"][character.index]
    yield from (character.stats[field.key] for field in SCHEMA["stats"])
    yield len(character.chain)
    yield sum(move.declared.damage for move in character.chain)
    for button in _BUTTONS:
        move = character.moves[button]
        values = _move_values(int(record["moves"][Button[button.upper()]]), arrays)
        values |= {
            "damage": move.declared.damage,
            "reach": move.declared.extent,
            "ranged": int(move.is_ranged),
        }
        yield from (values[name] for name, *_ in _MOVE_FIELDS)
    yield from (int(record["traits"] & trait > 0) for trait in Trait)
    yield from (int(record["slip_kind"] == kind) for kind in Slip)
    yield from (int(record[f"slip_{name}"]) for name in ("cost", "hp_cost", "cooldown", "ticks"))
    yield from (int(record["form_moves"][Button[name.upper()]] >= 0) for name in _FORM_BUTTONS)


def _move_values(index: int, arrays: Arrays) -> dict[str, int]:
    move = arrays["moves"][index]
    ops = _slice(arrays["ops"], move, "op")
    types = arrays["entity_types"][ops["a"][np.isin(ops["code"], (Op.SPAWN, Op.MARKER))]]
    spawned = arrays["hits"][types["hit"][types["hit"] >= 0]]
    hits = np.concatenate([_slice(arrays["hits"], move, "hit"), spawned])
    on_target = ops[ops["code"] == Op.BUFF_TARGET]
    on_self = ops[ops["code"] == Op.BUFF_SELF]
    given = [*zip(hits["effect"], hits["effect_ticks"], strict=True)]
    given += [*zip(on_target["a"], on_target["b"], strict=True)]
    flags = int(np.bitwise_or.reduce(hits["flags"], initial=0))
    plain = ("startup", "active", "recovery", "cooldown", "spark_cost", "hp_cost", "charges")
    return {name: int(move[name]) for name in plain} | {
        "depth": _most(hits["depth"]),
        "height": _most(hits["z1"]),
        "level": _most(hits["level"]),
        "stun": _most(hits["stun"]),
        "lifts": int(np.isin(hits["impact"], _LIFTING).any()),
        "grabs": int(flags & HitFlag.GRAB > 0),
        "otg": int(flags & HitFlag.OTG > 0),
        "stays": int((types["kind"] != EntityKind.PROJECTILE).any()),
        "travel": _travel(move),
        "protection": _protection(move),
        "control": _most(ticks for effect, ticks in given if effect in _CONTROL),
        "debuff": _most(ticks for effect, ticks in given if effect not in (-1, *_CONTROL)),
        "buff": _most(on_self["b"]),
        "moves_oddly": int(np.isin(ops["code"], _MOBILE).any()),
    }


def _slice(table: NDArray[Any], move: np.void, name: str) -> NDArray[Any]:
    first = int(move[f"first_{name}"])
    return table[first : first + int(move[f"num_{name}s"])]


def _most(values: Iterable[int]) -> int:
    return max((int(value) for value in values), default=0)


def _travel(move: np.void) -> int:
    """Su that the move's own speed carries its fighter forward."""
    ticks = [int(tick) for tick in move["key_tick"] if tick >= 0]
    ends = [*ticks[1:], int(move["startup"] + move["active"] + move["recovery"])]
    return sum(
        int(speed) * (end - tick)
        for tick, end, speed in zip(ticks, ends, move["key_vx"], strict=False)
    )


def _protection(move: np.void) -> int:
    windows = [(move[f"{name}_from"], move[f"{name}_to"]) for name in ("armour", "guard", "parry")]
    windows += [*zip(move["inv_from"], move["inv_to"], strict=True)]
    return _most(int(end) - int(start) for start, end in windows)
