"""Even out a roster by games: who is stronger than the model says is made again with less damage.

Every round measures all characters with other games and takes from each what the games say beyond
their noise: the share of a strength that is true, by the spread of true strengths over that of
measured ones. The first rounds play few games, as what is off is far off then.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..roster import Roster
from .fights import describe_roster
from .matrix import Matrix
from .round_robin import play_round_robin
from .sample import play_sample
from .schedule import Plan
from .spread import mean_rate_spread
from .strength import Strengths, fit_matrix

__all__ = ["FEW", "QUICK", "Round", "even_out", "even_quickly"]

QUICK: Final = (24, 48)
"""Opponents of each character in the rounds that every generated roster gets."""
FEW: Final = (*QUICK, 96)
"""The same before whole round robins."""
MOST_WHOLE: Final = 4
"""Round robins at most."""
AIM: Final = 0.9
"""Of the spread that is wanted: what a whole round corrects to."""
LEAST: Final = 0.8
"""Of the spread that is wanted: below it differences are given back. Without any in strength,
nothing but counters would be left."""

Make = Callable[[Mapping[str, float]], Roster]
"""Makes the roster again, for logits by name that characters have shown to be too strong."""
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Round:
    """One measurement."""

    roster: Roster
    """As it was measured."""
    surplus: Mapping[str, float]
    """It was made with, logits by name."""
    games: int
    """Played in all."""
    strengths: Strengths
    """Of the characters, in the roster's order."""
    matrix: Matrix | None
    """Of a whole round robin."""

    @property
    def spread(self) -> float | None:
        """Standard deviation of the true mean win rates; None but for a round robin."""
        if self.matrix is None:
            return None
        found = self.matrix
        return mean_rate_spread(found.rates, found.draws, found.games).spread

    def corrected(self, share: float = 1.0) -> dict[str, float]:
        """Return the surplus to make the roster with next.

        Args:
            share: of what is to be expected of the true strengths that is taken; below 0, given.
        """
        true, noise = self.strengths.spread**2, self.strengths.error**2
        steps = share * self.strengths.value * true / np.maximum(true + noise, 1e-12)
        known = dict(self.surplus)
        for name, step in zip(self.roster.names, steps.tolist(), strict=True):
            known[name] = round(known.get(name, 0.0) + step, 3)
        return known


def even_out(
    make: Make,
    plan: Plan,
    *,
    spread: float = 0.03,
    surplus: Mapping[str, float] | None = None,
    threads: int | None = None,
    report: Report | None = None,
) -> Iterator[Round]:
    """Measure and make again until mean win rates spread as asked; give each round.

    The last round is a round robin of the roster as it is then. Stops after `MOST_WHOLE` of them.

    Args:
        make: makes the roster.
        plan: of a round robin; every round has a seed of its own.
        spread: of the mean win rates that is wanted at most, and not less than `LEAST` of.
        surplus: to begin with.
        threads: that play; all cores if None.
        report: called with games played and games to play in a round.
    """
    known = dict(surplus or {})
    few = [opponents for opponents in FEW if opponents < plan.num_characters - 1]
    for number, opponents in enumerate(few):
        done = _play_few(make(known), known, opponents, _again(plan, number), threads, report)
        yield done
        known = done.corrected()
    for number in range(len(few), len(few) + MOST_WHOLE):
        done = _play_all(make(known), known, _again(plan, number), threads, report)
        yield done
        found = done.spread or 0.0
        if LEAST * spread <= found <= spread:
            return
        known = done.corrected(1 - AIM * spread / max(found, spread / 4))


def even_quickly(
    make: Make, plan: Plan, *, threads: int | None = None, report: Report | None = None
) -> dict[str, float]:
    """Return a surplus that a few games of each character have shown.

    Args:
        make: makes the roster.
        plan: of a round robin; every round has a seed of its own.
        threads: that play; all cores if None.
        report: called with games played and games to play in a round.
    """
    known: dict[str, float] = {}
    for number, opponents in enumerate(QUICK):
        own = _again(plan, number)
        known = _play_few(make(known), known, opponents, own, threads, report).corrected()
    return known


def _again(plan: Plan, number: int) -> Plan:
    """Return the plan with the seed of a round."""
    return replace(plan, seed=(plan.seed + number) % 2**64)


def _play_few(
    roster: Roster,
    surplus: Mapping[str, float],
    opponents: int,
    plan: Plan,
    threads: int | None,
    report: Report | None,
) -> Round:
    sample = play_sample(roster.data, plan, opponents, threads=threads, report=report)
    return Round(roster, surplus, sample.games, sample.strengths, None)


def _play_all(
    roster: Roster,
    surplus: Mapping[str, float],
    plan: Plan,
    threads: int | None,
    report: Report | None,
) -> Round:
    matrix = play_round_robin(
        roster.data, plan, names=roster.names, meta=describe_roster(roster), threads=threads,
        report=report,
    )  # fmt: skip
    return Round(roster, surplus, plan.num_games, fit_matrix(matrix, resamples=20), matrix)
