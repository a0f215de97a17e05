"""The subcommands of `cam-arena`: a function each, whose signature is its options."""

import difflib
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import Positional, arg

from .errors import ArenaError

__all__ = ["COMMANDS", "ROSTER_COMMANDS", "SCHEMES", "UsageError", "agents_module", "closest"]

Command = Callable[..., int | None]

SCHEMES = {
    "selfplay": "one shared policy for all characters, against copies of itself",
    "cam": "CAM: a shared policy first, then a specialist for each character",
    "sb3": "the same from off-the-shelf parts: MaskablePPO of sb3-contrib",
}
"""Training schemes: modules of `cam_arena.agents`, each with `Config` and `train`."""


class UsageError(ArenaError):
    """A command line that cannot be carried out as written."""


def closest(given: str, allowed: Mapping[str, object] | Sequence[str], what: str) -> str:
    """Return `given` if it is allowed.

    Raises:
        UsageError: if not; names the nearest, or all where none is near.
    """
    if given in allowed:
        return given
    near = difflib.get_close_matches(given, list(allowed), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(allowed)}"
    raise UsageError(f"there is no {what} {given!r}; {hint}")


def _warn(message: str) -> None:
    print(f"cam-arena: {message}", file=sys.stderr)


def agents_module(module: str) -> Any:
    """Import a module of the trainers, which most commands do without."""
    return import_module(f"cam_arena.agents.{module}")


def _pair(text: str | None) -> str | tuple[str, str] | None:
    """Read `--characters`: a name or split for both fighters, or two with a comma between."""
    if text is None:
        return None
    from . import load_roster

    roster = load_roster()
    allowed = (*roster.names, *roster.splits)
    picks = [closest(part.strip(), allowed, "character or split") for part in text.split(",")]
    if len(picks) > 2:
        raise UsageError(f"--characters takes one or two, got {len(picks)}: {text}")
    return (picks[0], picks[1]) if len(picks) == 2 else picks[0]


def _check_opponent(text: str) -> None:
    """Refuse a text that names no bot."""
    from . import bots

    if os.sep in text:
        raise UsageError(
            f"there is no directory {text}; give a trained policy's, or a bot: zoner:3"
        )
    closest(text.partition(":")[0], bots.names(), "opponent")
    bots.parse(text)


def _need_display(command: str) -> None:
    from .doctor import has_display

    if not has_display():
        raise UsageError(
            f"{command} opens a window, and there is no display; "
            "cam-arena watch --record match.mp4 writes a video instead"
        )


def demo(
    out: Path = Path("runs/demo"), *, minutes: float = 5.0, characters: str = "core4", seed: int = 0
) -> None:
    """Train a small CAM population, evaluate it and write a report, in under eight minutes.

    Args:
        out: directory of the run.
        minutes: of training; the evaluation comes on top.
        characters: split of the roster to train.
        seed: of training and evaluation.
    """
    from . import load_roster

    closest(characters, load_roster().splits, "split")
    program = agents_module("demo")
    config = program.Config(out=out, minutes=minutes, characters=characters, seed=seed)
    print(program.run(config))


def play(
    opponent: Annotated[Positional[str], arg(metavar="OPPONENT")] = "punisher:2",
    *,
    characters: str | None = None,
    seed: int = 0,
    speed: float = 1.0,
    boxes: bool = False,
    two_players: bool = False,
) -> None:
    """Fight a bot, or another person, at the keyboard.

    Args:
        opponent: a bot such as zoner:3; levels are 1 to 5.
        characters: a name, a split, or two with a comma between, yours first; drawn if left out.
        seed: of the first match.
        speed: 1 is real time.
        boxes: begin with hit boxes and frame meter shown.
        two_players: two people share the keyboard.
    """
    if Path(opponent).is_dir():
        raise UsageError(
            "play takes a bot, such as zoner:3; cam-arena watch shows trained policies"
        )
    _check_opponent(opponent)
    picks = _pair(characters)
    _need_display("play")
    from .render.play import play as play_matches

    first, second = play_matches(
        opponent, picks, seed=seed, speed=speed, boxes=boxes, two_players=two_players
    )
    print(f"{first} : {second}")


