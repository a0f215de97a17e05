"""Balance: the tournament plays real matches, the statistics find what was planted, gates flip."""

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cam_arena
from cam_arena import _core, _tournament, cli
from cam_arena.balance import open_loop
from cam_arena.balance.even import MOST_WHOLE, even_out
from cam_arena.balance.extremes import Rematches, play_rematches, suspects
from cam_arena.balance.fights import mirror_locks
from cam_arena.balance.fit import Fitted, drawn_knobs, fit_model
from cam_arena.balance.gate import Gate
from cam_arena.balance.gates import analyse
from cam_arena.balance.hodge import cyclic_triples, decompose, plausible_rates
from cam_arena.balance.logits import logistic, logits_and_variances
from cam_arena.balance.matrix import COMBO_BINS, LENGTH_BINS, NOT_PLAYED, TOTALS, Matrix
from cam_arena.balance.metagame import (
    alpha_rank,
    metagame_size,
    pick_entropy,
    regularised_equilibrium,
)
from cam_arena.balance.open_loop import Probe, probe
from cam_arena.balance.report import write_report
from cam_arena.balance.round_robin import play_round_robin
from cam_arena.balance.sample import _pairs
from cam_arena.balance.schedule import Plan
from cam_arena.balance.spread import mean_rate_spread, pair_share
from cam_arena.balance.strength import fit_matrix, fit_strengths
from cam_arena.balance.tune import KNOBS, MAX_DRIFT, TuningLoop, spend
from cam_arena.errors import BalanceError
from cam_arena.game.synctest import EVENTS
from cam_arena.roster.generator import generate_roster, read_model

ROSTER = cam_arena.load_roster()
PILOTS = ("masher", "walker", "zoner", "punisher")
META = {"roster_id": "r", "schools": ["a", "b", "c", "d"]}
FEW = 4  # characters of the rosters that real games are played with


def small_arrays():
    """Return the arrays of a roster cut to its first characters."""
    by_character = ("characters", "descriptors", "profiles")
    cut = {name: ROSTER.arrays[name][:FEW] for name in by_character}
    return {**ROSTER.arrays, **cut}


RULES = ROSTER.rules.pack()
DATA = _core.Data(RULES, **small_arrays())
NAMES = tuple(ROSTER.names[:FEW])


def round_robin(plan, **options):
    return play_round_robin(DATA, plan, names=NAMES, meta=META, **options)


def fields(matrix):
    return (matrix.sides, matrix.timeouts, matrix.totals, matrix.lengths, matrix.combos,
            matrix.outcomes)  # fmt: skip


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(fields(one), fields(other), strict=True))


# ---- rosters whose truth is known ----


def planted(size, strength, cyclic, rank, seed):
    """Logits of a roster: normal strengths plus `rank` random cycles of a given size."""
    rng = np.random.default_rng(seed)
    r = rng.normal(size=size) * strength
    logits = r[:, None] - r[None, :]
    if rank:
        u, v = rng.normal(size=(2, rank, size))
        wheel = np.einsum("ki,kj->ij", u, v) - np.einsum("kj,ki->ij", u, v)
        mean = wheel.mean(axis=1)
        wheel -= mean[:, None] - mean[None, :]
        logits = logits + wheel * cyclic / wheel[np.triu_indices(size, 1)].std()
    return logits


def sample(logits, games, seed, draw=0.0):
    """Play a simulated round robin; returns wins, draws, games."""
    size, rng = len(logits), np.random.default_rng(seed)
    i, j = np.triu_indices(size, 1)
    drawn = rng.binomial(games, draw, size=len(i))
    won = rng.binomial(games - drawn, logistic(logits[i, j]))
    wins, draws = np.zeros((size, size), int), np.zeros((size, size), int)
    wins[i, j], wins[j, i] = won, games - drawn - won
    draws[i, j] = draws[j, i] = drawn
    return wins, draws, games * (1 - np.eye(size, dtype=int))


def simulated(logits, games, seed, *, side=0.0, draw=0.02, timeouts=0.3, locks=0.001, **pushed):
    """Return a Matrix of simulated games whose other figures lie within the gates."""
    size, rng = len(logits), np.random.default_rng(seed)
    half = games // 2
    sides = np.zeros((3, size, size), np.int32)
    off = ~np.eye(size, dtype=bool)
    drawn = rng.binomial(half, draw, size=(size, size)) * off
    won = rng.binomial(half - drawn, logistic(logits + side)) * off
    sides[0], sides[1], sides[2] = won, drawn, (half - drawn - won) * off
    totals = np.zeros((size, 1, len(TOTALS)), np.int64)
    figures = {"games": 1, "ticks": 1300, "slips": 2.5, "ultimates": 1.5, "behind": 0.5,
               "comebacks": 0.1, "lead_changes": 4, "damage_chain": 4000, "damage_skill": 3000,
               "damage_ultimate": 1750, "damage_scroll": 300, "damage_companion": 700,
               "skill1": 4, "skill2": 4, "trait": 1, "scrolls": 1, "summons": 1}  # fmt: skip
    figures |= pushed
    for name, each in figures.items():
        totals[:, 0, TOTALS.index(name)] = round(each * games * (size - 1))
    late = np.rint(half * timeouts * off).astype(np.int32)
    lengths, combos = np.ones(LENGTH_BINS, np.int64), np.ones(COMBO_BINS, np.int64)
    plan = Plan(size, games, ("walker",), (3,))
    names = tuple(f"c{k}" for k in range(size))
    meta = {"roster_id": "sim", "schools": [f"s{k % 4}" for k in range(size)]}
    meta["mirror_locks"] = {"zoner": locks / 2, "punisher": locks}
    return Matrix(names, sides, late, totals, lengths, combos, plan, None, meta)


