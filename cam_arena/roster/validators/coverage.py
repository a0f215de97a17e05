"""A large roster uses everything that the rules offer, and nothing too often."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from ..codes import Effect, EntityKind, Impact, Op, Slip, Trait, code_names
from ..model import Character, Roster
from ..schema import ARCHETYPES
from .kit import kit_entities, kit_hits, kit_moves, kit_ops

__all__ = ["LARGE", "MIN_CHARACTERS", "MOST", "check", "op_users"]

LARGE: Final = 100
"""Characters from which a roster must cover the rules."""

MIN_CHARACTERS: Final = 8
"""Characters that must use an op-code or archetype, if no scroll or companion does."""

MOST: Final = 0.4
"""Largest share of the characters that may use one op-code."""


def check(
    roster: Roster, characters: Sequence[Character] | None = None, *, quick: bool = False
) -> list[str]:
    """Count what the characters use; `characters` of a larger roster change nothing."""
    if len(roster) < LARGE:
        return []
    return [
        *_op_problems(roster),
        *_archetype_problems(roster),
        *_unused("effect", code_names(Effect), _effects(roster)),
        *_unused("impact", code_names(Impact), _impacts(roster)),
        *_unused("entity kind", code_names(EntityKind), _entity_kinds(roster)),
        *_unused("slip kind", code_names(Slip), (str(c.slip["kind"]) for c in roster)),
        *_unused("trait", code_names(Trait), (name for c in roster for name in c.traits)),
    ]


def op_users(roster: Roster) -> Counter[str]:
    """Count the characters that use each op-code; a spawn is one by the kind it spawns."""
    users: Counter[str] = Counter({name: 0 for name in _op_names()})
    for character in roster:
        moves = kit_moves(roster, character)
        used = {Op(int(op["code"])).name.lower() for op in kit_ops(roster, moves)} - {"spawn"}
        kinds = kit_entities(roster, moves)["kind"].tolist()
        users.update(used | {f"spawn_{EntityKind(kind).name.lower()}" for kind in kinds})
    return users


def _op_names() -> list[str]:
    spawns = [f"spawn_{name}" for name in code_names(EntityKind)]
    return spawns + [name for name in code_names(Op) if name not in ("none", "spawn")]


def _op_problems(roster: Roster) -> Iterator[str]:
    most = int(MOST * len(roster))
    for name, users in op_users(roster).items():
        if not MIN_CHARACTERS <= users <= most:
            yield (
                f"op-code {name} is used by {users} of {len(roster)} characters; it must be "
                f"{MIN_CHARACTERS}..{most}"
            )


def _archetype_problems(roster: Roster) -> Iterator[str]:
    loaded = {item.move.archetype for item in (*roster.scrolls, *roster.companions)}
    users: Counter[str] = Counter()
    for character in roster:
        users.update({roster.moves[move].archetype for move in kit_moves(roster, character)})
    for name in ARCHETYPES:
        if users[name] < MIN_CHARACTERS and name not in loaded:
            yield (
                f"archetype {name} is used by {users[name]} characters; at least {MIN_CHARACTERS} "
                "must, or a scroll or companion"
            )


def _unused(what: str, names: Iterable[str], used: Iterable[str]) -> Iterator[str]:
    found = set(used)
    for name in names:
        if name not in found:
            yield f"{what} {name} is used by nobody; a character, scroll or companion must use it"


def _all_moves(roster: Roster) -> range:
    return range(len(roster.moves))


def _effects(roster: Roster) -> Iterator[str]:
    moves = _all_moves(roster)
    ops = kit_ops(roster, moves)
    given = ops["a"][np.isin(ops["code"], (Op.BUFF_SELF, Op.BUFF_TARGET))]
    struck = kit_hits(roster, moves)["effect"]
    for effect in np.unique(np.concatenate([given, struck[struck >= 0]])):
        yield Effect(int(effect)).name.lower()


def _impacts(roster: Roster) -> Iterator[str]:
    for impact in np.unique(kit_hits(roster, _all_moves(roster))["impact"]):
        yield Impact(int(impact)).name.lower()


def _entity_kinds(roster: Roster) -> Iterator[str]:
    for kind in np.unique(roster.arrays["entity_types"]["kind"]):
        yield EntityKind(int(kind)).name.lower()
