"""Tables of a roster for the terminal."""

from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..errors import RosterError
from .load import find_problems
from .model import Character, Move, Roster

__all__ = ["list_table", "show", "validate"]


def list_table(roster: Roster) -> Table:
    """Return one row per character: what it is and how it fights."""
    table = Table(title=f"{len(roster)} characters, roster {roster.id}")
    table.add_column("#", justify="right")
    for heading in ("Name", "School", "Role"):
        table.add_column(heading, no_wrap=True)
    table.add_column("HP", justify="right", no_wrap=True)
    table.add_column("Skills and ultimate")
    for character in roster:
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
    """Return everything about one character: statistics, then its frame data.

    Raises:
        KeyError: if no character has this name.
    """
    character = roster[name]
    head = Text.assemble(
        (character.name, f"bold {character.palette[2]}"),
        f"  {character.school.name}, {character.role}\n{character.text}\n",
        f"Plan: {character.school.plan}\n",
        f"Scroll: {character.scroll}   Companions: {', '.join(character.companions)}",
    )
    return Group(head, _stats_table(character), _frame_table(roster, character))


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
        table.add_row(f"slip {name}", str(value))
    return table


def _frame_table(roster: Roster, character: Character) -> Table:
    """List the moves as declared; advantages hold if the last hit meets at its first tick."""
    table = Table(
        title="Frame data in ticks of 1/30 s",
        caption="startup/active/recovery; advantage on hit and guard; cost in sparks",
        box=box.SIMPLE_HEAD,
        padding=(0, 0, 0, 1),
        pad_edge=False,
    )
    for heading in ("Button", "Move"):
        table.add_column(heading, no_wrap=True)
    for heading in ("Frames", "Dmg", "Hit", "Guard", "Reach", "Cost", "Wait"):
        table.add_column(heading, justify="right", no_wrap=True)
    shown = [("attack" if i == 0 else "", move) for i, move in enumerate(character.chain)]
    shown += [("", move) for move in character.followups]
    shown += [item for item in character.moves.items() if item[0] != "attack"]
    for button, move in shown:
        on_hit, on_guard = _advantage(roster, move)
        table.add_row(
            button.replace("companion_", "call "),
            move.name,
            f"{move.startup}/{move.active}/{move.recovery}",
            str(move.damage or ""),
            on_hit,
            on_guard,
            "" if move.reach == 0 else "far" if move.reach > 9999 else str(move.reach),
            f"{move.spark_cost / 4000:g}" if move.spark_cost else "",
            str(move.cooldown or ""),
        )
    return table


def _advantage(roster: Roster, move: Move) -> tuple[str, str]:
    """Advantage on hit and on guard; a fall has none that counts."""
    record = roster.arrays["moves"][move.index]
    if not record["num_hits"]:
        return "", ""
    hit = roster.arrays["hits"][int(record["first_hit"]) + int(record["num_hits"]) - 1]
    left = move.startup + move.active + move.recovery - int(hit["from"])
    left += int(hit["stop_attacker"]) - int(hit["stop_victim"])
    falls = hit["impact"] not in (0, 1, 2)
    on_hit = "down" if falls else f"{int(hit['stun']) - left:+d}"
    return on_hit, f"{int(hit['guard_stun']) - left:+d}"
