"""What a training run left behind: curves, generations, seed and time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .svg import Series

Generations = tuple[NDArray[np.float64], NDArray[np.int64], tuple[str, ...]]


@dataclass(frozen=True)
class Training:
    """Facts of a training run; every one may be missing."""

    command: str = ""
    seed: int | None = None
    seconds: float | None = None
    panels: Mapping[str, Sequence[Series]] = field(default_factory=dict)
    """Metric name to its lines."""
    x_label: str = "decisions"
    generations: Generations | None = None
    """win rates (G, G), games (G, G), names."""


def read_training(run: Path) -> Training:
    """Read what there is."""
    return Training()
