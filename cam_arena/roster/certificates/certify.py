"""Compute all certificates of a roster, part by part."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from ..model import Roster
from . import behavioural, parametric, structural
from .certificate import Certificate

__all__ = ["Part", "compute", "roster_parts"]

_LISTED = 10

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Part:
    """Some certificates that are computed together."""

    name: str
    """In a word."""
    compute: Callable[[Progress], list[Certificate]]
    """Returns them; tells its argument what is done, how much of it and how much there is."""


def roster_parts(roster: Roster, *, quick: bool = False, seed: int = 0) -> list[Part]:
    """Return the parts that need nothing but the roster.

    Args:
        roster: the characters.
        quick: whether to search and watch less.
        seed: of fights and classifier.
    """
    windows, trees = (48, 40) if quick else (84, 100)

    def validated(progress: Progress) -> list[Certificate]:
        return _validated(roster, quick, progress)

    def behaviour(progress: Progress) -> list[Certificate]:
        return behavioural.certify(
            roster, windows=windows, trees=trees, seed=seed, progress=progress
        )

    return [
        Part("compiled", lambda _: _compiled(roster)),
        Part("names", lambda _: _named(roster)),
        Part("structural", lambda _: structural.certify(roster)),
        Part("parametric", lambda _: parametric.certify(roster)),
        Part("frame data", lambda _: _measured(roster)),
        Part("validators", validated),
        Part("behavioural", behaviour),
    ]


def compute(parts: Sequence[Part], progress: Progress) -> list[Certificate]:
    """Compute the certificates of all parts; a part that is not installed is a failed one.

    Args:
        parts: in the order of the page.
        progress: told what is being done, how much of it is done and how much there is.
    """
    found: list[Certificate] = []
    for part in parts:
        progress(part.name, 0, 1)
        start = time.perf_counter()
        try:
            certificates = part.compute(progress)
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith("cam_arena"):
                raise
            certificates = [
                Certificate(part.name, "can be computed", f"no {error.name}", "installed", False)
            ]
        took = round(time.perf_counter() - start, 2)
        found += [replace(item, data={**item.data, "part_seconds": took}) for item in certificates]
    return found


def problems(part: str, name: str, found: Iterable[object]) -> Certificate:
    """Return a certificate that allows no problems; each is shown by its text."""
    texts = [str(problem) for problem in found]
    return Certificate(
        part, name, str(len(texts)), "0", not texts, tuple(texts[:_LISTED]), {"problems": texts}
    )


def _compiled(roster: Roster) -> list[Certificate]:
    """Judge whether the compiled file is what the sources make."""
    from ...game.rules import Rules
    from .. import store
    from ..load import compile_sources

    if roster.rules != Rules():
        raise ValueError("certificates are of a roster with the default rules")
    stored = store.read(roster.path)
    fresh = compile_sources(roster.path)
    different = [
        name
        for name, array in fresh.arrays.items()
        if stored is not None and array.tobytes() != stored.arrays[name].tobytes()
    ]
    if stored is None:
        different = ["compiled.bin is missing or of other sources; run cam-arena roster compile"]
    item = problems("roster", "differences of compiled.bin from its sources", different)
    return [replace(item, data={**item.data, "roster_id": roster.id})]


def _named(roster: Roster) -> list[Certificate]:
    """Judge names by the deny-list, and as unique."""
    from ..generator.names import is_denied

    shown: list[Any] = [
        *roster.schools, *roster.characters, *roster.moves, *roster.entity_types, *roster.scrolls,
        *roster.companions,
    ]  # fmt: skip
    names = {str(item.name) for item in shown}
    repeated = len(roster.names) - len(set(roster.names))
    return [
        problems("roster", "names on the deny-list", sorted(filter(is_denied, names))),
        Certificate("roster", "names used twice", str(repeated), "0", not repeated),
    ]


def _validated(roster: Roster, quick: bool, progress: Progress) -> list[Certificate]:
    """Judge by the validators, a line each."""
    validators: Any = import_module("cam_arena.roster.validators")
    findings = validators.validate_roster(
        roster, progress=lambda done, total: progress("validators", done, total), quick=quick
    )
    texts: dict[str, list[str]] = {name: [] for name in validators.VALIDATORS}
    for finding in findings:
        texts[finding.validator].append(finding.text)
    return [problems("validators", name, found) for name, found in texts.items()]


def _measured(roster: Roster) -> list[Certificate]:
    """Judge declared frame data by what the simulation does."""
    from ..frames_check import mismatches

    return [problems("frame data", "moves that are not as declared", mismatches(roster))]
