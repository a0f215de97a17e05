"""How strong and how lively the scripted bots are: `python benchmarks/bots.py [--games 1000]`.

The first table plays every bot against itself one level lower; the second plays every pair of bots
at one level and tells how their matches go. Games are side-swapped, characters are drawn from the
whole roster by the seed, and the same seeds serve both seats.
"""

import argparse
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

import cam_arena
from cam_arena import _core, bots

Player = tuple[str, int]
"""A bot's name and level."""

CHUNK = 250  # matches that run together
FRAME_SKIP, MAX_TICKS = 3, 1800
SLIPS, SUMMONS, ULTIMATES, SCROLLS = 2, 3, 4, 11  # columns of a fighter's counts


@dataclass(frozen=True)
class Games:
    """What came of side-swapped games of one player against another, seen from the first."""

    won: int
    drawn: int
    played: int
    timeouts: float
    """Share of games."""
    seconds: float
    """Mean length."""
    slips: float
    """A fighter and match, as the next three."""
    ultimates: float
    summons: float
    scrolls: float

    @property
    def rate(self) -> float:
        """Win rate; a draw is half a win."""
        return (self.won + self.drawn / 2) / self.played

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the win rate."""
        return wilson(self.rate, self.played)


def wilson(rate: float, games: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a rate measured over so many games."""
    z = 1.96
    middle = (rate + z * z / (2 * games)) / (1 + z * z / games)
    half = z * sqrt(rate * (1 - rate) / games + z * z / (4 * games * games)) / (1 + z * z / games)
    return middle - half, middle + half


def play(left: Player, right: Player, seeds: Iterable[int]) -> NDArray[Any]:
    """Play a whole match for every seed; return the final states, a record each."""
    seeds = list(seeds)
    batch = _core.Batch(cam_arena.load_roster().data, len(seeds), frame_skip=FRAME_SKIP)
    for match, seed in enumerate(seeds):
        for seat, (name, level) in enumerate((left, right)):
            batch.set_bot(match, seat, _core.BOTS[name], level)
        batch.reset(match, seed)
    nothing = np.zeros((len(seeds), 2), np.int32)
    for _ in range(MAX_TICKS // FRAME_SKIP):
        batch.advance(nothing)
    states = [
        np.frombuffer(batch.state(match), _core.DTYPES["state"]) for match in range(len(seeds))
    ]
    return np.concatenate(states)


def compare(one: Player, two: Player, games: int, seed: int = 0) -> Games:
    """Play `games` games, half of them from each side, and count."""
    rows: list[NDArray[Any]] = []
    won = drawn = 0
    for first in range(0, games // 2, CHUNK):
        seeds = range(seed + first, seed + min(first + CHUNK, games // 2))
        for seat, pair in enumerate(((one, two), (two, one))):
            rows.append(play(*pair, seeds))
            won += int((rows[-1]["winner"] == seat).sum())
            drawn += int((rows[-1]["winner"] == 2).sum())
    states = np.concatenate(rows)
    counts = states["fighters"]["counts"].mean(axis=(0, 1))
    standing = (states["fighters"]["hp"] > 0).all(axis=1)
    return Games(
        won,
        drawn,
        len(states),
        float(standing.mean()),
        float(states["tick"].mean() / 30),
        *(float(counts[column]) for column in (SLIPS, ULTIMATES, SUMMONS, SCROLLS)),
    )


def _row(label: str, result: Games) -> str:
    low, high = result.interval
    return (
        f"{label:26} {result.rate:6.1%} ({low:.1%}..{high:.1%})"
        f"{result.drawn / result.played:8.1%} {result.timeouts:7.1%} {result.seconds:6.1f}"
        f"{result.slips:7.2f}{result.ultimates:7.2f}{result.summons:7.2f}{result.scrolls:7.2f}"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=1000, help="of each pair")
    parser.add_argument("--bots", nargs="*", default=[*bots.LEVELLED], help="which")
    parser.add_argument("--level", type=int, default=3, help="of the second table")
    parser.add_argument("--above", type=int, default=1, help="levels of the first table")
    parser.add_argument("--only", choices=("levels", "pairs"), help="one table")
    config = parser.parse_args()
    columns = "win rate (95 %)          drawn timeout  secs  slips   ults summon scroll"
    if config.only != "pairs":
        print(f"{'one level up':27}{columns}")
        for name in config.bots:
            for level in range(config.above + 1, bots.levels(name)[-1] + 1):
                result = compare((name, level), (name, level - 1), config.games)
                print(_row(f"{name}:{level} v {name}:{level - 1}", result), flush=True)
    if config.only != "levels":
        print(f"\n{'level ' + str(config.level):27}{columns}")
        for one, two in itertools.combinations_with_replacement(config.bots, 2):
            result = compare((one, config.level), (two, config.level), config.games)
            print(_row(f"{one} v {two}", result), flush=True)


if __name__ == "__main__":
    main()
