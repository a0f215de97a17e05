"""Make roster directories: one with an example character to begin from, or a generated one."""

import re
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ..files import write_whole
from .load import BUNDLED
from .reader import Problems, Values, read_table
from .toml_writer import write_table

__all__ = [
    "MAX_GENERATED",
    "character_toml",
    "generate_directory",
    "new_directory",
    "write_directory",
]

MAX_GENERATED: Final = 2048
"""Characters of a generated roster: the simulation counts moves and hits in 16 bits."""

_EXAMPLE: Final = Path(__file__).parent / "example" / "character.toml"
_NEW_SCHOOL: Final[Values] = {
    "plan": "How its characters win, in a sentence.",
    "theme": "What its characters look like and where they come from.",
    "personality": "How its bot should feel to fight.",
    "bot": "masher",
    "palette": ["#336699", "#222222", "#ffcc66"],
}


def new_directory(name: str, school: str, path: Path) -> Path:
    """Make a roster of one example character, explained line by line; return its school file.

    Args:
        name: of the character.
        school: a bundled school, whose description is taken, or the name of a new one.
        path: directory to make; empty if it exists.

    Raises:
        ValueError: if the directory is not empty, or a name is too short or too long.
    """
    from .generator import bundled_schools

    bundled = {entry["name"]: entry for entry in bundled_schools()}
    own: Values = {"name": school, "generator": None, "character": ()}
    head = bundled.get(school, _NEW_SCHOOL) | own
    example = _EXAMPLE.read_text(encoding="utf-8")
    named = example.replace(
        'name = "Example Fighter"\n', write_table("character", {"name": name}), 1
    )
    text = write_table("school file", head) + "\n" + named
    problems = Problems("the school file")
    read_table("school file", tomllib.loads(text), "", problems)
    if problems.found:
        raise ValueError(problems.found[0])
    _begin(path)
    return _write_school(path, school, text)


def generate_directory(
    seed: int,
    count: int,
    path: Path,
    progress: Callable[[int], object] = lambda done: None,
    *,
    surplus: Mapping[str, float] | None = None,
    options: str = " --unplayed",
) -> None:
    """Make a roster of generated characters of the bundled schools, compiled too.

    Args:
        seed: roster seed, 0..2**64 - 1.
        count: characters, 1..MAX_GENERATED.
        path: directory to make; empty if it exists.
        progress: called with the number of characters done, after each.
        surplus: logits by name that play has shown characters to be stronger than the model says.
        options: of the command that does this, beyond seed and count; the files' heads name it.

    Raises:
        ValueError: if the directory is not empty.
        RosterError: if no more unlike characters are found.
        ValueError: if seed or count is out of range.
    """
    from .generator import generate_roster

    if not 0 <= seed < 2**64:
        raise ValueError(f"seed must be 0..2**64 - 1, got {seed}")
    if not 1 <= count <= MAX_GENERATED:
        raise ValueError(f"count must be 1..{MAX_GENERATED}, got {count}")
    check_empty(path)
    done = 0

    def count_one() -> None:
        nonlocal done
        done += 1
        progress(done)

    made = generate_roster(seed, count, count_one, surplus=surplus)
    command = f"cam-arena roster generate --seed {seed} --count {count}{options}"
    write_directory(made, path, command)


def write_directory(made: Sequence[Sequence[Values]], path: Path, command: str) -> None:
    """Write a roster of generated characters, compiled too: all of it, or nothing.

    Args:
        made: tables of characters, a list a bundled school.
        path: directory to make; empty if it exists.
        command: that made them, for the head of each file.

    Raises:
        ValueError: if the directory is not empty.
    """
    from . import store
    from .generator import bundled_schools
    from .load import compile_sources

    check_empty(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as scratch:
        whole = Path(scratch) / "roster"
        _begin(whole)
        for school, characters in zip(bundled_schools(), made, strict=True):
            if characters:
                own: Values = {"generator": None, "character": characters}
                text = write_table("school file", school | own)
                _write_school(whole, school["name"], f"# Made by {command}.\n\n{text}")
        store.write(compile_sources(whole), whole)
        if not path.exists():
            whole.rename(path)
            return
        for item in list(whole.iterdir()):  # into the empty directory, which may be in use
            item.rename(path / item.name)


def character_toml(path: Path, name: str) -> str:
    """Return a character of a roster directory as TOML, to be copied and changed.

    Its numbers are those it fights with: of a generated character what was drawn, with the factors
    of tuning.toml applied.

    Raises:
        KeyError: if no character has this name.
        RosterError: if the directory's files cannot be read.
    """
    from .sources import read_sources

    for school in read_sources(path).schools:
        for character in school["character"]:
            if character["name"] == name:
                # Whoever copies it makes it a character written by hand, which is the default.
                return write_table("character", character | {"authored": 1}, "[[character]]")
    raise KeyError(f"no character is called {name!r}")


def check_empty(path: Path) -> None:
    """Raise ValueError unless a directory is empty or does not exist."""
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is a file; name a directory that does not exist yet")
    if path.exists() and any(path.iterdir()):
        raise ValueError(f"{path} is not empty; name a directory that does not exist yet")


def _begin(path: Path) -> None:
    """Make the directory, with the bundled scrolls and companions."""
    check_empty(path)
    (path / "schools").mkdir(parents=True, exist_ok=True)
    for file in ("scrolls.toml", "companions.toml"):
        shutil.copy(BUNDLED / file, path / file)


def _write_school(path: Path, name: str, text: str) -> Path:
    stem = re.sub(r"\W+", "_", name.lower()).strip("_") or "school"
    file = path / "schools" / f"{stem}.toml"
    write_whole(file, text)
    return file
