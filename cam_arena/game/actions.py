"""The actions: nine directions times twelve buttons, their ids, masks and names."""

import operator
from typing import TYPE_CHECKING, Final, SupportsIndex

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from .. import _core
from .._core import NUM_ACTIONS, NUM_BUTTONS, NUM_DIRECTIONS
from ..roster.codes import Button, Direction

if TYPE_CHECKING:
    from ..roster import Roster

__all__ = [
    "ACTION_SPACES",
    "Action",
    "action_id",
    "action_name",
    "action_space",
    "action_tables",
    "drop_unread_direction",
    "factor_masks",
    "mask_size",
    "own_ids",
    "own_masks",
    "own_size",
    "own_size_error",
    "parse_action",
]

Action = SupportsIndex | NDArray[np.integer]
"""An id, or with `multi_discrete` an array of direction and button."""

ACTION_SPACES: Final = ("discrete", "multi_discrete", "own")

_NOT_OWNED: Final = NUM_ACTIONS  # no action's id: whoever takes it does nothing, and it is counted

_DIRECTION_MEANINGS: Final = {
    Direction.NONE: "no direction: stand still, or the plain form of a move",
    Direction.E: "forward at the start: to the right, as the fighter sees the stage",
    Direction.NE: "forward and away from the viewer",
    Direction.N: "away from the viewer",
    Direction.NW: "back and away from the viewer",
    Direction.W: "back at the start: to the left, as the fighter sees the stage",
    Direction.SW: "back and towards the viewer",
    Direction.S: "towards the viewer",
    Direction.SE: "forward and towards the viewer",
}
_BUTTON_MEANINGS: Final = {
    Button.NONE: "no press: walk in the direction, or hold a charge",
    Button.ATTACK: "next hit of the chain",
    Button.SKILL1: "first skill; has a cooldown",
    Button.SKILL2: "second skill; has a cooldown",
    Button.ULTIMATE: "ultimate; costs sparks",
    Button.SLIP: "leave a combo being taken, unseen and unharmed; costs a spark",
    Button.SCROLL: "the scroll brought into the match; has a cooldown",
    Button.COMPANION_A: "call the first companion; calls are counted",
    Button.COMPANION_B: "call the second companion, with loadout `trio`",
    Button.COMPANION_C: "call the third companion, with loadout `trio`",
    Button.TRAIT: "the character's trait, where it is one to be pressed",
    Button.RELEASE: "let a held charge go",
}


def action_id(direction: Direction | int, button: Button | int) -> int:
    """Return the id of pressing `button` while holding `direction`."""
    return Direction(direction) * NUM_BUTTONS + Button(button)


