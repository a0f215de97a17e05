"""Counts of wins, draws and games between members; rates are computed, never stored."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from cam_arena.errors import CheckpointError
from cam_arena.files import read_json, refusing, write_json

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

    def meet(self, row: int, column: int, *, wins: int, draws: int, games: int) -> None:
        """Count games of two members of one population, from both sides.

        Args:
            row: a member.
            column: another.
            wins: of the first over the second.
            draws: between them.
            games: of which the rest were lost.

        Raises:
            ValueError: if the table is not square, or it is a member's game with itself.
        """
        if self.games.shape[0] != self.games.shape[1] or row == column:
            raise ValueError(
                f"members {row} and {column} cannot meet in a table of shape {self.games.shape}: "
                "it takes two members of one population"
            )
        for a, b, won in ((row, column, wins), (column, row, games - wins - draws)):
            self.wins[a, b] += won
            self.draws[a, b] += draws
            self.games[a, b] += games

    def clear(self, member: int) -> None:
        """Drop the games of a member that is no longer who played them."""
        for name in ("wins", "draws", "games"):
            table = getattr(self, name)
            table[member], table[:, member] = 0, 0

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

    def credible(
        self, row: int, column: int, *, level: float = 0.95, prior_games: float = 2.0
    ) -> tuple[float, float]:
        """Return a Bayesian interval of a pair's win rate; defined without any game too.

        Args:
            row: a member.
            column: its opponent.
            level: probability that the rate lies inside, in (0, 1).
            prior_games: games at 0.5 that the prior is worth; 2 is the uniform prior.

        Returns:
            Equal-tailed bounds of the Beta posterior; a draw counts as half a win, half a loss.
        """
        points = self.wins[row, column] + 0.5 * self.draws[row, column]
        posterior = scipy.stats.beta(
            points + prior_games / 2, self.games[row, column] - points + prior_games / 2
        )
        return float(posterior.ppf((1 - level) / 2)), float(posterior.ppf((1 + level) / 2))

    @property
    def missing(self) -> NDArray[np.bool_]:
        """True where two different members have no game; shape (rows, columns)."""
        never: NDArray[np.bool_] = self.games == 0
        if never.shape[0] == never.shape[1]:
            np.fill_diagonal(never, False)
        return never

    def matrix(self, *, prior_games: float = 0.0) -> NDArray[np.float64]:
        """Return the game that the members of one population play, shape (M, M).

        Args:
            prior_games: as of `rates`.

        Returns:
            2 W - 1 in [-1, 1]; antisymmetric to the last bit, 0 where a pair has not met.

        Raises:
            ValueError: if the table is not square.
        """
        if self.games.shape[0] != self.games.shape[1]:
            raise ValueError(f"only a square table is a game, got shape {self.games.shape}")
        rates = self.rates(prior_games=prior_games)
        return rates - rates.T

    def save(self, path: Path) -> None:
        """Write the counts as JSON; a reader never sees half a file."""
        write_json(path, self.state(), indent=None)

    @classmethod
    def load(cls, path: Path) -> "Payoff":
        """Read what `save` wrote.

        Raises:
            CheckpointError: naming the file, if it is missing, damaged or holds impossible counts.
        """
        state = read_json(path, CheckpointError)
        with refusing(path, "counts of games", CheckpointError):
            return cls.from_state(state)

    def state(self) -> dict[str, Any]:
        """Return the counts, as JSON."""
        return {name: getattr(self, name).tolist() for name in ("wins", "draws", "games")}

    @classmethod
    def from_state(cls, state: Mapping[str, Sequence[Sequence[float]]]) -> "Payoff":
        """Return the table that `state` described.

        Raises:
            ValueError: if the counts contradict each other, or are not finite.
            KeyError, TypeError: if it is no such description.
        """
        arrays = {
            # An empty list has lost its second axis.
            name: np.array(state[name], np.float64) if state[name] else np.zeros((0, 0))
            for name in ("wins", "draws", "games")
        }
        if len({array.shape for array in arrays.values()}) != 1 or arrays["games"].ndim != 2:
            raise ValueError("wins, draws and games must be tables of one shape")
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise ValueError("counts must be finite")
        if (arrays["wins"] + arrays["draws"] > arrays["games"] + 1e-6).any() or min(
            a.min(initial=0) for a in arrays.values()
        ) < 0:
            raise ValueError("counts must not be negative, nor wins and draws exceed games")
        payoff = cls(*arrays["games"].shape)
        payoff.merge(np.stack([arrays["wins"], arrays["draws"], arrays["games"]]))
        return payoff
