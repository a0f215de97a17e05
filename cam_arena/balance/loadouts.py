"""Scrolls and companions: which of them players would pick, and whether that leaves a choice.

Games are played with loadouts drawn at random, so that what a scroll is worth is its mean score: no
other part of the games depends on it. On top of that a scroll may suit one character more than
another. The spread of that is estimated over all cells of character and scroll, with the noise of
few games taken out, and a player who searches for the best answer picks by draws from what is then
known of each cell.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..errors import BalanceError
from ..files import refusing
from .gate import Gate
from .matrix import read_npz, write_npz
from .playing import play_games, scores
from .schedule import Plan

__all__ = ["KINDS", "Choice", "Loadouts", "play_loadouts"]

KINDS = ("scrolls", "companions")
_LEAST_PICKED, _MOST_PICKED = 0.015, 0.15
_DRAWS = 200


@dataclass(frozen=True)
class Choice:
    """What each character scored with each scroll, or with each companion."""

    names: tuple[str, ...]
    """Of the K scrolls or companions."""
    points: NDArray[np.float64]
    """shape (N, K): wins plus half the draws."""
    games: NDArray[np.int64]
    """shape (N, K)."""
    variance: float
    """Of one game's score about the mean of its cell."""

    @property
    def rates(self) -> NDArray[np.float64]:
        """Mean scores, shape (K,)."""
        return np.asarray(self.points.sum(axis=0) / np.maximum(self.games.sum(axis=0), 1))

    @property
    def order(self) -> list[int]:
        """Indices, best first."""
        return [int(k) for k in np.argsort(-self.rates, kind="stable")]

    @property
    def errors(self) -> NDArray[np.float64]:
        """Standard errors of the mean scores, shape (K,)."""
        return np.asarray(np.sqrt(self.variance / np.maximum(self.games.sum(axis=0), 1)))

    @property
    def _deviations(self) -> NDArray[np.float64]:
        """What neither the character nor the scroll explains, shape (N, K); 0 without games."""
        cells = np.where(self.games > 0, self.points / np.maximum(self.games, 1), self.rates)
        added = cells.mean(axis=0) + cells.mean(axis=1, keepdims=True) - cells.mean()
        return np.where(self.games > 0, cells - added, 0.0)

    @property
    def fit(self) -> float:
        """Standard deviation of how much better one suits a character than others, noise out."""
        rows, columns = self.points.shape
        freedom = (rows - 1) * (columns - 1) / (rows * columns)
        played = self.games > 0
        seen = float((self._deviations[played] ** 2).mean()) / freedom
        return float(np.sqrt(max(seen - self.variance * (1 / self.games[played]).mean(), 0.0)))

    def pick_rates(self, seed: int = 0) -> NDArray[np.float64]:
        """Return how often each is the best answer, shape (K,), over characters and draws.

        Args:
            seed: of the draws.
        """
        spread, rng = self.fit**2, np.random.default_rng(seed)
        kept = spread * self.games / (spread * self.games + self.variance)
        middle = self.rates + kept * self._deviations
        errors = np.sqrt(spread * (1 - kept))
        picks = np.zeros(len(self.names))
        for _ in range(_DRAWS):
            column = rng.normal(0.0, self.errors)  # a scroll's worth, too, is known up to noise
            cells = middle + column + rng.normal(size=middle.shape) * errors
            picks += np.bincount(cells.argmax(axis=1), minlength=len(self.names))
        return np.asarray(picks / picks.sum())


@dataclass(frozen=True)
class Loadouts:
    """What was measured of both kinds."""

    choices: Mapping[str, Choice]
    """By `KINDS`."""
    num_games: int
    """Games played."""
    roster_id: str
    """Of the roster they were played with."""

    def gates(self) -> tuple[Gate, ...]:
        """Return two rows a kind for the report."""
        rows = []
        for kind, choice in self.choices.items():
            picks = choice.pick_rates()
            note = f"share of best answers over {len(choice.points)} characters"
            for word, value, low, high in (
                ("least", picks.min(), _LEAST_PICKED, None),
                ("most", picks.max(), None, _MOST_PICKED),
            ):
                best = choice.names[int(picks.argmin() if word == "least" else picks.argmax())]
                rows.append(
                    Gate(
                        f"{kind}: pick rate of the {word} picked", float(value), low, high,
                        note=f"{best}; {note}",
                    )
                )  # fmt: skip
        return tuple(rows)

    def save(self, path: Path) -> None:
        """Write an .npz file."""
        arrays: dict[str, NDArray[Any]] = {}
        about: dict[str, Any] = {"num_games": self.num_games, "roster_id": self.roster_id}
        for kind, choice in self.choices.items():
            arrays |= {f"{kind}_points": choice.points, f"{kind}_games": choice.games}
            about |= {f"{kind}_names": list(choice.names), f"{kind}_variance": choice.variance}
        write_npz(path, arrays, about)

    @classmethod
    def load(cls, path: Path) -> "Loadouts":
        """Read what `save` wrote.

        Raises:
            BalanceError: if the file is missing or damaged.
        """
        arrays, about = read_npz(path)
        with refusing(path, "measured loadouts; measure again", BalanceError):
            choices = {
                kind: Choice(
                    tuple(map(str, about[f"{kind}_names"])),
                    arrays[f"{kind}_points"],
                    arrays[f"{kind}_games"],
                    float(about[f"{kind}_variance"]),
                )
                for kind in KINDS
            }
            for kind, choice in choices.items():
                points, games = choice.points, choice.games
                if games.dtype.kind != "i" or points.dtype.kind != "f" or choice.variance < 0:
                    raise ValueError(f"{kind} are no counts")
                if points.shape != games.shape or points.shape[1:] != (len(choice.names),):
                    raise ValueError(f"{kind} have shapes {points.shape} and {games.shape}")
                if not (points.min(initial=0) >= 0 and (points <= games).all()):
                    raise ValueError(f"{kind} have more points than games")
            return cls(choices, int(about["num_games"]), str(about["roster_id"]))


def play_loadouts(
    data: _core.Data,
    plan: Plan,
    *,
    names: Mapping[str, Sequence[str]],
    roster_id: str,
    threads: int | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Loadouts:
    """Play a round robin with loadouts drawn at random.

    Args:
        data: the compiled roster.
        plan: the games.
        names: of scrolls and companions, by `KINDS`.
        roster_id: of the roster.
        threads: that play; all cores if None.
        report: called with games played and games to play, now and then.
    """
    sizes = {kind: len(names[kind]) for kind in KINDS}
    games: NDArray[Any] = plan.games_with_loadouts(0, plan.num_games, **sizes)
    results = play_games(
        data, games, frame_skip=plan.frame_skip, max_ticks=plan.max_ticks, threads=threads,
        report=report,
    )  # fmt: skip
    score = scores(results)
    choices = {}
    for kind in KINDS:
        shape = (plan.num_characters, sizes[kind])
        points, played = np.zeros(shape), np.zeros(shape, np.int64)
        cell = (games["characters"], games[kind])
        np.add.at(points, cell, score)
        np.add.at(played, cell, 1)
        mean = points / np.maximum(played, 1)
        freedom = max(score.size - int((played > 0).sum()), 1)
        variance = float(((score - mean[cell]) ** 2).sum() / freedom)
        choices[kind] = Choice(tuple(names[kind]), points, played, variance)
    return Loadouts(choices, plan.num_games, roster_id)
