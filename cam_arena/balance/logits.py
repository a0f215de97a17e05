"""Logits of measured win rates, and their squares, without the bias of few games."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["logistic", "logits_and_variances"]

_MOST_GAMES_CORRECTED = 60  # beyond, the textbook estimators are as good


def logistic(logit: ArrayLike) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-logit))."""
    return np.asarray(1 / (1 + np.exp(-np.asarray(logit, np.float64))))


def logits_and_variances(
    wins: NDArray[np.integer], draws: NDArray[np.integer], games: NDArray[np.integer]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimate logit and sampling variance of every pair.

    The expectation of `logit` is the true one, and that of `logit**2 - variance` its square, for
    win rates of about 0.1 to 0.9 and 4 games or more. A draw is a coin that was never tossed: the
    estimates are the means over both ways it could fall.

    Args:
        wins: any shape.
        draws: the same shape.
        games: the same shape; where it is 0 both results are 0.

    Returns:
        Logits and variances. A variance may be negative: it is unbiased, not the best guess.

    Source: Gart and Zweifel 1967, "On the bias of various estimators of the logit and its variance
    with application to quantal bioassay", corrected by least squares for few games.
    """
    logit, variance = np.zeros(games.shape), np.zeros(games.shape)
    cells = np.stack([wins, draws, games], axis=-1).reshape(-1, 3)
    kinds, places = np.unique(cells, axis=0, return_inverse=True)
    values = np.zeros((len(kinds), 2))
    for row, (won, drawn, played) in enumerate(kinds.tolist()):
        if played:
            chances = _coin(drawn)
            tables = _tables(played)
            first, square = (table[won : won + drawn + 1] @ chances for table in tables)
            values[row] = first, first**2 - square
    places = places.reshape(games.shape)
    logit[...], variance[...] = values[places, 0], values[places, 1]
    return logit, variance


@lru_cache(maxsize=4096)
def _coin(tosses: int) -> NDArray[np.float64]:
    return np.asarray(binomial(tosses, np.array([0.5]))[0])


def binomial(games: int, rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the chances of 0..games wins, shape (len(rate), games + 1); rates inside (0, 1)."""
    won = np.arange(games + 1)
    log_ways = np.concatenate([[0.0], np.cumsum(np.log((games - won[:-1]) / won[1:]))])
    log_chance = log_ways + won * np.log(rate)[:, None] + (games - won) * np.log1p(-rate)[:, None]
    return np.asarray(np.exp(log_chance))


@lru_cache(maxsize=256)
def _tables(games: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return estimates of the logit and of its square for 0..games wins."""
    won = np.arange(games + 1.0)
    logit = np.log((won + 0.5) / (games - won + 0.5))
    square = logit**2 - (games + 1) * (games + 2) / (games * (won + 1) * (games - won + 1))
    if games > _MOST_GAMES_CORRECTED:
        return logit, square
    grid = np.linspace(-2.5, 2.5, 201)
    chances = binomial(games, logistic(grid))
    trust = np.exp(-((grid / 0.8) ** 2) / 2)
    centred = 2 * won / games - 1

    def corrected(
        table: NDArray[np.float64], truth: NDArray[np.float64], powers: tuple[int, ...]
    ) -> NDArray[np.float64]:
        basis = np.stack([centred**power for power in powers if power <= games], axis=1)
        left = np.concatenate([trust[:, None] * (chances @ basis), 0.02 * np.eye(basis.shape[1])])
        right = np.concatenate([trust * (truth - chances @ table), np.zeros(basis.shape[1])])
        return np.asarray(table + basis @ np.linalg.lstsq(left, right, rcond=None)[0])

    return corrected(logit, grid, (1, 3, 5)), corrected(square, grid**2, (0, 2, 4, 6))
