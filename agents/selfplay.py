"""Self-play against the present and the past: one policy for all characters, from scratch.

The learner meets itself most of the time, and otherwise snapshots of its past, the harder the
likelier (prioritised fictitious self-play; Vinyals et al. 2019, "Grandmaster level in StarCraft II
using multi-agent reinforcement learning").
"""

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import torch
from rich.progress import Progress
from tyro.conf import arg

import cam_arena
from cam_arena.errors import CheckpointError
from cam_arena.files import refusing
from cam_arena.game.options import Options
from cam_arena.roster import Roster
from cam_arena.roster.naming import meant, nearest

from . import checkpoint, evaluate
from .learner import Config as LearnerConfig
from .learner import Learner
from .loop import Budget, Loop, samples_in
from .mutual_information import MutualInformation
from .networks import NetworkConfig, Policy, identity_columns
from .population.matchmaking import Pool
from .population.members import (
    PolicyMember,
    UniformMember,
    bot_member,
    load_member,
    save_member,
)
from .population.solvers import Solver
from .processes import Aggressive, SubprocessBackend
from .provenance import stamp
from .run_config import open_run
from .runlog import RunLog, display
from .settings import check_settings
from .sharing import Scheme, build_policy, check_layout, make_policy
from .vecenv import Backend, Collector, NativeBackend
from .win_rate import WinRates
from .workers import Group, launch

__all__ = [
    "Config", "VectorObservation", "character_indices", "character_names", "frozen_copy",
    "reward_scale", "train",
]  # fmt: skip

VectorObservation = Literal["full", "tiny", "entities", "descriptor"]
"""Presets that the networks can read."""
SINK = "random:1"
DEFAULT_MINUTES = 3.0  # where nobody says how long
SCALES = {"paper": 0.1, "paper_potential": 0.1}
"""Factors with which a match's rewards sum to about 1; of other rewards 1."""
PROCESSES = 2  # of the subprocess backend, for each worker


