"""Any sequence of calls on a match: it always equals a fresh match that replays what counted."""

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from cam_arena import Match
from cam_arena.errors import MatchError, SnapshotError

OPTIONS = {"max_seconds": 5, "frame_stack": 2, "frame_skip": 2}

actions = st.integers(0, 107)
seeds = st.integers(0, 2**64 - 1)
bad_actions = st.one_of(
    st.integers(max_value=-1),
    st.integers(min_value=108),
    st.floats(),
    st.booleans(),
    st.text(max_size=2),
    st.none(),
    st.builds(np.zeros, st.sampled_from([(1,), (2, 2), (0,)]), st.just(np.int64)),
    st.builds(
        np.zeros, st.sampled_from([(), (1,)]), st.sampled_from([np.float32, np.bool_, ">f8"])
    ),
    st.builds(np.ones, st.just((2, 3)), st.just(np.int32), st.just("F")),
)


class MatchMachine(RuleBasedStateMachine):
    """The model of a match is its log: a seed, who was chosen, and the actions taken since."""

    saved = Bundle("saved")

    def __init__(self):
        super().__init__()
        self.match = Match(0, **OPTIONS)
        self.log = (0, None, ())

    def replay(self, log):
        seed, options, taken = log
        match = Match(0, **OPTIONS)
        match.reset(seed, options)
        for pair in taken:
            match.step(pair)
        return match

    def assert_same(self, match, log):
        expected = self.replay(log)
        assert match.hash() == expected.hash()
        assert match.snapshot() == expected.snapshot()
        assert np.array_equal(match.observations(), expected.observations())
        assert np.array_equal(match.action_masks(), expected.action_masks())
        assert np.array_equal(match.rewards, expected.rewards)
        assert match.is_over == expected.is_over

    @rule(seed=seeds, first=st.none() | st.integers(0, 7), second=st.none() | st.integers(0, 7))
    def reset(self, seed, first, second):
        options = {"characters": (first, second)}
        self.match.reset(seed, options)
        self.log = (seed, options, ())

    @rule(pairs=st.lists(st.tuples(actions, actions), min_size=1, max_size=40))
    def step(self, pairs):
        for pair in pairs:
            if self.match.is_over:
                with pytest.raises(MatchError):
                    self.match.step(pair)
                return
            self.match.step(pair)
            self.log = (*self.log[:2], (*self.log[2], pair))

    @rule(target=saved)
    def save(self):
        return self.match.snapshot(), self.log

    @rule(entry=saved)
    def restore(self, entry):
        snapshot, self.log = entry
        self.match.restore(snapshot)

    @rule(entry=consumes(saved), place=st.integers(min_value=0), bit=st.integers(0, 7))
    def restore_damaged(self, entry, place, bit):
        snapshot = bytearray(entry[0])
        snapshot[place % len(snapshot)] ^= 1 << bit
        with pytest.raises(SnapshotError):
            self.match.restore(bytes(snapshot))

    @rule(pairs=st.lists(st.tuples(actions, actions), max_size=5), goes_on=st.booleans())
    def clone(self, pairs, goes_on):
        before, other, log = self.match.hash(), self.match.clone(), self.log
        for pair in pairs:
            if not other.is_over:
                other.step(pair)
                log = (*log[:2], (*log[2], pair))
        assert self.match.hash() == before
        if goes_on:
            self.match, self.log = other, log
        else:
            self.assert_same(other, log)

    @rule(action=bad_actions, is_first=st.booleans())
    def bad_action(self, action, is_first):
        pair = (action, 0) if is_first else (0, action)
        with pytest.raises((ValueError, TypeError), match="fighter_0" if is_first else "fighter_1"):
            self.match.step(pair)

    @rule(seed=st.integers(max_value=-1) | st.floats() | st.none())
    def bad_reset(self, seed):
        with pytest.raises((ValueError, TypeError)):
            self.match.reset(seed)
        with pytest.raises(ValueError, match="character"):
            self.match.reset(1, {"characters": ("Nobody", 0)})

    @invariant()
    def state_is_sound(self):
        assert self.match._batch.check(0) == ""
        rewards, masks = self.match.rewards, self.match.action_masks()
        assert rewards[0] + rewards[1] == 0.0
        assert masks[:, 0].all()
        seen = self.match.observations()
        assert np.isfinite(seen).all()
        assert np.abs(seen).max() <= 1.0

    def teardown(self):
        self.assert_same(self.match, self.log)


MatchMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, suppress_health_check=[HealthCheck.too_slow]
)
TestMatchMachine = MatchMachine.TestCase


@pytest.mark.slow
class TestMatchMachineAtLength(MatchMachine.TestCase):
    settings = settings(
        max_examples=500, stateful_step_count=50, suppress_health_check=[HealthCheck.too_slow]
    )
