"""The experiments of the CAM paper, from training to the table of its claims.

E1 gains of specialists, E2 population size, E3 diversity, E4 generations, E5 ablations, and beyond
the paper E6 strength, E7 fewer specialists, E8 unseen characters. E1, E3, E4 and E6 are views of
the same training run. Whatever is finished is not done again.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from rich.progress import Progress

import cam_arena
from cam_arena.files import write_json

from . import cam, held_out
from .provenance import provenance
from .report.paper import write_paper
from .report.publish import publish
from .reproduction import experiments, results
from .reproduction.ablations import REFERENCE, VARIANTS, needs_own_stage_1
from .reproduction.claims import headlines
from .reproduction.other_seeds import meet_other_seed
from .reproduction.seats import Bench
from .runlog import display
from .settings import check_settings

__all__ = ["EXPERIMENTS", "PRESETS", "Config", "Preset", "run"]

EXPERIMENTS = {
    "E1": "gains of specialists over the shared policy",
    "E2": "population size: a small and a large population",
    "E3": "behavioural diversity before and after",
    "E4": "generations of the shared policy against each other",
    "E5": "ablations",
    "E6": "strength of the shared policy: scripted bots, and a fresh best response",
    "E7": "fewer specialists than characters: cost against gain",
    "E8": "characters that the shared policy never met",
}
TOP = 8  # characters of a large population that are measured, as in the paper's figure 2
MIN_SPECIALIST_MINUTES = 0.4  # below it a specialist does not get through its evaluations
UNSEEN_BOTS = ("masher:5", "walker:5", "punisher:5", "planner:5")
STAGE_2_OF_BOTH = cam.STAGE_2_SHARE / (cam.STAGE_1_SHARE + cam.STAGE_2_SHARE)


@dataclass(frozen=True)
class Preset:
    """Sizes that belong together."""

    training: Literal["smoke", "cpu", "paper"]
    """Preset of `cam-arena train cam`."""
    characters: str
    """Of E1, E3 and E4, and the small population of E2."""
    large: tuple[str, ...]
    """Populations for E2; the first whose specialists get time enough is trained."""
    generations: int
    """Of the shared policy, without random play."""
    games: int
    """Per pairing of E1, and per pair of generations of E4."""
    field_games: int
    """Per pairing of E2's strongest characters with all others."""
    minutes: float | None
    """Wall clock of each training run of E1 to E4 with its evaluation; those of E7 and E8 get
    shares of it."""
    ablation_characters: str
    ablation_games: int
    """Per pairing of E5."""
    ablation_minutes: float | None
    """Of training, for each variant of E5."""
    states: int
    """In which the policies are asked for their distributions."""
    behaviour_games: int
    """Of each character of a generation against each of the last one, to count what it presses."""
    bot_games: int
    """Of each character against each bot as each character, in E6."""
    search_games: int
    """The same against the bot that plays ahead, which takes much longer."""
    clusters: tuple[int, ...]
    """Numbers of specialists that E7 trains for all characters."""
    seen: str
    """Characters that E8's shared policy is trained on."""
    unseen: str
    """Those that it is tried on."""
    unseen_games: int
    """Of a character against each bot and opponent's character, and of a new specialist against
    each character at an evaluation."""
    adapted: int
    """Characters that get a new specialist in E8."""
    adapt_samples: int
    """Of each of them."""
    films: int
    """Matches to record of the first seed, of the largest gains; most of a minute each."""


