"""The trainers' inner loops in C. K is the number of actions; a mask holds 1 where one is legal."""

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float32] | NDArray[np.uint16]  # uint16: the bits of a bfloat16
Rows = NDArray[np.int64] | None  # rows of the observations to read; None: all, in order

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

def divergence(
    logits: NDArray[np.float32],  # (rows, K)
    reference: NDArray[np.float32],  # (rows, K)
    masks: NDArray[np.int8],  # (rows, K)
    divergences: NDArray[np.float32],  # (rows,), written
    gradients: NDArray[np.float32],  # (rows, K), written: on logits
) -> None:
    """Evaluate KL(softmax(logits) || softmax(reference)) over the legal actions.

    Raises as `sample_actions`.
    """

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

def count_decisions(
    actions: NDArray[np.int32],  # (M, 2)
    masks: NDArray[np.int8],  # (M, 2, K), K = D * B
    is_active: NDArray[np.uint8],  # (M,)
    players: NDArray[np.int64],  # (M, 2), entrants 0..E - 1
    periods: NDArray[np.int64],  # (M,), 0..P - 1
    uses: NDArray[np.int64],  # (E, E, P, B), added to
    chances: NDArray[np.int64],  # (E, E, B), added to
) -> None:
    """Count the buttons that were pressed, and those that were legal in any direction."""

def read(
    observations: NDArray[np.float32],  # (N, O)
    rows: Rows,
    basic: NDArray[np.int32],  # (S, 2): start and stop of adjacent columns
    basic_out: Real,  # (B, columns), written; rows may be apart, as in the next two
    element: NDArray[np.int32],  # (S, 2); of no length: there is no such module
    # of each: the ids' first column, number, distance and scale; the table, (ids, W)
    embeddings: list[tuple[int, int, int, float, NDArray[np.float32]]],
    element_out: Real | None,  # (B, columns and W of every table), written
    effects: tuple[  # None: there is no such module
        tuple[int, int],  # first column of the own and of the opponent's effects
        NDArray[np.float32],  # weight, (features, W)
        NDArray[np.float32],  # bias, (W,)
        NDArray[np.float32],  # of each effect, (effects, W)
    ]
    | None,
    effects_out: Real | None,  # (B, 2 W), written
) -> int:
    """Write what the network's modules read, all of them in one pass over the observations.

    Spans of columns are copied side by side. An embedding is the mean over its columns, id =
    round(x * scale). Of the effects it is the mean of relu(weight x + bias + that of the effect)
    over each fighter's active ones.

    Returns -1, or for an id beyond a table its row times the number of tables plus the table.
    Raises IndexError for a row that does not exist.
    """

def embed_gradient(
    observations: NDArray[np.float32],
    rows: Rows,
    first: int,
    num: int,
    step: int,
    scale: float,
    grad_out: Real,  # (B, W)
    grad_table: NDArray[np.float32],  # (ids, W), added to
) -> None:
    """Add the gradient on the table that belongs to an embedding of `read`."""

def effects_gradient(
    observations: NDArray[np.float32],
    rows: Rows,
    starts: tuple[int, int],
    weight: NDArray[np.float32],
    bias: NDArray[np.float32],
    ids: NDArray[np.float32],
    grad_out: Real,  # (B, 2 W)
    grad_weight: NDArray[np.float32],  # added to, as the next two
    grad_bias: NDArray[np.float32],
    grad_ids: NDArray[np.float32],
) -> None:
    """Add the gradients that belong to the effects of `read`."""

def bias_relu(x: Real, bias: NDArray[np.float32]) -> None:
    """Replace x, shape (B, W), by max(x + bias, 0)."""

def bias_relu_gradient(
    grad: Real,  # (B, W), changed in place
    y: Real,  # (B, W): what `bias_relu` left
    grad_bias: NDArray[np.float32],  # (W,), added to
) -> None:
    """Set a gradient to 0 where y is, and add its columns to that of the bias."""

def head(
    x: Real,  # (B, D + B + D B + 1): directions, buttons, pairs, value
    directions: int,
    buttons: int,
    bias: NDArray[np.float32],
    logits: NDArray[np.float32],  # (B, D B), written
    values: NDArray[np.float32],  # (B,), written
) -> None:
    """Write a pair's logit as its score plus its direction's and its button's."""

def head_gradient(
    grad_logits: NDArray[np.float32],
    grad_values: NDArray[np.float32],
    directions: int,
    buttons: int,
    grad_x: Real,  # written
    grad_bias: NDArray[np.float32],  # added to
) -> None:
    """Write the gradient on the scores that belongs to `head`."""

def mean_size(workers: int, count: int) -> int:
    """Return the bytes of shared memory for the mean of `count` numbers over so many workers."""

def put_mean(
    memory: NDArray[np.uint8],  # (mean_size(workers, count),); zero at first
    workers: int,
    rank: int,
    turn: int,  # 1, 2, 3, ...
    values: NDArray[np.float32],  # (count,)
) -> None:
    """Put one worker's numbers in."""

def take_mean(
    memory: NDArray[np.uint8],
    workers: int,
    turn: int,
    milliseconds: int,
    values: NDArray[np.float32],  # (count,), written
) -> bool:
    """Write the mean; False if not all workers have put theirs in by then."""
