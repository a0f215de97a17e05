"""Combinatorial Hodge decomposition of win rates: strength, and what strength cannot explain.

The logits A of the win rates are a gradient (A[i, j] = r[i] - r[j]) plus a cyclic residual. Every
figure is corrected for the noise of a finite number of games.

Source: Jiang, Lim, Yao and Ye 2011, "Statistical ranking and combinatorial Hodge theory".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .logits import logistic, logits_and_variances

__all__ = ["Decomposition", "cyclic_triples", "decompose", "plausible_rates"]

_NOISE_SAMPLES = 40


@dataclass(frozen=True)
class Decomposition:
    """What is known of the logits of the win rates of N characters."""

    logits: NDArray[np.float64]
    """shape (N, N), antisymmetric: unbiased estimates."""
    noise: float
    """Mean sampling variance of one logit."""
    strength: NDArray[np.float64]
    """shape (N,): the gradient's potential, mean 0."""
    residual: NDArray[np.float64]
    """shape (N, N), antisymmetric: logits minus gradient."""
    total_energy: float
    """Mean square of the true logit of a pair."""
    gradient_energy: float
    """The part of it that strengths explain."""
    cyclic_energy: float
    """1 - gradient_energy / total_energy; 0 where nothing is left to explain."""
    raw_cyclic_energy: float
    """The same without correction: games that are few inflate it."""
    singular_values: NDArray[np.float64]
    """Of the residual, one per pair of equal ones, falling."""
    noise_level: float
    """Largest singular value that noise alone gives once in a thousand times."""

    @property
    def cyclic_rank(self) -> int:
        """Singular pairs of the residual above the noise level."""
        return int((self.singular_values > self.noise_level).sum())


