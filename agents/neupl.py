"""NeuPL: a population of best responses that lives in one network and keeps training together.

"NeuPL: Neural Population Learning" (arXiv 2202.07415). Row i of an interaction graph is the mixture
over members that policy i responds to, and that mixture, shown to the network beside what it sees,
is what makes the network be policy i. The graph is solved anew from results as training goes on.
The paper learns with MPO and never freezes; here it is PPO, and, as others found necessary with it
(the code of "Global PSRO", arXiv 2605.28273), the lowest policy is frozen once it stops improving,
so that those above it respond to something that stands still.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from torch import Tensor

from cam_arena.errors import CheckpointError
from cam_arena.files import refusing, write_json

from . import checkpoint
from .conditioning import ConditionedBackend, conditioned_layout
from .games import Game, exact_nash_conv
from .learner import Learner, Minibatch
from .loop import Budget, Loop, samples_in
from .networks import Policy, masked_log_probs
from .population.exploitability import nash_conv
from .population.interaction_graph import GRAPHS, UNGROUNDED, Graph, effective, interaction_graph
from .population.members import Player, PolicyMember, load_member, save_member
from .population.payoff import Payoff
from .population.solvers import nash
from .population_run import PopulationConfig, play_pairs, read_history
from .provenance import stamp
from .run_config import open_run
from .runlog import RunLog, display
from .selfplay import frozen_copy
from .vecenv import Collector, Pairing, Result
from .workers import Group, launch

__all__ = ["Config", "Population", "RowMatchmaker", "train", "train_population"]

IMPROVEMENT = 0.01  # of a policy's return against its mixture that counts as one
RESPONSE = 0.02  # return against its mixture from which a policy is a response to it
NEW_TASK = 0.2  # l1 change of a row from which its former results say nothing


@dataclass(frozen=True)
class Config(PopulationConfig):
    """NeuPL."""

    out: Path | None = None
    """Directory of the run. One that exists goes on where it stopped; None: a new one, such as
    `runs/neupl-001`."""
    variant: Literal["conditional", "snapshots"] = "conditional"
    """`conditional`: one network is all policies, told by the mixture which to be. `snapshots`: the
    network is one policy at a time and continues as the next; the former ones are copies."""
    graph: Graph = "nash"
    """Who responds to whom: see `interaction_graph`."""
    freeze: bool = True
    """Whether the lowest policy is frozen when it stops improving. A graph without a sink
    (`self_play`, `cycle`) cannot be frozen."""
    patience: int = 2
    """Looks at the graph without improvement before the lowest policy is frozen."""
    distil_weight: float = 0.5
    """Weight of the divergence of the network, told to be a frozen policy, from that policy."""
    memory: int = 2
    """Looks at the graph after which a result of policies in training fades."""

    def __post_init__(self) -> None:
        """Reject impossible values before any process starts."""
        super().__post_init__()
        if self.graph not in GRAPHS:
            raise ValueError(f"graph must be one of {list(GRAPHS)}, got {self.graph!r}")
        if self.variant not in ("conditional", "snapshots"):
            raise ValueError(f"variant must be conditional or snapshots, got {self.variant!r}")
        if self.graph in UNGROUNDED and (self.freeze or self.variant == "snapshots"):
            raise ValueError(
                f"graph {self.graph!r} has no sink, so no policy's task ever stands still: take "
                "freeze=False and variant 'conditional', or another graph"
            )
        if self.variant == "snapshots" and not self.freeze:
            raise ValueError("variant 'snapshots' is nothing but freezing; leave freeze on")
        if self.patience < 1 or self.memory < 1 or self.distil_weight < 0:
            raise ValueError("patience and memory must be at least 1, distil_weight at least 0")


def train(config: Config, *, progress: Progress | None = None) -> Path:
    """Train a population.

    Args:
        config: what to do.
        progress: where to show a bar; None: one of its own, bars in a terminal and else a
            line every 15 s. `rich.progress.Progress(disable=True)` shows nothing.

    Returns:
        The run's directory: `config.json`, `metrics.jsonl`, `checkpoints/` to resume from,
        `snapshots/<k>/`, the members after the sink, each readable by `load_member` with its
        mixture; `payoff.json`, their results; `population.json`, the graph, the equilibrium over
        the members and the course of the measures; and `policy/`, the member with the largest
        share.

    Raises:
        WorkerError: if a worker process died.
        RunError: if another process trains in the directory.
        OtherRosterError: if the directory holds a run on another roster.
        CheckpointError: if it holds a run that was begun with other settings, budgets apart, or
            there are checkpoints and none is intact.
        TrainingError: if the training diverged, or needs more memory than there is.
        ValueError: if the roster has no such characters.
    """
    return train_population(config, "neupl", RowMatchmaker, progress=progress)


class Population:
    """Policies that live in one network, those of them that are frozen, and who meets whom."""

    def __init__(self, config: Config, game: Game, policy: Policy) -> None:
        """Start with the sink and as many policies as asked for, all of them untrained.

        Args:
            config: of the run.
            game: what is played.
            policy: the network, which the learner goes on changing.
        """
        size = config.chosen.members + 1
        self.config, self.game, self._policy = config, game, policy
        self._live = PolicyMember("live", policy)
        self.payoff = Payoff(size, size)
        self.graph = interaction_graph(config.graph, np.zeros((size, size)))
        if config.graph not in UNGROUNDED:
            # Before there are results, everyone responds to the sink: one policy.
            self.graph[1:] = np.eye(size)[0]
        self.frozen: dict[int, PolicyMember] = {}
        """By row: a copy of the network as it was when this policy was frozen."""
        self.history: list[dict[str, float]] = []
        self._frozen_at: dict[int, int] = {}
        self._best: tuple[float, Policy] | None = None
        self._stale = 0
        self._index()

    @property
    def size(self) -> int:
        """Members, the sink included."""
        return len(self.graph)

    @property
    def has_sink(self) -> bool:
        """Whether row 0 never trains."""
        return not self.graph[0].any()

    def _index(self) -> None:
        """Note which rows are one policy and which train, after a change of either."""
        self.identity = effective(self.graph)
        """For each member the first one that is the same policy, shape (M,)."""
        first = 1 if self.has_sink else 0
        rows = [row for row in np.unique(self.identity).tolist() if row >= first]
        rows = [row for row in rows if row not in self.frozen]
        self.active: list[int] = rows[:1] if self.config.variant == "snapshots" else rows
        """Rows that train: one of each policy that is not frozen."""

    def condition(self, row: int) -> tuple[float, ...]:
        """Return what the network is told to be a member."""
        return tuple(self.graph[row].tolist())

    def opponent(self, row: int) -> Player:
        """Return who plays a member in training; its condition stands in the observation."""
        row = int(self.identity[row])
        if row == 0 and self.has_sink:
            return self.game.sink
        return self.frozen.get(row, self._live)

    def member(self, row: int) -> Player:
        """Return a member that needs no condition in what it sees."""
        row = int(self.identity[row])
        player = self.opponent(row)
        if not isinstance(player, PolicyMember):
            return player
        told = self.condition(row) if self.config.variant == "conditional" else None
        return PolicyMember(f"{row:03d}", player.policy, condition=told)

    def responder(self, name: str, mixture: NDArray[np.float64]) -> PolicyMember:
        """Return the network told to respond to a mixture, which need not be a member's."""
        return PolicyMember(name, self._policy, condition=mixture.tolist())

    def matrix(self) -> NDArray[np.float64]:
        """Return the members' payoff; members that are one policy share its row and column."""
        return self.payoff.matrix(prior_games=2.0)[np.ix_(self.identity, self.identity)]

    def refresh(self, group: Group, used: float) -> dict[str, float]:
        """Measure the policies, freeze what has stopped improving, and solve the graph.

        Args:
            group: the workers; all of them call this.
            used: share of the budget that is used up; at its end the graph stays, so that what was
                measured is what is left.

        Returns:
            Measures of the population.
        """
        active = self.active
        self.payoff.forget(self.config.memory * self.config.chosen.evaluation_games)
        known = sorted({*self.frozen, *active, *([0] if self.has_sink else [])})
        self._play(group, [(a, b) for a in active for b in known if b < a or b not in active])
        if self.config.freeze and active:
            self._consider(active[0], used, group)
        self.history.append(self._measures())
        if used < 1:
            self._solve()
        return self.history[-1]

    def _play(self, group: Group, pairs: Sequence[tuple[int, int]]) -> None:
        members = [self.member(row) for row in range(self.size)]
        seed = [self.config.seed, len(self.history), len(self.frozen)]
        play_pairs(
            group, self.game, members, pairs, self.payoff, sizes=self.config.chosen, seed=seed
        )

    def _solve(self) -> None:
        """Solve the graph; a policy whose task has become another is another, without results."""
        graph = interaction_graph(self.config.graph, self.matrix())
        for row in self.frozen:  # stays what it is
            graph[row] = self.graph[row]
        moved = np.abs(graph - self.graph).sum(1)
        self.graph = graph
        self._index()
        for row in np.flatnonzero(moved > NEW_TASK).tolist():
            self.payoff.clear(row)

    def _consider(self, row: int, used: float, group: Group) -> None:
        """Freeze the lowest policy that trains if its best is some time ago."""
        value = float(self.graph[row] @ self.matrix()[row])
        if self._best is None or value > self._best[0] + IMPROVEMENT:
            self._best, self._stale = (value, frozen_copy(self._policy)), 0
        else:
            self._stale += 1
        is_done = self._stale >= self.config.patience
        if self.config.variant == "snapshots":
            # One comes after the other: each has its part of the budget, and needs all of it until
            # it has found a response.
            is_done = is_done and self._best[0] > RESPONSE
            is_done = is_done or used >= row / (self.size - 1)
        if not is_done:
            return
        self.frozen[row] = PolicyMember(f"{row:03d}", self._best[1])
        self._frozen_at[row] = len(self.history)
        self._best, self._stale = None, 0
        self._index()
        # Its best is not quite who played last.
        self.payoff.clear(row)
        rest = {*self.frozen, *self.active, *([0] if self.has_sink else [])} - {row}
        self._play(group, [(row, other) for other in sorted(rest)])

    def equilibrium(self) -> NDArray[np.float64]:
        """Return the equilibrium over the policies there are so far, shape (M,)."""
        there = sorted({*self.frozen, *self.active, *([0] if self.has_sink else [])})
        mixture = np.zeros(self.size)
        mixture[there] = nash(self.matrix()[np.ix_(there, there)])
        return mixture

    def _measures(self) -> dict[str, float]:
        matrix, mixture = self.matrix(), self.equilibrium()
        gains = [float(self.graph[row] @ matrix[row]) for row in self.active]
        measures = {
            "population/effective": float(len(np.unique(self.identity))),
            "population/frozen": float(len(self.frozen)),
            # Of what the policies in training earn of their mixtures, the most.
            "population/best_response": max(gains, default=0.0),
            "population/nash_conv": max(
                (nash_conv(matrix, self.graph[row]) for row in self.active), default=0.0
            ),
        }
        members = [self.member(row) for row in range(self.size)]
        exact = exact_nash_conv(self.game, members, mixture)
        if exact is not None:
            measures["population/exact_nash_conv"] = exact
        return measures

    def distillation(self, rng: np.random.Generator) -> Callable[[Minibatch], Tensor]:
        """Return a loss that keeps the network able to be the frozen policies.

        Args:
            rng: draws which of them, for each minibatch.
        """
        weight, width = self.config.distil_weight, self.size

        def loss(minibatch: Minibatch) -> Tensor:
            if not self.frozen:
                return torch.zeros(())
            row = int(rng.choice(sorted(self.frozen)))
            seen = minibatch.observations.clone()
            seen[:, -width:] = torch.tensor(self.condition(row))
            with torch.no_grad():
                teacher = masked_log_probs(self.frozen[row].policy(seen)[0], minibatch.masks)
            student = masked_log_probs(self._policy(seen)[0], minibatch.masks)
            gap = (teacher - student).masked_fill(~minibatch.masks.bool(), 0.0)
            return weight * (teacher.exp() * gap).sum(1).mean()

        return loss

    def state(self, folder: Path) -> dict[str, Any]:
        """Write the frozen policies that are not written yet; return the rest, as JSON."""
        for row, member in self.frozen.items():
            if not self._frozen_path(folder, row).exists():
                save_member(
                    folder / f"{row:03d}",
                    member.policy,
                    step=self._frozen_at[row],
                    roster=self.game.roster.id,
                )
        best = None
        if self._best is not None:
            best = self._best[0]
            save_member(
                folder / "best",
                self._best[1],
                step=len(self.history),
                roster=self.game.roster.id,
            )
        return {
            "payoff": self.payoff.state(),
            "graph": self.graph.tolist(),
            "frozen": {str(row): step for row, step in self._frozen_at.items()},
            "history": self.history,
            "best": best,
            "stale": self._stale,
        }

    def restore(self, state: Mapping[str, Any], folder: Path) -> None:
        """Continue from what `state` returned.

        Raises:
            LookupError, TypeError, ValueError: if it is no such state, or that of another size.
            CheckpointError: naming a frozen policy that is missing or damaged.
        """
        square = self.graph.shape
        payoff, graph = Payoff.from_state(state["payoff"]), np.array(state["graph"], np.float64)
        if not payoff.games.shape == graph.shape == square:
            raise ValueError(f"results and graph must be of {square[0]} members")
        sums = graph.sum(1)
        if not ((graph >= 0).all() and np.isclose(sums, sums.round()).all() and sums.max() < 1.5):
            raise ValueError("a row of the graph must be probabilities, or 0 for the sink")
        if np.any((sums < 0.5) != (self.graph.sum(1) < 0.5)):
            raise ValueError("the graph has another sink")
        self.payoff, self.graph = payoff, graph
        self.history, self._stale = read_history(state["history"]), int(state["stale"])
        self._frozen_at = {int(row): int(step) for row, step in state["frozen"].items()}
        for row in self._frozen_at:
            if not 0 < row < len(graph):
                raise ValueError(f"row {row} is frozen, of {len(graph)}")
            self.frozen[row] = load_member(
                self._frozen_path(folder, row), f"{row:03d}", roster=self.game.roster
            )
        self._index()
        if state["best"] is not None:
            path = folder / "best" / f"step_{len(self.history):09d}"
            self._best = float(state["best"]), load_member(path, roster=self.game.roster).policy

    def _frozen_path(self, folder: Path, row: int) -> Path:
        return folder / f"{row:03d}" / f"step_{self._frozen_at[row]:09d}"


