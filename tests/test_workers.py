"""make_vec over worker processes: the same numbers, and no worker dies unnoticed."""

import os
import signal
import time
from multiprocessing.shared_memory import SharedMemory

import numpy as np
import pytest

import cam_arena
from cam_arena.errors import MatchError, WorkerError
from cam_arena.testing import assert_equal


def assert_steps_equal(expected, got):
    """Compare what two steps return, arrays that are reused too."""
    final = ("final_obs", "_final_obs", "final_info", "_final_info")
    assert expected[4].keys() == got[4].keys()
    assert_equal(expected[:4], got[:4])
    for key in set(expected[4]) - set(final):
        assert_equal(expected[4][key], got[4][key])
    if "final_obs" in expected[4]:
        for one, other in zip(expected[4]["final_obs"], got[4]["final_obs"], strict=True):
            assert_equal(one, other)


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("NextStep", {"frame_stack": 2, "latency": "human"}),
        ("SameStep", {"mask_in": "both", "action_space": "own", "characters": "core8"}),
        ("Disabled", {"opponent": "masher:2", "opponent_seat": 0, "observation_dtype": "int16"}),
    ],
    ids=["next", "same", "disabled"],
)
def test_equals_the_env_of_one_process(mode, options):
    options = {"autoreset_mode": mode, "max_cycles": 7, **options}
    alone = cam_arena.make_vec(5, **options)
    shared = cam_arena.make_vec(5, num_workers=2, **options)
    try:
        assert_equal(alone.reset(seed=9)[0], shared.reset(seed=9)[0])
        for step in range(30):
            rng = np.random.default_rng(step)
            actions = np.array([rng.choice(np.flatnonzero(mask)) for mask in alone.action_masks])
            if step % 2:
                shared.send(actions)
            expected = alone.step(actions)
            got = shared.recv() if step % 2 else shared.step(actions)
            assert_steps_equal(expected, got)
            assert alone.hashes().tolist() == shared.hashes().tolist()
            over = expected[2] | expected[3]
            if mode == "Disabled" and over.any():
                for vec in (alone, shared):
                    vec.reset(options={"reset_mask": over})
        assert alone.state(4) == shared.state(4)
        assert alone.own_actions(4).tolist() == shared.own_actions(4).tolist()
    finally:
        shared.close()


def test_pictures_come_from_workers():
    options = {"observation": "pixels", "pixels": (48, 48), "mask_in": "none"}
    alone, shared = (
        cam_arena.make_vec(3, **options),
        cam_arena.make_vec(3, num_workers=3, **options),
    )
    try:
        assert np.array_equal(alone.reset(seed=2)[0], shared.reset(seed=2)[0])
        for _ in range(3):
            actions = np.full(6, 13)
            assert np.array_equal(alone.step(actions)[0], shared.step(actions)[0])
    finally:
        shared.close()


def test_a_refused_reset_changes_no_worker():
    roster = cam_arena.load_roster()
    sizes = [int(cam_arena.Match(characters=k).static_mask(0).sum()) for k in range(8)]
    few, many = int(np.argmin(sizes)), int(np.argmax(sizes))
    assert sizes[few] < sizes[many], roster.names[:8]
    vec = cam_arena.make_vec(2, num_workers=2, characters=few, action_space="own")
    try:
        vec.reset(seed=0)
        before = vec.hashes().tolist()
        with pytest.raises(ValueError, match=f"owns {sizes[many]} actions"):
            vec.reset(seed=1, options={"characters": many})
        assert vec.hashes().tolist() == before
        with pytest.raises(ValueError, match="out of range"):
            vec.step(np.full(4, 108))
        vec.step(np.zeros(4, int))
    finally:
        vec.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_worker_is_named():
    vec = cam_arena.make_vec(4, num_workers=2)
    vec.reset(seed=0)
    kept = vec.step(np.zeros(8, int))[0]["observation"]
    processes, name = vec._matches._processes, vec._matches._memory.name
    os.kill(processes[1].pid, signal.SIGKILL)
    for _ in range(2):
        with pytest.raises(WorkerError, match=r"worker 1 \(process \d+\) was killed by signal 9"):
            vec.step(np.zeros(8, int))
    assert not any(process.is_alive() for process in processes)
    with pytest.raises(FileNotFoundError):
        SharedMemory(name)
    vec.close()
    assert np.isfinite(kept).all()  # what the user keeps stays readable


def test_workers_end_with_the_env():
    vec = cam_arena.make_vec(2, num_workers=2)
    processes = vec._matches._processes
    assert len({process.pid for process in processes} | {os.getpid()}) == 3
    vec.reset(seed=0)
    vec.send(np.zeros(4, int))
    start = time.monotonic()
    vec.close()
    vec.close()
    assert time.monotonic() - start < 60
    assert not any(process.is_alive() for process in processes)
    with pytest.raises(MatchError, match="make a new one"):
        vec.step(np.zeros(4, int))


def test_bad_arguments():
    with pytest.raises(ValueError, match="num_workers"):
        cam_arena.make_vec(1, num_workers=-1)
    with pytest.raises(ValueError, match="texts"):
        cam_arena.make_vec(1, num_workers=1, observation="text")
    vec = cam_arena.make_vec(1, num_workers=4)  # no more workers than matches
    try:
        assert len(vec._matches._processes) == 1
        with pytest.raises(MatchError, match="in the workers"):
            vec.batch  # noqa: B018
    finally:
        vec.close()
