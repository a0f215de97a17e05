"""Teams in the engine: n against m, what their fighters see and earn, and whom their bots fight."""

import zlib

import numpy as np
import pytest
from small_roster import build, character
from test_rules_squads import mirrored_play, random_actions

from cam_arena import _core
from cam_arena.game.observations import observation_layout
from cam_arena.game.rules import Rules
from cam_arena.game.synctest import synctest
from cam_arena.roster import load_roster

ROSTER = load_roster()
SIZES = [(1, 1), (2, 2), (3, 3), (5, 5), (1, 3), (3, 5)]
SQUAD, ENTITIES = _core.OBSERVATIONS["squad"], _core.OBSERVATIONS["entities"]
LATENCY = (4, 2, 1, 1, 0.1, False)
WIN_ONLY = (0, 10, 0, 0, 0)


def records(batch, match=0):
    """Return a match's state as a record that can be written."""
    return np.frombuffer(batch.state(match), _core.state_dtype(batch.num_fighters)).copy()


def edit(batch, fighter, match=0, **values):
    state = records(batch, match)
    for name, value in values.items():
        state[0]["fighters"][fighter][name] = value
    batch.set_state(match, state.tobytes())


def seen(batch):
    out = np.zeros((batch.num_matches, batch.num_fighters, batch.observation_size), np.float32)
    batch.observe(out)
    return out


def play(batch, steps, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        batch.advance(random_actions(batch, rng))


def earned(batch):
    rewards = np.zeros((batch.num_matches, batch.num_fighters), np.float32)
    terms = np.zeros((*rewards.shape, 5), np.float32)
    batch.rewards(rewards, terms)
    return rewards, terms


def test_side_0_has_the_first_seats_and_starts_on_the_left():
    batch = _core.Batch(ROSTER.data, 1, sizes=(2, 3))
    fighters = records(batch)[0]["fighters"]
    assert batch.num_fighters == 5
    assert batch.sizes == (2, 3)
    assert fighters["side"].tolist() == [0, 0, 1, 1, 1]
    assert (fighters["x"] < 0).tolist() == [True, True, False, False, False]
    assert (fighters["facing"] == 1).tolist() == [True, True, False, False, False]
    assert len(set(fighters["y"][:2].tolist())) == 2
    assert len(set(fighters["y"][2:].tolist())) == 3


@pytest.mark.parametrize("sizes", [(0, 1), (1, 6), (2,), (1, 1, 1)])
def test_other_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match=r"sizes"):
        _core.Batch(ROSTER.data, 1, sizes=sizes)


def test_a_state_of_other_teams_is_refused():
    one, two = _core.Batch(ROSTER.data, 1, sizes=(1, 3)), _core.Batch(ROSTER.data, 1, sizes=(2, 2))
    with pytest.raises(ValueError, match="teams of other sizes than this batch's"):
        two.set_state(0, one.state(0))
    with pytest.raises(ValueError, match="teams of other sizes than this batch's"):
        two.restore(0, one.snapshot(0))
    state = records(two)
    state[0]["fighters"]["side"] = [0, 0, 1, 0]
    with pytest.raises(ValueError, match="side"):
        two.set_state(0, state.tobytes())


def test_mirrored_teams_draw_the_same_characters():
    batch = _core.Batch(ROSTER.data, 20, sizes=(2, 3), mirrored=True)
    drawn = np.array([records(batch, k)[0]["fighters"]["character"] for k in range(20)])
    assert (drawn[:, :2] == drawn[:, 2:4]).all()
    assert (drawn[:, 0] != drawn[:, 1]).any()
    assert (drawn[:, 4] != drawn[:, 0]).any()


# ---- what is seen ----


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("observation", [SQUAD, ENTITIES])
def test_all_at_once_see_what_each_sees_alone(sizes, observation):
    batch = _core.Batch(ROSTER.data, 4, sizes=sizes, observation=observation)
    for round_ in range(6):
        play(batch, 20, round_)
        together = seen(batch)
        assert np.abs(together).max() <= 1
        for seat in range(sum(sizes)):
            alone = np.zeros((4, batch.observation_size), np.float32)
            batch.observe_seat(seat, observation, alone)
            assert np.array_equal(alone, together[:, seat])


