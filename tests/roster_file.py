"""The bundled roster as the file that tests/c/harness.c reads."""

from pathlib import Path

import numpy as np

import cam_arena

TABLES = tuple(
    "characters moves hits ops entity_types scrolls companions descriptors profiles".split()
)


def write_roster(path: Path) -> Path:
    """Write the compiled rules and tables, each table after its int32 length."""
    roster = cam_arena.load_roster()
    with path.open("wb") as file:
        file.write(roster.rules.pack().tobytes())
        for table in TABLES:
            file.write(np.int32(len(roster.arrays[table])).tobytes())
            file.write(roster.arrays[table].tobytes())
    return path