class RowMatchmaker:
    """Draws a policy in training, and its opponent by its own row of the graph."""

    def __init__(self, population: Population, config: Config) -> None:
        """Take the population, whose graph may change between episodes."""
        self.population = population
        self._is_conditional = config.variant == "conditional"

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to train, whatever is left of the budget."""
        return not self.population.active

    def draw(self, rng: np.random.Generator) -> Pairing:
        """Return the pairing of a new episode; the learner's seat is random."""
        population = self.population
        # When all are frozen, episodes that nobody waits for are still to be begun.
        row = int(rng.choice(population.active or [population.size - 1]))
        return self.pair(rng, population.graph[row], row)

    def pair(
        self, rng: np.random.Generator, mixture: NDArray[np.float64], row: int | None
    ) -> Pairing:
        """Return a pairing in which the learner responds to a mixture.

        Args:
            rng: draws opponent and seat.
            mixture: probabilities over members, shape (M,).
            row: whose mixture it is; None: nobody's.
        """
        population = self.population
        opponent = int(rng.choice(len(mixture), p=mixture / mixture.sum()))
        seat = int(rng.integers(2))
        identity = population.identity
        itself = row is not None and identity[opponent] == identity[row]
        conditions = None
        if self._is_conditional:
            told = tuple(mixture.tolist()), population.condition(int(identity[opponent]))
            conditions = told if seat == 0 else told[::-1]
        return Pairing(None if itself else opponent, seat, conditions=conditions)

    def report(self, result: Result) -> None:
        """Pass over it: policies are measured by games of their own, the same for all pairs."""


