"""A fighter as a figure: limbs, clothes, head and weapon, put where a pose has them."""

import math
from dataclasses import replace

import pygame

from .appearance import Appearance
from .colours import mix, shade
from .figure import Figure, Point
from .heads import draw_hair_behind, draw_head
from .ornaments import draw_charm, draw_ornament
from .pose import POSES, Pose
from .skeleton import ANKLE, Skeleton, stand
from .weapons import PAIRED, draw_weapon

__all__ = ["draw_standing", "fighter_figure"]


def fighter_figure(look: Appearance, pose: Pose, tick: int) -> Figure:
    """Draw a fighter in a pose.

    Args:
        look: whose body.
        pose: joint angles.
        tick: moves cloth in the wind.
    """
    build = look.build
    bent = replace(pose, lean=pose.lean + build.hunch)
    bones = stand(bent, breadth=0.6 + 0.4 * build.shoulders)
    figure = Figure()
    sway = pose.cloth + 0.12 * math.sin(tick * 0.21)
    tilt = bent.lean * 0.6 + pose.head
    draw_ornament(figure, look, bones, sway)
    _cape(figure, look, bones, sway)
    draw_hair_behind(figure, look, bones.head, tilt, sway)
    _arm(figure, look, bones.far_shoulder, bones.far_elbow, bones.far_hand, far=True)
    if look.weapon in PAIRED:
        draw_weapon(figure, look, bones.far_hand, pose.far_arm + pose.far_elbow - 90.0)
    _leg(figure, look, bones.far_hip, bones.far_knee, bones.far_foot, far=True)
    _leg(figure, look, bones.near_hip, bones.near_knee, bones.near_foot, far=False)
    _torso(figure, look, bones, sway)
    draw_charm(figure, look, bones, sway)
    draw_head(figure, look, bones.head, tilt)
    angle = pose.near_arm + pose.near_elbow - 90.0 if look.weapon in PAIRED else pose.weapon
    draw_weapon(figure, look, bones.near_hand, angle)
    _arm(figure, look, bones.near_shoulder, bones.near_elbow, bones.near_hand, far=False)
    if pose.roll:
        figure.turn(bones.hip, pose.roll)
        if not pose.lift:
            thickness = _sole(look) * abs(math.sin(math.radians(pose.roll)))
            figure.shift(0.0, thickness - _lowest_joint(bones, pose.roll) + ANKLE)
    if pose.lift:
        figure.shift(0.0, pose.lift)
    return figure


def draw_standing(
    look: Appearance, height: float, facing: int = 1, tick: int = 0
) -> tuple[pygame.Surface, tuple[int, int]]:
    """Draw a character that stands still.

    Args:
        look: whose.
        height: of its body, pixels.
        facing: +1 looks to the right, -1 to the left.
        tick: moves cloth in the wind.

    Returns:
        A surface with transparency, and the pixel in it between the feet.
    """
    return fighter_figure(look, POSES["idle"], tick).render(height, facing, ink=look.ink)


def _sole(look: Appearance) -> float:
    return 0.07 * look.build.waist


def _lowest_joint(bones: Skeleton, roll: float) -> float:
    sine, cosine = math.sin(math.radians(-roll)), math.cos(math.radians(-roll))
    joints = (
        bones.head,
        bones.neck,
        bones.hip,
        bones.near_foot,
        bones.far_foot,
        bones.near_knee,
        bones.far_knee,
    )
    return min(
        bones.hip[1] + (x - bones.hip[0]) * sine + (y - bones.hip[1]) * cosine for x, y in joints
    )


def _arm(
    figure: Figure, look: Appearance, shoulder: Point, elbow: Point, hand: Point, *, far: bool
) -> None:
    width = 0.044 * look.build.limbs
    sleeve = look.dark if far else look.main
    skin = shade(look.skin, 0.72) if far else look.skin
    loose = look.build.garment in ("robe", "coat", "shawl")
    figure.limb(elbow, hand, width * 0.86, width * 0.78, skin)
    figure.limb(shoulder, elbow, width * 1.12, width * (1.35 if loose else 0.95), sleeve)
    if loose:
        cuff = (elbow[0] * 0.45 + hand[0] * 0.55, elbow[1] * 0.45 + hand[1] * 0.55)
        figure.limb(elbow, cuff, width * 1.3, width * 1.75, sleeve)
    else:
        wrist = (elbow[0] * 0.35 + hand[0] * 0.65, elbow[1] * 0.35 + hand[1] * 0.65)
        figure.limb(wrist, hand, width * 0.95, width * 0.9, shade(look.accent, 0.7 if far else 1.0))
    figure.disc(hand, width * 0.98, skin)


