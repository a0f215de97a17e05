"""Stable-Baselines3: our vector env under its algorithms, and CAM from its parts."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.utils import get_action_masks, is_masking_supported
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import DummyVecEnv, VecMonitor

import cam_arena
from cam_arena.agents import checkpoint, sb3
from cam_arena.agents.evaluate import play
from cam_arena.agents.evaluate_run import load_trained
from cam_arena.agents.sb3_member import blank_policy, load_sb3_member
from cam_arena.envs.single import DuelEnv
from cam_arena.integrations.sb3 import SB3VecEnv, SnapshotCallback, save_policy


def legal(env, rng):
    masks = get_action_masks(env)
    return np.array([rng.choice(np.flatnonzero(mask)) for mask in masks])


@pytest.mark.parametrize("algorithm", [MaskablePPO, PPO])
def test_algorithms_learn_on_it(algorithm):
    env = SB3VecEnv(4, characters="core4", max_cycles=20)
    model = algorithm(
        "MultiInputPolicy", VecMonitor(env), n_steps=32, batch_size=64, n_epochs=1, seed=1
    )
    model.learn(512)
    assert model.num_timesteps == 512
    assert len(model.ep_info_buffer) == 2 * 4 * 3
    env.close()


def test_rows_are_both_seats_and_rewards_cancel():
    env = SB3VecEnv(3, characters="core4")
    rng = np.random.default_rng(0)
    assert env.num_envs == 6
    env.seed(0)
    observation = env.reset()
    assert env.observation_space.contains({k: v[0] for k, v in observation.items()})
    for _ in range(50):
        _, rewards, _, infos = env.step(legal(env, rng))
        assert np.abs(rewards.reshape(-1, 2).sum(1)).max() < 1e-5
        names = cam_arena.load_roster().names
        assert {names[i["character_id"]] for i in infos} <= set(
            cam_arena.load_roster().split("core4")
        )


def test_one_row_a_match_against_a_bot():
    env = SB3VecEnv(3, opponent="masher:5", max_seconds=3)
    env.seed(1)
    env.reset()
    total = 0.0
    for _ in range(90):
        _, rewards, _, _ = env.step(np.zeros(3, int))
        total += rewards.sum()
    assert total < 0


def test_seeds_repeat():
    runs = []
    for _ in range(2):
        env = SB3VecEnv(2, characters="core4")
        assert env.seed(5) == [5, 5, 6, 6]
        rng = np.random.default_rng(0)
        seen = [env.reset()["observation"]]
        seen += [env.step(legal(env, rng))[0]["observation"] for _ in range(10)]
        runs.append(np.stack(seen))
    assert np.array_equal(*runs)
    assert not np.array_equal(runs[0][0, 0], runs[0][0, 2])


def test_a_cut_off_match_says_so_and_shows_its_last_observation():
    env = SB3VecEnv(2, max_cycles=5)
    env.seed(0)
    env.reset()
    for step in range(1, 11):
        observation, _, dones, infos = env.step(np.zeros(4, int))
        assert dones.all() == (step % 5 == 0)
        for row, info in enumerate(infos):
            assert ("terminal_observation" in info) == dones[row]
            if dones[row]:
                assert info["TimeLimit.truncated"] is True
                last = info["terminal_observation"]["observation"]
                assert not np.array_equal(last, observation["observation"][row])


def test_a_match_that_ended_by_the_clock_is_not_cut_off():
    env = SB3VecEnv(1, max_seconds=1)
    env.reset()
    for _ in range(10):
        _, _, dones, infos = env.step(np.zeros(2, int))
    assert dones.all()
    assert infos[0]["TimeLimit.truncated"] is False


def test_attributes_and_methods_reach_the_env():
    env = SB3VecEnv(2)
    env.reset()
    assert is_masking_supported(env)
    assert get_action_masks(env).shape == (4, 108)
    assert len(env.env_method("action_masks", indices=[1, 3])) == 2
    assert not env.has_attr("nonsense")
    env.set_attr("max_cycles", 3)
    assert env.get_attr("max_cycles") == [3] * 4
    with pytest.raises(ValueError, match="leave indices out"):
        env.set_attr("max_cycles", 4, indices=[0])
    assert env.env_is_wrapped(VecMonitor) == [False] * 4


def names_of(infos):
    return [cam_arena.load_roster().names[info["character_id"]] for info in infos]


def test_options_of_a_reset_are_honoured_match_by_match():
    env = SB3VecEnv(2)
    env.seed(5)
    env.set_options({"characters": "Vesh Cindral"})
    env.reset()
    assert names_of(env.reset_infos) == ["Vesh Cindral"] * 4
    seen = env.reset()["observation"]  # only of one reset
    assert names_of(env.reset_infos) != ["Vesh Cindral"] * 4
    env.set_options([{}, {}, {"characters": "Gorm Talus"}, {"characters": "Gorm Talus"}])
    env.seed(5)
    first = env.reset()["observation"]
    assert names_of(env.reset_infos)[2:] == ["Gorm Talus"] * 2
    env.seed(5)
    assert np.array_equal(env.reset()["observation"][:2], first[:2])
    assert not np.array_equal(seen, first)
    env.set_options([{"characters": 0}, {}, {}, {}])
    with pytest.raises(ValueError, match="both rows"):
        env.reset()
    before = env.venv.hashes().tolist()
    env.set_options([{}, {}, {"characters": "No One"}, {"characters": "No One"}])
    with pytest.raises(ValueError, match="there is no character"):
        env.reset()
    assert env.venv.hashes().tolist() == before


def test_what_stable_baselines3_decides_is_no_option():
    with pytest.raises(TypeError, match="'SameStep'"):
        SB3VecEnv(2, autoreset_mode="NextStep")


def test_masks_of_all_rows():
    env = SB3VecEnv(2)
    env.reset()
    masks = env.action_masks()
    assert masks.dtype == bool and np.array_equal(masks, get_action_masks(env))


FORMS = [
    (MaskablePPO, "MultiInputPolicy", {}),
    (MaskablePPO, "MlpPolicy", {"flatten": True}),
    (MaskablePPO, "MultiInputPolicy", {"action_space": "multi_discrete", "observation": "tiny"}),
    (PPO, "MlpPolicy", {"mask_in": "none", "observation": "tiny"}),
]


@pytest.mark.parametrize(("algorithm", "kind", "options"), FORMS)
def test_models_are_opponents_and_can_be_saved(tmp_path, algorithm, kind, options):
    env = SB3VecEnv(2, **options)
    model = algorithm(kind, env, n_steps=8, batch_size=4, seed=1, policy_kwargs={"net_arch": [16]})
    path = save_policy(model, tmp_path / "policy", characters="core4")
    ends = []
    for word in (model, path.parent, str(path)):
        single = DuelEnv(opponent=word, characters="Vesh Cindral")
        single.reset(seed=3)
        for _ in range(30):
            single.step(0)
        ends.append(single.match.hash())
        if algorithm is MaskablePPO:
            assert single.match.illegal_actions[1] == 0
    assert len(set(ends)) == 1
    met = DuelEnv(opponent=path.parent)
    met.reset(seed=0)
    assert met.match.characters[0].name in cam_arena.load_roster().split("core4")


def test_models_that_cannot_be_opponents_are_refused(tmp_path):
    model = PPO("MlpPolicy", SB3VecEnv(1, mask_in="none", frame_stack=2), n_steps=8, batch_size=8)
    with pytest.raises(ValueError, match="one frame"):
        DuelEnv(opponent=model)
    odd = {"log_std_init": 1.0}
    model = PPO(
        "MlpPolicy", SB3VecEnv(1, mask_in="none"), n_steps=8, batch_size=8, policy_kwargs=odd
    )
    with pytest.raises(ValueError, match=r"\['log_std_init'\] cannot be written"):
        save_policy(model, tmp_path)


def test_snapshots_of_the_learner_become_its_opponents(tmp_path):
    env = SB3VecEnv(4, opponent="idle", characters="core4", max_cycles=8)
    model = MaskablePPO("MultiInputPolicy", VecMonitor(env), n_steps=16, batch_size=64, n_epochs=1)
    callback = SnapshotCallback(64, most=2, folder=tmp_path)
    before = model.policy.action_net.weight.detach().clone()
    model.learn(256, callback)
    first, second = callback.snapshots  # of steps 0, 64, 128 and 192 the last two are met
    assert [snapshot.name for snapshot in callback.snapshots] == ["step 128", "step 192"]
    weights = [member.policy.action_net.weight for member in (first, second, model)]
    assert not any(torch.equal(a, b) for a, b in pairwise(weights))
    assert not torch.equal(before, weights[0])
    seated = {one.name for one in env.venv._matches._seated[0]._now}
    assert seated <= {"step 128", "step 192"}
    saved = load_sb3_member(tmp_path / "step_000000128", "saved")
    assert torch.equal(saved.policy.action_net.weight, weights[0])
    with pytest.raises(ValueError, match="with an opponent"):
        MaskablePPO("MultiInputPolicy", SB3VecEnv(1), n_steps=8, batch_size=8).learn(
            8, SnapshotCallback(8)
        )


TINY = {"steps": 64, "specialist_steps": 64, "envs": 2, "rollout": 16, "batch": 32, "snapshots": 2}


@pytest.mark.parametrize(
    "in_processes", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["here", "processes"]
)
def test_cam_from_its_parts(tmp_path, monkeypatch, in_processes):
    if not in_processes:
        monkeypatch.setattr(sb3, "SubprocVecEnv", DummyVecEnv)
    observation = "full" if in_processes else "descriptor"
    config = sb3.Config(out=tmp_path, characters="core4", observation=observation, **TINY)
    run = sb3.train(replace(config, tensorboard=False))
    shared = checkpoint.latest(run / "shared")
    assert shared.step >= 64
    names = cam_arena.load_roster().split("core4")
    for name in names:
        found = checkpoint.latest(run / "specialists" / sb3.slug(name))
        assert found.state["config"]["seed"] == 0 and "torch" in found.state["provenance"]
        assert found.tensors["weights"].keys() == shared.tensors["weights"].keys()
        assert any(
            not torch.equal(tensor, shared.tensors["weights"][key])
            for key, tensor in found.tensors["weights"].items()
        )
    trained = load_trained(run)
    assert trained.options.observation == observation
    member = trained.specialists[names[0]]
    assert member.observation == trained.shared.observation == observation
    pair = [(trained.roster[names[0]].index,) * 2]
    short = replace(trained.options, max_seconds=2)
    assert play(member, trained.shared, pair, games=2, seed=0, options=short).games.tolist() == [2]


def test_the_opponent_is_drawn_once_an_episode(tmp_path):
    for step in range(4):
        weights = blank_policy("full").state_dict()
        checkpoint.save(tmp_path, step, tensors={"weights": weights}, state={}, keep=9)
    roster = cam_arena.load_roster()
    names = roster.split("core4")
    env = sb3.AgainstPool(tmp_path, names[:1], names, seed=0, max_seconds=1)
    drawn, others = set(), set()
    for _ in range(12):
        _, info = env.reset()
        assert roster.names[info["character_id"]] == names[0]
        others.add(roster.names[info["opponent_character_id"]])
        loaded = env._loaded
        drawn.add(loaded.name)
        over = False
        while not over:
            _, _, over, _, _ = env.step(0)
            assert env._loaded == loaded
    assert len(drawn) > 1 and len(others) > 1
    env.close()


def test_impossible_configs_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        sb3.Config(envs=0)
