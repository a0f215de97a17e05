"""What a run shows while it trains: metrics.jsonl, TensorBoard events, a progress bar."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

__all__ = ["RunLog", "display", "make_progress", "read_spent"]


def make_progress() -> Progress:
    """Return a display of throughput and time left; silent where there is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
        disable=not sys.stderr.isatty(),
        console=Console(stderr=True),
    )


@contextmanager
def display(progress: Progress | None) -> Iterator[Progress]:
    """Give the display that was given, or a live one of its own."""
    if progress is not None:
        yield progress
        return
    with make_progress() as own:
        yield own


def read_spent(folder: Path) -> dict[str, dict[str, float]]:
    """Read what training each policy of a run took, over all sittings.

    Returns:
        `samples` and `seconds` by the policy's name, in order of their beginning.
    """
    spent: dict[str, dict[str, float]] = {}
    path = folder / "metrics.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            row = json.loads(line)
        except ValueError:
            continue  # cut off by a kill
        spent[str(row.get("name", ""))] = {
            "samples": float(row["step"]), "seconds": float(row.get("time/seconds", 0.0)),
        }  # fmt: skip
    return spent


class RunLog:
    """Writes the metrics of one worker; the others write nothing."""

    def __init__(
        self, folder: Path, name: str, *, progress: Progress | None = None, tensorboard: bool = True
    ) -> None:
        """Open the files.

        Args:
            folder: of the run; `metrics.jsonl` is appended to.
            name: what the bar and each line call this part of the run.
            progress: where to show a bar; None shows none.
            tensorboard: whether to write event files too.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / "metrics.jsonl").open("a")
        self._name, self._progress = name, progress
        self._task = None if progress is None else progress.add_task(name, total=1.0, note="")
        self._writer: Any = None
        if tensorboard:
            from torch.utils.tensorboard import (
                SummaryWriter,
            )  # slow to import, so only where it is wanted

            self._writer = SummaryWriter(str(folder / "tensorboard" / name))

    def write(self, step: int, fraction: float, metrics: Mapping[str, float]) -> None:
        """Record one update.

        Args:
            step: samples so far.
            fraction: of the budget used, in [0, 1].
            metrics: by `section/name`; `time/samples_per_second` and `rollout/return` are shown in
                the bar.
        """
        row = {"name": self._name, "step": step, "time": round(time.time(), 3), **metrics}
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()
        if self._progress is not None and self._task is not None:
            note = f"{metrics.get('time/samples_per_second', 0):,.0f} samples/s"
            self._progress.update(self._task, completed=min(fraction, 1.0), note=note)
        if self._writer is not None:
            for name, value in metrics.items():
                self._writer.add_scalar(name, value, step)

    def __enter__(self) -> "RunLog":
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the files; a bar that was not finished stays where it was."""
        self._file.close()
        if self._writer is not None:
            self._writer.close()
        if kind is None and self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=1.0)
