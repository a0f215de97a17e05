"""The PettingZoo AEC env."""

import copy
import functools
import pickle

import numpy as np
import pytest
from pettingzoo.test import api_test, render_test, seed_test
from pettingzoo.utils.conversions import parallel_to_aec

from cam_arena import duel_v0, squad_v0, testing
from cam_arena.errors import MatchError

pytestmark = [
    # A Dict with a mask is what PettingZoo's own games use.
    pytest.mark.filterwarnings("ignore:Observation space for each agent probably should be"),
    pytest.mark.filterwarnings("ignore:Observation is not a NumPy array"),
]


MAKERS = [duel_v0.env, functools.partial(squad_v0.env, 2, 3)]
of_duels_and_teams = pytest.mark.parametrize("make", MAKERS, ids=["duel", "teams"])


def hash_of(env):
    return env.match.hash() if hasattr(env, "match") else env.hash()


def legal_action(env, rng):
    observation, _, terminated, truncated, _ = env.last()
    if terminated or truncated:
        return None
    return rng.choice(np.flatnonzero(observation["action_mask"]))


def test_pettingzoo_api():
    api_test(duel_v0.env(), num_cycles=1000)


def test_pettingzoo_api_without_mask():
    api_test(duel_v0.env(mask_in="none"), num_cycles=100)


def test_pettingzoo_api_from_parallel():
    api_test(parallel_to_aec(duel_v0.parallel_env()), num_cycles=1000)


def test_pettingzoo_seeds():
    seed_test(duel_v0.env, num_cycles=500)


def test_equals_the_parallel_env():
    turns, env = duel_v0.env(), duel_v0.parallel_env()
    rng = np.random.default_rng(0)
    observations, infos = env.reset(seed=3)
    turns.reset(seed=3)
    while env.agents:
        actions = {}
        for agent in env.possible_agents:
            assert turns.agent_selection == agent
            testing.assert_equal(turns.observe(agent), observations[agent])
            actions[agent] = rng.choice(np.flatnonzero(observations[agent]["action_mask"]))
            turns.step(actions[agent])
        observations, rewards, terminations, truncations, infos = env.step(actions)
        testing.assert_equal(turns.rewards, rewards)
        testing.assert_equal(turns.terminations, terminations)
        testing.assert_equal(turns.truncations, truncations)
        testing.assert_equal(turns.infos, infos)
        assert turns.match.hash() == env.match.hash()
        assert np.array_equal(turns.state(), env.state())
    assert any(turns.terminations.values())


def test_second_agent_sees_nothing_of_the_first_choice():
    seen = []
    for action in (0, 12, 1):
        env = duel_v0.env()
        env.reset(seed=0)
        env.step(action)
        assert env.agent_selection == "fighter_1"
        assert env.rewards == {"fighter_0": 0.0, "fighter_1": 0.0}
        seen.append(env.last())
    testing.assert_equal(seen[0], seen[1])
    testing.assert_equal(seen[0], seen[2])


def test_returns_add_up_over_a_match():
    env = duel_v0.env()
    env.reset(seed=1)
    rng = np.random.default_rng(1)
    totals = dict.fromkeys(env.possible_agents, 0.0)
    for agent in env.agent_iter():
        totals[agent] += env.last()[1]
        env.step(legal_action(env, rng))
    assert env.agents == []
    assert totals["fighter_0"] == pytest.approx(-totals["fighter_1"])
    assert totals["fighter_0"] != 0.0


@of_duels_and_teams
def test_bad_action_leaves_the_turn(make):
    env = make()
    env.reset(seed=0)
    before = hash_of(env)
    for agent in env.possible_agents:
        for action, error in [(-1, ValueError), (108, ValueError), (0.5, TypeError)]:
            with pytest.raises(error, match=agent):
                env.step(action)
            assert env.agent_selection == agent
        assert hash_of(env) == before
        env.step(0)
    assert hash_of(env) != before


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))],  # noqa: S301
    ids=["deepcopy", "pickle"],
)
@of_duels_and_teams
def test_copies_go_on_between_the_turns(make, duplicate):
    env = make()
    env.reset(seed=5)
    rng = np.random.default_rng(5)
    for _ in range(21):
        env.step(legal_action(env, rng))
    other = duplicate(env)
    assert other.agent_selection == env.possible_agents[1]
    for _ in range(40):
        action = legal_action(env, rng)
        env.step(action)
        other.step(action)
        testing.assert_equal(env.last(), other.last())
    assert hash_of(env) == hash_of(other)


@of_duels_and_teams
def test_calls_out_of_turn_name_the_remedy(make):
    env = make(max_cycles=1)
    first = env.possible_agents[0]
    for call in (lambda: env.step(0), env.last, env.agent_iter, lambda: env.observe(first)):
        with pytest.raises(MatchError, match=r"reset\(\)"):
            call()
    env.reset(seed=0)
    with pytest.raises(ValueError, match=f"there is no agent 'green'; agents are {first}, "):
        env.observe("green")
    for _ in env.possible_agents:
        env.step(0)
    assert env.truncations == dict.fromkeys(env.possible_agents, True)
    with pytest.raises(ValueError, match="None"):
        env.step(0)
    for _ in env.possible_agents:
        env.step(None)
    assert env.agents == []
    for call in (lambda: env.step(None), env.last):
        with pytest.raises(MatchError, match=r"reset\(\)"):
            call()
    env.reset()
    env.close()
    env.close()
    with pytest.raises(MatchError, match="make a new one"):
        env.step(0)


def test_pettingzoo_render():
    render_test(lambda render_mode: duel_v0.env(render_mode=render_mode, max_seconds=2))
