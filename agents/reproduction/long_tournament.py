"""A tournament too long for one sitting: parts on disk, each of all pairings with seeds of its own.

An interruption loses the parts that were being played. Every part is a whole tournament of fewer
games, so that a budget that runs out leaves a complete table.
"""

import hashlib
import io
import json
import math
import multiprocessing
import os
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from cam_arena import bots
from cam_arena.errors import CheckpointError
from cam_arena.files import read_json, read_npz, refusing, write_json, write_whole
from cam_arena.game.options import Options

from ..evaluate import Entrant, Player, Progress, Table, tournament
from ..evaluation import check_table
from ..population.members import BotMember, load_member
from ..workers import one_thread

__all__ = ["Seat", "Tournament", "load_player", "merge", "play_tournament"]

PART_GAMES = 8_000  # aimed at: about a minute on one core
PLAN_NAME = "plan.json"


@dataclass(frozen=True)
class Seat:
    """An entrant that can be sent to another process."""

    name: str
    """shown in tables; unique within a tournament."""
    policy: str
    """directory that `load_member` reads, or a bot such as `random:3`."""
    character: int
    """index in the roster."""


@dataclass(frozen=True)
class Tournament:
    """Who plays whom, and how often."""

    seats: tuple[Seat, ...]
    games: int
    """Per pairing; even."""
    seed: int
    pairings: tuple[tuple[int, int], ...] | None = None
    """Indices of seats; None: everyone meets everyone."""
    options: dict[str, Any] = field(default_factory=dict)
    """Of the matches, such as `frame_skip`."""

    @property
    def num_pairings(self) -> int:
        """How many pairings there are."""
        size = len(self.seats)
        return size * (size - 1) // 2 if self.pairings is None else len(self.pairings)

    @property
    def parts(self) -> list[int]:
        """Games a pairing in each part: even numbers that sum to `games`."""
        wanted = round(self.games * self.num_pairings / PART_GAMES)
        pairs = self.games // 2
        count = max(1, min(pairs, wanted))
        return [2 * (pairs // count + (part < pairs % count)) for part in range(count)]


def play_tournament(
    plan: Tournament,
    folder: Path,
    *,
    workers: int = 1,
    minutes: float | None = None,
    progress: Progress | None = None,
) -> Table:
    """Play the parts that are missing and return the sum of all.

    Args:
        plan: of the tournament.
        folder: where its parts lie; made if missing. A table is the same however often the work
            was interrupted and whatever the number of workers.
        workers: parts played at once, a process each.
        minutes: after which no further part begins, counted over all sittings; at least one part
            is played. None: all parts.
        progress: told of games finished and games in all.

    Returns:
        The table; with a budget, possibly of fewer games.

    Raises:
        ValueError: if `games` is odd or not positive, or the folder holds another tournament.
        CheckpointError: if a part is damaged, or a policy cannot be loaded.
    """
    if plan.games < 2 or plan.games % 2:
        raise ValueError(f"games must be even and at least 2, got {plan.games}: seats are swapped")
    _claim(plan, folder)
    sizes = plan.parts
    there = [part for part in range(len(sizes)) if _path(folder, part).exists()]
    done = {part: _read(plan, folder, part) for part in there}
    missing = [part for part in range(len(sizes)) if part not in done]
    spent = sum(seconds for _, seconds in done.values()) / max(1, workers)
    begun = time.monotonic()
    total = plan.games * plan.num_pairings

    def may_begin(in_flight: int) -> bool:
        if not missing:
            return False
        used = (spent + time.monotonic() - begun) / 60
        return minutes is None or used < minutes or not (done or in_flight)

    def note(part: int) -> None:
        done[part] = _read(plan, folder, part)
        if progress is not None:
            progress(sum(sizes[k] for k in done) * plan.num_pairings, total)

    if workers <= 1:
        while may_begin(0):
            part = missing.pop(0)
            _play_part(plan, folder, part)
            note(part)
    else:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(workers, max(1, len(missing))), mp_context=context) as pool:
            running: dict[Future[None], int] = {}
            while running or may_begin(0):
                while len(running) < workers and may_begin(len(running)):
                    part = missing.pop(0)
                    running[pool.submit(_play_part, plan, folder, part)] = part
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    future.result()
                    note(running.pop(future))
    return merge([done[part][0] for part in sorted(done)])


def merge(tables: Sequence[Table]) -> Table:
    """Add the counts of tables of the same entrants."""
    return Table(
        **{
            item.name: np.sum([getattr(table, item.name) for table in tables], axis=0)
            for item in fields(Table)
        }
    )


def _claim(plan: Tournament, folder: Path) -> None:
    """Write what the folder is about, or check that it is about the same.

    Raises:
        ValueError: if it holds another tournament.
    """
    described = asdict(plan)
    for seat in described["seats"]:  # a run may be moved, or named from elsewhere
        if Path(seat["policy"]).is_dir():
            seat["policy"] = os.path.relpath(seat["policy"], folder)
    digest = hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()
    path = folder / PLAN_NAME
    if path.exists():
        found = read_json(path, CheckpointError)
        if not isinstance(found, dict) or found.get("sha256") != digest:
            raise ValueError(
                f"{folder} holds parts of another tournament; give another --out or remove it"
            )
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_json(path, {"sha256": digest, "parts": plan.parts}, indent=None)


def _play_part(plan: Tournament, folder: Path, part: int) -> None:
    """Play one part in this process and write it."""
    start = time.monotonic()
    members: dict[str, Player] = {}
    for seat in plan.seats:
        if seat.policy not in members:
            members[seat.policy] = load_player(seat.policy)
    with one_thread():
        table = tournament(
            [Entrant(seat.name, members[seat.policy], seat.character) for seat in plan.seats],
            games=plan.parts[part],
            seed=int(np.random.SeedSequence([plan.seed, part]).generate_state(1, np.uint32)[0]),
            pairings=plan.pairings,
            options=Options(**plan.options),
        )
    arrays = {item.name: getattr(table, item.name) for item in fields(Table)}
    file = io.BytesIO()
    np.savez_compressed(file, seconds=time.monotonic() - start, **arrays)
    write_whole(_path(folder, part), file.getvalue())


def load_player(policy: str) -> Player:
    """Return who a seat's policy is: a directory's network, or a bot by its `kind:level`."""
    if Path(policy).is_dir():
        return load_member(policy)
    kind, _, _ = policy.partition(":")
    return BotMember(kind, bots.parse(policy)[1])


def _path(folder: Path, part: int) -> Path:
    return folder / f"part_{part:03d}.npz"


def _read(plan: Tournament, folder: Path, part: int) -> tuple[Table, float]:
    path = _path(folder, part)
    arrays = read_npz(path, CheckpointError)
    with refusing(path, "a part of this tournament; remove it to play it again", CheckpointError):
        table = Table(**{item.name: arrays[item.name] for item in fields(Table)})
        check_table(table, len(plan.seats))
        seconds = float(arrays["seconds"])
        if not 0 <= seconds < math.inf:
            raise ValueError(f"seconds is {seconds}")
    return table, seconds
