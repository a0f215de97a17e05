"""What a training run left behind: curves, generations, seed and time."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .svg import Point, Series

Generations = tuple[NDArray[np.float64], NDArray[np.int64], tuple[str, ...]]

MAX_POINTS = 100  # of a line; more are averaged, since a screen shows no more
# What is drawn, in this order, where a run has it.
PANELS = {
    "rollout/win_rate": "Win rate against sampled opponents",
    "rollout/return": "Return of an episode",
    "rollout/length": "Steps of an episode",
    "loss/entropy": "Entropy of the policy",
    "loss/value": "Value loss",
    "loss/explained_variance": "Explained variance of the value",
}


@dataclass(frozen=True)
class Training:
    """Facts of a training run; every one may be missing."""

    command: str = ""
    seed: int | None = None
    seconds: float | None = None
    panels: Mapping[str, Sequence[Series]] = field(default_factory=dict)
    """Title of a chart to its lines."""
    x_label: str = "decisions"
    generations: Generations | None = None
    """Win rates (G, G), games (G, G) and names of the shared policy's generations."""


def read_curves(path: Path) -> dict[str, list[Series]]:
    """Read the lines of `metrics.jsonl` into charts.

    Args:
        path: one JSON object a line, with `name`, `step` and metrics. A line that is cut off, as a
            killed run leaves it, is passed over.

    Returns:
        Title to lines, one line for each `name` with at least two finite points; empty without the
        file.
    """
    if not path.exists():
        return {}
    found: dict[str, dict[str, list[Point]]] = {metric: {} for metric in PANELS}
    with path.open(encoding="utf-8") as file:
        for text in file:
            try:
                row = json.loads(text)
            except ValueError:
                continue
            for metric, lines in found.items():
                value = row.get(metric)
                if isinstance(value, int | float) and math.isfinite(value):
                    lines.setdefault(str(row.get("name", "")), []).append(
                        (float(row["step"]), float(value))
                    )
    return {
        PANELS[metric]: [
            Series(name, thin(points)) for name, points in lines.items() if len(points) > 1
        ]
        for metric, lines in found.items()
        if any(len(points) > 1 for points in lines.values())
    }


def thin(points: Sequence[Point], limit: int = MAX_POINTS) -> list[Point]:
    """Average neighbouring points until at most `limit` are left."""
    if len(points) <= limit:
        return list(points)
    parts = np.array_split(np.asarray(points, np.float64), limit)
    means = (part.mean(axis=0) for part in parts)
    return [(float(step), float(value)) for step, value in means]


def read_training(run: Path) -> Training:
    """Read what a run's directory tells about its training."""
    return Training(panels=read_curves(run / "metrics.jsonl"))
