"""Animals, puppets and giants: looks of entities that stand on the ground, 1 tall."""

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ..roster.codes import Look
from .colours import INK, PAPER, Colour, mix, shade
from .figure import Figure, Point

__all__ = ["CREATURES", "Gait"]

_BEAK: Final[Colour] = (245, 190, 80)


@dataclass(frozen=True, slots=True)
class Gait:
    """What a creature does at the moment."""

    turn: float
    """How far round its cycle of steps or wing beats it is, 0..1."""
    strikes: bool
    moves: bool

    @property
    def wave(self) -> float:
        """The cycle as a swing between -1 and 1."""
        return math.sin(2.0 * math.pi * self.turn)

    @property
    def step(self) -> float:
        """How far a foot is before the hip."""
        return 0.10 * self.wave if self.moves else 0.0

    @property
    def lunge(self) -> float:
        """How far the body is thrown forward."""
        return 0.14 if self.strikes else 0.0


def _bird(figure: Figure, colour: Colour, side: Colour, gait: Gait) -> None:
    dark = shade(colour, 0.62)
    flap, lunge = 0.30 * gait.wave, gait.lunge
    figure.polygon([(-0.1, 0.8), (-0.5, 0.95 + flap), (-0.75, 0.75 + flap), (-0.3, 0.62)], dark)
    figure.polygon([(-0.35, 0.66), (-0.75, 0.6), (-0.7, 0.72)], dark)
    figure.limb((-0.3, 0.68), (0.2 + lunge, 0.76), 0.12, 0.15, colour)
    figure.disc((0.34 + lunge, 0.88), 0.13, colour)
    figure.polygon([(0.45 + lunge, 0.92), (0.66 + lunge, 0.85), (0.44 + lunge, 0.81)], _BEAK)
    figure.polygon(
        [(0.1, 0.82), (-0.2, 1.15 + flap), (-0.55, 1.05 + flap), (-0.25, 0.7)],
        mix(colour, PAPER, 0.25),
    )
    figure.limb((0.12 + lunge, 0.72), (0.26 + lunge, 0.72), 0.04, 0.04, side)
    figure.disc((0.38 + lunge, 0.92), 0.03, INK, outline=False)


def _puppet(figure: Figure, colour: Colour, side: Colour, gait: Gait) -> None:
    dark = shade(colour, 0.62)
    step, lunge = gait.step, gait.lunge
    figure.limb((-0.1, 0.42), (-0.14 - step, 0.05), 0.05, 0.06, dark)
    figure.limb((0.1, 0.42), (0.14 + step, 0.05), 0.05, 0.06, dark)
    figure.limb((0.0, 0.42), (0.02 + lunge, 0.72), 0.13, 0.16, colour)
    figure.limb((0.06 + lunge, 0.7), (0.34 + 2 * lunge, 0.56), 0.05, 0.05, mix(colour, PAPER, 0.3))
    figure.disc((0.04 + lunge, 0.93), 0.17, PAPER)
    for x in (0.06, 0.14):
        figure.limb((x + lunge, 0.97), (x + lunge, 0.88), 0.025, 0.025, INK, outline=False)
    thread = mix(side, PAPER, 0.4)
    figure.limb((0.03 + lunge, 1.1), (0.03 + lunge, 1.5), 0.008, 0.008, thread, outline=False)


def _beast(figure: Figure, colour: Colour, gait: Gait, bulk: float) -> Point:
    """Add a body on four legs; return where its head is."""
    dark = shade(colour, 0.62)
    step, lunge = gait.step, gait.lunge
    for x, swing in ((-0.34, step), (0.24, -step)):
        figure.limb((x, 0.42), (x + swing - 0.03, 0.05), 0.07 * bulk, 0.05, dark)
    figure.limb((-0.36, 0.52), (0.28 + lunge, 0.56), 0.18 * bulk, 0.19 * bulk, colour)
    for x, swing in ((-0.28, -step), (0.32, step)):
        figure.limb((x, 0.42), (x + swing + lunge / 2, 0.05), 0.075 * bulk, 0.05, colour)
    head = (0.52 + lunge, 0.76)
    figure.disc(head, 0.17 * bulk, colour)
    return head


def _eye_and_collar(figure: Figure, head: Point, side: Colour, gait: Gait) -> None:
    figure.disc((head[0] + 0.05, head[1] + 0.05), 0.03, INK, outline=False)
    figure.limb((0.3 + gait.lunge, 0.68), (0.42 + gait.lunge, 0.58), 0.05, 0.05, side)


def _hound(figure: Figure, colour: Colour, side: Colour, gait: Gait) -> None:
    x, y = head = _beast(figure, colour, gait, 1.0)
    figure.limb((x + 0.08, y - 0.04), (x + 0.26, y - 0.07), 0.08, 0.06, colour)
    figure.polygon(
        [(x - 0.12, y + 0.1), (x - 0.1, y + 0.34), (x + 0.04, y + 0.13)], shade(colour, 0.62)
    )
    figure.limb((-0.5, 0.6), (-0.74, 0.86), 0.06, 0.03, colour)
    _eye_and_collar(figure, head, side, gait)


