"""PSRO: a population that grows by best responses to a mixture of itself.

"A Unified Game-Theoretic Approach to Multiagent Reinforcement Learning" (arXiv 1711.00832). Each
turn solves the game that the members play among themselves, trains a new policy against the mixture
that comes out, and adds it. What the new policy earns of the mixture is how exploitable the mixture
was, as far as a learner with this budget can tell.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from cam_arena.errors import CheckpointError
from cam_arena.files import refusing, write_json

from . import checkpoint
from .games import Game, exact_nash_conv
from .loop import Budget
from .networks import Policy
from .population.exploitability import nash_conv
from .population.members import Player, PolicyMember, load_member, save_member
from .population.payoff import Payoff
from .population.solvers import META_SOLVERS, MetaSolver, meta_strategy
from .population_run import PopulationConfig, play_pairs, read_history
from .provenance import stamp
from .response import Response, respond
from .run_config import open_run
from .runlog import RunLog, display
from .workers import Group, launch

__all__ = ["Config", "fuse", "train"]

SUMMARY_NAME = "population.json"


@dataclass(frozen=True)
class Config(PopulationConfig):
    """PSRO."""

    out: Path | None = None
    """Directory of the run. One that exists goes on where it stopped; None: a new one, such as
    `runs/psro-001`."""
    solver: MetaSolver = "nash"
    """How the members' results become the mixture to respond to."""
    start: Literal["fresh", "latest", "fusion"] = "fresh"
    """What a best response begins as: a fresh network, the newest member, or the average of the
    members' weights by their shares in the mixture (Fusion-PSRO, arXiv 2405.21027). The first is
    always fresh."""
    epsilon: float | None = None
    """Stop when a best response earns at most this of the mixture; None: never before the last."""
    checkpoint_updates: int = 50
    """Updates between checkpoints."""

    def __post_init__(self) -> None:
        """Reject impossible values before any process starts."""
        super().__post_init__()
        if self.solver not in META_SOLVERS:
            raise ValueError(f"solver must be one of {list(META_SOLVERS)}, got {self.solver!r}")
        if self.start not in ("fresh", "latest", "fusion"):
            raise ValueError(f"start must be fresh, latest or fusion, got {self.start!r}")
        if self.checkpoint_updates < 1:
            raise ValueError(
                f"checkpoint_updates must be at least 1, got {self.checkpoint_updates}"
            )


def train(config: Config, *, progress: Progress | None = None) -> Path:
    """Train a population.

    Args:
        config: what to do.
        progress: where to show bars; None: one of its own, bars in a terminal and else a
            line every 15 s. `rich.progress.Progress(disable=True)` shows nothing.

    Returns:
        The run's directory: `config.json`, `metrics.jsonl`, `snapshots/<k>/`, the members after the
        sink, each readable by `load_member`; `payoff.json`, their results; `population.json`, the
        mixture over them and the course of the measures; and `policy/`, the member with the largest
        share.

    Raises:
        WorkerError: if a worker process died.
        RunError: if another process trains in the directory.
        OtherRosterError: if the directory holds a run on another roster.
        CheckpointError: if it holds a run that was begun with other settings, or is finished and
            had another budget, or there are checkpoints and none is intact.
        TrainingError: if the training diverged, or needs more memory than there is.
        ValueError: if the roster has no such characters.
    """
    config.make_game()  # what cannot be played is refused before anything is written
    sizes = asdict(config.chosen)
    with (
        open_run(config, scheme="psro", finished_by=SUMMARY_NAME, chosen=sizes) as run,
        display(progress) as bars,
    ):
        launch(_work, config.workers, config, run, first=bars)
    return run


def _work(group: Group, bars: Progress | None, config: Config, run: Path) -> None:
    """Be one worker of all best responses."""
    game = config.make_game()
    members: list[Player] = [game.sink]
    payoff = Payoff(1, 1)
    history: list[dict[str, float]] = []
    if found := checkpoint.latest(run / "population", roster=game.roster.id):
        payoff, history = _restored(found)
        members += [
            load_member(_folder(run, k), roster=game.roster) for k in range(1, len(payoff.games))
        ]
    with ExitStack() as stack:
        log = None
        if group.rank == 0:
            log = stack.enter_context(
                RunLog(run, "population", begun=len(members) - 1, tensorboard=config.tensorboard)
            )
        for number in range(len(members), config.chosen.members + 1):
            if _is_solved(config, history):
                break
            mixture = meta_strategy(config.solver, payoff.matrix())
            policy = _respond(group, bars, config, run, game, members, mixture, number)
            members.append(PolicyMember(f"{number:03d}", policy))
            payoff.grow(number + 1, number + 1)
            pairs = [(number, other) for other in range(number)]
            play_pairs(
                group, game, members, pairs, payoff,
                sizes=config.chosen, seed=[config.seed, number],
            )  # fmt: skip
            history.append(_measures(config, game, members, payoff, mixture))
            if log is not None:
                log.write(number, number / config.chosen.members, history[-1])
                _save(config, game, _folder(run, number), policy, number)
                checkpoint.save(
                    run / "population",
                    number,
                    tensors={},
                    state={"payoff": payoff.state(), "history": history},
                    roster=game.roster.id,
                )
    if group.rank == 0:
        _finish(config, game, run, members, payoff, history)


