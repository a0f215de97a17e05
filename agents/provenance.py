"""Where a result came from: config, roster, command, versions, machine, commit."""

import json
import platform
import shlex
import subprocess
import sys
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cam_arena

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

PACKAGES = ("cam-arena", "torch", "numpy", "gymnasium", "pettingzoo")


def provenance() -> dict[str, str]:
    """Gather what a reader needs to repeat a result on another machine.

    Returns:
        `command`, `python`, `platform`, `commit` (only in a checkout) and one entry per package of
        `PACKAGES` that is installed. No user or host names.
    """
    command = [Path(sys.argv[0]).name, *sys.argv[1:]]
    facts = {
        "command": shlex.join(command),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }
    for package in PACKAGES:
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            continue
    commit = checkout_commit()
    if commit:
        facts["commit"] = commit
    return facts


def stamp(config: "DataclassInstance") -> dict[str, Any]:
    """Return what every artefact of a run carries, as JSON.

    Args:
        config: what was asked for, seeds and `roster` included.

    Returns:
        `config`, `roster_id` and `provenance`.
    """
    asked = json.loads(json.dumps(asdict(config), default=str))
    roster = cam_arena.load_roster(getattr(config, "roster"))  # noqa: B009  every config has one
    return {"config": asked, "roster_id": roster.id, "provenance": provenance()}


@cache
def checkout_commit() -> str:
    """Return the commit of the checkout this file stands in, marked if files changed since.

    Empty outside a checkout.
    """
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return ""
    try:
        found = subprocess.run(
            [
                "git",
                "-C",
                str(root),
                "describe",
                "--always",
                "--dirty=, with changes",
                "--abbrev=12",
            ],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""  # no git, or not readable: the version still identifies a release
    return found.stdout.strip()
