"""When a combo on the dummy has begun, and when it is over."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .search import HITS

__all__ = ["SETUP_TICKS", "goes_on", "is_free"]

SETUP_TICKS: Final = 24
"""Ticks of the match clock that a combo may take to begin."""

_FREE: Final = 1  # the last state in which a fighter is free


def is_free(dummy: NDArray[Any]) -> NDArray[np.bool_]:
    """Return whether the dummy stands free."""
    free: NDArray[np.bool_] = dummy["state"] <= _FREE
    return free


def goes_on(states: NDArray[Any], was_held: NDArray[np.bool_], began: int) -> NDArray[np.bool_]:
    """Return in which states the dummy is still in its first combo, or about to be.

    The engine forgets the hits of a combo as soon as its victim is free, so a combo is unbroken if
    it still counts every hit landed. Hits that do not stun leave a dummy free that never was held.

    Args:
        states: of a rig, shape (states,).
        was_held: whether the dummy has not been free at some time.
        began: clock of the start.
    """
    own, dummy = states["fighters"][:, 0], states["fighters"][:, 1]
    hits = np.minimum(own["counts"][:, HITS], 255)
    waits = ~was_held & (states["clock"] - began <= SETUP_TICKS)
    going: NDArray[np.bool_] = (dummy["combo_hits"] == hits) & (~is_free(dummy) | waits)
    return going
