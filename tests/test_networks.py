import numpy as np
import pytest
import torch

import cam_arena
from cam_arena import _core, _training
from cam_arena.agents.learner import Config, Learner
from cam_arena.agents.networks import (
    ModularNetwork,
    NetworkConfig,
    character_ids,
    masked_log_probs,
    supports_bfloat16,
)
from cam_arena.agents.sharing import build_policy, make_policy

SMALL = NetworkConfig(hidden=(16, 16), element=8, effect=4, embedding=4)


def make(scheme="full", config=SMALL, characters=4, seed=0, preset="full"):
    layout = cam_arena.observation_layout(preset)
    generator = torch.Generator().manual_seed(seed)
    return make_policy(scheme, layout, characters, config, generator=generator)


def observations(rows=8, characters=4, seed=0):
    """Real observations, with the own character of row i set to i % characters."""
    env = cam_arena.make_vec(rows // 2, characters="core4", copy=True)
    batch, _ = env.reset(seed=seed)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        actions = [rng.choice(np.flatnonzero(mask)) for mask in batch["action_mask"]]
        batch = env.step(np.array(actions))[0]
    column = cam_arena.observation_layout()["own_character"].start
    batch["observation"][:, column] = np.arange(rows) % characters / 512
    return torch.from_numpy(batch["observation"]), torch.from_numpy(batch["action_mask"])


@pytest.mark.parametrize("preset", ["full", "tiny", "entities", "descriptor"])
def test_shapes_for_every_preset(preset):
    size = cam_arena.observation_layout(preset).size
    logits, values = make(preset=preset)(torch.zeros(3, size))
    assert logits.shape == (3, _core.NUM_ACTIONS)
    assert values.shape == (3,)


def test_without_ids_a_network_knows_characters_by_their_profiles_alone():
    layout = cam_arena.observation_layout("descriptor")
    policy = make(preset="descriptor")
    assert not any("character" in name for name in policy.state_dict())
    row = torch.rand(1, layout.size, generator=torch.Generator().manual_seed(0))
    row[:, [layout[f"own_{name}"].start for name in ("scroll", "companions")]] = 0
    row[:, layout["own_companions"].slice] = 0
    for name in ("own_profile", "opponent_profile"):
        other = row.clone()
        other[:, layout[name].start + 20] -= 0.5
        assert not torch.equal(policy(row)[0], policy(other)[0])
    twin = build_policy(policy.spec())
    twin.load_state_dict(policy.state_dict())
    assert torch.equal(policy(row)[0], twin(row)[0])


@pytest.mark.parametrize("preset", ["tiny", "descriptor"])
@pytest.mark.parametrize("scheme", ["none", "head"])
def test_networks_of_ones_own_need_ids(scheme, preset):
    with pytest.raises(ValueError, match=f"'{scheme}' needs .* with ids, got '{preset}"):
        make(scheme, preset=preset)


def test_heads_belong_to_one_character_and_the_trunk_to_all():
    policy = make("head")
    observation, _ = observations()
    own = character_ids(cam_arena.observation_layout(), observation)

    def changed(parameters):
        before = policy(observation)[0].detach()
        with torch.no_grad():
            for parameter in parameters:
                parameter.add_(1.0)
        return (policy(observation)[0].detach() != before).any(1)

    assert torch.equal(changed([policy.heads[2].weight]), own == 2)
    assert changed([policy.trunk.torso[0].weight]).all()
    assert not any("head" in name for name, _ in policy.trunk.named_parameters())


def test_equal_seeds_give_equal_weights_and_the_default_generator_is_untouched():
    before = torch.get_rng_state()
    first, second, other = make(seed=1), make(seed=1), make(seed=2)
    assert torch.equal(before, torch.get_rng_state())
    for name, tensor in first.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name])
    assert not torch.equal(first.head.weight, other.head.weight)


