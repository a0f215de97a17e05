"""One match between two members, tick by tick, for windows and videos."""

from pathlib import Path

from cam_arena import Match
from cam_arena.game.match import DRAW
from cam_arena.game.options import TICKS_PER_SECOND
from cam_arena.opponents import OpponentWord, resolve
from cam_arena.render.watch import show
from cam_arena.seated import Seated, play_ticks

WINDOW_SIZE = (960, 540)


def watch(
    match: Match,
    players: tuple[OpponentWord, OpponentWord],
    *,
    seed: int,
    labels: tuple[str, str] | None = None,
    speed: float = 1.0,
    record: Path | None = None,
    size: tuple[int, int] = WINDOW_SIZE,
    boxes: bool = False,
    seconds: float | None = None,
    frame_skip: int = 3,
) -> str:
    """Show a match in a window, or write it to a file without a display.

    Args:
        match: as for `cam_arena.seated.play_ticks`.
        players: by seat.
        seed: of the match; in a window, the key for another match takes the next one.
        labels: shown beside the characters' names; the players' names by default.
        speed: 1 is real time.
        record: an .mp4 or .gif file to write instead of opening a window.
        size: of the picture, pixels.
        boxes: draw hurt boxes, hits and the frame meter.
        seconds: of the match to show; None shows it to its end.
        frame_skip: ticks between two decisions; every tick is drawn.

    Returns:
        One sentence on what was shown.

    Raises:
        ValueError: if the speed or the seconds are out of range.
        OSError: if the video cannot be written.
    """
    seats = [
        Seated(match, seat, [resolve(player, match.roster)]) for seat, player in enumerate(players)
    ]
    show(
        match,
        lambda seed: play_ticks(match, seats, seed=seed, frame_skip=frame_skip),
        labels or (seats[0].name, seats[1].name),
        seed=seed,
        speed=speed,
        record=record,
        size=size,
        boxes=boxes,
        seconds=seconds,
    )
    return _caption(match, labels or (seats[0].name, seats[1].name))


def _caption(match: Match, labels: tuple[str, str]) -> str:
    names = [character.name for character in match.characters]
    who = names
    if names[0] == names[1]:
        sides = ("the left one", "the right one")
        who = list(labels if labels[0] != labels[1] else sides)
    result = {0: f"{who[0]} wins", 1: f"{who[1]} wins", DRAW: "a draw"}.get(match.winner, "stopped")
    seconds = match.tick / TICKS_PER_SECOND
    return f"{names[0]} against {names[1]}, seed {match.seed}: {result} after {seconds:.1f} s."
