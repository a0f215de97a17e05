"""How alike characters are played: the estimate, and what a weight on it does to training."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import cam_arena
from cam_arena import _core
from cam_arena.agents import selfplay
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.learner import Learner, Samples
from cam_arena.agents.mutual_information import (
    MutualInformation,
    batch_mutual_information,
    button_chances,
)
from cam_arena.agents.networks import (
    NetworkConfig,
    character_identities,
    identity_columns,
)
from cam_arena.agents.sharing import make_policy

ROSTER = cam_arena.load_roster()
NAMES = ROSTER.split("core4")
LAYOUT = cam_arena.observation_layout()


def random_policy(seed, states=20_000, choices=6, sharpness=4.0):
    generator = torch.Generator().manual_seed(seed)
    return (sharpness * torch.randn(states, choices, generator=generator)).softmax(1)


def test_independent_policies_share_nothing_and_a_policy_shares_much_with_itself():
    first, second = random_policy(0), random_policy(1)
    assert 0 <= batch_mutual_information(first, second) < 1e-3
    alone = batch_mutual_information(first, first)
    assert 0.3 * math.log(6) < alone < math.log(6)
    certain = torch.eye(6).repeat(10, 1)
    assert batch_mutual_information(certain, certain) == pytest.approx(math.log(6))


def test_a_policy_that_ignores_the_state_shares_nothing():
    same = random_policy(0, states=1).repeat(50, 1)
    assert batch_mutual_information(same, same) == pytest.approx(0, abs=1e-6)


def test_the_estimate_does_not_depend_on_who_is_first():
    first, second = random_policy(0, states=9), random_policy(1, states=9)
    assert batch_mutual_information(first, second) == pytest.approx(
        batch_mutual_information(second, first).item()
    )


def test_gradients_are_finite_where_choices_are_impossible():
    logits = torch.randn(8, _core.NUM_ACTIONS, requires_grad=True)
    masks = torch.zeros(8, _core.NUM_ACTIONS, dtype=torch.int8)
    masks[:4, :3], masks[4:, 2:5] = 1, 1
    chances = button_chances(logits, masks)
    assert chances.shape == (8, _core.NUM_BUTTONS)
    assert chances.sum(1).tolist() == pytest.approx([1] * 8)
    assert (chances[:4, 3:] == 0).all()
    batch_mutual_information(chances, chances).backward()
    assert torch.isfinite(logits.grad).all()
    assert (logits.grad[:4, 3:] == 0).all()


@pytest.mark.parametrize("shapes", [((4, 3), (4, 2)), ((0, 3), (0, 3)), ((4,), (4,))])
def test_wrong_shapes_are_refused(shapes):
    with pytest.raises(ValueError, match="one shape"):
        batch_mutual_information(*(torch.ones(shape) for shape in shapes))


def shown(preset="full", rows=64):
    """Return observations and masks of matches among core4, some steps in."""
    env = cam_arena.make_vec(rows // 2, characters="core4", observation=preset, copy=True)
    batch, _ = env.reset(seed=0)
    rng = np.random.default_rng(0)
    for _ in range(15):
        actions = [rng.choice(np.flatnonzero(mask)) for mask in batch["action_mask"]]
        batch = env.step(np.array(actions))[0]
    return torch.from_numpy(batch["observation"]), torch.from_numpy(batch["action_mask"])


@pytest.mark.parametrize("preset", ["full", "entities", "descriptor"])
def test_identities_are_what_the_observation_shows_of_a_character(preset):
    layout = cam_arena.observation_layout(preset)
    observations, _ = shown(preset)
    indices = [ROSTER[name].index for name in NAMES]
    known = character_identities(layout, ROSTER, indices)
    seen = observations[:, identity_columns(layout)]
    assert {tuple(row) for row in seen.tolist()} == {tuple(row) for row in known.tolist()}
    assert not len(identity_columns(cam_arena.observation_layout("tiny")))


def policy(**config):
    sizes = NetworkConfig((16, 16), 8, 4, 4, **config)
    generator = torch.Generator().manual_seed(0)
    return make_policy("full", LAYOUT, len(ROSTER), sizes, generator=generator)


def test_only_pairs_of_unlike_characters_with_a_choice_count():
    watched = MutualInformation(policy(), LAYOUT)
    observations, masks = shown()
    assert watched.estimate(observations, masks) > 0
    alike = observations.clone()
    alike[:, identity_columns(LAYOUT)] = observations[:1, identity_columns(LAYOUT)]
    assert watched.estimate(alike, masks) == 0
    idle = torch.zeros_like(masks)
    idle[:, 0] = 1
    assert watched.estimate(observations, idle) == 0


def test_the_loss_of_a_learner_is_minus_lambda_times_the_estimate():
    watched = policy()
    observations, masks = shown()
    count = len(observations)
    samples = Samples(
        observations,
        masks,
        masks.argmax(1).int(),
        torch.full((count,), -2.0),
        torch.linspace(-1, 1, count),
        torch.zeros(count),
        np.arange(count),
        np.arange(count) // 2,
    )
    config = LearnerConfig(precision="float32")
    rows = torch.arange(count)
    information = MutualInformation(watched, LAYOUT, 0.5)
    learners = [
        Learner(watched, config, rng=np.random.default_rng(0), auxiliary_loss=loss)
        for loss in (None, information.loss)
    ]
    (plain, _), (with_it, parts) = (learner.loss(samples, rows) for learner in learners)
    estimate = information.estimate(observations, masks)
    assert (with_it - plain).item() == pytest.approx(-0.5 * estimate.item(), rel=1e-4)
    assert parts["loss/auxiliary"] == pytest.approx(-0.5 * estimate.item(), rel=1e-4)


SMALL = selfplay.Config(
    minutes=None,
    steps=20 * 256,
    characters="core4",
    network=NetworkConfig((16, 16), 8, 4, 4),
    learner=LearnerConfig(minibatch=128, precision="float32", lr=5e-3),
    workers=1,
    matches=8,
    rollout=16,
    snapshots=0,
    self_share=1.0,
    sink_share=0.0,
    tensorboard=False,
)


def curve(run):
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [row["policy/mutual_information"] for row in rows]


def test_a_weight_raises_the_information_and_the_estimate_is_logged_without_one(tmp_path):
    off = curve(selfplay.train(replace(SMALL, out=tmp_path / "off")))
    on = curve(selfplay.train(replace(SMALL, out=tmp_path / "on", lambda_mi=5.0)))
    assert len(off) == len(on) >= 20
    assert off[0] == on[0] > 0  # before the first update
    assert np.mean(on[5:]) > 2 * np.mean(off[5:])


@pytest.mark.parametrize("change", [{"lambda_mi": -1}, {"lambda_mi": 0.1, "observation": "tiny"}])
def test_impossible_weights_are_refused(change):
    with pytest.raises(ValueError, match="lambda_mi"):
        replace(SMALL, **change)
    with pytest.raises(ValueError, match="lambda_mi"):
        MutualInformation(policy(), cam_arena.observation_layout("tiny"), 0.1)
