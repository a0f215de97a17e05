"""CAM: one policy for all characters by self-play, then a specialist for each from its weights.

"Breaking the Mold: The Challenge of Large Scale MARL Specialization" (arXiv 2410.02128). Stage 1
trains mutually informed agents: a policy conditioned on the character, in generations that meet
each other by an equilibrium of their results. Stage 2 gives each character (or each cluster of
characters) a copy and trains it with PPO against the frozen policies of all characters, the harder
the likelier. The paper prints no symbols for most of it; docs/training.md lists our readings.
"""

import queue
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from rich.progress import Progress

import cam_arena
from cam_arena.errors import CheckpointError, Stopped, TrainingError
from cam_arena.files import read_json, refusing, write_json
from cam_arena.game.options import Options
from cam_arena.liveness import Watch, beat
from cam_arena.roster import Roster

from . import lock, selfplay, specialist, stopping
from .clusters import cluster_characters
from .evaluate import Entrant, tournament
from .learner import Config as LearnerConfig
from .networks import NetworkConfig
from .population.members import load_member, save_member
from .population.payoff import Payoff
from .population.solvers import Solver
from .provenance import stamp
from .run_config import FILE_NAME, open_run, read_config
from .runlog import display, read_spent
from .settings import check_settings
from .sharing import Scheme, SpecialistScheme

__all__ = ["PRESETS", "Config", "Preset", "shared_policy_config", "slug", "train"]

# Shares of a budget in minutes; what is left over pays for starting processes.
STAGE_1_SHARE, STAGE_2_SHARE = 0.50, 0.41
SUMMARY_NAME = "summary.json"
News = tuple[str, float, str] | TrainingError  # of a specialist, from the process that trains it
EVALUATIONS = 4  # of a specialist, besides that of its start


@dataclass(frozen=True)
class Preset:
    """Sizes that belong together."""

    generations: int
    generation_steps: int
    """Samples of the learner a generation."""
    specialist_steps: int
    """Samples a specialist and round."""
    matches: int
    """At a time in stage 1, over all workers."""
    specialist_matches: int
    """At a time in stage 2, for each specialist."""
    rollout: int
    """Steps between updates."""
    evaluation_games: int
    """Of a specialist against each member of its pool, at each evaluation."""
    shared: LearnerConfig
    """Stage 1."""
    specialist: LearnerConfig
    """Stage 2."""
    network: NetworkConfig = field(default_factory=NetworkConfig)
    reward: str = "hp"
    """Of the env."""
    reward_scale: float = 1.0
    """Factor on it."""
    aggression: float = 1.0
    """See `selfplay.Config`."""
    evaluation_limit: int | None = None
    """Games of such an evaluation at most, over all members, so that in a large pool judging does
    not take the time of training; None: no limit."""


_CPU = LearnerConfig(entropy_weight=0.01)
_CPU_SPECIALIST = replace(_CPU, lr=5e-4, clip=0.1, kl_weight=0.01)
_PAPER = LearnerConfig(
    lr=1e-4, lr_final=1.0, clip=0.1, gamma=0.995, epochs=3, minibatch=7500, entropy_weight=0.01
)
PRESETS = {
    "smoke": Preset(2, 40_000, 20_000, 64, 32, 32, 8, _CPU, _CPU_SPECIALIST),
    "cpu": Preset(
        6, 3_000_000, 1_500_000, 1024, 512, 32, 40, _CPU, _CPU_SPECIALIST, evaluation_limit=400
    ),
    "paper": Preset(
        generations=13,
        generation_steps=30_000_000,
        specialist_steps=20_000_000,
        # 300 segments of 100 steps an update: in the 60 % of the matches in which the policy meets
        # itself, both seats are segments.
        matches=188,
        specialist_matches=300,
        rollout=100,
        evaluation_games=1000,
        shared=_PAPER,
        specialist=replace(_PAPER, kl_weight=0.01),
        network=NetworkConfig((256, 256)),
        reward="paper",
        reward_scale=0.1,
        aggression=0.0,  # the paper's reward sums to zero
    ),
}
"""`smoke` proves that all parts work, `cpu` is for a laptop, `paper` has the paper's published
numbers; docs/training.md says which are not the paper's."""