# ---- the tournament ----


def test_a_tournament_is_the_matches_of_the_same_bots_stepped_one_by_one():
    plan = Plan(len(ROSTER), 2, PILOTS, (1, 3, 5), seed=7)
    games = plan.games(0, 96)
    results = np.zeros(96, _core.DTYPES["result"])
    _tournament.play(ROSTER.data, games, results)
    batch = _core.Batch(ROSTER.data, 96)
    for k, game in enumerate(games):
        for seat in range(2):
            batch.set_bot(k, seat, int(game["kinds"][seat]), int(game["levels"][seat]))
        batch.reset(k, int(game["seed"]), [int(c) for c in game["characters"]])
    nothing = np.zeros((96, 2), np.int32)
    for _ in range(600):
        batch.advance(nothing)
    states = [np.frombuffer(batch.state(k), _core.DTYPES["state"])[0] for k in range(96)]
    for state, result in zip(states, results, strict=True):
        assert state["winner"] == result["winner"]
        assert state["tick"] == result["ticks"]
        assert np.array_equal(state["fighters"]["hp"], result["hp"])
        assert np.array_equal(state["fighters"]["counts"].ravel(), result["counts"])


def test_damage_by_source_is_the_hp_that_was_lost():
    games = Plan(FEW, 8, ("masher",), (5,)).games(0, 40)
    results = np.zeros(40, _core.DTYPES["result"])
    _tournament.play(DATA, games, results)
    full = ROSTER.arrays["characters"]["max_hp"][games["characters"]]
    dealt = results["damage"].reshape(40, 2, -1).sum(axis=2)[:, ::-1]
    assert (dealt >= full - results["hp"]).all()  # more where HP was healed
    assert (dealt == full - results["hp"]).mean() > 0.5


def test_every_source_of_damage_is_told_from_the_others():
    games = Plan(len(ROSTER), 2, PILOTS, (4,), seed=3).games(0, 300)
    results = np.zeros(300, _core.DTYPES["result"])
    _tournament.play(ROSTER.data, games, results)
    damage = dict(zip(_tournament.SOURCES, results["damage"].reshape(600, -1).T, strict=True))
    uses = dict(zip(EVENTS, results["counts"].reshape(600, -1).T, strict=True))
    for source, events in {
        "chain": ("attacks",), "skill": ("skill1", "skill2"), "ultimate": ("ultimates",),
        "scroll": ("scrolls",), "companion": ("summons",),
    }.items():  # fmt: skip
        never = sum(uses[event].astype(int) for event in events) == 0
        assert (damage[source][never] == 0).all(), source
        assert (damage[source] > 0).mean() > 0.1, source
    assert (damage["slip"][uses["slips"] == 0] == 0).all()


def test_locked_ticks_are_those_in_which_both_are_in_a_combo():
    game = np.zeros(1, _core.DTYPES["game"])
    game["scrolls"] = game["companions"] = -1
    game["kinds"], game["levels"] = _core.BOTS["baiter"], 5
    found = []
    for character in range(60):
        game["characters"], game["seed"] = character, character
        result = np.zeros(1, _core.DTYPES["result"])
        _tournament.play(ROSTER.data, game, result, frame_skip=1)
        if not result["locked"][0]:
            continue
        batch = _core.Batch(ROSTER.data, 1, frame_skip=1)
        for seat in range(2):
            batch.set_bot(0, seat, _core.BOTS["baiter"], 5)
        batch.reset(0, character, [character, character])
        locked = 0
        for _ in range(int(result["ticks"][0])):
            batch.advance(np.zeros((1, 2), np.int32))
            fighters = np.frombuffer(batch.state(0), _core.DTYPES["state"])[0]["fighters"]
            locked += int(fighters["combo_hits"].min() >= 4)
        found.append((locked, int(result["locked"][0])))
    assert found and all(stepped == counted for stepped, counted in found)


def test_no_bot_is_locked_in_trades_with_itself():
    locks = mirror_locks(ROSTER.data)
    assert len(locks) == 6 and max(locks.values()) < 0.005, locks


