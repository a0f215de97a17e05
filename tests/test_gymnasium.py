"""The Gymnasium env: one seat against a bot or a policy."""

import copy
import pickle
import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import SyncVectorEnv
from gymnasium.wrappers import RecordEpisodeStatistics

import cam_arena
from cam_arena import bots, duel_v0, testing
from cam_arena.envs.single import DuelEnv
from cam_arena.errors import MatchError

ENV_ID = "cam_arena/Duel-v0"


def first_legal(observation, action_mask):
    return int(np.flatnonzero(action_mask)[-1])


class LastLegal:
    def __init__(self):
        self.calls = []

    def act(self, observation, action_mask):
        self.calls.append((observation, action_mask))
        return first_legal(observation, action_mask)


def play(env, seed, steps=2000):
    """Return all results of an episode of legal actions drawn by the seed."""
    rng = np.random.default_rng(seed)
    results = [env.reset(seed=seed)]
    for _ in range(steps):
        action = rng.choice(np.flatnonzero(env.unwrapped.action_masks()))
        results.append(env.step(action))
        if results[-1][2] or results[-1][3]:
            break
    return results


@pytest.mark.parametrize("options", [{}, {"mask_in": "info"}, {"flatten": True}])
def test_gymnasium_checks(options):
    check_env(gymnasium.make(ENV_ID, **options).unwrapped, skip_render_check=True)


@pytest.mark.parametrize("options", [{}, {"mask_in": "none"}, {"action_space": "multi_discrete"}])
def test_sb3_checks(options):
    env_checker = pytest.importorskip("stable_baselines3.common.env_checker")
    with warnings.catch_warnings():
        # SB3 advises a Box for every Dict of ints, which a mask is.
        warnings.filterwarnings("ignore", category=UserWarning, module="stable_baselines3")
        env_checker.check_env(DuelEnv(**options))


def test_made_by_id():
    env = gymnasium.make(ENV_ID, opponent="idle", frame_skip=2)
    assert isinstance(env.unwrapped, DuelEnv)
    assert env.unwrapped.match.options.frame_skip == 2
    assert "Discrete(108)" in env.unwrapped.__doc__
    assert env.spec.max_episode_steps is None


@pytest.mark.parametrize(
    ("name", "shape", "dtype"), [("Flat", (526,), np.float32), ("Pixels", (84, 84, 3), np.uint8)]
)
def test_an_id_is_enough_for_a_script_that_trains(name, shape, dtype):
    """Scripts of one file take an id, a Box and a Discrete for granted, and nothing else."""
    torch = pytest.importorskip("torch")

    def make():
        env = gymnasium.make(f"cam_arena/Duel{name}-v0", max_episode_steps=6)
        return RecordEpisodeStatistics(env)

    envs = SyncVectorEnv([make, make])
    assert envs.single_observation_space.shape == shape
    assert envs.single_observation_space.dtype == dtype
    numbers = int(np.array(envs.single_observation_space.shape).prod())
    torch.manual_seed(0)
    policy = torch.nn.Linear(numbers, int(envs.single_action_space.n))
    optimizer = torch.optim.SGD(policy.parameters(), lr=0.1)
    before = policy.weight.clone()
    observation, _ = envs.reset(seed=0)
    lengths, loss = [], torch.zeros(())
    for _ in range(14):
        rows = torch.as_tensor(observation, dtype=torch.float32).reshape(2, -1)
        choice = torch.distributions.Categorical(logits=policy(rows))
        action = choice.sample()
        observation, reward, _, _, infos = envs.step(action.numpy())
        loss = loss - (choice.log_prob(action) * (torch.as_tensor(reward) + 1)).mean()
        if "episode" in infos:
            lengths += infos["episode"]["l"][infos["_episode"]].tolist()
    loss.backward()
    optimizer.step()
    assert lengths == [6] * 4
    assert torch.isfinite(policy.weight).all() and (policy.weight != before).any()


def test_two_plays_are_equal():
    first = play(gymnasium.make(ENV_ID), 3)
    second = play(gymnasium.make(ENV_ID), 3)
    testing.assert_equal(first, second)
    assert first[-1][2] is True
    assert first[-1][3] is False
    assert type(first[-1][1]) is float


