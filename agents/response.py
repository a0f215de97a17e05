"""A best response: one policy that trains against a mixture of others that does not change."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from rich.progress import Progress

from . import checkpoint
from .learner import Config as LearnerConfig
from .learner import Learner
from .loop import Budget, Loop, Measure, samples_in
from .networks import Policy
from .population.members import Player
from .runlog import RunLog
from .selfplay import frozen_copy
from .vecenv import Backend, Collector, Pairing, Result
from .workers import Group

__all__ = ["Mixture", "Response", "respond"]


@dataclass(frozen=True)
class Response:
    """How to train one."""

    out: Path
    """Directory of `metrics.jsonl`."""
    checkpoints: Path
    """Directory of checkpoints; training goes on from the newest."""
    name: str
    """Of the curve."""
    learner: LearnerConfig
    budget: Budget
    rollout: int
    """Steps between updates."""
    reward_scale: float
    checkpoint_updates: int
    """Updates between checkpoints."""
    seed: tuple[int, ...]
    """Of play and minibatches."""
    tensorboard: bool
    roster: str
    """Id of the roster that is trained on."""


class Mixture:
    """Matchmaker of a best response: opponents by a mixture that does not change."""

    def __init__(self, mixture: ArrayLike) -> None:
        """Take the probabilities over members."""
        weights = np.asarray(mixture, np.float64)
        self._mixture = weights / weights.sum()

    def draw(self, rng: np.random.Generator) -> Pairing:
        """Return the pairing of a new episode; the learner's seat is random."""
        seat = int(rng.integers(2))
        return Pairing(int(rng.choice(len(self._mixture), p=self._mixture)), seat)

    def report(self, result: Result) -> None:
        """Pass over it: the policy that played is gone by the time it would count."""


def respond(
    group: Group,
    bars: Progress | None,
    task: Response,
    policy: Policy,
    backend: Backend,
    members: Sequence[Player],
    mixture: ArrayLike,
    measure: Measure | None = None,
) -> Policy:
    """Train a policy against a mixture of members.

    Args:
        group: the workers; all of them call this.
        bars: where to show progress.
        task: how.
        policy: what to begin with, the same in all workers; it is trained in place.
        backend: steps this worker's matches; it is closed at the end.
        members: the opponents.
        mixture: their shares, shape (members,).
        measure: see `Loop`.

    Returns:
        A copy of the policy that does not change any more.
    """
    found = checkpoint.latest(task.checkpoints, roster=task.roster)
    begun = found.step if found else 0
    play_rng, learn_rng = (
        np.random.default_rng([task.seed[0], group.rank, *task.seed[1:], begun, k])
        for k in range(2)
    )
    learner = Learner(
        policy, task.learner, rng=learn_rng, average=group.average if group.size > 1 else None
    )
    collector = Collector(
        backend,
        Mixture(mixture),
        members.__getitem__,
        steps=task.rollout,
        rng=play_rng,
        reward_scale=task.reward_scale,
        gamma=task.learner.gamma,
    )
    with ExitStack() as stack:
        stack.callback(backend.close)
        log = None
        if group.rank == 0:
            steps = samples_in(found)
            log = stack.enter_context(
                RunLog(
                    task.out, task.name, begun=steps, progress=bars, tensorboard=task.tensorboard
                )
            )
        loop = Loop(learner, collector, task.budget, group=group, log=log, measure=measure)
        if found:
            loop.restore(found)
        for _ in loop:
            is_due = learner.updates % task.checkpoint_updates == 0
            if group.rank == 0 and (is_due or loop.is_stopped):
                loop.save(task.checkpoints, state={}, roster=task.roster)
    return frozen_copy(policy)
