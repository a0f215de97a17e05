"""A match in words: what an agent sees as a few lines, and actions as it may write them."""

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from .._core import NUM_ACTIONS, NUM_BUTTONS
from ..roster.codes import Button, Direction, Effect
from .actions import action_name, drop_unread_direction

if TYPE_CHECKING:
    from ..roster import Roster

__all__ = ["CHARACTERS", "MAX_LENGTH", "describe", "parse_text_action", "text_action"]

MAX_LENGTH: Final = 12_000
"""Characters of a description at most."""

CHARACTERS: Final = "\n" + "".join(chr(code) for code in range(32, 127))
"""What a description may be made of: printable ASCII and line ends."""

_DIRECTION_WORDS: Final = {
    Direction.NONE: "",
    Direction.E: "forward",
    Direction.NE: "forward away",
    Direction.N: "away",
    Direction.NW: "back away",
    Direction.W: "back",
    Direction.SW: "back near",
    Direction.S: "near",
    Direction.SE: "forward near",
}
_BUTTON_WORDS: Final[dict[Button, str]] = {
    button: button.name.lower().replace("_", " ") for button in Button if button is not Button.NONE
}
_STATES: Final = (
    "free", "walking", "starting {move}", "striking with {move}", "recovering from {move}",
    "holding {move}", "stunned", "launched", "off the wall", "knocked down", "rising",
    "grabbed", "frozen", "guarding a hit", "slipped away", "beaten",
)  # fmt: skip
_BODY: Final = 1024  # su
_SPARK: Final = 4000  # milli quarters in a spark
_TICKS_PER_SECOND: Final = 30


