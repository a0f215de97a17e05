"""A number that is not finite stops every trainer by name, before anything is changed or saved."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cam_arena.agents import checkpoint, games, neupl, psro, selfplay, simplex_neupl, vecenv
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.learner import Learner
from cam_arena.agents.loop import Loop
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.population_run import Sizes

LEARNER = LearnerConfig(epochs=1, minibatch=64, precision="float32")
NETWORK = NetworkConfig((16, 16), 8, 4, 4, 16)
SIZES = Sizes(2, 2_000, 16, 8, 20, 4, LEARNER, NETWORK)
POPULATION = dict(game="rps", preset="matrix", workers=1, tensorboard=False, sizes=SIZES)
CONFIGS = {
    psro: psro.Config(**POPULATION, checkpoint_updates=1),
    neupl: neupl.Config(**POPULATION),
    simplex_neupl: simplex_neupl.Config(**POPULATION),
    selfplay: selfplay.Config(
        steps=2_000, characters="core4", workers=1, matches=4, rollout=8, learner=LEARNER,
        network=NETWORK, checkpoint_updates=1, tensorboard=False,
    ),
}  # fmt: skip
POISONED_AT = 2  # updates


def poison_env(patch, what):
    """Let the env give one NaN, some steps after the update was begun."""
    for backend in (games.MatrixBackend, vecenv.NativeBackend):
        real = backend.step

        def step(self, actions, observations, masks, rewards, *rest, real=real):
            real(self, actions, observations, masks, rewards, *rest)
            self.count = getattr(self, "count", 0) + 1
            if self.count == 8 * POISONED_AT + 3:
                {"observations": observations, "rewards": rewards}[what].reshape(-1)[1] = np.nan

        patch.setattr(backend, "step", step)


def poison_learner(patch, what):
    """Let one tensor of the learner become NaN in an update."""
    real_update, real_step = Loop.update, Learner._step

    def update(self):
        if self.learner.updates == POISONED_AT:
            next(self.learner.policy.parameters()).data.view(-1)[0] = torch.nan
        return real_update(self)

    def step(self, loss):
        return real_step(self, loss * torch.inf if self.updates == POISONED_AT else loss)

    def samples(self, real=vecenv.Rollout.samples, **options):
        found = real(self, **options)
        samples.calls += 1
        if samples.calls == POISONED_AT + 1:
            found.returns[found.rows[0]] = torch.nan
        return found

    samples.calls = 0
    owner, name, broken = {
        "weights": (Loop, "update", update),
        "gradient": (Learner, "_step", step),
        "loss/value": (vecenv.Rollout, "samples", samples),
    }[what]
    patch.setattr(owner, name, broken)


@pytest.mark.parametrize("module", CONFIGS, ids=lambda module: module.__name__.rsplit(".", 1)[1])
@pytest.mark.parametrize("what", ["observations", "rewards", "weights", "gradient", "loss/value"])
def test_a_number_that_is_not_finite_is_named_and_not_saved(tmp_path, monkeypatch, module, what):
    poison = poison_env if what in ("observations", "rewards") else poison_learner
    poison(monkeypatch, what)
    with pytest.raises(FloatingPointError, match=rf"{what}.* at update {POISONED_AT}"):
        module.train(replace(CONFIGS[module], out=tmp_path / "run"))
    for path in (tmp_path / "run").rglob("step_*"):
        found = checkpoint.load(path)
        assert all(
            torch.isfinite(tensor.float()).all()
            for group in found.tensors.values()
            for tensor in group.values()
        )
        assert found.state.get("updates", 0) <= POISONED_AT
    assert not (tmp_path / "run" / "policy").exists()


@pytest.mark.slow
@pytest.mark.parametrize("module", CONFIGS, ids=lambda module: module.__name__.rsplit(".", 1)[1])
def test_a_mask_without_a_legal_action_stops_a_trainer(tmp_path, monkeypatch, module):
    real = vecenv.Collector._seat_rows

    def forbid_all(self):  # it is called when matches have begun
        real(self)
        self._rollout.masks[:, 0, 0] = 0

    monkeypatch.setattr(vecenv.Collector, "_seat_rows", forbid_all)
    for backend in (games.MatrixBackend, vecenv.NativeBackend):
        real_step = backend.step

        def step(self, actions, observations, masks, rewards, *rest, real=real_step):
            real(self, actions, observations, masks, rewards, *rest)
            masks[0, 0] = 0

        monkeypatch.setattr(backend, "step", step)
    with pytest.raises(ValueError, match=r"row 0.*all zero|all zero.*row 0|no action is legal"):
        module.train(replace(CONFIGS[module], out=tmp_path / "run"))
    assert not list((tmp_path / "run").rglob("policy/step_*"))
