"""The keys that steer a window, in `play` and in `watch`: pause, single ticks, boxes and so on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import pygame

from .colours import INK, PAPER, Colour
from .keyboard import BUTTON_WORDS, ONE_PLAYER, TWO_PLAYERS
from .paint import draw_text, fill_translucent
from .viewer import Viewer

__all__ = ["PLAY_KEYS", "WATCH_KEYS", "Command", "Controls", "key_tables"]

_HELP_DRAWINGS: Final = 150  # the keys are shown at the start of a match
_TONE: Final[Colour] = (200, 196, 214)


class Command(Enum):
    """What a key of the window does, in the words of its help."""

    PAUSE = "pause"
    TICK = "one tick"
    SLOWER = "slower"
    FASTER = "faster"
    BOXES = "boxes"
    METER = "frame meter"
    HELP = "keys"
    NEXT = "next match"
    CHARACTERS = "characters"
    LEAVE = "quit"


_ABOUT: Final = {
    Command.PAUSE: "pause, and go on",
    Command.TICK: "one tick, then pause",
    Command.SLOWER: "half the speed",
    Command.FASTER: "twice the speed",
    Command.BOXES: "hurt boxes and active hits",
    Command.METER: "frame meter",
    Command.HELP: "show the keys",
    Command.NEXT: "next match, with the next seed",
    Command.CHARACTERS: "choose characters",
    Command.LEAVE: "quit",
}

CommandKeys = Mapping[Command, tuple[int, ...]]

WATCH_KEYS: Final[CommandKeys] = {
    Command.PAUSE: (pygame.K_SPACE, pygame.K_F3, pygame.K_PAUSE),
    Command.TICK: (pygame.K_RIGHT, pygame.K_F10),
    Command.SLOWER: (pygame.K_MINUS, pygame.K_KP_MINUS),
    Command.FASTER: (pygame.K_PLUS, pygame.K_EQUALS, pygame.K_KP_PLUS),
    Command.BOXES: (pygame.K_F1,),
    Command.METER: (pygame.K_F2,),
    Command.HELP: (pygame.K_F4,),
    Command.NEXT: (pygame.K_n, pygame.K_r, pygame.K_RETURN, pygame.K_F5),
    Command.LEAVE: (pygame.K_ESCAPE,),
}

PLAY_KEYS: Final[CommandKeys] = {
    Command.PAUSE: (pygame.K_F3, pygame.K_PAUSE),
    Command.TICK: (pygame.K_F10,),
    Command.BOXES: (pygame.K_F1,),
    Command.METER: (pygame.K_F2,),
    Command.HELP: (pygame.K_F4,),
    Command.NEXT: (pygame.K_F5, pygame.K_r, pygame.K_RETURN),
    Command.CHARACTERS: (pygame.K_F6,),
    Command.LEAVE: (pygame.K_ESCAPE,),
}

_NAMES: Final = {
    pygame.K_SPACE: "Space",
    pygame.K_PAUSE: "Pause",
    pygame.K_RIGHT: "Right",
    pygame.K_MINUS: "-",
    pygame.K_PLUS: "+",
    pygame.K_RETURN: "Return",
    pygame.K_ESCAPE: "Esc",
    pygame.K_n: "N",
    pygame.K_r: "R",
    **{getattr(pygame, f"K_F{n}"): f"F{n}" for n in range(1, 13)},
}
"""Names of keys; those that only repeat another have none."""


@dataclass
class Controls:
    """What the keys have set, and the words about it on the picture."""

    viewer: Viewer
    keys: CommandKeys
    is_paused: bool = False
    is_left: bool = False
    _has_tick: bool = False
    _help_left: int = _HELP_DRAWINGS

    def begin(self) -> None:
        """Go on without a pause: another match begins."""
        self.is_paused = self._has_tick = False
        self._help_left = max(self._help_left, _HELP_DRAWINGS)

    def take(self, event: pygame.event.Event) -> Command | None:
        """Carry out a key's command and return it.

        None if it is another's key. SLOWER, FASTER, NEXT and CHARACTERS are only returned.
        """
        if event.type != pygame.KEYDOWN:
            return None
        command = next((name for name, keys in self.keys.items() if event.key in keys), None)
        match command:
            case Command.PAUSE:
                self.is_paused = not self.is_paused
            case Command.TICK:
                self.is_paused = self._has_tick = True
            case Command.BOXES:
                self.viewer.show_boxes = not self.viewer.show_boxes
            case Command.METER:
                self.viewer.show_meter = not self.viewer.show_meter
            case Command.HELP:
                self._help_left = 0 if self._help_left else 10**9
            case Command.LEAVE:
                self.is_left = True
        return command

    def may_go_on(self) -> bool:
        """Return whether the match goes on after this drawing; a single tick counts once."""
        goes, self._has_tick = self._has_tick or not self.is_paused, False
        return goes

    def draw(
        self, words: str = "", *, is_over: bool, lines: Sequence[tuple[str, Colour]] = ()
    ) -> None:
        """Draw the help while it is shown, and words in the middle.

        Args:
            words: for the middle; in a pause, those on the pause by default.
            is_over: whether the banner of the end is on the picture; words stand below it.
            lines: of help, above that on the window's keys, with their colours.
        """
        surface = self.viewer.surface
        if self._help_left > 0:
            self._help_left -= 1
            self._draw_help([*lines, (self._describe(), _TONE)])
        if self.is_paused and not words:
            tick, go_on = (_label(self.keys[name]) for name in (Command.TICK, Command.PAUSE))
            words = f"PAUSED   {tick}: one tick   {go_on}: go on"
        if words:
            place = (surface.get_width() / 2, surface.get_height() * (0.45 if is_over else 0.24))
            draw_text(surface, words, place, 30, PAPER, align=0.5, edge=2)

    def _draw_help(self, lines: Sequence[tuple[str, Colour]]) -> None:
        surface = self.viewer.surface
        width, height = surface.get_size()
        bottom = height - 76 - (66 if self.viewer.show_meter else 0)
        top = bottom - 22 * len(lines)
        band = [(0, top - 8), (width, top - 8), (width, bottom), (0, bottom)]
        fill_translucent(surface, band, INK, 190)
        for i, (line, colour) in enumerate(lines):
            draw_text(surface, line, (width / 2, top + 22 * i), 20, colour, align=0.5)

    def _describe(self) -> str:
        return "   ".join(f"{_label(keys)}: {name.value}" for name, keys in self.keys.items())


def _label(keys: tuple[int, ...]) -> str:
    """The first of the keys that have names."""
    return next(_NAMES[key] for key in keys if key in _NAMES)


def key_tables() -> str:
    """Return the keys as two Markdown tables: those of the windows, and those of fighters."""

    def cell(keys: tuple[int, ...]) -> str:
        return ", ".join(_NAMES[key] for key in keys if key in _NAMES)

    lines = ["| The window | `watch` | `play` |", "| --- | --- | --- |"]
    for command, about in _ABOUT.items():
        watch, play = (cell(keys.get(command, ())) for keys in (WATCH_KEYS, PLAY_KEYS))
        lines.append(f"| {about} | {watch} | {play} |")
    players = (ONE_PLAYER, *TWO_PLAYERS)
    lines += ["", "| A fighter | alone | player 1 | player 2 |", "| --- | --- | --- | --- |"]
    lines.append(f"| walk | {' | '.join(player.walk for player in players)} |")
    for button, (_, about) in BUTTON_WORDS.items():
        lines.append(f"| {about} | {' | '.join(player.labels[button] for player in players)} |")
    return "\n".join(lines) + "\n"
