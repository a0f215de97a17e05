"""Points that fill a cube evenly: a Sobol sequence with a hashed Owen scramble, in integers."""

from collections.abc import Sequence
from typing import Final

from .draw import Draw

__all__ = ["BITS", "MAX_DIMENSIONS", "spread_point", "spread_value"]

BITS: Final = 20
"""Bits of a coordinate: a point's coordinates are integers of 0..2**BITS - 1."""

_DIRECTIONS: Final[Sequence[tuple[int, int, tuple[int, ...]]]] = (
    (1, 0, (1,)),
    (2, 1, (1, 3)),
    (3, 1, (1, 3, 1)),
    (3, 2, (1, 1, 1)),
    (4, 1, (1, 1, 3, 3)),
    (4, 4, (1, 3, 5, 13)),
    (5, 2, (1, 1, 5, 5, 17)),
    (5, 4, (1, 1, 5, 5, 5)),
    (5, 7, (1, 1, 7, 11, 19)),
    (5, 11, (1, 1, 5, 1, 1)),
    (5, 13, (1, 1, 1, 3, 11)),
    (5, 14, (1, 3, 5, 5, 31)),
    (6, 1, (1, 3, 3, 9, 7, 49)),
    (6, 13, (1, 1, 1, 15, 21, 21)),
    (6, 16, (1, 3, 1, 13, 27, 49)),
    (6, 19, (1, 1, 1, 15, 7, 5)),
    (6, 22, (1, 3, 1, 15, 13, 25)),
    (6, 25, (1, 1, 5, 5, 19, 61)),
    (7, 1, (1, 3, 7, 11, 23, 15, 103)),
    (7, 4, (1, 3, 7, 13, 13, 15, 69)),
)
"""Degree, inner coefficients and first direction numbers of each primitive polynomial.

Source: Joe and Kuo 2008, new-joe-kuo-6, dimensions 2 to 21; dimension 1 needs none.
"""

MAX_DIMENSIONS: Final = len(_DIRECTIONS) + 1
"""Dimensions that a point can have."""


def _direction_numbers(degree: int, inner: int, first: Sequence[int]) -> tuple[int, ...]:
    """Return the direction numbers v_1..v_BITS of a dimension, as integers of BITS bits."""
    m = list(first)
    while len(m) < BITS:
        i = len(m)
        value = m[i - degree] ^ (m[i - degree] << degree)
        for k in range(1, degree):
            if inner >> (degree - 1 - k) & 1:
                value ^= m[i - k] << k
        m.append(value)
    return tuple(value << (BITS - 1 - i) for i, value in enumerate(m))


_NUMBERS: Final = (
    tuple(1 << (BITS - 1 - i) for i in range(BITS)),
    *(_direction_numbers(*entry) for entry in _DIRECTIONS),
)


def spread_point(draw: Draw, index: int, dimensions: int) -> tuple[int, ...]:
    """Return point `index` of the scrambled sequence that a draw names.

    Any 2**k points from a multiple of 2**k on lie one in each interval of 2**-k, in every
    dimension. A point does not depend on how many points or dimensions are asked for.

    Args:
        draw: names the scramble; the same for all points that should spread apart.
        index: of the point, 0..2**BITS - 1.
        dimensions: 1..MAX_DIMENSIONS.

    Returns:
        One integer of 0..2**BITS - 1 a dimension.

    Raises:
        ValueError: if index or dimensions are out of range.

    Source: Joe and Kuo 2008; Owen 1995 (nested uniform scrambling).
    """
    if not 0 <= index < 1 << BITS:
        raise ValueError(f"index must be 0..{(1 << BITS) - 1}, got {index}")
    if not 1 <= dimensions <= MAX_DIMENSIONS:
        raise ValueError(f"dimensions must be 1..{MAX_DIMENSIONS}, got {dimensions}")
    gray = index ^ (index >> 1)
    point = []
    for dimension in range(dimensions):
        value = 0
        for i, number in enumerate(_NUMBERS[dimension]):
            if gray >> i & 1:
                value ^= number
        point.append(_scrambled(value, draw.bits(f"scramble {dimension}")))
    return tuple(point)


def spread_value(coordinate: int, low: int, high: int) -> int:
    """Return the integer of low..high, both included, that a coordinate falls on."""
    return low + (coordinate * (high - low + 1) >> BITS)


def _scrambled(value: int, key: int) -> int:
    """Flip each bit by a hash of the bits above it, so that nested intervals stay nested."""
    scrambled = 0
    for i in range(BITS - 1, -1, -1):
        above = (value >> (i + 1)) + (1 << (BITS - 1 - i))
        # The number of the node in the tree of prefixes, mixed with the key; the top bit is used.
        mixed = (above * 0x9E3779B97F4A7C15 ^ key) & 0xFFFFFFFFFFFFFFFF
        mixed = (mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        mixed = (mixed ^ (mixed >> 32)) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
        flip = mixed >> 63
        scrambled |= ((value >> i & 1) ^ flip) << i
    return scrambled
