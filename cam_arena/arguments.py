"""Options of a command line: tyro reads them, and a mistake becomes one line."""

import functools
import io
import re
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from typing import Any

import tyro

from .commands import UsageError

__all__ = ["bind", "read"]

_FRAME = "│╰╯ "
_RULE = re.compile(r"[─-]{4,}")
_OPTIONAL = re.compile(r"no type matching \{None\}\|(\S+) could be instantiated from \['(.*?)'\]")


def read(kind: Callable[..., Any], program: str, arguments: Sequence[str], **options: Any) -> Any:
    """Read options.

    Args:
        kind: a dataclass or a function; its signature is the options.
        program: what the help calls it.
        arguments: the words after the program's name.
        options: further ones of `tyro.cli`.

    Returns:
        The dataclass, or what the function returns.

    Raises:
        UsageError: naming the option that is wrong, and the nearest where one is unknown.
        SystemExit: with 0, after `--help`.
    """
    with redirect_stderr(io.StringIO()) as said:
        try:
            return tyro.cli(kind, prog=program, args=arguments, **options)
        except SystemExit as stop:
            if not stop.code:
                raise
    raise UsageError(f"{_in_one_line(said.getvalue())}; {program} --help shows all options")


def bind(command: Callable[..., Any], program: str, arguments: Sequence[str]) -> Any:
    """Return a command with its options bound, to be called without any; see `read`."""

    @functools.wraps(command)
    def bound(*given: Any, **named: Any) -> functools.partial[Any]:
        return functools.partial(command, *given, **named)

    return read(bound, program, arguments)


def _in_one_line(box: str) -> str:
    """Return what a box of tyro says, without its frame and its excerpt of the help."""
    rows = [row.strip(_FRAME) for row in box.splitlines()[1:]]  # without the title
    if rows and _RULE.fullmatch(rows[0]):
        rows = rows[1:]  # a terminal without Unicode gets a rule there, and no frame
    rules = [place for place, row in enumerate(rows) if _RULE.fullmatch(row)]
    said = " ".join(rows[: rules[0]] if rules else rows)
    said = said.partition("Got errors:")[0].strip().rstrip(".")
    said = said.removeprefix("Error parsing ")
    said = _OPTIONAL.sub(lambda found: f"must be a {found[1]}, got {found[2]!r}", said)
    excerpt = rows[rules[0] :] if rules else []
    near = [row.split()[0] for row in excerpt if re.match(r"--\w", row)]
    if near and said.startswith("Unrecognized"):
        said += f"; did you mean {near[0]}?"
    return said[:1].lower() + said[1:]
