"""What must hold of CAM whatever the game: identities, and gains where gains are to be had."""

import hashlib
import json
import math
from dataclasses import replace

import matrix_game
import numpy as np
import pytest
import torch

import cam_arena
from cam_arena import _core
from cam_arena.agents import cam, diversity, evaluate, gains, selfplay, sharing, specialist
from cam_arena.agents.evaluate_run import load_trained
from cam_arena.agents.intervals import wilson
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.loop import Loop
from cam_arena.agents.networks import CHARACTER_SCALE, NetworkConfig
from cam_arena.agents.population.members import PolicyMember
from cam_arena.agents.population.payoff import Payoff
from cam_arena.agents.vecenv import NativeBackend
from cam_arena.game.options import Options

ROSTER = cam_arena.load_roster()
INDICES = matrix_game.INDICES
SHORT = Options(frame_skip=6, max_seconds=10)


def policy(scheme="full", seed=0, preset="full"):
    return sharing.make_policy(
        scheme,
        cam_arena.observation_layout(preset),
        len(ROSTER) if scheme == "full" else 4,
        NetworkConfig((16, 16), 8, 4, 4),
        generator=torch.Generator().manual_seed(seed),
    )


@pytest.mark.parametrize("reward", ["paper", "hp", "sparse"])
def test_rewards_sum_to_zero_without_aggression(reward):
    backend = NativeBackend(8, reward=reward, frame_skip=6, characters="core4")
    observations = np.zeros((8, 2, backend.observation_size), np.float32)
    masks = np.zeros((8, 2, _core.NUM_ACTIONS), np.int8)
    rewards, (terminated, truncated) = np.zeros((8, 2), np.float32), np.zeros((2, 8), np.bool_)
    for match in range(8):
        backend.start(match, match, None, (None, None), observations, masks)
    rng, moved = np.random.default_rng(0), 0.0
    for _ in range(120):
        actions = (rng.random(masks.shape) * masks).argmax(2).astype(np.int32)
        backend.step(actions, observations, masks, rewards, terminated, truncated)
        assert (rewards.sum(1) == 0).all()
        moved += np.abs(rewards).sum()
    assert moved > 0 or reward == "sparse"


def test_the_paper_preset_learns_from_rewards_that_sum_to_zero(tmp_path, monkeypatch):
    small = replace(
        cam.PRESETS["paper"], generations=1, generation_steps=2000, specialist_steps=1000,
        matches=16, specialist_matches=16, rollout=80, evaluation_games=2,
        network=NetworkConfig((8, 8), 4, 4, 4),
    )  # fmt: skip
    monkeypatch.setitem(cam.PRESETS, "paper", small)
    real, earned = Loop.update, {}

    def spy(self):
        metrics = real(self)
        rewards = self.collector._rollout.rewards.reshape(-1, 2)
        assert (rewards.sum(1) == 0).all()
        stage = "specialist" if self.learner._reference is not None else "shared"
        earned[stage] = earned.get(stage, 0.0) + float(np.abs(rewards).sum())
        assert self.collector._reward_scale == 0.1
        return metrics

    monkeypatch.setattr(Loop, "update", spy)
    cam.train(
        cam.Config(
            out=tmp_path, preset="paper", characters="core4", clusters=1, workers=1, frame_skip=6,
            tensorboard=False,
        )
    )  # fmt: skip
    assert earned["shared"] > 0 and earned["specialist"] > 0


def test_a_reward_brings_its_factor_with_its_name():
    assert cam.Config(reward="paper").scaled_reward == ("paper", 0.1)
    assert cam.Config(reward="hp").scaled_reward == ("hp", 1.0)
    assert cam.Config(reward="paper", reward_scale=0.5).scaled_reward == ("paper", 0.5)
    assert cam.Config(preset="paper", aggression=0.5).chosen_aggression == 0.5
    assert cam.Config().chosen_aggression == 1.0
    with pytest.raises(ValueError, match="reward_scale is of a reward that is named"):
        cam.Config(preset="paper", reward_scale=0.5)


def test_an_equal_pair_of_policies_is_even():
    first, second = (PolicyMember(name, policy(seed=3)) for name in ("first", "second"))
    mirror = [(character, character) for character in INDICES]
    certain = evaluate.play(
        first, second, mirror, games=2, seed=0, options=SHORT, deterministic=True
    )
    assert certain.win_rates.tolist() == [0.5] * len(mirror)
    drawn = evaluate.play(first, second, mirror, games=20, seed=0, options=SHORT)
    low, high = wilson(float(drawn.wins.sum() + drawn.draws.sum() / 2), int(drawn.games.sum()))
    assert low < 0.5 < high
    assert drawn.draws.sum() < drawn.games.sum()  # it is the sides that are even, not nothing done


