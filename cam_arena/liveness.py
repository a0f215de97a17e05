"""Signs of life: worker processes beat while they work, and who waits for them sees who stopped.

A worker beats from a thread, and only if its work has used the processor since the last beat: one
that was stopped, or that waits for something that never comes, falls silent; one that has much to
do does not, however long it takes. An endless loop looks like much to do. Before its first beat a
process still starts, and its processor time as Linux tells it is the sign.
"""

import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from .errors import WorkerError

__all__ = ["LOOK_S", "SILENCE_S", "Watch", "beat"]

SILENCE_S = 30.0
"""After so long without a sign of life a process is given up."""
START_S = 120.0
"""Instead, while it starts, where the system does not tell its processor time."""
LOOK_S = 0.5
"""Between two looks of who waits, or less."""
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

    def __init__(self, beats: Any) -> None:
        """Take the counters of the processes.

        Args:
            beats: an integer a process, all 0, in memory that they share.
        """
        self.beats = beats
        self.looked_s = 0.0
        """Seconds for which one has looked."""
        self._seen: list[object] = [None] * len(beats)
        self._silent_s = [0.0] * len(beats)
        self._looked = time.monotonic()

    def silent(self, pids: Mapping[int, int | None]) -> dict[int, float]:
        """Look at processes that have something to do; call it again and again while waiting.

        Args:
            pids: by the index of their counter.

        Returns:
            By index, those without a sign of life for too long: for how many seconds.
        """
        now = time.monotonic()
        # Only what passed while one looked: this process may have been stopped and gone on itself.
        passed = min(now - self._looked, _LONGEST_LOOK_S)
        self._looked = now
        self.looked_s += passed
        found = {}
        for index, pid in pids.items():
            sign, limit = self._sign(index, pid)
            self._silent_s[index] += passed
            if sign != self._seen[index]:
                self._seen[index], self._silent_s[index] = sign, 0.0
            if self._silent_s[index] >= limit:
                found[index] = limit
        return found

    def check(self, processes: Mapping[int, BaseProcess], name: Callable[[int], str]) -> None:
        """Look at processes of `multiprocessing` as `silent` does, and raise for what is wrong.

        Args:
            processes: by the index of their counter; one that has ended well is passed over.
            name: returns what the error calls the process of an index.

        Raises:
            WorkerError: naming a process that failed, or that has given no sign of life for
                `SILENCE_S`.
        """
        for index, process in processes.items():
            if process.exitcode:
                raise WorkerError(f"{name(index)} died with exit code {process.exitcode}")
        left = {k: process.pid for k, process in processes.items() if process.exitcode is None}
        for index, limit in self.silent(left).items():
            raise WorkerError(
                f"{name(index)} (process {left[index]}) gave no sign of life for {limit:g} s"
            )

    def _sign(self, index: int, pid: int | None) -> tuple[object, float]:
        if beats := int(self.beats[index]):
            return beats, SILENCE_S
        used = _processor_ticks(pid)
        return used, START_S if used is None else SILENCE_S


def _processor_ticks(pid: int | None) -> tuple[str, ...] | None:
    """Return what a process has used of the processor; None where the system does not tell."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return tuple(told.rpartition(")")[2].split()[11:13])  # utime and stime of proc(5)
