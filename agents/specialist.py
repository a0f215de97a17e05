"""Stage 2 of CAM for one character: PPO from the shared policy's weights against a frozen pool.

What it returns is never worse than what it began with, as far as the evaluation games can tell: the
checkpoint with the best lower confidence bound is kept, and it must hold its own in games it was
not chosen by.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Literal

import numpy as np

from cam_arena.game.options import Options

from . import checkpoint, evaluate
from .intervals import wilson
from .learner import Config as LearnerConfig
from .learner import Learner
from .loop import Budget, Loop
from .networks import Policy
from .population.matchmaking import Pool
from .population.members import PolicyMember, load_member, save_member
from .population.solvers import Solver
from .runlog import RunLog
from .selfplay import frozen_copy
from .vecenv import Collector, NativeBackend
from .workers import Group, one_thread

__all__ = ["Task", "train", "train_all"]

EVALUATIONS = 4  # over the whole budget


@dataclass(frozen=True)
class Task:
    """One specialist to train."""

    name: str
    """The character's."""
    character: int
    """Its index in the roster."""
    out: Path
    """Where to write `policy/`, `outcome.json` and checkpoints."""
    log: Path
    """Directory of `metrics.jsonl`."""
    shared: Path
    """The shared policy: reference of the divergence, frozen baseline, and what the specialist
    must beat."""
    start: Path
    """The weights to begin with."""
    pool: tuple[tuple[int, Path], ...]
    """Opponents: a character and the policy that plays it."""
    minutes: float | None
    """Wall-clock budget."""
    steps: int | None
    """Budget in samples."""
    learner: LearnerConfig
    baseline: Literal["learned", "frozen"]
    matchmaking: Solver
    matches: int
    rollout: int
    evaluation_games: int
    """Against each member of the pool that plays the shared policy."""
    reward: str
    reward_scale: float
    aggression: float
    frame_skip: int
    seed: int
    tensorboard: bool


def train_all(tasks: Sequence[Task], news: "Queue[tuple[str, float, str]]") -> None:
    """Train one after the other, telling `news` of name, share of the budget, and a note."""
    with one_thread():
        for task in tasks:
            train(task, news)


def train(task: Task, news: "Queue[tuple[str, float, str]] | None" = None) -> Path:
    """Train one specialist.

    Args:
        task: what to do.
        news: told of the progress.

    Returns:
        The directory of its policy.
    """
    found = checkpoint.latest(task.out / "checkpoints")
    begun = found.step if found else 0
    play_rng, learn_rng = (
        np.random.default_rng([task.seed, task.character, begun, k]) for k in range(2)
    )
    shared = load_member(task.shared, "shared").policy
    policy = frozen_copy(load_member(task.start).policy).requires_grad_(True)
    pool = _pool(task)
    backend = NativeBackend(
        task.matches,
        aggression=task.aggression,
        characters=task.name,
        reward=task.reward,
        frame_skip=task.frame_skip,
    )
    judge = _Judge(task)
    learner = Learner(
        policy, task.learner, rng=learn_rng, reference=shared if task.learner.kl_weight else None
    )
    collector = Collector(
        backend,
        pool,
        pool.members.__getitem__,
        steps=task.rollout,
        rng=play_rng,
        reward_scale=task.reward_scale,
        gamma=task.learner.gamma,
    )
    with RunLog(task.log, task.name, tensorboard=task.tensorboard) as log:
        loop = Loop(
            learner,
            collector,
            Budget(task.steps, task.minutes),
            group=Group(),
            log=log,
            baseline=shared if task.baseline == "frozen" else None,
        )
        if found:
            pool.restore(found.state["scheme"]["pool"], pool.members)
            loop.restore(found)
        base = judge.bound(PolicyMember(task.name, shared))
        best = _best(found, task.out, base, shared)
        learner.kl_weight = task.learner.kl_weight * max(0.0, 1 - loop.used)
        for metrics in loop:
            pool.synchronise(lambda counts: counts)
            learner.kl_weight = task.learner.kl_weight * max(0.0, 1 - loop.used)
            if news is not None:
                news.put(
                    (task.name, loop.used, f"{metrics['time/samples_per_second']:,.0f} samples/s")
                )
            if best.taken < min(int(loop.used * EVALUATIONS), EVALUATIONS):
                best.offer(policy, judge.bound(PolicyMember(task.name, policy)))
                loop.save(
                    task.out / "checkpoints",
                    state={"pool": pool.state(), "best": best.state(task.out)},
                )
    outcome = judge.final(best.policy, shared)
    task.out.mkdir(parents=True, exist_ok=True)
    (task.out / "outcome.json").write_text(json.dumps({**outcome, "bounds": best.bounds}, indent=1))
    chosen = best.policy if outcome["is_specialist"] else shared
    # Written last: its presence says that this specialist is done.
    save_member(task.out / "policy", chosen, step=loop.steps, state={"character": task.name})
    return task.out / "policy"


