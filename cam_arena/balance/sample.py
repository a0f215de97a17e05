"""Strengths of all characters from a few games each, against opponents drawn at random."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .playing import play_games, scores
from .schedule import Plan
from .strength import Strengths, fit_strengths

__all__ = ["Sample", "play_sample"]


@dataclass(frozen=True)
class Sample:
    """What a few games say of each character."""

    strengths: Strengths
    """Of the characters."""
    games: int
    """Played in all."""


def play_sample(
    data: _core.Data,
    plan: Plan,
    opponents: int,
    *,
    threads: int | None = None,
    resamples: int = 20,
    report: Callable[[int, int], None] | None = None,
) -> Sample:
    """Let each character meet `opponents` others, both sides, and fit strengths to the games.

    Args:
        data: the compiled roster.
        plan: of the round robin that the games are of.
        opponents: of each character at least; all if there are no more.
        threads: that play; all cores if None.
        resamples: bootstrap samples of the errors.
        report: called with games played and games to play.
    """
    pairs = _pairs(plan, opponents)
    games = plan.games_of(np.repeat(pairs, 2), np.tile([0, 1], len(pairs)))
    results = play_games(
        data, games, frame_skip=plan.frame_skip, max_ticks=plan.max_ticks, threads=threads,
        report=report,
    )  # fmt: skip
    kinds = np.array([_core.BOTS[name] for name in plan.pilots])
    pilots = np.argmax(games["kinds"][:, :, None] == kinds, axis=2)
    characters = games["characters"].astype(np.intp)
    strengths = fit_strengths(
        characters[:, 0],
        characters[:, 1],
        scores(results)[:, 0],
        np.ones(len(games)),
        plan.num_characters,
        pilots=(pilots[:, 0], pilots[:, 1]),
        num_pilots=len(kinds),
        resamples=resamples,
    )
    return Sample(strengths, len(games))


def _pairs(plan: Plan, opponents: int) -> NDArray[np.intp]:
    """Return pairs by number, everybody in `opponents` of them: rings drawn at random."""
    size = plan.num_characters
    if opponents >= size - 1:
        return np.arange(plan.num_pairs)
    rng = np.random.default_rng(plan.seed)
    chosen = np.zeros((size, size), np.bool_)
    while chosen.sum() < size * opponents // 2:
        ring = rng.permutation(size)
        other = np.roll(ring, 1)
        chosen[np.minimum(ring, other), np.maximum(ring, other)] = True
    return np.flatnonzero(chosen[plan.pairs])
