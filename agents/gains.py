"""What specialisation gained: specialists and the shared policy against the same opponents.

The mean of a population's own win-rate table is 0.5 whatever the population is worth, because every
win is somebody's loss. A gain is therefore measured across two populations: character i played by
its specialist against the shared policy playing every other character, less the same games with the
shared policy playing i too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cam_arena.roster.codes import Button

from . import diversity
from .evaluate import Table
from .intervals import difference, wilson

Interval = tuple[float, float]

BUTTON_NAMES = tuple(button.name.lower().replace("_", " ") for button in Button if button)
"""Of the buttons that `behaviour` counts."""


@dataclass(frozen=True)
class CharacterGain:
    """One character: win rates over all other characters, played by the shared policy."""

    character: str
    base: float
    """win rate with the shared policy playing it."""
    specialist: float
    """win rate with its specialist playing it."""
    interval: Interval
    """95 % interval of specialist - base (Newcombe, from two Wilson intervals)."""
    mirror: float
    """win rate of the specialist against the shared policy, both playing this character."""
    mirror_interval: Interval
    """95 % Wilson."""
    games: int
    """games behind `specialist`; as many lie behind `base`."""

    @property
    def gain(self) -> float:
        """Specialist - base, in win-rate points / 100."""
        return self.specialist - self.base

    @property
    def verdict(self) -> str:
        """`better` or `worse` where the interval excludes 0, else `unclear`."""
        if self.interval[0] > 0:
            return "better"
        return "worse" if self.interval[1] < 0 else "unclear"


@dataclass(frozen=True)
class Gains:
    """All characters of a run."""

    characters: tuple[CharacterGain, ...]
    gain: float
    """mean gain over characters and opponents, the primary figure; the mean base is exactly 0.5."""
    interval: Interval
    """95 % Wilson interval of the specialists' pooled win rate, less 0.5."""
    relative: float
    """mean specialist / mean base - 1."""
    mixed_pool: float
    """mean win rate of specialists less that of shared entrants, everyone having met everyone."""
    mirror: float
    """mean win rate of specialists against the shared policy in the same character."""
    base_spread: float
    """standard deviation over characters of the win rate among shared entrants."""
    specialist_spread: float
    """the same among specialists: did the gap between strong and weak characters widen?"""

    def count(self, verdict: str) -> int:
        """Count the characters with a verdict."""
        return sum(character.verdict == verdict for character in self.characters)

    @property
    def nominally_improved(self) -> int:
        """Characters whose gain is positive, whatever its interval."""
        return sum(character.gain > 0 for character in self.characters)


def compare(table: Table, characters: tuple[str, ...]) -> Gains:
    """Compute the gains from one tournament of 2 C entrants.

    Args:
        table: the shared policy as each of the C characters, then the specialists in the same
            order; all have met.
        characters: C names, at least 1. A single one meets itself alone, so that its gain is its
            win rate in the mirror less a half.

    Returns:
        The gains.

    Raises:
        ValueError: if the table is not of 2 C entrants who have all met.

    Source: Juang et al. 2024, "Breaking the Mold" (arXiv 2410.02128), figure 1. The paper says
        neither who the opponents
    are nor whether its 13.2 % is absolute or relative; both figures and two other readings are
    given.
    """
    count = len(characters)
    if count < 1 or table.games.shape != (2 * count, 2 * count):
        raise ValueError(
            f"{count} characters need a table of {2 * count} entrants, got {len(table.games)}"
        )
    if (table.games + np.eye(2 * count, dtype=np.int64) == 0).any():
        raise ValueError("every two entrants must have met")
    rows = [
        _character_gain(table, index, count + index, count, name)
        for index, name in enumerate(characters)
    ]
    off = ~np.eye(count, dtype=np.bool_) if count > 1 else np.ones((1, 1), np.bool_)
    against = table.points[count:, :count][off].sum(), table.games[count:, :count][off].sum()
    specialist = float(np.mean([row.specialist for row in rows]))
    base = float(np.mean([row.base for row in rows]))
    low, high = wilson(float(against[0]), float(against[1]))
    rates = table.win_rates
    everyone = (rates.sum(axis=1) - 0.5) / (2 * count - 1)  # the diagonal holds 0.5
    return Gains(
        tuple(rows),
        specialist - base,
        (low - 0.5, high - 0.5),
        specialist / base - 1,
        float(everyone[count:].mean() - everyone[:count].mean()),
        float(np.mean([row.mirror for row in rows])),
        _spread(rates[:count, :count]),
        _spread(rates[count:, count:]),
    )


def _character_gain(table: Table, index: int, row: int, count: int, name: str) -> CharacterGain:
    """Compare entrant `row` with entrant `index`, the base as the same character."""
    others = [column for column in range(count) if column != index]
    points, games = table.points, table.games
    mirror = float(points[row, index]), int(games[row, index])
    if not others:  # of itself the base wins half, whatever it is worth
        rate, (low, high) = mirror[0] / mirror[1], wilson(*mirror)
        return CharacterGain(name, 0.5, rate, (low - 0.5, high - 0.5), rate, (low, high), mirror[1])
    base = float(points[index, others].sum()), int(games[index, others].sum())
    own = float(points[row, others].sum()), int(games[row, others].sum())
    return CharacterGain(
        name,
        base[0] / base[1],
        own[0] / own[1],
        difference(*own, *base),
        mirror[0] / mirror[1],
        wilson(*mirror),
        own[1],
    )


