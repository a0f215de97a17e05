"""Matches in worker processes, over memory that all share: one round trip is a step of them all."""

import contextlib
import itertools
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from typing import Any, Final, NoReturn, cast

import numpy as np
from gymnasium.vector.utils import CloudpickleWrapper
from numpy.typing import NDArray

from .. import liveness
from ..bots import looks_ahead
from ..errors import MatchError, WorkerError
from ..game.options import ResetChoice
from ..opponents import Bot, Opponent, name_of
from .matches import Matches, Plan, RowArrays
from .shared import mapped, new_file

__all__ = ["Workers", "serve"]

_GRACE: Final = 2.0  # seconds for all workers to end by themselves
_LONGEST: Final = 8192  # bytes of a part of something long

# A worker starts from here, not from the user's script: that needs no guard, and may be a notebook.
_SCRIPT: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from cam_arena.envs.workers import serve; serve(*map(int, sys.argv[2:]))"
)

# Rows of what is asked and answered beside the rows' arrays, uint64 of shape (3, M).
_CHOSEN, _SEEDS, _HASHES = range(3)


class Workers:
    """The same as `Matches`, in other processes; each has a slice of the matches.

    Messages are small, so that a pipe always takes one and a part of one is never waited for: all
    that grows with the matches is in shared memory.

    Args:
        plan: what all the matches are.
        num_workers: how many processes, at most one a match.
        num_threads: threads of each.

    Raises:
        ValueError: for texts, which cannot be shared.
        TypeError: if an opponent cannot be sent to a worker.
        WorkerError: if a worker does not start, or there is no memory to share.
    """

    def __init__(self, plan: Plan, num_workers: int, num_threads: int) -> None:
        if plan.options.observation == "text":
            raise ValueError(
                "num_workers shares arrays of numbers, which texts are not; leave it out with "
                "observation 'text'"
            )
        packed = _packed(plan, plan.opponents)
        count = min(num_workers, plan.num_matches)
        edges = [plan.num_matches * k // count for k in range(count + 1)]
        self._bounds = list(itertools.pairwise(edges))
        self._is_quick = False  # whether no answer takes long: those to come may import libraries
        self._processes: list[subprocess.Popen[bytes]] = []
        self._pipes: list[Connection] = []
        self._awaited: list[int] = []  # workers that were asked and have not answered
        self.failure = ""
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._end = weakref.finalize(self, _end, self._pid, self._processes, self._pipes)
        size = _size(plan) + 8 * count
        descriptor = new_file(size)
        try:
            memory = mapped(descriptor, size)
            self.arrays, self._words = _over(plan, memory)
            self._beats = np.frombuffer(memory, np.int64, offset=_size(plan))
            with self._exchange():
                for worker in range(count):
                    self._launch(descriptor, size, _size(plan) + 8 * worker)
                self._receive()
                self._is_quick = _are_quick(plan.opponents)
                self._deliver(packed)
                for worker, bounds in enumerate(self._bounds):
                    self._send([worker], ("open", (bounds, num_threads)))
                self._receive()
        except BaseException:
            self.close()
            raise
        finally:
            os.close(descriptor)

    def _launch(self, descriptor: int, size: int, place: int) -> None:
        ours, theirs = multiprocessing.Pipe()
        self._pipes.append(ours)
        with theirs:
            number = theirs.fileno()
            self._processes.append(
                subprocess.Popen(
                    [
                        *(sys.executable, "-P", "-c", _SCRIPT, json.dumps(sys.path)),
                        *map(str, (number, descriptor, size, place)),
                    ],
                    stdin=subprocess.DEVNULL,
                    pass_fds=(number, descriptor),
                    process_group=0,  # Ctrl-C is for the process that the user sees
                )
            )
        self._awaited.append(len(self._pipes) - 1)  # it says when it is there

    # ---- what Matches does ----

    def begin(self, chosen: NDArray[np.bool_], seeds: Sequence[int], choice: ResetChoice) -> None:
        """Begin the chosen matches, and read all; see `Matches.begin`."""
        with self._exchange():
            self._words[_CHOSEN] = chosen
            self._words[_SEEDS] = np.array(seeds, np.uint64)
            self._send(self._everyone, ("begin", (choice,)))
            self._receive()

    def answer(self) -> None:
        """Do nothing: the opponents are in the workers, which ask them as they step."""

    def step(self) -> None:
        """Take the step that `arrays.actions` say."""
        self._call(self._everyone, "step")

    def start(self) -> None:
        """Tell the workers to step."""
        with self._exchange():
            self._send(self._everyone, ("step", ()))

    def wait(self) -> None:
        """Wait until all have stepped."""
        with self._exchange():
            self._receive()

    def follow(self, over: NDArray[np.bool_]) -> None:
        """Begin the matches after those that are over."""
        with self._exchange():
            self._words[_CHOSEN] = over
            self._send(self._everyone, ("follow", ()))
            self._receive()

    def set_opponents(self, opponents: Sequence[Opponent]) -> None:
        """Take other opponents, which matches meet when they begin anew.

        Raises:
            TypeError: if one cannot be sent to a worker; nothing has changed.
        """
        packed = _packed(opponents, opponents)
        with self._exchange():
            self._is_quick = self._is_quick and _are_quick(opponents)
            self._deliver(packed)
            self._send(self._everyone, ("set_opponents", ()))
            self._receive()

    def own_actions(self, match: int, seat: int) -> NDArray[np.int32]:
        """Return the common ids of the actions that a seat owns."""
        found: NDArray[np.int32] = self._of_match("own_actions", match, seat)
        return found

    def state(self, match: int) -> bytes:
        """Return the bytes of a match's state."""
        content: bytes = self._of_match("state", match)
        return content

    def hashes(self) -> NDArray[np.uint64]:
        """Return a hash of every match's state."""
        self._call(self._everyone, "hashes")
        found: NDArray[np.uint64] = self._words[_HASHES].copy()
        return found

    def set_max_cycles(self, max_cycles: int | None) -> None:
        """Truncate matches after so many steps."""
        self._call(self._everyone, "set_max_cycles", max_cycles)

    def close(self) -> None:
        """End the workers; a second call does nothing."""
        self._end()

    # ---- talking ----

    @property
    def _everyone(self) -> range:
        return range(len(self._pipes))

    def _of_match(self, method: str, match: int, *arguments: Any) -> Any:
        worker = next(k for k, (_, stop) in enumerate(self._bounds) if match < stop)
        return self._call([worker], method, match - self._bounds[worker][0], *arguments)[0]

    def _call(self, workers: Iterable[int], method: str, *arguments: Any) -> list[Any]:
        with self._exchange():
            self._send(workers, (method, arguments))
            return self._receive()

    def _deliver(self, packed: bytes) -> None:
        """Hand all workers something that may be long, part by part."""
        for at in range(0, len(packed), _LONGEST):
            self._send(self._everyone, ("part", (packed[at : at + _LONGEST],)))
            self._receive()

    @contextlib.contextmanager
    def _exchange(self) -> Iterator[None]:
        """Keep questions and answers together: what interrupts them ends the workers.

        Nobody knows then which workers have moved, and an answer that was left would be taken for
        that of the next question.
        """
        if os.getpid() != self._pid:
            raise MatchError(
                f"this process was forked from {self._pid}, to which the workers belong; make "
                "another env here"
            )
        if not self._lock.acquire(blocking=False):
            raise RuntimeError(
                "the workers are answering another thread; give each thread an env of its own"
            )
        try:
            if self.failure:
                raise WorkerError(self.failure)
            yield
        except BaseException as error:
            if not self.failure:  # Ctrl-C, or what a handler of a signal raised
                self.failure = (
                    f"a call was interrupted ({type(error).__name__}) before the workers had "
                    "answered; the env is closed, make a new one"
                )
                self.close()
            raise
        finally:
            self._lock.release()

    def _send(self, workers: Iterable[int], message: Any) -> None:
        for worker in workers:
            try:
                self._pipes[worker].send(message)
            except OSError as error:
                self._require_alive(worker, error)
                raise
            self._awaited.append(worker)

    def _receive(self) -> list[Any]:
        """Return what the workers that were asked answer."""
        begun, watch = time.monotonic(), None
        answers: dict[int, Any] = {}
        while self._awaited:
            by_pipe = {self._pipes[worker]: worker for worker in self._awaited}
            for pipe in wait(by_pipe, liveness.LOOK_S):
                worker = by_pipe[cast(Connection, pipe)]
                answers[worker] = self._read(worker)
                self._awaited.remove(worker)
            if self._awaited and time.monotonic() >= begun + liveness.LOOK_S:
                watch = watch or liveness.Watch(self._beats)
                self._look(watch)
        return [answers[worker] for worker in sorted(answers)]

    def _look(self, watch: liveness.Watch) -> None:
        """Give up if a worker that was asked is stuck."""
        silent = watch.silent({worker: self._processes[worker].pid for worker in self._awaited})
        limit, what, stuck = liveness.SILENCE_S, "sign of life", list(silent)
        if silent:
            limit = max(silent.values())
        elif self._is_quick and watch.looked_s >= limit:  # an endless loop beats too
            what, stuck = "answer", self._awaited
        if stuck:
            names = ", ".join(map(self._name, stuck))
            self._give_up(
                f"{names} gave no {what} for {limit:g} s; the env is closed, make a new one"
            )

    def _read(self, worker: int) -> Any:
        try:
            is_well, answer = self._pipes[worker].recv()
        except (EOFError, OSError) as error:
            self._require_alive(worker, error)
            raise
        if not is_well:
            self._give_up(
                f"{self._name(worker)} failed; the env is closed, make a new one:\n{answer}"
            )
        return answer

    def _require_alive(self, worker: int, error: Exception) -> None:
        """Give up if a worker has ended; else the error is not of its pipe."""
        try:
            code = self._processes[worker].wait(1.0)
        except subprocess.TimeoutExpired:
            return
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        self._give_up(
            f"{self._name(worker)} {how}; its matches are lost and the env is closed: make a new "
            "one",
            error,
        )

    def _name(self, worker: int) -> str:
        return f"worker {worker} (process {self._processes[worker].pid})"

    def _give_up(self, failure: str, cause: Exception | None = None) -> NoReturn:
        self.failure = failure
        self.close()
        raise WorkerError(failure) from cause


def _are_quick(opponents: Sequence[Opponent]) -> bool:
    """Return whether no opponent thinks for long: all are bots that do not look ahead."""
    return all(isinstance(one, Bot) and not looks_ahead(one.name) for one in opponents)


def _packed(content: object, opponents: Sequence[Opponent]) -> bytes:
    """Return something that holds opponents as bytes, or name the opponent that cannot be sent."""
    try:
        # By value, so that functions of the user's script are found in the workers too.
        return bytes(ForkingPickler.dumps(CloudpickleWrapper(content)))  # type: ignore[arg-type]
    except Exception as error:
        if len(opponents) != 1:
            for opponent in opponents:
                _packed(opponent, [opponent])
            raise
        raise TypeError(
            f"the opponent {name_of(opponents[0])} cannot be sent to a worker ({error}): give what "
            "can be pickled, or leave num_workers out"
        ) from error


def _size(plan: Plan) -> int:
    """Return how many bytes env and workers share, the beats apart."""
    return RowArrays.size(plan) + 3 * 8 * plan.num_matches


def _over(plan: Plan, memory: memoryview) -> tuple[RowArrays, NDArray[np.uint64]]:
    """Return the arrays over the memory that env and workers share."""
    shape = (3, plan.num_matches)
    words = np.frombuffer(memory, np.uint64, 3 * plan.num_matches, RowArrays.size(plan))
    return RowArrays.over(plan, memory), words.reshape(shape)


def _end(
    pid: int, processes: Sequence[subprocess.Popen[bytes]], pipes: Sequence[Connection]
) -> None:
    """End workers, by force if need be; a forked process leaves them to the one they belong to."""
    if os.getpid() != pid:
        for process in processes:
            process.poll()  # notes that it is no child of this process, which is silent then
        return
    try:
        for pipe in pipes:
            with contextlib.suppress(OSError):
                pipe.send(None)
            pipe.close()
        deadline = time.monotonic() + _GRACE
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(deadline - time.monotonic(), 0.0))
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1.0)


