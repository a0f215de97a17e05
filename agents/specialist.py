"""Stage 2 of CAM for one character or a cluster: PPO from shared weights against a frozen pool.

What it returns is never worse than what it began with, as far as the evaluation games can tell: the
checkpoint with the best lower confidence bound is kept, and it must hold its own in games it was
not chosen by.
"""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import parent_process
from pathlib import Path
from typing import Any, Literal

import numpy as np

import cam_arena
from cam_arena.errors import CheckpointError
from cam_arena.files import read_json, refusing, write_json
from cam_arena.game.options import Options
from cam_arena.roster import Roster

from . import checkpoint, evaluate
from .failures import telling
from .intervals import wilson
from .learner import Config as LearnerConfig
from .learner import Learner
from .loop import Budget, Loop, samples_in
from .networks import Policy
from .population.matchmaking import Pool
from .population.members import PolicyMember, load_member, save_member
from .population.payoff import Payoff
from .population.solvers import Solver
from .provenance import stamp
from .runlog import WIN_RATE, RunLog, cut_rows, make_note
from .selfplay import frozen_copy
from .sharing import SpecialistScheme, specialise
from .vecenv import Collector, NativeBackend
from .win_rate import SHARED_POLICY
from .workers import Group, one_thread

__all__ = [
    "FACTS",
    "Baseline",
    "Report",
    "Task",
    "forget_lost",
    "read_outcome",
    "train",
    "train_all",
]

Baseline = Literal["learned", "frozen"]
Report = Callable[[str, float, str], None]
"""Is told of name, share of the budget used, and a note."""
FACTS = (
    "win_rate", "candidate_win_rate", "shared_win_rate", "games", "kept", "is_specialist", "bounds",
    "curve",
)  # fmt: skip
"""What `outcome.json` says of how a specialist fared."""
CHECKPOINT_UPDATES = 200  # besides those at evaluations


@dataclass(frozen=True)
class Task:
    """One specialist to train."""

    name: str
    """The character's, or the cluster's."""
    characters: tuple[int, ...]
    """Whom it plays, indices in the roster: one, or a cluster."""
    out: Path
    """Where to write `policy/`, `outcome.json` and checkpoints."""
    log: Path
    """Directory of `metrics.jsonl`."""
    shared: Path
    """The shared policy: reference of the divergence, frozen baseline, and what the specialist
    must beat."""
    start: Path
    """The weights to begin with, which it must beat too."""
    pool: tuple[tuple[int, Path], ...]
    """Opponents: a character and the policy that plays it."""
    ranking: Mapping[str, Any] | None
    """Results of the pool's members among themselves, as `Payoff.state` gives them; `nash` reads
    them."""
    minutes: float | None
    """Wall-clock budget."""
    steps: int | None
    """Budget in samples."""
    learner: LearnerConfig
    parameters: SpecialistScheme
    """Which parameters are its own."""
    baseline: Baseline
    matchmaking: Solver
    matches: int
    rollout: int
    """Steps; with the frozen baseline whole matches are played, for about as many samples."""
    evaluations: int
    """Over the whole budget; the weights at the start are evaluated besides."""
    evaluation_games: int
    """Against each member of the pool that plays the shared policy, at each evaluation."""
    evaluation_limit: int | None
    """Games of an evaluation at most, but at least 2 against each; None: no limit."""
    observation: str
    reward: str
    reward_scale: float
    aggression: float
    frame_skip: int
    roster: Path | None
    """Directory of the roster; None: the bundled one."""
    seed: int
    tensorboard: bool


def train_all(tasks: Sequence[Task], report: Report) -> None:
    """Train one after the other.

    Raises:
        TrainingError: naming the specialist whose training cannot go on.
    """
    with one_thread():
        for task in tasks:
            with telling(task.name):
                train(task, report)


