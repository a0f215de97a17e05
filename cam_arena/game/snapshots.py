"""Snapshots as bytes: a header that names what must be equal, a checksum, and what was saved."""

import json
import zlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .. import __version__
from ..errors import SnapshotError
from .options import Options

__all__ = ["checked_frames", "make_header", "seal", "unseal"]

_MAGIC: Final = b"CAMS"


def make_header(
    options: Options, agents: Sequence[str], state_size: int, shape: tuple[int, ...]
) -> bytes:
    """Return magic, length and what must be equal for a snapshot to fit.

    Args:
        options: of the match.
        agents: who sees it.
        state_size: bytes of its state.
        shape: of what one agent sees in a frame.
    """
    latencies, keeps_frames = options.latencies, options.frame_stack > 1
    facts = {
        "version": __version__,
        "roster": options.loaded_roster.id,
        "agents": list(agents),
        "state_size": state_size,
        "frame_stack": options.frame_stack,
        "observation": options.observation if keeps_frames else None,
        "observation_shape": list(shape) if keeps_frames else None,
        "information": options.information if keeps_frames else None,
        "latency": None if latencies is None else [latency.packed for latency in latencies],
    }
    text = json.dumps(facts, separators=(",", ":")).encode()
    return _MAGIC + len(text).to_bytes(2, "little") + text


def seal(header: bytes, body: bytes) -> bytes:
    """Return a snapshot: the header, a checksum of header and body, and the body."""
    return header + _checksum(header, body) + body


def _checksum(header: bytes, body: bytes) -> bytes:
    return zlib.crc32(body, zlib.crc32(header)).to_bytes(4, "little")


def unseal(header: bytes, snapshot: object) -> bytes:
    """Return the body of a snapshot that begins with a header.

    Raises:
        TypeError: if it is not bytes.
        SnapshotError: if it is damaged or has another header; names what differs.
    """
    if not isinstance(snapshot, bytes | bytearray | memoryview):
        raise TypeError(f"a snapshot is bytes, got {snapshot!r}")
    data = bytes(snapshot)
    if not data.startswith(header):
        raise SnapshotError(_difference(header, data))
    start = len(header)
    body = data[start + 4 :]
    if _checksum(header, body) != data[start : start + 4]:
        raise SnapshotError("the snapshot is damaged: its checksum does not fit")
    return body


def checked_frames(data: bytes, past: NDArray[Any]) -> NDArray[Any]:
    """Return what a snapshot says was seen before, in the range of the observation space.

    Args:
        data: the frames' bytes.
        past: an array like that of the frames.

    Raises:
        SnapshotError: if they are not such frames.
    """
    if len(data) != past.nbytes:
        raise SnapshotError(f"the snapshot is damaged: its frames have {len(data)} bytes")
    if not data:
        return past
    frames = np.frombuffer(data, past.dtype).reshape(past.shape)
    if past.dtype.kind == "f" and not (np.isfinite(frames).all() and np.abs(frames).max() <= 1):
        raise SnapshotError("the snapshot is damaged: a past observation is outside [-1, 1]")
    return frames


def _difference(header: bytes, data: bytes) -> str:
    """Say why a snapshot does not begin with this match's header."""
    if not data.startswith(_MAGIC):
        return "this is no snapshot: it does not begin with CAMS"
    try:
        end = 6 + int.from_bytes(data[4:6], "little")
        if _checksum(data[:end], data[end + 4 :]) != data[end : end + 4]:
            return "the snapshot is damaged: its checksum does not fit"
        theirs = json.loads(data[6:end])
        ours = json.loads(header[6:])
        differences = [
            f"{name} is {theirs[name]!r}, here it is {value!r}"
            for name, value in ours.items()
            if theirs[name] != value
        ]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "the snapshot is damaged: its header cannot be read"
    if not differences:
        return "the snapshot is damaged: its header is not written as this match writes it"
    return f"the snapshot does not fit: {'; '.join(differences)}"
