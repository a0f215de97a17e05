"""A person fights a bot, or another person, at the keyboard."""

from dataclasses import dataclass, field
from typing import Final

import pygame

from ..game.match import Match
from ..game.options import Picks
from ..roster.codes import Button
from .chooser import Chooser
from .colours import INK, PAPER, SIDES, mix
from .frame import State, read_frame
from .keyboard import ONE_PLAYER, TWO_PLAYERS, Keys, Player
from .paint import draw_text, fill_translucent
from .viewer import Viewer

__all__ = ["Session", "play"]

TICKS_PER_SECOND: Final = 30
_HELP_TICKS: Final = 150
_TOOLS: Final = "   ".join(
    (
        *("F1: boxes", "F2: frame meter", "F3 or Pause: pause", "F4: keys", "F5: again"),
        *("F6: characters", "F10: one tick", "Esc: quit"),
    )
)
_WORDS: Final = {
    Button.ATTACK: "attack",
    Button.SKILL1: "skill",
    Button.SKILL2: "skill",
    Button.ULTIMATE: "ultimate",
    Button.SLIP: "slip",
    Button.SCROLL: "scroll",
    Button.COMPANION_A: "companion",
    Button.TRAIT: "trait",
}


def play(
    opponent: str = "punisher:2",
    characters: Picks = None,
    seed: int = 0,
    speed: float = 1.0,
    boxes: bool = False,
    two_players: bool = False,
) -> tuple[int, int]:
    """Play matches in a window until the player leaves.

    Args:
        opponent: bot of fighter_1, such as `zoner:3`; not used with two players.
        characters: a name, a pair (the player's first), a split such as `core8`; None opens the
            screen on which they are chosen.
        seed: of the first match; every further match has the next one.
        speed: 1 is real time.
        boxes: begin with boxes and frame meter shown.
        two_players: two people share the keyboard.

    Returns:
        How many matches fighter_0 and fighter_1 have won.

    Raises:
        ValueError: if a bot, a character or the speed is not allowed.
    """
    if not 0.05 <= speed <= 20.0:
        raise ValueError(f"speed must be 0.05..20, got {speed}")
    match = Match(seed, frame_skip=1, characters=characters)
    viewer = Viewer(
        "human", match.roster, show_boxes=boxes, fps=max(1, round(TICKS_PER_SECOND * speed))
    )
    session = Session(match, viewer, None if two_players else opponent, seed)
    if characters is None:
        session.choose()
    try:
        while not session.is_left:
            session.advance()
    finally:
        viewer.close()
    return session.wins


