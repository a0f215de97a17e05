"""A disk that is full, read-only or not there: one line and exit 1, and nothing half written."""

import errno
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest
import torch

from cam_arena import cli
from cam_arena.agents import checkpoint
from cam_arena.errors import TrainingError
from cam_arena.files import write_whole

pytestmark = [
    pytest.mark.fault,
    pytest.mark.skipif(sys.platform != "linux", reason="mounts and devices of Linux"),
]
SMALL = [
    "train", "selfplay", "--characters", "core4", "--workers", "1", "--matches", "8", "--rollout",
    "8", "--steps", "200", "--no-tensorboard", "--out",
]  # fmt: skip


def mounted(path, options):
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this user may not mount")
    yield path
    subprocess.run(["umount", str(path)], check=True)


@pytest.fixture
def small_disk(tmp_path):
    yield from mounted(tmp_path / "small", "size=600k")


@pytest.fixture
def read_only_disk(tmp_path):
    yield from mounted(tmp_path / "fixed", "ro")


def save(root, step, size):
    weights = {"weights": {"w": torch.full((size,), float(step))}}
    return checkpoint.save(root, step, tensors=weights, state={}, roster="r")


def said(capsys, arguments):
    """Return what a command that must fail with exit 1 says, which must be one line."""
    assert cli.main(arguments) == 1
    captured = capsys.readouterr()
    lines = [line for line in captured.err.splitlines() if not line.startswith("run: ")]
    assert len(lines) == 1, captured.err
    return lines[0]


def leftovers(folder):
    return [path for path in Path(folder).rglob("*") if path.name.startswith((".tmp", ".del"))]


def test_a_full_disk_keeps_what_was_saved_and_its_room(small_disk):
    save(small_disk, 1, 40_000)
    with pytest.raises(OSError, match=r"No space left on device.*step_000000002") as caught:
        save(small_disk, 2, 120_000)
    assert caught.value.errno == errno.ENOSPC
    assert not leftovers(small_disk)
    assert checkpoint.latest(small_disk, roster="r").step == 1
    save(small_disk, 2, 60_000)  # there is room for it, since nothing half written is left
    assert checkpoint.latest(small_disk, roster="r").step == 2


def test_a_full_disk_keeps_the_file_that_stood_there(small_disk):
    path = small_disk / "counts.npz"
    write_whole(path, b"old")
    with pytest.raises(OSError, match=r"No space left.*counts\.npz"):
        write_whole(path, bytes(700_000))
    assert path.read_bytes() == b"old"
    assert list(small_disk.iterdir()) == [path]


@pytest.mark.slow
def test_training_on_a_full_disk_is_one_line(small_disk, capsys):
    line = said(capsys, [*SMALL, str(small_disk / "run")])
    assert line.startswith(f"cam-arena: cannot write {small_disk}/run")
    assert line.endswith("No space left on device")
    assert not leftovers(small_disk)


def test_training_on_a_read_only_disk_is_one_line(read_only_disk, capsys):
    line = said(capsys, [*SMALL, str(read_only_disk / "run")])
    assert line == f"cam-arena: cannot write {read_only_disk}/run: Read-only file system"


@pytest.mark.parametrize(
    ("command", "file"), [("evaluate", "evaluation.json"), ("held-out", "held_out.json")]
)
def test_what_cannot_be_kept_is_not_played(read_only_disk, capsys, command, file):
    line = said(capsys, [command, str(read_only_disk)])
    assert line == f"cam-arena: cannot write {read_only_disk / file}: Read-only file system"


@pytest.mark.parametrize("make", [lambda path: path, lambda path: path / "run"])
def test_a_file_is_no_directory_of_a_run(tmp_path, capsys, make):
    path = tmp_path / "file"
    path.write_text("x")
    line = said(capsys, [*SMALL, str(make(path))])
    assert str(path) in line
    assert path.read_text() == "x"


def test_a_place_where_nothing_can_be_is_named(capsys):
    line = said(capsys, [*SMALL, "/proc/cam-arena"])
    assert line == "cam-arena: cannot write /proc/cam-arena: No such file or directory"


