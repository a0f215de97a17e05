"""Slash arcs, thrusts and bursts: what an active hit looks like. Each fills its real hit box."""

import math
from typing import Final

import pygame

from .camera import Camera
from .colours import PAPER, Colour, mix, shade
from .figure import Point
from .frame import Box, FighterFrame
from .paint import fill_translucent, glow

__all__ = ["draw_footprint", "draw_strike"]

_BEAMS: Final = frozenset({"beam", "lane", "pierce"})
_WHITE: Final[Colour] = (255, 255, 255)


def draw_footprint(surface: pygame.Surface, camera: Camera, box: Box, colour: Colour) -> None:
    """Show on the floor how deep a hit reaches."""
    corners = [
        camera.point(x, y, 0)
        for x, y in ((box.x0, box.y1), (box.x1, box.y1), (box.x1, box.y0), (box.x0, box.y0))
    ]
    fill_translucent(surface, corners, colour, 52)


def draw_strike(
    surface: pygame.Surface,
    camera: Camera,
    fighter: FighterFrame,
    box: Box,
    colour: Colour,
    archetype: str,
) -> None:
    """Draw one active hit of a fighter's body in its colours."""
    left, top = camera.point(box.x0, fighter.y, box.z1)
    right, bottom = camera.point(box.x1, fighter.y, box.z0)
    width, height = right - left, bottom - top
    around = box.x0 < fighter.x - 150 and box.x1 > fighter.x + 150
    bright = mix(colour, _WHITE, 0.55)
    is_beam = archetype in _BEAMS
    if archetype == "sweep" or (width > 5.0 * height and not is_beam):
        _draw_sweep(surface, camera, box, fighter, bright, colour)
    elif is_beam:
        _draw_beam(surface, (left, top, right, bottom), fighter.facing, bright, colour)
    elif around:
        _draw_burst(surface, camera, box, bright, colour, fighter)
    elif width > 2.0 * height:
        _draw_thrust(surface, (left, top, right, bottom), fighter.facing, bright, colour)
    else:
        _draw_arc(
            surface,
            (left, top, right, bottom),
            fighter.facing,
            bright,
            colour,
            rising=archetype == "launcher",
        )
    glow(
        surface,
        ((left + right) / 2, (top + bottom) / 2),
        min(90.0, 0.55 * max(width, height)),
        shade(colour, 0.3),
    )


def _draw_arc(
    surface: pygame.Surface,
    ends: tuple[float, float, float, float],
    facing: int,
    bright: Colour,
    colour: Colour,
    *,
    rising: bool,
) -> None:
    """A crescent whose outer edge touches the far, upper and lower side of the box."""
    left, top, right, bottom = ends
    near = left if facing > 0 else right
    width, half = right - left, (bottom - top) / 2
    middle = (top + bottom) / 2
    outer: list[Point] = []
    inner: list[Point] = []
    for angle in range(-90, 91, 15):
        turn = math.radians(angle)
        # the tail of the swing is thin: a rising swing ends on top, others below
        thick = 0.10 + 0.46 * ((90 - angle) if rising else (90 + angle)) / 180.0
        outer.append((near + facing * width * math.cos(turn), middle - half * math.sin(turn)))
        inner.append(
            (
                near + facing * width * (1.0 - thick) * math.cos(turn),
                middle - half * (1.0 - 0.35 * thick) * math.sin(turn),
            )
        )
    crescent = [*outer, *reversed(inner)]
    fill_translucent(surface, crescent, colour, 150)
    core = [
        *outer,
        *[
            ((ox + 2 * ix) / 3, (oy + 2 * iy) / 3)
            for (ox, oy), (ix, iy) in zip(reversed(inner), reversed(outer), strict=True)
        ],
    ]
    fill_translucent(surface, core, bright, 235)


def _draw_thrust(
    surface: pygame.Surface,
    ends: tuple[float, float, float, float],
    facing: int,
    bright: Colour,
    colour: Colour,
) -> None:
    left, top, right, bottom = ends
    near, far = (left, right) if facing > 0 else (right, left)
    middle, half = (top + bottom) / 2, (bottom - top) / 2
    shape = [
        (near, middle),
        (near + 0.55 * (far - near), middle - half),
        (far, middle),
        (near + 0.55 * (far - near), middle + half),
    ]
    fill_translucent(surface, shape, colour, 120)
    core = [
        (near, middle),
        (near + 0.6 * (far - near), middle - 0.38 * half),
        (far, middle),
        (near + 0.6 * (far - near), middle + 0.38 * half),
    ]
    fill_translucent(surface, core, bright, 230)


def _draw_sweep(
    surface: pygame.Surface,
    camera: Camera,
    box: Box,
    fighter: FighterFrame,
    bright: Colour,
    colour: Colour,
) -> None:
    """A crescent lying flat: as far and as deep as the box, at the middle of its height."""
    near, far = (box.x0, box.x1) if fighter.facing > 0 else (box.x1, box.x0)
    depth, z = (box.y1 - box.y0) / 2, (box.z0 + box.z1) / 2
    outer = [
        camera.point(near + (far - near) * math.cos(t), fighter.y - depth * math.sin(t), z)
        for t in _half_turn()
    ]
    for share, tone, alpha in ((0.45, colour, 130), (0.75, bright, 220)):
        inner = [
            camera.point(
                near + share * (far - near) * math.cos(t),
                fighter.y - depth * math.sin(t) * (0.4 + 0.5 * share),
                z,
            )
            for t in _half_turn()
        ]
        fill_translucent(surface, [*outer, *reversed(inner)], tone, alpha)


def _draw_beam(
    surface: pygame.Surface,
    ends: tuple[float, float, float, float],
    facing: int,
    bright: Colour,
    colour: Colour,
) -> None:
    left, top, right, bottom = ends
    for share, tone, alpha in ((1.0, colour, 90), (0.7, colour, 150), (0.36, bright, 235)):
        half, middle = (bottom - top) / 2 * share, (top + bottom) / 2
        fill_translucent(
            surface,
            [
                (left, middle - half),
                (right, middle - half),
                (right, middle + half),
                (left, middle + half),
            ],
            tone,
            alpha,
        )
    start = left if facing > 0 else right
    glow(surface, (start, (top + bottom) / 2), bottom - top, colour)


def _draw_burst(
    surface: pygame.Surface,
    camera: Camera,
    box: Box,
    bright: Colour,
    colour: Colour,
    fighter: FighterFrame,
) -> None:
    """A dome around the fighter, as wide, deep and high as the box."""
    rx, ry = (box.x1 - box.x0) / 2, (box.y1 - box.y0) / 2
    cx = (box.x0 + box.x1) / 2
    ring = [
        camera.point(cx + rx * math.cos(t), fighter.y + ry * math.sin(t), max(0.0, box.z0))
        for t in _turns()
    ]
    dome = [
        camera.point(
            cx + rx * math.cos(t), fighter.y, box.z0 + (box.z1 - box.z0) * max(0.0, math.sin(t))
        )
        for t in _turns()
    ]
    fill_translucent(surface, dome, colour, 46)
    fill_translucent(surface, ring, bright, 80)
    pygame.draw.lines(surface, bright, True, ring, 3)
    pygame.draw.lines(surface, mix(colour, PAPER, 0.5), False, dome[: len(dome) // 2 + 1], 2)


def _half_turn() -> list[float]:
    return [math.radians(angle) for angle in range(-90, 91, 15)]


def _turns() -> list[float]:
    return [math.radians(angle) for angle in range(0, 361, 20)]
