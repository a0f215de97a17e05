"""Meta-strategies, interaction graphs and exploitability: known games, and OpenSpiel's solvers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cam_arena.agents.population.exploitability import (
    game_value,
    nash_conv,
    relative_population_performance,
)
from cam_arena.agents.population.interaction_graph import (
    GRAPHS,
    UNGROUNDED,
    effective,
    interaction_graph,
)
from cam_arena.agents.population.payoff import Payoff
from cam_arena.agents.population.solvers import (
    META_SOLVERS,
    alpha_rank,
    fictitious_play,
    meta_strategy,
    nash,
    projected_replicator_dynamics,
    regret_matching,
)
from cam_arena.errors import CheckpointError

RPS = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], np.float64)
BIASED = np.array([[0, -1, 2], [1, 0, -1], [-2, 1, 0]]) / 2
# Two players guess each other's coin; each row is (role, side), made symmetric.
MATCHING = np.array([[0, 0, 1, -1], [0, 0, -1, 1], [-1, 1, 0, 0], [1, -1, 0, 0]], np.float64)
FIVE = np.array(
    [
        [0.0, 0.42, -0.14, -0.56, -0.5],
        [-0.42, 0.0, -0.19, -0.34, 0.73],
        [0.14, 0.19, 0.0, 0.48, 0.02],
        [0.56, 0.34, -0.48, 0.0, 0.0],
        [0.5, -0.73, -0.02, 0.0, 0.0],
    ]
)
CONVERGING = ("nash", "regret_matching", "prd", "fictitious_play")


def random_game(seed, size):
    matrix = np.random.default_rng(seed).uniform(-1, 1, (size, size))
    return (matrix - matrix.T) / 2


@pytest.mark.parametrize("solver", CONVERGING)
@pytest.mark.parametrize(
    ("game", "solution"),
    [(RPS, [1 / 3] * 3), (BIASED, [0.25, 0.5, 0.25]), (MATCHING, [0.25] * 4)],
)
def test_known_games_are_solved(solver, game, solution):
    np.testing.assert_allclose(meta_strategy(solver, game), solution, atol=0.01)


@pytest.mark.parametrize("solver", CONVERGING)
def test_solvers_leave_little_to_gain(solver):
    for seed in range(3):
        game = random_game(seed, 7)
        assert nash_conv(game, meta_strategy(solver, game)) < 0.02


@given(st.integers(0, 2**32), st.integers(1, 9), st.sampled_from([None, 1, 0]))
def test_the_equilibrium_of_largest_entropy_is_one(seed, size, decimals):
    game = random_game(seed, size)
    if decimals is not None:  # coarse payoffs have many equilibria
        game = game.round(decimals)
    strategy = nash(game)
    assert strategy.sum() == pytest.approx(1) and strategy.min() >= 0
    assert (game @ strategy).max() <= 1e-8


def entropy(strategy):
    return -(strategy[strategy > 0] * np.log(strategy[strategy > 0])).sum()


def test_copies_share_their_weight_and_no_equilibrium_has_more_entropy():
    copies = RPS[np.ix_([0, 0, 1, 2, 2, 2], [0, 0, 1, 2, 2, 2])]
    found = nash(copies)
    np.testing.assert_allclose(found, [1 / 6, 1 / 6, 1 / 3, 1 / 9, 1 / 9, 1 / 9], atol=1e-6)
    rng = np.random.default_rng(0)
    for _ in range(50):  # any other split of the three thirds is an equilibrium too
        split = np.r_[rng.dirichlet([1, 1]), 1, rng.dirichlet([1, 1, 1])] / 3
        assert nash_conv(copies, split) < 1e-9
        assert entropy(split) <= entropy(found) + 1e-9
    np.testing.assert_allclose(nash(np.zeros((5, 5))), [0.2] * 5, atol=1e-9)


def test_the_equilibrium_does_not_depend_on_the_order_of_members():
    game = random_game(1, 6).round(1)
    order = np.random.default_rng(0).permutation(6)
    np.testing.assert_allclose(nash(game)[order], nash(game[np.ix_(order, order)]), atol=1e-6)


# Computed with open_spiel.python.egt.alpharank.compute of OpenSpiel 2.0.2.
ALPHA_RANK = [
    (RPS, {}, [1 / 3] * 3),
    (BIASED, {"alpha": 5, "population": 20}, [0.3340786462, 0.3340786462, 0.3318427076]),
    (FIVE, {}, [0.0054659164, 0.0064725409, 0.9611650485, 0.0173527215, 0.0095437727]),
    (
        FIVE,
        {"alpha": 5, "population": 20},
        [0.0004853906, 0.0013516798, 0.9924725857, 0.0019002924, 0.0037900515],
    ),
    (FIVE, {"alpha": 100}, [0, 0, 1, 0, 0]),
]


@pytest.mark.parametrize(("game", "options", "stored"), ALPHA_RANK)
def test_alpha_rank_gives_the_stored_distributions(game, options, stored):
    np.testing.assert_allclose(alpha_rank(game, **options), stored, atol=1e-9)


def test_replicator_dynamics_give_the_stored_distributions():
    # open_spiel...projected_replicator_dynamics(iterations=20000, dt=0.01), OpenSpiel 2.0.2
    np.testing.assert_allclose(
        projected_replicator_dynamics(BIASED), [0.2511, 0.5027, 0.2462], atol=1e-4
    )
    np.testing.assert_allclose(
        projected_replicator_dynamics(FIVE), [0.0061, 0.0113, 0.948, 0.0094, 0.0251], atol=1e-4
    )


def test_a_floor_keeps_losers_alive():
    mixture = projected_replicator_dynamics([[0, 1], [-1, 0]], floor=0.1)
    assert mixture[1] >= 0.1 and mixture[0] > 0.8
    with pytest.raises(ValueError, match="floor must lie in"):
        projected_replicator_dynamics(RPS, floor=0.5)


@pytest.mark.parametrize("solver", META_SOLVERS)
def test_every_meta_strategy_is_a_distribution(solver):
    for game in (np.zeros((1, 1)), RPS, FIVE, np.zeros((4, 4))):
        mixture = meta_strategy(solver, game)
        assert mixture.shape == (len(game),) and mixture.min() >= 0
        assert mixture.sum() == pytest.approx(1)


def test_simple_meta_strategies():
    assert meta_strategy("latest", RPS).tolist() == [0, 0, 1]
    np.testing.assert_allclose(meta_strategy("uniform", FIVE), [0.2] * 5)
    # The newest loses to the first half the time, to the second always.
    game = np.array([[0, 0, 0], [0, 0, 1], [0, -1, 0]])
    np.testing.assert_allclose(meta_strategy("pfsp_hard", game), np.array([1, 4, 1]) / 6)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="solver must be one of"):
        meta_strategy("best", RPS)
    for bad in ([[0, 1], [1, 0]], [], [[np.nan]], [[0, 1]]):
        with pytest.raises(ValueError, match="antisymmetric"):
            meta_strategy("nash", bad)
    with pytest.raises(ValueError, match="distribution over 3"):
        nash_conv(RPS, [0.5, 0.5])
    with pytest.raises(ValueError, match="finite"):
        game_value([[np.inf]])
    with pytest.raises(ValueError, match="graph must be one of"):
        interaction_graph("none", RPS)


def test_nash_conv_is_what_both_best_responses_gain():
    assert nash_conv(RPS, [1, 0, 0]) == pytest.approx(2)
    assert nash_conv(RPS, [1 / 3] * 3) == pytest.approx(0)
    assert nash_conv(BIASED, [1 / 3] * 3) == pytest.approx(2 / 6)


def test_value_of_a_game_that_is_not_symmetric():
    value, rows, columns = game_value([[0.2, -0.1], [0, 0.3]])
    assert value == pytest.approx(0.1)
    np.testing.assert_allclose(rows, [0.5, 0.5], atol=1e-9)
    np.testing.assert_allclose(columns, [2 / 3, 1 / 3], atol=1e-9)


def test_relative_population_performance():
    assert relative_population_performance(RPS) == pytest.approx(0)
    # All of the cycle against rock alone: paper is there.
    assert relative_population_performance(RPS[:, :1]) == pytest.approx(1)
    assert relative_population_performance(RPS[:1]) == pytest.approx(-1)


# A sink that loses to everyone, then rock, paper, scissors.
CYCLE = np.zeros((4, 4))
CYCLE[1:, 1:], CYCLE[0, 1:], CYCLE[1:, 0] = RPS, -1, 1


def test_graphs_of_the_paper():
    np.testing.assert_allclose(interaction_graph("self_play", CYCLE), 0.25)
    np.testing.assert_allclose(interaction_graph("cycle", RPS), [[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    np.testing.assert_allclose(interaction_graph("latest", RPS), [[0, 0, 0], [1, 0, 0], [0, 1, 0]])
    np.testing.assert_allclose(
        interaction_graph("fictitious_play", RPS), [[0, 0, 0], [1, 0, 0], [0.5, 0.5, 0]]
    )
    five = np.pad(CYCLE, (0, 1))
    np.testing.assert_allclose(
        interaction_graph("nash", five),
        [
            [0, 0, 0, 0, 0],
            [1, 0, 0, 0, 0],
            [0, 1, 0, 0, 0],
            [0, 0, 1, 0, 0],
            [0, 1 / 3, 1 / 3, 1 / 3, 0],
        ],
        atol=1e-9,
    )


def test_rectified_rows_leave_out_who_they_lose_to():
    five = np.pad(CYCLE, (0, 1))
    five[4, 1:4], five[1:4, 4] = [0.5, -0.5, 0.5], [-0.5, 0.5, -0.5]
    np.testing.assert_allclose(
        interaction_graph("rectified", five)[4], [0, 0.5, 0, 0.5, 0], atol=1e-9
    )
    five[4, 1:4], five[1:4, 4] = -0.5, 0.5  # loses to all: the equilibrium itself
    np.testing.assert_allclose(
        interaction_graph("rectified", five)[4], [0, 1 / 3, 1 / 3, 1 / 3, 0], atol=1e-9
    )


@pytest.mark.parametrize("graph", [name for name in GRAPHS if name not in UNGROUNDED])
def test_grounded_graphs_mix_former_members_only(graph):
    rows = interaction_graph(graph, FIVE)
    assert not rows[0].any() and not np.triu(rows).any()
    np.testing.assert_allclose(rows[1:].sum(1), 1)
    # Nothing that comes later changes an earlier row.
    np.testing.assert_allclose(interaction_graph(graph, FIVE[:3, :3]), rows[:3, :3])


def test_equal_rows_are_one_policy():
    assert effective([[0, 0, 0], [1, 0, 0], [1, 0, 0]]).tolist() == [0, 1, 1]
    assert effective(np.full((3, 3), 1 / 3)).tolist() == [0, 0, 0]
    assert effective([[0, 0], [1e-5, 0]]).tolist() == [0, 0]


def test_games_of_one_population_count_from_both_sides():
    payoff = Payoff(3, 3)
    payoff.meet(0, 1, wins=6, draws=2, games=10)
    matrix = payoff.matrix()
    np.testing.assert_allclose(matrix, [[0, 0.4, 0], [-0.4, 0, 0], [0, 0, 0]])
    assert np.array_equal(matrix, -matrix.T)
    assert payoff.missing.tolist() == [
        [False, False, True],
        [False, False, True],
        [True, True, False],
    ]
    payoff.clear(1)
    assert payoff.missing.sum() == 6
    with pytest.raises(ValueError, match="cannot meet"):
        payoff.meet(1, 1, wins=0, draws=0, games=1)
    with pytest.raises(ValueError, match="square"):
        Payoff(1, 2).matrix()


def test_bayesian_intervals():
    payoff = Payoff(2, 2)
    np.testing.assert_allclose(payoff.credible(0, 1), [0.025, 0.975], atol=1e-9)  # the prior
    payoff.meet(0, 1, wins=7, draws=2, games=10)
    low, high = payoff.credible(0, 1)
    # Beta(9, 3): quantiles by scipy.stats of independent tables
    assert (low, high) == (pytest.approx(0.4822, abs=1e-3), pytest.approx(0.9398, abs=1e-3))
    narrow = payoff.credible(0, 1, level=0.5)
    assert low < narrow[0] < narrow[1] < high


def test_counts_are_saved_and_loaded(tmp_path):
    payoff = Payoff(3, 3)
    payoff.meet(2, 0, wins=1, draws=1, games=5)
    payoff.save(tmp_path / "payoff.json")
    assert np.array_equal(Payoff.load(tmp_path / "payoff.json").counts(), payoff.counts())
    (tmp_path / "bad.json").write_text('{"wins": [[1]]}')
    for name in ("bad.json", "missing.json"):
        with pytest.raises(CheckpointError, match=name):
            Payoff.load(tmp_path / name)


GAMES = [RPS, BIASED, FIVE, random_game(3, 6)]


@pytest.mark.filterwarnings("ignore")
def test_solvers_agree_with_openspiel():
    pytest.importorskip("pyspiel", reason='pip install ".[openspiel]"')
    from open_spiel.python.algorithms import projected_replicator_dynamics as theirs_prd
    from open_spiel.python.algorithms import regret_matching as theirs_rm
    from open_spiel.python.egt import alpharank as theirs_alpha

    for game in GAMES:
        ranked = theirs_alpha.compute([game], use_inf_alpha=True, inf_alpha_eps=0.01)[2]
        np.testing.assert_allclose(alpha_rank(game), ranked, atol=1e-9)
        ranked = theirs_alpha.compute([game], alpha=10, m=30)[2]
        np.testing.assert_allclose(alpha_rank(game, alpha=10, population=30), ranked, atol=1e-9)
        dynamics = theirs_prd.projected_replicator_dynamics(
            [game, -game], prd_iterations=2000, prd_dt=0.01
        )[0]
        ours = projected_replicator_dynamics(game, iterations=2000)
        np.testing.assert_allclose(ours, dynamics, atol=2e-3)
        matched = theirs_rm.regret_matching([game, -game], iterations=3000)[0]
        for solver in (regret_matching, fictitious_play):
            np.testing.assert_allclose(solver(game), matched, atol=0.04)


@pytest.mark.filterwarnings("ignore")
def test_equilibria_agree_with_openspiel():
    pyspiel = pytest.importorskip("pyspiel", reason='pip install ".[openspiel]"')
    from open_spiel.python.algorithms import lp_solver

    for game in GAMES:  # with one equilibrium each
        solved = lp_solver.solve_zero_sum_matrix_game(pyspiel.create_matrix_game(game, -game))
        np.testing.assert_allclose(nash(game), np.ravel(solved[0]), atol=1e-6)
        assert game_value(game)[0] == pytest.approx(float(solved[2]), abs=1e-6)
