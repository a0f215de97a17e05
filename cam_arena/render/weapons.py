"""Weapon glyphs: each is drawn at a hand and points in a direction."""

import itertools
import math
from collections.abc import Callable
from typing import Final

from .appearance import Appearance
from .colours import PAPER, Colour, mix, shade
from .figure import Figure, Point

__all__ = ["PAIRED", "WEAPONS", "draw_weapon"]

_STEEL: Final[Colour] = (206, 214, 226)
_WOOD: Final[Colour] = (122, 84, 56)
_IRON: Final[Colour] = (92, 96, 112)

PAIRED: Final = frozenset({"fists", "knives", "claws"})
"""Weapons that both hands carry."""


class _Hand:
    """Places points given along the weapon's direction and to its left."""

    def __init__(self, origin: Point, angle: float) -> None:
        self.origin = origin
        self.ux, self.uy = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def at(self, forward: float, left: float = 0.0) -> Point:
        return (
            self.origin[0] + self.ux * forward - self.uy * left,
            self.origin[1] + self.uy * forward + self.ux * left,
        )


def draw_weapon(figure: Figure, look: Appearance, hand: Point, angle: float) -> None:
    """Add a character's weapon.

    Args:
        figure: where to.
        look: whose.
        hand: figure units.
        angle: degrees; 0 points forward, 90 up.
    """
    WEAPONS[look.weapon](figure, look, _Hand(hand, angle))


def _fists(f: Figure, a: Appearance, h: _Hand) -> None:
    f.disc(h.at(0.012), 0.056 * a.build.limbs, a.accent)
    f.limb(h.at(-0.045), h.at(-0.01), 0.036, 0.045, shade(a.accent, 0.7))
    f.disc(h.at(0.045, 0.02), 0.016, a.glow, outline=False)


def _knives(f: Figure, a: Appearance, h: _Hand) -> None:
    f.polygon([h.at(0.02, 0.02), h.at(0.02, -0.022), h.at(0.20, -0.016), h.at(0.245, 0.03)], _STEEL)
    f.limb(h.at(-0.04), h.at(0.02), 0.014, 0.014, a.accent)
    f.limb(h.at(0.02, -0.04), h.at(0.02, 0.04), 0.012, 0.012, a.glow)


def _sword(f: Figure, a: Appearance, h: _Hand) -> None:
    f.polygon(
        [
            h.at(0.03, 0.024),
            h.at(0.03, -0.024),
            h.at(0.40, -0.022),
            h.at(0.47, 0.006),
            h.at(0.40, 0.022),
        ],
        _STEEL,
    )
    f.polygon(
        [h.at(0.03, 0.004), h.at(0.03, -0.004), h.at(0.42, 0.0)],
        mix(_STEEL, a.glow, 0.7),
        outline=False,
    )
    f.limb(h.at(-0.08), h.at(0.02), 0.015, 0.015, a.accent)
    f.limb(h.at(0.03, -0.065), h.at(0.03, 0.065), 0.016, 0.016, a.accent)


def _greatsword(f: Figure, a: Appearance, h: _Hand) -> None:
    f.polygon(
        [
            h.at(0.06, 0.055),
            h.at(0.06, -0.055),
            h.at(0.56, -0.075),
            h.at(0.66, 0.0),
            h.at(0.56, 0.06),
        ],
        shade(_STEEL, 0.86),
    )
    f.polygon([h.at(0.08, 0.016), h.at(0.08, -0.016), h.at(0.54, 0.0)], a.glow, outline=False)
    f.limb(h.at(-0.13), h.at(0.06), 0.018, 0.018, _WOOD)
    f.limb(h.at(0.055, -0.085), h.at(0.055, 0.085), 0.02, 0.02, a.accent)


def _spear(f: Figure, a: Appearance, h: _Hand) -> None:
    f.limb(h.at(-0.40), h.at(0.50), 0.013, 0.013, _WOOD)
    f.polygon(
        [h.at(0.47, 0.045), h.at(0.66, 0.0), h.at(0.47, -0.045), h.at(0.50, 0.0)],
        mix(_STEEL, a.glow, 0.25),
    )
    f.polygon([h.at(0.46, 0.0), h.at(0.37, -0.085), h.at(0.40, -0.01)], a.accent)


