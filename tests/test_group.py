"""Workers of one training run: means in shared memory, sums, and nobody dies unnoticed."""

import multiprocessing
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from group_jobs import (
    EndOfProcess,
    LateStart,
    Signals,
    be_silent,
    die,
    die_later,
    diverge,
    many_means,
    mean_and_sum,
    page_faults,
    stop,
    stop_the_last,
    work_long,
)
from rich.progress import Progress

from cam_arena import _training, liveness
from cam_arena.agents import cam, neupl, psro, reproduce, sb3, selfplay, stopping
from cam_arena.agents.settings import most_processes
from cam_arena.agents.workers import launch
from cam_arena.cli import main
from cam_arena.cores import usable_cores
from cam_arena.errors import Stopped, TrainingError, WorkerError


def memory_of(workers, count):
    return np.zeros(_training.mean_size(workers, count), np.uint8)


def test_workers_average_and_sum():
    assert launch(mean_and_sum, 1, first="a") == ([0, 0, 0], [1, 0], "a")
    assert launch(mean_and_sum, 2, first="b") == ([0.5] * 3, [2, 1], "b")


def test_all_workers_see_the_same_means_turn_after_turn():
    turns = 30
    mine, everyones = launch(many_means, 2, turns)
    expected = [np.arange(size) * 1.5 + turn for turn in range(turns) for size in (5, 40)]
    np.testing.assert_array_equal(mine, np.concatenate(expected).astype(np.float32))
    np.testing.assert_array_equal(mine, everyones)


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc" or "asan" in os.environ.get("LD_PRELOAD", ""),
    reason="the memory is not glibc's malloc's",
)
@pytest.mark.parametrize("size", [1, 2])
def test_workers_keep_the_memory_that_they_free(size):
    assert max(launch(page_faults, size)) < 100  # 8 MB are 2,048 pages


@pytest.mark.fault
@pytest.mark.parametrize(("job", "code"), [(die, 3), (die_later, 4)])
def test_a_dead_worker_is_named(job, code):
    with pytest.raises(WorkerError, match=f"worker 1 died with exit code {code}"):
        launch(job, 2)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("at", [1, 3], ids=["between two starts", "until all are there"])
def test_a_signal_while_workers_start_is_obeyed_at_once(at):
    signals = Signals(signal.SIGTERM, at)
    begun = time.monotonic()
    with stopping.stoppable(), pytest.raises(Stopped, match="stopped by SIGTERM while its workers"):
        launch(mean_and_sum, 4, signals)
    assert signals.count == at and time.monotonic() - begun < 15
    assert not multiprocessing.active_children()
    signals = Signals(signal.SIGINT, 1)
    with pytest.raises(KeyboardInterrupt):
        launch(mean_and_sum, 3, signals)
    assert signals.count == 1 and not multiprocessing.active_children()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_a_signal_while_specialists_start_is_obeyed(tmp_path, monkeypatch):
    monkeypatch.setattr(cam, "_train_some", print)  # never called: the processes end before
    signals = Signals(signal.SIGTERM, 2, tmp_path)
    with stopping.stoppable(), pytest.raises(Stopped, match="SIGTERM while specialists"):
        cam._run_all([signals] * 4, 4, Progress(disable=True))
    assert signals.count == 2 and not multiprocessing.active_children()


def test_more_workers_than_a_machine_has_cores_for_are_refused(capsys):
    most = most_processes()
    assert most == max(64, 4 * usable_cores())
    assert selfplay.Config(workers=most).workers == most
    for make in (selfplay.Config, cam.Config, psro.Config, neupl.Config, reproduce.Config):
        with pytest.raises(ValueError, match=f"workers must be at most {most} on this machine, of"):
            make(workers=most + 1)
    with pytest.raises(ValueError, match="envs must be at most"):
        sb3.Config(envs=99_999)
    assert main(["train", "selfplay", "--workers", "99999"]) == 2
    assert "workers must be at most" in capsys.readouterr().err


def test_a_worker_that_cannot_go_on_says_why_once(capfd):
    with pytest.raises(TrainingError, match=r"^worker 1: loss/value is nan$"):
        launch(diverge, 2)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.fault
def test_a_worker_that_dies_while_it_starts_is_named():
    with pytest.raises(WorkerError, match="worker 1 died with exit code 5"):
        launch(mean_and_sum, 2, EndOfProcess())


