"""CAM: one policy for all characters by self-play, then a specialist for each from its weights.

"Breaking the Mold: The Challenge of Large Scale MARL Specialization" (arXiv 2410.02128). Stage 1
trains mutually informed agents: a policy conditioned on the character, in generations that meet
each other by an equilibrium of their results. Stage 2 gives each character a copy and trains it
with PPO against the frozen policies of all characters, the harder the likelier. The paper prints no
symbols for most of it; docs/training.md lists our readings.
"""

import json
import queue
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any, Literal

from rich.progress import Progress

import cam_arena
from cam_arena.errors import WorkerError
from cam_arena.roster import Roster

from . import selfplay, specialist
from .learner import Config as LearnerConfig
from .networks import NetworkConfig
from .population.members import load_member, save_member
from .population.solvers import Solver
from .provenance import provenance
from .run_config import write_config
from .runlog import display
from .sharing import Scheme

__all__ = ["PRESETS", "Config", "Preset", "train"]

# Shares of a budget in minutes; what is left over pays for starting processes.
STAGE_1_SHARE, STAGE_2_SHARE = 0.50, 0.41


@dataclass(frozen=True)
class Preset:
    """Sizes that belong together."""

    generations: int
    generation_steps: int
    """Samples of the learner a generation."""
    specialist_steps: int
    """Samples a specialist and round."""
    matches: int
    """At a time, on each worker."""
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


_CPU = LearnerConfig()
_CPU_SPECIALIST = replace(_CPU, lr=5e-4, clip=0.1, kl_weight=0.01)
_PAPER = LearnerConfig(
    lr=1e-4, lr_final=1.0, clip=0.1, gamma=0.995, epochs=3, minibatch=7500, entropy_weight=0.01
)
PRESETS = {
    "smoke": Preset(2, 40_000, 20_000, 32, 32, 8, _CPU, _CPU_SPECIALIST),
    "cpu": Preset(6, 3_000_000, 1_500_000, 128, 32, 40, _CPU, _CPU_SPECIALIST),
    "paper": Preset(
        13,
        30_000_000,
        20_000_000,
        150,
        100,
        1000,
        _PAPER,
        replace(_PAPER, kl_weight=0.01),
        NetworkConfig((256, 256)),
        reward="paper",
        reward_scale=0.1,
    ),
}
"""`smoke` proves that all parts work, `cpu` is for a laptop, `paper` has the paper's published
numbers."""


@dataclass(frozen=True)
class Config:
    """CAM."""

    out: Path = Path("runs/cam")
    """Directory of the run. A run that was interrupted continues where it stopped."""
    preset: Literal["smoke", "cpu", "paper"] = "cpu"
    """Sizes: see `PRESETS`."""
    minutes: float | None = None
    """Wall-clock budget of both stages together; None: the preset's steps."""
    characters: str = "core8"
    """A split of the roster; each of its characters becomes a specialist."""
    sharing: Scheme = "full"
    """How characters share parameters in stage 1."""
    workers: int = 2
    """Processes; one a core."""
    generations: int | None = None
    """Of stage 1 (the paper: 13); None: the preset's."""
    solver: Solver = "nash"
    """How stage 1 draws past generations."""
    self_share: float = 0.6
    """Share of stage 1's matches in which the newest generation meets itself."""
    matchmaking: Literal["uniform", "pfsp_hard", "pfsp_var", "softmax"] = "pfsp_hard"
    """How stage 2 draws opponents."""
    baseline: Literal["learned", "frozen"] = "learned"
    """What stage 2 subtracts from returns: `learned`, the specialist's own value, trained on;
    `frozen`, the shared policy's value, never trained (the literal reading of the paper's equations
    16 to 18)."""
    rounds: int = 1
    """Rounds of stage 2; the specialists of one join the opponents of the next."""
    frame_skip: int = 3
    """Ticks a step."""
    reward: str | None = None
    """Reward of the env; None: the preset's, with its factor."""
    reward_scale: float = 1.0
    """Factor on a reward that is named."""
    aggression: float = 1.0
    """Share of the damage dealt that is rewarded once more; see `selfplay.Config`."""
    seed: int = 0
    """Of everything."""
    tensorboard: bool = True
    """Whether to write event files."""

    def __post_init__(self) -> None:
        """Reject impossible values before any process starts."""
        if self.preset not in PRESETS:
            raise ValueError(f"preset must be one of {list(PRESETS)}, got {self.preset!r}")
        if self.rounds < 1 or self.workers < 1 or (self.generations or 1) < 1:
            raise ValueError("rounds, workers and generations must be at least 1")
        if self.minutes is not None and self.minutes <= 0:
            raise ValueError(f"minutes must be positive, got {self.minutes}")

    @property
    def scaled_reward(self) -> tuple[str, float]:
        """Name of the reward, and the factor on it."""
        if self.reward is not None:
            return self.reward, self.reward_scale
        preset = PRESETS[self.preset]
        return preset.reward, preset.reward_scale


def train(config: Config, *, progress: Progress | None = None) -> Path:
    """Train both stages.

    Args:
        config: what to do.
        progress: where to show bars; None: a display of its own, if there is a terminal.

    Returns:
        The run's directory: `config.json`, `metrics.jsonl`, `stage1/` (a self-play run; its
        `policy/` is the shared policy), `specialists/<character>/` (each readable by `load_member`)
        and `summary.json`.

    Raises:
        WorkerError: naming the worker or specialist whose process died.
        OtherRosterError: if the directory holds a run on another roster.
        CheckpointError: if there are checkpoints and none is intact.
        FloatingPointError: if the training diverged.
    """
    preset = PRESETS[config.preset]
    roster = cam_arena.load_roster()
    names = list(roster.split(config.characters))
    sizes = asdict(preset)
    write_config(
        config.out, config, scheme="cam", names=names, sizes=sizes, provenance=provenance()
    )
    start = time.monotonic()
    with display(progress) as bars:
        shared = _stage_1(config, preset, bars)
        for number in range(1, config.rounds + 1):
            _stage_2(config, preset, roster, names, shared, number, bars)
    _finish(config, names, time.monotonic() - start)
    return config.out