@pytest.mark.parametrize("scheme", sorted(sharing.SPECIALISTS))
@pytest.mark.parametrize("shared_scheme", sorted(sharing.SCHEMES))
def test_a_specialist_begins_with_the_shared_policys_logits(scheme, shared_scheme):
    shared = policy(shared_scheme).requires_grad_(False)
    own = sharing.specialise(scheme, selfplay.frozen_copy(shared))
    env = cam_arena.make_vec(16, characters="core4", copy=True)
    observations = torch.from_numpy(env.reset(seed=0)[0]["observation"])
    column = cam_arena.observation_layout()["own_character"].start
    observations[:, column] = torch.arange(32) % 4 / CHARACTER_SCALE
    logits, values = own(observations)
    assert (logits - shared(observations)[0]).abs().max() < 1e-6
    assert (values - shared(observations)[1]).abs().max() < 1e-6
    trains = {name for name, parameter in own.named_parameters() if parameter.requires_grad}
    if scheme == "full":
        assert trains == set(dict(own.named_parameters()))
    else:
        assert trains and all({"head", "heads"} & set(name.split(".")) for name in trains)
        assert len(trains) < len(dict(own.named_parameters()))


def test_unknown_parameters_of_a_specialist_are_refused():
    with pytest.raises(ValueError, match=r"must be one of \['full', 'head'\], got 'torso'"):
        sharing.specialise("torso", policy())


SMALL, AMPLE = NetworkConfig((1, 1), 1, 1, 1), NetworkConfig((32, 32), 16, 4, 8)
LEARNER = LearnerConfig(minibatch=256, precision="float32", lr=0.03, gamma=0.9)


def solve(out, network, **changes):
    """Run CAM on the matrix game; return its directory."""
    preset = cam.Preset(
        generations=2,
        generation_steps=4000,
        specialist_steps=2000,
        matches=64,
        specialist_matches=64,
        rollout=8,
        evaluation_games=20,
        shared=LEARNER,
        specialist=replace(LEARNER, clip=0.1, kl_weight=0.001),
        network=network,
    )
    config = cam.Config(
        out=out,
        preset="smoke",
        characters="core4",
        workers=1,
        solver="uniform",
        tensorboard=False,
        **changes,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selfplay, "NativeBackend", matrix_game.MatrixGame)
        patch.setattr(specialist, "NativeBackend", matrix_game.MatrixGame)
        patch.setattr(specialist, "longest_match", lambda frame_skip: 8)
        patch.setattr(evaluate, "play", matrix_game.play)
        patch.setitem(cam.PRESETS, "smoke", preset)
        return cam.train(config)


def entrants(run):
    """The shared policy as each character, then the specialists."""
    trained = load_trained(run)
    base = dict.fromkeys(trained.names, trained.shared)
    return [
        evaluate.Entrant(f"{who} {name}", member, ROSTER[name].index)
        for who, members in (("shared", base), ("own", trained.specialists))
        for name, member in members.items()
    ]


def measure(run):
    """Return the gains, and the l2 distances between characters before and after."""
    table = matrix_game.tournament(entrants(run), 400, 1)
    names = matrix_game.NAMES
    return (
        gains.compare(table, names),
        gains.behaviour(table, len(names)).distances("l2"),
        table,
    )


@pytest.fixture(scope="module")
def cramped(tmp_path_factory):
    return solve(tmp_path_factory.mktemp("cramped"), SMALL)


def test_specialists_gain_where_one_network_is_too_small_for_all(cramped):
    gained, (before, after), _ = measure(cramped)
    assert gained.interval[0] > 0.05
    assert after > before + 0.3


def test_specialists_gain_nothing_where_one_network_does_it_all(tmp_path):
    run = solve(tmp_path, AMPLE)
    gained, (before, after), _ = measure(run)
    chances = matrix_game.best_chances(load_trained(run).shared.policy)
    assert chances.min() > 0.9  # the game is solved by the shared policy already
    assert abs(gained.gain) < 0.03
    assert after == pytest.approx(before, abs=0.05)
    assert before == pytest.approx(math.sqrt(2), abs=0.05)


def test_fewer_specialists_gain_less(cramped, tmp_path):
    """Two clusters of characters share a specialist each, as small as the one for all."""
    run = solve(tmp_path, SMALL, clusters=2, stage1=cramped / "stage1")
    gained, _, _ = measure(run)
    assert gained.gain < measure(cramped)[0].gain - 0.02


@pytest.mark.parametrize("change", [{"stage2_parameters": "head"}, {"baseline": "frozen"}])
def test_every_kind_of_specialist_gains(cramped, tmp_path, change):
    gained, _, _ = measure(solve(tmp_path, SMALL, stage1=cramped / "stage1", **change))
    assert gained.interval[0] > 0


