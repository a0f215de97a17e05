"""Our PPO against Stable-Baselines3's on the same samples, and what happens to broken numbers."""

import numpy as np
import pytest
import stable_baselines3
import torch
from gymnasium import spaces
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.logger import configure
from torch.distributions import Categorical, kl_divergence

from cam_arena.agents.learner import (
    Config,
    Learner,
    Samples,
    advantages,
    masked_categorical,
    masked_divergence,
)
from cam_arena.agents.networks import Policy, masked_log_probs
from cam_arena.errors import TrainingError

STEPS, ROWS, SIZE, ACTIONS = 16, 6, 5, 7


class Wrapped(Policy):
    """A policy of Stable-Baselines3, seen as one of ours."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, observation):
        features = self.inner.extract_features(observation)
        actor, critic = self.inner.mlp_extractor(features)
        return self.inner.action_net(actor), self.inner.value_net(critic)[:, 0]

    def spec(self):
        return {}


class NoEnv(stable_baselines3.common.vec_env.VecEnv):
    """Spaces without an env: the samples are made up."""

    def __init__(self):
        box = spaces.Box(-1, 1, (SIZE,), np.float32)
        super().__init__(ROWS, box, spaces.Discrete(ACTIONS))

    def get_attr(self, attr_name, indices=None):
        return [None] * ROWS

    reset = step_async = step_wait = close = set_attr = env_method = env_is_wrapped = None


NoEnv.__abstractmethods__ = frozenset()


def sb3_ppo():
    model = stable_baselines3.PPO(
        "MlpPolicy",
        NoEnv(),
        n_steps=STEPS,
        batch_size=STEPS * ROWS,
        n_epochs=1,
        gamma=0.98,
        gae_lambda=0.9,
        ent_coef=0.01,
        vf_coef=0.5,
        max_grad_norm=0.5,
        clip_range=0.2,
        seed=0,
        device="cpu",
    )
    model.set_logger(configure(format_strings=[]))
    return model


def fill(model):
    """Put made-up steps into SB3's buffer and return them with its advantages."""
    rng = np.random.default_rng(0)
    buffer = model.rollout_buffer
    buffer.reset()
    data = {
        "obs": rng.normal(size=(STEPS, ROWS, SIZE)).astype(np.float32),
        "action": rng.integers(ACTIONS, size=(STEPS, ROWS)),
        "reward": rng.normal(size=(STEPS, ROWS)).astype(np.float32),
        "value": rng.normal(size=(STEPS, ROWS)).astype(np.float32),
        "log_prob": rng.normal(-2, 0.3, size=(STEPS, ROWS)).astype(np.float32),
        "end": rng.random((STEPS, ROWS)) < 0.2,
        "last": rng.normal(size=ROWS).astype(np.float32),
    }
    starts = np.vstack([np.zeros((1, ROWS)), data["end"]])
    for t in range(STEPS):
        buffer.add(
            data["obs"][t],
            data["action"][t],
            data["reward"][t],
            starts[t],
            torch.from_numpy(data["value"][t]),
            torch.from_numpy(data["log_prob"][t]),
        )
    buffer.compute_returns_and_advantage(torch.from_numpy(data["last"]), data["end"][-1])
    assert isinstance(buffer, RolloutBuffer)
    return data


def our_advantages(data):
    return advantages(
        data["reward"], data["value"], data["end"], data["last"], gamma=0.98, gae_lambda=0.9
    )


def samples(data, advantage):
    flat = {
        name: torch.from_numpy(array.reshape(-1, *array.shape[2:]))
        for name, array in data.items()
        if name != "last"
    }
    rows = np.arange(STEPS * ROWS)
    return Samples(
        flat["obs"],
        torch.ones(STEPS * ROWS, ACTIONS, dtype=torch.int8),
        flat["action"].int(),
        flat["log_prob"],
        torch.from_numpy(advantage.reshape(-1)),
        torch.from_numpy((advantage + data["value"]).reshape(-1)),
        rows,
        rows % ROWS,
    )


def test_advantages_equal_those_of_stable_baselines3():
    model = sb3_ppo()
    data = fill(model)
    theirs = model.rollout_buffer.advantages
    np.testing.assert_allclose(our_advantages(data), theirs, atol=1e-5)


