"""One match: its facts, saving, copying, and that the two seats are alike."""

import copy
import pickle

import numpy as np
import pytest
from small_roster import Count

import cam_arena
from cam_arena import Match, _core
from cam_arena.errors import MatchError, SnapshotError
from cam_arena.game.match import DRAW, NO_WINNER
from cam_arena.game.rewards import REWARD_TERMS
from cam_arena.game.snapshots import seal
from cam_arena.roster.codes import Direction

ROSTER = cam_arena.load_roster()


def random_steps(match, seed, steps):
    """Step with legal actions drawn by the seed, to the end at most; return them."""
    rng = np.random.default_rng(seed)
    log = []
    for _ in range(steps):
        if match.is_over:
            break
        actions = [int(rng.choice(np.flatnonzero(mask))) for mask in match.action_masks()]
        match.step(actions)
        log.append(actions)
    return log


def test_a_match_from_start_to_end():
    match = Match(seed=1)
    assert match.tick == 0
    assert match.seed == 1
    assert match.winner == NO_WINNER
    assert match.reward_terms.tolist() == [[0.0] * 5] * 2
    assert match.rewards.tolist() == [0.0, 0.0]
    hits = 0
    rng = np.random.default_rng(0)
    while not match.is_over:
        actions = [int(rng.choice(np.flatnonzero(mask))) for mask in match.action_masks()]
        before = match.tick
        rewards = match.step(actions)
        assert before < match.tick <= before + 3
        assert rewards.dtype == np.float32
        assert rewards[0] + rewards[1] == 0.0
        assert np.array_equal(rewards, match.rewards)
        hits += (match.reward_terms[:, 0] < 0).any()
    assert hits > 3
    assert match.is_terminated
    assert not match.is_truncated
    assert match.winner in (0, 1, DRAW)
    if match.winner != DRAW:
        assert match.reward_terms[match.winner, 1] == 1.0
    with pytest.raises(MatchError, match=r"reset\(seed\)"):
        match.step([0, 0])


def test_the_reward_terms_of_all_steps_add_up_to_the_match():
    match = Match(3)
    match.set_bot(0, "masher:3")
    match.reset(3)
    before = match.state["fighters"].copy()
    steps = []
    while not match.is_over:
        match.step([0, 0])
        steps.append(match.reward_terms)
    after = match.state["fighters"]
    sums = dict(zip(REWARD_TERMS, np.sum(steps, axis=0, dtype=np.float64).T, strict=True))
    assert sums["hp"] == pytest.approx((after["hp"] - before["hp"]) / before["hp"], abs=1e-4)
    assert sums["win"].tolist() == [1.0, 0.0] == [float(k == match.winner) for k in range(2)]
    assert sums["combo"] == pytest.approx(after["counts"][:, Count.HITS] / 10, abs=1e-4)
    assert sums["mana"] == pytest.approx((after["spark"] - before["spark"]) / 16000, abs=1e-4)
    assert sums["combo"][0] > 1
    assert abs(sums["mana"][0]) > 0.1


def test_a_discounted_potential_pays_nothing_but_what_was_there_at_first():
    match = Match(3, reward="paper_potential")
    for seat in range(2):
        match.set_bot(seat, "masher:3")
    match.reset(3)
    assert match.reward_terms[:, 4].tolist() == [0.0, 0.0]
    paid, discount = np.zeros(2), 1.0
    while not match.is_over:
        rewards = match.step([0, 0])
        assert rewards[0] + rewards[1] == 0.0
        paid += discount * match.reward_terms[:, 4]
        discount *= 0.995
    assert paid == pytest.approx(-8000 / 16000, abs=1e-5)


def test_time_ends_a_match_at_the_tick():
    match = Match(max_seconds=1, frame_skip=4)
    steps = 0
    while not match.is_over:
        match.step([0, 0])
        steps += 1
    assert (steps, match.tick) == (8, 30)
    assert match.is_terminated


