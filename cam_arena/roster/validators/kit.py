"""Everything that belongs to a character: its moves, and their hits, op-codes and entities."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..codes import Button, Category, Op
from ..model import Character, Roster

__all__ = [
    "OWN_BUTTONS",
    "button_moves",
    "kit_entities",
    "kit_hits",
    "kit_moves",
    "kit_ops",
    "live_links",
]

OWN_BUTTONS: Final = (
    Button.ATTACK,
    Button.SKILL1,
    Button.SKILL2,
    Button.ULTIMATE,
    Button.TRAIT,
)
"""Buttons whose moves are the character's own, whatever its loadout."""

_SPAWNING = (Op.SPAWN, Op.MARKER)


def button_moves(roster: Roster, character: Character) -> list[tuple[Button, int]]:
    """List the moves that the character's own buttons start, in every form it has."""
    record = roster.arrays["characters"][character.index]
    tables = (record["moves"], record["form_moves"])
    found = [(button, int(table[button])) for table in tables for button in OWN_BUTTONS]
    return [(button, move) for button, move in dict.fromkeys(found) if move >= 0]


def kit_moves(roster: Roster, character: Character) -> list[int]:
    """List the indices of all moves that the character can come to, without its loadout's."""
    record = roster.arrays["characters"][character.index]
    moves = roster.arrays["moves"]
    waiting = [move for _, move in button_moves(roster, character)]
    waiting.append(int(record["slip_reply"]))
    found: dict[int, None] = {}
    while waiting:
        move = waiting.pop(0)
        if move < 0 or move in found:
            continue
        found[move] = None
        waiting += [*live_links(moves[move]), live_reply(moves[move])]
    return list(found)


def live_links(move: np.void) -> list[int]:
    """List the chain moves that a further press can lead to; none if it never cancels so."""
    total = int(move["startup"]) + int(move["active"]) + int(move["recovery"])
    cancels = int(move["cancel_whiff"])
    if move["num_hits"]:
        cancels |= int(move["cancel_hit"]) | int(move["cancel_guard"])
    if not cancels & Category.CHAIN or int(move["cancel_from"]) >= total:
        return []
    return [int(link) for link in move["next"] if link >= 0]


def live_reply(move: np.void) -> int:
    """Return the move that a parry leads to, -1 if there is none."""
    return int(move["reply"]) if move["parry_to"] > move["parry_from"] else -1


def kit_ops(roster: Roster, moves: Iterable[int]) -> NDArray[Any]:
    """Return the op-codes of moves, as records."""
    return _slices(roster, moves, "ops", "op")


def kit_entities(roster: Roster, moves: Iterable[int]) -> NDArray[Any]:
    """Return the entity types that moves spawn, as records."""
    ops = kit_ops(roster, moves)
    spawned = np.unique(ops["a"][np.isin(ops["code"], _SPAWNING)])
    entities: NDArray[Any] = roster.arrays["entity_types"][spawned]
    return entities


def kit_hits(roster: Roster, moves: Iterable[int]) -> NDArray[Any]:
    """Return the hits of moves and of what they spawn, as records."""
    moves = list(moves)
    own = _slices(roster, moves, "hits", "hit")
    spawned = kit_entities(roster, moves)["hit"]
    return np.concatenate([own, roster.arrays["hits"][spawned[spawned >= 0]]])


def _slices(roster: Roster, moves: Iterable[int], table: str, name: str) -> NDArray[Any]:
    array, records = roster.arrays[table], roster.arrays["moves"]
    parts = [array[:0]]
    for move in moves:
        first = int(records[f"first_{name}"][move])
        parts.append(array[first : first + int(records[f"num_{name}s"][move])])
    return np.concatenate(parts)
