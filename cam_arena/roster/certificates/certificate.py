"""What a certificate says: a value, what is allowed, and whether the one keeps to the other."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Certificate", "Pair", "wilson"]


@dataclass(frozen=True)
class Certificate:
    """One line of the certificate page."""

    part: str
    """What it looks at: structural, parametric, behavioural, strategic, roster or balance."""
    name: str
    """What was measured, in a few words."""
    value: str
    """What came out."""
    allowed: str
    """What may come out."""
    passed: bool
    """Whether it did."""
    notes: tuple[str, ...] = ()
    """What helps to mend it or to judge it: the nearest pairs, say."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Numbers for plots and for other programs; JSON can hold them."""


@dataclass(frozen=True)
class Pair:
    """Two characters and how far apart they are."""

    first: str
    """Name."""
    second: str
    """Name."""
    distance: float
    """In the unit of the certificate that lists it."""

    def __str__(self) -> str:
        """Return names and distance."""
        return f"{self.first} and {self.second}: {self.distance:.3g}"


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson score interval of a share, (low, high) in [0, 1].

    Args:
        successes: 0..trials.
        trials: at least 1.
        z: standard normal quantile; 1.96 for 95 %.

    Raises:
        ValueError: without trials, or with more successes than trials.

    Source: Wilson 1927.
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"need 0 <= successes <= trials and a trial, got {successes} of {trials}")
    share = successes / trials
    scale = 1 + z * z / trials
    middle = (share + z * z / (2 * trials)) / scale
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    return max(middle - half, 0.0), min(middle + half, 1.0)
