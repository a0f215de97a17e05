"""Worker processes that train one policy: own matches each, gradients averaged."""

import ctypes
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cam_arena import _training
from cam_arena.errors import Stopped, TrainingError, WorkerError
from cam_arena.liveness import Watch, beat

from . import lock, stopping
from .failures import telling

__all__ = ["Group", "launch", "one_thread"]

Result = TypeVar("Result")
FOLDER = "cam-arena-"  # what the name of a directory that workers share begins with
_STARTING = "while its workers started"
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h
LOOK_MILLISECONDS = 200  # after which it is looked whether the others are alive


class Group:
    """The workers of one training run, seen from one of them."""

    def __init__(self, rank: int = 0, size: int = 1, folder: Path = Path()) -> None:
        """Describe a group; `launch` makes those of more than one worker."""
        self.rank, self.size = rank, size
        self._folder = folder
        self._means: dict[int, _SharedMean] = {}
        self._sums = 0

    def average(self, tensor: Tensor) -> None:
        """Replace a tensor by its mean over all workers.

        Args:
            tensor: float32, contiguous.

        Raises:
            WorkerError: naming the worker that died or stopped.
        """
        if self.size == 1:
            return
        values = tensor.detach().view(-1).numpy()
        if len(values) not in self._means:
            self._means[len(values)] = _SharedMean(self, self._folder, len(values))
        memory = self._means[len(values)].begin(values)
        while not _training.take_mean(*memory, LOOK_MILLISECONDS, values):
            self.check()

    def sum(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return the sum of an array over all workers; the same bits to each of them.

        Raises:
            WorkerError: naming the worker that died or stopped.
        """
        if self.size == 1:
            return array
        self._sums += 1
        mine = np.ascontiguousarray(array)
        unfinished = self._folder / f"unfinished {self.rank}"
        unfinished.write_bytes(mine.tobytes())
        unfinished.replace(self._addend(self._sums, self.rank))
        total = np.zeros_like(mine)
        for rank in range(self.size):
            path = self._addend(self._sums, rank)
            self.wait(path.exists)
            total += np.frombuffer(path.read_bytes(), mine.dtype).reshape(mine.shape)
        # All have come to this sum, so all have read the one before.
        self._addend(self._sums - 1, self.rank).unlink(missing_ok=True)
        return total

    def wait(self, is_ready: Callable[[], bool]) -> None:
        """Wait until something is there that the other workers make.

        Raises:
            WorkerError: naming the worker that died or stopped.
        """
        looked = time.monotonic()
        while not is_ready():
            time.sleep(0.0005)
            if time.monotonic() - looked > LOOK_MILLISECONDS / 1000:
                self.check()
                looked = time.monotonic()

    def check(self) -> None:
        """Look whether the others live, as far as this worker can tell: whether the first does.

        Raises:
            WorkerError: if it does not.
        """
        parent = parent_process()
        if parent is not None and not parent.is_alive():
            raise WorkerError(f"worker {self.rank} lost the others: worker 0 died")

    def _addend(self, number: int, rank: int) -> Path:
        return self._folder / f"sum {number} of {rank}"


class _First(Group):
    """The group seen from the first worker, which started the others and names who fails."""

    def __init__(self, folder: Path, processes: Sequence[BaseProcess], watch: Watch) -> None:
        super().__init__(0, len(processes) + 1, folder)
        self._processes, self._watch = processes, watch
        self.has_begun = False
        """Whether all are there. Before that a signal ends it at once: there is nothing to save."""

    def check(self) -> None:
        """Look whether the others live.

        Raises:
            WorkerError: naming the worker that died or stopped.
            TrainingError: if it could not go on; says why.
            Stopped: if a signal asked for it while they start.
        """
        if not self.has_begun:
            stopping.stop_if_asked(_STARTING)
        others = dict(enumerate(self._processes))
        try:
            self._watch.check(others, lambda index: f"worker {index + 1}")
        except WorkerError as error:
            for rank in range(1, self.size):
                reason = _failure(self._folder, rank)
                if reason.exists():
                    raise TrainingError(f"worker {rank}: {reason.read_text('utf-8')}") from error
            raise


class _SharedMean:
    """Memory in which workers average: a file that all have mapped."""

    def __init__(self, group: Group, folder: Path, count: int) -> None:
        """Make or find it; all workers come here together."""
        path, size = folder / f"mean of {count}", _training.mean_size(group.size, count)
        if group.rank == 0:
            path.write_bytes(bytes(size))
        group.sum(np.zeros(1))  # it is there
        self._bytes = np.memmap(path, np.uint8, "r+", shape=(size,))
        self._rank, self._workers, self._turn = group.rank, group.size, 0

    def begin(self, values: NDArray[np.float32]) -> tuple[NDArray[np.uint8], int, int]:
        """Put this worker's values in; returns what `take_mean` needs to know of it."""
        self._turn += 1
        _training.put_mean(self._bytes, self._workers, self._rank, self._turn, values)
        return self._bytes, self._workers, self._turn


def launch(
    function: Callable[..., Result], size: int, *args: object, first: object = None
) -> Result:
    """Run `function(group, first, *args)` in `size` processes, the first of them this one.

    Args:
        function: importable by name.
        size: at least 1.
        *args: handed to every worker; must be picklable if there is more than one.
        first: handed to the first worker only, such as a progress display; the others get None.

    Returns:
        What it returned in this process.

    Raises:
        ValueError: if `size` is below 1.
        WorkerError: naming the worker that died, or gave no sign of life for 30 s; all others are
            ended.
        TrainingError: if a worker cannot go on; says why.
        Stopped: if a signal asked for it while they start.
    """
    if size < 1:
        raise ValueError(f"workers must be at least 1, got {size}")
    if size == 1:
        with one_thread():
            return function(Group(), first, *args)
    context = get_context("spawn")
    watch = Watch(context.RawArray("q", size - 1))
    with _shared_folder() as folder, one_thread():
        processes = [
            context.Process(
                target=_worker, args=(function, folder, rank, size, watch.beats, args), daemon=True
            )
            for rank in range(1, size)
        ]
        has_failed = True
        try:
            for process in processes:
                stopping.stop_if_asked(_STARTING)
                with stopping.blocked():
                    process.start()
            group = _First(folder, processes, watch)
            _await_all(group)
            group.has_begun = True
            result = function(group, first, *args)
            group.sum(np.zeros(1))  # nobody leaves while others still look at what it left
            has_failed = False
        finally:
            for process in processes:
                if process.pid is None:
                    continue
                process.join(0 if has_failed else 10)
                if process.is_alive():
                    process.kill()  # not terminate: one that was stopped handles no other signal
                    process.join()
        return result


def _await_all(group: Group) -> None:
    """Wait until all workers have come; tell why they do not where a script is the cause."""
    try:
        group.sum(np.zeros(1))
    except WorkerError as error:
        raise WorkerError(
            f"{error}, before it had begun. Each worker imports the program that started it: in a "
            'script, train inside `if __name__ == "__main__":`; code from standard input takes '
            "workers=1"
        ) from error


@contextmanager
def _shared_folder() -> Iterator[Path]:
    """Make a directory for what workers share, and remove those that killed runs have left."""
    for left in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        if lock.holder(left) is not None and not lock.is_held(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=FOLDER) as name, lock.hold(Path(name)):
        yield Path(name)


class one_thread:
    """Compute with one torch thread in a `with`: workers of more threads await each other.

    Memory that is freed stays with the process, after it too.
    """

    def __enter__(self) -> None:
        """Remember the number of threads and set 1."""
        self._before = torch.get_num_threads()
        torch.set_num_threads(1)
        _keep_memory()

    def __exit__(self, *_: object) -> None:
        """Set the number back."""
        torch.set_num_threads(self._before)


def _keep_memory() -> None:
    """Let malloc keep what is freed (glibc).

    By default it gives an update's batches back to the system and takes them anew, which is a page
    fault for every 4 kB.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if mallopt is not None:
            mallopt(M_MMAP_THRESHOLD, 32 << 20)  # the largest it takes
            mallopt(M_TRIM_THRESHOLD, 1 << 30)


def _failure(folder: Path, rank: int) -> Path:
    """Return the file in which a worker says why it cannot go on."""
    return folder / f"failure of {rank}"


def _worker(
    function: Callable[..., Any],
    folder: Path,
    rank: int,
    size: int,
    beats: Any,
    args: tuple[object, ...],
) -> None:
    stopping.obey(folder)
    torch.set_num_threads(1)
    _keep_memory()
    beat(beats, rank - 1)
    group = Group(rank, size, folder)
    try:
        group.check()
        group.sum(np.zeros(1))
        with telling():
            function(group, None, *args)
        group.sum(np.zeros(1))
    except TrainingError as error:
        _failure(folder, rank).write_text(str(error), encoding="utf-8")
        os._exit(1)
    except Stopped:
        os._exit(0)  # the first worker has saved it
    except (WorkerError, KeyboardInterrupt):
        parent = parent_process()
        if parent is not None and not parent.is_alive():
            shutil.rmtree(folder, ignore_errors=True)  # which the first worker else does
        os._exit(1)  # the first worker reports what happened
