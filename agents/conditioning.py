"""One network, many policies: the mixture that a policy responds to stands beside what it sees.

In a population that lives in one network (NeuPL), sigma_i is the identity of policy i. It is
appended to each row of the observation when an episode begins and stays until it ends, so that
samples carry what the policy was told when it acted, whatever becomes of the graph meanwhile.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cam_arena.errors import SnapshotError
from cam_arena.game.observations import Block, Layout

from .networks import CONDITION
from .population.members import BotMember
from .vecenv import Backend, Pairing

__all__ = ["ConditionedBackend", "conditioned_layout"]

FLOAT_BYTES = 4


def conditioned_layout(layout: Layout, size: int) -> Layout:
    """Return a layout with a condition of `size` numbers behind it."""
    start = layout.size
    block = Block(CONDITION, "mixture", start, start + size, "the mixture to respond to")
    return Layout(layout.observation, (*layout.blocks, block))


class ConditionedBackend:
    """Adds each seat's condition to the observations of another backend."""

    def __init__(self, backend: Backend, size: int) -> None:
        """Wrap a backend, all conditions 0.

        Args:
            backend: steps the matches.
            size: numbers of a condition, at least 1.
        """
        self._backend = backend
        self.num_matches = backend.num_matches
        self._seen = np.zeros((backend.num_matches, 2, backend.observation_size), np.float32)
        self._conditions = np.zeros((backend.num_matches, 2, size), np.float32)
        self.observation_size = backend.observation_size + size

    def announce(self, match: int, pairing: Pairing) -> None:
        """Take the conditions of the episode that is about to begin."""
        if pairing.conditions is None:
            self._conditions[match] = 0.0
        else:
            self._conditions[match] = pairing.conditions

    def start(
        self,
        match: int,
        seed: int,
        characters: tuple[int, int] | None,
        bots: tuple[BotMember | None, BotMember | None],
        observations: NDArray[np.float32],
        masks: NDArray[np.int8],
    ) -> None:
        """Begin an episode; see `Backend.start`."""
        self._backend.start(match, seed, characters, bots, self._seen, masks)
        self._show(observations, slice(match, match + 1))

    def step(
        self,
        actions: NDArray[np.int32],
        observations: NDArray[np.float32],
        masks: NDArray[np.int8],
        rewards: NDArray[np.float32],
        terminated: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
    ) -> None:
        """Advance all matches; see `Backend.step`."""
        self._backend.step(actions, self._seen, masks, rewards, terminated, truncated)
        self._show(observations, slice(None))

    def points(self, match: int) -> float:
        """Return the result for seat 0; see `Backend.points`."""
        return self._backend.points(match)

    def snapshot(self) -> list[bytes]:
        """Return the state of every match, its conditions behind it."""
        told = self._conditions.reshape(self.num_matches, -1)
        states = self._backend.snapshot()
        return [state + row.tobytes() for state, row in zip(states, told, strict=False)]

    def restore(self, snapshots: Sequence[bytes]) -> None:
        """Set the state of every match, and its conditions; see `Backend.restore`."""
        size = FLOAT_BYTES * self._conditions[0].size
        told = b"".join(snapshot[-size:] for snapshot in snapshots)
        conditions = np.frombuffer(told, np.float32) if len(told) == size * len(snapshots) else None
        if conditions is None or not np.isfinite(conditions).all():
            raise SnapshotError("the conditions of a match are damaged")
        self._backend.restore([snapshot[:-size] for snapshot in snapshots])
        self._conditions[:] = conditions.reshape(self._conditions.shape)

    def close(self) -> None:
        """Release the backend."""
        self._backend.close()

    def _show(self, observations: NDArray[np.float32], matches: slice) -> None:
        size = self._seen.shape[-1]
        observations[matches, :, :size] = self._seen[matches]
        observations[matches, :, size:] = self._conditions[matches]
