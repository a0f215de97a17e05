"""Load a roster: from its compiled file if that is of its sources, else from the sources."""

import functools
import hashlib
import os
from pathlib import Path

from ..errors import CharacterError, RosterError
from ..files import refusing
from ..game.rules import Rules
from . import frozen, store
from .compiled import Compiled
from .model import Roster

__all__ = ["compile_sources", "find_problems", "load_roster"]

BUNDLED = Path(__file__).parent


def load_roster(path: str | Path | None = None, *, rules: Rules | None = None) -> Roster:
    """Return the roster in a directory; the bundled one by default.

    It is read from compiled.bin where that was made of the directory's files as they are, which
    takes milliseconds; else the files are compiled, which takes longer, and nothing is written.

    Args:
        path: directory with schools/*.toml, scrolls.toml, companions.toml and, if wanted,
            splits.toml, tuning.toml and roster.toml; or the name of a frozen roster: `legacy`.
        rules: numbers of the game; the defaults of `Rules` if None, those of its time in a frozen
            roster.

    Raises:
        RosterError: if a file is missing or is not TOML.
        CharacterError: if a value is not allowed; names file, key, value and what is allowed.
    """
    if isinstance(path, str) and path in frozen.NAMES:
        return frozen.load_frozen(path, rules)
    return _load(_directory(path), rules or Rules())


def find_problems(path: str | Path | None = None) -> list[str]:
    """Return all problems of a roster directory as sentences; empty if it loads.

    Raises:
        RosterError: if a file is missing or is not TOML.
    """
    from .sources import read_sources

    return read_sources(_directory(path)).problems()


def compile_sources(path: str | Path | None = None) -> Compiled:
    """Compile the files of a roster directory, whether or not there is a compiled one.

    Raises:
        RosterError: if a file is missing or is not TOML.
        CharacterError: if a value is not allowed.
    """
    # Loading a compiled roster takes less time than importing the compiler does.
    from .build import build
    from .sources import read_sources

    sources = read_sources(_directory(path))
    problems = sources.problems()
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise CharacterError(problems[0] + more)
    return build(sources)


def _directory(path: str | Path | None) -> Path:
    """Return the whole path of a roster; that of the bundled one for None."""
    if path is None:
        return BUNDLED.resolve()
    if not os.path.isdir(path):  # `Path.is_dir` takes an empty text for the current directory
        raise RosterError(
            f"the directory {str(path)!r} does not exist; a roster is one with scrolls.toml, "
            "companions.toml and schools/*.toml"
        )
    return Path(path).resolve()


@functools.lru_cache(maxsize=8)
def _compiled(path: Path) -> Compiled:
    return store.read(path) or compile_sources(path)


@functools.lru_cache(maxsize=8)
def _load(path: Path, rules: Rules) -> Roster:
    compiled = _compiled(path)
    digest = hashlib.sha256(rules.pack().tobytes())
    for name, array in compiled.arrays.items():
        if name not in ("descriptors", "profiles"):  # they say what the others hold
            digest.update(array.tobytes())
    with refusing(path / store.FILE, "a compiled roster; remove it", RosterError):
        return compiled.roster(rules, path, digest.hexdigest()[:16], _load)
