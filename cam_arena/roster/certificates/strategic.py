"""Strategic certificate: no two alike characters win and lose against the same others.

Rows of the win-rate matrix are compared by correlation over third characters. Games are few, and
the noise of a measured rate makes rows look less alike than they are: an observed correlation is
divided by the reliability of both rows, the share of their variance that is not sampling noise
(Spearman 1904). Its standard error grows by the same factor, so a matrix of few games says little:
if rows that are equal could not be told from rows that correlate by .8, the certificate is refused
and says how many games a pair would do.

Two characters are duplicates if their rows correlate by more than .98 and they are built alike as
well, sharing half the fields of their structural signatures. Pairs that only play alike are listed.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..model import Roster
from .certificate import Certificate
from .structural import Signature, differences, signature

__all__ = ["LARGEST", "Rows", "built_alike", "certify", "correlate"]

LARGEST: Final = 0.98
"""Correlation above which two characters that are built alike are one."""

CLEARLY_OTHER: Final = 0.8
"""Correlation whose standard error says whether the games are enough."""

LARGEST_ERROR: Final = 0.04
"""Of a correlation of CLEARLY_OTHER, where there are characters enough for it."""

SHARED_FIELDS: Final = 3
"""Equal fields of two structural signatures that make the characters alike."""

_Z = 1.96
_LISTED = 10

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """How alike the rows of a win-rate matrix are."""

    correlation: Floats
    """Corrected for noise, shape (N, N); may pass 1; nan where a row does not vary."""
    error: Floats
    """Standard error of `correlation`, shape (N, N)."""
    reliability: Floats
    """Share of each row's variance that is not noise, shape (N,)."""


def correlate(wins: ArrayLike, draws: ArrayLike, games: ArrayLike) -> Rows:
    """Correlate the rows of a win-rate matrix with each other.

    Args:
        wins: games that the row's character won against the column's, shape (N, N).
        draws: games that neither won, shape (N, N).
        games: played, shape (N, N). The diagonal of all three says nothing.

    Raises:
        ValueError: if shapes differ, fewer than 5 characters are given, a pair has no games or
            more results than games.
    """
    won, drawn, played = (np.asarray(table, np.float64) for table in (wins, draws, games))
    count = len(won)
    if not won.shape == drawn.shape == played.shape == (count, count) or count < 5:
        raise ValueError(
            "wins, draws and games must be square tables of one size, 5 at least; got "
            f"{won.shape}, {drawn.shape} and {played.shape}"
        )
    pairs = ~np.eye(count, dtype=bool)
    if (played[pairs] < 2).any() or ((won + drawn)[pairs] > played[pairs]).any():
        raise ValueError("every pair needs at least 2 games, and no more results than games")
    games_or_one = np.where(pairs, played, 1)
    rate = np.where(pairs, (won + drawn / 2) / games_or_one, 0)
    square = np.where(pairs, (won + drawn / 4) / games_or_one, 0)
    noise = np.where(pairs, (square - rate**2) / np.maximum(games_or_one - 1, 1), 0)
    reliability = _reliability(rate, noise, pairs)
    correlation, error = np.full((2, count, count), np.nan)
    for i in range(count):
        third = pairs & pairs[i]  # columns other than i and than the row's own
        size = third.sum(axis=1)
        own = np.where(third, rate[i], 0)
        other = np.where(third, rate, 0)
        own = np.where(third, own - own.sum(axis=1, keepdims=True) / size[:, None], 0)
        other = np.where(third, other - other.sum(axis=1, keepdims=True) / size[:, None], 0)
        scale = np.sqrt((own**2).sum(axis=1) * (other**2).sum(axis=1))
        share = np.sqrt(reliability[i] * reliability)
        usable = (scale > 0) & (share > 0) & pairs[i]
        seen = np.divide((own * other).sum(axis=1), scale, out=np.zeros(count), where=usable)
        correlation[i, usable] = (seen / np.where(usable, share, 1))[usable]
        spread = (1 - seen**2) / np.sqrt(size - 1)
        error[i, usable] = (spread / np.where(usable, share, 1))[usable]
    return Rows(correlation, error, reliability)


def _reliability(rate: Floats, noise: Floats, pairs: NDArray[np.bool_]) -> Floats:
    """Share of each row's variance that is not sampling noise, in [0, 1]."""
    size = pairs.sum(axis=1)
    mean = rate.sum(axis=1) / size
    variance = (np.where(pairs, rate - mean[:, None], 0) ** 2).sum(axis=1) / (size - 1)
    sampling = noise.sum(axis=1) / size
    share = np.divide(
        variance - sampling, variance, out=np.zeros_like(variance), where=variance > 0
    )
    return np.asarray(np.clip(share, 0, 1))


