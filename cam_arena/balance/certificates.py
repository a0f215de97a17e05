"""Certificates that need games: of a round robin, of rematches and of the open-loop probe."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..roster import Roster
from ..roster.certificates import Certificate, strategic
from ..roster.certificates.certify import Part, Progress
from .extremes import play_rematches
from .fights import describe_roster, mirror_locks
from .gate import Gate
from .gates import analyse
from .matrix import Matrix
from .open_loop import probe
from .round_robin import play_round_robin
from .schedule import PILOTS, Plan

__all__ = ["Effort", "parts"]


@dataclass(frozen=True)
class Effort:
    """How much is played for the certificates."""

    games: int = 0
    """Games of each pair where there are no results of the roster; 0: then there is none."""
    rematch: int = 60
    """Fresh games of each pair that looks one-sided; 0: the share is estimated from the matrix."""
    probe_characters: int = 16
    """Who may play scripts in the open-loop probe, evenly spread over the roster; 0: no probe."""
    probe_games: int = 1000
    """Games to measure the best script with."""
    threads: int | None = None
    """That play; all cores if None."""
    seed: int = 0
    """Of the round robin and the probe."""


def parts(roster: Roster, results: Path, effort: Effort | None = None) -> list[Part]:
    """Return the parts to compute from a win-rate matrix.

    Args:
        roster: the characters.
        results: file that a round robin of this roster wrote, or is to be written to.
        effort: how much is played; the defaults of `Effort` if None.
    """
    effort = effort or Effort()
    judges: dict[str, _Judge] = {"strategic": _strategic, "balance": _gates}

    def part(name: str, judge: _Judge) -> Part:
        return Part(name, lambda told: _with_matrix(name, roster, results, effort, judge, told))

    return [part(name, judge) for name, judge in judges.items()]


_Judge = Callable[[Roster, Matrix, Effort, Progress], list[Certificate]]


def _with_matrix(
    part: str, roster: Roster, results: Path, effort: Effort, judge: _Judge, progress: Progress
) -> list[Certificate]:
    """Judge a matrix; without one of this very roster there is nothing to certify."""
    matrix = Matrix.load(results) if results.exists() else None
    found = "no file" if matrix is None else str(matrix.meta.get("roster_id"))
    if found != roster.id and effort.games:
        matrix = _played(roster, effort, progress)
        matrix.save(results)
    elif matrix is None or found != roster.id:
        return [
            Certificate(
                part,
                "results of this roster",
                found,
                roster.id,
                False,
                (
                    f"{results}: play a round robin of this roster, name its results, or ask for "
                    "one with --games",
                ),
            )
        ]
    return judge(roster, matrix, effort, progress)


def _played(roster: Roster, effort: Effort, progress: Progress) -> Matrix:
    locks = mirror_locks(roster.data, seed=effort.seed)
    return play_round_robin(
        roster.data,
        Plan(len(roster), effort.games, seed=effort.seed),
        names=roster.names,
        meta=describe_roster(roster) | {"mirror_locks": locks},
        threads=effort.threads,
        report=lambda done, total: progress("round robin", done, total),
    )


def _strategic(
    roster: Roster, matrix: Matrix, effort: Effort, progress: Progress
) -> list[Certificate]:
    return strategic.certify(
        matrix.names,
        matrix.wins,
        matrix.draws,
        matrix.games,
        alike=strategic.built_alike(roster),
    )


def _gates(roster: Roster, matrix: Matrix, effort: Effort, progress: Progress) -> list[Certificate]:
    """Turn each balance gate into a certificate; figures without limits are no gates."""
    rematches, probed = None, None
    if effort.rematch:
        rematches = play_rematches(
            roster.data,
            matrix,
            games=effort.rematch,
            threads=effort.threads,
            report=lambda done, total: progress("rematches", done, total),
        )
    if effort.probe_characters:
        count = min(effort.probe_characters, len(roster))
        probed = probe(
            roster.data,
            characters=[len(roster) * k // count for k in range(count)],
            pilots=PILOTS,
            games=effort.probe_games,
            seed=effort.seed,
            report=lambda done, total: progress("open-loop probe", done, total),
        ).gate()
    gates = analyse(matrix, rematches, probe=probed).gates
    return [_as_certificate(gate) for gate in gates if gate.is_gate]


def _as_certificate(gate: Gate) -> Certificate:
    value = f"{gate.value:.4g}"
    if gate.interval is not None:
        value += f" ({gate.interval[0]:.4g} to {gate.interval[1]:.4g})"
    notes = (gate.note,) if gate.note else ()
    data = {} if gate.raw is None else {"raw": gate.raw}
    return Certificate("balance", gate.name, value, gate.allowed, gate.passed, notes, data)
