"""The native vector env, against Gymnasium's own around single envs."""

import multiprocessing
import os
import pickle
import time
import tracemalloc

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import DictInfoToList, NormalizeObservation, RecordEpisodeStatistics

import cam_arena
from cam_arena import _core, duel_v0
from cam_arena.envs.single import DuelEnv
from cam_arena.errors import MatchError
from cam_arena.game.match import AGENTS
from cam_arena.game.rewards import REWARD_TERMS

MODES = list(AutoresetMode)
FORMS = [
    {},
    {"mask_in": "info", "frame_stack": 3},
    {"flatten": True, "frame_stack": 2},
    {"mask_in": "both", "action_space": "multi_discrete", "loadout": "trio"},
    {"mask_in": "none", "observation": "tiny", "reward": "sparse", "frame_skip": 2},
    {"max_cycles": 9, "opponent": "masher:1", "characters": "core8", "infos": "names"},
]


def sample(env, rng):
    """Draw an action for every row; some of them are illegal."""
    if env.single_action_space.shape:
        return rng.integers((9, 12), size=(env.num_envs, 2))
    legal = (env.action_masks * rng.random(env.action_masks.shape)).argmax(axis=1)
    anything = rng.integers(108, size=env.num_envs)
    return np.where(rng.random(env.num_envs) < 0.1, anything, legal)


def assert_infos_equal(expected, got, rows):
    """Check that what `expected` has is in `got`, for all rows that have it."""
    for key, values in expected.items():
        if key.startswith("_"):
            assert got[key].tolist() == values.tolist(), key
        elif isinstance(values, dict):
            assert_infos_equal(values, got[key], rows)
        else:
            present = expected[f"_{key}"]
            for row in np.flatnonzero(present):
                assert_rows_equal(values[row], got[key][row], key)
    assert {key for key in got if not key.startswith("_")} == {
        key for key in expected if not key.startswith("_")
    }


def assert_rows_equal(first, second, where=""):
    if isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            assert_rows_equal(first[key], second[key], f"{where}.{key}")
    else:
        assert np.array_equal(first, second), where


@pytest.mark.parametrize("options", FORMS, ids=str)
@pytest.mark.parametrize("mode", MODES)
def test_equals_sync_vector_env(mode, options):
    options = {"opponent": "walker:4", "max_seconds": 4, **options}
    count = 3
    sync = SyncVectorEnv([lambda: DuelEnv(**options)] * count, autoreset_mode=mode)
    native = cam_arena.make_vec(count, autoreset_mode=mode, **options)
    assert native.single_observation_space == sync.single_observation_space
    assert native.observation_space == sync.observation_space
    assert native.action_space == sync.action_space
    assert native.metadata["autoreset_mode"] is mode
    rng = np.random.default_rng(0)
    expected, got = sync.reset(seed=5), native.reset(seed=5)
    assert_rows_equal(expected[0], got[0])
    assert_infos_equal(expected[1], got[1], count)
    endings = 0
    for step in range(150):
        actions = sample(native, rng)
        expected, got = sync.step(actions), native.step(actions)
        assert_rows_equal(expected[0], got[0], f"step {step}")
        for part in (1, 2, 3):
            assert np.array_equal(expected[part].astype(np.float32), got[part]), f"step {step}"
        assert_infos_equal(expected[4], got[4], count)
        over = expected[2] | expected[3]
        endings += over.sum()
        if mode is AutoresetMode.DISABLED and over.any():
            expected = sync.reset(options={"reset_mask": over})
            got = native.reset(options={"reset_mask": over})
            assert_rows_equal(expected[0], got[0])
            assert_infos_equal(expected[1], got[1], count)
    assert endings >= 3


