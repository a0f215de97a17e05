"""Whom to meet next: from win rates to a probability over opponents.

Priorities are those of "Grandmaster level in StarCraft II using multi-agent reinforcement learning"
(Vinyals et al. 2019, prioritised fictitious self-play); Nash is that of "A Unified Game-Theoretic
Approach to Multiagent Reinforcement Learning" (arXiv 1711.00832), by linear programming.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import scipy.optimize
from numpy.typing import ArrayLike, NDArray

__all__ = ["SOLVERS", "Solver", "nash", "opponents"]

Solver = Literal["uniform", "pfsp_hard", "pfsp_var", "softmax", "nash"]


def opponents(
    solver: Solver, rates: ArrayLike, *, floor: float = 0.1, payoff: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Compute with which probability to meet each opponent.

    Args:
        solver: `uniform`; `pfsp_hard`, proportional to (1 - rate)^2; `pfsp_var`, to rate (1 -
            rate); `softmax`, to exp(-(2 rate - 1) / 0.25); `nash`, the column player's equilibrium
            of `payoff`.
        rates: win rates of the learner against each opponent, shape (M,), in [0, 1].
        floor: share that is spread evenly, in [0, 1], so that nobody is forgotten.
        payoff: of the opponents among themselves, shape (M, M), in [-1, 1]; only `nash` reads it.

    Returns:
        Probabilities, shape (M,).

    Raises:
        ValueError: for an unknown solver, no opponents, or rates outside [0, 1].
    """
    rate = np.asarray(rates, np.float64)
    if rate.ndim != 1 or not len(rate):
        raise ValueError(f"rates must be a vector of at least one opponent, got shape {rate.shape}")
    if not ((rate >= 0) & (rate <= 1)).all():
        raise ValueError(f"rates must lie in [0, 1], got {rate}")
    if solver == "nash":
        if payoff is None:
            raise ValueError("solver 'nash' needs the payoff of the opponents among themselves")
        weights = nash(payoff)
    elif solver in SOLVERS:
        weights = SOLVERS[solver](rate)
    else:
        raise ValueError(f"solver must be one of {[*SOLVERS, 'nash']}, got {solver!r}")
    total = weights.sum()
    even = np.full(len(rate), 1 / len(rate))
    return (1 - floor) * (weights / total if total > 0 else even) + floor * even


def nash(payoff: ArrayLike) -> NDArray[np.float64]:
    """Compute an equilibrium strategy of a symmetric zero-sum game.

    Args:
        payoff: `[i, j]` is the expected return of i against j; antisymmetric, shape (M, M).

    Returns:
        Probabilities over the rows, shape (M,): no column earns more than the game's value, 0,
        against them.

    Raises:
        ValueError: if the matrix is not antisymmetric.
    """
    matrix = np.asarray(payoff, np.float64)
    if (
        matrix.ndim != 2
        or matrix.shape[0] != matrix.shape[1]
        or not np.allclose(matrix, -matrix.T, atol=1e-6)
    ):
        raise ValueError(f"payoff must be an antisymmetric square matrix, got {matrix.tolist()}")
    size = len(matrix)
    # Maximise v subject to x^T U >= v in every column, x a distribution; variables are (x, v).
    solution = scipy.optimize.linprog(
        np.r_[np.zeros(size), -1.0],
        A_ub=np.c_[-matrix.T, np.ones(size)],
        b_ub=np.zeros(size),
        A_eq=np.r_[np.ones(size), 0.0][None],
        b_eq=[1.0],
        bounds=[(0, None)] * size + [(None, None)],
    )
    strategy = np.maximum(solution.x[:-1], 0.0)
    return np.asarray(strategy / strategy.sum())


SOLVERS: Mapping[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "uniform": np.ones_like,
    "pfsp_hard": lambda rate: (1 - rate) ** 2,
    "pfsp_var": lambda rate: rate * (1 - rate),
    "softmax": lambda rate: np.exp(-(2 * rate - 1) / 0.25),
}
