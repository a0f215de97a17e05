"""Small pictures: the buttons with their cooldowns, and the effects on a fighter."""

import math
from typing import Final

import pygame

from ..roster.codes import Button, Effect
from .colours import INK, PAPER, Colour, mix, shade
from .figure import Point
from .frame import ActiveEffect
from .glyphs import GLYPH_OF, GLYPHS
from .paint import draw_text, fill_translucent, text_surface

__all__ = ["EFFECT_SIGNS", "draw_button_icon", "draw_effect_icon", "draw_glyph"]

_GOOD: Final[Colour] = (92, 176, 112)
_BAD: Final[Colour] = (188, 70, 84)

EFFECT_SIGNS: Final[dict[Effect, tuple[str, bool]]] = {
    Effect.MIGHT: ("ATK", True),
    Effect.FRAIL: ("ATK", False),
    Effect.GUARDED: ("DEF", True),
    Effect.EXPOSED: ("DEF", False),
    Effect.HASTE: ("RUN", True),
    Effect.SLOW: ("RUN", False),
    Effect.TEMPO_UP: ("TMP", True),
    Effect.TEMPO_DOWN: ("TMP", False),
    Effect.REGEN: ("HP", True),
    Effect.BLEED: ("BLD", False),
    Effect.BURN: ("BRN", False),
    Effect.VENOM: ("VNM", False),
    Effect.SHIELD: ("SHD", True),
    Effect.ARMOUR: ("ARM", True),
    Effect.THORNS: ("THN", True),
    Effect.LEECH: ("LCH", True),
    Effect.ROOT: ("ROOT", False),
    Effect.STUN: ("STUN", False),
    Effect.FREEZE: ("ICE", False),
    Effect.HUSH: ("HUSH", False),
    Effect.SEAL: ("SEAL", False),
    Effect.WEIGHTED: ("HVY", False),
    Effect.FEATHERLIGHT: ("LGT", True),
    Effect.REVERSED: ("REV", False),
    Effect.MARKED: ("MRK", False),
    Effect.VEIL: ("VEIL", True),
    Effect.UNSTOPPABLE: ("FREE", True),
    Effect.SPARKFLOW: ("SPK", True),
    Effect.DRAIN: ("SPK", False),
    Effect.QUICKEN: ("CD", True),
    Effect.LAG: ("CD", False),
    Effect.DEATHWARD: ("WARD", True),
}
"""Short word for each effect and whether it helps who has it."""


def draw_effect_icon(surface: pygame.Surface, box: pygame.Rect, active: ActiveEffect) -> None:
    """Draw an effect: green helps, red hurts; below it the seconds left."""
    word, helps = EFFECT_SIGNS[active.effect]
    colour = _GOOD if helps else _BAD
    pygame.draw.rect(surface, INK, box.inflate(2, 2), border_radius=5)
    pygame.draw.rect(surface, shade(colour, 0.75), box, border_radius=4)
    arrow = [
        (box.centerx - 4, box.top + 6),
        (box.centerx + 4, box.top + 6),
        (box.centerx, box.top + 1),
    ]
    if not helps:
        arrow = [(x, 2 * box.top + 7 - y) for x, y in arrow]
    pygame.draw.polygon(surface, mix(colour, PAPER, 0.7), arrow)
    draw_text(
        surface,
        word,
        (box.centerx, box.top + 8),
        14 if len(word) < 4 else 12,
        PAPER,
        align=0.5,
        edge=0,
    )
    seconds = active.ticks_left / 30
    text = f"{seconds:.0f}" if seconds >= 1 else "<1"
    draw_text(
        surface,
        text if active.stacks < 2 else f"{active.stacks}x",
        (box.centerx, box.top + 16),
        15,
        (255, 236, 170),
        align=0.5,
        edge=0,
    )