def test_the_seed_decides_everything():
    hashes = []
    for seed in (5, 5, 6):
        match = Match(seed)
        random_steps(match, 0, 100)
        hashes.append(match.hash())
    assert hashes[0] == hashes[1] != hashes[2]
    match = Match(9)
    random_steps(match, 0, 50)
    match.reset(5)
    random_steps(match, 0, 100)
    assert match.hash() == hashes[0]
    assert Match(2**64 - 1).seed == 2**64 - 1


def test_facts():
    match = Match(characters=(3, ROSTER.names[5]))
    assert [character.index for character in match.characters] == [3, 5]
    assert match.characters[0] is match.roster[3]
    assert match.state.dtype == _core.DTYPES["state"]
    assert match.state["fighters"]["hp"].tolist() == [
        character.stats["max_hp"] for character in match.characters
    ]
    with pytest.raises(ValueError, match="read-only"):
        match.state["tick"] = 3
    assert repr(match) == f"Match({ROSTER.names[3]} against {ROSTER.names[5]}, seed 0, tick 0)"
    assert match.illegal_actions == (0, 0)
    match.step([0, int(np.flatnonzero(match.action_mask(1) == 0)[0])])
    assert match.illegal_actions == (0, 1)


def test_views_are_by_seat_or_name():
    match = Match()
    random_steps(match, 0, 20)
    for seat, agent in enumerate(("fighter_0", "fighter_1")):
        assert np.array_equal(match.observe(seat), match.observe(agent))
        assert np.array_equal(match.observe(seat), match.observations()[seat])
        assert np.array_equal(match.action_mask(seat), match.action_masks()[seat])
        assert match.action_mask(agent).dtype == np.int8
        assert (match.static_mask(seat) >= match.action_mask(seat)).all()
    with pytest.raises(ValueError, match="seat"):
        match.observe(2)
    with pytest.raises(ValueError, match="fighter_1"):
        match.action_mask("fighter_2")


def test_returned_arrays_belong_to_the_caller():
    match = Match()
    expected = Match()
    for _ in range(20):
        for array in (match.observations(), match.action_masks(), match.reward_terms):
            array[:] = 1
        match.step([12, 12])[:] = 7.0
        expected.step([12, 12])
    assert np.array_equal(match.observations(), expected.observations())
    assert np.array_equal(match.reward_terms, expected.reward_terms)
    assert np.array_equal(match.rewards, expected.rewards)


@pytest.mark.parametrize("steps", [0, 5, 40, 120])
def test_a_forbidden_action_is_idle_and_counted(steps):
    match = Match(seed=3)
    random_steps(match, 3, steps)
    idle = match.clone()
    idle.step([0, 0])
    for action in np.flatnonzero(match.action_mask(0) == 0).tolist():
        other = match.clone()
        other.step([action, 0])
        assert other.illegal_actions[0] == match.illegal_actions[0] + 1
        assert np.array_equal(other.observations(), idle.observations()), action


@pytest.mark.parametrize("frame_stack", [1, 3])
def test_a_snapshot_takes_the_match_back(frame_stack):
    match = Match(seed=7, frame_stack=frame_stack)
    random_steps(match, 1, 60)
    snapshot, rewards = match.snapshot(), match.rewards
    seen, tick = match.observations(), match.tick
    log = random_steps(match, 2, 2000)
    end = (match.hash(), match.observations(), match.winner, match.is_over)
    match.restore(snapshot)
    assert match.tick == tick
    assert not match.is_over
    assert np.array_equal(match.observations(), seen)
    assert np.array_equal(match.rewards, rewards)
    other = Match(seed=99, characters=0, frame_stack=frame_stack, reward="hp")
    for each in (match, other):
        each.restore(snapshot)
        for actions in log:
            each.step(actions)
        assert (each.hash(), each.winner, each.is_over) == (end[0], end[2], end[3])
        assert np.array_equal(each.observations(), end[1])