def test_two_rows_a_match_are_the_parallel_env():
    vec = cam_arena.make_vec(2)
    envs = [duel_v0.parallel_env() for _ in range(2)]
    observations, infos = vec.reset(seed=20)
    for match, env in enumerate(envs):
        env.reset(seed=20 + match)
    rng = np.random.default_rng(0)
    for _ in range(60):
        actions = sample(vec, rng)
        observations, rewards, terminations, truncations, infos = vec.step(actions)
        for match, env in enumerate(envs):
            agents = {agent: 2 * match + seat for seat, agent in enumerate(env.possible_agents)}
            result = env.step({agent: actions[row] for agent, row in agents.items()})
            for agent, row in agents.items():
                for key in ("observation", "action_mask"):
                    assert np.array_equal(result[0][agent][key], observations[key][row])
                assert result[1][agent] == rewards[row]
                assert result[2][agent] == terminations[row]
                assert result[3][agent] == truncations[row]
                for key, value in result[4][agent].items():
                    assert infos[key][row] == (np.float32(value) if "reward" in key else value)
            assert vec.hashes()[match] == env.match.hash()


@pytest.mark.parametrize("mode", MODES)
def test_results_do_not_depend_on_threads_and_batch_size(mode):
    def hashes(count, num_threads, steps=60):
        vec = cam_arena.make_vec(
            count, num_threads, autoreset_mode=mode, max_seconds=3, mask_in="none"
        )
        vec.reset(seed=0)
        seen = []
        for step in range(steps):
            rng = np.random.default_rng(step)
            actions = rng.integers(108, size=(64, 2))[:count].reshape(-1)
            over = vec.step(actions)[2]
            seen.append(vec.hashes()[:3].tolist())
            if mode is AutoresetMode.DISABLED and over.any():
                vec.reset(options={"reset_mask": over})
        vec.close()
        return seen

    expected = hashes(3, 1)
    for count, num_threads in [(3, 2), (3, 8), (17, 1), (64, 1), (64, 5)]:
        assert hashes(count, num_threads) == expected


def test_views_are_reused_unless_copied():
    for copies in (False, True):
        vec = cam_arena.make_vec(2, **({} if copies else {"copy": False}))
        first, _ = vec.reset(seed=0)
        before = first["observation"].copy()
        for _ in range(5):
            second, rewards, _, _, infos = vec.step(np.full(4, 12))
        assert np.shares_memory(first["observation"], second["observation"]) is not copies
        assert np.array_equal(before, first["observation"]) is copies
        kept = [second["observation"], second["action_mask"], rewards, infos["illegal_action"]]
        values = [array.copy() for array in kept]
        for _ in range(30):
            vec.step(np.full(4, 107))
        if copies:
            assert all(map(np.array_equal, kept, values))


def test_a_step_allocates_nothing_for_a_match():
    def peak(matches):
        env = cam_arena.make_vec(matches, opponent="random", copy=False)
        env.reset(seed=0)
        rng = np.random.default_rng(0)
        actions = [sample(env, rng) for _ in range(4)]
        for row in actions:  # what is made once is made here
            env.step(row)
        tracemalloc.start()
        for _ in range(8):
            for row in actions:
                env.step(row)
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        env.close()
        return top

    few, many = peak(8), peak(512)
    # An observation is 1,672 bytes: one that was copied would show as hundreds of kilobytes.
    assert many < few + 512 * 64
    assert many < 64_000


def test_masks_are_at_hand():
    vec = cam_arena.make_vec(3, mask_in="none")
    observations, infos = vec.reset(seed=0)
    assert observations.shape == (6, vec.single_observation_space.shape[0])
    assert "action_mask" not in infos
    assert vec.action_masks.shape == (6, 108)
    assert vec.action_masks.dtype == np.int8
    masks = vec.action_masks
    assert masks is not vec.step(np.zeros(6, int))
    assert np.shares_memory(masks, vec.action_masks)
    pairs = cam_arena.make_vec(3, action_space="multi_discrete")
    pairs.reset(seed=0)
    assert pairs.action_masks.shape == (6, 21)


