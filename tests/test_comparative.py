"""The comparative advantage: what is taken off, step by step."""

import numpy as np
import pytest
import torch
from torch import nn

import cam_arena
from cam_arena import _core
from cam_arena.agents.comparative import COMPARED, ComparativeAdvantage
from cam_arena.agents.networks import CHARACTER_SCALE, Policy, identity_columns
from cam_arena.agents.vecenv import Rollout

ROSTER = cam_arena.load_roster()
LAYOUT = cam_arena.observation_layout()
STEPS, ROWS = 5, 6
GAMMA, TRACE = 0.9, 0.8


class ById(Policy):
    """Values a state by its first number and by who is asked."""

    def __init__(self):
        super().__init__()
        self.asked = set()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, observation):
        own = observation[:, LAYOUT["own_character"].start] * CHARACTER_SCALE
        self.asked.update(own.round().long().tolist())
        logits = observation.new_zeros(len(observation), _core.NUM_ACTIONS)
        return logits, observation[:, 0] * (1 + own)

    def spec(self):
        return {}


def rollout():
    """Made-up steps; the learner sits in every second row."""
    rng = np.random.default_rng(0)
    trains = np.tile(np.arange(ROWS) % 2 == 0, (STEPS, 1))
    observations = rng.random((STEPS + 1, ROWS // 2, 2, LAYOUT.size)).astype(np.float32)
    ends = np.repeat(rng.random((STEPS, ROWS // 2)) < 0.3, 2, axis=1)
    return Rollout(
        observations,
        np.ones((STEPS + 1, ROWS // 2, 2, _core.NUM_ACTIONS), np.int8),
        np.zeros((STEPS, ROWS // 2, 2), np.int32),
        *(rng.normal(size=(STEPS, ROWS)).astype(np.float32) for _ in range(3)),
        ends,
        trains,
        rng.normal(size=ROWS).astype(np.float32),
        [],
    )


def comparison(policy, others, weight=0.25):
    return ComparativeAdvantage(
        policy, LAYOUT, ROSTER, others, weight=weight, gamma=GAMMA, gae_lambda=TRACE
    )


def estimate(roll, character):
    """Advantages by the value in a character's place, written out as a sum of errors."""
    values = roll.observations.reshape(STEPS + 1, ROWS, -1)[..., 0] * (1 + character)
    found = np.zeros((STEPS, ROWS))
    for t in range(STEPS):
        for row in range(ROWS):
            factor = 1.0
            for k in range(t, STEPS):
                after = 0 if roll.ends[k, row] else values[k + 1, row]
                found[t, row] += factor * (roll.rewards[k, row] + GAMMA * after - values[k, row])
                if roll.ends[k, row]:
                    break
                factor *= GAMMA * TRACE
    return found


def test_the_others_mean_advantage_is_taken_off():
    roll, policy = rollout(), ById()
    samples = roll.samples(gamma=GAMMA, gae_lambda=TRACE)
    before, returns = samples.advantages.clone(), samples.returns.clone()
    metrics = comparison(policy, [2, 5])(roll, samples)
    taken = (before - samples.advantages).numpy().reshape(STEPS, ROWS)
    expected = 0.25 * (estimate(roll, 2) + estimate(roll, 5)) / 2
    np.testing.assert_allclose(taken[roll.trains], expected[roll.trains], rtol=1e-4, atol=1e-5)
    assert torch.equal(samples.returns, returns)  # the value learns what it learned before
    assert metrics["policy/comparison"] == pytest.approx(
        np.abs(expected[roll.trains]).mean(), rel=1e-4
    )
    assert policy.asked == {2, 5}


def test_the_observations_stay_as_they_were():
    roll = rollout()
    before = roll.observations.copy()
    comparison(ById(), [7])(roll, roll.samples(gamma=GAMMA, gae_lambda=TRACE))
    assert np.array_equal(roll.observations, before)


def test_of_many_characters_some_are_asked_evenly():
    policy, roll = ById(), rollout()
    comparison(policy, list(range(100, 200)))(roll, roll.samples(gamma=GAMMA, gae_lambda=TRACE))
    assert len(policy.asked) == COMPARED
    assert {100, 199} <= policy.asked


def test_impossible_comparisons_are_refused():
    with pytest.raises(ValueError, match="at least one other"):
        comparison(ById(), [])
    tiny = cam_arena.observation_layout("tiny")
    assert not len(identity_columns(tiny))
    with pytest.raises(ValueError, match="who the own fighter is"):
        ComparativeAdvantage(ById(), tiny, ROSTER, [1], weight=0.2, gamma=0.9, gae_lambda=0.9)
