"""How sure a measured rate is: Wilson and Newcombe intervals, and a bootstrap over runs."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z_95 = 1.959963984540054  # two-sided 95 % point of the normal distribution


def wilson(points: float, games: float, *, z: float = Z_95) -> tuple[float, float]:
    """Compute the Wilson score interval of a win rate.

    Args:
        points: wins plus half the draws, in [0, games].
        games: number of games; with 0 the interval is (0, 1).
        z: normal quantile; the default gives 95 %.

    Returns:
        Lower and upper bound in [0, 1]. A draw counted as half a win has less variance than a win
        or a loss, so with draws the interval is wider than it needs to be.

    Raises:
        ValueError: if points lie outside [0, games].

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if games == 0:
        return 0.0, 1.0
    if not 0 <= points <= games:
        raise ValueError(f"points must lie in [0, games], got {points} of {games}")
    rate = points / games
    scale = 1 + z * z / games
    centre = (rate + z * z / (2 * games)) / scale
    half = z * math.sqrt(rate * (1 - rate) / games + z * z / (4 * games * games)) / scale
    # exact at the ends, where rounding would leave a speck
    low = 0.0 if points == 0 else max(0.0, centre - half)
    return low, 1.0 if points == games else min(1.0, centre + half)


def difference(
    points: float, games: float, base_points: float, base_games: float, *, z: float = Z_95
) -> tuple[float, float]:
    """Compute an interval of the difference of two independent win rates, first minus second.

    Args:
        points: wins plus half the draws of the first.
        games: games of the first.
        base_points: wins plus half the draws of the second.
        base_games: games of the second.
        z: normal quantile.

    Returns:
        Lower and upper bound in [-1, 1]; (-1, 1) where either has no games.

    Source: Newcombe 1998, "Interval estimation for the difference between independent proportions",
        method 10.
    """
    if games == 0 or base_games == 0:
        return -1.0, 1.0
    rate, base = points / games, base_points / base_games
    low, high = wilson(points, games, z=z)
    base_low, base_high = wilson(base_points, base_games, z=z)
    return (
        rate - base - math.hypot(rate - low, base_high - base),
        rate - base + math.hypot(high - rate, base - base_low),
    )


def bootstrap_mean(
    values: ArrayLike, *, rng: np.random.Generator, resamples: int = 2000, level: float = 0.95
) -> tuple[float, float]:
    """Compute a percentile bootstrap interval of the mean over independent runs.

    Games of one training run are not independent of each other: what is resampled are runs, one
    value each.

    Args:
        values: one number per run, shape (runs,).
        rng: source of the resamples.
        resamples: how many.
        level: coverage in (0, 1).

    Returns:
        Lower and upper bound.

    Raises:
        ValueError: with fewer than two runs.
    """
    runs: NDArray[np.float64] = np.asarray(values, np.float64)
    if runs.ndim != 1 or len(runs) < 2:
        raise ValueError(f"a bootstrap over runs needs at least 2 runs, got shape {runs.shape}")
    means = runs[rng.integers(len(runs), size=(resamples, len(runs)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