def _leg(
    figure: Figure, look: Appearance, hip: Point, knee: Point, foot: Point, *, far: bool
) -> None:
    width = 0.056 * look.build.limbs
    cloth = look.dark if far else mix(look.main, (34, 28, 52), 0.35)
    boot = shade(look.accent, 0.55 if far else 0.85)
    figure.limb(hip, knee, width * 1.25, width * 0.92, cloth)
    figure.limb(knee, foot, width * 0.9, width * 0.66, cloth)
    shin = (knee[0] * 0.5 + foot[0] * 0.5, knee[1] * 0.5 + foot[1] * 0.5)
    figure.limb(shin, foot, width * 0.86, width * 0.74, boot)
    figure.limb(
        (foot[0] - 0.01, foot[1] - 0.004),
        (foot[0] + 0.062, foot[1] - 0.010),
        width * 0.56,
        width * 0.44,
        boot,
    )


def _torso(figure: Figure, look: Appearance, bones: Skeleton, sway: float) -> None:
    build = look.build
    sx, sy = bones.spine
    hip, neck = bones.hip, bones.neck
    wide, waist = 0.092 * build.shoulders, 0.068 * build.waist

    def across(base: Point, side: float, up: float) -> Point:
        return (base[0] + sy * side + sx * up, base[1] - sx * side + sy * up)

    chest = [
        across(neck, -wide, -0.02),
        across(neck, -wide * 0.45, 0.02),
        across(neck, wide * 0.5, 0.015),
        across(neck, wide, -0.045),
        across(hip, waist * 1.05, 0.09),
        across(hip, waist, -0.01),
        across(hip, -waist, -0.01),
        across(hip, -waist * 1.0, 0.10),
    ]
    drop = -0.06 * sway
    if build.garment == "robe":
        figure.polygon(
            [
                across(hip, -waist * 1.1, 0.08),
                across(hip, waist * 1.1, 0.08),
                (hip[0] + 0.13 + drop, 0.03),
                (hip[0] - 0.16 + drop, 0.03),
            ],
            look.main,
        )
        figure.polygon(
            [
                across(hip, waist * 0.2, 0.06),
                across(hip, waist * 0.9, 0.06),
                (hip[0] + 0.11 + drop, 0.035),
                (hip[0] + 0.03 + drop, 0.035),
            ],
            look.accent,
            outline=False,
        )
    elif build.garment == "tunic":
        figure.polygon(
            [
                across(hip, -waist, 0.05),
                across(hip, waist, 0.05),
                (hip[0] + waist * 1.5 + drop, hip[1] - 0.15),
                (hip[0] - waist * 1.7 + drop, hip[1] - 0.16),
            ],
            look.main,
        )
    elif build.garment == "coat":
        figure.polygon(
            [
                across(hip, -waist, 0.08),
                across(hip, waist, 0.08),
                (hip[0] + waist * 1.5 + drop, hip[1] - 0.22),
                (hip[0] - waist * 2.0 + drop * 1.6, hip[1] - 0.24),
            ],
            look.main,
        )
    elif build.garment in ("loincloth", "plates"):
        figure.polygon(
            [
                across(hip, -waist * 0.6, 0.02),
                across(hip, waist * 0.6, 0.02),
                (hip[0] + 0.05 + drop, hip[1] - 0.21),
                (hip[0] - 0.06 + drop, hip[1] - 0.20),
            ],
            look.accent,
        )
    figure.polygon(chest, look.skin if build.garment == "loincloth" else look.main)
    if build.garment == "apron":
        belly = across(hip, 0.03, 0.10)
        figure.disc(belly, 0.088 * build.waist, look.main)
        figure.disc(
            (belly[0] + 0.022, belly[1] - 0.005), 0.062 * build.waist, look.accent, outline=False
        )
    elif build.garment == "plates":
        figure.polygon(
            [
                across(neck, -wide * 0.3, -0.03),
                across(neck, wide, -0.05),
                across(hip, waist, 0.12),
                across(hip, 0.0, 0.10),
            ],
            mix(look.accent, (210, 214, 224), 0.35),
        )
    elif build.garment == "wraps":
        for up in (0.07, 0.14):
            figure.limb(
                across(hip, -waist * 0.8, up),
                across(hip, waist * 0.9, up + 0.03),
                0.012,
                0.012,
                look.accent,
                outline=False,
            )
    elif build.garment == "shawl":
        figure.polygon(
            [
                across(neck, -wide * 1.3, -0.14),
                across(neck, -wide * 0.7, 0.045),
                across(neck, wide * 0.8, 0.03),
                across(neck, wide * 1.2, -0.13),
                across(neck, 0.0, -0.21),
            ],
            look.accent,
        )
    else:
        figure.polygon(
            [
                across(neck, wide * 0.05, 0.0),
                across(neck, wide * 0.6, -0.01),
                across(hip, waist * 0.75, 0.06),
                across(hip, waist * 0.3, 0.06),
            ],
            look.accent,
            outline=False,
        )
    if build.garment != "shawl":
        figure.limb(across(hip, -waist, 0.035), across(hip, waist, 0.035), 0.02, 0.02, look.accent)
        figure.disc(across(hip, waist * 0.55, 0.035), 0.018, look.glow, outline=False)
    if build.garment in ("plates", "loincloth"):
        for shoulder in (bones.far_shoulder, bones.near_shoulder):
            figure.disc((shoulder[0], shoulder[1] + 0.012), 0.062 * build.shoulders, look.accent)
    figure.limb(
        neck, (neck[0] + sx * 0.035, neck[1] + sy * 0.035), 0.032 * build.limbs, 0.032, look.skin
    )


