"""Whether a fresh measurement is slower than the one that is kept in docs/benchmarks."""

import csv
import statistics
from collections.abc import Sequence
from pathlib import Path

from .timing import Result

TOLERANCE = 0.05  # share of the kept median that may be lost


def read_medians(path: Path) -> dict[str, float]:
    """Read a rates.csv.

    Returns:
        Median units per CPU second by the interface's name.
    """
    rates: dict[str, list[float]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rates.setdefault(row["interface"], []).append(float(row["units_per_cpu_second"]))
    return {name: statistics.median(values) for name, values in rates.items()}


def slower(results: Sequence[Result], kept: Path) -> list[str]:
    """Compare with a kept measurement; meaningful on the machine that it was made on, kept quiet.

    Args:
        results: of now.
        kept: a rates.csv of before.

    Returns:
        A sentence for each interface that lost more than `TOLERANCE`, and for each that is no
        longer measured.
    """
    now = {result.name: result.rate for result in results}
    sentences = []
    for name, before in read_medians(kept).items():
        if name not in now:
            sentences.append(f"{name}: is in {kept} and was not measured")
        elif now[name] < (1 - TOLERANCE) * before:
            lost = 1 - now[name] / before
            sentences.append(f"{name}: {now[name]:,.0f}, {lost:.0%} below the kept {before:,.0f}")
    return sentences
