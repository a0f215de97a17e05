"""Strengths from a table of games: Bradley-Terry on the Elo scale, OpenSkill, multidimensional Elo.

One number a member assumes that strength is transitive. In a population of unlike characters it is
not: read it beside the payoff matrix, never instead of it. Multidimensional Elo adds a term for
what goes in circles.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from openskill.models import PlackettLuce
from scipy.linalg import schur
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


def expected_rates(elo: ArrayLike) -> NDArray[np.float64]:
    """Compute the win rates that Elo ratings predict, shape (M, M)."""
    strength = np.asarray(elo, np.float64) / ELO_PER_NAT
    return np.asarray(1 / (1 + np.exp(strength[None, :] - strength[:, None])))


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


@dataclass(frozen=True)
class OpenSkill:
    """Beliefs about strengths; what is surely reached is mu - 3 sigma."""

    mu: NDArray[np.float64]
    """shape (M,); 25 where nothing is known."""
    sigma: NDArray[np.float64]
    """shape (M,); standard deviation of the belief."""

    @property
    def ordinal(self) -> NDArray[np.float64]:
        """What is surely reached, mu - 3 sigma, shape (M,)."""
        return self.mu - 3 * self.sigma


def open_skill(
    wins: ArrayLike, draws: ArrayLike, *, rng: np.random.Generator, max_games: int = 20_000
) -> OpenSkill:
    """Follow strengths game by game, in a random order since all were played at once.

    Args:
        wins: games that row won against column, shape (M, M).
        draws: shape (M, M), symmetric.
        rng: source of the order.
        max_games: beyond them a random sample is rated.

    Returns:
        The beliefs after the last game.

    Source: Weng and Lin 2011, "A Bayesian approximation method for online ranking" (Plackett-Luce),
        as the openskill package has it.
    """
    won, drawn = np.asarray(wins, np.int64), np.asarray(draws, np.int64)
    if won.ndim != 2 or won.shape[0] != won.shape[1] or won.shape != drawn.shape:
        raise ValueError(f"wins and draws must both be (M, M), got {won.shape} and {drawn.shape}")
    games = [
        np.repeat([[i, j, is_draw]], counts[i, j], axis=0)
        for is_draw, counts in ((0, won), (1, np.triu(drawn, 1)))
        for i, j in zip(*np.nonzero(counts), strict=True)
        if i != j
    ]
    order = rng.permutation(np.concatenate(games)) if games else np.zeros((0, 3), np.int64)
    model = PlackettLuce()
    ratings = [model.rating() for _ in range(len(won))]
    for i, j, is_draw in order[:max_games].tolist():
        ranks = [1.0, 1.0] if is_draw else [1.0, 2.0]
        [ratings[i]], [ratings[j]] = model.rate([[ratings[i]], [ratings[j]]], ranks=ranks)
    return OpenSkill(
        np.array([rating.mu for rating in ratings]), np.array([rating.sigma for rating in ratings])
    )


@dataclass(frozen=True)
class MultiElo:
    """A strength for each member, and a place in the plane for what goes in circles."""

    elo: NDArray[np.float64]
    """shape (M,); mean 0."""
    circles: NDArray[np.float64]
    """shape (M, 2 k)."""

    def expected(self) -> NDArray[np.float64]:
        """Compute predicted win rates, shape (M, M); rows and columns sum to 1 crosswise."""
        gap = (self.elo[:, None] - self.elo[None, :]) / ELO_PER_NAT
        return np.asarray(1 / (1 + np.exp(-gap - _turns(self.circles))))


def multi_elo(points: ArrayLike, games: ArrayLike, *, k: int = 1, prior: float = 1.0) -> MultiElo:
    """Fit multidimensional Elo by maximum likelihood.

    Args:
        points: wins plus half the draws of row against column, shape (M, M).
        games: shape (M, M), symmetric.
        k: planes; each can hold one way in which members beat each other in circles.
        prior: weight of the squares of all parameters, which keeps an unbeaten member finite.

    Returns:
        The fit.

    Source: Balduzzi et al. 2018, "Re-evaluating evaluation" (arXiv 1806.02643), mElo2k: the logit
        of a win is r_i - r_j + c_i^T Omega c_j. Fitted to all counts at once, not game by game,
        starting at the largest rotations of what Elo leaves over.
    """
    elo = bradley_terry(points, games).elo
    won, played = np.asarray(points, np.float64), np.asarray(games, np.float64)
    size, width = len(won), 2 * k
    if k < 1 or width > size:
        raise ValueError(f"k must be 1..{size // 2} for {size} members, got {k}")
    strength = elo / ELO_PER_NAT
    rates = (won + 0.5) / (played + 1)
    left = np.log(rates / (1 - rates)) - (strength[:, None] - strength[None, :])
    left = np.where(played > 0, (left - left.T) / 2, 0.0)
    np.fill_diagonal(left, 0)
    rotation, basis = schur(left)
    turn = np.array([abs(rotation[i, i + 1]) for i in range(size - 1)])
    start = np.zeros((size, width))
    for plane in range(k):
        at = int(turn.argmax())
        scale = math.sqrt(max(turn[at], 1e-3))
        start[:, 2 * plane] = basis[:, at] * scale
        start[:, 2 * plane + 1] = basis[:, at + 1] * scale * (np.sign(rotation[at, at + 1]) or 1)
        turn[max(0, at - 1) : at + 2] = 0

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        r, c = flat[:size], flat[size:].reshape(size, width)
        gap = r[:, None] - r[None, :] + _turns(c)
        value = (won * np.logaddexp(0, -gap)).sum() + prior * (flat**2).sum() / 2
        slope = played / (1 + np.exp(-gap)) - won  # of both directions of a pair together
        return value, np.r_[slope.sum(axis=1), (slope @ _turned(c)).ravel()] + prior * flat

    fit = minimize(loss, np.r_[strength, start.ravel()], jac=True, method="L-BFGS-B")
    r = fit.x[:size]
    return MultiElo((r - r.mean()) * ELO_PER_NAT, fit.x[size:].reshape(size, width))


def _turned(circles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Omega c: every plane turned by a quarter."""
    turned = np.empty_like(circles)
    turned[:, ::2], turned[:, 1::2] = circles[:, 1::2], -circles[:, ::2]
    return turned