def test_seeds():
    vec = cam_arena.make_vec(3)
    vec.reset(seed=[7, 8, 9])
    by_list = vec.hashes().tolist()
    vec.reset(seed=7)
    assert vec.hashes().tolist() == by_list
    assert vec.np_random.random() == np.random.default_rng(7).random()
    vec.reset()
    following = vec.hashes().tolist()
    assert following != by_list
    vec.reset(seed=[7, None, 9])
    assert vec.hashes()[0] == by_list[0]
    others = [cam_arena.make_vec(2) for _ in range(2)]
    for other in others:
        other.reset()
    seeds = {int(other.state(match)["seed"]) for other in others for match in range(2)}
    assert len(seeds) == 4
    with pytest.raises(ValueError, match="3 seeds"):
        vec.reset(seed=[1, 2])
    with pytest.raises(ValueError, match="seed"):
        vec.reset(seed=-1)


def test_reset_mask_takes_whole_matches():
    vec = cam_arena.make_vec(2, autoreset_mode="Disabled")
    vec.reset(seed=0)
    vec.step(np.full(4, 12))
    before = vec.hashes()
    with pytest.raises(ValueError, match="both rows"):
        vec.reset(options={"reset_mask": np.array([True, False, False, False])})
    with pytest.raises(TypeError, match="bool"):
        vec.reset(options={"reset_mask": [True] * 4})
    with pytest.raises(ValueError, match="at least one"):
        vec.reset(options={"reset_mask": np.zeros(4, bool)})
    with pytest.raises(ValueError, match="shape"):
        vec.reset(options={"reset_mask": np.ones(2, bool)})
    with pytest.raises(ValueError, match="no option 'reset_msk'; did you mean 'reset_mask'"):
        vec.reset(options={"reset_msk": np.ones(4, bool)})
    assert vec.hashes().tolist() == before.tolist()
    mask = np.array([False, False, True, True])
    _, infos = vec.reset(seed=3, options={"reset_mask": mask, "characters": 1})
    assert vec.hashes()[0] == before[0]
    assert int(vec.state(1)["seed"]) == 4
    assert vec.state(1)["fighters"]["character"].tolist() == [1, 1]
    assert infos["_character_id"].tolist() == mask.tolist()


def test_bad_actions_leave_the_matches():
    vec = cam_arena.make_vec(2)
    with pytest.raises(MatchError, match=r"reset\(\)"):
        vec.step(np.zeros(4, int))
    vec.reset(seed=0)
    before = vec.hashes().tolist()
    for actions, error, words in [
        (np.array([0, 0, 0, 108]), ValueError, "fighter_1 of match 1"),
        (np.array([0, 0, -1, 0]), ValueError, "fighter_0 of match 1"),
        (np.array([0, 2**62, 0, 0]), ValueError, "fighter_1 of match 0"),
        (np.zeros(4), TypeError, "integers"),
        (np.full(4, np.nan), TypeError, "integers"),
        (np.zeros(4, bool), TypeError, "integers"),
        (np.zeros(3, int), ValueError, "shape"),
        (np.zeros((4, 1), int), ValueError, "shape"),
        ([None] * 4, TypeError, "integers"),
    ]:
        with pytest.raises(error, match=words):
            vec.step(actions)
        assert vec.hashes().tolist() == before
    read_only = np.zeros((4, 3), int)[:, 0]
    read_only.flags.writeable = False
    vec.step(read_only)
    vec.step([0, 1, 2, 3])
    vec.step(vec.action_space.sample())


def test_calls_out_of_turn_name_the_remedy():
    vec = cam_arena.make_vec(2, autoreset_mode="Disabled", max_cycles=2)
    with pytest.raises(MatchError, match="reset_mask"):
        vec.reset(options={"reset_mask": np.array([True, True, False, False])})
    vec.reset(seed=0)
    vec.max_cycles = 1
    assert vec.step(np.zeros(4, int))[3].all()
    before = vec.hashes().tolist()
    with pytest.raises(MatchError, match="reset_mask"):
        vec.step(np.zeros(4, int))
    assert vec.hashes().tolist() == before
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(vec)
    vec.close()
    vec.close()
    with pytest.raises(MatchError, match="make a new one"):
        vec.reset()


