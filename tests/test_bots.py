"""Scripted opponents: seeded, legal, stronger with level, and stronger than random."""

import numpy as np
import pytest

import cam_arena
from cam_arena import _core

REACTIVE = ("masher", "walker", "zoner", "punisher")
STEPS = 600  # a whole match of 60 s at 3 ticks a step


def play(left, right, num_matches, seed=0):
    """Whole matches between two (name, level) bots; returns the final states."""
    batch = _core.Batch(cam_arena.load_roster().data, num_matches)
    for match in range(num_matches):
        for seat, (name, level) in enumerate((left, right)):
            batch.set_bot(match, seat, _core.BOTS[name], level)
        batch.reset(match, seed + match)
    nothing = np.zeros((num_matches, 2), np.int32)
    for _ in range(STEPS):
        batch.advance(nothing)
    return np.concatenate(
        [np.frombuffer(batch.state(match), _core.DTYPES["state"]) for match in range(num_matches)]
    )


def win_rate(bot, other, games, seed=0):
    """Share of side-swapped games won by `bot`; draws count half."""
    half = games // 2
    left, right = play(bot, other, half, seed), play(other, bot, half, seed)
    wins = (left["winner"] == 0).sum() + (right["winner"] == 1).sum()
    draws = (left["winner"] == 2).sum() + (right["winner"] == 2).sum()
    return (wins + draws / 2) / games


def test_a_level_5_punisher_beats_random_in_95_percent_of_1000_games():
    assert win_rate(("punisher", 5), ("random", 1), 1000) >= 0.95


def test_random_beats_idle():
    assert win_rate(("random", 1), ("idle", 1), 200) >= 0.9


@pytest.mark.parametrize("name", REACTIVE)
def test_strength_rises_from_level_1_to_level_5(name):
    assert win_rate((name, 5), (name, 1), 400) >= 0.55


@pytest.mark.parametrize("name", _core.BOTS)
def test_bots_play_only_legal_actions(name):
    states = play((name, 3), (name, 3), 64)
    assert states["is_over"].all()
    assert states["fighters"]["counts"][..., 10].sum() == 0


@pytest.mark.parametrize("name", _core.BOTS)
def test_the_same_seed_gives_the_same_match(name):
    assert np.array_equal(play((name, 3), ("masher", 2), 8), play((name, 3), ("masher", 2), 8))


@pytest.mark.parametrize("name", ["random", *REACTIVE])
def test_another_seed_gives_another_match(name):
    assert not np.array_equal(
        play((name, 3), (name, 2), 8), play((name, 3), (name, 2), 8, seed=100)
    )


def test_a_bot_takes_its_seat_at_the_next_reset():
    batch = _core.Batch(cam_arena.load_roster().data, 1)
    batch.reset(0, 3)
    batch.set_bot(0, 0, _core.BOTS["masher"], 5)
    nothing = np.zeros((1, 2), np.int32)
    for _ in range(50):
        batch.advance(nothing)
    fighters = np.frombuffer(batch.state(0), _core.DTYPES["state"])["fighters"][0]
    assert fighters["last_button"][0] == 0
    batch.reset(0, 3)
    for _ in range(50):
        batch.advance(nothing)
    fighters = np.frombuffer(batch.state(0), _core.DTYPES["state"])["fighters"][0]
    assert fighters["last_button"][0] != 0
