"""Repeats calls while each of their allocations fails once, in a process after c/failing.c.

Prints as JSON, for each call, how many failures ended in an error and how many in the usual result.
"""

import ctypes
import gc
import json
import os
import sys
from pathlib import Path

import numpy as np

import cam_arena
from cam_arena import Match, _core, _tournament
from cam_arena.errors import MatchError

LATE = {"obs_delay": 4, "act_delay": 2}
ROSTER = cam_arena.load_roster()
MATCH = Match(1, frame_skip=6)
SNAPSHOT = MATCH.snapshot()
ENV = cam_arena.make_vec(8, num_threads=3)
ENV.reset(seed=1)


def data():
    return _core.signature(_core.Data(ROSTER.rules.pack(), **ROSTER.arrays), 2, 30)


def match():
    one = Match(3, latency=LATE, information="public")
    one.reset(3)
    one.step([1, 2])
    return one.hash()


def snapshot():
    MATCH.restore(SNAPSHOT)
    MATCH.step([2, 1])
    other = MATCH.clone()
    other._batch.set_state(0, MATCH._batch.mirrored(0))
    return MATCH.hash(), other.hash()


def tournament():
    games, results = np.zeros(1, _core.DTYPES["game"]), np.zeros(1, _core.DTYPES["result"])
    games["companions"], games["scrolls"], games["kinds"], games["levels"] = -1, -1, 2, 3
    _tournament.play(ROSTER.data, games, results, max_ticks=60)
    return results.tobytes()


def vector():
    env = cam_arena.make_vec(8, num_threads=3)
    env.reset(seed=2)
    env.step([0] * 16)
    found = env.hashes().tolist()
    env.close()
    return found


def send():
    env = cam_arena.make_vec(8, num_threads=3)
    env.reset(seed=2)
    env.send([0] * 16)
    env.recv()
    return env.hashes().tolist()


def forked():
    """Steps of an env whose threads a fork left behind."""
    ENV.reset(seed=1)
    ENV.send([0] * 16)
    ENV.recv()
    return ENV.hashes().tolist()


CALLS = (data, match, snapshot, tournament, vector, send, forked)


def watch(shim):
    """Watch the code of the compiled parts."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        where, rights, *_, path = line.split(maxsplit=5)
        if "x" in rights and Path(path.strip()).parent == Path(_core.__file__).parent:
            start, end = (ctypes.c_void_p(int(place, 16)) for place in where.split("-"))
            shim.failing_watch(start, end)


def attempt(shim, call, nth, expected):
    """Return how the call ended, how often it allocated, what it left, and if it works after it."""
    gc.collect()
    live = shim.failing_live()
    shim.failing_arm(nth)
    try:
        ended = "same" if call() == expected else "other"
    except MemoryError:
        ended = "error"
    except (RuntimeError, MatchError) as error:
        ended = "error" if str(error).startswith("no thread can be started") else "other"
    count = shim.failing_arm(0)
    gc.collect()
    left = 0 if call is forked else shim.failing_live() - live  # a fork's threads leave locks
    return ended, count, left, call() == expected


def forked_attempt(*arguments):
    """An attempt in a process of its own, which may crash."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, json.dumps(attempt(*arguments)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        said = file.read()
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit(f"{arguments[1].__name__}, allocation {arguments[2]}: status {status}")
    return json.loads(said)


def main():
    shim = ctypes.CDLL(None)
    watch(shim)
    found = {}
    for call in CALLS:
        expected, nth, endings = call(), 0, {"error": 0, "same": 0}
        while True:
            nth += 1
            ended, count, left, works = forked_attempt(shim, call, nth, expected)
            if count < nth:
                break
            if left or not works or ended not in endings:
                sys.exit(f"{call.__name__}, allocation {nth}: {ended}, {left=}, {works=}")
            endings[ended] += 1
        found[call.__name__] = endings
    print(json.dumps(found))


if __name__ == "__main__":
    main()
