"""A run's directory: new by default, the same settings when it goes on, one process at a time."""

import copy
import json
import multiprocessing
import os
import re
import subprocess
import sys
import time
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from cam_arena import load_roster
from cam_arena.agents import cam, lock, neupl, psro, sb3, selfplay, simplex_neupl
from cam_arena.agents.evaluate_run import load_trained
from cam_arena.agents.population_run import PRESETS
from cam_arena.agents.run_config import read_config, restore, trained_roster
from cam_arena.agents.runlog import read_spent
from cam_arena.cli import main
from cam_arena.errors import CheckpointError, RunError

MATRIX = {"game": "rps", "preset": "matrix", "sizes": PRESETS["matrix"]}
BEGUN = {
    selfplay: selfplay.Config(),
    cam: cam.Config(preset="smoke"),
    psro: psro.Config(**MATRIX),
    neupl: neupl.Config(**MATRIX),
    simplex_neupl: simplex_neupl.Config(**MATRIX),
}
MAY_CHANGE = {
    "out", "roster", "steps", "minutes", "specialist_steps", "tensorboard", "checkpoint_updates",
}  # fmt: skip
BUNDLED = load_roster().path
OTHERS = {
    "characters": "core4", "reward": "sparse", "stage1": Path("another"), "roster": BUNDLED,
}  # fmt: skip


def other(name, hint, value):
    """Return another value that a field could have."""
    kinds = [hint, *get_args(hint)]
    for kind in kinds:
        if get_origin(kind) is Literal:
            return next(one for one in get_args(kind) if one != value)
    if name in OTHERS:
        return OTHERS[name]
    if isinstance(value, bool):
        return not value
    if isinstance(value, tuple):
        return (*value, value[0] if value else "masher:1")
    if isinstance(value, str):
        return "masher:2"
    return value + 1 if value else 1


def leaves(config, within=""):
    """List the fields of a config and of those in it."""
    for one in fields(config):
        value = getattr(config, one.name)
        if is_dataclass(value):
            yield from leaves(value, f"{within}{one.name}.")
        else:
            yield within + one.name


def changed(config, name):
    """Return a copy in which one leaf is another, whether or not the whole would make sense."""
    twin = copy.copy(config)
    name, _, rest = name.partition(".")
    value = getattr(config, name)
    hint = get_type_hints(type(config))[name]
    different = changed(value, rest) if rest else other(name, hint, value)
    object.__setattr__(twin, name, different)
    return twin


@pytest.mark.parametrize("module", BEGUN, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_setting_is_fixed_unless_it_is_listed(module, tmp_path, monkeypatch):
    for name in ("launch", "_stage_1", "_stage_2", "_finish"):  # the settings alone are tried
        monkeypatch.setattr(module, name, lambda *_, **__: None, raising=False)
    monkeypatch.setattr(neupl, "launch", lambda *_, **__: None)
    config = replace(BEGUN[module], out=tmp_path)
    module.train(config)
    path = tmp_path / "config.json"
    before = path.read_text()
    names = set(leaves(config)) - {"out"}
    assert len(names) > 15
    for name in sorted(names - MAY_CHANGE):
        with pytest.raises(CheckpointError, match="begun with") as caught:
            module.train(changed(config, name))
        assert f" {name} " in str(caught.value), name
        assert path.read_text() == before
    for name in sorted(names & MAY_CHANGE):
        module.train(changed(config, name))
        last = json.loads(path.read_text())["continued"][-1]["changed"]
        assert name in last, name
        module.train(config)  # back again
    assert json.loads(path.read_text())["provenance"] == json.loads(before)["provenance"]


def test_all_that_differs_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(selfplay, "launch", lambda *_, **__: None)
    config = selfplay.Config(out=tmp_path)
    selfplay.train(config)
    learner = replace(config.learner, lr=1e-5)
    with pytest.raises(CheckpointError, match=r"seed 0, not 7") as caught:
        selfplay.train(replace(config, learner=learner, reward="sparse", seed=7))
    assert "learner.lr 0.002, not 1e-05" in str(caught.value)
    assert "reward hp, not sparse" in str(caught.value)


def test_a_finished_run_keeps_its_budget(tmp_path, monkeypatch):
    for name in ("_stage_1", "_stage_2", "_finish"):
        monkeypatch.setattr(cam, name, lambda *_: None)
    config = cam.Config(out=tmp_path, preset="smoke", minutes=1)
    cam.train(config)
    cam.train(replace(config, minutes=2))
    (tmp_path / "summary.json").touch()
    with pytest.raises(CheckpointError, match="is finished, and was begun with minutes 2, not 3"):
        cam.train(replace(config, minutes=3))


def test_a_run_with_other_rules_does_not_go_on(tmp_path, monkeypatch):
    monkeypatch.setattr(selfplay, "launch", lambda *_, **__: None)
    selfplay.train(selfplay.Config(out=tmp_path))
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "signature": "0" * 16}))
    with pytest.raises(CheckpointError, match="begun with signature 0000000000000000, not"):
        selfplay.train(selfplay.Config(out=tmp_path))


