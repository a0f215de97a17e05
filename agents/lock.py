"""One process at a time writes into a directory: a lock that the system gives back when it ends."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cam_arena.errors import RunError

__all__ = ["FILE_NAME", "hold", "holder", "is_held"]

FILE_NAME = "lock"
_held: set[IO[str]] = set()


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep other processes out of a directory; a process that is killed lets go of it.

    Args:
        folder: made if missing. Its file `lock` names the process, and stays when it is let go.

    Raises:
        RunError: if another process holds it; names that process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE_NAME).open("a+") as file:
        if _take(file) is False:
            raise RunError(
                f"{folder} is in use: process {holder(folder) or '?'} trains there; wait until it "
                "has ended, end it, or give another --out"
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        _held.add(file)
        try:
            yield
        finally:
            _held.discard(file)


def holder(folder: Path) -> int | None:
    """Return the process that holds a directory, or held it last; None: nobody ever did."""
    try:
        text = (folder / FILE_NAME).read_text(encoding="utf-8")
    except OSError:
        return None
    return int(text) if text.isdecimal() else None


def is_held(folder: Path) -> bool:
    """Return whether some process may hold a directory at present."""
    try:
        with (folder / FILE_NAME).open("r+") as file:
            return _take(file) is not True
    except OSError:
        return False


def _take(file: IO[str]) -> bool | None:
    """Lock an open file until it is closed; None: files cannot be locked here."""
    if sys.platform == "win32":
        return None
    import fcntl  # not on Windows

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some network file systems have no locks
        return None
    return True


def _let_go() -> None:
    """Close the files of a process that was forked: a lock lasts until its last copy is closed."""
    while _held:
        _held.pop().close()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_let_go)
