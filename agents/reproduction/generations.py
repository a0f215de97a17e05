"""Generations of a shared policy against each other: does training advance, and does it converge?

The nodes are generations, each playing all characters ("Breaking the Mold", arXiv 2410.02128,
figure 5); generation 0 is random play, the sink that every population of NeuPL begins with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cam_arena.errors import CheckpointError
from cam_arena.files import read_json, refusing, write_json

from ..evaluate import Table
from ..intervals import difference, wilson
from ..population.exploitability import relative_population_performance
from ..population.payoff import Payoff
from .long_tournament import Seat, Tournament

__all__ = [
    "FILE_NAME",
    "SINK",
    "Generations",
    "against_last",
    "generation_seats",
    "load",
    "save",
    "tournament_of",
]

FILE_NAME = "generations.json"
SINK = "random:3"


@dataclass(frozen=True)
class Generations:
    """G generations by C characters, all met."""

    names: tuple[str, ...]
    """G, oldest first."""
    wins: NDArray[np.int64]
    """shape (G, G, C, C): games that row generation as row character won."""
    draws: NDArray[np.int64]
    """shape (G, G, C, C)."""
    games: NDArray[np.int64]
    """shape (G, G, C, C); 0 for a generation against itself."""

    @property
    def payoff(self) -> Payoff:
        """Counts over all characters, (G, G)."""
        size = len(self.names)
        payoff = Payoff(size, size)
        payoff.merge(np.stack([x.sum(axis=(2, 3)) for x in (self.wins, self.draws, self.games)]))
        return payoff

    def row_means(self) -> list[tuple[float, float, float]]:
        """Compute each generation's win rate over all others, with its 95 % Wilson interval."""
        payoff = self.payoff
        points, games = (payoff.wins + payoff.draws / 2).sum(axis=1), payoff.games.sum(axis=1)
        return [(p / g, *wilson(float(p), float(g))) for p, g in zip(points, games, strict=True)]

    def falls(self) -> list[tuple[str, float, float]]:
        """Return the generations whose row mean is clearly below the one before.

        Both rows are compared over the generations that neither of them is, so that they met the
        same opponents.

        Returns:
            Name, and the 95 % interval (Newcombe) of the change, whose upper end is below 0.
        """
        payoff = self.payoff
        points, games = payoff.wins + payoff.draws / 2, payoff.games
        found = []
        for g in range(1, len(self.names)):
            others = [h for h in range(len(self.names)) if h not in (g, g - 1)]
            if not others:
                continue
            low, high = difference(
                float(points[g, others].sum()), float(games[g, others].sum()),
                float(points[g - 1, others].sum()), float(games[g - 1, others].sum()),
            )  # fmt: skip
            if high < 0:
                found.append((self.names[g], low, high))
        return found

    def steps(self) -> list[tuple[float, float, float]]:
        """Compute the win rate of each generation against the one before, 95 % Wilson interval."""
        payoff = self.payoff
        found = []
        for g in range(1, len(self.names)):
            points = float(payoff.wins[g, g - 1] + payoff.draws[g, g - 1] / 2)
            games = float(payoff.games[g, g - 1])
            found.append((points / games, *wilson(points, games)))
        return found

    def performance(
        self, row: int, column: int, *, rng: np.random.Generator, resamples: int = 200
    ) -> tuple[float, float, float]:
        """Compute the relative population performance of two generations.

        The members of both populations are the characters; the value of their game is what the
        row's best mixture of characters earns against the column's.

        Args:
            row: index of the generation whose view it is.
            column: of the other.
            rng: source of the resamples.
            resamples: of the games of every cell, for the interval.

        Returns:
            The value in [-1, 1], and a 95 % interval (parametric bootstrap over games).

        Source: Liu et al. 2022, "NeuPL" (arXiv 2202.07415), section 4, after Balduzzi et al. 2019.
        """
        games = np.maximum(self.games[row, column], 1)
        chances = np.stack(
            [
                self.wins[row, column] / games,
                self.draws[row, column] / games,
                self.wins[column, row].T / games,
            ],
            axis=-1,
        )
        value = relative_population_performance(chances[..., 0] - chances[..., 2])
        drawn = []
        for _ in range(resamples):
            counts = rng.multinomial(games, chances / chances.sum(axis=-1, keepdims=True))
            drawn.append(relative_population_performance((counts[..., 0] - counts[..., 2]) / games))
        low, high = np.quantile(drawn, [0.025, 0.975])
        return value, float(low), float(high)


