"""The actions: nine directions times twelve buttons, their ids, masks and names."""

import operator
from typing import Final, SupportsIndex

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from .._core import NUM_ACTIONS, NUM_BUTTONS, NUM_DIRECTIONS
from ..roster.codes import Button, Direction

__all__ = [
    "ACTION_SPACES",
    "Action",
    "action_id",
    "action_name",
    "action_space",
    "action_tables",
    "factor_masks",
    "mask_size",
    "parse_action",
]

Action = SupportsIndex | NDArray[np.integer]
"""An id, or with `multi_discrete` an array of direction and button."""

ACTION_SPACES: Final = ("discrete", "multi_discrete")

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


def action_space(kind: str) -> spaces.Discrete | spaces.MultiDiscrete:
    """Return a fresh gymnasium space of one agent's actions; `kind` is one of ACTION_SPACES."""
    if kind == "multi_discrete":
        return spaces.MultiDiscrete([NUM_DIRECTIONS, NUM_BUTTONS])
    return spaces.Discrete(NUM_ACTIONS)


def parse_action(action: object, agent: str, kind: str) -> int:
    """Return the id of what an agent wants to do.

    Args:
        action: an integer of any kind, a 0-d integer array, or with `multi_discrete` two integers.
        agent: who acts; named in errors.
        kind: one of ACTION_SPACES.

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


def mask_size(kind: str) -> int:
    """Return how many entries an action mask has: 108, or 9 + 12 with `multi_discrete`."""
    return NUM_DIRECTIONS + NUM_BUTTONS if kind == "multi_discrete" else NUM_ACTIONS


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
