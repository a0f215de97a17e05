"""The spread of mean win rates, without what few games add to it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MeanRates", "mean_rate_spread", "pair_share"]


@dataclass(frozen=True)
class MeanRates:
    """Mean win rate of each character over all opponents."""

    raw: NDArray[np.float64]
    """shape (N,): as measured."""
    error: NDArray[np.float64]
    """shape (N,): standard errors."""
    spread: float
    """Standard deviation of the true ones: the measured variance less the errors'."""
    low: float
    """2.5 % point of `spread`."""
    high: float
    """97.5 % point."""
    value: NDArray[np.float64]
    """shape (N,): measured ones scaled so that their spread is `spread`."""


def mean_rate_spread(
    rates: NDArray[np.float64], draws: NDArray[np.integer], games: NDArray[np.integer]
) -> MeanRates:
    """Estimate the spread of mean win rates.

    Args:
        rates: win rates, shape (N, N), 0.5 on the diagonal.
        draws: shape (N, N), symmetric.
        games: shape (N, N), symmetric.
    """
    size = len(rates)
    mean = (rates.sum(axis=1) - 0.5) / (size - 1)
    played = np.maximum(games, 1)
    score = rates * (1 - rates) - draws / played / 4  # of one game; a draw varies less
    unbiased = np.where(games > 1, score / np.maximum(played - 1, 1), 0.25)
    np.fill_diagonal(unbiased, 0.0)
    error = np.sqrt(np.maximum(unbiased.sum(axis=1), 0.0)) / (size - 1)
    raw = float(mean.var(ddof=1)) if size > 1 else 0.0
    noise = float(np.mean(error**2))
    spread = float(np.sqrt(max(raw - noise, 0.0)))
    doubt = raw * np.sqrt(2 / max(size - 1, 1))  # of a variance of `size` normal numbers
    low, high = (float(np.sqrt(max(raw - noise + z * doubt, 0.0))) for z in (-1.96, 1.96))
    scale = spread / np.sqrt(raw) if raw > 0 else 0.0
    return MeanRates(mean, error, spread, low, high, 0.5 + (mean - 0.5) * scale)


def pair_share(rates: NDArray[np.float64], limit: float) -> float:
    """Compute the share of pairs in which one side wins more than `limit`.

    Args:
        rates: win rates, shape (N, N).
        limit: in [0.5, 1).
    """
    upper = rates[np.triu_indices(len(rates), 1)]
    return float(np.mean(np.maximum(upper, 1 - upper) > limit))
