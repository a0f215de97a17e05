"""The subcommands of `cam-arena`: a function each, whose signature is its options."""

import math
import os
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import Positional, arg

from .console import make_console
from .errors import ArenaError, CheckpointError
from .files import make_way, write_whole
from .roster.naming import meant, nearest
from .words import counted

__all__ = [
    "COMMANDS",
    "SCHEMES",
    "Command",
    "UsageError",
    "agents_module",
    "closest",
    "warn",
]

Command = Callable[..., int | None]

SCHEMES = {
    "selfplay": "one shared policy for all characters, against copies of itself",
    "cam": "CAM: a shared policy first, then a specialist for each character",
    "psro": "PSRO: best responses, one after the other, to a mixture of those before",
    "neupl": "NeuPL: a population of best responses in one conditional network",
    "simplex-neupl": "Simplex-NeuPL: one network that responds to any mixture of its population",
    "sb3": "the same from off-the-shelf parts: MaskablePPO of sb3-contrib",
}
"""Training schemes: modules of `cam_arena.agents`, a dash for an underscore, each with `Config` and
`train`."""


class UsageError(ArenaError):
    """A command line that cannot be carried out as written."""


def closest(given: str, allowed: Mapping[str, object] | Sequence[str], what: str) -> str:
    """Return what is meant by `given`, whatever its case, spaces and underscores.

    Raises:
        UsageError: if not; names the nearest, or all where none is near.
    """
    found = meant(given, allowed)
    if found is not None:
        return found
    near = nearest(given, allowed, cutoff=0.5)
    hint = f"did you mean {near!r}?" if near else f"there are {', '.join(allowed)}"
    raise UsageError(f"there is no {what} {given!r}; {hint}")


def warn(message: str) -> None:
    """Say something on standard error, as errors are said."""
    print(f"cam-arena: {message}", file=sys.stderr)


def agents_module(module: str) -> Any:
    """Import a module of the trainers, which most commands do without."""
    return import_module(f"cam_arena.agents.{module}")


def _pair(text: str | None, path: Path | None = None) -> str | tuple[str, str] | None:
    """Read `--characters`: a name or split for both fighters, or two with a comma between."""
    if text is None:
        return None
    from . import load_roster

    roster = load_roster(path)
    allowed = (*roster.names, *roster.splits)
    picks = [closest(part.strip(), allowed, "character or split") for part in text.split(",")]
    if len(picks) > 2:
        raise UsageError(f"--characters takes one or two, got {len(picks)}: {text}")
    return (picks[0], picks[1]) if len(picks) == 2 else picks[0]


def _with_yardstick(opponents: tuple[str, ...]) -> tuple[str, ...]:
    """Put the bots that are hard to beat where the word `yardstick` stands."""
    from . import bots

    return tuple(
        one for word in opponents for one in (bots.YARDSTICK if word == "yardstick" else (word,))
    )


def _is_policy(text: str) -> bool:
    """Tell whether a text names a directory; refuse one that names no bot either."""
    from . import bots

    if text.partition(":")[0] not in bots.names():
        if os.path.isdir(text) or text.endswith(".zip"):
            return True
        if os.sep in text:
            raise CheckpointError(
                f"there is no directory {text}; give a trained policy's or a run's, or a bot: "
                "zoner:3"
            )
        closest(text.partition(":")[0], bots.names(), "opponent")
    bots.parse(text)
    return False


def _roster_of(opponents: Sequence[str], given: Path | None) -> Path | None:
    """Return the roster to play: the one given, or the one that a policy was trained on."""
    if given is not None:
        return given
    policies = [Path(text) for text in opponents if _is_policy(text)]
    found = [agents_module("run_config").find_roster(path) for path in policies]
    return next((path for path in found if path is not None), None)


def _need_display(command: str) -> None:
    from .doctor import has_display

    if not has_display():
        raise UsageError(
            f"{command} opens a window, and there is no display; "
            "cam-arena watch --record match.mp4 writes a video instead"
        )


