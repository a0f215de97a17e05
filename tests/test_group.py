"""Workers of one training run: means in shared memory, sums, and nobody dies unnoticed."""

import os
import platform
import threading
from datetime import timedelta

import numpy as np
import pytest
from group_jobs import (
    EndOfProcess,
    LateStart,
    be_silent,
    die,
    die_later,
    many_means,
    mean_and_sum,
    page_faults,
)

from cam_arena import _training
from cam_arena.agents import workers
from cam_arena.agents.workers import launch
from cam_arena.errors import WorkerError


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


@pytest.mark.fault
def test_a_worker_that_dies_while_it_starts_is_named():
    with pytest.raises(WorkerError, match="worker 1 died with exit code 5"):
        launch(mean_and_sum, 2, EndOfProcess())


@pytest.mark.fault
def test_a_worker_that_does_not_start_is_not_awaited_for_ever(monkeypatch):
    monkeypatch.setattr(workers, "SILENCE", timedelta(seconds=1))
    with pytest.raises(WorkerError, match="worker 0 waited for the others for 1 s"):
        launch(mean_and_sum, 2, LateStart())


@pytest.mark.fault
def test_a_silent_worker_is_waited_for_no_longer_than_said(monkeypatch):
    monkeypatch.setattr(workers, "SILENCE", workers.SILENCE)  # the job changes it
    with pytest.raises(WorkerError, match="worker 0 waited for the others for 1 s"):
        launch(be_silent, 2)


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
