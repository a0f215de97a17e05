"""Play a round robin on all cores; what was played is kept, so that it can be gone on with."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core, _tournament
from ..cores import usable_cores
from ..errors import BalanceError
from .matrix import COMBO_BINS, LENGTH_BINS, NOT_PLAYED, TOTALS, Matrix, read_npz, write_npz
from .schedule import Plan

__all__ = ["play_round_robin"]

_BLOCK = 512  # games: a fraction of a second, so that stopping and saving are prompt


def play_round_robin(
    data: _core.Data,
    plan: Plan,
    *,
    names: Sequence[str],
    meta: Mapping[str, Any],
    state: Path | None = None,
    threads: int | None = None,
    report: Callable[[int, int], None] | None = None,
    save_seconds: float = 5.0,
) -> Matrix:
    """Play every game of a plan and count what came of it.

    The result depends on the data and the plan alone, not on threads or interruptions.

    Args:
        data: the compiled roster.
        plan: the games.
        names: of the characters.
        meta: what the matrix shall say of the roster; `roster_id` and `schools` at least.
        state: file that holds what was played so far; read if it exists, removed by nobody. Fewer
            games of each pair are gone on with.
        threads: that play; all cores if None.
        report: called with games played and games to play, now and then.
        save_seconds: between two writes of `state`. An interrupt writes it too.

    Returns:
        The matrix.

    Raises:
        ValueError: if plan, names and data disagree on the number of characters.
        BalanceError: if `state` is damaged or of another roster or plan.
    """
    if not plan.num_characters == len(names) == data.num_characters:
        raise ValueError(
            f"the plan is for {plan.num_characters} characters, the roster has "
            f"{data.num_characters} and {len(names)} names"
        )
    about = {"plan": plan.describe(), "meta": dict(meta), "names": list(names)}
    tally = _Tally(plan)
    if state is not None and state.exists():
        tally.restore(state, about)
    _play(data, tally, threads or usable_cores(), report, state, save_seconds, about)
    return tally.matrix(tuple(names), meta)


def _play(
    data: _core.Data,
    tally: "_Tally",
    threads: int,
    report: Callable[[int, int], None] | None,
    state: Path | None,
    save_seconds: float,
    about: Mapping[str, Any],
) -> None:
    plan, todo = tally.plan, iter(tally.blocks_left())
    lock, stopped = threading.Lock(), threading.Event()

    def work() -> None:
        while not stopped.is_set():
            with lock:
                block = next(todo, None)
            if block is None:
                return
            numbers = tally.left_of(block)
            games = plan.games_of(*np.divmod(numbers, plan.games_per_pair))
            results = np.zeros(len(games), _core.DTYPES["result"])
            _tournament.play(
                data, games, results, frame_skip=plan.frame_skip, max_ticks=plan.max_ticks
            )
            with lock:
                tally.add(numbers, games, results)

    def save() -> None:
        if state is not None:
            with lock:
                arrays = tally.snapshot()
            write_npz(state, arrays, about)

    def tell() -> None:
        if report is not None:
            report(tally.num_played(), plan.num_games)

    with ThreadPoolExecutor(threads, "cam-arena-balance") as pool:
        workers = [pool.submit(work) for _ in range(threads)]
        saved = time.monotonic()
        try:
            while not all(worker.done() for worker in workers):
                tell()
                time.sleep(0.1)
                if time.monotonic() - saved > save_seconds:
                    save()
                    saved = time.monotonic()
            for worker in workers:
                worker.result()
        finally:
            stopped.set()
            for worker in workers:
                worker.exception()
            save()
    tell()


class _Tally:
    """Sums over the games played; sums of integers do not depend on their order."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.outcomes = np.full(plan.num_games, NOT_PLAYED, np.uint8)
        shape = (plan.num_characters, len(plan.pilots), len(TOTALS))
        self.totals = np.zeros(shape, np.int64)
        self.lengths = np.zeros(LENGTH_BINS, np.int64)
        self.combos = np.zeros(COMBO_BINS, np.int64)
        pilots = np.zeros(max(_core.BOTS.values()) + 1, np.intp)
        for index, name in enumerate(plan.pilots):
            pilots[_core.BOTS[name]] = index
        self._pilot_of_kind = pilots

    def blocks_left(self) -> list[int]:
        left = np.flatnonzero(self.outcomes == NOT_PLAYED)
        return [int(block) for block in np.unique(left // _BLOCK)]

    def left_of(self, block: int) -> NDArray[np.intp]:
        """Return the numbers of a block's games that were not played."""
        start = block * _BLOCK
        return start + np.flatnonzero(self.outcomes[start : start + _BLOCK] == NOT_PLAYED)

    def num_played(self) -> int:
        return int((self.outcomes != NOT_PLAYED).sum())

    def add(self, numbers: NDArray[np.intp], games: NDArray[Any], results: NDArray[Any]) -> None:
        by_time = (results["ticks"] >= self.plan.max_ticks) & (results["hp"] > 0).all(axis=1)
        self.outcomes[numbers] = results["winner"].astype(np.uint8) + 4 * by_time.astype(np.uint8)
        counts = results["counts"].reshape(len(results), 2, -1)
        damage = results["damage"].reshape(len(results), 2, -1)
        for side in range(2):
            won, drew = results["winner"] == side, results["winner"] == 2
            behind = results["was_behind"][:, side].astype(np.int64)
            columns = [
                np.ones(len(results)), 2 * won + drew, results["ticks"], results["hp"][:, side],
                by_time, results["held_up"][:, side], results["lead_changes"], behind,
                behind * won, results["locked"],
            ]  # fmt: skip
            rows = np.column_stack([*columns, damage[:, side], counts[:, side]]).astype(np.int64)
            pilot = self._pilot_of_kind[games["kinds"][:, side]]
            np.add.at(self.totals, (games["characters"][:, side], pilot), rows)
            longest = np.minimum(results["longest_combo"][:, side], COMBO_BINS - 1)
            self.combos += np.bincount(longest, minlength=COMBO_BINS)
        seconds = results["ticks"].astype(np.int64) * (LENGTH_BINS - 1) // self.plan.max_ticks
        self.lengths += np.bincount(np.minimum(seconds, LENGTH_BINS - 1), minlength=LENGTH_BINS)

    def snapshot(self) -> dict[str, NDArray[Any]]:
        names = ("outcomes", "totals", "lengths", "combos")
        return {name: getattr(self, name).copy() for name in names}

    def restore(self, path: Path, about: Mapping[str, Any]) -> None:
        arrays, found = read_npz(path)
        arrays, found = self._widened(arrays, found)
        if found != about:
            other = [key for key in about if found.get(key) != about[key]]
            raise BalanceError(
                f"{path} was begun with another {' and '.join(other)}; give another --out, or "
                "delete the file to begin anew"
            )
        for name, array in self.snapshot().items():
            stored = arrays.get(name)
            if stored is None or (stored.shape, stored.dtype) != (array.shape, array.dtype):
                raise BalanceError(f"{path} is damaged: {name} is wrong; delete it to begin anew")
            setattr(self, name, stored)

    def _widened(
        self, arrays: dict[str, NDArray[Any]], about: dict[str, Any]
    ) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return what was played of fewer games a pair as a part of this plan."""
        plan, outcomes = about.get("plan"), arrays.get("outcomes")
        if not isinstance(plan, dict):
            return arrays, about
        fewer = plan.get("games_per_pair")
        pairs, games = self.plan.num_pairs, self.plan.games_per_pair
        if type(fewer) is not int or not 0 < fewer < games:
            return arrays, about
        if outcomes is None or outcomes.shape != (pairs * fewer,):
            return arrays, about  # damaged: told by its shape
        table = np.full((pairs, games), NOT_PLAYED, outcomes.dtype)
        table[:, :fewer] = outcomes.reshape(pairs, fewer)
        wider = {**about, "plan": {**plan, "games_per_pair": games}}
        return {**arrays, "outcomes": table.reshape(-1)}, wider

    def matrix(self, names: tuple[str, ...], meta: Mapping[str, Any]) -> Matrix:
        size = self.plan.num_characters
        sides = np.zeros((3, size, size), np.int32)
        timeouts = np.zeros((size, size), np.int32)
        first, second = self.plan.pairs
        table = self.outcomes.reshape(self.plan.num_pairs, self.plan.games_per_pair)
        for parity, (left, right) in enumerate(((first, second), (second, first))):
            half = table[:, parity::2]
            for row, winner in enumerate((0, 2, 1)):
                sides[row, left, right] = (half % 4 == winner).sum(axis=1)
            timeouts[left, right] = (half >= 4).sum(axis=1)
        return Matrix(
            names, sides, timeouts, self.totals, self.lengths, self.combos, self.plan,
            self.outcomes, dict(meta),
        )  # fmt: skip