def _boar(figure: Figure, colour: Colour, side: Colour, gait: Gait) -> None:
    dark = shade(colour, 0.62)
    x, y = head = _beast(figure, colour, gait, 1.35)
    figure.limb((x + 0.1, y - 0.05), (x + 0.27, y - 0.09), 0.09, 0.08, dark)
    figure.polygon([(x + 0.15, y - 0.12), (x + 0.33, y + 0.12), (x + 0.24, y - 0.12)], PAPER)
    for i in range(4):
        back = -0.3 + i * 0.16
        figure.polygon([(back, 0.72), (back - 0.02, 0.88), (back + 0.12, 0.74)], dark)
    _eye_and_collar(figure, head, side, gait)


def _hare(figure: Figure, colour: Colour, side: Colour, gait: Gait) -> None:
    x, y = head = _beast(figure, colour, gait, 0.8)
    for back in (0.0, -0.09):
        figure.limb((x - 0.05 + back, y + 0.12), (x - 0.2 + back, y + 0.48), 0.055, 0.035, colour)
    figure.disc((-0.55, 0.55), 0.09, PAPER)
    _eye_and_collar(figure, head, side, gait)


def _crab(figure: Figure, colour: Colour, side: Colour, gait: Gait) -> None:
    dark, light = shade(colour, 0.62), mix(colour, PAPER, 0.3)
    for i, x in enumerate((-0.46, -0.28, 0.28, 0.46)):
        reach = math.copysign(0.22, x) + gait.step * (1 if i % 2 else -1)
        knee = (x + reach * 0.8, 0.42)
        figure.limb((x * 0.7, 0.34), knee, 0.05, 0.05, dark)
        figure.limb(knee, (x + reach * 1.35, 0.03), 0.05, 0.02, dark)
    shell = [
        *[(-0.62, 0.36), (-0.5, 0.62), (-0.2, 0.78), (0.2, 0.78), (0.5, 0.62)],
        *[(0.62, 0.36), (0.3, 0.22), (-0.3, 0.22)],
    ]
    figure.polygon(shell, colour)
    figure.limb((-0.34, 0.48), (0.34, 0.48), 0.05, 0.05, side)
    snap = 0.05 if gait.strikes else 0.13 + 0.05 * gait.wave
    for x in (-0.7, 0.66 + gait.lunge * 1.6):
        figure.limb((math.copysign(0.5, x), 0.5), (x, 0.68), 0.07, 0.08, dark)
        figure.polygon([(x - 0.12, 0.66), (x - 0.16, 0.98), (x - snap / 2, 1.1), (x, 0.8)], light)
        figure.polygon([(x + 0.12, 0.66), (x + 0.16, 0.98), (x + snap / 2, 1.1), (x, 0.8)], light)
    for x in (-0.12, 0.16):
        figure.limb((x, 0.76), (x, 0.92), 0.025, 0.025, dark)
        figure.disc((x, 0.95), 0.065, PAPER)
        figure.disc((x + 0.02, 0.95), 0.03, INK, outline=False)


def _moth(figure: Figure, colour: Colour, side: Colour, gait: Gait) -> None:
    beat = 0.72 + 0.28 * gait.wave  # how far the wings are open
    dark, light = shade(colour, 0.66), mix(colour, PAPER, 0.35)
    for way in (-1.0, 1.0):

        def at(x: float, y: float, way: float = way) -> Point:
            return (0.02 + gait.lunge + way * x * beat, y)

        figure.polygon([at(0.05, 0.62), at(0.45, 0.2), at(0.62, 0.34), at(0.5, 0.6)], dark)
        figure.polygon(
            [at(0.05, 0.74), at(0.34, 1.12), at(0.86, 1.16), at(0.78, 0.72), at(0.4, 0.56)], light
        )
        figure.disc(at(0.58, 0.9), 0.11, side)
        figure.disc(at(0.58, 0.9), 0.05, INK, outline=False)
    x = 0.02 + gait.lunge
    figure.limb((x, 0.36), (x, 0.76), 0.05, 0.10, colour)
    figure.disc((x, 0.88), 0.10, dark)
    for way in (-1.0, 1.0):
        figure.limb((x, 0.94), (x + way * 0.14, 1.16), 0.018, 0.028, dark)
        figure.disc((x + way * 0.045, 0.88), 0.028, PAPER, outline=False)


