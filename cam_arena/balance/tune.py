"""The tuning loop: measure, move a few statistics of who is too strong or weak, measure again.

A character has one number, its budget: the logarithm by which its statistics together are moved.
Budgets fall by 0.35 of the strength, stay within 15 %, and are spent on statistics in fixed order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..errors import BalanceError
from ..files import read_json, refusing, write_json
from ..roster.generator.tuning import tune as apply_factors
from .matrix import Matrix
from .round_robin import play_round_robin
from .schedule import Plan
from .spread import mean_rate_spread
from .strength import fit_matrix

__all__ = ["KNOBS", "Round", "TuningLoop", "spend"]

KNOBS: Final = {"max_hp": 60, "attack": 80, "cooldown_rate": 100, "spark_rate": 100}
"""Statistics in the order they are moved, and how far each may be, milli."""

MAX_DRIFT: Final = log(1.15)
"""Largest budget: a character that needs more is another one, and must be made anew."""
GAIN: Final = 0.35
"""Of a strength, taken from the budget a round."""
HYSTERESIS: Final = 0.06
"""Strengths nearer to 0 are left alone, logits."""
MAX_ROUNDS: Final = 12
"""Measurements at most."""


@dataclass(frozen=True)
class Round:
    """One measurement and the budgets it was made with."""

    budgets: tuple[float, ...]
    """By character: logarithm of the power added."""
    strengths: tuple[float, ...]
    """By character, logits, as measured with these budgets."""
    spread: float
    """Standard deviation of the true mean win rates."""


def spend(budget: float, stats: Mapping[str, int]) -> dict[str, int]:
    """Return the factors, milli, that spend a budget on a character's statistics.

    What one knob cannot take, because it or the statistic is at its limit, goes to the next.

    Args:
        budget: logarithm; clipped to `MAX_DRIFT`.
        stats: statistics before tuning; those of `KNOBS` at least.
    """
    left = float(np.clip(budget, -MAX_DRIFT, MAX_DRIFT))
    factors = {}
    for knob, reach in KNOBS.items():
        factor = min(max(round(1000 * exp(left)), 1000 - reach), 1000 + reach)
        tuned = apply_factors({knob: stats[knob]}, {knob: factor})[knob]
        if tuned == stats[knob]:
            continue
        factors[knob] = factor
        left -= log(tuned / stats[knob])
        if abs(left) < 0.002:
            break
    return factors


@dataclass
class TuningLoop:
    """Rounds of one tuning run, kept in a directory and gone on with from there."""

    arrays: Mapping[str, NDArray[Any]]
    """The compiled roster, as `Roster.arrays`."""
    rules: NDArray[Any]
    """The packed rules."""
    names: Sequence[str]
    """Characters in order of index."""
    plan: Plan
    """Of the first round; each round has a seed of its own, so that no luck is tuned to."""
    meta: Mapping[str, Any]
    """`roster_id` and `schools`."""
    folder: Path
    """Where rounds.json and the rounds' counts lie."""

    def __post_init__(self) -> None:
        """Read the rounds that were finished."""
        self.rounds: list[Round] = []
        self._about = {
            "plan": self.plan.describe(), "names": list(self.names), "meta": dict(self.meta),
            "gain": GAIN, "knobs": dict(KNOBS),
        }  # fmt: skip
        if self._file.exists():
            saved = read_json(self._file, BalanceError)
            with refusing(self._file, "rounds of a tuning; delete it", BalanceError):
                about, rounds = saved["about"], saved["rounds"]
                self.rounds = [
                    Round(tuple(r["budgets"]), tuple(r["strengths"]), r["spread"]) for r in rounds
                ]
            if about != self._about:
                raise BalanceError(
                    f"{self.folder} holds a run with another roster or plan; give another --out, "
                    "or delete it to begin anew"
                )

    @property
    def _file(self) -> Path:
        return self.folder / "rounds.json"

    @property
    def is_finished(self) -> bool:
        """Whether nobody is left to move, or the rounds are used up."""
        if len(self.rounds) >= MAX_ROUNDS:
            return True
        return bool(self.rounds) and self.next_budgets() == self.rounds[-1].budgets

    @property
    def best(self) -> Round:
        """The round with the least spread of mean win rates.

        Raises:
            ValueError: before the first round.
        """
        if not self.rounds:
            raise ValueError("no round has been played")
        return min(self.rounds, key=lambda done: done.spread)

    def next_budgets(self) -> tuple[float, ...]:
        """Return the budgets that the last round asks for; zeros before the first."""
        if not self.rounds:
            return (0.0,) * len(self.names)
        last = self.rounds[-1]
        return tuple(
            budget
            if abs(strength) < HYSTERESIS
            else float(np.clip(budget - GAIN * strength, -MAX_DRIFT, MAX_DRIFT))
            for budget, strength in zip(last.budgets, last.strengths, strict=True)
        )

    def factors(self, budgets: Sequence[float]) -> dict[str, dict[str, int]]:
        """Return the factors of each character that has any, milli, for budgets."""
        rows = self.arrays["characters"]
        found = {}
        for name, row, budget in zip(self.names, rows, budgets, strict=True):
            factors = spend(budget, {knob: int(row[knob]) for knob in KNOBS})
            if factors:
                found[name] = factors
        return found

    def data(self, budgets: Sequence[float]) -> _core.Data:
        """Return the compiled roster with budgets spent."""
        characters = self.arrays["characters"].copy()
        factors = self.factors(budgets)
        for name, row in zip(self.names, characters, strict=True):
            for knob, factor in factors.get(name, {}).items():
                row[knob] = apply_factors({knob: int(row[knob])}, {knob: factor})[knob]
        return _core.Data(self.rules, **{**self.arrays, "characters": characters})

    def play_round(
        self, *, threads: int | None = None, report: Callable[[int, int], None] | None = None
    ) -> Round:
        """Measure the next budgets; an interrupted round is gone on with.

        Args:
            threads: that play; all cores if None.
            report: called with games played and games to play.
        """
        number, budgets = len(self.rounds), self.next_budgets()
        state = self.folder / f"round_{number:02}.npz"
        matrix = play_round_robin(
            self.data(budgets),
            replace(self.plan, seed=(self.plan.seed + number) % 2**64),
            names=self.names,
            meta={**self.meta, "budgets": list(budgets)},
            state=state,
            threads=threads,
            report=report,
        )
        strengths = fit_matrix(matrix, resamples=2).value
        played = Round(budgets, tuple(strengths.tolist()), _spread(matrix))
        self.rounds.append(played)
        self._save()
        return played

    def _save(self) -> None:
        rounds = [
            {"budgets": done.budgets, "strengths": done.strengths, "spread": done.spread}
            for done in self.rounds
        ]
        write_json(self._file, {"about": self._about, "rounds": rounds}, indent=None)

    def exhausted(self) -> list[str]:
        """Return who has a spent budget and is too strong or weak still: to be made anew."""
        best = self.best
        return [
            name
            for name, budget, strength in zip(self.names, best.budgets, best.strengths, strict=True)
            if abs(budget) >= 0.999 * MAX_DRIFT
            and budget * strength < 0
            and abs(strength) >= 2 * HYSTERESIS
        ]


def _spread(matrix: Matrix) -> float:
    return mean_rate_spread(matrix.rates, matrix.draws, matrix.games).spread
