"""Envs of teams saved, restored and copied: what goes on from there is the same."""

import copy
import pickle

import numpy as np
import pytest
from test_squad import assert_same, legal, play

from cam_arena import squad_v0
from cam_arena.errors import MatchError, SnapshotError

SIZES = [(1, 1), (2, 2), (1, 3), (5, 5)]
FORMS = {
    "plain": {},
    "stacked": {"frame_stack": 3, "observation": "entities"},
    "late": {"latency": "human", "information": "public", "frame_stack": 2},
    "own": {"action_space": "own", "flatten": True, "characters": "core8", "frame_stack": 2},
    "function": {"reward": lambda terms: terms[:, 0, 0] - terms[:, 1, 0]},
}


class Patient:
    """Plays by how often it was asked since its match began."""

    def reset(self, seed):
        self.asked = seed % 7

    def act(self, observation, action_mask):
        self.asked += 1
        legal_ids = np.flatnonzero(action_mask)
        return int(legal_ids[self.asked % len(legal_ids)])


def go_on(envs, seen, steps=25):
    """Step envs alike; all they tell must be the same."""
    rng = np.random.default_rng(1)
    for _ in range(steps):
        if not envs[0].agents:
            break
        if "action_mask" in next(iter(seen.values())):
            actions = legal(seen, rng)
        else:
            actions = {agent: int(rng.integers(20)) for agent in envs[0].agents}
        results = [env.step(actions) for env in envs]
        for other in results[1:]:
            assert_same(results[0], other)
        assert len({env.hash() for env in envs}) == 1
        seen = results[0][0]


def begun(*sizes, **options):
    """Return an env some way in, and what its agents see."""
    env = squad_v0.parallel_env(*sizes, **options)
    rng = np.random.default_rng(0)
    seen, _ = env.reset(seed=5)
    for _ in range(20):
        if "flatten" in options:
            seen = env.step({agent: int(rng.integers(20)) for agent in env.agents})[0]
        else:
            seen = env.step(legal(seen, rng))[0]
    return env, {agent: one if isinstance(one, dict) else {} for agent, one in seen.items()}


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("form", FORMS)
def test_a_snapshot_brings_a_match_back(sizes, form):
    env, seen = begun(*sizes, **FORMS[form])
    other, _ = begun(*sizes, **FORMS[form])
    other.reset(seed=77)
    saved, state = env.snapshot(), env.match_state
    other.restore(saved)
    assert other.match_state == state
    assert other.snapshot() == saved
    go_on([env, other], seen)
    env.restore(saved)
    assert env.match_state == state
    assert env.agents == env.possible_agents


@pytest.mark.parametrize("opponent", ["punisher:4", Patient()], ids=["bot", "memory"])
@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env)), squad_v0.parallel_env.clone],  # noqa: S301
    ids=["deepcopy", "pickle", "clone"],
)
def test_copies_against_an_opponent_go_on_exactly(opponent, duplicate):
    env, seen = begun(2, 3, opponent=opponent, max_cycles=40)
    other = duplicate(env)
    go_on([env, other], seen)
    assert env.agents == other.agents == []
    assert_same(env.reset(), other.reset())


class Drawer:
    """Decides in rows by the numbers that it is given."""

    observation = "squad"
    asked = ()

    def act_rows(self, seen, masks, numbers):
        self.asked = (*self.asked, *numbers.tolist())
        return np.array([np.flatnonzero(mask)[-1] for mask in masks], np.int32)


def test_an_opponent_plays_a_restored_match_on():
    """Who decides by drawn numbers draws those of the restored match and of its moment."""
    policy = Drawer()
    env, _ = begun(2, 1, opponent=policy)
    saved = env.snapshot()
    idle = dict.fromkeys(env.agents, 0)
    env.step(idle)
    env.reset(seed=99)
    env.restore(saved)
    env.step(idle)
    assert policy.asked[-1] == policy.asked[-2]
    assert len(set(policy.asked)) == len(policy.asked) - 1


def test_a_copy_of_a_central_controller_goes_on():
    env = squad_v0.central_env(3)
    env.reset(seed=2)
    for _ in range(10):
        env.step(env.action_space.sample())
    other = pickle.loads(pickle.dumps(env))  # noqa: S301
    for _ in range(10):
        action = env.action_space.sample()
        assert_same(env.step(action), other.step(action))
    assert env.hash() == other.hash()


def test_a_restored_match_begins_at_the_first_agents_turn():
    env = squad_v0.env(2)
    env.reset(seed=1)
    saved = env.snapshot()
    for _ in range(6):
        env.step(12)
    assert env.agent_selection == "red_0"
    env.restore(saved)
    assert env.agent_selection == "blue_0"
    assert env.snapshot() == saved
    assert set(env.rewards.values()) == {0.0}


def test_an_ended_match_is_restored_as_one():
    env = squad_v0.parallel_env(2, max_cycles=3)
    told, _ = play(env, 4)
    assert told[-1][3] == dict.fromkeys(env.possible_agents, True)
    other = squad_v0.parallel_env(2, max_cycles=3)
    other.restore(env.snapshot())
    assert other.agents == []
    with pytest.raises(MatchError, match="over"):
        other.step(dict.fromkeys(other.possible_agents, 0))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"team_size": 3, "enemy_size": 2}, "agents is"),
        ({"team_size": 2, "enemy_size": 3, "opponent": "idle"}, "agents is"),
        ({"team_size": 2, "enemy_size": 3, "frame_stack": 2}, "frame_stack is 1, here it is 2"),
        ({"team_size": 2, "enemy_size": 3, "latency": "human"}, "latency is None, here it is"),
    ],
)
def test_what_does_not_fit_is_named(options, sentence):
    env, _ = begun(2, 3)
    other = squad_v0.parallel_env(**options)
    other.reset(seed=9)
    before = other.snapshot()
    with pytest.raises(SnapshotError, match=sentence):
        other.restore(env.snapshot())
    assert other.snapshot() == before


@pytest.mark.parametrize("place", [0, 8, 500, 4000, -1])
def test_a_damaged_snapshot_changes_nothing(place):
    env, seen = begun(2, 3, frame_stack=2)
    good = env.snapshot()
    damaged = bytearray(good)
    damaged[place] ^= 1
    with pytest.raises(SnapshotError):
        env.restore(bytes(damaged))
    with pytest.raises(SnapshotError):
        env.restore(good[:place])
    assert env.snapshot() == good
    go_on([env, env.clone()], seen, 3)


def test_a_fighter_that_owns_too_much_does_not_fit():
    few, many = env_of(0), env_of(-1)
    before = few.snapshot()
    with pytest.raises(SnapshotError, match="the snapshot does not fit: a fighter of this match"):
        few.restore(many.snapshot())
    assert few.snapshot() == before


def env_of(rank):
    """Return an env, of a match of characters that own the fewest or the most actions of eight."""
    counts = []
    for character in range(8):
        env = squad_v0.parallel_env(1, characters=character)
        env.reset(seed=0)
        counts.append(len(env.own_actions("blue_0")))
    env = squad_v0.parallel_env(1, characters=int(np.argsort(counts)[rank]), action_space="own")
    env.reset(seed=0)
    return env
