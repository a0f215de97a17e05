"""Which games a round robin plays: a function of the plan and a game's number, nothing else."""

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core, bots

__all__ = ["PILOTS", "Plan"]

PILOTS = tuple(
    name for name in ("walker", "zoner", "baiter", "planner", "punisher") if name in _core.BOTS
)
"""Bots that use the whole kit, so that they judge the character and not themselves."""

_OWN = -1  # the scroll or companion that a character has of itself
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Plan:
    """A round robin: every pair of characters, `games_per_pair` games, sides alternating.

    Both players of a game have the same level; their bots are drawn independently, by hashes of
    the seed, the pair and the game's number in the pair. More characters or more games leave the
    games of a smaller plan as they are.

    Raises:
        ValueError: if a value is not allowed.
    """

    num_characters: int
    """At least 2."""
    games_per_pair: int = 10
    """Even, so that both sides are played equally often."""
    pilots: tuple[str, ...] = field(default=PILOTS)
    """Names of bots."""
    levels: tuple[int, ...] = (2, 3, 4)
    """Levels of the bots, 1..5."""
    seed: int = 0
    """Of everything that is drawn."""
    frame_skip: int = 3
    """Ticks between two decisions."""
    max_ticks: int = 1800
    """Ticks after which a match is decided by HP."""

    def __post_init__(self) -> None:
        """Check every value."""
        if not 2 <= self.num_characters < 2**15:
            raise ValueError(f"a round robin needs 2..32767 characters, got {self.num_characters}")
        if not 2 <= self.games_per_pair < 2**20 or self.games_per_pair % 2:
            raise ValueError(f"games per pair must be even and 2 or more: {self.games_per_pair}")
        if not self.pilots or not self.levels:
            raise ValueError("a round robin needs at least one pilot and one level")
        for pilot in self.pilots:
            for level in self.levels:
                bots.parse(f"{pilot}:{level}")
        if not 0 <= self.seed < 2**64:
            raise ValueError(f"seed must be 0..2^64-1, got {self.seed}")

    @property
    def num_pairs(self) -> int:
        """Pairs of unlike characters."""
        return self.num_characters * (self.num_characters - 1) // 2

    @property
    def num_games(self) -> int:
        """Games of the whole round robin."""
        return self.num_pairs * self.games_per_pair

    @cached_property
    def pairs(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Characters i < j of each pair, two vectors of shape (num_pairs,)."""
        first, second = np.triu_indices(self.num_characters, 1)
        return first, second

    def games(self, start: int, stop: int) -> NDArray[Any]:
        """Return games start..stop-1, dtype `_core.DTYPES["game"]`; pair after pair."""
        pair, game = np.divmod(np.arange(start, stop), self.games_per_pair)
        return self.games_of(pair, game)

    def rematches(self, pairs: NDArray[np.integer], games: int) -> NDArray[Any]:
        """Return `games` further games of each of some pairs, none of which the plan holds."""
        pair = np.repeat(pairs, games)
        return self.games_of(pair, self.games_per_pair + np.arange(len(pair)) % games)

    def games_of(self, pair: NDArray[np.integer], game: NDArray[np.integer]) -> NDArray[Any]:
        """Return games by the index of their pair and their number in it, each shape (G,)."""
        i, j = self.pairs[0][pair], self.pairs[1][pair]
        key = (i.astype(np.uint64) << np.uint64(40)) | (j.astype(np.uint64) << np.uint64(20))
        seed = _draw(_mix(np.uint64(self.seed) ^ _GOLDEN), key | game.astype(np.uint64))
        games = np.zeros(len(game), _core.DTYPES["game"])
        games["seed"] = seed
        games["scrolls"] = games["companions"] = _OWN
        swapped = game % 2 == 1
        games["characters"][:, 0] = np.where(swapped, j, i)
        games["characters"][:, 1] = np.where(swapped, i, j)
        kinds = np.array([_core.BOTS[name] for name in self.pilots], np.uint8)
        for side in range(2):
            games["kinds"][:, side] = kinds[_below(_draw(seed, np.uint64(1 + side)), len(kinds))]
        levels = np.array(self.levels, np.uint8)
        games["levels"] = levels[_below(_draw(seed, np.uint64(3)), len(levels))][:, None]
        return games

    def games_with_loadouts(
        self, start: int, stop: int, *, scrolls: int, companions: int
    ) -> NDArray[Any]:
        """Return games start..stop-1 with a scroll and a companion drawn for each player.

        Args:
            start: first game.
            stop: one beyond the last.
            scrolls: how many there are.
            companions: how many there are.
        """
        games = self.games(start, stop)
        for side in range(2):
            draws = [_draw(games["seed"], np.uint64(4 + 2 * side + k)) for k in range(2)]
            games["scrolls"][:, side] = _below(draws[0], scrolls)
            games["companions"][:, side] = _below(draws[1], companions)
        return games

    def describe(self) -> dict[str, Any]:
        """Return the plan as JSON can hold it."""
        return asdict(self) | {"pilots": list(self.pilots), "levels": list(self.levels)}


def _mix(z: NDArray[np.uint64] | np.uint64) -> NDArray[np.uint64]:
    """Finalise splitmix64, as rng.h does."""
    z = np.atleast_1d(np.asarray(z, np.uint64))
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)), np.uint64)


def _draw(seed: NDArray[np.uint64], index: NDArray[np.uint64] | np.uint64) -> NDArray[np.uint64]:
    return _mix(_mix(seed) + (np.atleast_1d(np.asarray(index, np.uint64)) + np.uint64(1)) * _GOLDEN)


def _below(draws: NDArray[np.uint64], bound: int) -> NDArray[np.intp]:
    high = draws >> np.uint64(32)
    return np.asarray((high * np.uint64(bound)) >> np.uint64(32), np.intp)
