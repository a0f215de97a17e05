"""Matches in worker processes, over memory that all share: one round trip is a step of them all."""

import contextlib
import itertools
import multiprocessing
import traceback
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from ..errors import WorkerError
from ..game.options import ResetChoice
from ..opponents import Opponent
from .matches import Matches, Plan, RowArrays

__all__ = ["Workers"]

_PATIENCE: Final = 5.0  # seconds for a worker to end by itself


class _Memory(SharedMemory):
    """Shared memory that may go after the arrays over it, which users may have kept."""

    def bytes(self) -> memoryview:
        """Return what is shared."""
        assert self.buf is not None
        return self.buf

    def __del__(self) -> None:
        with contextlib.suppress(BufferError):
            super().__del__()


class Workers:
    """The same as `Matches`, in other processes; each has a slice of the matches.

    Args:
        plan: what all the matches are.
        num_workers: how many processes, at most one a match.
        num_threads: threads of each.

    Raises:
        ValueError: for texts, which cannot be shared.
        WorkerError: if a worker does not start.
    """

    def __init__(self, plan: Plan, num_workers: int, num_threads: int) -> None:
        if plan.options.observation == "text":
            raise ValueError(
                "num_workers shares arrays of numbers, which texts are not; leave it out with "
                "observation 'text'"
            )
        count = min(num_workers, plan.num_matches)
        edges = [plan.num_matches * k // count for k in range(count + 1)]
        self._bounds = list(itertools.pairwise(edges))
        self._memory = _Memory(create=True, size=RowArrays.size(plan))
        self.arrays = RowArrays.over(plan, self._memory.bytes())
        self._processes: list[Any] = []
        self._pipes: list[Connection] = []
        self._is_closed = False
        self._failure = ""
        context = multiprocessing.get_context("spawn")  # the only one that threads do not break
        try:
            for bounds in self._bounds:
                ours, theirs = context.Pipe()
                process = context.Process(
                    target=_serve,
                    args=(theirs, self._memory.name, plan, bounds, num_threads),
                    name="cam-arena matches",
                    daemon=True,
                )
                self._pipes.append(ours)
                self._processes.append(process)
                process.start()
                theirs.close()
            self._answers()
        except BaseException:
            self.close()
            raise

    # ---- what Matches does ----

    def begin(self, chosen: NDArray[np.bool_], seeds: Sequence[int], choice: ResetChoice) -> None:
        """Begin the chosen matches, and read all; see `Matches.begin`."""
        for k, (start, stop) in enumerate(self._bounds):
            self._ask(k, "begin", chosen[start:stop], seeds[start:stop], choice)
        try:
            self._answers()
        except ValueError:
            self._all("undo")
            raise

    def step(self) -> None:
        """Take the step that `arrays.actions` say."""
        self._all("step")

    def start(self) -> None:
        """Tell the workers to step."""
        for k in range(len(self._pipes)):
            self._ask(k, "step")

    def wait(self) -> None:
        """Wait until all have stepped."""
        self._answers()

    def follow(self, over: NDArray[np.bool_]) -> None:
        """Begin the matches after those that are over."""
        for k, (start, stop) in enumerate(self._bounds):
            self._ask(k, "follow", over[start:stop])
        self._answers()

    def set_opponents(self, opponents: Sequence[Opponent]) -> None:
        """Take other opponents, which matches meet when they begin anew."""
        self._all("set_opponents", opponents)

    def own_actions(self, match: int, seat: int) -> NDArray[np.int32]:
        """Return the common ids of the actions that a seat owns."""
        found: NDArray[np.int32] = self._one("own_actions", match, seat)
        return found

    def state(self, match: int) -> bytes:
        """Return the bytes of a match's state."""
        content: bytes = self._one("state", match)
        return content

    def hashes(self) -> NDArray[np.uint64]:
        """Return a hash of every match's state."""
        return np.concatenate(self._all("hashes"))

    def set_max_cycles(self, max_cycles: int | None) -> None:
        """Truncate matches after so many steps."""
        self._all("set_max_cycles", max_cycles)

    def close(self) -> None:
        """End the workers and let go of the memory; a second call does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        for pipe in self._pipes:
            pipe.close()  # a worker that finds its pipe closed ends
        for process in self._processes:
            if process.pid is not None:
                process.join(_PATIENCE)
                if process.is_alive():
                    process.kill()
                    process.join()
        self._memory.unlink()
        del self.arrays
        with contextlib.suppress(BufferError):  # arrays that the user kept hold it for longer
            self._memory.close()

    # ---- talking ----

    def _all(self, method: str, *arguments: Any) -> list[Any]:
        for k in range(len(self._pipes)):
            self._ask(k, method, *arguments)
        return self._answers()

    def _one(self, method: str, match: int, *arguments: Any) -> Any:
        worker = next(k for k, (_, stop) in enumerate(self._bounds) if match < stop)
        self._ask(worker, method, match - self._bounds[worker][0], *arguments)
        return self._answer(worker)

    def _ask(self, worker: int, method: str, *arguments: Any) -> None:
        if self._failure:
            raise WorkerError(self._failure)
        try:
            self._pipes[worker].send((method, arguments))
        except OSError:
            self._fail(worker)

    def _answers(self) -> list[Any]:
        """Return what all workers answer; raise what one raised after all have answered."""
        answers, raised = [], None
        for worker in range(len(self._pipes)):
            try:
                answers.append(self._answer(worker))
            except ValueError as error:
                raised = error
        if raised is not None:
            raise raised
        return answers

    def _answer(self, worker: int) -> Any:
        try:
            is_well, answer = self._pipes[worker].recv()
        except (EOFError, OSError):
            self._fail(worker)
        if is_well:
            return answer
        if isinstance(answer, ValueError):
            raise answer
        self._give_up(f"worker {worker} failed; the env is closed, make a new one:\n{answer}")

    def _give_up(self, failure: str) -> NoReturn:
        self._failure = failure
        self.close()
        raise WorkerError(failure)

    def _fail(self, worker: int) -> NoReturn:
        process = self._processes[worker]
        process.join(_PATIENCE)
        pid, code = process.pid, process.exitcode
        how = f"was killed by signal {-code}" if code and code < 0 else f"ended with code {code}"
        self._give_up(
            f"worker {worker} (process {pid}) {how}; its matches are lost and the env is closed: "
            "make a new one"
        )


def _serve(
    pipe: Connection, name: str, plan: Plan, bounds: tuple[int, int], num_threads: int
) -> None:
    """Do what the pipe says until it is closed."""
    memory = _Memory(name)
    arrays = RowArrays.over(plan, memory.bytes()).part(*bounds)
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        try:
            matches = Matches(plan.part(bounds[1] - bounds[0]), arrays, num_threads)
        except Exception:
            pipe.send((False, traceback.format_exc()))
            return
        pipe.send((True, None))
        while True:
            method, arguments = pipe.recv()
            try:
                answer = (True, getattr(matches, method)(*arguments))
            except ValueError as error:
                answer = (False, error)
            except Exception:
                answer = (False, traceback.format_exc())
            pipe.send(answer)