@dataclass
class Session:
    """Matches at the keyboard, one drawing at a time. Keys come from pygame's event queue."""

    match: Match
    viewer: Viewer
    opponent: str | None
    """A bot, or None for a second person."""
    seed: int
    is_paused: bool = False
    is_left: bool = False
    wins: tuple[int, int] = (0, 0)
    chooser: Chooser | None = None
    """The screen on which characters are chosen, while it is open."""
    _picks: list[int | None] | None = None
    _players: list[Player] = field(default_factory=list)
    _help_ticks: int = _HELP_TICKS
    _steps: int = 0

    def __post_init__(self) -> None:
        """Sit the players down and begin."""
        if self.opponent is None:
            self._players = [
                Player(keys, mirrored=seat == 1) for seat, keys in enumerate(TWO_PLAYERS)
            ]
        else:
            self._players = [Player(ONE_PLAYER, mirrored=False)]
        for seat, player in enumerate(self._players):
            self.viewer.hud.labels[seat] = player.keys.labels
        self.match.set_bot(1, self.opponent)
        self._begin()

    @property
    def labels(self) -> tuple[str, str]:
        """Names over the fighters' heads."""
        return ("you", self.opponent) if self.opponent is not None else ("player 1", "player 2")

    def choose(self) -> None:
        """Open the screen on which characters are chosen; the next match is theirs."""
        titles = ("Your fighter", "Your opponent")
        if self.opponent is None:
            titles = ("Player 1", "Player 2")
        self.chooser = Chooser(self.match.roster, self.viewer.looks, titles)

    def advance(self) -> None:
        """Draw, read the keys, and go on by one tick unless paused."""
        if self.chooser is not None:
            self._advance_choice(self.chooser)
            return
        self._draw()
        for event in self.viewer.events:
            self._take(event)
        if self.viewer.is_closed:
            self.is_left = True
        if self.is_left or self.match.is_over or (self.is_paused and not self._steps):
            return
        self._steps = max(0, self._steps - 1)
        state = self.match.state
        actions = [0, 0]
        for seat, player in enumerate(self._players):
            actions[seat] = player.action(
                is_holding=int(state["fighters"][seat]["state"]) == State.HOLD
            )
        self.match.step(actions)
        won = self.match.winner
        if won in (0, 1):
            self.wins = (self.wins[0] + (won == 0), self.wins[1] + (won == 1))

    def _advance_choice(self, chooser: Chooser) -> None:
        if not self.viewer.is_closed:
            chooser.draw(self.viewer.surface)
            self.viewer.show()
        for event in self.viewer.events:
            chooser.take(event)
            if chooser.is_done or chooser.is_left:
                break
        self.is_left = self.viewer.is_closed
        if chooser.is_done:
            self._picks, self.chooser = chooser.picks, None
            self._begin()
        elif chooser.is_left:
            self.chooser = None

    def _begin(self) -> None:
        self.match.reset(self.seed, {"characters": self._picks} if self._picks else None)
        for player in self._players:
            player.held.clear()
        self.is_paused = False
        self._help_ticks = _HELP_TICKS

    def _take(self, event: pygame.event.Event) -> None:
        if event.type == pygame.KEYDOWN and self._command(event.key):
            return
        for player in self._players:
            player.take(event)

    def _command(self, key: int) -> bool:
        """Carry out a key that belongs to the session; False if it belongs to a player."""
        match key:
            case pygame.K_ESCAPE:
                self.is_left = True
            case pygame.K_F1:
                self.viewer.show_boxes = not self.viewer.show_boxes
            case pygame.K_F2:
                self.viewer.show_meter = not self.viewer.show_meter
            case pygame.K_F3 | pygame.K_PAUSE:
                self.is_paused = not self.is_paused
            case pygame.K_F4:
                self._help_ticks = 0 if self._help_ticks else 10**9
            case pygame.K_F6:
                self.choose()
            case pygame.K_F10:
                self.is_paused, self._steps = True, 1
            case pygame.K_F5:
                self._again()
            case pygame.K_r | pygame.K_RETURN if self.opponent is not None or self.match.is_over:
                self._again()
            case _:
                return False
        return True

    def _again(self) -> None:
        self.seed += 1
        self._begin()

    def _draw(self) -> None:
        viewer = self.viewer
        if viewer.is_closed:
            return
        viewer.paint(read_frame(self.match.state, self.match.roster), self.labels)
        surface = viewer.surface
        if self._help_ticks > 0:
            self._help_ticks -= 1
            self._draw_help(surface)
        middle, height = surface.get_width() / 2, surface.get_height()
        if self.is_paused:
            draw_text(
                surface,
                "PAUSED   F10: one tick   F3: go on",
                (middle, height * 0.24),
                30,
                PAPER,
                align=0.5,
                edge=2,
            )
        if self.match.is_over:
            score = f"{self.wins[0]} : {self.wins[1]}"
            draw_text(
                surface,
                f"{score}   Return: again   Esc: quit",
                (middle, height * 0.45),
                30,
                PAPER,
                align=0.5,
                edge=2,
            )
        viewer.show()

    def _draw_help(self, surface: pygame.Surface) -> None:
        width, height = surface.get_size()
        lines = [self._describe(player.keys) for player in self._players]
        top = height - 92 - 22 * len(lines) - (66 if self.viewer.show_meter else 0)
        bottom = top + 38 + 22 * len(lines)
        fill_translucent(
            surface,
            [(0, top - 8), (width, top - 8), (width, bottom), (0, bottom)],
            INK,
            190,
        )
        for i, line in enumerate(lines):
            draw_text(
                surface, line, (width / 2, top + 22 * i), 22, mix(SIDES[i], PAPER, 0.5), align=0.5
            )
        draw_text(
            surface, _TOOLS, (width / 2, top + 22 * len(lines)), 20, (200, 196, 214), align=0.5
        )

    @staticmethod
    def _describe(keys: Keys) -> str:
        parts = [f"{keys.walk}: walk"]
        parts += [f"{keys.labels[button]}: {word}" for button, word in _WORDS.items()]
        return "   ".join(parts)
