"""Small pictures: the buttons with their cooldowns, and the effects on a fighter."""

import math
from typing import Final

import pygame

from ..roster.codes import Button, Effect
from .colours import INK, PAPER, Colour, mix, shade
from .figure import Point
from .frame import ActiveEffect
from .paint import draw_text, fill_translucent, text_surface

__all__ = ["EFFECT_SIGNS", "draw_button_icon", "draw_effect_icon"]

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
    """
    ready = cooldown == 0 and affordable
    back = mix(shade(colour, 0.55), (30, 28, 48), 0.35) if ready else (44, 42, 58)
    pygame.draw.rect(surface, INK, box.inflate(4, 4), border_radius=8)
    pygame.draw.rect(surface, back, box, border_radius=6)
    tone = PAPER if ready else (120, 116, 130)
    _draw_glyph(surface, box, button, archetype, tone)
    if cooldown > 0:
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


_GLYPHS: Final[dict[str, tuple[tuple[tuple[float, float], ...], ...]]] = {
    "blade": (((-0.7, 0.6), (-0.5, 0.7), (0.75, -0.5), (0.8, -0.8), (0.5, -0.75)),),
    "arrow": (
        ((-0.8, -0.2), (0.1, -0.2), (0.1, -0.6), (0.85, 0.0), (0.1, 0.6), (0.1, 0.2), (-0.8, 0.2)),
    ),
    "up": (
        (
            (-0.2, 0.8),
            (-0.2, -0.1),
            (-0.6, -0.1),
            (0.0, -0.85),
            (0.6, -0.1),
            (0.2, -0.1),
            (0.2, 0.8),
        ),
    ),
    "down": (
        ((-0.2, -0.8), (-0.2, 0.1), (-0.6, 0.1), (0.0, 0.85), (0.6, 0.1), (0.2, 0.1), (0.2, -0.8)),
    ),
    "orb": (
        (
            (0.0, -0.6),
            (0.42, -0.42),
            (0.6, 0.0),
            (0.42, 0.42),
            (0.0, 0.6),
            (-0.42, 0.42),
            (-0.6, 0.0),
            (-0.42, -0.42),
        ),
    ),
    "fan": (
        ((-0.8, 0.0), (0.7, -0.75), (0.35, -0.15)),
        ((-0.8, 0.0), (0.85, 0.0), (0.4, 0.16)),
        ((-0.8, 0.0), (0.7, 0.75), (0.3, 0.45)),
    ),
    "beam": (((-0.85, -0.3), (0.85, -0.12), (0.85, 0.12), (-0.85, 0.3)),),
    "trap": (
        ((-0.8, 0.6), (-0.5, -0.5), (-0.2, 0.2), (0.0, -0.75), (0.2, 0.2), (0.5, -0.5), (0.8, 0.6)),
    ),
    "ring": (
        ((-0.8, 0.2), (-0.4, -0.1), (0.4, -0.1), (0.8, 0.2), (0.4, 0.55), (-0.4, 0.55)),
        ((-0.15, -0.2), (0.0, -0.8), (0.15, -0.2)),
    ),
    "wall": (
        ((-0.7, -0.7), (-0.1, -0.7), (-0.1, 0.7), (-0.7, 0.7)),
        ((0.1, -0.7), (0.7, -0.7), (0.7, 0.7), (0.1, 0.7)),
    ),
    "shield": (
        ((-0.65, -0.6), (0.0, -0.8), (0.65, -0.6), (0.55, 0.25), (0.0, 0.85), (-0.55, 0.25)),
    ),
    "hand": (
        (
            (-0.5, 0.75),
            (-0.7, 0.0),
            (-0.45, -0.1),
            (-0.4, -0.7),
            (-0.2, -0.7),
            (-0.1, -0.85),
            (0.1, -0.85),
            (0.2, -0.7),
            (0.4, -0.7),
            (0.5, 0.1),
            (0.75, -0.1),
            (0.8, 0.1),
            (0.4, 0.75),
        ),
    ),
    "pull": (
        ((0.8, -0.2), (0.0, -0.2), (0.0, -0.6), (-0.8, 0.0), (0.0, 0.6), (0.0, 0.2), (0.8, 0.2)),
    ),
    "burst": (
        (
            (0.0, -0.9),
            (0.2, -0.3),
            (0.75, -0.65),
            (0.35, -0.1),
            (0.9, 0.2),
            (0.3, 0.25),
            (0.4, 0.85),
            (0.0, 0.4),
            (-0.4, 0.85),
            (-0.3, 0.25),
            (-0.9, 0.2),
            (-0.35, -0.1),
            (-0.75, -0.65),
            (-0.2, -0.3),
        ),
    ),
    "plus": (
        (
            (-0.2, -0.75),
            (0.2, -0.75),
            (0.2, -0.2),
            (0.75, -0.2),
            (0.75, 0.2),
            (0.2, 0.2),
            (0.2, 0.75),
            (-0.2, 0.75),
            (-0.2, 0.2),
            (-0.75, 0.2),
            (-0.75, -0.2),
            (-0.2, -0.2),
        ),
    ),
    "eye": (((-0.85, 0.0), (-0.3, -0.45), (0.3, -0.45), (0.85, 0.0), (0.3, 0.45), (-0.3, 0.45)),),
    "smoke": (
        (
            (-0.7, 0.5),
            (-0.8, 0.0),
            (-0.45, -0.2),
            (-0.3, -0.65),
            (0.2, -0.7),
            (0.4, -0.3),
            (0.8, -0.1),
            (0.75, 0.45),
            (0.3, 0.6),
            (-0.2, 0.55),
        ),
    ),
    "scroll": (
        (
            (-0.75, -0.6),
            (0.55, -0.6),
            (0.75, -0.35),
            (0.55, -0.2),
            (0.55, 0.65),
            (-0.55, 0.65),
            (-0.75, 0.4),
            (-0.55, 0.3),
            (-0.55, -0.3),
        ),
    ),
    "paw": (
        ((-0.35, 0.7), (-0.5, 0.25), (0.0, 0.0), (0.5, 0.25), (0.35, 0.7)),
        ((-0.75, 0.1), (-0.75, -0.25), (-0.45, -0.05)),
        ((-0.35, -0.2), (-0.3, -0.75), (-0.05, -0.25)),
        ((0.1, -0.25), (0.3, -0.75), (0.4, -0.15)),
        ((0.5, 0.0), (0.75, -0.25), (0.8, 0.1)),
    ),
}
_GLYPH_OF: Final[dict[str, str]] = {
    "lunge": "arrow",
    "rush": "arrow",
    "dash": "arrow",
    "armoured_charge": "arrow",
    "launcher": "up",
    "slam": "down",
    "meteor": "down",
    "dive": "down",
    "sweep": "ring",
    "grab": "hand",
    "grab_string": "hand",
    "bolt": "orb",
    "seeker": "orb",
    "lob": "orb",
    "fan": "fan",
    "beam": "beam",
    "trap": "trap",
    "zone": "ring",
    "wall": "wall",
    "pull": "pull",
    "repel": "burst",
    "counter": "shield",
    "guard": "shield",
    "reversal": "shield",
    "hold_charge": "burst",
    "empower": "up",
    "hex": "eye",
    "summon": "paw",
    "mend": "plus",
    "slip": "smoke",
}


def _draw_glyph(
    surface: pygame.Surface, box: pygame.Rect, button: Button, archetype: str, colour: Colour
) -> None:
    if button == Button.SCROLL:
        name = "scroll"
    elif button == Button.COMPANION_A:
        name = "paw"
    else:
        name = _GLYPH_OF.get(archetype, "blade")
    half = box.width * 0.36
    for part in _GLYPHS[name]:
        pygame.draw.polygon(
            surface, colour, [(box.centerx + x * half, box.centery + 1 + y * half) for x, y in part]
        )