def _serpent(figure: Figure, colour: Colour, side: Colour, gait: Gait) -> None:
    coils = []
    for i in range(9):
        along = i / 8.0
        wave = math.sin(2.0 * math.pi * (along * 1.3 - gait.turn))
        coils.append((-0.95 + 1.35 * along + gait.lunge * along, 0.34 + 0.2 * wave * (1.2 - along)))
    for i, (a, b) in enumerate(itertools.pairwise(coils)):
        tone = colour if i % 2 else shade(colour, 0.72)
        figure.limb(a, b, 0.03 + 0.022 * i, 0.05 + 0.022 * i, tone)
    x, y = coils[-1][0] + 0.12, coils[-1][1] + 0.22
    figure.limb(coils[-1], (x, y), 0.2, 0.17, colour)
    figure.polygon([(x - 0.3, y + 0.1), (x - 0.1, y + 0.42), (x + 0.02, y + 0.12)], side)
    gape = 0.14 if gait.strikes else 0.05
    figure.polygon([(x - 0.1, y + 0.16), (x + 0.1, y + 0.2), (x + 0.42, y + gape), (x, y)], colour)
    figure.polygon([(x - 0.08, y - 0.14), (x + 0.34, y - gape - 0.03), (x, y + 0.02)], colour)
    figure.polygon([(x + 0.26, y + gape), (x + 0.31, y - 0.06), (x + 0.33, y + gape)], PAPER)
    figure.disc((x + 0.08, y + 0.1), 0.035, PAPER, outline=False)


def _titan(figure: Figure, colour: Colour, side: Colour, gait: Gait) -> None:
    dark, light = shade(colour, 0.6), mix(colour, PAPER, 0.25)
    swing, lunge = 0.06 * gait.wave, gait.lunge
    figure.limb((-0.3, 0.66), (-0.5 - swing, 0.3), 0.10, 0.12, dark)
    figure.disc((-0.52 - swing, 0.22), 0.15, dark)
    for x in (-0.16, 0.16):
        figure.polygon([(x - 0.1, 0.36), (x + 0.1, 0.36), (x + 0.15, 0.0), (x - 0.13, 0.0)], dark)
    chest = [
        *[(-0.24, 0.3), (-0.42, 0.64), (-0.36, 0.86), (0.0, 0.92)],
        *[(0.38, 0.86), (0.44, 0.64), (0.24, 0.3)],
    ]
    figure.polygon(chest, colour)
    figure.polygon([(-0.12, 0.52), (0.02, 0.68), (0.16, 0.52), (0.02, 0.38)], side)
    figure.disc((0.02, 0.53), 0.05, PAPER, outline=False)
    for x in (-0.36, 0.38):
        figure.polygon(
            [(x - 0.16, 0.74), (x - 0.08, 0.98), (x + 0.12, 0.98), (x + 0.16, 0.74)], light
        )
    figure.polygon([(-0.1, 0.88), (-0.12, 1.08), (0.16, 1.1), (0.2, 0.9)], light)
    figure.limb((-0.02, 1.0), (0.15, 1.01), 0.03, 0.03, INK, outline=False)
    figure.limb((0.06, 1.0), (0.12, 1.005), 0.022, 0.022, side, outline=False)
    fist = (0.56 + swing + 2 * lunge, 0.24 + 2.2 * lunge)
    figure.limb((0.38, 0.72), fist, 0.11, 0.13, colour)
    figure.disc(fist, 0.17, light)


def _double(figure: Figure, colour: Colour, side: Colour, gait: Gait) -> None:
    """A likeness folded from paper: two sheets of a person, joined at the middle."""
    lunge = gait.lunge
    for dx, tone in ((-0.07, shade(colour, 0.6)), (0.05, mix(colour, PAPER, 0.5))):
        x = dx + lunge * (1 if dx > 0 else 0.4)
        body = [
            *[(x - 0.2, 0.0), (x - 0.13, 0.4), (x - 0.36, 0.62), (x - 0.3, 0.74), (x - 0.1, 0.72)],
            *[(x + 0.1, 0.72), (x + 0.32 + lunge, 0.78), (x + 0.36 + lunge, 0.66)],
            *[(x + 0.13, 0.42), (x + 0.22, 0.0), (x + 0.02, 0.26)],
        ]
        figure.polygon(body, tone)
        figure.disc((x, 0.88), 0.14, tone)
    figure.limb((0.05 + lunge, 0.72), (0.05 + lunge, 0.3), 0.012, 0.012, side, outline=False)
    figure.polygon(
        [(lunge - 0.04, 0.92), (lunge + 0.05, 0.97), (lunge + 0.14, 0.92), (lunge + 0.05, 0.86)],
        side,
        outline=False,
    )


CREATURES: Final[Mapping[Look, Callable[[Figure, Colour, Colour, Gait], None]]] = {
    Look.HOUND: _hound,
    Look.BOAR: _boar,
    Look.HARE: _hare,
    Look.BIRD: _bird,
    Look.PUPPET: _puppet,
    Look.DOUBLE: _double,
    Look.TITAN: _titan,
    Look.CRAB: _crab,
    Look.MOTH: _moth,
    Look.SERPENT: _serpent,
}
"""What adds a creature to a figure, given its colour, its side's and what it does."""
