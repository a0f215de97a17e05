"""One strength per character: Bradley-Terry by Newton's method, with pilots as covariates.

A difference of strengths is the logit of a win rate. Source: Bradley and Terry 1952, "Rank analysis
of incomplete block designs".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .matrix import NOT_PLAYED, Matrix

__all__ = ["Strengths", "fit_matrix", "fit_strengths"]

_PRIOR_PRECISION = 0.25  # of a character: one drawn game against the average one
_PILOT_PRECISION = 1e-3
_CHUNK = 1 << 20  # games held with their columns at a time


@dataclass(frozen=True)
class Strengths:
    """Strengths in logits; only differences mean anything, so the mean is 0."""

    value: NDArray[np.float64]
    """shape (N,)."""
    error: NDArray[np.float64]
    """shape (N,); standard error by bootstrap."""
    low: NDArray[np.float64]
    """shape (N,); 2.5 % point."""
    high: NDArray[np.float64]
    """shape (N,); 97.5 % point."""
    side: float
    """Advantage of side 0, logits."""
    side_error: float
    """Its standard error."""
    pilots: NDArray[np.float64]
    """shape (P,): strength of each pilot; empty if games were not labelled."""

    @property
    def spread(self) -> float:
        """Standard deviation of the true strengths: the errors' share is taken out."""
        variance = self.value.var(ddof=1) - float(np.mean(self.error**2))
        return float(np.sqrt(max(variance, 0.0)))

    @property
    def unshrunk(self) -> NDArray[np.float64]:
        """Strengths scaled so that their spread is the true one: for shares of characters.

        Source: Louis 1984, "Estimating a population of parameter values using Bayes and empirical
        Bayes methods".
        """
        raw = self.value.std(ddof=1)
        return self.value * (self.spread / raw if raw > 0 else 0.0)


def fit_matrix(matrix: Matrix, *, seed: int = 0, resamples: int = 200) -> Strengths:
    """Fit the strengths of a round robin; pilots are fixed covariates where games are labelled.

    Args:
        matrix: of the round robin.
        seed: of the bootstrap.
        resamples: of the bootstrap.
    """
    if matrix.outcomes is None:
        rows, columns = np.nonzero(matrix.sides.sum(axis=0))
        first = np.tile(rows, 3)
        second = np.tile(columns, 3)
        score = np.repeat([1.0, 0.5, 0.0], len(rows))
        weight = matrix.sides[:, rows, columns].ravel().astype(np.float64)
        return fit_strengths(
            first, second, score, weight, len(matrix.names), seed=seed, resamples=resamples
        )
    plan = matrix.plan
    kind_to_pilot, level_index = np.zeros(256, np.intp), np.zeros(256, np.intp)
    from .._core import BOTS

    for index, name in enumerate(plan.pilots):
        kind_to_pilot[BOTS[name]] = index
    level_index[list(plan.levels)] = np.arange(len(plan.levels))
    parts = []
    for start in range(0, plan.num_games, _CHUNK):
        stop = min(start + _CHUNK, plan.num_games)
        games = plan.games(start, stop)
        winner = matrix.outcomes[start:stop]
        pilots = kind_to_pilot[games["kinds"]] + len(plan.pilots) * level_index[games["levels"]]
        columns = np.column_stack([games["characters"], pilots, winner & 3]).astype(np.int64)
        kept, counts = np.unique(
            columns[winner != NOT_PLAYED], axis=0, return_counts=True
        )  # equal games are one row with their number as weight
        parts.append(np.column_stack([kept, counts]))
    table = np.concatenate(parts)
    return fit_strengths(
        table[:, 0],
        table[:, 1],
        np.array([1.0, 0.0, 0.5])[table[:, 4]],
        table[:, 5].astype(np.float64),
        len(matrix.names),
        pilots=(table[:, 2], table[:, 3]),
        num_pilots=len(plan.pilots) * len(plan.levels),
        seed=seed,
        resamples=resamples,
    )


def fit_strengths(
    first: NDArray[np.integer],
    second: NDArray[np.integer],
    score: NDArray[np.float64],
    weight: NDArray[np.float64],
    size: int,
    *,
    pilots: tuple[NDArray[np.integer], NDArray[np.integer]] | None = None,
    num_pilots: int = 0,
    seed: int = 0,
    resamples: int = 200,
) -> Strengths:
    """Fit logit P(first wins) = side + r[first] - r[second] + s[pilot] - s[its opponent's pilot].

    Args:
        first: character on side 0 of each row, shape (R,).
        second: character on side 1, shape (R,).
        score: 1 won by side 0, 0.5 drawn, 0 lost, shape (R,).
        weight: games the row stands for, shape (R,).
        size: number of characters.
        pilots: index of the pilot on each side, two of shape (R,); None: all alike.
        num_pilots: number of pilots.
        seed: of the bootstrap.
        resamples: bootstrap samples. Each is one Newton step from the fit with Poisson weights.

    Returns:
        The strengths.
    """
    plus, minus = [first], [second]
    if pilots is not None:
        plus.append(size + np.asarray(pilots[0]))
        minus.append(size + np.asarray(pilots[1]))
    total = size + num_pilots + 1  # the last parameter is the side's
    precision = np.full(total, _PRIOR_PRECISION)
    precision[size:] = _PILOT_PRECISION

    def chance(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        logit = theta[-1] + sum(theta[p] - theta[m] for p, m in zip(plus, minus, strict=True))
        return np.asarray(1 / (1 + np.exp(-logit)))

    def slope(error: NDArray[np.float64]) -> NDArray[np.float64]:
        out = np.zeros(total)
        for p, m in zip(plus, minus, strict=True):
            out += np.bincount(p, error, total) - np.bincount(m, error, total)
        out[-1] = error.sum()
        return out

    def curvature(rate: NDArray[np.float64]) -> NDArray[np.float64]:
        strength = weight * rate * (1 - rate)
        out = np.zeros(total * total)
        signed = [(p, 1.0) for p in plus] + [(m, -1.0) for m in minus]
        for a, sign_a in signed:
            for b, sign_b in signed:
                out += np.bincount(a * total + b, sign_a * sign_b * strength, total * total)
        matrix = out.reshape(total, total)
        matrix[-1] = matrix[:, -1] = slope(strength)
        matrix[-1, -1] = strength.sum()
        return matrix + np.diag(precision)

    theta = np.zeros(total)
    for _ in range(50):
        rate = chance(theta)
        step = np.linalg.solve(curvature(rate), slope(weight * (score - rate)) - precision * theta)
        theta = theta + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    rate = chance(theta)
    inverse = np.linalg.inv(curvature(rate))
    rng = np.random.default_rng(seed)
    samples = np.empty((resamples, total))
    for k in range(resamples):
        drawn = rng.poisson(weight) - weight
        samples[k] = theta + inverse @ slope(drawn * (score - rate))
    value = theta[:size] - theta[:size].mean()
    cloud = samples[:, :size] - samples[:, :size].mean(axis=1, keepdims=True)
    low, high = np.quantile(cloud, [0.025, 0.975], axis=0)
    own = theta[size:-1]
    return Strengths(
        value=value,
        error=cloud.std(axis=0),
        low=low,
        high=high,
        side=float(theta[-1]),
        side_error=float(samples[:, -1].std()),
        pilots=own - own.mean() if len(own) else own,
    )