def test_was_behind_marks_every_loser_by_knock_out():
    games = Plan(FEW, 8, ("masher",), (5,)).games(0, 40)
    results = np.zeros(40, _core.DTYPES["result"])
    _tournament.play(DATA, games, results)
    full = ROSTER.arrays["characters"]["max_hp"][games["characters"]]
    share = results["hp"] / full
    far = np.abs(share[:, 0] - share[:, 1]) >= 0.3
    assert far.any()
    losers = (share[:, 0] > share[:, 1]).astype(int)
    assert results["was_behind"][np.arange(40), losers][far].all()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [("characters", 99, "character is 99"), ("kinds", 0, "kind is 0"), ("levels", 6, "level is 6")],
)
def test_a_game_that_cannot_be_played_is_refused(field, value, message):
    games = Plan(FEW, 2, ("masher",), (1,)).games(0, 2)
    games[field][1, 1] = value
    with pytest.raises(ValueError, match=message):
        _tournament.play(DATA, games, np.zeros(2, _core.DTYPES["result"]))


def test_results_of_another_length_or_type_are_refused():
    games = Plan(FEW, 2, ("masher",), (1,)).games(0, 2)
    with pytest.raises(ValueError, match="one per game"):
        _tournament.play(DATA, games, np.zeros(1, _core.DTYPES["result"]))
    with pytest.raises(TypeError, match="dtype"):
        _tournament.play(DATA, games, np.zeros(2))


# ---- schedule and round robin ----


def test_every_pair_meets_equally_often_from_both_sides():
    plan = Plan(7, 4, PILOTS, (2, 4))
    games = plan.games(0, plan.num_games)
    met = np.zeros((7, 7), int)
    np.add.at(met, (games["characters"][:, 0], games["characters"][:, 1]), 1)
    assert (met == 2 * (1 - np.eye(7, dtype=int))).all()
    assert (games["levels"][:, 0] == games["levels"][:, 1]).all()
    assert len(np.unique(games["seed"])) == plan.num_games


def test_pilots_of_both_players_are_independent():
    plan = Plan(40, 20, PILOTS, (2, 3, 4))
    kinds = plan.games(0, plan.num_games)["kinds"]
    codes = [_core.BOTS[name] for name in PILOTS]
    share = np.array([[((kinds == (a, b)).all(axis=1)).mean() for a in codes] for b in codes])
    assert np.abs(share - 1 / 16).max() < 0.01


def test_more_characters_or_games_leave_the_games_of_a_pair_alone():
    small, large = Plan(3, 2, PILOTS), Plan(9, 6, PILOTS)
    pair = np.flatnonzero((large.pairs[0] == 1) & (large.pairs[1] == 2))
    again = large.games_of(np.repeat(pair, 2), np.arange(2))
    assert np.array_equal(small.games(4, 6), again)


def test_rematches_are_games_the_plan_does_not_hold():
    plan = Plan(6, 4, PILOTS)
    fresh = plan.rematches(np.array([0, 3]), 10)
    assert len(fresh) == 20
    assert not set(fresh["seed"].tolist()) & set(plan.games(0, plan.num_games)["seed"].tolist())


@pytest.mark.parametrize(
    "options",
    [{"num_characters": 1}, {"games_per_pair": 3}, {"pilots": ("nobody",)}, {"levels": (9,)}],
)
def test_a_plan_that_cannot_be_played_is_refused(options):
    with pytest.raises(ValueError):
        Plan(**{"num_characters": 4, **options})


def test_the_matrix_does_not_depend_on_threads():
    plan = Plan(FEW, 180, PILOTS, (3,))
    assert same(round_robin(plan, threads=1), round_robin(plan, threads=3))


def test_an_interrupted_round_robin_goes_on_to_the_same_matrix(tmp_path):
    plan = Plan(FEW, 360, PILOTS, (3,))
    whole = round_robin(plan, threads=1)
    state = tmp_path / "progress.npz"

    def stop(done, total):
        if 0 < done < total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        round_robin(plan, threads=1, state=state, report=stop)
    with np.load(state) as kept:
        assert 0 < (kept["outcomes"] == NOT_PLAYED).sum() < plan.num_games
    seen = []
    resumed = round_robin(
        plan, threads=2, state=state, report=lambda done, total: seen.append(done)
    )
    assert seen[0] > 0 and seen[-1] == plan.num_games
    assert same(resumed, whole)


def test_a_state_of_another_plan_is_refused(tmp_path):
    state = tmp_path / "progress.npz"
    round_robin(Plan(FEW, 2, PILOTS), state=state)
    for other in (Plan(FEW, 2, PILOTS, (3,)), Plan(FEW, 4, PILOTS, seed=1)):
        with pytest.raises(BalanceError, match="another plan"):
            round_robin(other, state=state)
    round_robin(Plan(FEW, 4, PILOTS), state=state)
    with pytest.raises(BalanceError, match="another plan"):
        round_robin(Plan(FEW, 2, PILOTS), state=state)
    state.write_bytes(state.read_bytes()[:100])
    with pytest.raises(BalanceError, match="damaged"):
        round_robin(Plan(FEW, 4, PILOTS), state=state)