PRESETS = {
    "smoke": Preset(
        training="smoke",
        characters="core4",
        large=("core8",),
        generations=3,
        games=40,
        field_games=4,
        minutes=None,
        ablation_characters="core4",
        ablation_games=20,
        ablation_minutes=None,
        states=256,
        behaviour_games=2,
        bot_games=2,
        search_games=2,
        clusters=(2,),
        seen="core4",
        unseen="heldout48",
        unseen_games=2,
        adapted=1,
        adapt_samples=512,
        films=1,
    ),
    "cpu": Preset(
        training="cpu",
        characters="core8",
        large=("core50", "core16"),
        generations=13,
        games=1000,
        field_games=200,
        minutes=85,
        ablation_characters="core4",
        ablation_games=400,
        ablation_minutes=12,
        states=2048,
        behaviour_games=20,
        bot_games=20,
        search_games=2,
        clusters=(4, 2, 1),
        seen="train256",
        unseen="heldout48",
        unseen_games=20,
        adapted=4,
        adapt_samples=2_000_000,
        films=3,
    ),
    "paper": Preset(
        training="paper",
        characters="core8",
        large=("core50",),
        generations=13,
        games=1000,
        field_games=1000,
        minutes=None,
        ablation_characters="core8",
        ablation_games=1000,
        ablation_minutes=None,
        states=8192,
        behaviour_games=100,
        bot_games=100,
        search_games=10,
        clusters=(4, 2, 1),
        seen="train256",
        unseen="heldout48",
        unseen_games=100,
        adapted=8,
        adapt_samples=20_000_000,
        films=3,
    ),
}


@dataclass(frozen=True)
class Config:
    """A reproduction."""

    experiments: tuple[str, ...] = tuple(EXPERIMENTS)
    """Which; keys of `EXPERIMENTS`."""
    preset: Literal["smoke", "cpu", "paper"] = "cpu"
    """Sizes: see `PRESETS`."""
    variants: tuple[str, ...] = tuple(VARIANTS)
    """Of E5; keys of `VARIANTS`. The reference is always trained, for the others to be held
    against."""
    seeds: int = 1
    """Training runs of each kind, seeds 0 and up; intervals over runs need at least 2."""
    minutes: float | None = None
    """Wall clock of each training run with its evaluation; None: the preset's."""
    workers: int = 2
    """Processes; one a core."""
    out: Path = Path("runs/reproduce")
    """Directory; what is there already is not done again."""
    publish: Path | None = None
    """Where to copy tables, figures and the page when all is done."""

    def __post_init__(self) -> None:
        """Reject values that cannot be."""
        check_settings(self)
        unknown = [name for name in self.experiments if name not in EXPERIMENTS]
        if unknown or not self.experiments:
            raise ValueError(f"experiments are {', '.join(EXPERIMENTS)}; got {self.experiments}")
        unknown = [name for name in self.variants if name not in VARIANTS]
        if unknown:
            raise ValueError(f"variants are {', '.join(VARIANTS)}; got {', '.join(unknown)}")
        if set(self.variants) != set(VARIANTS) and "E5" not in self.experiments:
            raise ValueError(f"variants are of E5, which is not in {', '.join(self.experiments)}")
        if self.preset not in PRESETS:
            raise ValueError(f"preset must be one of {list(PRESETS)}, got {self.preset!r}")
        if self.seeds < 1 or self.workers < 1:
            raise ValueError("seeds and workers must be at least 1")

    @property
    def run_minutes(self) -> float | None:
        """Wall clock of each training run with its evaluation."""
        return PRESETS[self.preset].minutes if self.minutes is None else self.minutes


def run(config: Config, *, progress: Progress | None = None) -> str:
    """Train, evaluate and report.

    Args:
        config: what to do.
        progress: where to show bars; None: one of its own, bars in a terminal and else a
            line every 15 s. `rich.progress.Progress(disable=True)` shows nothing.

    Returns:
        The claims that were tested, a line each, and where the report is.

    Raises:
        ValueError: if the directory holds a reproduction with another preset or budget.
        OtherRosterError: if it holds runs on another roster.
        CheckpointError: if something in it is damaged.
    """
    start = time.monotonic()
    preset = PRESETS[config.preset]
    _write_plan(config)
    with display(progress) as bars:
        bench = Bench(config.workers, config.run_minutes, bars)
        for seed in range(config.seeds):
            if set(config.experiments) - {"E5", "E8"}:
                _core(config, preset, seed, bench)
            if "E2" in config.experiments:
                _large(config, preset, seed, bench)
            if "E5" in config.experiments:
                _ablations(config, preset, seed, bench)
            if "E7" in config.experiments:
                _clusters(config, preset, seed, bench)
            if "E8" in config.experiments:
                _unseen(config, preset, seed, bench)
            # After every seed, so that an interruption leaves a report of those before.
            document = results.collect(config.out)
            page = write_paper(config.out, document)
    lines = headlines(document)
    if config.publish is not None:
        lines.append(f"published: {publish(config.out, config.publish, document)}")
    minutes = (time.monotonic() - start) / 60
    return "\n".join([*lines, f"report: {page} (this sitting took {minutes:.1f} min)"])


