"""Fit what parts of a character are worth to how strong characters turned out to be.

A ridge regression of measured strengths on the parts of every character. The generator adds the
result to the power points it gives, so that the next roster makes up for it in damage.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..roster.generator.measured import measured_parts, read_measured

__all__ = ["POINTS_PER_LOGIT", "Refit", "refit", "write_measured"]

POINTS_PER_LOGIT: Final = 200.0
"""Power points that a logit of strength costs: 10 % of damage is about 60 points and .3 logits."""
RIDGE: Final = 2.0
"""Pull of every worth towards 0, in characters that have the part."""


@dataclass(frozen=True)
class Refit:
    """What the parts of characters are worth."""

    worth: Mapping[str, Mapping[str, float]]
    """Power points by kind and name of part, what was measured before included."""
    explained: float
    """Share of the variance of strengths that the parts explain (R^2)."""
    left: NDArray[np.float64]
    """By character, logits: strength that no part explains."""


def refit(
    tables: Sequence[tuple[str, Mapping[str, Any]]], strengths: NDArray[np.float64]
) -> Refit:
    """Fit the worth of parts.

    Args:
        tables: school and table of each character.
        strengths: logits, in the same order.
    """
    rows = [list(measured_parts(school, table)) for school, table in tables]
    parts = sorted({(kind, name) for row in rows for kind, name, _ in row})
    index = {part: i for i, part in enumerate(parts)}
    amounts = np.zeros((len(rows), len(parts)))
    for i, row in enumerate(rows):
        for kind, name, amount in row:
            amounts[i, index[kind, name]] += amount
    numbers = np.array([kind == "number" for kind, _ in parts])
    scale = np.where(numbers, np.maximum(amounts.std(0), 1e-9), 1.0)
    scaled = amounts / scale
    middle = scaled.mean(0)
    centred, target = scaled - middle, strengths - strengths.mean()
    weights = np.linalg.solve(
        centred.T @ centred + RIDGE * np.eye(len(parts)), centred.T @ target
    )
    left = target - centred @ weights
    known = read_measured()
    worth: dict[str, dict[str, float]] = {}
    for (kind, name), weight, unit in zip(parts, weights, scale, strict=True):
        points = known.get(kind, {}).get(name, 0.0) + POINTS_PER_LOGIT * float(weight) / float(unit)
        worth.setdefault(kind, {})[name] = round(points, 3 if kind == "number" else 0)
    explained = 1 - float(left.var() / max(target.var(), 1e-12))
    return Refit(worth, explained, left)


def write_measured(fit: Refit, path: Path) -> None:
    """Write measured.toml."""
    lines = [
        "# Power points of parts of characters, fitted to measured strengths: more is stronger.",
        f"# Written by cam-arena balance refit; the last fit explains {fit.explained:.2f} of the",
        "# variance of strengths.",
    ]
    for kind, table in sorted(fit.worth.items()):
        lines += ["", f"[{kind}]"]
        lines += [f"{name} = {points:g}" for name, points in sorted(table.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