@pytest.mark.parametrize("stops", [False, True])
def test_more_games_a_pair_go_on_with_fewer(tmp_path, stops):
    fewer, more = (Plan(FEW, games, PILOTS, (3,)) for games in (200, 260))
    state, seen = tmp_path / "progress.npz", []

    def told(done, total):
        seen.append(done)
        if stops and total == fewer.num_games and 0 < done < total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) if stops else nullcontext():
        round_robin(fewer, threads=1, state=state, report=told)
    with np.load(state) as kept:
        played = int((kept["outcomes"] != NOT_PLAYED).sum())
    assert (0 < played < fewer.num_games) if stops else played == fewer.num_games
    seen.clear()
    assert same(round_robin(more, threads=2, state=state, report=told), round_robin(more))
    assert seen[0] >= played and seen[-1] == more.num_games


def test_counts_of_a_round_robin_agree_with_each_other(tmp_path):
    plan = Plan(FEW, 60, PILOTS, (3,))
    matrix = round_robin(plan)
    assert (matrix.games == 60 * (1 - np.eye(FEW, dtype=int))).all()
    assert np.array_equal(matrix.wins + matrix.wins.T + matrix.draws, matrix.games)
    points = matrix.total("half_points")
    assert np.array_equal(points, (2 * matrix.wins + matrix.draws).sum(axis=1))
    assert (matrix.total("games") == 60 * (FEW - 1)).all()
    assert matrix.total("timeouts").sum() == 2 * matrix.timeouts.sum()
    assert matrix.lengths.sum() == plan.num_games
    matrix.save(tmp_path / "m.npz")
    assert same(Matrix.load(tmp_path / "m.npz"), matrix)
    assert Matrix.load(tmp_path / "m.npz").plan == plan


def test_a_matrix_file_with_python_objects_is_refused(tmp_path):
    path = tmp_path / "m.npz"
    np.savez(path, about=np.array([{"names": []}], dtype=object))
    with pytest.raises(BalanceError, match="damaged"):
        Matrix.load(path)


def test_neither_side_has_an_advantage_among_equals():
    plan = Plan(2, 3000, ("masher",), (4,))
    arrays = {**ROSTER.arrays}
    for name in ("characters", "descriptors", "profiles"):
        arrays[name] = np.repeat(ROSTER.arrays[name][:1], 2, axis=0)
    matrix = play_round_robin(
        _core.Data(RULES, **arrays), plan, names=("a", "b"), meta=META, threads=2
    )
    won, drew = int(matrix.sides[0].sum()), int(matrix.sides[1].sum())
    rate = (won + drew / 2) / 3000
    assert abs(rate - 0.5) < 4 * 0.5 / np.sqrt(3000)
    assert abs(matrix.rates[0, 1] - 0.5) < 4 * 0.5 / np.sqrt(3000)


# ---- statistics on known truth ----


def test_logits_and_squares_are_unbiased_for_ten_games():
    rng = np.random.default_rng(0)
    for rate in (0.5, 0.6, 0.75):
        wins = rng.binomial(10, rate, size=400_000)
        logit, variance = logits_and_variances(wins, np.zeros_like(wins), np.full_like(wins, 10))
        truth = np.log(rate / (1 - rate))
        assert abs(logit.mean() - truth) < 0.01
        assert abs((logit**2 - variance).mean() - truth**2) < 0.03


def test_a_draw_is_half_a_win():
    one, two = (np.array([v]) for v in (4, 5))
    zero, games = np.array([0]), np.array([10])
    drawn, _ = logits_and_variances(one, np.array([1]), games)
    lost, _ = logits_and_variances(one, zero, games)
    won, _ = logits_and_variances(two, zero, games)
    assert drawn == pytest.approx((lost + won) / 2)


@pytest.mark.parametrize("games", [10, 50, 200])
def test_a_transitive_roster_has_no_cyclic_energy_and_no_rank(games):
    energies = []
    for seed in range(4):
        found = decompose(*sample(planted(120, 0.3, 0, 0, seed), games, seed + 50))
        energies.append(found.cyclic_energy)
        assert found.cyclic_rank == 0
        assert found.raw_cyclic_energy > found.cyclic_energy
    assert np.mean(energies) < 0.06


@pytest.mark.parametrize("games", [10, 200])
def test_the_corrected_energy_is_that_of_the_truth(games):
    truths, found = [], []
    for seed in range(4):
        logits = planted(120, 0.2, 0.35, 3, seed)
        r = logits.mean(axis=1)
        upper = logits[np.triu_indices(120, 1)]
        truths.append(1 - 120 * (r @ r) / (upper @ upper))
        found.append(decompose(*sample(logits, games, seed + 9)).cyclic_energy)
    assert np.mean(found) == pytest.approx(np.mean(truths), abs=0.04)


def test_rock_paper_scissors_is_all_cycle_of_rank_one():
    edge = np.log(0.8 / 0.2)
    logits = edge * np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]], float)
    found = decompose(*sample(logits, 1000, 1))
    assert found.cyclic_energy > 0.98
    assert found.cyclic_rank == 1
    assert cyclic_triples(logistic(logits)) == 1
    assert metagame_size(logistic(logits)) == pytest.approx(3)