@pytest.mark.parametrize("scheme", ["full", "none", "head"])
def test_a_policy_is_rebuilt_from_its_specification(scheme):
    policy = make(scheme, seed=3)
    twin = build_policy(policy.spec())
    twin.load_state_dict(policy.state_dict())
    observation, _ = observations()
    for ours, theirs in zip(policy(observation), twin(observation), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("scheme", ["full", "none", "head"])
def test_a_policy_is_float32_whatever_a_program_has_made_the_default(scheme):
    policy = make(scheme, seed=3)
    observation, _ = observations()
    logits, values = policy(observation)
    torch.set_default_dtype(torch.float64)
    try:
        with torch.device("meta"):
            twin = build_policy(policy.spec())
            twin.load_state_dict(policy.state_dict())
        for loaded in (policy, twin):
            ours = loaded(observation)
            assert torch.equal(ours[0], logits) and torch.equal(ours[1], values)
            assert ours[0].dtype == torch.float32
    finally:
        torch.set_default_dtype(torch.float32)


def test_ids_of_all_characters_are_read_exactly():
    layout = cam_arena.observation_layout()
    observation = torch.zeros(304, layout.size)
    observation[:, layout["own_character"].start] = torch.arange(304) / 512
    assert character_ids(layout, observation).tolist() == list(range(304))


def test_the_character_changes_the_policy_only_where_identity_is_on():
    observation, _ = observations()
    swapped = observation.clone()
    column = cam_arena.observation_layout()["own_character"].start
    swapped[:, column] = (observation[:, column] * 512 + 1) % 4 / 512
    known, blind = make(), make(config=NetworkConfig((16, 16), 8, 4, 4, identity=False))
    assert not torch.equal(known(observation)[0], known(swapped)[0])
    assert torch.equal(blind(observation)[0], blind(swapped)[0])


def test_separate_networks_share_nothing():
    policy = make("none")
    observation, _ = observations()
    before = policy(observation)[0].detach()
    with torch.no_grad():
        for parameter in policy.networks[2].parameters():
            parameter.add_(1.0)
    changed = (policy(observation)[0].detach() != before).any(1)
    own = character_ids(cam_arena.observation_layout(), observation)
    assert torch.equal(changed, own == 2)


def test_the_buff_module_is_a_mean_over_the_active_effects():
    policy = make()
    layout = cam_arena.observation_layout()
    start = layout["own_effects"].start
    one = torch.zeros(1, layout.size)
    one[0, start + 2 * 5] = 0.5
    two = one.clone()
    two[0, start + 2 * 9 + 1] = 0.25
    other = torch.zeros(1, layout.size)
    other[0, start + 2 * 9 + 1] = 0.25
    parts = [policy._buff_part(observation) for observation in (one, two, other)]
    torch.testing.assert_close(parts[1], (parts[0] + parts[2]) / 2)
    assert not policy._buff_part(torch.zeros(1, layout.size)).any()


def test_illegal_actions_have_probability_exactly_zero():
    observation, masks = observations()
    logits, _ = make()(observation)
    probabilities = masked_log_probs(logits * 100, masks).exp()
    assert (probabilities[masks == 0] == 0).all()
    torch.testing.assert_close(probabilities.sum(1), torch.ones(len(masks)))
    assert masked_log_probs(torch.zeros(1, 3), torch.tensor([[0, 1, 0]])).exp().tolist() == [
        [0, 1, 0]
    ]


def test_an_all_zero_mask_is_refused():
    masks = torch.ones(2, 3)
    masks[1] = 0
    with pytest.raises(ValueError, match="row 1 is all zero"):
        masked_log_probs(torch.zeros(2, 3), masks)
    empty = np.zeros((1, 3), np.int8)
    out = np.zeros(1, np.int32), np.zeros(1, np.float32)
    with pytest.raises(ValueError, match="row 0 is all zero"):
        _training.sample_actions(np.zeros((1, 3), np.float32), empty, np.zeros(1, np.float32), *out)


def test_nan_logits_are_refused_where_they_are_legal():
    logits = np.array([[np.nan, 0, 0]], np.float32)
    out = np.zeros(1, np.int32), np.zeros(1, np.float32)
    with pytest.raises(FloatingPointError, match="row 0"):
        _training.sample_actions(logits, np.ones((1, 3), np.int8), np.zeros(1, np.float32), *out)
    _training.sample_actions(logits, np.array([[0, 1, 1]], np.int8), np.zeros(1, np.float32), *out)
    assert out[0][0] == 1


def test_the_sampler_draws_from_the_masked_softmax():
    rng = np.random.default_rng(0)
    row = rng.normal(size=6).astype(np.float32)
    mask = np.array([1, 0, 1, 1, 0, 1], np.int8)
    count = 40_000
    actions, log_probs = np.empty(count, np.int32), np.empty(count, np.float32)
    _training.sample_actions(
        np.tile(row, (count, 1)),
        np.tile(mask, (count, 1)),
        rng.random(count, np.float32),
        actions,
        log_probs,
    )
    expected = masked_log_probs(torch.from_numpy(row[None]), torch.from_numpy(mask[None]))[0]
    np.testing.assert_allclose(log_probs, expected.numpy()[actions], rtol=1e-5, atol=1e-6)
    seen = np.bincount(actions, minlength=6) / count
    np.testing.assert_allclose(seen, expected.exp().numpy(), atol=0.01)
    assert not seen[mask == 0].any()


def test_extreme_uniforms_stay_legal():
    logits = np.array([[-200, 3, 1, 900]], np.float32)
    mask = np.array([[1, 1, 1, 0]], np.int8)
    actions, log_probs = np.empty(1, np.int32), np.empty(1, np.float32)
    for uniform, wanted in ((0.0, 1), (np.nextafter(np.float32(1), np.float32(0)), 2)):
        _training.sample_actions(logits, mask, np.array([uniform], np.float32), actions, log_probs)
        assert actions[0] == wanted


def test_sizes_are_checked():
    with pytest.raises(ValueError, match="at least 2 widths"):
        NetworkConfig(hidden=(8,))
    with pytest.raises(ValueError, match="full"):
        make("half")


def test_bfloat16_is_a_fact_of_the_cpu():
    assert supports_bfloat16() in (True, False)


def test_a_small_network_is_a_modular_network():
    assert isinstance(make(), ModularNetwork)


@pytest.mark.parametrize("preset", ["full", "tiny", "entities", "descriptor"])
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_the_fused_passes_compute_what_the_modules_do(preset, precision):
    env = cam_arena.make_vec(16, characters="core4", observation=preset, copy=True)
    batch, _ = env.reset(seed=1)
    rng = np.random.default_rng(1)
    for _ in range(40):
        batch = env.step(np.array([rng.choice(np.flatnonzero(m)) for m in batch["action_mask"]]))[0]
    observation = torch.from_numpy(batch["observation"])
    policy = make(characters=304, preset=preset)
    with torch.no_grad():
        policy.head.weight.mul_(100)  # logits that differ from each other
        for parameter in policy.parameters():
            if parameter.ndim == 1:
                parameter.normal_(generator=torch.Generator().manual_seed(2)).mul_(0.1)
    weights = torch.randn(32, _core.NUM_ACTIONS + 1, generator=torch.Generator().manual_seed(3))
    found = []
    for function in (policy.modules_forward, policy):
        policy.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == torch.bfloat16):
            logits, values = function(observation)
        (logits * weights[:, 1:]).sum().add((values * weights[:, 0]).sum()).backward()
        found.append([logits.detach(), values.detach(), *(p.grad for p in policy.parameters())])
    for ours, theirs in zip(found[1], found[0], strict=True):
        assert theirs.norm() > 0
        if precision == torch.float32:
            assert (ours - theirs).norm() <= 1e-5 * theirs.norm()
        else:  # the two round at different places, and a relu near 0 turns either way
            assert (ours * theirs).sum() >= 0.9 * ours.norm() * theirs.norm()