def watch(
    left: Annotated[Positional[str], arg(metavar="LEFT")] = "zoner:3",
    right: Annotated[Positional[str], arg(metavar="RIGHT")] = "punisher:3",
    *,
    characters: str | None = None,
    seed: int = 0,
    speed: float = 1.0,
    record: Path | None = None,
    boxes: bool = False,
    seconds: float | None = None,
) -> None:
    """Watch a match between bots or trained policies.

    Args:
        left: a bot such as zoner:3, or the directory of a trained policy.
        right: the same.
        characters: a name, a split, or two with a comma between; drawn if left out.
        seed: of the match.
        speed: 1 is real time.
        record: write this .mp4 or .gif file and open no window.
        boxes: draw hit boxes and the frame meter.
        seconds: of the match to show; all of it if left out.
    """
    picks = _pair(characters)
    for text in (left, right):
        if not Path(text).is_dir():
            _check_opponent(text)
    if record is None:
        _need_display("watch")
    if Path(left).is_dir() or Path(right).is_dir():
        from . import Match

        exhibition = agents_module("exhibition")
        players = (exhibition.load_player(left), exhibition.load_player(right))
        match = Match(seed, characters=picks, frame_skip=1)
        print(
            exhibition.watch(
                match, players, seed=seed, speed=speed, record=record, boxes=boxes, seconds=seconds
            )
        )
    else:
        from .render.watch import watch as watch_bots

        winner = watch_bots(left, right, picks, seed, speed, record, boxes, seconds)
        results = {0: f"{left} wins", 1: f"{right} wins", 2: "a draw"}
        print(results.get(winner, "stopped before the end"))
    if record is not None:
        print(record)


def train() -> None:
    """Train agents with one of the schemes."""


def evaluate(
    run: Annotated[Positional[Path], arg(metavar="RUN")],
    *,
    games: int = 200,
    opponent: str = "zoner:3",
    seed: int = 0,
    video: bool = True,
) -> None:
    """Play a tournament among what a run has trained, and report it.

    Args:
        run: directory of a training run.
        games: per pairing, half from each seat; even.
        opponent: bot to compare a run without specialists with.
        seed: of the games.
        video: whether to record a match too.
    """
    _check_opponent(opponent)
    evaluation = agents_module("evaluation")
    with agents_module("runlog").make_progress() as progress:
        task = progress.add_task("evaluation", total=None, note="")
        result = agents_module("evaluate_run").evaluate_run(
            run,
            games=games,
            opponent=opponent,
            seed=seed,
            report=lambda what, done, total: progress.update(
                task, description=what, completed=done, total=total, note=f"{done:,} games"
            ),
        )
        path = evaluation.save(result, run)
        if video:
            agents_module("report.film").film(run, result, progress=progress)
    print(f"{agents_module('report.findings').headline(result)}\ncounts: {path}")
    print(f"report: {agents_module('report').write_report(run)}")


def report(run: Annotated[Positional[Path], arg(metavar="RUN")]) -> None:
    """Write report.html from a run's evaluation; over several runs if RUN holds them.

    Args:
        run: directory that `cam-arena evaluate` was given, or one that holds such directories, one
            a seed.
    """
    print(agents_module("report").write_report(run))


def balance() -> None:
    """Measure, tune and report how balanced the characters are."""


def roster() -> None:
    """Look at the characters and their files: list, show, validate, certify, splits, frames, ..."""


def roster_list(*, path: Path | None = None) -> None:
    """Show all characters in a table.

    Args:
        path: directory of another roster.
    """
    from rich.console import Console

    from . import load_roster
    from .roster.report import list_table

    Console(highlight=False).print(list_table(load_roster(path)))


def roster_show(
    name: Annotated[Positional[str], arg(metavar="NAME")], *, path: Path | None = None
) -> None:
    """Show one character: statistics and frame data.

    Args:
        name: its name, in quotes if it has a space.
        path: directory of another roster.
    """
    from rich.console import Console

    from . import load_roster
    from .roster.report import show

    loaded = load_roster(path)
    Console(highlight=False).print(show(loaded, closest(name, loaded.names, "character")))


