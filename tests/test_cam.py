"""CAM: a shared policy, then a specialist for each character from it."""

import json
import shutil
from dataclasses import replace

import pytest
import torch

import cam_arena
from cam_arena.agents import cam, checkpoint, specialist
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.loop import Loop
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.population.members import load_member
from cam_arena.errors import WorkerError

TINY = cam.Preset(
    generations=2,
    generation_steps=512,
    specialist_steps=1024,
    matches=8,
    specialist_matches=8,
    rollout=16,
    evaluation_games=2,
    shared=LearnerConfig(minibatch=128, precision="float32"),
    specialist=LearnerConfig(minibatch=64, precision="float32", kl_weight=0.01, lr=0.01),
    network=NetworkConfig((16, 16), 8, 4, 4),
)
# frame_skip 6: half the decisions a match
CONFIG = cam.Config(preset="smoke", characters="core4", workers=1, frame_skip=6, tensorboard=False)
ROSTER = cam_arena.load_roster()
NAMES = ROSTER.split("core4")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(cam.PRESETS, "smoke", TINY)
        return cam.train(replace(CONFIG, out=tmp_path_factory.mktemp("cam")))


def same(first, second):
    return all(torch.equal(tensor, second[name]) for name, tensor in first.items())


def test_a_run_leaves_a_shared_policy_and_a_specialist_for_each_character(run):
    config = json.loads((run / "config.json").read_text())
    assert config["scheme"] == "cam"
    assert config["names"] == list(NAMES)
    assert config["roster"] == ROSTER.id
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
        "comparative_weight": 0.25,
        "matchmaking": "pfsp_hard",
        "matches": 8,
        "rollout": 16,
        "evaluations": 4,
        "evaluation_games": 2,
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


def test_an_interrupted_specialist_ends_with_the_same_weights(run, tmp_path, monkeypatch):
    finals = []

    def final(self, candidate, start, shared):
        return {"kept": "candidate"}

    monkeypatch.setattr(specialist._Judge, "final", final)
    whole = specialist.train(task(run, tmp_path / "whole"))
    finals.append(load_member(whole).policy.state_dict())
    real = Loop.update

    def dying(self):
        if self.learner.updates == 5:
            raise KeyboardInterrupt
        return real(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Loop, "update", dying)
        with pytest.raises(KeyboardInterrupt):
            specialist.train(task(run, tmp_path / "parts"))
    assert checkpoint.latest(tmp_path / "parts" / "checkpoints").step < 5
    finals.append(load_member(specialist.train(task(run, tmp_path / "parts"))).policy.state_dict())
    assert same(*finals)


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
    with pytest.raises(WorkerError, match=r"that trained .* ended with exit code 1"):
        cam._run_all(broken, 2, make_progress())


def test_impossible_configs_are_refused():
    with pytest.raises(ValueError, match="preset must be one of"):
        cam.Config(preset="huge")
    with pytest.raises(ValueError, match="minutes must be positive"):
        cam.Config(minutes=-1)
    with pytest.raises(ValueError, match="rounds"):
        cam.Config(rounds=0)
