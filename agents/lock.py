"""One process at a time writes into a directory: a lock that the system gives back when it ends."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cam_arena.errors import RunError
from cam_arena.files import naming, read_bytes

__all__ = ["FILE_NAME", "check_free", "hold", "holder", "is_held"]

FILE_NAME = "lock"
_LONGEST = 32  # bytes; a process's number is shorter
_held: set[IO[bytes]] = set()


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep other processes out of a directory; a process that is killed lets go of it.

    Args:
        folder: made if missing. Its file `lock` names the process, and stays when it is let go.

    Raises:
        RunError: if another process holds it; names that process. Or if `lock` is no file.
        OSError: naming the path, if the system refuses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    with open(path, "ab+", buffering=0, opener=_open_regular) as file:
        if _take(file) is False:
            raise _in_use(folder)
        with naming(path):
            file.truncate(0)
            file.write(str(os.getpid()).encode())
        _held.add(file)
        try:
            yield
        finally:
            _held.discard(file)


def check_free(folder: Path) -> None:
    """Refuse a directory that another process holds, as `hold` would; it need not exist.

    Raises:
        RunError: naming that process.
    """
    try:
        with open(folder / FILE_NAME, "rb+", buffering=0, opener=_open_regular) as file:
            is_free = _take(file) is not False
    except (OSError, RunError):
        return  # `hold` says more
    if not is_free:
        raise _in_use(folder)


def _in_use(folder: Path) -> RunError:
    return RunError(
        f"{folder} is in use: process {holder(folder) or '?'} trains there; wait until it has "
        "ended, end it, or give another --out"
    )


def holder(folder: Path) -> int | None:
    """Return the process that holds a directory, or held it last; None: nobody ever did."""
    try:
        text = read_bytes(folder / FILE_NAME, RunError, limit=_LONGEST)
    except RunError:
        return None
    return int(text) if text.isdigit() else None


def is_held(folder: Path) -> bool:
    """Return whether some process may hold a directory at present."""
    try:
        with open(folder / FILE_NAME, "rb+", buffering=0, opener=_open_regular) as file:
            return _take(file) is not True
    except (OSError, RunError):
        return False


def _open_regular(path: str, flags: int) -> int:
    """Open a file that is no pipe, which would make one wait, no device, and no link to another."""
    flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)  # not on Windows
    handle = os.open(path, flags, 0o666)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise RunError(f"{path}: cannot be locked: it is not a regular file; remove it")
    return handle


def _take(file: IO[bytes]) -> bool | None:
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
