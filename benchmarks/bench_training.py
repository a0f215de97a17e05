"""Samples a second of PPO self-play, beside Stable-Baselines3 on the same env in the same run.

    python benchmarks/bench_training.py [--seconds 6]

A sample is one decision of one fighter that was both played and learned from. Every row is the
median of three spells; take the figures on a machine that does nothing else.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import supersuit
import torch
from sb3_contrib import MaskablePPO
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv

from cam_arena import duel_v0
from cam_arena.agents import selfplay
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.networks import NetworkConfig, supports_bfloat16
from cam_arena.integrations.sb3 import SB3VecEnv

SPELLS = 3
EPOCHS, MINIBATCH, MATCHES, ROLLOUT = 2, 4096, 256, 32


def ours(workers: int, hidden: tuple[int, ...], precision: str, seconds: float) -> float:
    """Return the samples a second of a short self-play run, its first quarter left out."""
    with tempfile.TemporaryDirectory() as folder:
        run = selfplay.train(
            selfplay.Config(
                out=Path(folder),
                minutes=seconds / 60,
                workers=workers,
                matches=MATCHES,
                rollout=ROLLOUT,
                self_share=1.0,
                sink_share=0.0,
                snapshots=0,
                network=NetworkConfig(hidden),
                learner=LearnerConfig(epochs=EPOCHS, minibatch=MINIBATCH, precision=precision),
                checkpoint_updates=10**9,
                tensorboard=False,
            )
        )
        rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    first, last = rows[len(rows) // 4], rows[-1]
    return (last["step"] - first["step"]) / (last["time/seconds"] - first["time/seconds"])


class _Clock(BaseCallback):
    """Stops after some seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._end = time.perf_counter() + seconds

    def _on_step(self) -> bool:
        return time.perf_counter() < self._end


def _rate(
    algorithm: type[PPO] | type[MaskablePPO], env: VecEnv, hidden: tuple[int, ...], seconds: float
) -> float:
    """Return the samples a second of a Stable-Baselines3 algorithm on an env, which it closes."""
    model = algorithm(
        "MultiInputPolicy",
        env,
        n_steps=ROLLOUT,
        batch_size=MINIBATCH,
        n_epochs=EPOCHS,
        policy_kwargs={"net_arch": list(hidden)},
        device="cpu",
    )
    start = time.perf_counter()
    model.learn(10**9, callback=_Clock(seconds))
    rate = model.num_timesteps / (time.perf_counter() - start)
    env.close()
    return rate


def maskable(hidden: tuple[int, ...], seconds: float) -> float:
    """Measure MaskablePPO on our adapter: same matches and batch sizes, one process."""
    return _rate(MaskablePPO, SB3VecEnv(MATCHES, characters="core8"), hidden, seconds)


def over_supersuit(hidden: tuple[int, ...], seconds: float) -> float:
    """Measure PPO on SuperSuit's vector env, whose rows it cannot mask, one process."""
    rows = supersuit.pettingzoo_env_to_vec_env_v1(duel_v0.parallel_env(characters="core8"))
    env = supersuit.concat_vec_envs_v1(rows, MATCHES, base_class="stable_baselines3")
    return _rate(PPO, env, hidden, seconds)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each spell")
    seconds = parser.parse_args(arguments).seconds
    torch.set_num_threads(1)
    print(f"{EPOCHS} epochs, minibatch {MINIBATCH}, {MATCHES} matches and {ROLLOUT} steps a worker")
    precisions = ["float32", "bfloat16"] if supports_bfloat16() else ["float32"]
    rows = []
    for hidden in ((128, 128), (256, 256)):
        name = "x".join(map(str, hidden))
        rows.append((f"SB3 PPO {name} on SuperSuit, 1 process", over_supersuit, (hidden, seconds)))
        rows.append((f"SB3 MaskablePPO {name}, 1 process", maskable, (hidden, seconds)))
        for precision in precisions:
            for workers in (1, 2):
                label = f"cam_arena {name} {precision}, {workers} process{'es' * (workers > 1)}"
                rows.append((label, ours, (workers, hidden, precision, seconds)))
    for label, measure, options in rows:
        rates = [measure(*options) for _ in range(SPELLS)]
        median = statistics.median(rates)
        print(
            f"{label:45} {median:10,.0f} samples/s   ({min(rates):,.0f}..{max(rates):,.0f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
