"""The loop of every training scheme here: collect, learn, note, until the budget ends."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cam_arena.errors import CheckpointError, SnapshotError, Stopped, TrainingError
from cam_arena.files import refusing

from . import checkpoint, stopping
from .learner import Learner, Samples
from .networks import Policy
from .runlog import RunLog
from .vecenv import Collector, Rollout
from .workers import Group

__all__ = ["Budget", "Loop", "Measure", "Preparation", "samples_in"]

Preparation = Callable[[Rollout, Samples], Mapping[str, float]]
Measure = Callable[[int, int, bool], Mapping[str, float]]


@dataclass(frozen=True)
class Budget:
    """How long to train: as many samples or minutes as given, whichever end first."""

    steps: int | None = None
    """Samples of the learner, over all workers."""
    minutes: float | None = None
    """Wall clock."""

    def __post_init__(self) -> None:
        """Reject a budget that never ends."""
        if self.steps is None and self.minutes is None:
            raise ValueError("a budget needs steps or minutes")
        if not all(given is None or given > 0 for given in (self.steps, self.minutes)):
            raise ValueError(
                f"steps and minutes must be positive, got {self.steps} and {self.minutes}"
            )

    def used(self, steps: int, seconds: float) -> float:
        """Return the share that is used up, 1 and above once it is spent."""
        return max(
            steps / self.steps if self.steps else 0.0,
            seconds / 60 / self.minutes if self.minutes else 0.0,
        )


class Loop:
    """Iterate over it to train; each turn is one update and yields its metrics."""

    def __init__(
        self,
        learner: Learner,
        collector: Collector,
        budget: Budget,
        *,
        group: Group,
        log: RunLog | None = None,
        baseline: Policy | None = None,
        prepare: Preparation | None = None,
        measure: Measure | None = None,
    ) -> None:
        """Join the parts.

        Args:
            learner: learns.
            collector: plays.
            budget: when to stop.
            group: the workers.
            log: of the first worker; None for the others.
            baseline: policy whose values replace the learner's.
            prepare: sees every rollout and its samples before the learner does and returns
                metrics.
            measure: called after every update by all workers, with the samples before and after it
                and whether the budget is spent; returns metrics of the policy.
        """
        self.learner, self.collector, self.budget, self.group = learner, collector, budget, group
        self.steps, self.seconds = 0, 0.0
        self.is_stopped = False
        """Whether a signal asked some worker to stop: save, for this update was the last one."""
        self._clock: float | None = None
        self._log, self._baseline, self._prepare = log, baseline, prepare
        self._measure = measure

    @property
    def used(self) -> float:
        """Share of the budget used up."""
        return self.budget.used(self.steps, self.seconds)

    def __iter__(self) -> Iterator[dict[str, float]]:
        """Train until the budget is spent.

        Raises:
            Stopped: if a signal asked for it, when the caller has seen the last update.
        """
        while self.used < 1:
            yield self.update()
            if self.is_stopped and self.used < 1:
                number = stopping.asked() or signal.SIGTERM  # another worker's
                raise Stopped(
                    f"stopped by {signal.Signals(number).name} after {self.steps:,} samples, which "
                    "are saved",
                    number,
                )

    def update(self) -> dict[str, float]:
        """Collect one rollout, learn from it and return the metrics.

        Raises:
            TrainingError: naming what is not finite.
        """
        start = time.perf_counter()
        config = self.learner.config
        try:
            with self.learner.autocast():  # opponents and the baseline are inferred in it too
                rollout = self.collector.collect(self._infer, self._baseline)
        except (FloatingPointError, TrainingError) as error:
            raise TrainingError(
                f"{self._unsound_weights() or error} at update {self.learner.updates}; nothing "
                "was changed or saved"
            ) from error
        collected = time.perf_counter()
        samples = rollout.samples(gamma=config.gamma, gae_lambda=config.gae_lambda)
        # Several workers must take equally many gradient steps, however many rows each may train.
        rows = samples.rows if self.group.size == 1 else samples.actions
        count = max(1, round(len(rows) / config.minibatch))
        try:
            prepared = {} if self._prepare is None else self._prepare(rollout, samples)
            metrics = self.learner.update(samples, progress=self.used, minibatches=count)
        except FloatingPointError as error:
            raise TrainingError(
                f"{error} at update {self.learner.updates}; nothing was saved"
            ) from error
        metrics.update(prepared)
        now = time.perf_counter()
        seconds = now - start
        # The budget pays for what happens between updates too, such as evaluations.
        passed = now - (start if self._clock is None else self._clock)
        self._clock = now

        results = rollout.results
        mine = [len(samples.rows), seconds, collected - start, len(results), passed]
        mine.append(float(bool(stopping.asked())))
        mine += [sum(r.episode_return for r in results), sum(r.steps for r in results)]
        total = self.group.sum(np.array(mine, np.float64)).tolist()
        trained, busy, collecting, episodes, passing, stops, returns, lengths = total
        before, self.steps = self.steps, self.steps + int(trained)
        self.is_stopped = stops > 0
        # Every worker sees the same clock, the workers' mean, so that all stop at the same update.
        self.seconds += passing / self.group.size
        metrics["time/samples_per_second"] = trained / (busy / self.group.size)
        metrics["time/collect_share"] = collecting / busy
        metrics["time/seconds"] = self.seconds
        metrics["rollout/episodes"] = episodes
        if episodes:
            metrics["rollout/return"] = returns / episodes
            metrics["rollout/steps"] = lengths / episodes
        if self._measure is not None:
            metrics.update(self._measure(before, self.steps, self.used >= 1))
        if self._log is not None:
            self._log.write(self.steps, self.used, metrics)
        return metrics

    def save(self, root: Path, *, state: Mapping[str, Any], roster: str) -> None:
        """Write a checkpoint of all that training depends on.

        Args:
            root: directory of the checkpoints.
            state: the scheme's own part.
            roster: id of the roster that is trained on.
        """
        if self._log is not None:
            self._log.flush()  # so that no curve ends before the weights do
        matches, collector = self.collector.state()
        learner = self.learner
        checkpoint.save(
            root,
            learner.updates,
            tensors={
                "weights": learner.policy.state_dict(),
                "optimizer": learner.state(),
                "matches": matches,
            },
            state={
                "steps": self.steps,
                "seconds": self.seconds,
                "updates": learner.updates,
                "policy": learner.policy.spec(),
                "shuffle": learner.rng.bit_generator.state,
                "collector": collector,
                "scheme": dict(state),
            },
            roster=roster,
        )

    def restore(self, found: checkpoint.Checkpoint) -> None:
        """Continue from a checkpoint: exactly with one worker; with more, matches begin anew.

        Raises:
            CheckpointError: if it is damaged or not of this training.
        """
        try:
            self.learner.policy.load_state_dict(found.tensors["weights"])
        except (KeyError, RuntimeError) as error:
            raise CheckpointError(
                f"{found.path}: its weights are not of this network: {error}"
            ) from error
        with refusing(found.path, "a checkpoint of this training", CheckpointError):
            self.steps, self.seconds = samples_in(found), float(found.state["seconds"])
            self.learner.restore(found.tensors["optimizer"], int(found.state["updates"]))
            if self.group.size == 1:
                self._restore_matches(found)
                self.learner.rng.bit_generator.state = found.state["shuffle"]

    def _unsound_weights(self) -> str | None:
        for name, parameter in self.learner.policy.named_parameters():
            if not torch.isfinite(parameter).all():
                return f"weights {name} hold a NaN or an infinity"
        return None

    def _restore_matches(self, found: checkpoint.Checkpoint) -> None:
        try:
            self.collector.restore(found.tensors["matches"], found.state["collector"])
        except SnapshotError as error:
            raise CheckpointError(f"{found.path / 'matches.safetensors'}: {error}") from error

    def _infer(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        logits, values = self.learner.policy(observations)
        return torch.as_tensor(logits), torch.as_tensor(values)


def samples_in(found: checkpoint.Checkpoint | None) -> int:
    """Return how many samples a checkpoint of `Loop.save` had taken; 0 without one.

    Raises:
        CheckpointError: if it does not say.
    """
    if found is None:
        return 0
    with refusing(found.path, "a checkpoint of this training", CheckpointError):
        return int(found.state["steps"])
