"""No combo goes on for ever: the protection gauge ends every one."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..model import Character, Roster
from .combo import goes_on, is_free
from .rig import CORNER, MIDDLE, Rig, rig_of
from .search import ALL_BUTTONS, HITS, Judgement, action_line, beam

__all__ = ["MAX_HITS", "MAX_TICKS", "MAX_TICKS_PAST", "check"]

MAX_HITS: Final = 60
"""Hits after which a combo counts as endless."""

MAX_TICKS: Final = 750
"""Ticks, those of a super freeze not counted, after which a combo counts as endless."""

MAX_TICKS_PAST: Final = 90
"""Ticks with a full protection gauge after which it has failed to end the combo."""

_DECISIONS: Final = 200


def check(
    roster: Roster, characters: Sequence[Character] | None = None, *, quick: bool = False
) -> list[str]:
    """Search each character's longest combo on a dummy that never slips; name the endless ones."""
    rig = rig_of(roster)
    problems = []
    for character in roster if characters is None else characters:
        for name in (MIDDLE,) if quick else (MIDDLE, CORNER):
            start = rig.start(character, name)
            found = beam(
                rig,
                start,
                _Judge(rig, start),
                buttons=ALL_BUTTONS,
                decisions=_DECISIONS,
                width=12 if quick else 40,
                enough=1.0,
            )
            if found.value >= 1:
                problems.append(_sentence(rig, character, name, found.state, found.actions))
                break
    return problems


def _sentence(
    rig: Rig, character: Character, start: str, state: bytes, actions: tuple[int, ...]
) -> str:
    record = rig.view([state])[0]
    dummy = record["fighters"][1]
    line = action_line(actions[:40]) + (" ..." if len(actions) > 40 else "")
    return (
        f"{character.name}: a combo from the {start} goes on after {int(dummy['combo_hits'])} hits "
        f"and {int(record['clock'])} ticks with the protection gauge at {int(dummy['protection'])} "
        f"({line}); a combo must end within {MAX_HITS} hits, {MAX_TICKS} ticks, and "
        f"{MAX_TICKS_PAST} ticks after the gauge is full; give its hits more protection"
    )


class _Judge:
    """Rates a state by how near its combo is to endless, 1 and more.

    It carries 0 before the dummy is held, 1 while it is, and when the gauge got full after that.
    """

    def __init__(self, rig: Rig, start: bytes) -> None:
        self.began = int(rig.view([start])["clock"][0])
        self.full = rig.roster.rules.protection_max

    def __call__(self, states: NDArray[Any], carry: NDArray[np.integer[Any]]) -> Judgement:
        own, dummy = states["fighters"][:, 0], states["fighters"][:, 1]
        hits, ticks = own["counts"][:, HITS].astype(int), states["clock"] - self.began
        alive = goes_on(states, carry > 0, self.began)
        held = np.maximum(carry, ~is_free(dummy))
        is_full = dummy["protection"] >= self.full
        filled = np.where(is_full & (held == 1), states["clock"] + 1, held)
        past = np.where(filled > 1, states["clock"] + 1 - filled, 0)
        value = np.maximum(hits / MAX_HITS, np.where(held > 0, ticks / MAX_TICKS, 0))
        value = np.maximum(value, past / MAX_TICKS_PAST)
        value = np.where(dummy["hp"] == 0, np.maximum(value, 1), value)
        protection = dummy["protection"].astype(float)
        promises = np.stack(
            [ticks - protection, 45.0 * hits - protection, 20 * hits - 5 * protection, ticks + past]
        )
        return Judgement(value, promises, alive, filled)
