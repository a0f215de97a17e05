"""A match between teams of bots is shown, as a duel is."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .. import _core, bots
from ..game.squads import SquadOptions
from ..roster import Roster, load_roster
from .watch import show

__all__ = ["TeamMatch", "watch_teams"]


class TeamMatch:
    """A match between two teams of bots, tick by tick.

    Args:
        options: of the match, with `frame_skip` 1.
        sides: the bots of blue and of red, such as `zoner:3`.

    Raises:
        ValueError: if there is no such bot.
    """

    def __init__(self, options: SquadOptions, sides: tuple[str, str]) -> None:
        self.labels = options.names
        self.roster = options.loaded_roster
        self._batch = options.make_batch(1)
        self._dtype = _core.state_dtype(self._batch.num_fighters)
        for seat in range(self._batch.num_fighters):
            kind, level = bots.parse(sides[seat >= options.team_size])
            self._batch.set_bot(0, seat, kind, level)
        self._idle = np.zeros((1, self._batch.num_fighters), np.int32)

    @property
    def state(self) -> np.void:
        """The whole state as a numpy record: a read-only copy."""
        record: np.void = np.frombuffer(self._batch.state(0), self._dtype)[0]
        return record

    @property
    def is_over(self) -> bool:
        """Whether the rules have ended the match."""
        return bool(self.state["is_over"])

    def play(self, seed: int) -> Iterator[None]:
        """Begin anew; yield once before the first tick and once after each."""
        self._batch.reset(0, seed)
        yield
        while not self.is_over:
            self._batch.advance(self._idle)
            yield


def watch_teams(
    left: str = "zoner:3",
    right: str = "punisher:3",
    *,
    team_size: int = 3,
    enemy_size: int | None = None,
    characters: object = None,
    seed: int = 0,
    speed: float = 1.0,
    record: str | Path | None = None,
    boxes: bool = False,
    seconds: float | None = None,
    roster: str | Path | Roster | None = None,
) -> int:
    """Show a match between teams of bots.

    Args:
        left: the bot of every fighter of blue, such as `zoner:3`.
        right: that of red.
        team_size: fighters of blue, 1..5.
        enemy_size: fighters of red; as many as blue by default.
        characters: one for all, or a pair for blue and red, each one or a list.
        seed: of the match.
        speed: 1 is real time.
        record: write this .mp4 or .gif file and open no window.
        boxes: draw hurt boxes, active hits and the frame meter.
        seconds: stop after so many seconds of the match.
        roster: whose characters fight, or its directory; the bundled one by default.

    Returns:
        The winning side, 2 for a draw, -1 if it was stopped before its end.

    Raises:
        As `cam_arena.render.watch.watch` does.
    """
    options = SquadOptions(
        team_size=team_size,
        enemy_size=team_size if enemy_size is None else enemy_size,
        characters=characters,  # type: ignore[arg-type]
        frame_skip=1,
        roster=roster if isinstance(roster, Roster) else load_roster(roster),
    )
    match = TeamMatch(options, (left, right))
    show(
        match,
        match.play,
        match.labels,
        seed=seed,
        speed=speed,
        record=record,
        boxes=boxes,
        seconds=seconds,
    )
    return int(match.state["winner"])
