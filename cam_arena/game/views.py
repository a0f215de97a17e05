"""Views: how what an agent sees is made, for the presets that are no vector and those that are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from .. import _core
from .observations import VECTORS
from .options import Options
from .text import CHARACTERS, MAX_LENGTH, describe

if TYPE_CHECKING:
    from ..render.small import SmallPicture

__all__ = ["PixelView", "TextView", "View", "encoded_space", "make_view", "seen_space", "stacked"]

_SEATS: Final = (0, 1)
_CHANNELS: Final = 3


class View(Protocol):
    """Makes what agents see from the states as they see them."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of what one agent sees in one frame."""
        ...

    @property
    def dtype(self) -> Any:
        """Of numpy."""
        ...

    def look(
        self, batch: _core.Batch, match: int, masks: NDArray[np.int8], seats: Sequence[int] = _SEATS
    ) -> NDArray[Any]:
        """Return what some agents of a match see, shape (len(seats), *shape).

        Args:
            batch: the matches.
            match: which one.
            masks: int8, shape (A, 108): what is legal now.
            seats: who looks.
        """
        ...


class PixelView:
    """Pictures, uint8 of shape (H, W, 3)."""

    def __init__(self, options: Options) -> None:
        self.shape: tuple[int, ...] = (options.pixels[1], options.pixels[0], _CHANNELS)
        self.dtype: Any = np.uint8
        self._options = options
        self._painter: SmallPicture | None = None

    def look(
        self, batch: _core.Batch, match: int, masks: NDArray[np.int8], seats: Sequence[int] = _SEATS
    ) -> NDArray[Any]:
        """Draw what the agents see."""
        options = self._options
        if self._painter is None:
            from ..render.small import SmallPicture

            self._painter = SmallPicture(options.loaded_roster, options.pixels)
        is_public = options.information == "public"
        pictures = [
            self._painter.draw(_state(batch, match, seat), seat, is_public=is_public)
            for seat in seats
        ]
        return np.stack(pictures)


class TextView:
    """Descriptions, strings in an array of objects."""

    shape: tuple[int, ...] = ()
    dtype: Any = object

    def __init__(self, options: Options) -> None:
        self._options = options

    def look(
        self, batch: _core.Batch, match: int, masks: NDArray[np.int8], seats: Sequence[int] = _SEATS
    ) -> NDArray[Any]:
        """Describe what the agents see."""
        roster, is_public = self._options.loaded_roster, self._options.information == "public"
        out = np.empty(len(seats), dtype=object)
        for k, seat in enumerate(seats):
            state = _state(batch, match, seat)
            out[k] = describe(state, roster, seat, masks[seat], is_public=is_public)
        return out


def make_view(options: Options) -> View | None:
    """Return the view of a preset; None for one that is a vector, which the batch writes."""
    if options.observation in VECTORS:
        return None
    return PixelView(options) if options.observation == "pixels" else TextView(options)


def seen_space(options: Options) -> spaces.Box | spaces.Text:
    """Return the space of what one agent sees, all stacked frames together."""
    if options.observation == "text":
        return spaces.Text(MAX_LENGTH, min_length=1, charset=CHARACTERS)
    if options.observation == "pixels":
        width, height = options.pixels
        return spaces.Box(0, 255, (height, width, _CHANNELS * options.frame_stack), np.uint8)
    shape = (options.frame_stack * options.observation_size,)
    return spaces.Box(-1.0, 1.0, shape, np.float32)


def encoded_space(space: spaces.Box | spaces.Text, encoding: int) -> spaces.Box | spaces.Text:
    """Return the space of a vector in another type; see `_core.ENCODINGS`."""
    if encoding == 0 or not isinstance(space, spaces.Box):
        return space
    one, dtype = (1.0, np.float16) if encoding == 1 else (_core.INT16_ONE, np.int16)
    return spaces.Box(-one, one, space.shape, dtype)


def stacked(frames: NDArray[Any]) -> NDArray[Any]:
    """Return rows of frames as one array a row: vectors end to end, pictures by their channels.

    Args:
        frames: shape (rows, frame_stack, *shape), the present frame first.
    """
    if frames.shape[1] == 1:
        return frames[:, 0]
    if frames.ndim == 3:
        return frames.reshape(len(frames), -1)
    rows, stack, height, width, channels = frames.shape
    return frames.transpose(0, 2, 3, 1, 4).reshape(rows, height, width, stack * channels)


def _state(batch: _core.Batch, match: int, seat: int) -> np.void:
    state: np.void = np.frombuffer(batch.seen(match, seat), _core.state_dtype(batch.num_fighters))[
        0
    ]
    return state
