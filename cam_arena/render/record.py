"""Match videos: frames into an .mp4 or .gif file."""

import contextlib
import errno
import importlib
import os
import struct
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path
from types import ModuleType, TracebackType
from typing import IO, Final, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["FORMATS", "MOST_FPS", "Recorder"]

FORMATS: Final = (".mp4", ".gif")

MOST_FPS: Final = 50
"""Frames per second at most: players show a GIF's frame for two hundredths of a second or more."""


_GIF_COLOURS: Final = 255
_CLEAR: Final = 255  # the colour that lets the frame before show through


class Recorder:
    """Writes frames to a video file; use it in a `with` block.

    The frames go into a file beside `path`, which takes its place when the block is left, whatever
    has happened in it: an interrupted video holds what was drawn until then. Until then, and where
    nothing was drawn or the disk was full, an older file stays as it was.

    Args:
        path: where to; the ending chooses the format, .mp4 or .gif. Its directory is made.
        fps: frames per second of the video, over 0 and at most 50.

    Raises:
        ValueError: if the ending or fps is not allowed.
        ImportError: if Pillow, or for .mp4 imageio-ffmpeg, is not installed.
        OSError: if the file cannot be written.
    """

    def __init__(self, path: str | Path, fps: float) -> None:
        path = Path(path)
        kind = path.suffix.lower()
        if kind not in FORMATS:
            raise ValueError(
                f"a video's name must end in {' or '.join(FORMATS)}, got {str(path)!r}"
            )
        if not 0 < fps <= MOST_FPS:
            raise ValueError(f"fps must be over 0 and at most {MOST_FPS}, got {fps}")
        needed = _import(kind)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.num_frames = 0
        self._target = Path(os.path.realpath(path))  # a link stays one
        self._partial = self._target.with_name(f".tmp-{os.getpid()}-{path.name}")
        self._is_closed = False
        try:
            self._partial.touch()
        except OSError as error:
            raise type(error)(error.errno, error.strerror, str(path)) from None
        self._writer: _Gif | _Mp4 = (
            _Gif(self._partial, fps, needed)
            if kind == ".gif"
            else _Mp4(self._partial, fps, needed.get_ffmpeg_exe())
        )

    def add(self, pixels: NDArray[np.uint8]) -> None:
        """Append a frame, uint8 of shape (H, W, 3).

        Raises:
            OSError: if it cannot be written, as on a full disk. The video is given up.
        """
        try:
            self._writer.add(pixels)
        except OSError as error:
            raise self._give_up(error) from error
        self.num_frames += 1

    def close(self) -> None:
        """Finish the file; a second call does nothing.

        Raises:
            OSError: if it cannot be written.
        """
        if self._is_closed:
            return
        try:
            self._writer.close()
            if self.num_frames:
                self._partial.replace(self._target)
        except OSError as error:
            raise self._give_up(error) from error
        finally:
            self._is_closed = True
            self._partial.unlink(missing_ok=True)

    def _give_up(self, error: OSError) -> OSError:
        self._is_closed = True
        self._writer.stop()
        self._partial.unlink(missing_ok=True)
        return OSError(error.errno or errno.EIO, error.strerror or str(error), str(self.path))

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


class _Gif:
    """Frames of one GIF, each with its own colours. Only what has changed is written."""

    def __init__(self, path: Path, fps: float, image: ModuleType) -> None:
        self._image = image
        self._fps = Fraction(fps)
        self._file: IO[bytes] = path.open("wb")
        self._count = 0
        self._before: NDArray[np.uint8] | None = None

    def add(self, pixels: NDArray[np.uint8]) -> None:
        from PIL.GifImagePlugin import getdata

        height, width = pixels.shape[:2]
        if self._before is None:
            self._file.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0))
            self._file.write(b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")  # again and again
            box, kept = (0, 0, width, height), np.zeros((height, width), bool)
        else:
            kept = (pixels == self._before).all(axis=2)
            box = _changed(kept)
        left, top, right, bottom = box
        area = self._image.fromarray(pixels[top:bottom, left:right])
        area = area.quantize(_GIF_COLOURS, dither=self._image.Dither.NONE)
        indices = np.asarray(area).copy()
        indices[kept[top:bottom, left:right]] = _CLEAR
        shown = self._image.fromarray(indices, "P")
        shown.putpalette((area.getpalette() + [0] * 768)[:768])
        parts = getdata(
            shown,
            (left, top),
            duration=10 * (self._end(self._count + 1) - self._end(self._count)),
            include_color_table=True,
            transparency=_CLEAR,
            disposal=1,  # stays where the next frame writes nothing
        )
        self._file.write(b"".join(parts))  # at once: an interrupt leaves no half of a frame
        self._count += 1
        self._before = pixels.copy()

    def _end(self, count: int) -> int:
        """When so many frames are over, in hundredths of a second, the unit of a GIF."""
        return round(100 * count / self._fps)

    def close(self) -> None:
        with self._file:
            self._file.write(b";")

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()


class _Mp4:
    """Frames of one MP4, which ffmpeg encodes as they come."""

    def __init__(self, path: Path, fps: float, program: str) -> None:
        self._path, self._fps, self._program = path, Fraction(fps).limit_denominator(10**6), program
        self._process: subprocess.Popen[bytes] | None = None
        self._said = tempfile.TemporaryFile()

    def add(self, pixels: NDArray[np.uint8]) -> None:
        if self._process is None:
            self._process = self._start(*pixels.shape[1::-1])
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(pixels.tobytes())
        except BrokenPipeError as error:
            raise self._failure() from error

    def _start(self, width: int, height: int) -> "subprocess.Popen[bytes]":
        command = [self._program, "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"]
        command += ["-s", f"{width}x{height}", "-r", str(self._fps), "-fflags", "+discardcorrupt"]
        command += ["-i", "-", "-an", "-c:v", "h264", "-pix_fmt", "yuv420p"]
        command += ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-f", "mp4", str(self._path)]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            process_group=0,  # Ctrl-C is for this process, which then lets ffmpeg finish
        )

    def close(self) -> None:
        if self._process is None:
            self._said.close()
            return
        try:
            self._process.communicate()
        except BaseException:  # interrupted again: what is half done is of no use
            self.stop()
            raise
        if self._process.returncode:
            raise self._failure()
        self._said.close()

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._said.close()

    def _failure(self) -> OSError:
        """Say what ffmpeg said last."""
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        return OSError(errno.EIO, f"ffmpeg: {lines[-1]}" if lines else "ffmpeg has ended")


def _changed(kept: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is not kept; a single pixel if all is."""
    rows, columns = (np.flatnonzero(~kept.all(axis=axis)) for axis in (1, 0))
    if len(rows) == 0:
        return 0, 0, 1, 1
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _import(kind: str) -> ModuleType:
    """Return what writes such files: Pillow's Image, or imageio_ffmpeg with a program to run."""
    module, package = ("PIL.Image", "Pillow") if kind == ".gif" else ("imageio_ffmpeg",) * 2
    try:
        needed = importlib.import_module(module)
        if kind == ".mp4":
            needed.get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        raise ImportError(
            f"writing {kind} files needs {package.replace('_', '-')} ({error}): "
            "pip install 'cam-arena[video]'"
        ) from error
    return needed