HOSTILE = (None, True, [], {}, "x", -1, 0.5, 1e308)


def fits(hint, value):
    """Return whether what JSON holds may be a field of this type, as far as types tell."""
    if get_origin(hint) is tuple:
        return value == []
    kinds = get_args(hint) or (hint,)
    if get_origin(hint) is Literal:
        return value in kinds
    is_path = Path in kinds and isinstance(value, str)
    is_number = float in kinds and type(value) is int
    return is_path or is_number or type(value) in kinds


def damaged(document, kind, within=()):
    """Make documents with one field replaced; yields its name, type and value with each."""
    for one in fields(kind):
        hint, place = get_type_hints(kind)[one.name], (*within, one.name)
        for value in HOSTILE:
            twin = copy.deepcopy(document)
            inner = twin
            for name in within:
                inner = inner[name]
            inner[one.name] = value
            yield ".".join(place), hint, value, twin
        if is_dataclass(hint):
            yield from damaged(document, hint, place)


@pytest.mark.parametrize("module", [selfplay, cam], ids=["selfplay", "cam"])
def test_a_config_with_a_wrong_value_is_refused_by_name(module, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "launch", lambda *_, **__: None, raising=False)
    for name in ("_stage_1", "_stage_2", "_finish"):
        monkeypatch.setattr(module, name, lambda *_: None, raising=False)
    scheme = module.__name__.rpartition(".")[2]
    module.train(replace(BEGUN[module], out=tmp_path))
    path = tmp_path / "config.json"
    document, taken = json.loads(path.read_text()), set()
    for name, hint, value, twin in damaged(document, module.Config):
        path.write_text(json.dumps(twin))
        if name != "out":
            try:
                restore(tmp_path, module.Config, scheme)
            except CheckpointError as error:
                assert str(path) in str(error), (name, value)
            else:
                assert fits(hint, value), (name, value)
                taken.add((name, repr(value)))
        with pytest.raises(CheckpointError, match=str(tmp_path)):  # it has no policy
            load_trained(tmp_path)
        try:
            trained_roster(tmp_path, read_config(tmp_path))
        except CheckpointError as error:
            assert str(path) in str(error), (name, value)
    known = {("aggression", "0.5"), ("characters", "'x'"), ("tensorboard", "True")}
    assert known <= taken and not {("frame_skip", "-1"), ("seed", "-1"), ("solver", "'x'")} & taken


@pytest.mark.parametrize(("name", "value"), [("continued", 5), ("provenance", []), ("seed", 0.5)])
def test_a_damaged_config_is_refused_when_a_run_goes_on(tmp_path, monkeypatch, name, value):
    monkeypatch.setattr(selfplay, "launch", lambda *_, **__: None)
    config = selfplay.Config(out=tmp_path)
    selfplay.train(config)
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))
    for go_on in (
        lambda: selfplay.train(config),
        lambda: restore(tmp_path, type(config), "selfplay"),
    ):
        with pytest.raises(CheckpointError, match=rf"config\.json: damaged.*{name} is"):
            go_on()


TINY = ["--characters", "core4", "--workers", "1", "--matches", "4", "--rollout", "8"]
TINY += ["--no-tensorboard", "--network.hidden", "8", "8", "--steps", "32"]


