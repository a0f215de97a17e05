"""From numbers of training runs to a verdict: what their interval includes, and what one run is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..intervals import over_runs, ratio_over_runs

__all__ = ["Measured", "Verdict", "direction", "in_one_run", "measure"]

Verdict = Literal[
    "holds",
    "holds in part",
    "does not hold",
    "not shown either way",
    "seen in one run",
    "not seen in one run",
    "not testable here",
    "not run",
]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Measured:
    """One quantity of all training runs that have it."""

    value: float
    """The mean over runs."""
    interval: Interval | None
    """95 %: over runs, or of the games of the only run; None: there is none."""
    runs: int

    @property
    def source(self) -> str:
        """What the interval is of, a sentence."""
        if self.runs > 1:
            return f"Interval: over {self.runs} training runs."
        if self.interval is None:
            return "One training run, without an interval."
        return "One training run: the interval is of its games and says nothing of another seed."

    def less(self, base: float) -> "Measured":
        """Return the same quantity less a number."""
        interval = self.interval and (self.interval[0] - base, self.interval[1] - base)
        return Measured(self.value - base, interval, self.runs)


def measure(
    values: Sequence[float], own: Sequence[float] | None = None, *, is_ratio: bool = False
) -> Measured:
    """Take the mean of training runs, and its interval.

    Args:
        values: one a run, at least one.
        own: interval of the games of the only run, for want of others.
        is_ratio: whether mean and interval are of the logarithms.
    """
    if is_ratio:
        mean, interval = ratio_over_runs(values)
    else:
        mean, interval = float(np.mean(values)), over_runs(values)
    if interval is None and own is not None:
        interval = float(own[0]), float(own[1])
    return Measured(mean, interval, len(values))


def direction(found: Measured, *, zero: float, published: float | None) -> tuple[Verdict, str]:
    """Judge a claim that something rose by a published amount, or at all if none is published.

    Args:
        found: what was measured.
        zero: the value of no change.
        published: the value that the paper names; None: none.

    Returns:
        The verdict, and why in a sentence.
    """
    if found.interval is None:
        return in_one_run(found.value > zero), "The sign alone is known."
    low, high = found.interval
    if low <= zero <= high:
        why = "The interval includes no change"
        if published is not None:
            why += " and the published size" if high >= published else " and excludes the published"
        return "not shown either way" if found.runs > 1 else in_one_run(False), f"{why}."
    if found.runs == 1:
        side = "excludes no change" if low > zero else "lies on the other side"
        return in_one_run(low > zero), f"The interval {side}."
    if high < zero:
        return "does not hold", "The interval lies on the other side."
    if published is None:
        return "holds", "The direction is certain; no size is published."
    if high < published:
        return "holds in part", "The direction is certain; the size is smaller than published."
    if low > published:
        return "holds", "The size is larger than published."
    return "holds", "The interval excludes no change and includes the published size."


def in_one_run(seen: bool) -> Verdict:
    """Return the verdict of a single training run, which shows nothing of the method."""
    return "seen in one run" if seen else "not seen in one run"