def train(task: Task, report: Report | None = None) -> Path:
    """Train one specialist.

    Args:
        task: what to do.
        report: told of the progress.

    Returns:
        The directory of its policy.
    """
    facts, roster = stamp(task), cam_arena.load_roster(task.roster)
    found = checkpoint.latest(task.out / "checkpoints", roster=roster.id)
    begun = found.step if found else 0
    play_rng, learn_rng = (
        np.random.default_rng([task.seed, *task.characters, begun, k]) for k in range(2)
    )
    shared = load_member(task.shared, "shared", roster=roster).policy
    start = shared
    if task.start != task.shared:
        start = load_member(task.start, roster=roster).policy
    policy = specialise(task.parameters, frozen_copy(start))
    pool = _pool(task, roster)
    whole = task.baseline == "frozen"
    rollout = longest_match(task.frame_skip) if whole else task.rollout
    backend = NativeBackend(
        _matches_of_whole(task, rollout) if whole else task.matches,
        aggression=task.aggression,
        observation=task.observation,
        reward=task.reward,
        frame_skip=task.frame_skip,
        roster=roster,
    )
    judge = _Judge(task, roster)
    learner = Learner(
        policy, task.learner, rng=learn_rng, reference=shared if task.learner.kl_weight else None
    )
    collector = Collector(
        backend,
        pool,
        pool.members.__getitem__,
        steps=rollout,
        whole_matches=whole,
        rng=play_rng,
        reward_scale=task.reward_scale,
        gamma=task.learner.gamma,
    )
    begun_at = samples_in(found)
    with RunLog(
        task.log, task.name, begun=begun_at, cut=False, tensorboard=task.tensorboard
    ) as log:
        loop = Loop(
            learner,
            collector,
            Budget(task.steps, task.minutes),
            group=Group(),
            log=log,
            baseline=shared if whole else None,
            measure=lambda _, steps, __: measure(steps),
        )

        def measure(steps: int) -> dict[str, float]:
            if best.taken >= min(int(loop.used * task.evaluations), task.evaluations):
                return {}
            points, games = judge.points(PolicyMember(task.name, policy), task.seed)
            best.offer(policy, (steps, points, games))
            return {WIN_RATE + SHARED_POLICY: points / games}

        def save() -> None:
            _leave_if_orphaned()
            state = {**facts, "pool": pool.state(), "evaluations": best.evaluations}
            loop.save(task.out / "checkpoints", state=state, roster=roster.id)

        if found:
            loop.restore(found)
            with refusing(found.path, "a checkpoint of a specialist", CheckpointError):
                pool.restore(found.state["scheme"]["pool"], pool.members)
                best = _Best.restore(found, task.out, start, roster)
        else:
            best = _Best(start, [(0, *judge.points(PolicyMember(task.name, start), task.seed))])
        learner.kl_weight = task.learner.kl_weight * max(0.0, 1 - loop.used)
        won: dict[str, float] = {}
        for metrics in loop:
            pool.synchronise(lambda counts: counts)
            learner.kl_weight = task.learner.kl_weight * max(0.0, 1 - loop.used)
            if report is not None:
                won |= {name: value for name, value in metrics.items() if name.startswith(WIN_RATE)}
                report(task.name, loop.used, make_note({**won, **metrics}))
            if WIN_RATE + SHARED_POLICY in metrics:
                _leave_if_orphaned()
                folder = task.out / "best"
                save_member(folder, best.policy, step=best.taken, state=facts, roster=roster.id)
                save()
            elif learner.updates % CHECKPOINT_UPDATES == 0 or loop.is_stopped:
                save()
    outcome = judge.final(best.policy, start, shared)
    _leave_if_orphaned()
    kept = {"shared": shared, "start": start, "candidate": best.policy}[outcome["kept"]]
    facts |= {"samples": loop.steps, "seconds": round(loop.seconds, 1)}
    document = {**outcome, "bounds": best.bounds, "curve": best.curve, **facts}
    task.out.mkdir(parents=True, exist_ok=True)
    write_json(task.out / "outcome.json", document)
    # Written last: its presence says that this specialist is done.
    save_member(task.out / "policy", kept, step=loop.steps, state=facts, roster=roster.id)
    return task.out / "policy"


def forget_lost(tasks: Sequence[Task]) -> None:
    """Cut the curves of tasks at their checkpoints; before the first of them is trained.

    They share one file, and no process may cut it while another writes.
    """
    for task in tasks:
        roster = cam_arena.load_roster(task.roster)
        found = checkpoint.latest(task.out / "checkpoints", roster=roster.id)
        cut_rows(task.log, task.name, samples_in(found))


def read_outcome(folder: Path) -> dict[str, Any]:
    """Read what became of a specialist.

    Args:
        folder: `out` of its task.

    Raises:
        CheckpointError: if it is missing or damaged.
    """
    path = folder / "outcome.json"
    outcome = read_json(path, CheckpointError)
    with refusing(path, "the outcome of a specialist", CheckpointError):
        kept, rate = str(outcome["kept"]), float(outcome["win_rate"])
        counts = min(float(outcome[name]) for name in ("games", "samples", "seconds"))
        if kept not in ("shared", "start", "candidate") or not 0 <= rate <= 1 or counts < 0:
            raise ValueError(f"kept is {kept!r}, win_rate {rate}, the least count {counts}")
        lacking = set(FACTS) - set(outcome)
        if lacking:
            raise ValueError(f"it lacks {', '.join(sorted(lacking))}")
    return dict(outcome)


def longest_match(frame_skip: int) -> int:
    """Return the steps of a match that goes to the end of its time."""
    return math.ceil(Options().max_ticks / frame_skip)


