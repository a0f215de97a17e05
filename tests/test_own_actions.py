"""Own action spaces: each agent chooses among what its character and loadout own."""

import copy
import pickle

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import api_test, parallel_api_test

import cam_arena
from cam_arena import Match, duel_v0
from cam_arena.envs.single import DuelEnv
from cam_arena.errors import SnapshotError
from cam_arena.testing import check_fresh_data, check_seeding, check_zero_sum

ROSTER = cam_arena.load_roster()
OWN = {"action_space": "own"}


def sizes():
    """How many actions each character owns."""
    return [int(Match(0, characters=(i, i)).static_mask(0).sum()) for i in range(len(ROSTER))]


SIZES = sizes()
FEW, MANY = int(np.argmin(SIZES)), int(np.argmax(SIZES))


def test_characters_own_unlike_numbers_of_actions():
    assert SIZES[FEW] < SIZES[MANY] < 108


def test_spaces_are_exact_for_characters_that_are_fixed():
    env = duel_v0.parallel_env(characters=(FEW, MANY), **OWN)
    assert env.action_space("fighter_0") == spaces.Discrete(SIZES[FEW])
    assert env.action_space("fighter_1") == spaces.Discrete(SIZES[MANY])
    observations, _ = env.reset(seed=0)
    for seat, agent in enumerate(env.agents):
        table = env.own_actions(agent)
        assert len(table) == env.action_space(agent).n == len(observations[agent]["action_mask"])
        assert table.dtype == np.int32 and table[0] == 0
        plain = Match(0, characters=(FEW, MANY))
        assert np.array_equal(table, np.flatnonzero(plain.static_mask(seat)))
        legal = table[observations[agent]["action_mask"] == 1]
        assert np.array_equal(legal, np.flatnonzero(plain.action_mask(seat)))
    assert env.match.static_mask(0).all() and env.match.static_mask(1).all()


def test_spaces_are_the_largest_of_the_pool_for_characters_that_are_drawn():
    env = duel_v0.env(characters=("core8", FEW), **OWN)
    core8 = [SIZES[ROSTER.names.index(name)] for name in ROSTER.split("core8")]
    assert env.action_space("fighter_0").n == max(core8)
    assert env.action_space("fighter_1").n == SIZES[FEW]
    everyone = duel_v0.env(**OWN)
    assert everyone.action_space("fighter_0").n == SIZES[MANY]
    lengths = set()
    for seed in range(30):
        env.reset(seed=seed)
        table, mask = env.own_actions("fighter_0"), env.observe("fighter_0")["action_mask"]
        lengths.add(len(table))
        assert len(mask) == max(core8)
        assert not mask[len(table) :].any()
    assert len(lengths) > 1


def play(match, tables, seed=0):
    """Play the same match in both spaces; return both after every step."""
    plain = Match(match.seed, characters=tuple(c.index for c in match.characters))
    rng = np.random.default_rng(seed)
    while not match.is_over:
        chosen = [int(rng.integers(len(table))) for table in tables]
        match.step(chosen)
        plain.step([int(table[k]) for table, k in zip(tables, chosen, strict=True)])
        yield plain


def test_an_action_is_the_same_as_its_common_one():
    match = Match(2, characters=(FEW, MANY), **OWN)
    tables = [match.own_actions(seat) for seat in range(2)]
    for plain in play(match, tables):
        assert plain.hash() == match.hash()
        for seat in range(2):
            common = np.zeros(108, np.int8)
            common[tables[seat][match.action_mask(seat) == 1]] = 1
            assert np.array_equal(common, plain.action_mask(seat))
    assert match.illegal_actions == plain.illegal_actions
    assert match.tick > 100


def test_a_padded_action_does_nothing_and_is_counted():
    match = Match(0, **OWN)
    match.reset(0, {"characters": (FEW, FEW)})
    assert len(match.action_mask(0)) == SIZES[MANY]
    match.step([SIZES[MANY] - 1, 0])
    idle = Match(0, characters=FEW)
    idle.step([0, 0])
    assert match.illegal_actions == (1, 0)
    assert match.state["fighters"]["x"].tolist() == idle.state["fighters"]["x"].tolist()
    with pytest.raises(ValueError, match=rf"0\.\.{SIZES[MANY] - 1}, got {SIZES[MANY]}"):
        match.step([SIZES[MANY], 0])


