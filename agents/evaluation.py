"""An evaluation on disk: one tournament of a base and its challengers, as counts."""

import shlex
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cam_arena.errors import CheckpointError
from cam_arena.files import read_json, refusing, write_json

from .evaluate import Table

FILE_NAME = "evaluation.json"
FORMAT = 2
_COUNTS = ("wins", "draws", "games", "seat_wins", "ticks", "uses", "chances", "begun")


@dataclass(frozen=True)
class Evaluation:
    """2 C entrants who have all met: the base as each of C characters, then the challengers."""

    base: str
    """what plays the first C rows, such as `shared policy`."""
    challenger: str
    """what plays the last C rows, such as `specialist`."""
    characters: tuple[str, ...]
    """C names."""
    table: Table
    seed: int
    games_per_pairing: int
    roster_id: str
    provenance: dict[str, str]
    """command, versions, commit, wall time in seconds under `seconds`."""

    @property
    def labels(self) -> tuple[str, ...]:
        """A name per row of the table."""
        return tuple(
            f"{name} ({who})" for who in (self.base, self.challenger) for name in self.characters
        )


def save(evaluation: Evaluation, directory: Path) -> Path:
    """Write `evaluation.json`; a reader never sees half a file.

    Returns:
        The path written.
    """
    table = {name: getattr(evaluation.table, name).tolist() for name in _COUNTS}
    table["returns"] = evaluation.table.returns.round(4).tolist()
    document = {
        "format": FORMAT,
        "base": evaluation.base,
        "challenger": evaluation.challenger,
        "characters": evaluation.characters,
        "seed": evaluation.seed,
        "games_per_pairing": evaluation.games_per_pairing,
        "roster_id": evaluation.roster_id,
        "provenance": evaluation.provenance,
        "table": table,
    }
    path = directory / FILE_NAME
    write_json(path, document, indent=None)
    return path


def load(directory: Path) -> Evaluation:
    """Read and check `evaluation.json`.

    Raises:
        CheckpointError: if it is missing, damaged or of another format; names the file and what is
            wrong.
    """
    path = directory / FILE_NAME
    if not path.exists():
        raise CheckpointError(
            f"{directory} has no {FILE_NAME}; run: "
            f"{shlex.join(['cam-arena', 'evaluate', str(directory)])}"
        )
    document = read_json(path, CheckpointError)
    with refusing(path, "an evaluation", CheckpointError):
        if document["format"] != FORMAT:
            raise CheckpointError(
                f"{path}: format is {document['format']}; this version reads {FORMAT}"
            )
        counts = {name: np.asarray(document["table"][name]) for name in _COUNTS}
        table = Table(returns=np.asarray(document["table"]["returns"], np.float64), **counts)
        check_table(table, 2 * len(document["characters"]))
        evaluation = Evaluation(
            str(document["base"]),
            str(document["challenger"]),
            tuple(str(name) for name in document["characters"]),
            table,
            int(document["seed"]),
            int(document["games_per_pairing"]),
            str(document["roster_id"]),
            {str(key): str(value) for key, value in document["provenance"].items()},
        )
    return evaluation


def check_table(table: Table, size: int) -> None:
    """Check that a table from a file can be one of `size` entrants.

    Raises:
        ValueError: naming what cannot be.
    """
    uses = table.uses.shape[2:] if table.uses.ndim == 4 else (0, 0)
    shapes = {
        **dict.fromkeys(("wins", "draws", "games", "ticks", "returns"), (size, size)),
        "seat_wins": (3,),
        "uses": (size, size, *uses),
        **dict.fromkeys(("chances", "begun"), (size, size, uses[-1])),
    }
    for name, shape in shapes.items():
        array = getattr(table, name)
        if array.shape != shape:
            raise ValueError(f"{name} has shape {array.shape}, not {shape}")
        if name == "returns":
            if array.dtype.kind != "f" or not np.isfinite(array).all():
                raise ValueError("returns must be finite numbers")
        elif array.dtype.kind != "i" or array.min(initial=0) < 0:
            raise ValueError(f"{name} must be whole numbers of at least 0")
    if not np.array_equal(table.wins + table.wins.T + table.draws, table.games):
        raise ValueError("wins, losses and draws of a pairing do not sum to its games")
