"""Pixels: pictures of what an agent sees, in every interface."""

import copy
import pickle

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import api_test, parallel_api_test

import cam_arena
from cam_arena import Match, _core, duel_v0
from cam_arena.envs.single import DuelEnv
from cam_arena.render.small import SmallPicture
from cam_arena.roster.codes import EntityKind

ROSTER = cam_arena.load_roster()
BLUE, RED, YELLOW, ORANGE = (70, 168, 255), (255, 104, 84), (255, 214, 64), (255, 150, 40)


def count(picture, colour, rows=slice(None)):
    return int((picture[rows] == colour).all(axis=-1).sum())


def state_of(match):
    return np.frombuffer(match._batch.state(0), _core.DTYPES["state"]).copy()


def picture(state, seat=0, size=(84, 84)):
    return SmallPicture(ROSTER, size).draw(state[0], seat)


@pytest.mark.parametrize("size", [(84, 84), (160, 96), (48, 200)])
def test_both_fighters_hp_and_sparks_are_in_the_picture(size):
    state = state_of(Match(0, characters=(0, 5)))
    seen = picture(state, size=size)
    assert seen.shape == (size[1], size[0], 3) and seen.dtype == np.uint8
    bars, stage = slice(0, size[1] // 8), slice(size[1] // 4, None)
    assert count(seen, BLUE, stage) > 8 and count(seen, RED, stage) > 8
    for seat, colour in ((0, BLUE), (1, RED)):
        before = count(seen, colour, bars)
        hurt = state.copy()
        hurt["fighters"]["hp"][0, seat] //= 2
        assert 0.4 < count(picture(hurt, size=size), colour, bars) / before < 0.6
        rich = state.copy()
        rich["fighters"]["spark"][0, seat] = 16000
        assert count(picture(rich, size=size), YELLOW, bars) > count(seen, YELLOW, bars)
    assert np.array_equal(seen, picture(state, size=size))


def test_fighters_are_seen_wherever_they_are():
    state = state_of(Match(0, characters=(0, 5)))
    rules = ROSTER.rules
    for x0, x1, y, z in (
        (-rules.stage_half_x, rules.stage_half_x, -rules.stage_half_y, 0),
        (rules.stage_half_x, rules.stage_half_x - 300, rules.stage_half_y, 0),
        (0, 900, 0, 6000),
    ):
        state["fighters"]["x"] = x0, x1
        state["fighters"]["y"] = y, 0
        state["fighters"]["z"] = 0, z
        seen = picture(state)
        assert count(seen, BLUE, slice(12, None)) > 4
        assert count(seen, RED, slice(12, None)) > 4


def test_both_sides_see_themselves_as_if_they_had_begun_on_the_left():
    match = Match(7, characters=(3, 6))
    rng = np.random.default_rng(0)
    different = False
    for _ in range(60):
        state = state_of(match)
        mirrored = np.frombuffer(match._batch.mirrored(0), _core.DTYPES["state"])
        assert np.array_equal(picture(state, 0), picture(mirrored, 1))
        assert np.array_equal(picture(state, 1), picture(mirrored, 0))
        different |= not np.array_equal(picture(state, 0), picture(state, 1))
        match.step([int(rng.choice(np.flatnonzero(mask))) for mask in match.action_masks()])
    assert different


def test_strikes_and_every_kind_of_entity_are_in_the_picture():
    kinds = {kind: [e for e in ROSTER.entity_types if e.kind == kind.name.lower()]
             for kind in EntityKind}  # fmt: skip
    assert sum(map(bool, kinds.values())) >= 4
    state = state_of(Match(0, characters=(0, 5)))
    plain = picture(state)
    entity = state["fighters"]["entities"][0, 0]
    for types in kinds.values():
        for kind in types[:3]:
            entity[0]["type"], entity[0]["facing"], entity[0]["ttl"] = kind.index, 1, 100
            changed = (picture(state) != plain).any(axis=-1)
            assert changed.sum() > 3, kind.name
            columns = np.flatnonzero(changed.any(axis=0))
            assert columns.max() > 20, kind.name
    match, strikes = Match(0, characters=(0, 5)), 0
    while not match.is_over and not strikes:
        match.step([13, 13])
        strikes = count(picture(state_of(match)), ORANGE)
    assert strikes


class Seen:
    """What fighter_0 is shown by one interface."""

    def __init__(self, kind, **options):
        self.kind = kind
        self.env = {
            "match": lambda **o: Match(3, **o),
            "parallel": duel_v0.parallel_env,
            "aec": duel_v0.env,
            "single": lambda **o: DuelEnv(opponent=lambda observation, mask: 13, **o),
            "vector": lambda **o: cam_arena.make_vec(2, **o),
        }[kind](**options)

    def reset(self):
        if self.kind == "match":
            self.env.reset(3)
            return self.env.observe(0)
        result = self.env.reset(seed=3)
        if self.kind == "aec":
            return self.env.observe("fighter_0")
        return self._of(result[0])

    def step(self):
        env = self.env
        if self.kind == "match":
            env.step([13, 13])
            return env.observe(0)
        if self.kind == "aec":
            env.step(13)
            env.step(13)
            return env.observe("fighter_0")
        if self.kind == "single":
            return env.step(13)[0]
        if self.kind == "parallel":
            return env.step({"fighter_0": 13, "fighter_1": 13})[0]["fighter_0"]
        return self._of(env.step(np.full(4, 13))[0])

    def _of(self, observation):
        if self.kind == "parallel":
            return observation["fighter_0"]
        if self.kind == "vector":
            return (
                {key: value[0] for key, value in observation.items()}
                if isinstance(observation, dict)
                else observation[0]
            )
        return observation


@pytest.mark.parametrize("kind", ["match", "parallel", "aec", "single", "vector"])
@pytest.mark.parametrize("stack", [1, 3])
@pytest.mark.parametrize("extra", [{}, {"information": "public"}, {"latency": "human"}], ids=str)
def test_pictures_in_every_interface(kind, stack, extra):
    options = {"characters": (0, 5), "observation": "pixels", **extra}
    if kind != "match":
        options["mask_in"] = "info"
    seen = Seen(kind, frame_stack=stack, **options)
    options.pop("mask_in", None)
    match = Match(3, **options)
    frames = [match.observe(0)] * stack
    shown = seen.reset()
    for _ in range(12):
        assert shown.dtype == np.uint8
        assert np.array_equal(shown, np.concatenate(frames, axis=-1))
        match.step([13, 13])
        frames = [match.observe(0), *frames[:-1]]
        shown = seen.step()
    assert len({frame.tobytes() for frame in frames}) == stack


def test_spaces():
    env = duel_v0.parallel_env(observation="pixels", pixels=(160, 96), frame_stack=2)
    space = env.observation_space("fighter_0")
    assert space["observation"] == spaces.Box(0, 255, (96, 160, 6), np.uint8)
    assert space.contains(env.reset(seed=0)[0]["fighter_1"])
    bare = duel_v0.parallel_env(observation="pixels", mask_in="none")
    assert bare.observation_space("fighter_0") == spaces.Box(0, 255, (84, 84, 3), np.uint8)
    vec = cam_arena.make_vec(2, observation="pixels", mask_in="both")
    observation, infos = vec.reset(seed=0)
    assert vec.observation_space.contains(observation)
    assert infos["action_mask"].shape == (4, 108)


def test_rows_of_a_vector_env_keep_what_they_promise():
    options = {"observation": "pixels", "characters": (0, 5), "mask_in": "none"}
    reused = cam_arena.make_vec(2, copy=False, **options)
    copied = cam_arena.make_vec(2, **options)
    first, kept = reused.reset(seed=0)[0], copied.reset(seed=0)[0]
    before = kept.copy()
    assert np.array_equal(first, kept)
    for _ in range(3):
        later = reused.step(np.full(4, 13))[0]
        copied.step(np.full(4, 13))
    assert np.shares_memory(first, later)
    assert np.array_equal(kept, before) and not np.array_equal(first, before)


def test_a_finished_match_shows_its_last_picture():
    options = {"observation": "pixels", "characters": (0, 5), "max_cycles": 4}
    vec = cam_arena.make_vec(1, autoreset_mode="SameStep", mask_in="none", **options)
    vec.reset(seed=3)
    match = Match(3, **options)
    for _ in range(4):
        shown, _, _, truncated, infos = vec.step(np.full(2, 13))
        match.step([13, 13])
    assert truncated.all()
    for seat in range(2):
        assert np.array_equal(infos["final_obs"][seat], match.observe(seat))
        assert not np.array_equal(shown[seat], match.observe(seat))


def test_a_match_that_follows_shows_nothing_of_the_one_before():
    options = {"observation": "pixels", "characters": (0, 5), "frame_stack": 3}
    vec = cam_arena.make_vec(1, max_cycles=3, mask_in="none", **options)
    vec.reset(seed=3)
    for _ in range(3):
        vec.step(np.full(2, 13))
    shown = vec.step(np.full(2, 13))[0]
    match = Match(cam_arena._core.next_seed(3), **options)
    assert np.array_equal(shown[0], match.observe(0))


def test_one_seat_against_a_bot_is_one_row():
    vec = cam_arena.make_vec(2, opponent="masher:2", observation="pixels", mask_in="none")
    shown = vec.reset(seed=0)[0]
    assert shown.shape == (2, 84, 84, 3)
    match = Match(1, observation="pixels")
    assert np.array_equal(shown[1], match.observe(0))


@pytest.mark.parametrize("stack", [1, 2])
def test_saved_and_copied(stack):
    match = Match(0, observation="pixels", frame_stack=stack, characters=(0, 5))
    for _ in range(5):
        match.step([13, 13])
    pickled = pickle.loads(pickle.dumps(match))  # noqa: S301
    for twin in (match.clone(), copy.deepcopy(match), pickled):
        assert np.array_equal(twin.observations(), match.observations())
        twin.step([12, 12])
    with pytest.raises(cam_arena.errors.SnapshotError, match="observation_shape is"):
        Match(0, observation="pixels", frame_stack=2, pixels=(64, 64)).restore(
            Match(0, observation="pixels", frame_stack=2).snapshot()
        )


@pytest.mark.filterwarnings("ignore::UserWarning")  # PettingZoo and SB3 advise Box spaces
def test_conformance():
    options = {"observation": "pixels", "characters": (0, 5), "max_seconds": 2}
    parallel_api_test(duel_v0.parallel_env(**options), num_cycles=30)
    api_test(duel_v0.env(**options), num_cycles=30)
    check_env(DuelEnv(**options), skip_render_check=True)


@pytest.mark.filterwarnings("ignore::UserWarning")  # SB3 advises Box spaces
@pytest.mark.parametrize("mask_in", ["obs", "info"])
def test_sb3_checks(mask_in):
    env_checker = pytest.importorskip("stable_baselines3.common.env_checker")
    options = {"observation": "pixels", "characters": (0, 5), "max_seconds": 2}
    env_checker.check_env(DuelEnv(**options, mask_in=mask_in))


def test_a_convolution_learns_from_them():
    sb3_contrib = pytest.importorskip("sb3_contrib")
    from cam_arena.integrations.sb3 import SB3VecEnv

    env = SB3VecEnv(2, observation="pixels", characters="core4", max_cycles=10)
    model = sb3_contrib.MaskablePPO(
        "MultiInputPolicy", env, n_steps=8, batch_size=32, n_epochs=1, seed=0
    )
    assert model.policy.features_extractor.extractors["observation"].cnn is not None
    model.learn(32)
    env.close()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"pixels": (84, 84, 3), "observation": "pixels"}, ValueError, "pair of width and height"),
        ({"pixels": (84, 20), "observation": "pixels"}, ValueError, "48..512, got 20"),
        ({"pixels": (84.0, 84), "observation": "pixels"}, TypeError, "integer"),
        ({"pixels": (160, 96)}, ValueError, "leave it out with 'full'"),
    ],
    ids=str,
)
def test_impossible_sizes_are_refused(options, error, words):
    with pytest.raises(error, match=words):
        Match(0, **options)


@pytest.mark.parametrize("observation", ["pixels", "text"])
def test_what_is_no_vector_cannot_be_flattened(observation):
    with pytest.raises(ValueError, match=r"flatten makes one vector.*mask_in='info'"):
        duel_v0.parallel_env(observation=observation, flatten=True)