def _staff(f: Figure, a: Appearance, h: _Hand) -> None:
    f.limb(h.at(-0.36), h.at(0.44), 0.017, 0.017, _WOOD)
    for turn in range(5):
        angle = math.radians(50 + turn * 65)
        f.disc(h.at(0.49 + 0.055 * math.cos(angle), 0.055 * math.sin(angle)), 0.024, a.accent)
    f.disc(h.at(0.49), 0.042, a.glow)


def _hammer(f: Figure, a: Appearance, h: _Hand) -> None:
    f.limb(h.at(-0.20), h.at(0.36), 0.02, 0.02, _WOOD)
    f.polygon([h.at(0.31, 0.135), h.at(0.49, 0.135), h.at(0.49, -0.135), h.at(0.31, -0.135)], _IRON)
    f.polygon(
        [h.at(0.31, -0.10), h.at(0.49, -0.10), h.at(0.49, -0.135), h.at(0.31, -0.135)], a.accent
    )
    f.polygon([h.at(0.31, 0.135), h.at(0.49, 0.135), h.at(0.49, 0.10), h.at(0.31, 0.10)], a.accent)
    f.disc(h.at(0.40), 0.03, a.glow)


def _bow(f: Figure, a: Appearance, h: _Hand) -> None:
    arc = [
        h.at(0.10 * math.cos(math.radians(t)) - 0.02, 0.34 * math.sin(math.radians(t)))
        for t in range(-90, 91, 20)
    ]
    f.limb(arc[0], arc[-1], 0.005, 0.005, PAPER, outline=False)
    for start, end in itertools.pairwise(arc):
        f.limb(start, end, 0.017, 0.017, a.accent)
    f.limb(h.at(-0.06), h.at(0.26), 0.008, 0.008, _WOOD)
    f.polygon([h.at(0.25, 0.025), h.at(0.32, 0.0), h.at(0.25, -0.025)], a.glow)


def _fan(f: Figure, a: Appearance, h: _Hand) -> None:
    rim = [
        h.at(0.29 * math.cos(math.radians(t)), 0.29 * math.sin(math.radians(t)))
        for t in range(-62, 63, 31)
    ]
    for i, (start, end) in enumerate(itertools.pairwise(rim)):
        f.polygon([h.at(0.0), start, end], a.accent if i % 2 else mix(a.accent, PAPER, 0.6))
    f.disc(h.at(0.0), 0.022, a.glow)


def _chain(f: Figure, a: Appearance, h: _Hand) -> None:
    for i in range(9):
        droop = -0.05 * math.sin(math.pi * i / 9.0)
        f.disc(h.at(0.05 + i * 0.055, droop), 0.024 if i % 2 else 0.017, _IRON if i % 2 else _STEEL)
    f.polygon([h.at(0.53, 0.05), h.at(0.66, 0.015), h.at(0.60, -0.075), h.at(0.56, -0.015)], a.glow)


def _shield(f: Figure, a: Appearance, h: _Hand) -> None:
    # a shield faces forward whatever the hand does, so it leans only a little with the direction
    lean = _Hand(h.origin, math.degrees(math.atan2(h.uy, h.ux)) * 0.2)
    rim = [
        lean.at(0.05, 0.26),
        lean.at(0.10, 0.20),
        lean.at(0.11, -0.05),
        lean.at(0.05, -0.27),
        lean.at(-0.02, -0.06),
        lean.at(-0.02, 0.2),
    ]
    f.polygon(rim, a.accent)
    f.polygon(
        [
            lean.at(0.055, 0.19),
            lean.at(0.085, 0.15),
            lean.at(0.088, -0.04),
            lean.at(0.05, -0.19),
            lean.at(0.01, 0.0),
        ],
        a.main,
    )
    f.disc(lean.at(0.05, 0.03), 0.034, a.glow)
    f.limb(h.at(0.10), h.at(0.36), 0.02, 0.004, _STEEL)


def _bell(f: Figure, a: Appearance, h: _Hand) -> None:
    f.limb(h.at(-0.10), h.at(0.30), 0.015, 0.015, _WOOD)
    top = h.at(0.30)
    x, y = top
    f.polygon(
        [
            (x - 0.045, y),
            (x + 0.045, y),
            (x + 0.075, y - 0.12),
            (x + 0.115, y - 0.185),
            (x - 0.115, y - 0.185),
            (x - 0.075, y - 0.12),
        ],
        a.accent,
    )
    f.limb((x - 0.10, y - 0.165), (x + 0.10, y - 0.165), 0.014, 0.014, shade(a.accent, 0.7))
    f.disc((x, y - 0.215), 0.028, a.glow)


