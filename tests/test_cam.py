"""CAM: a shared policy, then a specialist for each character from it."""

import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from rich.progress import Progress
from tiny_runs import CONFIG, TINY, train_tiny

import cam_arena
from cam_arena.agents import cam, checkpoint, specialist
from cam_arena.agents.evaluate_run import load_trained
from cam_arena.agents.loop import Loop
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.population.members import load_member, save_member
from cam_arena.agents.population.payoff import Payoff
from cam_arena.agents.sharing import make_policy
from cam_arena.errors import CheckpointError, TrainingError, WorkerError

ROSTER = cam_arena.load_roster()
NAMES = ROSTER.split("core4")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return train_tiny(tmp_path_factory.mktemp("cam"))


def same(first, second):
    return all(torch.equal(tensor, second[name]) for name, tensor in first.items())


def test_a_run_leaves_a_shared_policy_and_a_specialist_for_each_character(run):
    config = json.loads((run / "config.json").read_text())
    assert config["scheme"] == "cam"
    assert config["names"] == list(NAMES)
    assert config["roster_id"] == ROSTER.id
    load_member(run / "stage1" / "policy")
    summary = json.loads((run / "summary.json").read_text())
    assert set(summary["specialists"]) == set(NAMES)
    for name in NAMES:
        member = load_member(run / "specialists" / cam.slug(name), name)
        assert member.name == name
    curves = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert {row["name"] for row in curves} == {"shared policy", *NAMES}


def test_a_specialist_that_did_not_win_more_is_the_shared_policy(run):
    shared = load_member(run / "stage1" / "policy").policy.state_dict()
    summary = json.loads((run / "summary.json").read_text())
    for name in NAMES:
        outcome = summary["specialists"][name]
        own = load_member(run / "specialists" / cam.slug(name)).policy.state_dict()
        assert outcome["is_specialist"] == (outcome["win_rate"] > outcome["shared_win_rate"])
        assert same(own, shared) != outcome["is_specialist"]


def task(run, out, **changes):
    shared = run / "stage1" / "policy"
    options = {
        "name": NAMES[0],
        "characters": (ROSTER[NAMES[0]].index,),
        "out": out,
        "log": out,
        "shared": shared,
        "start": shared,
        "pool": tuple((ROSTER[name].index, shared) for name in NAMES),
        "ranking": None,
        "minutes": None,
        "steps": 1024,
        "learner": TINY.specialist,
        "parameters": "full",
        "baseline": "learned",
        "matchmaking": "pfsp_hard",
        "matches": 8,
        "rollout": 16,
        "evaluations": 4,
        "evaluation_games": 2,
        "evaluation_limit": None,
        "roster": None,
        "observation": "full",
        "reward": "paper",
        "reward_scale": 0.1,
        "aggression": 0.5,
        "frame_skip": 6,
        "seed": 0,
        "tensorboard": False,
    }
    return specialist.Task(**{**options, **changes})


def test_a_specialist_begins_as_the_shared_policy_and_only_it_changes(run, tmp_path, monkeypatch):
    seen = {}
    real = Loop.update

    def spy(self):
        if self.learner.updates == 0:
            seen["first"] = {k: v.clone() for k, v in self.learner.policy.state_dict().items()}
            seen["pool"] = [member.policy for member in self.collector._matchmaker.members]
        metrics = real(self)
        seen["last"] = {k: v.clone() for k, v in self.learner.policy.state_dict().items()}
        return metrics

    monkeypatch.setattr(Loop, "update", spy)
    specialist.train(task(run, tmp_path))
    shared = load_member(run / "stage1" / "policy").policy.state_dict()
    assert same(seen["first"], shared)
    assert not same(seen["last"], shared)
    assert len(seen["pool"]) == 4
    assert len({id(policy) for policy in seen["pool"]}) == 1
    assert same(seen["pool"][0].state_dict(), shared)


def test_the_learner_plays_its_character_against_all_of_the_pool(run, tmp_path, monkeypatch):
    met = set()
    real = Loop.update

    def spy(self):
        metrics = real(self)
        pairings = self.collector._pairings
        met.update(
            (p.characters[p.seat], p.characters[1 - p.seat], p.seat, p.opponent) for p in pairings
        )
        return metrics

    monkeypatch.setattr(Loop, "update", spy)
    specialist.train(task(run, tmp_path, matches=32))
    indices = [ROSTER[name].index for name in NAMES]
    assert {own for own, *_ in met} == {indices[0]}
    assert {seat for *_, seat, _ in met} == {0, 1}
    assert {other for _, other, *_ in met} == set(indices)
    assert all(indices[opponent] == other for _, other, _, opponent in met)


