"""A checkpoint is whole or refused: kills while saving, damage afterwards."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

import cam_arena
from cam_arena.agents import checkpoint
from cam_arena.agents.checkpoint import OtherRosterError
from cam_arena.errors import CheckpointError, TrainingError

TENSORS = {
    "weights": {"a": torch.arange(12.0).reshape(3, 4), "b": torch.tensor([1, 2])},
    "optimizer": {"step": torch.tensor(3.0)},
}
STATE = {"rng": {"state": 2**100}, "names": ["x"], "rate": 0.1}


def save(root, step=1, **options):
    return checkpoint.save(root, step, tensors=TENSORS, state=STATE, **options)


def test_what_was_saved_comes_back(tmp_path):
    found = checkpoint.load(save(tmp_path, 7))
    assert found.step == 7
    assert found.state == STATE
    assert "torch" in found.versions
    for group, named in TENSORS.items():
        assert found.tensors[group].keys() == named.keys()
        for name, tensor in named.items():
            assert torch.equal(found.tensors[group][name], tensor)
            assert found.tensors[group][name].dtype == tensor.dtype


def test_tensors_that_share_memory_are_saved_apart(tmp_path):
    flat = torch.arange(6.0)
    path = checkpoint.save(
        tmp_path, 0, tensors={"weights": {"a": flat[:3], "b": flat[2:]}}, state={}
    )
    assert checkpoint.load(path).tensors["weights"]["b"].tolist() == [2, 3, 4, 5]


def test_the_newest_are_kept(tmp_path):
    for step in range(6):
        save(tmp_path, step, keep=3)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"step_{k:09d}" for k in (3, 4, 5)]
    assert checkpoint.latest(tmp_path).step == 5


def test_what_a_killed_process_left_is_removed(tmp_path):
    save(tmp_path, 1)
    for name in (".tmp-7", ".del-7-step_000000000"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "state.json").touch()
    save(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step_000000001", "step_000000002"]


def test_a_step_is_replaced(tmp_path):
    save(tmp_path)
    checkpoint.save(tmp_path, 1, tensors={}, state={"second": True})
    assert checkpoint.latest(tmp_path).state == {"second": True}


def test_there_may_be_none(tmp_path):
    assert checkpoint.latest(tmp_path / "nowhere") is None
    assert checkpoint.latest(tmp_path) is None


def test_nan_is_not_saved(tmp_path):
    save(tmp_path)
    with pytest.raises(TrainingError, match="weights/w"):
        checkpoint.save(
            tmp_path, 2, tensors={"weights": {"w": torch.tensor([torch.nan])}}, state={}
        )
    assert checkpoint.latest(tmp_path).step == 1


@pytest.mark.parametrize("arguments", [{"step": -1}, {"step": 1, "keep": 0}])
def test_impossible_arguments_are_refused(tmp_path, arguments):
    with pytest.raises(ValueError, match="at least"):
        save(tmp_path, **arguments)
    with pytest.raises(ValueError, match="lower-case"):
        checkpoint.save(tmp_path, 1, tensors={"../x": {}}, state={})


def files(path):
    return sorted(path.iterdir())


def test_every_truncation_and_flipped_bit_is_found(tmp_path):
    path = save(tmp_path)
    rng = np.random.default_rng(0)
    for file in files(path):
        original = file.read_bytes()
        for size in [*range(0, len(original), 64), len(original) - 1]:
            file.write_bytes(original[:size])
            with pytest.raises(CheckpointError, match=path.name):
                checkpoint.load(path)
        for _ in range(60):
            damaged = bytearray(original)
            damaged[rng.integers(len(original))] ^= 1 << rng.integers(8)
            file.write_bytes(damaged)
            try:
                found = checkpoint.load(path)
            except CheckpointError:
                continue
            # What may change unseen is a version in the manifest, and nothing that is used.
            assert file.name == "manifest.json"
            assert found.state == STATE
            assert torch.equal(found.tensors["weights"]["a"], TENSORS["weights"]["a"])
        file.write_bytes(original)
    assert checkpoint.load(path).state == STATE


def test_a_missing_file_is_named(tmp_path):
    for name in ("manifest.json", "state.json", "weights.safetensors"):
        path = save(tmp_path)
        (path / name).unlink()
        with pytest.raises(CheckpointError, match=name):
            checkpoint.load(path)


def edit_manifest(path, change):
    file = path / "manifest.json"
    manifest = json.loads(file.read_text())
    change(manifest)
    file.write_text(json.dumps(manifest))


def test_swapped_files_are_found(tmp_path):
    path = save(tmp_path)
    first, second = path / "weights.safetensors", path / "optimizer.safetensors"
    data = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(data)
    with pytest.raises(CheckpointError, match="optimizer"):
        checkpoint.load(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.update(format=99), "format is 99"),
        (lambda m: m.pop("files"), "missing"),
        (lambda m: m["files"].pop("state.json"), "state.json is not listed"),
        (
            lambda m: m["files"].update({"../../x.json": {"sha256": "", "size": 0}}),
            "not a file name",
        ),
        (
            lambda m: m["files"].update({"weights.pkl": {"sha256": "", "size": 0}}),
            "not a file name",
        ),
        (lambda m: m["files"].update({"state.json": None}), "not a file name"),
    ],
)
def test_a_manifest_that_lies_is_refused(tmp_path, change, words):
    path = save(tmp_path)
    edit_manifest(path, change)
    with pytest.raises(CheckpointError, match=words):
        checkpoint.load(path)


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x04\x95\x00.",  # a pickle
        (2**40).to_bytes(8, "little") + b"{}",  # a header of a terabyte
        b"",
    ],
)
def test_a_hostile_tensor_file_is_refused(tmp_path, data):
    path = save(tmp_path)
    file = path / "weights.safetensors"
    file.write_bytes(data)
    entry = {"sha256": checkpoint._digest(data), "size": len(data)}
    edit_manifest(path, lambda m: m["files"].update({file.name: entry}))
    with pytest.raises(CheckpointError, match="weights"):
        checkpoint.load(path)


def test_a_checkpoint_of_another_roster_is_refused(tmp_path):
    here = cam_arena.load_roster().id
    save(tmp_path, 1)
    path = save(tmp_path, 2, roster="0123456789abcdef")
    # The one before would load, but it is no earlier state of the same training.
    for read in (lambda: checkpoint.load(path), lambda: checkpoint.latest(tmp_path)):
        with pytest.raises(OtherRosterError, match=f"0123456789abcdef, this is {here}.*train"):
            read()
    assert checkpoint.load(path, roster="0123456789abcdef").roster == "0123456789abcdef"
    assert checkpoint.load(save(tmp_path, 3)).roster == here


def test_a_checkpoint_that_names_no_roster_is_refused(tmp_path):
    path = save(tmp_path)
    edit_manifest(path, lambda m: m.pop("roster_id"))
    with pytest.raises(OtherRosterError, match=r"names no roster.*earlier version.*train again"):
        checkpoint.latest(tmp_path)


def test_damage_falls_back_to_the_checkpoint_before(tmp_path, caplog):
    for step in (1, 2, 3):
        save(tmp_path, step)
    (tmp_path / "step_000000003" / "manifest.json").unlink()
    (tmp_path / "step_000000002" / "weights.safetensors").write_bytes(b"no")
    assert checkpoint.latest(tmp_path).step == 1
    assert caplog.text.count("falling back") == 2
    shutil.rmtree(tmp_path / "step_000000001")
    with pytest.raises(CheckpointError, match="no checkpoint is intact"):
        checkpoint.latest(tmp_path)


@pytest.mark.parametrize("call", ["fsync", "rename", "mkdir"])
def test_a_failure_at_any_step_leaves_the_old_one(tmp_path, monkeypatch, call):
    save(tmp_path, 1)
    real = {"fsync": os.fsync, "rename": checkpoint.Path.rename, "mkdir": checkpoint.Path.mkdir}[
        call
    ]
    for fail_at in range(20):
        count = 0

        def broken(*arguments, **options):
            nonlocal count
            count += 1
            if count > fail_at:  # noqa: B023
                raise OSError(28, "No space left on device")
            return real(*arguments, **options)

        owner = os if call == "fsync" else checkpoint.Path
        with monkeypatch.context() as patch:
            patch.setattr(owner, call, broken)
            try:
                save(tmp_path, 2)
            except OSError:
                failed = True
            else:
                failed = False
        assert checkpoint.latest(tmp_path).step in (1, 2)
        if not failed:
            return
    pytest.fail("it never succeeded")


SAVER = """
import sys, itertools, torch
import cam_arena
from cam_arena.agents import checkpoint
from cam_arena.agents.checkpoint import OtherRosterError
for step in itertools.count():
    weights = torch.full((50_000,), float(step))
    checkpoint.save(
        sys.argv[1], step, tensors={"weights": {"w": weights}}, state={"step": step}, roster="r"
    )
    print(step, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="kills with a POSIX signal")
def test_a_kill_at_any_moment_loses_nothing_acknowledged(tmp_path):
    rng = np.random.default_rng(0)
    for attempt in range(2):
        root = tmp_path / str(attempt)
        process = subprocess.Popen(
            [sys.executable, "-c", SAVER, str(root)], stdout=subprocess.PIPE, text=True
        )
        acknowledged = int(process.stdout.readline())
        time.sleep(rng.random() * 0.1)
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
        process.wait()
        process.stdout.close()
        acknowledged = max([acknowledged, *map(int, rest)])
        found = checkpoint.latest(root, roster="r")
        assert found.step >= acknowledged
        assert found.state["step"] == found.step
        assert (found.tensors["weights"]["w"] == found.step).all()
        save(root, found.step + 1)
        assert not [path for path in root.iterdir() if path.name.startswith(".")]