def demo(
    out: Path = Path("runs/demo"),
    *,
    minutes: float = 5.0,
    characters: str = "core4",
    roster: Path | None = None,
    seed: int = 0,
) -> None:
    """Train a small CAM population, evaluate it and write a report, in under eight minutes.

    Args:
        out: directory of the run.
        minutes: of training; the evaluation comes on top.
        characters: split of the roster to train.
        roster: directory of another roster, such as roster new makes.
        seed: of training and evaluation.
    """
    from . import load_roster

    closest(characters, load_roster(roster).splits, "split")
    program = agents_module("demo")
    config = program.Config(
        out=out, minutes=minutes, characters=characters, roster=roster, seed=seed
    )
    print(program.run(config))


def play(
    opponent: Annotated[Positional[str | None], arg(metavar="[OPPONENT]")] = None,
    *,
    characters: str | None = None,
    roster: Path | None = None,
    seed: int = 0,
    speed: float = 1.0,
    boxes: bool = False,
    two_players: bool = False,
) -> None:
    """Fight a bot, a trained policy, or another person, at the keyboard.

    Args:
        opponent: a bot such as zoner:3, levels 1 to 5; or the directory of a trained policy or run;
            punisher:2 if left out.
        characters: a name, a split, or two with a comma between, yours first; if left out, a
            screen to choose them on.
        roster: directory of another roster, such as roster new makes; if left out, that of the
            policy.
        seed: of the first match.
        speed: 1 is real time.
        boxes: begin with hit boxes and frame meter shown.
        two_players: two people share the keyboard.
    """
    if two_players and opponent is not None:
        raise UsageError(
            f"give an opponent or --two-players, not both: with two players nobody else plays, got "
            f"{opponent}"
        )
    opponent = opponent or "punisher:2"
    _is_policy(opponent)
    roster = _roster_of([opponent], roster)
    picks = _pair(characters, roster)
    _need_display("play")
    from .render.play import play as play_matches

    first, second = play_matches(
        opponent,
        picks,
        seed=seed,
        speed=speed,
        boxes=boxes,
        two_players=two_players,
        roster=roster,
    )
    print(f"{first} : {second}")


def watch(
    left: Annotated[Positional[str], arg(metavar="[LEFT]")] = "zoner:3",
    right: Annotated[Positional[str], arg(metavar="[RIGHT]")] = "punisher:3",
    *,
    team_size: int = 1,
    enemy_size: int | None = None,
    characters: str | None = None,
    roster: Path | None = None,
    seed: int = 0,
    speed: float = 1.0,
    record: Path | None = None,
    boxes: bool = False,
    seconds: float | None = None,
) -> None:
    """Watch a match between bots or trained policies, or between teams of bots.

    Args:
        left: a bot such as zoner:3, or the directory of a trained policy or run.
        right: the same.
        team_size: fighters on the left, 1..5; more than one are all played by the bot named.
        enemy_size: fighters on the right; as many as on the left if left out.
        characters: a name, a split, or two with a comma between; if left out, drawn from those that
            the policies were trained on.
        roster: directory of another roster, such as roster new makes; if left out, that of the
            policies.
        seed: of the match.
        speed: 1 is real time.
        record: write this .mp4 or .gif file and open no window.
        boxes: draw hit boxes and the frame meter.
        seconds: of the match to show; all of it if left out.
    """
    has_policy = any([_is_policy(text) for text in (left, right)])
    roster = _roster_of([left, right], roster)
    picks = _pair(characters, roster)
    if record is None:
        _need_display("watch")
    are_teams = (team_size, team_size if enemy_size is None else enemy_size) != (1, 1)
    if has_policy and are_teams:
        raise ValueError("teams are played by bots such as zoner:3; name one for each side")
    if are_teams:
        from .render.watch import watch as watch_teams

        winner = watch_teams(
            left, right, picks, seed, speed, record, boxes, seconds, roster, team_size, enemy_size
        )
        results = {0: "blue wins", 1: "red wins", 2: "a draw"}
        said = results.get(winner, "stopped before the end")
        print(f"blue, {left}, against red, {right}, seed {seed}: {said}.")
    else:
        from . import Match, load_roster
        from .opponents import resolve, trained_pair

        playing = load_roster(roster)
        players = (resolve(left, playing), resolve(right, playing))
        fighters = trained_pair(players) if picks is None else picks
        match = Match(seed, characters=fighters, frame_skip=1, roster=playing)
        print(
            agents_module("exhibition").watch(
                match, players, seed=seed, speed=speed, record=record, boxes=boxes, seconds=seconds
            )
        )
    if record is not None:
        print(record)


