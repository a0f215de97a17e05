"""Words that come and go: names of moves, combos, the start and the end of a match."""

from collections.abc import Mapping, Sequence
from typing import Final

import pygame

from ..roster import Roster
from .colours import INK, PAPER, SIDES, Colour, mix
from .frame import FighterFrame, Frame, State
from .history import Callout, History
from .paint import draw_text, fill_translucent

__all__ = ["draw_banner", "draw_callout", "draw_combo", "draw_start"]

_KIND_COLOURS: Final[Mapping[str, Colour]] = {
    "skill": (255, 226, 140),
    "ultimate": (255, 140, 90),
    "scroll": (170, 230, 255),
    "companion": (190, 255, 170),
    "trait": (226, 190, 255),
    "entity": (255, 226, 140),
}


def draw_start(surface: pygame.Surface, frame: Frame) -> None:
    """Announce the start."""
    width, height = surface.get_size()
    draw_text(
        surface,
        "FIGHT",
        (width / 2, height * 0.34),
        96,
        (255, 232, 170),
        align=0.5,
        edge=3,
        alpha=255 - frame.tick * 8,
    )


def draw_callout(
    surface: pygame.Surface, fighter: FighterFrame, callout: Callout, frame: Frame
) -> None:
    """Name the move that a fighter has begun or struck with, and what it has done."""
    age = frame.tick - callout.born
    way = 1 if fighter.side == 0 else -1
    colour = _KIND_COLOURS.get(callout.kind, PAPER)
    big = callout.kind == "ultimate"
    size = 40 if big else 28 if callout.kind != "chain" else 22
    slide = 0 if callout.hits else max(0, 4 - age) * 30
    text = callout.text
    if callout.hits:
        text += f"   {callout.hits} x" if callout.hits > 1 else ""
        text += f"   {callout.damage}"
    y = 116 if not big else 112
    edge = -slide if way > 0 else surface.get_width() + slide
    width = len(text) * size * 0.42 + 46
    alpha = 190 if age < 36 else max(0, 190 - (age - 36) * 16)
    band = [
        (edge, y),
        (edge + way * (width + 18), y),
        (edge + way * width, y + size * 0.82 + 8),
        (edge, y + size * 0.82 + 8),
    ]
    fill_translucent(surface, band, mix(INK, SIDES[fighter.side], 0.28), alpha)
    draw_text(
        surface,
        text,
        (edge + way * 16, y + 5),
        size,
        colour,
        align=0.0 if way > 0 else 1.0,
        alpha=min(255, alpha + 65),
    )


def draw_combo(
    surface: pygame.Surface,
    victims: Sequence[FighterFrame],
    frame: Frame,
    history: History,
    place: tuple[int, int],
) -> None:
    """How long the longest combo is that a side takes.

    `place` is where: pixels from the attackers' edge, and from the top.
    """
    tracks = [history.tracks[victim.index] for victim in victims]
    track = max(
        (one for one in tracks if one.combo_hits >= 2 and frame.tick - one.combo_tick <= 30),
        key=lambda one: one.combo_hits,
        default=None,
    )
    if track is None:
        return
    age = frame.tick - track.combo_tick
    way = 1 if victims[0].side == 1 else -1
    x, y = place[0] if way > 0 else surface.get_width() - place[0], place[1]
    align = 0.0 if way > 0 else 1.0
    alpha = 255 if age < 18 else 255 - (age - 18) * 20
    draw_text(
        surface,
        f"{track.combo_hits} HITS",
        (x, y),
        44,
        (255, 222, 110),
        align=align,
        edge=2,
        alpha=alpha,
    )
    draw_text(
        surface, f"{track.combo_damage} damage", (x, y + 34), 24, PAPER, align=align, alpha=alpha
    )


def draw_banner(surface: pygame.Surface, frame: Frame, history: History, roster: Roster) -> None:
    """Announce the end."""
    age = frame.tick - history.over_tick
    fallen = any(f.state == State.KO for f in frame.fighters)
    word = "K.O." if fallen else "TIME"
    y = surface.get_height() * 0.17
    fill_translucent(
        surface,
        [(0, y - 8), (surface.get_width(), y - 8), (surface.get_width(), y + 132), (0, y + 132)],
        INK,
        120,
    )
    draw_text(
        surface,
        word,
        (surface.get_width() / 2, y),
        110 if age > 2 else 140,
        (255, 96, 74) if fallen else (255, 214, 110),
        align=0.5,
        edge=3,
    )
    if frame.winner in (0, 1):
        winners = [f for f in frame.fighters if f.side == frame.winner]
        is_team = len(winners) > 1
        who = ("Blue", "Red")[frame.winner] if is_team else roster[winners[0].character].name
        perfect = "  without a scratch" if all(f.hp == f.max_hp for f in winners) else ""
        draw_text(
            surface,
            f"{who} wins{perfect}",
            (surface.get_width() / 2, y + 84),
            44,
            mix(SIDES[frame.winner], PAPER, 0.45),
            align=0.5,
            edge=2,
        )
    else:
        draw_text(surface, "Draw", (surface.get_width() / 2, y + 84), 44, PAPER, align=0.5, edge=2)
