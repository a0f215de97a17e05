"""Public information: what the opponent would not show is hidden, and nothing else."""

import re

import numpy as np
import pytest

import cam_arena
from cam_arena import Match, _core, duel_v0
from cam_arena.envs.single import DuelEnv
from cam_arena.game.observations import HIDDEN, VECTORS
from cam_arena.game.views import stacked

PAIR = (2, 9)
EVERY_VIEW = (*VECTORS, "pixels", "text")


def match_with(observation="full", change=None, **options):
    """A match some seconds in, in which `change(fighters)` has been made."""
    match = Match(5, characters=PAIR, information="public", observation=observation, **options)
    rng = np.random.default_rng(0)
    for _ in range(25):
        masks = match.action_masks() if options.get("action_space") != "own" else None
        actions = [0, 0] if masks is None else [int(rng.choice(np.flatnonzero(m))) for m in masks]
        match.step(actions)
    if change is not None:
        state = np.frombuffer(match._batch.state(0), _core.DTYPES["state"]).copy()
        change(state["fighters"][0])
        match._batch.set_state(0, state.tobytes())
        match._look(begins=False)
    return match


def hidden_of_seat_1(rng):
    """A change of all that fighter_1 hides from fighter_0 before it has used anything."""

    roster = cam_arena.load_roster()

    def change(fighters):
        other = fighters[1]
        other["spark"] = rng.integers(0, 16001)
        other["step_spark"] = rng.integers(0, 16001)
        other["cooldown_until"] = rng.integers(0, 900, 12)
        other["buffered_button"] = rng.integers(0, 12)
        other["buffered_direction"] = rng.integers(0, 9)
        other["buffer_ticks"] = rng.integers(0, 5)
        if other["counts"][11] == 0:  # scrolls used
            other["scroll"] = rng.integers(0, len(roster.scrolls))
        calls = roster.rules.companion_calls
        for slot in range(3):
            if other["calls_left"][slot] in (0, calls) and other["counts"][3] == 0:
                other["companions"][slot] = rng.integers(-1, len(roster.companions))
                other["calls_left"][slot] = calls if other["companions"][slot] >= 0 else 0

    return change


@pytest.mark.parametrize("observation", EVERY_VIEW)
def test_states_that_differ_only_in_what_is_hidden_look_alike(observation):
    plain = match_with(observation)
    rng = np.random.default_rng(1)
    hashes = {plain.hash()}
    for _ in range(20):
        other = match_with(observation, hidden_of_seat_1(rng))
        hashes.add(other.hash())
        if observation == "text":
            assert other.observe(0) == plain.observe(0)
        else:
            assert np.array_equal(other.observe(0), plain.observe(0))
        assert np.array_equal(other.action_mask(0), plain.action_mask(0))
    assert len(hashes) == 21


@pytest.mark.parametrize("observation", EVERY_VIEW)
def test_with_full_information_they_do_not(observation):
    views = []
    for seed in range(3):
        match = match_with(observation, hidden_of_seat_1(np.random.default_rng(seed)))
        full = Match(5, characters=PAIR, observation=observation)
        state = match._batch.state(0)
        full._batch.set_state(0, state)
        full._look(begins=True)
        views.append(full.observe(0))
    assert any(not np.array_equal(views[0], view) for view in views[1:])


@pytest.mark.parametrize("observation", VECTORS)
def test_hidden_blocks_are_zero_and_the_rest_is_as_with_full_information(observation):
    layout = cam_arena.observation_layout(observation)
    public = Match(3, characters=PAIR, information="public", observation=observation)
    full = Match(3, characters=PAIR, observation=observation)
    names = {block.name for block in layout.blocks}
    assert names & HIDDEN.keys()
    hidden_once = set()
    rng = np.random.default_rng(0)
    for _ in range(300):
        if full.is_over:
            break
        actions = [int(rng.choice(np.flatnonzero(mask))) for mask in full.action_masks()]
        public.step(actions)
        full.step(actions)
        seen, known = public.observations(), full.observations()
        assert np.array_equal(public.action_masks(), full.action_masks())
        for block in layout.blocks:
            one, other = seen[:, block.slice], known[:, block.slice]
            if block.name not in HIDDEN:
                assert np.array_equal(one, other), block.name
                continue
            if other.any():
                hidden_once.add(block.name)
            if not HIDDEN[block.name]:
                assert not one.any(), block.name
    assert public.hash() == full.hash()
    fought = {name for name in names & HIDDEN.keys() if not re.match("opponent[2-5]", name)}
    assert hidden_once >= fought - {"opponent_buffered", "opponent1_buffered"}


@pytest.mark.parametrize(("button", "name"), [(6, "opponent_scroll"), (7, "opponent_companions")])
def test_scroll_and_companion_are_known_once_used(button, name):
    block = cam_arena.observation_layout()[name]
    public = Match(3, characters=PAIR, information="public", loadout="trio")
    full = Match(3, characters=PAIR, loadout="trio")
    assert not public.observe(0)[block.slice].any()
    assert full.observe(0)[block.slice].any()
    while not full.action_mask(1)[button]:
        public.step([0, 0])
        full.step([0, 0])
    public.step([0, button])
    full.step([0, button])
    shown, known = public.observe(0)[block.slice], full.observe(0)[block.slice]
    if button == 6:
        assert np.array_equal(shown, known)
    else:
        assert np.array_equal(shown[:2], known[:2]) and shown[0] != 0
        assert not shown[2:].any() and known[2:].any()
    own = cam_arena.observation_layout()[name.replace("opponent", "own")]
    assert np.array_equal(public.observe(1)[own.slice], full.observe(1)[own.slice])


@pytest.mark.parametrize("latency", [None, "human"])
def test_in_every_interface(latency):
    options = {"characters": PAIR, "information": "public", "latency": latency}
    match = Match(6, **options)
    parallel, aec = duel_v0.parallel_env(**options), duel_v0.env(**options)
    single = DuelEnv(opponent=lambda observation, mask: 13, **options)
    vec = cam_arena.make_vec(2, **options)
    parallel.reset(seed=6)
    aec.reset(seed=6)
    single.reset(seed=6)
    vec.reset(seed=6)
    block = cam_arena.observation_layout()["opponent_spark"]
    for _ in range(10):
        match.step([13, 13])
        both = parallel.step({"fighter_0": 13, "fighter_1": 13})[0]
        aec.step(13)
        aec.step(13)
        alone = single.step(13)[0]
        rows = vec.step(np.full(4, 13))[0]["observation"]
        for seat, agent in enumerate(("fighter_0", "fighter_1")):
            seen = match.observe(seat)
            assert seen[block.start] == 0
            for other in (both[agent], aec.observe(agent), {"observation": rows[seat]}):
                assert np.array_equal(other["observation"], seen)
        assert np.array_equal(alone["observation"], match.observe(0))
    full = duel_v0.parallel_env(characters=PAIR)
    full.reset(seed=6)
    for _ in range(10):
        full.step({"fighter_0": 13, "fighter_1": 13})
    if latency is None:
        assert np.array_equal(parallel.state(), full.state())  # a critic's view hides nothing


def test_stacking():
    frames = np.arange(2 * 3 * 4 * 5 * 3).reshape(2, 3, 4, 5, 3)
    pictures = stacked(frames)
    assert pictures.shape == (2, 4, 5, 9)
    assert np.array_equal(pictures[..., :3], frames[:, 0])
    assert np.array_equal(pictures[..., 6:], frames[:, 2])
    assert np.array_equal(stacked(frames[:, :1]), frames[:, 0])