def roster_validate(
    path: Positional[Path | None] = None, *, full: bool = False, quick: bool = False
) -> int:
    """Check the files of a roster, and with --full its characters in play; prints every problem.

    Args:
        path: its directory; the bundled roster if left out.
        full: also search for endless combos, too much damage and the like: minutes.
        quick: the same searches, shallow: seconds.
    """
    from .roster.report import validate

    problems = validate(path)
    if not problems and (full or quick):
        from rich.progress import Progress, TimeElapsedColumn, TimeRemainingColumn

        from . import load_roster
        from .roster.validators import validate_roster

        columns = (*Progress.get_default_columns()[:3], TimeElapsedColumn(), TimeRemainingColumn())
        with Progress(*columns) as bar:
            task = bar.add_task("checks", total=None)
            found = validate_roster(
                load_roster(path),
                progress=lambda done, total: bar.update(task, completed=done, total=total),
                quick=not full,
                workers=os.cpu_count() or 1,
            )
        problems = [f"{finding.validator}: {finding.text}" for finding in found]
    print("\n".join(problems) or "no problems")
    return int(bool(problems))


def roster_certify(
    *,
    quick: bool = False,
    out: Path = Path("runs/certificates"),
    results: Path = Path("docs/balance/matrix.npz"),
    page: Path | None = None,
    path: Path | None = None,
    seed: int = 0,
) -> int:
    """Compute the certificates of a roster: distinct, valid, balanced. Fails if one does.

    Args:
        quick: search and watch less; for work on a roster, not for a release.
        out: directory for certificates.json.
        results: win-rate matrix of a round robin of this roster.
        page: write this Markdown page as well, such as docs/balance/certificates.md.
        path: directory of another roster, or the name of a frozen one.
        seed: of fights and classifier.
    """
    from rich.console import Console
    from rich.progress import Progress

    from . import load_roster
    from .balance.certificates import parts as result_parts
    from .roster.certificates import certify
    from .roster.certificates.page import markdown, table, write_json

    loaded = load_roster(path)
    parts = [*certify.roster_parts(loaded, quick=quick, seed=seed), *result_parts(loaded, results)]
    console = Console(highlight=False)
    told = Console(stderr=True)
    with Progress(transient=True, console=told, disable=not told.is_terminal) as progress:
        task = progress.add_task("certificates", total=1)
        found = certify.compute(
            parts,
            lambda what, done, total: progress.update(
                task, description=what, completed=done, total=total
            ),
        )
    console.print(table(found, loaded))
    write_json(found, loaded, out / "certificates.json")
    console.print(out / "certificates.json")
    if page is not None:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(markdown(found, loaded), encoding="utf-8")
        console.print(page)
    failed = sum(not item.passed for item in found)
    if failed:
        _warn(f"{failed} of {len(found)} certificates failed")
    return int(bool(failed))


def roster_splits(*, write: bool = False, path: Path | None = None) -> None:
    """Choose core50, all304, train256 and heldout48, or what a roster's size makes of them.

    Args:
        write: add those that are missing to splits.toml, where they stay as they are.
        path: directory of another roster.
    """
    from . import load_roster
    from .roster import splits

    loaded = load_roster(path)
    chosen = splits.choose(loaded)
    for name, members in chosen.items():
        there = loaded.splits.get(name)
        state = "new" if there is None else "as kept" if there == members else "kept differs"
        print(f"{name}: {len(members)} characters, {state}")
    if write:
        added = splits.write(chosen, loaded.path / "splits.toml")
        print(f"added: {', '.join(added) or 'nothing'}")
        if added:
            print("next: cam-arena roster compile")


def roster_frames(
    name: Annotated[Positional[str], arg(metavar="NAME")] = "all",
    *,
    school: str | None = None,
    format: Literal["table", "md", "csv", "json"] = "table",
    out: Path | None = None,
    path: Path | None = None,
) -> None:
    """Measure the frame data of a character, a school or all, scrolls and companions included.

    Args:
        name: a character's name, in quotes if it has a space, or all.
        school: measure the characters of this school instead.
        format: how to write it: for the terminal, or as Markdown, CSV or JSON.
        out: file to write; the terminal if left out.
        path: directory of another roster.
    """
    from rich.console import Console

    from . import load_roster
    from .roster import frames_report

    loaded = load_roster(path)
    names: list[str] | None = None
    if school is not None:
        if name != "all":
            raise UsageError(f"give a character or --school, not both: {name!r}, {school!r}")
        chosen = closest(school, [one.name for one in loaded.schools], "school")
        names = [character.name for character in loaded if character.school.name == chosen]
    elif name != "all":
        names = [closest(name, loaded.names, "character")]
    data = frames_report.rows(loaded, names)
    if format == "table":
        file = None if out is None else out.open("w", encoding="utf-8")
        Console(highlight=False, file=file).print(frames_report.tables(loaded, data))
        if file is not None:
            file.close()
    else:
        text = {
            "md": lambda: frames_report.markdown(loaded, data),
            "csv": lambda: frames_report.csv_text(data),
            "json": lambda: frames_report.json_text(loaded, data),
        }[format]()
        if out is None:
            print(text, end="")
        else:
            out.write_text(text, encoding="utf-8")
    if out is not None:
        print(out)