@dataclass(frozen=True)
class Config:
    """Self-play."""

    out: Path | None = None
    """Directory of the run. One that exists goes on where it stopped; None: a new one, such as
    `runs/selfplay-001`."""
    minutes: float | None = None
    """Wall-clock budget; None: 3 minutes, or no limit where `steps` are given."""
    steps: int | None = None
    """Budget in samples of the learner, over all workers; None: `minutes` alone. Of two budgets
    the first that is spent ends the training."""
    characters: str = "core8"
    """A character or a split of the roster; both seats draw from it."""
    roster: Path | None = None
    """Directory of another roster, such as `cam-arena roster new` makes; None: the bundled one."""
    observation: VectorObservation = "full"
    """What the policy sees. `descriptor` tells characters by their parameters and not by ids, for
    playing characters that were not trained on."""
    sharing: Scheme = "full"
    """How characters share parameters: `full`, one network; `none`, a network each; `head`, one
    trunk and a head each."""
    network: NetworkConfig = field(default_factory=NetworkConfig)
    """Sizes."""
    learner: LearnerConfig = field(default_factory=LearnerConfig)
    """Learning algorithm."""
    workers: int = 2
    """Processes; one a core."""
    matches: int = 256
    """Matches at a time, on each worker."""
    rollout: int = 32
    """Steps between updates."""
    reward: str = "hp"
    """Reward of the env. `paper` charges 5 for the sparks of an ultimate, more than its damage
    earns: policies that learn by it stop using ultimates. `paper_potential` pays for sparks as a
    potential, which charges nothing."""
    reward_scale: float | None = None
    """Factor on it; values learn best where a match's rewards sum to about 1. None: 0.1 for
    `paper` and `paper_potential`, 1 for others."""
    aggression: float = 1.0
    """Share of the damage dealt that is rewarded once more. Without it, two learners soon avoid
    each other until the time is up."""
    frame_skip: int = 3
    """Ticks a step."""
    backend: Literal["native", "subprocess"] = "native"
    """What steps the matches: the simulation in this process, or SuperSuit over two processes of
    the PettingZoo env, which is far slower and cannot seat bots."""
    self_share: float = 0.6
    """Share of matches against the learner itself."""
    lambda_mi: float = 0.0
    """Weight of the mutual information between what the policy would do as two characters in the
    same state, which is maximised (the CAM paper's lambda, not printed; 0.01 and 0.05 are worth
    trying). The estimate is logged in any case; see `mutual_information.py`."""
    sink_share: float = 0.05
    """Share of matches against uniformly random legal play, the sink that every population of
    NeuPL begins with (arXiv 2202.07415)."""
    solver: Solver = "pfsp_hard"
    """How snapshots are drawn."""
    snapshots: int = 15
    """Snapshots taken over the whole budget."""
    active: int = 6
    """Snapshots that can be met at a time."""
    evaluation_games: int = 128
    """Games of a new snapshot against each earlier one, where the solver is `nash`; at least 2 a
    character."""
    evaluation_bot: str | None = "zoner:3"
    """Bot that the policy plays now and then, so that curves show whether it learns to fight; it
    plays its newest snapshot too. None: no bot."""
    evaluation_samples: int = 2_500_000
    """Samples between two such evaluations, of 64 games against each; as given they take less than
    3 % of the time. The last is at the end. 0: never."""
    bots: Annotated[tuple[str, ...], arg(help_behavior_hint="")] = ()
    """Scripted opponents besides, such as `masher:3`."""
    checkpoint_updates: int = 50
    """Updates between checkpoints."""
    seed: int = 0
    """Of everything: one worker with a budget in steps gives the same weights again."""
    tensorboard: bool = True
    """Whether to write event files."""

    def __post_init__(self) -> None:
        """Reject impossible values before any process starts."""
        check_settings(self)
        check_layout(self.sharing, cam_arena.observation_layout(self.observation))
        if (
            min(self.workers, self.matches, self.rollout, self.checkpoint_updates, self.active) < 1
            or self.snapshots < 0
        ):
            raise ValueError(
                "workers, matches, rollout, checkpoint_updates and active must be at least 1, "
                "snapshots 0"
            )
        if min(self.self_share, self.sink_share) < 0 or self.self_share + self.sink_share > 1:
            raise ValueError(
                "self_share and sink_share must be shares of 1, "
                f"got {self.self_share} and {self.sink_share}"
            )
        layout = cam_arena.observation_layout(self.observation)
        if self.lambda_mi < 0 or (self.lambda_mi and not len(identity_columns(layout))):
            raise ValueError(
                "lambda_mi must be at least 0, and 0 where the observation does not say who the "
                f"own fighter is, got {self.lambda_mi} with {self.observation!r}"
            )
        for bot in (*self.bots, self.evaluation_bot):
            if bot is not None:
                bot_member(bot)
        if self.evaluation_samples < 0:
            raise ValueError(
                f"evaluation_samples must be at least 0, got {self.evaluation_samples}"
            )
        if self.backend == "subprocess" and (self.bots or self.matches % PROCESSES):
            raise ValueError(
                f"the subprocess backend needs an even number of matches and no bots, "
                f"got {self.matches} and {list(self.bots)}; or use backend='native'"
            )

    @property
    def budget(self) -> Budget:
        """The budget that holds."""
        is_default = self.steps is None and self.minutes is None
        return Budget(self.steps, DEFAULT_MINUTES if is_default else self.minutes)


def reward_scale(reward: str, given: float | None) -> float:
    """Return the factor on a reward: the one that is given, or else that of its name."""
    return SCALES.get(reward, 1.0) if given is None else given


