"""The subcommands of `cam-arena roster`: a function each, whose signature is its options."""

import io
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from ..commands import Command, UsageError, closest, warn
from ..console import make_console
from ..cores import usable_cores
from ..files import make_way, write_whole
from ..words import counted

__all__ = ["ROSTER_COMMANDS"]


def roster_list(
    *, split: str | None = None, school: str | None = None, roster: Path | None = None
) -> None:
    """Show the characters in a table.

    Args:
        split: only those of this split, such as core4.
        school: only those of this school.
        roster: directory of another roster.
    """
    from .load import load_roster
    from .report import list_table

    loaded = load_roster(roster)
    chosen = list(loaded)
    if split is not None:
        members = loaded.split(closest(split, loaded.splits, "split"))
        chosen = [character for character in chosen if character.name in members]
    if school is not None:
        name = closest(school, [one.name for one in loaded.schools], "school")
        chosen = [character for character in chosen if character.school.name == name]
    make_console().print(list_table(loaded, chosen))


def roster_show(
    name: Annotated[Positional[str], arg(metavar="NAME")],
    *,
    toml: bool = False,
    roster: Path | None = None,
) -> None:
    """Show one character: statistics and frame data, or the table of its file.

    Args:
        name: its name, in quotes if it has a space.
        toml: print it as TOML, a generated one too, to be copied into a school file and changed.
        roster: directory of another roster.
    """
    from .load import load_roster

    loaded = load_roster(roster)
    known = closest(name, loaded.names, "character")
    if toml:
        from .make import character_toml

        print(character_toml(loaded.path, known), end="")
        return
    from .report import show

    make_console().print(show(loaded, known))


def roster_new(
    name: Annotated[Positional[str], arg(metavar="NAME")],
    *,
    school: str = "My School",
    out: Path = Path("my_roster"),
) -> None:
    """Make a roster of your own with an example character to change, explained line by line.

    Args:
        name: of the character, in quotes if it has a space.
        school: one of the bundled schools, or the name of a new one.
        out: directory to make.
    """
    from .make import new_directory

    print(f"made {new_directory(name, school, out)}")
    print(f"check: cam-arena roster validate {out}")
    print(f"watch: cam-arena watch --roster {out}")


def roster_generate(
    *,
    count: int,
    out: Path,
    seed: int = 0,
    balance: bool = False,
    unplayed: bool = False,
    threads: int = 0,
) -> int:
    """Make a roster of generated characters in readable files: any number, from a seed.

    Bots play some games of each character, and who wins too often is made again with less damage:
    half a minute for 304.

    Args:
        count: characters, spread over the bundled schools.
        out: directory to make.
        seed: another seed gives other characters.
        balance: let bots play round robins until all win about equally often: minutes. The last one
            lies in its directory `balance`, and its gates are shown.
        unplayed: play no games; then strengths differ more.
        threads: that play; all cores if 0.

    Returns:
        1 if it is to be balanced and a gate does not hold.
    """
    from ..balance.generated import generate_balanced, generate_played
    from ..balance.progress import bar
    from .load import load_roster
    from .make import generate_directory

    if balance and unplayed:
        raise ValueError("--balance plays games, and --unplayed wants none; give one of them")
    if balance:
        generate_balanced(seed, count, out, threads=threads or None)
    elif unplayed:
        with bar("characters") as shown:
            generate_directory(seed, count, out, lambda done: shown(done, count))
    else:
        with bar("games") as shown:
            generate_played(seed, count, out, threads=threads or None, report=shown)
    loaded = load_roster(out)
    characters = counted(len(loaded), "character")
    schools = counted(len(loaded.schools), "school")
    print(f"made {out}: {characters} in {schools}, id {loaded.id}")
    if not balance:
        return 0
    from ..balance.commands import show_gates

    return show_gates(out / "balance")


def roster_validate(
    path: Positional[Path | None] = None, *, full: bool = False, quick: bool = False
) -> int:
    """Check the files of a roster, and with --full its characters in play; prints every problem.

    Args:
        path: its directory; the bundled roster if left out.
        full: also search for endless combos, too much damage and the like: minutes.
        quick: the same searches, shallow: seconds.
    """
    from .report import validate

    problems = validate(path)
    if not problems and (full or quick):
        from rich.progress import Progress, TimeElapsedColumn, TimeRemainingColumn

        from .load import load_roster
        from .validators import validate_roster

        columns = (*Progress.get_default_columns()[:3], TimeElapsedColumn(), TimeRemainingColumn())
        with Progress(*columns) as bar:
            task = bar.add_task("checks", total=None)
            found = validate_roster(
                load_roster(path),
                progress=lambda done, total: bar.update(task, completed=done, total=total),
                quick=not full,
                workers=usable_cores(),
            )
        problems = [f"{finding.validator}: {finding.text}" for finding in found]
    print("\n".join(problems) or "no problems")
    return int(bool(problems))


