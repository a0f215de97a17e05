"""What ended a training, in a line."""

from pathlib import Path
from typing import TYPE_CHECKING

from .runlog import read_spent

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["ending"]


def ending(run: Path, config: "DataclassInstance") -> str:
    """Say which budget a training has spent, and how many samples it took.

    Args:
        run: its directory; it is finished.
        config: of its scheme.

    Returns:
        Such as "3 minutes were over after 2,345,678 samples", over all sittings.
    """
    curves = read_spent(run)
    curves.pop("population", None)  # of measures, not of a policy that learns
    samples = round(sum(spent["samples"] for spent in curves.values()))
    seconds = sum(spent["seconds"] for spent in curves.values())
    if not curves:
        return "all steps were taken"  # sb3, which keeps no such curves and has no other budget
    budget = getattr(config, "budget", config)
    steps, minutes = getattr(budget, "steps", None), getattr(budget, "minutes", None)
    if minutes is None or (steps is not None and samples >= steps):
        return f"all steps were taken: {samples:,} samples"
    if (run / "population.json").exists() and seconds < 0.95 * 60 * minutes:
        return f"the population was complete before {minutes:g} minutes, after {samples:,} samples"
    return f"{minutes:g} minutes were over after {samples:,} samples"