@pytest.mark.parametrize("sizes", [(2, 2), (5, 5), (1, 3)])
@pytest.mark.parametrize("observation", [SQUAD, ENTITIES])
def test_the_mirror_image_is_seen_alike(sizes, observation):
    assert mirrored_play(ROSTER.data, sizes, 6, 120, gather=True, observation=observation) is None


def test_a_row_of_the_squad_is_a_fighter():
    layout = observation_layout("squad")
    batch = _core.Batch(ROSTER.data, 1, sizes=(3, 2), observation=SQUAD)
    play(batch, 40)
    edit(batch, 1, hp=1000, x=-500, y=300)
    state = records(batch)[0]["fighters"]
    view = seen(batch)[0]
    rows = [f"ally{k}" for k in range(1, 5)] + [f"opponent{k}" for k in range(1, 6)]
    present = {row: view[2][layout[f"{row}_present"].start] for row in rows}
    assert {row for row, value in present.items() if value} == {
        "ally1", "ally2", "opponent1", "opponent2"
    }  # fmt: skip
    assert not view[2][layout["ally3_present"].start : layout["opponent1_present"].start].any()
    # Fighter 1 is the second ally of fighter 2 and the first of fighter 0.
    for viewer, row in ((2, "ally2"), (0, "ally1")):
        assert view[viewer][layout[f"{row}_hp_absolute"].start] == np.float32(1000 / 12500)
        gap = np.float32(-500 - state["x"][viewer]) / np.float32(12288)
        assert view[viewer][layout[f"{row}_relative_x"].start] == gap
    # To fighter 3, of the other side, the stage is mirrored.
    gap = -np.float32(-500 - state["x"][3]) / np.float32(12288)
    assert view[3][layout["opponent2_relative_x"].start] == gap
    own = slice(layout["self_x"].start, layout["self_descriptor"].stop)
    ally = slice(layout["ally2_x"].start, layout["ally2_descriptor"].stop)
    assert np.array_equal(view[1][own], view[2][ally])
    targets = [view[0][layout[f"opponent{k}_is_target"].start] for k in range(1, 6)]
    assert sum(targets) == 1


def test_a_layout_is_a_mapping_of_names_to_blocks():
    layout = observation_layout("squad")
    assert "self_hp" in layout and "self_mana" not in layout
    assert next(iter(layout)) == layout.blocks[0].name and len(layout) == len(layout.blocks)
    assert list(layout.values()) == list(layout.blocks)
    assert sum(layout[name].size for name in layout) == layout.size
    assert layout.get("self_mana") is None
    assert layout == observation_layout("squad") != observation_layout("tiny")
    assert hash(layout) == hash(observation_layout("squad"))


def test_a_smaller_team_is_seen_with_the_same_numbers():
    sizes = {
        _core.Batch(ROSTER.data, 1, sizes=s, observation=SQUAD).observation_size for s in SIZES
    }
    assert sizes == {observation_layout("squad").size}


def test_entities_tells_of_the_others():
    layout = observation_layout("entities")
    batch = _core.Batch(ROSTER.data, 1, sizes=(3, 3), observation=ENTITIES)
    others = seen(batch)[0, :, layout["other_fighters"].slice].reshape(6, 8, 12)
    assert others[:, :, 1].tolist() == [[1, 1, 0, 0, -1, -1, 0, 0]] * 6
    duel = _core.Batch(ROSTER.data, 1, observation=ENTITIES)
    assert not seen(duel)[0, :, layout["other_fighters"].slice].any()


