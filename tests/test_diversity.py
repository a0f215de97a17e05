"""Distances between behaviours, ratings and intervals: known answers and invariants."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cam_arena.agents import diversity
from cam_arena.agents.intervals import FEW_RUNS, difference, over_runs, ratio_over_runs, wilson
from cam_arena.agents.ratings import bradley_terry, elo_update

COUNTS = arrays(np.int64, (5, 7), elements=st.integers(0, 1000))


@pytest.mark.parametrize("norm", diversity.NORMS)
def test_distance_is_zero_for_identical_members(norm):
    assert diversity.distance([[3, 1, 4]] * 4, norm=norm) == 0


def test_distance_is_root_two_for_members_that_share_no_slot():
    assert diversity.distance(np.diag([5, 1, 9]), norm="l2") == pytest.approx(math.sqrt(2))


def test_distance_known_values_by_norm():
    counts = [[4, 0], [3, 4]]
    assert diversity.distance(counts, norm="l2") == pytest.approx(math.hypot(1 - 0.6, 0.8))
    assert diversity.distance(counts, norm="l1") == pytest.approx(math.hypot(4 / 7, 4 / 7))
    assert diversity.distance(counts, norm="max") == pytest.approx(math.hypot(0.25, 1))


def test_distance_is_the_mean_over_pairs():
    counts = [[1, 0, 0], [1, 0, 0], [0, 1, 0]]  # distances 0, sqrt(2), sqrt(2)
    assert diversity.distance(counts) == pytest.approx(2 * math.sqrt(2) / 3)


def test_ratio_reproduces_the_papers_figure():
    assert diversity.ratio(0.9210, 1.0585) == pytest.approx(1.1493, abs=5e-5)


@given(COUNTS, st.integers(1, 50))
def test_distance_ignores_how_many_games_a_member_played(counts, factor):
    longer = counts * np.array([[factor], [1], [1], [1], [1]])
    for norm in ("l1", "l2"):
        assert diversity.distance(longer, norm=norm) == pytest.approx(
            diversity.distance(counts, norm=norm), abs=1e-12
        )


@given(COUNTS)
def test_distance_ignores_the_order_of_members_and_slots(counts):
    shuffled = counts[::-1][:, [3, 1, 0, 2, 6, 5, 4]]
    for norm in diversity.NORMS:
        assert diversity.distance(shuffled, norm=norm) == pytest.approx(
            diversity.distance(counts, norm=norm)
        )


def test_use_rates_take_unlike_cooldowns_out():
    # Both press whenever they may; the second is allowed half as often.
    uses, chances = [[10, 10], [10, 5]], [[10, 10], [10, 5]]
    assert diversity.distance(uses) > 0.1
    assert diversity.distance(diversity.use_rates(uses, chances)) == 0


def test_use_rates_are_zero_where_a_slot_was_never_legal():
    assert diversity.use_rates([[0, 3]], [[0, 6]]).tolist() == [[0, 0.5]]


def test_change_measures_each_member_against_itself():
    moved = diversity.change([[1, 0], [1, 1]], [[0, 1], [2, 2]])
    assert moved.tolist() == pytest.approx([math.sqrt(2), 0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diversity.distance([[1, 2]]), "at least 2"),
        (lambda: diversity.distance([1, 2]), "shape"),
        (lambda: diversity.distance([[1, -2], [1, 1]]), "not negative"),
        (lambda: diversity.distance([[1, np.nan], [1, 1]]), "not negative"),
        (lambda: diversity.distance([[1], [2]], norm="l3"), "l2, l1, max"),
        (lambda: diversity.use_rates([[2]], [[1]]), "more often than it was legal"),
        (lambda: diversity.ratio(0, 1), "positive"),
        (lambda: wilson(3, 2), "points must lie"),
        (lambda: ratio_over_runs([1.0, 0.0]), "must be positive"),
        (lambda: bradley_terry([[0, 3], [3, 0]], [[0, 4], [4, 0]]), "sum to its games"),
        (lambda: elo_update(0, 0, 2), "score"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_wilson_known_values():
    assert wilson(566, 1000) == pytest.approx((0.535, 0.596), abs=1e-3)
    assert wilson(0, 0) == (0, 1)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 1


def test_wilson_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    points = rng.binomial(100, 0.3, 2000)
    covered = np.mean([low <= 0.3 <= high for low, high in (wilson(int(p), 100) for p in points)])
    assert 0.93 < covered < 0.97


def test_difference_covers_the_truth_and_turns_its_sign():
    rng = np.random.default_rng(2)
    first, second = rng.binomial(150, 0.6, 1000), rng.binomial(100, 0.45, 1000)
    intervals = [difference(int(a), 150, int(b), 100) for a, b in zip(first, second, strict=True)]
    assert 0.93 < np.mean([low <= 0.15 <= high for low, high in intervals]) < 0.97
    low, high = difference(70, 100, 40, 90)
    assert difference(40, 90, 70, 100) == pytest.approx((-high, -low))


@pytest.mark.parametrize("runs", [3, 5, 9, 10, 15])
def test_intervals_over_runs_cover_the_truth_as_often_as_they_say(runs):
    rng = np.random.default_rng(runs)
    samples = rng.normal(0.12, 0.01, (2500 if runs < FEW_RUNS else 800, runs))
    covered = [low <= 0.12 <= high for low, high in map(over_runs, samples)]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("runs", [3, 5, 9])
def test_intervals_of_ratios_cover_the_truth_on_the_log_scale(runs):
    rng = np.random.default_rng(runs)
    samples = np.exp(rng.normal(np.log(1.15), 0.8, (2500, runs)))
    covered = [low <= 1.15 <= high for _, (low, high) in map(ratio_over_runs, samples)]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


def test_intervals_over_runs_have_their_known_values():
    # t at 97.5 % with 2 degrees of freedom is 4.30265; the deviation of 1, 2, 3 is 1
    assert over_runs([1, 2, 3]) == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5))
    mean, (low, high) = ratio_over_runs([0.5, 2.0, 1.0])
    assert mean == pytest.approx(1) and low * high == pytest.approx(1)
    # one run says nothing of another, whatever its games say
    assert over_runs([0.1]) is None and ratio_over_runs([1.1]) == (pytest.approx(1.1), None)
    many = np.linspace(0, 1, FEW_RUNS)
    assert over_runs(many) == over_runs(many)  # its resamples are always the same


def test_bradley_terry_finds_the_strengths_that_made_the_games():
    elo = np.array([150.0, 20.0, -50.0, -120.0])
    rates = 1 / (1 + 10 ** ((elo[None, :] - elo[:, None]) / 400))
    games = np.full((4, 4), 4000)
    ratings = bradley_terry(rates * games, games, prior_games=1e-6)
    assert ratings.elo == pytest.approx(elo, abs=0.5)
    assert (ratings.low < elo).all() and (elo < ratings.high).all()
    assert ratings.expected(0, 1) == pytest.approx(rates[0, 1], abs=1e-3)


def test_bradley_terry_intervals_have_the_size_of_the_sampling_error():
    rng = np.random.default_rng(3)
    rates, found = np.array([[0.5, 0.6], [0.4, 0.5]]), []
    for _ in range(300):
        won = rng.binomial(200, rates[0, 1])
        found.append(bradley_terry([[0, won], [200 - won, 0]], [[0, 200], [200, 0]]))
    spread = np.std([ratings.elo[0] for ratings in found])
    half = np.mean([(ratings.high[0] - ratings.low[0]) / 2 for ratings in found])
    assert half == pytest.approx(1.96 * spread, rel=0.15)


def test_an_unbeaten_member_has_a_finite_rating():
    ratings = bradley_terry([[0, 10], [0, 0]], [[0, 10], [10, 0]])
    assert np.isfinite(ratings.elo).all()
    assert ratings.elo[0] > 200


def test_elo_update_is_zero_sum_and_stops_at_the_expected_score():
    expected = 1 / (1 + 10 ** (100 / 400))
    assert elo_update(1000, 1100, expected) == pytest.approx(1000)
    assert elo_update(1000, 1100, 1) - 1000 == pytest.approx(1100 - elo_update(1100, 1000, 0))


def test_timing_tells_early_use_from_late():
    early, late = [[9, 0], [0, 0], [0, 0]], [[0, 0], [0, 0], [9, 0]]
    assert diversity.distance(np.sum([early, late], axis=1)) == 0
    assert diversity.timing_distance([early, late]) == pytest.approx(math.sqrt(2))


def test_jensen_shannon_is_one_for_unlike_and_zero_for_equal_shares():
    assert diversity.jensen_shannon([[4, 0], [0, 9]]) == pytest.approx(1)
    assert diversity.jensen_shannon([[4, 2], [2, 1], [0, 0]]) == pytest.approx(0)
    with pytest.raises(ValueError, match="at least 2"):
        diversity.jensen_shannon([[4, 2], [0, 0]])


def test_system_neural_diversity_is_the_mean_total_variation_of_pairs():
    same, other = [[0.5, 0.5], [1, 0]], [[0.5, 0.5], [0, 1]]
    assert diversity.system_neural_diversity([same, same]) == 0
    assert diversity.system_neural_diversity([same, other]) == pytest.approx(0.5)
    assert diversity.system_neural_diversity([same, same, other]) == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="sum to 1"):
        diversity.system_neural_diversity([[[0.5, 0.6]], [[0.5, 0.5]]])
    with pytest.raises(ValueError, match="2 or more"):
        diversity.system_neural_diversity([same])
