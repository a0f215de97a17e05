"""The C loop alone, and how all contenders get their actions.

Actions are random legal ones, drawn in a first lap that is not measured and replayed afterwards.
The simulation is deterministic, so a replay from the same seed meets the same masks: measured laps
hold no sampling, and every action in them is legal.

Every character of the roster is in play once the matches have as many seats as it has characters.

Run as a script it plays one lap with observations and masks: what callgrind.sh counts.
"""

import numpy as np
from numpy.typing import NDArray

import cam_arena
from cam_arena import _core

SEED = 7
STEPS = 256  # a lap; 256 steps are 25.6 s of a 60 s match
FRAME_SKIP = 3


def sample_legal(masks: NDArray[np.int8], rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw one legal action a row, uniformly. masks: shape (..., K); returns shape (...)."""
    return (rng.random(masks.shape, dtype=np.float32) * masks).argmax(axis=-1)


class CoreTicks:
    """The C loop alone: `_core.Batch.advance` without observations, masks or rewards."""

    unit = "ticks"

    def __init__(self, num_matches: int, roster: str | None = None) -> None:
        self.name = f"C loop, no observation ({num_matches} matches)"
        fighting = cam_arena.load_roster(roster)
        data, count = fighting.data, len(fighting.names)
        self.batch = _core.Batch(data, num_matches, frame_skip=FRAME_SKIP)
        for match in range(num_matches):
            pair = [(2 * match) % count, (2 * match + 1) % count]
            self.batch.reset(match, SEED + match, pair)
        self.start = [self.batch.snapshot(match) for match in range(num_matches)]
        masks = np.empty((num_matches, 2, _core.NUM_ACTIONS), np.int8)
        self.actions = np.empty((STEPS, num_matches, 2), np.int32)
        rng = np.random.default_rng(SEED)
        for actions in self.actions:
            self.batch.action_masks(masks)
            actions[:] = sample_legal(masks, rng)
            self.batch.advance(actions)
        # A match that is over stands still: count the ticks that were simulated, not the calls.
        self.ticks = sum(
            int(np.frombuffer(self.batch.state(match), _core.DTYPES["state"])["tick"][0])
            for match in range(num_matches)
        )

    def prepare(self) -> None:
        """Restore every match to its first tick."""
        for match, snapshot in enumerate(self.start):
            self.batch.restore(match, snapshot)

    def run(self) -> int:
        """Replay the lap."""
        for actions in self.actions:
            self.batch.advance(actions)
        return self.ticks

    def close(self) -> None:
        """Hold nothing."""


def play_counted_lap(roster: str | None = None) -> None:
    """Play one lap, observing before every step; print how often each C function was called."""
    num_matches = len(cam_arena.load_roster(roster).names) // 2
    contender = CoreTicks(num_matches, roster)
    size = _core.observation_size(0)
    observations = np.empty((num_matches, 2, size), np.float32)
    contender.prepare()
    for actions in contender.actions:
        contender.batch.observe(observations)
        contender.batch.advance(actions)
    steps = num_matches * STEPS
    print(f"cam_step {2 * contender.ticks} tick")  # the lap that drew the actions ticked too
    print(f"cam_observe_all {steps} match")
    print(f"cam_action_mask {2 * steps} seat")


if __name__ == "__main__":
    play_counted_lap()
