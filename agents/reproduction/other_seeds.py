"""Policies of one training seed against those of the others: opponents that nobody trained against.

A specialist trains against the shared policy of its own run, so a gain on that policy may be no
more than knowing its habits. Other seeds of the same training are as strong and were never met.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cam_arena.errors import CheckpointError
from cam_arena.files import read_json, refusing, write_json

from ..evaluate_run import load_trained
from ..intervals import difference
from .long_tournament import Tournament, play_tournament
from .seats import SHARED, SPECIALIST, Bench, match_options, shared_seats, specialist_seats

__all__ = ["gains_on_other_seeds", "meet_other_seed"]

SHARE = 0.05  # of a run's minutes, for each other seed


def meet_other_seed(run: Path, other: Path, *, games: int, bench: Bench) -> None:
    """Let the policies of two seeds meet: `against_<other's name>.json` in `run`.

    The shared policy and the specialists of one meet the shared policy and the specialists of the
    other, each in every character against every other character, equally often.

    Args:
        run: of CAM.
        other: of CAM, on the same characters, with another seed.
        games: per pairing; even, half from each seat.
        bench: of the reproduction.
    """
    path = _path(run, other)
    if path.exists():
        return
    own, met = load_trained(run), load_trained(other)
    if own.names != met.names:
        raise CheckpointError(f"{run} and {other} were not trained on the same characters")
    seats = (
        *shared_seats(run, own), *specialist_seats(run, own, own.names),
        *shared_seats(other, met, prefix="other "),
        *specialist_seats(other, met, met.names, prefix="other "),
    )  # fmt: skip
    count = 2 * len(own.names)
    pairings = tuple(
        (i, count + j) for i in range(count) for j in range(count) if (i - j) % len(own.names)
    )
    parts = run / "parts" / path.stem
    table = play_tournament(
        Tournament(seats, games, int(own.config["seed"]), pairings, match_options(own)),
        parts,
        workers=bench.workers,
        minutes=bench.share(SHARE),
        progress=bench.follow(path.stem.replace("_", " ")),
    )
    write_json(
        path,
        {
            "characters": own.names,
            "points": table.points[:count, count:].tolist(),
            "games": table.games[:count, count:].tolist(),
        },
    )
    shutil.rmtree(parts)


def gains_on_other_seeds(run: Path, others: Sequence[Path]) -> dict[str, Any] | None:
    """Sum up what a run's specialists win more than its shared policy against other seeds.

    Args:
        run: of CAM.
        others: the other seeds' runs; those that it has not met do not count.

    Returns:
        `seeds`, how many were met; of both kinds of opponents together and by kind (`shared policy`
        and `specialist`): `base` and `specialist`, the win rates of the shared policy and of the
        specialists in the same characters, `gain`, its 95 % `interval` of games, and `games` of
        each. None if it has met nobody.

    Raises:
        CheckpointError: if a file is damaged.
    """
    met = [found for other in others if (found := _met(run, other))]
    if not met:
        return None
    points = np.sum([pair[0] for pair in met], axis=0)
    games = np.sum([pair[1] for pair in met], axis=0)
    half = len(points) // 2
    blocks = {SHARED: slice(0, half), SPECIALIST: slice(half, None)}
    return {
        "seeds": len(met),
        **_gain(points, games),
        **{kind: _gain(points[:, part], games[:, part]) for kind, part in blocks.items()},
    }


def _gain(points: NDArray[np.float64], games: NDArray[np.int64]) -> dict[str, Any]:
    """Compare the lower half of the rows, the specialists, with the upper half."""
    half = len(points) // 2
    base = float(points[:half].sum()), int(games[:half].sum())
    own = float(points[half:].sum()), int(games[half:].sum())
    rates = base[0] / base[1], own[0] / own[1]
    return {
        "base": rates[0],
        "specialist": rates[1],
        "gain": rates[1] - rates[0],
        "interval": difference(*own, *base),
        "games": own[1],
    }


def _path(run: Path, other: Path) -> Path:
    return run / f"against_{other.name}.json"


def _met(run: Path, other: Path) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
    """Return points and games of a run, from its own file or the other's; None without either."""
    for path, turned in ((_path(run, other), False), (_path(other, run), True)):
        if not path.exists():
            continue
        found = read_json(path, CheckpointError)
        with refusing(path, "games of two seeds; remove it to play them again", CheckpointError):
            points = np.asarray(found["points"], np.float64)
            games = np.asarray(found["games"], np.int64)
            if points.shape != games.shape or not (0 <= points).all() or (points > games).any():
                raise ValueError("points must lie between 0 and the games")
        return (games.T - points.T, games.T) if turned else (points, games)
    return None
