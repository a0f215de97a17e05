"""Files that are there whole or not at all: written beside their place, then renamed into it."""

import json
import os
from pathlib import Path

__all__ = ["write_json", "write_whole"]


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader, or a run that is killed here, never sees half of it.

    Args:
        path: the file; what stood there before is replaced.
        content: text becomes UTF-8.
    """
    partial = path.with_name(f".tmp-{os.getpid()}-{path.name}")
    try:
        with partial.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())  # else a power cut may leave the new name with nothing in it
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_json(path: Path, document: object, *, indent: int | None = 1) -> None:
    """Write a document as `write_whole` does.

    Raises:
        TypeError: if it holds what JSON does not know.
    """
    write_whole(path, json.dumps(document, indent=indent))
