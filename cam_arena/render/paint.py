"""Translucent and glowing shapes, and text. Sprites and texts are kept once drawn."""

import functools
import math
from collections.abc import Sequence
from typing import Final

import pygame

from .colours import INK, PAPER, Colour, shade
from .figure import Point

__all__ = ["draw_text", "fill_translucent", "glow", "text_surface", "wrap_text"]

_GLOW_STEPS: Final = 14


@functools.cache
def _font(size: int) -> pygame.font.Font:
    if not pygame.font.get_init():
        pygame.font.init()
    return pygame.font.Font(None, size)


def _write(text: str, size: int, colour: Colour) -> pygame.Surface:
    try:
        return _font(size).render(text, True, colour)
    except pygame.error:  # somebody called pygame.quit(), which no font survives
        _font.cache_clear()
        return _font(size).render(text, True, colour)


@functools.lru_cache(maxsize=512)
def text_surface(text: str, size: int, colour: Colour = PAPER, edge: int = 1) -> pygame.Surface:
    """Return text with an ink edge of `edge` pixels."""
    front = _write(text, size, colour)
    if edge == 0:
        return front
    back = _write(text, size, INK)
    surface = pygame.Surface(
        (front.get_width() + 2 * edge, front.get_height() + 2 * edge), pygame.SRCALPHA
    )
    for dx in (0, edge, 2 * edge):
        for dy in (0, edge, 2 * edge):
            surface.blit(back, (dx, dy))
    surface.blit(front, (edge, edge))
    return surface


def wrap_text(text: str, size: int, width: int, edge: int = 1) -> list[str]:
    """Break text into lines of at most `width` pixels; a single longer word stays whole."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_surface(longer, size, edge=edge).get_width() <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def draw_text(
    surface: pygame.Surface,
    text: str,
    place: Point,
    size: int,
    colour: Colour = PAPER,
    *,
    align: float = 0.0,
    edge: int = 1,
    alpha: int = 255,
) -> None:
    """Draw text with its top at `place`: align 0 its left end, 0.5 its middle, 1 its right."""
    image = text_surface(text, size, colour, edge)
    image.set_alpha(alpha)
    surface.blit(image, (place[0] - align * image.get_width(), place[1]))


@functools.lru_cache(maxsize=256)
def _glow_sprite(radius: int, colour: Colour) -> pygame.Surface:
    sprite = pygame.Surface((2 * radius, 2 * radius))
    steps = max(_GLOW_STEPS, radius // 3)
    for step in range(steps):
        share = (step + 1) / steps
        pygame.draw.circle(
            sprite, shade(colour, share**2), (radius, radius), radius * (1.0 - share * 0.92)
        )
    return sprite


def glow(surface: pygame.Surface, centre: Point, radius: float, colour: Colour) -> None:
    """Add light around a point."""
    size = max(2, round(radius / 3.0) * 3)
    sprite = _glow_sprite(size, colour)
    surface.blit(sprite, (centre[0] - size, centre[1] - size), special_flags=pygame.BLEND_RGB_ADD)


def fill_translucent(
    surface: pygame.Surface, points: Sequence[Point], colour: Colour, alpha: int
) -> None:
    """Fill a polygon, letting what lies behind show through."""
    left = math.floor(min(x for x, _ in points))
    top = math.floor(min(y for _, y in points))
    width = math.ceil(max(x for x, _ in points)) - left + 1
    height = math.ceil(max(y for _, y in points)) - top + 1
    area = pygame.Rect(left, top, width, height).clip(surface.get_rect())
    if area.width <= 0 or area.height <= 0:
        return
    layer = pygame.Surface(area.size, pygame.SRCALPHA)
    pygame.draw.polygon(layer, (*colour, alpha), [(x - area.left, y - area.top) for x, y in points])
    surface.blit(layer, area)
