"""Where a pose puts the joints of a body, in figure units."""

import math
from dataclasses import dataclass
from typing import Final

from .figure import Point
from .pose import Pose

__all__ = ["ANKLE", "HEAD_RADIUS", "Skeleton", "along", "stand"]

THIGH: Final = 0.215
SHIN: Final = 0.215
TORSO: Final = 0.285
UPPER_ARM: Final = 0.165
FOREARM: Final = 0.165
HEAD_RADIUS: Final = 0.112
ANKLE: Final = 0.030  # height of an ankle above the sole


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Joints of one body, not yet rolled."""

    hip: Point
    neck: Point
    head: Point
    near_shoulder: Point
    near_elbow: Point
    near_hand: Point
    far_shoulder: Point
    far_elbow: Point
    far_hand: Point
    near_hip: Point
    near_knee: Point
    near_foot: Point
    far_hip: Point
    far_knee: Point
    far_foot: Point
    spine: Point  # unit vector from hip to neck


def along(start: Point, angle: float, length: float) -> Point:
    """Go `length` from `start`; angle 0 is down, 90 forward."""
    radians = math.radians(angle)
    return (start[0] + math.sin(radians) * length, start[1] - math.cos(radians) * length)


def stand(pose: Pose, *, breadth: float) -> Skeleton:
    """Place the joints with the lower foot on the ground.

    Args:
        pose: the angles.
        breadth: width of the body; 1 is usual.
    """
    spread = 0.030 * breadth
    knees = []
    feet = []
    for angle, bend, side in (
        (pose.near_leg, pose.near_knee, -spread),
        (pose.far_leg, pose.far_knee, spread),
    ):
        knee = along((side, 0.0), angle, THIGH)
        knees.append(knee)
        feet.append(along(knee, angle - bend, SHIN))
    height = ANKLE - min(feet[0][1], feet[1][1])

    def up(point: Point) -> Point:
        return (point[0], point[1] + height)

    hip = (0.0, height)
    neck = along(hip, 180.0 - pose.lean, TORSO)
    spine = ((neck[0] - hip[0]) / TORSO, (neck[1] - hip[1]) / TORSO)
    head = along(neck, 180.0 - pose.lean - pose.head, HEAD_RADIUS + 0.012)
    shoulder = (neck[0] - spine[0] * 0.035, neck[1] - spine[1] * 0.035)
    near_shoulder = (
        shoulder[0] - 0.050 * breadth * spine[1],
        shoulder[1] + 0.050 * breadth * spine[0],
    )
    far_shoulder = (
        shoulder[0] + 0.055 * breadth * spine[1],
        shoulder[1] - 0.055 * breadth * spine[0],
    )
    near_elbow = along(near_shoulder, pose.near_arm, UPPER_ARM)
    far_elbow = along(far_shoulder, pose.far_arm, UPPER_ARM)
    return Skeleton(
        hip=hip,
        neck=neck,
        head=head,
        near_shoulder=near_shoulder,
        near_elbow=near_elbow,
        near_hand=along(near_elbow, pose.near_arm + pose.near_elbow, FOREARM),
        far_shoulder=far_shoulder,
        far_elbow=far_elbow,
        far_hand=along(far_elbow, pose.far_arm + pose.far_elbow, FOREARM),
        near_hip=(-spread, height),
        near_knee=up(knees[0]),
        near_foot=up(feet[0]),
        far_hip=(spread, height),
        far_knee=up(knees[1]),
        far_foot=up(feet[1]),
        spine=spine,
    )
