"""What a run shows while it trains: metrics.jsonl, TensorBoard events, a progress bar."""

import json
import math
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from cam_arena.errors import CheckpointError
from cam_arena.files import naming, read_bytes, refusing

__all__ = ["RunLog", "display", "make_progress", "read_rows", "read_spent"]


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
    for row in read_rows(folder / "metrics.jsonl"):
        spent[str(row.get("name", ""))] = {
            "samples": float(row["step"]), "seconds": float(row.get("time/seconds", 0.0)),
        }  # fmt: skip
    return spent


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Read the rows of a `metrics.jsonl`; none if there is no such file.

    A last line without its end is passed over, as a killed run leaves it; a metric that is not
    finite is left out.

    Raises:
        CheckpointError: naming the line, if the file is damaged.
    """
    content = read_bytes(path, CheckpointError) if path.exists() else b""
    lines = content.split(b"\n")[:-1]  # what follows the last end of a line is not whole
    for number, line in enumerate(lines, 1):
        with refusing(path, f"the metrics of a run: line {number}", CheckpointError):
            row = dict(json.loads(line.decode()))
            if not math.isfinite(row["step"]):
                raise ValueError(f"step is {row['step']}")
            if not all(isinstance(row[key], str) for key in ("name",) if key in row):
                raise ValueError(f"name is {row['name']!r}")
            numbers = {key: value for key, value in row.items() if key != "name"}
            if not all(isinstance(value, int | float) for value in numbers.values()):
                raise TypeError("a metric is no number")
        finite = {key: value for key, value in numbers.items() if math.isfinite(value)}
        yield {"name": row.get("name", ""), **finite}


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
        self._path = folder / "metrics.jsonl"
        self._file = self._path.open("a+b")
        _end_line(self._file)
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
        with naming(self._path):
            self._file.write(json.dumps(row).encode() + b"\n")
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


def _end_line(file: BinaryIO) -> None:
    """Cut off what a killed run left of its last line, so that the next row has one of its own."""
    file.seek(0)
    file.truncate(file.read().rfind(b"\n") + 1)
