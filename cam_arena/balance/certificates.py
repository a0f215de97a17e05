"""Certificates that need the results of a round robin."""

from collections.abc import Callable
from pathlib import Path

from ..roster import Roster
from ..roster.certificates import Certificate, strategic
from ..roster.certificates.certify import Part
from .gates import Gate, analyse
from .matrix import Matrix

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
    judge: Callable[[Roster, Matrix], list[Certificate]],
) -> list[Certificate]:
    """Judge a matrix; without one of this very roster there is nothing to certify."""
    matrix = Matrix.load(results) if results.exists() else None
    found = "no file" if matrix is None else str(matrix.meta.get("roster_id"))
    if matrix is None or found != roster.id:
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


def _strategic(roster: Roster, matrix: Matrix) -> list[Certificate]:
    return strategic.certify(
        matrix.names,
        matrix.wins,
        matrix.draws,
        matrix.games,
        alike=strategic.built_alike(roster),
    )


def _gates(roster: Roster, matrix: Matrix) -> list[Certificate]:
    """Turn each balance gate into a certificate; figures without limits are no gates."""
    return [_as_certificate(gate) for gate in analyse(matrix).gates if gate.is_gate]


def _as_certificate(gate: Gate) -> Certificate:
    value = f"{gate.value:.4g}"
    if gate.interval is not None:
        value += f" ({gate.interval[0]:.4g} to {gate.interval[1]:.4g})"
    notes = (gate.note,) if gate.note else ()
    data = {} if gate.raw is None else {"raw": gate.raw}
    return Certificate("balance", gate.name, value, gate.allowed, gate.passed, notes, data)