def test_a_snapshot_of_a_finished_match_is_finished():
    match = Match(max_cycles=2)
    match.step([0, 0])
    early = match.snapshot()
    match.step([0, 0])
    over = match.snapshot()
    match.restore(early)
    assert not match.is_over
    match.restore(over)
    assert match.is_truncated


def test_a_snapshot_that_does_not_fit_names_what_differs(tmp_path):
    match = Match(frame_stack=2)
    random_steps(match, 0, 10)
    good, before = match.snapshot(), match.hash()

    def refused(snapshot, words):
        with pytest.raises(SnapshotError, match=words):
            match.restore(snapshot)
        assert match.hash() == before

    refused(Match().snapshot(), "frame_stack is 1, here it is 2")
    refused(Match(frame_stack=2, observation="tiny").snapshot(), "observation is 'tiny'")
    header, body = match._header, good[len(match._header) + 4 :]
    refused(
        seal(header.replace(ROSTER.id.encode(), b"0" * 16), body), "roster is '0000000000000000'"
    )
    version = cam_arena.__version__.encode()
    refused(seal(header.replace(version, b"9" * len(version), 1), body), "version is '99999'")
    refused(good.replace(ROSTER.id.encode(), b"0" * 16), "is damaged: its checksum does not fit")
    refused(b"", "no snapshot")
    refused(b"PK" + good, "no snapshot")
    nested = b"CAMS" + (60000).to_bytes(2, "little") + b"[" * 60000
    refused(seal(nested, b""), "header cannot be read")
    spaced = match._header[6:].replace(b",", b", ")
    spaced = b"CAMS" + len(spaced).to_bytes(2, "little") + spaced
    refused(seal(spaced, body), "not written as this match")
    for cut in range(4, len(good), 97):
        refused(good[:cut], "damaged")
    rng = np.random.default_rng(0)
    for place in rng.integers(len(good), size=200).tolist():
        broken = bytearray(good)
        broken[place] ^= 1 << int(rng.integers(8))
        refused(bytes(broken), "no snapshot" if place < 4 else "is damaged: its checksum")
    with pytest.raises(TypeError, match="bytes"):
        match.restore("CAMS")
    match.restore(bytearray(good))


@pytest.mark.parametrize(
    ("theirs", "ours", "words"),
    [
        (
            {"observation": "pixels", "pixels": (84, 84)},  # as many numbers
            {"observation": "pixels", "pixels": (147, 48)},
            r"observation_shape is \[84, 84, 3\], here it is \[48, 147, 3\]",
        ),
        ({}, {"information": "public"}, "information is 'full', here it is 'public'"),
    ],
    ids=["pixels", "information"],
)
def test_past_frames_that_would_not_be_seen_here_are_refused(theirs, ours, words):
    first, second = Match(0, frame_stack=2, **theirs), Match(1, frame_stack=2, **ours)
    before = second.snapshot()
    with pytest.raises(SnapshotError, match=words):
        second.restore(first.snapshot())
    assert second.snapshot() == before
    one, other = Match(0, **theirs), Match(1, **ours)  # without past frames they fit
    other.restore(one.snapshot())
    assert other.hash() == one.hash()


@pytest.mark.parametrize(
    "duplicate",
    [
        lambda match: match.clone(),
        copy.copy,
        copy.deepcopy,
        lambda match: pickle.loads(pickle.dumps(match)),  # noqa: S301
    ],
    ids=["clone", "copy", "deepcopy", "pickle"],
)
def test_copies_are_exact_and_independent(duplicate):
    match = Match(seed=2, frame_stack=2, max_cycles=150, reward={"hp": 2.0}, characters="core8")
    match.set_bot(1, "walker:5")
    match.reset(4)
    random_steps(match, 0, 40)
    other = duplicate(match)
    before = match.hash()
    assert other.hash() == before
    log = random_steps(other, 1, 200)
    assert match.hash() == before
    assert other.is_truncated or other.is_terminated
    for actions in log:
        match.step(actions)
    assert match.hash() == other.hash()
    assert np.array_equal(match.observations(), other.observations())
    assert np.array_equal(match.rewards, other.rewards)
    for each in (match, other):  # the bot is still in its seat
        each.reset(5)
        for _ in range(60):
            each.step([0, 0])
    assert match.hash() == other.hash()
    assert match.characters[0].name in ROSTER.split("core8")


