"""Tournaments in parts: the same table however the work was cut up."""

from dataclasses import fields, replace

import numpy as np
import pytest

from cam_arena.agents.evaluate import Table
from cam_arena.agents.reproduction import long_tournament
from cam_arena.agents.reproduction.long_tournament import Seat, Tournament, merge, play_tournament
from cam_arena.errors import CheckpointError

SEATS = (Seat("a", "masher:4", 0), Seat("b", "zoner:3", 1), Seat("c", "idle:1", 2))
PLAN = Tournament(SEATS, 8, 3, options={"max_seconds": 10})


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(long_tournament, "PART_GAMES", 6)


def same(first, second):
    return all(
        np.array_equal(getattr(first, item.name), getattr(second, item.name))
        for item in fields(Table)
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_tournament, "PART_GAMES", 6)
        return play_tournament(PLAN, tmp_path_factory.mktemp("whole"))


def test_parts_are_even_and_sum_to_the_games():
    for games in (2, 8, 1000):
        parts = replace(PLAN, games=games).parts
        assert sum(parts) == games
        assert all(part >= 2 and part % 2 == 0 for part in parts)
    assert replace(PLAN, games=8).parts == [2, 2, 2, 2]


def test_every_pairing_plays_its_games_from_both_seats(whole):
    assert (whole.games + 8 * np.eye(3, dtype=int) == 8).all()
    assert (whole.wins + whole.wins.T + whole.draws == whole.games).all()
    assert whole.win_rates[0, 2] == 1


def test_an_interrupted_tournament_goes_on_to_the_same_table(tmp_path, whole, monkeypatch):
    calls = []
    play = long_tournament._play_part

    def interrupted(plan, folder, part):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(part)
        play(plan, folder, part)

    monkeypatch.setattr(long_tournament, "_play_part", interrupted)
    with pytest.raises(KeyboardInterrupt):
        play_tournament(PLAN, tmp_path)
    monkeypatch.setattr(long_tournament, "_play_part", play)
    seen = []
    table = play_tournament(PLAN, tmp_path, progress=lambda *done: seen.append(done))
    assert seen == [(18, 24), (24, 24)]  # two parts of six games were there
    assert same(table, whole)


def test_a_budget_leaves_a_complete_table_of_fewer_games(tmp_path, whole):
    table = play_tournament(PLAN, tmp_path, minutes=0)
    assert (table.games + 2 * np.eye(3, dtype=int) == 2).all()
    assert same(play_tournament(PLAN, tmp_path), whole)  # what was there counts


def test_parts_meet_unlike_starts(whole, tmp_path):
    first = play_tournament(replace(PLAN, games=2), tmp_path)
    assert whole.returns[0, 1] != pytest.approx(4 * first.returns[0, 1])


def test_another_tournament_is_refused(tmp_path):
    play_tournament(replace(PLAN, games=2), tmp_path)
    with pytest.raises(ValueError, match="another tournament"):
        play_tournament(replace(PLAN, games=4), tmp_path)


def test_a_damaged_part_is_named(tmp_path):
    play_tournament(replace(PLAN, games=2), tmp_path)
    (tmp_path / "part_000.npz").write_bytes(b"half")
    with pytest.raises(CheckpointError, match="part_000"):
        play_tournament(replace(PLAN, games=2), tmp_path)


def test_odd_games_are_refused(tmp_path):
    with pytest.raises(ValueError, match="even"):
        play_tournament(replace(PLAN, games=3), tmp_path)


def test_merge_adds_all_counts(whole):
    twice = merge([whole, whole])
    assert np.array_equal(twice.uses, 2 * whole.uses)
    assert np.array_equal(twice.win_rates, whole.win_rates)


@pytest.mark.slow
def test_workers_change_nothing(tmp_path):
    # PART_GAMES is the module's own in a spawned process, so the plan is one whose parts it decides
    plan = replace(PLAN, games=2)
    assert same(
        play_tournament(plan, tmp_path / "one"), play_tournament(plan, tmp_path / "two", workers=2)
    )
