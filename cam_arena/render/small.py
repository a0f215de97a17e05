"""Small pictures for learners: all fighters, entities, HP and sparks in 84 x 84 pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pygame
from numpy.typing import NDArray

from ..roster import Roster
from ..roster.codes import EntityKind
from .appearance import appearance
from .colours import INK, PAPER, SIDES, Colour, mix, parse
from .frame import Box, EntityFrame, FighterFrame, State, read_frame

__all__ = ["SmallPicture"]

_LEAST_SPAN: Final = 5200.0  # su from top to bottom when the fighters are close
_MARGIN: Final = 3000.0  # su beside the outer fighters
_POST: Final = 2048  # su between the marks that tell where on the stage the picture is
_DEPTH: Final = 2048.0  # su, half the stage's depth
_SKY: Final = (34, 32, 52)
_FLOOR: Final = (66, 62, 78)
_SEAM: Final = (88, 84, 102)
_SPARK: Final = (255, 214, 64)
_STRIKE: Final = (255, 150, 40)
_GUARD: Final = (150, 216, 255)
_DOWN: Final = (State.KNOCKDOWN, State.KO)
_STUNNED: Final = (
    State.HITSTUN,
    State.LAUNCHED,
    State.WALLBOUNCE,
    State.GRABBED,
    State.FROZEN,
)
_SPARKS: Final = 16000  # CAM_SPARK_MAX


@dataclass(slots=True)
class _Eye:
    """From the stage, as one side sees it, to pixels."""

    width: int
    height: int
    mirror: int  # -1 where the own side starts on the right
    x: float  # su in the middle of the picture, mirrored
    scale: float  # pixels per su

    def column(self, x: float) -> float:
        return self.width / 2 + (self.mirror * x - self.x) * self.scale

    def floor(self, y: float) -> float:
        """Row of the floor at a depth; further away is higher."""
        return self.height * (0.80 - 0.15 * y / _DEPTH)


class SmallPicture:
    """Draws states as one side sees them: itself blue, as if it had begun on the left.

    A bar and four pips show HP and sparks, one's own on the left and the nearest standing
    opponent's on the right; the line under them is the time left. Orange boxes are active hits, a
    yellow dot over a fighter is a move's startup, a pale body is stunned, a white frame is
    invulnerable. Posts stand every two bodies of the stage.

    Args:
        roster: what the states' characters are from.
        size: width and height, pixels.
    """

    def __init__(self, roster: Roster, size: tuple[int, int]) -> None:
        self._roster = roster
        self._surface = pygame.Surface(size)
        self._bodies = [appearance(c.name, c.palette, c.silhouette).main for c in roster]
        self._entities = [parse(entity.colour) for entity in roster.entity_types]

    def draw(
        self, state: np.void | NDArray[Any], seat: int, *, is_public: bool = False
    ) -> NDArray[np.uint8]:
        """Return a picture, uint8 of shape (H, W, 3).

        Args:
            state: one record of `_core.state_dtype`, as the seat sees it.
            seat: whose eyes.
            is_public: leave out the opponent's sparks.
        """
        frame = read_frame(state, self._roster)
        own = frame.fighters[seat]
        others = [fighter for fighter in frame.fighters if fighter is not own]
        eye = self._eye(own, others)
        self._draw_stage(eye)
        for fighter in sorted((*others, own), key=lambda fighter: -fighter.y):
            side = SIDES[fighter.side != own.side]
            for entity in fighter.entities:
                self._draw_entity(eye, entity, side)
            self._draw_fighter(eye, fighter, side)
        for fighter in (own, *others):
            for box in fighter.boxes:
                self._draw_box(eye, box)
        left = 1.0 - frame.tick / max(1, frame.max_ticks)
        other = min(
            (fighter for fighter in others if fighter.side != own.side),
            key=lambda foe: (foe.state == State.KO, abs(foe.x - own.x) + abs(foe.y - own.y)),
        )
        self._draw_bars(own, other, left, is_public=is_public)
        size = self._surface.get_size()
        flat = np.frombuffer(bytearray(pygame.image.tobytes(self._surface, "RGB")), np.uint8)
        return flat.reshape(size[1], size[0], 3)

    def _eye(self, own: FighterFrame, others: Sequence[FighterFrame]) -> _Eye:
        width, height = self._surface.get_size()
        mirror = -1 if own.side else 1
        places = [fighter.x for fighter in (own, *others)]
        left, right = min(places), max(places)
        span = right - left + _MARGIN
        top = max(fighter.z + fighter.height for fighter in (own, *others))
        scale = min(width / span, height / _LEAST_SPAN, 0.58 * height / top)
        return _Eye(width, height, mirror, mirror * (left + right) / 2, scale)

    def _draw_stage(self, eye: _Eye) -> None:
        surface, rules = self._surface, self._roster.rules
        surface.fill(_SKY)
        back, front = eye.floor(_DEPTH), eye.floor(-_DEPTH)
        ends = sorted(eye.column(end) for end in (-rules.stage_half_x, rules.stage_half_x))
        floor = pygame.Rect(round(ends[0]), round(back), round(ends[1] - ends[0]), eye.height)
        pygame.draw.rect(surface, _FLOOR, floor)
        top = eye.height * 0.3
        for x in range(-rules.stage_half_x, rules.stage_half_x + 1, _POST):
            column = eye.column(x)
            is_end = abs(x) == rules.stage_half_x
            colour = PAPER if is_end else _SEAM
            pygame.draw.line(surface, colour, (column, top if is_end else back - 4), (column, back))
            pygame.draw.line(surface, _SEAM, (column, back), (column, front))

    def _draw_fighter(self, eye: _Eye, fighter: FighterFrame, side: Colour) -> None:
        if fighter.state == State.SLIP:
            return
        surface, scale = self._surface, eye.scale
        x, floor = eye.column(fighter.x), eye.floor(fighter.y)
        foot, tall = floor - fighter.z * scale, max(6.0, fighter.height * scale)
        wide = max(4.0, 0.42 * tall)
        facing = eye.mirror * fighter.facing
        shadow = pygame.Rect(0, 0, round(1.4 * wide), max(2, round(0.35 * wide)))
        shadow.center = (round(x), round(floor))
        pygame.draw.ellipse(surface, INK, shadow)
        colour = self._bodies[fighter.character]
        if fighter.state in _STUNNED:
            colour = mix(colour, PAPER, 0.6)
        if fighter.state in _DOWN:
            wide, tall = tall, wide
        body = pygame.Rect(round(x - wide / 2), round(foot - tall), round(wide), round(tall))
        is_down = fighter.state in _DOWN
        if not is_down:
            head = max(2.0, 0.14 * tall)
            pygame.draw.circle(surface, side, (x, foot - tall + head), head + 1)
            pygame.draw.circle(surface, PAPER, (x + facing * head / 2, foot - tall + head), head)
            body.update(body.left, round(foot - 0.74 * tall), body.width, round(0.74 * tall))
        pygame.draw.rect(surface, side, body.inflate(2, 2))
        pygame.draw.rect(surface, colour, body)
        if is_down:
            return
        arm = foot - 0.5 * tall
        reach = facing * wide * (1.2 if fighter.state == State.ACTIVE else 0.8)
        pygame.draw.line(surface, PAPER, (x, arm), (x + reach, arm), max(1, round(0.08 * tall)))
        if fighter.state in (State.STARTUP, State.HOLD):
            pygame.draw.circle(surface, _SPARK, (x, foot - tall - 3), max(1.5, 0.14 * tall))
        if fighter.is_guarding or fighter.state == State.BLOCKSTUN:
            edge = x + facing * wide
            pygame.draw.line(surface, _GUARD, (edge, foot), (edge, foot - tall), 2)
        if fighter.is_invulnerable:
            pygame.draw.rect(surface, PAPER, body.inflate(4, 4), 1)

    def _draw_entity(self, eye: _Eye, entity: EntityFrame, side: Colour) -> None:
        surface, scale = self._surface, eye.scale
        x, floor = eye.column(entity.x), eye.floor(entity.y)
        colour = self._entities[entity.type]
        reach = max(2.0, entity.radius * scale)
        if entity.kind in (EntityKind.ZONE, EntityKind.TRAP):
            if entity.kind == EntityKind.ZONE and entity.box is not None:
                reach = max(2.0, (entity.box.x1 - entity.box.x0) / 2 * scale)
            ring = pygame.Rect(0, 0, round(2 * reach), max(3, round(0.5 * reach)))
            ring.center = (round(x), round(floor))
            pygame.draw.ellipse(surface, side, ring, 0 if entity.is_striking else 1)
            pygame.draw.circle(surface, colour, (x, floor), 1.5)
        elif entity.kind == EntityKind.PROJECTILE or not entity.body_height:
            row = floor - max(entity.z, 300) * scale
            pygame.draw.circle(surface, side, (x, row), 3)
            pygame.draw.circle(surface, colour, (x, row), 2)
        else:
            tall = max(4.0, entity.body_height * scale)
            wide = 2 * reach if entity.kind == EntityKind.WALL else max(3.0, 0.5 * tall)
            row = floor - entity.z * scale - tall
            body = pygame.Rect(round(x - wide / 2), round(row), round(wide), round(tall))
            pygame.draw.rect(surface, side, body.inflate(2, 2))
            pygame.draw.rect(surface, colour, body)
        if entity.is_striking and entity.box is not None:
            self._draw_box(eye, entity.box)

    def _draw_box(self, eye: _Eye, box: Box) -> None:
        columns = sorted((eye.column(box.x0), eye.column(box.x1)))
        floor = eye.floor((box.y0 + box.y1) / 2)
        top, bottom = floor - box.z1 * eye.scale, floor - box.z0 * eye.scale
        width, height = round(columns[1] - columns[0]), round(bottom - top)
        place = pygame.Rect(round(columns[0]), round(top), max(2, width), max(2, height))
        pygame.draw.rect(self._surface, _STRIKE, place, 1)

    def _draw_bars(
        self, own: FighterFrame, other: FighterFrame, time_left: float, *, is_public: bool
    ) -> None:
        width, height = self._surface.get_size()
        bar, pip = max(3, height // 16), max(2, height // 28)
        half = width // 2 - 2
        for fighter, left, side in ((own, 1, SIDES[0]), (other, width - 1 - half, SIDES[1])):
            share = fighter.hp / max(1, fighter.max_hp)
            self._draw_share((left, 1, half, bar), share, side, starts_right=fighter is other)
            if fighter is other and is_public:
                continue
            for k, filled in enumerate(_pips(fighter.spark)):
                place = (left + k * half // 4, bar + 2, half // 4 - 1, pip)
                self._draw_share(place, filled, _SPARK, starts_right=False)
        self._draw_share((1, bar + pip + 3, width - 2, 1), time_left, PAPER, starts_right=False)

    def _draw_share(
        self, place: tuple[int, int, int, int], share: float, colour: Colour, *, starts_right: bool
    ) -> None:
        left, top, width, height = place
        filled = round(width * share) or (1 if share > 0 else 0)
        pygame.draw.rect(self._surface, INK, place)
        start = left + width - filled if starts_right else left
        pygame.draw.rect(self._surface, colour, (start, top, filled, height))


def _pips(spark: int) -> Sequence[float]:
    """How full each of the four sparks is."""
    whole = 4 * spark / _SPARKS
    return [max(0.0, min(1.0, whole - k)) for k in range(4)]
