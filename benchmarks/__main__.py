"""Measure every interface in turns, print a table, write a CSV."""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import tyro
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from .contenders import REFERENCE, all_contenders
from .guard import slower
from .machine import write_machine
from .timing import Result, measure


@dataclass(frozen=True)
class Config:
    """Measure the rates of every interface on one core."""

    rounds: int = 11
    """How often each contender has its turn."""
    seconds: float = 0.25
    """CPU seconds a turn."""
    out: Path = Path("runs/bench")
    """Folder of rates.csv and machine.json."""
    against: Path | None = None
    """A rates.csv of this machine: fail if an interface has become more than 5 % slower."""

    def __post_init__(self) -> None:
        """Refuse what measures nothing."""
        if self.rounds < 1:
            raise ValueError(f"rounds must be at least 1, got {self.rounds}")
        if self.seconds <= 0:
            raise ValueError(f"seconds must be positive, got {self.seconds}")


def write_results(results: list[Result], out: Path) -> None:
    """Write one row a round and contender to rates.csv."""
    with (out / "rates.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["interface", "unit", "round", "units_per_cpu_second", "ratio_to_make_vec"])
        for result in results:
            for number, (rate, ratio) in enumerate(zip(result.rates, result.ratios, strict=True)):
                writer.writerow([result.name, result.unit, number, round(rate), f"{ratio:.5f}"])


def format_table(results: list[Result]) -> Table:
    """Return the table that the terminal shows."""
    table = Table(title="Units per CPU-second on one core")
    table.add_column("interface")
    table.add_column("median", justify="right", no_wrap=True, min_width=9)
    table.add_column("spread", justify="right", no_wrap=True, min_width=6)
    table.add_column("unit", no_wrap=True, min_width=11)
    table.add_column("make_vec is", justify="right", no_wrap=True, min_width=11)
    for result in results:
        factor = "" if result.unit == "ticks" else f"{1 / result.ratio:.3g}x"
        spread = f"{(max(result.rates) - min(result.rates)) / result.rate:.0%}"
        table.add_row(result.name, f"{result.rate:,.0f}", spread, result.unit, factor)
    return table


def main(config: Config) -> int:
    """Run the benchmark and return the exit code."""
    console = Console()
    config.out.mkdir(parents=True, exist_ok=True)
    packages = ["numpy", "gymnasium", "pettingzoo", "supersuit", "stable-baselines3"]
    write_machine(config.out / "machine.json", packages)
    contenders = all_contenders()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("rounds", total=config.rounds)
        results = measure(
            contenders,
            REFERENCE,
            rounds=config.rounds,
            seconds=config.seconds,
            on_round=lambda done: progress.update(task, completed=done),
        )
    for contender in contenders:
        contender.close()
    write_results(results, config.out)
    console.print(format_table(results))
    console.print(f"{config.out / 'rates.csv'}: every round; a tick is 1/30 s, a step is 3 ticks")
    lost = [] if config.against is None else slower(results, config.against)
    for sentence in lost:
        print(sentence, file=sys.stderr)
    return int(bool(lost))


if __name__ == "__main__":
    sys.exit(main(tyro.cli(Config, description=__doc__)))
