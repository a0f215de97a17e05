"""Rates that survive a busy machine: contenders take turns, time is CPU time, results are medians.

A single round swings by tens of per cent when other work shares the machine. The contenders of one
round meet the same conditions, so the ratio within the round is steadier than either rate.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Contender(Protocol):
    """Something that can be run for a while and says how much it did."""

    name: str
    unit: str

    def prepare(self) -> None:
        """Return to the start; not measured."""

    def run(self) -> int:
        """Do one lap, which is measured, and return how many units it was."""

    def close(self) -> None:
        """Let go of what the contender holds."""


@dataclass
class Result:
    """What was measured of one contender, one entry a round."""

    name: str
    unit: str
    rates: list[float] = field(default_factory=list)  # units per second of the clock
    ratios: list[float] = field(default_factory=list)  # to the reference in the same round

    @property
    def rate(self) -> float:
        """Median rate in units per second of the clock."""
        return statistics.median(self.rates)

    @property
    def ratio(self) -> float:
        """Median of the ratios to the reference."""
        return statistics.median(self.ratios)


def measure_rate(
    contender: Contender, seconds: float, clock: Callable[[], float] = time.process_time
) -> float:
    """Run laps until `seconds` have passed in them.

    Args:
        contender: what to run.
        seconds: of the clock; the preparation of a lap does not count.
        clock: CPU seconds of this process, or for threads `time.perf_counter`.

    Returns:
        Units per second of the clock.
    """
    units = 0
    spent = 0.0
    while spent < seconds:
        contender.prepare()
        start = clock()
        units += contender.run()
        spent += clock() - start
    return units / spent


def measure(
    contenders: Sequence[Contender],
    reference: str,
    *,
    rounds: int,
    seconds: float,
    on_round: Callable[[int], None] = lambda _: None,
    clock: Callable[[], float] = time.process_time,
) -> list[Result]:
    """Measure contenders in turns.

    Args:
        contenders: in the order of the table.
        reference: name of the contender that ratios compare with.
        rounds: how often each has its turn; medians need 11 or more.
        seconds: seconds of the clock a turn.
        on_round: called with the number of rounds done.
        clock: CPU seconds of this process, or for threads `time.perf_counter`.

    Returns:
        One result a contender, in the same order.

    Raises:
        ValueError: if the reference is no contender's name.
    """
    names = [contender.name for contender in contenders]
    if reference not in names:
        raise ValueError(f"reference must be one of {names}, got {reference!r}")
    results = [Result(contender.name, contender.unit) for contender in contenders]
    for contender in contenders:  # caches, lazy imports and branch predictors warm up unmeasured
        measure_rate(contender, min(seconds, 0.02), clock)
    for done in range(1, rounds + 1):
        for contender, result in zip(contenders, results, strict=True):
            result.rates.append(measure_rate(contender, seconds, clock))
        base = results[names.index(reference)].rates[-1]
        for result in results:
            result.ratios.append(result.rates[-1] / base)
        on_round(done)
    return results
