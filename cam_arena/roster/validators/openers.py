"""Nobody is hurt in the first half second of a match."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..model import Character, Roster
from .rig import DUMMY_HP, rig_of
from .search import ALL_BUTTONS, Judgement, action_line, beam

__all__ = ["SAFE_TICKS", "check"]

SAFE_TICKS: Final = 15
"""Ticks from the start in which an idle opponent must lose nothing."""


def check(
    roster: Roster, characters: Sequence[Character] | None = None, *, quick: bool = False
) -> list[str]:
    """Search for damage in the first SAFE_TICKS ticks from the nearest to the widest start."""
    rig, rules = rig_of(roster), roster.rules
    nearest, widest = rules.start_x - rules.jitter_x, rules.start_x + rules.jitter_x
    gaps = (2 * nearest,) if quick else (2 * nearest, nearest + widest, 2 * widest)
    problems = []
    for character in roster if characters is None else characters:
        for gap in dict.fromkeys(gaps):
            found = beam(
                rig,
                rig.apart(character, gap),
                _judge,
                buttons=ALL_BUTTONS,
                decisions=5,
                width=24 if quick else 64,
                enough=1.0,
            )
            if found.value >= 1:
                record = rig.view([found.state])[0]
                problems.append(
                    f"{character.name}: an idle opponent {gap} su away has lost "
                    f"{DUMMY_HP - int(record['fighters'][1]['hp'])} HP by tick "
                    f"{int(record['tick'])} ({action_line(found.actions)}); nothing may hurt "
                    f"before tick {SAFE_TICKS + 1}; start the move later or shorten its reach"
                )
                break
    return problems


def _judge(states: NDArray[Any], carry: NDArray[np.integer[Any]]) -> Judgement:
    own, dummy = states["fighters"][:, 0], states["fighters"][:, 1]
    distance = np.abs(own["x"] - dummy["x"]).astype(float)
    lost = (DUMMY_HP - dummy["hp"]).astype(float)
    spawned = (own["entities"]["type"] >= 0).sum(1)
    promises = np.stack([-distance, 4096.0 * spawned - distance])
    return Judgement(lost, promises, states["tick"] <= SAFE_TICKS, carry)
