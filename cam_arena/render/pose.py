"""Poses: the angles of a fighter's joints, and a library of them.

Angles are degrees. A limb's 0 hangs straight down and positive swings it forward. `near` is the
arm and leg towards the viewer; the near hand holds the weapon.
"""

import math
from dataclasses import dataclass, fields, replace
from typing import Final

__all__ = ["POSES", "Pose", "blend", "swing", "tremble", "walk"]


@dataclass(frozen=True, slots=True)
class Pose:
    """Joint angles of a figure. The feet are put on the ground afterwards, unless it flies."""

    lean: float = 6.0  # of the torso, forward
    head: float = 0.0  # nod, forward
    near_arm: float = 25.0
    near_elbow: float = 55.0  # bends forward
    far_arm: float = 40.0
    far_elbow: float = 70.0
    near_leg: float = -16.0
    near_knee: float = 12.0  # bends backward
    far_leg: float = 24.0
    far_knee: float = 22.0
    weapon: float = 62.0  # direction of the weapon: 0 forward, 90 up
    roll: float = 0.0  # of the whole body about the hips, forward
    lift: float = 0.0  # of the whole body, in figure heights
    cloth: float = 0.0  # how much capes and hair stream backwards, -1 to 1


def blend(a: Pose, b: Pose, share: float) -> Pose:
    """Interpolate every angle; share 0 gives `a`, 1 gives `b`."""
    share = max(0.0, min(1.0, share))
    if share <= 0.0:
        return a
    if share >= 1.0:
        return b
    return Pose(
        *(getattr(a, f.name) * (1.0 - share) + getattr(b, f.name) * share for f in fields(Pose))
    )


