"""Generate a roster and let bots play it: `cam-arena roster generate`."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..roster import Roster, load_roster
from ..roster.make import check_empty, generate_directory
from .even import Make, Report, even_quickly
from .fights import mirror_locks
from .rounds import play_rounds
from .schedule import Plan

__all__ = ["generate_balanced", "generate_played"]

SPREAD = 0.03
"""Of mean win rates that a balanced roster has at most."""


def generate_played(
    seed: int, count: int, path: Path, *, threads: int | None = None, report: Report | None = None
) -> None:
    """Make a roster, and make it again twice for what a few games of each character have shown.

    Args:
        seed: roster seed.
        count: characters; one alone is made without games.
        path: directory to make; empty if it exists.
        threads: that play; all cores if None.
        report: called with games played and games to play, in each round.

    Raises:
        ValueError: if seed or count is out of range, or the directory is not empty.
    """
    check_empty(path)
    surplus = None
    if count > 1:
        with _maker(seed, count) as make:
            surplus = even_quickly(make, Plan(count, 2, seed=seed), threads=threads, report=report)
    generate_directory(seed, count, path, surplus=surplus, options="")


def generate_balanced(
    seed: int, count: int, path: Path, *, games: int = 2, threads: int | None = None
) -> None:
    """Make a roster, and make it again until mean win rates spread by `SPREAD` at most.

    Its directory `balance` gets the last round robin.

    Args:
        seed: roster seed.
        count: characters, two at least.
        path: directory to make; empty if it exists.
        games: of each pair in a whole round robin; even.
        threads: that play; all cores if None.

    Raises:
        ValueError: if seed or count is out of range, or the directory is not empty.
    """
    check_empty(path)
    if count < 2:
        raise ValueError(f"--balance needs 2 characters or more to play each other, got {count}")
    with _maker(seed, count) as make:
        best = play_rounds(make, Plan(count, games, seed=seed), SPREAD, None, threads)
    generate_directory(seed, count, path, surplus=best.surplus, options=" --balance")
    locks = mirror_locks(load_roster(path).data, seed=seed)
    assert best.matrix is not None, "the best round is a whole one"
    matrix = replace(best.matrix, meta={**best.matrix.meta, "mirror_locks": locks})
    matrix.save(path / "balance" / "matrix.npz")


@contextmanager
def _maker(seed: int, count: int) -> Iterator[Make]:
    """Give a function that makes the roster with any surplus, in a scratch directory."""
    with tempfile.TemporaryDirectory() as scratch:
        made = 0

        def make(surplus: Mapping[str, float]) -> Roster:
            nonlocal made
            made += 1
            path = Path(scratch) / str(made)
            generate_directory(seed, count, path, surplus=surplus)
            return load_roster(path)

        yield make