def text_action(action: int) -> str:
    """Return an action in words, such as `forward away skill1`, `back` or `idle`.

    Directions are the agent's own: `forward` leads from its start to the opponent's, `away` from
    the viewer, `near` towards the viewer.

    Args:
        action: an id 0..107 of the common actions.

    Raises:
        ValueError: if the id is out of range.
    """
    action_name(action)  # raises
    direction, button = Direction(action // NUM_BUTTONS), Button(action % NUM_BUTTONS)
    words = (_DIRECTION_WORDS[direction], _BUTTON_WORDS.get(button, ""))
    return " ".join(filter(None, words)) or "idle"


_BY_TEXT: Final = {text_action(action): action for action in range(NUM_ACTIONS)} | {
    action_name(action).lower().replace("+", " ").replace("_", " "): action
    for action in range(NUM_ACTIONS)
}


def parse_text_action(
    text: str,
    action_mask: NDArray[np.integer],
    action_space: str = "discrete",
    own_actions: NDArray[np.integer] | None = None,
) -> int | NDArray[np.int64]:
    """Return the action that a text names: what `text_action` wrote, or `NE+skill1`.

    Case, commas, hyphens, `+` and `_` do not matter, and neither does the order of the words. A
    direction that the button does not read is dropped: `forward attack` attacks.

    Args:
        text: an action in words.
        action_mask: the agent's mask at present, which tells what a button reads.
        action_space: of the env; what is returned is of this space.
        own_actions: with `own`, the agent's table, `env.own_actions(agent)`.

    Returns:
        An id, with `multi_discrete` an array of direction and button. An action that is illegal
        with any direction is returned as it was named.

    Raises:
        TypeError: if text is no string, or the table is missing.
        ValueError: if it names no action, or none that the agent owns, or the mask is of another
            action space.
    """
    if not isinstance(text, str):
        raise TypeError(f"an action in words is a string, got {text!r}")
    action = _find(text)
    if action_space == "multi_discrete":
        return np.array(divmod(action, NUM_BUTTONS), np.int64)  # the simulation drops it
    if action_space == "own" and own_actions is None:
        raise TypeError('action_space="own" needs own_actions: env.own_actions(agent)')
    owned = np.arange(NUM_ACTIONS) if action_space != "own" else np.asarray(own_actions)
    mask = np.asarray(action_mask)
    if mask.ndim != 1 or len(mask) < len(owned):
        raise ValueError(
            f"action_mask must have {len(owned)} entries, one for each action, "
            f"got shape {mask.shape}; give the agent's own mask"
        )
    is_owned, is_legal = np.zeros((2, NUM_ACTIONS), np.int8)
    is_owned[owned], is_legal[owned] = 1, mask[: len(owned)]
    action = drop_unread_direction(drop_unread_direction(action, is_owned), is_legal)
    if not is_owned[action]:
        raise ValueError(f"{text_action(action)!r} is no action of this fighter")
    return int(np.flatnonzero(owned == action)[0])


def _find(text: str) -> int:
    plain = text.lower()
    for mark in "+-_,.\"'":
        plain = plain.replace(mark, " ")
    words = plain.split()
    for known in (" ".join(words), " ".join(_sorted_words(words))):
        if known in _BY_TEXT:
            return _BY_TEXT[known]
    close = difflib.get_close_matches(" ".join(words), _BY_TEXT, n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    raise ValueError(
        f"{text!r} is no action; {guess}an action is a direction (forward, back, away, near, "
        f"forward away, ...), a button ({', '.join(_BUTTON_WORDS.values())}), both, or idle"
    )


def _sorted_words(words: list[str]) -> list[str]:
    """Put the words of a direction before those of a button."""
    order = {"forward": 0, "back": 0, "away": 1, "near": 1}
    return sorted(words, key=lambda word: order.get(word, 2))


def describe(
    state: np.void,
    roster: "Roster",
    seat: int,
    action_mask: NDArray[np.int8],
    *,
    is_public: bool = False,
) -> str:
    """Return what an agent sees in words: lines for time, itself, the others and entities.

    Places are in bodies (1024 su): x grows forward, from the agent's start to the opponent's, y
    away from the viewer, z up. The last line lists every legal action as `text_action` writes it.

    Args:
        state: one record of `_core.state_dtype`, as the seat sees it.
        roster: what its characters are from.
        seat: whose eyes. Of several allies or opponents each has its number.
        action_mask: int8, shape (108,); 1 is legal.
        is_public: leave out what the opponent would not show.
    """
    own = state["fighters"][seat]
    others = _others(state["fighters"], seat)
    mirror = -1 if int(own["side"]) else 1
    clock = int(state["clock"])
    left = (int(state["max_ticks"]) - int(state["tick"])) / _TICKS_PER_SECOND
    lines = [
        f"time left {left:.1f} s",
        f"you: {_fighter(own, roster, clock, mirror)}, {_sparks(own)}",
        f"your buttons: {'; '.join(_buttons(own, roster, clock, is_secret=False))}",
    ]
    for name, other in others:
        is_secret = is_public and other["side"] != own["side"]
        sparks = "" if is_secret else f", {_sparks(other)}"
        lines += [
            f"{name}: {_fighter(other, roster, clock, mirror)}{sparks}",
            f"its buttons: {'; '.join(_buttons(other, roster, clock, is_secret=is_secret))}",
        ]
    for name, other in others:
        away = mirror * (int(other["x"]) - int(own["x"])) / _BODY
        depth = (int(other["y"]) - int(own["y"])) / _BODY
        lines.append(f"the {name} is {away:+.1f} forward, {depth:+.1f} away")
    for name, fighter in (("your", own), *((f"{name}'s", other) for name, other in others)):
        lines += [f"{name} {entity}" for entity in _entities(fighter, roster, own, mirror)]
    legal = [text_action(action) for action in np.flatnonzero(action_mask).tolist()]
    lines.append(f"legal: {', '.join(legal)}")
    return "\n".join(lines).encode("ascii", "replace").decode()[:MAX_LENGTH]


def _others(fighters: NDArray[np.void], seat: int) -> list[tuple[str, np.void]]:
    """Return all but one fighter by name, allies first; where one is alone it has no number."""
    found = []
    for name, is_ally in (("ally", True), ("opponent", False)):
        side = fighters["side"] == fighters["side"][seat]
        group = [k for k in np.flatnonzero(side == is_ally).tolist() if k != seat]
        for number, k in enumerate(group, 1):
            found.append((name if len(group) == 1 else f"{name} {number}", fighters[k]))
    return found


def _fighter(fighter: np.void, roster: "Roster", clock: int, mirror: int) -> str:
    character = roster.characters[int(fighter["character"])]
    share = int(fighter["hp"]) / int(roster.arrays["characters"]["max_hp"][character.index])
    place = (mirror * int(fighter["x"]), int(fighter["y"]), int(fighter["z"]))
    x, y, z = (part / _BODY for part in place)
    faces = "forward" if mirror * int(fighter["facing"]) > 0 else "back"
    move = int(fighter["move"])
    doing = _STATES[int(fighter["state"])].format(move=roster.moves[move].name if move >= 0 else "")
    effects = [
        effect.name.lower().replace("_", " ")
        for effect in Effect
        if int(fighter["effects"]) >> effect & 1
    ]
    extra = f", under {' and '.join(effects)}" if effects else ""
    if int(fighter["form"]):
        extra += ", in its other form"
    if int(fighter["invulnerable_until"]) > clock:
        extra += ", invulnerable"
    return (
        f"{character.name}, HP {share:.0%}, at x {x:+.1f} y {y:+.1f} z {z:.1f}, faces {faces}, "
        f"{doing}{extra}"
    )


def _sparks(fighter: np.void) -> str:
    return f"sparks {int(fighter['spark']) / _SPARK:.2f} of 4"


def _buttons(fighter: np.void, roster: "Roster", clock: int, *, is_secret: bool) -> Iterator[str]:
    """Yield each button's move and, unless that is secret, when it is ready and the calls left."""
    character = roster.characters[int(fighter["character"])]
    form = (character.form if int(fighter["form"]) else None) or {}
    moves = {**character.moves, **form}
    names = {
        button: moves[button.name.lower()].name
        for button in (Button.SKILL1, Button.SKILL2, Button.ULTIMATE, Button.TRAIT)
        if button.name.lower() in moves
    }
    if int(fighter["scroll"]) >= 0:
        names[Button.SCROLL] = roster.scrolls[int(fighter["scroll"])].name
    for slot, companion in enumerate(fighter["companions"].tolist()):
        if companion >= 0:
            names[Button(Button.COMPANION_A + slot)] = roster.companions[companion].name
    for button, name in sorted(names.items()):
        ready = "" if is_secret else f" {_readiness(fighter, button, clock)}"
        yield f"{_BUTTON_WORDS[button]} = {name}{ready}"
    if not is_secret:
        yield f"slip {_readiness(fighter, Button.SLIP, clock)}"


def _readiness(fighter: np.void, button: Button, clock: int) -> str:
    ticks = int(fighter["cooldown_until"][button]) - clock
    ready = "ready" if ticks <= 0 else f"in {ticks / _TICKS_PER_SECOND:.1f} s"
    slot = button - Button.COMPANION_A
    if 0 <= slot < len(fighter["calls_left"]):
        ready += f", {int(fighter['calls_left'][slot])} calls left"
    return f"({ready})"


def _entities(fighter: np.void, roster: "Roster", own: np.void, mirror: int) -> Iterator[str]:
    for entity in fighter["entities"]:
        kind = int(entity["type"])
        if kind < 0:
            continue
        away = mirror * (int(entity["x"]) - int(own["x"])) / _BODY
        depth = (int(entity["y"]) - int(own["y"])) / _BODY
        yield f"{roster.entity_types[kind].name}: {away:+.1f} forward, {depth:+.1f} away of you"
