"""Play a list of games between bots on all cores."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core, _tournament
from ..cores import usable_cores

__all__ = ["play_games", "scores"]

_CHUNK = 2048


def play_games(
    data: _core.Data,
    games: NDArray[Any],
    *,
    frame_skip: int,
    max_ticks: int,
    threads: int | None = None,
    report: Callable[[int, int], None] | None = None,
) -> NDArray[Any]:
    """Play games and return a result of each, dtype `_core.DTYPES["result"]`.

    Args:
        data: the compiled roster.
        games: dtype `_core.DTYPES["game"]`, shape (G,).
        frame_skip: ticks between two decisions.
        max_ticks: after which a match is decided by HP.
        threads: that play; all cores if None. Results do not depend on it.
        report: called with games played and games to play, now and then.
    """
    results = np.zeros(len(games), _core.DTYPES["result"])

    def work(start: int) -> None:
        stop = min(start + _CHUNK, len(games))
        _tournament.play(
            data, games, results, start, stop, frame_skip=frame_skip, max_ticks=max_ticks
        )

    with ThreadPoolExecutor(threads or usable_cores(), "cam-arena-balance") as pool:
        for done, _ in enumerate(pool.map(work, range(0, len(games), _CHUNK)), 1):
            if report is not None:
                report(min(done * _CHUNK, len(games)), len(games))
    return results


def scores(results: NDArray[Any]) -> NDArray[np.float64]:
    """Return what each side got, shape (G, 2): 1 won, 0.5 drawn, 0 lost."""
    left = np.select([results["winner"] == 2, results["winner"] == 0], [0.5, 1.0], 0.0)
    return np.column_stack([left, 1 - left])