def _cape(figure: Figure, look: Appearance, bones: Skeleton, sway: float) -> None:
    if look.cape == "none":
        return
    x, y = bones.neck
    back = x - 0.06 * look.build.shoulders
    stream = 0.10 + 0.20 * sway
    rise = 0.10 * max(0.0, sway)
    inner = shade(look.accent, 0.62)
    if look.cape == "short":
        figure.polygon(
            [
                (back - 0.02, y + 0.01),
                (x + 0.02, y),
                (back + 0.03, y - 0.30),
                (back - 0.10 - stream, y - 0.34 + rise),
            ],
            look.accent,
        )
    elif look.cape == "long":
        figure.polygon(
            [
                (back - 0.03, y + 0.01),
                (x + 0.03, y),
                (back + 0.02, 0.07),
                (back - 0.16 - 1.4 * stream, 0.06 + 1.2 * rise),
                (back - 0.12 - 0.5 * stream, y - 0.3),
            ],
            look.accent,
        )
        figure.polygon(
            [
                (back + 0.0, y - 0.02),
                (x + 0.0, y - 0.05),
                (back + 0.0, 0.085),
                (back - 0.05 - 0.7 * stream, 0.085 + rise),
            ],
            inner,
            outline=False,
        )
    elif look.cape == "split":
        for shift, length in ((0.0, 0.62), (0.07, 0.50)):
            figure.polygon(
                [
                    (back + shift - 0.03, y),
                    (back + shift + 0.04, y),
                    (back + shift - 0.02 - stream, y - length + rise),
                    (back + shift - 0.12 - 1.6 * stream, y - length - 0.05 + 1.5 * rise),
                ],
                look.accent if shift else inner,
            )
    elif look.cape == "scarf":
        knot = (back + 0.02, y + 0.02)
        middle = (knot[0] - 0.15 - 0.4 * stream, knot[1] - 0.03 + rise)
        figure.limb(knot, middle, 0.03, 0.034, look.accent)
        figure.limb(
            middle,
            (middle[0] - 0.16 - stream * 0.5, middle[1] - 0.11 + 1.4 * rise),
            0.034,
            0.012,
            look.accent,
        )
        figure.limb((x - 0.06, y + 0.015), (x + 0.07, y + 0.005), 0.034, 0.034, look.accent)
