"""The `cam-arena` command: each subcommand is a function, and its signature is its options.

Exit codes: 0 done, 1 a check failed or something on disk is broken, 2 the command was wrong, 130 interrupted.
"""

import difflib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import tyro
from tyro.conf import Positional, arg

from . import __version__
from .errors import ArenaError, CheckpointError

__all__ = ["UsageError", "main"]

Command = Callable[..., int | None]

SCHEMES = {
    "selfplay": "one shared policy for all characters, against copies of itself",
    "cam": "CAM: a shared policy first, then a specialist for each character",
    "sb3": "the same from off-the-shelf parts: MaskablePPO of sb3-contrib",
}
"""Training schemes: modules of `cam_arena.agents`, each with `Config` and `train`."""

_EXTRA_OF = dict.fromkeys(
    (
        "torch", "safetensors", "scipy", "sklearn", "stable_baselines3", "sb3_contrib", "supersuit",
        "imageio", "imageio_ffmpeg", "matplotlib", "tensorboard",
    ),
    "agents",
)  # fmt: skip
"""Extra that brings a module."""


class UsageError(ArenaError):
    """A command line that cannot be carried out as written."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        arguments: without the program's name; those of the process if None.

    Returns:
        The exit code.
    """
    try:
        return _dispatch(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        _say("interrupted")
        return 130
    except BrokenPipeError:  # the reader, such as head, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ModuleNotFoundError as error:
        extra = _EXTRA_OF.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        _say(f'this needs {error.name}, which is not installed: pip install "cam-arena[{extra}]"')
        return 2
    except CheckpointError as error:
        _say(str(error))
        return 1
    except (ArenaError, ValueError) as error:
        if os.environ.get("CAM_ARENA_TRACEBACK"):
            raise
        _say(str(error))
        return 2


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_overview("cam-arena", "A fast 1v1 fighting game for MARL.", _summaries(COMMANDS)))
        print("\ncam-arena COMMAND --help shows a command's options.")
        return 0
    if arguments[0] in ("-V", "--version"):
        print(f"cam-arena {__version__}")
        return 0
    name, *rest = arguments
    command = COMMANDS[closest(name, COMMANDS, "command")]
    if command is train:
        return _dispatch_train(rest)
    if command is roster:
        return _dispatch_group("roster", ROSTER_COMMANDS, rest)
    return _run(name, command, rest)


def _dispatch_group(group: str, commands: Mapping[str, Command], arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_overview(f"cam-arena {group}", str(COMMANDS[group].__doc__), _summaries(commands)))
        return 0
    name, *rest = arguments
    return _run(f"{group} {name}", commands[closest(name, commands, f"{group} command")], rest)


def _dispatch_train(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_overview("cam-arena train", str(train.__doc__), SCHEMES))
        return 0
    scheme, *rest = arguments
    module = import_module(f"cam_arena.agents.{closest(scheme, SCHEMES, 'training scheme')}")
    config = tyro.cli(
        module.Config, prog=f"cam-arena train {scheme}", description=SCHEMES[scheme], args=rest
    )
    module.train(config)
    return 0


def _run(name: str, command: Command, arguments: list[str]) -> int:
    return tyro.cli(command, prog=f"cam-arena {name}", args=arguments) or 0


def _summaries(commands: Mapping[str, Command]) -> dict[str, str]:
    return {name: str(command.__doc__).splitlines()[0] for name, command in commands.items()}


def _overview(program: str, about: str, entries: Mapping[str, str]) -> str:
    width = max(map(len, entries))
    lines = [f"usage: {program} COMMAND [OPTIONS]", "", about.splitlines()[0], ""]
    return "\n".join([*lines, *(f"  {name:<{width}}  {text}" for name, text in entries.items())])


def _say(message: str) -> None:
    print(f"cam-arena: {' '.join(message.split())}", file=sys.stderr)


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


def doctor() -> int:
    """Show versions, processor, display and which optional parts are installed."""
    from rich.console import Console
    from rich.table import Table

    from .doctor import diagnose

    findings = diagnose()
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        mark = "[red]✗[/]" if finding.is_fatal else "[yellow]•[/]" if finding.advice else "[green]✓[/]"
        table.add_row(mark, finding.name, finding.value, style=None)
        if finding.advice:
            table.add_row("", "", f"[yellow]{finding.advice}[/]")
    Console(highlight=False).print(table)
    return int(any(finding.is_fatal for finding in findings))
