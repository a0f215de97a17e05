"""What users hand to a policy's `act`, checked and brought to the types that networks read."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cam_arena import _core

__all__ = ["check_rows"]


def check_rows(
    observation: ArrayLike, action_mask: ArrayLike, size: int
) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Return observations and masks as rows.

    Args:
        observation: shape (B, size) or (size,), of any floating type.
        action_mask: shape (B, K) or (K,), integers or bool; true where legal.
        size: numbers of an observation.

    Returns:
        float32 of shape (B, size), and int8 of shape (B, K), both contiguous.

    Raises:
        ValueError: if a shape is wrong, an observation is not finite, or a row of the mask is all
            zero.
        TypeError: if the mask is not made of integers or bools.
    """
    seen = np.asarray(observation, np.float32)
    given = np.asarray(action_mask)
    if given.dtype.kind not in "iub":
        raise TypeError(f"action_mask must be integers or bool, got {given.dtype}")
    if seen.ndim not in (1, 2) or seen.shape[-1] != size:
        raise ValueError(
            f"observation must have shape (B, {size}) or ({size},), as this policy was trained; "
            f"got {seen.shape}"
        )
    expected = (*seen.shape[:-1], _core.NUM_ACTIONS)
    if given.shape != expected:
        raise ValueError(
            f"action_mask must have shape {expected}, a row for each observation; got {given.shape}"
        )
    seen, legal = seen.reshape(-1, size), given.reshape(-1, _core.NUM_ACTIONS) != 0
    odd = np.argwhere(~np.isfinite(seen))
    if len(odd):
        row, column = odd[0].tolist()
        raise ValueError(
            f"observation holds {seen[row, column]} in row {row}, column {column}; all numbers "
            "must be finite"
        )
    empty = np.flatnonzero(~legal.any(1))
    if len(empty):
        raise ValueError(f"action_mask is all zero in row {empty[0]}: no action is legal there")
    return np.ascontiguousarray(seen), np.ascontiguousarray(legal.view(np.int8))