def test_losses_and_gradients_equal_those_of_stable_baselines3():
    model, twin = sb3_ppo(), sb3_ppo()
    data = fill(model)
    model.train()
    logged = model.logger.name_to_value

    config = Config(
        gamma=0.98, gae_lambda=0.9, clip=0.2, epochs=1, entropy_weight=0.01, precision="float32"
    )
    policy = Wrapped(twin.policy)
    learner = Learner(policy, config, rng=np.random.default_rng(0))
    metrics = learner.update(samples(data, our_advantages(data)), minibatches=1)

    assert metrics["loss/policy"] == pytest.approx(logged["train/policy_gradient_loss"], abs=1e-5)
    assert metrics["loss/value"] == pytest.approx(logged["train/value_loss"], abs=1e-5)
    assert metrics["loss/entropy"] == pytest.approx(-logged["train/entropy_loss"], abs=1e-5)
    assert metrics["loss/kl"] == pytest.approx(logged["train/approx_kl"], abs=1e-5)
    assert metrics["loss/clipped"] == pytest.approx(logged["train/clip_fraction"], abs=1e-5)
    gradients = dict(model.policy.named_parameters())
    for name, parameter in policy.inner.named_parameters():
        if parameter.grad is not None and gradients[name].grad is not None:
            torch.testing.assert_close(parameter.grad, gradients[name].grad, atol=1e-5, rtol=0)


def test_the_masked_categorical_equals_autograd():
    rng = torch.Generator().manual_seed(0)
    logits = torch.randn(32, 9, generator=rng, requires_grad=True)
    masks = (torch.rand(32, 9, generator=rng) < 0.5).to(torch.int8)
    masks[:, 0] = 1
    actions = torch.multinomial(masks.float(), 1, generator=rng)[:, 0].int()
    weights = torch.randn(2, 32, generator=rng)

    log_probs, entropies = masked_categorical(logits, masks, actions)
    (ours,) = torch.autograd.grad((weights[0] * log_probs + weights[1] * entropies).sum(), logits)

    full = masked_log_probs(logits, masks)
    expected = full.gather(1, actions.long()[:, None])[:, 0]
    safe = full.masked_fill(masks == 0, 0.0)
    entropy = -(full.exp() * safe).sum(1)
    (theirs,) = torch.autograd.grad((weights[0] * expected + weights[1] * entropy).sum(), logits)
    torch.testing.assert_close(log_probs, expected)
    torch.testing.assert_close(entropies, entropy)
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-5)
    assert not ours[masks == 0].any()


def test_an_illegal_action_is_refused():
    masks = torch.tensor([[1, 0]], dtype=torch.int8)
    with pytest.raises(ValueError, match="illegal"):
        masked_categorical(torch.zeros(1, 2), masks, torch.tensor([1], dtype=torch.int32))


@pytest.mark.parametrize("broken", ["observations", "returns", "advantages", "log_probs"])
def test_a_nan_stops_the_update_before_any_weight_changes(broken):
    twin = sb3_ppo()
    data = fill(twin)
    batch = samples(data, our_advantages(data))
    getattr(batch, broken)[3] = torch.nan
    policy = Wrapped(twin.policy)
    learner = Learner(policy, Config(precision="float32"), rng=np.random.default_rng(0))
    before = {name: tensor.clone() for name, tensor in policy.state_dict().items()}
    with pytest.raises((TrainingError, FloatingPointError), match=r"loss/|logits|gradient"):
        learner.update(batch, minibatches=1)
    for name, tensor in policy.state_dict().items():
        assert torch.equal(tensor, before[name])


@pytest.mark.parametrize("centre", [True, False])
def test_advantages_are_centred_only_where_that_is_asked_for(centre):
    twin, seen = sb3_ppo(), []
    data = fill(twin)
    batch = samples(data, our_advantages(data))
    batch.advantages += 3

    def note(minibatch):
        seen.append(minibatch.advantages)
        return minibatch.values.sum() * 0

    config = Config(precision="float32", epochs=1, centre_advantages=centre)
    learner = Learner(
        Wrapped(twin.policy), config, rng=np.random.default_rng(0), auxiliary_loss=note
    )
    learner.update(batch, minibatches=1)
    given = batch.advantages
    expected = (given.mean() / given.std()).item()
    assert expected > 1 and seen[0].std().item() == pytest.approx(1, abs=1e-4)
    assert seen[0].mean().item() == pytest.approx(0 if centre else expected, abs=1e-4)


