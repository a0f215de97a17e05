"""How rates, memory and start-up grow: over matches, threads, processes and fighters a side.

    python -m benchmarks.scaling [--rounds 7] [--out runs/bench]

Writes scaling.csv, scaling.json and three plots. Threads and processes are timed by the wall,
because CPU time grows with them: take these figures on a machine that does nothing else. All else
is CPU time.
"""

import csv
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

import cam_arena
from cam_arena import _core

from .core_ticks import FRAME_SKIP, SEED, sample_legal
from .interfaces import VectorSteps
from .machine import write_machine
from .timing import Result, measure

STEPS = 128  # a lap; every batch size plays the same part of a match
SQUAD_MATCHES = 256
INTERFACES = ("parallel_env", "make_vec")
INK, ACCENT = "#2b2d42", "#c8553d"


class Row(NamedTuple):
    """A line of scaling.csv: one figure of one setting in one round."""

    study: str  # matches, threads, workers, fighters, memory or first step
    setting: str  # what the figure depends on besides the number
    number: int  # of matches, threads, processes or fighters a side
    unit: str
    round: int
    value: float


@dataclass(frozen=True)
class Config:
    """Measure how rates, memory and start-up grow."""

    matches: tuple[int, ...] = tuple(2**power for power in range(15))
    """Batch sizes of make_vec on one thread."""
    threads: tuple[int, ...] = (1, 2)
    """Numbers of threads; the first is what speed-ups compare with."""
    thread_matches: tuple[int, ...] = (64, 256, 1024, 4096)
    """Batch sizes at which threads and processes are measured."""
    workers: tuple[int, ...] = (1, 2)
    """Numbers of processes (`num_workers`)."""
    fighters: tuple[int, ...] = (1, 2, 3, 4, 5)
    """Fighters a side."""
    memory_matches: tuple[int, ...] = (1024, 16384)
    """Batch sizes whose memory is measured."""
    rounds: int = 7
    """How often each setting has its turn."""
    starts: int = 5
    """Processes whose first step is timed, for each interface."""
    seconds: float = 0.2
    """Seconds a turn."""
    out: Path = Path("runs/bench")
    """Folder of the files."""

    def __post_init__(self) -> None:
        """Refuse what measures nothing."""
        counts = (
            *self.matches, *self.threads, *self.workers, *self.thread_matches, *self.fighters
        )  # fmt: skip
        if min(*counts, *self.memory_matches, self.rounds, self.starts) < 1:
            raise ValueError("matches, threads, fighters, rounds and starts must be at least 1")
        if self.seconds <= 0:
            raise ValueError(f"seconds must be positive, got {self.seconds}")


class SquadSteps:
    """The C batch with several fighters a side: observations, masks and rewards are written."""

    unit = "agent-steps"

    def __init__(self, fighters: int, num_matches: int = SQUAD_MATCHES) -> None:
        self.name = str(fighters)
        data = cam_arena.load_roster().data
        self.batch = _core.Batch(
            data, num_matches, sizes=(fighters, fighters), frame_skip=FRAME_SKIP
        )
        self.prepare()
        seats = (num_matches, 2 * fighters)
        self.outputs = (
            np.zeros((*seats, self.batch.observation_size), np.float32),
            np.zeros((*seats, _core.NUM_ACTIONS), np.int8),
            np.zeros(seats, np.float32),
            np.zeros(num_matches, np.bool_),
            np.zeros(num_matches, np.bool_),
        )
        masks = self.outputs[1]
        self.batch.action_masks(masks)
        rng = np.random.default_rng(SEED)
        self.actions = []
        for _ in range(STEPS):
            self.actions.append(sample_legal(masks, rng).astype(np.int32))
            self.step(self.actions[-1])

    def prepare(self) -> None:
        """Start all matches again from the same seeds."""
        for match in range(self.batch.num_matches):
            self.batch.reset(match, SEED + match)

    def step(self, actions: Any) -> None:
        """Play one step; a match that ended starts again in the next."""
        self.batch.step(actions, *self.outputs, None, 0)

    def run(self) -> int:
        """Replay the lap."""
        for actions in self.actions:
            self.step(actions)
        return len(self.actions) * self.actions[0].size

    def close(self) -> None:
        """Hold nothing."""


def rate_rows(study: str, keys: list[tuple[str, int]], results: list[Result]) -> Iterator[Row]:
    """Yield the rates of results as rows; a key is (setting, number)."""
    for (setting, number), result in zip(keys, results, strict=True):
        for done, rate in enumerate(result.rates):
            yield Row(study, setting, number, f"{result.unit}/s", done, round(rate))


def match_rows(config: Config) -> Iterator[Row]:
    """Measure batch sizes on one thread, by CPU time."""
    contenders = [
        VectorSteps(str(n), cam_arena.make_vec(n, copy=False), 2 * n, STEPS) for n in config.matches
    ]
    results = measure(contenders, contenders[0].name, rounds=config.rounds, seconds=config.seconds)
    yield from rate_rows("matches", [("make_vec", n) for n in config.matches], results)


def thread_rows(config: Config) -> Iterator[Row]:
    """Measure numbers of threads at several batch sizes, by the wall."""
    yield from wall_rows("threads", "num_threads", config.threads, config)


def worker_rows(config: Config) -> Iterator[Row]:
    """Measure numbers of processes that share the matches over memory, by the wall."""
    yield from wall_rows("workers", "num_workers", config.workers, config)


