"""Whom to meet next: from results to a probability over opponents.

Two kinds. A *priority* reads how the learner fares against each opponent (`opponents`). A
*meta-strategy* reads how the members fare among themselves (`meta_strategy`): a symmetric zero-sum
game, of which it gives one mixture.

Priorities are those of "Grandmaster level in StarCraft II using multi-agent reinforcement learning"
(Vinyals et al. 2019, prioritised fictitious self-play). Meta-strategies are those of "A Unified
Game-Theoretic Approach to Multiagent Reinforcement Learning" (arXiv 1711.00832) and "alpha-Rank:
Multi-Agent Evaluation by Evolution" (Omidshafiei et al. 2019).
"""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import scipy.optimize
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "META_SOLVERS",
    "SOLVERS",
    "MetaSolver",
    "Solver",
    "alpha_rank",
    "fictitious_play",
    "meta_strategy",
    "nash",
    "opponents",
    "projected_replicator_dynamics",
    "regret_matching",
    "symmetric_payoff",
]

Solver = Literal["uniform", "pfsp_hard", "pfsp_var", "softmax", "nash"]
MetaSolver = Literal[
    "uniform",
    "latest",
    "pfsp_hard",
    "pfsp_var",
    "softmax",
    "fictitious_play",
    "regret_matching",
    "prd",
    "alpha_rank",
    "nash",
]
Floats = NDArray[np.float64]


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


def meta_strategy(solver: MetaSolver, payoff: ArrayLike) -> Floats:
    """Compute a mixture over the members of a population.

    Args:
        solver: a key of `META_SOLVERS`. `uniform`; `latest`, the newest member alone; `pfsp_hard`,
            `pfsp_var` and `softmax`, the priorities of the newest member, as in `opponents`;
            the others solve the game: see the function of that name.
        payoff: `[i, j]` is the expected return of i against j in [-1, 1]; antisymmetric, shape
            (M, M), oldest member first.

    Returns:
        Probabilities, shape (M,).

    Raises:
        ValueError: for an unknown solver, or a matrix that is not antisymmetric.
    """
    if solver not in META_SOLVERS:
        raise ValueError(f"solver must be one of {list(META_SOLVERS)}, got {solver!r}")
    return META_SOLVERS[solver](symmetric_payoff(payoff))


def symmetric_payoff(payoff: ArrayLike) -> Floats:
    """Check that a matrix is the payoff of a symmetric zero-sum game and return it as float64.

    Raises:
        ValueError: if it is empty, not square, not finite, or not antisymmetric.
    """
    matrix = np.asarray(payoff, np.float64)
    if (
        matrix.ndim != 2
        or not matrix.size
        or matrix.shape[0] != matrix.shape[1]
        or not np.allclose(matrix, -matrix.T, atol=1e-6)
    ):
        raise ValueError(f"payoff must be an antisymmetric square matrix, got {matrix.tolist()}")
    return (matrix - matrix.T) / 2


def nash(payoff: ArrayLike) -> Floats:
    """Compute the equilibrium of largest entropy of a symmetric zero-sum game.

    It is unique, so equal games give equal mixtures, and members that are copies of each other
    share their weight.

    Args:
        payoff: `[i, j]` is the expected return of i against j; antisymmetric, shape (M, M).

    Returns:
        Probabilities over the rows, shape (M,): no column earns more than the game's value, 0,
        against them.

    Raises:
        ValueError: if the matrix is not antisymmetric.

    Source: the choice that "NeuPL: Neural Population Learning" (arXiv 2202.07415) makes among
        equilibria. Solved by its dual, for which the support must be known: one linear program.
    """
    matrix = symmetric_payoff(payoff)
    size = len(matrix)
    if size == 1:
        return np.ones(1)
    matrix = matrix / max(np.abs(matrix).max(), 1e-12)
    point = _widest_equilibrium(matrix)
    inside = np.flatnonzero(point > 0)
    outside = np.flatnonzero(point <= 0)
    # x^T U is 0 in the support's columns and at least 0 in the others. Maximising entropy under
    # these constraints gives x ~ exp(U multipliers); the multipliers minimise log sum exp.
    columns = matrix[np.ix_(inside, np.r_[inside, outside])]
    free, signed = [(None, None)] * len(inside), [(0.0, None)] * len(outside)

    def dual(multipliers: Floats) -> tuple[float, Floats]:
        logits = columns @ multipliers
        top = logits.max()
        weights = np.exp(logits - top)
        total = weights.sum()
        return float(top + np.log(total)), columns.T @ (weights / total)

    found = scipy.optimize.minimize(
        dual,
        np.zeros(columns.shape[1]),
        jac=True,
        method="L-BFGS-B",
        bounds=free + signed,
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 2000},
    )
    logits = columns @ found.x
    weights = np.exp(logits - logits.max())
    # What the iterations left of the equalities is taken out exactly.
    equalities = np.r_[matrix[np.ix_(inside, inside)], np.ones((1, len(inside)))]
    weights = weights / weights.sum()
    target = np.r_[np.zeros(len(inside)), 1.0]
    weights -= np.linalg.lstsq(equalities, equalities @ weights - target, rcond=None)[0]
    strategy = np.zeros(size)
    strategy[inside] = np.maximum(weights, 0.0)
    strategy /= strategy.sum()
    # The dual has no finite minimum where rounding made up a support that no equilibrium has.
    best = min(strategy, point, key=lambda mixture: round(float((matrix @ mixture).max()), 9))
    return np.asarray(best, np.float64)