def test_bad_arguments():
    with pytest.raises(TypeError, match="copy must be True or False, got nan"):
        cam_arena.make_vec(2, copy=float("nan"))
    with pytest.raises(ValueError, match="num_matches"):
        cam_arena.make_vec(0)
    with pytest.raises(ValueError, match="num_threads"):
        cam_arena.make_vec(1, 0)
    with pytest.raises(ValueError, match="render_mode"):
        cam_arena.make_vec(1, render_mode="human")
    with pytest.raises(TypeError, match="bot"):
        cam_arena.make_vec(1, opponent=3)
    # Libraries look for Python's own words, to try again without the option.
    for make in (cam_arena.make_vec, duel_v0.parallel_env, duel_v0.env, DuelEnv, cam_arena.Match):
        with pytest.raises(TypeError) as caught:
            make(1, frameskip=2) if make is cam_arena.make_vec else make(frameskip=2)
        assert str(caught.value).startswith(
            "unexpected keyword argument 'frameskip'; did you mean 'frame_skip'? allowed are "
        )


def test_made_by_id():
    vec = gymnasium.make_vec("cam_arena/Duel-v0", num_envs=3, opponent="idle", frame_skip=1)
    assert vec.num_envs == vec.num_matches == 3
    observations, _ = vec.reset(seed=0)
    assert not np.shares_memory(observations["observation"], vec.reset(seed=0)[0]["observation"])
    assert vec.step(np.zeros(3, int))[1].shape == (3,)
    vec.close()


def test_gymnasium_cuts_matches_off():
    """`max_episode_steps` does in make_vec what it does in make."""
    for given, cut in [
        ({"max_episode_steps": 5}, 5),
        ({"max_episode_steps": 9, "max_cycles": 4}, 4),
    ]:
        single = gymnasium.make("cam_arena/Duel-v0", **given)
        vec = gymnasium.make_vec("cam_arena/Duel-v0", num_envs=3, **given)
        single.reset(seed=0)
        vec.reset(seed=0)
        for step in range(1, cut + 1):
            assert single.step(0)[2:4] == (False, step == cut)
            _, _, terminated, truncated, _ = vec.step(np.zeros(3, int))
            assert not terminated.any() and truncated.tolist() == [step == cut] * 3
    with pytest.raises(ValueError, match="max_episode_steps must be 1"):
        gymnasium.make_vec("cam_arena/Duel-v0", num_envs=3, max_episode_steps=0)


def test_gymnasium_wrappers():
    vec = RecordEpisodeStatistics(cam_arena.make_vec(2, max_seconds=2))
    vec.reset(seed=0)
    lengths = []
    for _ in range(45):
        *_, infos = vec.step(vec.action_space.sample())
        if "episode" in infos:
            lengths += infos["episode"]["l"][infos["_episode"]].tolist()
    assert lengths == [20] * 8
    vec = NormalizeObservation(cam_arena.make_vec(2, mask_in="none"))
    vec.reset(seed=0)
    observations, *_ = vec.step(np.zeros(4, int))
    assert np.isfinite(observations).all()
    vec = DictInfoToList(cam_arena.make_vec(2, mask_in="info", infos="names"))
    _, infos = vec.reset(seed=0)
    assert len(infos) == 4
    assert infos[0]["action_mask"].shape == (108,)
    assert infos[0]["character"] == infos[1]["opponent_character"]
    assert set(infos[3]["reward_terms"]) == set(REWARD_TERMS)


