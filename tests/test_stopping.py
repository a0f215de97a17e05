"""A training that is asked to stop, or killed, goes on where it was; its curves rise."""

import itertools
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch

from cam_arena.agents import lock
from cam_arena.agents.population.members import load_member
from cam_arena.cli import main

pytestmark = [
    pytest.mark.fault,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals"),
]
COMMAND = [sys.executable, "-m", "cam_arena.cli"]
SMALL = """
    train selfplay --characters core4 --minutes None --steps 24000 --matches 8 --rollout 16
    --learner.minibatch 128 --network.hidden 16 16 --snapshots 2 --checkpoint-updates 4 --bots
""".split()


def start(*arguments, temporary=None):
    environment = {**os.environ, **({} if temporary is None else {"TMPDIR": str(temporary)})}
    return subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment,
    )  # fmt: skip


def finish(process):
    _, errors = process.communicate()
    assert process.returncode == 0, errors


def wait_for(path, rows):
    """Wait until a run has logged so many rows."""
    for _ in range(1200):
        if path.exists() and path.read_bytes().count(b"\n") >= rows:
            return
        time.sleep(0.05)
    raise TimeoutError(path)


def steps_of(run):
    """Return the steps of each curve in `metrics.jsonl`."""
    found = {}
    for line in (run / "metrics.jsonl").read_text().splitlines():
        row = json.loads(line)
        found.setdefault(row["name"], []).append(row["step"])
    return found


def assert_rising(run):
    for name, steps in steps_of(run).items():
        assert all(one < other for one, other in itertools.pairwise(steps)), name


def weights(run):
    return load_member(run / "policy").policy.state_dict()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_and_the_command_it_names_goes_on(tmp_path, capsys, number):
    run = tmp_path / "run"

    def send():
        wait_for(run / "metrics.jsonl", 3)
        os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    thread = threading.Thread(target=send)
    thread.start()
    code = main([*SMALL, "--workers", "1", "--no-tensorboard", "--out", str(run)])
    thread.join()
    assert code == 128 + number
    assert signal.getsignal(number) == before
    last = capsys.readouterr().err.splitlines()[-1]
    assert f"stopped by {signal.Signals(number).name} after" in last
    steps = steps_of(run)["selfplay"]
    assert f"{steps[-1]:,} samples, which are saved" in last
    assert not (run / "policy").exists()
    command = shlex.split(last.partition("go on with: ")[2])
    assert command == ["cam-arena", "train", "selfplay", "--resume", str(run)]
    assert main([*command[1:], "--steps", str(steps[-1] + 500)]) == 0
    assert steps_of(run)["selfplay"][: len(steps)] == steps
    assert len(steps_of(run)["selfplay"]) > len(steps)
    assert_rising(run)


@pytest.mark.slow
def test_two_workers_stop_together_and_leave_nothing(tmp_path):
    run, temporary = tmp_path / "run", tmp_path / "temporary"
    temporary.mkdir()
    left = temporary / "cam-arena-left"  # as a killed run leaves it
    left.mkdir()
    (left / lock.FILE_NAME).write_text("1")
    command = [*SMALL, "--workers", "2", "--steps", "4000000", "--out", str(run)]
    process = subprocess.Popen(
        [*COMMAND, *command], stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )  # fmt: skip
    wait_for(run / "metrics.jsonl", 2)
    assert not left.exists()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    _, errors = process.communicate()
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert not list(temporary.glob("cam-arena-*"))
    steps = steps_of(run)["selfplay"]
    process = start(*command, temporary=temporary)
    wait_for(run / "metrics.jsonl", len(steps) + 1)
    process.kill()
    process.communicate()
    assert_rising(run)


@pytest.mark.slow
def test_curves_rise_after_any_number_of_kills(tmp_path):
    """In the file, in TensorBoard's own reader, and the weights are those of an unkilled run."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    small = [*SMALL, "--workers", "1", "--learner.precision", "float32"]
    whole, run = tmp_path / "whole", tmp_path / "run"
    finish(start(*small, "--out", str(whole)))
    rows = 0
    for more in (2, 6, 3, 9):  # the first before there is a checkpoint
        process = start(*small, "--out", str(run))
        wait_for(run / "metrics.jsonl", rows + more)
        process.kill()
        process.communicate()
        rows = len(steps_of(run)["selfplay"]) // 4 * 4
    finish(start(*small, "--out", str(run)))
    assert_rising(run)
    assert steps_of(run) == steps_of(whole)
    assert all(torch.equal(value, weights(whole)[name]) for name, value in weights(run).items())
    events = EventAccumulator(str(run / "tensorboard" / "selfplay"))
    events.Reload()
    seen = [event.step for event in events.Scalars("loss/policy")]
    assert seen == steps_of(run)["selfplay"]


KILLED_STAGE_2 = """
import sys
from dataclasses import replace
from pathlib import Path

sys.path.append(sys.argv[2])
from tiny_runs import CONFIG, TINY

from cam_arena.agents import cam

if __name__ == "__main__":
    cam.PRESETS["smoke"] = replace(TINY, specialist_steps=10_000_000)
    cam.train(replace(CONFIG, out=Path(sys.argv[1]), workers=2))
"""


@pytest.mark.slow
def test_specialists_are_saved_too(tmp_path):
    script, run = tmp_path / "script.py", tmp_path / "run"
    script.write_text(KILLED_STAGE_2)
    command = [sys.executable, str(script), str(run), str(Path(__file__).parent)]
    saved = {}
    for _ in range(2):
        process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        for _ in range(2400):
            names = set(steps_of(run)) if (run / "metrics.jsonl").exists() else set()
            if len(names - {"shared policy"}) == 2 and all(
                steps_of(run)[name][-1] > step for name, step in saved.items()
            ):
                break
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate()
        assert "while specialists were trained, which are saved" in errors, errors
        assert_rising(run)
        for folder in (run / "rounds" / "1").iterdir():
            assert len(list((folder / "checkpoints").glob("step_*"))) >= 1
        saved = {
            name: steps[-1] for name, steps in steps_of(run).items() if name != "shared policy"
        }
        assert len(saved) == 2
