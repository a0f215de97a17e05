"""The gates of balance: what was measured, what is allowed and whether it holds, a row each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .extremes import Rematches
from .fights import fight_gates
from .gate import Gate
from .hodge import Decomposition, cyclic_triples, decompose, plausible_rates
from .matrix import TOTALS, Matrix
from .metagame import alpha_rank, metagame_size, pick_entropy
from .spread import MeanRates, mean_rate_spread, pair_share
from .strength import Strengths, fit_matrix

__all__ = ["Analysis", "Gate", "analyse"]

_DRAWS = 16
_LEAST_KIT_USE = 0.3  # ultimates a match by the pilot that uses fewest


@dataclass(frozen=True)
class Analysis:
    """All that is computed from a round robin."""

    strengths: Strengths
    """Of the characters."""
    decomposition: Decomposition
    """Of the win rates."""
    means: MeanRates
    """Mean win rates."""
    gates: tuple[Gate, ...]
    """Every row."""

    @property
    def passed(self) -> bool:
        """Whether every gate holds."""
        return all(gate.passed for gate in self.gates)


def analyse(
    matrix: Matrix,
    rematches: Rematches | None = None,
    *,
    probe: Gate | None = None,
    loadouts: Sequence[Gate] = (),
    seed: int = 0,
) -> Analysis:
    """Compute every statistic of a round robin and hold it against its limits.

    Pair shares, cyclic triples and the metagame size are means over matrices that the counts leave
    possible (`hodge.plausible_rates`); energies and spreads have their sampling variance taken out.

    Args:
        matrix: of a whole round robin.
        rematches: fresh games of the pairs that looked one-sided; without them the share of pairs
            beyond 85/15 is estimated from the matrix.
        probe: result of the open-loop probe, if it was run.
        loadouts: rows about scrolls and companions, if they were measured.
        seed: of bootstraps and draws.

    Raises:
        ValueError: if a pair has not met.
    """
    strengths = fit_matrix(matrix, seed=seed)
    found = decompose(matrix.wins, matrix.draws, matrix.games, seed=seed)
    means = mean_rate_spread(matrix.rates, matrix.draws, matrix.games)
    plausible = plausible_rates(found, draws=_DRAWS, seed=seed)
    gates = [
        *_mean_gates(means),
        *_pair_gates(matrix, plausible, rematches),
        *_cycle_gates(matrix, found, plausible),
        Gate("pick entropy", pick_entropy(strengths.unshrunk), low=0.95,
             raw=pick_entropy(strengths.value), note="entropy of softmax(r / 0.2) by log N"),
        *_match_gates(matrix),
        *fight_gates(matrix),
        *_reported(matrix, strengths, found),
    ]  # fmt: skip
    if probe is not None:
        gates.append(probe)
    gates += loadouts
    return Analysis(strengths, found, means, tuple(gates))


def _mean_gates(means: MeanRates) -> list[Gate]:
    inside = float(np.mean((means.value >= 0.44) & (means.value <= 0.56)))
    raw_inside = float(np.mean((means.raw >= 0.44) & (means.raw <= 0.56)))
    scaled = "scaled to the spread without noise"
    return [
        Gate("spread of mean win rates", means.spread, high=0.03, interval=(means.low, means.high),
             raw=float(means.raw.std(ddof=1)), note="standard deviation, sampling variance out"),
        Gate("lowest mean win rate", float(means.value.min()), low=0.40,
             raw=float(means.raw.min()), note=scaled),
        Gate("highest mean win rate", float(means.value.max()), high=0.60,
             raw=float(means.raw.max()), note=scaled),
        Gate("characters within 0.44 to 0.56", inside, low=0.95, raw=raw_inside, note=scaled),
    ]  # fmt: skip


def _over(
    plausible: list[NDArray[np.float64]], figure: Callable[[NDArray[np.float64]], float]
) -> tuple[float, tuple[float, float]]:
    values = [figure(rates) for rates in plausible]
    low, high = np.quantile(values, [0.025, 0.975])
    return float(np.mean(values)), (float(low), float(high))


def _pair_gates(
    matrix: Matrix, plausible: list[NDArray[np.float64]], rematches: Rematches | None
) -> list[Gate]:
    gates = []
    drawn = "mean over plausible matrices"
    for limit, low, high in ((0.60, 0.20, 0.40), (0.70, None, 0.08)):
        value, interval = _over(plausible, partial(pair_share, limit=limit))
        gates.append(
            Gate(f"pairs beyond {limit * 100:.0f}/{100 - limit * 100:.0f}", value, low, high,
                 interval, pair_share(matrix.rates, limit), drawn)
        )  # fmt: skip
    if rematches is None:
        value, interval = _over(plausible, partial(pair_share, limit=0.85))
        note = drawn
    else:
        value, *ends = rematches.share(0.85)
        interval = (ends[0], ends[1])
        note = f"{len(rematches.pairs)} suspects, {rematches.games} fresh games each"
    raw = pair_share(matrix.rates, 0.85)
    gates.append(Gate("pairs beyond 85/15", value, None, 0.002, interval, raw, note))
    return gates


def _cycle_gates(
    matrix: Matrix, found: Decomposition, plausible: list[NDArray[np.float64]]
) -> list[Gate]:
    triples, triple_ends = _over(plausible, cyclic_triples)
    size, size_ends = _over(plausible, metagame_size)
    drawn = f"mean over plausible matrices, n = {matrix.plan.games_per_pair}"
    return [
        Gate("cyclic energy", found.cyclic_energy, 0.5, 0.9, None, found.raw_cyclic_energy,
             "Hodge residual of the logits, sampling variance out"),
        Gate("cyclic triples", triples, 0.02, 0.08, triple_ends, cyclic_triples(matrix.rates),
             drawn),
        Gate("cyclic rank", found.cyclic_rank, low=5,
             note=f"singular pairs above the noise level {found.noise_level:.1f}"),
        Gate("effective metagame size", size, low=24, interval=size_ends,
             raw=metagame_size(matrix.rates), note=drawn),
    ]  # fmt: skip


def _match_gates(matrix: Matrix) -> list[Gate]:
    wins, draws, losses = (int(matrix.sides[k].sum()) for k in range(3))
    games = wins + draws + losses
    first = (wins + draws / 2) / games
    error = float(np.sqrt((first * (1 - first) - draws / games / 4) / games))
    fighters = 2 * games
    sums = matrix.totals.sum(axis=(0, 1))

    def per_fighter(name: str) -> float:
        return float(sums[TOTALS.index(name)]) / fighters

    behind = max(int(sums[TOTALS.index("behind")]), 1)
    return [
        Gate("win rate of side 0, minus one half", first - 0.5, -0.005, 0.005,
             (first - 0.5 - 1.96 * error, first - 0.5 + 1.96 * error)),
        Gate("the same in standard errors", (first - 0.5) / error if error else 0.0, -3.29, 3.29,
             note="beyond 3.29 once in a thousand fair measurements"),
        Gate("draws", draws / games, 0.005, 0.05),
        Gate("timeouts", float(matrix.timeouts.sum()) / games, 0.20, 0.45),
        Gate("slips a fighter and match", per_fighter("slips"), 1.5, 3.5),
        Gate("ultimates a fighter and match", per_fighter("ultimates"), 0.8, 2.0),
        Gate("comebacks", float(sums[TOTALS.index("comebacks")]) / behind, 0.12, 0.30,
             note="wins of those once 30 points of HP share behind"),
    ]  # fmt: skip


def _reported(matrix: Matrix, strengths: Strengths, found: Decomposition) -> list[Gate]:
    sums = matrix.totals.sum(axis=(0, 1)).astype(np.float64)
    fighters = max(sums[TOTALS.index("games")], 1.0)
    damage = {name: sums[TOTALS.index(name)] for name in TOTALS if name.startswith("damage_")}
    dealt = max(sum(damage.values()), 1.0)
    seconds = matrix.plan.max_ticks / 30 / (len(matrix.lengths) - 1)
    rows = [
        Gate(f"match length, {name}", _quantile(matrix.lengths, share) * seconds, note="s")
        for name, share in (("lower quartile", 0.25), ("median", 0.5), ("upper quartile", 0.75))
    ]
    rows.append(Gate("lead changes a match", sums[TOTALS.index("lead_changes")] / fighters))
    rows += [
        Gate(f"damage: {name.removeprefix('damage_')}", value / dealt,
             note="share, by what brought it")
        for name, value in damage.items()
    ]  # fmt: skip
    held = sums[TOTALS.index("held_up_ticks")] / max(sums[TOTALS.index("ticks")], 1.0)
    rows.append(Gate("time stunned, thrown, lying or held", held, note="share of fighters' time"))
    rows += [
        Gate(f"longest combo of a match, {name}", _quantile(matrix.combos, share), note="hits")
        for name, share in (("median", 0.5), ("95 % point", 0.95))
    ]
    shares = alpha_rank(matrix.rates)
    positive = shares[shares > 0]
    entropy = float(-(positive * np.log(positive)).sum()) / float(np.log(len(shares)))
    top = float(np.sum(found.singular_values[: found.cyclic_rank] ** 2))
    whole = max(float(np.sum(found.singular_values**2)), 1e-12)
    rows += [
        Gate("alpha-Rank entropy", entropy, note="as a share of log N, on the measured rates"),
        Gate("residual in its leading pairs", top / whole,
             note=f"share of energy in {found.cyclic_rank} singular pairs (mElo with 2k vectors)"),
        Gate("spread of strengths", strengths.spread, raw=float(strengths.value.std(ddof=1)),
             note="logits"),
        Gate("strongest pilot over weakest",
             float(np.ptp(strengths.pilots)) if len(strengths.pilots) else 0.0, note="logits"),
        Gate("ultimates a match by the least lavish pilot", _least_use(matrix),
             note=f"a pilot under {_LEAST_KIT_USE:g} judges itself, not the character"),
    ]  # fmt: skip
    return rows


def _quantile(histogram: NDArray[np.int64], share: float) -> float:
    return float(np.searchsorted(np.cumsum(histogram), share * histogram.sum()))


def _least_use(matrix: Matrix) -> float:
    games = matrix.totals[:, :, TOTALS.index("games")].sum(axis=0)
    used = matrix.totals[:, :, TOTALS.index("ultimates")].sum(axis=0)
    return float(np.min(used / np.maximum(games, 1)))
