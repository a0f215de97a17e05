"""Certificates as a table for the terminal, as JSON and as a Markdown page."""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from ...files import write_whole
from ..model import Roster
from .certificate import Certificate

__all__ = ["markdown", "table", "write_json"]


def table(certificates: Sequence[Certificate], roster: Roster) -> Table:
    """Return a row for each certificate, and below a failed one what helps to mend it."""
    shown = Table(title=f"Certificates of roster {roster.id}, {len(roster)} characters")
    shown.add_column("Part", no_wrap=True)
    shown.add_column("What")
    shown.add_column("Value", justify="right")
    shown.add_column("Allowed", justify="right")
    shown.add_column("")
    for item in certificates:
        mark = Text("passed", "green") if item.passed else Text("FAILED", "red")
        shown.add_row(item.part, item.name, item.value, item.allowed, mark)
        for note in () if item.passed else item.notes:
            shown.add_row("", Text(note, "yellow"), "", "", "")
    return shown


def write_json(certificates: Sequence[Certificate], roster: Roster, file: Path) -> None:
    """Write certificates with all their data, and what they are of."""
    document: dict[str, Any] = {
        "version": version("cam-arena"),
        "roster_id": roster.id,
        "characters": len(roster),
        "passed": all(item.passed for item in certificates),
        "certificates": [
            {
                "part": item.part,
                "name": item.name,
                "value": item.value,
                "allowed": item.allowed,
                "passed": item.passed,
                "notes": list(item.notes),
                "data": dict(item.data),
            }
            for item in certificates
        ],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def markdown(certificates: Sequence[Certificate], roster: Roster) -> str:
    """Return the page of the documentation: the table, then details that readers ask for."""
    lines = [
        "# Certificates",
        "",
        f"Of roster `{roster.id}`, {len(roster)} characters, cam-arena {version('cam-arena')}. "
        "Written by `cam-arena roster certify --page`; do not edit.",
        "",
        "| Part | What | Value | Allowed | |",
        "| --- | --- | ---: | ---: | --- |",
    ]
    for item in certificates:
        mark = "passed" if item.passed else "**failed**"
        lines.append(f"| {item.part} | {item.name} | {item.value} | {item.allowed} | {mark} |")
    for item in certificates:
        if item.notes:
            lines += ["", f"## {item.part.capitalize()}: {item.name}", ""]
            lines += [f"- {note}" for note in item.notes]
        if "views" in item.data:
            lines += ["", *_views(item.data["views"])]
        if "histogram" in item.data:
            lines += ["", *_histogram(item.data["histogram"])]
    return "\n".join(lines) + "\n"


def _views(views: dict[str, dict[str, Any]]) -> list[str]:
    rows = [
        "| What the classifier sees | Top 1 | 95 % interval | Top 5 |",
        "| --- | ---: | ---: | ---: |",
    ]
    for view, found in views.items():
        low, high = found["interval_95"]
        rows.append(
            f"| {view} | {found['top1']:.1%} | {low:.1%} to {high:.1%} | {found['top5']:.1%} |"
        )
    return rows


def _histogram(histogram: dict[str, list[float]]) -> list[str]:
    """Return counts by distance as a table; empty rows are left out."""
    edges = histogram["edges"]
    series = [name for name in histogram if name != "edges"]
    rows = [
        f"| Distance | {' | '.join(name.replace('_', ' ') for name in series)} |",
        f"| --- |{' ---: |' * len(series)}",
    ]
    for k in range(len(edges) - 1):
        counts = [histogram[name][k] for name in series]
        if any(counts):
            cells = " | ".join(f"{count:g}" for count in counts)
            rows.append(f"| {edges[k]:.1f} to {edges[k + 1]:.1f} | {cells} |")
    return rows
