"""What players of fighting games ask for: boxes in the stage's space, and the frame meter."""

from typing import Final

import pygame

from ..roster.codes import EntityKind
from .camera import Camera
from .colours import INK, PAPER, SIDES, Colour, mix
from .frame import Box, EntityFrame, Frame, State
from .history import METER_TICKS, History
from .paint import draw_text, fill_translucent

__all__ = ["ENTITY_COLOURS", "METER_COLOURS", "draw_boxes", "draw_meter"]

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

_FORM: Final[Colour] = (214, 130, 255)
ENTITY_COLOURS: Final[dict[EntityKind, Colour]] = {
    EntityKind.PROJECTILE: (255, 150, 60),
    EntityKind.ZONE: (255, 110, 110),
    EntityKind.TRAP: (255, 80, 160),
    EntityKind.COMPANION: (120, 230, 140),
    EntityKind.ORBIT: (90, 220, 240),
    EntityKind.CLONE: (255, 236, 90),
}
"""Colour of the meter's lower edge while an entity of this kind strikes."""


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
            _draw_box(surface, camera, fighter.hurt, _HURT if fighter.is_open else _SAFE, 24)
        for entity in fighter.entities:
            _draw_entity_boxes(surface, camera, entity)
    for fighter in frame.fighters:
        for box in fighter.boxes:
            _draw_box(surface, camera, box, _HIT, 52)


def _draw_entity_boxes(surface: pygame.Surface, camera: Camera, entity: EntityFrame) -> None:
    """Its active hit, the body that can be struck, a marker's place, a trap's trigger."""
    if entity.body is not None:
        _draw_box(surface, camera, entity.body, _HURT, 20)
    if entity.box is not None and entity.is_striking:
        _draw_box(surface, camera, entity.box, _HIT, 60)
    if entity.kind == EntityKind.MARKER:
        for dx, dy in ((500, 0), (0, 320)):
            start = camera.point(entity.x - dx, entity.y - dy, 0)
            end = camera.point(entity.x + dx, entity.y + dy, 0)
            pygame.draw.line(surface, _PUSH, start, end, 2)
    word = entity.kind.name.lower()
    if entity.kind == EntityKind.CLONE and entity.box is None:
        word = "decoy"
    x, y = camera.point(entity.x, entity.y, entity.z)
    draw_text(surface, word, (x, y + 4), 16, PAPER, align=0.5)


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
    for colour, word in ((_FORM, "form"), *_named(ENTITY_COLOURS)):
        pygame.draw.rect(surface, colour, (x, top - 11, 9, 3))
        draw_text(surface, word, (x + 13, top - 16), 17, PAPER, edge=0)
        x += 24 + 6 * len(word)
    for row, track in enumerate(rows):
        y = top + 18 * row
        pygame.draw.rect(surface, SIDES[row], (left - 6, y, 4, 15))
        for i in range(METER_TICKS):
            index = i - (METER_TICKS - len(track.meter))
            place = (left + i * cell, y, cell - 1, 15)
            if index < 0:
                pygame.draw.rect(surface, (34, 32, 46), place)
                continue
            tick = track.meter[index]
            pygame.draw.rect(surface, METER_COLOURS[tick.state], place)
            if tick.is_in_form:
                pygame.draw.rect(surface, _FORM, (left + i * cell, y, cell, 3))
            if tick.striking is not None:
                pygame.draw.rect(surface, INK, (left + i * cell, y + 10, cell, 2))
                pygame.draw.rect(
                    surface, ENTITY_COLOURS[tick.striking], (left + i * cell, y + 12, cell, 3)
                )


def _named(colours: dict[EntityKind, Colour]) -> list[tuple[Colour, str]]:
    """The kinds that the legend names; the others are told apart by their place in the match."""
    shown = (EntityKind.PROJECTILE, EntityKind.ORBIT, EntityKind.CLONE)
    return [(colours[kind], kind.name.lower()) for kind in shown]
