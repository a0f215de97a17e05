"""What a run was asked to do, in `config.json`, with the id of the roster it trains on."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cam_arena
from cam_arena.errors import CheckpointError
from cam_arena.files import read_json, write_whole

from .checkpoint import check_roster

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["FILE_NAME", "read_config", "write_config"]

FILE_NAME = "config.json"


def write_config(
    run: Path,
    config: "DataclassInstance",
    *,
    scheme: str,
    fixed: Sequence[str] = (),
    **facts: Any,
) -> Path:
    """Make a run's directory and write its config.

    Args:
        run: directory of the run.
        config: of the training scheme.
        scheme: its name.
        fixed: fields that must be as they were where a run goes on.
        facts: further entries, as JSON can hold them.

    Returns:
        The path written.

    Raises:
        OtherRosterError: if the directory holds a run on another roster, which cannot go on.
        CheckpointError: if it holds a config that cannot be read, or one that differs in what is
            fixed.
    """
    path = run / FILE_NAME
    if path.exists():
        _check_same(path, read_config(run), config, fixed)
    run.mkdir(parents=True, exist_ok=True)
    document = {**asdict(config), "scheme": scheme, "roster": cam_arena.load_roster().id, **facts}
    write_whole(path, json.dumps(document, indent=1, default=str))
    return path


def _check_same(
    path: Path, before: dict[str, Any], config: "DataclassInstance", fixed: Sequence[str]
) -> None:
    now = json.loads(json.dumps(asdict(config), default=str))
    for name in fixed:
        if before.get(name, now[name]) != now[name]:
            raise CheckpointError(
                f"{path}: this run was begun with {name} {before[name]}, not {now[name]}; "
                "give the same again, or another --out"
            )


def read_config(run: Path) -> dict[str, Any]:
    """Read the config of a run on the bundled roster.

    Args:
        run: directory that `cam-arena train` wrote.

    Raises:
        OtherRosterError: if it was trained on another roster, or does not say on which.
        CheckpointError: if there is none, or it is damaged.
    """
    path = run / FILE_NAME
    if not path.exists():
        raise CheckpointError(
            f"{run} holds no training run (no {FILE_NAME}); give the --out of cam-arena train"
        )
    config = read_json(path, CheckpointError)
    if not isinstance(config, dict):
        raise CheckpointError(f"{path}: holds a {type(config).__name__}, not an object")
    check_roster(config, path)
    return config