@pytest.mark.parametrize("games", [50, 200])
def test_a_planted_rank_is_found(games):
    found = decompose(*sample(planted(200, 0.12, 0.4, 6, 3), games, 4))
    assert found.cyclic_rank == 6
    assert 0.75 < found.cyclic_energy < 0.95


def test_plausible_matrices_have_the_shares_of_the_truth_where_counts_do_not():
    logits = planted(200, 0.12, 0.4, 6, 8)
    truth = logistic(logits)
    wins, draws, games = sample(logits, 10, 9)
    counted = np.where(games > 0, wins / np.maximum(games, 1), 0.5)
    drawn = plausible_rates(decompose(wins, draws, games), draws=6)
    for limit, tolerance in ((0.6, 0.04), (0.7, 0.02)):
        value = np.mean([pair_share(rates, limit) for rates in drawn])
        assert value == pytest.approx(pair_share(truth, limit), abs=tolerance)
        assert abs(pair_share(counted, limit) - pair_share(truth, limit)) > 2 * tolerance
    triples = np.mean([cyclic_triples(rates) for rates in drawn])
    assert triples == pytest.approx(cyclic_triples(truth), abs=0.012)
    assert cyclic_triples(counted) > cyclic_triples(truth) + 0.03


def test_plausible_matrices_come_together_at_the_measured_rates():
    wins, draws, games = sample(planted(40, 0.2, 0.4, 6, 1), 100_000, 2)
    rates = np.where(games > 0, wins / np.maximum(games, 1), 0.5)
    for drawn in plausible_rates(decompose(wins, draws, games), draws=2):
        assert np.abs(drawn - rates).max() < 0.02


def test_the_spread_of_mean_rates_loses_what_few_games_add():
    even = np.zeros((200, 200))
    wins, draws, games = sample(even, 4, 0)
    rates = np.where(games > 0, wins / np.maximum(games, 1), 0.5)
    found = mean_rate_spread(rates, draws, games)
    assert found.raw.std() > 0.012
    assert found.spread < 0.007
    wins, draws, games = sample(planted(200, 0.15, 0, 0, 1), 4, 2)
    rates = np.where(games > 0, wins / np.maximum(games, 1), 0.5)
    truth = (logistic(planted(200, 0.15, 0, 0, 1)).sum(axis=1) - 0.5) / 199
    assert mean_rate_spread(rates, draws, games).spread == pytest.approx(truth.std(), rel=0.12)


def test_strengths_are_recovered_with_honest_errors():
    logits = planted(60, 0.4, 0, 0, 5)
    truth = logits.mean(axis=1)
    matrix = simulated(logits, 40, 6, side=0.1, draw=0)
    found = fit_matrix(matrix)
    off = (found.value - truth) / found.error
    assert np.corrcoef(found.value, truth)[0, 1] > 0.97
    assert 0.7 < off.std() < 1.4
    inside = (found.low <= truth) & (truth <= found.high)
    assert 0.85 <= inside.mean() <= 1
    assert found.side == pytest.approx(0.1, abs=4 * found.side_error)
    assert found.spread == pytest.approx(truth.std(ddof=1), rel=0.1)


def test_strong_pilots_do_not_make_strong_characters():
    rng = np.random.default_rng(0)
    rows, skill = 40_000, np.array([-1.0, 0.0, 1.0])
    first, second = rng.integers(10, size=(2, rows))
    second = np.where(first == second, (second + 1) % 10, second)
    pilot = rng.integers(3, size=rows)
    pilot[first == 0] = 2  # character 0 has always the best pilot
    rival = rng.integers(3, size=rows)
    score = (rng.random(rows) < logistic(skill[pilot] - skill[rival])).astype(float)
    ones = np.ones(rows)
    blind = fit_strengths(first, second, score, ones, 10, resamples=20)
    fair = fit_strengths(
        first, second, score, ones, 10, pilots=(pilot, rival), num_pilots=3, resamples=20
    )
    assert blind.value[0] > 0.3
    assert abs(fair.value[0]) < 0.1
    assert fair.pilots == pytest.approx(skill, abs=0.1)


def test_pilots_of_a_real_round_robin_are_told_apart():
    matrix = round_robin(Plan(FEW, 400, ("random", "punisher"), (4,)))
    pilots = fit_matrix(matrix, resamples=10).pilots
    assert pilots[1] - pilots[0] > 1


def test_the_regularised_equilibrium_answers_itself():
    payoff = 2 * logistic(planted(50, 0.1, 0.4, 4, 3)) - 1
    found = regularised_equilibrium(payoff)
    reply = np.exp(payoff @ found / 0.02)
    assert found == pytest.approx(reply / reply.sum(), abs=1e-8)


