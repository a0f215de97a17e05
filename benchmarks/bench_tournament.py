"""Seconds of a round-robin between trained policies, every decision sampled.

    python -m benchmarks.bench_tournament [--games 1000] [--policies 8] [--out runs/bench]

The policies are snapshots of a short self-play run, with the network of CAM's preset for a CPU. A
row is one round-robin; the first policy plays the first character of the split, and so on. Take the
figures on a machine that does nothing else.
"""

import csv
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import tyro

import cam_arena
from cam_arena.agents import selfplay
from cam_arena.agents.cam import PRESETS
from cam_arena.agents.evaluate import Entrant, tournament
from cam_arena.agents.networks import Precision, supports_bfloat16
from cam_arena.agents.population.members import load_member

from .machine import write_machine

FIELDS = ["policies", "games", "precision", "threads", "seconds", "cpu_seconds", "decisions"]


@dataclass(frozen=True)
class Config:
    """Measure round-robins."""

    games: int = 1000
    """For each pair of policies."""
    policies: int = 8
    """Who meet each other; at most 8, one character of core8 each."""
    threads: tuple[int, ...] = (1, 2)
    """Numbers of threads to measure."""
    train_seconds: float = 30.0
    """Of the self-play that the policies come from."""
    out: Path = Path("runs/bench")
    """Folder of tournament.csv and tournament.json."""

    def __post_init__(self) -> None:
        """Refuse what measures nothing."""
        if not 2 <= self.policies <= 8 or self.train_seconds <= 0:
            raise ValueError(
                "policies must be 2..8 and train_seconds positive, "
                f"got {self.policies} and {self.train_seconds}"
            )


def trained(config: Config) -> list[Entrant]:
    """Train for a while and return the snapshots, each with a character of its own."""
    with tempfile.TemporaryDirectory() as folder:
        run = selfplay.train(
            selfplay.Config(
                out=Path(folder),
                minutes=config.train_seconds / 60,
                workers=1,
                network=PRESETS["cpu"].network,
                snapshots=config.policies,
                checkpoint_updates=10**9,
                tensorboard=False,
            )
        )
        members = [load_member(path) for path in sorted((run / "snapshots").iterdir())]
    roster = cam_arena.load_roster()
    characters = selfplay.character_indices(roster, "core8")
    return [
        Entrant(member.name, member, character)
        for member, character in zip(members, characters, strict=False)
    ]


def measure(
    entrants: list[Entrant], games: int, threads: int, precision: Precision
) -> dict[str, object]:
    """Play one round-robin and return its row."""
    wall, cpu = time.perf_counter(), time.process_time()
    table = tournament(entrants, games=games, seed=0, threads=threads, precision=precision)
    return {
        "policies": len(entrants),
        "games": int(table.games.sum()) // 2,
        "precision": precision,
        "threads": threads,
        "seconds": round(time.perf_counter() - wall, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "decisions": int(table.uses.sum()),
    }


def main(config: Config) -> None:
    """Print and write a row for each number of threads and precision."""
    torch.set_num_threads(1)
    precisions: list[Precision] = ["float32"]
    if supports_bfloat16():  # what a tournament plays in by default
        precisions.append("bfloat16")
    config.out.mkdir(parents=True, exist_ok=True)
    write_machine(config.out / "tournament.json", ["numpy", "torch"])
    entrants = trained(config)
    with (config.out / "tournament.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        for precision in precisions:
            for threads in config.threads:
                row = measure(entrants, config.games, threads, precision)
                writer.writerow(row)
                file.flush()
                print(", ".join(f"{name} {value}" for name, value in row.items()), flush=True)


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
