"""What a picture needs from a match's state, as plain Python values: one Frame per drawing."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from ..roster import Roster
from ..roster.codes import Effect, EntityKind, Look

__all__ = [
    "ActiveEffect",
    "Box",
    "EntityFrame",
    "FighterFrame",
    "Frame",
    "Mark",
    "State",
    "read_frame",
]


class State(IntEnum):
    """What a fighter does (CAM_STATE)."""

    NEUTRAL = 0
    WALK = 1
    STARTUP = 2
    ACTIVE = 3
    RECOVERY = 4
    HOLD = 5
    HITSTUN = 6
    LAUNCHED = 7
    WALLBOUNCE = 8
    KNOCKDOWN = 9
    RISING = 10
    GRABBED = 11
    FROZEN = 12
    BLOCKSTUN = 13
    SLIP = 14
    KO = 15


class Mark(IntEnum):
    """What was seen last at a fighter (CAM_MARK)."""

    NONE = 0
    HIT = 1
    COUNTER = 2
    ARMOUR = 3
    GUARD = 4
    PARRY = 5
    GRAB = 6
    TECH = 7
    SLIP = 8
    DEATHWARD = 9


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the stage, su, and the hit it belongs to (index of CamHit, -1 for a body)."""

    x0: float
    x1: float
    y0: float
    y1: float
    z0: float
    z1: float
    hit: int = -1


@dataclass(frozen=True, slots=True)
class EntityFrame:
    """One thing that a move has left in the world."""

    type: int
    kind: EntityKind
    look: Look
    name: str
    owner: int  # index of the fighter that has it now: a reflected projectile has changed hands
    side: int
    facing: int
    x: int
    y: int
    z: int
    vx: int
    vz: int
    age: int
    hp: int
    strike_tick: int
    is_armed: bool
    radius: int
    body_height: int
    speed: int  # of an orbit: 1/256 turns a tick
    phase: int  # of an orbit: 1/256 turns
    returns: bool
    box: Box | None  # where its hit reaches
    is_striking: bool
    body: Box | None  # where it can be struck


@dataclass(frozen=True, slots=True)
class ActiveEffect:
    """A buff or debuff on a fighter."""

    effect: Effect
    ticks_left: int
    stacks: int


