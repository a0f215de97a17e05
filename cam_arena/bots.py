"""The scripted opponents: names, levels and what each does. They run inside the simulation."""

from typing import Final

from ._core import BOTS, MAX_BOT_LEVELS
from .roster.naming import nearest

__all__ = [
    "DEFAULT_LEVEL",
    "LEVELLED",
    "LEVELS",
    "YARDSTICK",
    "describe",
    "levels",
    "looks_ahead",
    "names",
    "parse",
]

LEVELS: Final = range(1, 6)
"""Those of every bot: 1 reacts late and errs often; 5 reacts fast and does not err. Who looks ahead
has more, see `levels`."""

DEFAULT_LEVEL: Final = 3

LEVELLED: Final = ("masher", "walker", "zoner", "punisher", "baiter", "planner", "mcts")
"""The bots whose strength rises with their level; to the others it means nothing."""

YARDSTICK: Final = (
    "punisher:5", "planner:5", "mcts:5", "mcts:6", "planner:6", "mcts:7", "planner:7", "mcts:8",
    "planner:8",
)  # fmt: skip
"""What is hard to beat: the best that react, then those that look ahead, level after level."""

_DESCRIPTIONS: Final = {
    "idle": "does nothing",
    "random": "picks among its legal actions at random",
    "masher": "walks at the opponent and attacks with whatever is ready",
    "walker": "moves in depth out of the opponent's lane and punishes what misses",
    "zoner": "keeps its distance and attacks from there",
    "punisher": "waits, and attacks only while the opponent recovers",
    "baiter": "shows light strings to draw the slip, then commits while it recovers",
    "planner": "keeps ultimate and companions for the time after a slip or a missed skill; beyond "
    "level 5 tries ways to play out on copies of the match, and learns whom it faces",
    "mcts": "tries its actions out on copies of the match before every decision",
    "openloop": "plays a script by the clock, whatever happens; levels change nothing",
}


def names() -> tuple[str, ...]:
    """Return the bots' names."""
    return tuple(_DESCRIPTIONS)


def levels(name: str) -> range:
    """Return the levels of a bot; one that looks ahead has more than the others.

    Raises:
        ValueError: if there is no such bot.
    """
    parse(name)
    return range(1, MAX_BOT_LEVELS[name] + 1)


def looks_ahead(bot: str) -> bool:
    """Return whether a bot, such as `planner:6`, plays ahead on copies of the match.

    Its decisions take about a hundred times as long as those of others.

    Raises:
        ValueError: if there is no such bot or level.
    """
    kind, level = parse(bot)
    return kind == BOTS["mcts"] or level > LEVELS[-1]


def describe(name: str) -> str:
    """Return one sentence on what a bot does.

    Raises:
        ValueError: if there is no such bot.
    """
    parse(name)
    return _DESCRIPTIONS[name.partition(":")[0]]


def parse(bot: str) -> tuple[int, int]:
    """Return the kind and the level that a text such as `zoner:3` or `zoner` names.

    Raises:
        ValueError: if there is no such bot or level.
    """
    name, colon, level = bot.partition(":")
    if name not in _DESCRIPTIONS:
        near = nearest(name, names(), cutoff=0.6)
        hint = f"did you mean {near!r}? The" if near else "the"
        raise ValueError(f"there is no bot {name!r}; {hint} bots are {', '.join(names())}")
    if not colon:
        return BOTS[name], DEFAULT_LEVEL
    if not level.isdecimal() or not 1 <= int(level) <= MAX_BOT_LEVELS[name]:
        raise ValueError(
            f"bot {bot!r}: the level must be 1..{MAX_BOT_LEVELS[name]}, as in '{name}:3'"
        )
    return BOTS[name], int(level)
