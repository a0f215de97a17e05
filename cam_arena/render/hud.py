"""The frame around the fight: portraits, health, sparks, effects, cooldowns, the timer."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import pygame

from ..roster import Roster
from ..roster.codes import Button
from .appearance import Appearance
from .banners import draw_banner, draw_callout, draw_combo, draw_start
from .colours import INK, PAPER, SIDES, Colour, mix, shade
from .fighter_art import fighter_figure
from .frame import FighterFrame, Frame, State
from .history import History
from .icons import draw_button_icon, draw_effect_icon
from .paint import draw_text, glow
from .pose import POSES

__all__ = ["BUTTON_LABELS", "Hud"]

_BUTTONS: Final = (
    Button.SKILL1,
    Button.SKILL2,
    Button.ULTIMATE,
    Button.SLIP,
    Button.SCROLL,
    Button.COMPANION_A,
    Button.TRAIT,
)
BUTTON_LABELS: Final[Mapping[Button, str]] = {
    Button.SKILL1: "S1",
    Button.SKILL2: "S2",
    Button.ULTIMATE: "ULT",
    Button.SLIP: "SLIP",
    Button.SCROLL: "SCR",
    Button.COMPANION_A: "CMP",
    Button.TRAIT: "TRT",
}
"""What stands on the icons of a fighter that no keyboard plays."""

_TRAIT_TICKS: Final = 120  # from the start of a match, in which its fighters' traits are named
_QUARTER: Final = 1000
_ICON: Final = 34
_ALLY_WIDTH: Final = 126  # pixels of an ally's bar
_ALLY_TOP: Final = 156  # pixels above the first of them
_YELLOW, _RED, _FULL = 700, 1000, 1400


class Hud:
    """Draws what players read."""

    def __init__(self, roster: Roster, looks: Sequence[Appearance], size: tuple[int, int]) -> None:
        """Remember whose portraits to draw."""
        self._roster = roster
        self._looks = looks
        self._width, self._height = size
        self._portraits: dict[tuple[int, int, bool], pygame.Surface] = {}
        self.labels: list[Mapping[Button, str]] = [BUTTON_LABELS, BUTTON_LABELS]  # by side

    def draw(
        self, surface: pygame.Surface, frame: Frame, history: History, labels: tuple[str, ...]
    ) -> None:
        """Draw everything over the scene."""
        self._draw_timer(surface, frame)
        teams = [[f for f in frame.fighters if f.side == side] for side in (0, 1)]
        for team in teams:
            leader = next((f for f in team if f.state != State.KO), team[0])
            self._draw_panel(surface, leader, frame, history, labels)
            self._draw_cooldowns(surface, leader)
            self._draw_team(surface, team, leader)
            callout = history.tracks[leader.index].callout
            if callout is not None and not frame.is_over:
                draw_callout(surface, leader, callout, frame)
        for attackers, victims in (teams, teams[::-1]) if not frame.is_over else ():
            beside_bars = (_ALLY_WIDTH + 34, _ALLY_TOP)
            place = (20, 172) if len(attackers) == 1 else beside_bars
            draw_combo(surface, victims, frame, history, place)
        if frame.is_over:
            draw_banner(surface, frame, history, self._roster)
        elif frame.tick < 30:
            draw_start(surface, frame)

    def portrait(self, character: int, facing: int, *, in_form: bool = False) -> pygame.Surface:
        """Return the bust of a character, 62 x 62 pixels."""
        key = (character, facing, in_form)
        if key not in self._portraits:
            look = self._looks[character].in_form() if in_form else self._looks[character]
            image = pygame.Surface((62, 62))
            image.fill(mix(shade(look.main, 0.45), (40, 36, 64), 0.5))
            glow(image, (31, 34), 34, shade(look.glow, 0.35))
            figure = fighter_figure(look, POSES["idle"], 0)
            bust, origin = figure.render(118 / look.build.head**0.35, facing, ink=look.ink)
            head = 0.80 if look.build.hunch < 10 else 0.72
            lean = 0.08 + 0.006 * look.build.hunch
            image.blit(
                bust,
                (
                    31 - origin[0] - facing * lean * 118,
                    30 - origin[1] + head * 118 / look.build.head**0.35,
                ),
            )
            self._portraits[key] = image
        return self._portraits[key]

    def _draw_panel(
        self,
        surface: pygame.Surface,
        fighter: FighterFrame,
        frame: Frame,
        history: History,
        labels: tuple[str, ...],
    ) -> None:
        left_side = fighter.side == 0
        side = SIDES[fighter.side]
        character = self._roster[fighter.character]
        way = 1 if left_side else -1
        edge = 10 if left_side else self._width - 10
        align = 0.0 if left_side else 1.0

        def span(start: float, width: float, top: float, height: float) -> pygame.Rect:
            """A rectangle `start` pixels from this side's edge of the picture."""
            x = edge + way * start
            return pygame.Rect(
                round(min(x, x + way * width)), round(top), round(width), round(height)
            )

        box = span(0, 66, 8, 66)
        pygame.draw.rect(surface, INK, box.inflate(4, 4), border_radius=6)
        portrait = self.portrait(fighter.character, way, in_form=fighter.is_in_form)
        surface.blit(portrait, (box.left + 2, box.top + 2))
        pygame.draw.rect(surface, side, box, 2, border_radius=4)
        draw_text(surface, character.name, (edge + way * 74, 6), 26, PAPER, align=align, edge=1)
        name_width = 74 + 26 * 0.46 * len(character.name)
        school = (
            f"{character.school.name}  {labels[fighter.index]}"
            if fighter.index < len(labels)
            else character.school.name
        )
        draw_text(
            surface,
            school,
            (edge + way * (name_width + 14), 10),
            19,
            mix(side, PAPER, 0.5),
            align=align,
        )

        track = history.tracks[fighter.index]
        width = self._width / 2 - 74 - 10 - 44
        bar = span(74, width, 27, 20)
        pygame.draw.rect(surface, INK, bar.inflate(6, 6), border_radius=4)
        pygame.draw.rect(surface, (70, 34, 40), bar)
        share = max(0.0, min(1.0, fighter.hp / fighter.max_hp))
        trail = max(share, min(1.0, track.trail / fighter.max_hp))
        pygame.draw.rect(
            surface, (226, 56, 52), span(74 + width * (1.0 - trail), width * trail, 27, 20)
        )
        colour: Colour = (
            (96, 214, 104) if share > 0.5 else (244, 222, 80) if share > 0.25 else (255, 164, 48)
        )
        fill = span(74 + width * (1.0 - share), width * share, 27, 20)
        pygame.draw.rect(surface, colour, fill)
        pygame.draw.rect(surface, mix(colour, PAPER, 0.45), (fill.left, fill.top, fill.width, 6))
        draw_text(
            surface,
            str(max(0, fighter.hp)),
            (edge + way * (74 + width - 6), 30),
            20,
            PAPER,
            align=1.0 - align,
        )
        self._draw_sparks(surface, fighter, edge, way, frame)
        self._draw_protection(surface, fighter, span(206, 112, 57, 7), frame)
        if frame.tick < _TRAIT_TICKS and fighter.protection <= 0 and fighter.gauge <= 0:
            draw_text(
                surface,
                ", ".join(character.traits).replace("_", " "),
                (edge + way * 206, 54),
                21,
                (226, 190, 255),
                align=align,
                alpha=min(255, (_TRAIT_TICKS - frame.tick) * 12),
            )
        if fighter.is_in_form:
            self._draw_form(surface, fighter, span(0, 66, 78, 14))
        if fighter.gauge > 0:
            self._draw_heat(surface, fighter, span(348, 72, 57, 8), frame, way)
        for i, active in enumerate(fighter.effects[:9]):
            place = span(74 + i * 29, 26, 76, 26)
            draw_effect_icon(surface, place, active)

    def _draw_sparks(
        self, surface: pygame.Surface, fighter: FighterFrame, edge: float, way: int, frame: Frame
    ) -> None:
        ready = fighter.spark >= 16 * _QUARTER
        for i in range(4):
            centre = (edge + way * (86 + i * 29), 61.0)
            quarters = max(0, min(4, (fighter.spark - i * 4 * _QUARTER) // _QUARTER))
            if quarters == 4:
                glow(surface, centre, 20 if not ready or frame.tick % 12 < 6 else 28, (70, 96, 150))
            corners = [
                (centre[0], centre[1] - 12),
                (centre[0] + 12, centre[1]),
                (centre[0], centre[1] + 12),
                (centre[0] - 12, centre[1]),
            ]
            pygame.draw.polygon(
                surface,
                INK,
                [(x + (x - centre[0]) * 0.25, y + (y - centre[1]) * 0.25) for x, y in corners],
            )
            pygame.draw.polygon(surface, (50, 54, 84), corners)
            for quarter in range(quarters):
                tone = (255, 236, 130) if quarters == 4 else (96, 168, 255)
                pygame.draw.polygon(
                    surface, tone, [centre, corners[quarter], corners[(quarter + 1) % 4]]
                )
            if quarters < 4:
                pygame.draw.lines(surface, (130, 140, 190), True, corners, 1)

    def _draw_form(
        self, surface: pygame.Surface, fighter: FighterFrame, plate: pygame.Rect
    ) -> None:
        """Below the portrait: that it is in its form, and for how long."""
        colour = self._looks[fighter.character].in_form().ink
        pygame.draw.rect(surface, INK, plate.inflate(4, 4), border_radius=4)
        pygame.draw.rect(surface, shade(colour, 0.5), plate, border_radius=3)
        text = f"FORM {math.ceil(fighter.form_ticks / 30)}" if fighter.form_ticks else "FORM"
        draw_text(
            surface, text, (plate.centerx, plate.top + 1), 17, mix(colour, PAPER, 0.6), align=0.5
        )

    def _draw_heat(
        self,
        surface: pygame.Surface,
        fighter: FighterFrame,
        bar: pygame.Rect,
        frame: Frame,
        way: int,
    ) -> None:
        """The gauge of Heat: fuller hits harder."""
        share = min(1.0, fighter.gauge / 1000.0)
        pygame.draw.rect(surface, INK, bar.inflate(4, 4), border_radius=3)
        pygame.draw.rect(surface, (66, 40, 36), bar)
        colour = mix((255, 190, 70), (255, 70, 30), share)
        if share >= 1.0 and frame.tick % 6 < 3:
            colour = (255, 240, 200)
        width = round(bar.width * share)
        left = bar.left if way > 0 else bar.right - width
        pygame.draw.rect(surface, colour, (left, bar.top, width, bar.height))
        x, y = (bar.left - 9 if way > 0 else bar.right + 8), bar.centery
        flame = [(0, -9), (5, -1), (4, 5), (0, 7), (-4, 5), (-5, 0), (-2, -3)]
        pygame.draw.polygon(surface, INK, [(x + 1.35 * dx, y + 1.35 * dy) for dx, dy in flame])
        pygame.draw.polygon(surface, colour, [(x + dx, y + dy) for dx, dy in flame])

    def _draw_protection(
        self, surface: pygame.Surface, fighter: FighterFrame, bar: pygame.Rect, frame: Frame
    ) -> None:
        """The gauge that ends combos: shown while it matters."""
        if fighter.protection <= 0:
            return
        red, yellow = fighter.protection >= _RED or fighter.is_red, fighter.protection >= _YELLOW
        colour: Colour = (255, 74, 60) if red else (255, 214, 70) if yellow else (150, 170, 200)
        pygame.draw.rect(surface, INK, bar.inflate(4, 4), border_radius=3)
        pygame.draw.rect(surface, (52, 52, 70), bar)
        pygame.draw.rect(
            surface,
            colour,
            (bar.left, bar.top, bar.width * min(1.0, fighter.protection / _FULL), bar.height),
        )
        for limit in (_YELLOW, _RED):
            x = bar.left + bar.width * limit / _FULL
            pygame.draw.line(surface, PAPER, (x, bar.top), (x, bar.bottom - 1))
        if yellow and (frame.tick % 8 < 5):
            draw_text(
                surface,
                "PROTECTED" if red else "protection",
                (bar.centerx, bar.bottom + 3),
                16,
                colour,
                align=0.5,
            )

    def _draw_timer(self, surface: pygame.Surface, frame: Frame) -> None:
        seconds = max(0, math.ceil((frame.max_ticks - frame.tick) / 30))
        colour = PAPER if seconds > 10 else (255, 110, 84)
        x = self._width / 2
        disc = [(x - 40, 6), (x + 40, 6), (x + 32, 52), (x, 62), (x - 32, 52)]
        pygame.draw.polygon(surface, INK, disc)
        pygame.draw.lines(surface, mix(colour, INK, 0.35), True, disc, 2)
        draw_text(surface, str(seconds), (x, 14), 50, colour, align=0.5, edge=1)

    def _draw_cooldowns(self, surface: pygame.Surface, fighter: FighterFrame) -> None:
        character = self._roster[fighter.character]
        record = self._roster.arrays["characters"][fighter.character]
        moves = record["moves"]
        present: list[tuple[Button, int, int]] = []
        for button in _BUTTONS:
            if button == Button.SLIP:
                present.append((button, -1, int(character.slip["cooldown"])))
                continue
            move = int(moves[button])
            if fighter.is_in_form and int(record["form_moves"][button]) >= 0:
                move = int(record["form_moves"][button])
            if button == Button.SCROLL:
                move = int(self._roster.arrays["scrolls"][fighter.scroll])
            elif button == Button.COMPANION_A:
                move = (
                    int(self._roster.arrays["companions"][fighter.companion])
                    if fighter.companion >= 0
                    else -1
                )
            if move >= 0:
                present.append((button, move, self._roster.moves[move].declared.cooldown))
        step = _ICON + 6
        total = len(present) * step - 6
        left = 12 if fighter.side == 0 else self._width - 12 - total
        for i, (button, move, length) in enumerate(present):
            box = pygame.Rect(left + i * step, self._height - _ICON - 8, _ICON, _ICON)
            cooldown = fighter.cooldowns[button]
            cost = (
                int(character.slip["cost"])
                if button == Button.SLIP
                else int(self._roster.arrays["moves"][move]["spark_cost"])
            )
            most = int(self._roster.arrays["moves"][move]["charges"]) if move >= 0 else 1
            length = max(1, length * 1000 // int(record["cooldown_rate"]))
            if button in (Button.SKILL1, Button.SKILL2) and "blood_price" in character.traits:
                length = max(1, length * self._roster.rules.blood_cooldown // 1000)
            out_of_calls = button == Button.COMPANION_A and fighter.companion_calls == 0
            draw_button_icon(
                surface,
                box,
                button,
                self._roster.moves[move].archetype if move >= 0 else "slip",
                key=self.labels[fighter.side].get(button, ""),
                colour=self._looks[fighter.character].accent,
                cooldown=cooldown,
                share=(cooldown % length or length) / length if most > 1 else cooldown / length,
                affordable=fighter.spark >= cost and not out_of_calls,
                # a cooldown ends when all charges are back
                charges=(max(0, most - math.ceil(cooldown / length)), most),
            )

    def _draw_team(
        self, surface: pygame.Surface, team: list[FighterFrame], leader: FighterFrame
    ) -> None:
        """In a squad: small bars for the others, with their seats; HP above, sparks below."""
        others = [(seat, f) for seat, f in enumerate(team) if f is not leader]
        for i, (seat, fighter) in enumerate(others):
            x = 12 if fighter.side == 0 else self._width - 12 - _ALLY_WIDTH
            y = _ALLY_TOP + i * 19
            pygame.draw.rect(surface, INK, (x - 2, y - 2, _ALLY_WIDTH + 4, 18), border_radius=3)
            hp = _ALLY_WIDTH * max(0.0, fighter.hp / fighter.max_hp)
            pygame.draw.rect(surface, mix(SIDES[fighter.side], INK, 0.3), (x, y, hp, 11))
            spark = _ALLY_WIDTH * min(1.0, fighter.spark / (16 * _QUARTER))
            pygame.draw.rect(surface, (255, 236, 130), (x, y + 11, spark, 3))
            name = self._roster[fighter.character].name
            draw_text(surface, f"{seat} {name}", (x + 3, y - 2), 17, PAPER)
