"""How many characters a thoughtful crowd of players would pick."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["TEMPERATURE", "alpha_rank", "metagame_size", "pick_entropy", "regularised_equilibrium"]

TEMPERATURE = 0.02
"""Of the equilibrium: the size depends on it, so it is fixed."""
_PICK_TEMPERATURE = 0.2


def regularised_equilibrium(
    payoff: NDArray[np.float64], temperature: float = TEMPERATURE
) -> NDArray[np.float64]:
    """Compute the equilibrium of a symmetric zero-sum game with an entropy bonus.

    Args:
        payoff: `[i, j]` is what i gains against j; antisymmetric, shape (N, N).
        temperature: weight of the entropy; the lower, the nearer to a Nash equilibrium.

    Returns:
        The only x with x = softmax(payoff @ x / temperature), shape (N,).

    Raises:
        RuntimeError: if Newton's method does not converge.
    """
    size = len(payoff)
    logits = np.zeros(size)
    level = max(1.0, temperature)
    while True:  # from hot, where the answer is near uniform, down to the temperature wanted
        logits = _newton(payoff, level, logits)
        if level == temperature:
            return _softmax(logits)
        level = max(level * 0.7, temperature)


def _newton(
    payoff: NDArray[np.float64], temperature: float, logits: NDArray[np.float64]
) -> NDArray[np.float64]:
    def gap(z: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(z - payoff @ _softmax(z) / temperature)

    for _ in range(200):
        x = _softmax(logits)
        now = gap(logits)
        size = float(np.abs(now).max())
        if size < 1e-10:
            return logits
        slope = np.eye(len(x)) - (payoff * x - np.outer(payoff @ x, x)) / temperature
        step = np.linalg.solve(slope, now)
        scale = 1.0
        while scale > 1e-6 and np.linalg.norm(gap(logits - scale * step)) > (
            1 - 0.1 * scale
        ) * np.linalg.norm(now):
            scale /= 2
        logits = logits - scale * step
    if size > 1e-6:
        raise RuntimeError(f"no equilibrium found at temperature {temperature}: error {size:.2g}")
    return logits


def _softmax(z: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(z - z.max())
    return np.asarray(weights / weights.sum())


def _entropy(weights: NDArray[np.float64]) -> float:
    positive = weights[weights > 0]
    return float(-(positive * np.log(positive)).sum())


def metagame_size(rates: NDArray[np.float64]) -> float:
    """Compute the effective metagame size: exp of the equilibrium's entropy.

    Args:
        rates: win rates, shape (N, N), `p + p.T == 1`. The payoff is `2 p - 1`.
    """
    return float(np.exp(_entropy(regularised_equilibrium(rates - rates.T))))


def pick_entropy(strength: NDArray[np.float64]) -> float:
    """Compute the entropy of picks softmax(strength / 0.2), as a share of the largest possible."""
    if len(strength) < 2:
        return 1.0
    return _entropy(_softmax(strength / _PICK_TEMPERATURE)) / float(np.log(len(strength)))


def alpha_rank(rates: NDArray[np.float64], *, intensity: float = 50.0) -> NDArray[np.float64]:
    """Compute the alpha-Rank of every character: its share of time in an evolving population.

    Args:
        rates: win rates, shape (N, N).
        intensity: of selection; population of 50.

    Returns:
        Shares, shape (N,).

    Source: Omidshafiei et al. 2019, "alpha-Rank: multi-agent evaluation by evolution", for one
    symmetric population.
    """
    size, population = len(rates), 50
    gain = np.clip(intensity * (rates - rates.T), -12, 12)  # beyond, nothing is left to chance
    invader = gain.T  # [i, j]: of one j among the i
    small = np.abs(invader) < 1e-9
    safe = np.where(small, 1.0, invader)
    fixation = np.where(small, 1 / population, np.expm1(-safe) / np.expm1(-population * safe))
    moves = fixation / max(size - 1, 1)
    np.fill_diagonal(moves, 0.0)
    np.fill_diagonal(moves, 1 - moves.sum(axis=1))
    system = np.vstack([moves.T - np.eye(size), np.ones(size)])
    shares = np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0]
    shares = np.maximum(shares, 0.0)
    return np.asarray(shares / shares.sum())
