"""Calls that break off: nothing has changed, or the env is closed and says why."""

import numpy as np
import pytest

import cam_arena
from cam_arena import duel_v0
from cam_arena.envs.single import DuelEnv
from cam_arena.errors import MatchError, WorkerError
from cam_arena.game.views import PixelView
from cam_arena.opponents import match_seed

PIXELS = {"observation": "pixels", "frame_stack": 3, "pixels": (48, 48), "characters": (0, 5)}
CLOSED = r"interrupted \({}\).*the env is closed, make a new one"


class Balky:
    """An opponent that cannot begin one match."""

    def __init__(self, seed):
        self.bad = match_seed(seed, 1)

    def reset(self, seed):
        if seed == self.bad:
            raise ValueError("no such opening")

    def act(self, observation, action_mask):
        return 0


def interrupt_looks(monkeypatch, calls_before):
    """Let Ctrl-C come in one of the pictures that are drawn from here on."""
    look, calls = PixelView.look, []

    def interrupted(self, *arguments):
        calls.append(1)
        if len(calls) == calls_before + 1:
            raise KeyboardInterrupt
        return look(self, *arguments)

    monkeypatch.setattr(PixelView, "look", interrupted)


def test_an_opponent_that_cannot_begin_closes_the_env():
    vec = cam_arena.make_vec(4, opponent=Balky(12))
    env = DuelEnv(opponent=Balky(12))
    for one, seed, act in ((vec, 10, np.zeros(4, int)), (env, 12, 0)):
        one.reset(seed=0)
        with pytest.raises(ValueError, match="no such opening"):
            one.reset(seed=seed)
        for call in (lambda one=one, act=act: one.step(act), one.reset):
            with pytest.raises(MatchError, match=CLOSED.format("ValueError")):
                call()


def test_an_opponent_that_cannot_begin_closes_the_workers():
    vec = cam_arena.make_vec(4, num_workers=2, opponent=Balky(12))
    vec.reset(seed=0)
    for call in (lambda: vec.reset(seed=10), lambda: vec.step(np.zeros(4, int)), vec.hashes):
        with pytest.raises(WorkerError, match=r"(?s)worker 1 .*closed.*no such opening"):
            call()


def test_an_opponent_that_cannot_follow_closes_the_env():
    seed = cam_arena._core.next_seed(1)
    options = {"opponent": Balky(seed), "max_cycles": 2, "autoreset_mode": "SameStep"}
    vec = cam_arena.make_vec(2, **options)
    vec.reset(seed=0)
    vec.step([0, 0])
    with pytest.raises(ValueError, match="no such opening"):
        vec.step([0, 0])
    with pytest.raises(MatchError, match=CLOSED.format("ValueError")):
        vec.step([0, 0])


def test_a_match_is_whole_after_an_interrupt(monkeypatch):
    whole, broken = (duel_v0.parallel_env(mask_in="none", **PIXELS) for _ in range(2))
    actions = {"fighter_0": 13, "fighter_1": 2}
    for env in (whole, broken):
        env.reset(seed=0)
        for _ in range(4):
            env.step(actions)
    whole.step(actions)
    other, before = whole.match.snapshot(), broken.match.snapshot()
    calls = (
        lambda: broken.step(actions),
        lambda: broken.reset(seed=9),
        lambda: broken.match.restore(other),
    )
    for call in calls:
        with monkeypatch.context() as patch:
            interrupt_looks(patch, 0)
            with pytest.raises(KeyboardInterrupt):
                call()
        assert broken.match.snapshot() == before
    broken.step(actions)
    for _ in range(3):
        expected, shown = whole.step(actions)[0], broken.step(actions)[0]
        assert np.array_equal(expected["fighter_0"], shown["fighter_0"])
    assert whole.match.hash() == broken.match.hash()


@pytest.mark.parametrize("opponent", [None, "masher:3", lambda seen, mask: 13])
@pytest.mark.parametrize("is_sent", [False, True])
def test_an_interrupted_step_of_rows_closes_the_env(opponent, is_sent, monkeypatch):
    vec = cam_arena.make_vec(3, opponent=opponent, **PIXELS)
    vec.reset(seed=0)
    actions = np.full(vec.num_envs, 13)
    if is_sent:
        vec.send(actions)
    interrupt_looks(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        vec.recv() if is_sent else vec.step(actions)
    for call in (lambda: vec.step(actions), vec.recv, vec.reset, vec.hashes):
        with pytest.raises(MatchError, match=CLOSED.format("KeyboardInterrupt")):
            call()
    vec.close()


def test_an_interrupted_step_of_turns_closes_the_env(monkeypatch):
    aec, single = duel_v0.env(**PIXELS), DuelEnv(opponent=Balky(99), **PIXELS)
    aec.reset(seed=0)
    single.reset(seed=0)
    aec.step(13)
    for env in (aec, single):
        with monkeypatch.context() as patch:
            interrupt_looks(patch, 0)
            with pytest.raises(KeyboardInterrupt):
                env.step(13)
        for call in (lambda env=env: env.step(13), env.reset):
            with pytest.raises(MatchError, match=CLOSED.format("KeyboardInterrupt")):
                call()


def test_an_interrupted_opponent_closes_the_env():
    def interrupted_once():
        left = [KeyboardInterrupt]

        def act(seen, mask):
            if left:
                raise left.pop()
            return 0

        return act

    vec = cam_arena.make_vec(2, opponent=interrupted_once())
    env = DuelEnv(opponent=interrupted_once())
    for one, action in ((vec, [0, 0]), (env, 0)):
        one.reset(seed=0)
        with pytest.raises(KeyboardInterrupt):
            one.step(action)
        with pytest.raises(MatchError, match=CLOSED.format("KeyboardInterrupt")):
            one.step(action)