@pytest.mark.fault
@pytest.mark.parametrize(
    ("job", "arguments"), [(mean_and_sum, (LateStart(),)), (be_silent, ()), (stop, ())]
)
def test_a_worker_without_a_sign_of_life_is_named(monkeypatch, job, arguments):
    monkeypatch.setattr(liveness, "SILENCE_S", 1.5)
    begun = time.monotonic()
    with pytest.raises(WorkerError, match=r"worker 1 \(process \d+\) gave no sign of life for 1.5"):
        launch(job, 2, *arguments)
    assert time.monotonic() - begun < 20


@pytest.mark.slow
@pytest.mark.fault
def test_of_two_that_are_silent_the_one_that_was_stopped_is_named(monkeypatch):
    monkeypatch.setattr(liveness, "SILENCE_S", 1.5)
    with pytest.raises(WorkerError, match=r"worker 2 .* no sign of life"):
        launch(stop_the_last, 3)


@pytest.mark.slow
@pytest.mark.fault
def test_much_work_is_a_sign_of_life(monkeypatch):
    monkeypatch.setattr(liveness, "SILENCE_S", 1.5)
    assert launch(work_long, 2) == 1


@pytest.mark.slow
@pytest.mark.fault
@pytest.mark.skipif(sys.platform != "linux", reason="kills with a POSIX signal")
def test_the_folder_of_a_killed_run_goes(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import group_jobs\nfrom cam_arena.agents.workers import launch\n"
        "if __name__ == '__main__':\n    launch(group_jobs.kill_the_first, 2)\n"
    )
    folder = tmp_path / "temporary"
    folder.mkdir()
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(script)], env={**os.environ, "TMPDIR": str(folder), "PYTHONPATH": path}
    )
    assert done.returncode == -signal.SIGKILL
    for _ in range(400):
        if not list(folder.glob("cam-arena-*")):
            return
        time.sleep(0.1)
    pytest.fail(f"left: {list(folder.rglob('*'))}")


@pytest.mark.fault
def test_a_script_without_a_guard_is_told_what_it_lacks(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import group_jobs\nfrom cam_arena.agents.workers import launch\n"
        "launch(group_jobs.kill_the_first, 2)\n"
    )
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(script)], env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert 'in a script, train inside `if __name__ == "__main__":`' in done.stderr


def test_a_mean_is_of_all_or_of_none():
    memory = memory_of(3, 7)
    values = [np.arange(7, dtype=np.float32) * (rank + 1) for rank in range(3)]
    for turn in (1, 2, 3):
        for rank in (0, 1):
            _training.put_mean(memory, 3, rank, turn, values[rank])
        out = np.full(7, 9, np.float32)
        assert not _training.take_mean(memory, 3, turn, 1, out)
        assert (out == 9).all()
        _training.put_mean(memory, 3, 2, turn, values[2])
        assert _training.take_mean(memory, 3, turn, 1, out)
        np.testing.assert_allclose(out, np.arange(7) * 2.0, rtol=1e-6)


def test_threads_in_a_race_lose_nothing():
    count, turns, size = 33, 400, 3
    memory, found = memory_of(size, count), [[] for _ in range(size)]

    def work(rank):
        for turn in range(1, turns + 1):
            values = np.full(count, rank * 1000 + turn, np.float32)
            _training.put_mean(memory, size, rank, turn, values)
            assert _training.take_mean(memory, size, turn, 60_000, values)
            found[rank].append(values.copy())

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = 1000 + np.arange(1, turns + 1)
    for seen in found:
        np.testing.assert_allclose(np.array(seen), np.tile(expected[:, None], count), rtol=1e-6)


def test_wrong_sizes_are_refused():
    with pytest.raises(ValueError, match="the mean of 8 values over 2 workers takes"):
        _training.put_mean(memory_of(2, 8)[:-1], 2, 0, 1, np.zeros(8, np.float32))
    with pytest.raises(ValueError, match=r"rank must be 0\.\.1, got 2"):
        _training.put_mean(memory_of(2, 8), 2, 2, 1, np.zeros(8, np.float32))
    with pytest.raises(ValueError, match="workers must be at least 1"):
        _training.take_mean(np.zeros(64, np.uint8), 0, 1, 1, np.zeros(1, np.float32))
