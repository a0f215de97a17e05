"""Measured frame data as rows, Markdown, CSV, JSON and tables for the terminal."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rich import box
from rich.console import Group
from rich.table import Table

from .frames import Frames, measure
from .frames_uses import dummy_of, loadable_uses, uses_of
from .model import Roster

__all__ = ["COLUMNS", "csv_text", "json_text", "markdown", "rows", "tables"]

Row = Mapping[str, object]

COLUMNS: Final = {
    "owner": "character, scroll or companion",
    "move": "its name",
    "button": "what starts it; none for later moves of a chain and replies",
    "form": "1 for a move of its owner's other form",
    "archetype": "what it is",
    "startup": "ticks before the first active one",
    "active": "active ticks",
    "recovery": "ticks after the last active one",
    "first_hit": "ticks before the first hit, its own or of what it leaves in the world",
    "on_hit": "ticks its user is free before a victim that was hit",
    "falls": "1 if the victim falls",
    "on_guard": "the same where the victim guards",
    "on_whiff": "ticks from the first active one until its user is free, negative",
    "damage": "direct damage: HP that its hits take at once from the dummy, all factors in it; "
    "not what Echo or an effect takes later",
    "chip": "HP taken through a guard",
    "distance": "su between the feet where it does most; all before is measured there",
    "reach": "su between the feet at which its own boxes still hit",
    "depth": "su in depth at which they still hit",
    "spark_cost": "milli quarters",
    "hp_cost": "HP",
    "cooldown": "ticks until the button is ready",
    "spark_gain": "milli quarters gained while hits land",
    "boxes": "from-to:x0..x1,depth,z0..z1 of each of its own hits, ticks and su",
}
"""Columns of the data and what they hold. An empty cell: there is no such number."""

_TABLE: Final = (
    ("button", "Button"), ("move", "Move"), ("frames", "Frames"), ("first_hit", "First"),
    ("damage", "Damage"), ("hit", "Hit"), ("on_guard", "Guard"), ("on_whiff", "Whiff"),
    ("reach", "Reach"), ("depth", "Depth"), ("cost", "Cost"), ("cooldown", "Wait"),
)  # fmt: skip
"""Columns of a page for people: key and heading."""

_WIDE: Final = ("on_whiff", "depth")
"""Those that a terminal of 80 columns has no room for."""

_EXPLAINED: Final = """\
Frames: startup, active and recovery ticks of 1/30 s. First: ticks before the first hit. Damage:
direct damage to {dummy}, without what Echo or an effect takes later. {hit}: ticks the
user is free before its victim, negative if after; "down" where the victim falls. {reach}:
su between the feet at which it still hits. Cost: quarters of spark, or HP. Wait: ticks of cooldown.
All is measured in the simulation."""


def rows(roster: Roster, names: Iterable[str] | None = None) -> list[Row]:
    """Measure moves and return a row of COLUMNS for each.

    Args:
        roster: what to measure in.
        names: characters; all, and the scrolls and companions, if None.
    """
    if names is not None:
        own = [frames for name in names for frames in roster.frames(name).values()]
        return [_row(roster, frames) for frames in own]
    uses = [use for character in roster for use in uses_of(roster, character)]
    uses += loadable_uses(roster)
    return [_row(roster, frames) for frames in measure(roster.data, uses, dummy_of(roster))]


def csv_text(data: Sequence[Row]) -> str:
    """Return rows as CSV with a head line."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(data)
    return out.getvalue()


def json_text(roster: Roster, data: Sequence[Row]) -> str:
    """Return rows as JSON, with the roster they belong to and the columns' meanings."""
    head = {"roster": roster.id, "dummy": roster.names[dummy_of(roster)], "columns": COLUMNS}
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in data)
    return f'{json.dumps(head, ensure_ascii=False)[:-1]},\n"moves": [\n{lines}\n]}}\n'


def markdown(roster: Roster, data: Sequence[Row], level: int = 2) -> str:
    """Return rows as Markdown: an explanation, then a table for each owner under a heading."""
    lines = [explained(roster), ""]
    for owner, own in _by_owner(data).items():
        lines += [
            f"{'#' * level} {owner}",
            "",
            " | ".join(["", *dict(_TABLE).values(), ""]).strip(),
        ]
        lines.append("| --- | --- |" + " --: |" * (len(_TABLE) - 2))
        for row in own:
            cells = _cells(row)
            lines.append("| " + " | ".join(cells[key] for key, _ in _TABLE) + " |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def tables(roster: Roster, data: Sequence[Row]) -> Group:
    """Return a table for each owner, for the terminal."""
    shown = []
    for owner, own in _by_owner(data).items():
        table = Table(title=owner, box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1), pad_edge=False)
        columns = [column for column in _TABLE if column[0] not in _WIDE]
        for key, heading in columns:
            is_text = key in ("button", "move")
            # Long names take two lines where the numbers leave no room for one.
            table.add_column(heading, justify="left" if is_text else "right", no_wrap=not is_text)
        for row in own:
            cells = _cells(row)
            table.add_row(*(cells[key] for key, _ in columns))
        shown.append(table)
    return Group(*shown, " ".join(explained(roster, is_wide=False).split()))


def explained(roster: Roster, *, is_wide: bool = True) -> str:
    """Say what the columns of a table hold, of one with all of them or for a terminal."""
    return _EXPLAINED.format(
        dummy=roster.names[dummy_of(roster)],
        hit="Hit, guard, whiff" if is_wide else "Hit, guard",
        reach="Reach and depth" if is_wide else "Reach",
    )


def _row(roster: Roster, frames: Frames) -> Row:
    move = roster.moves[frames.use.move]
    values = {
        "owner": move.owner,
        "move": move.name,
        "button": move.button,
        "form": int(frames.use.in_form),
        "archetype": move.archetype,
        "falls": int(frames.knocks_down),
        "boxes": " ".join(_boxes(roster, frames)),
    }
    for name in COLUMNS:
        if name not in values:
            values[name] = getattr(frames, name)
    return {name: values[name] for name in COLUMNS}


def _boxes(roster: Roster, frames: Frames) -> list[str]:
    record = roster.arrays["moves"][frames.use.move]
    first = int(record["first_hit"])
    hits = roster.arrays["hits"][first : first + int(record["num_hits"])]
    return [
        f"{hit['from']}-{hit['to']}:{hit['x0']}..{hit['x1']},{hit['depth']},{hit['z0']}..{hit['z1']}"
        for hit in hits
    ]


def _by_owner(data: Sequence[Row]) -> dict[str, list[Row]]:
    owners: dict[str, list[Row]] = {}
    for row in data:
        owners.setdefault(str(row["owner"]), []).append(row)
    return owners


def _cells(row: Row) -> dict[str, str]:
    """Return the cells of a table for people."""
    cells = {key: "" if value is None else str(value) for key, value in row.items()}
    for key in ("on_hit", "on_guard", "on_whiff"):
        cells[key] = f"{row[key]:+d}" if isinstance(row[key], int) else ""
    button = "" if row["button"] == "none" else str(row["button"])
    cells["button"] = f"{button} (form)".strip() if row["form"] else button
    cells["frames"] = f"{row['startup']}/{row['active']}/{row['recovery']}"
    cells["hit"] = "down" if row["falls"] else cells["on_hit"]
    costs = [f"{int(str(row['spark_cost'])) / 1000:g}"] if row["spark_cost"] else []
    costs += [f"{row['hp_cost']} HP"] if row["hp_cost"] else []
    cells["cost"] = ", ".join(costs)
    for key in ("damage", "cooldown"):
        cells[key] = "" if row[key] == 0 else cells[key]
    return cells