def test_the_metagame_of_a_transitive_roster_is_small():
    assert metagame_size(logistic(planted(100, 0.3, 0, 0, 2))) < 6
    assert metagame_size(np.full((100, 100), 0.5)) == pytest.approx(100)
    assert pick_entropy(np.zeros(100)) == pytest.approx(1)
    assert pick_entropy(np.arange(100.0)) < 0.2
    shares = alpha_rank(logistic(planted(20, 1, 0, 0, 2)))
    assert shares.argmax() == planted(20, 1, 0, 0, 2).mean(axis=1).argmax()


# ---- gates, rematches, report ----


SIZE = 100
GOOD = planted(SIZE, 0.10, 0.36, 6, 5)


def gates_of(matrix, **options):
    return {gate.name: gate for gate in analyse(matrix, **options).gates}


@pytest.fixture(scope="module")
def good():
    return simulated(GOOD, 200, 1)


def test_a_roster_as_intended_passes_every_gate(good):
    failed = [name for name, gate in gates_of(good).items() if not gate.passed]
    assert not failed


@pytest.mark.parametrize(
    ("name", "logits", "options"),
    [
        ("spread of mean win rates", planted(SIZE, 0.3, 0.4, 6, 3), {}),
        ("pairs beyond 70/30", planted(SIZE, 0.10, 0.7, 6, 3), {}),
        ("pairs beyond 60/40", np.zeros((SIZE, SIZE)), {}),
        ("pairs beyond 85/15", planted(SIZE, 0.10, 1.0, 6, 3), {}),
        ("cyclic energy", planted(SIZE, 0.3, 0.1, 6, 3), {}),
        ("cyclic rank", planted(SIZE, 0.10, 0.4, 2, 3), {}),
        ("cyclic triples", planted(SIZE, 0.3, 0, 0, 3), {}),
        ("effective metagame size", planted(SIZE, 0.3, 0, 0, 3), {}),
        ("pick entropy", planted(SIZE, 0.6, 0.4, 6, 3), {}),
        ("win rate of side 0, minus one half", GOOD, {"side": 0.1}),
        ("the same in standard errors", GOOD, {"side": 0.1}),
        ("draws", GOOD, {"draw": 0.1}),
        ("timeouts", GOOD, {"timeouts": 0.6}),
        ("slips a fighter and match", GOOD, {"slips": 0.5}),
        ("damage of normals", GOOD, {"damage_chain": 5600}),
        ("damage of skills", GOOD, {"damage_skill": 2000}),
        ("damage of ultimates", GOOD, {"damage_ultimate": 1400}),
        ("damage of ultimates", GOOD, {"damage_ultimate": 2100}),
        ("damage of scrolls and companions", GOOD, {"damage_companion": 400}),
        ("parts of kits that are not used", GOOD, {"summons": 0.2}),
        ("both in a combo of 4, in mirrors", GOOD, {"locks": 0.006}),
    ],
)
def test_a_gate_fails_when_its_figure_is_pushed(good, name, logits, options):
    assert gates_of(good)[name].passed
    assert not gates_of(simulated(logits, 200, 1, **options))[name].passed


def test_one_character_that_leaves_a_part_of_its_kit_alone_fails_the_gate(good):
    gate = "parts of kits that are not used"
    for event in ("skill1", "skill2", "ultimates", "trait", "scrolls", "summons", "slips"):
        totals = good.totals.copy()
        totals[7, :, TOTALS.index(event)] = totals[7, :, TOTALS.index("games")] // 4
        found = gates_of(replace(good, totals=totals))[gate]
        assert found.value == 1 and not found.passed and "c7 (0.25)" in found.note
        has_trait = [k != 7 for k in range(SIZE)]
        meta = {**good.meta, "trait_buttons": has_trait}
        found = gates_of(replace(good, totals=totals, meta=meta))[gate]
        assert found.passed == (event == "trait")


def test_rematches_tell_one_sided_pairs_from_lucky_ones():
    arrays = small_arrays()
    characters = arrays["characters"].copy()
    characters["max_hp"][0] = 100  # loses to everybody; the others stay as they are
    data = _core.Data(RULES, **{**arrays, "characters": characters})
    matrix = play_round_robin(data, Plan(FEW, 10, PILOTS, (3,)), names=NAMES, meta=META)
    chosen = suspects(matrix)
    assert len(chosen) >= 3
    found = play_rematches(data, matrix, games=20)
    weak = found.pairs[:, 0] == 0
    assert weak.sum() == 3
    assert (found.rates[weak] < 0.15).all()
    share, low, high = found.share(0.85)
    assert low < share < high
    assert share >= 3 / 6
    rows = analyse(matrix, found).gates
    assert next(row for row in rows if row.name == "pairs beyond 85/15").value == share


