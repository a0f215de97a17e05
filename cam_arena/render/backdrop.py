"""The place of the fight: sky, hills, a town's edge, and the stone floor with its rail."""

import itertools
import math
import random
from dataclasses import dataclass
from typing import Final

import pygame

from .camera import Camera
from .colours import Colour, mix, shade
from .paint import glow

__all__ = ["Backdrop"]


@dataclass(frozen=True, slots=True)
class _Hour:
    """Colours of one time of day."""

    high: Colour
    low: Colour
    light: Colour
    far: Colour
    near: Colour
    floor: Colour
    lamp: Colour
    is_night: bool


_HOURS: Final = (
    _Hour(
        (42, 38, 86),
        (238, 138, 104),
        (255, 214, 150),
        (98, 70, 112),
        (56, 44, 82),
        (150, 118, 108),
        (255, 190, 96),
        False,
    ),
    _Hour(
        (20, 26, 70),
        (92, 108, 172),
        (226, 234, 255),
        (62, 72, 130),
        (44, 50, 96),
        (136, 142, 172),
        (255, 196, 104),
        True,
    ),
    _Hour(
        (96, 168, 214),
        (240, 228, 196),
        (255, 250, 222),
        (118, 156, 170),
        (78, 112, 116),
        (184, 170, 146),
        (255, 170, 90),
        False,
    ),
)
_MARGIN: Final = 260  # pixels that hills and town are wider than the picture
_TILE: Final = 1024
_LEFT, _RIGHT = -8 * _TILE, 8 * _TILE
_ROWS: Final = (2700, 2048, 1024, 0, -1024, -2048, -2800)