def test_rows_of_a_vector_env_are_padded_to_the_largest():
    options = {"characters": (FEW, MANY), **OWN}
    vec = cam_arena.make_vec(3, **options)
    assert vec.single_action_space == spaces.Discrete(SIZES[MANY])
    observation, _ = vec.reset(seed=[0, 1, 2])
    assert observation["action_mask"].shape == (6, SIZES[MANY])
    assert np.array_equal(vec.action_masks, observation["action_mask"])
    assert [len(vec.own_actions(row)) for row in range(6)] == [SIZES[FEW], SIZES[MANY]] * 3
    matches = [Match(seed, **options) for seed in range(3)]
    rng = np.random.default_rng(0)
    for _ in range(100):
        actions = rng.integers(0, [SIZES[FEW], SIZES[MANY]] * 3)
        observation, _, terminated, _, infos = vec.step(actions)
        if terminated.any():
            break
        for k, match in enumerate(matches):
            match.step(actions[2 * k : 2 * k + 2])
            assert int(vec.hashes()[k]) == match.hash()
            assert infos["illegal_action"][2 * k] == match.illegal_actions[0]
            for seat in range(2):
                mask = observation["action_mask"][2 * k + seat]
                own = match.action_mask(seat)
                assert np.array_equal(mask[: len(own)], own) and not mask[len(own) :].any()
    with pytest.raises(ValueError, match=f"row 0.: action {SIZES[MANY]} is out of range"):
        vec.step(np.full(6, SIZES[MANY]))
    alone = cam_arena.make_vec(3, opponent="masher:1", **options)
    assert alone.single_action_space.n == SIZES[FEW]


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_tables_follow_the_characters_that_are_drawn(mode):
    vec = cam_arena.make_vec(4, max_cycles=3, autoreset_mode=mode, mask_in="both", **OWN)
    vec.reset(seed=0)
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(40):
        masks = vec.action_masks
        actions = [int(rng.choice(np.flatnonzero(mask))) for mask in masks]
        observation, _, _, _, infos = vec.step(np.array(actions))
        assert infos["illegal_action"].max() == 0
        for row in range(8):
            match = row // 2
            fighters = vec.state(match)["fighters"]
            size = SIZES[int(fighters["character"][row % 2])]
            assert len(vec.own_actions(row)) == size
            assert not observation["action_mask"][row, size:].any()
            assert observation["action_mask"][row, 0]
            seen.add(size)
    assert len(seen) > 2


@pytest.mark.parametrize("mask_in", ["obs", "info", "both"])
@pytest.mark.parametrize("flatten", [False, True])
def test_with_the_other_forms(mask_in, flatten):
    options = {"characters": (FEW, MANY), "frame_stack": 2, **OWN}
    env = duel_v0.parallel_env(mask_in=mask_in, flatten=flatten, **options)
    observations, infos = env.reset(seed=0)
    for agent, size in (("fighter_0", SIZES[FEW]), ("fighter_1", SIZES[MANY])):
        assert env.observation_space(agent).contains(observations[agent])
        if mask_in != "obs":
            assert infos[agent]["action_mask"].shape == (size,)
        if flatten and mask_in != "info":
            assert observations[agent].shape == (2 * cam_arena.observation_layout().size + size,)


def test_a_reset_that_does_not_fit_changes_nothing():
    makers = (
        lambda: duel_v0.parallel_env(characters=FEW, **OWN),
        lambda: cam_arena.make_vec(2, characters=FEW, **OWN),
    )
    for make in makers:
        env = make()
        env.reset(seed=0)
        hashes = env.match.hash() if hasattr(env, "match") else env.hashes().tolist()
        with pytest.raises(ValueError, match=f"owns {SIZES[MANY]} actions.*holds {SIZES[FEW]}"):
            env.reset(seed=1, options={"characters": MANY})
        assert (env.match.hash() if hasattr(env, "match") else env.hashes().tolist()) == hashes
    wide = duel_v0.parallel_env(characters=MANY, **OWN)
    wide.reset(seed=0, options={"characters": FEW})
    assert len(wide.own_actions("fighter_0")) == SIZES[FEW]


