"""Malformed actions, options and resets: named errors, and nothing has changed."""

import re
from decimal import Decimal

import numpy as np
import pytest

import cam_arena
from cam_arena import Match, duel_v0
from cam_arena.envs.single import DuelEnv
from cam_arena.game.options import Options

BAD_ACTIONS = [
    (-1, ValueError),
    (108, ValueError),
    (2**63, ValueError),
    (-(2**63) - 1, ValueError),
    (np.int64(108), ValueError),
    (np.int8(-1), ValueError),
    (np.uint64(2**64 - 1), ValueError),
    (np.array([3]), ValueError),
    (np.array([[3]]), ValueError),
    (np.zeros((0,), int), ValueError),
    (np.zeros(108, np.int8), ValueError),
    (0.0, TypeError),
    (float("nan"), TypeError),
    (float("inf"), TypeError),
    (np.float32(3), TypeError),
    (np.array(3.0), TypeError),
    (np.array(np.nan), TypeError),
    (True, TypeError),
    (np.bool_(False), TypeError),
    (np.array(True), TypeError),
    (None, TypeError),
    ("3", TypeError),
    (b"\x03", TypeError),
    (3j, TypeError),
    (Decimal(3), TypeError),
    ([3], TypeError),
    ({}, TypeError),
    (..., TypeError),
]
GOOD_ACTIONS = [
    3,
    np.int64(3),
    np.int32(3),
    np.uint8(3),
    np.array(3),
    np.array(3, np.int32),
    np.array([0, 3])[1],
]
BAD_PAIRS = [
    (3, ValueError),
    ([0, 12], ValueError),
    ([9, 0], ValueError),
    ([0, -1], ValueError),
    ([0, 0, 0], ValueError),
    (np.zeros((2, 1), int), ValueError),
    ([0.0, 1.0], TypeError),
    (np.array([np.nan, 0]), TypeError),
    ([True, False], TypeError),
    (["0", "1"], TypeError),
]


def begun(**options):
    env = duel_v0.parallel_env(**options)
    env.reset(seed=0)
    for _ in range(10):
        env.step(dict.fromkeys(env.agents, 12 if not options else [1, 0]))
    return env


@pytest.mark.parametrize("agent", ["fighter_0", "fighter_1"])
@pytest.mark.parametrize(("action", "error"), BAD_ACTIONS, ids=repr)
def test_malformed_action_names_the_agent_and_changes_nothing(agent, action, error):
    env = begun()
    before = env.match.snapshot()
    with pytest.raises(error, match=f"^{agent}: action must be"):
        env.step({"fighter_0": 1, "fighter_1": 2, agent: action})
    with pytest.raises(error, match=f"^{agent}: action must be"):
        env.match.step([action, 0] if agent == "fighter_0" else [0, action])
    assert env.match.snapshot() == before


@pytest.mark.parametrize(("action", "error"), BAD_PAIRS, ids=repr)
def test_malformed_pair_names_the_agent_and_changes_nothing(action, error):
    env = begun(action_space="multi_discrete")
    before = env.match.snapshot()
    with pytest.raises(error, match=r"^fighter_1: "):
        env.step({"fighter_0": [0, 0], "fighter_1": action})
    assert env.match.snapshot() == before


@pytest.mark.parametrize(("action", "error"), BAD_ACTIONS, ids=repr)
def test_malformed_action_of_one_seat(action, error):
    env = DuelEnv()
    env.reset(seed=0)
    before = env.match.snapshot()
    with pytest.raises(error, match="fighter_0"):
        env.step(action)
    assert env.match.snapshot() == before


@pytest.mark.parametrize("action", GOOD_ACTIONS, ids=repr)
def test_integers_of_any_kind_are_taken(action):
    expected, env, turns, single = begun(), begun(), duel_v0.env(), DuelEnv()
    expected.step({"fighter_0": 3, "fighter_1": 3})
    env.step({"fighter_0": action, "fighter_1": action})
    assert env.match.hash() == expected.match.hash()
    turns.reset(seed=0)
    turns.step(action)
    turns.step(action)
    single.reset(seed=0)
    single.step(action)
    assert turns.match.tick == single.match.tick == 3


@pytest.mark.parametrize(
    ("actions", "error", "words"),
    [
        ({}, ValueError, "fighter_0 is missing"),
        ({"fighter_0": 0}, ValueError, "fighter_1 is missing"),
        ({"fighter_0": 0, "fighter_1": 0, "fighter_2": 0}, ValueError, "no agent 'fighter_2'"),
        ({0: 0, 1: 0}, ValueError, "no agent 0"),
        ([0, 0], TypeError, "dict by agent"),
        (None, TypeError, "dict by agent"),
    ],
    ids=repr,
)
def test_actions_must_be_for_all_agents_and_no_other(actions, error, words):
    env = begun()
    before = env.match.snapshot()
    with pytest.raises(error, match=words):
        env.step(actions)
    assert env.match.snapshot() == before


@pytest.mark.parametrize(
    ("actions", "error"),
    [([0], ValueError), ([0, 0, 0], ValueError), (0, TypeError), ("00", TypeError)],
    ids=repr,
)
def test_match_takes_one_action_for_each_agent(actions, error):
    match = Match()
    before = match.hash()
    with pytest.raises(error):
        match.step(actions)
    assert match.hash() == before


