"""Progress where there is no terminal: a plain line now and then, for log files."""

import sys
import time
from datetime import timedelta
from typing import Any

from rich.progress import Progress, TaskID

__all__ = ["INTERVAL_S", "Lines"]

INTERVAL_S = 15.0  # between two lines


class Lines(Progress):
    """Takes what a bar would show, and writes a line about it on standard error at times."""

    def __init__(self) -> None:
        """Begin to count; the first line comes after the interval, so that short work is silent."""
        super().__init__(disable=True)
        self._due = time.monotonic() + INTERVAL_S
        self._active: dict[TaskID, None] = {}  # updated since the last line, in order
        self._begun: dict[TaskID, tuple[str, float, float]] = {}

    def update(self, task_id: TaskID, **changes: Any) -> None:
        """Note what a task has come to, and write a line if it is time; see `Progress.update`."""
        super().update(task_id, **changes)
        with self._lock:
            task, now = self._tasks[task_id], time.monotonic()
            share = task.completed / task.total if task.total else 0.0
            name, _, before = self._begun.get(task_id, ("", 0.0, 0.0))
            if name != task.description or share < before:  # another piece of work
                self._begun[task_id] = (task.description, now, share)
            self._active[task_id] = None
            if now < self._due:
                return
            self._due = now + INTERVAL_S
            told = [self._tell(one, now) for one in self._active if one in self._tasks]
            self._active.clear()
        print(f"cam-arena: {'; '.join(told)}", file=sys.stderr, flush=True)

    def _tell(self, task_id: TaskID, now: float) -> str:
        task = self._tasks[task_id]
        parts = [f"{task.description}:"]
        share = task.completed / task.total if task.total else 0.0
        if task.total:
            parts.append(f"{100 * share:.0f} %")
        if note := task.fields.get("note"):
            parts.append(f"({note})")
        _, begun, before = self._begun[task_id]
        if share > before:
            left = (1 - share) * (now - begun) / (share - before)
            parts.append(f"{timedelta(seconds=round(left))} left")
        return " ".join(parts)
