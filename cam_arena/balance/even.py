"""Even out a roster by games: who is stronger than the model says is made again with less damage.

Every round measures all characters with other games and takes from each what the games say beyond
their noise: the share of a strength that is true, by the spread of true strengths over that of
measured ones. The first rounds play few games, as what is off is far off then.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..roster import Roster
from .matrix import Matrix
from .round_robin import play_round_robin
from .sample import play_sample
from .schedule import Plan
from .spread import mean_rate_spread
from .strength import Strengths, fit_matrix

__all__ = ["FEW", "Round", "even_out"]

FEW: Final = (24, 48, 96)
"""Opponents of each character in the first rounds; those after are whole round robins."""
MOST_WHOLE: Final = 4
"""Round robins at most."""
AIM: Final = 0.85
"""Of the spread that is wanted: what a whole round corrects to."""

Make = Callable[[Mapping[str, float]], Roster]
"""Makes the roster again, for logits by name that characters have shown to be too strong."""


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


def even_out(
    make: Make,
    plan: Plan,
    *,
    spread: float = 0.03,
    surplus: Mapping[str, float] | None = None,
    threads: int | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Iterator[Round]:
    """Measure and make again until mean win rates spread no wider than asked; give each round.

    The last round is a round robin of the roster as it is then. Stops after `MOST_WHOLE` of them.

    Args:
        make: makes the roster.
        plan: of a round robin; every round has a seed of its own.
        spread: of the mean win rates that is wanted at most.
        surplus: to begin with.
        threads: that play; all cores if None.
        report: called with games played and games to play in a round.
    """
    known = dict(surplus or {})
    for number in range(len(FEW) + MOST_WHOLE):
        roster, own = make(known), replace(plan, seed=(plan.seed + number) % 2**64)
        if number < len(FEW) and FEW[number] < plan.num_characters - 1:
            sample = play_sample(roster.data, own, FEW[number], threads=threads, report=report)
            done = Round(roster, dict(known), sample.games, sample.strengths, None)
        else:
            meta = {"roster_id": roster.id, "schools": [one.school.name for one in roster]}
            matrix = play_round_robin(
                roster.data, own, names=roster.names, meta=meta, threads=threads, report=report
            )
            strengths = fit_matrix(matrix, resamples=20)
            done = Round(roster, dict(known), own.num_games, strengths, matrix)
        yield done
        if done.spread is not None and done.spread <= spread:
            return
        # Without any differences in strength nothing but counters would be left: a whole round
        # takes no more than brings the spread well inside what is wanted.
        share = 1.0 if done.spread is None else 1 - AIM * spread / done.spread
        for name, step in zip(roster.names, _true_part(done.strengths), strict=True):
            known[name] = round(known.get(name, 0.0) + share * float(step), 3)


def _true_part(strengths: Strengths) -> NDArray[np.float64]:
    """Return what is to be expected of the true strengths."""
    true, noise = strengths.spread**2, strengths.error**2
    return strengths.value * true / np.maximum(true + noise, 1e-12)
