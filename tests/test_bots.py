"""Scripted opponents: seeded, legal, stronger with level, each with the habit it is named for."""

import numpy as np
import pytest
from small_roster import Duel

import cam_arena
from benchmarks.bots import compare, play, wilson
from cam_arena import _core, bots
from cam_arena.balance.playing import play_games
from cam_arena.balance.usage import PARTS, measure_usage
from cam_arena.roster.codes import Direction

ILLEGAL, SLIPS, SUMMONS, ULTIMATES, SCROLLS = 10, 2, 3, 4, 11  # columns of counts
SLOW = ("mcts",)  # searches: fewer matches in the fast tests
NOTHING = np.zeros((1, 2), np.int32)


def few(name, many):
    return many // 8 if name in SLOW else many


def seat(batch, left, right, match=0):
    for number, (name, level) in enumerate((left, right)):
        batch.set_bot(match, number, _core.BOTS[name], level)


def state_of(batch, match=0):
    return np.frombuffer(batch.state(match), _core.DTYPES["state"])[0]


def test_a_level_5_punisher_beats_random_in_95_percent_of_1000_games():
    assert compare(("punisher", 5), ("random", 1), 1000).rate >= 0.95


def test_random_beats_idle():
    assert compare(("random", 1), ("idle", 1), 200).rate >= 0.9


@pytest.mark.parametrize("name", [name for name in bots.LEVELLED if name not in SLOW])
def test_strength_rises_from_level_1_to_level_5(name):
    assert compare((name, 5), (name, 1), 300).interval[0] >= 0.7


def test_a_search_of_level_5_beats_one_of_level_1():
    assert compare(("mcts", 5), ("mcts", 1), 24).rate >= 0.7


@pytest.mark.slow
@pytest.mark.parametrize("level", range(2, 6))
@pytest.mark.parametrize("name", bots.LEVELLED)
def test_every_level_wins_55_percent_against_the_one_below(name, level):
    games = compare((name, level), (name, level - 1), 400 if name in SLOW else 2000)
    assert games.rate >= 0.55, f"{games.rate:.3f}, 95 % {games.interval}"


# ---- mirrors, passive opponents, kits ----


def duels(left, right, characters, seeds):
    games = np.zeros(len(seeds), _core.DTYPES["game"])
    games["seed"], games["characters"] = seeds, characters
    games["scrolls"] = games["companions"] = -1
    for side, (name, level) in enumerate((left, right)):
        games["kinds"][:, side], games["levels"][:, side] = _core.BOTS[name], level
    return play_games(cam_arena.load_roster().data, games, frame_skip=3, max_ticks=1800, threads=1)


@pytest.mark.parametrize("name", ["walker", "zoner", "punisher", "baiter", "planner"])
def test_a_mirror_of_level_5_is_decided(name):
    characters = np.arange(300)[:, None] % len(cam_arena.load_roster().names)
    mirrors = duels((name, 5), (name, 5), characters, np.arange(300) + 5000)
    assert (mirrors["winner"] == 2).mean() < 0.1
    if name not in ("walker", "zoner"):  # who keep away
        assert (mirrors["hp"].min(axis=1) <= 0).mean() > 0.65


def test_a_punisher_finishes_who_does_nothing():
    characters = np.random.default_rng(3).integers(304, size=(300, 2))
    games = duels(("punisher", 5), ("idle", 1), characters, np.arange(300))
    assert (games["hp"][:, 1] > 0).mean() < 0.06  # a tenth before it pressed on


def test_reversals_and_blinks_are_pressed_by_who_knows_them():
    roster = cam_arena.load_roster()
    found = measure_usage(
        roster.data, roster.arrays["characters"], games=8, pilots=("punisher",), threads=1
    )
    for part, archetype in (("ultimate", "reversal"), ("scroll", "blink")):
        having = [c.index for c in roster if c.moves[part].archetype == archetype]
        assert found.uses[0, having, PARTS.index(part)].mean() > 0.4
    assert found.uses.shape == (1, len(roster), len(PARTS))


@pytest.mark.slow
def test_no_part_of_a_kit_lies_unused():
    roster = cam_arena.load_roster()
    characters = roster.arrays["characters"]
    found = measure_usage(roster.data, characters, games=40)
    dear = characters["slip_cost"] >= 8000  # two slips are an ultimate: who slips has none left
    assert [
        (roster.names[lack.character], lack.part)
        for lack in found.shortfalls()
        if not (lack.part == "ultimate" and dear[lack.character])
    ] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["walker", "zoner", "punisher", "baiter", "planner", "mcts"])
