"""Strength outside the population: bots, and a best response to the last generations."""

import json

import numpy as np
import pytest

import cam_arena
from cam_arena.agents import checkpoint, selfplay
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.population.members import load_member
from cam_arena.agents.reproduction import experiments, generations, strength
from cam_arena.agents.reproduction.experiments import Bench
from cam_arena.agents.runlog import make_progress
from cam_arena.errors import CheckpointError

ROSTER = cam_arena.load_roster()
PAIR = [ROSTER[name].index for name in ROSTER.split("core4")[:2]]
OPTIONS = {"frame_skip": 3, "observation": "full"}


def test_every_bot_that_reacts_is_met_at_its_highest_level(tmp_path):
    found = strength.against_bots(
        [("planner:5", PAIR[0]), ("planner:5", PAIR[1])],
        tmp_path, games=4, search_games=0, seed=0, options=OPTIONS, workers=1,
    )  # fmt: skip
    assert list(found) == [f"{name}:5" for name in cam_arena.bots.LEVELLED if name != "mcts"]
    for rate in found.values():
        assert rate.games == 2 * 2 * 4
        assert rate.low < rate.rate < rate.high
    idle = strength.against_bots(
        [("idle:1", PAIR[0])], tmp_path / "idle", games=4, search_games=0, seed=0,
        options=OPTIONS, workers=1,
    )  # fmt: skip
    assert all(rate.rate < 0.2 for rate in idle.values())


def test_the_bot_that_plays_ahead_is_met_only_if_asked(tmp_path):
    found = strength.against_bots(
        [("idle:1", PAIR[0])], tmp_path, games=2, search_games=2, seed=0,
        options=OPTIONS, workers=1,
    )  # fmt: skip
    assert found["mcts:5"].games == 2


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The first stage of a tiny CAM run, and results in which the last generation is the best."""
    out = tmp_path_factory.mktemp("cam") / "run"
    selfplay.train(
        selfplay.Config(
            out=out / "stage1", steps=1_000, characters="core4", workers=1, matches=8, rollout=16,
            network=NetworkConfig((8, 8), 4, 4, 4), snapshots=1, tensorboard=False,
        )
    )  # fmt: skip
    wins = np.zeros((3, 3, 4, 4), np.int64)
    played = np.full_like(wins, 10)
    for row in range(3):
        for column in range(3):
            wins[row, column] = 5 + row - column
        played[row, row] = 0
    made = generations.Generations(("0", "1", "2"), wins, np.zeros_like(wins), played)
    generations.save(made, out, roster_id=ROSTER.id, resamples=2)
    return out


def test_the_last_mixture_is_the_equilibrium_of_the_generations(run):
    policies, mixture = strength.final_mixture(run)
    found = generations.load(run)
    assert len(policies) == len(mixture) == len(found.names) == 3
    assert mixture.sum() == pytest.approx(1)
    assert policies[0] == "random:3"
    game = found.payoff.matrix()
    assert (game @ mixture).max() <= 1e-6  # nobody in the population beats it
    assert mixture.tolist() == pytest.approx([0, 0, 1], abs=1e-9)


def test_a_best_response_trains_on_as_many_samples_and_meets_the_mixture(run):
    bench = Bench(1, None, make_progress())
    experiments.train_response(run, games=32, bench=bench)
    document = json.loads((run / experiments.RESPONSE_NAME).read_text())
    shared = checkpoint.latest(run / "stage1" / "policy").step
    assert document["samples"] == shared
    lines = (run / "best_response" / "metrics.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["step"] >= shared
    assert sum(document["mixture"].values()) == pytest.approx(1)
    rate = document["rate"]
    assert rate["low"] < rate["rate"] < rate["high"]
    assert rate["games"] >= 32
    fresh = load_member(run / "best_response" / "policy").policy.state_dict()
    learned = load_member(run / "stage1" / "policy").policy.state_dict()
    assert any(not np.array_equal(fresh[name], learned[name]) for name in fresh)


def test_what_is_measured_is_not_measured_again(tmp_path, monkeypatch):
    monkeypatch.setattr(strength, "best_response", None)
    monkeypatch.setattr(strength, "against_bots", None)
    for name in (experiments.RESPONSE_NAME, experiments.BOTS_NAME):
        (tmp_path / name).touch()
    bench = Bench(1, None, make_progress())
    experiments.train_response(tmp_path, games=2, bench=bench)
    experiments.meet_bots(tmp_path, games=2, search_games=0, bench=bench)


def test_generations_of_another_run_are_refused(run, tmp_path):
    (tmp_path / "stage1" / "snapshots").mkdir(parents=True)
    (tmp_path / generations.FILE_NAME).write_text((run / generations.FILE_NAME).read_text())
    with pytest.raises(CheckpointError, match="has 3 generations, the run 2"):
        strength.final_mixture(tmp_path)
