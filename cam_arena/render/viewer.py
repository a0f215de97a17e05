"""The viewer: one call draws a match's state, into a window or an array."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np
import pygame
from numpy.typing import NDArray

from ..roster import Roster
from .appearance import Appearance
from .backdrop import Backdrop
from .camera import Camera
from .frame import FighterFrame, Frame, State, read_frame
from .history import History
from .hud import Hud
from .overlay import draw_boxes, draw_meter
from .scene import Scene
from .window import Window

__all__ = ["MODES", "Viewer"]

MODES: Final = ("human", "rgb_array")
_DESIGN_WIDTH: Final = 960  # pixels; a smaller picture is drawn this wide and shrunk
_SMALLEST: Final = (160, 90)
_STRIKE_REST: Final = 6  # ticks a last strike stays in the picture after the match


class Viewer:
    """Draws states of matches.

    `rgb_array` needs no display: it draws into memory. `human` opens a window at the first drawing,
    keeps real time and takes the window's events; when the user closes it, `is_closed` becomes
    true and later drawings do nothing.

    The picture depends on the state and on the states drawn before it (numbers that fade, the
    camera's way), never on the clock on the wall.

    Args:
        mode: "human" or "rgb_array".
        roster: what the states' characters are from.
        size: width and height of the picture, pixels; 160 x 90 at least.
        show_boxes: draw hurt boxes, bodies and active hits.
        fps: drawings per second of a window; it waits if they come faster. 0 never waits.

    Raises:
        ValueError: if mode or size is not allowed.
    """

    def __init__(
        self,
        mode: Literal["human", "rgb_array"],
        roster: Roster,
        size: tuple[int, int] = (960, 540),
        show_boxes: bool = False,
        fps: float = 30,
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"render_mode must be one of {', '.join(MODES)}, got {mode!r}")
        if size[0] < _SMALLEST[0] or size[1] < _SMALLEST[1]:
            raise ValueError(
                f"size must be at least {_SMALLEST[0]} x {_SMALLEST[1]} pixels, "
                f"got {size[0]} x {size[1]}"
            )
        self.mode = mode
        self.show_boxes = show_boxes
        self.show_meter = show_boxes
        self.fps = fps
        self.is_closed = False
        self.is_still = False
        """Whether fighters stand still after the match too."""
        wide = max(size[0], _DESIGN_WIDTH)
        self.surface = pygame.Surface((wide, round(wide * size[1] / size[0])))
        self.events: list[pygame.event.Event] = []
        self._size = size
        self._roster = roster
        self._camera = Camera(*self.surface.get_size())
        self._scene = Scene(roster)
        self.hud = Hud(roster, self._scene.looks, self.surface.get_size())
        self._history = History(roster)
        self._backdrop: Backdrop | None = None
        self._seed = -1
        self._window: Window | None = None
        self._due = 0.0
        self._after = 0  # drawings since the match ended

    @property
    def window(self) -> pygame.Window | None:
        """The open window in mode `human`, whose title, size and place a program may change."""
        return None if self._window is None else self._window.window

    @property
    def looks(self) -> Sequence[Appearance]:
        """What each character of the roster looks like, by index."""
        return self._scene.looks

    def draw(
        self, state: np.void | NDArray[Any], labels: tuple[str, ...] = ("fighter_0", "fighter_1")
    ) -> NDArray[np.uint8] | None:
        """Draw a state.

        Args:
            state: one record of `_core.DTYPES["state"]`; it is not changed.
            labels: a name for each fighter, such as its policy's.

        Returns:
            uint8 of shape (H, W, 3) in mode `rgb_array`, None in mode `human`.

        Raises:
            ValueError: if the state is no such record.
            MatchError: if a window is wanted and none can be opened.
        """
        if self.is_closed:
            return None
        self.paint(read_frame(state, self._roster), labels)
        if self.mode == "human":
            self.show()
            return None
        return self.pixels()

    def paint(self, frame: Frame, labels: tuple[str, ...]) -> None:
        """Draw a frame onto `surface`, without showing it."""
        if frame.is_over:
            frame = self._linger(frame)
        else:
            self._after = 0
        self._history.update(frame)
        if self._backdrop is None or self._seed != frame.seed:
            self._backdrop, self._seed = Backdrop(self.surface.get_size(), frame.seed), frame.seed
        xs = [f.x for f in frame.fighters]
        top = max(f.z + f.height for f in frame.fighters)
        self._camera.follow(min(xs), max(xs), top, self._history.elapsed)
        shake = self._history.shake if self._history.shake > 0.6 else 0.0
        self._camera.shake_x = shake * (1 if frame.tick % 2 else -1)
        self._camera.shake_y = 0.5 * shake * (1 if frame.tick // 2 % 2 else -1)
        self._backdrop.draw(self.surface, self._camera, frame.tick)
        self._scene.draw(self.surface, self._camera, frame, self._history, labels)
        if self.show_boxes:
            draw_boxes(self.surface, self._camera, frame)
        self.hud.draw(self.surface, frame, self._history, labels)
        if self.show_meter:
            draw_meter(self.surface, self._history)

    def _linger(self, frame: Frame) -> Frame:
        """Let a finished match, whose state stands still, go on for the eye: one tick a drawing."""
        if not self.is_still:
            self._after += 1
        after = max(0, self._after - 1)
        fighters = tuple(_rest(f, after) for f in frame.fighters)
        return replace(frame, tick=frame.tick + after, fighters=fighters)

    def show(self) -> None:
        """Bring `surface` to the window, read its `events`, and wait until the next is due.

        Raises:
            MatchError: if no window can be opened.
        """
        self.events = []
        if self.is_closed:
            return
        if self._window is None or self._window.is_lost:
            self._window = self._open_window()
        self.events = self._window.take_events()
        if any(event.type in (pygame.QUIT, pygame.WINDOWCLOSE) for event in self.events):
            self.close()
            return
        try:
            self._window.show(self.surface)
        except pygame.error:  # pygame's display was ended and begun again, which it tells nobody
            self._window = self._open_window()
            self._window.show(self.surface)
        self._keep_time()

    def _open_window(self) -> Window:
        self._due = time.monotonic()
        return Window("cam-arena", self._size)

    def pixels(self) -> NDArray[np.uint8]:
        """Return `surface` as a fresh uint8 array of shape (H, W, 3)."""
        image = self.surface
        if image.get_size() != self._size:
            image = pygame.transform.smoothscale(image, self._size)
        flat = np.frombuffer(bytearray(pygame.image.tobytes(image, "RGB")), np.uint8)
        return flat.reshape(self._size[1], self._size[0], 3)

    def close(self) -> None:
        """Close the window, if there is one. Closing twice does nothing."""
        self.is_closed = True
        if self._window is not None:
            self._window.close()
            self._window = None

    def _keep_time(self) -> None:
        if not self.fps:
            return
        self._due += 1.0 / self.fps
        left = self._due - time.monotonic()
        if left > 0:
            time.sleep(left)
        elif left < -0.5:  # the program was busy: do not hurry to catch up
            self._due = time.monotonic()


def _rest(fighter: FighterFrame, ticks: int) -> FighterFrame:
    """A fighter so many ticks after the match: it falls to the ground and stops striking."""
    fighter = replace(
        fighter,
        z=max(0, fighter.z - 8 * ticks * ticks),
        state_ticks=fighter.state_ticks + ticks,
        mark_age=fighter.mark_age + ticks,
        hitstop=max(0, fighter.hitstop - ticks),
        boxes=fighter.boxes if ticks < _STRIKE_REST else (),
        entities=fighter.entities if ticks < 4 * _STRIKE_REST else (),
    )
    if fighter.state == State.KO or ticks < 2 * _STRIKE_REST:
        return fighter
    return replace(fighter, state=State.NEUTRAL, move=-1, is_invulnerable=False)
