"""Slices of a batch, each worked on by a thread of its own."""

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["Slices"]


class Slices:
    """Nearly equal slices of `count` things for at most `num_threads` threads.

    The threads start at the first use in a process, so that a process made by fork, which inherits
    none, starts its own.
    """

    def __init__(self, count: int, num_threads: int) -> None:
        parts = min(count, num_threads)
        edges = [count * part // parts for part in range(parts + 1)]
        self._bounds = list(itertools.pairwise(edges))
        self._pool: ThreadPoolExecutor | None = None
        self._process = 0

    def run(self, work: Callable[[int, int], None]) -> None:
        """Call `work(start, stop)` for every slice and wait for all; raise what one raised."""
        (start, stop), *others = self._bounds
        futures = [self._threads().submit(work, *bounds) for bounds in others]
        try:
            work(start, stop)
        finally:
            for future in futures:
                future.result()

    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None or self._process != os.getpid():
            self._pool = ThreadPoolExecutor(len(self._bounds) - 1, "cam-arena")
            self._process = os.getpid()
        return self._pool

    def close(self) -> None:
        """End the threads of this process."""
        if self._pool is not None and self._process == os.getpid():
            self._pool.shutdown()
        self._pool = None
