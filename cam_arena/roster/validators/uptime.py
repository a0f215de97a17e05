"""Nobody is protected all the time: the share of ticks with armour, invulnerability or guard."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..codes import Button
from ..model import Character, Roster
from .kit import OWN_BUTTONS
from .rig import rig_of

__all__ = ["MAX_SHARE", "check", "uptimes"]

MAX_SHARE: Final = 0.35
"""Largest share of ticks with one kind of protection."""

_TICKS: Final = 900


def check(
    roster: Roster, characters: Sequence[Character] | None = None, *, quick: bool = False
) -> list[str]:
    """Measure each character's protections while it repeats its kit as soon as it may."""
    problems = []
    for character in roster if characters is None else characters:
        for what, (share, routine) in uptimes(roster, character).items():
            if share > MAX_SHARE:
                buttons = ", ".join(Button(button).name.lower() for button in routine)
                problems.append(
                    f"{character.name}: {what} {share:.0%} of the time while it repeats {buttons}; "
                    f"at most {MAX_SHARE:.0%} is allowed; shorten the window or lengthen the "
                    "cooldown"
                )
    return problems


def uptimes(roster: Roster, character: Character) -> dict[str, tuple[float, tuple[int, ...]]]:
    """Return the largest share of protected ticks, by kind, and the buttons that give it.

    The character stands alone at one wall, the dummy at the other, and presses the first of its
    buttons that is legal: each button alone, then all but the attack in both orders.
    """
    rig = rig_of(roster)
    owned = [
        int(button)
        for button in OWN_BUTTONS
        if roster.arrays["characters"]["moves"][character.index][button] >= 0
    ]
    special = tuple(button for button in owned if button != Button.ATTACK)
    routines = [*((button,) for button in owned), special, special[::-1], (*special, owned[0])]
    batch = _core.Batch(rig.data, len(routines), frame_skip=1)
    wall = roster.rules.stage_half_x
    for match in range(len(routines)):
        batch.set_state(match, rig.apart(character, 2 * wall))
    masks = np.zeros((len(routines), 2, _core.NUM_ACTIONS), np.int8)
    actions = np.zeros((len(routines), 2), np.int32)
    sums = np.zeros((3, len(routines)))
    for _ in range(_TICKS):
        batch.action_masks(masks)
        for match, routine in enumerate(routines):
            legal = (button for button in routine if masks[match, 0, button])
            actions[match, 0] = next(legal, 0)
        batch.advance(actions)
        states = b"".join(batch.state(match) for match in range(len(routines)))
        sums += _protections(rig.data, states)
    shares = sums / _TICKS
    kinds = ("armour holds", "it is invulnerable", "it guards or parries")
    best = shares.argmax(1)
    return {
        kind: (float(shares[i, k]), routines[k])
        for i, (kind, k) in enumerate(zip(kinds, best, strict=True))
    }


def _protections(data: _core.Data, states: bytes) -> NDArray[np.bool_]:
    """Return whether armour, invulnerability to strikes, and a guard hold; shape (3, states)."""
    own = data.shapes(states)[:, 0]
    return np.stack([own["armour"] > 0, own["open"] & 1 == 0, own["guard"] > 0])