def test_a_refused_reset_leaves_the_opponent_that_was_drawn():
    met = []
    several = [lambda seen, mask, k=k: met.append(k) or 0 for k in range(2)]
    vec = cam_arena.make_vec(1, opponent=several, characters=FEW, **OWN)
    env = DuelEnv(opponent=["masher:3", "zoner:2"], characters=FEW, **OWN)
    vec.reset(seed=0)
    env.reset(seed=0)
    before = env.match.snapshot()
    for seed in range(8):
        for options in (
            {"characters": MANY},
            {"characters": (FEW, MANY)},
            {"characters": "No One"},
        ):
            for one in (vec, env):
                with pytest.raises(ValueError, match=r"owns|there is no character"):
                    one.reset(seed=seed, options=options)
        assert env.match.snapshot() == before
        vec.step([0])
    assert len(met) == 8 and len(set(met)) == 1
    wide = cam_arena.make_vec(1, opponent=several, characters=(MANY, FEW), **OWN)
    with pytest.raises(ValueError, match=f"owns {SIZES[MANY]} actions.*holds {SIZES[FEW]}"):
        wide.reset(seed=0, options={"characters": MANY})  # the opponent's seat holds FEW


def test_an_opponent_of_rows_sees_the_actions_that_it_owns():
    masks = []
    vec = cam_arena.make_vec(
        2, opponent=lambda seen, mask: masks.append(mask) or 0, characters=(FEW, MANY), **OWN
    )
    vec.reset(seed=0)
    vec.step([0, 0])
    assert {mask.shape for mask in masks} == {(SIZES[MANY],)}


def test_saved_and_copied():
    match = Match(0, characters=(FEW, MANY), **OWN)
    match.step([3, 4])
    pickled = pickle.loads(pickle.dumps(match))  # noqa: S301
    for twin in (match.clone(), copy.deepcopy(match), pickled):
        twin.step([5, 6])
        assert np.array_equal(twin.own_actions(1), match.own_actions(1))
    drawn = Match(0, **OWN)
    drawn.restore(match.snapshot())
    assert np.array_equal(drawn.own_actions(0), match.own_actions(0))
    small = Match(0, characters=FEW, **OWN)
    before = small.hash()
    with pytest.raises(SnapshotError, match="action space holds"):
        small.restore(match.snapshot())
    assert small.hash() == before


def test_a_policy_in_the_other_seat_chooses_in_its_own_space():
    masks = []
    env = DuelEnv(
        opponent=lambda seen, mask: masks.append(mask) or int(np.flatnonzero(mask)[-1]),
        characters=(FEW, MANY), **OWN,
    )  # fmt: skip
    env.reset(seed=0)
    assert env.action_masks().shape == (SIZES[FEW],)
    for _ in range(10):
        env.step(0)
    assert {len(mask) for mask in masks} == {SIZES[MANY]}
    assert env.match.illegal_actions == (0, 0)


@pytest.mark.filterwarnings("ignore::UserWarning")  # PettingZoo and SB3 advise Box spaces
@pytest.mark.parametrize("characters", [(FEW, MANY), "core4"], ids=["fixed", "drawn"])
def test_conformance(characters):
    options = {"characters": characters, "max_seconds": 3, **OWN}
    parallel_api_test(duel_v0.parallel_env(**options), num_cycles=60)
    api_test(duel_v0.env(**options), num_cycles=60)
    check_env(DuelEnv(**options), skip_render_check=True)
    check_seeding(lambda: duel_v0.parallel_env(**options))
    check_zero_sum(duel_v0.parallel_env(**options))
    check_fresh_data(duel_v0.parallel_env(**options))


@pytest.mark.filterwarnings("ignore::UserWarning")  # SB3 advises Box spaces
@pytest.mark.parametrize("characters", [(FEW, MANY), "core4"], ids=["fixed", "drawn"])
def test_sb3_checks(characters):
    env_checker = pytest.importorskip("stable_baselines3.common.env_checker")
    env_checker.check_env(DuelEnv(characters=characters, max_seconds=3, **OWN))


def test_maskable_ppo_on_padded_rows():
    sb3_contrib = pytest.importorskip("sb3_contrib")
    from cam_arena.integrations.sb3 import SB3VecEnv

    env = SB3VecEnv(2, characters="core4", max_cycles=10, **OWN)
    model = sb3_contrib.MaskablePPO(
        "MultiInputPolicy", env, n_steps=16, batch_size=32, n_epochs=1, seed=0
    )
    model.learn(64)
    _, _, _, infos = env.step(np.zeros(4, int))
    assert [info["illegal_action"] for info in infos] == [0] * 4
    env.close()


def test_a_table_may_be_asked_for_in_every_space():
    match = Match(0, characters=MANY)
    assert np.array_equal(match.own_actions("fighter_0"), np.flatnonzero(match.static_mask(0)))
    env = duel_v0.parallel_env()
    with pytest.raises(cam_arena.errors.MatchError, match="reset"):
        env.own_actions("fighter_0")
    env.reset(seed=0)
    with pytest.raises(ValueError, match="no agent 'me'"):
        env.own_actions("me")
