"""Gates on how a fight is fought: what damage comes from, whether all of a kit is used, trades."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from .. import _core, _tournament
from ..roster import Roster
from ..roster.codes import Button
from .gate import Gate
from .matrix import TOTALS, Matrix
from .usage import EVENTS_OF, FLOOR

__all__ = ["damage_gates", "describe_roster", "fight_gates", "lock_gate", "mirror_locks"]

MIRROR_BOTS: Final = ("masher", "walker", "zoner", "punisher", "baiter", "planner")
"""Bots whose mirrors are played; a search would take hours."""


def describe_roster(roster: Roster) -> dict[str, Any]:
    """Return what a matrix says of its roster: id, schools, and who has a trait's button."""
    moves = roster.arrays["characters"]["moves"]
    return {
        "roster_id": roster.id,
        "schools": [character.school.name for character in roster],
        "trait_buttons": (moves[:, Button.TRAIT] >= 0).tolist(),
    }


def mirror_locks(data: _core.Data, *, level: int = 5, seed: int = 0) -> dict[str, float]:
    """Return the share of ticks of mirrors in which both are in a combo of 4 hits or more, by bot.

    Args:
        data: the compiled roster; every character meets itself once for each bot.
        level: of the bots.
        seed: of the matches.
    """
    shares = {}
    for bot in MIRROR_BOTS:
        games = np.zeros(data.num_characters, _core.DTYPES["game"])
        games["seed"] = seed + np.arange(len(games))
        games["characters"] = np.arange(len(games))[:, None]
        games["scrolls"] = games["companions"] = -1
        games["kinds"], games["levels"] = _core.BOTS[bot], level
        results = np.zeros(len(games), _core.DTYPES["result"])
        _tournament.play(data, games, results)
        shares[bot] = float(results["locked"].sum() / results["ticks"].sum())
    return shares


def fight_gates(matrix: Matrix) -> list[Gate]:
    """Return the rows about damage by source, uses of each part of each kit, and trades."""
    sums = dict(zip(TOTALS, matrix.totals.sum(axis=(0, 1)).tolist(), strict=True))
    damage = {source: sums[f"damage_{source}"] for source in _tournament.SOURCES}
    gates = [*damage_gates(damage), _usage_gate(matrix)]
    locks = matrix.meta.get("mirror_locks")
    if locks:
        worst = max(locks, key=lambda bot: float(locks[bot]))
        gates.append(
            lock_gate(float(locks[worst]), f"share of ticks at level 5, the worst bot: {worst}")
        )
    return gates


def damage_gates(damage: Mapping[str, float]) -> list[Gate]:
    """Return the rows about what damage comes from.

    Args:
        damage: HP taken by each of `_tournament.SOURCES`.
    """
    dealt = max(sum(damage.values()), 1)
    share = {source: taken / dealt for source, taken in damage.items()}
    return [
        Gate("damage of normals", share["chain"], high=0.48),
        Gate("damage of skills", share["skill"], low=0.25),
        Gate("damage of ultimates", share["ultimate"], 0.15, 0.20),
        Gate("damage of scrolls and companions", share["scroll"] + share["companion"], low=0.08),
    ]


def lock_gate(share: float, note: str) -> Gate:
    """Return the row about mirrors in which both strike and neither gets away.

    Args:
        share: of ticks in which both are in a combo of 4 hits or more.
        note: how it was measured.
    """
    return Gate("both in a combo of 4, in mirrors", share, high=0.005, note=note)


def _usage_gate(matrix: Matrix) -> Gate:
    """Count the parts of kits that no pilot uses often enough."""
    games = np.maximum(matrix.totals[:, :, TOTALS.index("games")], 1)
    has_trait = matrix.meta.get("trait_buttons") or [True] * len(matrix.names)
    unused = []
    for part, event in EVENTS_OF.items():
        uses = (matrix.totals[:, :, TOTALS.index(event)] / games).max(axis=1)
        unused += [
            f"{part} of {name} ({often:.2f})"
            for name, often, has in zip(matrix.names, uses, has_trait, strict=True)
            if often < FLOOR and (has or event != "trait")
        ]
    more = f" and {len(unused) - 3} more" if len(unused) > 3 else ""
    return Gate(
        "parts of kits that are not used", len(unused), high=0,
        note=f"under {FLOOR} uses a match by the pilot that uses it most"
        + (f": {', '.join(unused[:3])}{more}" if unused else ""),
    )  # fmt: skip
