"""How differently the members of a population behave, from how often each uses each skill."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import jensenshannon

Norm = Literal["l1", "l2", "max"]
NORMS: tuple[Norm, ...] = ("l2", "l1", "max")


def profiles(counts: ArrayLike, *, norm: Norm = "l2") -> NDArray[np.float64]:
    """Scale action counts so that members with many and few decisions compare.

    Args:
        counts: uses of each slot, shape (M, K), not negative.
        norm: `l1` gives shares that sum to 1; `l2` unit vectors; `max` divides every slot by the
            largest count that any member has in it, as a radar plot does.

    Returns:
        float64, shape (M, K). A member that used nothing stays all zero.

    Raises:
        ValueError: if the shape is not (M, K), a count is negative or the norm unknown.
    """
    table = np.asarray(counts, np.float64)
    if table.ndim != 2:
        raise ValueError(f"counts must have shape (members, slots), got {table.shape}")
    if not (table >= 0).all():
        raise ValueError("counts must be numbers that are not negative")
    if norm == "l1":
        scale = table.sum(axis=1, keepdims=True)
    elif norm == "l2":
        scale = np.linalg.norm(table, axis=1, keepdims=True)
    elif norm == "max":
        scale = table.max(axis=0, keepdims=True, initial=0)
    else:
        raise ValueError(f"norm must be one of {', '.join(NORMS)}, got {norm!r}")
    scaled = np.zeros_like(table)
    np.divide(table, scale, out=scaled, where=scale > 0)
    return scaled


def use_rates(uses: ArrayLike, chances: ArrayLike) -> NDArray[np.float64]:
    """Compute how often each slot was used when the action mask allowed it.

    Members own unlike skills and unlike cooldowns, so their counts differ even where their style
    does not. Dividing by the number of decisions in which a slot was legal takes that part out.

    Args:
        uses: shape (M, K).
        chances: decisions in which the slot was legal, shape (M, K).

    Returns:
        float64, shape (M, K), in [0, 1]; 0 where a slot was never legal.

    Raises:
        ValueError: if shapes differ or a slot was used more often than it was legal.
    """
    used, legal = np.asarray(uses, np.float64), np.asarray(chances, np.float64)
    if used.shape != legal.shape:
        raise ValueError(f"uses has shape {used.shape} but chances has {legal.shape}")
    if (used > legal).any():
        raise ValueError("a slot was used more often than it was legal")
    rates = np.zeros_like(used)
    np.divide(used, legal, out=rates, where=legal > 0)
    return rates


def distance(counts: ArrayLike, *, norm: Norm = "l2") -> float:
    """Compute the expected Euclidean distance between two different members.

    The paper does not say how it scales its vectors; all three norms are reported and the ratio
    before to after is what compares.

    Args:
        counts: as for `profiles`; pass `use_rates` for the version that takes the mask into
            account.
        norm: as for `profiles`.

    Returns:
        Mean over all pairs of members; 0 for identical ones, sqrt(2) for disjoint ones under `l2`.

    Raises:
        ValueError: with fewer than two members.

    Source: Juang et al. 2024, "Breaking the Mold: The Challenge of Large Scale MARL Specialization"
    (arXiv 2410.02128), figure 3.
    """
    scaled = profiles(counts, norm=norm)
    if len(scaled) < 2:
        raise ValueError(f"a distance needs at least 2 members, got {len(scaled)}")
    first, second = np.triu_indices(len(scaled), 1)
    return float(np.linalg.norm(scaled[first] - scaled[second], axis=1).mean())


def change(before: ArrayLike, after: ArrayLike, *, norm: Norm = "l2") -> NDArray[np.float64]:
    """Compute how far each member moved from its own earlier behaviour.

    Args:
        before: counts, shape (M, K).
        after: counts, shape (M, K), of the same members.
        norm: as for `profiles`; `max` scales both tables by their common largest counts.

    Returns:
        float64, shape (M,).

    Raises:
        ValueError: if shapes differ.
    """
    old, new = np.asarray(before, np.float64), np.asarray(after, np.float64)
    if old.shape != new.shape:
        raise ValueError(f"before has shape {old.shape} but after has {new.shape}")
    both = profiles(np.concatenate([old, new]), norm=norm)
    return np.asarray(np.linalg.norm(both[len(old) :] - both[: len(old)], axis=1))


def ratio(before: float, after: float) -> float:
    """Compute after / before, which compares across norms.

    The paper's 1.0585 / 0.9210 is 1.1493.
    """
    if before <= 0:
        raise ValueError(f"the distance before must be positive, got {before}")
    return after / before


def timing_distance(uses: ArrayLike, *, norm: Norm = "l2") -> float:
    """Compute the expected distance between two members' histograms of when they use what.

    Args:
        uses: shape (M, P, K): counts by period of the match and slot.
        norm: as for `profiles`.
    """
    counts = np.asarray(uses)
    return distance(counts.reshape(len(counts), -1), norm=norm)


def jensen_shannon(counts: ArrayLike) -> float:
    """Compute the mean Jensen-Shannon distance (base 2, in [0, 1]) between members' shares.

    Args:
        counts: shape (M, K); members without any use are left out.
    """
    shares = profiles(counts, norm="l1")
    shares = shares[shares.sum(axis=1) > 0]
    if len(shares) < 2:
        raise ValueError(f"a distance needs at least 2 members with uses, got {len(shares)}")
    first, second = np.triu_indices(len(shares), 1)
    return float(np.mean(jensenshannon(shares[first], shares[second], base=2, axis=1)))


def system_neural_diversity(probabilities: ArrayLike) -> float:
    """Compute how unlike policies act in the same states: mean total variation of pairs.

    Args:
        probabilities: of every action, shape (M, S, K), of M policies in the same S states.

    Returns:
        In [0, 1]; 0 for equal policies.

    Raises:
        ValueError: if the shape is another or rows are no distributions.

    Source: Bettini et al. 2023, "System neural diversity" (arXiv 2305.02128), with total variation
        as the distance of two discrete distributions.
    """
    table = np.asarray(probabilities, np.float64)
    if table.ndim != 3 or len(table) < 2:
        raise ValueError(
            f"probabilities must have shape (2 or more members, S, K), got {table.shape}"
        )
    if (table < 0).any() or not np.allclose(table.sum(axis=2), 1, atol=1e-4):
        raise ValueError("probabilities must not be negative and must sum to 1")
    pairs = zip(*np.triu_indices(len(table), 1), strict=True)
    return float(np.mean([np.abs(table[i] - table[j]).sum(axis=1).mean() / 2 for i, j in pairs]))
