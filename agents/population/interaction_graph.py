"""Who trains against whom: one row for each member of a population.

Row i of a graph is sigma_i, the mixture over members that member i is a best response to. A row of
zeros is the sink: a member that never trains. Rows that are equal are the same policy, for they
have the same task.

Source: "NeuPL: Neural Population Learning" (arXiv 2202.07415), section 3. The rectified rows are
those of Balduzzi et al. 2019 (arXiv 1901.08106), made lower-triangular.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .solvers import META_SOLVERS, symmetric_payoff

__all__ = ["GRAPHS", "UNGROUNDED", "Graph", "effective", "interaction_graph"]

Graph = Literal[
    "self_play",
    "cycle",
    "latest",
    "fictitious_play",
    "nash",
    "rectified",
    "alpha_rank",
    "prd",
    "regret_matching",
]
Floats = NDArray[np.float64]
SAME_ROW = 3  # decimals in which rows must agree to be the same policy


def interaction_graph(graph: Graph, payoff: ArrayLike) -> Floats:
    """Compute the interaction graph of a population.

    Args:
        graph: `self_play`, everyone meets everyone as often; `cycle`, each member meets the next;
            and, with a sink in row 0 and nothing above the diagonal: `latest`, each meets the one
            before; `fictitious_play`, all before as often; `nash`, their equilibrium (PSRO-Nash);
            `rectified`, those of that equilibrium it does not lose to; `alpha_rank`, `prd` and
            `regret_matching`, these solutions of the members before.
        payoff: `[i, j]` is the expected return of i against j; antisymmetric, shape (M, M).

    Returns:
        Rows sum to 1, or are 0 where there is no opponent; shape (M, M).

    Raises:
        ValueError: for an unknown graph, or a matrix that is not antisymmetric.
    """
    if graph not in GRAPHS:
        raise ValueError(f"graph must be one of {list(GRAPHS)}, got {graph!r}")
    return GRAPHS[graph](symmetric_payoff(payoff))


def effective(graph: ArrayLike) -> NDArray[np.int64]:
    """Return, for each member, the first member with the same row: they are one policy.

    Args:
        graph: shape (M, M).

    Returns:
        Indices, shape (M,); as many different ones as there are effective policies.
    """
    rows = np.asarray(graph, np.float64).round(SAME_ROW)
    return np.array([int(np.flatnonzero((rows == row).all(1))[0]) for row in rows], np.int64)


def _self_play(payoff: Floats) -> Floats:
    return np.full(payoff.shape, 1 / len(payoff))


def _cycle(payoff: Floats) -> Floats:
    return np.roll(np.eye(len(payoff)), 1, axis=1)


def _grounded(mixture: Callable[[Floats, int], Floats]) -> Callable[[Floats], Floats]:
    """Return the graph whose row i mixes the members before i by `mixture(payoff, i)`."""

    def rows(payoff: Floats) -> Floats:
        graph = np.zeros(payoff.shape)
        for row in range(1, len(payoff)):
            graph[row, :row] = mixture(payoff, row)
        return graph

    return rows


def _solved(solver: str) -> Callable[[Floats], Floats]:
    return _grounded(lambda payoff, row: META_SOLVERS[solver](payoff[:row, :row]))


def _rectified(payoff: Floats, row: int) -> Floats:
    mixture = META_SOLVERS["nash"](payoff[:row, :row])
    beaten = mixture * (payoff[row, :row] >= 0)
    # Somebody who loses to all of the equilibrium has nobody to improve on but the equilibrium.
    return np.asarray(beaten / beaten.sum() if beaten.sum() > 1e-9 else mixture)


UNGROUNDED = ("self_play", "cycle")
"""Graphs without a sink, in which every member's task moves as long as the others train."""

GRAPHS: Mapping[str, Callable[[Floats], Floats]] = {
    "self_play": _self_play,
    "cycle": _cycle,
    "latest": _solved("latest"),
    "fictitious_play": _solved("uniform"),
    "nash": _solved("nash"),
    "rectified": _grounded(_rectified),
    "alpha_rank": _solved("alpha_rank"),
    "prd": _solved("prd"),
    "regret_matching": _solved("regret_matching"),
}
"""Solvers of `interaction_graph`."""