def test_bots_use_their_kits(name):
    games = compare((name, 3), (name, 3), 200)
    assert 1.5 <= games.slips <= 3.5
    assert 0.8 <= games.ultimates <= 3
    assert games.summons >= 0.9
    assert games.scrolls >= 1
    assert games.timeouts <= 0.6


def test_wilson_interval_against_a_worked_example():
    low, high = wilson(0.55, 1000)  # by hand: centre 0.549809, half-width 0.030779
    assert (round(low, 4), round(high, 4)) == (0.519, 0.5806)


@pytest.mark.parametrize("name", _core.BOTS)
def test_bots_play_only_legal_actions(name):
    states = play((name, 3), (name, 3), range(few(name, 64)))
    assert states["is_over"].all()
    assert states["fighters"]["counts"][..., ILLEGAL].sum() == 0


@pytest.mark.parametrize("name", _core.BOTS)
def test_the_same_seed_gives_the_same_match(name):
    one, two = (play((name, 3), ("masher", 2), range(few(name, 8))) for _ in range(2))
    assert np.array_equal(one, two)


@pytest.mark.parametrize("name", ["random", *bots.LEVELLED, "openloop"])
def test_another_seed_gives_another_match(name):
    count = few(name, 8)
    one, two = (play((name, 3), (name, 2), range(first, first + count)) for first in (0, 100))
    assert not np.array_equal(one, two)


@pytest.mark.parametrize(
    ("name", "levels"),
    [*((name, (3, 4)) for name in _core.BOTS), ("planner", (7, 6)), ("mcts", (7, 6))],
)
def test_bots_with_exchanged_seats_and_seeds_play_the_mirrored_match(name, levels):
    batch = _core.Batch(cam_arena.load_roster().data, 2)
    for match in range(2):
        seat(batch, *((name, level) for level in levels), match)
        batch.reset(match, 5)
    snapshot, size = batch.snapshot(0), batch.state_size
    kinds = snapshot[-4:]
    bot_size = (len(snapshot) - size - 4 - 4) // 2
    left, right = snapshot[size : size + bot_size], snapshot[size + bot_size : size + 2 * bot_size]
    swapped_kinds = bytes([kinds[1], kinds[0], kinds[3], kinds[2]])
    batch.restore(1, batch.mirrored(0) + right + left + snapshot[-8:-4] + swapped_kinds)
    for _ in range(200 if max(levels) < 6 else 120):
        batch.advance(np.zeros((2, 2), np.int32))
        assert batch.mirrored(0) == batch.state(1)


def test_a_restored_bot_goes_on_as_it_would_have():
    batch = _core.Batch(cam_arena.load_roster().data, 1)
    seat(batch, ("planner", 4), ("mcts", 2))
    batch.reset(0, 9)
    for _ in range(60):
        batch.advance(NOTHING)
    snapshot, ends = batch.snapshot(0), []
    for _ in range(2):
        batch.restore(0, snapshot)
        for _ in range(60):
            batch.advance(NOTHING)
        ends.append(batch.state(0))
    assert ends[0] == ends[1]


def test_a_bot_takes_its_seat_at_the_next_reset():
    batch = _core.Batch(cam_arena.load_roster().data, 1)
    batch.reset(0, 3)
    batch.set_bot(0, 0, _core.BOTS["masher"], 5)
    for _ in range(50):
        batch.advance(NOTHING)
    assert state_of(batch)["fighters"]["last_button"][0] == 0
    batch.reset(0, 3)
    for _ in range(50):
        batch.advance(NOTHING)
    assert state_of(batch)["fighters"]["last_button"][0] != 0


@pytest.mark.parametrize(("level", "ticks"), [(1, 15), (2, 12), (3, 9), (4, 6), (5, 3)])
def test_a_bot_reacts_exactly_as_late_as_its_level_says(level, ticks):
    batch = _core.Batch(cam_arena.load_roster().data, 2, frame_skip=1)
    for match in range(2):
        seat(batch, ("masher", level), ("idle", 1), match)
        batch.reset(match, 1)
    for _ in range(30):
        batch.advance(np.zeros((2, 2), np.int32))
    moved = state_of(batch, 1).copy()
    moved["fighters"]["x"][1] = -6000  # behind the bot: it turns round once it knows
    batch.set_state(1, moved.tobytes())
    before = 0
    while len({int(state_of(batch, m)["fighters"]["direction"][0]) for m in range(2)}) == 1:
        batch.advance(np.zeros((2, 2), np.int32))
        before += 1
    # in the first of these ticks the opponent appears there, after the last it is seen there
    assert before - 2 == ticks


