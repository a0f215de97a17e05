"""What characters wear besides what the roster names: on the back, and at the belt."""

from collections.abc import Callable
from typing import Final

from .appearance import Appearance
from .colours import PAPER, mix, shade
from .figure import Figure, Point
from .skeleton import Skeleton

__all__ = ["CHARM_ART", "ORNAMENT_ART", "draw_charm", "draw_ornament"]


class _Back:
    """Places points relative to the neck: behind the body, and up along its spine."""

    def __init__(self, bones: Skeleton, breadth: float) -> None:
        self.neck = bones.neck
        self.spine = bones.spine
        self.breadth = breadth

    def at(self, behind: float, up: float) -> Point:
        (x, y), (sx, sy) = self.neck, self.spine
        behind *= self.breadth
        return (x - sy * behind + sx * up, y + sx * behind + sy * up)


def draw_ornament(figure: Figure, look: Appearance, bones: Skeleton, sway: float) -> None:
    """Add a character's ornament. `sway`: how much cloth streams backwards, -1 to 1."""
    back = _Back(bones, 0.55 + 0.45 * look.build.shoulders)
    ORNAMENT_ART[look.ornament](figure, look, back, sway)


def draw_charm(figure: Figure, look: Appearance, bones: Skeleton, sway: float) -> None:
    """Add what hangs from a character's belt. `sway`: how much it streams backwards, -1 to 1."""
    CHARM_ART[look.charm](figure, look, (bones.hip[0], bones.hip[1] + 0.03), sway)


def _none(f: Figure, a: Appearance, b: _Back, sway: float) -> None:
    """Nothing."""


def _quiver(f: Figure, a: Appearance, b: _Back, sway: float) -> None:
    for i in range(3):
        tip = b.at(0.24 + 0.035 * i, 0.20 - 0.03 * i)
        f.limb(b.at(0.10, -0.10), tip, 0.008, 0.008, mix(a.glow, PAPER, 0.4))
        f.disc(tip, 0.022, a.glow)
    f.limb(b.at(0.02, -0.26), b.at(0.19, 0.06), 0.045, 0.05, shade(a.accent, 0.75))


def _pennant(f: Figure, a: Appearance, b: _Back, sway: float) -> None:
    foot, top = b.at(0.06, -0.26), b.at(0.16, 0.46)
    f.limb(foot, top, 0.012, 0.010, shade(a.accent, 0.6))
    x, y = top
    stream = 0.20 + 0.10 * sway
    cloth = [(x, y), (x - stream, y - 0.06), (x - stream * 0.7, y - 0.12), (x - stream, y - 0.2)]
    f.polygon([*cloth, (x - 0.03, y - 0.22)], a.glow)
    f.disc((x, y + 0.01), 0.02, a.accent)


def _pack(f: Figure, a: Appearance, b: _Back, sway: float) -> None:
    f.polygon([b.at(0.0, 0.0), b.at(0.2, 0.01), b.at(0.24, -0.22), b.at(0.0, -0.24)], a.accent)
    f.limb(b.at(0.0, 0.05), b.at(0.22, 0.05), 0.045, 0.045, mix(a.main, PAPER, 0.35))
    f.disc(b.at(0.12, -0.10), 0.03, a.glow)


def _horns(f: Figure, a: Appearance, b: _Back, sway: float) -> None:
    for behind in (0.12, -0.10):
        root, bend = b.at(behind, -0.03), b.at(behind * 1.9, 0.03)
        f.limb(root, bend, 0.05, 0.035, a.accent)
        f.limb(bend, b.at(behind * 2.2, 0.17), 0.035, 0.006, mix(a.accent, PAPER, 0.5))


def _ribbons(f: Figure, a: Appearance, b: _Back, sway: float) -> None:
    for i, tone in enumerate((a.accent, a.glow)):
        knot = b.at(0.05, -0.22)
        stream = 0.14 + 0.12 * sway + 0.06 * i
        middle = (knot[0] - stream, knot[1] - 0.02 + 0.10 * i)
        end = (middle[0] - stream * 0.9, middle[1] - 0.14 + 0.10 * max(0.0, sway))
        f.limb(knot, middle, 0.018, 0.026, tone)
        f.limb(middle, end, 0.026, 0.006, tone)


def _scabbard(f: Figure, a: Appearance, b: _Back, sway: float) -> None:
    f.limb(b.at(-0.14, -0.44), b.at(0.13, 0.0), 0.018, 0.034, shade(a.accent, 0.7))
    f.limb(b.at(0.13, 0.0), b.at(0.23, 0.17), 0.016, 0.016, a.glow)
    f.limb(b.at(0.06, 0.05), b.at(0.22, -0.04), 0.016, 0.016, a.accent)


