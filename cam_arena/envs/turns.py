"""Calls of an env: one at a time, and what breaks off amid a change closes the env."""

import threading
import weakref
from collections.abc import Callable
from types import TracebackType

from ..errors import ArenaError

__all__ = ["Turn", "broken_off"]


def broken_off(error: BaseException) -> str:
    """Return what the calls after one that broke off say."""
    return (
        f"a call was interrupted ({type(error).__name__}) when a part of it was done; the env is "
        "closed, make a new one"
    )


class Turn:
    """A context for every call that changes an env, used again and again.

    Args:
        fail: closes the env; it is called with what interrupted a call.
    """

    def __init__(self, fail: Callable[[BaseException], None]) -> None:
        self._fail = weakref.WeakMethod(fail)  # so that the env ends with its last reference
        self._lock = threading.Lock()
        self._is_amid = False

    def change(self) -> None:
        """Say that from here on an error leaves some of the env changed and some not."""
        self._is_amid = True

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise RuntimeError(
                "the env is being stepped by another thread; give each thread an env of its own"
            )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        is_amid, self._is_amid = self._is_amid, False
        try:
            if error is None or isinstance(error, ArenaError):  # these say what to do by themselves
                return
            if is_amid or not isinstance(error, Exception):
                fail = self._fail()
                assert fail is not None
                fail(error)
        finally:
            self._lock.release()
