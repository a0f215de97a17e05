"""What a population is trained on: the arena, or a matrix game whose solution is known.

A matrix game is played by the same learner, collector and networks as the arena, one decision an
episode, so that what is proven on it is proven of the code that trains in the arena.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

import cam_arena
from cam_arena import _core
from cam_arena.errors import SnapshotError
from cam_arena.game.observations import Block, Layout
from cam_arena.roster import Roster

from .networks import masked_log_probs
from .population.exploitability import nash_conv
from .population.members import BotMember, Player, PolicyMember
from .population.solvers import symmetric_payoff
from .selfplay import character_names
from .vecenv import Backend, NativeBackend

__all__ = [
    "MATRICES",
    "FixedMember",
    "Game",
    "GameName",
    "MatrixBackend",
    "action_probabilities",
    "arena",
    "exact_nash_conv",
    "matrix_game",
]

GameName = Literal["arena", "rps", "biased_rps", "blotto"]
SINK = "random"  # uniformly random legal play


@dataclass(frozen=True)
class Game:
    """Rules, and what a population begins with."""

    layout: Layout
    """Of the observation."""
    num_characters: int
    """Whom a policy may have to play."""
    sink: Player
    """The first member, which never learns."""
    make_backend: Callable[[int], Backend]
    """From the number of matches to what steps them."""
    roster: Roster
    """Of the arena; for a matrix game the bundled one, which it does not read."""
    payoff: NDArray[np.float64] | None = None
    """Of pure actions, where it is known: a matrix game's, in [-1, 1]."""


def arena(
    *,
    characters: str,
    frame_skip: int = 3,
    reward: str = "hp",
    aggression: float = 1.0,
    observation: str = "full",
    roster: Path | None = None,
) -> Game:
    """Return the game that this package is about; for the arguments see `selfplay.Config`.

    Raises:
        ValueError: if the roster has no such characters.
    """
    playing = cam_arena.load_roster(roster)
    character_names(playing, characters)

    def make_backend(matches: int) -> Backend:
        return NativeBackend(
            matches,
            aggression=aggression,
            characters=characters,
            reward=reward,
            frame_skip=frame_skip,
            observation=observation,
            roster=playing,
        )

    return Game(
        cam_arena.observation_layout(observation),
        len(playing),
        BotMember(SINK, 1),
        make_backend,
        playing,
    )


def matrix_game(payoff: ArrayLike, *, sink: int = 0) -> Game:
    """Return a symmetric zero-sum game of one decision.

    Args:
        payoff: `[i, j]` is the return of action i against j, antisymmetric, shape (K, K); scaled so
            that its largest entry is 1.
        sink: the action that the first member always takes.

    Raises:
        ValueError: if the matrix is not antisymmetric, or has more actions than a network's head.
    """
    matrix = symmetric_payoff(payoff)
    if not 2 <= len(matrix) <= _core.NUM_ACTIONS:
        raise ValueError(f"a game has 2 to {_core.NUM_ACTIONS} actions, got {len(matrix)}")
    matrix = matrix / max(np.abs(matrix).max(), 1e-12)
    layout = Layout("matrix", (Block("basic", "constant", 0, 1, "1"),))
    first = FixedMember("sink", np.eye(len(matrix))[sink])
    roster = cam_arena.load_roster()
    return Game(layout, 1, first, lambda matches: MatrixBackend(matrix, matches), roster, matrix)


def exact_nash_conv(game: Game, members: Sequence[Player], mixture: ArrayLike) -> float | None:
    """Compute what best responses over all actions gain against a mixture of members.

    Args:
        game: a matrix game; of another the answer is not known.
        members: policies with a condition of their own where their network reads one.
        mixture: probabilities, shape (M,).

    Returns:
        `exploitability.nash_conv` in the true game, or None.
    """
    if game.payoff is None:
        return None
    played = np.stack([action_probabilities(game, member) for member in members])
    return nash_conv(game.payoff, np.asarray(mixture, np.float64) @ played)


def action_probabilities(game: Game, member: Player) -> NDArray[np.float64]:
    """Return how often a member takes each action of a matrix game, shape (K,).

    Raises:
        ValueError: if it is not a matrix game, or the member's probabilities are not known.
    """
    if game.payoff is None:
        raise ValueError("only a matrix game has one decision; the arena's depend on what is seen")
    count = len(game.payoff)
    if isinstance(member, FixedMember):
        return member.probabilities
    if not isinstance(member, PolicyMember):
        raise ValueError(f"the probabilities of {member.name!r} are not known")
    mask = torch.zeros(1, _core.NUM_ACTIONS, dtype=torch.int8)
    mask[:, :count] = 1
    logits = member.logits(np.ones((1, game.layout.size), np.float32))
    probabilities = masked_log_probs(logits.double(), mask).exp()[0, :count]
    return np.asarray(probabilities.numpy(), np.float64)