def test_the_frozen_baseline_is_the_shared_policys_value(run, tmp_path, monkeypatch):
    shared = load_member(run / "stage1" / "policy").policy
    real, checked = Loop.update, []

    def spy(self):
        metrics = real(self)
        rollout = self.collector._rollout
        rows = rollout.trains[0]
        seen = torch.from_numpy(rollout.observations[0].reshape(len(rows), -1)[rows])
        with torch.no_grad():
            expected = shared(seen)[1].numpy()
        checked.append(abs(rollout.values[0, rows] - expected).max())
        return metrics

    monkeypatch.setattr(Loop, "update", spy)
    learner = cam._specialist_learner(replace(CONFIG, baseline="frozen"), TINY)
    assert learner.value_weight == 0 and not learner.centre_advantages
    specialist.train(task(run, tmp_path, learner=learner, baseline="frozen"))
    assert max(checked) < 1e-5


def weights(folder):
    return load_member(folder).policy.state_dict()


def outcome(folder):
    """What became of a specialist, without what differs from run to run."""
    document = json.loads((folder / "outcome.json").read_text())
    return {key: document[key] for key in ("kept", "win_rate", "curve", "bounds", "samples")}


# kl_weight falls and the rates of the pool change with the samples: both must be as they were.
SHORT = {"steps": 1024, "evaluations": 2}


@pytest.fixture(scope="module")
def whole(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    specialist.train(task(run, folder, **SHORT))
    return folder


def nth_call(real, number):
    """Return `real`, but the call of that number ends as a killed process does."""
    calls = iter(range(1, 10_000))

    def dying(*args, **options):
        if next(calls) == number:
            raise KeyboardInterrupt
        return real(*args, **options)

    return dying


KILLS = {
    "in an update": (Loop, "update", 6),
    "in the first evaluation": (specialist.evaluate, "play", 1),
    "in a later evaluation": (specialist.evaluate, "play", 3),
    "in the last comparison": (specialist.evaluate, "play", 4),
    "between the best weights and the checkpoint": (Loop, "save", 2),
    "while the policy is saved": (specialist, "save_member", 3),
}


@pytest.mark.parametrize("kill", KILLS)
def test_an_interrupted_specialist_ends_with_the_same_weights(run, whole, tmp_path, kill):
    place, name, number = KILLS[kill]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, nth_call(getattr(place, name), number))
        with pytest.raises(KeyboardInterrupt):
            specialist.train(task(run, tmp_path, **SHORT))
    assert not (tmp_path / "policy").exists()
    specialist.train(task(run, tmp_path, **SHORT))
    for folder in ("policy", "best"):
        assert same(weights(tmp_path / folder), weights(whole / folder)), folder
    assert outcome(tmp_path) == outcome(whole)
    ends = [checkpoint.latest(folder / "checkpoints") for folder in (tmp_path, whole)]
    assert ends[0].step == ends[1].step > 0
    assert same(ends[0].tensors["weights"], ends[1].tensors["weights"])
    assert same(ends[0].tensors["optimizer"], ends[1].tensors["optimizer"])


def test_the_weights_that_are_kept_are_those_of_the_best_evaluation(run, tmp_path, monkeypatch):
    seen, points = [], iter([20, 30, 60, 50, 40, 0, 60])  # four evaluations, then the comparison
    seeds = []

    def judged(self, member, seed):
        seeds.append(seed)
        seen.append({key: value.clone() for key, value in member.policy.state_dict().items()})
        return float(next(points)), 80

    monkeypatch.setattr(specialist._Judge, "points", judged)
    folder = specialist.train(task(run, tmp_path))
    assert len(seen) == 7
    assert len({*seeds[:5]}) == len({*seeds[5:]}) == len({*seeds}) - 1  # no game decides twice
    assert same(weights(folder), seen[2]) and not same(seen[2], seen[4])
    document = json.loads((tmp_path / "outcome.json").read_text())
    assert document["kept"] == "candidate" and document["win_rate"] == 60 / 80
    curve = document["curve"]
    assert [point["win_rate"] * 80 for point in curve] == [20, 30, 60, 50, 40]
    assert [point["samples"] for point in curve] == sorted(point["samples"] for point in curve)
    assert curve[0]["samples"] == 0 and curve[-1]["samples"] == document["samples"]