def test_a_second_round_meets_the_specialists_of_the_first(cramped, tmp_path):
    run = solve(tmp_path, SMALL, stage1=cramped / "stage1", rounds=2)
    shared = str(run / "stage1" / "policy")
    kept = set()
    for name in matrix_game.NAMES:
        first, second = (
            json.loads((run / "rounds" / k / cam.slug(name) / "outcome.json").read_text())
            for k in "12"
        )
        own = str(run / "rounds" / "1" / cam.slug(name) / "policy")
        assert {path for _, path in first["config"]["pool"]} == {shared}
        assert first["config"]["start"] == shared and second["config"]["start"] == own
        if first["kept"] == "candidate":
            kept.add((ROSTER[name].index, own))
        # It neither falls behind the shared policy nor behind what it began with.
        assert second["win_rate"] >= max(second["shared_win_rate"], second["candidate_win_rate"])
    everyone = {(index, shared) for index in INDICES}
    assert kept
    assert {(index, path) for index, path in second["config"]["pool"]} == everyone | kept


def test_a_specialist_that_training_spoils_is_not_shipped(tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            cam, "_specialist_learner", lambda *_: replace(LEARNER, lr=1.0, entropy_weight=10.0)
        )
        run = solve(tmp_path, AMPLE)
    trained, losses = load_trained(run), []
    for name in matrix_game.NAMES:
        outcome = json.loads((run / "rounds" / "1" / cam.slug(name) / "outcome.json").read_text())
        losses.append(outcome["curve"][0]["win_rate"] - outcome["curve"][-1]["win_rate"])
        assert losses[-1] >= 0
        assert outcome["kept"] == "shared" and not outcome["is_specialist"]
        assert digest(trained.specialists[name].policy) == digest(trained.shared.policy)
    assert max(losses) > 0  # the training did spoil somebody


def test_an_equilibrium_of_the_pool_can_name_the_opponents(cramped, tmp_path, monkeypatch):
    monkeypatch.setattr(
        cam, "tournament", lambda entrants, *, games, seed, options: matrix_game.tournament(
            entrants, games, seed
        )
    )  # fmt: skip
    run = solve(tmp_path, SMALL, stage1=cramped / "stage1", matchmaking="nash")
    document = json.loads((run / "rounds" / "1" / "pool.json").read_text())
    assert len(document["members"]) == 4 and document["roster_id"] == ROSTER.id
    rates = Payoff.from_state(document["payoff"]).rates()
    outcome = json.loads(
        (run / "rounds" / "1" / cam.slug(matrix_game.NAMES[0]) / "outcome.json").read_text()
    )
    assert outcome["config"]["ranking"] == document["payoff"]
    assert np.ptp(rates.mean(1)) > 0


def test_within_a_population_the_mean_win_rate_is_a_half(cramped):
    _, _, table = measure(cramped)
    count = len(matrix_game.NAMES)
    for block in (slice(0, count), slice(count, None)):
        rates = table.win_rates[block, block]
        assert rates[~np.eye(count, dtype=bool)].mean() == pytest.approx(0.5, abs=1e-12)
        assert rates.std() > 0 or block.start == 0


def test_the_distance_of_populations_has_its_known_values():
    assert diversity.distance(np.ones((4, 6))) == 0
    assert diversity.distance(np.eye(4)) == pytest.approx(math.sqrt(2))
    assert diversity.ratio(0.9210, 1.0585) == pytest.approx(1.1493, abs=5e-5)


def digest(module):
    """Hash of all parameters."""
    joined = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        joined.update(name.encode() + tensor.numpy().tobytes())
    return joined.hexdigest()


@pytest.mark.parametrize("baseline", ["learned", "frozen"])
def test_stage_2_changes_nobody_in_the_pool(cramped, tmp_path, monkeypatch, baseline):
    seen = {}
    real = Loop.update

    def spy(self):
        members = self.collector._matchmaker.members
        seen.setdefault("before", [digest(member.policy) for member in members])
        first = digest(self.learner.policy)
        metrics = real(self)
        seen["after"] = [digest(member.policy) for member in members]
        seen["learned"] = digest(self.learner.policy) != first
        return metrics

    monkeypatch.setattr(Loop, "update", spy)
    folder = cramped / "stage1" / "policy"
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    solve(tmp_path, SMALL, stage1=cramped / "stage1", baseline=baseline, rounds=1)
    assert seen["learned"]
    assert seen["before"] == seen["after"]
    copied = tmp_path / "stage1" / "policy"
    for path, content in files.items():
        assert (copied / path.relative_to(folder)).read_bytes() == content
