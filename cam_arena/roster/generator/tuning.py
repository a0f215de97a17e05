"""Small factors that balance a character after it was measured, kept beside the roster."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ...errors import RosterError
from ...files import read_toml, write_whole
from ..schema import SCHEMA

__all__ = ["SURPLUS", "TUNED", "read_tuning", "tune", "write_tuning"]

SURPLUS: Final = "surplus"
"""Milli logits that a generated character has shown to be stronger than the model of strengths
says; it is generated with less damage for it."""

TUNED: Final = ("max_hp", "attack", "cooldown_rate", "spark_rate")
"""Statistics that can be tuned."""

_FACTOR_RANGE: Final = (800, 1250)
_SURPLUS_RANGE: Final = (-5000, 5000)
_STATS: Final = {field.key: field for field in SCHEMA["stats"]}
_HEAD: Final = """\
# Balance: factors of statistics, milli, by character; 1000 or nothing leaves one as it is.
# surplus: milli logits that a generated character is stronger than the model of strengths says.
# Written by cam-arena balance even and tune, from measured win rates.
"""


def read_tuning(path: str | Path) -> dict[str, dict[str, int]]:
    """Return the factors of each character by statistic, milli; empty if there is no such file.

    Raises:
        RosterError: if the file is not TOML, or a key or factor is not allowed.
    """
    path = Path(path)
    if not os.path.lexists(path):
        return {}
    tuning = read_toml(path, RosterError)
    for name, factors in tuning.items():
        _check(str(path), name, factors)
    return tuning


def write_tuning(path: str | Path, tuning: Mapping[str, Mapping[str, int]]) -> None:
    """Write the factors of each character, milli; those that change nothing are left out.

    Raises:
        RosterError: if a statistic or factor is not allowed.
    """
    lines = [_HEAD]
    for name, factors in sorted(tuning.items()):
        _check(str(path), name, factors)
        given = [f"{key} = {factors[key]}" for key in TUNED if factors.get(key, 1000) != 1000]
        if factors.get(SURPLUS):
            given.append(f"{SURPLUS} = {factors[SURPLUS]}")
        if given:
            escaped = name.replace("\\", "\\\\").replace('"', '\\"')
            lines.append("\n".join([f'["{escaped}"]', *given]) + "\n")
    write_whole(Path(path), "\n".join(lines))


def tune(stats: Mapping[str, int], factors: Mapping[str, int]) -> dict[str, int]:
    """Return statistics with their factors applied, inside the ranges of the schema.

    Args:
        stats: statistics of a character; a missing one has the schema's default.
        factors: milli, by statistic; max_hp is rounded to 10 HP. A surplus is no factor.
    """
    tuned = dict(stats)
    for key, factor in factors.items():
        if key == SURPLUS:
            continue
        field = _STATS[key]
        default = field.default if isinstance(field.default, int) else 1000
        value = (stats.get(key, default) * factor + 500) // 1000
        if key == "max_hp":
            value = (value + 5) // 10 * 10
        tuned[key] = min(max(value, field.low), field.high)
    return tuned


def _check(file: str, name: str, factors: object) -> None:
    if not isinstance(factors, Mapping):
        raise RosterError(f"{file}: {name} is {factors}; it must be a table of factors")
    for key, factor in factors.items():
        if key not in (*TUNED, SURPLUS):
            allowed = ", ".join((*TUNED, SURPLUS))
            raise RosterError(f"{file}: {name}.{key} is not a known key; allowed are {allowed}")
        low, high = _SURPLUS_RANGE if key == SURPLUS else _FACTOR_RANGE
        if not isinstance(factor, int) or isinstance(factor, bool) or not low <= factor <= high:
            raise RosterError(f"{file}: {name}.{key} is {factor}; it must be {low}..{high}")
