"""The numbers behind the names in a roster file: the enums of csrc/types.h, member for member."""

from enum import IntEnum, IntFlag
from typing import Final

__all__ = [
    "Button",
    "Category",
    "Direction",
    "Effect",
    "EntityKind",
    "HitFlag",
    "Impact",
    "Look",
    "MoveFlag",
    "Op",
    "Slip",
    "Teleport",
    "Trait",
    "code_names",
]

MAX_HITS: Final = 6
"""Hit records of one move (CAM_MAX_HITS)."""

NUM_KEYS: Final = 6
"""Velocity keys of one move (CAM_NUM_KEYS)."""

NUM_COMPANIONS: Final = 3
"""Companion slots of a loadout (CAM_NUM_COMPANIONS)."""


class Button(IntEnum):
    """What starts a move (CAM_BUTTON)."""

    NONE = 0
    ATTACK = 1
    SKILL1 = 2
    SKILL2 = 3
    ULTIMATE = 4
    SLIP = 5
    SCROLL = 6
    COMPANION_A = 7
    COMPANION_B = 8
    COMPANION_C = 9
    TRAIT = 10
    RELEASE = 11


class Direction(IntEnum):
    """Directions as the fighter sees them (CAM_DIRECTION)."""

    NONE = 0
    E = 1
    NE = 2
    N = 3
    NW = 4
    W = 5
    SW = 6
    S = 7
    SE = 8


class Category(IntFlag):
    """What a move is and what another cancels into (CAM_CATEGORY)."""

    CHAIN = 1
    SKILL = 2
    SCROLL = 4
    ULTIMATE = 8
    COMPANION = 16
    TRAIT = 32


class Impact(IntEnum):
    """What a hit does to a fighter it stuns (CAM_IMPACT)."""

    NONE = 0
    FLINCH = 1
    STAGGER = 2
    LAUNCH = 3
    KNOCKDOWN = 4
    CRUMPLE = 5
    WALLBOUNCE = 6
    GROUNDBOUNCE = 7


class HitFlag(IntFlag):
    """Properties of a hit (CAM_HIT)."""

    GRAB = 1
    HELD = 2
    OTG = 4
    UNBLOCKABLE = 8
    SUPER = 16
    RELEASE = 32
    EXECUTE = 64


class MoveFlag(IntFlag):
    """Properties of a move (CAM_MOVE)."""

    AIR_OK = 1
    TURN = 2
    STEER = 4
    FINISHER = 8
    GHOST = 16
    AIMED = 32
    REFLECT = 64


class Effect(IntEnum):
    """Buffs and debuffs (CAM_EFFECT)."""

    MIGHT = 0
    FRAIL = 1
    GUARDED = 2
    EXPOSED = 3
    HASTE = 4
    SLOW = 5
    TEMPO_UP = 6
    TEMPO_DOWN = 7
    REGEN = 8
    BLEED = 9
    BURN = 10
    VENOM = 11
    SHIELD = 12
    ARMOUR = 13
    THORNS = 14
    LEECH = 15
    ROOT = 16
    STUN = 17
    FREEZE = 18
    HUSH = 19
    SEAL = 20
    WEIGHTED = 21
    FEATHERLIGHT = 22
    REVERSED = 23
    MARKED = 24
    VEIL = 25
    UNSTOPPABLE = 26
    SPARKFLOW = 27
    DRAIN = 28
    QUICKEN = 29
    LAG = 30
    DEATHWARD = 31


class Op(IntEnum):
    """What a move does besides hitting (CAM_OP)."""

    NONE = 0
    SPAWN = 1
    BUFF_SELF = 2
    BUFF_TARGET = 3
    CLEANSE = 4
    DISPEL = 5
    HEAL = 6
    COST_HP = 7
    GAIN_SPARK = 8
    DRAIN_SPARK = 9
    TELEPORT = 10
    SET_VELOCITY = 11
    COOLDOWN = 12
    FORM = 13
    MARKER = 14
    PUSH = 15


class Teleport(IntEnum):
    """Where a teleport goes (CAM_TELEPORT)."""

    BEHIND = 0
    DIRECTION = 1


class EntityKind(IntEnum):
    """How an entity behaves (CAM_ENTITY)."""

    PROJECTILE = 0
    ZONE = 1
    TRAP = 2
    WALL = 3
    COMPANION = 4
    ORBIT = 5
    CLONE = 6
    MARKER = 7


class Slip(IntEnum):
    """How a fighter slips out of a combo (CAM_SLIP)."""

    BACKDOOR = 0
    STILLNESS = 1
    FEATHER = 2
    POWDER = 3
    LEDGER = 4
    QUICKENED = 5
    RIPOSTE = 6
    HERD = 7


class Trait(IntFlag):
    """Passive traits, and the four that are a move on the trait button (CAM_TRAIT)."""

    DASH = 1
    GUARD = 1 << 1
    PARRY_JUST = 1 << 2
    AIR_HOP = 1 << 3
    AMMO = 1 << 4
    MOMENTUM = 1 << 5
    LAST_STAND = 1 << 6
    FIRST_STRIKE = 1 << 7
    WALL_RUNNER = 1 << 8
    HEAVY_BONES = 1 << 9
    FEATHER = 1 << 10
    SPARK_THIEF = 1 << 11
    BLOOD_PRICE = 1 << 12
    HEAT = 1 << 13
    STANCE_DANCER = 1 << 14
    PUPPET_TETHER = 1 << 15
    BEAST_BOND = 1 << 16
    TRAPPER = 1 << 17
    DEPTH_DANCER = 1 << 18
    LONGARM = 1 << 19
    IRON_WILL = 1 << 20
    OPPORTUNIST = 1 << 21
    SECOND_SKIN = 1 << 22
    ECHO = 1 << 23


class Look(IntEnum):
    """Shape of an entity for viewers; the simulation does not read it."""

    ORB = 0
    SHARD = 1
    SPEAR = 2
    DISC = 3
    WAVE = 4
    FLAME = 5
    MINE = 6
    FIELD = 7
    WALL = 8
    HOUND = 9
    BOAR = 10
    HARE = 11
    BIRD = 12
    PUPPET = 13
    ROOTS = 14
    STAR = 15
    BLADE = 16
    RING = 17
    DOUBLE = 18
    SIGIL = 19
    TITAN = 20
    CRAB = 21
    MOTH = 22
    SERPENT = 23


def code_names(codes: type[IntEnum] | type[IntFlag]) -> tuple[str, ...]:
    """List an enum's members as roster files spell them; directions keep their capitals."""
    if codes is Direction:
        return tuple(codes.__members__)
    return tuple(name.lower() for name in codes.__members__)
