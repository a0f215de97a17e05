"""How much one combo can hurt: the damage bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..codes import Button
from ..model import Character, Roster
from .combo import goes_on, is_free
from .rig import CORNER, DUMMY_HP, MIDDLE, PREPARED, TICKS_PER_STEP, Rig, rig_of
from .search import ALL_BUTTONS, KIT, Judgement, action_line, beam

__all__ = ["LIMITS", "Combo", "Limit", "best_combo", "check"]

_DECISIONS: Final = 50
_LIGHT: Final = 45.0  # protection of a usual light hit


@dataclass(frozen=True)
class Limit:
    """A bound on the damage of one combo."""

    name: str
    """What it is about, for sentences."""
    buttons: frozenset[Button]
    """What the combo may be made of."""
    share: float
    """Largest share of the dummy's health that it may take, in [0, 1]."""


_LOADED: Final = ALL_BUTTONS - {Button.COMPANION_A}

LIMITS: Final = (
    Limit("a combo of chain, skills and trait", KIT, 0.45),
    Limit("a combo with ultimate and scroll", _LOADED, 0.60),
    Limit("a combo with everything, companion included,", ALL_BUTTONS, 0.9999),
)
"""The bounds, the last of them only that nobody falls from full health."""


@dataclass(frozen=True)
class Combo:
    """The strongest combo found; `Rig.play(rig.start(character, start), actions)` repeats it."""

    character: str
    """Name."""
    start: str
    """One of the rig's starts."""
    damage: int
    """HP the dummy lost until it was free again or the combo's last state."""
    hits: int
    """Hits of the combo."""
    protection: int
    """The dummy's protection gauge at the end."""
    actions: tuple[int, ...]
    """Action at each decision."""

    @property
    def ticks(self) -> int:
        """Ticks from the first decision to the end."""
        return len(self.actions) * TICKS_PER_STEP

    @property
    def share(self) -> float:
        """Share of the dummy's health."""
        return self.damage / DUMMY_HP


def best_combo(
    roster: Roster, character: Character, buttons: frozenset[Button], *, quick: bool = False
) -> Combo:
    """Search for a character's strongest combo on the dummy, from touching distance.

    Args:
        roster: the character's.
        character: who attacks.
        buttons: what the combo may be made of.
        quick: one start and a narrow beam.
    """
    rig = rig_of(roster)
    starts = [MIDDLE] if quick else [MIDDLE, CORNER]
    if rig.is_prepared(character):
        starts.append(PREPARED)
    found = None
    for name in starts:
        start = rig.start(character, name)
        result = beam(
            rig,
            start,
            _Judge(rig, character, buttons, start),
            buttons=buttons,
            decisions=_DECISIONS,
            width=32 if quick else 96,
        )
        dummy = rig.view([result.state])["fighters"][0, 1]
        combo = Combo(
            character.name,
            name,
            DUMMY_HP - int(dummy["hp"]),
            int(dummy["combo_hits"]),
            int(dummy["protection"]),
            result.actions,
        )
        if found is None or combo.damage > found.damage:
            found = combo
    assert found is not None
    return found


def check(
    roster: Roster, characters: Sequence[Character] | None = None, *, quick: bool = False
) -> list[str]:
    """Return a sentence for each bound that a character breaks, with the combo that does."""
    problems = []
    for character in roster if characters is None else characters:
        for limit in LIMITS[:2] if quick else LIMITS:
            combo = best_combo(roster, character, limit.buttons, quick=quick)
            if combo.share > limit.share:
                problems.append(
                    f"{character.name}: {limit.name} takes {combo.share:.1%} of {DUMMY_HP} HP in "
                    f"{combo.hits} hits ({combo.start}; {action_line(combo.actions)}); at most "
                    f"{limit.share:.0%} is allowed; lower the damage of these moves, or raise "
                    "their protection"
                )
    return problems


class _Judge:
    """Rates a state by the damage done and by what is still ready to be thrown in."""

    def __init__(
        self, rig: Rig, character: Character, buttons: frozenset[Button], start: bytes
    ) -> None:
        self.began = int(rig.view([start])["clock"][0])
        record = rig.roster.arrays["characters"][character.index]
        self.scale = np.array([*rig.roster.rules.damage_scale], float) / 1000
        self.worn = np.maximum(np.cumsum([0.0, *self.scale, *[self.scale[-1]] * 40]), 0.5)
        factor = int(record["attack"]) / 1120
        self.ready: list[tuple[int, int, float]] = []
        for button in buttons - {Button.NONE, Button.RELEASE, Button.ATTACK}:
            move = character.moves.get(button.name.lower())
            if move is not None:
                self.ready.append((button, move.spark_cost, move.declared.damage * factor))
        self.room = rig.roster.rules.protection_max

    def __call__(self, states: NDArray[Any], carry: NDArray[np.integer[Any]]) -> Judgement:
        own, dummy = states["fighters"][:, 0], states["fighters"][:, 1]
        lost = (DUMMY_HP - dummy["hp"]).astype(float)
        alive = goes_on(states, carry > 0, self.began)
        held = ((carry > 0) | ~is_free(dummy)).astype(np.int64)
        past = dummy["combo_hits"].astype(int)
        scale = self.scale[np.minimum(past + 1, len(self.scale) - 1)]
        potential = np.zeros(len(states))
        for button, cost, damage in self.ready:
            ready = (own["cooldown_until"][:, button] <= states["clock"]) & (own["spark"] >= cost)
            potential += ready * damage * scale
        opinions = (
            lost,
            lost + 0.5 * potential,
            lost + potential * (1 - dummy["protection"] / self.room),
            lost / self.worn[np.minimum(past, len(self.worn) - 1)] + 0.1 * potential,
            past * _LIGHT - dummy["protection"],
        )
        return Judgement(lost, np.stack(opinions), alive, held)