def train() -> None:
    """Train agents with one of the schemes."""


def evaluate(
    run: Annotated[Positional[Path], arg(metavar="RUN")],
    *,
    games: int = 200,
    opponent: Annotated[tuple[str, ...], arg(metavar="OPPONENT ...", help_behavior_hint="")] = (),
    characters: str | None = None,
    roster: Path | None = None,
    seed: int = 0,
    video: bool = True,
) -> None:
    """Play a tournament among what a run has trained, and report it.

    Args:
        run: directory of a training run, or of a saved policy.
        games: per pairing, half from each seat; even. A run with snapshots also plays its
            generations against each other.
        opponent: bots, or directories of other policies or runs: a table of win rates against each.
            `yardstick` stands for bots that are hard to beat. A run without specialists is compared
            with the first of them, by itself with zoner:3.
        characters: a split or a name, instead of all that the run was trained on.
        roster: directory of the roster that it was trained on, if that is not where it was.
        seed: of the games.
        video: whether to record a match too.
    """
    opponent = _with_yardstick(opponent)
    for text in opponent:
        _is_policy(text)
    versus, rows = agents_module("versus"), []
    evaluation = agents_module("evaluation")
    if run.is_dir():  # else it is told what is missing
        make_way(run / evaluation.FILE_NAME)
    with agents_module("runlog").make_progress() as progress:
        task = progress.add_task("evaluation", total=None, note="")

        def show(what: str, done: int, total: int) -> None:
            progress.update(
                task, description=what, completed=done, total=total, note=f"{done:,} games"
            )

        runs = agents_module("evaluate_run")
        if opponent:
            trained = runs.only(runs.load_trained(run, roster=roster), characters)
            rows = versus.meet(trained, opponent, games=games, seed=seed, report=show)
            versus.save(rows, trained, seed, run)
        result = runs.evaluate_run(
            run,
            games=games,
            opponent=opponent[0] if opponent else "zoner:3",
            seed=seed,
            characters=characters,
            roster=roster,
            report=show,
        )
        path = evaluation.save(result, run)
        if video:
            agents_module("report.film").film(run, result, progress=progress, roster=roster)
    print(f"{agents_module('report.findings').headline(result, str(run))}\ncounts: {path}")
    if rows:
        print(f"{run} against each, both sides drawing from its characters, mirrors included:")
        print(f"{versus.format_table(rows)}\ncounts: {run / versus.FILE_NAME}")
    print(f"report: {agents_module('report').write_report(run)}")


def held_out(
    run: Annotated[Positional[Path], arg(metavar="RUN")],
    *,
    characters: str = "heldout48",
    roster: Path | None = None,
    games: int = 20,
    adapt: int = 0,
    adapt_steps: int = 500_000,
    seed: int = 0,
) -> None:
    """Play characters that a run never met against bots, and train specialists for some of them.

    Args:
        run: directory of a training run on observation `descriptor`.
        characters: a split, or a character, that the run was not trained on.
        roster: directory of the roster that it was trained on, if that is not where it was.
        games: of a character against each bot and opponent's character; even.
        adapt: for how many of these characters to train a specialist, and show how fast it learns.
        adapt_steps: samples of each of them.
        seed: of games and training.
    """
    module = agents_module("held_out")
    if run.is_dir():
        make_way(run / module.FILE_NAME)
    config = module.Config(
        run=run,
        characters=characters,
        roster=roster,
        games=games,
        adapt=adapt,
        adapt_steps=adapt_steps,
        seed=seed,
    )
    print(module.format_results(module.run(config)))
    print(f"numbers: {run / module.FILE_NAME}")


