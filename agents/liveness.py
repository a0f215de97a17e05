"""Signs of life: worker processes beat while they work, and who waits for them sees who stopped.

A worker beats from a thread, and only if its work has used the processor since the last beat: one
that was stopped, or that waits for something that never comes, falls silent; one that has much to
do does not, however long it takes. Before its first beat a process still starts, and its processor
time as Linux tells it is the sign.
"""

import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from cam_arena.errors import WorkerError

__all__ = ["SILENCE_S", "Watch", "beat"]

SILENCE_S = 30.0
"""After so long without a sign of life a process is given up."""
START_S = 120.0
"""Instead, while it starts, where the system does not tell its processor time."""
BEAT_S = 0.5
_LEAST_WORK_S = 2e-4  # of processor time a beat; a process that sleeps uses less
_LONGEST_LOOK_S = 2.0


def beat(beats: Any, worker: int) -> None:
    """Beat from a thread, until this process ends.

    Args:
        beats: `Watch.beats`.
        worker: which of its counters is this process's.
    """

    def work() -> None:
        done = -1.0
        while True:
            used = time.process_time() - time.thread_time()  # what the beating takes is no work
            if used - done > _LEAST_WORK_S:
                beats[worker] += 1
                done = used
            time.sleep(BEAT_S)

    threading.Thread(target=work, name="cam-arena heartbeat", daemon=True).start()


class Watch:
    """Looks whether processes are alive, while one waits for them."""

    def __init__(self, count: int, context: Any) -> None:
        """Make room for the beats of `count` processes that the context starts."""
        self.beats = context.RawArray("q", count)
        self._seen: list[object] = [None] * count
        self._silent_s = [0.0] * count
        self._looked = time.monotonic()

    def check(self, processes: Mapping[int, BaseProcess], name: Callable[[int], str]) -> None:
        """Look at processes that have something to do; call it again and again while waiting.

        Args:
            processes: by the index of their counter; one that has ended well is passed over.
            name: returns what the error calls the process of an index.

        Raises:
            WorkerError: naming a process that failed, or that has given no sign of life for
                `SILENCE_S`.
        """
        now = time.monotonic()
        # Only what passed while one looked: this process may have been stopped and gone on itself.
        passed = min(now - self._looked, _LONGEST_LOOK_S)
        self._looked = now
        for index, process in processes.items():
            if process.exitcode:
                raise WorkerError(f"{name(index)} died with exit code {process.exitcode}")
            if process.exitcode == 0:
                continue
            sign, limit = self._sign(index, process)
            self._silent_s[index] += passed
            if sign != self._seen[index]:
                self._seen[index], self._silent_s[index] = sign, 0.0
            if self._silent_s[index] >= limit:
                raise WorkerError(
                    f"{name(index)} (process {process.pid}) gave no sign of life for {limit:g} s"
                )

    def _sign(self, index: int, process: BaseProcess) -> tuple[object, float]:
        if self.beats[index]:
            return self.beats[index], SILENCE_S
        used = _processor_ticks(process.pid)
        return used, START_S if used is None else SILENCE_S


def _processor_ticks(pid: int | None) -> tuple[str, ...] | None:
    """Return what a process has used of the processor; None where the system does not tell."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return tuple(told.rpartition(")")[2].split()[11:13])  # utime and stime of proc(5)
