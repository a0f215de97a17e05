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

from ..files import write_whole
from ..roster.generator.measured import measured_parts, read_measured

__all__ = ["POINTS_PER_LOGIT", "Refit", "refit", "write_measured"]

POINTS_PER_LOGIT: Final = 170.0
"""Power points that a logit of strength costs."""
ELASTICITY: Final = 5.4
"""Logits of strength that a unit of the logarithm of damage is worth, with health going along."""
LEVEL: Final = 140.0
"""Mean of measured points: higher makes all damage lower, and matches longer."""
LARGEST: Final = 500.0
"""Points of a character by itself at most: beyond, it is its moves that must change."""
HYSTERESIS: Final = 0.1
"""Strengths nearer to 0 are left alone, logits: they are how characters differ, or noise."""
GAIN: Final = 0.5
"""Of what is measured, made up for at a time: all of it at once would overshoot."""
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
    factors: Mapping[str, Mapping[str, int]]
    """Statistics of hand-written characters, milli: their parts stay as they are."""


def refit(tables: Sequence[tuple[str, Mapping[str, Any]]], strengths: NDArray[np.float64]) -> Refit:
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
    weights = np.linalg.solve(centred.T @ centred + RIDGE * np.eye(len(parts)), centred.T @ target)
    left = target - centred @ weights
    known = read_measured()
    worth: dict[str, dict[str, float]] = {}
    for (kind, name), weight, unit in zip(parts, weights, scale, strict=True):
        step = GAIN * POINTS_PER_LOGIT * float(weight) / float(unit)
        points = known.get(kind, {}).get(name, 0.0) + step
        worth.setdefault(kind, {})[name] = round(points, 3 if kind == "number" else 0)
    own = dict(known.get("character", {}))
    left = np.where(np.abs(target) > HYSTERESIS, left, 0.0)
    factors: dict[str, dict[str, int]] = {}
    for (_, table), rest, strength in zip(tables, left, target, strict=True):
        name = str(table["name"])
        if not table["authored"]:
            step = GAIN * POINTS_PER_LOGIT * float(rest)
            own[name] = round(min(max(own.get(name, 0.0) + step, -LARGEST), LARGEST))
            continue
        if abs(strength) <= HYSTERESIS:
            continue
        step = float(np.exp(-GAIN * strength / ELASTICITY))
        factors[name] = {"attack": round(1000 * step), "max_hp": round(1000 * step**0.7)}
    worth["character"] = own
    _centre(worth, tables)
    explained = 1 - float(left.var() / max(target.var(), 1e-12))
    return Refit(worth, explained, left, factors)


def _centre(
    worth: dict[str, dict[str, float]], tables: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    """Take the mean off, so that the roster as a whole stays as strong as it is."""
    totals = [
        worth["character"].get(table["name"], 0.0)
        + sum(worth[kind][name] * amount for kind, name, amount in measured_parts(school, table))
        for school, table in tables
        if not table["authored"]
    ]
    for name in worth["school"]:
        worth["school"][name] = round(worth["school"][name] - float(np.mean(totals)) + LEVEL)


def write_measured(fit: Refit, path: Path) -> None:
    """Write measured.toml."""
    lines = [
        "# Power points of parts of characters, fitted to measured strengths: more is stronger.",
        f"# Written by cam-arena balance refit; the last fit explains {fit.explained:.2f} of the",
        "# variance of strengths.",
    ]
    for kind, table in sorted(fit.worth.items()):
        lines += ["", f"[{kind}]"]
        lines += [f"{_key(name)} = {points:g}" for name, points in sorted(table.items())]
    write_whole(path, "\n".join(lines) + "\n")


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else f'"{name}"'
