"""Runs of CAM that take seconds, for tests of what comes after training."""

from dataclasses import replace
from pathlib import Path

import pytest

from cam_arena.agents import cam
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.networks import NetworkConfig

TINY = cam.Preset(
    generations=2,
    generation_steps=512,
    specialist_steps=1024,
    matches=8,
    specialist_matches=8,
    rollout=16,
    evaluation_games=2,
    shared=LearnerConfig(minibatch=128, precision="float32"),
    specialist=LearnerConfig(minibatch=64, precision="float32", kl_weight=0.01, lr=0.01),
    network=NetworkConfig((16, 16), 8, 4, 4),
)
# frame_skip 6: half the decisions a match
CONFIG = cam.Config(preset="smoke", characters="core4", workers=1, frame_skip=6, tensorboard=False)


def train_tiny(out: Path) -> Path:
    """Train `CONFIG` at the size of `TINY` into a directory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(cam.PRESETS, "smoke", TINY)
        return cam.train(replace(CONFIG, out=out))
