"""Power points that play has shown parts of a character to have, beside those set by hand.

`measured.toml` holds them by part: `[skill]`, `[ultimate]`, `[trait]`, `[slip]`, `[school]` by
name, `[number]` by what one unit of a number is worth, and `[character]` what no part explains.
`cam-arena balance refit` fits them to measured strengths and adds to what stands there.
"""

import functools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ...errors import RosterError
from ...files import read_toml

__all__ = ["MEASURED", "NUMBERS", "measured_parts", "measured_points", "read_measured"]

MEASURED: Final = Path(__file__).parent / "measured.toml"

NUMBERS: Final[Mapping[str, float]] = {
    "chain_startup": 3.5,
    "chain_reach": 1100.0,
    "chain_moves": 4.0,
    "walk_x": 118.0,
    "walk_y": 81.0,
    "spark_rate": 1000.0,
}
"""Numbers whose worth is measured, and where it is counted from."""

Table = Mapping[str, Any]


def measured_parts(school: str, character: Table) -> Iterator[tuple[str, str, float]]:
    """Give the parts of a character whose worth is measured: kind, name, how much of it.

    Args:
        school: name of its school.
        character: its table, as a roster file holds it.
    """
    for button in ("skill1", "skill2"):
        yield "skill", character[button]["archetype"], 1.0
    yield "ultimate", character["ultimate"]["archetype"], 1.0
    for trait in character.get("traits") or ():
        yield "trait", trait, 1.0
    yield "slip", character["slip"]["kind"], 1.0
    yield "school", school, 1.0
    first = character["chain"][0]
    numbers = {
        "chain_startup": first["startup"],
        "chain_reach": first["hit"][0]["box"]["x"][1] if first.get("hit") else 0,
        "chain_moves": len(character["chain"]),
        **{key: character["stats"][key] for key in ("walk_x", "walk_y", "spark_rate")},
    }
    for name, middle in NUMBERS.items():
        yield "number", name, numbers[name] - middle


def measured_points(school: str, character: Table) -> float:
    """Return the measured power points of a character, to be added to those set by hand."""
    worth = read_measured()
    parts = measured_parts(school, character)
    own = worth.get("character", {}).get(character["name"], 0.0)
    return own + sum(worth.get(kind, {}).get(name, 0.0) * amount for kind, name, amount in parts)


@functools.cache
def read_measured(path: Path = MEASURED) -> Mapping[str, Mapping[str, float]]:
    """Return measured.toml: points by kind and name; empty if there is no such file.

    Raises:
        RosterError: if it is not TOML, or a value is no number.
    """
    worth = read_toml(path, RosterError) if os.path.lexists(path) else {}
    for kind, table in worth.items():
        if not isinstance(table, dict):
            raise RosterError(f"{path}: {kind} is {table!r}; it must be a table of numbers")
        for name, points in table.items():
            is_number = isinstance(points, int | float) and not isinstance(points, bool)
            if not is_number or not -1e6 < points < 1e6:
                raise RosterError(
                    f"{path}: {kind}.{name} is {points!r}; it must be a number between "
                    "-1000000 and 1000000"
                )
    return worth