@pytest.mark.parametrize("arguments", [["roster", "list"], ["--help"]])
def test_an_output_that_takes_nothing_is_one_line(arguments):
    command = Path(sysconfig.get_path("scripts")) / "cam-arena"
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [command, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.stderr == "cam-arena: cannot write the output: No space left on device\n"
    assert done.returncode == 1


def test_a_device_and_a_link_stay_what_they_are(tmp_path):
    write_whole(Path("/dev/null"), "x")
    assert Path("/dev/null").is_char_device()
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    write_whole(link, "x")
    assert link.is_symlink() and target.read_text() == "x"


def test_every_file_is_on_the_disk_before_the_checkpoint_has_its_name(tmp_path, monkeypatch):
    events = []
    real_sync, real_rename = os.fsync, Path.rename

    def sync(handle):
        events.append(("sync", Path(os.readlink(f"/proc/self/fd/{handle}")).name))
        real_sync(handle)

    def rename(path, target):
        events.append(("rename", Path(target).name))
        return real_rename(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "rename", rename)
    save(tmp_path / "root", 3, 10)
    temporary = f".tmp-{os.getpid()}"
    assert events == [
        ("sync", "weights.safetensors"),
        ("sync", "state.json"),
        ("sync", "manifest.json"),
        ("sync", temporary),
        ("rename", "step_000000003"),
        ("sync", "root"),
    ]
    events.clear()
    monkeypatch.setattr(Path, "replace", rename)
    write_whole(tmp_path / "x.json", "{}")
    assert events == [("sync", f"{temporary}-x.json"), ("rename", "x.json")]


KILLS = """
import os, random, signal, sys, time
import torch
from cam_arena.agents import checkpoint

torch.set_num_threads(1)
root, count = sys.argv[1], int(sys.argv[2])
random.seed(0)
torn = 0


def save(folder, step):
    weights = {"weights": {"w": torch.full((50_000,), float(step))}}
    checkpoint.save(folder, step, tensors=weights, state={"step": step}, roster="r")


for attempt in range(count):
    folder = f"{root}/{attempt}"
    read, write = os.pipe()
    child = os.fork()
    if not child:
        step = 0
        while True:
            save(folder, step)
            os.write(write, bytes([step % 251]))
            step += 1
    os.close(write)
    acknowledged = len(os.read(read, 1)) - 1
    time.sleep(random.random() * 0.03)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while told := os.read(read, 1 << 16):
        acknowledged += len(told)
    os.close(read)
    torn += any(name.startswith(".") for name in os.listdir(folder))
    found = checkpoint.latest(folder, roster="r")
    assert found.step >= acknowledged, (found.step, acknowledged)
    assert found.state["step"] == found.step
    assert (found.tensors["weights"]["w"] == found.step).all()
    save(folder, found.step + 1)
    assert not [name for name in os.listdir(folder) if name.startswith(".")]
    if attempt >= 2:
        for step in os.listdir(folder):
            for file in os.listdir(f"{folder}/{step}"):
                os.unlink(f"{folder}/{step}/{file}")
print(torn)
"""


@pytest.mark.slow
def test_150_kills_at_random_moments_lose_nothing_acknowledged(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLS, str(tmp_path), "150"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10  # so many were in the middle of a save


LIMITED = """
import resource, sys
import torch
from cam_arena.agents import checkpoint

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
for step, size in ((1, 1000), (2, 100_000)):
    weights = {"weights": {"w": torch.zeros(size)}}
    try:
        checkpoint.save(sys.argv[1], step, tensors=weights, state={}, roster="r")
    except OSError as error:
        print(step, error.strerror, error.filename)
"""


@pytest.mark.slow
def test_a_limit_of_the_file_size_is_named(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"2 File too large {tmp_path}/step_000000002\n"
    assert [path.name for path in tmp_path.iterdir()] == ["step_000000001"]


def test_weights_that_are_not_finite_are_not_written(tmp_path):
    save(tmp_path, 1, 10)
    weights = {"weights": {"w": torch.tensor([np.inf])}}
    with pytest.raises(TrainingError, match="weights/w"):
        checkpoint.save(tmp_path, 2, tensors=weights, state={}, roster="r")
    with pytest.raises(ValueError, match="not JSON compliant"):
        checkpoint.save(tmp_path, 2, tensors={}, state={"x": float("nan")}, roster="r")
    assert [path.name for path in tmp_path.iterdir()] == ["step_000000001"]