@dataclass(frozen=True)
class Config:
    """CAM."""

    out: Path | None = None
    """Directory of the run. One that exists goes on where it stopped; None: a new one, such as
    `runs/cam-001`."""
    preset: Literal["smoke", "cpu", "paper"] = "cpu"
    """Sizes: see `PRESETS`."""
    minutes: float | None = None
    """Wall-clock budget of both stages together; None: the preset's steps."""
    characters: str = "core8"
    """A split of the roster, or a character; each of them becomes a specialist."""
    roster: Path | None = None
    """Directory of another roster, such as `cam-arena roster new` makes; None: the bundled one."""
    observation: selfplay.VectorObservation = "full"
    """What the policies see; see `selfplay.Config`."""
    sharing: Scheme = "full"
    """How characters share parameters in stage 1."""
    stage1: Path | None = None
    """`stage1/` of another run, finished, on the same characters and observation: it is taken over
    and stage 2 alone is trained. None: train it."""
    workers: int = 2
    """Processes; one a core."""
    generations: int | None = None
    """Of stage 1 (the paper: 13); None: the preset's."""
    solver: Solver = "nash"
    """How stage 1 draws past generations."""
    self_share: float = 0.6
    """Share of stage 1's matches in which the newest generation meets itself."""
    lambda_mi: float = 0.0
    """Weight of stage 1's mutual information; see `selfplay.Config`."""
    matchmaking: Literal["uniform", "pfsp_hard", "pfsp_var", "softmax", "nash"] = "pfsp_hard"
    """How stage 2 draws opponents: by the specialist's results against each of them, or, `nash`, by
    the equilibrium of what they do among themselves."""
    baseline: specialist.Baseline = "learned"
    """What stage 2 subtracts from returns: `learned`, the specialist's own value, trained on;
    `frozen`, the shared policy's value, never trained, from the rewards of whole matches (the
    paper's equations 16 to 18; its returns end after 100 frames)."""
    stage2_parameters: SpecialistScheme = "full"
    """Which parameters a specialist has of its own: `full`, all; `head`, the last layer."""
    clusters: int | None = None
    """Specialists to train, each for a cluster of characters with like descriptors; None: one a
    character."""
    specialist_steps: int | None = None
    """Samples a specialist and round, where there is no budget in minutes; None: the preset's."""
    rounds: int = 1
    """Rounds of stage 2; the specialists of one join the opponents of the next."""
    frame_skip: int = 3
    """Ticks a step."""
    reward: str | None = None
    """Reward of the env; None: the preset's, with its factor."""
    reward_scale: float | None = None
    """Factor on a reward that is named; None: 0.1 for `paper`, 1 for others."""
    aggression: float | None = None
    """Share of the damage dealt that is rewarded once more; None: the preset's. See
    `selfplay.Config`."""
    seed: int = 0
    """Of everything."""
    tensorboard: bool = True
    """Whether to write event files."""

    def __post_init__(self) -> None:
        """Reject impossible values before any process starts."""
        check_settings(self)
        if self.preset not in PRESETS:
            raise ValueError(f"preset must be one of {list(PRESETS)}, got {self.preset!r}")
        if self.baseline not in get_args(specialist.Baseline):
            raise ValueError(
                f"baseline must be one of {list(get_args(specialist.Baseline))}, got "
                f"{self.baseline!r}"
            )
        if self.rounds < 1 or self.workers < 1 or (self.generations or 1) < 1:
            raise ValueError("rounds, workers and generations must be at least 1")
        if self.specialist_steps is not None and self.minutes is not None:
            raise ValueError(
                "specialist_steps must be None where minutes are given, in whose place it stands, "
                f"got {self.specialist_steps} with minutes {self.minutes}"
            )
        if self.clusters is not None and self.clusters < 1:
            raise ValueError(f"clusters must be at least 1, got {self.clusters}")
        if self.reward_scale is not None and self.reward is None:
            raise ValueError(
                f"reward_scale is of a reward that is named; got {self.reward_scale} without reward"
            )
        if self.observation == "tiny" and self.lambda_mi:
            raise ValueError(
                "lambda_mi needs an observation that says who the own fighter is; 'tiny' does not"
            )

    @property
    def scaled_reward(self) -> tuple[str, float]:
        """Name of the reward, and the factor on it."""
        if self.reward is not None:
            return self.reward, selfplay.reward_scale(self.reward, self.reward_scale)
        preset = PRESETS[self.preset]
        return preset.reward, preset.reward_scale

    @property
    def chosen_aggression(self) -> float:
        """The aggression that holds."""
        return PRESETS[self.preset].aggression if self.aggression is None else self.aggression