def test_allies_show_what_opponents_hide():
    layout = observation_layout("squad")
    plain, public = (
        _core.Batch(ROSTER.data, 1, sizes=(2, 2), observation=SQUAD, public=public)
        for public in (False, True)
    )
    for batch in (plain, public):
        play(batch, 100)
        edit(batch, 0, spark=4000)
        edit(batch, 1, spark=8000)
    hidden = seen(public)[0]
    spark = {row: layout[f"{row}_spark"].start for row in ("self", "ally1", "opponent1")}
    assert hidden[0, spark["ally1"]] == hidden[1, spark["self"]] == 0.5
    assert hidden[0, spark["self"]] == hidden[1, spark["ally1"]] == 0.25
    assert hidden[2, spark["opponent1"]] == 0 != seen(plain)[0, 2, spark["opponent1"]]
    differ = np.flatnonzero((seen(plain)[0] != hidden).any(axis=0))
    names = {
        b.name for b in layout.blocks if np.intersect1d(differ, np.arange(b.start, b.stop)).size
    }
    assert names
    assert all(name.startswith("opponent") for name in names)


# ---- what is earned ----


@pytest.mark.parametrize("sizes", SIZES)
def test_a_win_is_worth_the_same_in_a_team_of_any_size(sizes):
    batch = _core.Batch(ROSTER.data, 1, sizes=sizes, reward_weights=WIN_ONLY)
    for fighter in range(sizes[0], sum(sizes)):
        edit(batch, fighter, hp=1 if sum(sizes) == 2 else 0)
    if sum(sizes) == 2:
        batch = _core.Batch(ROSTER.data, 1, sizes=sizes, reward_weights=WIN_ONLY, max_ticks=3)
        edit(batch, 1, hp=1)
    batch.advance(np.zeros((1, sum(sizes)), np.int32))
    assert records(batch)[0]["winner"] == 0
    rewards, terms = earned(batch)
    assert rewards[0].tolist() == [10.0] * sizes[0] + [-10.0] * sizes[1]
    assert terms[0, :, 1].tolist() == [1.0] * sizes[0] + [0.0] * sizes[1]


def test_a_side_shares_the_mean_of_its_fighters_terms():
    batch = _core.Batch(ROSTER.data, 8, sizes=(2, 4))
    weights = np.array([10, 10, 5, 5, 0], np.float32)
    rng = np.random.default_rng(0)
    for _ in range(120):
        batch.advance(random_actions(batch, rng))
        rewards, terms = earned(batch)
        worth = terms @ weights
        mean = worth[:, :2].mean(axis=1) - worth[:, 2:].mean(axis=1)
        assert np.allclose(rewards[:, 0], mean, atol=1e-5)
        assert (rewards[:, :2] == rewards[:, :1]).all()
        assert (rewards[:, 2:] == -rewards[:, :1]).all()