def _step_in_child(vec, queue):
    for _ in range(3):
        vec.step(np.zeros(8, int))
    queue.put((os.getpid(), vec.hashes().tolist()))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_starts_threads_of_its_own():
    vec = cam_arena.make_vec(4, 2)
    vec.reset(seed=0)
    vec.step(np.zeros(8, int))
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_step_in_child, args=(vec, queue))
    child.start()
    try:
        pid, hashes = queue.get(timeout=60)
        child.join(60)
        assert child.exitcode == 0
    finally:
        child.kill()
    assert pid != os.getpid()
    for _ in range(3):
        vec.step(np.zeros(8, int))
    assert vec.hashes().tolist() == hashes


def _drop_in_child(kept):
    kept.clear()  # the last reference: its memory goes


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_can_drop_an_env_amid_a_step():
    kept = [cam_arena.make_vec(1024, 4, frame_skip=6)]  # a step longer than a fork
    kept[0].reset(seed=0)
    for _ in range(5):  # the fork comes while threads play; they are not there in the child
        kept[0].send(np.zeros(2048, int))
        child = multiprocessing.get_context("fork").Process(target=_drop_in_child, args=(kept,))
        child.start()
        kept[0].recv()
        try:
            child.join(30)
            assert child.exitcode == 0
        finally:
            child.kill()


def test_send_and_recv_are_a_step():
    whole, halves, threads = (cam_arena.make_vec(6, n, max_seconds=2) for n in (1, 1, 3))
    for vec in (whole, halves, threads):
        vec.reset(seed=3)
    for step in range(50):
        actions = np.random.default_rng(step).integers(108, size=12)
        expected = whole.step(actions)
        for vec in (halves, threads):
            vec.send(actions)
            got = vec.recv()
            assert_rows_equal(expected[0], got[0], f"step {step}")
            for part in (1, 2, 3):
                assert np.array_equal(expected[part], got[part])
            assert_infos_equal(expected[4], got[4], 12)
            assert vec.hashes().tolist() == whole.hashes().tolist()


def test_a_step_goes_on_while_python_does_something_else():
    vec = cam_arena.make_vec(64, mask_in="none", copy=False)
    seen, _ = vec.reset(seed=0)
    before = seen[-1].copy()
    vec.send(np.full(128, 13))
    deadline = time.monotonic() + 60
    while np.array_equal(seen[-1], before):  # the last match has moved without recv
        assert time.monotonic() < deadline
        time.sleep(0.001)
    vec.recv()


def batch_calls(batch):
    """Return a call that is in order of each method of a batch of duels, by its name."""
    shape, numbers = (batch.num_matches, 2), batch.observation_size
    actions, flags = np.zeros(shape, np.int32), np.zeros((2, batch.num_matches), bool)
    seen, masks = np.empty((*shape, numbers), np.float32), np.empty((*shape, 108), np.int8)
    rewards, terms = np.empty(shape, np.float32), np.empty((*shape, 5), np.float32)
    of_seat = np.empty((batch.num_matches, numbers), np.float32)
    return {
        "action_masks": (masks,),
        "advance": (actions,),
        "check": (0,),
        "flags": (*flags,),
        "hash": (0,),
        "hashes": (),
        "illegal_actions": (actions.copy(),),
        "last_buttons": (np.empty(shape, np.uint8),),
        "mirrored": (0,),
        "observe": (seen,),
        "observe_present": (seen,),
        "observe_seat": (0, batch.observation, of_seat),
        "reset": (0, 5),
        "restore": (0, batch.snapshot(0)),
        "rewards": (rewards, terms),
        "seen": (0, 0),
        "set_bot": (0, 0, 1, 1),
        "set_max_steps": (7,),
        "set_pool": (0, [3]),
        "set_script": (0, 0, [[1, 0, 5]]),
        "set_state": (0, batch.state(0)),
        "snapshot": (0,),
        "state": (0,),
        "static_masks": (masks,),
        "step": (actions, seen, masks, rewards, *flags, None, 0),
    }


