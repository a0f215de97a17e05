"""A number that is not finite stops every trainer by name, before anything is changed or saved."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

import cam_arena
from cam_arena.agents import checkpoint, games, neupl, psro, selfplay, simplex_neupl, vecenv
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.learner import Learner
from cam_arena.agents.loop import Loop
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.population.members import PolicyMember
from cam_arena.agents.population_run import Sizes
from cam_arena.agents.sharing import make_policy
from cam_arena.cli import main
from cam_arena.errors import TrainingError

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
    with pytest.raises(TrainingError, match=rf"{what}.* at update {POISONED_AT}"):
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


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("--learner.lr", "1e30"), "hold a NaN or an infinity.* at update 0; nothing was saved"),
        (("--aggression", "1e38"), "loss/value is inf at update"),
        (("--rollout", "100000000000"), "not enough memory: Unable to allocate 1.19 PiB"),
        (
            ("--network.hidden", "8", "30000000000000"),
            r"not enough memory: .* allocate \d{14,} bytes",
        ),
    ],
    ids=["lr", "aggression", "rollout", "network"],
)
def test_a_training_that_cannot_go_on_is_one_line(tmp_path, capsys, change, told):
    options = ["--characters", "core4", "--workers", "1", "--matches", "4", "--rollout", "16"]
    options += ["--steps", "4000", "--no-tensorboard", "--network.hidden", "8", "8"]
    assert main(["train", "selfplay", *options, *change, "--out", str(tmp_path)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith("cam-arena: ")] == lines[-1:]
    assert re.search(told, lines[-1])


def test_a_policy_that_is_no_more_finite_is_named():
    layout = cam_arena.observation_layout("full")
    generator = torch.Generator().manual_seed(0)
    member = PolicyMember("mine", make_policy("full", layout, 304, NETWORK, generator=generator))
    next(member.policy.parameters()).data.fill_(torch.inf)
    masks = np.ones((1, 108), np.int8)
    for deterministic in (False, True):
        with pytest.raises(TrainingError, match="mine: logits of row 0 hold a NaN"):
            member.act(np.zeros((1, layout.size)), masks, deterministic=deterministic)


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
