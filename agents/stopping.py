"""SIGTERM and Ctrl-C while something trains: it finishes its update, saves, and then ends.

Only what is inside `stoppable` is asked to stop; elsewhere the signals do what they always do.
"""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process, resource_tracker
from pathlib import Path
from types import FrameType

from cam_arena.errors import Stopped

__all__ = ["asked", "blocked", "obey", "stop_if_asked", "stoppable"]

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_HINT = b"\ncam-arena: finishing the update, to save it; Ctrl-C again ends at once\n"
# A process has one set of signal handlers, so it has one such state.
_asked = 0
_is_on = False


def asked() -> int:
    """Return the signal that asked this process to stop training; 0: none."""
    return _asked


def stop_if_asked(when: str) -> None:
    """Stop now, where there is nothing to save.

    Args:
        when: the signal came, such as "while workers started".

    Raises:
        Stopped: if a signal asked for it.
    """
    if _asked:
        raise Stopped(f"stopped by {signal.Signals(_asked).name} {when}", _asked)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM and the first Ctrl-C ask to stop; a second Ctrl-C raises KeyboardInterrupt.

    Does nothing inside another one, or outside the main thread, which alone may handle signals. A
    signal that was ignored before stays ignored.
    """
    global _asked, _is_on
    if _is_on or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    _asked, _is_on = 0, True
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, _note)
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:  # one that was not set from Python cannot be set back
                signal.signal(number, handler)
        _asked, _is_on = 0, False


def _note(number: int, _: FrameType | None) -> None:
    global _asked
    if _asked and number == signal.SIGINT:
        raise KeyboardInterrupt
    if not _asked:
        os.write(2, _HINT)
    _asked = number


@contextmanager
def blocked() -> Iterator[None]:
    """Start processes that cannot be interrupted before they call `obey`, if they ever do."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # its start would unblock the signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def obey(folder: Path | None = None) -> None:
    """Be a process that trains for its parent: asked to stop by any signal, and ended with it.

    Args:
        folder: what the parent would have removed at its end.
    """
    global _is_on
    _is_on = True
    for number in SIGNALS:
        signal.signal(number, _keep)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()


def _keep(number: int, _: FrameType | None) -> None:
    global _asked
    _asked = number


def _end_with_parent(folder: Path | None) -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)  # nobody waits for the result, and a successor may write the same files
