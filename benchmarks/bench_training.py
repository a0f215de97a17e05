"""Samples a second of PPO self-play, beside Stable-Baselines3 on the same env in the same run.

    python -m benchmarks.bench_training [--seconds 4] [--spells 3] [--out runs/bench]

A sample is one decision of one fighter that was both played and learned from. Contenders take turns
in spells; take the figures on a machine that does nothing else. `training.csv` has a row a spell:
samples a second, the parts of an iteration as shares of it, and the share that its matrix products
would take alone at the rate this core reaches on one of their size, measured in the same spell.
"""

import csv
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

import numpy as np
import supersuit
import torch
import tyro
from sb3_contrib import MaskablePPO
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv
from torch import nn

import cam_arena
from cam_arena import _training, duel_v0
from cam_arena.agents import vecenv
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.learner import Learner
from cam_arena.agents.loop import Budget, Loop
from cam_arena.agents.networks import NetworkConfig, supports_bfloat16
from cam_arena.agents.population.matchmaking import Pool
from cam_arena.agents.sharing import make_policy
from cam_arena.agents.workers import Group, launch
from cam_arena.integrations.sb3 import SB3VecEnv

from .machine import write_machine

MINIBATCH, MATCHES, ROLLOUT, WARM_UP = 4096, 256, 32, 2
PARTS = ("simulate", "infer", "sample", "gae", "update")
Precision = Literal["float32", "bfloat16"]
FIELDS = (
    "trainer", "network", "precision", "epochs", "processes", "spell", "samples_per_second",
    *PARTS, "products", "gflops",
)  # fmt: skip


@dataclass(frozen=True)
class Config:
    """Measure training."""

    seconds: float = 4.0
    """Of each spell."""
    spells: int = 3
    """Of each contender."""
    hidden: tuple[int, ...] = (256, 256)
    """Widths of the network."""
    epochs: tuple[int, ...] = (1, 2, 4)
    """Passes over a batch to measure."""
    processes: tuple[int, ...] = (1, 2)
    """Numbers of processes to measure."""
    out: Path = Path("runs/bench")
    """Folder of training.csv and training.json."""

    def __post_init__(self) -> None:
        """Refuse what measures nothing."""
        if self.seconds <= 0 or self.spells < 1:
            raise ValueError(
                f"seconds must be positive and spells at least 1, "
                f"got {self.seconds} and {self.spells}"
            )


@dataclass(frozen=True)
class Contender:
    """One line of the table."""

    trainer: str
    precision: Precision
    epochs: int
    processes: int
    measure: Callable[["Contender", Config], dict[str, float]]


class Clock:
    """Adds up the seconds spent in functions."""

    def __init__(self, parts: Sequence[str]) -> None:
        """Start at 0 for every part."""
        self.seconds = dict.fromkeys(parts, 0.0)

    @contextmanager
    def on(self, owner: Any, name: str, part: str) -> Iterator[None]:
        """Count what a function takes while the context lasts."""
        real = getattr(owner, name)

        def timed(*args: Any, **options: Any) -> Any:
            start = time.perf_counter()
            try:
                return real(*args, **options)
            finally:
                self.seconds[part] += time.perf_counter() - start

        with patch.object(owner, name, timed):
            yield


def ours(contender: Contender, config: Config) -> dict[str, float]:
    """Measure self-play of this package."""
    return launch(_spell, contender.processes, contender, config)


def make_loop(
    group: Group, hidden: tuple[int, ...], *, epochs: int, precision: Precision
) -> tuple[Loop, vecenv.NativeBackend]:
    """Return self-play that has run a little, and the matches in it."""
    policy = make_policy(
        "full",
        cam_arena.observation_layout(),
        len(cam_arena.load_roster()),
        NetworkConfig(hidden),
        generator=torch.Generator().manual_seed(0),
    )
    chosen = LearnerConfig(epochs=epochs, minibatch=MINIBATCH, precision=precision)
    average = group.average if group.size > 1 else None
    learner = Learner(policy, chosen, rng=np.random.default_rng(group.rank), average=average)
    backend = vecenv.NativeBackend(MATCHES, aggression=1.0, characters="core8", reward="hp")
    pool = Pool(self_share=1.0)
    collector = vecenv.Collector(
        backend,
        pool,
        pool.members.__getitem__,
        steps=ROLLOUT,
        rng=np.random.default_rng([1, group.rank]),
    )
    loop = Loop(learner, collector, Budget(minutes=60.0), group=group)
    for _ in range(WARM_UP):
        loop.update()
    return loop, backend


def _spell(group: Group, _: object, contender: Contender, config: Config) -> dict[str, float]:
    """Be one worker of a spell."""
    loop, backend = make_loop(
        group, config.hidden, epochs=contender.epochs, precision=contender.precision
    )
    learner = loop.learner
    clock, begun, steps = Clock(PARTS), time.perf_counter(), loop.steps
    with (
        clock.on(backend, "step", "simulate"),
        clock.on(loop, "_infer", "infer"),
        clock.on(_training, "sample_actions", "sample"),
        clock.on(_training, "advantages", "gae"),
        clock.on(learner, "update", "update"),
    ):
        before = loop.seconds
        while loop.seconds - before < config.seconds:  # a clock that all workers share
            loop.update()
    passed, samples = time.perf_counter() - begun, loop.steps - steps
    rate = product_rate(contender.precision)
    needed = samples / group.size * products(learner.policy, contender.epochs) / rate
    return {
        "samples_per_second": samples / passed,
        **{part: seconds / passed for part, seconds in clock.seconds.items()},
        "products": needed / passed,
        "gflops": rate / 1e9,
    }


