"""Where and of what figures are: processor, system, date, commit, versions."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import cam_arena
from cam_arena.cores import usable_cores


def processor_name() -> str:
    """Return the processor's name where the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def commit() -> str:
    """Return the commit of the checkout, with `+` where files differ from it, or `unknown`."""
    command = ["git", "describe", "--always", "--abbrev=10", "--exclude=*", "--dirty=+"]
    here = Path(__file__).parent
    try:
        done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def write_machine(path: Path, packages: Sequence[str]) -> None:
    """Write what a reader needs to know about where the figures come from, as JSON.

    Args:
        path: file to write, before anything is measured; its folder exists.
        packages: distributions whose versions belong to the figures; all are installed.
    """
    machine: dict[str, str | int] = {
        "processor": processor_name(),
        "cores": usable_cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "load": round(os.getloadavg()[0], 1),  # of the last minute; what else ran
        "python": platform.python_version(),
        "cam-arena": cam_arena.__version__,
        **{package: version(package) for package in packages},
    }
    path.write_text(json.dumps(machine, indent=2) + "\n", encoding="utf-8")