def train(
    config: Config,
    *,
    progress: Progress | None = None,
    log: Path | None = None,
    name: str = "selfplay",
) -> Path:
    """Train a policy by self-play.

    Args:
        config: what to do.
        progress: where to show a bar; None: one of its own, bars in a terminal and else a
            line every 15 s. `rich.progress.Progress(disable=True)` shows nothing.
        log: directory of `metrics.jsonl`; None: the run's.
        name: of the curve in it.

    Returns:
        The run's directory: `config.json`, `metrics.jsonl`, `checkpoints/` to resume from,
        `snapshots/<k>/` and the final `policy/`, both readable by `load_member`.

    Raises:
        WorkerError: if a worker process died.
        RunError: if another process trains in the directory.
        OtherRosterError: if the directory holds a run on another roster.
        CheckpointError: if it holds a run that was begun with other settings, budgets apart, or
            there are checkpoints and none is intact.
        TrainingError: if the training diverged, or needs more memory than there is.
        ValueError: if the roster has no such characters.
    """
    character_names(cam_arena.load_roster(config.roster), config.characters)
    with open_run(config, scheme="selfplay") as run, display(progress) as bars:
        config = replace(config, out=run)
        launch(_work, config.workers, config, run, log or run, name, first=bars)
    return run


def _work(
    group: Group, bars: Progress | None, config: Config, run: Path, log_folder: Path, name: str
) -> None:
    """Be one worker: play own matches, share gradients."""
    roster = cam_arena.load_roster(config.roster)
    found = checkpoint.latest(run / "checkpoints", roster=roster.id)
    start = found.step if found else 0
    play_rng, learn_rng = (
        np.random.default_rng([config.seed, group.rank, start, k]) for k in range(2)
    )
    backend = _backend(config, group.rank)
    policy = make_policy(
        config.sharing,
        cam_arena.observation_layout(config.observation),
        len(roster),
        config.network,
        generator=torch.Generator().manual_seed(config.seed),
    )
    layout = cam_arena.observation_layout(config.observation)
    information = MutualInformation(policy, layout, config.lambda_mi)
    learner = Learner(
        policy,
        config.learner,
        rng=learn_rng,
        average=group.average if group.size > 1 else None,
        auxiliary_loss=information.loss if config.lambda_mi else None,
    )
    pool = Pool(
        solver=config.solver,
        self_share=config.self_share,
        first_share=config.sink_share,
        active=config.active,
    )
    pool.add(bot_member(SINK) if config.backend == "native" else UniformMember())
    for bot in config.bots:
        pool.add(bot_member(bot))
    given = len(pool.members)
    if found:
        with refusing(found.path, "a checkpoint of self-play", CheckpointError):
            scheme = found.state["scheme"]
            snapshots = [
                load_member(run / "snapshots" / name, roster=roster) for name in scheme["snapshots"]
            ]
            pool.restore(scheme["pool"], [*pool.members, *snapshots])
    collector = Collector(
        backend,
        pool,
        pool.members.__getitem__,
        steps=config.rollout,
        rng=play_rng,
        reward_scale=reward_scale(config.reward, config.reward_scale),
        gamma=config.learner.gamma,
    )
    rates = WinRates(
        group,
        character_indices(roster, config.characters),
        Options(frame_skip=config.frame_skip, observation=config.observation, roster=roster),
        bot=None if config.evaluation_bot is None else bot_member(config.evaluation_bot),
        every=config.evaluation_samples,
        seed=config.seed,
    )

    def measure(before: int, after: int, is_last: bool) -> dict[str, float]:
        newest = pool.members[-1] if len(pool.members) > given else None
        return rates.measure(PolicyMember("learner", policy), newest, before, after, is_last)

    is_first = group.rank == 0
    facts = stamp(config)
    with ExitStack() as stack:
        stack.callback(backend.close)
        log = None
        if is_first:
            begun = samples_in(found)
            log = stack.enter_context(
                RunLog(log_folder, name, begun=begun, progress=bars, tensorboard=config.tensorboard)
            )
        loop = Loop(
            learner,
            collector,
            config.budget,
            group=group,
            log=log,
            prepare=information.diagnose if is_first else None,
            measure=measure,
        )
        if found:
            loop.restore(found)
        for _ in loop:
            pool.synchronise(group.sum)
            taken = len(pool.members) - given
            if taken < min(int(loop.used * (config.snapshots + 1)), config.snapshots):
                snapshot = PolicyMember(f"{taken:03d}", frozen_copy(policy))
                if is_first:
                    folder = run / "snapshots" / snapshot.name
                    save_member(
                        folder, snapshot.policy, step=loop.steps, state=facts, roster=roster.id
                    )
                pool.add(snapshot)
                if config.solver == "nash":
                    _rank(group, pool, config, roster)
            is_due = learner.updates % config.checkpoint_updates == 0
            if is_first and (is_due or loop.is_stopped or loop.used >= 1):
                names = [member.name for member in pool.members[given:]]
                loop.save(
                    run / "checkpoints",
                    state={**facts, "snapshots": names, "pool": pool.state()},
                    roster=roster.id,
                )
    if is_first:
        save_member(run / "policy", policy, step=loop.steps, state=facts, roster=roster.id)