Finish = Callable[[Population, Group], Mapping[str, Any]]


def train_population(
    config: Config,
    scheme: str,
    matchmaker: Callable[[Population, Any], RowMatchmaker],
    finish: Finish | None = None,
    *,
    progress: Progress | None = None,
) -> Path:
    """Train a population whose policies live in one network.

    Args:
        config: what to do.
        scheme: its name, in `config.json` and in curves.
        matchmaker: from population and config to who draws the pairings; importable by name.
        finish: called by all workers at the end; what it returns goes into `population.json`;
            importable by name.
        progress: see `train`.
    """
    config.make_game()  # what cannot be played is refused before anything is written
    sizes = asdict(config.chosen)
    with open_run(config, scheme=scheme, chosen=sizes) as run, display(progress) as bars:
        launch(_work, config.workers, config, run, scheme, matchmaker, finish, first=bars)
    return run


def _work(
    group: Group,
    bars: Progress | None,
    config: Config,
    run: Path,
    scheme: str,
    matchmaker: Callable[[Population, Any], RowMatchmaker],
    finish: Finish | None,
) -> None:
    """Be one worker: play own matches, share gradients."""
    sizes, game = config.chosen, config.make_game()
    found = checkpoint.latest(run / "checkpoints", roster=game.roster.id)
    start = found.step if found else 0
    play_rng, learn_rng, distil_rng = (
        np.random.default_rng([config.seed, group.rank, start, k]) for k in range(3)
    )
    backend = game.make_backend(sizes.matches)
    layout, announce = game.layout, None
    if config.variant == "conditional":
        layout = conditioned_layout(layout, sizes.members + 1)
        backend = conditioned = ConditionedBackend(backend, sizes.members + 1)
        announce = conditioned.announce
    policy = config.make_policy(game, layout, seed=config.seed)
    population = Population(config, game, policy)
    if found:
        with refusing(found.path, f"a checkpoint of {scheme}", CheckpointError):
            population.restore(found.state["scheme"]["population"], run / "frozen")
            distil_rng.bit_generator.state = found.state["scheme"]["distil"]
    is_distilled = config.variant == "conditional" and config.freeze and config.distil_weight > 0
    learner = Learner(
        policy,
        sizes.learner,
        rng=learn_rng,
        average=group.average if group.size > 1 else None,
        auxiliary_loss=population.distillation(distil_rng) if is_distilled else None,
    )
    pairings = matchmaker(population, config)
    collector = Collector(
        backend,
        pairings,
        population.opponent,
        steps=sizes.rollout,
        rng=play_rng,
        reward_scale=sizes.reward_scale,
        gamma=sizes.learner.gamma,
        announce=announce,
    )
    steps = None if config.minutes is not None else sizes.members * sizes.member_steps
    is_first = group.rank == 0
    with ExitStack() as stack:
        stack.callback(backend.close)
        log = course = None
        if is_first:
            begun = samples_in(found)
            log, course = (
                stack.enter_context(
                    RunLog(run, name, begun=begun, progress=shown, tensorboard=config.tensorboard)
                )
                for name, shown in ((scheme, bars), ("population", None))
            )
        rates = config.make_win_rates(group)

        def measure(before: int, after: int, is_last: bool) -> dict[str, float]:
            if rates is None:
                return {}
            newest = population.member((population.active or [population.size - 1])[-1])
            frozen = [population.member(row) for row in sorted(population.frozen)]
            previous = frozen[-1] if frozen else None
            return rates.measure(newest, previous, before, after, is_last)

        budget = Budget(steps, config.minutes)
        loop = Loop(learner, collector, budget, group=group, log=log, measure=measure)
        if found:
            loop.restore(found)
        for _ in loop:
            is_due = learner.updates % sizes.refresh_updates == 0 or loop.used >= 1
            if is_due:
                measures = population.refresh(group, loop.used)
                if course is not None:
                    course.write(loop.steps, loop.used, measures)
            if is_first and (is_due or loop.is_stopped):
                state = {
                    "population": population.state(run / "frozen"),
                    "distil": distil_rng.bit_generator.state,
                }
                loop.save(run / "checkpoints", state=state, roster=game.roster.id)
            if is_due and pairings.is_finished:
                break
    facts = {} if finish is None else finish(population, group)
    if is_first:
        _finish(run, population, facts)


def _finish(run: Path, population: Population, facts: Mapping[str, Any]) -> None:
    """Write what users look for."""
    mixture = population.equilibrium()
    trained = sorted({*population.frozen, *population.active})
    for row in trained:
        _save(population, row, run / "snapshots" / f"{row:03d}")
    _save(population, max(trained, key=lambda row: mixture[row]), run / "policy")
    population.payoff.save(run / "payoff.json")
    document = {
        "graph": population.graph.tolist(),
        "policies": population.identity.tolist(),
        "frozen": sorted(population.frozen),
        "mixture": mixture.tolist(),
        "history": population.history,
        **facts,
    }
    write_json(run / "population.json", document)


def _save(population: Population, row: int, folder: Path) -> None:
    member = population.member(row)
    assert isinstance(member, PolicyMember)
    told = None if member.condition is None else member.condition.tolist()
    save_member(
        folder,
        member.policy,
        step=row,
        state=stamp(population.config),
        roster=population.game.roster.id,
        condition=told,
    )
