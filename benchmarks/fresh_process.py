"""What a new process needs, printed as JSON: run as a script by scaling.py.

    python -m benchmarks.fresh_process first-step parallel_env
    python -m benchmarks.fresh_process memory 4096

Imports nothing before the clock is read.
"""

import sys
import time


def first_step(interface: str) -> dict[str, float]:
    """Return the milliseconds of CPU time of each part on the way to the first step.

    Args:
        interface: `parallel_env`, or `make_vec` for one of 256 matches.
    """
    marks = [0.0, time.process_time()]
    import cam_arena

    marks.append(time.process_time())
    is_vector = interface == "make_vec"
    env = cam_arena.make_vec(256, copy=False) if is_vector else cam_arena.duel_v0.parallel_env()
    marks.append(time.process_time())
    env.reset(seed=0)
    marks.append(time.process_time())
    env.step([0] * 512 if is_vector else {"fighter_0": 0, "fighter_1": 0})
    marks.append(time.process_time())
    parts = ("interpreter", "import", "make", "reset", "step")
    return {
        part: 1000 * (end - start)
        for part, start, end in zip(parts, marks[:-1], marks[1:], strict=True)
    }


def resident_bytes() -> int:
    """Return the memory that this process has in RAM.

    Raises:
        FileNotFoundError: where the system has no /proc.
    """
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def memory(num_matches: int) -> dict[str, float]:
    """Return the bytes of RAM that a match of make_vec takes, and those of them in bounds.

    Gymnasium's batched Box keeps the lowest and highest value, and whether there is one, of every
    number of every row.
    """
    import numpy as np

    import cam_arena

    with_one = cam_arena.make_vec(1, copy=False)  # what all matches share is in memory before
    with_one.reset(seed=0)
    with_one.step(np.zeros(2, np.int64))
    before = resident_bytes()
    vec = cam_arena.make_vec(num_matches, copy=False)
    vec.reset(seed=0)
    vec.step(np.zeros(2 * num_matches, np.int64))
    resident = resident_bytes() - before
    bounds = sum(
        bound.nbytes
        for box in vec.observation_space.values()
        for bound in (box.low, box.high, box.bounded_below, box.bounded_above)
    )
    return {"resident": resident / num_matches, "bounds": bounds / num_matches}


if __name__ == "__main__":
    import json

    what, setting = sys.argv[1:]
    print(json.dumps(first_step(setting) if what == "first-step" else memory(int(setting))))
