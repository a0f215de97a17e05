"""Which matches of a vector env a reset begins, and with which seeds."""

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..game.options import check_integer

__all__ = ["chosen_matches", "reset_seeds"]


def chosen_matches(reset_mask: object, num_matches: int, seats: int) -> NDArray[np.bool_]:
    """Return which matches a reset mask names, bool of shape (num_matches,).

    Args:
        reset_mask: bool, shape (num_matches * seats,), by row; None for all.
        num_matches: how many there are.
        seats: rows of a match.

    Raises:
        TypeError: if the mask is not an array of bool.
        ValueError: if its shape is wrong, it is empty, or rows of one match differ.
    """
    if reset_mask is None:
        return np.ones(num_matches, np.bool_)
    if not isinstance(reset_mask, np.ndarray) or reset_mask.dtype != np.bool_:
        raise TypeError(f"reset_mask must be a numpy array of bool, got {reset_mask!r}")
    if reset_mask.shape != (num_matches * seats,):
        raise ValueError(
            f"reset_mask must have shape ({num_matches * seats},), got {reset_mask.shape}"
        )
    by_match = reset_mask.reshape(num_matches, seats)
    if not by_match.any():
        raise ValueError("reset_mask must name at least one row")
    if (by_match[:, 0] != by_match[:, -1]).any():
        raise ValueError("reset_mask must be equal for both rows of a match")
    chosen: NDArray[np.bool_] = by_match[:, 0]
    return chosen


def reset_seeds(
    seed: int | Sequence[int | None] | None, num_matches: int, last: Sequence[int] | None
) -> list[int]:
    """Return a seed for each match.

    Args:
        seed: match i gets `seed + i`, or `seed[i]`; None leaves it open.
        num_matches: how many there are.
        last: seeds of the matches before, which what is left open follows from; None if there
            were none, then the operating system draws.

    Raises:
        ValueError: if there are too few or too many, or one is out of range.
        TypeError: if one is not an integer.
    """
    if seed is None or isinstance(seed, Sequence | np.ndarray):
        given: list[int | None] = [None] * num_matches if seed is None else list(seed)
    else:
        first = check_integer("seed", seed, 0, 2**64 - num_matches)
        given = list(range(first, first + num_matches))
    if len(given) != num_matches:
        raise ValueError(f"seed must hold {num_matches} seeds, one a match, got {len(given)}")
    seeds = []
    for match, one in enumerate(given):
        if one is not None:
            seeds.append(check_integer(f"seed[{match}]", one, 0, 2**64 - 1))
        elif last is not None:
            seeds.append(_core.next_seed(last[match]))
        else:
            seeds.append(int.from_bytes(os.urandom(7), "little"))
    return seeds
