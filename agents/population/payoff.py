"""Counts of wins, draws and games between members; rates are computed, never stored."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..intervals import wilson

__all__ = ["Payoff"]


class Payoff:
    """Results of row members against column members."""

    def __init__(self, rows: int, columns: int) -> None:
        """Start without games."""
        # Not integers: what `forget` leaves are fractions, and cutting them off would take a little
        # from wins and draws every time.
        self.wins = np.zeros((rows, columns))
        self.draws = np.zeros((rows, columns))
        self.games = np.zeros((rows, columns))

    def add(self, row: int, column: int, points: float) -> None:
        """Count one game.

        Args:
            row: member whose result it is.
            column: its opponent.
            points: 1 won, 0.5 drawn, 0 lost.
        """
        self.wins[row, column] += points == 1
        self.draws[row, column] += points == 0.5
        self.games[row, column] += 1

    def grow(self, rows: int, columns: int) -> None:
        """Make room for new members; what was counted stays."""
        for name in ("wins", "draws", "games"):
            old = getattr(self, name)
            new = np.zeros((rows, columns))
            new[: old.shape[0], : old.shape[1]] = old
            setattr(self, name, new)

    def merge(self, counts: NDArray[np.int64] | NDArray[np.float64]) -> None:
        """Add what `counts` of other tables returned, shape (3, rows, columns)."""
        self.wins += counts[0]
        self.draws += counts[1]
        self.games += counts[2]

    def counts(self) -> NDArray[np.float64]:
        """Return wins, draws and games, shape (3, rows, columns)."""
        return np.stack([self.wins, self.draws, self.games])

    def forget(self, memory: int) -> None:
        """Scale pairs with more than `memory` games down to it: old games say little."""
        scale = np.minimum(1.0, memory / np.maximum(self.games, 1))
        for name in ("wins", "draws", "games"):
            setattr(self, name, getattr(self, name) * scale)

    def rates(self, *, prior_games: float = 0.0) -> NDArray[np.float64]:
        """Return win rates, draws as half, shape (rows, columns).

        Args:
            prior_games: games at 0.5 that every pair is taken to have played; pairs without any are
                0.5.
        """
        points = self.wins + 0.5 * self.draws + 0.5 * prior_games
        games = self.games + prior_games
        rates: NDArray[np.float64] = np.full(points.shape, 0.5)
        np.divide(points, games, out=rates, where=games > 0)
        return rates

    def interval(self, row: int, column: int) -> tuple[float, float]:
        """Return the 95 % Wilson interval of a pair's win rate."""
        points = self.wins[row, column] + 0.5 * self.draws[row, column]
        return wilson(float(points), float(self.games[row, column]))

    def state(self) -> dict[str, Any]:
        """Return the counts, as JSON."""
        return {name: getattr(self, name).tolist() for name in ("wins", "draws", "games")}

    @classmethod
    def from_state(cls, state: Mapping[str, Sequence[Sequence[float]]]) -> "Payoff":
        """Return the table that `state` described.

        Raises:
            ValueError: if the counts contradict each other.
        """
        arrays = {
            # An empty list has lost its second axis.
            name: np.array(state[name], np.float64) if state[name] else np.zeros((0, 0))
            for name in ("wins", "draws", "games")
        }
        if len({array.shape for array in arrays.values()}) != 1 or arrays["games"].ndim != 2:
            raise ValueError("wins, draws and games must be tables of one shape")
        if (arrays["wins"] + arrays["draws"] > arrays["games"] + 1e-6).any() or min(
            a.min(initial=0) for a in arrays.values()
        ) < 0:
            raise ValueError("counts must not be negative, nor wins and draws exceed games")
        payoff = cls(*arrays["games"].shape)
        payoff.merge(np.stack([arrays["wins"], arrays["draws"], arrays["games"]]))
        return payoff
