"""A run against named opponents: bots, policies and other runs, a win rate with each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cam_arena import bots
from cam_arena.cores import usable_cores
from cam_arena.errors import CheckpointError
from cam_arena.files import read_json, refusing, write_json

from .evaluate import Entrant, Player, character_pairs, tournament
from .evaluate_run import Trained, as_characters
from .intervals import wilson
from .population.members import BotMember
from .provenance import provenance

__all__ = ["FILE_NAME", "Against", "format_table", "load", "meet", "save"]

FILE_NAME = "opponents.json"
MAX_PAIRS = 64  # of characters, in which a run meets an opponent
LOOKING_AHEAD_GAMES = 4  # at most, per pair of characters: such games take a fifth of a second each
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Against:
    """What became of the games against one opponent."""

    opponent: str
    """as it was named."""
    win_rate: float
    """points a game, a draw half a point."""
    interval: tuple[float, float]
    """95 % Wilson, over games."""
    games: int


def meet(
    trained: Trained,
    opponents: Sequence[str],
    *,
    games: int,
    seed: int,
    report: Report | None = None,
) -> list[Against]:
    """Let a run play opponents, both sides drawing from its characters alike.

    Strong and weak characters cancel out: each is played by either side as often. A character is
    played by its specialist, on either side, where there is one.

    Args:
        trained: the run's policies.
        opponents: bots, or directories of policies or runs, which must see the same preset.
        games: per pair of characters; even. All pairs are met, or 64 where there are more. Bots
            that look ahead play 4 of these, if there are more.
        seed: of the games; the same starts against each opponent.
        report: told of the progress.

    Returns:
        A row for each opponent, in their order.

    Raises:
        ValueError: if `games` is odd, or an opponent sees another preset.
        CheckpointError: if an opponent's directory holds no policy of this roster.
    """
    own: dict[str, Player] = {
        name: trained.specialists.get(name, trained.shared) for name in trained.names
    }
    players = {word: as_characters(word, trained) for word in dict.fromkeys(opponents)}
    size = len(trained.names)
    pairs = character_pairs(range(size), MAX_PAIRS, seed=seed)
    rows = []
    for word, theirs in players.items():
        entrants = [
            Entrant(f"{side} {name}", members[name], trained.roster[name].index)
            for side, members in (("own", own), ("opponent", theirs))
            for name in trained.names
        ]
        table = tournament(
            entrants,
            games=min(games, LOOKING_AHEAD_GAMES) if _looks_ahead(theirs) else games,
            seed=seed,
            pairings=[(one, size + other) for one, other in pairs],
            options=trained.options,
            progress=None if report is None else lambda *done, word=word: report(word, *done),
            threads=usable_cores(),
        )
        points = float(table.points[:size].sum())
        played = int(table.games[:size].sum())
        rows.append(Against(word, points / played, wilson(points, played), played))
    return rows


def _looks_ahead(players: Mapping[str, Player]) -> bool:
    return any(
        isinstance(one, BotMember) and bots.looks_ahead(one.name) for one in players.values()
    )


def save(rows: Sequence[Against], trained: Trained, seed: int, directory: Path) -> Path:
    """Write `opponents.json` and return its path."""
    path = directory / FILE_NAME
    document = {
        "characters": trained.names,
        "seed": seed,
        "roster_id": trained.roster.id,
        "provenance": provenance(),
        "opponents": [asdict(row) for row in rows],
    }
    write_json(path, document)
    return path


def load(directory: Path) -> list[Against]:
    """Read what `save` wrote; nothing if it wrote nothing there.

    Raises:
        CheckpointError: if the file is damaged.
    """
    path = directory / FILE_NAME
    if not path.exists():
        return []
    document = read_json(path, CheckpointError)
    with refusing(path, "results against opponents", CheckpointError):
        return [_read(row) for row in document["opponents"]]


def _read(row: Mapping[str, Any]) -> Against:
    low, high = row["interval"]
    numbers = [float(value) for value in (row["win_rate"], low, high)]
    games = row["games"]
    if not all(0 <= number <= 1 for number in numbers) or type(games) is not int or games < 1:
        raise ValueError(f"a row is {dict(row)}")
    return Against(str(row["opponent"]), numbers[0], (numbers[1], numbers[2]), games)


def format_table(rows: Sequence[Against]) -> str:
    """Return the rows as a table for a terminal."""
    width = max(len("opponent"), *(len(row.opponent) for row in rows))
    lines = [f"{'opponent':<{width}}  win rate  95 % interval   games"]
    for row in rows:
        low, high = (100 * bound for bound in row.interval)
        lines.append(
            f"{row.opponent:<{width}}  {100 * row.win_rate:6.1f} %  {low:5.1f} to {high:5.1f}"
            f"  {row.games:6,}"
        )
    return "\n".join(lines)
