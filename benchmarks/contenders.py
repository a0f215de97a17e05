"""The interfaces that are measured side by side, over the same game with the same options."""

from typing import Any

import gymnasium
from gymnasium.vector import SyncVectorEnv

import cam_arena
from cam_arena.integrations.sb3 import SB3VecEnv

from .core_ticks import SEED, CoreTicks
from .interfaces import ParallelSteps, TurnSteps, VectorSteps, supersuit_rows


class SB3Steps(VectorSteps):
    """As VectorSteps, over a vectorised environment of Stable-Baselines3."""

    def prepare(self) -> Any:
        """Start all matches again from the same seed and return their observations."""
        self.env.seed(SEED)
        return self.env.reset()


def gymnasium_rows(num_matches: int) -> Any:
    """Return Gymnasium's vector environment over single-seat copies; the opponent stands idle."""
    make = [lambda: gymnasium.make("cam_arena/Duel-v0", opponent="idle")] * num_matches
    return SyncVectorEnv(make)


REFERENCE = "make_vec (256 matches)"


def all_contenders() -> list[Any]:
    """Return every contender, ready to run."""
    return [
        CoreTicks(256),
        VectorSteps(REFERENCE, cam_arena.make_vec(256, copy=False), 512),
        VectorSteps("make_vec (1 match)", cam_arena.make_vec(1, copy=False), 2),
        VectorSteps(
            "make_vec, int16 (256)",
            cam_arena.make_vec(256, observation_dtype="int16", copy=False),
            512,
        ),
        VectorSteps(
            "make_vec, idle opponent (256)",
            cam_arena.make_vec(256, opponent="idle", copy=False),
            256,
        ),
        VectorSteps(
            "squad_v0.make_vec, 5v5 (16)",
            cam_arena.squad_v0.make_vec(16, team_size=5, copy=False),
            160,
        ),
        SB3Steps("SB3VecEnv (256 matches)", SB3VecEnv(256), 512),
        ParallelSteps(),
        TurnSteps(),
        VectorSteps("SuperSuit concat_vec_envs (64 matches)", supersuit_rows(64), 128),
        VectorSteps("Gymnasium SyncVectorEnv (64 seats)", gymnasium_rows(64), 64),
    ]