def test_the_report_shows_gates_plots_and_who_stands_out(good, tmp_path):
    path = tmp_path / "matrix.npz"
    good.save(path)
    probed = Gate("best open-loop script's win rate", 0.7, high=0.55)
    rematches = Rematches(np.array([[0, 5]]), np.array([55.0]), 60, good.plan.num_pairs)
    analysis = analyse(good, rematches, probe=probed)
    page = write_report(tmp_path / "out", path, good, analysis, rematches, "make it so").read_text()
    for gate in analysis.gates:
        assert f"| {gate.name} |" in page
    assert "| best open-loop script's win rate | 0.700 |  |  | at most 0.55 | **no** |" in page
    assert "| c0 | c5 | 0.917 | 60 |" in page
    assert "make it so" in page
    assert good.names[int(analysis.strengths.value.argmax())] in page
    for plot in ("mean_win_rates", "win_rates", "strengths", "spectrum"):
        assert (tmp_path / "out" / f"{plot}.png").stat().st_size > 5000
    assert same_counts(Matrix.load(tmp_path / "out" / "matrix.npz"), good)


def same_counts(one, other):
    return np.array_equal(one.sides, other.sides) and np.array_equal(one.totals, other.totals)


# ---- probe and tuning ----


def test_the_probe_finds_a_script_that_beats_bots_that_do_nothing(monkeypatch):
    monkeypatch.setattr(open_loop, "_GENERATIONS", 3)
    monkeypatch.setattr(open_loop, "_CHILDREN", 8)
    found = probe(DATA, characters=[0], pilots=("idle",), games=40)
    assert found.rate > 0.9
    assert not found.gate().passed
    assert 0 <= min(found.script) <= max(found.script) < _core.NUM_ACTIONS


def test_the_probe_gate_passes_a_script_that_loses():
    assert Probe(0, (1,), 300, 1000).gate().passed


def test_a_budget_is_spent_on_knobs_in_order_within_their_limits():
    stats = {"max_hp": 10_000, "attack": 1000, "cooldown_rate": 1000, "spark_rate": 1000}
    assert spend(0.0, stats) == {}
    assert spend(0.03, stats) == {"max_hp": 1030}
    assert list(spend(-0.1, stats)) == ["max_hp", "attack"]
    assert spend(-0.1, stats)["max_hp"] == 940
    for budget in (-1.0, 1.0, 0.11, -0.07):
        factors = spend(budget, stats)
        total = sum(np.log(factor / 1000) for factor in factors.values())
        assert total == pytest.approx(np.clip(budget, -MAX_DRIFT, MAX_DRIFT), abs=0.003)
        assert all(abs(factor - 1000) <= KNOBS[knob] for knob, factor in factors.items())


def test_what_a_statistic_at_its_limit_cannot_take_goes_to_the_next():
    stats = {"max_hp": 12_500, "attack": 1000, "cooldown_rate": 1000, "spark_rate": 1000}
    assert list(spend(0.05, stats)) == ["attack"]


def tuning_loop(folder):
    arrays = small_arrays()
    characters = arrays["characters"].copy()
    characters[:] = characters[0]  # equals, but for
    characters["id"] = np.arange(FEW)
    characters["max_hp"] = [10_000, 10_000, 10_000, 11_800]
    arrays["characters"] = characters
    plan = Plan(FEW, 200, ("masher", "punisher"), (4,))
    return TuningLoop(arrays, RULES, NAMES, plan, META, folder)


def test_tuning_weakens_the_strong_and_goes_on_where_it_was(tmp_path):
    loop = tuning_loop(tmp_path)
    first = loop.play_round()
    assert first.strengths[3] == max(first.strengths)
    loop.play_round()
    assert loop.rounds[1].budgets[3] < 0
    again = tuning_loop(tmp_path)
    assert again.rounds == loop.rounds
    whole = again.play_round()
    assert loop.play_round() == whole
    factors = loop.factors(loop.next_budgets())
    assert factors[NAMES[3]]["max_hp"] < 1000
    assert min(done.spread for done in loop.rounds[1:]) < first.spread
    with pytest.raises(BalanceError, match="another roster or plan"):
        TuningLoop(loop.arrays, RULES, NAMES, replace(loop.plan, seed=9), META, tmp_path)


def test_nobody_near_zero_is_moved(tmp_path):
    loop = tuning_loop(tmp_path)
    played = loop.play_round()
    loop.rounds = [replace(played, strengths=(0.05, -0.05, 0.03, -0.02))]
    assert loop.is_finished
    loop.rounds = [replace(played, strengths=(0.2, -0.05, 0.03, -9.0))]
    assert loop.next_budgets() == pytest.approx((-0.07, 0, 0, MAX_DRIFT))
    assert not loop.is_finished


# ---- the command ----


def test_the_command_measures_resumes_and_reports(tmp_path, capsys, monkeypatch):
    from cam_arena.balance import commands

    small = type("Small", (), {})()
    small.data, small.names, small.id = DATA, NAMES, "r"
    small.arrays, small.rules = small_arrays(), ROSTER.rules
    monkeypatch.setattr(commands, "_load", lambda path: (small, META))
    small.__class__.__len__ = lambda self: FEW
    out = str(tmp_path / "out")
    options = ["--games", "4", "--pilots", "masher", "walker", "--rematch", "4", "--out", out]
    assert cli.main(["balance", "run", *options]) == 1
    shown = capsys.readouterr().out
    assert "cyclic rank" in shown
    written = (Path(out) / "matrix.npz").read_bytes()
    assert cli.main(["balance", "run", *options]) == 1
    assert (Path(out) / "matrix.npz").read_bytes() == written
    assert cli.main(["balance", "report", "--out", out, "--to", str(tmp_path / "page")]) == 1
    page = (tmp_path / "page" / "README.md").read_text()
    assert "cam-arena balance run --games 4 --pilots masher walker" in page
    capsys.readouterr()
    assert cli.main(["balance", "report", "--out", str(tmp_path / "nothing")]) == 1
    assert "cam-arena balance run writes it" in capsys.readouterr().err
    (Path(out) / "probe.json").write_text(json.dumps({"script": []}))
    assert cli.main(["balance", "report", "--out", out, "--to", str(tmp_path / "page")]) == 1
    assert "probe.json: damaged" in capsys.readouterr().err


