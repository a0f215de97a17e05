"""Structural certificate: no two characters are put together from the same parts.

A character's signature has six fields: school, skills, ultimate, traits, slip and chain. The skills
are a set, so that the same two on swapped buttons count as the same.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from itertools import combinations
from typing import Any, Final

from ..codes import Impact
from ..model import Character, Move, Roster
from .certificate import Certificate, Pair

__all__ = [
    "DIFFERENT_ELSEWHERE",
    "DIFFERENT_IN_SCHOOL",
    "ChainPattern",
    "Signature",
    "certify",
    "chain_pattern",
    "differences",
    "signature",
]

DIFFERENT_ELSEWHERE: Final = 3
"""Fields in which a character differs at least from one of another school, the school included."""

DIFFERENT_IN_SCHOOL: Final = 2
"""Fields in which two of a school differ at least."""

_LISTED = 5


@dataclass(frozen=True)
class ChainPattern:
    """The shape of an attack chain, without its exact numbers."""

    length: int
    """Moves of the plain chain."""
    branches: tuple[str, ...]
    """Where a direction leads elsewhere: `2f3` is, after move 2 with forward held, 3 more moves."""
    rhythm: str
    """A letter for each plain move: q quick, e even, s slow, beside the chain's mean ticks."""
    finisher: str
    """Impact of the last hit: flinch, stagger, launch..."""

    def __str__(self) -> str:
        """Return all of it on one line."""
        return " ".join((str(self.length), *self.branches, self.rhythm, self.finisher))


@dataclass(frozen=True)
class Signature:
    """What a character is put together from."""

    school: str
    """Name of its school."""
    skills: tuple[str, ...]
    """Archetypes of both skills, sorted."""
    ultimate: str
    """Archetype."""
    traits: tuple[str, ...]
    """Passive traits and the archetype of the move on the trait button, sorted."""
    slip: str
    """Kind of its slip."""
    chain: ChainPattern
    """Shape of its attack chain."""


def chain_pattern(character: Character, roster: Roster) -> ChainPattern:
    """Return the shape of a character's chain, read from the moves themselves."""
    table = roster.arrays["moves"]
    plain = _follow(character.chain[0].index, table)
    ticks = [sum(int(table[i][key]) for key in ("startup", "active", "recovery")) for i in plain]
    mean = sum(ticks) / len(ticks)
    rhythm = "".join("q" if t < 0.85 * mean else "s" if t > 1.15 * mean else "e" for t in ticks)
    branches = [
        f"{position}{letter}{len(_follow(int(table[index]['next'][link]), table))}"
        for position, index in enumerate(plain, 1)
        for letter, link in (("f", 1), ("b", 2))
        if int(table[index]["next"][link]) >= 0
    ]
    return ChainPattern(len(plain), tuple(branches), rhythm, _impact(plain[-1], roster))


def _follow(index: int, table: Any) -> list[int]:
    """List the moves that pressing attack again and again goes through, from one on."""
    seen: list[int] = []
    while index >= 0 and index not in seen:
        seen.append(index)
        index = int(table[index]["next"][0])
    return seen


def _impact(move: int, roster: Roster) -> str:
    record = roster.arrays["moves"][move]
    if not record["num_hits"]:
        return "none"
    last = int(record["first_hit"]) + int(record["num_hits"]) - 1
    return Impact(int(roster.arrays["hits"][last]["impact"])).name.lower()


def signature(character: Character, roster: Roster) -> Signature:
    """Return what a character is put together from."""
    moves = character.moves
    traits = set(getattr(character, "traits", ()))
    button: Move | None = moves.get("trait")
    if button is not None:
        traits.add(button.archetype)
    return Signature(
        school=character.school.name,
        skills=tuple(sorted((moves["skill1"].archetype, moves["skill2"].archetype))),
        ultimate=moves["ultimate"].archetype,
        traits=tuple(sorted(traits)),
        slip=str(character.slip["kind"]),
        chain=chain_pattern(character, roster),
    )


def differences(first: Signature, second: Signature) -> tuple[str, ...]:
    """Return the names of the fields in which two signatures differ."""
    return tuple(
        field.name
        for field in fields(Signature)
        if getattr(first, field.name) != getattr(second, field.name)
    )


def certify(roster: Roster) -> list[Certificate]:
    """Certify that signatures are unique, and differ in enough fields from every other."""
    signatures = [signature(character, roster) for character in roster]
    counts = Counter(astuple(item) for item in signatures)
    shared = [
        character.name
        for character, item in zip(roster, signatures, strict=True)
        if counts[astuple(item)] > 1
    ]
    in_school: list[Pair] = []
    elsewhere: list[Pair] = []
    for (i, first), (j, second) in combinations(enumerate(signatures), 2):
        pair = Pair(roster[i].name, roster[j].name, len(differences(first, second)))
        (in_school if first.school == second.school else elsewhere).append(pair)
    chains = {item.chain for item in signatures}
    return [
        Certificate(
            "structural",
            "unique signatures",
            f"{len(counts)} of {len(roster)}",
            f"{len(roster)}",
            not shared,
            tuple(f"shared by {name}" for name in shared[:_LISTED]),
            {
                "chain_patterns": len(chains),
                "signatures": {
                    character.name: [*map(str, astuple(item)[:-1]), str(item.chain)]
                    for character, item in zip(roster, signatures, strict=True)
                },
            },
        ),
        _fewest("fewest different fields, other schools", elsewhere, DIFFERENT_ELSEWHERE),
        _fewest("fewest different fields, one school", in_school, DIFFERENT_IN_SCHOOL),
    ]


def _fewest(name: str, pairs: Sequence[Pair], least: int) -> Certificate:
    """Judge the pair that differs least; a roster with no such pair has nothing to differ in."""
    near = sorted((pair for pair in pairs if pair.distance < least), key=lambda p: p.distance)
    fewest = min((int(pair.distance) for pair in pairs), default=None)
    histogram = Counter(int(pair.distance) for pair in pairs)
    return Certificate(
        "structural",
        name,
        "no pairs" if fewest is None else f"{fewest}",
        f">= {least}",
        not near,
        tuple(f"too alike: {pair}" for pair in near[:_LISTED]),
        {"too_alike": len(near), "pairs_by_difference": dict(sorted(histogram.items()))},
    )
