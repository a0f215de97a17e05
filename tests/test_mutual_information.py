"""The information that one character's actions hold of another's."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import cam_arena
from cam_arena.agents import selfplay
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.learner import Learner, Samples
from cam_arena.agents.mutual_information import MutualInformation, batch_mutual_information
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.population.members import load_member
from cam_arena.agents.sharing import make_policy

LAYOUT = cam_arena.observation_layout()
SIZES = NetworkConfig((16, 16), 8, 4, 4)


def random_policies(states, actions, seed):
    logits = torch.randn(states, actions, generator=torch.Generator().manual_seed(seed)) * 2
    return logits.softmax(1)


def test_known_values():
    first, second = (random_policies(20_000, 6, seed) for seed in (0, 1))
    assert float(batch_mutual_information(first, second)) == pytest.approx(0, abs=2e-3)
    alike = float(batch_mutual_information(first, first))
    assert 0.2 < alike < math.log(6)
    # A state decides the action, evenly: all there is to know.
    certain = torch.eye(6).repeat(10, 1)
    assert float(batch_mutual_information(certain, certain)) == pytest.approx(math.log(6), rel=1e-5)
    # One state: it varies nothing, so it tells nothing.
    assert float(batch_mutual_information(first[:1], first[:1])) == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match="two"):
        batch_mutual_information(first, second[:3])


def samples(rows=64):
    env = cam_arena.make_vec(rows // 2, copy=True, characters="core8")
    seen, _ = env.reset(seed=0)
    masks = torch.from_numpy(seen["action_mask"])
    actions = masks.argmax(1).int()
    zeros = torch.zeros(rows)
    return Samples(
        torch.from_numpy(seen["observation"]), masks, actions,
        zeros - 3, zeros + torch.arange(rows) % 2, zeros, np.arange(rows), np.arange(rows) // 2,
    )  # fmt: skip


def trained(weight):
    """Return the information before and after training for nothing but it."""
    policy = make_policy("full", LAYOUT, 400, SIZES, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():  # heads start near 0; larger ones have something to say
        policy.head.weight.mul_(100)
    information = MutualInformation(policy, LAYOUT, weight=weight, rng=np.random.default_rng(0))
    config = LearnerConfig(
        algorithm="a2c", epochs=1, minibatch=64, entropy_weight=0, value_weight=0, lr=0.02,
        lr_final=1.0, precision="float32",
    )  # fmt: skip
    learner = Learner(policy, config, rng=np.random.default_rng(0), auxiliary_loss=information)
    batch = samples()
    batch.advantages = torch.zeros_like(batch.advantages)
    learner.update(batch)
    before = information.mean()
    for _ in range(30):
        metrics = learner.update(batch)
    information.mean()
    learner.update(batch)
    return before, information.mean(), metrics


def test_a_weight_moves_the_information_its_way():
    before, more, metrics = trained(1.0)
    _, less, _ = trained(-1.0)
    assert more > before + 0.02 and less < before
    assert metrics["loss/auxiliary"] == pytest.approx(-more, abs=0.1)


def test_without_a_weight_it_measures_and_changes_nothing():
    policy = make_policy("full", LAYOUT, 400, SIZES, generator=torch.Generator().manual_seed(0))
    weights = {name: tensor.clone() for name, tensor in policy.state_dict().items()}
    information = MutualInformation(policy, LAYOUT, weight=0.0, rng=np.random.default_rng(0))
    learner = Learner(
        policy, LearnerConfig(minibatch=64, precision="float32"), rng=np.random.default_rng(0)
    )
    batch = samples()
    plain, _ = learner.loss(batch, torch.arange(64))
    learner._auxiliary_loss = information
    loss, _ = learner.loss(batch, torch.arange(64))
    assert torch.equal(plain, loss)
    assert information.mean() is not None and information.mean() is None
    assert all(torch.equal(tensor, weights[name]) for name, tensor in policy.state_dict().items())


def test_self_play_with_it_resumes_to_the_same_weights(tmp_path):
    config = selfplay.Config(
        minutes=None, steps=8 * 128, characters="core4", network=SIZES, workers=1, matches=8,
        learner=LearnerConfig(minibatch=64, precision="float32"), rollout=8, snapshots=2,
        checkpoint_updates=2, tensorboard=False, mi_weight=0.05,
    )  # fmt: skip
    whole = selfplay.train(replace(config, out=tmp_path / "whole"))
    assert "mia/mutual_information" in (whole / "metrics.jsonl").read_text()
    real = selfplay.Loop.update

    def dying(self):
        if self.learner.updates == 5:
            raise KeyboardInterrupt
        return real(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selfplay.Loop, "update", dying)
        with pytest.raises(KeyboardInterrupt):
            selfplay.train(replace(config, out=tmp_path / "parts"))
    parts = selfplay.train(replace(config, out=tmp_path / "parts"))
    one, other = (load_member(run / "policy").policy.state_dict() for run in (whole, parts))
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())


@pytest.mark.parametrize(
    "settings",
    [
        {"observation": "descriptor"},
        {"sharing": "none"},
        {"network": NetworkConfig(identity=False)},
    ],
)
def test_a_policy_without_ids_is_refused(settings):
    with pytest.raises(ValueError, match="reads the character's id"):
        selfplay.Config(mi_weight=0.01, **settings)