class _Worker:
    """A slice of the matches, and the shared memory in which long arguments and results are."""

    def __init__(self, memory: memoryview) -> None:
        self._memory = memory
        self._parcel = bytearray()
        self._matches: Matches
        self._words: NDArray[np.uint64]

    def do(self, method: str, arguments: Any) -> Any:
        """Do what a message says, and return the answer."""
        own = getattr(self, f"_{method}", None)
        return (own or getattr(self._matches, method))(*arguments)

    def _part(self, content: bytes) -> None:
        self._parcel += content

    def _unpacked(self) -> Any:
        content = ForkingPickler.loads(self._parcel).fn
        self._parcel = bytearray()
        return content

    def _open(self, bounds: tuple[int, int], num_threads: int) -> None:
        plan: Plan = self._unpacked()
        arrays, words = _over(plan, self._memory)
        start, stop = bounds
        self._words = words[:, start:stop]
        self._matches = Matches(plan.part(stop - start), arrays.part(start, stop), num_threads)

    def _set_opponents(self) -> None:
        self._matches.set_opponents(self._unpacked())

    def _step(self) -> None:
        self._matches.answer()
        self._matches.step()

    def _begin(self, choice: ResetChoice) -> None:
        chosen, seeds, _ = self._words
        self._matches.begin(chosen != 0, seeds.tolist(), choice)

    def _follow(self) -> None:
        self._matches.follow(self._words[_CHOSEN] != 0)

    def _hashes(self) -> None:
        self._words[_HASHES] = self._matches.hashes()


def serve(number: int, descriptor: int, size: int, place: int) -> None:
    """Be a worker: do what the pipe says until it says None or is closed.

    Args:
        number: descriptor of the pipe.
        descriptor: of the shared memory.
        size: its bytes.
        place: of this worker's beats in it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe = Connection(number)
    memory = mapped(descriptor, size)
    os.close(descriptor)
    liveness.beat(np.frombuffer(memory, np.int64, 1, place), 0)
    worker = _Worker(memory)
    with contextlib.suppress(EOFError, OSError):
        pipe.send((True, None))
        while (message := pipe.recv()) is not None:
            try:
                answer = (True, worker.do(*message))
            except Exception:
                answer = (False, traceback.format_exc()[-_LONGEST:])
            pipe.send(answer)