def test_the_bot_plays():
    idle = play(DuelEnv(opponent="idle", characters=0), 1)
    masher = play(DuelEnv(opponent="masher:5", characters=0), 1)
    assert sum(step[4]["reward_hp"] for step in idle[1:]) == 0.0
    assert sum(step[4]["reward_hp"] for step in masher[1:]) < 0.0


def test_a_policy_plays_the_other_seat():
    opponent = LastLegal()
    env = DuelEnv(opponent=opponent, mask_in="none", frame_stack=2)
    by_function = DuelEnv(opponent=first_legal, mask_in="none", frame_stack=2)
    both = duel_v0.parallel_env(frame_stack=2)
    env.reset(seed=2)
    by_function.reset(seed=2)
    views, _ = both.reset(seed=2)
    rng = np.random.default_rng(2)
    for _ in range(100):
        action = int(rng.choice(np.flatnonzero(env.action_masks())))
        observation, reward, *_ = env.step(action)
        by_function.step(action)
        testing.assert_equal(opponent.calls[-1][0], views["fighter_1"]["observation"])
        testing.assert_equal(opponent.calls[-1][1], views["fighter_1"]["action_mask"])
        answer = first_legal(*opponent.calls[-1])
        views, rewards, *_ = both.step({"fighter_0": action, "fighter_1": answer})
        assert reward == rewards["fighter_0"]
        testing.assert_equal(observation, views["fighter_0"]["observation"])
    assert env.match.hash() == by_function.match.hash() == both.match.hash()


def test_a_bad_opponent_is_named():
    with pytest.raises(ValueError, match="zoner"):
        DuelEnv(opponent="zonner")
    with pytest.raises(ValueError, match=r"1\.\.5"):
        DuelEnv(opponent="zoner:9")
    with pytest.raises(TypeError, match="policy"):
        DuelEnv(opponent=3)
    env = DuelEnv(opponent=lambda observation, mask: 200)
    env.reset(seed=0)
    before = env.match.hash()
    with pytest.raises(ValueError, match="the opponent"):
        env.step(0)
    assert env.match.hash() == before


@pytest.mark.parametrize("opponent", ["walker:2", LastLegal()], ids=["bot", "policy"])
@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))],  # noqa: S301
    ids=["deepcopy", "pickle"],
)
def test_copies_go_on_exactly(opponent, duplicate):
    env = DuelEnv(opponent=opponent)
    env.reset(seed=8)
    for _ in range(40):
        env.step(1)
    other = duplicate(env)
    for action in [1, 14, 2, 26, 3, 38] * 20:
        testing.assert_equal(env.step(action), other.step(action))
        assert env.match.hash() == other.match.hash()
    testing.assert_equal(env.reset(), other.reset())
    testing.assert_equal(env.step(1), other.step(1))


def test_random_numbers_come_from_reset():
    env = DuelEnv()
    env.reset(seed=4)
    drawn = env.np_random.random(4).tolist()
    env.reset(seed=4)
    assert env.np_random.random(4).tolist() == drawn
    assert env.np_random_seed == 4


def test_calls_out_of_turn_name_the_remedy():
    env = DuelEnv(max_cycles=1)
    with pytest.raises(MatchError, match=r"reset\(\)"):
        env.step(0)
    env.reset(seed=0)
    assert env.step(0)[2:4] == (False, True)
    with pytest.raises(MatchError, match=r"reset\(\)"):
        env.step(0)
    env.close()
    env.close()
    with pytest.raises(MatchError, match="make a new one"):
        env.reset()


def test_bots_have_names_and_descriptions():
    assert bots.names() == tuple(cam_arena._core.BOTS)
    assert bots.parse("zoner:1") == (cam_arena._core.BOTS["zoner"], 1)
    assert bots.parse("idle") == (cam_arena._core.BOTS["idle"], bots.DEFAULT_LEVEL)
    assert len({bots.describe(name) for name in bots.names()}) == len(bots.names())
    for wrong in ("", "zoner:", "zoner:0", "zoner:6", "zoner:x", "Zoner"):
        with pytest.raises(ValueError, match="bot"):
            bots.parse(wrong)
    with pytest.raises(ValueError, match="bot"):
        bots.describe("nobody")
