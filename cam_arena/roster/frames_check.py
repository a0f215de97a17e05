"""Measured frame data against what the roster declares."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .codes import Category, HitFlag, Impact, Op, Trait
from .frames import Frames, measure
from .frames_rig import BLOCKSTUN, HITSTUN
from .frames_uses import dummy_of, loadable_uses, uses_of
from .frames_view import Strike
from .model import Roster

__all__ = ["mismatches"]

Record = Mapping[str, Any]

_AT_START = (Op.GAIN_SPARK, Op.COST_HP, Op.HEAL, Op.COOLDOWN, Op.MARKER)
"""Op-codes that change what a move costs, if they come in its first tick."""


def mismatches(roster: Roster, names: Iterable[str] | None = None) -> list[str]:
    """Return where the simulation does something else than the roster declares, as sentences.

    Every move is used by its character in the roster's simulation (`Roster.data`) and compared with
    `Roster.arrays`: ticks, scaled by tempo; costs; when hits land and what they take; advantages.

    Args:
        roster: what to check.
        names: characters to check; all, and the scrolls and companions, if None.
    """
    chosen = roster.names if names is None else names
    uses = [use for name in chosen for use in uses_of(roster, roster[name])]
    uses += loadable_uses(roster) if names is None else []
    dummy = dummy_of(roster)
    found = []
    for frames in measure(roster.data, uses, dummy):
        move = roster.moves[frames.use.move]
        check = _Check(roster, frames, dummy)
        found += [f"{move.owner}: {move.name}: {sentence}" for sentence in check.sentences()]
    return found


class _Check:
    """One move's measured numbers beside the declared ones."""

    def __init__(self, roster: Roster, frames: Frames, dummy: int) -> None:
        arrays = roster.arrays
        self.frames = frames
        self.rules = roster.rules
        self.own: Record = arrays["characters"][frames.use.character]
        self.other: Record = arrays["characters"][dummy]
        self.move: Record = arrays["moves"][frames.use.move]
        self.hits = _rows(arrays["hits"], self.move, "hit")
        self.ops = _rows(arrays["ops"], self.move, "op")
        spawned = [arrays["entity_types"][op["a"]] for op in self.ops if op["code"] == Op.SPAWN]
        self.entity_hits = [arrays["hits"][kind["hit"]] for kind in spawned if kind["hit"] >= 0]
        self.is_normal = self.move["category"] == Category.CHAIN
        self.startup = self._scaled("startup", 2)
        self.recovery = self._scaled("recovery", 4)
        self.active = int(self.move["active"])

    def sentences(self) -> Iterator[str]:
        """Yield what differs."""
        if not self.frames.starts:
            yield "its button does not start it"
            return
        yield from self._ticks()
        if self.frames.use.button:
            yield from self._costs()
        yield from self._reach()
        for strike in self.frames.strikes:
            yield from self._strike("damage", strike)
        for strike in self.frames.guarded:
            yield from self._strike("damage through a guard", strike, is_guarded=True)
        yield from self._advantage("on hit", self.frames.on_hit, self.frames.strikes)
        yield from self._advantage("on guard", self.frames.on_guard, self.frames.guarded, "guard_")

    def _ticks(self) -> Iterator[str]:
        frames = self.frames
        yield from _differs("startup", frames.startup, self.startup)
        yield from _differs("active", frames.active, self.active)
        if not frames.leaves_ground:
            yield from _differs("recovery", frames.recovery, self.recovery)
        elif frames.recovery < self.recovery:
            yield f"recovery is {frames.recovery}; declared is {self.recovery} or until it lands"

    def _costs(self) -> Iterator[str]:
        if any(op["at"] == 0 and op["code"] in _AT_START for op in self.ops):
            return
        frames, move, own = self.frames, self.move, self.own
        is_paid = move["category"] == Category.SKILL and own["traits"] & Trait.BLOOD_PRICE
        share = int(move["hp_cost"]) + (self.rules.blood_price if is_paid else 0)
        cooldown = int(move["cooldown"])
        cooldown = _milli(cooldown, self.rules.blood_cooldown) if is_paid else cooldown
        cooldown = cooldown * 1000 // int(own["cooldown_rate"])
        if move["category"] == Category.COMPANION:
            cooldown = max(cooldown, self.rules.companion_gap_ticks)
        yield from _differs("spark cost", frames.spark_cost, int(move["spark_cost"]))
        yield from _differs("HP cost", frames.hp_cost, _milli(int(own["max_hp"]), share))
        yield from _differs("cooldown", frames.cooldown, cooldown)

    def _reach(self) -> Iterator[str]:
        """Compare how far it gets with its boxes, carried along by the move's own travel."""
        frames = self.frames
        boxes = [hit for hit in self.hits if not hit["flags"] & HitFlag.HELD]
        if frames.distance is None:
            if boxes:
                yield "it never hits, at no distance tried"
            return
        travels = any(op["code"] == Op.TELEPORT for op in self.ops)
        if frames.reach is None or not boxes or travels:
            return
        far = max(self._far(hit) for hit in boxes) + int(self.other["hurt_half_x"])
        yield from _differs("reach", frames.reach, far)
        deep = {int(hit["depth"]) + self.rules.hurt_y for hit in boxes}
        if frames.depth not in deep:
            yield f"depth is {frames.depth}; declared is {' or '.join(map(str, sorted(deep)))}"

    def _far(self, hit: Record) -> int:
        """How far from the start a hit's box gets, su."""
        far = int(hit["x1"])
        if self.is_normal and self.own["traits"] & Trait.LONGARM and far > 0:
            far = _milli(far, self.rules.long_reach)
        x = self.frames.mover_x
        ticks = range(len(x))
        return far + max(x[t] for t in ticks if hit["from"] <= self._declared_tick(t) < hit["to"])

    def _strike(self, what: str, strike: Strike, *, is_guarded: bool = False) -> Iterator[str]:
        """Compare what a tick's hits took with the declared damage of those that could land."""
        struck = self._struck(strike)
        others = strike.count - len(struck)
        if others < 0 or (others and not self.entity_hits):
            yield f"{strike.count} hits landed in tick {strike.tick}; declared are {len(struck)}"
        elif others == 0 or len(self.entity_hits) == 1:
            hits = [*struck, *self.entity_hits[:1] * others]
            taken = [self._damage(hit, strike, nth, is_guarded) for nth, hit in enumerate(hits)]
            yield from _differs(f"{what} in tick {strike.tick}", strike.damage, sum(taken))

    def _struck(self, strike: Strike) -> list[Record]:
        """Return the own hits that landed in a tick: in their window, and not again too soon."""
        if strike.tick < 0:
            return []
        now = self._declared_tick(strike.tick)
        struck = []
        for hit, before, after in zip(self.hits, strike.before, strike.after, strict=False):
            is_due = hit["from"] <= now < hit["to"] and not hit["flags"] & HitFlag.GRAB
            is_again = hit["rehit"] and (now - hit["from"]) % hit["rehit"] == 0
            if is_due and after and (not before or is_again):
                struck.append(hit)
        return struck

    def _damage(self, hit: Record, strike: Strike, nth: int, is_guarded: bool) -> int:
        """HP that a hit takes, as the nth of its tick."""
        rules, combo = self.rules, strike.combo + nth
        scale = rules.damage_scale[min(combo, len(rules.damage_scale) - 1)]
        if hit["flags"] & HitFlag.SUPER:
            scale = max(scale, rules.super_scale_floor)
        damage = _milli(int(hit["damage"]), int(self.own["attack"]))
        damage = _milli(damage, 1000 + strike.boost + self._trait_bonus(hit, strike, combo))
        damage = damage * 1000 // (1000 + int(self.other["defense"]))
        damage = _milli(damage, scale)
        if strike.is_marked:
            damage = _milli(damage, rules.marked_damage)
        return _milli(damage, int(hit["chip"])) if is_guarded else max(damage, 1)

    def _trait_bonus(self, hit: Record, strike: Strike, combo: int) -> int:
        rules, traits, bonus = self.rules, int(self.own["traits"]), 0
        weak = _milli(int(self.other["max_hp"]), rules.execute_share)
        if hit["flags"] & HitFlag.EXECUTE and strike.victim_hp < weak:
            bonus += rules.execute_damage
        if traits & Trait.FIRST_STRIKE and combo == 0:
            bonus += rules.first_strike_power
        if traits & Trait.HEAT:
            bonus += _milli(rules.heat_power, max(strike.heat - rules.heat_loss, 0))
        return bonus

    def _advantage(
        self, what: str, measured: int | None, strikes: Sequence[Strike], prefix: str = ""
    ) -> Iterator[str]:
        """Compare an advantage where the last hit is the move's own and leaves a plain stun."""
        stunned = BLOCKSTUN if prefix else HITSTUN
        if not strikes or strikes[-1].state != stunned or self.frames.leaves_ground:
            return
        if prefix and self.frames.breaks_guard:
            return
        if any(len(self._struck(strike)) != strike.count for strike in strikes):
            return
        if any(hit["flags"] & HitFlag.GRAB for hit in self.hits):
            return
        struck, last = self._struck(strikes[-1]), strikes[-1]
        if not prefix and struck[-1]["impact"] not in (Impact.FLINCH, Impact.STAGGER):
            return
        stun = int(struck[-1][f"{prefix}stun"])
        if not prefix and last.protection >= self.rules.protection_yellow:
            stun = _milli(stun, self.rules.yellow_stun)
        total = self.startup + self.active + self.recovery
        victim = max(int(hit["stop_victim"]) for hit in struck) + stun + 1
        mover = max(int(hit["stop_attacker"]) for hit in struck) + total - last.tick
        yield from _differs(f"advantage {what}", measured, victim - mover)

    def _scaled(self, key: str, least: int) -> int:
        """Ticks of a phase as tempo makes them; only normals have a tempo."""
        ticks = int(self.move[key])
        if not self.is_normal:
            return ticks
        return max(_milli(ticks, int(self.own["tempo"])), min(ticks, least))

    def _declared_tick(self, tick: int) -> int:
        """Return the declared tick that a tick of the scaled move stands for."""
        startup, recovery = int(self.move["startup"]), int(self.move["recovery"])
        if tick < self.startup:
            return tick * startup // self.startup
        if tick < self.startup + self.active:
            return tick - self.startup + startup
        rest = tick - self.startup - self.active
        return startup + self.active + rest * recovery // max(self.recovery, 1)


def _rows(table: NDArray[np.void], move: Record, kind: str) -> list[Record]:
    first, count = int(move[f"first_{kind}"]), int(move[f"num_{kind}s"])
    return list(table[first : first + count])


def _milli(value: int, milli: int) -> int:
    """Return value * milli / 1000; nothing here is negative."""
    return value * milli // 1000


def _differs(what: str, measured: int | None, declared: int) -> Iterator[str]:
    if measured != declared:
        yield f"{what} is {measured}; declared is {declared}"
