"""Where the time of a training sample goes, part by part, beside what its products need.

    python -m benchmarks.training_profile [--seconds 6] [--out runs/bench]

One process, self-play as in `benchmarks.bench_training`. Every function that does one part of the
work is timed; what none of them takes is Python, small operations of torch and memory that moves
between them. `training_profile.csv` has a row a part: nanoseconds a sample. The row `bound` is what
the matrix products alone would take at the rate that this core reaches on one that is repeated, so
that its operands are in the cache: no trainer of this network can be faster on this core.
"""

import csv
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import torch
import tyro

from cam_arena import _training
from cam_arena.agents.workers import Group, launch

from .bench_training import Clock, Precision, make_loop, precisions, product_rate, products
from .machine import write_machine

FIELDS = ("precision", "epochs", "part", "nanoseconds")
# What does each part of the work: in _training, but for those named in `profile`.
PASSES = {
    "read": "observations to inputs",
    "embed_gradient": "observations to inputs",
    "effects_gradient": "observations to inputs",
    "bias_relu": "biases and relus",
    "bias_relu_gradient": "biases and relus",
    "head": "heads, softmax and sampling",
    "head_gradient": "heads, softmax and sampling",
    "policy_terms": "heads, softmax and sampling",
    "policy_gradient": "heads, softmax and sampling",
    "sample_actions": "heads, softmax and sampling",
    "advantages": "advantages",
}
PRODUCTS, SIMULATION, ADAM, REST = "matrix products", "simulation", "Adam", "all else"
BOUND = "bound"


@dataclass(frozen=True)
class Config:
    """Profile training."""

    seconds: float = 6.0
    """Of each profile."""
    hidden: tuple[int, ...] = (256, 256)
    """Widths of the network."""
    epochs: tuple[int, ...] = (1, 4)
    """Passes over a batch to profile."""
    out: Path = Path("runs/bench")
    """Folder of training_profile.csv and training_profile.json."""

    def __post_init__(self) -> None:
        """Refuse what measures nothing."""
        if self.seconds <= 0:
            raise ValueError(f"seconds must be positive, got {self.seconds}")


def profile(
    group: Group, _: object, config: Config, epochs: int, precision: Precision
) -> dict[str, float]:
    """Return the nanoseconds a sample of every part."""
    loop, backend = make_loop(group, config.hidden, epochs=epochs, precision=precision)
    clock = Clock((PRODUCTS, SIMULATION, *dict.fromkeys(PASSES.values()), ADAM))
    with ExitStack() as stack:
        for name, part in PASSES.items():
            stack.enter_context(clock.on(_training, name, part))
        stack.enter_context(clock.on(torch, "mm", PRODUCTS))
        stack.enter_context(clock.on(backend, "step", SIMULATION))
        stack.enter_context(clock.on(loop.learner._optimizer, "step", ADAM))
        begun, steps = time.perf_counter(), loop.steps
        while time.perf_counter() - begun < config.seconds:
            loop.update()
        passed, samples = time.perf_counter() - begun, loop.steps - steps
    found = {part: 1e9 * seconds / samples for part, seconds in clock.seconds.items()}
    found[REST] = 1e9 * passed / samples - sum(found.values())
    found[BOUND] = 1e9 * products(loop.learner.policy, epochs) / product_rate(precision)
    return found


def main(config: Config) -> None:
    """Write the rows and print them."""
    torch.set_num_threads(1)
    config.out.mkdir(parents=True, exist_ok=True)
    write_machine(config.out / "training_profile.json", ["numpy", "torch"])
    with (config.out / "training_profile.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        for precision in precisions():
            for epochs in config.epochs:
                found = launch(profile, 1, config, epochs, precision)
                for part, spent in found.items():
                    row = dict(zip(FIELDS, (precision, epochs, part, round(spent)), strict=True))
                    writer.writerow(row)
                bound = found.pop(BOUND)
                total = sum(found.values())
                print(
                    f"{precision}, {epochs} epochs: {total:,.0f} ns a sample, products alone "
                    f"{bound:,.0f}"
                )
                for part, spent in found.items():
                    print(f"  {part:30} {spent:8,.0f} ns {spent / total:4.0%}", flush=True)


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
