"""A match is shown, in a window with keys or as a video file."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import pygame
from numpy.typing import NDArray

from ..game.match import Match
from ..game.options import TICKS_PER_SECOND, Picks
from ..game.squads import SquadOptions
from ..opponents import OpponentWord, resolve, trained_pair
from ..roster import Roster, load_roster
from ..seated import Seated, play_ticks
from .controls import WATCH_KEYS, Command, Controls
from .frame import read_frame
from .record import MOST_FPS, Recorder
from .team_match import TeamMatch
from .viewer import Viewer

__all__ = ["Begin", "Screening", "check_pace", "show", "watch"]

_LAST_LOOK_TICKS: Final = 75  # the winner's pose and the banner
_SLOWEST: Final = 0.05
_FASTEST: Final = 20.0
_END: Final = object()

Begin = Callable[[int], Iterator[None]]
"""Begins a match with a seed: yields once before its first tick and once after each."""


class Shown(Protocol):
    """What a match must tell to be shown."""

    @property
    def state(self) -> np.void:
        """The whole state as a numpy record."""

    @property
    def roster(self) -> Roster:
        """The roster that its characters come from."""

    @property
    def is_over(self) -> bool:
        """Whether no further step is possible."""


def watch(
    left: OpponentWord = "zoner:3",
    right: OpponentWord = "punisher:3",
    characters: Picks = None,
    seed: int = 0,
    speed: float = 1.0,
    record: str | Path | None = None,
    boxes: bool = False,
    seconds: float | None = None,
    roster: str | Path | Roster | None = None,
    team_size: int = 1,
    enemy_size: int | None = None,
) -> int:
    """Show a match between bots, policies or both, or between teams of bots.

    Args:
        left: who plays fighter_0: a bot such as `zoner:3`, or whatever else is an opponent; see
            `cam_arena.opponents.resolve`. Of a team, the bot that plays every fighter.
        right: who plays fighter_1, or the other team.
        characters: a name, a pair, a split such as `core8`, or None to draw both by the seed, of
            those that the policies were trained on. With teams each of a pair may be a list.
        seed: of the match; the key for another match takes the next one.
        speed: 1 is real time; of a video too. 0.05..20.
        record: write this .mp4 or .gif file and open no window.
        boxes: draw hurt boxes, active hits and the frame meter.
        seconds: stop after so many seconds of the match; None shows it to its end.
        roster: whose characters fight, or its directory; the bundled one by default.
        team_size: fighters on the left, 1..5.
        enemy_size: fighters on the right; as many as on the left by default.

    Returns:
        The winning side, 2 for a draw, -1 if it was stopped before its end; of the last match that
        was shown.

    Raises:
        ValueError: if a bot, a character, the speed, the seconds or the file's ending is not
            allowed.
        ImportError: if a video is asked for and what writes it is not installed.
        OSError: if the video cannot be written.
    """
    check_pace(speed, seconds)
    playing = roster if isinstance(roster, Roster) else load_roster(roster)
    match: Match | TeamMatch
    enemy_size = team_size if enemy_size is None else enemy_size
    if (team_size, enemy_size) == (1, 1):
        match, begin, labels = _duel((left, right), characters, seed, playing)
    else:
        options = SquadOptions(
            team_size=team_size, enemy_size=enemy_size, characters=characters, frame_skip=1,
            roster=playing,
        )  # fmt: skip
        match = TeamMatch(options, (str(left), str(right)))
        begin, labels = match.play, match.labels
    show(
        match,
        begin,
        labels,
        seed=seed,
        speed=speed,
        record=record,
        boxes=boxes,
        seconds=seconds,
    )
    return match.winner


def _duel(
    words: Sequence[OpponentWord], characters: Picks, seed: int, roster: Roster
) -> tuple[Match, Begin, tuple[str, ...]]:
    """Return a duel, what begins it, and the names of who plays it."""
    players = [resolve(word, roster) for word in words]
    picks = trained_pair(players) if characters is None else characters
    match = Match(seed, frame_skip=1, characters=picks, roster=roster)
    seats = [Seated(match, seat, [player]) for seat, player in enumerate(players)]
    names = tuple(seated.name for seated in seats)
    return match, lambda seed: play_ticks(match, seats, seed=seed), names


def check_pace(speed: float, seconds: float | None) -> None:
    """Refuse a speed or a length that nothing can be shown with.

    Raises:
        ValueError: if one is not allowed.
    """
    if not _SLOWEST <= speed <= _FASTEST:
        raise ValueError(f"speed must be {_SLOWEST}..{_FASTEST:g}, got {speed}")
    if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
        raise ValueError(f"seconds must be over 0, got {seconds}; leave it out to show all")


def show(
    match: Shown,
    begin: Begin,
    labels: tuple[str, ...],
    *,
    seed: int,
    speed: float = 1.0,
    record: str | Path | None = None,
    size: tuple[int, int] = (960, 540),
    boxes: bool = False,
    seconds: float | None = None,
) -> None:
    """Show matches in a window until its user leaves, or write one to a file without a display.

    Args:
        match: with `frame_skip` 1.
        begin: begins `match` anew.
        labels: names of the fighters.
        seed: of the first match.
        speed: 1 is real time; of a video too. Pictures come at most 50 times a second: at more
            than 5/3 some ticks have none.
        record: an .mp4 or .gif file to write instead of opening a window.
        size: of the picture, pixels.
        boxes: draw hurt boxes, active hits and the frame meter.
        seconds: of each match to show; None shows it to its end.

    Raises:
        ValueError: if the speed, the seconds, the size or the file's ending is not allowed.
        ImportError: if a video is asked for and what writes it is not installed.
        MatchError: if no window can be opened.
        OSError: if the video cannot be written.
    """
    check_pace(speed, seconds)
    viewer = Viewer(
        "human" if record is None else "rgb_array", match.roster, size=size, show_boxes=boxes
    )
    screening = Screening(match, begin, viewer, labels, seed, speed, seconds)
    try:
        if record is None:
            while not screening.is_over:
                screening.advance()
            return
        with Recorder(record, screening.fps) as recorder:
            for pixels in screening.pictures():
                recorder.add(pixels)
    finally:
        viewer.close()


@dataclass
class Screening:
    """Matches on a viewer, one drawing at a time. Keys come from its window."""

    match: Shown
    begin: Begin
    viewer: Viewer
    labels: tuple[str, ...]
    seed: int
    speed: float = 1.0
    seconds: float | None = None
    is_over: bool = False
    """Whether there is nothing more to show, or the user has left."""
    controls: Controls = field(init=False)
    _ticks: Iterator[Any] = field(init=False)

    def __post_init__(self) -> None:
        """Begin the first match."""
        self.controls = Controls(self.viewer, WATCH_KEYS)
        self._begin()

    @property
    def stride(self) -> int:
        """Ticks from one picture to the next."""
        return math.ceil(TICKS_PER_SECOND * self.speed / MOST_FPS)

    @property
    def fps(self) -> float:
        """Pictures a second."""
        return TICKS_PER_SECOND * self.speed / self.stride

    def pictures(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the pictures of a video."""
        while not self.is_over:
            pixels = self.viewer.draw(self.match.state, self.labels)
            assert pixels is not None
            yield pixels
            self._go_on(self.stride)

    def advance(self) -> None:
        """Draw into the window, read its keys, and go on unless paused."""
        viewer, controls = self.viewer, self.controls
        viewer.fps, viewer.is_still = self.fps, controls.is_paused
        viewer.paint(read_frame(self.match.state, self.match.roster), self.labels)
        words = "" if self.speed == 1 or controls.is_paused else f"speed {self.speed:g}"
        controls.draw(words, is_over=self.match.is_over)
        viewer.show()
        for event in viewer.events:
            self._take(event)
        if controls.is_left or viewer.is_closed:
            self.is_over = True
        elif controls.may_go_on():
            self._go_on(1 if controls.is_paused else self.stride)

    def _take(self, event: pygame.event.Event) -> None:
        match self.controls.take(event):
            case Command.NEXT:
                self.seed += 1
                self._begin()
            case Command.SLOWER if self.speed >= 2 * _SLOWEST:
                self.speed /= 2
            case Command.FASTER if self.speed <= _FASTEST / 2:
                self.speed *= 2

    def _begin(self) -> None:
        last = None if self.seconds is None else max(1, round(self.seconds * TICKS_PER_SECOND))
        self._ticks = islice(chain(self.begin(self.seed), range(_LAST_LOOK_TICKS)), last)
        next(self._ticks)
        self.controls.begin()

    def _go_on(self, ticks: int) -> None:
        for _ in range(ticks):
            if next(self._ticks, _END) is _END:
                self.is_over = True