def test_a_bot_of_level_5_never_misses_the_moment():
    held = {}
    for level in (4, 5):
        duel = Duel(gap=11000)
        duel.batch.set_bot(0, 0, _core.BOTS["masher"], level)
        duel.batch.reset(0, 0, [0, 1])
        duel.place(11000).tick(times=5)
        held[level] = set()
        for _ in range(100):
            duel.edit(0, x=-5500).tick()
            held[level].add(int(duel[0]["direction"]))
    assert held[5] == {Direction.E}
    assert len(held[4]) > 2


# ---- a habit each ----


def habits(name, button, opponent_slips, matches=60):
    """Presses of a button a step while the opponent's slip is ready, or while it is not."""
    batch = _core.Batch(cam_arena.load_roster().data, matches)
    for match in range(matches):
        seat(batch, (name, 5), ("masher", 4), match)
        batch.reset(match, match)
    presses, chances, before = 0, 0, np.zeros(matches, bool)
    for _ in range(400):
        joined = b"".join(batch.state(match) for match in range(matches))
        states = np.frombuffer(joined, _core.DTYPES["state"])
        own, other = states["fighters"][:, 0], states["fighters"][:, 1]
        ready = (other["cooldown_until"][:, 5] <= states["clock"]) & (other["spark"] >= 4000)
        counts = ready if opponent_slips else ~ready
        pressing = (own["move"] >= 0) & (own["last_button"] == button)
        presses += int((pressing & ~before & counts).sum())
        chances += int(counts.sum())
        before = pressing
        batch.advance(np.zeros((matches, 2), np.int32))
    return presses / chances


@pytest.fixture(scope="module")
def careless():
    return habits("punisher", 4, False) / habits("punisher", 4, True)


@pytest.mark.parametrize("name", ["baiter", "planner"])
def test_ultimates_are_kept_until_the_slip_is_gone(name, careless):
    patience = habits(name, 4, False) / max(habits(name, 4, True), 1e-9)
    assert patience > 2
    assert patience > 1.5 * careless


def test_a_zoner_keeps_further_away_than_a_masher():
    def mean_gap(name):
        batch = _core.Batch(cam_arena.load_roster().data, 40)
        gaps = []
        for match in range(40):
            seat(batch, (name, 4), ("idle", 1), match)
            batch.reset(match, match)
        for _ in range(60):
            batch.advance(np.zeros((40, 2), np.int32))
            x = np.array([state_of(batch, match)["fighters"]["x"] for match in range(40)])
            gaps.append(abs(x[:, 0] - x[:, 1]).mean())
        return np.mean(gaps)

    assert mean_gap("zoner") > 1.2 * mean_gap("masher")


# ---- open loop ----

EAST, WEST, ATTACK = 1, 5, 1


def scripted(entries, steps, resets=1, opponent=("idle", 1)):
    batch = _core.Batch(cam_arena.load_roster().data, 1, frame_skip=1)
    seat(batch, ("openloop", 1), opponent)
    batch.set_script(0, 0, entries)
    for _ in range(resets):
        batch.reset(0, 4)
    trail = []
    for _ in range(steps):
        batch.advance(NOTHING)
        trail.append(state_of(batch)["fighters"][0])
    return np.array(trail)


def test_a_given_script_is_played_by_the_clock_and_from_the_start_again():
    trail = scripted([(WEST, 0, 20), (0, 0, 10)], 90)
    walking = trail["direction"] == WEST
    assert np.array_equal(walking, np.arange(90) % 30 < 20)


def test_a_given_script_survives_resets_and_other_seeds_draw_other_scripts():
    entries = [(EAST, 0, 7), (WEST, ATTACK, 5)]
    assert np.array_equal(scripted(entries, 60), scripted(entries, 60, resets=3))
    assert not np.array_equal(scripted(entries, 60), scripted(None, 60))


def test_an_illegal_press_of_a_script_is_left_out():
    trail = scripted([(0, 4, 30), (0, 7, 200)], 300)  # the ultimate without sparks, one companion
    assert trail["counts"][-1][ILLEGAL] == 0
    assert trail["counts"][-1][SUMMONS] == 1


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([(0, 0)], "must be integers"),
        (np.zeros((65, 3), int), "must be integers"),
        ([(0.5, 0, 1)], "must be integers"),
        ([(9, 0, 1)], "directions"),
        ([(0, 12, 1)], "buttons"),
        ([(0, 0, 0)], "ticks"),
    ],
)
def test_a_bad_script_is_refused_by_name(entries, message):
    with pytest.raises(ValueError, match=message):
        scripted(entries, 1)


def test_the_levels_do_not_change_an_open_loop_bot():
    one, five = (play(("openloop", level), ("idle", 1), range(4)) for level in (1, 5))
    assert np.array_equal(one, five)
