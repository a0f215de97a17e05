"""The PettingZoo parallel env."""

import copy
import functools
import pickle
import subprocess
import sys

import cloudpickle
import numpy as np
import pettingzoo
import pytest
from pettingzoo.test import max_cycles_test, parallel_api_test, parallel_seed_test, state_test
from pettingzoo.utils.conversions import aec_to_parallel, parallel_to_aec

import cam_arena
from cam_arena import duel_v0, squad_v0, testing
from cam_arena.errors import MatchError

# PettingZoo's tests prefer Box observations; a Dict with a mask is what its own games use.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Observation space for each agent probably should be"),
]


MAKERS = [duel_v0.parallel_env, functools.partial(squad_v0.parallel_env, 2, 3)]
of_duels_and_teams = pytest.mark.parametrize("make", MAKERS, ids=["duel", "teams"])


def random_actions(env, observations, rng):
    return {
        agent: rng.choice(np.flatnonzero(observations[agent]["action_mask"]))
        for agent in env.agents
    }


def state_of(env):
    return env.match.state if hasattr(env, "match") else env.match_state


def play(env, seed, steps=50):
    """Step an env with legal actions drawn by the seed; return the last step's results."""
    rng = np.random.default_rng(seed)
    observations, infos = env.reset(seed=seed)
    results = (observations, {}, {}, {}, infos)
    for _ in range(steps):
        if not env.agents:
            break
        results = env.step(random_actions(env, results[0], rng))
    return results


def test_pettingzoo_api():
    parallel_api_test(duel_v0.parallel_env(), num_cycles=1000)


def test_pettingzoo_api_from_aec():
    parallel_api_test(aec_to_parallel(duel_v0.env()), num_cycles=1000)


def test_pettingzoo_seeds():
    parallel_seed_test(duel_v0.parallel_env)


def test_pettingzoo_max_cycles():
    max_cycles_test(duel_v0)


def test_pettingzoo_state():
    state_test(duel_v0.env(), duel_v0.parallel_env())


def test_whole_episodes_repeat():
    testing.check_seeding(duel_v0.parallel_env, episodes=3)
    testing.check_seeding(duel_v0.parallel_env, episodes=3, masked=False)


@pytest.mark.slow
def test_two_hundred_whole_episodes_repeat():
    """Two instances agree in all they return, and in their hashes, at every step."""
    testing.check_seeding(duel_v0.parallel_env, episodes=200, seed=1000)


def test_results_are_fresh():
    testing.check_fresh_data(duel_v0.parallel_env(mask_in="both"))


def test_rewards_sum_to_zero():
    testing.check_zero_sum(duel_v0.parallel_env(), episodes=3)


def test_agents_end_together():
    env = duel_v0.parallel_env()
    _, rewards, terminations, truncations, _ = play(env, 5, steps=2000)
    assert env.agents == []
    assert terminations == {"fighter_0": True, "fighter_1": True}
    assert truncations == {"fighter_0": False, "fighter_1": False}
    assert {type(value) for value in rewards.values()} == {float}
    assert {type(value) for value in [*terminations.values(), *truncations.values()]} == {bool}


def test_attributes():
    env = duel_v0.parallel_env(render_mode="rgb_array", frame_skip=2)
    assert env.possible_agents == ["fighter_0", "fighter_1"]
    assert set(env.observation_spaces) == set(env.action_spaces) == set(env.possible_agents)
    assert env.observation_space("fighter_0") is env.observation_spaces["fighter_0"]
    assert env.observation_space("fighter_0") is not env.observation_space("fighter_1")
    assert env.observation_space("fighter_0") == env.observation_space("fighter_1")
    assert env.metadata["name"] == "duel_v0"
    assert env.metadata["render_fps"] == 15
    assert duel_v0.parallel_env.metadata["render_fps"] == 10
    assert env.metadata["render_modes"] == ["human", "rgb_array"]
    assert env.metadata["is_parallelizable"] is True
    assert not hasattr(env, "num_envs")  # skrl takes an env that has it for a vector env
    assert env.max_cycles is None
    for text in ("Discrete(108)", "`slip`", "`frame_skip`", "## Rewards"):
        assert text in duel_v0.parallel_env.__doc__


