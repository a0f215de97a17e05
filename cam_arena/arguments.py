"""Options of a command line: tyro reads them, and a mistake becomes one line."""

import functools
import inspect
import io
import re
import types
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from dataclasses import replace
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import tyro
from tyro.constructors import ConstructorRegistry, PrimitiveConstructorSpec, PrimitiveTypeInfo

from .commands import UsageError
from .game.options import check_seed

__all__ = ["bind", "read"]

_FRAME = "│╰╯ "
_RULE = re.compile(r"[─-]{4,}")
_CONTINUED = re.compile(r"\n {12,}")  # a line of an argument's text that is not its first
_NOT_A_NUMBER = re.compile(r"could not convert string to float:")
_NOT_WHOLE = re.compile(r"invalid literal for int\(\) with base \d+:")
_UNKNOWN = "Unrecognized options: "
_WRONG = 2  # with which tyro ends where an option is wrong


def _optional(kind: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[Any] | None:
    """Describe an option that may be None as one of its other type: `FLOAT`, not `{None}|FLOAT`."""
    parts = get_args(kind.type)
    if get_origin(kind.type) not in (Union, types.UnionType) or types.NoneType not in parts:
        return None
    given: Any = Union[tuple(part for part in parts if part is not types.NoneType)]  # noqa: UP007
    spec = ConstructorRegistry.get_primitive_spec(PrimitiveTypeInfo.make(given, kind.markers))
    if not isinstance(spec, PrimitiveConstructorSpec):
        return None
    return replace(
        spec,
        choices=(*spec.choices, "None") if spec.choices else None,
        instance_from_str=lambda words: (
            None if words == ["None"] else spec.instance_from_str(words)
        ),
        is_instance=lambda value: value is None or spec.is_instance(value),
        str_from_instance=lambda value: (
            ["None"] if value is None else spec.str_from_instance(value)
        ),
    )


def _path(kind: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[Path] | None:
    """Refuse a path of no characters: it would be the working directory."""
    if kind.type is not Path:
        return None

    def read_path(words: list[str]) -> Path:
        if not words[0]:
            raise ValueError("must name a path, got ''; the working directory is '.'")
        return Path(words[0])

    return PrimitiveConstructorSpec(
        nargs=1,
        metavar="PATH",
        instance_from_str=read_path,
        is_instance=lambda value: isinstance(value, Path),
        str_from_instance=lambda value: [str(value)],
    )


def _several(kind: PrimitiveTypeInfo, least: int) -> PrimitiveConstructorSpec[Any] | None:
    """Read `tuple[X, ...]` word by word, so that an error is about the word that is wrong."""
    parts = get_args(kind.type)
    if get_origin(kind.type) is not tuple or parts[1:] != (Ellipsis,):
        return None
    spec = ConstructorRegistry.get_primitive_spec(PrimitiveTypeInfo.make(parts[0], kind.markers))
    if not isinstance(spec, PrimitiveConstructorSpec) or spec.nargs != 1:
        return None

    def read_words(words: list[str]) -> tuple[Any, ...]:
        if len(words) < least:
            raise ValueError(f"takes at least {least}, and none follows")
        return tuple(spec.instance_from_str([word]) for word in words)

    return PrimitiveConstructorSpec(
        nargs="*",
        metavar=f"[{spec.metavar} [{spec.metavar} ...]]",
        instance_from_str=read_words,
        is_instance=lambda value: isinstance(value, tuple) and all(map(spec.is_instance, value)),
        str_from_instance=lambda value: [
            word for one in value for word in spec.str_from_instance(one)
        ],
        choices=spec.choices,
    )


def _registry(least: int) -> ConstructorRegistry:
    """Return how options are read. least: values that an option of several takes."""
    registry = ConstructorRegistry()
    registry.primitive_rule(_optional)
    registry.primitive_rule(_path)
    registry.primitive_rule(functools.partial(_several, least=least))
    return registry


_OF_SETTINGS, _OF_COMMANDS = _registry(0), _registry(1)  # a training may meet no bots: `--bots`


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
        SystemExit: with 0 after `--help`, and with any code but 2 that ends the process meanwhile.
    """
    with redirect_stderr(io.StringIO()) as said:
        try:
            given = {"registry": _OF_SETTINGS, **options}
            return tyro.cli(kind, prog=program, args=arguments, **given)
        except SystemExit as stop:
            if stop.code != _WRONG:  # help, or the end that SIGTERM asks for
                raise
    raise UsageError(f"{_in_one_line(said.getvalue())}; {program} --help shows all options")


def bind(command: Callable[..., Any], program: str, arguments: Sequence[str]) -> Any:
    """Return a command with its options bound, to be called without any; see `read`."""

    def bound(*given: Any, **named: Any) -> functools.partial[Any]:
        if "seed" in named:
            check_seed(named["seed"])
        return functools.partial(command, *given, **named)

    # Not functools.wraps: tyro would read the docstring of the function behind, line by line.
    functools.update_wrapper(bound, command)
    del bound.__wrapped__  # type: ignore[attr-defined]
    bound.__signature__ = inspect.signature(command)  # type: ignore[attr-defined]
    bound.__doc__ = _CONTINUED.sub(" ", command.__doc__ or "")
    return read(bound, program, arguments, registry=_OF_COMMANDS)


def _in_one_line(box: str) -> str:
    """Return what a box of tyro says, without its frame and its excerpt of the help."""
    rows = [row.strip(_FRAME) for row in box.splitlines()[1:]]  # without the title
    if rows and _RULE.fullmatch(rows[0]):
        rows = rows[1:]  # a terminal without Unicode gets a rule there, and no frame
    rules = [place for place, row in enumerate(rows) if _RULE.fullmatch(row)]
    said = " ".join(rows[: rules[0]] if rules else rows)
    said = said.partition("Got errors:")[0].strip().rstrip(".")
    said = said.removeprefix("Error parsing ").removeprefix("Config: ")
    said = _NOT_A_NUMBER.sub("must be a number, got", said)
    said = _NOT_WHOLE.sub("must be a whole number, got", said)
    if said.startswith(_UNKNOWN):
        excerpt = rows[rules[0] :] if rules else []
        near = [row.split()[0] for row in excerpt if re.match(r"--\w", row)]
        said = _unknown(said.removeprefix(_UNKNOWN).split(", "))
        said += f"; did you mean {near[0]}?" if near else ""
    return said if said[:2].isupper() else said[:1].lower() + said[1:]  # SEED stays as it is


def _unknown(words: Sequence[str]) -> str:
    """Say which words no option is called; those that follow one may be its values."""
    options = [word for word in words if re.match(r"--?[a-zA-Z]", word)]
    if options:
        return f"unrecognized options: {', '.join(options)}"
    return f"too many words: {', '.join(words)}"