def test_a_broken_weight_is_named():
    twin = sb3_ppo()
    data = fill(twin)
    policy = Wrapped(twin.policy)
    learner = Learner(policy, Config(precision="float32"), rng=np.random.default_rng(0))
    with torch.no_grad():
        policy.inner.value_net.weight[0, 0] = torch.inf
    with pytest.raises(TrainingError, match=r"loss/value is .* at update 0"):
        learner.update(samples(data, our_advantages(data)), minibatches=1)


def test_rows_of_opponents_do_not_train():
    twin = sb3_ppo()
    data = fill(twin)
    results = []
    for poison in (0.0, 1e3):
        policy = Wrapped(sb3_ppo().policy)
        batch = samples(data, our_advantages(data))
        batch.rows, batch.matches = batch.rows[::2], batch.matches[::2]
        batch.returns[1::2] += poison
        batch.advantages[1::2] -= poison
        Learner(policy, Config(precision="float32"), rng=np.random.default_rng(0)).update(
            batch, minibatches=2
        )
        results.append(policy.inner.value_net.weight.detach().clone())
    assert torch.equal(*results)


def test_the_masked_divergence_equals_autograd():
    rng = torch.Generator().manual_seed(0)
    logits, reference = (3 * torch.randn(64, 12, generator=rng) for _ in range(2))
    masks = (torch.rand(64, 12, generator=rng) < 0.4).to(torch.int8)
    masks[:, 3] = 1
    logits[0, 3] = -300.0  # a probability of exactly 0 among the legal actions
    masks[0, 5] = 1
    logits.requires_grad_(True)
    weights = torch.rand(64, generator=rng)

    found = masked_divergence(logits, reference, masks)
    (gradient,) = torch.autograd.grad((weights * found).sum(), logits)

    p, q = (Categorical(logits=x.masked_fill(masks == 0, -1e9)) for x in (logits, reference))
    expected = kl_divergence(p, q)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    (by_autograd,) = torch.autograd.grad((weights * expected).sum(), logits)
    torch.testing.assert_close(gradient, by_autograd, rtol=1e-4, atol=1e-5)
    assert (gradient[masks == 0] == 0).all()


def test_the_masked_divergence_says_which_row_is_bad():
    masks = torch.ones(2, 3, dtype=torch.int8)
    bad = torch.zeros(2, 3)
    bad[1, 2] = torch.nan
    for pair in ((torch.zeros(2, 3), bad), (bad, torch.zeros(2, 3))):
        with pytest.raises(FloatingPointError, match="row 1"):
            masked_divergence(*pair, masks)
    masks[0] = 0
    with pytest.raises(ValueError, match="row 0 is all zero"):
        masked_divergence(torch.zeros(2, 3), torch.zeros(2, 3), masks)


def test_the_reference_pulls_the_policy_back():
    twin = sb3_ppo()
    data = fill(twin)
    batch = samples(data, our_advantages(data))
    reference = Wrapped(sb3_ppo().policy).requires_grad_(False)
    distances = []
    for weight in (0.0, 10.0):
        policy = Wrapped(sb3_ppo().policy)
        config = Config(lr=0.01, epochs=10, kl_weight=weight, precision="float32")
        learner = Learner(policy, config, rng=np.random.default_rng(0), reference=reference)
        learner.update(batch, minibatches=1)
        own, target = (p(batch.observations)[0].log_softmax(1) for p in (policy, reference))
        distances.append(float((own.exp() * (own - target)).sum(1).mean().detach()))
    assert distances[1] < distances[0] / 2


def test_a_minibatch_holds_whole_matches():
    policy = Wrapped(sb3_ppo().policy)
    learner = Learner(policy, Config(), rng=np.random.default_rng(0))
    data = fill(sb3_ppo())
    batch = samples(data, our_advantages(data))
    parts = learner._split(batch, 3)
    matches = [set((part.numpy() % ROWS).tolist()) for part in parts]
    assert sum(map(len, parts)) == STEPS * ROWS
    assert sum(map(len, matches)) == ROWS


