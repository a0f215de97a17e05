"""What contact looks like: sparks, marks of guard and armour, damage numbers."""

import math

import pygame

from .camera import Camera
from .colours import INK, PAPER, Colour, mix, shade
from .figure import Point
from .frame import FighterFrame, Frame, Mark
from .history import Number
from .paint import draw_text, fill_translucent, glow, text_surface

__all__ = ["draw_mark", "draw_numbers", "tint_of"]

_MARK_TICKS = 11
_WORD_TICKS = 22
_WORDS: dict[Mark, tuple[str, Colour]] = {
    Mark.COUNTER: ("COUNTER", (255, 92, 70)),
    Mark.ARMOUR: ("ARMOUR", (255, 204, 90)),
    Mark.GUARD: ("GUARD", (120, 190, 255)),
    Mark.PARRY: ("PARRY", (150, 255, 240)),
    Mark.GRAB: ("GRAB", (224, 130, 255)),
    Mark.TECH: ("TECH", (150, 255, 140)),
    Mark.SLIP: ("SLIP", (214, 226, 240)),
    Mark.DEATHWARD: ("DEATHWARD", (255, 226, 120)),
}


def draw_mark(
    surface: pygame.Surface, camera: Camera, fighter: FighterFrame, colour: Colour
) -> None:
    """Draw the last mark of a fighter while it is fresh; `colour` is that of whoever struck."""
    age = fighter.mark_age
    if fighter.mark == Mark.NONE or not 0 <= age < _WORD_TICKS:
        return
    centre = camera.point(fighter.mark_x, fighter.mark_y, fighter.mark_z)
    if fighter.mark != Mark.SLIP and age < _MARK_TICKS:
        _draw_contact(
            surface, fighter.mark, centre, age, colour, 1.0 + 0.05 * min(8, fighter.combo_hits)
        )
    word = _WORDS.get(fighter.mark)
    if word is not None and age < _WORD_TICKS:
        size = 30 if age > 2 else 40
        draw_text(
            surface,
            word[0],
            (centre[0], centre[1] - 46 - age * 1.2),
            size,
            word[1],
            align=0.5,
            edge=2,
            alpha=255 if age < 14 else 255 - (age - 14) * 28,
        )


def _draw_contact(
    surface: pygame.Surface, mark: Mark, centre: Point, age: int, colour: Colour, size: float
) -> None:
    grow = (age + 1) / _MARK_TICKS
    fade = 1.0 - age / _MARK_TICKS
    if mark in (Mark.HIT, Mark.COUNTER):
        tone = (255, 96, 60) if mark == Mark.COUNTER else mix(colour, (255, 236, 150), 0.5)
        glow(surface, centre, 60 * size * fade + 8, shade(tone, 0.55))
        _draw_star(surface, centre, (30 + 26 * grow) * size, fade, tone, age)
        if age < 6:
            _draw_star(surface, centre, (18 + 12 * grow) * size, fade, (255, 255, 255), age + 3)
    elif mark == Mark.ARMOUR:
        points = [
            (centre[0] + 34 * math.cos(math.radians(a)), centre[1] + 34 * math.sin(math.radians(a)))
            for a in range(0, 360, 60)
        ]
        fill_translucent(surface, points, (255, 204, 90), round(120 * fade))
        pygame.draw.lines(surface, (255, 226, 150), True, points, 3)
    elif mark in (Mark.GUARD, Mark.PARRY):
        tone = _WORDS[mark][1]
        glow(surface, centre, 50 * fade + 6, tone)
        for radius in (22 + 14 * grow, 32 + 18 * grow):
            pygame.draw.circle(surface, tone, centre, radius, 3)
        if mark == Mark.PARRY:
            _draw_star(surface, centre, 62 * grow + 20, fade, PAPER, 0)
    elif mark in (Mark.GRAB, Mark.TECH):
        tone = _WORDS[mark][1]
        for i in range(3):
            radius = max(4.0, (44 - 10 * i) * (1.0 - 0.45 * grow))
            pygame.draw.circle(surface, tone, centre, radius, 3)
    elif mark == Mark.DEATHWARD:
        glow(surface, centre, 110 * fade + 10, (255, 220, 110))
        _draw_star(surface, centre, 80, fade, (255, 244, 190), 1)


def _draw_star(
    surface: pygame.Surface, centre: Point, size: float, fade: float, colour: Colour, turn: int
) -> None:
    points = []
    for i in range(16):
        long = size * (1.0 if i % 4 == 0 else 0.66)
        radius = long if i % 2 == 0 else size * 0.26 * (0.4 + fade)
        angle = i * math.pi / 8 + turn * 0.23
        points.append((centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)))
    fill_translucent(surface, points, colour, round(90 + 165 * fade))


def draw_numbers(
    surface: pygame.Surface, camera: Camera, numbers: list[Number], frame: Frame
) -> None:
    """Draw how much HP went where."""
    for i, number in enumerate(numbers):
        age = frame.tick - number.born
        x, y = camera.point(number.x, number.y, number.z)
        big = abs(number.amount) >= 500
        colour: Colour = (
            (150, 255, 140)
            if number.amount < 0
            else (255, 120, 92)
            if number.is_counter
            else (255, 240, 200)
        )
        size = (34 if big else 26) + (6 if age < 3 else 0)
        text = f"+{-number.amount}" if number.amount < 0 else str(number.amount)
        image = text_surface(text, size, colour, 2)
        image.set_alpha(255 if age < 18 else max(0, 255 - (age - 18) * 26))
        drift = 14 * (i % 3 - 1)
        surface.blit(
            image, (x - image.get_width() / 2 + drift, y - 20 - 2.0 * age - (16 if big else 0))
        )


def tint_of(fighter: FighterFrame, tick: int) -> tuple[Colour | None, float]:
    """Colour that a fighter's body takes on for a moment, and how much of it."""
    names = {active.effect.name for active in fighter.effects}
    if fighter.hitstop > 0 and fighter.combo_hits and fighter.mark_age < 3:
        return (255, 255, 255), 0.5
    if "FREEZE" in names:
        return (140, 214, 255), 0.62
    if fighter.has_armour and fighter.is_acting:
        return (255, 206, 96), 0.25 + 0.2 * (tick % 4 < 2)
    if fighter.protection >= 1000:
        return (255, 70, 60), 0.35 * (tick % 6 < 3)
    if fighter.protection >= 700:
        return (255, 214, 70), 0.30 * (tick % 6 < 3)
    if "BURN" in names:
        return (255, 120, 40), 0.22 * (tick % 8 < 4)
    if "VENOM" in names:
        return (150, 220, 70), 0.22 * (tick % 8 < 4)
    if "STUN" in names:
        return INK, 0.2
    return None, 0.0