def test_a_batch_refuses_every_call_amid_a_step():
    vec, twin = cam_arena.make_vec(3, 2), cam_arena.make_vec(3)
    for each in (vec, twin):
        each.reset(seed=3)
    batch, calls = vec.batch, batch_calls(vec.batch)
    assert set(calls) == {
        name
        for name in dir(_core.Batch)
        if not name.startswith("_") and callable(getattr(_core.Batch, name))
    }
    vec.send(np.full(6, 13))
    for name, arguments in [*calls.items(), ("set_script", (0, 0, None))]:
        with pytest.raises(RuntimeError, match="stepped by another thread"):
            getattr(batch, name)(*arguments)
            pytest.fail(f"{name} was not refused")
    vec.recv()
    twin.step(np.full(6, 13))
    for match in range(3):
        assert batch.snapshot(match) == twin.batch.snapshot(match)
    assert batch.max_steps == twin.batch.max_steps
    for name, arguments in calls.items():
        getattr(batch, name)(*arguments)


def test_a_duel_refuses_to_be_read_amid_a_step():
    vec = cam_arena.make_vec(1)
    vec.reset(seed=3)
    duel = _core.Duel(
        vec.batch,
        agents=AGENTS,
        names=list(vec.roster.names),
        terms=REWARD_TERMS,
        form=_core.MASK_FORMS["discrete"],
        sizes=(108, 108),
    )
    form = _core.MASK_IN_OBS | _core.FLAT
    reads = (
        lambda: duel.step(0, 0),
        duel.keep_first_frame,
        duel.keep_present_frame,
        lambda: duel.seen(0),
        lambda: duel.mask(0),
        lambda: duel.observation(0, form),
        lambda: duel.info(0, 0),
        lambda: duel.results(0, None),
        lambda: duel.rewards,
        lambda: duel.reward_pair,
    )
    vec.send(np.zeros(2, int))
    for read in reads:
        with pytest.raises(RuntimeError, match="stepped by another thread"):
            read()
    vec.recv()
    for read in reads:
        read()


def test_a_batch_can_be_read_when_its_env_was_closed_amid_a_step():
    vec, twin = cam_arena.make_vec(2), cam_arena.make_vec(2)
    for each in (vec, twin):
        each.reset(seed=0)
    batch = vec.batch
    vec.send(np.full(4, 13))
    vec.close()
    twin.step(np.full(4, 13))
    assert batch.hashes().tolist() == twin.hashes().tolist()


def test_misuse_of_send_and_recv_names_the_remedy():
    vec = cam_arena.make_vec(2)
    idle = np.zeros(4, int)
    with pytest.raises(MatchError, match=r"call reset\(\)"):
        vec.send(idle)
    vec.reset(seed=0)
    with pytest.raises(MatchError, match=r"call send\(actions\)"):
        vec.recv()
    with pytest.raises(ValueError, match="out of range"):
        vec.send(np.full(4, 108))
    vec.send(idle)
    for call in (
        lambda: vec.send(idle),
        lambda: vec.step(idle),
        vec.reset,
        vec.hashes,
        lambda: vec.state(0),
        lambda: vec.own_actions(0),
    ):
        with pytest.raises(MatchError, match=r"call recv\(\)"):
            call()
    vec.recv()
    vec.send(idle)
    vec.close()
    with pytest.raises(MatchError, match="make a new one"):
        vec.recv()


