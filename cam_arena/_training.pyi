"""The trainers' inner loops in C. K is the number of actions; a mask holds 1 where one is legal."""

import numpy as np
from numpy.typing import NDArray

def sample_actions(
    logits: NDArray[np.float32],  # (rows, K)
    masks: NDArray[np.int8],  # (rows, K)
    uniforms: NDArray[np.float32],  # (rows,), in [0, 1)
    actions: NDArray[np.int32],  # (rows,), written
    log_probs: NDArray[np.float32],  # (rows,), written
) -> None:
    """Draw one legal action a row.

    Raises ValueError for an all-zero mask and FloatingPointError for NaN logits.
    """

def best_actions(
    logits: NDArray[np.float32], masks: NDArray[np.int8], actions: NDArray[np.int32]
) -> None:
    """Write the legal action of highest logit of each row, the lowest id among equals.

    Raises as `sample_actions`.
    """

def policy_terms(
    logits: NDArray[np.float32],  # (rows, K)
    masks: NDArray[np.int8],  # (rows, K)
    actions: NDArray[np.int32],  # (rows,)
    probs: NDArray[np.float32],  # (rows, K), written; exactly 0 where illegal
    log_probs: NDArray[np.float32],  # (rows,), written
    entropies: NDArray[np.float32],  # (rows,), written
) -> None:
    """Evaluate a masked softmax.

    Raises as `sample_actions`, and ValueError for an illegal action.
    """

def policy_gradient(
    probs: NDArray[np.float32],
    actions: NDArray[np.int32],
    entropies: NDArray[np.float32],
    grad_log_probs: NDArray[np.float32],  # (rows,)
    grad_entropies: NDArray[np.float32],  # (rows,)
    grad_logits: NDArray[np.float32],  # (rows, K), written
) -> None:
    """Write the gradient on the logits that belongs to `policy_terms`."""

def advantages(
    rewards: NDArray[np.float32],  # (T, N)
    values: NDArray[np.float32],  # (T, N)
    ends: NDArray[np.uint8],  # (T, N), 1 where an episode ended at that step
    last_values: NDArray[np.float32],  # (N,)
    gamma: float,
    gae_lambda: float,
    out: NDArray[np.float32],  # (T, N), written
) -> None:
    """Write generalised advantage estimates (Schulman et al. 2016, eq. 16)."""
