"""Files: written whole or not at all, and read as if a stranger had made them.

Every reader refuses what is damaged with one error that names the file and says why. None runs code
from a file, waits for a pipe, or takes much more memory than the file says it needs and has.
"""

import errno
import json
import math
import os
import stat
import struct
import tempfile
import tomllib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from .errors import ArenaError

__all__ = [
    "naming", "parse_json", "read_bytes", "read_json", "read_npz", "read_toml",
    "refusing", "write_json", "write_whole",
]  # fmt: skip

MAX_NPZ_BYTES: Final = 1 << 31
"""Of all arrays of a file, unpacked; one that asks for more is damaged."""
MAX_TOML_BYTES: Final = 1 << 24
"""The bundled roster has less than a tenth of it."""
_WRONG_CONTENT: Final = (
    LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip
"""What code raises that takes a value for what it is not."""


# ---- writing ----


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader, or a run that is killed here, never sees half of it.

    Args:
        path: the file; what stood there before is replaced.
        content: text becomes UTF-8.

    Raises:
        OSError: naming the file, if the disk refuses; what stood there before still does.
    """
    data = content.encode() if isinstance(content, str) else content
    target = Path(os.path.realpath(path))  # a link stays one
    partial = target.with_name(f".tmp-{os.getpid()}-{target.name}")
    with naming(path):
        if target.exists() and not target.is_file():  # a device, such as /dev/stdout
            target.write_bytes(data)
            return
        try:
            with partial.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # else a power cut may leave the new name with nothing
            partial.replace(target)
        except BaseException:
            with suppress(OSError):  # the first error says more
                partial.unlink(missing_ok=True)
            raise


def write_json(path: Path, document: object, *, indent: int | None = 1) -> None:
    """Write a document as `write_whole` does.

    Raises:
        TypeError: if it holds what JSON does not know.
        OSError: as of `write_whole`.
    """
    write_whole(path, json.dumps(document, indent=indent))


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an error of the system name the path that it was about; it names none, or a part."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def make_way(path: Path) -> None:
    """Make the folder of a file that will be written after long work: what fails, fails first.

    Raises:
        OSError: naming the file, if it cannot be written there.
    """
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.is_file() or not path.exists():  # else a device, such as /dev/stdout
            with tempfile.TemporaryFile(dir=Path(os.path.realpath(path)).parent):
                pass


# ---- reading ----


@contextmanager
def refusing(path: Path, what: str, error: type[ArenaError]) -> Iterator[None]:
    """Turn what goes wrong with the content of a file into an error that names it.

    Args:
        path: the file.
        what: it should be, such as "a plan"; may end with what to do.
        error: type to raise.
    """
    try:
        yield
    except _WRONG_CONTENT as problem:
        raise error(f"{path}: damaged, or not {what}: {_reason(problem)}") from problem


def read_bytes(path: Path, error: type[ArenaError], *, limit: int | None = None) -> bytes:
    """Read a file.

    Args:
        path: a regular file. A pipe or a device could make the reader wait for ever.
        error: type to raise.
        limit: bytes that it may have; None: any number.

    Raises:
        ArenaError: of the type given, naming the file, if it is missing, cannot be read or is no
            regular file.
    """
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise error(f"{path}: cannot be read: it is not a regular file")
            if limit is not None and status.st_size > limit:
                raise error(f"{path}: has {status.st_size} bytes; at most {limit} are read")
            return file.read()
    except (OSError, ValueError) as problem:  # ValueError: a name with a null character
        raise error(f"{path}: cannot be read: {_reason(problem)}") from problem


def read_json(path: Path, error: type[ArenaError]) -> Any:
    """Read a file of strict JSON.

    Raises:
        ArenaError: of the type given, naming the file, if it cannot be read, is not JSON in UTF-8,
            or holds a NaN or an infinity.
    """
    content = read_bytes(path, error)
    try:
        return parse_json(content)
    except (ValueError, RecursionError) as problem:
        raise error(f"{path}: not JSON, the file is damaged: {_reason(problem)}") from problem


def parse_json(content: str | bytes) -> Any:
    """Return what strict JSON holds.

    Raises:
        ValueError: if it is not JSON in UTF-8, or holds a NaN or an infinity.
        RecursionError: if it is nested too deeply.
    """
    text = content.decode() if isinstance(content, bytes) else content
    return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)


def read_toml(path: Path, error: type[ArenaError]) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ArenaError: of the type given, naming the file, if it cannot be read or is not TOML.
    """
    content = read_bytes(path, error, limit=MAX_TOML_BYTES)
    try:
        return tomllib.loads(content.decode().replace("\r\n", "\n"))
    except (ValueError, RecursionError) as problem:
        raise error(f"{path} is not valid TOML: {_reason(problem)}") from problem


def read_npz(path: Path, error: type[ArenaError]) -> dict[str, NDArray[Any]]:
    """Read the arrays of a .npz file; of numbers, booleans, text or records of them.

    Raises:
        ArenaError: of the type given, naming the file, if it cannot be read, is damaged, or holds
            Python objects.
    """
    content = read_bytes(path, error)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_NPZ_BYTES:
                raise ValueError(f"the arrays would take more than {MAX_NPZ_BYTES} bytes")
            return {
                entry.filename.removesuffix(".npy"): _array(archive, entry) for entry in entries
            }
    except (
        *_WRONG_CONTENT, OSError, EOFError, RuntimeError, SyntaxError, MemoryError,
        zipfile.BadZipFile, zlib.error, struct.error,
    ) as problem:  # fmt: skip
        raise error(f"{path}: damaged, or not a .npz file: {_reason(problem)}") from problem


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> NDArray[Any]:
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{entry.filename} is packed by method {entry.compress_type}")
    stream = BytesIO(archive.read(entry))
    version = npy.read_magic(stream)
    read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in read_header:
        raise ValueError(f"{entry.filename} is of version {version}")
    shape, is_fortran, dtype = read_header[version](stream)
    count, left = math.prod(shape), len(stream.getbuffer()) - stream.tell()
    if dtype.hasobject:
        raise ValueError(f"{entry.filename} holds Python objects")
    if min(shape, default=0) < 0 or count * dtype.itemsize != left:
        raise ValueError(f"{entry.filename} has {left} bytes for shape {shape} of {dtype}")
    array = np.frombuffer(stream.getbuffer(), dtype, count, stream.tell()).copy()
    return array.reshape(shape[::-1]).transpose() if is_fortran else array.reshape(shape)


def _open_at_once(path: str, flags: int) -> int:
    """Open a named pipe without waiting for its writer; Windows has no such files."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"it holds {name}")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"it holds {text}, which is no finite number")
    return value


def _reason(problem: BaseException) -> str:
    """Return an error as part of a line."""
    if isinstance(problem, RecursionError):
        return "it is nested too deeply"
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    is_told = isinstance(problem, ValueError | RuntimeError | zipfile.BadZipFile)
    text = str(problem) if is_told else f"{type(problem).__name__}: {problem}"
    return " ".join(text.split())[:300]