def action_name(action: int) -> str:
    """Return a name such as `NE+skill1`, `E` or `idle`.

    Raises:
        ValueError: if the id is out of range.
    """
    if not 0 <= action < NUM_ACTIONS:
        raise ValueError(f"action must be 0..{NUM_ACTIONS - 1}, got {action}")
    direction, button = Direction(action // NUM_BUTTONS), Button(action % NUM_BUTTONS)
    parts = [direction.name] if direction else []
    if button:
        parts.append(button.name.lower())
    return "+".join(parts) or "idle"


def action_space(kind: str, size: int = NUM_ACTIONS) -> spaces.Discrete | spaces.MultiDiscrete:
    """Return a fresh gymnasium space of one agent's actions.

    Args:
        kind: one of ACTION_SPACES.
        size: actions of the space, with `own`.
    """
    if kind == "multi_discrete":
        return spaces.MultiDiscrete([NUM_DIRECTIONS, NUM_BUTTONS])
    return spaces.Discrete(size)


def own_size(roster: "Roster", pool: NDArray[np.int32], *, trio: bool) -> int:
    """Return the most actions that a character of a pool owns with its own loadout."""
    batch = _core.Batch(roster.data, len(pool), trio=trio)
    for match, character in enumerate(pool.tolist()):
        batch.reset(match, 0, [character, character])
    masks = np.empty((len(pool), 2, NUM_ACTIONS), np.int8)
    batch.static_masks(masks)
    return int(masks[:, 0].sum(axis=-1, dtype=np.int64).max())


def own_ids(static_masks: NDArray[np.int8], size: int) -> NDArray[np.int32]:
    """Return the common ids of the actions that fighters own, in order; 108 fills the rest.

    Args:
        static_masks: int8, shape (N, 108).
        size: of the space they must fit.

    Returns:
        int32, shape (N, size).

    Raises:
        ValueError: if a fighter owns more than `size`.
    """
    ids = np.full((len(static_masks), size), _NOT_OWNED, np.int32)
    for row, mask in enumerate(static_masks):
        owned = np.flatnonzero(mask)
        if len(owned) > size:
            raise own_size_error(len(owned), size)
        ids[row, : len(owned)] = owned
    return ids


def own_size_error(owned: int, size: int) -> ValueError:
    """Return what to raise where a fighter owns more actions than its space holds."""
    return ValueError(
        f"a fighter of this match owns {owned} actions and its action space holds "
        f"{size}: make the env with its character in `characters` (and without other "
        'scrolls or companions at reset), or use action_space="discrete"'
    )


def own_masks(masks: NDArray[np.int8], ids: NDArray[np.int32]) -> NDArray[np.int8]:
    """Return what is legal of the actions that fighters own.

    Args:
        masks: int8, shape (..., 108).
        ids: int32, shape (..., n), from `own_ids`.

    Returns:
        int8, shape (..., n); 0 where there is no action.
    """
    padded = np.zeros((*masks.shape[:-1], NUM_ACTIONS + 1), np.int8)
    padded[..., :NUM_ACTIONS] = masks
    return np.take_along_axis(padded, ids, axis=-1)


def parse_action(
    action: object, agent: str, kind: str, own: NDArray[np.int32] | None = None
) -> int:
    """Return the common id of what an agent wants to do.

    Args:
        action: an integer of any kind, a 0-d integer array, or with `multi_discrete` two integers.
        agent: who acts; named in errors.
        kind: one of ACTION_SPACES.
        own: with `own`, the agent's row of `own_ids`.

    Raises:
        TypeError: if it is not made of integers.
        ValueError: if its shape is wrong or it is out of range.
    """
    if kind == "multi_discrete":
        pair = np.asarray(action)
        if pair.shape != (2,):
            raise ValueError(
                f"{agent}: action must be two integers, direction and button, got {action!r}"
            )
        direction = _integer(pair[0], agent, "direction", NUM_DIRECTIONS)
        return direction * NUM_BUTTONS + _integer(pair[1], agent, "button", NUM_BUTTONS)
    if own is not None:
        return int(own[_integer(action, agent, "action", len(own))])
    return _integer(action, agent, "action", NUM_ACTIONS)


def _integer(value: object, agent: str, what: str, size: int) -> int:
    if type(value) is not int:  # the common case pays nothing
        if isinstance(value, np.ndarray) and value.shape != ():
            raise ValueError(
                f"{agent}: {what} must be a single integer, got an array of shape {value.shape}"
            )
        if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
            raise TypeError(f"{agent}: {what} must be an integer, got {value!r}")
        try:
            value = operator.index(value)
        except TypeError as error:
            raise TypeError(f"{agent}: {what} must be an integer, got {value!r}") from error
    if not 0 <= value < size:
        raise ValueError(f"{agent}: {what} must be 0..{size - 1}, got {value}")
    return value


def drop_unread_direction(action: int, mask: NDArray[np.int8]) -> int:
    """Return an action that people mean when they hold a direction and press a button.

    Most buttons read no direction, and the mask allows them only without one. `multi_discrete`
    drops such a direction in the simulation; this does the same for who names actions by id.

    Args:
        action: an id 0..107.
        mask: int8, shape (108,); 1 is legal.

    Returns:
        Its button alone where only that is legal, else the action itself.
    """
    button = action % NUM_BUTTONS
    return button if mask[button] and not mask[action] else action


def mask_size(kind: str, size: int = NUM_ACTIONS) -> int:
    """Return how many entries an action mask has: 9 + 12 with `multi_discrete`, else `size`."""
    return NUM_DIRECTIONS + NUM_BUTTONS if kind == "multi_discrete" else size


def factor_masks(masks: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return which directions and which buttons are legal in some action.

    A direction that a button does not read is dropped, so any legal direction goes with any
    legal button.

    Args:
        masks: int8, shape (..., 108).

    Returns:
        int8, shape (..., 9 + 12), directions first.
    """
    joint = masks.reshape(*masks.shape[:-1], NUM_DIRECTIONS, NUM_BUTTONS)
    return np.concatenate([joint.max(axis=-1), joint.max(axis=-2)], axis=-1)


def action_tables() -> str:
    """Return the directions and buttons as two Markdown tables."""
    lines = ["| direction | name | meaning |", "| --: | --- | --- |"]
    lines += [f"| {d.value} | `{d.name}` | {_DIRECTION_MEANINGS[d]} |" for d in Direction]
    lines += ["", "| button | name | meaning |", "| --: | --- | --- |"]
    lines += [f"| {b.value} | `{b.name.lower()}` | {_BUTTON_MEANINGS[b]} |" for b in Button]
    return "\n".join(lines) + "\n"