def _matches_of_whole(task: Task, rollout: int) -> int:
    """Return how many whole matches give about as many samples an update as the task asks for.

    A match lasts about half of its time in the mean.
    """
    return max(2, round(2 * task.matches * task.rollout / rollout))


def _leave_if_orphaned() -> None:
    """End this process if the run it works for was killed: its successor writes the same files."""
    parent = parent_process()
    if parent is not None and not parent.is_alive():
        os._exit(1)


def _pool(task: Task, roster: Roster) -> Pool:
    """Return the opponents, each bound to its character; equal policies are loaded once."""
    policies: dict[Path, Policy] = {}
    owners: list[int] = []

    def characters(rng: np.random.Generator, opponent: int | None, seat: int) -> tuple[int, int]:
        own = task.characters[int(rng.integers(len(task.characters)))]
        other = own if opponent is None else owners[opponent]
        return (own, other) if seat == 0 else (other, own)

    # Every opponent stays within reach: they share few networks, so more of them cost no more
    # inferences.
    pool = Pool(solver=task.matchmaking, active=max(1, len(task.pool)), characters=characters)
    for character, path in task.pool:
        if path not in policies:
            policies[path] = load_member(path, roster=roster).policy
        owners.append(character)
        pool.add(PolicyMember("/".join([*path.parts[-3:-1], str(character)]), policies[path]))
    if task.ranking is not None:
        pool.ranking = Payoff.from_state(task.ranking)
        pool.synchronise(lambda counts: counts)
    return pool


class _Judge:
    """Plays a policy as the specialist's characters against the shared one as every character."""

    def __init__(self, task: Task, roster: Roster) -> None:
        self._task = task
        self._shared = load_member(task.shared, "shared", roster=roster)
        self._pairs = [
            (own, other)
            for own in task.characters
            for other, path in task.pool
            if path == task.shared
        ]
        self._options = Options(
            frame_skip=task.frame_skip, observation=task.observation, roster=roster
        )

    def points(self, member: PolicyMember, seed: int) -> tuple[float, int]:
        """Return points and games; equal seeds give equal starts."""
        games = self._task.evaluation_games // len(self._task.characters)
        if self._task.evaluation_limit is not None:
            games = min(games, self._task.evaluation_limit // len(self._pairs))
        counts = evaluate.play(
            member,
            self._shared,
            self._pairs,
            games=2 * max(1, games // 2),
            seed=seed,
            options=self._options,
        )
        return float(counts.wins.sum() + counts.draws.sum() / 2), int(counts.games.sum())

    def final(self, candidate: Policy, start: Policy, shared: Policy) -> dict[str, Any]:
        """Compare the three over games that chose none of them; what came first wins a tie."""
        points: dict[str, float] = {}
        for name, policy in (("shared", shared), ("start", start), ("candidate", candidate)):
            if name == "start" and start is shared:
                continue
            member = PolicyMember(self._task.name, policy)
            points[name], games = self.points(member, self._task.seed + 2**32)
        kept = max(points, key=points.__getitem__)
        return {
            "win_rate": points[kept] / games,
            "candidate_win_rate": points["candidate"] / games,
            "shared_win_rate": points["shared"] / games,
            "games": games,
            "kept": kept,
            "is_specialist": kept != "shared",
        }


@dataclass
class _Best:
    """The best weights so far, by the lower bound of their win rate."""

    policy: Policy
    evaluations: list[tuple[int, float, int]]
    """Samples trained on, points and games of every evaluation, that of the start first."""

    @classmethod
    def restore(
        cls, found: checkpoint.Checkpoint, folder: Path, start: Policy, roster: Roster
    ) -> "_Best":
        """Continue from a checkpoint that names the evaluations so far."""
        past = found.state["scheme"]["evaluations"]
        best = cls(start, [(int(n), float(points), int(games)) for n, points, games in past])
        if best.taken:
            # Not simply the newest: an evaluation may have been saved just before the kill.
            path = folder / "best" / f"step_{best.taken:09d}"
            best.policy = load_member(path, roster=roster).policy
        return best

    @property
    def taken(self) -> int:
        """Evaluations after the first."""
        return len(self.evaluations) - 1

    @property
    def bounds(self) -> list[float]:
        """The lower ends of the 95 % intervals."""
        return [wilson(points, games)[0] for _, points, games in self.evaluations]

    @property
    def curve(self) -> list[dict[str, float]]:
        """Win rate over samples."""
        return [
            {"samples": samples, "win_rate": points / games, "games": games}
            for samples, points, games in self.evaluations
        ]

    def offer(self, policy: Policy, evaluation: tuple[int, float, int]) -> None:
        """Keep the policy if it is at least as good as the best."""
        before = max(self.bounds)
        self.evaluations.append(evaluation)
        if self.bounds[-1] >= before:
            self.policy = frozen_copy(policy)
