"""Orbs, blades, flames: looks of entities that are things, about a middle, reaching 1 from it."""

import math
from collections.abc import Callable, Mapping
from typing import Final

from ..roster.codes import Look
from .colours import INK, PAPER, Colour, mix, shade
from .figure import Figure, Point

__all__ = ["TOKENS"]


def _circle(radius: float, corners: int, turn: float = 0.0) -> list[Point]:
    angles = [2.0 * math.pi * (i / corners + turn) for i in range(corners)]
    return [(radius * math.cos(a), radius * math.sin(a)) for a in angles]


def _star(outer: float, inner: float, points: int, turn: float) -> list[Point]:
    angles = [math.pi * i / points + 2.0 * math.pi * turn for i in range(2 * points)]
    radii = [outer if i % 2 == 0 else inner for i in range(2 * points)]
    return [(r * math.sin(a), r * math.cos(a)) for r, a in zip(radii, angles, strict=True)]


def _hoop(figure: Figure, radius: float, width: float, colour: Colour) -> None:
    """A hollow circle."""
    corners = _circle(radius, 20)
    for outline in (True, False):
        for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
            figure.limb(a, b, width, width, colour, outline=outline)


def _orb(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    figure.disc((0.0, 0.0), 1.0, colour)
    for x, y in _circle(0.62, 3, turn):
        figure.disc((x, y), 0.2, mix(colour, side, 0.6), outline=False)
    figure.disc((0.18, 0.22), 0.46, mix(colour, PAPER, 0.75), outline=False)


def _shard(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    light = mix(colour, PAPER, 0.45)
    outline = [(1.5, 0.0), (0.2, 0.7), (-1.2, 0.25), (-0.7, -0.1), (-1.1, -0.6), (0.3, -0.55)]
    figure.polygon(outline, light)
    figure.polygon([(1.5, 0.0), (-0.7, -0.1), (-1.1, -0.6), (0.3, -0.55)], colour, outline=False)
    figure.polygon([(1.5, 0.0), (0.2, 0.7), (0.1, 0.1)], PAPER, outline=False)


def _spear(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    figure.limb((-2.0, 0.0), (1.3, 0.0), 0.13, 0.13, shade(colour, 0.8))
    figure.polygon([(2.2, 0.0), (1.1, 0.5), (1.35, 0.0), (1.1, -0.5)], mix(colour, PAPER, 0.4))
    figure.limb((0.9, 0.24), (0.9, -0.24), 0.1, 0.1, side)
    figure.polygon([(-2.0, 0.0), (-2.3, 0.34), (-1.6, 0.0), (-2.3, -0.34)], side)


def _disc(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    figure.polygon(_star(1.2, 0.78, 8, turn), colour)
    figure.disc((0.0, 0.0), 0.5, mix(colour, INK, 0.45))
    figure.disc((0.0, 0.0), 0.28, side, outline=False)


def _wave(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    outer = [(1.2 * math.cos(a), 1.5 * math.sin(a)) for a in (-1.4, -0.9, -0.4, 0, 0.4, 0.9, 1.4)]
    inner = [(0.5 * math.cos(a) - 0.3, 1.3 * math.sin(a)) for a in (1.2, 0.5, 0, -0.5, -1.2)]
    figure.polygon([*outer, *inner], colour)
    crest = [(x * 0.94, y * 0.9) for x, y in outer[1:-1]]
    back = [(x - 0.28, y * 0.95) for x, y in reversed(crest)]
    figure.polygon([*crest, *back], mix(colour, PAPER, 0.6), outline=False)


def _flame(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    lick = 0.25 * math.sin(2.0 * math.pi * turn)
    tongues = [
        *[(1.2, 0.0), (0.6, 0.75), (-0.5, 0.8 + lick), (-1.9, 0.35 - lick), (-1.0, 0.0)],
        *[(-2.1, -0.4 + lick), (-0.4, -0.75), (0.7, -0.7)],
    ]
    figure.polygon(tongues, colour)
    figure.disc((0.2, 0.0), 0.42, mix(colour, PAPER, 0.7), outline=False)


def _mine(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    figure.polygon(_star(1.25, 0.7, 7, turn / 7.0), mix(colour, INK, 0.35))
    figure.disc((0.0, 0.0), 0.72, mix(colour, INK, 0.15))
    figure.disc((0.0, 0.0), 0.3, side if turn < 0.5 else PAPER)


def _field(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    light = mix(colour, PAPER, 0.3)
    for i, (x, y) in enumerate(_circle(0.62, 5, turn / 5.0)):
        figure.disc((x, y * 0.8), 0.5 - 0.05 * (i % 2), light if i % 2 else colour)
    figure.disc((0.0, 0.0), 0.55, mix(colour, PAPER, 0.55), outline=False)


def _wall(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    figure.polygon([(-0.6, -1.0), (0.6, -1.0), (0.6, 1.0), (-0.6, 1.0)], colour)
    for y in (-0.5, 0.0, 0.5):
        figure.limb((-0.56, y), (0.56, y), 0.05, 0.05, shade(colour, 0.6), outline=False)
    figure.limb((0.0, 0.94), (0.0, -0.94), 0.05, 0.05, side, outline=False)


def _roots(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    bark, sway = mix(shade(colour, 0.6), (92, 70, 44), 0.5), 0.12 * math.sin(2 * math.pi * turn)
    for x, height, lean in ((-0.75, 1.0, -0.3), (0.7, 1.2, 0.45), (-0.1, 1.75, 0.2)):
        tip = (x + lean + sway, height - 1.0)
        middle = (x + lean * 0.2 - 0.15, (height - 1.0) * 0.4 - 0.55)
        figure.limb((x, -1.0), middle, 0.3, 0.22, bark)
        figure.limb(middle, tip, 0.22, 0.03, bark)
        figure.polygon(
            [
                (middle[0], middle[1] + 0.1),
                (middle[0] - 0.45, middle[1] + 0.4),
                (middle[0], middle[1] + 0.3),
            ],
            colour,
        )
    figure.disc((0.1 + sway, 0.25), 0.14, side)


def _five(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    figure.polygon(_star(1.4, 0.58, 5, turn / 5.0), mix(colour, PAPER, 0.3))
    figure.polygon(_star(0.75, 0.3, 5, turn / 5.0), PAPER, outline=False)


def _blade(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    edge = [(1.35 * math.cos(a), 1.35 * math.sin(a)) for a in (-0.5, 0.1, 0.7, 1.3, 1.9, 2.4)]
    back = [(0.85 * math.cos(a) - 0.1, 0.85 * math.sin(a) - 0.12) for a in (2.1, 1.5, 0.9, 0.3)]
    figure.limb((-1.0, 0.7), (-0.3, -0.9), 0.14, 0.14, mix(side, INK, 0.25))
    figure.polygon([*edge, (-1.15, 0.75), *back], mix(colour, PAPER, 0.55))
    rim = [(0.9 * x, 0.9 * y) for x, y in edge]
    figure.polygon([*rim, *back], mix(colour, INK, 0.1), outline=False)
    figure.disc((-0.3, -0.9), 0.2, side)


def _ring(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    _hoop(figure, 1.0, 0.2, mix(colour, PAPER, 0.25))
    for x, y in _circle(1.0, 4, turn / 4.0):
        figure.disc((x, y), 0.26, side)


def _sigil(figure: Figure, colour: Colour, side: Colour, turn: float) -> None:
    _hoop(figure, 1.15, 0.09, colour)
    for spin in (turn / 3.0, 0.5 - turn / 3.0):
        corners = _circle(0.98, 3, spin)
        for i in range(3):
            figure.limb(corners[i - 1], corners[i], 0.07, 0.07, mix(colour, PAPER, 0.55))
    figure.polygon([(-0.4, 0.0), (0.0, 0.26), (0.4, 0.0), (0.0, -0.26)], PAPER)
    figure.disc((0.0, 0.0), 0.16, side, outline=False)


TOKENS: Final[Mapping[Look, Callable[[Figure, Colour, Colour, float], None]]] = {
    Look.ORB: _orb,
    Look.SHARD: _shard,
    Look.SPEAR: _spear,
    Look.DISC: _disc,
    Look.WAVE: _wave,
    Look.FLAME: _flame,
    Look.MINE: _mine,
    Look.FIELD: _field,
    Look.WALL: _wall,
    Look.ROOTS: _roots,
    Look.STAR: _five,
    Look.BLADE: _blade,
    Look.RING: _ring,
    Look.SIGIL: _sigil,
}
"""What adds a thing to a figure, given its colour, its side's and how far round its cycle it is."""