class Backdrop:
    """Draws everything that is not in the match."""

    def __init__(self, size: tuple[int, int], seed: int) -> None:
        """Paint the layers that do not change; `seed` picks the hour and the skyline."""
        self._size = size
        self._hour = _HOURS[seed % len(_HOURS)]
        draw = random.Random(seed % 7)
        self._sky = self._paint_sky(draw)
        self._hills = self._paint_hills(draw)
        self._town = self._paint_town(draw)

    def draw(self, surface: pygame.Surface, camera: Camera, tick: int) -> None:
        """Draw the place as the camera sees it; covers the whole surface."""
        surface.blit(self._sky, (0, 0))
        horizon = camera.ground(_ROWS[0])
        turn = camera.x / 7000.0
        for layer, share in ((self._hills, 0.3), (self._town, 0.7)):
            left = -_MARGIN / 2 - turn * share * _MARGIN / 2
            surface.blit(layer, (left + camera.shake_x * share, horizon - layer.get_height() + 4))
        self._draw_rail(surface, camera, tick)
        self._draw_floor(surface, camera)

    def _paint_sky(self, draw: random.Random) -> pygame.Surface:
        width, height = self._size
        sky = pygame.Surface(self._size)
        for row in range(height):
            share = min(1.0, row / (0.66 * height))
            pygame.draw.line(
                sky, mix(self._hour.high, self._hour.low, share**1.3), (0, row), (width, row)
            )
        if self._hour.is_night:
            for _ in range(90):
                place = (draw.randrange(width), draw.randrange(height // 2))
                sky.set_at(place, shade(self._hour.light, draw.uniform(0.5, 1.0)))
        centre = (width * draw.uniform(0.3, 0.7), height * 0.34)
        glow(sky, centre, 0.30 * height, shade(self._hour.light, 0.55))
        pygame.draw.circle(sky, self._hour.light, centre, 0.075 * height)
        for _ in range(7):
            x, y = draw.uniform(0, width), draw.uniform(0.16, 0.48) * height
            colour = mix(self._hour.high, self._hour.low, min(1.0, y / (0.6 * height)) + 0.12)
            for part in range(4):
                box = pygame.Rect(0, 0, draw.uniform(70, 150), draw.uniform(5, 10))
                box.center = (round(x + part * 36 - 54), round(y + draw.uniform(-5, 5)))
                pygame.draw.ellipse(sky, colour, box)
        return sky

    def _paint_hills(self, draw: random.Random) -> pygame.Surface:
        width, height = self._size[0] + _MARGIN, round(self._size[1] * 0.46)
        layer = pygame.Surface((width, height), pygame.SRCALPHA)
        for depth, (base, size) in enumerate(((0.45, 0.30), (0.25, 0.20))):
            colour = mix(self._hour.far, self._hour.low, 0.45 - 0.3 * depth)
            waves = [(draw.uniform(0.004, 0.02), draw.uniform(0, 6.3)) for _ in range(3)]
            ridge = []
            for x in range(0, width + 12, 12):
                wave = (
                    sum(
                        math.sin(x * rate + start) / (i + 1)
                        for i, (rate, start) in enumerate(waves)
                    )
                    / 1.9
                )
                ridge.append((x, height * (1.0 - base - size * wave) + draw.uniform(-4, 4)))
            pygame.draw.polygon(layer, colour, [(0, height), *ridge, (width, height)])
        return layer

    def _paint_town(self, draw: random.Random) -> pygame.Surface:
        width, height = self._size[0] + _MARGIN, round(self._size[1] * 0.30)
        layer = pygame.Surface((width, height), pygame.SRCALPHA)
        colour = self._hour.near
        x = -20.0
        while x < width:
            wide, tall = draw.uniform(40, 90), height * draw.uniform(0.25, 0.62)
            body = pygame.Rect(round(x), round(height - tall), round(wide), round(tall))
            pygame.draw.rect(layer, colour, body)
            stories = 1 + (draw.random() < 0.35) * 2
            top = float(body.top)
            for story in range(stories):
                half = wide * (0.72 - 0.16 * story)
                middle = x + wide / 2
                roof = [
                    (middle - half, top + 3),
                    (middle - half * 0.55, top - 9),
                    (middle + half * 0.55, top - 9),
                    (middle + half, top + 3),
                ]
                pygame.draw.polygon(layer, shade(colour, 0.8), roof)
                pygame.draw.rect(layer, colour, (middle - half * 0.5, top - 22, half, 14))
                top -= 22
            for _ in range(round(tall / 18)):
                window = (x + draw.uniform(5, wide - 10), height - draw.uniform(8, tall - 4), 4, 6)
                if draw.random() < 0.6:
                    pygame.draw.rect(
                        layer,
                        mix(colour, self._hour.lamp, 0.85 if self._hour.is_night else 0.4),
                        window,
                    )
            x += wide + draw.uniform(-6, 26)
        return layer

    def _draw_rail(self, surface: pygame.Surface, camera: Camera, tick: int) -> None:
        back = _ROWS[0]
        colour = mix(self._hour.near, self._hour.floor, 0.35)
        scale = camera.scale(back)
        left, ground = camera.point(_LEFT, back, 0)
        right, top = camera.point(_RIGHT, back, 620)
        pygame.draw.rect(surface, shade(colour, 0.8), (left, top, right - left, ground - top + 2))
        pygame.draw.rect(
            surface, shade(colour, 1.25), (left, top, right - left, max(3, 90 * scale))
        )
        for i in range(-7, 8):
            x, _ = camera.point(i * _TILE, back, 0)
            post = pygame.Rect(0, 0, 300 * scale, 1000 * scale)
            post.midbottom = (round(x), round(ground))
            pygame.draw.rect(surface, colour, post)
            pygame.draw.rect(
                surface,
                shade(colour, 1.35),
                (post.left - 2, post.top, post.width + 4, max(2, 110 * scale)),
            )
            pygame.draw.rect(
                surface,
                shade(colour, 0.65),
                (post.right - post.width // 4, post.top, post.width // 4, post.height),
            )
            if i % 2:
                sway = 2.0 * math.sin(tick * 0.05 + i)
                lamp = (x + sway, post.top - 260 * scale)
                pygame.draw.line(
                    surface, shade(colour, 0.5), (x, post.top), (x, post.top - 520 * scale), 2
                )
                pygame.draw.line(
                    surface,
                    shade(colour, 0.5),
                    (x, post.top - 520 * scale),
                    (lamp[0], lamp[1] - 8),
                    1,
                )
                glow(surface, lamp, 26, shade(self._hour.lamp, 0.5))
                pygame.draw.ellipse(surface, self._hour.lamp, (lamp[0] - 6, lamp[1] - 8, 12, 16))
                pygame.draw.rect(surface, shade(colour, 0.5), (lamp[0] - 4, lamp[1] - 10, 8, 3))
                pygame.draw.rect(surface, shade(colour, 0.5), (lamp[0] - 4, lamp[1] + 7, 8, 3))

    def _draw_floor(self, surface: pygame.Surface, camera: Camera) -> None:
        stone = self._hour.floor
        for row, (far, near) in enumerate(itertools.pairwise(_ROWS)):
            depth = row / (len(_ROWS) - 1)
            base = mix(shade(mix(stone, self._hour.near, 0.45), 0.9), stone, depth)
            inside = -2048 <= near and far <= 2048
            if not inside:
                base = shade(base, 0.72)
            y_far, y_near = camera.ground(far), camera.ground(near)
            if near == _ROWS[-1]:
                y_near = camera.height + 20
            pygame.draw.rect(surface, base, (0, y_far, camera.width, y_near - y_far + 2))
            if not inside:
                continue
            for column in range(-6, 6):
                if (row + column) % 2:
                    continue
                corners = [
                    camera.point(column * _TILE, far, 0),
                    camera.point((column + 1) * _TILE, far, 0),
                    camera.point((column + 1) * _TILE, near, 0),
                    camera.point(column * _TILE, near, 0),
                ]
                pygame.draw.polygon(surface, shade(base, 1.09), corners)
        for sign in (-1, 1):
            side = [camera.point(sign * 6144, 2048, 0), camera.point(sign * 6144, -2048, 0)]
            rest = [camera.point(sign * 9000, -2048, 0), camera.point(sign * 9000, 2048, 0)]
            pygame.draw.polygon(surface, mix(shade(stone, 0.62), self._hour.near, 0.3), side + rest)
        self._draw_border(surface, camera)

    def _draw_border(self, surface: pygame.Surface, camera: Camera) -> None:
        gold = mix(self._hour.lamp, self._hour.floor, 0.35)
        corners = [
            camera.point(x, y, 0)
            for x, y in ((-6144, 2048), (6144, 2048), (6144, -2048), (-6144, -2048))
        ]
        pygame.draw.lines(surface, shade(gold, 0.55), True, corners, 5)
        pygame.draw.lines(surface, gold, True, corners, 2)
        middle_x, middle_y = camera.point(0, 0, 0)
        scale = camera.scale(0)
        for size in (1500, 1380):
            ring = pygame.Rect(0, 0, 2 * size * scale, camera.ground(-size) - camera.ground(size))
            ring.center = (round(middle_x), round(middle_y + 2))
            pygame.draw.ellipse(surface, mix(gold, self._hour.floor, 0.45), ring, 2)