def report(run: Annotated[Positional[Path], arg(metavar="RUN")]) -> None:
    """Write report.html from a run's evaluation; over several runs if RUN holds them.

    Args:
        run: directory that `cam-arena evaluate` was given, or one that holds such directories, one
            a seed, or the directory of `cam-arena reproduce`.
    """
    reports = agents_module("report")
    print(reports.write_report(run))
    lacking = reports.left_out(run)
    if lacking:
        names = ", ".join(path.name for path in lacking)
        how = shlex.join(["cam-arena", "evaluate", str(lacking[0])])
        warn(f"not evaluated, so not in the report: {names}; run: {how}")


def reproduce(
    experiments: Annotated[
        Positional[tuple[str, ...]], arg(metavar="[E1..E8 ...]", help_behavior_hint="")
    ] = (),
    *,
    preset: Literal["smoke", "cpu", "paper"] = "cpu",
    seeds: int = 1,
    minutes: float | None = None,
    workers: int = 2,
    out: Path = Path("runs/reproduce"),
    publish: Path | None = None,
    variants: Annotated[tuple[str, ...], arg(help_behavior_hint="")] = (),
) -> None:
    """Repeat the experiments of the CAM paper and hold each of its claims against the results.

    Args:
        experiments: E1 gains of specialists, E2 population size, E3 diversity, E4 generations, E5
            ablations, E6 strength against bots and a fresh best response, E7 fewer specialists than
            characters, E8 characters never met; all if left out. E1, E3, E4 and E6 share their
            training, and E7 begins from it.
        preset: smoke proves that all parts work, cpu is for a laptop, paper has the published
            hyperparameters and needs a cluster's patience.
        seeds: training runs of each kind.
        minutes: of each training run with its evaluation; the preset's if left out (cpu: 85).
        workers: processes, one a core.
        out: directory; what is finished in it is not done again.
        publish: directory to copy tables and figures to, such as docs/results.
        variants: of E5, such as "lambda_mi 0.01"; all if left out. The reference is always trained.
    """
    program = agents_module("reproduce")
    chosen = tuple(closest(name.upper(), program.EXPERIMENTS, "experiment") for name in experiments)
    ablations = tuple(closest(name, program.VARIANTS, "variant") for name in variants)
    print(
        program.run(
            program.Config(
                experiments=chosen or tuple(program.EXPERIMENTS),
                preset=preset,
                seeds=seeds,
                minutes=minutes,
                workers=workers,
                out=out,
                publish=publish,
                variants=ablations or tuple(program.VARIANTS),
            )
        )
    )


def balance() -> None:
    """Measure, tune and report how balanced the characters are."""


def roster() -> None:
    """Look at characters and their files, or make some: list, show, new, generate, validate, ..."""


def bench(
    *,
    signature: bool = False,
    matches: int = 1024,
    threads: int = 1,
    seconds: float = 2.0,
    roster: Path | None = None,
) -> int:
    """Measure how fast the simulation steps here, or compute its signature.

    Args:
        signature: print a hash of fixed matches instead, and fail if it or one of those of teams
            is not this version's.
        matches: that step together.
        threads: that share them.
        seconds: to measure.
        roster: directory of another roster to measure.
    """
    if signature:
        return _check_signatures()
    rate = _steps_per_second(matches, threads, seconds, roster)
    where = f"{counted(matches, 'match', 'matches')} on {counted(threads, 'thread')}"
    print(
        f"{rate:,.0f} decisions/s, {rate * 3 / 2:,.0f} ticks/s with {where}, observations and "
        "masks included"
    )
    return 0


def _check_signatures() -> int:
    """Print the signature, and those of teams that are not this version's; 1 if one is not."""
    from .bench import SIGNATURE, TEAM_SIGNATURES, team_signatures
    from .bench import signature as compute

    found = compute()
    print(found if found == SIGNATURE else f"{found}, but this version's is {SIGNATURE}")
    teams = team_signatures()
    for name, known in TEAM_SIGNATURES.items():
        if teams[name] != known:
            print(f"{name}: {teams[name]}, but this version's are {known}")
    return int(found != SIGNATURE or teams != TEAM_SIGNATURES)


