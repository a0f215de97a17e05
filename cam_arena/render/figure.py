"""A drawing in figure units that becomes anti-aliased pixels: what fighters are made of.

Figure units: the origin is between the feet, x points where the figure looks, y points up, 1 is
the figure's height. Shapes are kept in a list; `render` draws them at twice the size, each with
an ink outline, and shrinks the result.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pygame

from .colours import INK, Colour, mix

__all__ = ["Figure", "Point"]

Point = tuple[float, float]
_SUPERSAMPLE: Final = 2


@dataclass(frozen=True, slots=True)
class _Shape:
    points: tuple[Point, ...]
    radii: tuple[float, ...]  # one per point: a disc there; empty for a polygon
    colour: Colour
    outline: bool


class Figure:
    """Shapes to draw, back to front."""

    def __init__(self) -> None:
        """Start empty."""
        self._shapes: list[_Shape] = []

    def limb(
        self,
        a: Point,
        b: Point,
        radius_a: float,
        radius_b: float,
        colour: Colour,
        *,
        outline: bool = True,
    ) -> None:
        """Add a rounded bar from `a` to `b` that tapers from `radius_a` to `radius_b`."""
        self._shapes.append(_Shape((a, b), (radius_a, radius_b), colour, outline))

    def disc(self, centre: Point, radius: float, colour: Colour, *, outline: bool = True) -> None:
        """Add a disc."""
        self._shapes.append(_Shape((centre,), (radius,), colour, outline))

    def polygon(self, points: Sequence[Point], colour: Colour, *, outline: bool = True) -> None:
        """Add a filled polygon."""
        self._shapes.append(_Shape(tuple(points), (), colour, outline))

    def turn(self, centre: Point, angle: float) -> None:
        """Rotate everything added so far about `centre`; degrees, positive falls forward."""
        sine, cosine = math.sin(math.radians(-angle)), math.cos(math.radians(-angle))

        def place(point: Point) -> Point:
            x, y = point[0] - centre[0], point[1] - centre[1]
            return (centre[0] + x * cosine - y * sine, centre[1] + x * sine + y * cosine)

        self._shapes = [
            _Shape(tuple(map(place, s.points)), s.radii, s.colour, s.outline) for s in self._shapes
        ]

    def shift(self, dx: float, dy: float) -> None:
        """Move everything added so far."""
        self._shapes = [
            _Shape(tuple((x + dx, y + dy) for x, y in s.points), s.radii, s.colour, s.outline)
            for s in self._shapes
        ]

    def render(
        self,
        scale: float,
        facing: int,
        *,
        outline: float = 1.6,
        tint: Colour | None = None,
        tint_share: float = 0.0,
        ink: Colour = INK,
    ) -> tuple[pygame.Surface, tuple[int, int]]:
        """Draw the figure.

        Args:
            scale: pixels per figure unit.
            facing: +1 looks to the right, -1 to the left.
            outline: pixels of ink around every outlined shape.
            tint: colour mixed into all others.
            tint_share: how much of it, in [0, 1].
            ink: colour of the outlines.

        Returns:
            A surface with transparency, and the pixel in it where the origin lies.
        """
        zoom = scale * _SUPERSAMPLE
        line = outline * _SUPERSAMPLE
        left, top, right, bottom = self._bounds(zoom, facing, line)
        width = (right - left + _SUPERSAMPLE) // _SUPERSAMPLE
        height = (bottom - top + _SUPERSAMPLE) // _SUPERSAMPLE
        big = pygame.Surface((width * _SUPERSAMPLE, height * _SUPERSAMPLE), pygame.SRCALPHA)
        # transparent ink, so that shrinking blends edges towards the outline and not towards black
        big.fill((*ink, 0))
        for shape in self._shapes:
            colour = shape.colour
            if tint is not None:
                colour = mix(colour, tint, tint_share)
            points = [(facing * zoom * x - left, -zoom * y - top) for x, y in shape.points]
            radii = [radius * zoom for radius in shape.radii]
            if shape.outline:
                _paint(big, points, radii, ink, line)
            _paint(big, points, radii, colour, 0.0)
        small = pygame.transform.smoothscale(big, (width, height))
        return small, (round(-left / _SUPERSAMPLE), round(-top / _SUPERSAMPLE))

    def _bounds(self, zoom: float, facing: int, line: float) -> tuple[int, int, int, int]:
        xs: list[float] = []
        ys: list[float] = []
        for shape in self._shapes:
            for i, (x, y) in enumerate(shape.points):
                reach = (shape.radii[i] * zoom if shape.radii else 0.0) + line + 1.0
                xs += (facing * zoom * x - reach, facing * zoom * x + reach)
                ys += (-zoom * y - reach, -zoom * y + reach)
        return math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)), math.ceil(max(ys))


def _paint(
    surface: pygame.Surface, points: list[Point], radii: list[float], colour: Colour, grow: float
) -> None:
    """Fill one shape, `grow` pixels larger on every side."""
    if not radii:
        pygame.draw.polygon(surface, colour, points)
        if grow:
            for i, point in enumerate(points):
                pygame.draw.line(surface, colour, points[i - 1], point, round(grow * 2))
                pygame.draw.circle(surface, colour, point, grow)
        return
    for point, radius in zip(points, radii, strict=True):
        pygame.draw.circle(surface, colour, point, radius + grow)
    if len(points) == 2:
        (ax, ay), (bx, by) = points
        length = math.hypot(bx - ax, by - ay)
        if length > 0.0:
            nx, ny = (ay - by) / length, (bx - ax) / length
            ra, rb = radii[0] + grow, radii[1] + grow
            corners = [
                (ax + nx * ra, ay + ny * ra),
                (bx + nx * rb, by + ny * rb),
                (bx - nx * rb, by - ny * rb),
                (ax - nx * ra, ay - ny * ra),
            ]
            pygame.draw.polygon(surface, colour, corners)