def _lantern(f: Figure, a: Appearance, h: _Hand) -> None:
    f.limb(h.at(-0.24), h.at(0.38), 0.013, 0.013, _WOOD)
    x, y = h.at(0.38)
    f.limb((x, y), (x + 0.06, y - 0.05), 0.008, 0.008, _IRON)
    x, y = x + 0.06, y - 0.05
    f.polygon(
        [
            (x - 0.045, y - 0.03),
            (x + 0.045, y - 0.03),
            (x + 0.075, y - 0.10),
            (x + 0.045, y - 0.17),
            (x - 0.045, y - 0.17),
            (x - 0.075, y - 0.10),
        ],
        a.glow,
    )
    f.limb((x - 0.04, y - 0.03), (x + 0.04, y - 0.03), 0.014, 0.014, a.accent)
    f.limb((x - 0.04, y - 0.17), (x + 0.04, y - 0.17), 0.014, 0.014, a.accent)
    f.disc((x, y - 0.10), 0.026, mix(a.glow, (255, 255, 255), 0.7), outline=False)


def _claws(f: Figure, a: Appearance, h: _Hand) -> None:
    f.disc(h.at(0.0), 0.042, a.accent)
    for left in (-0.034, 0.0, 0.034):
        f.polygon(
            [h.at(0.02, left + 0.012), h.at(0.02, left - 0.012), h.at(0.17, left * 1.9 - 0.02)],
            mix(_STEEL, a.glow, 0.35),
        )


def _orb(f: Figure, a: Appearance, h: _Hand) -> None:
    f.disc(h.at(0.13), 0.075, a.glow)
    f.disc(h.at(0.145, 0.02), 0.034, mix(a.glow, (255, 255, 255), 0.75), outline=False)
    for turn in range(3):
        angle = math.radians(turn * 120 + 30)
        f.disc(h.at(0.13 + 0.13 * math.cos(angle), 0.13 * math.sin(angle)), 0.02, a.accent)


def _cannon(f: Figure, a: Appearance, h: _Hand) -> None:
    f.limb(h.at(-0.16), h.at(0.24), 0.072, 0.062, _IRON)
    f.limb(h.at(0.24), h.at(0.30), 0.082, 0.086, a.accent)
    f.disc(h.at(0.31), 0.048, a.glow)
    f.limb(h.at(-0.02, -0.08), h.at(-0.02, 0.08), 0.018, 0.018, a.accent)


def _needle(f: Figure, a: Appearance, h: _Hand) -> None:
    f.limb(h.at(-0.12), h.at(0.56), 0.012, 0.003, _STEEL)
    f.disc(h.at(-0.14), 0.028, a.accent)
    f.limb(h.at(-0.14), h.at(-0.26, -0.12), 0.006, 0.006, a.glow)
    f.limb(h.at(-0.26, -0.12), h.at(-0.38, -0.04), 0.006, 0.006, a.glow)


def _mirror(f: Figure, a: Appearance, h: _Hand) -> None:
    f.limb(h.at(-0.12), h.at(0.10), 0.018, 0.018, a.accent)
    f.disc(h.at(0.24), 0.155, a.accent)
    f.disc(h.at(0.24), 0.12, mix(a.glow, (232, 244, 255), 0.45), outline=False)
    f.polygon(
        [h.at(0.16, 0.05), h.at(0.20, 0.07), h.at(0.32, -0.03), h.at(0.29, -0.06)],
        (255, 255, 255),
        outline=False,
    )


WEAPONS: Final[dict[str, Callable[[Figure, Appearance, _Hand], None]]] = {
    "fists": _fists,
    "knives": _knives,
    "sword": _sword,
    "greatsword": _greatsword,
    "spear": _spear,
    "staff": _staff,
    "hammer": _hammer,
    "bow": _bow,
    "fan": _fan,
    "chain": _chain,
    "shield": _shield,
    "bell": _bell,
    "lantern": _lantern,
    "claws": _claws,
    "orb": _orb,
    "cannon": _cannon,
    "needle": _needle,
    "mirror": _mirror,
}
