"""What a training run left behind: curves, generations, seed and time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cam_arena.errors import CheckpointError
from cam_arena.files import read_json, refusing

from ..population.payoff import Payoff
from ..runlog import WIN_RATE, read_rows
from ..win_rate import PREVIOUS, SHARED_POLICY
from .svg import Point, Series

Generations = tuple[NDArray[np.float64], NDArray[np.int64], tuple[str, ...]]

SHARED = "shared policy"  # what a CAM run calls its first stage
MAX_POINTS = 100  # of a line; more are averaged, since a screen shows no more
# What is drawn, in this order, where a run has it.
PANELS = {
    "rollout/return": "Return of an episode",
    "rollout/steps": "Steps of an episode",
    "loss/entropy": "Entropy of the policy",
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
    kept_shared: tuple[str, ...] = ()
    """Characters whose training found nothing better than the shared policy, which they kept."""


def read_curves(path: Path) -> dict[str, list[Series]]:
    """Read the lines of `metrics.jsonl` into charts.

    Args:
        path: one JSON object a line, with `name`, `step` and metrics. A line that is cut off, as a
            killed run leaves it, is passed over.

    Returns:
        Title to lines, one line for each `name` with at least two finite points; the shared policy
        apart from the specialists. Empty without the file.
    """
    titles = dict(PANELS)
    found: dict[str, dict[str, list[Point]]] = {}
    for row in read_rows(path):
        for metric in row:
            if metric.startswith(WIN_RATE):
                titles.setdefault(metric, _win_rate_title(metric.removeprefix(WIN_RATE)))
            if metric in titles:
                point = (float(row["step"]), float(row[metric]))
                found.setdefault(metric, {}).setdefault(row["name"], []).append(point)
    panels: dict[str, list[Series]] = {}
    for metric, lines in ((metric, found[metric]) for metric in titles if metric in found):
        for name, points in lines.items():
            if len(points) > 1:
                # The shared policy trains several times longer: on one axis it would hide the rest.
                title = f"{titles[metric]}, {name if name == SHARED else 'specialists'}"
                if len(lines) == 1:
                    title = titles[metric]
                panels.setdefault(title, []).append(Series(name, thin(points)))
    return panels


def _win_rate_title(opponent: str) -> str:
    who = {PREVIOUS: "the snapshot before", SHARED_POLICY: "the shared policy"}
    return f"Win rate against {who.get(opponent, opponent)}"


def thin(points: Sequence[Point], limit: int = MAX_POINTS) -> list[Point]:
    """Average neighbouring points until at most `limit` are left."""
    if len(points) <= limit:
        return list(points)
    parts = np.array_split(np.asarray(points, np.float64), limit)
    means = (part.mean(axis=0) for part in parts)
    return [(float(step), float(value)) for step, value in means]


def read_training(run: Path) -> Training:
    """Read what a run's directory tells about its training.

    Args:
        run: directory that `cam-arena train` wrote; every file in it may be missing.

    Raises:
        CheckpointError: if a file is there and damaged.
    """
    config, summary = _read_json(run / "config.json"), _read_json(run / "summary.json")
    with refusing(run / "summary.json", "the summary of a run", CheckpointError):
        seconds = None if summary.get("seconds") is None else float(summary["seconds"])
        outcomes = dict(summary.get("specialists", {})).items()
        kept = tuple(name for name, found in outcomes if not found.get("is_specialist", True))
    with refusing(run / "config.json", "the config of a run", CheckpointError):
        command = str(dict(config.get("provenance", {})).get("command", ""))
        seed = None if config.get("seed") is None else int(config["seed"])
    return Training(
        command=command,
        seed=seed,
        seconds=seconds,
        panels=read_curves(run / "metrics.jsonl"),
        generations=_read_generations(run / "generations.json"),
        kept_shared=kept,
    )


def _read_json(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    value = read_json(path, CheckpointError)
    if not isinstance(value, dict):
        raise CheckpointError(f"{path}: holds a {type(value).__name__}, not an object")
    return value


def _read_generations(path: Path) -> Generations | None:
    counts = _read_json(path)
    if not counts:
        return None
    with refusing(path, "results of generations", CheckpointError):
        payoff = Payoff.from_state(counts)
        names = tuple(str(name) for name in counts["names"])
        if payoff.games.shape != (len(names), len(names)):
            raise ValueError(f"{len(names)} names for a table of shape {payoff.games.shape}")
    return payoff.rates(), payoff.games.astype(np.int64), names
