"""Policies asked in the same states: as whom they are asked matters, and nothing else does."""

import numpy as np
import pytest
import torch

import cam_arena
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.neural_diversity import action_probabilities, neural_diversity, visit
from cam_arena.agents.population.members import PolicyMember
from cam_arena.agents.sharing import make_policy
from cam_arena.game.options import Options

ROSTER = cam_arena.load_roster()
NAMES = ROSTER.split("core4")[:3]
INDICES = [ROSTER[name].index for name in NAMES]
SHORT = Options(max_seconds=10)


def member(seed, *, identity=True):
    config = NetworkConfig((16, 16), 8, 4, 4, identity=identity)
    generator = torch.Generator().manual_seed(seed)
    policy = make_policy(
        "full", cam_arena.observation_layout(), len(ROSTER), config, generator=generator
    )
    for weights in policy.parameters():  # a fresh head is near zero, and so is its diversity
        weights.data.mul_(3)
    return PolicyMember(f"{seed}", policy)


@pytest.fixture(scope="module")
def states():
    return visit(member(0), INDICES, states=64, seed=0, options=SHORT)


def test_states_are_of_all_characters_and_of_no_others(states):
    assert states.observation.shape[0] == len(states.mask) == 64
    own = cam_arena.observation_layout()["own_character"].start
    found = np.rint(states.observation[:, own] * 512).astype(int)
    assert set(found) == set(INDICES)


def test_only_who_one_is_changes_when_seen_as_another(states):
    changed = states.seen_as(INDICES[1]) != states.observation
    layout = cam_arena.observation_layout()
    allowed = np.zeros(layout.size, bool)
    for name in ("own_character", "own_descriptor"):
        allowed[layout[name].slice] = True
    assert changed[:, allowed].any() and not changed[:, ~allowed].any()
    with pytest.raises(ValueError, match="none of the states"):
        states.seen_as(len(ROSTER) - 1)


def test_probabilities_are_legal_and_sum_to_one(states):
    found = action_probabilities(dict.fromkeys(INDICES, member(0)), states)
    assert found.shape == (3, *states.mask.shape)
    assert found.sum(axis=2) == pytest.approx(1, abs=1e-5)
    assert not found[:, states.mask == 0].any()


def test_specialists_that_differ_are_more_unlike_than_one_policy():
    shared = member(0)
    kept = neural_diversity(shared, dict.fromkeys(NAMES, shared), ROSTER, states=64, options=SHORT)
    assert kept["before"] == kept["after"] > 0 and kept["moved"] == 0
    own = {name: member(seed) for seed, name in enumerate(NAMES, 1)}
    moved = neural_diversity(shared, own, ROSTER, states=64, options=SHORT)
    assert moved["before"] == kept["before"]
    assert moved["after"] > moved["before"] and moved["moved"] > 0