# ---- the model of strengths, and evening out ----


def test_a_sample_lets_everybody_play_about_as_often():
    plan = Plan(40, 2, ("walker",), (1,), seed=3)
    first, second = plan.pairs
    pairs = _pairs(plan, 8)
    met = np.bincount(first[pairs], minlength=40) + np.bincount(second[pairs], minlength=40)
    assert met.min() >= 7
    assert met.max() <= 10
    assert len(_pairs(plan, 39)) == plan.num_pairs


def planted_roster(seed, size=400, noise=0.2):
    """A roster whose strength is 2 of one number, -1 of another and nothing of a third."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(size, 3))
    strengths = rows @ [2.0, -1.0, 0.0] + rng.normal(size=size) * noise
    numbers = [dict(zip(("a", "b", "c"), row, strict=True)) for row in rows.tolist()]
    return Fitted(numbers, strengths, np.full(size, noise), 100)


def test_the_fit_finds_what_numbers_are_worth():
    model = fit_model({1: planted_roster(1), 2: planted_roster(2)}, {3: planted_roster(3)})
    for name, truth in (("a", 2.0), ("b", -1.0), ("c", 0.0)):
        value, low, high = model.worth[name]
        assert value == pytest.approx(truth, abs=0.05)
        assert low - 0.02 <= truth <= high + 0.02
        assert 0.01 < high - low < 0.1
    assert model.about["r2"] > 0.98
    assert model.about["left"] < 0.1
    assert model.predict({"a": 1.0, "b": 1.0, "unheard of": 9.0}) == pytest.approx(1, abs=0.1)


def test_knobs_of_training_rosters_are_drawn_apart_from_each_other():
    rows = []

    def drawn(plan, stats):
        knobs = drawn_knobs(plan, stats)
        rows.append((knobs.power, knobs.pace, knobs.max_hp, knobs.stats["attack"]))
        return knobs

    generate_roster(5, 96, knobs=drawn)
    power, pace, health, attack = np.array(rows).T
    assert np.log(power / 1000).std() > 0.2
    assert health.std() > 400
    correlations = np.corrcoef([np.log(power), pace, health, attack])
    assert np.abs(correlations - np.eye(4)).max() < 0.4


class Alike:
    """A roster of the same character four times, but for attack, which a surplus lowers."""

    def __init__(self, surplus):
        arrays = small_arrays()
        characters = arrays["characters"].copy()
        characters[:] = characters[0]
        lost = [surplus.get(name, 0.0) / 3 for name in NAMES]
        characters["attack"] = np.array([850, 950, 1050, 1150]) * np.exp(-np.array(lost))
        self.arrays = {**arrays, "characters": characters}
        self.data = _core.Data(RULES, **self.arrays)
        self.names, self.id = NAMES, "alike"

    def __len__(self):
        return FEW

    def __iter__(self):
        return iter(list(ROSTER)[:FEW])


def test_evening_out_takes_from_the_strong_and_ends_when_it_is_enough():
    rounds = list(even_out(Alike, Plan(FEW, 200, ("punisher",), (4,), seed=1), spread=0.03))
    assert rounds[0].spread > 0.05
    assert rounds[-1].spread < 0.5 * rounds[0].spread
    assert len(rounds) < MOST_WHOLE or rounds[-1].spread <= 0.03
    assert rounds[1].surplus[NAMES[0]] < -0.1
    assert rounds[1].surplus[NAMES[3]] > 0.1


@pytest.mark.slow
def test_a_model_is_fitted_by_a_command_that_goes_on(tmp_path, capsys):
    options = ["balance", "fit", "--out", str(tmp_path / "fit"), "--seeds", "2", "--held-out", "1",
               "--characters", "16", "--opponents", "4", "--threads", "1",
               "--write", str(tmp_path / "model.toml")]  # fmt: skip
    assert cli.main(options) == 0
    assert "on 1 rosters held out" in capsys.readouterr().out
    model = read_model(tmp_path / "model.toml")
    assert model.about["characters"] == 32
    assert len(model.worth) > 50
    before = (tmp_path / "model.toml").read_bytes()
    files = sorted((tmp_path / "fit").iterdir())
    files[0].unlink()
    assert cli.main(options) == 0
    assert (tmp_path / "model.toml").read_bytes() == before