POSES: Final[dict[str, Pose]] = {
    "idle": Pose(),
    "raise": Pose(
        lean=-6,
        head=-12,
        near_arm=160,
        near_elbow=15,
        far_arm=150,
        far_elbow=20,
        weapon=90,
        cloth=0.4,
    ),
    "gather": Pose(
        lean=14,
        head=14,
        near_arm=10,
        near_elbow=110,
        far_arm=20,
        far_elbow=115,
        near_knee=34,
        far_knee=38,
        weapon=80,
    ),
    "cast": Pose(
        lean=12,
        near_arm=84,
        near_elbow=4,
        far_arm=70,
        far_elbow=20,
        near_leg=-30,
        far_leg=34,
        far_knee=30,
        weapon=8,
        cloth=0.7,
    ),
    "draw_back": Pose(
        lean=-12,
        head=4,
        near_arm=-55,
        near_elbow=70,
        far_arm=60,
        far_elbow=40,
        near_leg=-24,
        near_knee=34,
        far_leg=16,
        weapon=150,
    ),
    "overhead": Pose(
        lean=-16,
        head=-8,
        near_arm=178,
        near_elbow=40,
        far_arm=170,
        far_elbow=45,
        near_leg=-26,
        weapon=130,
    ),
    "crouch": Pose(
        lean=30,
        head=-10,
        near_arm=-40,
        near_elbow=60,
        far_arm=50,
        far_elbow=70,
        near_leg=10,
        near_knee=75,
        far_leg=58,
        far_knee=95,
        weapon=200,
    ),
    "thrust": Pose(
        lean=24,
        head=-6,
        near_arm=92,
        near_elbow=0,
        far_arm=-50,
        far_elbow=30,
        near_leg=-46,
        near_knee=8,
        far_leg=48,
        far_knee=46,
        weapon=0,
        cloth=0.9,
    ),
    "slash": Pose(
        lean=22,
        head=-4,
        near_arm=70,
        near_elbow=8,
        far_arm=-40,
        far_elbow=50,
        near_leg=-36,
        near_knee=14,
        far_leg=40,
        far_knee=40,
        weapon=-30,
        cloth=0.8,
    ),
    "upper": Pose(
        lean=-4,
        head=-16,
        near_arm=150,
        near_elbow=6,
        far_arm=-30,
        far_elbow=60,
        near_leg=-20,
        near_knee=4,
        far_leg=36,
        far_knee=60,
        weapon=80,
        cloth=-0.6,
    ),
    "slam": Pose(
        lean=46,
        head=-20,
        near_arm=66,
        near_elbow=4,
        far_arm=58,
        far_elbow=8,
        near_leg=-40,
        near_knee=20,
        far_leg=52,
        far_knee=66,
        weapon=-50,
        cloth=0.8,
    ),
    "sweep": Pose(
        lean=40,
        head=-24,
        near_arm=50,
        near_elbow=10,
        far_arm=-60,
        far_elbow=20,
        near_leg=20,
        near_knee=88,
        far_leg=78,
        far_knee=6,
        weapon=-18,
        cloth=0.6,
    ),
    "kick": Pose(
        lean=-24,
        head=16,
        near_arm=-20,
        near_elbow=80,
        far_arm=30,
        far_elbow=90,
        near_leg=92,
        near_knee=2,
        far_leg=-8,
        far_knee=8,
        weapon=120,
        cloth=0.7,
    ),
    "punch": Pose(
        lean=18,
        head=-4,
        near_arm=-30,
        near_elbow=95,
        far_arm=88,
        far_elbow=2,
        near_leg=-38,
        near_knee=10,
        far_leg=42,
        far_knee=40,
        weapon=140,
        cloth=0.7,
    ),
    "grab": Pose(
        lean=28,
        head=-12,
        near_arm=88,
        near_elbow=18,
        far_arm=78,
        far_elbow=26,
        near_leg=-34,
        near_knee=20,
        far_leg=46,
        far_knee=52,
        weapon=20,
        cloth=0.5,
    ),
    "spin": Pose(
        lean=4,
        near_arm=92,
        near_elbow=0,
        far_arm=-92,
        far_elbow=0,
        near_leg=-18,
        far_leg=26,
        weapon=0,
        cloth=1.0,
    ),
    "dive": Pose(
        lean=30,
        head=-20,
        near_arm=-60,
        near_elbow=40,
        far_arm=-40,
        far_elbow=60,
        near_leg=62,
        near_knee=4,
        far_leg=20,
        far_knee=96,
        weapon=150,
        cloth=-1.0,
    ),
    "guard": Pose(
        lean=-4,
        head=10,
        near_arm=66,
        near_elbow=92,
        far_arm=80,
        far_elbow=96,
        near_leg=-28,
        near_knee=30,
        far_leg=26,
        far_knee=34,
        weapon=84,
    ),
    "recoil": Pose(
        lean=-26,
        head=-26,
        near_arm=-34,
        near_elbow=40,
        far_arm=62,
        far_elbow=60,
        near_leg=-2,
        near_knee=26,
        far_leg=34,
        far_knee=14,
        weapon=110,
        cloth=-0.7,
    ),
    "doubled": Pose(
        lean=44,
        head=30,
        near_arm=36,
        near_elbow=30,
        far_arm=52,
        far_elbow=44,
        near_leg=6,
        near_knee=34,
        far_leg=42,
        far_knee=40,
        weapon=-60,
        cloth=-0.5,
    ),
    "flung": Pose(
        lean=-18,
        head=-30,
        near_arm=120,
        near_elbow=20,
        far_arm=60,
        far_elbow=30,
        near_leg=40,
        near_knee=30,
        far_leg=72,
        far_knee=40,
        weapon=150,
        cloth=-0.9,
    ),
    "lying": Pose(
        lean=0,
        head=-6,
        near_arm=-150,
        near_elbow=30,
        far_arm=-70,
        far_elbow=10,
        near_leg=10,
        near_knee=34,
        far_leg=2,
        far_knee=6,
        weapon=96,
        roll=-88,
    ),
    "kneel": Pose(
        lean=34,
        head=22,
        near_arm=46,
        near_elbow=20,
        far_arm=30,
        far_elbow=50,
        near_leg=-8,
        near_knee=100,
        far_leg=72,
        far_knee=80,
        weapon=-40,
    ),
    "held": Pose(
        lean=-8,
        head=-34,
        near_arm=12,
        near_elbow=14,
        far_arm=-8,
        far_elbow=16,
        near_leg=-12,
        near_knee=40,
        far_leg=16,
        far_knee=20,
        weapon=-80,
        lift=0.06,
    ),
    "hold": Pose(
        lean=-10,
        head=4,
        near_arm=-40,
        near_elbow=100,
        far_arm=74,
        far_elbow=30,
        near_leg=-30,
        near_knee=40,
        far_leg=36,
        far_knee=44,
        weapon=160,
    ),
    "victory": Pose(
        lean=-6,
        head=-14,
        near_arm=172,
        near_elbow=6,
        far_arm=20,
        far_elbow=110,
        near_leg=-10,
        far_leg=14,
        weapon=88,
    ),
}


def walk(phase: float, direction: float) -> Pose:
    """One moment of the walk cycle.

    Args:
        phase: in turns; it runs backwards for a backward step.
        direction: +1 forward, -1 backward, 0 sideways into or out of the picture.
    """
    wave, other = math.sin(2.0 * math.pi * phase), math.cos(2.0 * math.pi * phase)
    stride = 20.0 + 14.0 * abs(direction)
    return Pose(
        lean=6.0 + 10.0 * direction,
        near_arm=20.0 - 26.0 * wave,
        near_elbow=60.0,
        far_arm=30.0 + 26.0 * wave,
        far_elbow=60.0,
        near_leg=stride * wave,
        near_knee=18.0 + 34.0 * max(0.0, other),
        far_leg=-stride * wave,
        far_knee=18.0 + 34.0 * max(0.0, -other),
        weapon=58.0 + 6.0 * wave,
        lift=0.0,
        cloth=0.55 * direction,
    )


def swing(pose: Pose, target_angle: float) -> Pose:
    """Point the weapon arm at a direction: 0 forward, 90 up."""
    return replace(pose, near_arm=90.0 + target_angle, near_elbow=0.0, weapon=target_angle)


def tremble(pose: Pose, tick: int, size: float) -> Pose:
    """Shake a pose, for charges and for hits that still ring."""
    side = 1.0 if tick % 2 else -1.0
    return replace(pose, lean=pose.lean + side * size, head=pose.head - side * size)