def roster_certify(
    *,
    quick: bool = False,
    out: Path = Path("runs/certificates"),
    results: Path = Path("docs/balance/matrix.npz"),
    games: int = 0,
    rematch: int = 60,
    probe_characters: int = 16,
    probe_games: int = 1000,
    threads: int = 0,
    page: Path | None = None,
    roster: Path | None = None,
    seed: int = 0,
) -> int:
    """Compute the certificates of a roster: distinct, valid, balanced. Fails if one does.

    Args:
        quick: search and watch less; for work on a roster, not for a release.
        out: directory for certificates.json.
        results: win-rate matrix of a round robin of this roster; with --games it may be missing.
        games: where there are no results of this roster, play so many of each pair and write them
            there; even. 0 for never.
        rematch: fresh games of each pair that looks one-sided; even. 0 for none.
        probe_characters: how many may play scripts in the open-loop probe; 0 for no probe.
        probe_games: to measure the best script with.
        threads: that play; all cores if 0.
        page: write this Markdown page as well, such as docs/balance/certificates.md.
        roster: directory of another roster, or the name of a frozen one.
        seed: of fights, classifier and probe.
    """
    from rich.console import Console
    from rich.progress import Progress

    from ..balance.certificates import Effort
    from ..balance.certificates import parts as result_parts
    from .certificates import certify
    from .certificates.page import markdown, table, write_json
    from .load import load_roster

    if page is not None:
        make_way(page)
    loaded = load_roster(roster)
    effort = Effort(games, rematch, probe_characters, probe_games, threads or None, seed)
    parts = certify.roster_parts(loaded, quick=quick, seed=seed)
    parts += result_parts(loaded, results, effort)
    console = make_console()
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
        write_whole(page, markdown(found, loaded))
        console.print(page)
    failed = sum(not item.passed for item in found)
    if failed:
        warn(f"{failed} of {len(found)} certificates failed")
    return int(bool(failed))


def roster_splits(*, write: bool = False, roster: Path | None = None) -> None:
    """Choose core50, all304, train256 and heldout48, or what a roster's size makes of them.

    What splits.toml has stays as it is, even where the same rules would now choose others.

    Args:
        write: add those that are missing to splits.toml.
        roster: directory of another roster.
    """
    from . import splits
    from .load import load_roster

    loaded = load_roster(roster)
    chosen = splits.choose(loaded)
    for name, members in chosen.items():
        there = loaded.splits.get(name)
        count = counted(len(members), "character")
        state = "not in splits.toml yet" if there is None else "in splits.toml, and stays as it is"
        if there is not None and there != members:
            other = len(set(members) - set(there))
            state += f"; chosen today, {other} of them would be others"
        print(f"{name}: {count}, {state}")
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
    roster: Path | None = None,
) -> None:
    """Measure the frame data of a character, a school or all, scrolls and companions included.

    Args:
        name: a character's name, in quotes if it has a space, or all.
        school: measure the characters of this school instead.
        format: how to write it: for the terminal, or as Markdown, CSV or JSON.
        out: file to write; the terminal if left out.
        roster: directory of another roster.
    """
    from . import frames_report
    from .load import load_roster

    loaded = load_roster(roster)
    names: list[str] | None = None
    if school is not None:
        if name != "all":
            raise UsageError(f"give a character or --school, not both: {name!r}, {school!r}")
        chosen = closest(school, [one.name for one in loaded.schools], "school")
        names = [character.name for character in loaded if character.school.name == chosen]
    elif name != "all":
        names = [closest(name, loaded.names, "character")]
    if out is not None:
        make_way(out)
    data = frames_report.rows(loaded, names)
    if format == "table":
        file = None if out is None else io.StringIO()
        make_console(file).print(frames_report.tables(loaded, data))
        if out is not None and file is not None:
            write_whole(out, file.getvalue())
    else:
        text = {
            "md": lambda: frames_report.markdown(loaded, data),
            "csv": lambda: frames_report.csv_text(data),
            "json": lambda: frames_report.json_text(loaded, data),
        }[format]()
        if out is None:
            print(text, end="")
        else:
            write_whole(out, text)
    if out is not None:
        print(out)


def roster_compile(path: Positional[Path | None] = None) -> None:
    """Write a roster's compiled.bin, from which it loads in milliseconds.

    Args:
        path: its directory; the bundled roster if left out.
    """
    from . import store
    from .load import BUNDLED, compile_sources

    directory = path or BUNDLED
    print(store.write(compile_sources(directory), directory))


ROSTER_COMMANDS: dict[str, Command] = {
    "list": roster_list,
    "show": roster_show,
    "new": roster_new,
    "generate": roster_generate,
    "validate": roster_validate,
    "certify": roster_certify,
    "splits": roster_splits,
    "frames": roster_frames,
    "compile": roster_compile,
}
