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

_ALWAYS_STRIKING = (EntityKind.PROJECTILE, EntityKind.ZONE, EntityKind.ORBIT)


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

    Raises:
        ValueError: if it is not one record of a match's state.
    """
    names = state.dtype.names
    if names is None or "fighters" not in names or state.shape != ():
        raise ValueError(
            "a state is one record of _core.DTYPES['state'], "
            f"got dtype {state.dtype}, shape {state.shape}"
        )
    clock = int(state["clock"])
    records = state["fighters"]
    count = min(len(records), int(state["num_fighters"]) or len(records))
    return Frame(
        seed=int(state["seed"]),
        tick=int(state["tick"]),
        max_ticks=int(state["max_ticks"]),
        freeze=int(state["freeze"]),
        winner=int(state["winner"]),
        is_over=bool(state["is_over"]),
        fighters=tuple(_read_fighter(i, records[i], clock, roster) for i in range(count)),
    )


def _read_fighter(index: int, record: np.void, clock: int, roster: Roster) -> FighterFrame:
    character = roster.arrays["characters"][int(record["character"])]
    state = State(int(record["state"]))
    move = int(record["move"])
    move_tick = max(0, int(record["move_tick"]) - (state != State.HOLD))
    phase, declared, hold_share = 0.0, 0, 0.0
    has_armour = is_guarding = False
    boxes: tuple[Box, ...] = ()
    x, y, z, facing = int(record["x"]), int(record["y"]), int(record["z"]), int(record["facing"])
    if move >= 0:
        data = roster.arrays["moves"][move]
        phase, declared = _progress(state, data, move_tick, int(record["move_scale"]))
        hold_max = int(data["hold_max"])
        hold_share = min(1.0, int(record["hold_ticks"]) / hold_max) if hold_max else 0.0
        has_armour = int(data["armour_level"]) > 0 and int(data["armour_from"]) <= declared < int(
            data["armour_to"]
        )
        is_guarding = int(data["guard_from"]) <= declared < int(data["guard_to"]) or int(
            data["parry_from"]
        ) <= declared < int(data["parry_to"])
        if state == State.ACTIVE:
            boxes = _active_boxes(data, declared, roster, (x, y, z, facing))
    effects = int(record["effects"])
    height, half = int(character["hurt_height"]), int(character["hurt_half_x"])
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
        height=height,
        state=state,
        state_ticks=int(record["state_ticks"]),
        timer=int(record["timer"]),
        hitstop=int(record["hitstop"]),
        move=move,
        move_tick=move_tick,
        phase=phase,
        hold_share=hold_share,
        has_contact=int(record["contact"]) != 0,
        spark=int(record["spark"]),
        protection=int(record["protection"]),
        gauge=int(record["gauge"]),
        is_in_form=bool(record["form"]),
        form_ticks=max(0, int(record["form_until"]) - clock) if record["form"] else 0,
        is_hovering=bool(effects >> Effect.FEATHERLIGHT & 1)
        and int(record["effect_power"][Effect.FEATHERLIGHT]) >= roster.rules.hover_power,
        is_red=bool(record["is_red"]),
        is_invulnerable=clock < int(record["invulnerable_until"]) or state == State.SLIP,
        has_armour=has_armour or bool(effects >> Effect.ARMOUR & 1),
        is_guarding=is_guarding,
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
        boxes=boxes,
        hurt=_hurt_box(state, x, y, z, half, height, roster),
        push=_push_box(state, x, y, z, roster),
        entities=tuple(
            _read_entity(entity, index, roster)
            for entity in record["entities"]
            if int(entity["type"]) >= 0
        ),
    )


def _progress(state: State, move: np.void, tick: int, scale: int) -> tuple[float, int]:
    """How far through its phase a move is, and the tick of the declared move that corresponds."""
    startup, active, recovery = int(move["startup"]), int(move["active"]), int(move["recovery"])
    quick = startup if scale == 1000 else max(startup * scale // 1000, min(startup, 2))
    rest = recovery if scale == 1000 else max(recovery * scale // 1000, min(recovery, 4))
    if tick < quick:
        declared = tick * startup // max(1, quick)
    elif tick < quick + active:
        declared = tick - quick + startup
    else:
        declared = startup + active + (tick - quick - active) * recovery // max(1, rest)
    if state == State.STARTUP:
        return min(1.0, (tick + 1) / max(1, quick)), declared
    if state == State.ACTIVE:
        return min(1.0, max(0.0, (tick - quick + 1) / max(1, active))), declared
    return min(1.0, max(0.0, (tick - quick - active + 1) / max(1, rest))), declared


def _active_boxes(
    move: np.void, declared: int, roster: Roster, place: tuple[int, int, int, int]
) -> tuple[Box, ...]:
    first = int(move["first_hit"])
    boxes = []
    for index in range(first, first + int(move["num_hits"])):
        hit = roster.arrays["hits"][index]
        if (
            int(hit["from"]) <= declared < int(hit["to"]) and not int(hit["flags"]) & 2
        ):  # a held hit has no box
            boxes.append(_hit_box(hit, index, place))
    return tuple(boxes)


def _hit_box(hit: np.void, index: int, place: tuple[int, int, int, int]) -> Box:
    x, y, z, facing = place
    ends = sorted((x + facing * int(hit["x0"]), x + facing * int(hit["x1"])))
    depth = int(hit["depth"])
    return Box(
        ends[0], ends[1], y - depth, y + depth, z + int(hit["z0"]), z + int(hit["z1"]), index
    )


def _hurt_box(
    state: State, x: int, y: int, z: int, half: int, height: int, roster: Roster
) -> Box | None:
    if state in (State.SLIP, State.KO):
        return None
    rules = roster.rules
    if state == State.KNOCKDOWN:
        half, height = height // 2, rules.lying_height
    return Box(x - half, x + half, y - rules.hurt_y, y + rules.hurt_y, z, z + height)


def _push_box(state: State, x: int, y: int, z: int, roster: Roster) -> Box | None:
    if state in (State.SLIP, State.KO, State.KNOCKDOWN, State.GRABBED):
        return None
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


def _read_entity(record: np.void, owner: int, roster: Roster) -> EntityFrame:
    index = int(record["type"])
    data = roster.arrays["entity_types"][index]
    kind, strike_tick = EntityKind(int(data["kind"])), int(record["strike_tick"])
    age = int(record["age"])
    x, y, z, facing = (int(record[name]) for name in ("x", "y", "z", "facing"))
    is_armed = age >= int(data["arm_ticks"])
    box = None
    is_striking = False
    if int(data["hit"]) >= 0:
        hit = roster.arrays["hits"][int(data["hit"])]
        box = _hit_box(hit, int(data["hit"]), (x, y, z, facing))
        ticks = strike_tick - int(data["strike_startup"])
        is_striking = (
            is_armed
            if kind in _ALWAYS_STRIKING
            else strike_tick >= 0 and int(hit["from"]) <= ticks < int(hit["to"])
        )
    return EntityFrame(
        type=index,
        kind=kind,
        look=Look(int(data["look"])),
        name=roster.entity_types[index].name,
        owner=owner,
        side=int(record["side"]),
        facing=facing,
        x=x,
        y=y,
        z=z,
        vx=int(record["vx"]),
        vz=int(record["vz"]),
        age=age,
        hp=int(record["hp"]),
        strike_tick=strike_tick,
        is_armed=is_armed,
        radius=int(data["radius"]),
        body_height=int(data["body_height"]),
        speed=int(data["speed"]),
        phase=int(record["phase"]),
        returns=bool(data["returns"]),
        box=box,
        is_striking=is_striking,
    )