def _core(config: Config, preset: Preset, seed: int, bench: Bench) -> None:
    """E1, E3, E4, E6: one run."""
    place = results.run_folder(config.out, preset.characters, seed)
    experiments.train(
        place,
        cam.Config(
            preset=preset.training,
            characters=preset.characters,
            generations=preset.generations,
            seed=seed,
            tensorboard=False,
        ),
        bench,
    )
    experiments.evaluate(place, games=preset.games, bench=bench)
    if "E3" in config.experiments:
        experiments.measure_policies(place, states=preset.states)
        experiments.follow_behaviour(place, games=preset.behaviour_games, bench=bench)
    if "E4" in config.experiments:
        experiments.meet_generations(place, games=preset.games, bench=bench)
    if "E6" in config.experiments:
        experiments.meet_generations(place, games=preset.games, bench=bench)
        experiments.meet_bots(
            place, games=preset.bot_games, search_games=preset.search_games, bench=bench
        )
        experiments.train_response(place, games=preset.games, bench=bench)
    if "E1" in config.experiments:
        if seed == 0:
            experiments.film(place, count=preset.films)
        for earlier in range(seed):
            meet_other_seed(
                place,
                results.run_folder(config.out, preset.characters, earlier),
                games=rival_games(preset.games),
                bench=bench,
            )


