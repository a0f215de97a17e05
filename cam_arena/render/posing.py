"""Which pose a fighter stands in: from its state and how far its move has come."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from .frame import Box, FighterFrame, State
from .pose import POSES, Pose, blend, swing, tremble, walk

__all__ = ["STYLES", "choose_pose", "strike_style"]

_CHAIN: Final = (
    ("draw_back", "slash"),
    ("draw_back", "punch"),
    ("overhead", "slash"),
    ("crouch", "kick"),
    ("draw_back", "thrust"),
)
_FLURRY: Final = ("thrust", "punch", "slash", "kick")
_CAST: Final = ("gather", "cast")
STYLES: Final[Mapping[str, tuple[str, str]]] = {
    "strike": _CHAIN[0],  # a chain's poses differ: see strike_style
    "flurry": ("draw_back", _FLURRY[0]),
    "finisher": ("overhead", "slam"),
    "lunge": ("draw_back", "thrust"),
    "rush": ("draw_back", "thrust"),
    "dash": ("crouch", "thrust"),
    "armoured_charge": ("crouch", "punch"),
    "execute": ("overhead", "slam"),
    "blink": ("gather", "slash"),
    "launcher": ("crouch", "upper"),
    "slam": ("overhead", "slam"),
    "meteor": ("overhead", "raise"),
    "sweep": ("crouch", "sweep"),
    "grab": ("gather", "grab"),
    "grab_string": ("draw_back", "grab"),
    "repel": ("gather", "spin"),
    "counter": ("guard", "guard"),
    "guard": ("guard", "guard"),
    "parry": ("guard", "deflect"),
    "reversal": ("guard", "slash"),
    "hold_charge": ("hold", "thrust"),
    "dive": ("gather", "dive"),
    "glide": ("crouch", "glide"),
    "air_hop": ("crouch", "hop"),
    "empower": ("gather", "raise"),
    "mend": ("gather", "raise"),
    "stance": ("gather", "stance"),
    "transformation": ("doubled", "burst"),
    "trap": ("gather", "slam"),
    "zone": ("raise", "slam"),
    "wall": ("raise", "slam"),
    "summon": ("gather", "raise"),
    "titan": ("doubled", "raise"),
    "clone": ("seal", "burst"),
    "marker": ("gather", "plant"),
    "bolt": _CAST,
    "fan": _CAST,
    "seeker": _CAST,
    "beam": _CAST,
    "pull": _CAST,
    "hex": ("seal", "cast"),
    "lob": ("draw_back", "throw"),
    "boomerang": ("draw_back", "throw"),
    "orbit": ("seal", "spin"),
    "storm": ("raise", "spin"),
    "cinematic": ("draw_back", "flourish"),
    "finale": ("hold", "flourish"),
    "lane": ("hold", "cast"),
    "barrage": ("draw_back", _FLURRY[0]),
    "pierce": ("hold", "thrust"),
    "time_slow": ("seal", "stance"),
}
"""Names of the poses of winding up and of striking, by archetype."""

_STRIDE: Final = 1500.0  # su of two steps
_AIMED: Final = frozenset({"thrust", "slash", "slam", "upper"})
_FREE: Final = frozenset({State.NEUTRAL, State.WALK})


def strike_style(archetype: str, move: int, tick: int) -> tuple[str, str]:
    """Names of the poses of winding up and of striking."""
    if archetype == "strike":
        return _CHAIN[move % len(_CHAIN)]
    if archetype in ("flurry", "barrage"):
        return ("draw_back", _FLURRY[tick // 2 % len(_FLURRY)])
    return STYLES[archetype]


def choose_pose(fighter: FighterFrame, archetype: str, tick: int, *, has_won: bool) -> Pose:
    """Return the pose of a fighter at one moment.

    Args:
        fighter: the fighter.
        archetype: of its move; empty if it is in none.
        tick: of the match; drives breathing and walking.
        has_won: whether the match is over and it stands as the winner.
    """
    if fighter.z > 0 and fighter.state in _FREE:
        return _hover_pose(fighter, tick)
    match fighter.state:
        case State.STARTUP | State.ACTIVE | State.RECOVERY | State.HOLD if fighter.is_acting:
            return _move_pose(fighter, archetype, tick)
        case State.WALK:
            direction = (
                0.0 if abs(fighter.vx) < 20 else math.copysign(1.0, fighter.vx * fighter.facing)
            )
            # by the way gone, so that feet do not slide whatever the speed
            return walk((fighter.x * fighter.facing + fighter.y) / _STRIDE, direction)
        case State.HITSTUN:
            return _hurt_pose(fighter, tick)
        case State.LAUNCHED:
            return _flying_pose(fighter)
        case State.WALLBOUNCE:
            return replace(POSES["flung"], roll=-40.0, lift=0.01)
        case State.KNOCKDOWN:
            return POSES["lying"]
        case State.KO:
            return blend(
                replace(POSES["doubled"], roll=-20.0),
                POSES["lying"],
                fighter.state_ticks / 8.0 + 0.3,
            )
        case State.RISING:
            left = fighter.timer / 10.0
            return blend(POSES["idle"], POSES["kneel"], min(1.0, left * 1.6))
        case State.GRABBED:
            return tremble(POSES["held"], tick, 3.0)
        case State.FROZEN:
            return replace(POSES["doubled"], lean=12.0, near_arm=60.0)
        case State.BLOCKSTUN:
            return tremble(POSES["guard"], tick, 2.0)
    if has_won:
        return replace(POSES["victory"], lift=0.02 * abs(math.sin(tick * 0.2)))
    return _idle_pose(tick + 11 * fighter.index)


def _idle_pose(tick: int) -> Pose:
    breath = math.sin(tick * 0.14)
    idle = POSES["idle"]
    return replace(
        idle,
        lean=idle.lean + 1.6 * breath,
        near_arm=idle.near_arm + 4.0 * breath,
        far_arm=idle.far_arm - 3.0 * breath,
        near_knee=idle.near_knee + 5.0 * breath + 5.0,
        far_knee=idle.far_knee + 5.0 * breath + 5.0,
        weapon=idle.weapon + 4.0 * breath,
    )


def _hover_pose(fighter: FighterFrame, tick: int) -> Pose:
    """Free in the air: it treads air, and leans the way it drifts."""
    wave = math.sin(tick * 0.16 + fighter.index)
    drift = max(-1.0, min(1.0, fighter.vx * fighter.facing / 120.0))
    pose = POSES["hover"]
    return replace(
        pose,
        lean=pose.lean + 16.0 * drift,
        near_arm=pose.near_arm + 8.0 * wave,
        far_arm=pose.far_arm - 8.0 * wave,
        near_knee=pose.near_knee + 10.0 * wave,
        far_knee=pose.far_knee - 10.0 * wave,
        lift=0.03 * wave if fighter.is_hovering else 0.001,
        cloth=-0.5 + 0.25 * wave,
    )


def _move_pose(fighter: FighterFrame, archetype: str, tick: int) -> Pose:
    windup, strike = (
        POSES[name] for name in strike_style(archetype, fighter.move, fighter.move_tick)
    )
    if fighter.state == State.HOLD:
        return tremble(windup, tick, 1.0 + 4.0 * fighter.hold_share)
    if fighter.state == State.STARTUP:
        return blend(POSES["idle"], windup, fighter.phase**0.6)
    name = strike_style(archetype, fighter.move, fighter.move_tick)[1]
    if fighter.state == State.ACTIVE:
        if name == "spin":
            return replace(
                strike,
                near_arm=90.0 if tick // 2 % 2 else -90.0,
                far_arm=-90.0 if tick // 2 % 2 else 90.0,
            )
        if fighter.boxes and name in _AIMED:
            strike = swing(strike, _aim(fighter, fighter.boxes[0]))
        return strike
    return blend(strike, POSES["idle"], fighter.phase**1.5)


def _aim(fighter: FighterFrame, box: Box) -> float:
    """Direction from the shoulder to the far middle of a box, degrees."""
    end = box.x1 if fighter.facing > 0 else box.x0
    forward = max(200.0, abs(end - fighter.x))
    up = (box.z0 + box.z1) / 2.0 - fighter.z - 0.7 * fighter.height
    return max(-60.0, min(75.0, math.degrees(math.atan2(up, forward))))


def _hurt_pose(fighter: FighterFrame, tick: int) -> Pose:
    pose = POSES["doubled"] if fighter.combo_hits % 2 == 0 else POSES["recoil"]
    if fighter.hitstop > 0 or fighter.state_ticks < 2:
        return tremble(pose, tick, 5.0)
    return blend(POSES["idle"], pose, 0.35 + min(0.65, fighter.timer / 10.0))


def _flying_pose(fighter: FighterFrame) -> Pose:
    fall = max(0.0, min(1.0, (350.0 - fighter.vz) / 700.0))
    spin = (
        360.0 * max(0, fighter.state_ticks - 4) / 22.0
        if fighter.vz > 250 and abs(fighter.vx) > 180
        else 0.0
    )
    return replace(POSES["flung"], roll=-30.0 - 65.0 * fall - spin, lift=0.001)