def _spines(f: Figure, a: Appearance, b: _Back, sway: float) -> None:
    for i in range(4):
        up = 0.02 - 0.085 * i
        size = 0.30 - 0.045 * i
        spine = [b.at(0.0, up + 0.04), b.at(size, up + 0.10), b.at(0.02, up - 0.06)]
        f.polygon(spine, mix(a.accent, a.glow, 0.25 * i))


def _wings(f: Figure, a: Appearance, b: _Back, sway: float) -> None:
    lift = 0.05 * sway
    for shift, tone in ((0.07, shade(a.glow, 0.62)), (0.0, mix(a.glow, a.accent, 0.3))):
        f.polygon(
            [
                b.at(0.02 + shift, -0.06),
                b.at(0.20 + shift, 0.13 + lift),
                b.at(0.33 + shift, 0.10 + lift),
                b.at(0.25 + shift, 0.02),
                b.at(0.30 + shift, -0.06),
                b.at(0.20 + shift, -0.08),
                b.at(0.21 + shift, -0.17),
                b.at(0.06 + shift, -0.17),
            ],
            tone,
        )


def _bare(f: Figure, a: Appearance, hip: Point, sway: float) -> None:
    """Nothing."""


def _gourd(f: Figure, a: Appearance, hip: Point, sway: float) -> None:
    x, y = hip[0] - 0.07 * a.build.waist - 0.04 - 0.03 * sway, hip[1] - 0.06
    f.disc((x, y - 0.05), 0.058, mix(a.accent, (170, 120, 70), 0.5))
    f.disc((x, y + 0.03), 0.038, mix(a.accent, (170, 120, 70), 0.5))
    f.limb((x - 0.03, y), (x + 0.03, y), 0.012, 0.012, a.glow)


def _dagger(f: Figure, a: Appearance, hip: Point, sway: float) -> None:
    x, y = hip
    f.limb((x - 0.02, y), (x - 0.2, y - 0.1), 0.03, 0.008, shade(a.accent, 0.7))
    f.limb((x - 0.02, y), (x + 0.06, y + 0.045), 0.014, 0.018, a.glow)


def _sash(f: Figure, a: Appearance, hip: Point, sway: float) -> None:
    x, y = hip[0] + 0.05 * a.build.waist, hip[1]
    stream = 0.05 + 0.08 * sway
    f.polygon(
        [(x - 0.03, y), (x + 0.04, y), (x + 0.09 - stream, y - 0.30), (x - stream, y - 0.27)],
        a.glow,
    )


def _case(f: Figure, a: Appearance, hip: Point, sway: float) -> None:
    x, y = hip[0] - 0.05 * a.build.waist, hip[1] - 0.02
    f.limb((x - 0.11, y + 0.02), (x + 0.08, y - 0.03), 0.032, 0.032, mix(a.main, PAPER, 0.5))
    f.disc((x - 0.11, y + 0.02), 0.036, a.accent)


def _keys(f: Figure, a: Appearance, hip: Point, sway: float) -> None:
    x, y = hip[0] + 0.06 * a.build.waist, hip[1]
    for i in range(3):
        tip = (x + 0.03 * i - 0.04 * sway, y - 0.13 - 0.02 * i)
        f.limb((x, y), tip, 0.008, 0.008, a.glow)
        f.disc(tip, 0.022, mix(a.glow, a.accent, 0.4))


def _tails(f: Figure, a: Appearance, hip: Point, sway: float) -> None:
    x, y = hip[0] - 0.05 * a.build.waist, hip[1]
    for i in range(2):
        stream = 0.10 + 0.07 * i + 0.1 * sway
        f.polygon(
            [(x, y + 0.02), (x + 0.04, y - 0.03), (x - stream, y - 0.26 + 0.07 * i)],
            a.accent if i else shade(a.accent, 0.7),
        )


CHARM_ART: Final[dict[str, Callable[[Figure, Appearance, Point, float], None]]] = {
    "none": _bare,
    "gourd": _gourd,
    "dagger": _dagger,
    "sash": _sash,
    "case": _case,
    "keys": _keys,
    "tails": _tails,
}
ORNAMENT_ART: Final[dict[str, Callable[[Figure, Appearance, _Back, float], None]]] = {
    "none": _none,
    "quiver": _quiver,
    "pennant": _pennant,
    "pack": _pack,
    "horns": _horns,
    "ribbons": _ribbons,
    "scabbard": _scabbard,
    "spines": _spines,
    "wings": _wings,
}