def train(config: Config, *, progress: Progress | None = None) -> Path:
    """Train both stages.

    Args:
        config: what to do.
        progress: where to show bars; None: one of its own, bars in a terminal and else a
            line every 15 s. `rich.progress.Progress(disable=True)` shows nothing.

    Returns:
        The run's directory: `config.json`, `metrics.jsonl`, `stage1/` (a self-play run; its
        `policy/` is the shared policy), `specialists/<character>/` (each readable by `load_member`)
        and `summary.json`.

    Raises:
        WorkerError: naming the worker or specialist whose process died.
        RunError: if another process trains in the directory.
        OtherRosterError: if the directory holds a run on another roster.
        CheckpointError: if it holds a run that was begun with other settings, or is finished and
            had another budget, or there are checkpoints and none is intact.
        TrainingError: if the training diverged, or needs more memory than there is.
        ValueError: if the roster has no such characters.
    """
    preset = PRESETS[config.preset]
    roster = cam_arena.load_roster(config.roster)
    names = list(selfplay.character_names(roster, config.characters))
    teams = cluster_characters(roster, names, config.clusters or len(names), seed=config.seed)
    facts = {"names": names, "teams": teams, "sizes": asdict(preset)}
    is_begun = config.out is not None and (Path(config.out) / FILE_NAME).exists()
    if config.stage1 is not None and not is_begun:
        _check_source(config, Path(config.stage1))  # before anything is written
    with (
        open_run(config, scheme="cam", finished_by=SUMMARY_NAME, **facts) as run,
        display(progress) as bars,
    ):
        config = replace(config, out=run)
        shared = _stage_1(config, run, bars)
        for number in range(1, config.rounds + 1):
            _stage_2(config, run, preset, roster, teams, shared, number, bars)
        _finish(config, run, roster, teams)
    return run


def slug(name: str) -> str:
    """Return a character's name as a directory's."""
    return "".join(letter if letter.isalnum() else "_" for letter in name.lower())


def _stage_1(config: Config, run: Path, bars: Progress) -> Path:
    """Train the shared policy and return its directory."""
    out = run / "stage1"
    if (out / "policy").exists():
        return out / "policy"
    if config.stage1 is not None:
        return _take_over(config, config.stage1, out)
    minutes = None if config.minutes is None else config.minutes * STAGE_1_SHARE
    selfplay.train(
        shared_policy_config(config, out, minutes),
        progress=bars,
        log=run,
        name="shared policy",
    )
    return out / "policy"


