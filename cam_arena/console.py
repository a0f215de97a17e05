"""Where tables are written: they fit a terminal, and elsewhere each row is a line."""

import os
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["make_console"]

_UNWRAPPED = 10_000  # columns


def make_console(file: IO[str] | None = None) -> "Console":
    """Return a console as wide as its terminal, or as COLUMNS says, or else so that nothing wraps.

    Args:
        file: to write to; standard output if None.
    """
    from rich.console import Console

    console = Console(highlight=False, file=file)
    if console.is_terminal or "COLUMNS" in os.environ:
        return console
    return Console(highlight=False, file=file, width=_UNWRAPPED)
