"""Why a pair is one-sided: the same games again, with one part of the winner's kit taken away.

The part without which the winner wins least is what dominates. The attack chain and the scroll
cannot be taken away; where no part matters much, it is the chain or the numbers.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..errors import BalanceError
from ..files import read_json, refusing, write_whole
from ..roster.codes import Button
from .playing import play_games, scores
from .schedule import Plan

__all__ = ["PARTS", "Ablation", "explain", "load_ablations", "save_ablations"]

PARTS = ("skill1", "skill2", "ultimate", "trait", "companion", "slip")
_UNAFFORDABLE = np.iinfo(np.int16).max


@dataclass(frozen=True)
class Ablation:
    """A pair of characters, with what the winner's parts are worth in it."""

    winner: str
    """Name."""
    loser: str
    """Name."""
    rate: float
    """Win rate of the winner with its whole kit."""
    without: Mapping[str, float]
    """Win rate without a part, of the parts that it has."""
    games: int
    """Behind each rate."""

    @property
    def dominant(self) -> str:
        """The part without which the winner wins least."""
        return min(self.without, key=lambda part: self.without[part])


def explain(
    arrays: Mapping[str, NDArray[Any]],
    rules: NDArray[Any],
    pairs: Sequence[tuple[int, int]],
    plan: Plan,
    *,
    names: Sequence[str],
    games: int = 200,
    threads: int | None = None,
    report: Callable[[int, int], None] | None = None,
) -> list[Ablation]:
    """Play pairs with parts of the winners taken away.

    Args:
        arrays: of the roster.
        rules: packed.
        pairs: winner and loser of each, as indices in the roster.
        plan: whose pilots, levels, frame skip and time are taken.
        names: of the characters.
        games: of each pair and part, half from each side; even.
        threads: that play; all cores if None.
        report: called with pairs done and to do.

    Raises:
        ValueError: if `games` is not an even number above 0.
    """
    if games < 2 or games % 2:
        raise ValueError(f"games must be an even number and 2 or more, got {games}")
    found = []
    for done, (winner, loser) in enumerate(pairs):
        if report is not None:
            report(done, len(pairs))
        found.append(_ablate(arrays, rules, winner, loser, plan, names, games, threads))
    return found


def save_ablations(path: Path, ablations: Sequence[Ablation], roster_id: str) -> None:
    """Write a JSON file."""
    rows = [{**asdict(row), "without": dict(row.without)} for row in ablations]
    text = json.dumps({"roster_id": roster_id, "pairs": rows}, indent=1)
    write_whole(path, text + "\n")


def load_ablations(path: Path, roster_id: str | None) -> list[Ablation]:
    """Read what `save_ablations` wrote; nothing if there is no file, or one of another roster.

    Raises:
        BalanceError: if the file is damaged.
    """
    if not path.exists():
        return []
    found = read_json(path, BalanceError)
    with refusing(path, "ablations; run cam-arena balance explain again", BalanceError):
        rows = [Ablation(**row) for row in found["pairs"]]
        return rows if found["roster_id"] == roster_id else []


def _ablate(
    arrays: Mapping[str, NDArray[Any]],
    rules: NDArray[Any],
    winner: int,
    loser: int,
    plan: Plan,
    names: Sequence[str],
    games: int,
    threads: int | None,
) -> Ablation:
    whole = arrays["characters"][winner]
    lesser = {part: _without(whole, part) for part in PARTS if _has(whole, part)}
    rows = [loser, *[winner] * (1 + len(lesser))]  # the loser, the whole winner, then its variants
    small = {**arrays, **{name: arrays[name][rows] for name in ("descriptors", "profiles")}}
    small["characters"] = arrays["characters"][rows]
    for k, variant in enumerate(lesser.values()):
        small["characters"][2 + k] = variant
    own = Plan(
        len(rows), games, plan.pilots, plan.levels, plan.seed, plan.frame_skip, plan.max_ticks
    )
    pair, game = np.divmod(
        np.arange((len(rows) - 1) * games), games
    )  # of the loser, first in order
    schedule = own.games_of(pair, game)
    results = play_games(
        _core.Data(rules, **small), schedule, frame_skip=plan.frame_skip,
        max_ticks=plan.max_ticks, threads=threads,
    )  # fmt: skip
    side = (schedule["characters"][:, 0] == 0).astype(np.intp)  # the winner's
    won = scores(results)[np.arange(len(results)), side].reshape(-1, games).mean(axis=1)
    return Ablation(
        names[winner], names[loser], float(won[0]),
        dict(zip(lesser, won[1:].tolist(), strict=True)), games,
    )  # fmt: skip


def _has(character: np.void, part: str) -> bool:
    if part == "slip":
        return True
    if part == "companion":
        return bool(character["default_companions"][0] >= 0)
    return bool(character["moves"][Button[part.upper()]] >= 0)


def _without(character: np.void, part: str) -> np.void:
    variant = character.copy()
    if part == "slip":
        variant["slip_cost"] = _UNAFFORDABLE
    elif part == "companion":
        variant["default_companions"] = -1
    else:
        for moves in ("moves", "form_moves"):
            variant[moves][Button[part.upper()]] = -1
    return variant
