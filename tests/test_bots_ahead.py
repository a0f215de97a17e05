"""Bots that look ahead: levels beyond those of others, and whom they must not lose to."""

import numpy as np
import pytest

import cam_arena
from benchmarks.bots import compare
from cam_arena import _core, bots
from cam_arena.roster.codes import Direction

AHEAD = ("planner", "mcts")
MODELS = ("masher", "punisher", "zoner", "runner")  # in the order of a bot's beliefs
NOTHING = np.zeros((1, 2), np.int32)


def make_batch(left, right=None, matches=1, seed=0):
    """Matches of one bot against another, or against what the test sends for seat 1."""
    batch = _core.Batch(cam_arena.load_roster().data, matches)
    for match in range(matches):
        for seat, bot in enumerate((left, right)):
            if bot:
                batch.set_bot(match, seat, *bots.parse(bot))
        batch.reset(match, seed + match)
    return batch


def fighters(batch, match=0):
    return np.frombuffer(batch.state(match), _core.DTYPES["state"])[0]["fighters"]


def run_away(batch, matches):
    """Actions of seat 1 that walk from the opponent, and along the wall once it stands there."""
    actions = np.zeros((matches, 2), np.int32)
    for match in range(matches):
        own, other = fighters(batch, match)[[1, 0]]
        way = 1 if own["x"] >= other["x"] else -1
        if abs(own["x"]) > 8500:
            direction = Direction.S if own["y"] < 0 else Direction.N
        else:  # seat 1 sees the stage mirrored
            direction = Direction.W if way > 0 else Direction.E
        actions[match, 1] = direction * _core.NUM_BUTTONS
    return actions


def beliefs(batch):
    """The weights of the models in the memory of the bot in seat 0."""
    size = (len(batch.snapshot(0)) - batch.state_size - 8) // 2
    memory = batch.snapshot(0)[batch.state_size : batch.state_size + size]
    return dict(zip(MODELS, np.frombuffer(memory[-2 * len(MODELS) :], np.uint16), strict=True))


def test_those_who_look_ahead_have_levels_beyond_5_and_no_other():
    assert {name: bots.levels(name)[-1] for name in bots.names()} == {
        name: 8 if name in AHEAD else 5 for name in bots.names()
    }
    assert bots.parse("planner:8") == (_core.BOTS["planner"], 8)
    with pytest.raises(ValueError, match=r"1\.\.5"):
        bots.parse("punisher:6")
    with pytest.raises(ValueError, match=r"level"):
        make_batch("planner:5").set_bot(0, 0, _core.BOTS["punisher"], 6)


def test_it_is_told_who_looks_ahead():
    assert [bot for bot in bots.YARDSTICK if not bots.looks_ahead(bot)] == [
        "punisher:5", "planner:5",
    ]  # fmt: skip
    assert bots.looks_ahead("mcts:1")


def test_a_plan_beats_the_planner_that_only_reacts():
    assert compare(("planner", 6), ("planner", 5), 20).rate >= 0.7


@pytest.mark.parametrize("level", [3, 5])
def test_a_search_beats_a_masher(level):
    assert compare(("mcts", 5), ("masher", level), 16).interval[0] >= 0.5


@pytest.mark.parametrize("bot", ["mcts:5", "planner:6"])
def test_a_runner_is_caught(bot):
    matches = 6
    batch = make_batch(bot, matches=matches)
    full = np.array([fighters(batch, match)["hp"] for match in range(matches)])
    for _ in range(250):
        batch.advance(run_away(batch, matches))
    left = np.array([fighters(batch, match)["hp"] for match in range(matches)]) / full
    assert left[:, 0].min() > 0.9  # who only runs does no harm; a skill may cost HP
    assert left[:, 1].max() < 1
    assert left[:, 1].mean() < 0.7


def test_a_planner_learns_whom_it_faces():
    batch = make_batch("planner:6")
    for _ in range(60):
        batch.advance(run_away(batch, 1))
    known = beliefs(batch)
    assert max(known, key=known.get) == "runner"
    assert known["runner"] > 512  # half of all
    fought = make_batch("planner:6", "masher:5")
    for _ in range(60):
        fought.advance(NOTHING)
    assert beliefs(fought)["runner"] < 128


def test_a_restored_match_goes_on_as_it_would_have():
    batch = make_batch("planner:7", "mcts:7", seed=9)
    for _ in range(60):
        batch.advance(NOTHING)
    snapshot, ends = batch.snapshot(0), []
    for _ in range(2):
        batch.restore(0, snapshot)
        for _ in range(60):
            batch.advance(NOTHING)
        ends.append(batch.snapshot(0))
    assert ends[0] == ends[1]


@pytest.mark.slow
@pytest.mark.parametrize("level", [6, 7, 8])
@pytest.mark.parametrize("name", AHEAD)
def test_every_level_beyond_5_wins_55_percent_against_the_one_below(name, level):
    games = compare((name, level), (name, level - 1), 400)
    assert games.rate >= 0.55, f"{games.rate:.3f}, 95 % {games.interval}"
    assert games.interval[0] > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("level", [3, 5])
def test_a_search_does_not_lose_to_a_masher(level):
    assert compare(("mcts", 5), ("masher", level), 400).interval[0] >= 0.5