def _turns(circles: NDArray[np.float64]) -> NDArray[np.float64]:
    """c_i^T Omega c_j for all pairs, antisymmetric."""
    return np.asarray(circles @ _turned(circles).T)


def log_loss(expected: ArrayLike, points: ArrayLike, games: ArrayLike) -> float:
    """Compute the mean surprise of a game, nats, under predicted win rates.

    Args:
        expected: shape (M, M).
        points: shape (M, M).
        games: shape (M, M); what predictions are judged by should not be what they were fitted to.
    """
    chance = np.clip(np.asarray(expected, np.float64), 1e-12, 1)
    return float(-(np.asarray(points) * np.log(chance)).sum() * 2 / np.asarray(games).sum())


def halves(
    wins: ArrayLike, draws: ArrayLike, games: ArrayLike, *, rng: np.random.Generator
) -> tuple[tuple[NDArray[np.float64], NDArray[np.int64]], ...]:
    """Split the games of every pair at random in two, one half to fit and one to judge.

    Returns:
        Twice points and games, each shape (M, M).
    """
    won, drawn, played = (np.asarray(x, np.int64) for x in (wins, draws, games))
    kept_won, kept_drawn = np.zeros_like(won), np.zeros_like(won)
    for i, j in zip(*np.nonzero(np.triu(played, 1)), strict=True):
        counts = [won[i, j], drawn[i, j], won[j, i]]
        a, d, b = rng.multivariate_hypergeometric(counts, int(played[i, j]) // 2)
        kept_won[i, j], kept_won[j, i] = a, b
        kept_drawn[i, j] = kept_drawn[j, i] = d
    first = kept_won + kept_drawn / 2, kept_won + kept_won.T + kept_drawn
    return first, (won + drawn / 2 - first[0], played - first[1])
