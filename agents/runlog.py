"""What a run shows while it trains: metrics.jsonl, TensorBoard events, a progress bar."""

import json
import math
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from cam_arena.errors import CheckpointError
from cam_arena.files import naming, read_bytes, refusing, write_whole

from .lines import Lines

FILE_NAME = "metrics.jsonl"
WIN_RATE = "evaluation/win_rate_"
"""What the name of a win rate begins with; then comes the opponent."""

__all__ = ["RunLog", "cut_rows", "display", "make_progress", "read_rows", "read_spent"]


def make_progress() -> Progress:
    """Return a display of throughput and time left: bars in a terminal, else lines at times."""
    if not sys.stderr.isatty():
        return Lines()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
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


def make_note(metrics: Mapping[str, float]) -> str:
    """Return what a bar or a line says of an update: throughput, and win rates if there are any."""
    parts = [f"{metrics.get('time/samples_per_second', 0):,.0f} samples/s"]
    for name, value in metrics.items():
        if name.startswith(WIN_RATE):
            parts.append(f"{100 * value:.0f} % against {name.removeprefix(WIN_RATE)}")
    return ", ".join(parts)


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


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read the rows of a `metrics.jsonl`; none if there is no such file.

    A last line without its end is passed over, as a killed run leaves it; a metric that is not
    finite is left out. The steps of one name rise: of what was trained twice, the later counts.

    Raises:
        CheckpointError: naming the line, if the file is damaged.
    """
    content = read_bytes(path, CheckpointError) if path.exists() else b""
    rows: dict[int, dict[str, Any]] = {}
    ends: dict[str, list[int]] = {}  # lines of a name, in order
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
            name, step = str(row.get("name", "")), float(row["step"])
        while ends.get(name) and rows[ends[name][-1]]["step"] >= step:
            del rows[ends[name].pop()]  # trained again, from a checkpoint before it
        rows[number] = {"name": name, **finite}
        ends.setdefault(name, []).append(number)
    return list(rows.values())


def cut_rows(folder: Path, name: str, step: int) -> None:
    """Remove the rows of a curve after a step from `metrics.jsonl`, and half a last line.

    Args:
        folder: of the run.
        name: of the curve; the others stay as they are.
        step: the last one that stays.
    """
    path = folder / FILE_NAME
    content = read_bytes(path, CheckpointError) if path.exists() else b""
    with refusing(path, "the metrics of a run", CheckpointError):
        kept = [
            line
            for line in content.split(b"\n")[:-1]
            if (row := json.loads(line)).get("name", "") != name or row["step"] <= step
        ]
    whole = b"".join(line + b"\n" for line in kept)
    if whole != content:
        write_whole(path, whole)


class RunLog:
    """Writes the metrics of one worker; the others write nothing."""

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        begun: int = 0,
        cut: bool = True,
        progress: Progress | None = None,
        tensorboard: bool = True,
    ) -> None:
        """Open the files.

        Args:
            folder: of the run; `metrics.jsonl` is appended to.
            name: what the bar and each line call this part of the run.
            begun: step of the checkpoint that it goes on from; what was logged of this name after
                it is forgotten, for it is trained again. 0: everything.
            cut: whether `metrics.jsonl` is cut there; False where `cut_rows` has done so, because
                other processes write into the file too.
            progress: where to show a bar; None shows none.
            tensorboard: whether to write event files too.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / FILE_NAME
        if cut:
            cut_rows(folder, name, begun)
        self._name, self._progress = name, progress
        self._won: dict[str, float] = {}  # the newest win rates
        self._task = None if progress is None else progress.add_task(name, total=1.0, note="")
        self._writer: Any = None
        if tensorboard:
            from torch.utils.tensorboard import (
                SummaryWriter,
            )  # slow to import, so only where it is wanted

            self._writer = SummaryWriter(str(folder / "tensorboard" / name), purge_step=begun + 1)

    def write(self, step: int, fraction: float, metrics: Mapping[str, float]) -> None:
        """Record one update.

        Args:
            step: samples so far.
            fraction: of the budget used, in [0, 1].
            metrics: by `section/name`; `time/samples_per_second` and `rollout/return` are shown in
                the bar.
        """
        row = {"name": self._name, "step": step, "time": round(time.time(), 3), **metrics}
        with naming(self._path), self._path.open("ab") as file:  # it may have been cut meanwhile
            file.write(json.dumps(row).encode() + b"\n")
        if self._progress is not None and self._task is not None:
            self._won |= {
                name: value for name, value in metrics.items() if name.startswith(WIN_RATE)
            }
            note = make_note({**self._won, **metrics})
            self._progress.update(self._task, completed=min(fraction, 1.0), note=note)
        if self._writer is not None:
            for name, value in metrics.items():
                self._writer.add_scalar(name, value, step)

    def flush(self) -> None:
        """Let event files hold all that was written; `metrics.jsonl` always does."""
        if self._writer is not None:
            self._writer.flush()

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
        if self._writer is not None:
            self._writer.close()
        if kind is None and self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=1.0)
