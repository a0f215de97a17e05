"""The pictures of the documentation: `python -m cam_arena.render.gallery docs/images`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pygame

from ..game.match import Match
from ..roster import Character, Roster
from .appearance import appearance
from .colours import INK, PAPER, mix, parse, shade
from .fighter_art import draw_standing
from .frame import Frame, Mark, State, read_frame
from .paint import draw_text, glow
from .viewer import Viewer

__all__ = ["draw_lineup", "draw_roster", "main"]

_PAIRS: Final = (("punisher:5", "masher:4"), ("masher:5", "zoner:5"), ("zoner:5", "punisher:4"))
_LONGEST_SEARCH: Final = 40  # matches
_HOURS: Final = 3  # seeds so far apart have the same time of day
_LEAD_TICKS: Final = 90
_REST_DRAWINGS: Final = 34
_PAGE: Final = (44, 40, 62)


def draw_lineup(roster: Roster, columns: int = 8) -> pygame.Surface:
    """Draw one character of each school, with names."""
    firsts = {c.school.name: c for c in reversed(roster.characters)}
    cast = sorted(firsts.values(), key=lambda c: c.index)
    cell_width, cell_height = 180, 256
    rows = (len(cast) + columns - 1) // columns
    surface = pygame.Surface((columns * cell_width, rows * cell_height))
    for i, character in enumerate(cast):
        left, top = i % columns * cell_width, i // columns * cell_height
        look = appearance(character.name, character.palette, character.silhouette)
        back = mix(look.main, (112, 112, 146), 0.72)
        pygame.draw.rect(surface, back, (left, top, cell_width, cell_height))
        pygame.draw.rect(surface, INK, (left, top, cell_width, cell_height), 2)
        glow(surface, (left + cell_width / 2, top + 120), 100, (46, 44, 40))
        pygame.draw.ellipse(surface, shade(back, 0.6), (left + 40, top + 194, 100, 22))
        image, origin = draw_standing(
            look, 0.084 * int(character.stats["hurt_height"]) * (0.85 + 0.15 * look.size)
        )
        surface.blit(image, (left + cell_width / 2 - origin[0] - 10, top + 206 - origin[1]))
        middle, bottom = left + cell_width / 2, top + cell_height
        draw_text(surface, character.name, (middle, bottom - 38), 22, PAPER, align=0.5)
        light = mix(look.glow, PAPER, 0.4)
        draw_text(surface, character.school.name, (middle, bottom - 20), 18, light, align=0.5)
        for line, trait in enumerate(character.traits):
            word = trait.replace("_", " ")
            draw_text(surface, word, (left + 8, top + 6 + 15 * line), 18, (226, 200, 255))
    return surface


def draw_roster(roster: Roster) -> pygame.Surface:
    """Draw every character, small, with its name: one row for each school."""
    rows: list[list[Character]] = [[] for _ in roster.schools]
    for character in roster:
        rows[character.school.index].append(character)
    cell_width, cell_height, label = 92, 118, 132
    columns = max(map(len, rows))
    surface = pygame.Surface((label + columns * cell_width, len(rows) * cell_height))
    surface.fill(_PAGE)
    for school, row in zip(roster.schools, rows, strict=True):
        top = school.index * cell_height
        colour = parse(school.palette[0])
        band = (0, top, surface.get_width(), cell_height)
        pygame.draw.rect(surface, mix(colour, _PAGE, 0.68), band)
        pygame.draw.rect(surface, mix(colour, PAPER, 0.2), (0, top, 6, cell_height))
        draw_text(surface, school.name, (16, top + 34), 25, PAPER, edge=2)
        draw_text(surface, school.bot, (16, top + 58), 18, mix(colour, PAPER, 0.6))
        for column, character in enumerate(row):
            _draw_small(surface, character, label + column * cell_width, top)
        pygame.draw.line(surface, INK, (0, top), (surface.get_width(), top), 2)
    return surface


def _draw_small(surface: pygame.Surface, character: Character, left: int, top: int) -> None:
    """One figure of the page of all: the cell is 92 x 118 pixels."""
    look = appearance(character.name, character.palette, character.silhouette)
    back = mix(look.main, (150, 146, 178), 0.76)
    pygame.draw.rect(surface, back, (left + 2, top + 4, 88, 110), border_radius=6)
    pygame.draw.ellipse(surface, shade(back, 0.65), (left + 18, top + 84, 56, 13))
    tall = 0.0385 * int(character.stats["hurt_height"]) * (0.85 + 0.15 * look.size)
    image, origin = draw_standing(look, tall)
    cell = pygame.Rect(left + 2, top + 4, 88, 110)
    surface.set_clip(cell)
    surface.blit(image, (left + 42 - origin[0], top + 91 - origin[1]))
    surface.set_clip(None)
    size = 17 if len(character.name) < 13 else 15 if len(character.name) < 15 else 13
    draw_text(surface, character.name, (left + 46, top + 99), size, PAPER, align=0.5)


def _is_clash(frame: Frame) -> bool:
    """A hit that lands on a fighter in the air, both well apart and in the middle."""
    for striker, victim in (frame.fighters, frame.fighters[::-1]):
        flies = victim.state == State.LAUNCHED and victim.z > 150 and victim.combo_hits >= 2
        apart = 600 < abs(striker.x - victim.x) < 1700 and abs(striker.x + victim.x) < 6000
        arc = any(min(abs(b.x0 - striker.x), abs(b.x1 - striker.x)) < 300 for b in striker.boxes)
        if arc and flies and apart and victim.mark_age == 2 and not victim.is_invulnerable:
            return True
    return False


def _is_ultimate(frame: Frame) -> bool:
    return frame.freeze == 4 and abs(frame.fighters[0].x - frame.fighters[1].x) > 900


def _is_shot(frame: Frame) -> bool:
    for owner, other in ((0, 1), (1, 0)):
        target = frame.fighters[other]
        for entity in frame.fighters[owner].entities:
            near = 800 < abs(entity.x - target.x) < 2000 and abs(entity.y - target.y) < 700
            if entity.kind == 0 and near and entity.age > 4 and frame.tick > 60:
                return True
    return False


def _is_boxed(frame: Frame) -> bool:
    """A hit of the body, forward, that lands on a standing fighter at its full reach."""
    for striker, victim in (frame.fighters, frame.fighters[::-1]):
        centre = [(box.x0 + box.x1) / 2 * striker.facing for box in striker.boxes]
        forward = any(x > striker.x * striker.facing + 350 for x in centre)
        lands = victim.combo_hits == 1 and victim.mark == Mark.HIT and victim.mark_age == 2
        plain = not any(f.is_invulnerable or f.effects or f.entities for f in frame.fighters)
        if forward and lands and plain and abs(striker.x - victim.x) > 800:
            return True
    return False


def _is_over(frame: Frame) -> bool:
    return frame.is_over and any(f.state == State.KO for f in frame.fighters)


_SCENES: Final[tuple[tuple[str, Callable[[Frame], bool], bool, int], ...]] = (
    ("match.png", _is_clash, False, 29),
    ("ultimate.png", _is_ultimate, False, 3),
    ("projectile.png", _is_shot, False, 4),
    ("boxes.png", _is_boxed, True, 2),
    ("ko.png", _is_over, False, 8),
)


def _find(wanted: Callable[[Frame], bool], boxes: bool, first_seed: int) -> pygame.Surface:
    """Let bots fight until a frame is as wanted, then draw what led to it."""
    for seed in range(first_seed, first_seed + _LONGEST_SEARCH * _HOURS, _HOURS):
        pair = _PAIRS[seed % len(_PAIRS)]
        match = _begin(seed, pair)
        while not wanted(read_frame(match.state, match.roster)) and not match.is_over:
            match.step([0, 0])
        frame = read_frame(match.state, match.roster)
        if not wanted(frame):
            continue
        viewer, again = Viewer("rgb_array", match.roster, show_boxes=boxes), _begin(seed, pair)
        while again.tick < frame.tick:
            if again.tick > frame.tick - _LEAD_TICKS:
                viewer.draw(again.state, pair)
            again.step([0, 0])
        for _ in range(_REST_DRAWINGS if frame.is_over else 1):
            viewer.draw(again.state, pair)
        return viewer.surface
    raise RuntimeError(f"no such scene in {_LONGEST_SEARCH} matches from seed {first_seed}")


def _begin(seed: int, pair: tuple[str, str]) -> Match:
    match = Match(seed, frame_skip=1)
    for seat, bot in enumerate(pair):
        match.set_bot(seat, bot)
    match.reset(seed)
    return match


def main(folder: str | Path) -> list[Path]:
    """Draw all pictures into `folder`; return their paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {name: _find(wanted, boxes, seed) for name, wanted, boxes, seed in _SCENES}
    roster = Match(0).roster
    pictures["lineup.png"] = draw_lineup(roster)
    pictures["roster.png"] = draw_roster(roster)
    for name, surface in pictures.items():
        pygame.image.save(surface, folder / name)
    return [folder / name for name in pictures]


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "docs/images")