@pytest.mark.parametrize("scheme", ["full", "none"])
def test_some_rows_are_as_if_they_stood_alone(scheme):
    policy = make(scheme)
    observation, _ = observations()
    rows = np.array([5, 0, 5, 2])
    for ours, theirs in zip(
        policy.forward_rows(observation, rows), policy(observation[rows]), strict=True
    ):
        assert torch.equal(ours, theirs)
    with pytest.raises(IndexError):
        policy.forward_rows(observation, np.array([8]))


def test_many_rows_in_any_order_are_read_as_if_they_stood_alone():
    policy = make()
    observation = observations(rows=40)[0]
    rows = np.random.default_rng(0).permutation(40)[:37]  # more than are read at a time
    for found, expected in zip(
        policy.forward_rows(observation, rows), policy.modules_forward(observation), strict=True
    ):
        torch.testing.assert_close(found, expected[torch.from_numpy(rows)])


def test_unknown_equipment_is_named_with_its_row():
    policy = make()
    observation = observations(rows=40)[0]
    start = cam_arena.observation_layout()["own_companions"].start
    observation[33, start] = 90 / 64
    with pytest.raises(ValueError, match=r"row 33 names equipment \[90.*knows 0\.\.64"):
        policy(observation)
    rows = np.r_[np.arange(30), 33]
    with pytest.raises(ValueError, match="row 33 names equipment"):
        policy.forward_rows(observation, rows)


def test_layers_and_hooks_of_a_scheme_are_not_passed_by():
    class Doubled(torch.nn.Linear):
        def forward(self, inputs):
            return 2 * super().forward(inputs)

    policy, (observation, _) = make(), observations()
    plain = policy(observation)[1]
    policy.head.register_forward_hook(lambda module, inputs, out: out + 1)
    assert torch.allclose(policy(observation)[1], plain + 1)
    other = make()
    doubled = Doubled(16, other.head.out_features)
    doubled.load_state_dict(other.head.state_dict())
    other.head = doubled
    assert torch.allclose(other(observation)[1], 2 * plain, atol=1e-6)


def test_what_a_frozen_network_keeps_follows_its_weights():
    policy, (observation, _) = make(), observations()
    policy.requires_grad_(False)
    with torch.no_grad():
        before = policy(observation)[0]
        for change in (
            lambda: policy.torso[0].weight.mul_(2),
            lambda: policy.load_state_dict(make().state_dict()),
            lambda: setattr(policy.head, "bias", torch.nn.Parameter(policy.head.bias + 1, False)),
        ):
            change()
            after = policy(observation)[0]
            assert torch.allclose(after, policy.modules_forward(observation)[0], atol=1e-6)
            with torch.autocast("cpu", torch.bfloat16):
                low = policy(observation)[0]
            assert torch.allclose(low, after, atol=0.05)
        assert not torch.equal(before, after)


def test_a_learner_is_never_answered_by_weights_of_before():
    policy, (observation, _) = make(), observations()
    learner = Learner(policy, Config(precision="float32"), rng=np.random.default_rng(0))
    with torch.no_grad():
        before = policy(observation)[0]
        learner._flat.mul_(1.5)
        after = policy(observation)[0]
        assert not torch.allclose(before, after)
        assert torch.allclose(after, policy.modules_forward(observation)[0], atol=1e-5)
