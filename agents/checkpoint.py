"""Checkpoints: directories of safetensors and JSON, written whole or not at all.

`root/step_000000123/` holds one `<group>.safetensors` for each group of tensors, `state.json`, and
`manifest.json` with the size and sha256 of the others, and the id of the roster that the weights
were trained on: on another roster the same numbers mean other characters. Nothing is ever
unpickled.
"""

import hashlib
import json
import logging
import os
import platform
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch

import cam_arena
from cam_arena.errors import CheckpointError, TrainingError
from cam_arena.files import naming, parse_json, read_bytes, refusing

__all__ = ["FORMAT", "Checkpoint", "OtherRosterError", "check_roster", "latest", "load", "save"]

FORMAT = 1
_STEP = re.compile(r"step_(\d{9,})")
_FILE = re.compile(r"[a-z][a-z0-9_]*\.(safetensors|json)")
_log = logging.getLogger(__name__)


class OtherRosterError(CheckpointError):
    """What was trained belongs to a roster other than the one at hand; names both."""


@dataclass(frozen=True)
class Checkpoint:
    """What one checkpoint holds."""

    path: Path
    step: int
    tensors: dict[str, dict[str, torch.Tensor]]
    """Groups of named tensors, such as `weights` and `optimizer`."""
    state: dict[str, Any]
    """Config, counters and random states, as JSON gives them back."""
    versions: dict[str, str]
    roster: str
    """Id of the roster it was trained on."""


def save(
    root: Path | str,
    step: int,
    *,
    tensors: Mapping[str, Mapping[str, torch.Tensor]],
    state: Mapping[str, Any],
    keep: int = 3,
    roster: str | None = None,
) -> Path:
    """Write a checkpoint atomically and drop the oldest ones.

    Args:
        root: directory of the checkpoints of one run or member; made if missing.
        step: at least 0; a checkpoint of the same step is replaced.
        tensors: groups of named tensors, one file each.
        state: anything JSON can hold.
        keep: how many to keep, at least 1.
        roster: id of the roster that was trained on; None: the bundled one's.

    Returns:
        The checkpoint's directory.

    Raises:
        ValueError: if an argument is out of range, a group's name is not lower case, or the state
            holds a NaN or an infinity.
        TrainingError: if a floating tensor holds a NaN or an infinity.
        OSError: naming the checkpoint, if the disk refuses; what was saved before stays intact,
            and nothing half written is left.
    """
    if step < 0 or keep < 1:
        raise ValueError(f"step must be at least 0 and keep at least 1, got {step} and {keep}")
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    _sweep(root)
    files: dict[str, bytes] = {}
    for group, named in tensors.items():
        if not _FILE.fullmatch(f"{group}.safetensors"):
            raise ValueError(f"a group of tensors is named like a lower-case word, got {group!r}")
        for name, tensor in named.items():
            if tensor.is_floating_point() and not torch.isfinite(tensor).all():
                raise TrainingError(f"{group}/{name} holds a NaN or an infinity; nothing was saved")
        files[f"{group}.safetensors"] = safetensors.torch.save(
            {name: tensor.detach().contiguous().clone() for name, tensor in named.items()}
        )
    text = json.dumps(dict(state), indent=1, sort_keys=True, allow_nan=False)
    files["state.json"] = text.encode()
    manifest = {
        "format": FORMAT,
        "step": step,
        "roster_id": cam_arena.load_roster().id if roster is None else roster,
        "versions": _versions(),
        "files": {
            name: {"sha256": _digest(data), "size": len(data)} for name, data in files.items()
        },
    }

    final = root / f"step_{step:09d}"
    temporary = root / f".tmp-{os.getpid()}"
    with naming(final):
        try:
            temporary.mkdir()
            for name, data in files.items():
                _write(temporary / name, data)
            # The manifest is written last: a directory without one is not a checkpoint.
            text = json.dumps(manifest, indent=1, sort_keys=True)
            _write(temporary / "manifest.json", text.encode())
            _sync_directory(temporary)
            if final.exists():
                _delete(final)
            temporary.rename(final)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)  # a full disk needs the room
            raise
        _sync_directory(root)
    for old in _steps(root)[keep:]:
        _delete(old)
    return final


