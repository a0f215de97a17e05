"""How sure a measured rate is: Wilson and Newcombe intervals, and intervals over training runs."""

import math

import numpy as np
import scipy.stats
from numpy.typing import ArrayLike, NDArray

Z_95 = 1.959963984540054  # two-sided 95 % point of the normal distribution
FEW_RUNS = 10  # below it the spread of the runs is known too badly to resample them
RESAMPLES = 2000


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


def over_runs(values: ArrayLike, *, level: float = 0.95) -> tuple[float, float] | None:
    """Compute an interval of the mean over independent training runs.

    Games of one training run are not independent of each other, so a run counts once. Below
    `FEW_RUNS` runs the interval is Student's t: a percentile bootstrap of three runs would be about
    their range, which holds the mean in 3 of 4 cases only. From `FEW_RUNS` on it is a percentile
    bootstrap, for runs that are not normally distributed, with its percentiles moved outwards as
    far as t is wider than the normal distribution.

    Args:
        values: one number per run, shape (runs,).
        level: coverage in (0, 1).

    Returns:
        Lower and upper bound; None with fewer than 2 runs, which say nothing of other runs. The
        same values give the same bounds.

    Source: Hesterberg 2015, "What Teachers Should Know About the Bootstrap", section 4.3 (expanded
    percentiles).
    """
    runs: NDArray[np.float64] = np.asarray(values, np.float64)
    count = len(runs)
    if count < 2:
        return None
    quantile = float(scipy.stats.t.ppf((1 + level) / 2, count - 1))
    if count < FEW_RUNS:
        half = quantile * float(runs.std(ddof=1)) / math.sqrt(count)
        return float(runs.mean()) - half, float(runs.mean()) + half
    rng = np.random.default_rng(0)
    means = runs[rng.integers(count, size=(RESAMPLES, count))].mean(axis=1)
    tail = float(scipy.stats.norm.cdf(-math.sqrt(count / (count - 1)) * quantile))
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def ratio_over_runs(ratios: ArrayLike) -> tuple[float, tuple[float, float] | None]:
    """Compute the mean of a ratio over independent training runs, and its interval.

    Both are of the logarithms: twice and half as much are equally far from no change.

    Args:
        ratios: one positive number per run, shape (runs,), at least one.

    Returns:
        The geometric mean; lower and upper bound at 95 %, None with fewer than 2 runs.

    Raises:
        ValueError: if a ratio is not positive.
    """
    runs: NDArray[np.float64] = np.asarray(ratios, np.float64)
    if not len(runs) or not (runs > 0).all():
        raise ValueError(f"ratios must be positive, at least one, got {runs.tolist()}")
    logs = np.log(runs)
    interval = over_runs(logs)
    mean = math.exp(float(logs.mean()))
    return mean, interval and (math.exp(interval[0]), math.exp(interval[1]))
