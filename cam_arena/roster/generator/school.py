"""What a school's characters are drawn from: its `[generator]` table, ready to draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["School", "read_schools"]


@dataclass(frozen=True)
class School:
    """A school as the generator sees it; the keys of the tables are those of the schema."""

    name: str
    """Name, which is part of every draw."""
    roles: Mapping[str, int]
    """Share of each role."""
    elements: Sequence[str]
    """Debuffs of hits, one of which each character has."""
    gifts: Sequence[str]
    """Op-codes, one of which each character has in a skill besides what it is, or none."""
    skills: Mapping[str, int]
    """Weight of each archetype."""
    ultimates: Mapping[str, int]
    """Weight of each family."""
    traits: Mapping[str, int]
    """Weight of each trait."""
    slips: Mapping[str, int]
    """Weight of each kind of slip."""
    stats: Mapping[str, Any]
    """Windows [from, to] by statistic, and `poise`, milli."""
    silhouette: Mapping[str, Any]
    """Lists of parts, and the window `size`."""
    colours: Mapping[str, Sequence[str]]
    """Body, accent and glow."""
    names: Mapping[str, Sequence[str]]
    """Starts and ends of given names, and surnames."""
    words: Mapping[str, Sequence[str]]
    """Adjectives, nouns and strikes for the names of moves."""
    authored: Sequence[Mapping[str, Any]]
    """Its characters written by hand."""


def read_schools(values: Sequence[Mapping[str, Any]]) -> list[School]:
    """Return the schools that have a `[generator]` table, in their order.

    Args:
        values: of school files, as `read_table` returns them.
    """
    return [
        School(name=school["name"], authored=school["character"] or (), **school["generator"])
        for school in values
        if school.get("generator")
    ]
