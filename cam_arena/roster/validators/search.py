"""Find what a character can do at best: a beam search over its legal presses, with snapshots."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..codes import Button, Direction
from .rig import CAPACITY, TICKS_PER_STEP, Rig

__all__ = ["ALL_BUTTONS", "HITS", "KIT", "Found", "Judgement", "action_line", "beam"]

KIT: Final = frozenset(
    {Button.NONE, Button.ATTACK, Button.SKILL1, Button.SKILL2, Button.TRAIT, Button.RELEASE}
)
"""Buttons of a character's own, without the ultimate."""

ALL_BUTTONS: Final = KIT | {Button.ULTIMATE, Button.SCROLL, Button.COMPANION_A}
"""All buttons of the usual loadout but the slip."""

HITS: Final = 0
"""Index in `CamFighter.counts` of the hits landed."""

_DIRECTIONS: Final = (Direction.NONE, Direction.E, Direction.W)
"""Directions tried: the dummy stands in the same depth, so the others only miss."""

_FREE: Final = 1  # the last state in which a fighter may walk
_MAX_STEPS: Final = 24  # of one decision
_WAIT_STEPS: Final = 2
_WALK_STEPS: Final = 2
_SHARE: Final = 12  # part of an opinion's room that states of one kind may take


@dataclass(frozen=True, eq=False)
class Judgement:
    """What a search thinks of its states; arrays of shape (states,) unless said."""

    value: NDArray[np.floating[Any]]
    """What is maximised."""
    promises: NDArray[np.floating[Any]]
    """What may still come of it, by several opinions, shape (opinions, states).

    The beam keeps the best of each opinion.
    """
    alive: NDArray[np.bool_]
    """Whether the state counts and is gone on from."""
    carry: NDArray[np.integer[Any]]
    """A number that the judgement of the next step is given."""


Judge = Callable[[NDArray[Any], NDArray[np.integer[Any]]], Judgement]


@dataclass(frozen=True)
class Found:
    """The best that a search came across."""

    value: float
    """Largest value; minus infinity if no state counted."""
    actions: tuple[int, ...]
    """The character's action at each step, from the start to that state."""
    state: bytes
    """The state."""


@dataclass(frozen=True, eq=False)
class _Children:
    """What became of states after a decision each; arrays and lists of length (children,)."""

    states: list[bytes]
    parents: NDArray[np.intp]
    actions: NDArray[np.intp]
    steps: NDArray[np.int64]
    judged: Judgement


def beam(
    rig: Rig,
    start: bytes,
    judge: Judge,
    *,
    buttons: frozenset[Button],
    decisions: int,
    width: int,
    enough: float = np.inf,
) -> Found:
    """Search from a start for the action line with the largest value.

    A decision is a press, a short walk or a wait; it lasts until the press has started and another
    is legal, or until something happens. Equal states count once, and no more than a share of the
    beam does the same thing, so that a slow but better line outlives a quick one.

    Args:
        rig: where the states live.
        start: first state.
        judge: rates states after every step, given what it carried from the step before (0 first).
        buttons: those the character may press.
        decisions: how many to look ahead.
        width: states kept after each decision.
        enough: a value at which the search stops.
    """
    allowed = np.zeros(_core.NUM_ACTIONS, bool)
    for direction in _DIRECTIONS:
        for button in buttons:
            allowed[direction * _core.NUM_BUTTONS + button] = True
    states = [start]
    carry: NDArray[np.integer[Any]] = np.zeros(1, np.int64)
    layers: list[_Children] = []
    best = Found(-np.inf, (), start)
    for _ in range(decisions):
        children, top = _decide(rig, states, carry, judge, allowed)
        if top.value > best.value:
            best = Found(top.value, (*_line(layers, top.actions[0]), *top.actions[1:]), top.state)
        keep = _select(rig, children, width)
        if best.value >= enough or not keep:
            break
        layers.append(_kept(children, keep))
        states, carry = layers[-1].states, layers[-1].judged.carry
    return best