def slug(name: str) -> str:
    """Return a character's name as a directory's."""
    return "".join(letter if letter.isalnum() else "_" for letter in name.lower())


def _stage_1(config: Config, preset: Preset, bars: Progress) -> Path:
    """Train the shared policy and return its directory."""
    out = config.out / "stage1"
    if (out / "policy").exists():
        return out / "policy"
    generations = config.generations or preset.generations
    minutes = None if config.minutes is None else config.minutes * STAGE_1_SHARE
    selfplay.train(
        selfplay.Config(
            out=out,
            minutes=minutes,
            steps=None if minutes else generations * preset.generation_steps,
            characters=config.characters,
            sharing=config.sharing,
            network=preset.network,
            learner=preset.shared,
            workers=config.workers,
            matches=preset.matches,
            rollout=preset.rollout,
            reward=config.scaled_reward[0],
            reward_scale=config.scaled_reward[1],
            aggression=config.aggression,
            frame_skip=config.frame_skip,
            self_share=config.self_share,
            solver=config.solver,
            # The last generation is the policy that is left at the end.
            snapshots=generations - 1,
            seed=config.seed,
            tensorboard=config.tensorboard,
        ),
        progress=bars,
        log=config.out,
        name="shared policy",
    )
    return out / "policy"


def _stage_2(
    config: Config,
    preset: Preset,
    roster: Roster,
    names: Sequence[str],
    shared: Path,
    number: int,
    bars: Progress,
) -> None:
    """Train the specialists of one round, as many at a time as there are workers."""
    folder = config.out / "rounds" / str(number)
    before = None if number == 1 else config.out / "rounds" / str(number - 1)
    minutes = None
    if config.minutes is not None:
        # Each of W processes trains every W-th specialist, one after the other.
        turns = -(-len(names) // config.workers)
        minutes = config.minutes * STAGE_2_SHARE / config.rounds / turns
    tasks = []
    for name in names:
        if (folder / slug(name) / "policy").exists():
            continue
        tasks.append(
            specialist.Task(
                name=name,
                character=roster[name].index,
                out=folder / slug(name),
                log=config.out,
                shared=shared,
                start=shared if before is None else before / slug(name) / "policy",
                pool=tuple(
                    (roster[other].index, path)
                    for other in names
                    for path in (
                        shared,
                        *([] if before is None else [before / slug(other) / "policy"]),
                    )
                ),
                minutes=minutes,
                steps=None if minutes else preset.specialist_steps,
                learner=_specialist_learner(config, preset),
                baseline=config.baseline,
                matchmaking=config.matchmaking,
                matches=preset.matches,
                rollout=preset.rollout,
                evaluation_games=preset.evaluation_games,
                reward=config.scaled_reward[0],
                reward_scale=config.scaled_reward[1],
                aggression=config.aggression,
                frame_skip=config.frame_skip,
                seed=config.seed + number,
                tensorboard=config.tensorboard,
            )
        )
    _run_all(tasks, min(config.workers, len(tasks)), bars)


def _specialist_learner(config: Config, preset: Preset) -> LearnerConfig:
    if config.baseline == "learned":
        return preset.specialist
    # The frozen value is bootstrapped after a rollout only, and never trained; a comparison with it
    # is not centred.
    return replace(preset.specialist, gae_lambda=1.0, value_weight=0.0, centre_advantages=False)


def _run_all(tasks: Sequence[specialist.Task], workers: int, bars: Progress) -> None:
    """Train the tasks in processes and keep their bars up to date."""
    context = get_context("spawn")
    news: Queue[tuple[str, float, str]] = context.Queue()
    shown = {task.name: bars.add_task(task.name, total=1.0, note="") for task in tasks}
    processes = [
        context.Process(target=specialist.train_all, args=(tasks[k::workers], news), daemon=True)
        for k in range(workers)
    ]
    for process in processes:
        process.start()
    try:
        while any(process.is_alive() for process in processes) or not news.empty():
            try:
                name, fraction, note = news.get(timeout=0.2)
                bars.update(shown[name], completed=min(fraction, 1.0), note=note)
            except queue.Empty:
                pass
            for k, process in enumerate(processes):
                if process.exitcode:
                    lost = ", ".join(
                        task.name
                        for task in tasks[k::workers]
                        if not (task.out / "policy").exists()
                    )
                    raise WorkerError(
                        f"the process that trained {lost} ended with exit code {process.exitcode}"
                    )
    finally:
        for process in processes:
            if process.is_alive():
                process.terminate()
            process.join()


def _finish(config: Config, names: Sequence[str], seconds: float) -> None:
    """Copy the last round's specialists to where users look, and write what became of each."""
    folder = config.out / "rounds" / str(config.rounds)
    outcomes: dict[str, Any] = {}
    for name in names:
        found = load_member(folder / slug(name) / "policy", name)
        outcomes[name] = json.loads((folder / slug(name) / "outcome.json").read_text())
        save_member(
            config.out / "specialists" / slug(name), found.policy, state={"character": name}
        )
    summary = {"seconds": round(seconds, 1), "specialists": outcomes}
    (config.out / "summary.json").write_text(json.dumps(summary, indent=1))
