"""What workers do in the tests of training: started processes import it by name."""

import os
import signal
import time

import numpy as np
import torch

from cam_arena.agents.workers import Group


def mean_and_sum(group: Group, first):
    """Average a gradient, sum counts, and return both with what the first worker was given."""
    tensor = torch.full((3,), float(group.rank))
    group.average(tensor)
    return tensor.tolist(), group.sum(np.array([1, group.rank])).tolist(), first


def many_means(group: Group, first, turns):
    """Average arrays of two sizes by turns; every worker returns what it saw through a sum."""
    seen = []
    for turn in range(turns):
        for size in (5, 40):
            tensor = torch.arange(size, dtype=torch.float32) * (group.rank + 1) + turn
            if group.rank == 1 and turn % 7 == 3:
                time.sleep(0.003)  # late, so that the other must wait
            group.average(tensor)
            seen.append(tensor.numpy().copy())
    mine = np.concatenate(seen)
    return mine, group.sum(mine) / group.size


def die(group: Group, first):
    """Fail in the second worker while the first waits for it."""
    if group.rank == 1:
        os._exit(3)
    group.average(torch.zeros(1))


def diverge(group: Group, first):
    """Have a number that is not finite in the second worker, while the first waits for it."""
    if group.rank == 1:
        raise FloatingPointError("loss/value is nan")
    group.average(torch.zeros(1))


def die_later(group: Group, first):
    """Fail in the second worker after it has averaged once."""
    group.average(torch.zeros(8))
    if group.rank == 1:
        os._exit(4)
    group.average(torch.zeros(8))


def be_silent(group: Group, first):
    """Live on in the second worker without doing anything."""
    group.average(torch.zeros(8))
    if group.rank == 1:
        time.sleep(60)
    group.average(torch.zeros(8))


def stop(group: Group, first):
    """Stop the second worker while the first waits for a sum."""
    group.average(torch.zeros(8))
    if group.rank == 1:
        os.kill(os.getpid(), signal.SIGSTOP)
    group.sum(np.zeros(2))


def stop_the_last(group: Group, first):
    """Stop the last worker: all others wait for it."""
    group.average(torch.zeros(8))
    if group.rank == group.size - 1:
        os.kill(os.getpid(), signal.SIGSTOP)
    group.average(torch.zeros(8))


def work_long(group: Group, first):
    """Work for longer than a worker may be silent, the second and then the first."""
    for rank in (1, 0):
        end = time.monotonic() + 4
        while group.rank == rank and time.monotonic() < end:
            sum(range(1000))
        total = group.sum(np.array([group.rank]))
    return int(total[0])


def kill_the_first(group: Group, first):
    """Kill the first worker while the second waits for it."""
    group.average(torch.zeros(8))
    if group.rank == 0:
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)
    group.average(torch.zeros(8))


def page_faults(group: Group, _):
    """What every worker pays for 8 MB when it has just given back as much."""
    import resource  # not on Windows

    faults = np.zeros(group.size)
    for _ in range(40):  # the first find no gap of their size yet
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        torch.zeros(2 << 20)
        faults[group.rank] = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    return group.sum(faults).tolist()


class Signals:
    """Sends a signal to who starts processes with it, while it starts the process of a number."""

    def __init__(self, number, at, out=None):
        self.number, self.at, self.count = number, at, 0
        self.then = (time.sleep, (20,)) if out is None else (os._exit, (0,))
        self.name, self.out, self.log, self.roster = "one", out, out, None  # as a specialist's task

    def __reduce__(self):
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), self.number)
        return self.then  # what the process does


class EndOfProcess:
    """Ends a process that unpickles it: one that dies before it is a worker."""

    def __reduce__(self):
        return os._exit, (5,)


class LateStart:
    """Keeps a process that unpickles it from becoming a worker for a while."""

    def __reduce__(self):
        return time.sleep, (8,)