def rival_games(games: int) -> int:
    """Return how often two policies of different runs meet in a pair of characters: a tenth."""
    return max(2, 2 * (games // 20))


def _large(config: Config, preset: Preset, seed: int, bench: Bench) -> None:
    """E2: a large population, beside the small one of E1."""
    characters = affordable(preset.large, config.run_minutes, config.workers)
    place = results.run_folder(config.out, characters, seed)
    experiments.train(
        place,
        cam.Config(
            preset=preset.training,
            characters=characters,
            generations=preset.generations,
            seed=seed,
            tensorboard=False,
        ),
        bench,
    )
    experiments.meet_field(
        place,
        top=TOP,
        games=preset.field_games,
        field_games=max(2, 2 * (preset.field_games // 10)),
        bench=bench,
    )
    experiments.meet_rival(
        place,
        results.run_folder(config.out, preset.characters, seed),
        name=experiments.SCALING_NAME,
        games=rival_games(preset.games),
        bench=bench,
    )


def affordable(splits: Sequence[str], minutes: float | None, workers: int) -> str:
    """Choose the first split whose specialists get time enough, or else the last.

    Args:
        splits: the largest first.
        minutes: of a training run with its evaluation; None: no limit.
        workers: specialists trained at once.
    """
    roster = cam_arena.load_roster()
    for split in splits:
        turns = math.ceil(len(roster.split(split)) / workers)
        if (
            minutes is None
            or minutes * experiments.TRAIN_SHARE * cam.STAGE_2_SHARE / turns
            >= MIN_SPECIALIST_MINUTES
        ):
            return split
    return splits[-1]


def _ablations(config: Config, preset: Preset, seed: int, bench: Bench) -> None:
    """E5: variants that differ from the reference in one thing."""
    minutes = preset.ablation_minutes
    if minutes is not None and config.minutes is not None:
        minutes *= config.minutes / (preset.minutes or config.minutes)
    reference = results.variant_folder(config.out, REFERENCE) / f"seed_{seed}"
    for name, changes in VARIANTS.items():
        if name not in (REFERENCE, *config.variants):
            continue
        place = results.variant_folder(config.out, name) / f"seed_{seed}"
        options: dict[str, Any] = {
            "preset": preset.training,
            "characters": preset.ablation_characters,
            "minutes": minutes,
            "seed": seed,
            "tensorboard": False,
        }
        if name != REFERENCE and not needs_own_stage_1(changes):
            options["stage1"] = reference / "stage1"
            if minutes is not None:  # the specialists get the reference's time, and no more
                options["minutes"] = minutes * STAGE_2_OF_BOTH
        experiments.train(place, cam.Config(**{**options, **changes}), bench)
        unlimited = Bench(config.workers, None, bench.bars)
        experiments.evaluate(place, games=preset.ablation_games, bench=unlimited)
        if name != REFERENCE:
            experiments.meet_rival(
                place,
                reference,
                name=experiments.REFERENCE_NAME,
                games=max(2, 2 * (preset.ablation_games // 8)),
                bench=unlimited,
            )


def _clusters(config: Config, preset: Preset, seed: int, bench: Bench) -> None:
    """E7: from the shared policy of E1, specialists that play several characters each."""
    whole = len(cam_arena.load_roster().split(preset.characters))
    minutes = bench.share(experiments.TRAIN_SHARE * STAGE_2_OF_BOTH)  # of E1's stage 2
    turns = math.ceil(whole / config.workers)
    for count in preset.clusters:  # each has the time of a specialist of E1
        own = None if minutes is None else minutes * math.ceil(count / config.workers) / turns
        _cluster_run(config, preset, seed, bench, str(count), clusters=count, minutes=own)
    # The control: nobody specialises, and one policy has the processor time of all specialists.
    own = None if minutes is None else minutes * min(config.workers, whole)
    steps = None if minutes else whole * cam.PRESETS[preset.training].specialist_steps
    _cluster_run(
        config,
        preset,
        seed,
        bench,
        results.CONTROL,
        clusters=1,
        minutes=own,
        specialist_steps=steps,
    )


def _cluster_run(
    config: Config, preset: Preset, seed: int, bench: Bench, name: str, **options: Any
) -> None:
    core = results.run_folder(config.out, preset.characters, seed)
    place = results.clusters_folder(config.out, name) / f"seed_{seed}"
    experiments.train(
        place,
        cam.Config(
            preset=preset.training,
            characters=preset.characters,
            stage1=core / "stage1",
            seed=seed,
            tensorboard=False,
            **options,
        ),
        bench,
    )
    experiments.evaluate(place, games=preset.games, bench=bench)
    experiments.meet_rival(
        place,
        core,
        name=experiments.REFERENCE_NAME,
        games=rival_games(preset.games),
        bench=bench,
    )


def _unseen(config: Config, preset: Preset, seed: int, bench: Bench) -> None:
    """E8: a shared policy that knows characters by what they can do, and others than those."""
    place = results.unseen_folder(config.out) / f"seed_{seed}"
    experiments.train_unseen(
        place,
        cam.Config(
            preset=preset.training,
            characters=preset.seen,
            observation="descriptor",
            generations=preset.generations,
            seed=seed,
            tensorboard=False,
        ),
        bench,
    )
    experiments.measure_unseen(
        held_out.Config(
            place,
            characters=preset.unseen,
            bots=UNSEEN_BOTS,
            games=preset.unseen_games,
            adapt=preset.adapted,
            adapt_steps=preset.adapt_samples,
            evaluation_games=preset.unseen_games,
            seed=seed,
        )
    )


def _write_plan(config: Config) -> None:
    """Write what the directory is about, or check that it is about the same.

    Raises:
        ValueError: naming what differs.
    """
    path = config.out / results.PLAN_NAME
    plan: dict[str, Any] = {
        "preset": config.preset,
        "minutes": config.run_minutes,
        "roster": cam_arena.load_roster().id,
        "sizes": {item.name: getattr(PRESETS[config.preset], item.name) for item in fields(Preset)},
    }
    commands: list[str] = []
    if path.exists():
        before = results.read_plan(config.out)
        for name in ("preset", "minutes", "roster"):
            if before[name] != plan[name]:
                raise ValueError(
                    f"{config.out} holds a reproduction with {name} {before[name]}, not "
                    f"{plan[name]}; give another --out or remove the directory"
                )
        commands = before["commands"]
    config.out.mkdir(parents=True, exist_ok=True)
    facts = provenance()
    plan["commands"] = list(dict.fromkeys([*commands, facts.pop("command")]))
    plan["provenance"] = facts
    write_json(path, plan)
