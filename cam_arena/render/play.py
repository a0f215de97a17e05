"""A person fights a bot, or another person, at the keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pygame

from ..game.match import Match
from ..game.options import TICKS_PER_SECOND, Picks
from ..opponents import OpponentWord, resolve
from ..roster.codes import Button
from ..seated import Seated
from .chooser import Chooser
from .colours import PAPER, SIDES, mix
from .controls import PLAY_KEYS, Command, Controls
from .frame import State, read_frame
from .keyboard import ONE_PLAYER, TWO_PLAYERS, Player
from .viewer import Viewer

__all__ = ["Session", "play"]


def play(
    opponent: OpponentWord = "punisher:2",
    characters: Picks = None,
    seed: int = 0,
    speed: float = 1.0,
    boxes: bool = False,
    two_players: bool = False,
    roster: str | Path | None = None,
) -> tuple[int, int]:
    """Play matches in a window until the player leaves.

    Args:
        opponent: who plays fighter_1: a bot such as `zoner:3`, or whatever else is an opponent; see
            `cam_arena.opponents.resolve`. Not used with two players.
        characters: a name, a pair (the player's first), a split such as `core8`; None opens the
            screen on which they are chosen.
        seed: of the first match; every further match has the next one.
        speed: 1 is real time.
        boxes: begin with boxes and frame meter shown.
        two_players: two people share the keyboard.
        roster: directory of the characters; the bundled one by default.

    Returns:
        How many matches fighter_0 and fighter_1 have won.

    Raises:
        ValueError: if a bot, a character or the speed is not allowed.
        CheckpointError: if a directory holds no intact policy that can play this roster.
    """
    if not 0.05 <= speed <= 20.0:
        raise ValueError(f"speed must be 0.05..20, got {speed}")
    match = Match(seed, frame_skip=1, characters=characters, roster=roster)
    viewer = Viewer("human", match.roster, show_boxes=boxes, fps=TICKS_PER_SECOND * speed)
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
    opponent: OpponentWord | None
    """Who plays fighter_1; None for a second person."""
    seed: int
    wins: tuple[int, int] = (0, 0)
    chooser: Chooser | None = None
    """The screen on which characters are chosen, while it is open."""
    controls: Controls = field(init=False)
    _picks: list[int | None] | None = None
    _players: list[Player] = field(default_factory=list)
    _seated: Seated | None = None

    def __post_init__(self) -> None:
        """Sit the players down and begin."""
        self.controls = Controls(self.viewer, PLAY_KEYS)
        if self.opponent is None:
            self._players = [
                Player(keys, mirrored=seat == 1) for seat, keys in enumerate(TWO_PLAYERS)
            ]
        else:
            self._players = [Player(ONE_PLAYER, mirrored=False)]
        for seat, player in enumerate(self._players):
            self.viewer.hud.labels[seat] = player.keys.labels
        if self.opponent is not None:
            self._seated = Seated(self.match, 1, [resolve(self.opponent, self.match.roster)])
        self._begin()

    @property
    def labels(self) -> tuple[str, str]:
        """Names over the fighters' heads."""
        return ("player 1", "player 2") if self._seated is None else ("you", self._seated.name)

    @property
    def is_left(self) -> bool:
        """Whether the players have had enough."""
        return self.controls.is_left or self.viewer.is_closed

    def choose(self, begin_at: Sequence[int] = ()) -> None:
        """Open the screen on which characters are chosen; the next match is theirs.

        Args:
            begin_at: the characters under the cursor at first, one for each pick.
        """
        titles = ("Your fighter", "Your opponent")
        if self.opponent is None:
            titles = ("Player 1", "Player 2")
        self.chooser = Chooser(self.match.roster, self.viewer.looks, titles, begin_at)
        self._let_go()

    def advance(self) -> None:
        """Draw, read the keys, and go on by one tick unless paused."""
        if self.chooser is not None:
            self._advance_choice(self.chooser)
            return
        self._draw()
        for event in self.viewer.events:
            self._take(event)
        if self.is_left or self.match.is_over or not self.controls.may_go_on():
            return
        actions = [0, 0]
        for seat, player in enumerate(self._players):
            actions[seat] = player.action(self.match.action_mask(seat), self._charges(seat))
        if self._seated is not None:
            actions[1] = self._seated.tick_action()
        self.match.step(actions)
        won = self.match.winner
        if won in (0, 1):
            self.wins = (self.wins[0] + (won == 0), self.wins[1] + (won == 1))

    def _charges(self, seat: int) -> Button:
        """The button whose charge a fighter holds, or none."""
        fighter = self.match.state["fighters"][seat]
        return Button(fighter["last_button"] if fighter["state"] == State.HOLD else Button.NONE)

    def _advance_choice(self, chooser: Chooser) -> None:
        chooser.draw(self.viewer.surface)
        self.viewer.show()
        for event in self.viewer.events:
            chooser.take(event)
            if chooser.is_done or chooser.is_left:
                break
        if chooser.is_done:
            self._picks, self.chooser = chooser.picks, None
            self._begin()
        elif chooser.is_left:
            self.chooser = None

    def _begin(self) -> None:
        if self._seated is not None:
            self._seated.sit(self.seed)
        self.match.reset(self.seed, {"characters": self._picks} if self._picks else None)
        if self._seated is not None:
            self._seated.begin()
        self._let_go()
        self.controls.begin()

    def _let_go(self) -> None:
        for player in self._players:
            player.let_go()

    def _take(self, event: pygame.event.Event) -> None:
        if event.type == pygame.WINDOWFOCUSLOST:  # keys that go up elsewhere are not heard of
            self._let_go()
        match self.controls.take(event) if self._is_for_window(event) else None:
            case None:
                for player in self._players:
                    player.take(event)
            case Command.NEXT:
                self.seed += 1
                self._begin()
            case Command.CHARACTERS:
                self.choose([character.index for character in self.match.characters])
            case Command.PAUSE if not self.controls.is_paused:
                for player in self._players:
                    player.press = Button.NONE  # of the pause: only a single tick would take it

    def _is_for_window(self, event: pygame.event.Event) -> bool:
        """Whether a key is the window's. R and Return are a player's while two people fight."""
        is_busy = self.opponent is None and not self.match.is_over
        keys = (pygame.K_r, pygame.K_RETURN)
        return event.type == pygame.KEYDOWN and not (is_busy and event.key in keys)

    def _draw(self) -> None:
        viewer = self.viewer
        viewer.is_still = self.controls.is_paused
        viewer.paint(read_frame(self.match.state, self.match.roster), self.labels)
        words = f"{self.wins[0]} : {self.wins[1]}   Return: again   Esc: quit"
        lines = [
            (player.keys.describe(), mix(SIDES[seat], PAPER, 0.5))
            for seat, player in enumerate(self._players)
        ]
        is_over = self.match.is_over
        self.controls.draw(words if is_over else "", is_over=is_over, lines=lines)
        viewer.show()
