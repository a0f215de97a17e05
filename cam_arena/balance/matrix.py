"""What a round robin found: who beat whom, and what the fighters did."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _tournament, files
from ..errors import BalanceError
from ..files import parse_json, refusing, write_whole
from ..game.synctest import EVENTS
from .schedule import Plan

__all__ = ["COMBO_BINS", "LENGTH_BINS", "NOT_PLAYED", "TOTALS", "Matrix", "read_npz", "write_npz"]

NOT_PLAYED = 255
"""Outcome of a game that has not been played; else the winning side, 2 for a draw, +4: by time."""

TOTALS = (
    *("games", "half_points", "ticks", "hp_left", "timeouts", "held_up_ticks", "lead_changes"),
    *("behind", "comebacks", "locked_ticks"),
    *(f"damage_{source}" for source in _tournament.SOURCES),
    *EVENTS,
)
"""Columns of `Matrix.totals`. `half_points` are 2 a win and 1 a draw; `behind` are games in which
the fighter once had 30 percentage points less of its HP, `comebacks` those of them it won;
`locked_ticks` those in which both were in a combo of 4 hits or more."""

LENGTH_BINS = 61
"""Bins of match lengths: of 1 s each if a match lasts 60 s at most; the last is the time limit."""
COMBO_BINS = 32
"""Bins of a fighter's longest combo in a match, hits; the last holds longer ones too."""


@dataclass(frozen=True, eq=False)
class Matrix:
    """Counts of a round robin among N characters.

    `load` and `save` use .npz files that hold arrays and text only.
    """

    names: tuple[str, ...]
    """Characters, in order of index."""
    sides: NDArray[np.int32]
    """shape (3, N, N): `[0, i, j]` wins, `[1, i, j]` draws and `[2, i, j]` losses of i on side 0
    against j on side 1."""
    timeouts: NDArray[np.int32]
    """shape (N, N): games of i on side 0 against j that the timer decided."""
    totals: NDArray[np.int64]
    """shape (N, pilots, len(TOTALS)): sums over the games of a character by its own pilot."""
    lengths: NDArray[np.int64]
    """shape (LENGTH_BINS,): matches by length."""
    combos: NDArray[np.int64]
    """shape (COMBO_BINS,): fighters' matches by their longest combo."""
    plan: Plan
    """The games that were played."""
    outcomes: NDArray[np.uint8] | None = None
    """shape (num_games,), in the order of the plan: lets pilots be told apart. None if unknown."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """roster_id, schools (one name a character), versions; as JSON can hold it."""

    @cached_property
    def wins(self) -> NDArray[np.int32]:
        """Games that row won against column, shape (N, N)."""
        return np.asarray(self.sides[0] + self.sides[2].T, np.int32)

    @cached_property
    def draws(self) -> NDArray[np.int32]:
        """Drawn games, shape (N, N), symmetric."""
        return np.asarray(self.sides[1] + self.sides[1].T, np.int32)

    @cached_property
    def games(self) -> NDArray[np.int32]:
        """Games of each pair, shape (N, N), symmetric; 0 on the diagonal."""
        total = self.sides.sum(axis=0)
        return np.asarray(total + total.T, np.int32)

    @cached_property
    def rates(self) -> NDArray[np.float64]:
        """Wins plus half the draws, by games, shape (N, N); 0.5 where no game was played."""
        points = self.wins + self.draws / 2
        return np.where(self.games > 0, points / np.maximum(self.games, 1), 0.5)

    @cached_property
    def mean_rates(self) -> NDArray[np.float64]:
        """Mean win rate of each character over all opponents, shape (N,)."""
        size = len(self.names)
        return np.asarray((self.rates.sum(axis=1) - 0.5) / (size - 1))

    def total(self, name: str) -> NDArray[np.int64]:
        """Return one column of `totals`, summed over pilots, shape (N,)."""
        return np.asarray(self.totals[:, :, TOTALS.index(name)].sum(axis=1))

    def save(self, path: Path) -> None:
        """Write the .npz file; wins, draws and games stand in it too, for other programs."""
        arrays = {
            name: getattr(self, name)
            for name in ("sides", "timeouts", "totals", "lengths", "combos")
        }
        if self.outcomes is not None:
            arrays["outcomes"] = self.outcomes
        arrays |= {name: getattr(self, name) for name in ("wins", "draws", "games")}
        about = {
            "names": list(self.names), "plan": self.plan.describe(), "totals": list(TOTALS),
            "meta": dict(self.meta),
        }  # fmt: skip
        write_npz(path, arrays, about)

    @classmethod
    def load(cls, path: Path) -> "Matrix":
        """Read what `save` wrote.

        Raises:
            BalanceError: if the file is missing, damaged or of another version.
        """
        arrays, about = read_npz(path)
        with refusing(path, "a matrix of a round robin; measure again", BalanceError):
            if about["totals"] != list(TOTALS):
                raise BalanceError(f"{path} counts other things than this version; measure again")
            plan = about["plan"]
            plan |= {"pilots": tuple(plan["pilots"]), "levels": tuple(plan["levels"])}
            found = cls(
                tuple(map(str, about["names"])),
                **{n: arrays[n] for n in ("sides", "timeouts", "totals", "lengths", "combos")},
                plan=Plan(**plan),
                outcomes=arrays.get("outcomes"),
                meta=dict(about["meta"]),
            )
            found._check()
        return found

    def _check(self) -> None:
        """Raise a ValueError if counts from a file cannot be those of the plan."""
        size = self.plan.num_characters
        shapes = {
            "sides": (3, size, size), "timeouts": (size, size),
            "totals": (size, len(self.plan.pilots), len(TOTALS)),
            "lengths": (LENGTH_BINS,), "combos": (COMBO_BINS,), "names": (size,),
        }  # fmt: skip
        if self.outcomes is not None:
            shapes["outcomes"] = (self.plan.num_games,)
        for name, shape in shapes.items():
            array = np.asarray(getattr(self, name))
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}, not {shape}")
            if name != "names" and (array.dtype.kind not in "iu" or array.min(initial=0) < 0):
                raise ValueError(f"{name} must be whole numbers of at least 0")
        if (self.games > self.plan.games_per_pair).any():
            raise ValueError("there are more games of a pair than the plan has")


def write_npz(path: Path, arrays: Mapping[str, NDArray[Any]], about: Mapping[str, Any]) -> None:
    """Write arrays and a JSON text; the file is whole or the old one at any moment."""
    contents: dict[str, Any] = dict(arrays)
    file = io.BytesIO()
    np.savez_compressed(file, about=np.array(json.dumps(about, sort_keys=True)), **contents)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, file.getvalue())


def read_npz(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays and the decoded text of a file of `write_npz`.

    Raises:
        BalanceError: if it is missing or damaged. Files that hold Python objects are refused.
    """
    if not path.exists():
        raise BalanceError(f"{path} does not exist; cam-arena balance run writes it")
    arrays = files.read_npz(path, BalanceError)
    with refusing(path, "a file of the balance; delete it and measure again", BalanceError):
        about = dict(parse_json(str(arrays.pop("about"))))
    return arrays, about