def _restored(found: checkpoint.Checkpoint) -> tuple[Payoff, list[dict[str, float]]]:
    """Return the members' results and the course of the measures; a member is a row of both."""
    with refusing(found.path, "a checkpoint of a population", CheckpointError):
        payoff = Payoff.from_state(found.state["payoff"])
        history = read_history(found.state["history"])
        rows, columns = payoff.games.shape
        if rows != columns or rows != len(history) + 1:
            raise ValueError(f"results of {rows} x {columns} members, measures of {len(history)}")
        if any("population/best_response" not in row for row in history):
            raise ValueError("a member without a measure")
    return payoff, history


def _folder(run: Path, number: int) -> Path:
    return run / "snapshots" / f"{number:03d}"


def _save(config: Config, game: Game, folder: Path, policy: Policy, number: int) -> None:
    save_member(folder, policy, step=number, state=stamp(config), roster=game.roster.id)


def _is_solved(config: Config, history: Sequence[Mapping[str, float]]) -> bool:
    if config.epsilon is None or not history:
        return False
    return history[-1]["population/best_response"] <= config.epsilon


def _respond(
    group: Group,
    bars: Progress | None,
    config: Config,
    run: Path,
    game: Game,
    members: Sequence[Player],
    mixture: NDArray[np.float64],
    number: int,
) -> Policy:
    """Train a best response to a mixture of the members."""
    sizes = config.chosen
    minutes = None if config.minutes is None else config.minutes / sizes.members
    task = Response(
        out=run,
        checkpoints=run / "responses" / f"{number:03d}",
        name=f"response {number}",
        learner=sizes.learner,
        budget=Budget(sizes.member_steps if minutes is None else None, minutes),
        rollout=sizes.rollout,
        reward_scale=sizes.reward_scale,
        checkpoint_updates=config.checkpoint_updates,
        seed=(config.seed, number),
        tensorboard=config.tensorboard,
        roster=game.roster.id,
    )
    policy = _start(config, game, members, mixture, number)
    backend = game.make_backend(sizes.matches)
    rates, before = config.make_win_rates(group), members[-1]
    previous = before if isinstance(before, PolicyMember) else None  # not the sink

    def measure(since: int, steps: int, is_last: bool) -> dict[str, float]:
        if rates is None:
            return {}
        return rates.measure(PolicyMember("learner", policy), previous, since, steps, is_last)

    return respond(group, bars, task, policy, backend, members, mixture, measure)


def _start(
    config: Config,
    game: Game,
    members: Sequence[Player],
    mixture: NDArray[np.float64],
    number: int,
) -> Policy:
    """Return what a best response begins as."""
    fresh = config.make_policy(game, seed=config.seed * 1000 + number)
    trained = [member.policy for member in members if isinstance(member, PolicyMember)]
    if config.start == "fresh" or not trained:
        return fresh
    shares = mixture[len(members) - len(trained) :]
    if config.start == "latest" or shares.sum() < 1e-9:
        shares = np.eye(len(trained))[-1]
    fuse(fresh, trained, shares)
    return fresh


def fuse(target: Policy, policies: Sequence[Policy], shares: NDArray[np.float64]) -> None:
    """Set a policy's weights to an average of others'.

    Args:
        target: changed in place.
        policies: of the same sizes; averages mean something where they descend from each other.
        shares: not negative, shape (P,); scaled to sum to 1.

    Source: Lian et al. 2024, "Fusion-PSRO: Nash Policy Fusion for Policy Space Response Oracles"
        (arXiv 2405.21027), equation of the Nash policy fusion.
    """
    weights = shares / shares.sum()
    states = [policy.state_dict() for policy in policies]
    target.load_state_dict(
        {
            name: sum(
                float(share) * state[name] for share, state in zip(weights, states, strict=True)
            )
            for name in states[0]
        }
    )


def _measures(
    config: Config,
    game: Game,
    members: Sequence[Player],
    payoff: Payoff,
    mixture: NDArray[np.float64],
) -> dict[str, float]:
    """Measure the mixture that the newest member responds to, and the population with it."""
    matrix = payoff.matrix()
    padded = np.r_[mixture, 0.0]
    after = meta_strategy(config.solver, matrix)
    measures = {
        "population/members": float(len(members)),
        "population/best_response": float(matrix[-1] @ padded),
        "population/nash_conv": nash_conv(matrix, padded),
        "population/share_of_newest": float(after[-1]),
    }
    exact = exact_nash_conv(game, members, after)
    if exact is not None:
        measures["population/exact_nash_conv"] = exact
    return measures


def _finish(
    config: Config,
    game: Game,
    run: Path,
    members: Sequence[Player],
    payoff: Payoff,
    history: Sequence[Any],
) -> None:
    """Write what users look for."""
    mixture = meta_strategy(config.solver, payoff.matrix())
    best = 1 + int(np.argmax(mixture[1:]))
    member = members[best]
    assert isinstance(member, PolicyMember)
    _save(config, game, run / "policy", member.policy, best)
    payoff.save(run / "payoff.json")
    document = {
        "members": [member.name for member in members],
        "mixture": mixture.tolist(),
        "history": list(history),
    }
    write_json(run / SUMMARY_NAME, document)