@pytest.mark.parametrize(
    ("points", "kept"),
    [
        ({"shared": 5, "start": 7, "candidate": 6}, "start"),
        ({"shared": 5, "start": 5, "candidate": 6}, "candidate"),
        ({"shared": 6, "start": 5, "candidate": 6}, "shared"),
        ({"shared": 6, "start": 5, "candidate": 4}, "shared"),
    ],
)
def test_the_last_comparison_keeps_the_best_and_in_doubt_the_older(
    run, tmp_path, monkeypatch, points, kept
):
    policies = {name: load_member(run / "stage1" / "policy").policy for name in points}

    def judged(self, member, seed):
        name = next(name for name, policy in policies.items() if policy is member.policy)
        return float(points[name]), 10

    monkeypatch.setattr(specialist._Judge, "points", judged)
    found = specialist._Judge(task(run, tmp_path), ROSTER).final(
        policies["candidate"], policies["start"], policies["shared"]
    )
    assert found["kept"] == kept
    assert found["is_specialist"] == (kept != "shared")
    assert found["win_rate"] == points[kept] / 10


def test_an_equilibrium_of_the_members_decides_who_is_met(run, tmp_path):
    ranking = Payoff(4, 4)
    ranking.games += 1000 * (1 - np.eye(4))
    ranking.wins += 500 * (1 - np.eye(4))
    ranking.wins[2], ranking.wins[:, 2] = 1000 * (np.arange(4) != 2), 0  # the third beats everyone
    pool = specialist._pool(
        task(run, tmp_path, matchmaking="nash", ranking=json.loads(json.dumps(ranking.state()))),
        ROSTER,
    )
    rng = np.random.default_rng(0)
    met = np.bincount([pool.draw(rng).opponent for _ in range(400)], minlength=4)
    assert met[2] > 340  # 90 %, and its share of the floor


def test_a_cluster_plays_all_its_characters_alike_often(run, tmp_path):
    own = tuple(ROSTER[name].index for name in NAMES[:2])
    pool = specialist._pool(task(run, tmp_path, characters=own), ROSTER)
    rng = np.random.default_rng(0)
    drawn = [pool.draw(rng) for _ in range(400)]
    played = [pairing.characters[pairing.seat] for pairing in drawn]
    assert set(played) == set(own)
    assert np.mean([character == own[0] for character in played]) == pytest.approx(0.5, abs=0.1)
    judge = specialist._Judge(task(run, tmp_path, characters=own, evaluation_games=8), ROSTER)
    member = load_member(run / "stage1" / "policy")
    assert judge.points(member, 0)[1] == 2 * 4 * 4  # half as many games a pair of characters


@pytest.mark.parametrize(("limit", "games"), [(None, 4 * 8), (40, 4 * 8), (20, 4 * 4), (1, 4 * 2)])
def test_an_evaluation_has_no_more_games_than_its_limit(run, tmp_path, limit, games):
    asked = task(run, tmp_path, evaluation_games=8, evaluation_limit=limit)
    member = load_member(run / "stage1" / "policy")
    assert specialist._Judge(asked, ROSTER).points(member, 0)[1] == games


def facts_of(document):
    config = document["config"]
    return config["seed"], document["roster_id"], document["provenance"]["torch"]


def test_every_artefact_names_config_seed_versions_and_roster(run):
    seed = json.loads((run / "config.json").read_text())["seed"]
    own = cam.slug(NAMES[0])
    documents = [
        json.loads((run / "summary.json").read_text()),
        json.loads((run / "rounds" / "1" / own / "outcome.json").read_text()),
    ]
    saved = [
        run / "stage1" / "policy",
        run / "stage1" / "snapshots" / "000",
        run / "rounds" / "1" / own / "policy",
        run / "rounds" / "1" / own / "best",
        run / "specialists" / own,
    ]
    documents += [checkpoint.latest(folder).state for folder in saved]
    training = [run / "stage1" / "checkpoints", run / "rounds" / "1" / own / "checkpoints"]
    documents += [checkpoint.latest(folder).state["scheme"] for folder in training]
    for document in documents:
        found, roster, version = facts_of(document)
        assert found in (seed, seed + 1)  # a round's seed follows from the run's
        assert roster == ROSTER.id and version == torch.__version__
    for folder in saved + training:
        manifest = json.loads((checkpoint.latest(folder).path / "manifest.json").read_text())
        assert manifest["roster_id"] == ROSTER.id and "torch" in manifest["versions"]
    config = json.loads((run / "config.json").read_text())
    assert config["roster_id"] == ROSTER.id and "torch" in config["provenance"]


