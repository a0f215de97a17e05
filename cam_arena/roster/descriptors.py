"""Describe each character in 32 numbers, so that a policy sees what a character can do."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .codes import Slip
from .model import Character, Move
from .schema import SCHEMA

__all__ = ["DESCRIPTOR_FIELDS", "descriptors"]

_STATS = (
    *("max_hp", "attack", "defense", "walk_x", "walk_y", "weight", "tempo", "getup_ticks"),
    *("spark_rate", "cooldown_rate", "hurt_height"),
)
_STAT_RANGE = {field.key: (field.low, field.high) for field in SCHEMA["stats"]}
_MAX_REACH = 8192

DESCRIPTOR_FIELDS: Final[tuple[tuple[str, int, int, str], ...]] = (
    *((name, *_STAT_RANGE[name], f"statistic {name}") for name in _STATS),
    ("slip_kind", 0, len(Slip) - 1, "index of the kind"),
    ("slip_cost", 0, 8000, "spark cost of a slip, milli quarters"),
    ("slip_cooldown", 300, 540, "ticks"),
    ("chain_length", 3, 6, "hits of the plain chain"),
    ("chain_reach", 0, 2048, "furthest reach of the chain, su"),
    ("chain_damage", 800, 2000, "HP of the plain chain"),
    ("skill1_startup", 2, 14, "ticks"),
    ("skill1_reach", 0, _MAX_REACH, "su"),
    ("skill1_damage", 0, 1200, "HP"),
    ("skill1_cooldown", 90, 600, "ticks"),
    ("skill1_ranged", 0, 1, "1: an entity does the hitting"),
    ("skill2_startup", 2, 14, "ticks"),
    ("skill2_reach", 0, _MAX_REACH, "su"),
    ("skill2_damage", 0, 1200, "HP"),
    ("skill2_cooldown", 90, 600, "ticks"),
    ("skill2_ranged", 0, 1, "1: an entity does the hitting"),
    ("ultimate_reach", 0, _MAX_REACH, "su"),
    ("ultimate_damage", 0, 4000, "HP"),
    ("has_grab", 0, 1, "1: a skill or the ultimate grabs"),
    ("has_armour", 0, 1, "1: a move has armour, a guard or a parry"),
    ("trait", 0, 2, "0 none, 1 a trait that moves, 2 another trait"),
)
"""Columns of a descriptor: name, value at -1, value at +1, meaning. Values beyond are clipped."""


def descriptors(
    characters: Sequence[Character], moves: NDArray[np.void], hits: NDArray[np.void]
) -> NDArray[np.float32]:
    """Return float32 (characters, DESCRIPTOR_SIZE) in [-1, 1]; columns as in DESCRIPTOR_FIELDS."""
    raw = np.array([_values(character, moves, hits) for character in characters], np.float64)
    low = np.array([field[1] for field in DESCRIPTOR_FIELDS], np.float64)
    high = np.array([field[2] for field in DESCRIPTOR_FIELDS], np.float64)
    scaled = np.clip(2 * (raw - low) / (high - low) - 1, -1, 1)
    out = np.zeros((len(characters), _core.DESCRIPTOR_SIZE), np.float32)
    out[:, : len(DESCRIPTOR_FIELDS)] = scaled
    return out


def _values(character: Character, moves: NDArray[np.void], hits: NDArray[np.void]) -> list[int]:
    chain = plain_chain(character, moves)
    owned = [*character.chain, *(character.moves[key] for key in ("skill1", "skill2", "ultimate"))]
    trait = character.moves.get("trait")
    values = [character.stats[name] for name in _STATS]
    values += [
        Slip[character.slip["kind"].upper()],
        character.slip["cost"],
        character.slip["cooldown"],
        len(chain),
    ]
    values += [
        max(move.declared.extent for move in chain),
        sum(move.declared.damage for move in chain),
    ]
    for key in ("skill1", "skill2"):
        move = character.moves[key]
        values += [
            move.declared.startup,
            move.declared.extent,
            move.declared.damage,
            move.declared.cooldown,
            int(move.is_ranged),
        ]
    ultimate = character.moves["ultimate"]
    values += [ultimate.declared.extent, ultimate.declared.damage]
    values.append(int(any(_grabs(move, moves, hits) for move in owned)))
    shields = (*owned, trait) if trait else owned
    values.append(int(any(_shields(moves[move.index]) for move in shields)))
    values.append(0 if trait is None else 1 if moves[trait.index]["key_tick"][0] >= 0 else 2)
    return values


def plain_chain(character: Character, moves: NDArray[np.void]) -> list[Move]:
    """List the moves that pressing attack again and again goes through."""
    by_index = {move.index: move for move in character.chain}
    index, chain = character.chain[0].index, []
    while index in by_index:
        chain.append(by_index.pop(index))
        index = int(moves[index]["next"][0])
    return chain


def _grabs(move: Move, moves: NDArray[np.void], hits: NDArray[np.void]) -> bool:
    record = moves[move.index]
    first = int(record["first_hit"])
    return bool((hits["flags"][first : first + int(record["num_hits"])] & 1).any())


def _shields(record: np.void) -> bool:
    return bool(record["armour_level"] or record["guard_to"] or record["parry_to"])
