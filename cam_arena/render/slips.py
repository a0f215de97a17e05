"""Slips: what a fighter leaves behind where it vanishes, by the kind of its slip."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pygame

from ..roster.codes import Slip
from .appearance import Appearance
from .camera import Camera
from .colours import INK, PAPER, Colour, mix, shade
from .figure import Figure, Point
from .frame import FighterFrame, Mark
from .paint import fill_translucent, glow

__all__ = ["SLIP_ART", "SLIP_TICKS", "draw_slip"]

SLIP_TICKS: Final = 22
"""Ticks for which a slip's leavings are seen."""


@dataclass(frozen=True, slots=True)
class _Puff:
    """Where a fighter vanished, and how long ago."""

    surface: pygame.Surface
    centre: Point
    unit: float  # pixels of half a body
    age: int
    colour: Colour

    @property
    def grown(self) -> float:
        return (self.age + 1) / SLIP_TICKS

    @property
    def alpha(self) -> int:
        return max(0, round(230 * (1.0 - self.age / SLIP_TICKS)))

    def around(self, turn: float, radius: float, flat: float = 1.0) -> Point:
        """A point about the middle: turns, and half bodies."""
        angle = 2.0 * math.pi * turn
        reach = radius * self.unit
        return (
            self.centre[0] + reach * math.cos(angle),
            self.centre[1] - reach * flat * math.sin(angle),
        )


def draw_slip(
    surface: pygame.Surface, camera: Camera, fighter: FighterFrame, kind: Slip, look: Appearance
) -> None:
    """Draw a slip's leavings, if a fighter has slipped a moment ago."""
    if fighter.mark != Mark.SLIP or not 0 <= fighter.mark_age < SLIP_TICKS:
        return
    unit = 0.5 * fighter.height * camera.scale(fighter.mark_y)
    centre = camera.point(fighter.mark_x, fighter.mark_y, fighter.mark_z)
    if kind in (Slip.BACKDOOR, Slip.QUICKENED, Slip.POWDER):
        _draw_log(surface, camera, fighter, look.main)
    SLIP_ART[kind](_Puff(surface, centre, unit, fighter.mark_age, look.glow))


def _cloud(puff: _Puff, colour: Colour, count: int, reach: float, rise: float) -> None:
    for i in range(count):
        x, y = puff.around(i * 0.111 + 0.06, reach * (0.35 + 0.2 * (i % 3)) * (0.4 + puff.grown))
        radius = puff.unit * (0.40 - 0.05 * (i % 4)) * (1.0 - 0.5 * puff.grown)
        y -= rise * puff.age
        ring = [(x + radius * math.cos(t), y + radius * math.sin(t)) for t in _TURNS]
        fill_translucent(puff.surface, ring, mix(colour, PAPER, 0.15 * (i % 3)), puff.alpha)


_TURNS: Final = tuple(2.0 * math.pi * i / 12.0 for i in range(12))


def _backdoor(puff: _Puff) -> None:
    """White smoke."""
    _cloud(puff, (206, 206, 218), 9, 1.0, 0.8)


