"""Steps of five against five with all that agents get: what callgrind.sh counts for teams."""

import numpy as np

import cam_arena

from .core_ticks import SEED, sample_legal

MATCHES, STEPS = 16, 256


def play_counted_lap() -> None:
    """Play one lap of random legal actions; print how many steps of an agent it held."""
    env = cam_arena.squad_v0.make_vec(MATCHES, team_size=5, copy=False)
    rng = np.random.default_rng(SEED)
    observation = env.reset(seed=SEED)[0]
    for _ in range(STEPS):
        observation = env.step(sample_legal(observation["action_mask"], rng))[0]
    print(f"cam_rows_step {STEPS * env.num_envs} fighter")


if __name__ == "__main__":
    play_counted_lap()