def test_a_run_on_profiles_with_clusters(tmp_path, monkeypatch):
    tiny = replace(TINY, generation_steps=256, specialist_steps=256)
    monkeypatch.setitem(cam.PRESETS, "smoke", tiny)
    config = replace(CONFIG, out=tmp_path, observation="descriptor", clusters=2, workers=1)
    run = cam.train(config)
    document = json.loads((run / "config.json").read_text())
    assert sorted(name for team in document["teams"].values() for name in team) == sorted(NAMES)
    assert len(document["teams"]) == 2
    assert len(list((run / "rounds" / "1").iterdir())) == 2
    summary = json.loads((run / "summary.json").read_text())
    assert summary["cost"]["policies"] == 2 and summary["cost"]["samples"] >= 512
    trained = load_trained(run)
    assert trained.options.observation == "descriptor"
    for name, member in trained.specialists.items():
        assert member.observation == "descriptor"
        team = summary["specialists"][name]["team"]
        assert name in document["teams"][team]
        assert same(
            member.policy.state_dict(), weights(run / "rounds" / "1" / cam.slug(team) / "policy")
        )
    spent = summary["cost"]["seconds"]  # of the specialists, one after the other
    assert summary["seconds"] > spent > 0
    cam.train(config)  # a sitting in which nothing is left to do
    again = json.loads((run / "summary.json").read_text())
    assert (again["seconds"], again["cost"]) == (summary["seconds"], summary["cost"])
    with pytest.raises(CheckpointError, match="begun with clusters 2, not None"):
        cam.train(replace(config, clusters=None))


def test_a_process_whose_run_was_killed_leaves_before_it_writes(run, tmp_path, monkeypatch):
    class Left(Exception):
        pass

    def leave(code):
        assert code == 1
        raise Left

    parent = SimpleNamespace(is_alive=lambda: False)
    monkeypatch.setattr(specialist, "parent_process", lambda: parent)
    monkeypatch.setattr(specialist.os, "_exit", leave)
    with pytest.raises(Left):
        specialist.train(task(run, tmp_path, **SHORT))
    assert not list(tmp_path.glob("*/step_*"))
    parent.is_alive = lambda: True
    specialist.train(task(run, tmp_path, **SHORT))
    assert (tmp_path / "policy").exists()


@pytest.mark.parametrize("observation", ["entities", "tiny"])
def test_specialists_see_what_the_shared_policy_saw(tmp_path, observation):
    shared = make_policy(
        "full",
        cam_arena.observation_layout(observation),
        len(ROSTER),
        NetworkConfig((8, 8), 4, 4, 4),
        generator=torch.Generator().manual_seed(0),
    )
    save_member(tmp_path / "stage1" / "policy", shared)
    run_of_it = task(tmp_path, tmp_path / "out", observation=observation, steps=128, evaluations=1)
    member = load_member(specialist.train(run_of_it))
    assert member.observation == observation


def test_stage_1_of_another_run_is_taken_over(run, tmp_path, monkeypatch):
    monkeypatch.setattr(cam, "_run_all", lambda tasks, workers, bars: taken.extend(tasks))
    monkeypatch.setattr(cam, "_finish", lambda *_: None)
    taken = []
    out = cam.train(replace(CONFIG, out=tmp_path / "a", stage1=run / "stage1"))
    assert same(weights(out / "stage1" / "policy"), weights(run / "stage1" / "policy"))
    assert not (out / "stage1" / "checkpoints").exists()
    assert {item.shared for item in taken} == {out / "stage1" / "policy"}
    other = replace(CONFIG, out=tmp_path / "b", stage1=run / "stage1", observation="entities")
    with pytest.raises(CheckpointError, match="trained with observation 'full', not 'entities'"):
        cam.train(other)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_specialist_that_diverges_is_named(run, tmp_path, capfd, workers):
    learner = replace(TINY.specialist, lr=1e30)
    tasks = [task(run, tmp_path / str(k), name=f"one {k}", learner=learner) for k in range(2)]
    with pytest.raises(TrainingError, match=r"^one \d: .* at update \d"):
        cam._run_all(tasks, workers, Progress(disable=True))
    assert "Traceback" not in capfd.readouterr().err


