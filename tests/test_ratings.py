"""Strengths: circles that Elo cannot see, beliefs that grow sure, halves that add up."""

import numpy as np
import pytest

from cam_arena.agents import ratings

CIRCLE = np.array([[0.5, 0.8, 0.2], [0.2, 0.5, 0.8], [0.8, 0.2, 0.5]])
OFF = ~np.eye(3, dtype=bool)


def counts(rates, games=1000):
    points = np.round(np.asarray(rates) * games)
    played = np.full(points.shape, games)
    np.fill_diagonal(points, 0)
    np.fill_diagonal(played, 0)
    return points, played


def test_a_circle_is_a_coin_to_elo_and_plain_to_multidimensional_elo():
    points, games = counts(CIRCLE)
    plain = ratings.expected_rates(ratings.bradley_terry(points, games).elo)
    circle = ratings.multi_elo(points, games)
    assert plain[OFF] == pytest.approx(0.5)
    assert circle.expected()[OFF] == pytest.approx(CIRCLE[OFF], abs=0.01)
    assert circle.elo == pytest.approx(0, abs=1e-3)
    assert ratings.log_loss(plain, points, games) == pytest.approx(np.log(2))
    assert ratings.log_loss(circle.expected(), points, games) < 0.51


def test_multidimensional_elo_keeps_a_ladder_a_ladder():
    strength = np.array([200.0, 0, -200])
    points, games = counts(ratings.expected_rates(strength), 10_000)
    fit = ratings.multi_elo(points, games)
    assert fit.elo == pytest.approx(strength, abs=5)
    assert fit.expected() + fit.expected().T == pytest.approx(np.ones((3, 3)))


def test_the_slope_of_multidimensional_elo_finds_two_circles_at_once():
    two = np.full((6, 6), 0.5)
    two[:3, :3] = CIRCLE
    two[3:, 3:] = CIRCLE.T
    points, games = counts(two)
    one, both = (
        ratings.log_loss(ratings.multi_elo(points, games, k=k).expected(), points, games)
        for k in (1, 2)
    )
    assert both < one - 0.01


def test_planes_must_fit_the_members():
    points, games = counts(CIRCLE)
    with pytest.raises(ValueError, match=r"k must be 1\.\.1"):
        ratings.multi_elo(points, games, k=2)


def test_open_skill_ranks_and_grows_sure():
    wins = np.array([[0, 30, 40], [10, 0, 30], [0, 10, 0]])
    few, many = (
        ratings.open_skill(times * wins, np.zeros_like(wins), rng=np.random.default_rng(0))
        for times in (1, 5)
    )
    assert few.mu.argsort().tolist() == [2, 1, 0]
    assert (many.sigma < few.sigma).all()
    assert (few.ordinal < few.mu).all()


def test_open_skill_of_draws_and_of_nothing_is_even():
    rng = np.random.default_rng(0)
    draws = 20 * (1 - np.eye(2, dtype=int))
    for table in (draws, np.zeros_like(draws)):
        found = ratings.open_skill(np.zeros_like(draws), table, rng=rng)
        assert found.mu[0] == pytest.approx(found.mu[1])


def test_halves_add_up_to_the_whole():
    rng = np.random.default_rng(0)
    wins = np.array([[0, 30, 7], [20, 0, 9], [1, 2, 0]])
    draws = np.array([[0, 4, 0], [4, 0, 3], [0, 3, 0]])
    games = wins + wins.T + draws
    (points, played), (other, rest) = ratings.halves(wins, draws, games, rng=rng)
    assert points + other == pytest.approx(wins + draws / 2)
    assert np.array_equal(played + rest, games)
    assert np.array_equal(played, played.T)
    assert np.array_equal(np.triu(played, 1), np.triu(games // 2, 1))
    assert points + points.T == pytest.approx(played)