@dataclass(frozen=True, slots=True)
class FighterFrame:
    """One fighter. The move's tick is the one that was carried out last."""

    index: int
    side: int
    facing: int
    character: int
    x: int
    y: int
    z: int
    vx: int
    vy: int
    vz: int
    hp: int
    max_hp: int
    height: int
    state: State
    state_ticks: int
    timer: int
    hitstop: int
    move: int
    move_tick: int
    phase: float  # how far through startup, active ticks or recovery, 0..1
    hold_share: float
    has_contact: bool
    spark: int
    protection: int
    gauge: int  # heat, 0..1000
    is_in_form: bool
    form_ticks: int  # until its form ends; 0: it stays until it is left
    is_hovering: bool
    is_red: bool
    is_invulnerable: bool
    is_open: bool  # an ordinary strike could reach it
    has_armour: bool
    is_guarding: bool
    combo_hits: int
    combo_damage: int
    mark: Mark
    mark_age: int  # ticks
    mark_x: int
    mark_y: int
    mark_z: int
    cooldowns: tuple[int, ...]  # ticks left, by button
    companion_calls: int  # left in the first slot
    scroll: int
    companion: int
    effects: tuple[ActiveEffect, ...]
    boxes: tuple[Box, ...]  # hits active in the tick carried out last
    hurt: Box | None
    push: Box | None
    entities: tuple[EntityFrame, ...]

    @property
    def is_acting(self) -> bool:
        """Whether it is in a move."""
        return self.move >= 0


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment of a match."""

    seed: int
    tick: int
    max_ticks: int
    freeze: int
    winner: int
    is_over: bool
    fighters: tuple[FighterFrame, ...]


def read_frame(state: np.void | np.ndarray[Any, Any], roster: Roster) -> Frame:
    """Read a state record; it is not changed.

    Boxes, phases, armour and guards are those by which the simulation judged the last tick.

    Raises:
        ValueError: if it is not one record of a match's state, or not of this roster.
    """
    names = state.dtype.names
    if names is None or "fighters" not in names or state.shape != ():
        raise ValueError(
            "a state is one record of _core.DTYPES['state'], "
            f"got dtype {state.dtype}, shape {state.shape}"
        )
    clock = int(state["clock"])
    records = state["fighters"]
    shapes = roster.data.shapes(state.tobytes(), len(records))[0]
    return Frame(
        seed=int(state["seed"]),
        tick=int(state["tick"]),
        max_ticks=int(state["max_ticks"]),
        freeze=int(state["freeze"]),
        winner=int(state["winner"]),
        is_over=bool(state["is_over"]),
        fighters=tuple(
            _read_fighter(i, records[i], shapes[i], clock, roster) for i in range(len(records))
        ),
    )


def _read_fighter(
    index: int, record: np.void, shape: np.void, clock: int, roster: Roster
) -> FighterFrame:
    character = roster.arrays["characters"][int(record["character"])]
    state = State(int(record["state"]))
    move = int(record["move"])
    hold_max = int(roster.arrays["moves"][move]["hold_max"]) if move >= 0 else 0
    x, y, z, facing = int(record["x"]), int(record["y"]), int(record["z"]), int(record["facing"])
    effects = int(record["effects"])
    return FighterFrame(
        index=index,
        side=int(record["side"]),
        facing=facing,
        character=int(record["character"]),
        x=x,
        y=y,
        z=z,
        vx=int(record["vx"]),
        vy=int(record["vy"]),
        vz=int(record["vz"]),
        hp=int(record["hp"]),
        max_hp=int(character["max_hp"]),
        height=int(character["hurt_height"]),
        state=state,
        state_ticks=int(record["state_ticks"]),
        timer=int(record["timer"]),
        hitstop=int(record["hitstop"]),
        move=move,
        move_tick=max(0, int(shape["tick"])),
        phase=_share(shape["phase_tick"], shape["phase_ticks"]),
        hold_share=_share(record["hold_ticks"], hold_max),
        has_contact=int(record["contact"]) != 0,
        spark=int(record["spark"]),
        protection=int(record["protection"]),
        gauge=int(record["gauge"]),
        is_in_form=bool(record["form"]),
        form_ticks=max(0, int(record["form_until"]) - clock) if record["form"] else 0,
        is_hovering=bool(effects >> Effect.FEATHERLIGHT & 1)
        and int(record["effect_power"][Effect.FEATHERLIGHT]) >= roster.rules.hover_power,
        is_red=bool(record["is_red"]),
        is_invulnerable=bool(shape["is_safe"]),
        is_open=bool(shape["open"] & 1),
        has_armour=bool(shape["armour"]),
        is_guarding=bool(shape["guard"]),
        combo_hits=int(record["combo_hits"]),
        combo_damage=int(record["combo_damage"]),
        mark=Mark(int(record["mark"])),
        mark_age=clock - int(record["mark_clock"]),
        mark_x=int(record["mark_x"]),
        mark_y=int(record["mark_y"]),
        mark_z=int(record["mark_z"]),
        cooldowns=tuple(max(0, int(until) - clock) for until in record["cooldown_until"].tolist()),
        companion_calls=int(record["calls_left"][0]),
        scroll=int(record["scroll"]),
        companion=int(record["companions"][0]),
        effects=_read_effects(record, effects, clock),
        boxes=_active_boxes(shape, move, roster),
        hurt=None if state in (State.SLIP, State.KO) else _box(shape["hurt"]),
        push=_push_box(x, y, z, roster) if shape["has_push"] else None,
        entities=tuple(
            _read_entity(slot, entity, shape, index, roster)
            for slot, entity in enumerate(record["entities"])
            if int(entity["type"]) >= 0
        ),
    )


def _share(part: int, whole: int) -> float:
    return min(1.0, max(0.0, int(part) / int(whole))) if whole else 0.0


def _box(box: np.void, hit: int = -1) -> Box:
    x0, x1, y0, y1, z0, z1 = box.tolist()
    return Box(x0, x1, y0, y1, z0, z1, hit)


def _active_boxes(shape: np.void, move: int, roster: Roster) -> tuple[Box, ...]:
    striking = int(shape["striking"])
    if not striking:
        return ()
    first = int(roster.arrays["moves"][move]["first_hit"])
    return tuple(_box(box, first + k) for k, box in enumerate(shape["hits"]) if striking >> k & 1)


def _push_box(x: int, y: int, z: int, roster: Roster) -> Box:
    rules = roster.rules
    return Box(x - rules.push_x, x + rules.push_x, y - rules.push_y, y + rules.push_y, z, z)


def _read_effects(record: np.void, effects: int, clock: int) -> tuple[ActiveEffect, ...]:
    if not effects:
        return ()
    until, stacks = record["effect_until"].tolist(), record["effect_stacks"].tolist()
    return tuple(
        ActiveEffect(effect, max(0, until[effect] - clock), stacks[effect])
        for effect in Effect
        if effects >> effect & 1
    )


def _read_entity(
    slot: int, record: np.void, shape: np.void, owner: int, roster: Roster
) -> EntityFrame:
    index = int(record["type"])
    data = roster.arrays["entity_types"][index]
    hit, age = int(data["hit"]), int(record["age"])
    return EntityFrame(
        type=index,
        kind=EntityKind(int(data["kind"])),
        look=Look(int(data["look"])),
        name=roster.entity_types[index].name,
        owner=owner,
        side=int(record["side"]),
        facing=int(record["facing"]),
        x=int(record["x"]),
        y=int(record["y"]),
        z=int(record["z"]),
        vx=int(record["vx"]),
        vz=int(record["vz"]),
        age=age,
        hp=int(record["hp"]),
        strike_tick=int(record["strike_tick"]),
        is_armed=age >= int(data["arm_ticks"]),
        radius=int(data["radius"]),
        body_height=int(data["body_height"]),
        speed=int(data["speed"]),
        phase=int(record["phase"]),
        returns=bool(data["returns"]),
        box=_box(shape["entity_hits"][slot], hit) if hit >= 0 else None,
        is_striking=bool(int(shape["entities_striking"]) >> slot & 1),
        body=_box(shape["entity_bodies"][slot]) if record["hp"] > 0 else None,
    )
