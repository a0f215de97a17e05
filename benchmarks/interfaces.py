"""The game through its interfaces, each in the loop of its manual.

All replay random legal actions that were drawn in a lap before; see core_ticks.py.
"""

from typing import Any

import numpy as np

import cam_arena

from .core_ticks import SEED, STEPS, sample_legal


class VectorSteps:
    """A vectorised environment whose rows all learn; observations and masks are written."""

    unit = "agent-steps"

    def __init__(self, name: str, env: Any, num_rows: int, steps: int = STEPS) -> None:
        self.name = name
        self.env = env
        self.num_rows = num_rows
        self.actions: list[Any] = []
        rng = np.random.default_rng(SEED)
        observation = self.prepare()
        for _ in range(steps):
            self.actions.append(sample_legal(observation["action_mask"], rng))
            observation = env.step(self.actions[-1])[0]

    def prepare(self) -> Any:
        """Start all matches again from the same seed and return their observations."""
        return self.env.reset(seed=SEED)[0]

    def run(self) -> int:
        """Replay the lap."""
        step = self.env.step
        for actions in self.actions:
            step(actions)
        return len(self.actions) * self.num_rows

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
    import supersuit  # most benchmarks do without

    env = supersuit.pettingzoo_env_to_vec_env_v1(cam_arena.duel_v0.parallel_env())
    return supersuit.concat_vec_envs_v1(env, num_matches, num_cpus=0, base_class="gymnasium")
