"""Win rates while a policy trains: a few games against a bot, and against what it was before.

In self-play the return says little: who plays itself wins half of the time, however well it plays.
"""

from collections.abc import Sequence

import numpy as np

from cam_arena.game.options import Options

from . import evaluate
from .population.members import BotMember, Player
from .runlog import WIN_RATE
from .workers import Group

__all__ = ["GAMES", "PREVIOUS", "SHARED_POLICY", "WinRates"]

PREVIOUS = "previous"  # the snapshot before
SHARED_POLICY = "shared"  # against which specialists are judged
GAMES = 64  # against each opponent, half from each seat


class WinRates:
    """Lets a policy play whenever it has trained on so many samples more."""

    def __init__(
        self,
        group: Group,
        characters: Sequence[int],
        options: Options,
        *,
        bot: BotMember | None,
        every: int,
        seed: int,
    ) -> None:
        """Take what stays the same.

        Args:
            group: the workers; they share the opponents out.
            characters: to draw both sides' from, indices in the roster.
            options: of the matches.
            bot: fixed opponent; None: none.
            every: samples between two evaluations; 0: never.
            seed: of characters and games, with the number of samples.
        """
        self._group, self._characters, self._options = group, list(characters), options
        self._bot, self._every, self._seed = bot, every, seed

    def measure(
        self, learner: Player, previous: Player | None, before: int, after: int, is_last: bool
    ) -> dict[str, float]:
        """Play, if it is time to or training ends; all workers call this.

        Args:
            learner: in training.
            previous: its newest snapshot, or the member before it; None: there is none yet.
            before: samples before the last update.
            after: samples after it.
            is_last: whether no other update follows.

        Returns:
            Points a game by name of the metric, a draw half a point; empty if it is not time.
        """
        is_due = is_last or before // max(self._every, 1) < after // max(self._every, 1)
        if not self._every or not is_due:
            return {}
        opponents: dict[str, Player] = {}
        if self._bot is not None:
            opponents[self._bot.name] = self._bot
        if previous is not None:
            opponents[PREVIOUS] = previous
        rng = np.random.default_rng([self._seed, after])
        drawn = rng.choice(self._characters, (GAMES // 2, 2)).tolist()
        pairs = [(int(own), int(other)) for own, other in drawn]
        points = np.zeros(len(opponents))
        for place, opponent in enumerate(opponents.values()):
            if place % self._group.size == self._group.rank:
                counts = evaluate.play(
                    learner, opponent, pairs, games=2, seed=after,
                    options=self._options,
                )  # fmt: skip
                points[place] = counts.wins.sum() + counts.draws.sum() / 2
        total = self._group.sum(points)
        return {
            WIN_RATE + name: float(won) / GAMES for name, won in zip(opponents, total, strict=True)
        }