def load(path: Path | str, *, roster: str | None = None) -> Checkpoint:
    """Read one checkpoint and verify every byte of it.

    Args:
        path: directory of the checkpoint (`.../step_000000123`).
        roster: id of the roster it is to be used with; None: the bundled one's.

    Raises:
        OtherRosterError: if it was trained on another roster, or does not say on which.
        CheckpointError: naming the file and the reason, if anything is missing, damaged or of
        another format.
    """
    path = Path(path)
    manifest = _json(path / "manifest.json", read_bytes(path / "manifest.json", CheckpointError))
    if manifest.get("format") != FORMAT:
        raise CheckpointError(
            f"{path / 'manifest.json'}: format is {manifest.get('format')!r}; "
            f"this version reads {FORMAT}"
        )
    trained_on = check_roster(manifest, path / "manifest.json", roster)
    files, step, versions = (
        manifest.get("files"),
        manifest.get("step"),
        manifest.get("versions", {}),
    )
    if not isinstance(files, dict) or not isinstance(step, int) or not isinstance(versions, dict):
        raise CheckpointError(
            f"{path / 'manifest.json'}: files, step or versions is missing or of a wrong type"
        )
    named = _STEP.fullmatch(path.resolve().name)
    if named and int(named[1]) != step:
        raise CheckpointError(
            f"{path}: manifest.json says that this is step {step}; the directory was renamed"
        )
    if "state.json" not in files:
        raise CheckpointError(f"{path / 'manifest.json'}: state.json is not listed")
    for found in sorted(file.name for file in path.iterdir()):
        if _FILE.fullmatch(found) and found not in files and found != "manifest.json":
            raise CheckpointError(f"{path / 'manifest.json'}: {found} is there and not listed")
    tensors: dict[str, dict[str, torch.Tensor]] = {}
    state: dict[str, Any] = {}
    for name, entry in files.items():
        # A manifest is as untrusted as the rest: no path leads out of the directory.
        if not _FILE.fullmatch(name) or not isinstance(entry, dict):
            raise CheckpointError(
                f"{path / 'manifest.json'}: {name!r} is not a file name of a checkpoint"
            )
        size = entry.get("size")
        if not isinstance(size, int):
            raise CheckpointError(f"{path / 'manifest.json'}: the size of {name} is {size!r}")
        data = read_bytes(path / name, CheckpointError, limit=size)
        if len(data) != size:
            raise CheckpointError(
                f"{path / name}: {len(data)} bytes where manifest.json says {size}; the file is "
                "damaged"
            )
        if _digest(data) != entry.get("sha256"):
            raise CheckpointError(
                f"{path / name}: sha256 differs from manifest.json; the file is damaged"
            )
        if name.endswith(".json"):
            state = _json(path / name, data)
            continue
        try:
            tensors[name.removesuffix(".safetensors")] = safetensors.torch.load(data)
        except (safetensors.SafetensorError, ValueError, KeyError) as error:
            raise CheckpointError(f"{path / name}: not a safetensors file: {error}") from error
    told = {str(key): str(value) for key, value in versions.items()}
    return Checkpoint(path, step, tensors, state, told, trained_on)


def check_roster(facts: Mapping[str, Any], source: Path, roster: str | None = None) -> str:
    """Return the roster id that a file's facts name, if it is the one at hand.

    Args:
        facts: what the file holds; the id under `roster_id`.
        source: the file, for the error.
        roster: id of the roster at hand; None: the bundled one's.

    Raises:
        OtherRosterError: if it is another, or none is named.
    """
    here = cam_arena.load_roster().id if roster is None else roster
    found = facts.get("roster_id")
    if not isinstance(found, str):
        raise OtherRosterError(
            f"{source} names no roster, so it was written by an earlier version, whose characters "
            f"were others; this is roster {here}: train again, into a new directory"
        )
    if found != here:
        raise OtherRosterError(
            f"{source}: trained on roster {found}, this is {here}: its policies know other "
            "characters; use the version of cam-arena, or the --roster, that trained it, or train "
            "again into a new directory"
        )
    return found


def latest(root: Path | str, *, roster: str | None = None) -> Checkpoint | None:
    """Load the newest checkpoint that is intact.

    Damaged ones are reported through `logging` and passed over.

    Args:
        root: directory given to `save`.
        roster: id of the roster it is to be used with; None: the bundled one's.

    Returns:
        The checkpoint, or None if there has never been one.

    Raises:
        OtherRosterError: if the newest was trained on another roster; an older one would not help.
        CheckpointError: if there are checkpoints and all of them are damaged.
    """
    root = Path(root)
    if not root.is_dir():
        return None
    reasons = []
    for path in _steps(root):
        try:
            return load(path, roster=roster)
        except OtherRosterError:
            raise
        except CheckpointError as error:
            reasons.append(str(error))
            _log.warning("%s; falling back to the checkpoint before", error)
    if reasons:
        raise CheckpointError(f"{root}: no checkpoint is intact: {'; '.join(reasons)}")
    return None


def _versions() -> dict[str, str]:
    from cam_arena import __version__

    return {
        "cam_arena": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _steps(root: Path) -> list[Path]:
    """Return the checkpoints of a directory, the newest first."""
    found = [
        (int(match[1]), path) for path in root.iterdir() if (match := _STEP.fullmatch(path.name))
    ]
    return [path for _, path in sorted(found, reverse=True)]


def _sweep(root: Path) -> None:
    """Remove what a killed process left half written or half deleted."""
    for path in root.iterdir():
        if path.name.startswith((".tmp-", ".del-")):
            shutil.rmtree(path, ignore_errors=True)


def _delete(path: Path) -> None:
    """Rename first: a kill in the middle must not leave what looks like a checkpoint."""
    doomed = path.with_name(f".del-{os.getpid()}-{path.name}")
    path.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    if os.name == "nt":  # Windows cannot open a directory; its rename is already durable
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _json(path: Path, data: bytes) -> dict[str, Any]:
    with refusing(path, "JSON", CheckpointError):
        value = parse_json(data)
    if not isinstance(value, dict):
        raise CheckpointError(f"{path}: holds a {type(value).__name__}, not an object")
    return value


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
