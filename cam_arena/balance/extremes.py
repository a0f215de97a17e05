"""One-sided pairs: found among many with few games, then played again to be sure.

Of thousands of even pairs some look one-sided by chance. Fresh games of the suspects tell which
are: they played no part in the choice, so their rates are unbiased.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..errors import BalanceError
from ..files import refusing
from .matrix import Matrix, read_npz, write_npz
from .playing import play_games, scores

__all__ = ["Rematches", "play_rematches", "suspects"]

_SUSPICIOUS = 0.79
"""Measured rate from which a pair is played again: a true 85/15 is above it nine times in ten even
with 10 games."""


@dataclass(frozen=True)
class Rematches:
    """Fresh games of the pairs that looked one-sided."""

    pairs: NDArray[np.int64]
    """shape (S, 2): i and j, i < j."""
    points: NDArray[np.float64]
    """shape (S,): wins plus half the draws of i."""
    games: int
    """Of each pair."""
    num_pairs: int
    """Of the whole round robin."""

    @property
    def rates(self) -> NDArray[np.float64]:
        """Win rates of i against j, shape (S,)."""
        return np.asarray(self.points / self.games)

    def most_one_sided(self, count: int) -> list[tuple[int, int]]:
        """Return winner and loser of the most one-sided pairs, the worst first."""
        order = np.argsort(-np.abs(self.rates - 0.5), kind="stable")[:count]
        return [
            (int(i), int(j)) if rate >= 0.5 else (int(j), int(i))
            for (i, j), rate in zip(self.pairs[order], self.rates[order], strict=True)
        ]

    def share(self, limit: float) -> tuple[float, float, float]:
        """Return the share of all pairs beyond `limit`, with a 95 % Wilson interval."""
        beyond = float((np.maximum(self.rates, 1 - self.rates) > limit).sum())
        total, z = self.num_pairs, 1.959964
        rate, scale = beyond / total, 1 + z * z / total
        centre = (rate + z * z / (2 * total)) / scale
        half = z * sqrt(rate * (1 - rate) / total + z * z / (4 * total * total)) / scale
        return rate, max(centre - half, 0.0), centre + half

    def save(self, path: Path) -> None:
        """Write an .npz file."""
        about = {"games": self.games, "num_pairs": self.num_pairs}
        write_npz(path, {"pairs": self.pairs, "points": self.points}, about)

    @classmethod
    def load(cls, path: Path) -> "Rematches":
        """Read what `save` wrote.

        Raises:
            BalanceError: if the file is missing or damaged.
        """
        arrays, about = read_npz(path)
        with refusing(path, "rematches; measure again", BalanceError):
            pairs, points = arrays["pairs"], arrays["points"]
            games, num_pairs = int(about["games"]), int(about["num_pairs"])
            if pairs.shape != (len(points), 2) or pairs.dtype.kind != "i" or points.ndim != 1:
                raise ValueError(f"pairs have shape {pairs.shape}, points {points.shape}")
            if games < 1 or num_pairs < max(1, len(pairs)) or pairs.min(initial=0) < 0:
                raise ValueError(f"{len(pairs)} of {num_pairs} pairs played {games} games each")
            if not (points.min(initial=0) >= 0 and points.max(initial=0) <= games):
                raise ValueError("a pair has more points than games")
        return cls(pairs, points, games, num_pairs)


def suspects(matrix: Matrix) -> NDArray[np.intp]:
    """Return the indices of pairs, in the plan's order, that look one-sided."""
    rates = matrix.rates[matrix.plan.pairs]
    return np.flatnonzero(np.maximum(rates, 1 - rates) >= _SUSPICIOUS)


def play_rematches(
    data: _core.Data,
    matrix: Matrix,
    *,
    games: int = 60,
    threads: int | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Rematches:
    """Play fresh games of every pair that looks one-sided.

    Args:
        data: the compiled roster the matrix was measured with.
        matrix: of the round robin.
        games: of each such pair; even.
        threads: that play; all cores if None.
        report: called with games played and games to play, now and then.

    Raises:
        ValueError: if `games` is not an even number above 0.
    """
    if games < 2 or games % 2:
        raise ValueError(f"rematches must be an even number of games and 2 or more, got {games}")
    plan, chosen = matrix.plan, suspects(matrix)
    schedule = plan.rematches(chosen, games)
    results = play_games(
        data, schedule, frame_skip=plan.frame_skip, max_ticks=plan.max_ticks, threads=threads,
        report=report,
    )  # fmt: skip
    pairs = np.column_stack([plan.pairs[0][chosen], plan.pairs[1][chosen]]).astype(np.int64)
    side = np.repeat(pairs[:, 0], games) != schedule["characters"][:, 0]
    score = scores(results)[np.arange(len(results)), side.astype(np.intp)]
    points = score.reshape(len(pairs), games).sum(axis=1)
    return Rematches(pairs, points, games, plan.num_pairs)
