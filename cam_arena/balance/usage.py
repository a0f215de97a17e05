"""How often each character uses each part of its kit, by who plays it.

A character is only judged by pilots that use its kit: what no pilot presses was balanced as if it
were not there. A mean over characters hides that, so the floor is held against every one of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .. import _core, bots
from ..game.synctest import EVENTS
from ..roster.codes import Button
from .playing import play_games
from .schedule import PILOTS

__all__ = ["EVENTS_OF", "FLOOR", "PARTS", "Shortfall", "Usage", "measure_usage"]

FLOOR: Final = 0.3
"""Uses a match that the pilot who uses a part most must reach."""

EVENTS_OF: Final[Mapping[str, str]] = {
    "skill1": "skill1",
    "skill2": "skill2",
    "ultimate": "ultimates",
    "scroll": "scrolls",
    "companion": "summons",
    "trait": "trait",
    "slip": "slips",
}
"""The event that counts uses, by part of a kit."""

PARTS: Final = tuple(EVENTS_OF)
"""The parts of a kit; traits that are no move are not counted."""


@dataclass(frozen=True)
class Shortfall:
    """A part of a kit that even the pilot who uses it most leaves lying."""

    character: int
    part: str
    uses: float
    """A match, by that pilot."""
    pilot: str


@dataclass(frozen=True)
class Usage:
    """Uses a match of every part of every kit, by each pilot."""

    pilots: tuple[str, ...]
    games: int
    """Of each character and pilot."""
    uses: NDArray[np.float64]
    """Shape (pilots, characters, parts)."""
    owns: NDArray[np.bool_]
    """Shape (characters, parts): does the character have the part?"""

    def shortfalls(self, floor: float = FLOOR) -> Iterator[Shortfall]:
        """Yield the parts that fall below a floor by every pilot, character by character."""
        best = self.uses.max(axis=0)
        for character, part in np.argwhere(self.owns & (best < floor)):
            uses = self.uses[:, character, part]
            pilot = self.pilots[int(uses.argmax())]
            yield Shortfall(int(character), PARTS[part], float(uses.max()), pilot)


def measure_usage(
    data: _core.Data,
    characters: NDArray[Any],
    *,
    games: int = 40,
    level: int = 4,
    pilots: Sequence[str] = PILOTS,
    opponents: Sequence[str] = PILOTS,
    seed: int = 0,
    threads: int | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Usage:
    """Let pilots play every character and count what they use.

    Args:
        data: the compiled roster.
        characters: its characters, dtype `_core.DTYPES["character"]`, shape (C,).
        games: of each character and pilot, half from each side; even.
        level: of pilots and opponents.
        pilots: names of bots whose use is counted.
        opponents: names of bots they meet, in turn; their characters are drawn by the seed.
        seed: of all games.
        threads: that play; all cores if None. Results do not depend on it.
        report: called with games played and games to play, now and then.

    Raises:
        ValueError: if a bot or the number of games is not allowed.
    """
    if games < 2 or games % 2:
        raise ValueError(f"games is {games}; it must be even and 2 or more")
    for name in (*pilots, *opponents):
        bots.parse(f"{name}:{level}")
    shape = (len(pilots), len(characters), games)
    pilot, own, number = (index.ravel() for index in np.indices(shape))
    draws = np.random.default_rng(seed)
    other = np.broadcast_to(draws.integers(len(characters), size=shape[1:]), shape).ravel()
    seeds = np.broadcast_to(draws.integers(2**63, size=shape[1:]), shape).ravel()
    foes = np.array([_core.BOTS[name] for name in opponents])[number // 2 % len(opponents)]
    kinds = np.array([_core.BOTS[name] for name in pilots])[pilot]
    side = (number % 2).astype(np.intp)
    rows = np.arange(len(side))
    plan = np.zeros(len(side), _core.DTYPES["game"])
    plan["seed"], plan["levels"] = seeds, level
    plan["scrolls"] = plan["companions"] = -1
    for who, character, kind in ((side, own, kinds), (1 - side, other, foes)):
        plan["characters"][rows, who] = character
        plan["kinds"][rows, who] = kind
    results = play_games(data, plan, frame_skip=3, max_ticks=1800, threads=threads, report=report)
    counts = results["counts"].reshape(len(rows), 2, -1)[rows, side]
    counted = counts[:, [EVENTS.index(event) for event in EVENTS_OF.values()]]
    uses = counted.reshape(*shape, len(PARTS)).mean(axis=2)
    owns = np.ones(uses.shape[1:], bool)
    for part, name in enumerate(PARTS):
        if name in ("skill1", "skill2", "ultimate", "trait"):
            owns[:, part] = characters["moves"][:, Button[name.upper()]] >= 0
    return Usage(tuple(pilots), games, uses, owns)