def _options(config: Config) -> dict[str, Any]:
    """Return the env's options."""
    return {
        "characters": config.characters,
        "observation": config.observation,
        "reward": config.reward,
        "frame_skip": config.frame_skip,
        "roster": config.roster,
    }


def _env(options: dict[str, Any], aggression: float) -> Aggressive:
    """Return one match as an env for a process."""
    return Aggressive(cam_arena.duel_v0.parallel_env(**options), aggression)


def _backend(config: Config, rank: int) -> Backend:
    """Return what steps this worker's matches."""
    if config.backend == "native":
        return NativeBackend(config.matches, aggression=config.aggression, **_options(config))
    make = partial(_env, _options(config), config.aggression)
    return SubprocessBackend(
        make, config.matches, processes=PROCESSES, seed=config.seed * 1000 + rank
    )


def _rank(group: Group, pool: Pool, config: Config, roster: Roster) -> None:
    """Let the newest member play all others, and meet them by an equilibrium of what is known."""
    counts = np.zeros((3, len(pool.members)), np.int64)
    newest = len(pool.members) - 1
    if group.rank == 0:  # the others wait in the sum
        characters = character_indices(roster, config.characters)
        size = len(characters)
        entrants = [
            evaluate.Entrant(f"{member.name} {character}", member, character)
            for member in pool.members
            for character in characters
        ]
        # as places among the characters, so that they are offsets among a member's entrants
        pairs = evaluate.character_pairs(
            range(size), config.evaluation_games // 2, seed=config.seed + newest
        )
        table = evaluate.tournament(
            entrants,
            games=2 * max(1, config.evaluation_games // (2 * len(pairs))),
            seed=config.seed,
            pairings=[
                (newest * size + own, member * size + other)
                for member in range(newest)
                for own, other in pairs
            ],
            threads=group.size,  # the others' cores are free
            options=Options(
                frame_skip=config.frame_skip, observation=config.observation, roster=roster
            ),
        )
        for name, row in zip(("wins", "draws", "games"), counts, strict=True):
            block = getattr(table, name)[newest * size :, : newest * size]
            row[:newest] = block.sum(0).reshape(newest, size).sum(1)
    pool.rank(newest, group.sum(counts))


def frozen_copy(policy: Policy) -> Policy:
    """Return an equal policy that the learner does not change."""
    twin = build_policy(policy.spec())
    twin.load_state_dict(policy.state_dict())
    return twin.requires_grad_(False)


def character_indices(roster: Roster, characters: str) -> list[int]:
    """Return the indices of the characters that a character's or a split's name stands for."""
    return [roster[name].index for name in character_names(roster, characters)]


def character_names(roster: Roster, characters: str) -> tuple[str, ...]:
    """Return the characters that a character's or a split's name stands for.

    Raises:
        ValueError: if the roster has neither; names its splits.
    """
    split = meant(characters, roster.splits)
    if split is not None:
        return roster.splits[split]
    name = meant(characters, roster.names)
    if name is None:
        near = nearest(characters, [*roster.splits, *roster.names])
        hint = f"; did you mean {near!r}?" if near else ""
        if "," in characters:
            hint = "; who trains takes one of these and not a pair"
        raise ValueError(
            f"characters must be a split ({', '.join(roster.splits)}) or a name of the roster in "
            f"{roster.path}, got {characters!r}{hint}"
        )
    return (name,)