MAKERS = {
    "Match": Match,
    "parallel": duel_v0.parallel_env,
    "aec": duel_v0.env,
    "single": DuelEnv,
    "vector": lambda **options: cam_arena.make_vec(1, **options),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        (
            {"frameskip": 3},
            TypeError,
            "unexpected keyword argument 'frameskip'; did you mean 'frame_skip'",
        ),
        ({"frame_skip": 0}, ValueError, "frame_skip must be 1..6, got 0"),
        ({"frame_skip": 7}, ValueError, "1..6"),
        ({"frame_skip": 2.0}, TypeError, "integer"),
        ({"frame_skip": True}, TypeError, "integer"),
        ({"max_seconds": 601}, ValueError, "1..600"),
        ({"frame_stack": 17}, ValueError, "1..16"),
        ({"max_cycles": 0}, ValueError, "max_cycles"),
        ({"loadout": "duo"}, ValueError, "'paper' or 'trio'"),
        ({"observation": "sound"}, ValueError, "'full', .*'pixels' or 'text', got 'sound'"),
        ({"observation": "text", "frame_stack": 2}, ValueError, "frame_stack must be 1"),
        ({"pixels": (96, 96)}, ValueError, "leave it out with 'full'"),
        ({"action_space": "mine"}, ValueError, "'multi_discrete' or 'own', got 'mine'"),
        ({"information": "none"}, ValueError, "'full' or 'public', got 'none'"),
        ({"latency": "robot"}, ValueError, "None, 'human', 'online' or a dict"),
        ({"latency": {"act_delay": 9}}, ValueError, "0..8 ticks"),
        ({"reward": "style"}, ValueError, "'sparse', 'hp', a dict of weights"),
        ({"reward": {"health": 1.0}}, ValueError, "no term 'health'; the terms are hp, win"),
        ({"reward": {"hp": float("nan")}}, ValueError, "within"),
        ({"reward": {"hp": "1"}}, TypeError, "number"),
        ({"reward": 3}, TypeError, "name, a dict"),
        ({"characters": "Nobody"}, ValueError, "no character 'Nobody'.*core8"),
        ({"characters": (0, 1, 2)}, ValueError, "pair"),
        ({"characters": (0, 10**6)}, ValueError, "character must be 0.."),
        ({"characters": 1.5}, TypeError, "character must be an integer"),
        ({"roster": 3}, TypeError, "roster"),
    ],
    ids=str,
)
def test_bad_option_is_refused_everywhere(make, options, error, words):
    with pytest.raises(error, match=words):
        make(**options)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"mask_in": "observation"}, ValueError),
        ({"flatten": 1}, TypeError),
        ({"render_mode": "ansi"}, ValueError),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["parallel", "aec", "single", "vector"])
def test_bad_env_option_is_refused_everywhere(kind, options, error):
    with pytest.raises(error, match=re.escape(next(iter(options)))):
        MAKERS[kind](**options)


def test_match_refuses_what_only_envs_have():
    for options in ({"mask_in": "info"}, {"flatten": True}):
        with pytest.raises(TypeError, match="only envs have"):
            Match(**options)


def test_accepted_defaults_may_be_given():
    for make in MAKERS.values():
        make(information="full", latency=None, characters=None, roster=None, max_cycles=None)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"character": 1}, ValueError, "did you mean 'characters'"),
        ({"characters": "core8"}, ValueError, "no character 'core8'"),
        ({"characters": [0, 1, 2]}, ValueError, "pair"),
        ({"scrolls": "Nothing"}, ValueError, "no scroll 'Nothing'"),
        ({"scrolls": 999}, ValueError, "scroll must be"),
        ({"companions": ("Nobody", None)}, ValueError, "no companion 'Nobody'"),
        ({"companions": ([0, 1], None)}, ValueError, "1 companion "),
        ({"companions": (0.5, None)}, TypeError, "integer"),
    ],
    ids=str,
)
def test_bad_reset_option_changes_nothing(options, error, words):
    env = begun()
    vec = cam_arena.make_vec(1)
    vec.reset(seed=0)
    before, batch_before = env.match.snapshot(), vec.hashes().tolist()
    with pytest.raises(error, match=words):
        env.reset(seed=1, options=options)
    with pytest.raises(error, match=words):
        vec.reset(seed=1, options=options)
    assert env.match.snapshot() == before
    assert vec.hashes().tolist() == batch_before


@pytest.mark.parametrize(
    ("seed", "error"),
    [(-1, ValueError), (2**64, ValueError), (1.0, TypeError), ("1", TypeError), (True, TypeError)],
    ids=repr,
)
def test_bad_seed_changes_nothing(seed, error):
    env = begun()
    before = env.match.snapshot()
    for reset in (env.reset, env.match.reset):
        with pytest.raises(error, match="seed"):
            reset(seed=seed)
    with pytest.raises(error, match="seed"):
        Match(seed)
    assert env.match.snapshot() == before


def test_options_do_not_change():
    with pytest.raises(AttributeError):
        Options().frame_skip = 2
