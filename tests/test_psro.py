"""PSRO finds the solutions of known games, repeats and resumes; and what it is trained on."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from cam_arena.agents import games, psro
from cam_arena.agents.evaluate_run import load_trained
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.loop import Loop
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.population.crossplay import crossplay
from cam_arena.agents.population.members import BotMember, load_member
from cam_arena.agents.population.payoff import Payoff
from cam_arena.agents.population_run import PRESETS, Sizes
from cam_arena.agents.runlog import read_rows
from cam_arena.errors import CheckpointError

SHORT = replace(PRESETS["matrix"], member_steps=4000, evaluation_games=200)
TINY = replace(PRESETS["matrix"], members=2, member_steps=1024)
MATRIX = psro.Config(game="rps", preset="matrix", workers=1, tensorboard=False)
ARENA = Sizes(
    2, 256, 8, 16, 2, 2, LearnerConfig(minibatch=64, precision="float32"), NetworkConfig((16, 16))
)


def document(run):
    return json.loads((run / "population.json").read_text())


def exact(run):
    return [entry["population/exact_nash_conv"] for entry in document(run)["history"]]


def test_best_responses_solve_rock_paper_scissors(tmp_path):
    run = psro.train(replace(MATRIX, sizes=SHORT, out=tmp_path, members=3))
    game = MATRIX.make_game()
    played = [
        games.action_probabilities(game, load_member(run / "snapshots" / f"{k:03d}"))
        for k in (1, 2)
    ]
    # The sink is rock.
    assert played[0][1] > 0.95 and played[1][2] > 0.95
    course = exact(run)
    assert course[0] > 1.8 and course[1] < 0.1
    history = document(run)["history"]
    assert history[1]["population/best_response"] > 0.9  # against paper alone
    assert abs(history[2]["population/best_response"]) < 0.15  # against the equilibrium
    assert np.array_equal(Payoff.load(run / "payoff.json").games > 0, ~np.eye(4, dtype=bool))


def test_the_biased_game_gets_its_own_mixture(tmp_path):
    config = replace(MATRIX, out=tmp_path, sizes=SHORT, game="biased_rps", members=3, solver="prd")
    run = psro.train(config)
    game = config.make_game()
    members = [game.sink, *(load_member(run / "snapshots" / f"{k:03d}") for k in (1, 2, 3))]
    played = np.array([games.action_probabilities(game, member) for member in members])
    np.testing.assert_allclose(document(run)["mixture"] @ played, [0.25, 0.5, 0.25], atol=0.08)
    assert exact(run)[-1] < 0.15


def test_it_stops_when_nothing_is_left_to_gain(tmp_path):
    run = psro.train(replace(MATRIX, sizes=SHORT, out=tmp_path, members=9, epsilon=0.2))
    assert len(document(run)["members"]) == 4


@pytest.mark.slow
def test_blotto_is_solved_by_a_dozen_best_responses(tmp_path):
    run = psro.train(replace(MATRIX, out=tmp_path, game="blotto", members=12))
    assert exact(run)[0] > 0.5 and exact(run)[-1] < 0.2


def weights(run, name):
    return load_member(run / name).policy.state_dict()


def assert_equal_weights(one, other):
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())


@pytest.mark.parametrize("update", [2, 5])
def test_an_interrupted_run_ends_with_the_same_weights(tmp_path, update):
    config = replace(MATRIX, sizes=TINY, start="latest", checkpoint_updates=1)
    whole = psro.train(replace(config, out=tmp_path / "whole"))
    real, count = Loop.update, [0]

    def dying(self):
        count[0] += 1
        if count[0] > update:
            raise KeyboardInterrupt
        return real(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Loop, "update", dying)
        with pytest.raises(KeyboardInterrupt):
            psro.train(replace(config, out=tmp_path / "parts"))
    parts = psro.train(replace(config, out=tmp_path / "parts"))
    for name in ("snapshots/001", "snapshots/002", "policy"):
        assert_equal_weights(weights(whole, name), weights(parts, name))
    assert document(whole) == document(parts)


def test_a_finished_run_trains_nothing_more(tmp_path):
    config = replace(MATRIX, sizes=TINY, out=tmp_path)
    before = document(psro.train(config))
    lines = (tmp_path / "metrics.jsonl").read_text()
    assert document(psro.train(config)) == before
    assert (tmp_path / "metrics.jsonl").read_text() == lines


def test_two_workers_make_one_population(tmp_path):
    sizes = replace(TINY, member_steps=2048)
    run = psro.train(replace(MATRIX, sizes=sizes, out=tmp_path, workers=2))
    payoff = Payoff.load(run / "payoff.json")
    assert (payoff.games[~np.eye(3, dtype=bool)] == TINY.evaluation_games).all()
    rows = [row for row in read_rows(run / "metrics.jsonl") if "time/seconds" in row]
    one, two = ([row for row in rows if row["name"] == f"response {k}"] for k in (1, 2))
    seconds, clock = (
        sum(part[-1][what] - part[0][what] for part in (one, two))
        for what in ("time/seconds", "time")
    )
    assert 0.5 * clock < seconds < 1.5 * clock  # what passes for both workers passes once


def test_fusion_averages_weights_by_their_shares():
    game = MATRIX.make_game()
    first, second, target = (MATRIX.make_policy(game, seed=k) for k in range(3))
    psro.fuse(target, [first, second], np.array([1.0, 3.0]))
    for name, tensor in target.state_dict().items():
        mean = 0.25 * first.state_dict()[name] + 0.75 * second.state_dict()[name]
        torch.testing.assert_close(tensor, mean)


@pytest.mark.parametrize("start", ["latest", "fusion"])
def test_a_best_response_may_start_from_its_elders(tmp_path, start):
    # Too short to learn: what the second begins as is nearly what it ends as.
    learner = replace(TINY.learner, lr=1e-9, lr_final=1.0)
    config = replace(MATRIX, sizes=replace(TINY, learner=learner), out=tmp_path, start=start)
    run = psro.train(config)
    old, new = weights(run, "snapshots/001"), weights(run, "snapshots/002")
    for name, tensor in old.items():
        torch.testing.assert_close(tensor, new[name], atol=1e-5, rtol=0)


def test_wrong_configs_are_named():
    with pytest.raises(ValueError, match="solver must be one of"):
        psro.Config(solver="best")
    with pytest.raises(ValueError, match="does not fit game 'rps'"):
        psro.Config(game="rps")
    with pytest.raises(ValueError, match="does not fit game 'arena'"):
        psro.Config(preset="matrix")
    with pytest.raises(ValueError, match="game must be one of"):
        psro.Config(game="chess")
    with pytest.raises(ValueError, match="evaluation_games must be even"):
        replace(TINY, evaluation_games=3)
    with pytest.raises(ValueError, match="antisymmetric"):
        games.matrix_game(np.eye(3))


def test_a_matrix_game_pays_its_payoff_in_rewards_and_results():
    game = games.matrix_game([[0, 0.5], [-0.5, 0]], sink=1)
    assert game.payoff.tolist() == [[0, 1], [-1, 0]]
    backend = games.MatrixBackend(np.array([[0, 0.3], [-0.3, 0]]), 2)
    rng = np.random.default_rng(0)
    observations, masks = np.zeros((2, 2, 1), np.float32), np.zeros((2, 2, 108), np.int8)
    rewards, ends, cut = np.zeros((2, 2), np.float32), np.zeros(2, bool), np.ones(2, bool)
    points = []
    for _ in range(2000):
        for match in range(2):
            seed = int(rng.integers(2**63))
            backend.start(match, seed, None, (None, None), observations, masks)
        actions = np.array([[0, 1], [1, 0]], np.int32)
        backend.step(actions, observations, masks, rewards, ends, cut)
        points.append([backend.points(0), backend.points(1)])
    np.testing.assert_allclose(rewards, [[0.3, -0.3], [-0.3, 0.3]])
    assert ends.all() and not cut.any() and masks[0, 0].sum() == 2
    np.testing.assert_allclose(2 * np.mean(points, 0) - 1, [0.3, -0.3], atol=0.04)
    with pytest.raises(ValueError, match="arena only"):
        backend.start(0, 0, None, (BotMember("idle"), None), observations, masks)


def test_crossplay_counts_every_pair_from_both_seats():
    game = games.matrix_game(games.MATRICES["rps"])
    rock, paper = (games.FixedMember(str(k), np.eye(3)[k]) for k in (0, 1))
    mixed = games.FixedMember("mixed", [0.5, 0, 0.5])
    counts = crossplay(
        game.make_backend(7),
        [rock, paper, mixed],
        [(0, 1), (1, 2), (0, 0)],
        games=400,
        rng=np.random.default_rng(0),
    )
    assert counts[2].tolist() == [400] * 3
    assert counts[:2, 0].tolist() == [0, 0] and counts[:2, 2].tolist() == [0, 400]
    assert counts[0, 1] == pytest.approx(200, abs=40) and counts[1, 1] == 0
    with pytest.raises(ValueError, match="even"):
        crossplay(game.make_backend(1), [rock], [], games=3, rng=np.random.default_rng(0))


def test_crossplay_in_the_arena_is_fair_to_seats_and_knows_bots():
    backend = games.arena(characters="core4").make_backend(8)
    bots = [BotMember("idle"), BotMember("masher", 3)]
    pairs = [(0, 1), (1, 0)]
    wins, draws, played = crossplay(backend, bots, pairs, games=8, rng=np.random.default_rng(0))
    assert played.tolist() == [8, 8]
    assert wins[0] + draws[0] <= 2 and wins[1] >= 6


def test_a_population_trains_in_the_arena(tmp_path):
    config = psro.Config(
        out=tmp_path, preset="smoke", sizes=ARENA, characters="core4", workers=1, tensorboard=False,
        frame_skip=6, evaluation_bot="idle:1", evaluation_samples=256,
    )  # fmt: skip
    run = psro.train(config)
    assert "population/exact_nash_conv" not in document(run)["history"][0]
    rows = read_rows(run / "metrics.jsonl")
    against = [row["name"] for row in rows if row.get("evaluation/win_rate_idle:1", 0) > 0.5]
    before = [row["name"] for row in rows if 0 < row.get("evaluation/win_rate_previous", 0) < 1]
    assert (against, before) == (["response 1", "response 2"], ["response 2"])
    trained = load_trained(run)
    assert len(trained.snapshots) == 2
    with pytest.raises(ValueError, match="matrix game"):
        games.action_probabilities(config.make_game(), trained.shared)


def test_a_matrix_game_has_no_fighters_to_evaluate(tmp_path):
    run = psro.train(replace(MATRIX, sizes=replace(TINY, members=1), out=tmp_path))
    with pytest.raises(CheckpointError, match=r"matrix game 'rps'.*population.json"):
        load_trained(run)
