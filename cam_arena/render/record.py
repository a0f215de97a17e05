"""Match videos: frames into an .mp4 or .gif file."""

import importlib
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["FORMATS", "Recorder"]

FORMATS: Final = (".mp4", ".gif")


class Recorder:
    """Writes frames to a video file; use it in a `with` block.

    Args:
        path: where to; the ending chooses the format, .mp4 or .gif. Its directory is made.
        fps: frames per second of the video.

    Raises:
        ValueError: if the ending is another.
        ImportError: if imageio, or for .mp4 its ffmpeg plugin, is not installed.
    """

    def __init__(self, path: str | Path, fps: int) -> None:
        path = Path(path)
        if path.suffix.lower() not in FORMATS:
            raise ValueError(
                f"a video's name must end in {' or '.join(FORMATS)}, got {str(path)!r}"
            )
        try:
            import imageio.v2 as imageio

            if path.suffix.lower() == ".mp4":
                importlib.import_module("imageio_ffmpeg")
        except ImportError as error:
            raise ImportError(
                f"writing {path.suffix} files needs imageio: pip install 'cam-arena[video]'"
            ) from error
        path.parent.mkdir(parents=True, exist_ok=True)
        settings: dict[str, Any] = (
            {"fps": fps, "macro_block_size": 2}
            if path.suffix.lower() == ".mp4"
            else {"duration": 1000 / fps, "loop": 0}
        )
        self.path = path
        self.num_frames = 0
        self._writer = imageio.get_writer(path, **settings)

    def add(self, pixels: NDArray[np.uint8]) -> None:
        """Append a frame, uint8 of shape (H, W, 3)."""
        self._writer.append_data(pixels)
        self.num_frames += 1

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()

    def __enter__(self) -> Self:
        """Return the recorder."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file, whatever has happened."""
        self.close()
