"""The fight itself: fighters, entities and what passes between them, back to front."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pygame

from ..roster import Roster
from ..roster.codes import Slip
from ..roster.model import Lazy
from .appearance import Appearance, appearance
from .camera import Camera
from .colours import INK, PAPER, SIDES, mix, shade
from .entity_art import draw_entity, draw_entity_ground, ellipse_points
from .fighter_art import fighter_figure
from .frame import EntityFrame, FighterFrame, Frame, State
from .history import History
from .impacts import draw_mark, draw_numbers, tint_of
from .paint import draw_text, fill_translucent, glow
from .posing import choose_pose
from .slips import draw_slip
from .strikes import draw_footprint, draw_strike

__all__ = ["Scene"]

_TURNS: Final = tuple(math.radians(angle) for angle in range(0, 360, 24))
_FAST: Final = 170  # su/tick from which a fighter leaves afterimages


@dataclass(slots=True)
class _Ghosts:
    """The last few pictures of a fast fighter."""

    images: deque[tuple[pygame.Surface, float, float]] = field(
        default_factory=lambda: deque(maxlen=3)
    )


class Scene:
    """Draws fighters and entities of a roster."""

    def __init__(self, roster: Roster) -> None:
        """Remember whose looks to read when they are first needed."""
        self._roster = roster

        def read(index: int) -> Appearance:
            character = roster[index]
            return appearance(character.name, character.palette, character.silhouette)

        self.looks: Sequence[Appearance] = Lazy(len(roster), read)
        self._forms: Sequence[Appearance] = Lazy(
            len(roster), lambda index: self.looks[index].in_form()
        )
        self._ghosts: dict[int, _Ghosts] = {}

    def draw(
        self,
        surface: pygame.Surface,
        camera: Camera,
        frame: Frame,
        history: History,
        labels: tuple[str, ...],
    ) -> None:
        """Draw a moment over the backdrop."""
        entities = [entity for fighter in frame.fighters for entity in fighter.entities]
        for fighter in frame.fighters:
            self._draw_ground(surface, camera, fighter)
        for entity in entities:
            owner = frame.fighters[entity.owner]
            draw_entity_ground(surface, camera, entity, self.look_of(owner).glow, frame.tick)
        if frame.freeze > 0:
            surface.fill((96, 84, 128), special_flags=pygame.BLEND_RGB_MULT)
        rows: list[tuple[float, FighterFrame | EntityFrame]] = [(f.y, f) for f in frame.fighters]
        rows += [(e.y, e) for e in entities]
        # the one that strikes is drawn over the one at its depth that is struck
        for _, thing in sorted(
            rows, key=lambda row: (-row[0], isinstance(row[1], FighterFrame) and row[1].is_acting)
        ):
            if isinstance(thing, FighterFrame):
                self._draw_fighter(surface, camera, thing, frame)
            else:
                owner = frame.fighters[thing.owner]
                draw_entity(surface, camera, thing, self.look_of(owner), frame.tick)
        for fighter in frame.fighters:
            archetype = self._archetype(fighter)
            for box in fighter.boxes:
                draw_strike(surface, camera, fighter, box, self.look_of(fighter).glow, archetype)
        for fighter in frame.fighters:
            striker = next((f for f in frame.fighters if f.side != fighter.side), fighter)
            draw_mark(surface, camera, fighter, self.look_of(striker).glow)
        draw_numbers(surface, camera, history.numbers, frame)
        for fighter, label in zip(frame.fighters, labels, strict=False):
            near = any(f.side < fighter.side and abs(f.x - fighter.x) < 900 for f in frame.fighters)
            self._draw_tag(surface, camera, fighter, label, raised=near)

    def look_of(self, fighter: FighterFrame) -> Appearance:
        """Looks of a fighter as it is now: in its form it has others."""
        return (self._forms if fighter.is_in_form else self.looks)[fighter.character]

    def _archetype(self, fighter: FighterFrame) -> str:
        return self._roster.moves[fighter.move].archetype if fighter.is_acting else ""

    def _draw_ground(self, surface: pygame.Surface, camera: Camera, fighter: FighterFrame) -> None:
        if fighter.state == State.SLIP:
            return
        side = SIDES[fighter.side]
        lift = max(0.45, 1.0 - fighter.z / 4200.0)
        shadow = ellipse_points(camera, fighter.x, fighter.y, 430 * lift, 230 * lift)
        fill_translucent(surface, shadow, INK, round(120 * lift))
        ring = ellipse_points(camera, fighter.x, fighter.y, 470, 250)
        pygame.draw.lines(surface, side, True, ring, 2)
        if fighter.z > 0 and fighter.is_hovering:
            self._draw_updraft(surface, camera, fighter)
        for box in fighter.boxes:
            draw_footprint(surface, camera, box, side)

    def _draw_updraft(self, surface: pygame.Surface, camera: Camera, fighter: FighterFrame) -> None:
        """Rings of air that carry a hovering fighter: they show how high above its shadow it is."""
        glow_colour = self.look_of(fighter).glow
        for i in range(3):
            share = (fighter.state_ticks * 0.04 + i / 3.0) % 1.0
            ring = [
                camera.point(
                    fighter.x + 330 * (0.5 + 0.5 * share) * math.cos(t),
                    fighter.y + 170 * (0.5 + 0.5 * share) * math.sin(t),
                    fighter.z * (1.0 - share),
                )
                for t in _TURNS
            ]
            pygame.draw.lines(surface, mix(glow_colour, PAPER, 0.3), True, ring, 1)

    def _draw_fighter(
        self, surface: pygame.Surface, camera: Camera, fighter: FighterFrame, frame: Frame
    ) -> None:
        look = self.look_of(fighter)
        slip = Slip(int(self._roster.arrays["characters"][fighter.character]["slip_kind"]))
        draw_slip(surface, camera, fighter, slip, look)
        if fighter.state == State.SLIP:
            return
        has_won = frame.is_over and frame.winner == fighter.side
        pose = choose_pose(fighter, self._archetype(fighter), frame.tick, has_won=has_won)
        figure = fighter_figure(look, pose, frame.tick)
        tint, share = tint_of(fighter, frame.tick)
        scale = fighter.height * camera.scale(fighter.y) * (0.85 + 0.15 * look.size)
        x, y = camera.point(fighter.x, fighter.y, fighter.z)
        if fighter.hitstop > 0 and fighter.combo_hits:
            x += 3 if frame.tick % 2 else -3
        self._draw_aura(surface, fighter, look, (x, y), scale, frame)
        image, origin = figure.render(
            scale,
            fighter.facing,
            outline=2.2 if fighter.is_in_form else 1.6,
            tint=tint,
            tint_share=share,
            ink=look.ink,
        )
        left, top = x - origin[0], y - origin[1]
        self._draw_ghosts(surface, fighter, image, (left, top))
        if fighter.is_invulnerable and frame.tick % 4 < 2:
            image.set_alpha(150)
        surface.blit(image, (left, top))
        self._draw_signs(surface, fighter, (x, y), scale, frame)

    def _draw_ghosts(
        self,
        surface: pygame.Surface,
        fighter: FighterFrame,
        image: pygame.Surface,
        place: tuple[float, float],
    ) -> None:
        ghosts = self._ghosts.setdefault(fighter.index, _Ghosts()).images
        if abs(fighter.vx) < _FAST or fighter.state not in (
            State.ACTIVE,
            State.STARTUP,
            State.LAUNCHED,
        ):
            ghosts.clear()
            return
        for i, (old, left, top) in enumerate(ghosts):
            old.set_alpha(40 + 30 * i)
            surface.blit(old, (left, top))
        ghosts.append((image.copy(), *place))

    def _draw_aura(
        self,
        surface: pygame.Surface,
        fighter: FighterFrame,
        look: Appearance,
        foot: tuple[float, float],
        scale: float,
        frame: Frame,
    ) -> None:
        centre = (foot[0], foot[1] - 0.5 * scale)
        if fighter.is_in_form:
            self._draw_form(surface, look, foot, scale, frame.tick)
        if fighter.gauge > 0:
            self._draw_heat(surface, fighter, foot, scale, frame.tick)
        if fighter.state == State.HOLD:
            glow(
                surface,
                centre,
                scale * (0.35 + 0.35 * fighter.hold_share),
                shade(look.glow, 0.35 + 0.4 * fighter.hold_share),
            )
        elif fighter.is_acting and self._roster.moves[fighter.move].category == "ultimate":
            glow(surface, centre, scale * 0.8, shade(look.glow, 0.7 if frame.freeze else 0.4))
        elif (
            fighter.is_acting
            and fighter.state == State.STARTUP
            and self._roster.moves[fighter.move].category != "chain"
        ):
            glow(surface, centre, scale * 0.5 * fighter.phase + 4, shade(look.glow, 0.35))

    @staticmethod
    def _draw_form(
        surface: pygame.Surface,
        look: Appearance,
        foot: tuple[float, float],
        scale: float,
        tick: int,
    ) -> None:
        """Light behind a fighter in its form, and flames of it that rise."""
        x, y = foot
        pulse = 0.06 * math.sin(tick * 0.3)
        glow(surface, (x, y - 0.55 * scale), scale * (0.62 + pulse), shade(look.ink, 0.5))
        for i in range(7):
            rise = (tick * 0.045 + i * 0.37) % 1.0
            px = x + scale * (0.42 * math.sin(i * 2.4) + 0.05 * math.sin(tick * 0.2 + i))
            py = y - scale * (0.05 + 1.05 * rise)
            size = scale * 0.07 * (1.0 - rise)
            pygame.draw.polygon(
                surface,
                mix(look.ink, PAPER, 0.2 + 0.5 * rise),
                [
                    (px, py - 1.9 * size),
                    (px + size * 0.7, py),
                    (px, py + size),
                    (px - size * 0.7, py),
                ],
            )

    @staticmethod
    def _draw_heat(
        surface: pygame.Surface,
        fighter: FighterFrame,
        foot: tuple[float, float],
        scale: float,
        tick: int,
    ) -> None:
        """The gauge on the body: embers, more of them and brighter the fuller it is."""
        share = fighter.gauge / 1000.0
        glow(
            surface,
            (foot[0], foot[1] - 0.45 * scale),
            scale * (0.3 + 0.35 * share),
            shade((255, 96, 30), 0.15 + 0.45 * share),
        )
        for i in range(round(9 * share)):
            rise = (tick * 0.06 + i * 0.41) % 1.0
            place = (
                foot[0] + scale * 0.34 * math.sin(i * 1.9 + tick * 0.05),
                foot[1] - scale * (0.2 + rise),
            )
            pygame.draw.circle(
                surface, (255, 200 - round(110 * rise), 60), place, 3.5 * (1.0 - rise) + 1
            )

    def _draw_signs(
        self,
        surface: pygame.Surface,
        fighter: FighterFrame,
        foot: tuple[float, float],
        scale: float,
        frame: Frame,
    ) -> None:
        """What lies on or about the body: a guard, a shield, ice, stars of a stun."""
        names = {active.effect.name for active in fighter.effects}
        x, y = foot
        if fighter.is_guarding or fighter.state == State.BLOCKSTUN:
            edge: list[tuple[float, float]] = []
            for part in range(-5, 6):
                bend = 0.42 - 0.012 * part * part
                edge.append((x + fighter.facing * scale * bend, y - scale * (0.5 + 0.1 * part)))
            pygame.draw.lines(surface, (150, 216, 255), False, edge, 4)
            pygame.draw.lines(surface, PAPER, False, edge, 1)
        if "SHIELD" in names or (fighter.has_armour and not fighter.is_acting):
            bubble = pygame.Rect(0, 0, 0.78 * scale, 1.16 * scale)
            bubble.center = (round(x), round(y - 0.5 * scale))
            pygame.draw.ellipse(
                surface, (140, 220, 255) if "SHIELD" in names else (255, 206, 96), bubble, 2
            )
        if fighter.state == State.FROZEN and "FREEZE" in names:
            ice = [
                (x + dx * scale, y - dy * scale)
                for dx, dy in (
                    (-0.4, 0),
                    (-0.32, 0.7),
                    (-0.1, 1.08),
                    (0.2, 1.0),
                    (0.4, 0.5),
                    (0.36, 0),
                )
            ]
            fill_translucent(surface, ice, (160, 226, 255), 110)
            pygame.draw.lines(surface, (224, 246, 255), True, ice, 2)
        elif fighter.state == State.FROZEN:
            for i in range(3):
                turn = frame.tick * 0.25 + i * 2.094
                star = (x + 0.22 * scale * math.cos(turn), y - 1.02 * scale + 4 * math.sin(turn))
                pygame.draw.circle(surface, (255, 224, 90), star, 4)
        if "ROOT" in names:
            for dx in (-0.25, -0.08, 0.1, 0.27):
                pygame.draw.line(
                    surface,
                    (92, 140, 70),
                    (x + dx * scale, y + 3),
                    (x + dx * 0.7 * scale, y - 0.22 * scale),
                    4,
                )

    def _draw_tag(
        self,
        surface: pygame.Surface,
        camera: Camera,
        fighter: FighterFrame,
        label: str,
        *,
        raised: bool,
    ) -> None:
        """Say whose fighter this is; `raised` makes room for the tag of one that is near."""
        if fighter.state in (State.SLIP, State.KO):
            return
        x, y = camera.point(fighter.x, fighter.y, fighter.z + fighter.height)
        side = SIDES[fighter.side]
        top = max(100.0, y - 44) - (18 if raised else 0)
        draw_text(surface, label, (x, top - 4), 20, mix(side, PAPER, 0.35), align=0.5)
        pygame.draw.polygon(surface, INK, [(x - 8, top + 11), (x + 8, top + 11), (x, top + 21)])
        pygame.draw.polygon(surface, side, [(x - 6, top + 12), (x + 6, top + 12), (x, top + 19)])