def test_info_tells_what_happened():
    env = duel_v0.parallel_env(characters=(0, 1), mask_in="info")
    observations, infos = env.reset(seed=1)
    assert observations["fighter_0"].shape == env.observation_space("fighter_0").shape
    assert infos["fighter_1"]["character_id"] == 1 == infos["fighter_0"]["opponent_character_id"]
    assert infos["fighter_0"]["meaningful"] is True
    illegal = int(np.flatnonzero(infos["fighter_0"]["action_mask"] == 0)[0])
    _, _, _, _, infos = env.step({"fighter_0": illegal, "fighter_1": 0})
    assert infos["fighter_0"]["illegal_action"] == 1
    assert infos["fighter_1"]["illegal_action"] == 0
    # Libraries make tensors of infos: only numbers and arrays, under flat keys.
    assert set(infos["fighter_0"]) == {
        *("character_id", "opponent_character_id", "illegal_action", "meaningful", "action_mask"),
        *("reward_hp", "reward_win", "reward_combo", "reward_mana", "reward_potential"),
    }
    assert all(np.asarray(value).dtype.kind in "bif" for value in infos["fighter_0"].values())


def test_reward_is_the_weighted_difference_of_the_terms():
    env = duel_v0.parallel_env(reward={"hp": 3.0, "mana": 2.0, "combo": 1.0, "win": 7.0})
    rng = np.random.default_rng(0)
    observations, _ = env.reset(seed=0)
    hits = 0
    while env.agents:
        observations, rewards, _, _, infos = env.step(random_actions(env, observations, rng))
        told = [infos[agent] for agent in env.possible_agents]
        worth = [
            3 * info["reward_hp"]
            + 2 * info["reward_mana"]
            + info["reward_combo"]
            + 7 * info["reward_win"]
            for info in told
        ]
        hits += any(info["reward_hp"] for info in told)
        assert rewards["fighter_0"] == pytest.approx(worth[0] - worth[1], abs=1e-5)
    assert hits


@of_duels_and_teams
def test_without_a_seed_matches_follow_from_the_last(make):
    first, second = make(), make()
    for env in (first, second):
        env.reset(seed=11)
        env.reset()
    assert state_of(first)["seed"] == state_of(second)["seed"] != 11
    fresh = [make() for _ in range(2)]
    for env in fresh:
        env.reset()
    assert state_of(fresh[0])["seed"] != state_of(fresh[1])["seed"]


@of_duels_and_teams
def test_unused_copies_draw_seeds_of_their_own(make):
    env = make()
    copies = [pickle.loads(pickle.dumps(env)) for _ in range(2)]  # noqa: S301
    for other in [env, *copies]:
        other.reset()
    assert len({int(state_of(other)["seed"]) for other in [env, *copies]}) == 3


@pytest.mark.parametrize(
    "duplicate",
    [
        copy.deepcopy,
        lambda env: pickle.loads(pickle.dumps(env)),  # noqa: S301
        lambda env: cloudpickle.loads(cloudpickle.dumps(env)),
    ],
    ids=["deepcopy", "pickle", "cloudpickle"],
)
@of_duels_and_teams
def test_copies_go_on_exactly(make, duplicate):
    env = make(frame_stack=3, max_seconds=10)
    results = play(env, 4, steps=30)
    other = duplicate(env)
    rng = np.random.default_rng(1)
    other_results = results
    while env.agents:
        actions = random_actions(env, results[0], rng)
        before = state_of(env)
        results, other_results = env.step(actions), other.step(actions)
        assert state_of(other) == state_of(env) != before
        testing.assert_equal(results, other_results)
    assert other.agents == []
    testing.assert_equal(env.reset(), other.reset())


def test_reset_names_the_fighters():
    env = duel_v0.parallel_env()
    roster = env.match.roster
    scroll, companion = roster.scrolls[3].name, roster.companions[2].name
    options = {
        "characters": (roster.names[4], 2),
        "scrolls": (scroll, None),
        "companions": (None, companion),
    }
    _, infos = env.reset(seed=3, options=options)
    assert infos["fighter_0"]["character_id"] == 4
    assert infos["fighter_1"]["character_id"] == 2
    fighters = env.match.state["fighters"]
    assert fighters["scroll"][0] == 3
    assert roster.scrolls[fighters["scroll"][1]].name == roster[2].scroll
    assert fighters["companions"][1].tolist() == [2, -1, -1]
    env.reset(options={"characters": 6})
    assert env.match.state["fighters"]["character"].tolist() == [6, 6]