@dataclass(frozen=True)
class FieldGains:
    """Some characters of a larger field: the others stay with the shared policy."""

    characters: tuple[CharacterGain, ...]
    gain: float
    """mean gain over these characters and all opponents; the mean base need not be 0.5."""
    interval: Interval
    """95 % interval (Newcombe, pooled over games)."""
    relative: float
    """mean specialist / mean base - 1."""


def compare_field(table: Table, characters: tuple[str, ...], chosen: Sequence[int]) -> FieldGains:
    """Compute the gains of some of N characters over all N opponents.

    Args:
        table: the shared policy as each of the N characters, then the specialists of the chosen
            ones in their order; these have met all of the former, and so has the shared policy in
            their place.
        characters: N names.
        chosen: indices of the characters with specialists.

    Raises:
        ValueError: if the table does not fit.

    Source: as `compare`, figure 2: eight agents of a population of fifty.
    """
    count = len(characters)
    if not chosen or table.games.shape != (count + len(chosen),) * 2:
        raise ValueError(
            f"{count} characters and {len(chosen)} specialists need a table of "
            f"{count + len(chosen)} entrants, got {len(table.games)}"
        )
    off = ~np.eye(count, dtype=np.bool_)
    rows = [*chosen, *range(count, count + len(chosen))]
    if (table.games[rows, :count][np.tile(off[list(chosen)], (2, 1))] == 0).any():
        raise ValueError("the chosen characters must have met every other, in both policies")
    found = [
        _character_gain(table, index, count + place, count, characters[index])
        for place, index in enumerate(chosen)
    ]
    games = sum(character.games for character in found)
    own = sum(character.specialist * character.games for character in found)
    base = sum(character.base * character.games for character in found)
    mean_base = float(np.mean([character.base for character in found]))
    mean = float(np.mean([character.specialist for character in found]))
    return FieldGains(
        tuple(found), mean - mean_base, difference(own, games, base, games), mean / mean_base - 1
    )


def strongest(table: Table, count: int, top: int) -> tuple[int, ...]:
    """Choose the characters that the shared policy wins most with, the best first.

    Args:
        table: its first `count` entrants are the shared policy as each character, all met.
        count: number of characters.
        top: how many to choose.
    """
    rates = table.win_rates[:count, :count].mean(axis=1)
    return tuple(np.argsort(-rates, kind="stable")[:top].tolist())


def _spread(rates: NDArray[np.float64]) -> float:
    """Standard deviation over rows of the mean win rate against the others."""
    if len(rates) == 1:
        return 0.0
    return float(((rates.sum(axis=1) - 0.5) / (len(rates) - 1)).std())


@dataclass(frozen=True)
class Behaviour:
    """How C characters are played before and after, against the same opponents."""

    base_uses: NDArray[np.int64]
    """shape (C, buttons): by the shared policy."""
    specialist_uses: NDArray[np.int64]
    """shape (C, buttons): by the specialists."""
    base_chances: NDArray[np.int64]
    """shape (C, buttons): decisions in which the button was legal."""
    specialist_chances: NDArray[np.int64]
    """shape (C, buttons)."""

    def distances(self, norm: diversity.Norm) -> tuple[float, float]:
        """Compute the expected distance between characters, before and after."""
        return (
            diversity.distance(self.base_uses, norm=norm),
            diversity.distance(self.specialist_uses, norm=norm),
        )

    @property
    def attack_shares(self) -> tuple[float, float]:
        """Share of all presses that are the attack button, before and after; mean of characters."""
        shares = (
            diversity.profiles(uses, norm="l1")[:, 0].mean()
            for uses in (self.base_uses, self.specialist_uses)
        )
        before, after = (float(share) for share in shares)
        return before, after

    def without_attack(self) -> "Behaviour":
        """Return the same of the buttons with cooldowns and costs, which the attack has not.

        It is pressed several times as often as all others, so that distances with it are for the
        most part about its share.
        """
        return Behaviour(
            self.base_uses[:, 1:], self.specialist_uses[:, 1:],
            self.base_chances[:, 1:], self.specialist_chances[:, 1:],
        )  # fmt: skip

    def masked_distances(self, norm: diversity.Norm) -> tuple[float, float]:
        """Compute the same from how often a button was pressed when it was legal."""
        return (
            diversity.distance(diversity.use_rates(self.base_uses, self.base_chances), norm=norm),
            diversity.distance(
                diversity.use_rates(self.specialist_uses, self.specialist_chances), norm=norm
            ),
        )


def behaviour(table: Table, count: int) -> Behaviour:
    """Gather button uses against the base's other characters: both sides met the same field.

    Args:
        table: as for `compare`.
        count: number of characters C.

    Returns:
        Uses and chances of buttons 1 and up: button 0 is walking and standing, which is no skill.
    """
    off = ~np.eye(count, dtype=np.bool_)
    uses = table.uses[:, :count, :, 1:].sum(axis=2)
    chances = table.chances[:, :count, 1:]

    def against_others(block: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray((block * off[:, :, None]).sum(axis=1))

    return Behaviour(
        against_others(uses[:count]),
        against_others(uses[count:]),
        against_others(chances[:count]),
        against_others(chances[count:]),
    )


def timing(table: Table, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Gather when buttons are used, of the same games as `behaviour`.

    Returns:
        Of the base and of the specialists, each shape (C, periods, buttons).
    """
    off = ~np.eye(count, dtype=np.bool_)
    uses = (table.uses[:, :count, :, 1:] * np.tile(off, (2, 1))[:, :, None, None]).sum(axis=1)
    return uses[:count], uses[count:]
