"""Colours: the two sides' and the arithmetic on them."""

from collections.abc import Sequence
from typing import Final

__all__ = ["INK", "PAPER", "SIDES", "Colour", "mix", "parse", "shade"]

Colour = tuple[int, int, int]

INK: Final[Colour] = (20, 17, 28)
PAPER: Final[Colour] = (246, 240, 226)
SIDES: Final[tuple[Colour, Colour]] = ((70, 168, 255), (255, 104, 84))
"""Side 0 is blue and starts on the left, side 1 is red."""


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """Blend two colours; share 0 gives `a`, 1 gives `b`."""
    keep = 1.0 - share
    return (
        int(a[0] * keep + b[0] * share),
        int(a[1] * keep + b[1] * share),
        int(a[2] * keep + b[2] * share),
    )


def shade(colour: Colour, factor: float) -> Colour:
    """Darken (factor below 1) or lighten a colour."""
    red, green, blue = (max(0, min(255, int(part * factor))) for part in colour)
    return (red, green, blue)


def parse(value: str | Sequence[int]) -> Colour:
    """Read `#rrggbb` or three numbers of 0..255.

    Raises:
        ValueError: if it is neither.
    """
    if isinstance(value, str):
        digits = value.removeprefix("#")
        if len(digits) != 6:
            raise ValueError(f"a colour is #rrggbb or three numbers, got {value!r}")
        return (int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16))
    if len(value) != 3 or not all(0 <= part <= 255 for part in value):
        raise ValueError(f"a colour is #rrggbb or three numbers of 0..255, got {value!r}")
    return (int(value[0]), int(value[1]), int(value[2]))
