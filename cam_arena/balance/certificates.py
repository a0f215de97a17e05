"""Certificates that need the results of a round robin."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from ..roster import Roster
from ..roster.certificates import Certificate, strategic
from ..roster.certificates.certify import Part

__all__ = ["parts"]


def parts(roster: Roster, results: Path) -> list[Part]:
    """Return the parts to compute from a win-rate matrix.

    Args:
        roster: the characters.
        results: file that a round robin of this roster wrote.
    """
    return [
        Part("strategic", lambda _: _with_matrix("strategic", roster, results, _strategic)),
        Part("balance", lambda _: _with_matrix("balance", roster, results, _gates)),
    ]


def _with_matrix(
    part: str,
    roster: Roster,
    results: Path,
    judge: Callable[[Roster, Any], list[Certificate]],
) -> list[Certificate]:
    """Judge a matrix; without one of this very roster there is nothing to certify."""
    load = import_module("cam_arena.balance.matrix").Matrix.load
    matrix = load(results) if results.exists() else None
    found = "no file" if matrix is None else str(matrix.meta.get("roster_id"))
    if found != roster.id:
        return [
            Certificate(
                part,
                "results of this roster",
                found,
                roster.id,
                False,
                (f"{results}: play a round robin of this roster, or name its results",),
            )
        ]
    return judge(roster, matrix)


def _strategic(roster: Roster, matrix: Any) -> list[Certificate]:
    return strategic.certify(
        matrix.names,
        matrix.wins,
        matrix.draws,
        matrix.games,
        alike=strategic.built_alike(roster),
    )


def _gates(roster: Roster, matrix: Any) -> list[Certificate]:
    """Turn each balance gate into a certificate."""
    return [
        Certificate("balance", gate.name, gate.value, gate.allowed, gate.passed)
        for gate in import_module("cam_arena.balance.gates").judge(matrix)
    ]
