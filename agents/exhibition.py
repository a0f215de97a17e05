"""One match between two members, tick by tick, for windows and videos."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from cam_arena import Match, _core, bots
from cam_arena.game.match import DRAW
from cam_arena.game.options import TICKS_PER_SECOND
from cam_arena.render.watch import show
from cam_arena.roster import Roster

from .evaluate import Player
from .population.members import BotMember, load_member

WINDOW_SIZE = (960, 540)


def load_player(text: str, roster: Roster) -> Player:
    """Return the bot or the trained policy that a text names.

    Args:
        text: a bot such as `zoner:3`, or a directory that `load_member` reads.
        roster: of the match it is to play.

    Raises:
        ValueError: if it is neither.
        OtherRosterError: if the policy was trained on another roster.
        CheckpointError: if the directory holds no intact policy.
    """
    if Path(text).is_dir():
        return load_member(Path(text), roster=roster)
    name, _, _ = text.partition(":")
    return BotMember(name, bots.parse(text)[1])


def common_observation(players: Iterable[Player]) -> str:
    """Return the observation preset that a match of these players must have.

    Raises:
        ValueError: if their policies were trained on different ones.
    """
    known = (getattr(player, "observation", None) for player in players)  # bots see the match
    presets = {str(preset) for preset in known if preset is not None}
    if len(presets) > 1:
        raise ValueError(
            f"the policies see different observations, {', '.join(sorted(presets))}; "
            "a match shows both seats the same: take two that were trained alike"
        )
    return presets.pop() if presets else "full"


def play_ticks(
    match: Match, players: tuple[Player, Player], *, seed: int, frame_skip: int = 3
) -> Iterator[None]:
    """Play a match of `frame_skip` 1 and pause after every tick, for drawing.

    Members decide every `frame_skip` ticks, as in training, and meet the same match as there.

    Args:
        match: as `Match(..., frame_skip=1)` made it; it is begun anew.
        players: by seat.
        seed: of the match and of the members' draws.
        frame_skip: ticks between two decisions.

    Yields:
        Nothing, once before the first tick and once after each.
    """
    for seat, player in enumerate(players):
        if isinstance(player, BotMember):
            match.set_bot(seat, player.name)
    match.reset(seed)
    rng = np.random.default_rng(seed)
    yield
    while not match.is_over:
        actions = [_decide(player, match, seat, rng) for seat, player in enumerate(players)]
        for tick in itertools.takewhile(lambda _: not match.is_over, range(frame_skip)):
            # After the decision's tick the direction stays held, but the press is over.
            match.step(actions if tick == 0 else [a - a % _core.NUM_BUTTONS for a in actions])
            yield


def _decide(player: Player, match: Match, seat: int, rng: np.random.Generator) -> int:
    if isinstance(player, BotMember):
        return 0  # the simulation plays it
    chosen = player.act(match.observe(seat)[None], match.action_mask(seat)[None], rng=rng)
    return int(chosen[0])


def watch(
    match: Match,
    players: tuple[Player, Player],
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
        match: as for `play_ticks`.
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
    show(
        match,
        lambda seed: play_ticks(match, players, seed=seed, frame_skip=frame_skip),
        labels or (players[0].name, players[1].name),
        seed=seed,
        speed=speed,
        record=record,
        size=size,
        boxes=boxes,
        seconds=seconds,
    )
    return _caption(match)


def _caption(match: Match) -> str:
    names = [character.name for character in match.characters]
    result = {0: f"{names[0]} wins", 1: f"{names[1]} wins", DRAW: "a draw"}.get(
        match.winner, "stopped"
    )
    seconds = match.tick / TICKS_PER_SECOND
    return f"{names[0]} against {names[1]}, seed {match.seed}: {result} after {seconds:.1f} s."
