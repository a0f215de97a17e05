"""Every wait on another process ends: one that died or was stopped is named, within 35 s."""

import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from cam_arena import liveness
from cam_arena.agents import selfplay
from cam_arena.agents.reproduction.long_tournament import Seat, Tournament, play_tournament
from cam_arena.errors import WorkerError

pytestmark = [
    pytest.mark.fault,
    pytest.mark.skipif(sys.platform == "win32", reason="stops with a POSIX signal"),
]
PLAN = Tournament((Seat("a", "masher:4", 0), Seat("b", "zoner:3", 1)), 2, 3)


@contextmanager
def struck(blow, *, after=0.0):
    """Strike the first process that this one starts, and tell when."""
    ended, blows = threading.Event(), []

    def strike():
        while not ended.is_set():
            children = multiprocessing.active_children()
            if children and children[0].pid:
                ended.wait(after)
                os.kill(children[0].pid, blow)
                blows.append(time.monotonic())
                return
            time.sleep(0.01)

    thread = threading.Thread(target=strike)
    thread.start()
    try:
        yield blows
    finally:
        ended.set()
        thread.join()
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(
    ("blow", "words"),
    [
        (signal.SIGKILL, "plays part 0 died with exit code -9"),
        (signal.SIGSTOP, r"plays part 0 \(process \d+\) gave no sign of life for 2 s"),
    ],
)
def test_a_tournament_names_the_part_that_is_lost(tmp_path, monkeypatch, blow, words):
    monkeypatch.setattr(liveness, "SILENCE_S", 2.0)
    with struck(blow), pytest.raises(WorkerError, match=words):
        play_tournament(PLAN, tmp_path, workers=2)
    assert not list(tmp_path.glob("part_*"))


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 20.0])
def test_selfplay_names_the_worker_that_was_stopped(tmp_path, after):
    """With the deadline as it is: while it starts, and in the middle of training."""
    config = selfplay.Config(
        out=tmp_path, minutes=5, characters="core4", workers=2, matches=16, rollout=8
    )
    words = r"worker 1 \(process \d+\) gave no sign of life for 30 s"
    with struck(signal.SIGSTOP, after=after) as blows, pytest.raises(WorkerError, match=words):
        selfplay.train(config)
    assert time.monotonic() - blows[0] < 35


@pytest.mark.slow
@pytest.mark.parametrize(("index", "blow"), [(0, "stop"), (1, "stop"), (1, "kill")])
def test_an_env_of_stable_baselines3_is_named(tmp_path, monkeypatch, index, blow):
    from cam_arena.agents import sb3
    from cam_arena.agents.sb3_member import blank_policy

    monkeypatch.setattr(liveness, "SILENCE_S", 3.0)
    config = sb3.Config(out=tmp_path)
    sb3._save(tmp_path, 0, blank_policy("full").state_dict(), config)
    make = functools.partial(
        sb3.AgainstPool, tmp_path, ["Vesh Cindral"], ["Gorm Talus"], seed=1, observation="full"
    )
    envs = sb3._Envs([make, make])
    envs.reset()
    number = {"stop": signal.SIGSTOP, "kill": signal.SIGKILL}[blow]
    os.kill(envs.processes[index].pid, number)
    words = {"stop": "gave no sign of life for 3 s", "kill": "died with exit code"}[blow]
    with pytest.raises(WorkerError, match=f"env {index} .*{words}"):
        envs.reset()
    envs.close()
    assert not any(process.is_alive() for process in envs.processes)


@pytest.mark.slow
def test_an_env_that_does_not_start_is_named(tmp_path, monkeypatch):
    from cam_arena.agents import sb3

    monkeypatch.setattr(liveness, "SILENCE_S", 3.0)
    with pytest.raises(WorkerError, match=r"env 0 .*gave no sign of life for 3 s"):
        sb3._Envs([functools.partial(time.sleep, 60)])


STAGE_2 = """
import sys
from pathlib import Path
from cam_arena import liveness
from cam_arena.agents import cam

if __name__ == "__main__":
    liveness.SILENCE_S = 4.0
    cam.train(cam.Config(out=Path(sys.argv[1]), preset="smoke", characters="core4", workers=2))
"""


@pytest.mark.slow
def test_stage_2_of_cam_names_the_specialists_that_are_lost(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(STAGE_2)
    run = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, str(script), str(run)], stderr=subprocess.PIPE, text=True
    )
    try:
        while not list(run.glob("rounds/1/*/checkpoints/step_*")) and process.poll() is None:
            time.sleep(0.1)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        # One is multiprocessing's resource tracker, which trains nothing.
        trainers = [
            child
            for child in children
            if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text()
        ]
        os.kill(int(trainers[-1]), signal.SIGSTOP)
        said = process.communicate(timeout=60)[1]
    finally:
        process.kill()
        process.wait()
    assert "the process that trained" in said
    assert "gave no sign of life for 4 s" in said
    for child in trainers:
        with pytest.raises(ProcessLookupError):
            os.kill(int(child), 0)