def built_alike(roster: Roster) -> NDArray[np.bool_]:
    """Return which characters share half their signature's fields, shape (N, N)."""
    signatures = [signature(character, roster) for character in roster]
    fields = len(dataclasses.fields(Signature))
    return np.array(
        [
            [fields - len(differences(one, other)) >= SHARED_FIELDS for other in signatures]
            for one in signatures
        ]
    )


def certify(
    names: Sequence[str],
    wins: ArrayLike,
    draws: ArrayLike,
    games: ArrayLike,
    *,
    alike: NDArray[np.bool_] | None = None,
) -> list[Certificate]:
    """Certify that no alike characters have the same rows, and that the games are enough to say so.

    Args:
        names: of the characters, in the order of the tables.
        wins: as for `correlate`.
        draws: as for `correlate`.
        games: as for `correlate`.
        alike: which pairs are judged, shape (N, N), as `built_alike` gives; all if None.

    Raises:
        ValueError: as `correlate` does, or if there are not as many names.
    """
    rows = correlate(wins, draws, games)
    count = len(rows.reliability)
    if len(names) != count:
        raise ValueError(f"there are {len(names)} names for {count} rows")
    first, second = np.triu_indices(count, 1)
    value, error = rows.correlation[first, second], rows.error[first, second]
    judged = np.ones(len(value), bool) if alike is None else alike[first, second]
    known = ~np.isnan(value)
    # Nearest to being equal are those of whom the games can say so, not those they say little of.
    order = np.argsort(np.where(known, _Z * error - value, np.inf), kind="stable")
    notes = [
        f"{names[first[k]]} and {names[second[k]]}{'' if judged[k] else ' (unlike)'}: "
        f"{value[k]:.3f} +- {_Z * error[k]:.3f}"
        for k in order
        if known[k]
    ]
    of_alike = value[known & judged]
    largest = float(of_alike.max()) if len(of_alike) else -1.0
    return [
        Certificate(
            "strategic",
            "largest correlation of two alike rows, noise taken out",
            f"{largest:.3f}" if len(of_alike) else "no alike pairs",
            f"<= {LARGEST}",
            largest <= LARGEST,
            tuple(notes[:_LISTED]),
            {
                "pairs": len(value),
                "alike_pairs": int(judged.sum()),
                "above": int((value[known] > LARGEST).sum()),
                "alike_and_above": int((of_alike > LARGEST).sum()),
                "pairs_whose_interval_is_below": int(
                    (value[known] + _Z * error[known] <= LARGEST).sum()
                ),
            },
        ),
        _resolution(names, rows, float(np.median(np.asarray(games)[first, second]))),
    ]


def _resolution(names: Sequence[str], rows: Rows, games: float) -> Certificate:
    """Judge whether the games can tell equal rows from rows that are clearly other.

    The row in the middle decides: a few that hardly vary say nothing of the others.
    """
    reliability = float(np.median(rows.reliability))
    count = len(rows.reliability)
    # Few characters bound it from below; two errors must always tell the two correlations apart.
    reachable = 1.5 * _error(1.0, count)
    enough = min(max(LARGEST_ERROR, reachable), (LARGEST - CLEARLY_OTHER) / 2)
    error = _error(reliability, count)
    flat = np.flatnonzero(rows.reliability == 0)
    needed = _games_needed(reliability, games, count, enough)
    notes = []
    if error > enough:
        notes.append(f"{games:g} games a pair are too few to tell rows apart; {needed}")
    if len(flat):
        shown = ", ".join(names[k] for k in flat[:_LISTED])
        notes.append(f"rows without differences beyond noise, {len(flat)}: {shown}")
    return Certificate(
        "strategic",
        f"standard error of a correlation of {CLEARLY_OTHER}",
        f"{error:.3f}" if np.isfinite(error) else "unknown",
        f"<= {enough:.3f}",
        bool(error <= enough),
        tuple(notes),
        {
            "median_reliability": reliability,
            "games_per_pair": games,
            "rows_that_do_not_vary": len(flat),
        },
    )


def _error(reliability: float, count: int) -> float:
    """Return the standard error of a correlation of CLEARLY_OTHER between rows this reliable."""
    if reliability <= 0:
        return np.inf
    spread = (1 - (CLEARLY_OTHER * reliability) ** 2) / np.sqrt(count - 3)
    return float(spread / reliability)


def _games_needed(reliability: float, games: float, count: int, enough: float) -> str:
    """Say how many games a pair would do, by the prophecy formula (Spearman 1910, Brown 1910)."""
    if reliability <= 0:
        return "they show no difference yet: play at least four times as many"
    if _error(1.0, count) > enough:
        return f"no number of games is enough for {count} characters"
    factor = 1.0
    while _error(factor * reliability / (1 + (factor - 1) * reliability), count) > enough:
        factor *= 1.05
    return f"about {2 * int(np.ceil(factor * games / 2))} would do"
