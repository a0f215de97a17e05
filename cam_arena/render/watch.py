"""Two bots fight, in a window or into a video file."""

from pathlib import Path
from typing import Final

from ..game.match import Match
from ..game.options import Picks
from ..roster import Roster
from .record import Recorder
from .viewer import Viewer

__all__ = ["watch"]

TICKS_PER_SECOND: Final = 30
_LAST_LOOK_TICKS: Final = 75  # the winner's pose and the banner


def watch(
    left: str = "zoner:3",
    right: str = "punisher:3",
    characters: Picks = None,
    seed: int = 0,
    speed: float = 1.0,
    record: str | Path | None = None,
    boxes: bool = False,
    seconds: float | None = None,
    roster: str | Path | Roster | None = None,
) -> int:
    """Show a match between two bots.

    Args:
        left: bot of fighter_0, such as `zoner:3`.
        right: bot of fighter_1.
        characters: a name, a pair, a split such as `core8`, or None to draw both by the seed.
        seed: of the match.
        speed: 1 is real time; of a video too.
        record: write this .mp4 or .gif file and open no window.
        boxes: draw hurt boxes, active hits and the frame meter.
        seconds: stop after so many seconds of the match; None shows it to its end.
        roster: whose characters fight, or its directory; the bundled one by default.

    Returns:
        The winning seat, 2 for a draw, -1 if it was stopped before its end.

    Raises:
        ValueError: if a bot, a character, the speed or the file's ending is not allowed.
        ImportError: if a video is asked for and imageio is not installed.
    """
    if not 0.05 <= speed <= 20.0:
        raise ValueError(f"speed must be 0.05..20, got {speed}")
    match = Match(seed, frame_skip=1, characters=characters, roster=roster)
    match.set_bot(0, left)
    match.set_bot(1, right)
    match.reset(seed)
    fps = max(1, round(TICKS_PER_SECOND * speed))
    ticks = None if seconds is None else round(seconds * TICKS_PER_SECOND)
    viewer = Viewer(
        "human" if record is None else "rgb_array", match.roster, show_boxes=boxes, fps=fps
    )
    try:
        if record is None:
            _show(match, viewer, (left, right), ticks, None)
        else:
            with Recorder(record, fps) as recorder:
                _show(match, viewer, (left, right), ticks, recorder)
    finally:
        viewer.close()
    return match.winner


def _show(
    match: Match,
    viewer: Viewer,
    labels: tuple[str, str],
    ticks: int | None,
    recorder: Recorder | None,
) -> None:
    """Draw tick after tick to the end, to `ticks`, or until the window is closed."""
    drawn, rest = 0, _LAST_LOOK_TICKS
    while not viewer.is_closed and rest > 0 and (ticks is None or drawn < ticks):
        pixels = viewer.draw(match.state, labels)
        if recorder is not None and pixels is not None:
            recorder.add(pixels)
        drawn += 1
        if match.is_over:
            rest -= 1
        else:
            match.step([0, 0])