def wall_rows(study: str, option: str, counts: Sequence[int], config: Config) -> Iterator[Row]:
    """Measure values of an option of `make_vec` at several batch sizes, by the wall."""
    keys = [(f"{n} matches", count) for n in config.thread_matches for count in counts]
    contenders = [
        VectorSteps(
            f"{n} on {count}",
            cam_arena.make_vec(n, **{option: count}, copy=False),  # type: ignore[arg-type]
            2 * n,
            STEPS,
        )
        for n in config.thread_matches
        for count in counts
    ]
    results = measure(
        contenders,
        contenders[0].name,
        rounds=config.rounds,
        seconds=config.seconds,
        clock=time.perf_counter,
    )
    yield from rate_rows(study, keys, results)
    for contender in contenders:
        contender.close()


def fighter_rows(config: Config) -> Iterator[Row]:
    """Measure the C batch with several fighters a side, by CPU time."""
    contenders = [SquadSteps(fighters) for fighters in config.fighters]
    results = measure(contenders, contenders[0].name, rounds=config.rounds, seconds=config.seconds)
    keys = [(f"{SQUAD_MATCHES} matches", fighters) for fighters in config.fighters]
    yield from rate_rows("fighters", keys, results)
    for fighters, contender in zip(config.fighters, contenders, strict=True):
        batch = contender.batch
        yield Row("fighters", "state", fighters, "bytes/match", 0, batch.state_size)
        rows = sum(output.nbytes for output in contender.outputs) // batch.num_matches
        yield Row("fighters", "outputs", fighters, "bytes/match", 0, rows)


def fresh_process(*arguments: str) -> dict[str, float]:
    """Run fresh_process.py in a new process and return what it printed."""
    command = [sys.executable, "-m", "benchmarks.fresh_process", *arguments]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def memory_rows(config: Config) -> Iterator[Row]:
    """Measure how much a match of make_vec adds to the process; needs /proc."""
    if not Path("/proc/self/statm").exists():
        return
    for n in config.memory_matches:
        for setting, size in fresh_process("memory", str(n)).items():
            yield Row("memory", setting, n, "bytes/match", 0, round(size))


def start_rows(config: Config) -> Iterator[Row]:
    """Time the way to the first step in new processes, interfaces in turns."""
    for done in range(config.starts):
        for interface in INTERFACES:
            for part, value in fresh_process("first-step", interface).items():
                yield Row("first step", f"{interface}: {part}", 1, "ms", done, round(value, 2))


STUDIES: tuple[Callable[[Config], Iterator[Row]], ...] = (
    match_rows,
    thread_rows,
    worker_rows,
    fighter_rows,
    memory_rows,
    start_rows,
)


def spreads(rows: list[Row], study: str, unit: str) -> dict[str, dict[int, list[float]]]:
    """Return setting -> number -> the values of all rounds, for one study and unit."""
    found: dict[str, dict[int, list[float]]] = {}
    for row in rows:
        if row.study == study and row.unit == unit:
            found.setdefault(row.setting, {}).setdefault(row.number, []).append(row.value)
    return found


def plot_rates(path: Path, rows: list[Row], study: str, title: str, label: str) -> None:
    """Plot medians of one study with the range of all rounds behind them, a line a setting."""
    from matplotlib.figure import Figure  # no display and no global state

    figure = Figure(figsize=(7, 4), dpi=130, layout="constrained")
    axes = figure.subplots()
    curves = spreads(rows, study, "agent-steps/s")
    for (setting, curve), shade in zip(
        curves.items(), np.linspace(1, 0.35, len(curves)), strict=True
    ):
        numbers = sorted(curve)
        millions = [[value / 1e6 for value in curve[number]] for number in numbers]
        low, high = [min(values) for values in millions], [max(values) for values in millions]
        axes.fill_between(numbers, low, high, color=ACCENT, alpha=0.15 * shade, linewidth=0)
        middle = [statistics.median(values) for values in millions]
        axes.plot(numbers, middle, color=ACCENT, alpha=shade, marker="o", ms=4, label=setting)
    if study == "matches":
        axes.set_xscale("log", base=2)
    else:
        axes.set_xticks(sorted({number for curve in curves.values() for number in curve}))
    if len(curves) > 1:
        axes.legend(frameon=False)
    axes.set_ylim(bottom=0)
    axes.set_title(title, loc="left", color=INK)
    axes.set_xlabel(label)
    axes.set_ylabel("million agent-steps/s")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path)


def plot_all(folder: Path, rows: list[Row]) -> None:
    """Write the three plots."""
    plots = {
        "matches": ("make_vec on one thread, CPU time", "matches in the batch"),
        "threads": ("make_vec on several threads, wall time", "threads"),
        "fighters": ("The C batch of 256 matches, CPU time", "fighters a side"),
    }
    for study, (title, label) in plots.items():
        plot_rates(folder / f"scaling_{study}.png", rows, study, title, label)


def format_table(rows: list[Row]) -> Table:
    """Return the medians as the table that the terminal shows."""
    table = Table(title="Medians")
    for column in ("study", "setting", "number", "median", "unit"):
        table.add_column(column, justify="right" if column in ("number", "median") else "left")
    groups: dict[tuple[str, str, int, str], list[float]] = {}
    for row in rows:
        groups.setdefault((row.study, row.setting, row.number, row.unit), []).append(row.value)
    for (study, setting, number, unit), values in groups.items():
        table.add_row(study, setting, str(number), f"{statistics.median(values):,.5g}", unit)
    return table


def main(config: Config) -> None:
    """Run every study, write its rows at once, and plot all."""
    console = Console()
    config.out.mkdir(parents=True, exist_ok=True)
    write_machine(config.out / "scaling.json", ["numpy"])
    rows: list[Row] = []
    with (config.out / "scaling.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Row._fields)
        for study in STUDIES:
            for row in study(config):
                writer.writerow(row)
                rows.append(row)
            file.flush()
    plot_all(config.out, rows)
    console.print(format_table(rows))
    console.print(f"{config.out / 'scaling.csv'}: every round; plots beside it")


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
