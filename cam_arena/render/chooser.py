"""The screen on which characters are chosen: by school, or by typing what is looked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pygame

from ..roster import Character, Roster
from ..roster.codes import Button
from .appearance import Appearance
from .colours import INK, PAPER, SIDES, Colour, mix, parse, shade
from .fighter_art import draw_standing
from .glyphs import GLYPH_OF
from .icons import draw_glyph
from .paint import draw_text, glow, wrap_text

__all__ = ["Chooser"]

_COLUMNS: Final = 5
_ROWS: Final = 4
_CELL: Final = (86, 104)
_GRID: Final = (158, 66)  # left and top
_PANEL: Final = (600, 66, 350, 438)
_HELP: Final = (
    "arrows: walk   Tab: next school   type: search   F2: any   Return: choose   Esc: back"
)
_STATS: Final = (
    ("health", "max_hp", 8500, 12500),
    ("attack", "attack", 900, 1120),
    ("defense", "defense", 0, 260),
    ("speed", "walk_x", 92, 143),
)
_BUTTONS: Final = (Button.SKILL1, Button.SKILL2, Button.ULTIMATE, Button.TRAIT)
_BACK: Final[Colour] = (34, 30, 50)


@dataclass
class Chooser:
    """One pick after another; feed it events, draw it, and read `picks` when `is_done`."""

    roster: Roster
    looks: Sequence[Appearance]
    titles: tuple[str, ...]
    """What is asked for, one title for each pick."""
    begin_at: Sequence[int] = ()
    """Indices of the characters under the cursor at first, one for each pick."""
    picks: list[int | None] = field(default_factory=list)
    """Indices in the roster; None leaves it to the seed."""
    query: str = ""
    is_left: bool = False
    school: int = 0
    _cursor: int = 0
    _tick: int = 0
    _figures: dict[int, tuple[pygame.Surface, tuple[int, int]]] = field(default_factory=dict)
    _members: list[list[int]] = field(default_factory=list)
    _words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Sort the characters by school, and note the words by which each is found."""
        self._members = [[] for _ in self.roster.schools]
        for character in self.roster:
            self._members[character.school.index].append(character.index)
            words = (character.name, character.school.name, character.role, *character.traits)
            self._words.append(" ".join(words).replace("_", " ").lower())
        self._go_to_first()

    def _go_to_first(self) -> None:
        """Put the cursor where the next pick begins."""
        self.query, self._cursor = "", 0
        if len(self.picks) < len(self.begin_at):
            character = self.roster[self.begin_at[len(self.picks)]]
            self.school = character.school.index
            self._cursor = self._members[self.school].index(character.index)

    @property
    def is_done(self) -> bool:
        """Whether every pick has been made."""
        return len(self.picks) == len(self.titles)

    @property
    def shown(self) -> list[int]:
        """Indices of the characters in the grid: those found, or those of the school."""
        if not self.query.strip():
            return self._members[self.school]
        parts = self.query.lower().split()
        return [i for i, words in enumerate(self._words) if all(part in words for part in parts)]

    @property
    def selected(self) -> Character | None:
        """The character under the cursor; None where nothing was found."""
        shown = self.shown
        return self.roster[shown[min(self._cursor, len(shown) - 1)]] if shown else None

    def take(self, event: pygame.event.Event) -> None:
        """Act on a key; other events are left alone."""
        if event.type != pygame.KEYDOWN:
            return
        last = max(0, len(self.shown) - 1)
        match event.key:
            case pygame.K_LEFT:
                self._cursor = max(0, self._cursor - 1)
            case pygame.K_RIGHT:
                self._cursor = min(last, self._cursor + 1)
            case pygame.K_UP:
                self._cursor = max(0, self._cursor - _COLUMNS)
            case pygame.K_DOWN:
                self._cursor = min(last, self._cursor + _COLUMNS)
            case pygame.K_TAB | pygame.K_PAGEDOWN | pygame.K_PAGEUP:
                back = event.key == pygame.K_PAGEUP or getattr(event, "mod", 0) & pygame.KMOD_SHIFT
                self.school = (self.school + (-1 if back else 1)) % len(self._members)
                self.query, self._cursor = "", 0
            case pygame.K_RETURN | pygame.K_KP_ENTER:
                if self.selected is not None:
                    self._pick(self.selected.index)
            case pygame.K_F2:
                self._pick(None)
            case pygame.K_ESCAPE:
                self._go_back()
            case pygame.K_BACKSPACE:
                self.query, self._cursor = self.query[:-1], 0
            case _:
                letter = getattr(event, "unicode", "")
                if len(letter) == 1 and letter.isprintable() and len(self.query) < 24:
                    self.query, self._cursor = self.query + letter, 0

    def _pick(self, index: int | None) -> None:
        self.picks.append(index)
        self._go_to_first()

    def _go_back(self) -> None:
        if self.query:
            self.query, self._cursor = "", 0
        elif self.picks:
            self.picks.pop()
            self._go_to_first()
        else:
            self.is_left = True

    def draw(self, surface: pygame.Surface) -> None:
        """Draw the screen over the whole surface."""
        self._tick += 1
        if self.is_done:
            return
        side = SIDES[len(self.picks) % 2]
        surface.fill(_BACK)
        glow(surface, (_PANEL[0] + 175, 150), 260, shade(side, 0.16))
        draw_text(
            surface, self.titles[len(self.picks)], (14, 10), 40, mix(side, PAPER, 0.4), edge=2
        )
        caret = "_" if self._tick % 20 < 10 else " "
        found = f"   {len(self.shown)} found" if self.query.strip() else ""
        text = f"search: {self.query}{caret}{found}"
        draw_text(surface, text, (_GRID[0], 42), 22, PAPER if self.query else (150, 144, 170))
        self._draw_schools(surface, side)
        self._draw_grid(surface, side)
        if self.selected is not None:
            self._draw_details(surface, self.selected, side)
        bottom = surface.get_height() - 26
        draw_text(surface, _HELP, (surface.get_width() / 2, bottom), 20, (190, 184, 208), align=0.5)

    def _draw_schools(self, surface: pygame.Surface, side: Colour) -> None:
        here = self.selected
        step = min(27.0, 436.0 / max(1, len(self._members)))
        for school in self.roster.schools:
            top = _GRID[1] + school.index * step
            is_here = here is not None and here.school.index == school.index
            colour = parse(school.palette[0])
            plate = pygame.Rect(10, round(top), 138, round(step) - 3)
            pygame.draw.rect(surface, mix(colour, _BACK, 0.25 if is_here else 0.7), plate)
            pygame.draw.rect(surface, mix(colour, PAPER, 0.3), (10, plate.top, 5, plate.height))
            if is_here:
                pygame.draw.rect(surface, side, plate, 2)
            tone = PAPER if is_here else (186, 180, 202)
            draw_text(surface, school.name, (22, plate.top + 4), 21, tone)
            count = str(len(self._members[school.index]))
            draw_text(surface, count, (144, plate.top + 6), 17, (160, 154, 176), align=1.0)

    def _draw_grid(self, surface: pygame.Surface, side: Colour) -> None:
        shown = self.shown
        cursor = min(self._cursor, max(0, len(shown) - 1))
        rows = (len(shown) + _COLUMNS - 1) // _COLUMNS
        first = max(0, min(cursor // _COLUMNS - 1, rows - _ROWS))
        for place, index in enumerate(shown[first * _COLUMNS : (first + _ROWS) * _COLUMNS]):
            look = self.looks[index]
            cell = pygame.Rect(
                _GRID[0] + place % _COLUMNS * _CELL[0],
                _GRID[1] + place // _COLUMNS * (_CELL[1] + 6),
                _CELL[0] - 5,
                _CELL[1],
            )
            is_here = place + first * _COLUMNS == cursor
            back = mix(look.main, (132, 128, 162), 0.7)
            pygame.draw.rect(surface, back if is_here else shade(back, 0.78), cell, border_radius=5)
            image, origin = self._figure(index)
            clip = surface.get_clip()
            surface.set_clip(cell)
            surface.blit(image, (cell.centerx - origin[0] - 4, cell.bottom - 20 - origin[1]))
            surface.set_clip(clip)
            if index in self.picks:
                draw_text(surface, "picked", (cell.left + 4, cell.top + 3), 16, SIDES[0])
            name = self.roster.names[index]
            size = 17 if len(name) < 13 else 15 if len(name) < 15 else 13
            draw_text(surface, name, (cell.centerx, cell.bottom - 15), size, PAPER, align=0.5)
            if is_here:
                pygame.draw.rect(surface, side, cell.inflate(4, 4), 3, border_radius=6)
        if rows > _ROWS:
            bar = pygame.Rect(_GRID[0] + _COLUMNS * _CELL[0], _GRID[1], 4, 434)
            pygame.draw.rect(surface, INK, bar)
            top = bar.top + bar.height * first / rows
            pygame.draw.rect(surface, side, (bar.left, top, 4, bar.height * _ROWS / rows))
        if not shown:
            draw_text(
                surface,
                "nobody: Backspace takes a letter back",
                (_GRID[0], _GRID[1] + 20),
                24,
                PAPER,
            )

    def _figure(self, index: int) -> tuple[pygame.Surface, tuple[int, int]]:
        if index not in self._figures:
            look = self.looks[index]
            tall = 0.038 * int(self.roster[index].stats["hurt_height"])
            self._figures[index] = draw_standing(look, tall * (0.85 + 0.15 * look.size))
        return self._figures[index]

    def _draw_details(self, surface: pygame.Surface, character: Character, side: Colour) -> None:
        left, top, width, height = _PANEL
        look = self.looks[character.index]
        pygame.draw.rect(surface, mix(look.main, INK, 0.62), (left, top, width, height))
        pygame.draw.rect(surface, side, (left, top, width, height), 2)
        glow(surface, (left + 78, top + 110), 84, shade(look.glow, 0.3))
        pygame.draw.ellipse(surface, shade(look.main, 0.35), (left + 24, top + 172, 110, 22))
        tall = 0.083 * int(character.stats["hurt_height"]) * (0.85 + 0.15 * look.size)
        in_form = character.form is not None and self._tick % 90 >= 60
        image, origin = draw_standing(look.in_form() if in_form else look, tall, tick=self._tick)
        surface.blit(image, (left + 74 - origin[0], top + 184 - origin[1]))
        if character.form is not None:
            word = "in its form" if in_form else "has a form"
            draw_text(surface, word, (left + 78, top + 6), 17, look.glow, align=0.5)
        x = left + 158
        draw_text(surface, character.name, (x, top + 8), 28, PAPER, edge=2)
        about = f"{character.school.name}, {character.role}"
        draw_text(surface, about, (x, top + 34), 19, mix(look.glow, PAPER, 0.4))
        for i, (word, key, low, high) in enumerate(_STATS):
            y = top + 58 + 18 * i
            draw_text(surface, word, (x, y), 17, (206, 200, 220))
            share = (int(character.stats[key]) - low) / (high - low)
            pygame.draw.rect(surface, INK, (x + 58, y + 1, 124, 10))
            pygame.draw.rect(surface, look.accent, (x + 59, y + 2, 122 * share, 8))
            pygame.draw.rect(surface, look.glow, (x + 59, y + 2, 122 * share, 2))
        for i, trait in enumerate(character.traits):
            word = trait.replace("_", " ")
            draw_text(surface, word, (x, top + 134 + 19 * i), 22, (226, 190, 255))
        slip = f"slip: {character.slip['kind']}"
        draw_text(surface, slip, (x, top + 136 + 19 * len(character.traits)), 18, (200, 206, 222))
        for i, line in enumerate(wrap_text(character.text, 19, width - 24)[:3]):
            draw_text(surface, line, (left + 12, top + 202 + 18 * i), 19, (232, 226, 214))
        y = top + 264
        for button in _BUTTONS:
            move = character.moves.get(button.name.lower())
            if move is None:
                continue
            other = (character.form or {}).get(button.name.lower())
            box = pygame.Rect(left + 12, y, 28, 28)
            pygame.draw.rect(surface, mix(look.accent, INK, 0.45), box, border_radius=5)
            draw_glyph(surface, box, GLYPH_OF[move.archetype], PAPER)
            name = move.name if other is None else f"{move.name} / {other.name}"
            draw_text(surface, name, (left + 48, y), 22, PAPER)
            kind = f"{button.name.lower()}, {move.archetype}".replace("_", " ")
            draw_text(surface, kind, (left + 48, y + 16), 16, mix(look.glow, PAPER, 0.3))
            y += 35
        chain = " > ".join(move.name for move in character.chain[:3])
        for i, line in enumerate(wrap_text(f"chain: {chain}", 16, width - 24)[:2]):
            draw_text(surface, line, (left + 12, y + 2 + 15 * i), 16, (200, 196, 214))
