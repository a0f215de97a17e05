"""A match between teams of bots, for windows and videos."""

from collections.abc import Iterator

import numpy as np

from .. import _core, bots
from ..game.squads import SquadOptions

__all__ = ["TeamMatch"]


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

    @property
    def winner(self) -> int:
        """The winning side, 2 for a draw, -1 while nobody has won."""
        return int(self.state["winner"])

    def play(self, seed: int) -> Iterator[None]:
        """Begin anew; yield once before the first tick and once after each."""
        self._batch.reset(0, seed)
        yield
        while not self.is_over:
            self._batch.advance(self._idle)
            yield
