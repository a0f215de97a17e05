"""The interfaces that are measured, each over the same game with the same options.

All replay random legal actions that were drawn in a lap before; see core_ticks.py.
"""

from typing import Any

import gymnasium
import numpy as np
import supersuit
from gymnasium.vector import SyncVectorEnv
from stable_baselines3.common.vec_env import VecEnv

import cam_arena
from cam_arena.integrations.sb3 import SB3VecEnv

from .core_ticks import SEED, STEPS, CoreTicks, sample_legal


class VectorSteps:
    """A vectorised environment whose rows all learn; observations and masks are written."""

    unit = "agent-steps"

    def __init__(self, name: str, env: Any, num_rows: int) -> None:
        self.name = name
        self.env = env
        self.num_rows = num_rows
        self.actions = []
        rng = np.random.default_rng(SEED)
        observation = self.prepare()
        for _ in range(STEPS):
            self.actions.append(sample_legal(observation["action_mask"], rng))
            observation = env.step(self.actions[-1])[0]

    def prepare(self) -> Any:
        """Start all matches again from the same seed and return their observations."""
        if isinstance(self.env, VecEnv):  # of Stable-Baselines3
            self.env.seed(SEED)
            return self.env.reset()
        return self.env.reset(seed=SEED)[0]

    def run(self) -> int:
        """Replay the lap."""
        step = self.env.step
        for actions in self.actions:
            step(actions)
        return STEPS * self.num_rows

    def close(self) -> None:
        """Close the environment."""
        self.env.close()


class ParallelSteps:
    """The PettingZoo parallel environment in a plain loop, one match."""

    unit = "agent-steps"

    def __init__(self) -> None:
        self.name = "parallel_env loop (1 match)"
        self.env = cam_arena.duel_v0.parallel_env()
        rng = np.random.default_rng(SEED)
        observations, _ = self.env.reset(seed=SEED)
        self.actions: list[dict[str, int]] = []
        while self.env.agents and len(self.actions) < STEPS:
            self.actions.append(
                {
                    agent: int(sample_legal(row["action_mask"], rng))
                    for agent, row in observations.items()
                }
            )
            observations = self.env.step(self.actions[-1])[0]

    def prepare(self) -> None:
        """Start the match again from the same seed."""
        self.env.reset(seed=SEED)

    def run(self) -> int:
        """Replay the lap."""
        step = self.env.step
        for actions in self.actions:
            step(actions)
        return 2 * len(self.actions)

    def close(self) -> None:
        """Close the environment."""
        self.env.close()


class TurnSteps:
    """The PettingZoo AEC environment in the loop of its manual, one match."""

    unit = "agent-steps"

    def __init__(self) -> None:
        self.name = "AEC loop (1 match)"
        self.env = cam_arena.duel_v0.env()
        rng = np.random.default_rng(SEED)
        self.env.reset(seed=SEED)
        self.actions: list[int] = []
        while len(self.actions) < 2 * STEPS:
            observation, _, terminated, truncated, _ = self.env.last()
            if terminated or truncated:
                break
            self.actions.append(int(sample_legal(observation["action_mask"], rng)))
            self.env.step(self.actions[-1])

    def prepare(self) -> None:
        """Start the match again from the same seed."""
        self.env.reset(seed=SEED)

    def run(self) -> int:
        """Replay the lap, looking at each observation before acting."""
        last, step = self.env.last, self.env.step
        for action in self.actions:
            last()
            step(action)
        return len(self.actions)

    def close(self) -> None:
        """Close the environment."""
        self.env.close()


def supersuit_rows(num_matches: int) -> Any:
    """Return SuperSuit's vector environment over copies of the parallel one, in one process."""
    env = supersuit.pettingzoo_env_to_vec_env_v1(cam_arena.duel_v0.parallel_env())
    return supersuit.concat_vec_envs_v1(env, num_matches, num_cpus=0, base_class="gymnasium")


def gymnasium_rows(num_matches: int) -> Any:
    """Return Gymnasium's vector environment over single-seat copies; the opponent stands idle."""
    make = [lambda: gymnasium.make("cam_arena/Duel-v0", opponent="idle")] * num_matches
    return SyncVectorEnv(make)


REFERENCE = "make_vec (256 matches)"


def all_contenders() -> list[Any]:
    """Return every contender, ready to run."""
    return [
        CoreTicks(256),
        VectorSteps(REFERENCE, cam_arena.make_vec(256), 512),
        VectorSteps("make_vec (1 match)", cam_arena.make_vec(1), 2),
        VectorSteps(
            "make_vec, int16 (256)", cam_arena.make_vec(256, observation_dtype="int16"), 512
        ),
        VectorSteps("make_vec, idle opponent (256)", cam_arena.make_vec(256, opponent="idle"), 256),
        VectorSteps("SB3VecEnv (256 matches)", SB3VecEnv(256), 512),
        ParallelSteps(),
        TurnSteps(),
        VectorSteps("SuperSuit concat_vec_envs (64 matches)", supersuit_rows(64), 128),
        VectorSteps("Gymnasium SyncVectorEnv (64 seats)", gymnasium_rows(64), 64),
    ]
