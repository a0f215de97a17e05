"""Who meets whom while one learner trains: itself, its past, and whoever else is in the pool."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..vecenv import Pairing, Result
from .members import Player
from .payoff import Payoff
from .solvers import Solver, opponents

__all__ = ["Casting", "Pool"]

Casting = Callable[[np.random.Generator, int | None, int], tuple[int, int] | None]
"""From opponent and the learner's seat to both seats' characters; None: the env draws them."""


class Pool:
    """Opponents of one learner, drawn by how it fares against them."""

    def __init__(
        self,
        *,
        solver: Solver = "pfsp_hard",
        self_share: float = 0.0,
        first_share: float = 0.0,
        active: int = 6,
        floor: float = 0.1,
        characters: Casting | None = None,
    ) -> None:
        """Start without members.

        Args:
            solver: how win rates become probabilities.
            self_share: probability that the learner meets itself, in [0, 1]; 1 while there are no
                members.
            first_share: probability that it meets the first member whatever the results, such as
                the sink of a population.
            active: how many members can be met at a time, the hardest; each costs an inference a
                step.
            floor: share of the draws that is spread evenly.
            characters: chooses both seats' characters, given the opponent and the learner's seat;
                None: the env does.
        """
        if min(self_share, first_share) < 0 or self_share + first_share > 1 or active < 1:
            raise ValueError(
                "self_share and first_share must be shares of 1 and active at least 1, "
                f"got {self_share}, {first_share} and {active}"
            )
        self.members: list[Player] = []
        self.payoff = Payoff(1, 0)
        """The learner's results against each member."""
        self.ranking = Payoff(0, 0)
        """The members' results among themselves, where `rank` was told of them."""
        self._solver, self._active_size, self._floor = solver, active, floor
        self._self_share, self._first_share = self_share, first_share
        self._characters = characters
        self._news = Payoff(1, 0)
        self._active: NDArray[np.int64] = np.zeros(0, np.int64)
        self._weights: NDArray[np.float64] = np.zeros(0)

    def add(self, member: Player) -> int:
        """Add a member and return its index, which never changes."""
        self.members.append(member)
        self.payoff.grow(1, len(self.members))
        self._news.grow(1, len(self.members))
        self._solve()
        return len(self.members) - 1

    def rank(self, member: int, counts: NDArray[np.int64]) -> None:
        """Take in a member's results against all members; they decide the equilibrium.

        Args:
            member: index.
            counts: its wins, draws and games against each member, shape (3, members).
        """
        self.ranking.grow(len(self.members), len(self.members))
        for other in range(len(self.members)):
            if other != member:
                wins, draws, games = (int(count) for count in counts[:, other])
                self.ranking.meet(member, other, wins=wins, draws=draws, games=games)
        self._solve()

    def draw(self, rng: np.random.Generator) -> Pairing:
        """Return the pairing of a new episode; the learner's seat is random."""
        seat = int(rng.integers(2))
        opponent: int | None = None
        share = rng.random()
        if len(self._active) and share < self._first_share:
            opponent = 0
        elif len(self._active) and share >= self._first_share + self._self_share:
            opponent = int(self._active[rng.choice(len(self._active), p=self._weights)])
        pair = None if self._characters is None else self._characters(rng, opponent, seat)
        return Pairing(opponent, seat, pair)

    def report(self, result: Result) -> None:
        """Count a result; it has an effect from the next `synchronise` on."""
        if result.pairing.opponent is not None:
            self._news.add(0, result.pairing.opponent, result.points)

    def synchronise(
        self, total: Callable[[NDArray[np.float64]], NDArray[np.float64]], *, memory: int = 400
    ) -> None:
        """Take in what all workers reported and draw by it.

        Args:
            total: sums an array over the workers.
            memory: games a pair remembers; beyond them old ones fade, for the learner changes.
        """
        self.payoff.merge(total(self._news.counts()))
        self._news = Payoff(1, len(self.members))
        self.payoff.forget(memory)
        self._solve()

    def state(self) -> dict[str, Any]:
        """Return counts and weights, as JSON; members are the caller's to save."""
        return {
            "payoff": self.payoff.state(),
            "news": self._news.state(),
            "ranking": self.ranking.state(),
            "active": self._active.tolist(),
            "weights": self._weights.tolist(),
        }

    def restore(self, state: Mapping[str, Any], members: Sequence[Player]) -> None:
        """Continue from what `state` returned, with the members it had.

        Raises:
            KeyError, TypeError, ValueError: if it is no such state, or that of other members.
        """
        self.members = list(members)
        payoff, news, ranking = (
            Payoff.from_state(state[name]) for name in ("payoff", "news", "ranking")
        )
        count, shape = len(self.members), ranking.games.shape
        if not payoff.games.shape == news.games.shape == (1, count):
            raise ValueError(f"the learner's results are not against {count} members")
        if shape[0] != shape[1] or shape[0] > count:
            raise ValueError(f"results of {shape} members among themselves, of {count}")
        active = np.array(state["active"], np.int64)
        weights = np.array(state["weights"], np.float64)
        if active.shape != weights.shape or active.ndim != 1:
            raise ValueError("the members that can be met must have a weight each")
        if not ((0 <= active) & (active < count)).all():
            raise ValueError(f"the members that can be met must be of {count}")
        if len(active) and not ((weights >= 0).all() and abs(weights.sum() - 1) < 1e-6):
            raise ValueError("the weights must be probabilities")
        self.payoff, self._news, self.ranking = payoff, news, ranking
        self._active, self._weights = active, weights

    def _solve(self) -> None:
        if not self.members:
            return
        # A member nobody met counts as even; 10 games of doubt keep one lucky win from ruling a
        # member out.
        rates = self.payoff.rates(prior_games=10.0)[0]
        if self._solver == "nash":
            self.ranking.grow(len(self.members), len(self.members))
            payoff = self.ranking.matrix(prior_games=2.0)
            hardest = np.argsort(-opponents("nash", rates, payoff=payoff), kind="stable")[
                : self._active_size
            ]
        else:
            hardest = np.argsort(rates, kind="stable")[: self._active_size]
        newest = [] if len(self.members) - 1 in hardest else [len(self.members) - 1]
        self._active = np.sort(
            np.r_[hardest[: self._active_size - len(newest)], newest].astype(np.int64)
        )
        among = payoff[np.ix_(self._active, self._active)] if self._solver == "nash" else None
        self._weights = opponents(
            self._solver, rates[self._active], floor=self._floor, payoff=among
        )
