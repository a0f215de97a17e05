"""What a picture shows of the past: damage numbers, lost health, move names, the frame meter."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from ..roster import Roster
from ..roster.codes import EntityKind
from .frame import FighterFrame, Frame, Mark, State

__all__ = ["METER_TICKS", "Callout", "Cell", "History", "Number"]

METER_TICKS: Final = 60
_TRAIL_WAIT: Final = 18
_CALLOUT_TICKS: Final = 48
_NUMBER_TICKS: Final = 30
_MERGE_TICKS: Final = 12


@dataclass(slots=True)
class Number:
    """HP lost or won at a place of the stage."""

    fighter: int
    amount: int  # negative: healed
    born: int
    x: float
    y: float
    z: float
    is_counter: bool


@dataclass(slots=True)
class Callout:
    """The name of a move that has just begun or struck."""

    text: str
    kind: str  # the move's category
    born: int
    damage: int = 0
    hits: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One tick of one fighter in the frame meter."""

    state: State
    is_in_form: bool = False
    striking: EntityKind | None = None  # what of its own strikes: the latest of these


@dataclass(slots=True)
class _Track:
    """The past of one fighter."""

    hp: int
    trail: float
    hurt_tick: int = -1000
    move: int = -1
    move_tick: int = 0
    meter: deque[Cell] = field(default_factory=lambda: deque(maxlen=METER_TICKS))
    combo_hits: int = 0
    combo_damage: int = 0
    combo_tick: int = -1000
    callout: Callout | None = None


class History:
    """Follows the frames that are drawn; starts again when another match is."""

    def __init__(self, roster: Roster) -> None:
        """Start with nothing seen."""
        self._roster = roster
        self._last: Frame | None = None
        self.tracks: list[_Track] = []
        self.numbers: list[Number] = []
        self.shake = 0.0
        self.over_tick = -1
        self.elapsed = -1

    def update(self, frame: Frame) -> None:
        """Take in the frame that is about to be drawn."""
        last = self._last
        self._last = frame
        if last is None or not _follows(last, frame):
            self.tracks = [_Track(f.hp, float(f.hp), move=f.move) for f in frame.fighters]
            self.numbers = []
            self.shake = 0.0
            self.over_tick = frame.tick if frame.is_over else -1
            self.elapsed = -1
            return
        self.elapsed = frame.tick - last.tick
        self.shake *= 0.72**self.elapsed
        if frame.is_over and self.over_tick < 0:
            self.over_tick = frame.tick
        self.numbers = [n for n in self.numbers if frame.tick - n.born < _NUMBER_TICKS]
        for fighter, track in zip(frame.fighters, self.tracks, strict=True):
            self._follow(fighter, track, frame)

    def _follow(self, fighter: FighterFrame, track: _Track, frame: Frame) -> None:
        striking = [e for e in fighter.entities if e.is_striking]
        cell = Cell(
            fighter.state,
            fighter.is_in_form,
            min(striking, key=lambda e: e.age).kind if striking else None,
        )
        track.meter.extend([cell] * min(METER_TICKS, self.elapsed))
        lost = track.hp - fighter.hp
        if lost:
            self._count_damage(fighter, track, lost, frame)
        track.hp = fighter.hp
        if frame.tick - track.hurt_tick > _TRAIL_WAIT or fighter.hp > track.trail:
            track.trail = max(
                float(fighter.hp), track.trail - 0.012 * fighter.max_hp * max(1, self.elapsed)
            )
        if fighter.combo_hits:
            track.combo_hits, track.combo_damage, track.combo_tick = (
                fighter.combo_hits,
                fighter.combo_damage,
                frame.tick,
            )
        if fighter.is_acting and (
            fighter.move != track.move or fighter.move_tick < track.move_tick
        ):
            move = self._roster.moves[fighter.move]
            if move.category != "chain":
                track.callout = Callout(move.name, move.category, frame.tick)
        track.move, track.move_tick = fighter.move, fighter.move_tick
        if track.callout is not None and frame.tick - track.callout.born > _CALLOUT_TICKS:
            track.callout = None

    def _count_damage(self, fighter: FighterFrame, track: _Track, lost: int, frame: Frame) -> None:
        struck = fighter.mark_age <= self.elapsed and fighter.mark in (
            Mark.HIT,
            Mark.COUNTER,
            Mark.ARMOUR,
            Mark.GUARD,
        )
        place = (
            (fighter.mark_x, fighter.mark_y, fighter.mark_z)
            if struck
            else (fighter.x, fighter.y, fighter.z + fighter.height)
        )
        if struck or abs(lost) >= 30:
            self._add_number(
                Number(
                    fighter.index, lost, frame.tick, *place, struck and fighter.mark == Mark.COUNTER
                )
            )
        if lost > 0:
            track.hurt_tick = frame.tick
            self.shake = (
                min(14.0, self.shake + 160.0 * lost / fighter.max_hp)
                if lost * 40 > fighter.max_hp
                else self.shake
            )
        if lost > 0 and struck:
            self._name_striker(fighter, lost, frame)

    def _add_number(self, number: Number) -> None:
        """Show a number, or add it to one that has just appeared: a flurry counts up."""
        for other in self.numbers:
            fresh = number.born - other.born < _MERGE_TICKS
            if (
                other.fighter == number.fighter
                and fresh
                and (other.amount > 0) == (number.amount > 0)
            ):
                other.amount += number.amount
                other.is_counter |= number.is_counter
                return
        self.numbers.append(number)

    def _name_striker(self, victim: FighterFrame, lost: int, frame: Frame) -> None:
        """Say at the attacker's side what has struck."""
        attackers = [f for f in frame.fighters if f.side != victim.side]
        attacker = min(attackers, key=lambda f: abs(f.x - victim.mark_x) + abs(f.y - victim.mark_y))
        track = self.tracks[attacker.index]
        text, kind = "", "chain"
        if (
            attacker.is_acting
            and attacker.has_contact
            and attacker.state in (State.ACTIVE, State.RECOVERY)
        ):
            move = self._roster.moves[attacker.move]
            text, kind = move.name, move.category
        elif strikers := [e for e in attacker.entities if e.box is not None]:
            nearest = min(
                strikers,
                key=lambda e: (
                    not e.is_striking,
                    abs(e.x - victim.mark_x) + abs(e.y - victim.mark_y),
                ),
            )
            text, kind = nearest.name, "entity"
        if not text:
            return
        if track.callout is not None and track.callout.text == text:
            track.callout.damage += lost
            track.callout.hits += 1
            track.callout.born = max(track.callout.born, frame.tick - _CALLOUT_TICKS // 3)
        elif track.callout is None or kind != "chain" or track.callout.kind == "chain":
            track.callout = Callout(text, kind, frame.tick, lost, 1)


def _follows(last: Frame, frame: Frame) -> bool:
    same = last.seed == frame.seed and len(last.fighters) == len(frame.fighters)
    cast = [f.character for f in last.fighters] == [f.character for f in frame.fighters]
    return same and cast and 0 <= frame.tick - last.tick <= 30
