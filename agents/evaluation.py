"""An evaluation on disk: one tournament of a base and its challengers, as counts."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cam_arena.errors import CheckpointError

from .evaluate import Table
from .files import write_json

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
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{directory} has no {FILE_NAME}; run: cam-arena evaluate {directory}"
        ) from error
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path}: cannot be read: {error}") from error
    try:
        if document["format"] != FORMAT:
            raise CheckpointError(
                f"{path}: format is {document['format']}; this version reads {FORMAT}"
            )
        counts = {name: np.asarray(document["table"][name], np.int64) for name in _COUNTS}
        table = Table(returns=np.asarray(document["table"]["returns"], np.float64), **counts)
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
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{path}: damaged or not an evaluation: {error!r}") from error
    _check(evaluation, path)
    return evaluation


def _check(evaluation: Evaluation, path: Path) -> None:
    table, size = evaluation.table, 2 * len(evaluation.characters)
    for name in ("wins", "draws", "games", "ticks", "returns"):
        if getattr(table, name).shape != (size, size):
            raise CheckpointError(
                f"{path}: {name} has shape {getattr(table, name).shape}; "
                f"{len(evaluation.characters)} characters need {(size, size)}"
            )
    shapes = {
        "seat_wins": (3,),
        "uses": (size, size, *table.uses.shape[2:]),
        "chances": (size, size, table.uses.shape[-1]),
        "begun": (size, size, table.uses.shape[-1]),
    }
    for name, shape in shapes.items():
        if getattr(table, name).shape != shape:
            raise CheckpointError(
                f"{path}: {name} has shape {getattr(table, name).shape}, not {shape}"
            )
    if (table.wins < 0).any() or not np.array_equal(
        table.wins + table.wins.T + table.draws, table.games
    ):
        raise CheckpointError(
            f"{path}: wins, losses and draws of a pairing do not sum to its games"
        )
