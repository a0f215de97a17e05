"""Frames from every env, without a display."""

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import cam_arena
from cam_arena import duel_v0
from cam_arena.envs.single import DuelEnv
from cam_arena.errors import MatchError


def is_frame(frame):
    return frame.dtype == np.uint8 and frame.ndim == 3 and frame.shape[2] == 3 and frame.std() > 1


def test_parallel_env_draws_what_happens():
    env = duel_v0.parallel_env(render_mode="rgb_array", characters=0)
    with pytest.raises(MatchError, match=r"reset\(\)"):
        env.render()
    env.reset(seed=0)
    first = env.render()
    assert is_frame(first)
    for _ in range(5):
        env.step({"fighter_0": 12, "fighter_1": 0})
    second = env.render()
    assert is_frame(second)
    assert not np.array_equal(first, second)
    assert not np.shares_memory(first, second)
    env.close()


def test_window_follows_by_itself():
    env = duel_v0.parallel_env(render_mode="human", max_seconds=1)
    env.reset(seed=0)
    viewer = env._viewer
    assert viewer is not None
    env.step({"fighter_0": 0, "fighter_1": 0})
    assert env.render() is None
    env.close()


def test_gymnasium_checks_with_frames():
    check_env(gymnasium.make("cam_arena/Duel-v0", render_mode="rgb_array").unwrapped)
    env = DuelEnv(render_mode="rgb_array", frame_skip=6)
    assert env.metadata["render_fps"] == 5
    env.reset(seed=0)
    assert is_frame(env.render())


def test_vector_env_draws_every_match():
    vec = cam_arena.make_vec(2, render_mode="rgb_array", characters=(0, 1))
    vec.reset(seed=0)
    vec.step(np.array([12, 0, 0, 12]))
    frames = vec.render()
    assert len(frames) == 2
    assert all(map(is_frame, frames))
    assert not np.array_equal(*frames)
    vec.close()
    vec = cam_arena.make_vec(1)
    vec.reset(seed=0)
    with pytest.raises(MatchError, match="render_mode"):
        vec.render()


def test_drawing_does_not_touch_the_match():
    drawn, plain = duel_v0.parallel_env(render_mode="rgb_array"), duel_v0.parallel_env()
    for env in (drawn, plain):
        env.reset(seed=1)
    for action in (1, 14, 26, 39, 52):
        for env in (drawn, plain):
            env.step({"fighter_0": action, "fighter_1": action})
        drawn.render()
    assert drawn.match.hash() == plain.match.hash()
