"""Counts, solvers and who meets whom."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import cam_arena
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.population.matchmaking import Pool
from cam_arena.agents.population.members import (
    BotMember,
    Member,
    PolicyMember,
    load_member,
    save_member,
)
from cam_arena.agents.population.payoff import Payoff
from cam_arena.agents.population.solvers import nash, opponents
from cam_arena.agents.sharing import make_policy
from cam_arena.agents.vecenv import Pairing, Result
from cam_arena.errors import CheckpointError


def result(opponent, points, seat=0):
    return Result(Pairing(opponent, seat), points, 0.0, 1)


def test_counts_become_rates_and_intervals():
    payoff = Payoff(1, 2)
    for points in (1, 1, 0.5, 0):
        payoff.add(0, 1, points)
    assert payoff.wins[0, 1] == 2 and payoff.draws[0, 1] == 1 and payoff.games[0, 1] == 4
    assert payoff.rates().tolist() == [[0.5, 0.625]]
    assert payoff.rates(prior_games=4)[0, 1] == pytest.approx((2.5 + 2) / 8)
    low, high = payoff.interval(0, 1)
    assert 0 < low < 0.625 < high < 1


def test_counts_survive_growth_merging_and_json():
    payoff = Payoff(1, 1)
    payoff.add(0, 0, 1)
    payoff.grow(2, 3)
    payoff.merge(np.array([1, 0, 1])[:, None, None] * np.ones((2, 3), np.int64))
    twin = Payoff.from_state(payoff.state())
    assert np.array_equal(twin.counts(), payoff.counts())
    assert payoff.games[0].tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    "state",
    [
        {"wins": [[2]], "draws": [[0]], "games": [[1]]},
        {"wins": [[-1]], "draws": [[0]], "games": [[1]]},
        {"wins": [[1, 1]], "draws": [[0]], "games": [[1]]},
    ],
)
def test_impossible_counts_are_refused(state):
    with pytest.raises(ValueError, match="must"):
        Payoff.from_state(state)


def test_old_games_fade():
    payoff = Payoff(1, 2)
    payoff.merge(np.array([[[600, 3]], [[0, 0]], [[1000, 10]]]))
    payoff.forget(100)
    assert payoff.games.tolist() == [[100, 10]]
    assert payoff.wins.tolist() == [[60, 3]]


def test_fading_does_not_shift_the_rate():
    payoff = Payoff(1, 1)
    for _ in range(600):
        payoff.merge(np.array([[[1]], [[0]], [[2]]]))
        payoff.forget(100)
    assert payoff.rates()[0, 0] == pytest.approx(0.5)
    twin = Payoff.from_state(json.loads(json.dumps(payoff.state())))
    assert np.array_equal(twin.counts(), payoff.counts())


def test_prioritised_play_prefers_the_hard_ones():
    rates = [0.9, 0.5, 0.1]
    np.testing.assert_allclose(
        opponents("pfsp_hard", rates, floor=0), np.array([1, 25, 81]) / 107, atol=1e-12
    )
    np.testing.assert_allclose(
        opponents("pfsp_var", rates, floor=0), np.array([9, 25, 9]) / 43, atol=1e-12
    )
    np.testing.assert_allclose(opponents("uniform", rates), [1 / 3] * 3)
    softmax = opponents("softmax", rates, floor=0)
    assert softmax[1] / softmax[0] == pytest.approx(np.exp(0.8 / 0.25))
    assert opponents("pfsp_hard", [1.0, 1.0], floor=0).tolist() == [0.5, 0.5]


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=8),
    st.sampled_from(["uniform", "pfsp_hard", "pfsp_var", "softmax"]),
    st.floats(0, 1),
)
def test_every_solver_gives_a_distribution_above_the_floor(rates, solver, floor):
    weights = opponents(solver, rates, floor=floor)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= floor / len(rates) - 1e-12).all()


def test_nash_of_known_games():
    np.testing.assert_allclose(
        nash([[0, -1, 2], [1, 0, -1], [-2, 1, 0]]), [0.25, 0.5, 0.25], atol=1e-9
    )
    np.testing.assert_allclose(nash([[0, 1], [-1, 0]]), [1, 0], atol=1e-9)
    assert nash([[0]]).tolist() == [1]


@given(st.integers(0, 2**32), st.integers(1, 8))
def test_nobody_beats_nash(seed, size):
    matrix = np.random.default_rng(seed).uniform(-1, 1, (size, size))
    matrix -= matrix.T
    strategy = nash(matrix)
    assert strategy.sum() == pytest.approx(1)
    assert (matrix @ strategy).max() <= 1e-8


def test_wrong_arguments_of_solvers_are_named():
    with pytest.raises(ValueError, match="solver must be one of"):
        opponents("best", [0.5])
    with pytest.raises(ValueError, match="at least one opponent"):
        opponents("uniform", [])
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        opponents("uniform", [1.5])
    with pytest.raises(ValueError, match="antisymmetric"):
        nash([[0, 1], [1, 0]])
    with pytest.raises(ValueError, match="needs the payoff"):
        opponents("nash", [0.5])


def draws(pool, count=4000, seed=0):
    rng = np.random.default_rng(seed)
    return [pool.draw(rng) for _ in range(count)]


def test_without_members_the_learner_meets_itself():
    assert {pairing.opponent for pairing in draws(Pool(), 20)} == {None}


def test_the_share_against_itself_is_as_asked_and_seats_alternate():
    pool = Pool(self_share=0.7)
    pool.add(BotMember("idle"))
    drawn = draws(pool)
    assert np.mean([p.opponent is None for p in drawn]) == pytest.approx(0.7, abs=0.03)
    assert np.mean([p.seat for p in drawn]) == pytest.approx(0.5, abs=0.03)


def test_results_change_who_is_met_after_synchronising():
    pool = Pool(solver="pfsp_hard", floor=0.0)
    for level in (1, 2):
        pool.add(BotMember("idle", level))
    for _ in range(90):
        pool.report(result(0, 1.0))
        pool.report(result(1, 0.0))
    assert np.mean([p.opponent for p in draws(pool)]) == pytest.approx(0.5, abs=0.03)
    pool.synchronise(lambda counts: counts)
    assert np.mean([p.opponent for p in draws(pool)]) > 0.95


def test_one_lucky_win_does_not_rule_a_member_out():
    pool = Pool(self_share=0.0, floor=0.0)
    for level in (1, 2):
        pool.add(BotMember("idle", level))
    pool.report(result(0, 1.0))
    pool.synchronise(lambda counts: counts)
    # Ten games of doubt: 6 of 11 points, so (5/11)^2 beside (1/2)^2.
    expected = (5 / 11) ** 2 / ((5 / 11) ** 2 + 0.25)
    met = np.mean([pairing.opponent == 0 for pairing in draws(pool)])
    assert met == pytest.approx(expected, abs=0.03)


def test_a_pool_forgets_old_games():
    pool = Pool()
    pool.add(BotMember("idle"))
    for points, games in ((0.0, 300), (1.0, 300)):
        for _ in range(games):
            pool.report(result(0, points))
        pool.synchronise(lambda counts: counts, memory=100)
    # 100 lost games are left of 300, then 300 won: 3 of 4 points, in 100 games again.
    assert pool.payoff.games[0, 0] == pytest.approx(100)
    assert pool.payoff.rates()[0, 0] == pytest.approx(0.75)


def test_the_share_of_the_first_member_does_not_cut_that_of_the_learner_itself():
    pool = Pool(self_share=0.5, first_share=0.3, floor=1.0)
    for level in (1, 2):
        pool.add(BotMember("idle", level))
    met = [pairing.opponent for pairing in draws(pool)]
    assert np.mean([opponent is None for opponent in met]) == pytest.approx(0.5, abs=0.03)
    assert np.mean([opponent == 0 for opponent in met]) == pytest.approx(0.4, abs=0.03)


def test_workers_share_their_results():
    pool = Pool()
    pool.add(BotMember("idle"))
    pool.report(result(0, 1.0))
    pool.synchronise(lambda counts: counts * 2)
    assert pool.payoff.games.tolist() == [[2]]


def test_only_the_hardest_and_the_newest_are_met():
    pool = Pool(active=3)
    for level in range(1, 6):
        pool.add(BotMember("zoner", level))
    for index, points in enumerate((0.0, 1.0, 0.0, 1.0, 1.0)):
        for _ in range(30):
            pool.report(result(index, points))
    pool.synchronise(lambda counts: counts)
    assert {p.opponent for p in draws(pool, 500)} == {0, 2, 4}


def test_an_equilibrium_of_the_members_is_met():
    pool = Pool(solver="nash", floor=0.0)
    for level in (1, 2, 3):
        pool.add(BotMember("zoner", level))
    # The second beats all others, so the equilibrium is to play it.
    pool.rank(1, np.array([[2000, 0, 2000], [0, 0, 0], [2000, 0, 2000]]))
    assert {p.opponent for p in draws(pool, 200)} == {1}
    assert pool.ranking.wins[0].tolist() == [0, 0, 0]
    assert pool.ranking.games[0].tolist() == [0, 2000, 0]


def test_a_pool_continues_from_its_state():
    pool = Pool(active=2)
    members = [BotMember("zoner", level) for level in (1, 2, 3)]
    for member in members:
        pool.add(member)
    pool.report(result(0, 1.0))
    pool.synchronise(lambda counts: counts)
    pool.report(result(1, 0.5))
    twin = Pool(active=2)
    twin.restore(pool.state(), members)
    assert draws(twin, 50) == draws(pool, 50)
    assert twin.state() == pool.state()


def test_characters_are_chosen_with_the_pairing():
    pool = Pool(characters=lambda rng, opponent, seat: (seat, opponent))
    pool.add(BotMember("idle"))
    for pairing in draws(pool, 20):
        assert pairing.characters == (pairing.seat, 0)


CHARACTERS = len(cam_arena.load_roster())


def policy(seed=0, characters=CHARACTERS):
    return make_policy(
        "full",
        cam_arena.observation_layout(),
        characters,
        NetworkConfig((8, 8), 8, 4, 4),
        generator=torch.Generator().manual_seed(seed),
    )


def seen(rows=6):
    env = cam_arena.make_vec(rows // 2, copy=True)
    batch, _ = env.reset(seed=0)
    return batch["observation"], batch["action_mask"]


def test_a_member_acts_legally_and_repeatably():
    member = PolicyMember("x", policy())
    assert isinstance(member, Member)
    observation, mask = seen()
    first, second = (member.act(observation, mask, rng=np.random.default_rng(0)) for _ in range(2))
    assert first.dtype == np.int32 and first.shape == (6,)
    assert np.array_equal(first, second)
    assert mask[np.arange(6), first].all()
    best = member.act(observation, mask, rng=np.random.default_rng(1), deterministic=True)
    again = member.act(observation, mask, rng=np.random.default_rng(2), deterministic=True)
    assert np.array_equal(best, again)


def test_a_member_is_saved_and_loaded(tmp_path):
    saved = policy(3)
    save_member(tmp_path / "gorm", saved, step=5, state={"parent": "y"})
    member = load_member(tmp_path / "gorm")
    assert member.name == "gorm"
    observation = torch.from_numpy(seen()[0])
    assert torch.equal(member.policy(observation)[0], saved(observation)[0])


def test_what_is_no_member_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="there is no directory"):
        load_member(tmp_path / "nobody")
    path = save_member(tmp_path / "a", policy())
    (path / "manifest.json").write_text("{}")
    with pytest.raises(CheckpointError):
        load_member(tmp_path / "a")


def test_weights_of_another_shape_are_refused(tmp_path):
    from cam_arena.agents import checkpoint

    spec = policy().spec()
    spec["num_characters"] += 1
    state = {"policy": spec, "layout": cam_arena.observation_layout().id}
    checkpoint.save(tmp_path, 0, tensors={"weights": policy().state_dict()}, state=state)
    with pytest.raises(CheckpointError, match="policy of this version"):
        load_member(tmp_path)


def test_a_character_the_policy_does_not_know_is_named():
    member = PolicyMember("x", policy(characters=2))
    observation, mask = seen()
    column = cam_arena.observation_layout()["own_character"].start
    observation[:, column] = 5 / 512
    with pytest.raises(ValueError, match=r"knows the characters 0\.\.1, got 5"):
        member.act(observation, mask, rng=np.random.default_rng(0))
