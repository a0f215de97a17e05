"""One strength per member from a table of games: Bradley-Terry, on the Elo scale.

A rating assumes that strength is transitive. In a population of unlike characters it is not: read
it beside the payoff matrix, never instead of it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from .intervals import Z_95

ELO_PER_NAT = 400 / math.log(10)  # a difference of 400 Elo is odds of 10 to 1


@dataclass(frozen=True)
class Ratings:
    """Strengths with intervals; only differences mean anything, so the mean is 0."""

    elo: NDArray[np.float64]
    """shape (M,); mean 0."""
    low: NDArray[np.float64]
    """shape (M,); lower end of the interval."""
    high: NDArray[np.float64]
    """shape (M,); upper end of the interval."""

    def expected(self, row: int, column: int) -> float:
        """Compute the win rate that the ratings predict for row against column."""
        return 1 / (1 + math.exp((self.elo[column] - self.elo[row]) / ELO_PER_NAT))


def bradley_terry(
    points: ArrayLike, games: ArrayLike, *, prior_games: float = 1.0, z: float = Z_95
) -> Ratings:
    """Fit Bradley-Terry strengths by maximum likelihood.

    Args:
        points: wins plus half the draws of row against column, shape (M, M).
        games: games of row against column, shape (M, M), symmetric; pairs that never met have 0.
        prior_games: drawn games against an average member given to each, which keep an unbeaten
            member finite.
        z: normal quantile of the interval.

    Returns:
        Ratings on the Elo scale, mean 0. Intervals come from the curvature of the likelihood (delta
        method).

    Raises:
        ValueError: if shapes are wrong or the points of a pair do not sum to its games.

    Source: Bradley and Terry 1952, "Rank analysis of incomplete block designs".
    """
    won, played = np.asarray(points, np.float64), np.asarray(games, np.float64)
    if won.ndim != 2 or won.shape[0] != won.shape[1] or won.shape != played.shape:
        raise ValueError(
            f"points and games must both be (M, M), got {won.shape} and {played.shape}"
        )
    won, played = won - np.diag(np.diag(won)), played - np.diag(np.diag(played))
    if not (np.array_equal(played, played.T) and np.allclose(won + won.T, played)):
        raise ValueError("the points of a pair must sum to its games, in both directions")
    if prior_games <= 0:
        raise ValueError(f"prior_games must be positive, got {prior_games}")

    def loss(strength: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        gap = strength[:, None] - strength[None, :]
        value = (won * np.logaddexp(0, -gap)).sum()
        slope = (played / (1 + np.exp(-gap)) - won).sum(axis=1)
        prior = prior_games * (np.logaddexp(0, -strength) + np.logaddexp(0, strength)).sum() / 2
        return value + prior, slope + prior_games * (1 / (1 + np.exp(-strength)) - 0.5)

    fit = minimize(
        loss, np.zeros(len(won)), jac=True, method="L-BFGS-B", options={"ftol": 1e-13, "gtol": 1e-9}
    )
    strength = np.asarray(fit.x, np.float64)
    rate = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
    weight = played * rate * (1 - rate)
    own = 1 / (1 + np.exp(-strength))
    curvature = np.diag(weight.sum(axis=1) + prior_games * own * (1 - own)) - weight
    centre = np.eye(len(won)) - 1 / len(won)
    error = np.sqrt(np.diag(centre @ np.linalg.inv(curvature) @ centre))
    elo = (strength - strength.mean()) * ELO_PER_NAT
    return Ratings(elo, elo - z * error * ELO_PER_NAT, elo + z * error * ELO_PER_NAT)


def elo_update(rating: float, opponent: float, score: float, *, k: float = 16.0) -> float:
    """Compute a rating after one game, for following strength while games are still played.

    Args:
        rating: Elo before the game.
        opponent: the other's Elo before the game.
        score: 1 won, 0.5 drawn, 0 lost.
        k: largest change a game can make, Elo.

    Returns:
        Elo after the game.
    """
    if not 0 <= score <= 1:
        raise ValueError(f"score must lie in [0, 1], got {score}")
    return rating + k * (score - 1 / (1 + math.exp((opponent - rating) / ELO_PER_NAT)))
