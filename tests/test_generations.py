"""Generations: who beats whom, whether rows fall, and what the newest is worth."""

import json

import numpy as np
import pytest

from cam_arena.agents.evaluate import NUM_PERIODS, Table
from cam_arena.agents.reproduction import generations
from cam_arena.agents.reproduction.generations import (
    Generations,
    against_last,
    from_table,
    generation_seats,
    tournament_of,
)
from cam_arena.errors import CheckpointError


def make(rates, games=100, count=2):
    """Return generations whose win rates are (almost) `rates` for every pair of characters."""
    size = len(rates)
    played = np.full((size, size, count, count), games, np.int64)
    wins = np.zeros_like(played)
    for g in range(size):
        played[g, g] = 0
        for h in range(g):
            wins[g, h] = round(rates[g][h] * games)
            wins[h, g] = games - wins[g, h]
    return Generations(tuple(str(g) for g in range(size)), wins, np.zeros_like(wins), played)


RISING = make([[0.5, 0, 0, 0], [0.9, 0.5, 0, 0], [0.95, 0.7, 0.5, 0], [0.97, 0.8, 0.6, 0.5]])
FALLING = make([[0.5, 0, 0, 0], [0.9, 0.5, 0, 0], [0.5, 0.2, 0.5, 0], [0.9, 0.6, 0.8, 0.5]])


def test_rows_that_rise_do_not_fall():
    means = [mean for mean, low, high in RISING.row_means() if low < mean < high]
    assert means == sorted(means) and len(means) == 4
    assert RISING.falls() == []
    assert [rate for rate, _, _ in RISING.steps()] == pytest.approx([0.9, 0.7, 0.6])
    assert all(low > 0.5 for _, low, _ in RISING.steps())


def test_a_row_that_falls_is_named_with_its_interval():
    ((name, low, high),) = FALLING.falls()
    assert name == "2"
    assert low < high < 0


def test_a_generation_against_itself_is_worth_nothing_and_a_better_one_something():
    rng = np.random.default_rng(0)
    value, low, high = RISING.performance(3, 0, rng=rng, resamples=20)
    assert value == pytest.approx(0.94)
    assert low <= value <= high
    even = make([[0.5, 0], [0.5, 0.5]])
    assert even.performance(1, 0, rng=rng, resamples=20)[0] == pytest.approx(0)


def test_performance_lets_both_populations_choose_their_character():
    # Rows win 80 % as their first character whatever the column plays, and lose as the second.
    one = make([[0.5, 0], [0.5, 0.5]])
    one.wins[1, 0] = [[80, 80], [0, 0]]
    one.wins[0, 1] = 100 - one.wins[1, 0].T
    value, _, _ = one.performance(1, 0, rng=np.random.default_rng(0), resamples=2)
    assert value == pytest.approx(0.6)


def test_a_table_of_seats_is_read_by_generation_and_character():
    wins = np.arange(36).reshape(6, 6)
    empty = np.zeros((6, 6), np.int64)
    uses = np.zeros((6, 6, NUM_PERIODS, 12), np.int64)
    table = Table(wins, empty, empty + 40, np.zeros(3, np.int64), empty, empty * 1.0, uses,
                  uses.sum(axis=2), uses.sum(axis=2))  # fmt: skip
    found = from_table(("0", "1"), table, 3)
    assert found.wins[1, 0, 2, 1] == wins[5, 1]
    assert found.games.shape == (2, 2, 3, 3)


def test_generations_survive_the_disk(tmp_path):
    generations.save(RISING, tmp_path, roster_id="0f")
    loaded = generations.load(tmp_path)
    assert loaded.names == RISING.names
    for name in ("wins", "draws", "games"):
        assert np.array_equal(getattr(loaded, name), getattr(RISING, name))
    document = json.loads((tmp_path / generations.FILE_NAME).read_text())
    document["by_character"]["wins"].pop()
    (tmp_path / generations.FILE_NAME).write_text(json.dumps(document))
    with pytest.raises(CheckpointError, match=generations.FILE_NAME):
        generations.load(tmp_path)


def test_seats_are_random_play_the_snapshots_and_the_final_policy(tmp_path):
    for name in ("snapshots/000", "snapshots/001", "policy"):
        (tmp_path / name).mkdir(parents=True)
    names, seats = generation_seats(tmp_path, [4, 7])
    assert names == ("0", "1", "2", "3")
    assert [seat.policy.rsplit("/")[-1] for seat in seats[::2]] == [
        generations.SINK, "000", "001", "policy",
    ]  # fmt: skip
    assert [seat.character for seat in seats] == [4, 7] * 4
    plan = tournament_of(seats, 2, games=1000, seed=0, options={})
    assert plan.games == 250  # for each of four pairs of characters
    assert len(plan.pairings) == 6 * 4
    last = against_last(seats[2:], 2, games=6, seed=0, options={})
    # Each earlier character meets the other one of the last generation, whose two meet once.
    assert last.pairings == ((0, 5), (1, 4), (2, 5), (3, 4), (5, 4))
    assert last.games == 6