def test_a_run_is_new_by_default_and_goes_on_by_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    config = selfplay.Config(steps=32, characters="core4", workers=1, matches=4, rollout=8)
    first = selfplay.train(replace(config, tensorboard=False))
    assert first == Path("runs/selfplay-001")
    assert main(["train", "selfplay", *TINY]) == 0
    shown = capsys.readouterr()
    assert "run: runs/selfplay-002" in shown.err
    taken = read_spent(Path("runs/selfplay-002"))["selfplay"]["samples"]
    assert "trained: runs/selfplay-002\n" in shown.out
    assert f"\nended: all steps were taken: {taken:.0f} samples\n" in shown.out and taken >= 32

    def rows():
        return (tmp_path / "runs/selfplay-002/metrics.jsonl").read_text().splitlines()

    begun = len(rows())
    assert main(["train", "selfplay", "--resume", "runs/selfplay-002", "--steps", "128"]) == 0
    assert len(rows()) > begun
    assert not Path("runs/selfplay-003").exists()
    assert main(["train", "selfplay", "--resume=runs/selfplay-002", "--seed", "1"]) == 1
    assert "seed 0, not 1" in capsys.readouterr().err
    assert main(["train", "selfplay", "--out", "runs/selfplay-002"]) == 1
    shown = capsys.readouterr().err
    assert "characters core4, not core8" in shown and "workers 1, not 2" in shown
    assert main(["train", "selfplay", "--resume", "runs/selfplay-002", "--out", "runs/b"]) == 2
    assert "goes on in runs/selfplay-002" in capsys.readouterr().err
    assert not Path("runs/b").exists()
    assert main(["train", "selfplay", *TINY, "--frame-skip", "9", "--out", "runs/b"]) == 2
    assert "frame_skip must be 1..6, got 9" in capsys.readouterr().err
    assert not Path("runs/b").exists()
    assert main(["train", "cam", "--resume", "runs/selfplay-002"]) == 1
    assert "is a run of scheme selfplay, not cam" in capsys.readouterr().err
    assert main(["train", "cam", "--resume"]) == 2
    capsys.readouterr()
    assert main(["train", "selfplay", "--characters", "core5"]) == 2
    assert capsys.readouterr().err.startswith("cam-arena: characters must be a split")
    assert not Path("runs/selfplay-003").exists()
    short = [*TINY[:-2], "--minutes", "1e-9", "--out", "runs/short"]
    assert main(["train", "selfplay", *short]) == 0
    assert re.search(
        r"\nended: 1e-09 minutes were over after \d+ samples\nnext: ", capsys.readouterr().out
    )


def test_a_directory_may_be_a_text(tmp_path):
    config = selfplay.Config(steps=32, characters="core4", workers=1, matches=4, rollout=8)
    run = selfplay.train(replace(config, out=str(tmp_path / "run"), tensorboard=False))
    assert (run / "policy").is_dir()


def test_a_run_of_sb3_cannot_go_on(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match="cannot go on with one; give another --out"):
        sb3.train(sb3.Config(out=tmp_path))


HOLD = """
import sys, time
from pathlib import Path
from cam_arena.agents.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.fault
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")
def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        config = selfplay.Config(steps=32, characters="core4", workers=1, matches=4, rollout=8)
        config = replace(config, out=tmp_path, tensorboard=False)
        with pytest.raises(RunError, match=f"process {process.pid} trains there"):
            selfplay.train(config)
        assert [path.name for path in tmp_path.iterdir()] == ["lock"]
        assert lock.is_held(tmp_path)
        process.kill()
    assert not lock.is_held(tmp_path)
    selfplay.train(config)
    assert lock.holder(tmp_path) == os.getpid()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")
def test_a_run_in_use_is_refused_before_what_trains_is_imported(tmp_path):
    with lock.hold(tmp_path):
        for options in (["--out", tmp_path], [f"--out={tmp_path}"], ["--resume", tmp_path]):
            code = (
                "import sys; from cam_arena.cli import main\n"
                f"code = main(['train', 'cam', *{[str(word) for word in options]}])\n"
                "sys.exit(code + 10 * ('torch' in sys.modules))"
            )
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
            assert done.returncode == 1, done.stderr
            assert f"in use: process {os.getpid()} trains there" in done.stderr
            assert done.stderr.count("\n") == 1
    lock.check_free(tmp_path)
    lock.check_free(tmp_path / "missing")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
def test_what_is_no_file_in_the_place_of_a_lock_is_named(tmp_path):
    """A pipe would be waited for, and what a link leads to would be overwritten."""
    kept = tmp_path / "kept"
    kept.write_text("kept")
    makers = {
        "pipe": os.mkfifo,
        "folder": os.mkdir,
        "null": lambda path: os.symlink(os.devnull, path),
        "link": lambda path: os.symlink(kept, path),
    }
    for name, make in makers.items():
        path = tmp_path / name / "lock"
        path.parent.mkdir()
        make(path)
        with pytest.raises((RunError, OSError), match=str(path)), lock.hold(path.parent):
            pass
        assert lock.holder(path.parent) is None
        assert not lock.is_held(path.parent)
    assert kept.read_text() == "kept"
    (tmp_path / "lock").write_bytes(b"\xff")
    assert lock.holder(tmp_path) is None
    with lock.hold(tmp_path):
        assert lock.holder(tmp_path) == os.getpid() and lock.is_held(tmp_path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_process_forked_amid_a_run_does_not_keep_its_lock(tmp_path):
    """Environments of other libraries fork, and may outlive a run that is killed."""
    with lock.hold(tmp_path):
        child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
        child.start()
        assert lock.is_held(tmp_path)
    try:
        deadline = time.monotonic() + 30
        while lock.is_held(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.01)  # until the child has come to its first line
        assert child.is_alive() and not lock.is_held(tmp_path)
    finally:
        child.kill()
