"""From sub-units of the stage to pixels: a camera that follows the fighters and comes closer."""

from dataclasses import dataclass, field
from typing import Final

__all__ = ["Camera"]

_NEAR_Y: Final = -2048.0
_FAR_SHRINK: Final = 0.30  # a body at the back of the stage is this much smaller than in front
_DEPTH: Final = 4096.0
_REACH: Final = 7000.0  # su from the middle of the stage to the furthest x that may be shown


@dataclass(slots=True)
class Camera:
    """A perspective projection. Units: su in, pixels of the picture out."""

    width: int
    height: int
    x: float = 0.0
    zoom: float = 1.0
    shake_x: float = 0.0
    shake_y: float = 0.0
    _unit: float = field(init=False)

    def __post_init__(self) -> None:
        """Choose a scale at which zoom 1 shows the whole stage."""
        self._unit = self.width / (2.0 * _REACH)

    def follow(self, left: float, right: float, top: float, ticks: float) -> None:
        """Move towards a view of `left` to `right` and up to `top`; jump if `ticks` is negative."""
        wide = 2.0 * _REACH / (right - left + 4600.0)
        high = 0.72 * self.height / (self._unit * (top + 600.0))
        zoom = max(1.0, min(1.6, wide, high))
        half = _REACH / zoom
        x = max(-_REACH + half, min(_REACH - half, (left + right) / 2.0))
        share = 1.0 if ticks < 0 else 1.0 - 0.88**ticks
        self.x += (x - self.x) * share
        self.zoom += (zoom - self.zoom) * share

    def scale(self, y: float) -> float:
        """Pixels per su at depth `y`."""
        return self._unit * self.zoom * self._near(y)

    def ground(self, y: float) -> float:
        """Screen row of the floor at depth `y`."""
        front = self.height * 0.895
        rise = self.height * 0.70 * (1.0 - self._near(y)) / _FAR_SHRINK * 0.36
        return front - rise * (0.75 + 0.25 * self.zoom) + self.shake_y

    def point(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Pixel of a point of the stage."""
        scale = self.scale(y)
        return (self.width / 2.0 + (x - self.x) * scale + self.shake_x, self.ground(y) - z * scale)

    def _near(self, y: float) -> float:
        far = (y - _NEAR_Y) / _DEPTH
        return 1.0 / (1.0 + far * _FAR_SHRINK / (1.0 - _FAR_SHRINK))
