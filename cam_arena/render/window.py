"""A window of its own for each viewer; it leaves other windows and their events alone."""

from typing import Final
from weakref import WeakValueDictionary

import pygame

from ..errors import MatchError

__all__ = ["Window"]

_open: WeakValueDictionary[int, "Window"] = WeakValueDictionary()
"""The open windows by pygame's number. All windows of a process share one queue of events."""

_told: list[bool] = []
"""Not empty while pygame knows that it is to call `_close_all` before it ends."""

_KEPT: Final = 256  # events of others that wait in the queue, which nobody may ever read


class Window:
    """A window with a picture in it, and the events that are its own.

    pygame's display module, whose single window belongs to the program around us, is not used, and
    is never ended: other windows may live on it.

    Args:
        title: shown on the window.
        size: of its inside, pixels; its user may change it.

    Raises:
        MatchError: if no window can be opened.
    """

    def __init__(self, title: str, size: tuple[int, int]) -> None:
        try:
            pygame.display.init()
            if not _told:
                pygame.register_quit(_close_all)
                _told.append(True)
            self.window = pygame.Window(title, size, resizable=True)
            self._number = self.window.id
        except pygame.error as error:
            raise MatchError(
                f"no window can be opened ({error}); draw with mode 'rgb_array' where no display is"
            ) from error
        self._events: list[pygame.event.Event] = []
        self._is_open = True
        _open[self._number] = self

    @property
    def is_lost(self) -> bool:
        """Whether somebody has ended pygame's display module, and all windows with it."""
        try:
            lives = self._is_open and pygame.display.get_init()
            return not lives or self.window.id != self._number
        except pygame.error:
            return True

    def show(self, picture: pygame.Surface) -> None:
        """Fill the window with a picture.

        Raises:
            pygame.error: if somebody has ended the window.
        """
        surface = self.window.get_surface()
        if surface.get_size() == picture.get_size():
            surface.blit(picture, (0, 0))
        else:
            pygame.transform.smoothscale(picture, surface.get_size(), surface)
        self.window.flip()

    def take_events(self) -> list[pygame.event.Event]:
        """Return this window's events since the last call, oldest first."""
        _sort_events(self)
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        """Close the window; other windows stay."""
        if _open.get(self._number) is self:
            del _open[self._number]
        if not self.is_lost:
            self.window.destroy()
        self._is_open = False


def _close_all() -> None:
    """Close all windows: pygame is about to end, which would leave them at freed memory."""
    _told.clear()
    for window in list(_open.values()):
        window.close()


def _sort_events(reader: Window) -> None:
    """Give each open window its events, and put back what is for others."""
    foreign = []
    for event in pygame.event.get():
        if event.type == pygame.QUIT:  # the last window was closed, or the program is to end
            for window in _open.values():
                window._events.append(event)
            if pygame.display.get_surface() is None:
                continue
        owner = _owner(event, reader)
        if owner is None:
            foreign.append(event)
        else:
            owner._events.append(event)
    for event in foreign[-_KEPT:]:
        pygame.event.post(event)


def _owner(event: pygame.event.Event, reader: Window) -> Window | None:
    """Whose an event is. A key that a program posts names no window: whoever reads takes it."""
    window = getattr(event, "window", None)
    if window is None:
        return reader if event.type in (pygame.KEYDOWN, pygame.KEYUP) else None
    try:
        return _open.get(window.id)
    except pygame.error:  # that window is closed
        return None
