"""The `cam-arena` command: finds the subcommand, and turns errors into one line and an exit code.

Exit codes: 0 done, 1 a check failed or something on disk is broken, 2 the command was wrong, 130
interrupted, 143 a training was ended by SIGTERM.
"""

import errno
import io
import os
import shlex
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, suppress
from dataclasses import field, make_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TextIO, cast

from tyro.conf import arg

from . import __version__, load_roster
from .arguments import bind, read
from .balance.commands import BALANCE_COMMANDS
from .commands import COMMANDS, SCHEMES, Command, UsageError, agents_module, closest
from .commands import balance as balance_command
from .commands import roster as roster_command
from .commands import train as train_command
from .errors import ArenaError, Stopped, UnmetWarning
from .roster.commands import ROSTER_COMMANDS

__all__ = ["main"]

_EXTRA_OF = dict.fromkeys(
    (
        "torch", "safetensors", "scipy", "openskill", "sklearn", "stable_baselines3", "sb3_contrib",
        "supersuit", "matplotlib", "tensorboard",
    ),
    "agents",
) | dict.fromkeys(("PIL", "imageio_ffmpeg"), "video")  # fmt: skip
"""Extra that brings a module."""


_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
"""Errors of a disk that takes no more."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        arguments: without the program's name; those of the process if None.

    Returns:
        The exit code.
    """
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot write a letter gets a ?
            stream.reconfigure(errors="replace")
    try:
        lasting = cast(TextIO, _Lasting(sys.stderr))
        with redirect_stderr(lasting), _plain_warnings(), _orderly_end():
            code = _dispatch(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()  # here an error of it still becomes a line
        return code
    except Stopped as stop:
        again = ["cam-arena", *(sys.argv[1:] if arguments is None else arguments)]
        go_on = shlex.join(again) if stop.go_on is None else stop.go_on
        _say(f"{stop}; go on with: {go_on}" if go_on else str(stop))
        return 128 + stop.signal
    except KeyboardInterrupt:
        _say("interrupted")
        return 130
    except BrokenPipeError:  # the reader, such as head, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if os.environ.get("CAM_ARENA_TRACEBACK"):
            raise
        _say(_told(error))
        return 1
    except ImportError as error:
        extra = _EXTRA_OF.get((error.name or "").partition(".")[0])
        if extra is not None:
            _say(f'this needs {error.name}, not installed: pip install "cam-arena[{extra}]"')
        elif "pip install" in str(error):
            _say(str(error))
        else:
            raise
        return 2
    except (ArenaError, ValueError) as error:
        if os.environ.get("CAM_ARENA_TRACEBACK"):
            raise
        _say(str(error))
        return 2 if isinstance(error, (UsageError, ValueError)) else 1


def _open_closed_streams() -> None:
    """Give a process that was started without output (`>&-`) some that goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))


@contextmanager
def _orderly_end() -> Iterator[None]:
    """Let SIGTERM end a command as an exception does, so that nothing half-written stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGTERM, before)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


class _Lasting:
    """Standard error whose reader may leave: what is said then is lost, and the work goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            return self._leave(len(text))

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._leave(0)

    def _leave(self, length: int) -> int:
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        return length


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Say our own warnings as errors are said; leave those of others as they are."""
    with warnings.catch_warnings():
        show, told = warnings.showwarning, set[str]()

        def say(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, UnmetWarning):
                if str(message) not in told:  # a command may load a policy more than once
                    _say(str(message))
                told.add(str(message))
            else:
                show(message, category, filename, lineno, file, line)

        warnings.showwarning = say
        yield


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
    if command is train_command:
        return _dispatch_train(rest)
    if command is roster_command:
        return _dispatch_group("roster", ROSTER_COMMANDS, rest)
    if command is balance_command:
        return _dispatch_group("balance", BALANCE_COMMANDS, rest)
    return _run(name, command, rest)


def _dispatch_group(group: str, commands: Mapping[str, Command], arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_overview(f"cam-arena {group}", str(COMMANDS[group].__doc__), _summaries(commands)))
        return 0
    name, *rest = arguments
    return _run(f"{group} {name}", commands[closest(name, commands, f"{group} command")], rest)


