"""The checks in cam_arena.testing find what they are for."""

import numpy as np
import pytest

from cam_arena import duel_v0, testing


class Changed(duel_v0.parallel_env):
    """An env with one thing wrong from the third step on."""

    def __init__(self, fault):
        super().__init__(max_seconds=2)
        self.fault = fault
        self.steps = 0
        self.buffer = {}

    def step(self, actions):
        result = super().step(actions)
        self.steps += 1
        if self.steps < 3:
            return result
        observations, rewards, terminations, _, infos = result
        if self.fault == "random":
            observations["fighter_1"]["observation"][0] = np.random.default_rng().random()
        elif self.fault == "random info":
            infos["fighter_0"]["drawn"] = np.random.default_rng().integers(2**60)
        elif self.fault == "reused buffer":
            array = self.buffer.setdefault("observation", observations["fighter_0"]["observation"])
            array[:] = observations["fighter_0"]["observation"]
            observations["fighter_0"]["observation"] = array
        elif self.fault == "reused dict":
            infos["fighter_0"] = self.buffer
        elif self.fault == "rewards":
            rewards["fighter_0"] += 1e-6
        elif self.fault == "flags":
            terminations["fighter_0"] = not terminations["fighter_0"]
        return result


def check_seeding(fault):
    testing.check_seeding(lambda: Changed(fault), episodes=1)


CHECKS = {
    "random": check_seeding,
    "random info": check_seeding,
    "reused buffer": lambda fault: testing.check_fresh_data(Changed(fault), steps=6),
    "reused dict": lambda fault: testing.check_fresh_data(Changed(fault), steps=6),
    "rewards": lambda fault: testing.check_zero_sum(Changed(fault)),
    "flags": lambda fault: testing.check_zero_sum(Changed(fault)),
}


@pytest.mark.parametrize("fault", CHECKS)
def test_fault_is_found(fault):
    with pytest.raises(AssertionError):
        CHECKS[fault](fault)
    CHECKS[fault]("none")


def test_the_first_difference_is_named():
    first = {"a": [1, {"b": np.zeros(3)}]}
    testing.assert_equal(first, {"a": [1, {"b": np.zeros(3)}]})
    with pytest.raises(AssertionError, match=r"here\.a\[1\]\.b: arrays differ"):
        testing.assert_equal(first, {"a": [1, {"b": np.ones(3)}]}, "here")
    with pytest.raises(AssertionError, match="int"):
        testing.assert_equal({"a": 1}, {"a": 1.0})