def _widest_equilibrium(matrix: Floats) -> Floats:
    """Return an equilibrium that plays whatever any equilibrium plays."""
    size = len(matrix)
    # Equilibria are the rays of the cone z >= 0, U^T z >= 0. On a long enough ray every action that
    # can be played at all is played at least once: maximise the sum of t <= min(z, 1).
    eye = np.eye(size)
    solution = scipy.optimize.linprog(
        np.r_[np.zeros(size), -np.ones(size)],
        A_ub=np.r_[np.c_[-matrix.T, np.zeros((size, size))], np.c_[-eye, eye]],
        b_ub=np.zeros(2 * size),
        bounds=[(0, 1e6)] * size + [(0, 1)] * size,
        options={"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9},
    )
    ray = np.where(solution.x[size:] > 0.5, solution.x[:size], 0.0)
    return np.asarray(ray / ray.sum())


def fictitious_play(payoff: ArrayLike, *, iterations: int = 10_000) -> Floats:
    """Compute the average of best responses to the average so far, from the uniform mixture.

    Args:
        payoff: antisymmetric, shape (M, M).
        iterations: best responses; what an opponent can gain falls about with their square root.

    Returns:
        Probabilities, shape (M,).

    Source: Brown 1951, "Iterative solution of games by fictitious play".
    """
    matrix = symmetric_payoff(payoff)
    mixture = np.full(len(matrix), 1 / len(matrix))
    values = matrix @ mixture
    for turn in range(2, iterations + 2):
        best = int(np.argmax(values))
        values += (matrix[:, best] - values) / turn
        mixture *= 1 - 1 / turn
        mixture[best] += 1 / turn
    return mixture


def regret_matching(payoff: ArrayLike, *, iterations: int = 5_000) -> Floats:
    """Compute the linearly weighted average of regret matching+ against itself.

    Args:
        payoff: antisymmetric, shape (M, M).
        iterations: turns.

    Returns:
        Probabilities, shape (M,).

    Source: Hart and Mas-Colell 2000; the + and the weights are those of Tammelin 2014,
        "Solving large imperfect information games using CFR+".
    """
    matrix = symmetric_payoff(payoff)
    mixture = even = np.full(len(matrix), 1 / len(matrix))
    regrets, average = np.zeros(len(matrix)), np.zeros(len(matrix))
    for turn in range(1, iterations + 1):
        values = matrix @ mixture
        regrets = np.maximum(regrets + values - mixture @ values, 0.0)
        total = regrets.sum()
        mixture = regrets / total if total > 0 else even
        average += turn * mixture
    return np.asarray(average / average.sum())


def projected_replicator_dynamics(
    payoff: ArrayLike, *, iterations: int = 20_000, dt: float = 0.01, floor: float = 1e-6
) -> Floats:
    """Compute the average over time of replicator dynamics that keep every weight above a floor.

    Args:
        payoff: antisymmetric, shape (M, M).
        iterations: steps.
        dt: length of a step.
        floor: least weight of a member, in [0, 1 / M].

    Returns:
        Probabilities, shape (M,).

    Source: Lanctot et al. 2017, "A Unified Game-Theoretic Approach to Multiagent Reinforcement
        Learning" (arXiv 1711.00832), section 3.3.
    """
    matrix = symmetric_payoff(payoff)
    if not 0 <= floor <= 1 / len(matrix):
        raise ValueError(f"floor must lie in [0, {1 / len(matrix):g}], got {floor}")
    mixture = np.full(len(matrix), 1 / len(matrix))
    average = np.zeros(len(matrix))
    for _ in range(iterations):
        values = matrix @ mixture
        moved = mixture + dt * mixture * (values - mixture @ values)
        mixture = moved if moved.min() >= floor else _project(moved, floor)
        average += mixture
    return np.asarray(average / average.sum())


def _project(point: Floats, floor: float) -> Floats:
    """Return the nearest distribution whose weights are at least `floor`."""
    size = len(point)
    mass = 1 - size * floor
    above = point - floor
    ordered = np.sort(above)[::-1]
    surplus = (np.cumsum(ordered) - mass) / np.arange(1, size + 1)
    count = int(np.flatnonzero(ordered > surplus)[-1]) if mass > 0 else 0
    return np.asarray(np.maximum(above - surplus[count], 0.0) + floor)


def alpha_rank(
    payoff: ArrayLike, *, alpha: float | None = None, epsilon: float = 0.01, population: int = 50
) -> Floats:
    """Compute the time that an evolving population spends with each member.

    Args:
        payoff: antisymmetric, shape (M, M).
        alpha: strength of selection; None: the limit of infinite strength.
        epsilon: in that limit, the chance that a worse member takes over.
        population: individuals, at least 2; without effect in the limit.

    Returns:
        Stationary distribution over the members, shape (M,).

    Source: Omidshafiei et al. 2019, "alpha-Rank: Multi-Agent Evaluation by Evolution", one
        population, local selection; the limit is that of Rowland et al. 2019 (arXiv 1909.09849).
    """
    matrix = symmetric_payoff(payoff)
    size = len(matrix)
    if size == 1:
        return np.ones(1)
    gain = 2 * matrix.T  # [s, r]: what a mutant r earns of a resident s, less what s earns of r
    if alpha is None:
        takeover = np.where(gain > 1e-12, 1 - epsilon, epsilon)
        takeover[np.abs(gain) <= 1e-12] = 0.5
    else:
        takeover = _fixation(alpha * gain, population)
    chain = takeover / (size - 1)
    np.fill_diagonal(chain, 0.0)
    np.fill_diagonal(chain, 1 - chain.sum(1))
    # pi (P - I) = 0 and sum pi = 1; an irreducible chain has one solution.
    system = np.r_[chain.T - np.eye(size), np.ones((1, size))]
    stationary = np.linalg.lstsq(system, np.r_[np.zeros(size), 1.0], rcond=None)[0]
    stationary = np.maximum(stationary, 0.0)
    return np.asarray(stationary / stationary.sum())


def _fixation(fitness: Floats, population: int) -> Floats:
    """Return the chance that one mutant, fitter by `fitness`, takes over the whole population."""
    safe = np.where(np.abs(fitness) < 1e-9, 1.0, fitness)
    # (1 - e^-u) / (1 - e^-mu), written so that neither sign overflows
    up = -np.expm1(-np.abs(safe)) / -np.expm1(-population * np.abs(safe))
    chance = np.where(safe > 0, up, up * np.exp(-(population - 1) * np.abs(safe)))
    # A chance of exactly 0 would break the chain into pieces.
    kept = np.maximum(chance, 1e-300)
    return np.asarray(np.where(np.abs(fitness) < 1e-9, 1 / population, kept))


def _latest(payoff: Floats) -> Floats:
    mixture = np.zeros(len(payoff))
    mixture[-1] = 1.0
    return mixture


def _prioritised(solver: Solver) -> Callable[[Floats], Floats]:
    """Return the mixture by which the newest member would be met by the others' hardness."""
    return lambda payoff: opponents(solver, np.clip((1 + payoff[-1]) / 2, 0, 1), floor=0.0)


SOLVERS: Mapping[str, Callable[[Floats], Floats]] = {
    "uniform": np.ones_like,
    "pfsp_hard": lambda rate: (1 - rate) ** 2,
    "pfsp_var": lambda rate: rate * (1 - rate),
    "softmax": lambda rate: np.exp(-(2 * rate - 1) / 0.25),
}
"""Priorities of `opponents`, up to a factor."""

META_SOLVERS: Mapping[str, Callable[[Floats], Floats]] = {
    "uniform": _prioritised("uniform"),
    "latest": _latest,
    "pfsp_hard": _prioritised("pfsp_hard"),
    "pfsp_var": _prioritised("pfsp_var"),
    "softmax": _prioritised("softmax"),
    "fictitious_play": fictitious_play,
    "regret_matching": regret_matching,
    "prd": projected_replicator_dynamics,
    "alpha_rank": alpha_rank,
    "nash": nash,
}
"""Solvers of `meta_strategy`."""