def _steps_per_second(matches: int, threads: int, seconds: float, roster: Path | None) -> float:
    """Measure rows per second of the vector env with random legal actions drawn beforehand."""
    import numpy as np

    from . import make_vec
    from ._core import NUM_ACTIONS

    if not 0 < seconds < math.inf:
        raise UsageError(f"--seconds must be positive and finite, got {seconds}")
    env = make_vec(matches, num_threads=threads, copy=False, roster=roster)
    env.reset(seed=0)
    rng = np.random.default_rng(0)
    draws = rng.integers(NUM_ACTIONS, size=(64, env.num_envs))
    steps, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        env.step(draws[steps % len(draws)])
        steps += 1
    env.close()
    return steps * env.num_envs / elapsed


def synctest(
    *,
    ticks: int = 20_000,
    window: int = 7,
    seed: int = 0,
    characters: str | None = None,
    team_size: int = 1,
    enemy_size: int | None = None,
    roster: Path | None = None,
) -> int:
    """Check that going back and playing again gives the same match, bit for bit.

    Args:
        ticks: to compare.
        window: ticks to go back, 1 to 60.
        seed: of the matches and the actions.
        characters: two names with a comma between; drawn anew each match if left out.
        team_size: fighters of one side, 1..5.
        enemy_size: fighters of the other; as many if left out.
        roster: directory of another roster.
    """
    from rich.console import Console
    from rich.progress import Progress

    from . import load_roster
    from .game.options import check_integer
    from .game.squads import LARGEST_TEAM
    from .game.synctest import synctest as compare

    playing = load_roster(roster)
    pair = None
    enemy_size = team_size if enemy_size is None else enemy_size
    sizes = (
        check_integer("--team-size", team_size, 1, LARGEST_TEAM),
        check_integer("--enemy-size", enemy_size, 1, LARGEST_TEAM),
    )
    if characters is not None and sizes != (1, 1):
        raise UsageError("--characters is of duels; the characters of teams are drawn")
    if characters is not None:
        names = [
            closest(part.strip(), playing.names, "character") for part in characters.split(",")
        ]
        if len(names) != 2:
            raise UsageError(f"--characters takes two names with a comma, got {characters!r}")
        pair = (playing[names[0]].index, playing[names[1]].index)
    console = Console(stderr=True)
    with Progress(transient=True, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("synctest", total=ticks)
        found = compare(
            playing,
            ticks=ticks,
            window=window,
            seed=seed,
            characters=pair,
            sizes=sizes,
            on_tick=lambda done: progress.update(task, completed=done),
        )
    events = ", ".join(f"{count:,} {name}" for name, count in found.events.items() if count)
    matches = counted(found.matches, "match", "matches")
    comparisons = counted(found.comparisons, "comparison")
    print(f"{counted(found.ticks, 'tick')}, {matches}, {comparisons}")
    print(f"seen: {events}")
    if found.desync:
        path = Path(f"desync_{found.ticks}.txt")
        write_whole(path, found.desync)
        warn(f"desync after {found.ticks:,} ticks; both states are in {path}")
    elif found.missing:
        warn(f"no difference, but never seen: {', '.join(found.missing)}; give more --ticks")
    return int(not found.is_sound)


def doctor() -> int:
    """Show versions, processor, display and which optional parts are installed."""
    from rich.table import Table
    from rich.text import Text

    from .doctor import diagnose

    findings = diagnose()
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        mark, style = (
            ("x", "red")
            if finding.is_fatal
            else ("!", "yellow")
            if finding.advice
            else ("+", "green")
        )
        table.add_row(Text(mark, style), Text(finding.name), Text(finding.value))
        if finding.advice:
            table.add_row("", "", Text(finding.advice, style))
    make_console().print(table)
    return int(any(finding.is_fatal for finding in findings))


COMMANDS: dict[str, Command] = {
    "demo": demo,
    "play": play,
    "watch": watch,
    "train": train,
    "evaluate": evaluate,
    "held-out": held_out,
    "report": report,
    "reproduce": reproduce,
    "bench": bench,
    "roster": roster,
    "balance": balance,
    "synctest": synctest,
    "doctor": doctor,
}
