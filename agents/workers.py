"""Worker processes that train one policy: own matches each, gradients averaged."""

import ctypes
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed
from numpy.typing import NDArray
from torch import Tensor

from cam_arena import _training
from cam_arena.errors import WorkerError

__all__ = ["Group", "launch", "one_thread"]

Result = TypeVar("Result")
# A worker that says nothing for so long is taken for dead.
SILENCE = timedelta(seconds=120)
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h
LOOK_MILLISECONDS = 200  # after which it is looked at whether the others are alive


class Group:
    """The workers of one training run, seen from one of them."""

    def __init__(
        self,
        rank: int = 0,
        size: int = 1,
        folder: Path = Path(),
        processes: list[BaseProcess] | None = None,
    ) -> None:
        """Describe a group; `launch` makes those of more than one worker."""
        self.rank, self.size = rank, size
        self._folder, self._processes = folder, processes or []
        self._means: dict[int, _SharedMean] = {}

    def join(self) -> None:
        """Find the others; all workers come here together.

        Raises:
            WorkerError: naming the worker that died, or if they are not all there in time: gloo
                itself would wait for the dead.
        """
        marks = [self._folder / f"here {rank}" for rank in range(self.size)]
        marks[self.rank].touch()
        begun = time.monotonic()
        while not all(mark.exists() for mark in marks):
            time.sleep(0.02)
            self._check_alive(round(1000 * (time.monotonic() - begun)))
        torch.distributed.init_process_group(
            "gloo",
            init_method=f"file://{self._folder / 'store'}",
            rank=self.rank,
            world_size=self.size,
            timeout=SILENCE,
        )

    def average(self, tensor: Tensor) -> None:
        """Replace a tensor by its mean over all workers.

        Args:
            tensor: float32, contiguous.

        Raises:
            WorkerError: naming the worker that died.
        """
        if self.size == 1:
            return
        values = tensor.detach().view(-1).numpy()
        if len(values) not in self._means:
            self._means[len(values)] = _SharedMean(self, self._folder, len(values))
        memory = self._means[len(values)].begin(values)
        waited = 0
        while not _training.take_mean(*memory, LOOK_MILLISECONDS, values):
            waited += LOOK_MILLISECONDS
            self._check_alive(waited)

    def sum(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return the sum of an array over all workers.

        Raises:
            WorkerError: naming the worker that died.
        """
        if self.size == 1:
            return array
        tensor = torch.from_numpy(np.ascontiguousarray(array).copy())
        self._reduce(tensor)
        return np.asarray(tensor.numpy())

    def _reduce(self, tensor: Tensor) -> None:
        try:
            torch.distributed.all_reduce(tensor)
        except RuntimeError as error:
            for rank, process in enumerate(self._processes, 1):
                process.join(1)  # the connection breaks a moment before the exit code is known
                self._check_exit(rank, process, error)
            raise WorkerError(f"worker {self.rank} lost the others: {error}") from error

    def _check_alive(self, waited: int) -> None:
        """Raise an error if a worker died, or has said nothing for too long; milliseconds."""
        for rank, process in enumerate(self._processes, 1):
            self._check_exit(rank, process)
        parent = parent_process()
        if self.rank and parent is not None and not parent.is_alive():
            raise WorkerError(f"worker {self.rank} lost the others: worker 0 died")
        if waited >= SILENCE.total_seconds() * 1000:
            raise WorkerError(f"worker {self.rank} waited for the others for {waited // 1000} s")

    @staticmethod
    def _check_exit(rank: int, process: BaseProcess, error: Exception | None = None) -> None:
        if process.exitcode is not None:
            raise WorkerError(f"worker {rank} died with exit code {process.exitcode}") from error


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
        WorkerError: if a worker died; all others are ended.
    """
    if size < 1:
        raise ValueError(f"workers must be at least 1, got {size}")
    if size == 1:
        with one_thread():
            return function(Group(), first, *args)
    # Only processes of this machine take part; without this gloo asks the resolver for the host's
    # name.
    loopback = next((name for _, name in socket.if_nameindex() if name.startswith("lo")), "lo")
    os.environ.setdefault("GLOO_SOCKET_IFNAME", loopback)
    context = get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="cam-arena-") as folder, one_thread():
        processes = [
            context.Process(target=_worker, args=(function, folder, rank, size, args), daemon=True)
            for rank in range(1, size)
        ]
        for process in processes:
            process.start()
        try:
            group = Group(0, size, Path(folder), list(processes))
            group.join()
            result = function(group, first, *args)
            torch.distributed.barrier()  # nobody takes the connections down while others use them
        finally:
            if torch.distributed.is_initialized():
                torch.distributed.destroy_process_group()
            failed = sys.exc_info()[0] is not None
            for process in processes:
                process.join(0 if failed else 10)
                if process.is_alive():
                    process.kill()
                    process.join()
        return result


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


def _worker(
    function: Callable[..., Any], folder: str, rank: int, size: int, args: tuple[object, ...]
) -> None:
    torch.set_num_threads(1)
    _keep_memory()
    group = Group(rank, size, Path(folder))
    try:
        group.join()
        function(group, None, *args)
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()
    except WorkerError:
        os._exit(1)  # the first worker reports what happened
    # Leave at once: gloo's threads (PyTorch 2.13) may abort a process that ends while they end.
    os._exit(0)