def generation_seats(run: Path, characters: Sequence[int]) -> tuple[tuple[str, ...], list[Seat]]:
    """List the generations of a run as seats, all characters of one after those of another.

    Args:
        run: directory of the self-play run that trained the shared policy.
        characters: C indices in the roster.

    Returns:
        G names, and G C seats.
    """
    policies = [SINK, *(str(path) for path in sorted((run / "snapshots").glob("*")))]
    policies.append(str(run / "policy"))
    names = tuple(str(index) for index in range(len(policies)))
    seats = [
        Seat(f"generation {name} as {character}", policy, character)
        for name, policy in zip(names, policies, strict=True)
        for character in characters
    ]
    return names, seats


def tournament_of(
    seats: Sequence[Seat], count: int, *, games: int, seed: int, options: dict[str, object]
) -> Tournament:
    """Plan that all generations meet all others, every character playing every character.

    Args:
        seats: as `generation_seats` lists them.
        count: number of characters C.
        games: per pair of generations, spread evenly over the C^2 pairs of characters: rounded to
            an even number for each, at least 2.
        seed: of the games.
        options: of the matches.
    """
    size = len(seats) // count
    pairings = tuple(
        (g * count + i, h * count + j)
        for g in range(size)
        for h in range(g)
        for i in range(count)
        for j in range(count)
    )
    each = max(2, 2 * round(games / count**2 / 2))
    return Tournament(tuple(seats), each, seed, pairings, dict(options))


def against_last(
    seats: Sequence[Seat], count: int, *, games: int, seed: int, options: dict[str, object]
) -> Tournament:
    """Plan that every generation meets the last one, each character all others.

    Args:
        seats: as `generation_seats` lists them.
        count: number of characters C.
        games: of each character against each other; even.
        seed: of the games.
        options: of the matches.
    """
    last = len(seats) - count
    pairings = tuple(
        (seat, last + rival)
        for seat in range(len(seats))
        for rival in range(count)
        if rival != seat % count and (seat < last or rival < seat % count)
    )
    return Tournament(tuple(seats), games, seed, pairings, dict(options))


def from_table(names: tuple[str, ...], table: Table, count: int) -> Generations:
    """Read generations off a table of their seats."""
    size = len(names)

    def by_generation(counts: NDArray[np.int64]) -> NDArray[np.int64]:
        grid = counts.reshape(size, count, size, count).swapaxes(1, 2)
        return np.ascontiguousarray(grid)

    return Generations(names, *map(by_generation, (table.wins, table.draws, table.games)))


def save(
    generations: Generations, run: Path, *, roster_id: str, seed: int = 0, resamples: int = 100
) -> Path:
    """Write `generations.json`: counts over all characters and of each pair, and performances.

    Args:
        generations: all of a run.
        run: its directory.
        roster_id: of the characters.
        seed: of the resamples.
        resamples: for the intervals of `performance`, each generation against the one before.

    Returns:
        The path written.
    """
    rng = np.random.default_rng(seed)
    document = {
        "names": generations.names,
        "roster": roster_id,
        **generations.payoff.state(),
        "performance": [
            generations.performance(g, g - 1, rng=rng, resamples=resamples)
            for g in range(1, len(generations.names))
        ],
        "by_character": {
            name: getattr(generations, name).tolist() for name in ("wins", "draws", "games")
        },
    }
    path = run / FILE_NAME
    write_json(path, document, indent=None)
    return path


def load(run: Path) -> Generations:
    """Read `generations.json` with its counts by character.

    Raises:
        CheckpointError: if it is missing or damaged.
    """
    path = run / FILE_NAME
    document = read_json(path, CheckpointError)
    with refusing(path, "results of generations", CheckpointError):
        counts = {
            name: np.asarray(document["by_character"][name], np.int64)
            for name in ("wins", "draws", "games")
        }
        names = tuple(str(name) for name in document["names"])
        if any(array.shape[:2] != (len(names),) * 2 for array in counts.values()):
            raise ValueError(f"counts do not fit {len(names)} generations")
    return Generations(names, **counts)
