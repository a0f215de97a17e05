"""How strong a character is before it has fought: a linear model of its kit's numbers.

`strength.toml` holds the model, fitted to games by `cam-arena balance fit`: what one unit of each
number is worth in logits of a win rate, and between which ends that lies in 95 of 100 resamples.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...errors import RosterError
from ...files import read_toml, write_whole
from .kit import kit_numbers

__all__ = ["MODEL", "StrengthModel", "read_model", "strength", "write_model"]

MODEL: Final = Path(__file__).parent / "strength.toml"

_HEAD: Final = """\
# What the numbers of a character are worth, logits a unit: [worth, 2.5 % point, 97.5 % point].
# Written by cam-arena balance fit, from games of rosters whose statistics and damage were drawn at
# random. r2 and left are of rosters that the fit did not see: the share of the variance of
# strengths that it explains, and the standard deviation of what it does not, logits; the noise of
# few games is out of both.

"""


@dataclass(frozen=True)
class StrengthModel:
    """A fitted model."""

    about: Mapping[str, Any]
    """How it was fitted: seeds, characters, games, r2, left."""
    usual: float
    """Subtracted from the sum: the mean over the characters it was fitted to."""
    worth: Mapping[str, tuple[float, float, float]]
    """By number: logits a unit, and the ends of a 95 % interval."""

    def predict(self, numbers: Mapping[str, float]) -> float:
        """Return the strength of a character by its `kit_numbers`, logits; 0 is usual."""
        worth = self.worth
        return sum(worth[name][0] * x for name, x in numbers.items() if name in worth) - self.usual


def strength(school: str, character: Mapping[str, Any]) -> float:
    """Return the predicted strength of a character, logits; 0 is usual.

    Args:
        school: name of its school.
        character: its table, as a roster file holds it.
    """
    return read_model().predict(kit_numbers(school, character))


@functools.cache
def read_model(path: Path = MODEL) -> StrengthModel:
    """Read a model.

    Raises:
        RosterError: if the file is missing, is not TOML or is not a model.
    """
    found = read_toml(path, RosterError)
    try:
        worth = {
            name: (float(value), float(low), float(high))
            for name, (value, low, high) in found["worth"].items()
        }
        return StrengthModel(found["fit"], float(found["fit"]["usual"]), worth)
    except (KeyError, TypeError, ValueError) as error:
        raise RosterError(
            f"{path} is not a model of strengths ({error}); write it anew with: cam-arena balance "
            "fit"
        ) from error


def write_model(model: StrengthModel, path: Path = MODEL) -> None:
    """Write a model, the same bytes for the same model."""
    lines = ["[fit]"]
    lines += [f"{key} = {_value(value)}" for key, value in model.about.items()]
    lines += [f"usual = {model.usual:.4f}", "", "[worth]"]
    lines += [
        f'"{name}" = [{", ".join(f"{value:.4f}" for value in values)}]'
        for name, values in sorted(model.worth.items())
    ]
    write_whole(path, _HEAD + "\n".join(lines) + "\n")


def _value(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