def test_state_is_both_views():
    env = duel_v0.parallel_env()
    observations, _ = env.reset(seed=0)
    views = [observations[agent]["observation"] for agent in env.agents]
    assert np.array_equal(env.state(), np.concatenate(views))
    assert env.state_space.contains(env.state())


@of_duels_and_teams
def test_calls_out_of_turn_name_the_remedy(make):
    env = make()
    idle = dict.fromkeys(env.possible_agents, 0)
    with pytest.raises(MatchError, match=r"reset\(\)"):
        env.step(idle)
    with pytest.raises(MatchError, match=r"reset\(\)"):
        env.state()
    env.max_cycles = 1
    env.reset(seed=0)
    _, _, terminations, truncations, _ = env.step(idle)
    assert not any(terminations.values())
    assert all(truncations.values())
    assert env.step({}) == ({}, {}, {}, {}, {})
    with pytest.raises(MatchError, match=r"reset\(\)"):
        env.step(idle)
    with pytest.raises(MatchError, match="render_mode"):
        env.render()
    env.close()
    env.close()
    with pytest.raises(MatchError, match="make a new one"):
        env.reset()


@of_duels_and_teams
def test_max_cycles_can_be_set_any_time(make):
    env = make(max_cycles=4)
    env.reset(seed=0)
    env.max_cycles = 2
    idle = dict.fromkeys(env.possible_agents, 0)
    env.step(idle)
    assert env.agents
    env.step(idle)
    assert not env.agents


def test_supersuit_steps_it():
    supersuit = pytest.importorskip("supersuit")
    env = supersuit.pettingzoo_env_to_vec_env_v1(duel_v0.parallel_env())
    envs = supersuit.concat_vec_envs_v1(env, 2, num_cpus=0, base_class="gymnasium")
    observations, _ = envs.reset(seed=1)
    assert observations["observation"].shape[0] == 4
    for _ in range(10):
        observations, rewards, _, _, _ = envs.step(np.zeros(4, np.int64))
    assert rewards.sum() == 0.0
    envs.close()


@pytest.mark.skipif(not hasattr(pettingzoo, "make"), reason="no registry before 1.27")
def test_pettingzoo_registry():
    env = pettingzoo.make("parallel", "cam_arena/duel_v0", frame_skip=2)
    assert isinstance(env, duel_v0.parallel_env)
    assert isinstance(pettingzoo.make("aec", "cam_arena/duel_v0"), duel_v0.env)


def test_parallel_to_aec_plays_the_same_match():
    env = duel_v0.parallel_env()
    turns = parallel_to_aec(duel_v0.parallel_env())
    observations, _ = env.reset(seed=9)
    turns.reset(seed=9)
    rng = np.random.default_rng(2)
    for _ in range(40):
        actions = random_actions(env, observations, rng)
        observations, *_ = env.step(actions)
        for agent in ("fighter_0", "fighter_1"):
            turns.step(actions[agent])
        seen = turns.observe("fighter_1")["observation"]
        assert np.array_equal(seen, observations["fighter_1"]["observation"])


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss has another unit elsewhere")
def test_thousands_of_envs_leave_nothing_behind():
    code = """
import gc, resource
from cam_arena import duel_v0
def use(count):
    for seed in range(count):
        env = duel_v0.parallel_env()
        env.reset(seed=seed)
        env.step({"fighter_0": 0, "fighter_1": 0})
        env.close()
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = use(500)
print(use(4000) - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 4 * 1024  # KiB: less than one for each


def test_module_is_callable():
    assert isinstance(cam_arena.duel_v0(), duel_v0.env)
    assert duel_v0.raw_env is duel_v0.env
    assert cam_arena.duel_v0(render_mode="rgb_array").render_mode == "rgb_array"
