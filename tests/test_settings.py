"""Settings that cannot be are refused by name before anything is written."""

import math

import pytest

from cam_arena.agents import (
    cam,
    demo,
    held_out,
    learned_balance,
    neupl,
    psro,
    reproduce,
    sb3,
    selfplay,
    simplex_neupl,
)
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.loop import Budget


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"minutes": 0}, "minutes must be positive, got 0"),
        ({"minutes": math.nan}, r"minutes must be a finite number, .*got nan"),
        ({"minutes": "3"}, r"minutes must be a finite number, .*got '3'"),
        ({"steps": 0}, "steps must be positive, got 0"),
        ({"steps": 1e5}, "steps must be a whole number, got 100000.0"),
        ({"workers": True}, "workers must be a whole number, got True"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"reward": "foo"}, "reward must be one of .*, got 'foo'"),
        ({"frame_skip": 9}, r"frame_skip must be 1\.\.6, got 9"),
        ({"observation": "pixels"}, "observation must be one of .*, got 'pixels'"),
        ({"aggression": math.inf}, r"aggression must be a finite number, .*got inf"),
        ({"out": 3}, "out must be a path, got 3"),
        ({"characters": 4}, "characters must be a string, got 4"),
        ({"tensorboard": None}, "tensorboard must be True or False, got None"),
    ],
)
def test_a_setting_that_cannot_be_is_named(given, message):
    with pytest.raises(ValueError, match=message):
        selfplay.Config(**given)


@pytest.mark.parametrize(
    "module",
    [cam, demo, held_out, learned_balance, neupl, psro, sb3, selfplay, simplex_neupl],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_every_config_looks_at_its_settings(module, tmp_path):
    needed = {"run": tmp_path} if module in (held_out, learned_balance) else {}
    module.Config(**needed)
    with pytest.raises(ValueError, match="seed must be at least 0, got -1"):
        module.Config(**needed, seed=-1)


def test_parts_of_a_config_look_too():
    with pytest.raises(ValueError, match=r"lr must be a finite number, .*got inf"):
        LearnerConfig(lr=math.inf)
    with pytest.raises(ValueError, match="minutes must be positive"):
        reproduce.Config(minutes=0)


@pytest.mark.parametrize("budget", [(0, None), (None, 0.0), (None, math.nan), (-1, 1.0)])
def test_a_budget_that_never_ends_is_refused(budget):
    with pytest.raises(ValueError, match="must be positive"):
        Budget(*budget)