def roster_compile(path: Positional[Path | None] = None) -> None:
    """Write a roster's compiled.bin, from which it loads in milliseconds.

    Args:
        path: its directory; the bundled roster if left out.
    """
    from .roster import store
    from .roster.load import BUNDLED, compile_sources

    directory = path or BUNDLED
    print(store.write(compile_sources(directory), directory))


def bench(
    *, signature: bool = False, matches: int = 1024, threads: int = 1, seconds: float = 2.0
) -> int:
    """Measure how fast the simulation steps here, or compute its signature.

    Args:
        signature: print a hash of fixed matches instead, and fail if it is not this version's.
        matches: that step together.
        threads: that share them.
        seconds: to measure.
    """
    from .bench import SIGNATURE
    from .bench import signature as compute

    if signature:
        found = compute()
        print(found if found == SIGNATURE else f"{found}, but this version's is {SIGNATURE}")
        return int(found != SIGNATURE)
    rate = _steps_per_second(matches, threads, seconds)
    print(
        f"{rate:,.0f} decisions/s, {rate * 3 / 2:,.0f} ticks/s with {matches:,} matches on "
        f"{threads} thread{'s'[: threads > 1]}, observations and masks included"
    )
    return 0


def _steps_per_second(matches: int, threads: int, seconds: float) -> float:
    """Measure rows per second of the vector env with random legal actions drawn beforehand."""
    import numpy as np

    from . import make_vec
    from ._core import NUM_ACTIONS

    if seconds <= 0:
        raise UsageError(f"--seconds must be positive, got {seconds}")
    env = make_vec(matches, num_threads=threads, copy=False)
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
    *, ticks: int = 20_000, window: int = 7, seed: int = 0, characters: str | None = None
) -> int:
    """Check that going back and playing again gives the same match, bit for bit.

    Args:
        ticks: to compare.
        window: ticks to go back, 1 to 60.
        seed: of the matches and the actions.
        characters: two names with a comma between; drawn anew each match if left out.
    """
    from rich.console import Console
    from rich.progress import Progress

    from . import load_roster
    from .game.synctest import synctest as compare

    roster = load_roster()
    pair = None
    if characters is not None:
        names = [closest(part.strip(), roster.names, "character") for part in characters.split(",")]
        if len(names) != 2:
            raise UsageError(f"--characters takes two names with a comma, got {characters!r}")
        pair = (roster[names[0]].index, roster[names[1]].index)
    console = Console(stderr=True)
    with Progress(transient=True, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("synctest", total=ticks)
        found = compare(
            roster,
            ticks=ticks,
            window=window,
            seed=seed,
            characters=pair,
            on_tick=lambda done: progress.update(task, completed=done),
        )
    events = ", ".join(f"{count:,} {name}" for name, count in found.events.items() if count)
    print(f"{found.ticks:,} ticks, {found.matches} matches, {found.comparisons:,} comparisons")
    print(f"seen: {events}")
    if found.desync:
        path = Path(f"desync_{found.ticks}.txt")
        path.write_text(found.desync, encoding="utf-8")
        _warn(f"desync after {found.ticks:,} ticks; both states are in {path}")
    elif found.missing:
        _warn(f"no difference, but never seen: {', '.join(found.missing)}; give more --ticks")
    return int(not found.is_sound)


def doctor() -> int:
    """Show versions, processor, display and which optional parts are installed."""
    from rich.console import Console
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
    Console(highlight=False).print(table)
    return int(any(finding.is_fatal for finding in findings))


ROSTER_COMMANDS: dict[str, Command] = {
    "list": roster_list,
    "show": roster_show,
    "validate": roster_validate,
    "certify": roster_certify,
    "splits": roster_splits,
    "frames": roster_frames,
    "compile": roster_compile,
}

COMMANDS: dict[str, Command] = {
    "demo": demo,
    "play": play,
    "watch": watch,
    "train": train,
    "evaluate": evaluate,
    "report": report,
    "bench": bench,
    "roster": roster,
    "balance": balance,
    "synctest": synctest,
    "doctor": doctor,
}