def decompose(
    wins: NDArray[np.integer],
    draws: NDArray[np.integer],
    games: NDArray[np.integer],
    *,
    seed: int = 0,
) -> Decomposition:
    """Decompose counts of a round robin in which every pair has met.

    Args:
        wins: games that row won against column, shape (N, N).
        draws: shape (N, N), symmetric.
        games: shape (N, N), symmetric; the diagonal is ignored.
        seed: of the simulated noise.

    Raises:
        ValueError: if a pair has not met.
    """
    size = len(wins)
    upper = np.triu_indices(size, 1)
    if (games[upper] == 0).any():
        raise ValueError("every pair must have met at least once")
    logits, variances = np.zeros((size, size)), np.zeros((size, size))
    logits[upper], variances[upper] = logits_and_variances(wins[upper], draws[upper], games[upper])
    logits -= logits.T
    variances += variances.T
    strength = logits.mean(axis=1)
    residual = logits - (strength[:, None] - strength[None, :])
    np.fill_diagonal(residual, 0.0)
    pairs = len(upper[0])
    noise = float(variances[upper].mean())
    square, gradient = float(np.mean(logits[upper] ** 2)), size * float(strength @ strength) / pairs
    total = square - noise
    # the gradient has N - 1 of the N (N - 1) / 2 dimensions of the noise
    explained = gradient - noise * (size - 1) / pairs
    values = np.linalg.svd(residual, compute_uv=False)[: size // 2 * 2 : 2]
    return Decomposition(
        logits=logits,
        noise=noise,
        strength=strength,
        residual=residual,
        total_energy=max(total, 0.0),
        gradient_energy=min(max(explained, 0.0), max(total, 0.0)),
        cyclic_energy=_share(total - explained, total),
        raw_cyclic_energy=_share(square - gradient, square),
        singular_values=values,
        noise_level=_noise_level(size, variances[upper], np.random.default_rng(seed)),
    )


def _share(part: float, whole: float) -> float:
    return min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.0


def _noise_level(size: int, variances: NDArray[np.float64], rng: np.random.Generator) -> float:
    """Return what the largest singular value of pure noise passes once in a thousand times.

    Four deviations above the mean: the tail is that of a Tracy-Widom law, heavier than a normal's.
    """
    deviation = np.sqrt(np.maximum(variances, variances.mean() / 4))
    deviation *= np.sqrt(max(variances.mean(), 0.0) / np.mean(deviation**2))
    largest = np.empty(_NOISE_SAMPLES)
    for k in range(_NOISE_SAMPLES):
        noise = _antisymmetric(size, rng.normal(size=len(deviation)) * deviation)
        mean = noise.mean(axis=1)
        noise -= mean[:, None] - mean[None, :]
        np.fill_diagonal(noise, 0.0)
        largest[k] = np.linalg.norm(noise, 2)
    return float(largest.mean() + 4 * largest.std())


def _antisymmetric(size: int, upper: NDArray[np.float64]) -> NDArray[np.float64]:
    matrix = np.zeros((size, size))
    matrix[np.triu_indices(size, 1)] = upper
    return matrix - matrix.T


def plausible_rates(
    found: Decomposition, *, draws: int = 8, seed: int = 0
) -> list[NDArray[np.float64]]:
    """Draw matrices of true win rates that the counts leave possible.

    Strengths, the singular pairs above the noise and what is left of each pair are shrunk to what
    the games support, and the rest of the corrected energy is drawn at random. Figures that noise
    distorts, such as the share of cyclic triples, are computed on these draws; with more games the
    draws come together at the measured rates.

    Args:
        found: a decomposition.
        draws: how many matrices.
        seed: of the draws.

    Returns:
        Matrices of shape (N, N) with `p + p.T == 1`.

    Source: for the shrinkage of singular values, Gavish and Donoho 2017, "Optimal shrinkage of
    singular values".
    """
    size, rng = len(found.strength), np.random.default_rng(seed)
    upper = np.triu_indices(size, 1)
    pairs = len(upper[0])
    strength_noise = found.noise / size
    strength_spread = found.gradient_energy * pairs / size / max(size - 1, 1)
    kept = strength_spread / (strength_spread + strength_noise) if strength_spread > 0 else 0.0
    low_rank = _low_rank(found)
    left = (found.total_energy - found.gradient_energy) * pairs - float(
        np.sum(low_rank[upper] ** 2)
    )
    unexplained = max(left, 0.0) / pairs
    trust = unexplained / (unexplained + found.noise) if unexplained > 0 else 0.0
    middle = low_rank + trust * (found.residual - low_rank)
    matrices = []
    for _ in range(draws):
        strength = kept * found.strength
        strength = strength + rng.normal(size=size) * np.sqrt(kept * strength_noise)
        rest = rng.normal(size=pairs) * np.sqrt(trust * found.noise)
        logits = strength[:, None] - strength[None, :] + middle + _antisymmetric(size, rest)
        matrices.append(logistic((logits - logits.T) / 2))
    return matrices


def _low_rank(found: Decomposition) -> NDArray[np.float64]:
    """Return the residual's singular pairs above the noise, shrunk."""
    rank = 2 * found.cyclic_rank
    if rank == 0:
        return np.zeros_like(found.residual)
    left, values, right = np.linalg.svd(found.residual)
    noise = 4 * found.noise * len(found.strength)
    shrunk = np.sqrt(np.maximum(values[:rank] ** 2 - noise, 0.0))
    low = (left[:, :rank] * shrunk) @ right[:rank]
    return np.asarray((low - low.T) / 2)


def cyclic_triples(rates: NDArray[np.float64], *, edge: float = 0.55) -> float:
    """Compute the share of triples in which each beats the next with more than `edge`.

    Args:
        rates: win rates, shape (N, N).
        edge: in [0.5, 1).
    """
    size = len(rates)
    if size < 3:
        return 0.0
    beats = (rates > edge).astype(np.float32)
    np.fill_diagonal(beats, 0.0)
    cycles = float(np.sum((beats @ beats) * beats.T, dtype=np.float64)) / 3
    return cycles / (size * (size - 1) * (size - 2) / 6)