def test_the_minutes_of_a_run_are_shared_by_its_rounds_and_turns(run, tmp_path, monkeypatch):
    given = []

    def run_all(tasks, workers, bars):
        given.extend(task.minutes for task in tasks)
        raise WorkerError("enough")

    monkeypatch.setattr(cam, "_run_all", run_all)
    changes = {"minutes": 100.0, "rounds": 2, "workers": 2, "stage1": run / "stage1"}
    with pytest.raises(WorkerError, match="enough"):
        cam.train(replace(CONFIG, out=tmp_path, **changes))
    # two processes train two specialists each, twice; the last 9 % are for what comes after
    assert given == pytest.approx([91 / 4] * len(NAMES))


@pytest.mark.slow
@pytest.mark.fault
def test_a_killed_run_ends_with_the_same_weights(tmp_path):
    """SIGKILL at moments that nobody chose, in every part of a run."""
    script = tmp_path / "run.py"
    script.write_text(KILLED)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    command = [sys.executable, str(script)]
    start = time.monotonic()
    subprocess.run([*command, str(whole)], check=True)
    seconds = time.monotonic() - start
    kills = 0
    for share in (0.4, 0.5, 0.6, 0.7, 0.8):
        process = subprocess.Popen([*command, str(parts)])
        try:
            process.wait(timeout=share * seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
        if (parts / "summary.json").exists():
            break
    assert kills
    subprocess.run([*command, str(parts)], check=True)
    assert same(weights(whole / "stage1" / "policy"), weights(parts / "stage1" / "policy"))
    for name in NAMES:
        assert same(
            *(weights(folder / "specialists" / cam.slug(name)) for folder in (whole, parts))
        )


KILLED = """
import sys
from dataclasses import replace
from pathlib import Path

from cam_arena.agents import cam
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.networks import NetworkConfig

learner = LearnerConfig(minibatch=128, precision="float32", lr=0.01)
cam.PRESETS["smoke"] = cam.Preset(
    3, 1024, 1024, 8, 8, 16, 2, learner, replace(learner, kl_weight=0.01),
    NetworkConfig((16, 16), 8, 4, 4),
)
cam.train(
    cam.Config(
        out=Path(sys.argv[1]), preset="smoke", characters="core4", workers=1, frame_skip=6,
        tensorboard=False,
    )
)
"""


def test_a_finished_stage_is_not_trained_again(run, tmp_path, monkeypatch):
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    missing = cam.slug(NAMES[2])
    shutil.rmtree(copy / "rounds" / "1" / missing)
    trained = []

    def note(tasks, workers, bars):
        trained.extend(task.name for task in tasks)
        shutil.copytree(run / "rounds" / "1" / missing, copy / "rounds" / "1" / missing)

    monkeypatch.setattr(cam, "_run_all", note)
    monkeypatch.setitem(cam.PRESETS, "smoke", TINY)
    cam.train(replace(CONFIG, out=copy))
    assert trained == [NAMES[2]]


@pytest.mark.fault
def test_a_dead_specialist_is_named(run, tmp_path):
    from cam_arena.agents.runlog import make_progress

    broken = [
        task(run, tmp_path / name, name=name, shared=tmp_path / "nowhere") for name in NAMES[:2]
    ]
    with pytest.raises(WorkerError, match=r"that trained .* died with exit code 1"):
        cam._run_all(broken, 2, make_progress())


def test_impossible_configs_are_refused():
    with pytest.raises(ValueError, match="preset must be one of"):
        cam.Config(preset="huge")
    with pytest.raises(ValueError, match="minutes must be positive"):
        cam.Config(minutes=-1)
    with pytest.raises(ValueError, match="rounds"):
        cam.Config(rounds=0)
    for change in ({"specialist_steps": 0}, {"specialist_steps": 100, "minutes": 1.0}):
        with pytest.raises(ValueError, match="specialist_steps must be"):
            cam.Config(**change)
    with pytest.raises(ValueError, match=r"must be one of \['learned', 'frozen'\], got 'critic'"):
        cam.Config(baseline="critic")
    with pytest.raises(ValueError, match="clusters must be at least 1"):
        cam.Config(clusters=0)
    with pytest.raises(ValueError, match="'tiny' does not"):
        cam.Config(lambda_mi=0.01, observation="tiny")
