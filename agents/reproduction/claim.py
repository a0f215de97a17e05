"""A claim of the CAM paper beside what was measured here: one row of the table."""

from collections.abc import Sequence
from dataclasses import dataclass

from .verdicts import Verdict

__all__ = ["PRIMARY", "Claim", "less_half", "not_run", "percent_span", "twice"]

PRIMARY = ("gain other seeds", "distance without attack", "control")
"""The claims that a reader should look at first; the others are readings beside them."""


@dataclass(frozen=True)
class Claim:
    """One row."""

    key: str
    """short name, for other programs."""
    experiment: str
    """E1 to E5, or empty."""
    title: str
    published: str
    ours: str
    interval: str
    """of 95 %: over training runs, or of the games of the only run."""
    runs: int
    """training runs behind it; 0 if nothing was measured."""
    verdict: Verdict
    why: str
    """what the verdict rests on, or why there is none."""

    @property
    def shown_interval(self) -> str:
        """The interval, named where it is not over training runs."""
        return f"{self.interval} (one run)" if self.interval and self.runs == 1 else self.interval

    @property
    def is_primary(self) -> bool:
        """Whether it is one of the three that count."""
        return self.key in PRIMARY

    @property
    def is_tested(self) -> bool:
        """Whether something was measured."""
        return self.verdict not in ("not testable here", "not run")


def not_run(
    key: str, experiment: str, title: str, published: str, needed: str | None = None
) -> Claim:
    """Return the row of a claim whose experiment, or what is `needed` besides, was not run."""
    return Claim(
        key, experiment, title, published, "-", "", 0, "not run",
        f"Run: cam-arena reproduce {needed or experiment}.",
    )  # fmt: skip


def percent_span(interval: tuple[float, float] | None) -> str:
    """Write an interval in points; empty without one."""
    return "" if interval is None else f"[{100 * interval[0]:+.1f}, {100 * interval[1]:+.1f}]"


def twice(interval: Sequence[float]) -> tuple[float, float]:
    """Return an interval of twice a quantity."""
    return 2 * interval[0], 2 * interval[1]


def less_half(interval: Sequence[float]) -> tuple[float, float]:
    """Return an interval of a win rate less one half."""
    return interval[0] - 0.5, interval[1] - 0.5