def test_a_minibatch_of_rows_mixes_all_matches():
    policy = Wrapped(sb3_ppo().policy)
    learner = Learner(policy, Config(shuffle="rows"), rng=np.random.default_rng(0))
    data = fill(sb3_ppo())
    parts = learner._split(samples(data, our_advantages(data)), 2)
    assert sorted(torch.cat(parts).tolist()) == list(range(STEPS * ROWS))
    assert all(len(set((part.numpy() % ROWS).tolist())) == ROWS for part in parts)


def test_a_hook_finds_the_observations_of_its_minibatch():
    policy, seen = Wrapped(sb3_ppo().policy), []
    data = fill(sb3_ppo())
    batch = samples(data, our_advantages(data))

    def hook(minibatch):
        seen.append(torch.equal(minibatch.observations, batch.observations[minibatch.rows]))
        return minibatch.logits.square().mean()

    config = Config(epochs=1, precision="float32")
    learner = Learner(policy, config, rng=np.random.default_rng(0), auxiliary_loss=hook)
    metrics = learner.update(batch, minibatches=3)
    assert seen == [True] * 3
    assert metrics["loss/auxiliary"] > 0


def made_up(seed=0):
    data = fill(sb3_ppo())
    found = samples(data, our_advantages(data))
    policy = make_actor(seed)
    with torch.no_grad():
        logits, _ = policy(found.observations)
        found.log_probs, entropy = masked_categorical(logits, found.masks, found.actions)
    return policy, found, entropy.mean().item()


def make_actor(seed):
    torch.manual_seed(seed)
    model = sb3_ppo()
    with torch.no_grad():
        model.policy.action_net.weight.mul_(300)  # far from even, where entropy has a slope
    return Wrapped(model.policy)


def test_the_entropy_bonus_makes_a_policy_try_more():
    policy, found, before = made_up()
    found.advantages.zero_()  # nothing else pulls at it
    settings = Config(entropy_weight=0.5, value_weight=0.0, minibatch=64, precision="float32")
    learner = Learner(policy, settings, rng=np.random.default_rng(0))
    for _ in range(3):
        learner.update(found)
    with torch.no_grad():
        logits = policy(found.observations)[0]
        after = masked_categorical(logits, found.masks, found.actions)[1].mean().item()
    assert after > before + 0.01


def test_the_learning_rate_falls_to_its_last_share():
    moved = []
    for progress in (0.0, 0.5, 1.0):
        policy, found, _ = made_up()
        before = torch.cat([p.detach().reshape(-1).clone() for p in policy.parameters()])
        settings = Config(
            lr=0.001, lr_final=0.1, epochs=1, minibatch=STEPS * ROWS, precision="float32"
        )
        learner = Learner(policy, settings, rng=np.random.default_rng(0))
        learner.update(found, progress=progress)
        after = torch.cat([p.detach().reshape(-1) for p in policy.parameters()])
        moved.append((after - before).abs().max().item())
    # Adam's first step is as long as the rate, whatever the gradient.
    assert moved == pytest.approx([0.001, 0.00055, 0.0001], rel=0.02)


def test_a2c_is_ppo_at_the_first_step():
    gradients = []
    for algorithm in ("ppo", "a2c"):
        policy = Wrapped(sb3_ppo().policy)
        data = fill(sb3_ppo())
        batch = samples(data, our_advantages(data))
        with torch.no_grad():
            batch.log_probs, _ = masked_categorical(
                policy(batch.observations)[0], batch.masks, batch.actions
            )
        config = Config(algorithm=algorithm, epochs=1, precision="float32")
        Learner(policy, config, rng=np.random.default_rng(0)).update(batch, minibatches=1)
        gradients.append(policy.inner.action_net.weight.grad.clone())
    torch.testing.assert_close(*gradients)
    assert gradients[0].any()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"gamma": 1.1}, "gamma"),
        ({"epochs": 0}, "epochs"),
        ({"lr": 0.0}, "lr"),
        ({"epochs": 2, "algorithm": "a2c"}, "epochs must be 1"),
    ],
)
def test_impossible_values_are_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        Config(**wrong)