def _pool(task: Task) -> Pool:
    """Return the opponents, each bound to its character; shared policies are loaded once."""
    policies: dict[Path, Policy] = {}
    owners: list[int] = []

    def characters(rng: np.random.Generator, opponent: int | None, seat: int) -> tuple[int, int]:
        other = task.character if opponent is None else owners[opponent]
        return (task.character, other) if seat == 0 else (other, task.character)

    # Every opponent stays within reach: they share few networks, so more of them cost no more
    # inferences.
    pool = Pool(solver=task.matchmaking, active=max(1, len(task.pool)), characters=characters)
    for character, path in task.pool:
        if path not in policies:
            policies[path] = load_member(path).policy
        owners.append(character)
        pool.add(PolicyMember(f"{path.parent.name}/{character}", policies[path]))
    return pool


class _Judge:
    """Plays a policy as the specialist's character against the shared one as every character."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._shared = load_member(task.shared, "shared")
        self._pairs = [(task.character, other) for other, path in task.pool if path == task.shared]
        self._options = Options(frame_skip=task.frame_skip)

    def points(self, member: PolicyMember, seed: int) -> tuple[float, int]:
        """Return points and games; equal seeds give equal starts."""
        games = 2 * max(1, self._task.evaluation_games // 2)
        counts = evaluate.play(
            member,
            self._shared,
            self._pairs,
            games=games,
            seed=seed,
            options=self._options,
        )
        return float(counts.wins.sum() + counts.draws.sum() / 2), int(counts.games.sum())

    def bound(self, member: PolicyMember) -> float:
        """Return the lower end of the 95 % interval of the win rate."""
        return wilson(*self.points(member, self._task.seed))[0]

    def final(self, policy: Policy, shared: Policy) -> dict[str, float | bool]:
        """Compare a policy with the shared one over games that chose neither."""
        name, seed = self._task.name, self._task.seed + 2**32
        points, games = self.points(PolicyMember(name, policy), seed)
        base_points, _ = self.points(PolicyMember(name, shared), seed)
        return {
            "win_rate": points / games,
            "shared_win_rate": base_points / games,
            "games": games,
            "is_specialist": points > base_points,
        }


@dataclass
class _Best:
    """The best weights so far, by the lower bound of their win rate."""

    policy: Policy
    bounds: list[float]
    """Of every evaluation, the shared policy's first."""

    @property
    def taken(self) -> int:
        """Evaluations after the first."""
        return len(self.bounds) - 1

    def offer(self, policy: Policy, bound: float) -> None:
        """Keep the policy if it is at least as good as the best."""
        if bound >= max(self.bounds):
            self.policy = frozen_copy(policy)
        self.bounds.append(bound)

    def state(self, folder: Path) -> dict[str, object]:
        """Write the weights and return the rest, as JSON."""
        save_member(folder / "best", self.policy, step=self.taken)
        return {"bounds": self.bounds}


def _best(found: checkpoint.Checkpoint | None, folder: Path, base: float, shared: Policy) -> _Best:
    if found is None:
        return _Best(shared, [base])
    return _Best(load_member(folder / "best").policy, list(found.state["scheme"]["best"]["bounds"]))
