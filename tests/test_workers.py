"""make_vec over worker processes: the same numbers, and no worker dies unnoticed."""

import gc
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch

import cam_arena
from cam_arena import liveness, squad_v0
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.population.members import save_member
from cam_arena.agents.sharing import make_policy
from cam_arena.errors import MatchError, WorkerError
from cam_arena.testing import assert_equal

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, sends signals")


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
        ("NextStep", {"team_size": 2, "enemy_size": 3, "latency": "human"}),
        ("SameStep", {"map": "3v5", "mask_in": "both", "opponent": "zoner:3"}),
    ],
    ids=["next", "same", "disabled", "teams", "one team"],
)
def test_equals_the_env_of_one_process(mode, options):
    make = squad_v0.make_vec if {"team_size", "map"} & options.keys() else cam_arena.make_vec
    options = {"autoreset_mode": mode, "max_cycles": 7, **options}
    alone = make(5, **options)
    shared = make(5, num_workers=2, **options)
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


def test_threads_that_share_an_env_are_refused_and_leave_it():
    vec = cam_arena.make_vec(2, num_workers=2, opponent=lambda seen, mask: time.sleep(0.01) or 0)
    vec.reset(seed=0)
    told = []

    def use():
        for call in (lambda: vec.step([0, 0]), vec.hashes, lambda: vec.state(1)) * 5:
            try:
                call()
            except Exception as error:
                told.append(repr(error))

    threads = [threading.Thread(target=use) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told and all("RuntimeError" in one and "another thread" in one for one in told), told
    vec.step([0, 0])
    vec.close()


def break_workers(monkeypatch, tmp_path, method, how):
    """Let workers of three matches do something else than a method of theirs."""
    (tmp_path / "sitecustomize.py").write_text(
        f"""
import os, signal, time
from cam_arena.envs.matches import Matches

whole = Matches.{method}

def broken(self, plan=None, *rest):
    if getattr(self, "plan", plan).num_matches == 3:
        {how}
    return whole(self, *(() if plan is None else (plan, *rest)))

Matches.{method} = broken
""",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def descriptors():
    return sorted(os.readlink(link) for link in Path("/proc/self/fd").iterdir() if link.exists())


def mappings():
    return Path("/proc/self/maps").read_text(encoding="utf-8").count("memfd:cam-arena")


# What happens to the second of two workers, or to both; in which call; what the error says.
DEATHS = {
    "kill": r"worker 1 \(process \d+\) was killed by signal 9",
    "stop": r"worker 1 \(process \d+\) gave no sign of life for 2 s",
    "os._exit(3)": r"worker 1 \(process \d+\) ended with code 3",
    "raise RuntimeError('broken')": r"(?s)worker 1 \(process \d+\) failed.*RuntimeError: broken",
    "while True: pass": r"worker 1 \(process \d+\) gave no answer for 2 s",
    "kill both": r"worker \d \(process \d+\) was killed by signal 9",
    "stop both": r"worker 0 \(process \d+\), worker 1 \(process \d+\) gave no sign of life for 2",
}
CASES = [
    ("kill", "step"),
    ("stop", "reset"),
    ("os._exit(3)", "step"),
    pytest.param("kill", "reset", marks=pytest.mark.slow),
    pytest.param("kill", "close", marks=pytest.mark.slow),
    pytest.param("stop", "step", marks=pytest.mark.slow),
    pytest.param("stop", "close", marks=pytest.mark.slow),
    pytest.param("raise RuntimeError('broken')", "reset", marks=pytest.mark.slow),
    pytest.param("while True: pass", "step", marks=pytest.mark.slow),
    pytest.param("while True: pass", "close", marks=pytest.mark.slow),
    pytest.param("kill both", "step", marks=pytest.mark.slow),
    pytest.param("stop both", "step", marks=pytest.mark.slow),
]


@LINUX
@pytest.mark.parametrize(("what", "call"), CASES)
def test_a_dead_or_stuck_worker_is_named(what, call, monkeypatch, tmp_path):
    before = descriptors()
    if not what.startswith(("kill", "stop")):
        method = {"step": "step", "reset": "begin", "close": "step"}[call]
        break_workers(monkeypatch, tmp_path, method, what)
    vec = cam_arena.make_vec(5, num_workers=2, copy=False)
    processes = vec._matches._processes
    idle = np.zeros(10, int)
    if call != "reset":
        kept = vec.reset(seed=0)[0]["observation"]
    monkeypatch.setattr(liveness, "SILENCE_S", 2.0)
    if what.startswith(("kill", "stop")):
        for process in processes if what.endswith("both") else processes[1:]:
            process.send_signal(signal.SIGKILL if what.startswith("kill") else signal.SIGSTOP)
    if call == "close":
        if what.startswith("while"):
            vec.send(idle)
    else:
        for _ in range(2):
            with pytest.raises(WorkerError, match=DEATHS[what]):
                vec.step(idle) if call == "step" else vec.reset(seed=0)
    start = time.monotonic()
    vec.close()
    assert time.monotonic() - start < 5
    assert all(process.returncode is not None for process in processes)
    if call != "reset":
        assert np.isfinite(kept).all()  # what the user keeps stays readable
    assert descriptors() == before


@LINUX
def test_a_worker_that_cannot_start_is_named(monkeypatch, tmp_path):
    break_workers(monkeypatch, tmp_path, "__init__", "os._exit(3)")
    with pytest.raises(WorkerError, match=r"worker 1 \(process \d+\) ended with code 3"):
        cam_arena.make_vec(5, num_workers=2)


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("opponent", [None, "policy"])
@pytest.mark.parametrize("call", ["start", "reset", "step", "state"])
def test_a_stopped_worker_is_named_within_35_s(call, opponent, monkeypatch, tmp_path):
    if opponent:
        opponent = tmp_path / "policy"
        layout, size = cam_arena.observation_layout("full"), len(cam_arena.load_roster())
        generator = torch.Generator().manual_seed(0)
        save_member(
            opponent, make_policy("full", layout, size, NetworkConfig(), generator=generator)
        )
    if call == "start":
        stop = (
            f"open({str(tmp_path / 'stopped')!r}, 'w').write(str(time.monotonic())); "
            "os.kill(os.getpid(), signal.SIGSTOP)"
        )
        break_workers(monkeypatch, tmp_path, "__init__", stop)
    else:
        vec = cam_arena.make_vec(5, num_workers=2, opponent=opponent)
        vec.reset(seed=0)
        vec._matches._processes[1].send_signal(signal.SIGSTOP)
    seats = 5 if opponent else 10
    start = time.monotonic()
    with pytest.raises(
        WorkerError, match=r"worker 1 \(process \d+\) gave no sign of life for 30 s"
    ):
        {
            "start": lambda: cam_arena.make_vec(5, num_workers=2, opponent=opponent),
            "reset": lambda: vec.reset(seed=1),
            "step": lambda: vec.step(np.zeros(seats, int)),
            "state": lambda: vec.state(4),
        }[call]()
    if call == "start":
        start = float((tmp_path / "stopped").read_text())
    assert 29 < time.monotonic() - start < 35


LONG_STEP = """
import sys, time
import numpy as np
import cam_arena
from cam_arena import liveness

def think(observation, action_mask):
    while time.process_time() < 6:
        pass
    return 0

liveness.SILENCE_S = 3.0
vec = cam_arena.make_vec(1, num_workers=1, opponent=think)
vec.reset(seed=0)
print(vec._matches._processes[0].pid, flush=True)
vec.step(np.zeros(1, int))
print("stepped")
vec.close()
"""


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_worker_that_has_much_to_do_is_waited_for(is_stopped):
    """Also if the system stops everything meanwhile, and lets the worker go on last."""
    env = subprocess.Popen([sys.executable, "-c", LONG_STEP], stdout=subprocess.PIPE, text=True)
    worker = int(env.stdout.readline())
    if is_stopped:
        time.sleep(1)
        os.kill(worker, signal.SIGSTOP)
        env.send_signal(signal.SIGSTOP)
        time.sleep(6)
        env.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        os.kill(worker, signal.SIGCONT)
    assert (env.communicate(timeout=600)[0], env.returncode) == ("stepped\n", 0)


class LateError(Exception):
    """What a watchdog of the user's raises."""


@LINUX
@pytest.mark.parametrize("error", [LateError, TimeoutError, ValueError, KeyboardInterrupt])
def test_an_interrupted_call_never_leads_to_numbers_of_another(error, monkeypatch, tmp_path):
    break_workers(monkeypatch, tmp_path, "step", "time.sleep(2)")
    vec = cam_arena.make_vec(3, num_workers=1)
    vec.reset(seed=0)

    def interrupt(*_):
        raise error("of the user's")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(error, match="of the user's"):
            vec.step(np.zeros(6, int))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    for call in (lambda: vec.step(np.zeros(6, int)), vec.hashes, vec.reset, lambda: vec.state(0)):
        with pytest.raises(WorkerError, match=rf"interrupted \({error.__name__}\).*make a new one"):
            call()
    assert vec._matches._processes[0].returncode is not None


@LINUX
def test_a_closed_env_keeps_no_descriptor_and_no_memory():
    gc.collect()
    before, mapped_before = descriptors(), mappings()
    vec = cam_arena.make_vec(4, num_workers=1, copy=False)
    assert mappings() == mapped_before + 1
    kept = vec.reset(seed=0)[0]["observation"]
    assert not any("memfd" in name for name in descriptors())
    vec.close()
    del vec
    gc.collect()
    assert descriptors() == before
    assert mappings() == mapped_before + 1  # what the user keeps stays readable
    assert kept.any()
    del kept
    gc.collect()
    assert mappings() == mapped_before


LEFT_OPEN = """
import multiprocessing, os, sys
import numpy as np
import cam_arena

def forward(observation, action_mask):
    return int(action_mask[12])

# Neither a file nor a guard is needed, and functions of a script are found.
vec = cam_arena.make_vec(2, num_workers=1, opponent=forward)
vec.reset(seed=3)
vec.step(np.zeros(2, int))
child = os.fork()
if child == 0:
    for call in (lambda: vec.step(np.zeros(2, int)), lambda: vec.reset(seed=1), vec.hashes):
        try:
            call()
        except cam_arena.errors.MatchError as error:
            assert "was forked" in str(error) and "another env here" in str(error)
        else:
            os._exit(1)
    vec.close()
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
vec.step(np.zeros(2, int))
expected = vec.hashes().tolist()

def play(queue):
    env = cam_arena.make_vec(2, num_workers=2, opponent=forward)
    env.reset(seed=3)
    for _ in range(2):
        env.step(np.zeros(2, int))
    queue.put(env.hashes().tolist())

context = multiprocessing.get_context("fork")
queue = context.Queue()
daemon = context.Process(target=play, args=(queue,), daemon=True)
daemon.start()
assert queue.get(timeout=100) == expected
daemon.join()
dropped = cam_arena.make_vec(2, num_workers=1)
process = dropped._matches._processes[0]
del dropped
assert process.returncode is not None
print(vec._matches._processes[0].pid)
"""


@LINUX
def test_an_env_that_is_left_open_ends_in_silence():
    """Read from stdin, forked, from a daemonic process, dropped, and left at the end."""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-W", "ignore::DeprecationWarning", "-"],
        input=LEFT_OPEN,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)


@LINUX
def test_memory_that_is_not_there_is_said():
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, before[1]))
    try:
        with pytest.raises(WorkerError, match=r"shares 0\.2 MiB .*File too large.*frame_stack"):
            cam_arena.make_vec(64, num_workers=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_workers_end_with_the_env():
    vec = cam_arena.make_vec(2, num_workers=2)
    processes = vec._matches._processes
    assert len({process.pid for process in processes} | {os.getpid()}) == 3
    vec.reset(seed=0)
    vec.send(np.zeros(4, int))
    start = time.monotonic()
    vec.close()
    vec.close()
    assert time.monotonic() - start < 5
    assert [process.returncode for process in processes] == [0, 0]
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