class FixedMember:
    """Plays each action with a probability of its own, whatever it sees."""

    def __init__(self, name: str, probabilities: ArrayLike) -> None:
        """Take the probabilities of the first actions; the others are never played."""
        self.name = name
        self.probabilities = np.asarray(probabilities, np.float64)

    def act(
        self,
        observation: NDArray[np.float32],
        action_mask: NDArray[np.int8],
        *,
        rng: np.random.Generator,
        deterministic: bool = False,
    ) -> NDArray[np.int32]:
        """Choose one action a row; see `Member.act`. These probabilities know of no mask."""
        if deterministic:
            return np.full(len(action_mask), self.probabilities.argmax(), np.int32)
        count = len(self.probabilities)
        return rng.choice(count, len(action_mask), p=self.probabilities).astype(np.int32)


class MatrixBackend:
    """Matches of one decision: both sides choose a row of a matrix.

    A payoff between -1 and 1 is paid as reward, and is the chance that the match is won rather than
    drawn (lost, below 0), so that counted results have the payoff as their mean.
    """

    def __init__(self, payoff: NDArray[np.float64], num_matches: int) -> None:
        """Take the return of the row's action against the column's, shape (K, K), in [-1, 1]."""
        self.num_matches, self.observation_size = num_matches, 1
        self._payoff = payoff
        self._luck = np.zeros(num_matches)
        self._outcome = np.zeros(num_matches)

    def start(
        self,
        match: int,
        seed: int,
        characters: tuple[int, int] | None,
        bots: tuple[BotMember | None, BotMember | None],
        observations: NDArray[np.float32],
        masks: NDArray[np.int8],
    ) -> None:
        """Begin an episode; see `Backend.start`. The seed decides what a chance comes to."""
        if any(bots):
            raise ValueError("scripted bots play in the arena only, not in a matrix game")
        self._luck[match] = seed / 2**63
        self._show(observations[match], masks[match])

    def step(
        self,
        actions: NDArray[np.int32],
        observations: NDArray[np.float32],
        masks: NDArray[np.int8],
        rewards: NDArray[np.float32],
        terminated: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
    ) -> None:
        """Play all matches to their end; see `Backend.step`."""
        self._outcome[:] = self._payoff[actions[:, 0], actions[:, 1]]
        rewards[:, 0], rewards[:, 1] = self._outcome, -self._outcome
        self._show(observations, masks)
        terminated[:], truncated[:] = True, False

    def points(self, match: int) -> float:
        """Return the result for seat 0; see `Backend.points`."""
        outcome = float(self._outcome[match])
        if self._luck[match] >= abs(outcome):
            return 0.5
        return 1.0 if outcome > 0 else 0.0

    def snapshot(self) -> list[bytes]:
        """Return the state of every match: what its chance will come to."""
        return [luck.tobytes() for luck in self._luck]

    def restore(self, snapshots: Sequence[bytes]) -> None:
        """Set the state of every match; see `Backend.restore`."""
        luck = np.frombuffer(b"".join(snapshots), np.uint8)
        if luck.size != self._luck.nbytes or not (np.isfinite(luck.view(np.float64)).all()):
            raise SnapshotError("the snapshots of the matches are damaged")
        self._luck[:] = luck.view(np.float64)

    def close(self) -> None:
        """Release nothing."""

    def _show(self, observations: NDArray[np.float32], masks: NDArray[np.int8]) -> None:
        observations[...] = 1.0
        masks[...] = 0
        masks[..., : len(self._payoff)] = 1


def _blotto(soldiers: int, fields: int) -> NDArray[np.float64]:
    """Return Colonel Blotto: who holds more fields wins; soldiers stand where they were put."""
    placings = [p for p in product(range(soldiers + 1), repeat=fields) if sum(p) == soldiers]
    table = np.array(placings)
    held = np.sign(table[:, None] - table[None]).sum(-1)
    return np.asarray(np.sign(held), np.float64)


MATRICES: Mapping[str, NDArray[np.float64]] = {
    "rps": np.array([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]]),
    "biased_rps": np.array([[0.0, -1, 2], [1, 0, -1], [-2, 1, 0]]) / 2,
    "blotto": _blotto(5, 3),
}
"""Rock-paper-scissors, with a win of rock that counts double, and Colonel Blotto with 5 soldiers on
3 fields (21 placings); the sink plays the first action."""
