"""What players of fighting games ask for: boxes in the stage's space, and the frame meter."""

from typing import Final

import pygame

from .camera import Camera
from .colours import INK, PAPER, SIDES, Colour, mix
from .frame import Box, Frame, State
from .history import METER_TICKS, History
from .paint import draw_text, fill_translucent

__all__ = ["METER_COLOURS", "draw_boxes", "draw_meter"]

_HURT: Final[Colour] = (70, 210, 110)
_SAFE: Final[Colour] = (120, 150, 255)
_HIT: Final[Colour] = (255, 60, 60)
_PUSH: Final[Colour] = (250, 220, 70)

METER_COLOURS: Final[dict[State, Colour]] = {
    State.NEUTRAL: (62, 66, 84),
    State.WALK: (84, 92, 116),
    State.STARTUP: (84, 196, 110),
    State.ACTIVE: (232, 66, 66),
    State.RECOVERY: (74, 128, 226),
    State.HOLD: (160, 214, 90),
    State.HITSTUN: (240, 196, 60),
    State.LAUNCHED: (242, 150, 50),
    State.WALLBOUNCE: (242, 120, 50),
    State.KNOCKDOWN: (168, 112, 68),
    State.RISING: (136, 128, 96),
    State.GRABBED: (206, 100, 226),
    State.FROZEN: (150, 220, 250),
    State.BLOCKSTUN: (196, 200, 220),
    State.SLIP: (250, 250, 250),
    State.KO: (30, 26, 34),
}


def draw_boxes(surface: pygame.Surface, camera: Camera, frame: Frame) -> None:
    """Draw hurt boxes, bodies that push, and active hits, in the stage's perspective."""
    for fighter in frame.fighters:
        if fighter.push is not None:
            box = fighter.push
            corners = [
                camera.point(x, y, box.z0)
                for x, y in ((box.x0, box.y1), (box.x1, box.y1), (box.x1, box.y0), (box.x0, box.y0))
            ]
            pygame.draw.lines(surface, _PUSH, True, corners, 2)
        if fighter.hurt is not None:
            _draw_box(
                surface, camera, fighter.hurt, _SAFE if fighter.is_invulnerable else _HURT, 24
            )
        for entity in fighter.entities:
            if entity.box is not None and entity.is_striking:
                _draw_box(surface, camera, entity.box, _HIT, 60)
            elif entity.hp > 0:
                half, deep = (entity.radius, 2 * entity.radius) if entity.kind == 3 else (300, 220)
                body = Box(
                    entity.x - half,
                    entity.x + half,
                    entity.y - deep,
                    entity.y + deep,
                    entity.z,
                    entity.z + entity.body_height,
                )
                _draw_box(surface, camera, body, _HURT, 20)
    for fighter in frame.fighters:
        for box in fighter.boxes:
            _draw_box(surface, camera, box, _HIT, 52)


def _draw_box(
    surface: pygame.Surface, camera: Camera, box: Box, colour: Colour, alpha: int
) -> None:
    near = [
        camera.point(x, box.y0, z)
        for x, z in ((box.x0, box.z0), (box.x1, box.z0), (box.x1, box.z1), (box.x0, box.z1))
    ]
    far = [
        camera.point(x, box.y1, z)
        for x, z in ((box.x0, box.z0), (box.x1, box.z0), (box.x1, box.z1), (box.x0, box.z1))
    ]
    pygame.draw.lines(surface, mix(colour, INK, 0.35), True, far, 1)
    for a, b in zip(near, far, strict=True):
        pygame.draw.line(surface, mix(colour, INK, 0.2), a, b, 1)
    fill_translucent(surface, near, colour, alpha)
    pygame.draw.lines(surface, colour, True, near, 2)


def draw_meter(surface: pygame.Surface, history: History) -> None:
    """Draw a cell per tick and fighter, the newest on the right, coloured by what it did."""
    width, height = surface.get_size()
    cell = min(12, (width - 140) // METER_TICKS)
    rows = history.tracks[: len(SIDES)]
    left = (width - METER_TICKS * cell) // 2
    top = height - 100
    pygame.draw.rect(
        surface,
        INK,
        (left - 6, top - 20, METER_TICKS * cell + 12, 22 + 18 * len(rows)),
        border_radius=4,
    )
    legend = (
        (State.STARTUP, "startup"),
        (State.ACTIVE, "active"),
        (State.RECOVERY, "recovery"),
        (State.HITSTUN, "stun"),
        (State.LAUNCHED, "air"),
        (State.KNOCKDOWN, "down"),
    )
    x = left
    for state, word in legend:
        pygame.draw.rect(surface, METER_COLOURS[state], (x, top - 14, 9, 9))
        draw_text(surface, word, (x + 13, top - 16), 17, PAPER, edge=0)
        x += 26 + 7 * len(word)
    for row, track in enumerate(rows):
        y = top + 18 * row
        pygame.draw.rect(surface, SIDES[row], (left - 6, y, 4, 15))
        for i in range(METER_TICKS):
            index = i - (METER_TICKS - len(track.meter))
            colour = METER_COLOURS[track.meter[index]] if index >= 0 else (34, 32, 46)
            pygame.draw.rect(surface, colour, (left + i * cell, y, cell - 1, 15))
