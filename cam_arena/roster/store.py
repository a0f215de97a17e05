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
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..errors import RosterError
from ..files import parse_json, read_bytes, write_whole
from .compiled import COLUMNS, Compiled
from .schema import LEVEL_DEFAULTS, OP_KEYS, SCHEMA, SLOT_CANCELS

__all__ = ["FILE", "key", "read", "write"]

FILE: Final = "compiled.bin"
"""Name of the file in a roster's directory."""

_FORMAT: Final = 3
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
    own = [*path.glob("*.toml"), *(path / "schools").glob("*.toml")]
    files = {file.relative_to(path).as_posix(): file for file in own}  # wherever the roster lies
    if (path / "roster.toml").exists():
        generator = Path(__file__).parent / "generator"
        for pattern in ("*.py", "*.txt", "*.toml"):
            files |= {f"generator/{file.name}": file for file in generator.glob(pattern)}
    for name, file in sorted(files.items()):
        # A checkout may end lines in its own way; what they say is the same.
        content = file.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{name} {len(content)}\n".encode())
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
    digest = _digest(blocks)
    head = json.dumps({"key": key(path), "sha256": digest, "blocks": sizes}).encode()
    content = _MAGIC + len(head).to_bytes(4, "little") + head + b"".join(packed.values())
    file = path / FILE
    write_whole(file, content)
    return file


def read(path: Path) -> Compiled | None:
    """Return the compiled roster of a directory; None if there is none, or not of its sources."""
    if not (path / FILE).exists():
        return None
    try:
        content = read_bytes(path / FILE, RosterError)
        blocks = _unpack(content, key(path))
        about = parse_json(blocks["about"])
        arrays = {name: _array(name, blocks[name]) for name in _DTYPES}
        _check_about(about, arrays)
    except (RosterError, ValueError, LookupError, TypeError, RecursionError, zlib.error):
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
    head = parse_json(content[start:end])
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
    if head["sha256"] != _digest(blocks):
        raise ValueError(f"{FILE} holds other numbers than it was written with")
    return blocks


def _digest(blocks: Mapping[str, bytes]) -> str:
    """Hash what the blocks hold, the sources' key aside."""
    digest = hashlib.sha256()
    for name in ("about", *_DTYPES):
        digest.update(f"{name} {len(blocks[name])}\n".encode())
        digest.update(blocks[name])
    return digest.hexdigest()


def _check_about(about: Any, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Check that the columns for people have a value for each row of the arrays.

    Raises:
        ValueError: if they have not, or one is missing.
    """
    for table, columns in COLUMNS.items():
        rows = len(about["schools"]["name"] if table == "schools" else arrays[table])
        if set(about[table]) != set(columns):
            raise ValueError(f"{FILE}: {table} has columns {', '.join(about[table])}")
        for name in columns:
            column = about[table][name]
            if not isinstance(column, list) or len(column) != rows:
                raise ValueError(f"{FILE}: {table} has no {name} for each of its {rows} rows")
    known = set(about["characters"]["name"])
    for name, members in about["splits"].items():
        if not set(members) <= known:
            raise ValueError(f"{FILE}: split {name} has an unknown character")


def _array(name: str, block: bytes) -> NDArray[Any]:
    array = np.frombuffer(block, _DTYPES[name])
    return array.reshape(-1, _COLUMNS[name]) if name in _COLUMNS else array
