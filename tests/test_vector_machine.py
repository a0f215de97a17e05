"""Any sequence of calls on a vector env, open or closed, equals a fresh env that replays them."""

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

import cam_arena
from cam_arena.errors import MatchError

OPTIONS = {"max_seconds": 5, "frame_skip": 6, "characters": "core4"}
ROWS = 4

steps = st.lists(
    st.lists(st.integers(0, 107), min_size=ROWS, max_size=ROWS), min_size=1, max_size=30
)
bad_actions = st.one_of(
    st.builds(np.full, st.just(ROWS), st.integers(max_value=-1, min_value=-(2**63))),
    st.builds(np.full, st.just(ROWS), st.integers(min_value=108, max_value=2**64 - 1)),
    st.builds(np.zeros, st.sampled_from([(), (3,), (5,), (4, 1), (2, 2)]), st.just(np.int32)),
    st.builds(np.zeros, st.just(ROWS), st.sampled_from([np.float32, np.bool_, "S1", object])),
    st.none(),
    st.floats(),
)


def is_open(machine):
    return not machine.env.closed


def is_idle(machine):
    return is_open(machine) and machine.sent is None


class VectorMachine(RuleBasedStateMachine):
    """The model of an env is a log for each match: its last seed, and the actions taken since."""

    def __init__(self):
        super().__init__()
        self.open()

    @precondition(lambda self: self.env.closed)
    @rule()
    def open(self):
        self.env = cam_arena.make_vec(2, num_threads=2, **OPTIONS)
        self.sent = None
        self.reset(0)

    @precondition(is_idle)
    @rule(seed=st.integers(0, 2**63))
    def reset(self, seed):
        self.env.reset(seed=seed)
        self.logs = [(seed, []), (seed + 1, [])]

    @precondition(is_idle)
    @rule(match=st.integers(0, 1))
    def reset_one(self, match):
        self.env.reset(seed=5, options={"reset_mask": np.repeat(np.arange(2) == match, 2)})
        self.logs[match] = (5 + match, [])

    def note(self, actions):
        for match, (_, taken) in enumerate(self.logs):
            taken.append(actions[2 * match : 2 * match + 2])

    @precondition(is_idle)
    @rule(taken=steps)
    def step(self, taken):
        for actions in taken:
            seen, rewards = self.env.step(actions)[:2]
            self.note(actions)
            assert np.abs(seen["observation"]).max() <= 1  # False for a NaN too
            assert rewards[::2].tolist() == (-rewards[1::2]).tolist()
            assert seen["action_mask"][:, 0].all()

    @precondition(is_idle)
    @rule(actions=steps)
    def send(self, actions):
        self.sent = actions[0]
        self.env.send(self.sent)
        with pytest.raises(MatchError, match="under way"):
            self.env.step(self.sent)

    @precondition(lambda self: is_open(self) and self.sent is not None)
    @rule()
    def receive(self):
        self.env.recv()
        self.note(self.sent)
        self.sent = None

    @precondition(is_idle)
    @rule(actions=bad_actions)
    def bad_step(self, actions):
        with pytest.raises((ValueError, TypeError)):
            self.env.step(actions)

    @rule()
    def close(self):
        self.env.close()
        self.env.close()

    @precondition(lambda self: self.env.closed)
    @rule()
    def use_after_close(self):
        for call in (
            self.env.reset,
            lambda: self.env.step([0] * ROWS),
            lambda: self.env.send([0] * ROWS),
            self.env.recv,
            self.env.hashes,
            self.env.render,
        ):
            with pytest.raises(MatchError, match="the env is closed; make a new one"):
                call()

    def teardown(self):
        hashes = self.env.hashes() if is_idle(self) else []
        outcome = self.env.step([0] * ROWS) if is_idle(self) else None
        for match, found in enumerate(hashes):
            seed, taken = self.logs[match]
            alone = cam_arena.make_vec(1, **OPTIONS)
            alone.reset(seed=seed)
            for actions in taken:
                alone.step(actions)
            assert alone.hashes()[0] == found
            rows = slice(2 * match, 2 * match + 2)
            seen, *results = alone.step([0, 0])[:4]
            for name in seen:
                assert np.array_equal(outcome[0][name][rows], seen[name])
            for all_rows, ours in zip(outcome[1:4], results, strict=True):
                assert np.array_equal(all_rows[rows], ours)
            alone.close()
        self.env.close()


VectorMachine.TestCase.settings = settings(
    max_examples=20, stateful_step_count=15, suppress_health_check=[HealthCheck.too_slow]
)
TestVectorMachine = VectorMachine.TestCase


@pytest.mark.slow
class TestVectorMachineAtLength(VectorMachine.TestCase):
    settings = settings(
        max_examples=500, stateful_step_count=50, suppress_health_check=[HealthCheck.too_slow]
    )
