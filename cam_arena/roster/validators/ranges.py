"""What the numbers of a move must be to each other, beyond the schema's range of each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from ..codes import HitFlag
from ..model import Character, Move, Roster
from .kit import button_moves, kit_moves

__all__ = ["NARROW", "TICK_RANGES", "WIDE", "check"]

TICK_RANGES: Final[Mapping[str, tuple[tuple[int, int], tuple[int, int], tuple[int, int]]]] = {
    "normal": ((2, 5), (1, 3), (5, 12)),
    "finisher": ((4, 7), (2, 3), (9, 16)),
    "skill": ((4, 14), (1, 20), (6, 18)),
    "grab": ((6, 11), (2, 20), (6, 22)),
    "stance": ((2, 6), (1, 20), (4, 18)),
    "reply": ((1, 14), (1, 20), (4, 18)),
    "ultimate": ((6, 15), (4, 45), (12, 24)),
}
"""Lowest and highest startup, active and recovery ticks by the kind of a move."""

_STANCES: Final = ("counter", "guard", "parry")
"""Archetypes that wait for a blow. A stance changes form, which takes as long as other skills."""

NARROW: Final = 360
"""Half-depth, su, up to which a step in depth gets out of a hit."""

WIDE: Final = 800
"""Half-depth, su, from which a hit is a sweep."""


def check(
    roster: Roster, characters: Sequence[Character] | None = None, *, quick: bool = False
) -> list[str]:
    """Check tick ranges by the kind of move, and that depth is paid for in speed or strength."""
    problems: list[str] = []
    for character in roster if characters is None else characters:
        if not character.authored:  # a hand-written exception keeps to the schema's ranges
            problems += _tick_problems(roster, character)
        problems += _depth_problems(roster, character)
    return problems


def _tick_problems(roster: Roster, character: Character) -> Iterator[str]:
    for index in kit_moves(roster, character):
        move = roster.moves[index]
        kind = _kind(roster, move)
        if kind not in TICK_RANGES:
            continue
        for name, (low, high) in zip(
            ("startup", "active", "recovery"), TICK_RANGES[kind], strict=True
        ):
            value = getattr(move.declared, name)
            if not low <= value <= high:
                yield (
                    f"{character.name}: {name} of {move.name} is {value} ticks; a {kind} has "
                    f"{low}..{high}"
                )


def _kind(roster: Roster, move: Move) -> str:
    if move.category == "chain":
        return "finisher" if move.archetype == "finisher" else "normal"
    if move.category == "skill" and move.button == "none":
        return "reply"
    if move.category == "skill" and move.archetype in _STANCES:
        return "stance"
    if move.category == "skill" and _flags(roster, move) & HitFlag.GRAB:
        return "grab"
    return move.category


def _depth_problems(roster: Roster, character: Character) -> Iterator[str]:
    """No wide strike may be as quick and as strong as a narrow one of the same kind."""
    starters = {move for _, move in button_moves(roster, character)}
    moves = [roster.moves[index] for index in kit_moves(roster, character)]
    strikes = [move for move in moves if _depth(roster, move) > 0]
    for wide in strikes:
        for narrow in strikes:
            if _depth(roster, wide) < WIDE or _depth(roster, narrow) > NARROW:
                continue
            if _kind(roster, wide) != _kind(roster, narrow):
                continue
            if (wide.index in starters) != (narrow.index in starters):
                continue
            if _cost(wide) <= _cost(narrow) and wide.declared.damage >= narrow.declared.damage:
                yield (
                    f"{character.name}: {wide.name} is {_depth(roster, wide)} su deep, takes "
                    f"{_cost(wide)[0]} ticks and does {wide.declared.damage} damage, while "
                    f"{narrow.name} is "
                    f"{_depth(roster, narrow)} su deep, takes {_cost(narrow)[0]} and does "
                    f"{narrow.declared.damage}; the wider must be slower or weaker"
                )


def _cost(move: Move) -> tuple[int, ...]:
    """Ticks committed; a cooldown and sparks weigh where these are equal."""
    return (
        move.declared.startup + move.declared.active + move.declared.recovery,
        move.declared.cooldown,
        move.spark_cost,
    )


def _depth(roster: Roster, move: Move) -> int:
    """Half-depth of the move's deepest own hit, 0 if only what it spawns strikes."""
    hits = _hits(roster, move)
    return int(hits["depth"].max()) if len(hits) else 0


def _flags(roster: Roster, move: Move) -> int:
    return int(np.bitwise_or.reduce(_hits(roster, move)["flags"], initial=0))


def _hits(roster: Roster, move: Move) -> Any:
    record = roster.arrays["moves"][move.index]
    first = int(record["first_hit"])
    return roster.arrays["hits"][first : first + int(record["num_hits"])]