@pytest.mark.parametrize("opponent_seat", [0, 1])
def test_the_opponent_plays_either_seat(opponent_seat):
    options = {"opponent": "punisher:4", "opponent_seat": opponent_seat, "characters": (3, 8)}
    vec, single = cam_arena.make_vec(3, **options), DuelEnv(**options)
    mine = 1 - opponent_seat
    observations, infos = vec.reset(seed=5)
    observation, info = single.reset(seed=5)
    assert infos["character_id"].tolist() == [(3, 8)[mine]] * 3 == [info["character_id"]] * 3
    other = np.zeros(3)
    for step in range(150):
        assert_rows_equal({key: rows[0] for key, rows in observations.items()}, observation)
        action = int(np.random.default_rng(step).choice(np.flatnonzero(vec.action_masks[0])))
        observations, rewards, _, _, infos = vec.step(np.full(3, action))
        observation, reward, *_, info = single.step(action)
        assert reward == rewards[0]
        assert infos["reward_hp"][0] == np.float32(info["reward_hp"])
        other += infos["reward_hp"] < 0
    assert (other > 0).all()  # the bot has hit: it is not asleep
    assert vec.state(0)["fighters"]["side"].tolist() == [0, 1]
    assert int(vec.hashes()[0]) == single.match.hash()


def test_seats_of_opponents_are_checked():
    with pytest.raises(ValueError, match=r"opponent_seat must be 0\.\.1"):
        cam_arena.make_vec(1, opponent="idle", opponent_seat=2)
    with pytest.raises(ValueError, match="there is none"):
        cam_arena.make_vec(1, opponent_seat=0)
    with pytest.raises(ValueError, match=r"opponent_seat must be 0\.\.1"):
        DuelEnv(opponent_seat=-1)


@pytest.mark.parametrize("stack", [1, 3])
@pytest.mark.parametrize("flatten", [False, True])
@pytest.mark.parametrize("dtype", ["float16", "int16"])
def test_observations_of_another_type(dtype, flatten, stack):
    options = {"frame_stack": stack, "flatten": flatten, "max_seconds": 2}
    plain = cam_arena.make_vec(4, **options)
    other = cam_arena.make_vec(4, observation_dtype=dtype, **options)
    expected, got = plain.reset(seed=1)[0], other.reset(seed=1)[0]
    for step in range(30):
        if not flatten:
            assert np.array_equal(expected["action_mask"], got["action_mask"])
        numbers, encoded = (seen if flatten else seen["observation"] for seen in (expected, got))
        assert encoded.dtype == dtype and encoded.shape == numbers.shape
        if dtype == "float16":
            assert np.array_equal(encoded, numbers.astype(np.float16))
        else:
            exact = numbers.astype(np.float64) * 32767
            assert np.abs(encoded - exact).max() <= 0.51
        assert other.observation_space.contains(got)
        actions = np.random.default_rng(step).integers(108, size=8)
        expected, got = plain.step(actions)[0], other.step(actions)[0]
    assert plain.hashes().tolist() == other.hashes().tolist()


def test_float16_rounds_as_numpy_does():
    """Numbers of every size that observations have, ties and subnormals too."""
    rng = np.random.default_rng(0)
    halves = np.arange(0x3C01, dtype=np.uint16).view(np.float16).astype(np.float32)  # all of 0..1
    ties = (halves[1:] + halves[:-1]) / 2
    small = rng.random(10**5) * 10.0 ** -rng.integers(0, 9, 10**5)
    numbers = np.concatenate([halves, ties, small]).astype(np.float32)
    for given in (numbers, -numbers):
        with np.errstate(under="ignore"):
            expected = given.astype(np.float16)
        assert np.array_equal(_core.encode(given, 1).view(np.uint16), expected.view(np.uint16))


def test_observation_dtypes_are_checked():
    with pytest.raises(ValueError, match="'float32', 'float16', 'int16', got 'float64'"):
        cam_arena.make_vec(1, observation_dtype="float64")
    with pytest.raises(ValueError, match="'pixels' is not"):
        cam_arena.make_vec(1, observation="pixels", observation_dtype="int16")
    for make in (duel_v0.parallel_env, duel_v0.env, DuelEnv, cam_arena.Match):
        with pytest.raises(TypeError, match=r"observation_dtype.*only cam_arena\.make_vec"):
            make(observation_dtype="int16")
