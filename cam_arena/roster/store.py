"""A compiled roster as a file, so that thousands of moves load in milliseconds.

The file is `compiled.bin` beside the sources: the magic number, the length of a JSON head (4 bytes,
little-endian), the head, then blocks of zlib data. The head gives the key and, for each block,
[name, bytes, bytes in the file]. The first block, `about`, is JSON; each other is an array's bytes.

The key is a hash of all that decides the content: the sources, the code that generates characters
where the sources ask for it, the schema with its defaults, and the layout of the C structs. A file
with another key is not used: the roster is compiled from its sources instead.
"""

import hashlib
import json
import os
import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .compiled import Compiled
from .schema import LEVEL_DEFAULTS, OP_KEYS, SCHEMA, SLOT_CANCELS

__all__ = ["FILE", "key", "read", "write"]

FILE: Final = "compiled.bin"
"""Name of the file in a roster's directory."""

_FORMAT: Final = 2
"""Raise it when the compiler makes something else of the same sources, or the file changes form."""

_MAGIC: Final = b"camrost\n"
_MAX_BYTES: Final = 1 << 26
"""Bytes of one block unpacked; a file that asks for more is damaged."""

_DTYPES: Final = {
    "characters": _core.DTYPES["character"],
    "moves": _core.DTYPES["move"],
    "hits": _core.DTYPES["hit"],
    "ops": _core.DTYPES["op"],
    "entity_types": _core.DTYPES["entity_type"],
    "scrolls": np.dtype(np.int16),
    "companions": np.dtype(np.int16),
    "descriptors": np.dtype(np.float32),
    "profiles": np.dtype(np.float32),
}
_COLUMNS: Final = {"descriptors": _core.DESCRIPTOR_SIZE, "profiles": _core.PROFILE_SIZE}
"""Columns of the arrays that have two dimensions."""


def key(path: Path) -> str:
    """Return the key of a roster directory as its sources are: 64 hex digits."""
    digest = hashlib.sha256(f"{_FORMAT} {_COLUMNS}".encode())
    for name, dtype in _DTYPES.items():
        digest.update(f"{name} {dtype.descr}\n".encode())
    digest.update(repr((SCHEMA, LEVEL_DEFAULTS, SLOT_CANCELS, OP_KEYS)).encode())
    files = [*path.glob("*.toml"), *(path / "schools").glob("*.toml")]
    if (path / "roster.toml").exists():
        generator = Path(__file__).parent / "generator"
        for pattern in ("*.py", "*.txt", "*.toml"):
            files += generator.glob(pattern)
    for file in sorted(files):
        # A checkout may end lines in its own way; what they say is the same.
        content = file.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{file.parent.name}/{file.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def write(compiled: Compiled, path: Path) -> Path:
    """Write the compiled roster of a directory into it; return the file.

    Args:
        compiled: what the directory's sources make.
        path: the directory.
    """
    about = json.dumps(compiled.about, ensure_ascii=False, separators=(",", ":")).encode()
    blocks = {"about": about} | {name: compiled.arrays[name].tobytes() for name in _DTYPES}
    packed = {name: zlib.compress(block, 9) for name, block in blocks.items()}
    sizes = [[name, len(blocks[name]), len(packed[name])] for name in blocks]
    head = json.dumps({"key": key(path), "blocks": sizes}).encode()
    content = _MAGIC + len(head).to_bytes(4, "little") + head + b"".join(packed.values())
    file = path / FILE
    unfinished = file.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(file)
    return file


def read(path: Path) -> Compiled | None:
    """Return the compiled roster of a directory; None if there is none, or not of its sources."""
    try:
        content = (path / FILE).read_bytes()
        blocks = _unpack(content, key(path))
        about = json.loads(blocks["about"])
        arrays = {name: _array(name, blocks[name]) for name in _DTYPES}
    except (OSError, ValueError, KeyError, TypeError, zlib.error):
        return None
    return Compiled(arrays, about)


def _unpack(content: bytes, expected: str) -> dict[str, bytes]:
    """Return the blocks of a file's content by name.

    Raises:
        ValueError: if it is damaged, or of other sources.
    """
    start = len(_MAGIC) + 4
    end = start + int.from_bytes(content[len(_MAGIC) : start], "little")
    if not content.startswith(_MAGIC) or end > len(content):
        raise ValueError(f"{FILE} does not begin as a compiled roster does")
    head = json.loads(content[start:end])
    if head["key"] != expected:
        raise ValueError(f"{FILE} was compiled from other sources")
    blocks = {}
    for name, size, packed_size in head["blocks"]:
        if not 0 <= size <= _MAX_BYTES:
            raise ValueError(f"{FILE}: {name} has {size} bytes; it must be 0..{_MAX_BYTES}")
        unpacker = zlib.decompressobj()
        blocks[name] = unpacker.decompress(content[end : end + packed_size], size + 1)
        if len(blocks[name]) != size or not unpacker.eof:
            raise ValueError(f"{FILE}: {name} is damaged")
        end += packed_size
    return blocks


def _array(name: str, block: bytes) -> NDArray[Any]:
    array = np.frombuffer(block, _DTYPES[name])
    return array.reshape(-1, _COLUMNS[name]) if name in _COLUMNS else array
