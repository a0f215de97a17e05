"""What this installation has: versions, processor, display and the optional parts."""

import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from .cores import usable_cores

__all__ = ["Finding", "diagnose", "extras", "has_display", "processor_flags"]

CORE = ("numpy", "gymnasium", "pettingzoo", "pygame-ce", "tyro", "rich")

DEVELOPMENT_EXTRAS = ("test", "lint", "peers", "openspiel")
"""Extras that only a checkout has a use for."""

_SPEED_FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16", "sve")
"""Processor flags that decide how fast torch runs, by the names of Linux."""


@dataclass(frozen=True)
class Finding:
    """One line of the diagnosis."""

    name: str
    value: str
    advice: str = ""
    """What to do; empty if all is well."""
    is_fatal: bool = False
    """Whether nothing works without it."""


def diagnose() -> list[Finding]:
    """Examine the installation without importing any optional package.

    Returns:
        Findings in the order to print them.
    """
    return [
        Finding("cam-arena", _version("cam-arena") or "not installed"),
        Finding("python", f"{platform.python_version()} ({sys.executable})"),
        Finding("platform", f"{platform.platform()}"),
        _core(),
        _roster(),
        *(_package(name) for name in CORE),
        _cores(),
        _bfloat16(),
        _display(),
        *(_extra(name, packages) for name, packages in extras().items()),
    ]


def extras() -> dict[str, tuple[str, ...]]:
    """Return the packages of each optional extra, as the installed metadata lists them.

    An extra that names others of this package (`cam-arena[video]`) has theirs too.
    """
    listed: dict[str, list[str]] = {}
    for line in requires("cam-arena") or ():
        requirement = re.match(r"[\w.-]+(?:\[[\w, -]+\])?", line)
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", line)
        if requirement and extra and extra[1] not in DEVELOPMENT_EXTRAS:
            listed.setdefault(extra[1], []).append(requirement[0])
    return {
        name: tuple(dict.fromkeys(_packages(requirements, listed)))
        for name, requirements in listed.items()
    }


def _packages(requirements: Sequence[str], extras: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for requirement in requirements:
        package, _, names = requirement.rstrip("]").partition("[")
        if package == "cam-arena":
            for name in names.split(","):
                yield from _packages(extras[name.strip()], extras)
        else:
            yield package


def processor_flags() -> frozenset[str]:
    """Return the processor's flags that matter for speed; empty where the system does not tell."""
    values = _cpuinfo()
    words = (values.get("flags") or values.get("Features") or "").split()
    return frozenset(words) & frozenset(_SPEED_FLAGS)


def _cpuinfo() -> dict[str, str]:
    """Return what Linux says of the first processor; empty elsewhere."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return {}
    lines = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _core() -> Finding:
    try:
        from . import _core as core
    except ImportError as error:
        advice = "reinstall: pip install --force-reinstall --no-deps cam-arena"
        return Finding("simulation", f"cannot be loaded: {error}", advice, is_fatal=True)
    actions, full = core.NUM_ACTIONS, core.observation_size(core.OBSERVATIONS["full"])
    return Finding("simulation", f"loaded; {actions} actions, {full} observations")


def _roster() -> Finding:
    from .errors import ArenaError
    from .roster import load_roster

    try:
        roster = load_roster()
    except ArenaError as error:
        return Finding(
            "roster", str(error), "reinstall: the bundled roster is damaged", is_fatal=True
        )
    return Finding("roster", f"{len(roster)} characters, id {roster.id}")


def _package(name: str) -> Finding:
    found = _version(name)
    if found is None:
        return Finding(name, "missing", f'pip install "{name}"', is_fatal=True)
    return Finding(name, found)


def _cores() -> Finding:
    model = _cpuinfo().get("model name") or platform.processor() or platform.machine()
    flags = " ".join(sorted(processor_flags())) or "flags unknown"
    return Finding("processor", f"{model}, {usable_cores()} cores usable; {flags}")


def _bfloat16() -> Finding:
    flags = processor_flags()
    if flags & {"amx_bf16", "avx512_bf16", "bf16"}:
        return Finding("bfloat16", "in hardware: trainers use it")
    return Finding("bfloat16", "not in hardware: trainers use float32, about half as fast")


def has_display() -> bool:
    """Return whether a window can be opened; SDL's dummy driver counts."""
    if sys.platform in ("win32", "darwin") or os.environ.get("SDL_VIDEODRIVER"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _display() -> Finding:
    driver = os.environ.get("SDL_VIDEODRIVER")
    if driver == "dummy":
        return Finding("display", "SDL_VIDEODRIVER=dummy", "unset SDL_VIDEODRIVER to open windows")
    if has_display():
        return Finding("display", "available")
    return Finding("display", "none", "play and watch need one; watch --record FILE does not")


def _extra(name: str, packages: tuple[str, ...]) -> Finding:
    missing = [package for package in packages if _version(package) is None]
    if not missing:
        torch = f"; torch {_version('torch')}" if "torch" in packages else ""
        return Finding(f"[{name}]", f"complete{torch}")
    advice = f'pip install "cam-arena[{name}]"'
    return Finding(f"[{name}]", f"missing {', '.join(missing)}", advice)