def test_when_time_is_up_means_are_compared_not_numbers():
    data = build([character()], rules=Rules(jitter_x=0, jitter_y=0))
    batch = _core.Batch(data, 1, sizes=(1, 3), frame_skip=1, max_ticks=1)
    full = int(records(batch)[0]["fighters"]["hp"][0])
    edit(batch, 0, hp=full // 2)
    for fighter in (1, 2, 3):
        edit(batch, fighter, hp=full // 3)
    batch.advance(np.zeros((1, 4), np.int32))
    assert records(batch)[0]["winner"] == 0  # a half against thirds, although three thirds are more


# ---- whom bots fight ----


def bot_team(sizes, bot="punisher", level=5, **options):
    batch = _core.Batch(ROSTER.data, 1, sizes=sizes, **options)
    for seat in range(sum(sizes)):
        batch.set_bot(0, seat, _core.BOTS[bot], level)
    return batch


def test_bots_do_not_crowd_one_opponent():
    """Three begin in a heap nearer to one opponent; each of the three opponents is soon fought."""
    batch = _core.Batch(ROSTER.data, 16, sizes=(3, 3))
    for match in range(16):
        for seat in range(3):
            batch.set_bot(match, seat, _core.BOTS["masher"], 5)
        batch.reset(match, match)
        for seat, y in enumerate((0, 100, -100)):
            edit(batch, seat, match, x=-2500, y=y)
        for seat, y in zip((3, 4, 5), (0, 1500, -1500), strict=True):
            edit(batch, seat, match, x=2000, y=y)
    shares = []
    for _ in range(30):
        batch.advance(np.zeros((16, 6), np.int32))
        for match in range(16):
            f = records(batch, match)[0]["fighters"]
            gaps = np.abs(f["x"][:3, None] - f["x"][3:]) + np.abs(f["y"][:3, None] - f["y"][3:])
            shares.append(len(set(gaps.argmin(axis=1).tolist())))
    assert np.mean(shares[-160:]) > 2


@pytest.mark.parametrize("bot", ["masher", "zoner", "punisher", "planner"])
@pytest.mark.parametrize("sizes", [(2, 2), (1, 3), (5, 5)])
def test_bots_fight_to_an_end(bot, sizes):
    batch = bot_team(sizes, bot, max_ticks=1800)
    batch.reset(0, 3)
    for _ in range(600):
        batch.advance(np.zeros((1, sum(sizes)), np.int32))
        assert not batch.check(0)
    state = records(batch)[0]
    assert state["is_over"]
    lost = [
        ROSTER.arrays["characters"]["max_hp"][f["character"]] - f["hp"] for f in state["fighters"]
    ]
    assert min(lost[: sizes[0]]) >= 0
    assert sum(lost) > 5000


@pytest.mark.parametrize(("bot", "level"), [("mcts", 2), ("planner", 6)])
def test_who_looks_ahead_plays_a_team_too(bot, level):
    batch = bot_team((2, 2), bot, level)
    batch.reset(0, 0)
    for _ in range(20):
        batch.advance(np.zeros((1, 4), np.int32))
    assert not batch.check(0)


# ---- that it repeats ----


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("public", [False, True])
def test_restored_teams_go_on_alike(sizes, public):
    fighters = sum(sizes)
    options = {"sizes": sizes, "public": public, "latency": [LATENCY] * fighters}
    one, two = (_core.Batch(ROSTER.data, 2, observation=SQUAD, **options) for _ in range(2))
    for match in range(2):
        one.set_bot(match, fighters - 1, _core.BOTS["punisher"], 4)
        one.reset(match, 50 + match)
    play(one, 60)
    for match in range(2):
        two.restore(match, one.snapshot(match))
    play(one, 60, 1)
    play(two, 60, 1)
    assert one.hashes().tolist() == two.hashes().tolist()
    assert np.array_equal(seen(one), seen(two))


# A change of one is a change of the rules or of the roster, as with the signature of duels.
def test_the_signature_of_teams_does_not_depend_on_what_ran_before():
    found = {}
    for sizes in SIZES:
        found[sizes] = _core.signature(ROSTER.data, 16, 200, sizes)
        assert _core.signature(ROSTER.data, 16, 200, sizes) == found[sizes]
    assert len(set(found.values())) == len(SIZES)
    assert found[1, 1] == _core.signature(ROSTER.data, 16, 200)


@pytest.mark.parametrize("sizes", [(1, 1), (2, 2), (1, 3), (5, 5)])
def test_late_and_public_views_of_a_team_repeat(sizes):
    def played():
        batch = _core.Batch(
            ROSTER.data, 3, sizes=sizes, observation=SQUAD, public=True,
            latency=[LATENCY] * sum(sizes),
        )  # fmt: skip
        checksum = 0
        rng = np.random.default_rng(4)
        for _ in range(60):
            batch.advance(random_actions(batch, rng))
            checksum = zlib.crc32(seen(batch).tobytes() + batch.hashes().tobytes(), checksum)
        return checksum

    assert played() == played()


@pytest.mark.parametrize("sizes", [(2, 2), (1, 3), (5, 5)])
def test_teams_roll_back_to_the_last_byte(sizes):
    report = synctest(ROSTER, ticks=1500, window=7, sizes=sizes)
    assert report.desync == ""
    assert report.comparisons >= 1500 - 7 * report.matches
    assert report.events["hits"] > 50