def test_bots_take_a_seat_from_the_next_reset_on():
    match, alone = Match(seed=1), Match(seed=1)
    for each in (match, alone):
        each.reset(1)
    match.set_bot("fighter_1", "masher:5")
    match.reset(1)
    for _ in range(30):
        match.step([0, 0])
        alone.step([0, 0])
    assert match.hash() != alone.hash()
    match.set_bot(1, None)
    match.reset(1)
    for _ in range(30):
        match.step([0, 0])
    assert match.hash() == alone.hash()
    with pytest.raises(ValueError, match="bot"):
        match.set_bot(1, "nobody")


def test_state_mirror_is_what_the_other_seat_sees():
    match = Match(seed=11)
    random_steps(match, 4, 200)
    other = Match(seed=0)
    other._batch.set_state(0, match._batch.mirrored(0))
    other._look(begins=True)
    assert np.array_equal(other.observations(), match.observations()[::-1])
    assert np.array_equal(other.action_masks(), match.action_masks()[::-1])


@pytest.mark.parametrize("seed", range(6))
def test_seats_are_alike(seed):
    """Swapped characters and swapped actions give swapped observations, masks and rewards."""
    characters = (seed, seed + 4)
    match = Match(seed, characters=characters)
    other = Match(seed, characters=characters[::-1])
    rng = np.random.default_rng(seed)
    hits = 0
    while not match.is_over:
        actions = [int(rng.choice(np.flatnonzero(mask))) for mask in match.action_masks()]
        rewards, swapped = match.step(actions), other.step(actions[::-1])
        assert np.array_equal(rewards, swapped[::-1])
        assert np.array_equal(match.observations(), other.observations()[::-1])
        assert np.array_equal(match.action_masks(), other.action_masks()[::-1])
        assert np.array_equal(match.reward_terms, other.reward_terms[::-1])
        hits += (match.reward_terms[:, 0] < 0).any()
    assert hits
    assert other.is_over
    if match.winner in (0, 1):
        assert other.winner == 1 - match.winner


def test_forward_is_away_from_the_own_start_for_both():
    match = Match(characters=0)
    start = match.state["fighters"]["x"].copy()
    for _ in range(5):
        match.step([12 * Direction.E, 12 * Direction.E])
    moved = match.state["fighters"]["x"] - start
    assert moved[0] > 0
    assert moved[1] == -moved[0]


def test_reset_fills_the_companion_slots_it_is_told_to():
    match = Match(characters=0, loadout="trio")
    own = match.state["fighters"]["companions"][0].tolist()
    names = [companion.name for companion in ROSTER.companions]
    match.reset(1, {"companions": (names[3], [names[2], 1])})
    assert match.state["fighters"]["companions"].tolist() == [[3, -1, -1], [2, 1, -1]]
    match.reset(1, {"companions": (None, [])})
    assert match.state["fighters"]["companions"].tolist() == [own, [-1, -1, -1]]
    match.reset(1)
    assert match.state["fighters"]["companions"].tolist() == [own, own]


def test_a_reward_of_nothing_has_no_sign():
    vec = cam_arena.make_vec(2)
    vec.reset(seed=0)
    for rewards in (Match(0).step([0, 0]), vec.step(np.zeros(4, int))[1]):
        assert not rewards.any() and not np.signbit(rewards).any()
