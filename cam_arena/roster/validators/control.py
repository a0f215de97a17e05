"""Nobody is held for long: the ticks that a chain of control effects can last."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..codes import Button, Effect, Op
from ..model import Character, Roster
from .kit import kit_hits, kit_moves, kit_ops
from .rig import MIDDLE, rig_of
from .search import KIT, Judgement, action_line, beam

__all__ = ["CONTROL", "MAX_TICKS", "check"]

CONTROL: Final = (Effect.STUN, Effect.FREEZE, Effect.ROOT, Effect.HUSH)
"""Effects that take a fighter's actions away."""

MAX_TICKS: Final = 75
"""Ticks that a fighter may be under control effects without a gap, 2.5 s."""

_HORIZON: Final = 240  # ticks looked ahead
_BITS = sum(1 << effect for effect in CONTROL)


def check(
    roster: Roster, characters: Sequence[Character] | None = None, *, quick: bool = False
) -> list[str]:
    """Search the longest chain of control effects that each character's own kit can lay."""
    rig = rig_of(roster)
    problems = []
    for character in roster if characters is None else characters:
        if not _controls(roster, character):
            continue
        found = beam(
            rig,
            rig.start(character, MIDDLE),
            _judge,
            buttons=KIT | {Button.ULTIMATE},
            decisions=40,
            width=24 if quick else 64,
            enough=MAX_TICKS + 1,
        )
        if found.value > MAX_TICKS:
            problems.append(
                f"{character.name}: stun, freeze, root and hush hold the opponent for "
                f"{int(found.value)} ticks without a gap ({action_line(found.actions)}); at most "
                f"{MAX_TICKS} are allowed; shorten the effects or lengthen the cooldowns"
            )
    return problems


def _controls(roster: Roster, character: Character) -> bool:
    moves = kit_moves(roster, character)
    ops = kit_ops(roster, moves)
    given = ops["a"][ops["code"] == Op.BUFF_TARGET]
    effects = np.concatenate([kit_hits(roster, moves)["effect"], given])
    return bool(np.isin(effects, CONTROL).any())


def _judge(states: NDArray[Any], carry: NDArray[np.integer[Any]]) -> Judgement:
    """Rate by the ticks of the present chain, its rest included; carries when it began.

    States are seen after every step, so a chain may be up to two ticks longer than said.
    """
    own, dummy = states["fighters"][:, 0], states["fighters"][:, 1]
    clock = states["clock"]
    is_held = (dummy["effects"] & _BITS) > 0
    began = np.where(is_held, np.where(carry > 0, carry, clock - 1), 0)
    until = np.zeros(len(states), int)
    for effect in CONTROL:
        held = (dummy["effects"] >> effect & 1) > 0
        until = np.where(held, np.maximum(until, dummy["effect_until"][:, effect]), until)
    held_for = np.where(is_held, until - began, 0).astype(float)
    distance = np.abs(own["x"] - dummy["x"]).astype(float)
    resting = (own["cooldown_until"] > clock[:, None]).sum(1)
    promises = np.stack(
        [held_for - distance / 1000, held_for - 20 * resting, -dummy["control_count"] - distance]
    )
    return Judgement(held_for, promises, states["tick"] <= _HORIZON, began)
