"""What workers do in the tests of training: started processes import it by name."""

import os

import numpy as np
import torch


def mean_and_sum(group, first):
    """Average a gradient, sum counts, and return both with what the first worker was given."""
    tensor = torch.full((3,), float(group.rank))
    group.average(tensor)
    return tensor.tolist(), group.sum(np.array([1, group.rank])).tolist(), first


def die(group, first):
    """Fail in the second worker while the first waits for it."""
    if group.rank == 1:
        os._exit(3)
    group.average(torch.zeros(1))