def draw_button_icon(
    surface: pygame.Surface,
    box: pygame.Rect,
    button: Button,
    archetype: str,
    *,
    key: str,
    colour: Colour,
    cooldown: int,
    share: float,
    affordable: bool,
    charges: tuple[int, int] = (1, 1),
) -> None:
    """Draw one button of a fighter.

    Args:
        surface: where to.
        box: the place.
        button: which.
        archetype: of its move; chooses the glyph.
        key: label of the keyboard key.
        colour: the character's.
        cooldown: ticks left.
        share: of the whole cooldown, in [0, 1].
        affordable: whether its cost is there.
        charges: uses that are there, and at most; drawn where there can be more than one.
    """
    ready = affordable and (cooldown == 0 or charges[0] > 0)
    back = mix(shade(colour, 0.55), (30, 28, 48), 0.35) if ready else (44, 42, 58)
    pygame.draw.rect(surface, INK, box.inflate(4, 4), border_radius=8)
    pygame.draw.rect(surface, back, box, border_radius=6)
    tone = PAPER if ready else (120, 116, 130)
    if button == Button.SCROLL:
        draw_glyph(surface, box, "scroll", tone)
    elif button == Button.COMPANION_A:
        draw_glyph(surface, box, "paw", tone)
    else:
        draw_glyph(surface, box, GLYPH_OF[archetype], tone)
    if cooldown > 0 and ready:
        pygame.draw.rect(
            surface, mix(colour, PAPER, 0.5), (box.left, box.bottom - 3, box.width * (1 - share), 3)
        )
    elif cooldown > 0:
        _draw_sweep(surface, box, share)
        text = f"{cooldown / 30:.0f}" if cooldown >= 30 else f".{cooldown // 3}"
        draw_text(surface, text, (box.centerx, box.centery - 9), 26, PAPER, align=0.5)
    frame = (
        (255, 214, 90)
        if ready and button == Button.ULTIMATE
        else mix(colour, PAPER, 0.3)
        if ready
        else (84, 80, 98)
    )
    pygame.draw.rect(surface, frame, box, 2, border_radius=6)
    label = text_surface(
        key, 16 if len(key) < 5 else 14, (255, 236, 170) if ready else (150, 146, 160), 0
    )
    plate = pygame.Rect(box.left - 2, box.top - 6, label.get_width() + 5, 13)
    pygame.draw.rect(surface, INK, plate, border_radius=3)
    surface.blit(label, (box.left + 1, box.top - 5))
    if charges[1] > 1:
        _draw_charges(surface, box, charges)


def _draw_charges(surface: pygame.Surface, box: pygame.Rect, charges: tuple[int, int]) -> None:
    """A pip for each use, lit while it is there."""
    for i in range(charges[1]):
        centre = (box.right - 4 - 8 * (charges[1] - 1 - i), box.top - 1)
        pygame.draw.circle(surface, INK, centre, 5)
        pygame.draw.circle(surface, (255, 224, 120) if i < charges[0] else (70, 66, 84), centre, 3)


def _draw_sweep(surface: pygame.Surface, box: pygame.Rect, share: float) -> None:
    """Cover the part of the cooldown that is left, clockwise from the top."""
    share = min(1.0, share)
    centre = box.center
    points: list[Point] = [centre]
    steps = max(2, round(24 * share))
    for i in range(steps + 1):
        angle = 2 * math.pi * (1.0 - share + share * i / steps) - math.pi / 2
        reach = (box.width / 2) / max(abs(math.cos(angle)), abs(math.sin(angle)))
        points.append((centre[0] + reach * math.cos(angle), centre[1] + reach * math.sin(angle)))
    fill_translucent(surface, points, (8, 8, 16), 165)


def draw_glyph(surface: pygame.Surface, box: pygame.Rect, sign: str, colour: Colour) -> None:
    """Draw a sign of `GLYPHS` in a box."""
    half = box.width * 0.36
    for part in GLYPHS[sign]:
        pygame.draw.polygon(
            surface, colour, [(box.centerx + x * half, box.centery + 1 + y * half) for x, y in part]
        )
