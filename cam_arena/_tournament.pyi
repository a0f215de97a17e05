"""Duels between bots from a list, played without Python."""

from typing import Any, Final

from numpy.typing import NDArray

from . import _core

SOURCES: Final[tuple[str, ...]]  # of damage, by CAM_SOURCE

def play(
    data: _core.Data,
    games: NDArray[Any],  # _core.DTYPES["game"], shape (G,)
    results: NDArray[Any],  # _core.DTYPES["result"], shape (G,); rows start..stop are written
    start: int = 0,
    stop: int = -1,  # -1: to the end
    *,
    frame_skip: int = 3,
    max_ticks: int = 1800,
) -> None:
    """Play games start..stop to their ends, without the GIL.

    A result depends on its game alone: threads may share the list as long as their slices do not
    overlap. Fighters carry one scroll and one companion, each their own.
    """
