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
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np

from cam_arena import bots
from cam_arena.errors import ArenaError, CheckpointError, WorkerError
from cam_arena.files import read_json, read_npz, refusing, write_json, write_whole
from cam_arena.game.options import Options
from cam_arena.liveness import Watch, beat

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
        WorkerError: naming the part of a process that died, or gave no sign of life for 30 s.
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
        with Players(min(workers, max(1, len(missing))), plan, folder) as players:
            in_flight = 0
            while in_flight or may_begin(0):
                while players.free and may_begin(in_flight):
                    players.begin(missing.pop(0))
                    in_flight += 1
                for part in players.wait():
                    in_flight -= 1
                    note(part)
    return merge([done[part][0] for part in sorted(done)])


class Players:
    """Processes that play parts of a tournament, one at a time each."""

    def __init__(self, count: int, plan: Tournament, folder: Path) -> None:
        """Start them."""
        context = multiprocessing.get_context("spawn")
        self._watch = Watch(context.RawArray("q", count))
        self._pipes: list[Connection] = []
        self._processes: list[BaseProcess] = []
        self._parts: list[int | None] = [None] * count
        for index in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_play_parts, args=(theirs, self._watch.beats, index, plan, folder),
                daemon=True,
            )  # fmt: skip
            self._pipes.append(ours)
            self._processes.append(process)
            process.start()
            theirs.close()

    @property
    def free(self) -> bool:
        """Whether one of them has nothing to do."""
        return None in self._parts

    def begin(self, part: int) -> None:
        """Let one that is free play a part."""
        index = self._parts.index(None)
        self._parts[index] = part
        with suppress(OSError):  # it has died: `wait` says so
            self._pipes[index].send(part)

    def wait(self) -> list[int]:
        """Return the parts that were finished, when there are any or some time has passed.

        Raises:
            WorkerError: naming the part of a process that died, or gave no sign of life for 30 s.
            CheckpointError: if a policy cannot be loaded.
        """
        busy = [index for index, part in enumerate(self._parts) if part is not None]
        finished = []
        for pipe in wait([self._pipes[index] for index in busy], 0.2):
            index = self._pipes.index(pipe)  # type: ignore[arg-type]
            try:
                failure = self._pipes[index].recv()
            except (EOFError, OSError) as error:
                process = self._processes[index]
                process.join(5)  # the pipe breaks before the exit code is known
                raise WorkerError(
                    f"{self._name(index)} died with exit code {process.exitcode}"
                ) from error
            if failure is not None:
                raise failure
            finished.append(self._parts[index])
            self._parts[index] = None
        self._watch.check({index: self._processes[index] for index in busy}, self._name)
        return [part for part in finished if part is not None]

    def _name(self, index: int) -> str:
        return f"the process that plays part {self._parts[index]}"

    def __enter__(self) -> "Players":
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes; a part that is being played is lost."""
        for process in self._processes:
            process.kill()  # not terminate: one that was stopped handles no other signal
            process.join()
        for pipe in self._pipes:
            pipe.close()


def _play_parts(pipe: Connection, beats: Any, index: int, plan: Tournament, folder: Path) -> None:
    """Be one of the processes: play what the pipe says until it is closed."""
    beat(beats, index)
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            part = pipe.recv()
            try:
                _play_part(plan, folder, part)
            except (ArenaError, ValueError, OSError) as error:
                pipe.send(error)
            else:
                pipe.send(None)


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