def _dispatch_train(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_overview("cam-arena train", str(train_command.__doc__), SCHEMES))
        return 0
    scheme, *rest = arguments
    scheme = closest(scheme, SCHEMES, "training scheme")
    name, program = scheme.replace("-", "_"), f"cam-arena train {scheme}"
    rest, resumed = _take_resume(rest)
    given = resumed or _value_of("--out", rest)
    if given is not None:  # at once: to import what trains takes seconds
        agents_module("lock").check_free(given)
    module, runs = agents_module(name), agents_module("run_config")
    if {"-h", "--help"} & set(rest):
        shown = module.Config if scheme == "sb3" else _with_resume(module.Config)  # it cannot go on
        read(shown, program, ["--help"], description=f"{SCHEMES[scheme]}.")
    begun = {} if resumed is None else {"default": runs.restore(resumed, module.Config, name)}
    config = read(module.Config, program, rest, **begun)
    if resumed is not None and Path(config.out) != resumed:
        raise UsageError(
            f"--resume goes on in {resumed}, so --out {config.out} is refused; to branch off, copy "
            "the directory and resume the copy"
        )
    has_fighters = getattr(config, "game", "arena") == "arena"
    if has_fighters:
        if config.out is not None and (Path(config.out) / runs.FILE_NAME).exists():
            runs.read_config(Path(config.out), roster=config.roster)  # refused if another roster's
        playing = load_roster(config.roster)
        agents_module("selfplay").character_names(playing, config.characters)  # refused if unknown
    is_new = config.out is None
    if is_new:
        config = replace(config, out=runs.new_run(name))
    print(f"run: {config.out}", file=sys.stderr)
    with agents_module("runlog").make_progress() as progress:
        try:
            run = module.train(config, progress=progress)
        except Stopped as stop:
            if stop.go_on is None:
                again = ["cam-arena", "train", scheme, "--resume", str(config.out)]
                stop.go_on = shlex.join(again)
            raise
        except BaseException:
            if is_new:
                with suppress(OSError):  # holds something: it is a run
                    config.out.rmdir()
            raise
    ended = agents_module("ending").ending(run, config)
    print(f"trained: {run}\nended: {ended}")
    if has_fighters:
        print(f"next: {shlex.join(['cam-arena', 'evaluate', str(run)])}")
    return 0


def _take_resume(arguments: list[str]) -> tuple[list[str], Path | None]:
    """Take `--resume RUN` out of the options of `train`; what else is given must agree with it."""
    for place, word in enumerate(arguments):
        flag, equals, run = word.partition("=")
        if flag != "--resume":
            continue
        rest = arguments[place + 1 :]
        if not equals:
            if not rest:
                raise UsageError("--resume takes the directory of a run")
            run, *rest = rest
        return [*arguments[:place], *rest], Path(run)
    return arguments, None


def _value_of(option: str, arguments: list[str]) -> Path | None:
    """Return the path that follows an option, before the others are read."""
    for word, after in zip(arguments, [*arguments[1:], ""], strict=False):
        flag, equals, value = word.partition("=")
        if flag == option and (value if equals else after):
            return Path(value if equals else after)
    return None


def _with_resume(kind: type) -> type:
    """Return options of a training scheme for its help, with the one that stands for all."""
    text = "A run to go on with as it was begun, instead of other options but budgets."
    resume = Annotated[Path | None, arg(metavar="RUN", help=text)]
    return make_dataclass(
        "Config", [("resume", resume, field(default=None))], bases=(kind,), frozen=True
    )


def _run(name: str, command: Command, arguments: list[str]) -> int:
    return bind(command, f"cam-arena {name}", arguments)() or 0


def _summaries(commands: Mapping[str, Command]) -> dict[str, str]:
    return {name: str(command.__doc__).splitlines()[0] for name, command in commands.items()}


def _overview(program: str, about: str, entries: Mapping[str, str]) -> str:
    width = max(map(len, entries))
    lines = [f"usage: {program} COMMAND [OPTIONS]", "", about.splitlines()[0], ""]
    return "\n".join([*lines, *(f"  {name:<{width}}  {text}" for name, text in entries.items())])


def _told(error: OSError) -> str:
    """Return what the system refused, as a line."""
    reason = error.strerror or str(error)
    if error.filename is not None:
        path = error.filename2 or error.filename
        return f"cannot write {path}: {reason}"
    if error.errno in _WRITING:
        sys.stdout = open(os.devnull, "w")
        return f"cannot write the output: {reason}"
    return reason


def _say(message: str) -> None:
    print(f"cam-arena: {' '.join(message.split())}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