def products(policy: nn.Module, epochs: int) -> float:
    """Return the floating-point operations of a sample's matrix products, from play to gradient.

    A product of the first layers has no gradient on its input, one of embeddings aside.
    """
    first = ("basic", "element")
    forward = backward = 0.0
    for name, module in policy.named_modules():
        if isinstance(module, nn.Linear) and name != "effect":
            cost = 2.0 * module.in_features * module.out_features
            forward += cost
            backward += cost * (1 if name in first else 2)
    return forward + epochs * (forward + backward)


def product_rate(precision: Precision, seconds: float = 0.3) -> float:
    """Measure operations a second of one core on a product like the network's."""
    dtype = torch.float32 if precision == "float32" else torch.bfloat16
    left, right = torch.randn(MINIBATCH, 256).to(dtype), torch.randn(256, 256).to(dtype)
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        torch.mm(left, right)
        done += 1
    return 2.0 * MINIBATCH * 256 * 256 * done / (time.perf_counter() - start)


class _Timer(BaseCallback):
    """Stops after some seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._end = time.perf_counter() + seconds

    def _on_step(self) -> bool:
        return time.perf_counter() < self._end


def _learn(
    algorithm: type[PPO] | type[MaskablePPO], env: VecEnv, contender: Contender, config: Config
) -> dict[str, float]:
    """Measure a Stable-Baselines3 algorithm on an env, which it closes."""
    model = algorithm(
        "MultiInputPolicy",
        env,
        n_steps=ROLLOUT,
        batch_size=MINIBATCH,
        n_epochs=contender.epochs,
        policy_kwargs={"net_arch": list(config.hidden)},
        device="cpu",
    )
    start = time.perf_counter()
    model.learn(10**9, callback=_Timer(config.seconds))
    rate = model.num_timesteps / (time.perf_counter() - start)
    env.close()
    return {"samples_per_second": rate}


def maskable(contender: Contender, config: Config) -> dict[str, float]:
    """Measure MaskablePPO on our adapter: same matches and batch sizes."""
    return _learn(MaskablePPO, SB3VecEnv(MATCHES, characters="core8"), contender, config)


def over_supersuit(contender: Contender, config: Config) -> dict[str, float]:
    """Measure PPO on SuperSuit's vector env, whose rows it cannot mask."""
    rows = supersuit.pettingzoo_env_to_vec_env_v1(duel_v0.parallel_env(characters="core8"))
    env = supersuit.concat_vec_envs_v1(rows, MATCHES, base_class="stable_baselines3")
    return _learn(PPO, env, contender, config)


def precisions() -> tuple[Precision, ...]:
    """Return those that this processor multiplies in."""
    return ("float32", "bfloat16") if supports_bfloat16() else ("float32",)


def contenders(config: Config) -> list[Contender]:
    """Return the lines of the table."""
    found = []
    for epochs in config.epochs:
        found.append(Contender("SB3 PPO on SuperSuit", "float32", epochs, 1, over_supersuit))
        found.append(Contender("SB3 MaskablePPO on SB3VecEnv", "float32", epochs, 1, maskable))
        for precision in precisions():
            for processes in config.processes:
                found.append(Contender("cam_arena", precision, epochs, processes, ours))
    return found


def main(config: Config) -> None:
    """Write the rows and print their medians."""
    torch.set_num_threads(1)
    network = "x".join(map(str, config.hidden))
    print(f"network {network}, minibatch {MINIBATCH}, {MATCHES} matches and {ROLLOUT} steps")
    config.out.mkdir(parents=True, exist_ok=True)
    write_machine(
        config.out / "training.json",
        ["numpy", "torch", "stable-baselines3", "sb3-contrib", "supersuit"],
    )
    with (config.out / "training.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        for one in contenders(config):
            rows = []
            for spell in range(config.spells):
                rows.append(one.measure(one, config))
                writer.writerow(
                    {
                        "trainer": one.trainer,
                        "network": network,
                        "precision": one.precision,
                        "epochs": one.epochs,
                        "processes": one.processes,
                        "spell": spell,
                        **{name: round(value, 4) for name, value in rows[-1].items()},
                    }
                )
                file.flush()
            middle = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
            rate = middle.pop("samples_per_second")
            gflops = middle.pop("gflops", None)
            shares = " ".join(f"{name} {value:.0%}" for name, value in middle.items())
            label = f"{one.trainer} {one.precision}, {one.epochs} epochs, {one.processes} processes"
            print(
                f"{label:62} {rate:9,.0f} samples/s  {shares}"
                + (f" at {gflops:.0f} GFLOP/s" if gflops else ""),
                flush=True,
            )


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