def shared_policy_config(config: Config, out: Path, minutes: float | None) -> selfplay.Config:
    """Return how stage 1 is trained.

    Args:
        config: of CAM.
        out: directory of the shared policy's run.
        minutes: its budget; None: the preset's steps.
    """
    preset = PRESETS[config.preset]
    generations = config.generations or preset.generations
    return selfplay.Config(
        out=out,
        minutes=minutes,
        steps=None if minutes else generations * preset.generation_steps,
        characters=config.characters,
        roster=config.roster,
        observation=config.observation,
        sharing=config.sharing,
        network=preset.network,
        learner=preset.shared,
        workers=config.workers,
        matches=max(1, preset.matches // config.workers),
        rollout=preset.rollout,
        reward=config.scaled_reward[0],
        reward_scale=config.scaled_reward[1],
        aggression=config.chosen_aggression,
        frame_skip=config.frame_skip,
        lambda_mi=config.lambda_mi,
        self_share=config.self_share,
        solver=config.solver,
        # The last generation is the policy that is left at the end.
        snapshots=generations - 1,
        seed=config.seed,
        tensorboard=config.tensorboard,
    )


def _check_source(config: Config, source: Path) -> None:
    """Refuse a stage 1 of another run that this one cannot begin with.

    Raises:
        CheckpointError: if it is not finished, or of other characters or another observation.
    """
    found = read_config(source, roster=config.roster)
    for name in ("characters", "observation", "frame_skip"):
        if found.get(name) != getattr(config, name):
            raise CheckpointError(
                f"{source}: trained with {name} {found.get(name)!r}, not {getattr(config, name)!r}"
            )
    if not (source / "policy").is_dir():
        raise CheckpointError(f"{source}: has no policy yet; finish that run first")


def _take_over(config: Config, source: Path, out: Path) -> Path:
    """Copy the stage 1 of another run and return its policy's directory; see `_check_source`."""
    _check_source(config, source)
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(source, partial, ignore=shutil.ignore_patterns("checkpoints", lock.FILE_NAME))
    partial.rename(out)
    return out / "policy"


def _stage_2(
    config: Config,
    run: Path,
    preset: Preset,
    roster: Roster,
    teams: Mapping[str, Sequence[str]],
    shared: Path,
    number: int,
    bars: Progress,
) -> None:
    """Train the specialists of one round, as many at a time as there are workers."""
    folder = run / "rounds" / str(number)
    before = None if number == 1 else run / "rounds" / str(number - 1)
    missing = [name for name in teams if not (folder / slug(name) / "policy").exists()]
    if not missing:
        return
    minutes = None
    if config.minutes is not None:
        # Each of W processes trains every W-th specialist, one after the other.
        turns = -(-len(teams) // config.workers)
        share = STAGE_2_SHARE + (STAGE_1_SHARE if config.stage1 else 0.0)
        minutes = config.minutes * share / config.rounds / turns
    pool = _pool(run, roster, teams, shared, number)
    ranking = None
    if config.matchmaking == "nash":
        ranking = _ranking(config, preset, roster, pool, folder)
    tasks = [
        specialist.Task(
            name=name,
            characters=tuple(roster[member].index for member in teams[name]),
            out=folder / slug(name),
            log=run,
            shared=shared,
            start=shared if before is None else before / slug(name) / "policy",
            pool=pool,
            ranking=ranking,
            minutes=minutes,
            steps=None if minutes else config.specialist_steps or preset.specialist_steps,
            learner=_specialist_learner(config, preset),
            parameters=config.stage2_parameters,
            baseline=config.baseline,
            matchmaking=config.matchmaking,
            matches=preset.specialist_matches,
            rollout=preset.rollout,
            evaluations=EVALUATIONS,
            evaluation_games=preset.evaluation_games,
            evaluation_limit=preset.evaluation_limit,
            observation=config.observation,
            reward=config.scaled_reward[0],
            reward_scale=config.scaled_reward[1],
            aggression=config.chosen_aggression,
            frame_skip=config.frame_skip,
            roster=config.roster,
            seed=config.seed + number,
            tensorboard=config.tensorboard,
        )
        for name in missing
    ]
    _run_all(tasks, min(config.workers, len(tasks)), bars)


def _pool(
    run: Path, roster: Roster, teams: Mapping[str, Sequence[str]], shared: Path, number: int
) -> tuple[tuple[int, Path], ...]:
    """Return the opponents of a round: the shared policy as everyone, and all earlier specialists.

    What was not kept, or only kept from an earlier round, is there already.
    """
    pool = [(roster[name].index, shared) for team in teams.values() for name in team]
    for earlier in range(1, number):
        folder = run / "rounds" / str(earlier)
        for name, team in teams.items():
            if specialist.read_outcome(folder / slug(name))["kept"] == "candidate":
                path = folder / slug(name) / "policy"
                pool += [(roster[member].index, path) for member in team]
    return tuple(pool)


def _ranking(
    config: Config,
    preset: Preset,
    roster: Roster,
    pool: Sequence[tuple[int, Path]],
    folder: Path,
) -> dict[str, Any]:
    """Let the members of a pool play each other once a round; return their `Payoff`, as JSON."""
    path = folder / "pool.json"
    if path.exists():
        document = read_json(path, CheckpointError)
        with refusing(path, "the results of a pool; remove it to play them again", CheckpointError):
            found = Payoff.from_state(document["payoff"])
            if found.games.shape != (len(pool), len(pool)):
                raise ValueError(f"{len(pool)} members for a table of shape {found.games.shape}")
        return found.state()
    sources = dict.fromkeys(path for _, path in pool)
    loaded = {source: load_member(source, roster=roster) for source in sources}
    entrants = [
        Entrant(f"{source} {character}", loaded[source], character) for character, source in pool
    ]
    table = tournament(
        entrants,
        games=2 * max(1, preset.evaluation_games // 2),
        seed=config.seed,
        options=Options(
            frame_skip=config.frame_skip, observation=config.observation, roster=roster
        ),
    )
    payoff = Payoff(len(pool), len(pool))
    payoff.merge(np.stack([table.wins, table.draws, table.games]))
    folder.mkdir(parents=True, exist_ok=True)
    members = [entrant.name for entrant in entrants]
    document = {"members": members, "payoff": payoff.state(), **stamp(config)}
    write_json(path, document, indent=None)
    return payoff.state()


def _specialist_learner(config: Config, preset: Preset) -> LearnerConfig:
    if config.baseline == "learned":
        return preset.specialist
    # Returns are all rewards to the match's end: nothing of the frozen value stands in for a future
    # that the specialist plays otherwise. A comparison with that value is not centred.
    return replace(preset.specialist, gae_lambda=1.0, value_weight=0.0, centre_advantages=False)


def _run_all(tasks: Sequence[specialist.Task], workers: int, bars: Progress) -> None:
    """Train the tasks, in processes if there is more than one worker; keep their bars up to date.

    Raises:
        WorkerError: naming the specialists that a process which died, or gave no sign of life for
            30 s, has not finished.
        TrainingError: naming a specialist whose training cannot go on.
    """
    shown = {task.name: bars.add_task(task.name, total=1.0, note="") for task in tasks}

    def show(name: str, fraction: float, note: str) -> None:
        bars.update(shown[name], completed=min(fraction, 1.0), note=note)

    specialist.forget_lost(tasks)
    if workers == 1:
        specialist.train_all(tasks, show)
        return

    def whose(k: int) -> str:
        lost = [task.name for task in tasks[k::workers] if not (task.out / "policy").exists()]
        return f"the process that trained {', '.join(lost)}"

    context = get_context("spawn")
    news: Queue[News] = context.Queue()
    watch = Watch(context.RawArray("q", workers))
    processes: list[BaseProcess] = []
    is_told, has_failed = False, True
    try:
        while len(processes) < workers and not stopping.asked():
            k = len(processes)
            next_one = context.Process(
                target=_train_some, args=(tasks[k::workers], news, watch.beats, k), daemon=True
            )
            with stopping.blocked():
                next_one.start()
                processes.append(next_one)
        while any(process.is_alive() for process in processes) or not news.empty():
            if stopping.asked() and not is_told:
                is_told = True
                for process in processes:
                    process.terminate()  # each saves what it trains, and ends
            try:
                told = news.get(timeout=0.2)
            except queue.Empty:
                pass
            else:
                if isinstance(told, TrainingError):
                    raise told
                show(*told)
            watch.check(dict(enumerate(processes)), whose)
        has_failed = False
        if not all((task.out / "policy").exists() for task in tasks):
            number = stopping.asked() or signal.SIGTERM  # a process may have been asked alone
            raise Stopped(
                f"stopped by {signal.Signals(number).name} while specialists were trained, which "
                "are saved",
                number,
            )
    finally:
        for process in processes:
            if has_failed and process.is_alive():
                process.kill()  # not terminate: one that was stopped handles no other signal
            process.join()


def _train_some(tasks: Sequence[specialist.Task], news: "Queue[News]", beats: Any, k: int) -> None:
    """Be one process of stage 2."""
    stopping.obey()
    beat(beats, k)
    try:
        specialist.train_all(tasks, lambda *what: news.put(what))
    except Stopped:
        pass  # saved; who waits for this process sees that there is no policy
    except TrainingError as error:
        news.put(error)


def _finish(config: Config, run: Path, roster: Roster, teams: Mapping[str, Sequence[str]]) -> None:
    """Copy the last round's specialists to where users look, and write what became of each."""
    outcomes: dict[str, Any] = {}
    samples, spent, shipped = 0, 0.0, 0
    for team, names in teams.items():
        folders = [run / "rounds" / str(k + 1) / slug(team) for k in range(config.rounds)]
        past = [specialist.read_outcome(folder) for folder in folders]
        samples += sum(int(outcome["samples"]) for outcome in past)
        spent += sum(float(outcome["seconds"]) for outcome in past)
        shipped += bool(past[-1]["is_specialist"])
        found = load_member(folders[-1] / "policy", team, roster=roster)
        for name in names:
            outcomes[name] = {key: past[-1][key] for key in specialist.FACTS} | {"team": team}
            facts = {"character": name, "team": team, **stamp(config)}
            folder = run / "specialists" / slug(name)
            save_member(folder, found.policy, state=facts, roster=roster.id)
    cost = {
        "policies": len(teams),
        "shipped": shipped,
        "samples": samples,
        "seconds": round(spent, 1),
    }
    # By the wall and over all sittings, of the training alone.
    shared = read_spent(run).get("shared policy", {"seconds": 0.0})["seconds"]
    seconds = round(shared + spent / min(config.workers, len(teams)), 1)
    summary = {"seconds": seconds, "cost": cost, "specialists": outcomes, **stamp(config)}
    write_json(run / SUMMARY_NAME, summary)
