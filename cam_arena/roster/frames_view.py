"""What one match of the rig shows: when who was free, which hits landed and what they did."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .frames_rig import WALK, Ints, Trace, Use

__all__ = ["Strike", "View"]

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Strike:
    """Hits that landed in one tick."""

    tick: int
    """Tick of the move, as scaled by tempo; -1 if its fighter stood in hitstop or was done."""
    count: int
    """How many landed."""
    damage: int
    """HP, all factors in it."""
    before: tuple[bool, ...]
    """By hit of the move, whether it had struck before, in this use or rehit interval."""
    after: tuple[bool, ...]
    """The same after this tick."""
    combo: int
    """Hits of the combo before."""
    boost: int
    """Milli of damage that effects on both fighters add."""
    is_marked: bool
    """Whether the victim was Marked."""
    heat: int
    """Gauge of the attacker after the tick before."""
    victim_hp: int
    """HP of the victim before."""
    state: int
    """State of the victim after."""
    protection: int
    """Protection gauge of the victim after."""


class View:
    """One match of a trace; arrays have an entry a tick, the first of them before the match."""

    def __init__(self, trace: Trace, index: int) -> None:
        self._trace = trace
        self._index = index

    @property
    def use(self) -> Use:
        """What was tried."""
        return self._trace.trials[self._index].use

    @property
    def gap(self) -> int:
        """Su between the feet at the beginning."""
        return self._trace.trials[self._index].gap

    def mover(self, name: str) -> Ints:
        """Return a number of the fighter that used the move."""
        return self._trace.mover[name][:, self._index]

    def victim(self, name: str) -> Ints:
        """Return a number of the dummy."""
        return self._trace.victim[name][:, self._index]

    def match(self, name: str) -> Ints:
        """Return a number of the match."""
        return self._trace.match[name][:, self._index]

    @cached_property
    def free(self) -> int:
        """Tick in which the mover is free again."""
        return _first(self.mover("state") <= WALK, 1)

    @cached_property
    def landed(self) -> Ints:
        """Hits that landed, by tick."""
        return _rises(self.mover("hits"))

    @cached_property
    def contacts(self) -> Bools:
        """Whether something landed, a grab's seizing included, by tick."""
        return _rises(self.mover("hits") + self.mover("grabs")) > 0

    @cached_property
    def blocks(self) -> Bools:
        """Whether the dummy guarded something, by tick."""
        return _rises(self.victim("guarded")) > 0

    @cached_property
    def first_contact(self) -> int:
        """Tick in which something landed first."""
        return _first(self.contacts)

    @cached_property
    def damage(self) -> Ints:
        """HP lost to hits, by tick: what the combo has cost more than before, or a new one."""
        total, hits = self.victim("combo_damage"), self.victim("combo_hits")
        goes_on = _rises(hits) == self.landed
        before = np.where(goes_on, np.concatenate([total[:1], total[:-1]]), 0)
        return np.where(self.landed > 0, total - before, 0)

    @cached_property
    def spark_gain(self) -> int:
        """Milli quarters that the mover gained in ticks in which something landed."""
        return int(_rises(self.mover("spark"))[self.contacts].sum())

    def advantage(self, contacts: Bools) -> int | None:
        """Return by how many ticks the mover is free before the victim.

        Args:
            contacts: ticks in which a hit landed; the last one of the move counts, or the first of
                what it left in the world. None if the victim is not free in time.
        """
        when = np.flatnonzero(contacts)
        own = when[when <= self.free]
        last = int(own[-1] if len(own) else when[0])
        free = _first(self.victim("state") <= WALK, last)
        return free - self.free if free < len(contacts) else None

    def strikes(self) -> tuple[Strike, ...]:
        """Return what landed, in order."""
        return tuple(
            self._strike(tick, int(self.landed[tick]), int(self.damage[tick]))
            for tick in np.flatnonzero(self.landed).tolist()
        )

    def guarded_strikes(self) -> tuple[Strike, ...]:
        """Return what the dummy guarded in ticks in which nothing got through, in order."""
        count, lost = _rises(self.victim("guarded")), -_rises(self.victim("hp"))
        return tuple(
            self._strike(tick, int(count[tick]), int(lost[tick]))
            for tick in np.flatnonzero((count > 0) & (self.landed == 0)).tolist()
        )

    def _strike(self, tick: int, count: int, damage: int) -> Strike:
        mover, victim = self.mover, self.victim
        done = mover("move_tick")
        is_in_move = int(mover("move")[tick]) == self.use.move and done[tick] > done[tick - 1]
        combo = int(victim("combo_hits")[tick]) - int(self.landed[tick])
        return Strike(
            tick=int(done[tick]) - 1 if is_in_move else -1,
            count=count,
            damage=damage,
            before=tuple((mover("hit_struck")[tick - 1] > 0).tolist()),
            after=tuple((mover("hit_struck")[tick] > 0).tolist()),
            combo=combo,
            boost=int(mover("damage")[tick]) + int(victim("damage")[tick - 1]),
            is_marked=bool(victim("marked")[tick - 1]),
            heat=int(mover("gauge")[tick - 1]),
            victim_hp=int(victim("hp")[tick - 1]),
            state=int(victim("state")[tick]),
            protection=int(victim("protection")[tick]),
        )


def _rises(values: Ints) -> Ints:
    """By how much a number grew in each tick, 0 before the first."""
    return np.diff(values, prepend=values[:1])


def _first(condition: Bools, start: int = 0) -> int:
    """Return the first index from `start` on at which a condition holds, the length if none."""
    found = np.flatnonzero(condition[start:])
    return start + int(found[0]) if len(found) else len(condition)