def _stillness(puff: _Puff) -> None:
    """Ripples, as on water: it never left."""
    for i in range(3):
        radius = puff.grown * (1.5 - 0.35 * i)
        ring = [puff.around(t / 24.0, radius, 0.4) for t in range(24)]
        ring = [(x, y + 0.8 * puff.unit) for x, y in ring]
        pygame.draw.lines(
            puff.surface, mix(puff.colour, PAPER, 0.2 * i), True, ring, max(1, 4 - puff.age // 6)
        )
    glow(puff.surface, puff.centre, puff.unit * (1.4 - puff.grown), shade(puff.colour, 0.4))


def _feather(puff: _Puff) -> None:
    """Feathers that sink."""
    for i in range(9):
        x, y = puff.around(i * 0.382, 0.35 + 0.75 * puff.grown * (0.5 + 0.1 * (i % 5)))
        x += 0.12 * puff.unit * math.sin(puff.age * 0.4 + i)
        y += puff.unit * puff.grown * (0.25 + 0.1 * (i % 3))
        lean = 0.6 * math.sin(puff.age * 0.35 + 2 * i)
        ux, uy, size = math.cos(lean), math.sin(lean), 0.26 * puff.unit
        quill = [(1.0, 0.0), (0.3, 0.32), (-0.7, 0.22), (-1.0, 0.0), (-0.6, -0.16), (0.4, -0.2)]
        points = [(x + size * (a * ux - b * uy), y + size * (a * uy + b * ux)) for a, b in quill]
        tone = mix(puff.colour, PAPER, 0.75 if i % 2 else 0.45)
        fill_translucent(puff.surface, points, tone, puff.alpha)
        pygame.draw.line(puff.surface, mix(tone, INK, 0.4), points[0], points[3], 1)


def _powder(puff: _Puff) -> None:
    """Black powder smoke with sparks in it."""
    _cloud(puff, (58, 52, 58), 11, 1.25, 0.5)
    for i in range(12):
        start = puff.around(i * 0.083 + 0.02, 0.3 + 1.0 * puff.grown)
        end = puff.around(i * 0.083 + 0.02, 0.45 + 1.35 * puff.grown)
        if puff.age < 14:
            pygame.draw.line(puff.surface, (255, 206 - 8 * puff.age, 90), start, end, 2)


def _ledger(puff: _Puff) -> None:
    """A page torn in two, and the blood that paid for it."""
    for way in (-1, 1):
        x = puff.centre[0] + way * puff.unit * (0.12 + 0.7 * puff.grown)
        y = puff.centre[1] + puff.unit * 0.5 * puff.grown**2
        wide, tall = 0.34 * puff.unit, 0.62 * puff.unit
        lean = way * 0.5 * puff.grown * tall
        page = [
            (x - way * wide * 0.9 + lean, y - tall),
            (x + way * wide + lean, y - tall),
            (x + way * wide - lean, y + tall),
            (x - way * wide * 0.8 - lean, y + tall),
            (x - way * wide * 0.4, y + 0.3 * tall),
            (x - way * wide * 1.1, y),
        ]
        fill_translucent(puff.surface, page, (238, 226, 200), puff.alpha)
        for line in (-0.5, -0.15, 0.2, 0.55):
            pygame.draw.line(
                puff.surface,
                (150, 40, 50),
                (x - way * 0.2 * wide, y + line * tall),
                (x + way * 0.7 * wide, y + line * tall),
                1,
            )
    for i in range(8):
        x, y = puff.around(i * 0.125, 0.3 + 0.9 * puff.grown)
        radius = max(1.0, 0.1 * puff.unit * (1.0 - puff.grown))
        pygame.draw.circle(
            puff.surface, (206, 26, 48), (x, y + 0.9 * puff.unit * puff.grown**2), radius
        )


def _quickened(puff: _Puff) -> None:
    """A dial whose hands have run ahead."""
    radius = 0.75 + 0.35 * puff.grown
    ring = [puff.around(i / 24.0, radius) for i in range(24)]
    fill_translucent(puff.surface, ring, puff.colour, puff.alpha // 4)
    pygame.draw.lines(puff.surface, mix(puff.colour, PAPER, 0.4), True, ring, 3)
    for i in range(12):
        pygame.draw.line(
            puff.surface,
            PAPER,
            puff.around(i / 12.0, radius * 0.84),
            puff.around(i / 12.0, radius * 0.96),
            2,
        )
    for speed, reach in ((0.06, 0.75), (0.25, 0.5)):
        hand = puff.around(0.25 - speed * puff.age, radius * reach)
        pygame.draw.line(puff.surface, PAPER, puff.centre, hand, 3)


def _riposte(puff: _Puff) -> None:
    """Two crossing cuts."""
    reach = min(1.0, 0.35 + puff.grown * 2.0) * 1.35
    for turn in (0.11, 0.39):
        ends = puff.around(turn, reach), puff.around(turn + 0.5, reach)
        flank = puff.around(turn + 0.25, 0.22 * (1.0 - puff.grown))
        other = puff.around(turn + 0.75, 0.22 * (1.0 - puff.grown))
        cut = [ends[0], flank, ends[1], other]
        fill_translucent(puff.surface, cut, mix(puff.colour, PAPER, 0.7), puff.alpha)
        pygame.draw.line(puff.surface, mix(puff.colour, PAPER, 0.85), *ends, 1)
    _cloud(puff, (170, 176, 196), 5, 0.7, 0.4)


def _herd(puff: _Puff) -> None:
    """Two arrows that change places, in dust."""
    _cloud(puff, (176, 146, 108), 6, 0.9, 0.2)
    for way in (0.0, 0.5):
        start = way - 0.8 * puff.grown
        outer = [puff.around(start + 0.36 * i / 8.0, 0.95, 0.75) for i in range(9)]
        inner = [puff.around(start + 0.36 * i / 8.0, 0.72, 0.75) for i in range(9)]
        tip = [
            puff.around(start, 1.12, 0.75),
            puff.around(start - 0.13, 0.83, 0.75),
            puff.around(start, 0.55, 0.75),
        ]
        arrow = [*reversed(outer), *tip, *inner]
        fill_translucent(puff.surface, arrow, mix(puff.colour, PAPER, 0.3), puff.alpha)


def _draw_log(
    surface: pygame.Surface, camera: Camera, fighter: FighterFrame, colour: Colour
) -> None:
    """The bundle of wood that stands where the fighter stood, and falls over."""
    age = fighter.mark_age
    figure = Figure()
    wood = (150, 108, 70)
    figure.limb((0.0, 0.12), (0.0, 0.62), 0.13, 0.13, wood)
    figure.disc((0.0, 0.64), 0.12, (214, 178, 128))
    figure.disc((0.0, 0.64), 0.06, wood, outline=False)
    figure.limb((-0.12, 0.42), (0.12, 0.42), 0.05, 0.05, colour)
    figure.polygon([(0.1, 0.44), (0.3, 0.34), (0.26, 0.5)], colour)
    figure.turn((0.0, 0.3), min(80.0, age * 6.0))
    x, y = camera.point(
        fighter.mark_x, fighter.mark_y, max(0.0, fighter.mark_z - fighter.height / 2)
    )
    image, origin = figure.render(
        fighter.height * camera.scale(fighter.mark_y) * 0.8, fighter.facing
    )
    if age > 14:
        image.set_alpha(255 - (age - 14) * 30)
    surface.blit(image, (x - origin[0], y - origin[1]))


SLIP_ART: Final[Mapping[Slip, Callable[[_Puff], None]]] = {
    Slip.BACKDOOR: _backdoor,
    Slip.STILLNESS: _stillness,
    Slip.FEATHER: _feather,
    Slip.POWDER: _powder,
    Slip.LEDGER: _ledger,
    Slip.QUICKENED: _quickened,
    Slip.RIPOSTE: _riposte,
    Slip.HERD: _herd,
}
"""What draws the leavings of each kind of slip."""
