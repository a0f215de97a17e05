"""Tables of a roster for the terminal."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..errors import RosterError
from ..words import counted
from .frames_report import rows, tables
from .load import find_problems
from .model import Character, Roster

__all__ = ["list_table", "show", "validate"]


def list_table(roster: Roster, characters: Sequence[Character]) -> Table:
    """Return one row for each of a roster's characters: what it is and how it fights."""
    table = Table(title=f"{counted(len(characters), 'character')}, roster {roster.id}")
    table.add_column("#", justify="right")
    for heading in ("Name", "School", "Role"):
        table.add_column(heading, no_wrap=True)
    table.add_column("HP", justify="right", no_wrap=True)
    table.add_column("Skills and ultimate")
    for character in characters:
        moves = character.moves
        table.add_row(
            str(character.index),
            Text(character.name, style=character.palette[2]),
            character.school.name,
            character.role,
            str(character.stats["max_hp"]),
            ", ".join(moves[key].archetype for key in ("skill1", "skill2", "ultimate")),
        )
    return table


def show(roster: Roster, name: str) -> RenderableType:
    """Return everything about one character: statistics, then its frame data as measured.

    Raises:
        KeyError: if no character has this name.
    """
    character = roster[name]
    head = Text.assemble(
        (character.name, f"bold {character.palette[2]}"),
        f"  {character.school.name}, {character.role}\n{character.text}\n",
        f"Plan: {character.school.plan}\n",
        "Traits, beside the move on its trait button: "
        f"{', '.join(character.traits).replace('_', ' ') or 'none'}\n",
        f"Scroll: {character.scroll}   Companions: {', '.join(character.companions)}",
    )
    return Group(head, _stats_table(character), tables(roster, rows(roster, [name])))


def validate(path: str | Path | None = None) -> list[str]:
    """Return all problems of a roster directory as sentences, an unreadable file included."""
    try:
        return find_problems(path)
    except RosterError as error:
        return [str(error)]


def _stats_table(character: Character) -> Table:
    table = Table(title="Statistics")
    table.add_column("Name")
    table.add_column("Value", justify="right")
    for name, value in character.stats.items():
        table.add_row(name, str(value))
    for name, value in character.slip.items():
        if value is not None:  # not of this kind of slip
            table.add_row(f"slip {name}", str(value))
    return table
