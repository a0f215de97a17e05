"""Nobody can be ignored from afar: each character hits across the stage or crosses it in time."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..model import Character, Roster
from .rig import rig_of
from .search import HITS, KIT, Judgement, beam

__all__ = ["MAX_TICKS", "check"]

MAX_TICKS: Final = 90
"""Ticks a character has to land its first hit."""

_PACE: Final = 110  # su/tick; what a tick is worth where lines of different lengths compare


def check(
    roster: Roster, characters: Sequence[Character] | None = None, *, quick: bool = False
) -> list[str]:
    """Let each character hit an idle target at the widest start, without ultimate or loadout."""
    rig, rules = rig_of(roster), roster.rules
    gap = 2 * (rules.start_x + rules.jitter_x)
    problems = []
    for character in roster if characters is None else characters:
        found = beam(
            rig,
            rig.apart(character, gap),
            _judge,
            buttons=KIT,
            decisions=MAX_TICKS // 3,
            width=8 if quick else 16,
            enough=0,
        )
        if found.value < 0:
            distance = int(-found.value)
            problems.append(
                f"{character.name}: no hit on an idle target {gap} su away within {MAX_TICKS} "
                f"ticks; it came within {distance} su; give it a faster walk "
                f"(stats.walk_x is {character.stats['walk_x']}), a dash or a longer reach"
            )
    return problems


def _judge(states: NDArray[Any], carry: NDArray[np.integer[Any]]) -> Judgement:
    own, dummy = states["fighters"][:, 0], states["fighters"][:, 1]
    distance = np.abs(own["x"] - dummy["x"]).astype(float)
    has_hit = own["counts"][:, HITS] > 0
    spawned = (own["entities"]["type"] >= 0).sum(1)
    busy = own["move"] >= 0
    late = _PACE * states["tick"]
    promises = np.stack([-distance - late, 4096.0 * (spawned + busy) - distance - late])
    value = np.where(has_hit, 1.0, -np.maximum(distance, 1))
    return Judgement(value, promises, states["tick"] <= MAX_TICKS, carry)