def _decide(
    rig: Rig,
    states: Sequence[bytes],
    carry: NDArray[np.integer[Any]],
    judge: Judge,
    allowed: NDArray[np.bool_],
) -> tuple[_Children, Found]:
    """Try every decision in every state.

    Returns:
        The children, and the best step on the way to one of them: its actions are the index of the
        parent, then what was done since.
    """
    legal = (rig.masks(states) > 0) & allowed
    before = rig.view(states)["fighters"][:, 0]
    walking = np.array([direction * _core.NUM_BUTTONS for direction in _DIRECTIONS[1:]])
    legal[:, walking] &= (before["state"] <= _FREE)[:, None]
    presses = allowed.copy()
    presses[:: _core.NUM_BUTTONS] = False
    offered = _offered(legal & presses)
    parents, actions = (part[:CAPACITY] for part in np.nonzero(legal))
    is_press = actions % _core.NUM_BUTTONS > 0
    patience = np.where(is_press, _MAX_STEPS, np.where(actions > 0, _WALK_STEPS, _WAIT_STEPS))
    count = len(parents)
    kids = [states[parent] for parent in parents]
    carried = carry[parents].astype(np.int64)
    steps = np.zeros(count, np.int64)
    best, going = Found(-np.inf, (), b""), np.arange(count)
    parts: list[tuple[NDArray[np.intp], Judgement]] = []
    for step in range(_MAX_STEPS):
        now = np.where(is_press[going] & (step > 0), 0, actions[going])
        after, masks = rig.step([kids[k] for k in going], now)
        for k, state in zip(going.tolist(), after, strict=True):
            kids[k] = state
        records = rig.view(after)
        judged = judge(records, carried[going])
        carried[going] = judged.carry
        steps[going] += 1
        value = np.where(judged.alive, judged.value, -np.inf)
        top = int(value.argmax())
        if value[top] > best.value:
            k = int(going[top])
            edge = _edge(int(parents[k]), int(actions[k]), step + 1)
            best = Found(float(value[top]), edge, kids[k])
        own = records["fighters"][:, 0]
        open_now = _offered((masks > 0) & presses)
        started = (own["buffered_button"] == 0) & (open_now > 0)
        origin = parents[going]
        happens = (open_now != offered[origin]) | (
            own["counts"][:, HITS] != before["counts"][origin, HITS]
        )
        is_done = np.where(is_press[going], started, happens)
        is_done |= ~judged.alive | (step + 1 >= patience[going])
        parts.append((going[is_done], _pick(judged, is_done)))
        going = going[~is_done]
        if not len(going):
            break
    order = np.concatenate([part[0] for part in parts])
    children = _Children(
        [kids[k] for k in order], parents[order], actions[order], steps[order], _join(parts)
    )
    return children, best


def _offered(legal: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the buttons that may be pressed in each state, as bits."""
    by_button = legal.reshape(len(legal), -1, _core.NUM_BUTTONS).any(1)
    return by_button @ (1 << np.arange(_core.NUM_BUTTONS))


def _edge(parent: int, action: int, steps: int) -> tuple[int, ...]:
    """Return the parent, then the action of each step of a decision."""
    is_press = action % _core.NUM_BUTTONS > 0
    return (parent, action, *[0 if is_press else action] * (steps - 1))


def _line(layers: Sequence[_Children], at: int) -> list[int]:
    """Return the actions from the start to a state of the last layer."""
    line: list[int] = []
    for layer in reversed(layers):
        edge = _edge(int(layer.parents[at]), int(layer.actions[at]), int(layer.steps[at]))
        line[:0] = edge[1:]
        at = edge[0]
    return line


def _pick(judged: Judgement, which: NDArray[Any]) -> Judgement:
    return Judgement(
        judged.value[which], judged.promises[:, which], judged.alive[which], judged.carry[which]
    )


def _join(parts: Sequence[tuple[NDArray[np.intp], Judgement]]) -> Judgement:
    judged = [part[1] for part in parts]
    return Judgement(
        np.concatenate([j.value for j in judged]),
        np.concatenate([j.promises for j in judged], axis=1),
        np.concatenate([j.alive for j in judged]),
        np.concatenate([j.carry for j in judged]),
    )


def _kept(children: _Children, keep: list[int]) -> _Children:
    return _Children(
        [children.states[k] for k in keep],
        children.parents[keep],
        children.actions[keep],
        children.steps[keep],
        _pick(children.judged, np.array(keep)),
    )


def _select(rig: Rig, children: _Children, width: int) -> list[int]:
    """Pick the states that go on."""
    fighters = rig.view(children.states)["fighters"]
    kinds = np.stack(
        [
            fighters["move"][:, 0],
            fighters["last_move"][:, 0],
            fighters["state"][:, 1],
            (fighters["entities"]["type"][:, 0] >= 0).sum(1),
        ],
        axis=1,
    )
    keys = np.unique(kinds, axis=0, return_inverse=True)[1].ravel().tolist()
    living = np.flatnonzero(children.judged.alive)
    room = max(width // len(children.judged.promises), 2)
    share = max(room // _SHARE, 2)
    seen: set[bytes] = set()
    keep: list[int] = []
    for promise in children.judged.promises:
        taken: dict[int, int] = {}
        end = len(keep) + room
        for k in living[np.argsort(-promise[living], kind="stable")].tolist():
            if taken.get(keys[k], 0) >= share or children.states[k] in seen:
                continue
            seen.add(children.states[k])
            taken[keys[k]] = taken.get(keys[k], 0) + 1
            keep.append(k)
            if len(keep) == end:
                break
    return keep


def action_line(actions: Sequence[int]) -> str:
    """Write an action line as its presses and walks: the tick of each, direction, button."""
    said, before = [], 0
    for step, action in enumerate(actions):
        direction, button = divmod(action, _core.NUM_BUTTONS)
        names = [Direction(direction).name] if direction else []
        if button:
            names.append(Button(button).name.lower())
        if button or (direction and action != before):
            said.append(f"{step * TICKS_PER_STEP} {'+'.join(names)}")
        before = action
    return ", ".join(said) or "nothing"
