"""Heads, hair and hats."""

import math

from .appearance import Appearance
from .colours import INK, PAPER, mix, shade
from .figure import Figure, Point
from .skeleton import HEAD_RADIUS

__all__ = ["draw_hair_behind", "draw_head"]


class _Skull:
    """Places points relative to the centre of a tilted head, in head radii."""

    def __init__(self, centre: Point, tilt: float, size: float) -> None:
        self.centre = centre
        self.radius = HEAD_RADIUS * size
        self.sine, self.cosine = math.sin(math.radians(-tilt)), math.cos(math.radians(-tilt))

    def at(self, forward: float, up: float) -> Point:
        x, y = forward * self.radius, up * self.radius
        return (
            self.centre[0] + x * self.cosine - y * self.sine,
            self.centre[1] + x * self.sine + y * self.cosine,
        )


def draw_hair_behind(
    figure: Figure, look: Appearance, centre: Point, tilt: float, cloth: float
) -> None:
    """Add the hair that hangs behind the body. `cloth`: how much it streams backwards, -1 to 1."""
    head = _Skull(centre, tilt, look.build.head)
    colour = look.hair_colour
    r = head.radius
    stream = -1.0 - 1.1 * cloth
    if look.hair == "long":
        points = [
            head.at(0.2, 0.9),
            head.at(-0.9, 0.7),
            head.at(-1.1 + stream * 0.4, -0.8),
            head.at(-0.8 + stream * 0.9, -2.6),
            head.at(0.1, -1.2),
        ]
        figure.polygon(points, colour)
    elif look.hair == "tail":
        root = head.at(-0.8, 0.6)
        middle = (root[0] + stream * r * 0.7, root[1] - r * (0.6 - 0.5 * cloth))
        end = (middle[0] + stream * r * 0.5, middle[1] - r * (1.3 - 1.2 * cloth))
        figure.limb(root, middle, r * 0.26, r * 0.34, colour)
        figure.limb(middle, end, r * 0.34, r * 0.06, colour)
    elif look.hair == "braids":
        for back, drop in ((-0.75, 0.0), (-0.15, 0.25)):
            knot = head.at(back, -0.5)
            for i in range(4):
                figure.disc(
                    (knot[0] + stream * r * 0.16 * i, knot[1] - r * (0.48 * i + drop)),
                    r * (0.26 - 0.03 * i),
                    colour,
                )
            figure.disc(
                (knot[0] + stream * r * 0.66, knot[1] - r * (1.9 + drop)), r * 0.15, look.glow
            )


def draw_head(figure: Figure, look: Appearance, centre: Point, tilt: float) -> None:
    """Add head, front hair and hat."""
    head = _Skull(centre, tilt, look.build.head)
    _draw_skull(figure, look, head)
    if look.head not in ("hood", "helm"):
        _draw_hair(figure, look, head)
    _draw_hat(figure, look, head)


def _eyes(
    figure: Figure,
    head: _Skull,
    colour: tuple[int, int, int],
    size: float,
    *,
    forward: float = 0.52,
) -> None:
    for place in (forward, forward - 0.55):
        figure.limb(
            head.at(place, 0.18),
            head.at(place, -0.10),
            head.radius * size,
            head.radius * size,
            colour,
            outline=False,
        )


def _draw_skull(figure: Figure, look: Appearance, head: _Skull) -> None:
    r = head.radius
    if look.head == "square":
        figure.polygon(
            [
                head.at(-0.9, 0.9),
                head.at(0.9, 0.9),
                head.at(1.0, -0.4),
                head.at(0.7, -1.0),
                head.at(-0.6, -1.0),
                head.at(-0.95, -0.3),
            ],
            look.skin,
        )
        figure.limb(
            head.at(0.1, -0.62),
            head.at(0.75, -0.60),
            r * 0.10,
            r * 0.10,
            look.hair_colour,
            outline=False,
        )
        _eyes(figure, head, INK, 0.12)
    elif look.head == "narrow":
        figure.polygon(
            [
                head.at(-0.7, 0.9),
                head.at(0.5, 1.0),
                head.at(0.85, 0.2),
                head.at(0.45, -1.15),
                head.at(0.0, -1.1),
                head.at(-0.75, -0.2),
            ],
            look.skin,
        )
        _eyes(figure, head, INK, 0.10, forward=0.45)
    elif look.head == "helm":
        steel = mix(shade(look.main, 0.9), (150, 154, 170), 0.45)
        figure.polygon(
            [
                head.at(-1.05, 0.5),
                head.at(-0.6, 1.1),
                head.at(0.5, 1.1),
                head.at(1.05, 0.45),
                head.at(1.0, -0.9),
                head.at(0.3, -1.15),
                head.at(-0.95, -1.0),
            ],
            steel,
        )
        figure.limb(head.at(0.0, 0.1), head.at(1.0, 0.1), r * 0.17, r * 0.17, INK, outline=False)
        figure.limb(
            head.at(0.45, 0.1), head.at(0.7, 0.1), r * 0.12, r * 0.12, look.glow, outline=False
        )
        figure.limb(
            head.at(0.55, -0.2),
            head.at(0.5, -1.0),
            r * 0.07,
            r * 0.07,
            shade(steel, 0.6),
            outline=False,
        )
        if look.hair == "crest":
            figure.polygon(
                [
                    head.at(0.5, 1.0),
                    head.at(0.2, 1.75),
                    head.at(-0.8, 1.5),
                    head.at(-1.5, 0.3),
                    head.at(-0.9, 0.6),
                ],
                look.accent,
            )
    elif look.head == "hood":
        _draw_hood_tip(figure, look, head)
        figure.polygon(
            [
                head.at(0.75, 0.75),
                head.at(0.1, 1.25),
                head.at(-1.0, 1.05),
                head.at(-1.55, 0.5),
                head.at(-1.15, -0.7),
                head.at(-0.6, -1.15),
                head.at(0.7, -1.0),
            ],
            look.main,
        )
        figure.polygon(
            [
                head.at(0.75, 0.65),
                head.at(0.05, 0.75),
                head.at(-0.25, 0.0),
                head.at(0.0, -0.8),
                head.at(0.7, -0.85),
                head.at(0.95, 0.0),
            ],
            shade(look.dark, 0.45),
            outline=False,
        )
        _eyes(figure, head, look.glow, 0.13)
    elif look.head == "mask":
        figure.disc(head.at(-0.1, 0.05), r * 0.98, look.hair_colour)
        figure.polygon(
            [
                head.at(0.1, 0.95),
                head.at(0.85, 0.65),
                head.at(1.0, -0.2),
                head.at(0.55, -1.15),
                head.at(0.0, -0.8),
                head.at(-0.15, 0.1),
            ],
            PAPER,
        )
        figure.limb(
            head.at(0.30, 0.20), head.at(0.42, 0.05), r * 0.10, r * 0.10, INK, outline=False
        )
        figure.limb(
            head.at(0.78, 0.16), head.at(0.70, 0.05), r * 0.10, r * 0.10, INK, outline=False
        )
        figure.limb(
            head.at(0.60, 0.85),
            head.at(0.58, -0.55),
            r * 0.08,
            r * 0.04,
            look.accent,
            outline=False,
        )
    else:
        figure.disc(head.at(0.0, 0.0), r, look.skin)
        _eyes(figure, head, INK, 0.12)


def _draw_hood_tip(figure: Figure, look: Appearance, head: _Skull) -> None:
    """What the hair makes of a hood that covers it: its tip, or locks that fall out of it."""
    r = head.radius
    if look.hair == "tail":
        figure.limb(head.at(-1.0, 0.7), head.at(-1.9, 0.15), r * 0.5, r * 0.3, look.main)
        figure.limb(head.at(-1.9, 0.15), head.at(-2.2, -0.9), r * 0.3, r * 0.08, look.main)
    elif look.hair == "crest":
        figure.polygon([head.at(0.4, 1.0), head.at(-0.9, 2.1), head.at(-1.2, 0.6)], look.main)
    elif look.hair == "spikes":
        for back, up in ((0.2, 1.75), (-0.7, 1.75), (-1.6, 1.35), (-2.0, 0.5)):
            figure.polygon([head.at(0.3, 0.6), head.at(back, up), head.at(-0.9, 0.0)], look.main)
    elif look.hair == "bun":
        figure.disc(head.at(-0.75, 1.2), r * 0.6, look.main)
    elif look.hair in ("long", "braids"):
        for forward in (0.75, 0.35):
            figure.limb(
                head.at(forward, -0.6),
                head.at(forward + 0.15, -2.1 if look.hair == "long" else -1.6),
                r * 0.26,
                r * 0.1,
                look.hair_colour,
            )


def _draw_hair(figure: Figure, look: Appearance, head: _Skull) -> None:
    colour, r = look.hair_colour, head.radius
    cap = [
        head.at(0.75, 0.62),
        head.at(0.45, 1.08),
        head.at(-0.3, 1.22),
        head.at(-0.95, 0.75),
        head.at(-1.05, -0.35),
        head.at(-0.55, -0.2),
        head.at(-0.35, 0.45),
    ]
    if look.hair == "crest":
        figure.polygon(
            [
                head.at(0.75, 0.65),
                head.at(0.75, 1.75),
                head.at(0.0, 1.55),
                head.at(-0.5, 1.75),
                head.at(-1.0, 1.1),
                head.at(-1.35, 0.7),
                head.at(-1.0, 0.0),
                head.at(-0.2, 0.8),
            ],
            look.accent,
        )
    elif look.hair == "spikes":
        spikes = [head.at(0.8, 0.5)]
        for i in range(5):
            angle = math.radians(50 + i * 36)
            spikes.append(head.at(1.75 * math.cos(angle), 1.75 * math.sin(angle)))
            angle += math.radians(18)
            spikes.append(head.at(1.0 * math.cos(angle), 1.0 * math.sin(angle)))
        figure.polygon([*spikes, head.at(-0.4, 0.3)], colour)
    elif look.hair == "bun":
        figure.disc(head.at(-0.35, 1.35), r * 0.5, colour)
        figure.limb(head.at(-1.0, 1.5), head.at(0.45, 1.2), r * 0.08, r * 0.08, look.glow)
        figure.polygon(cap, colour)
    elif look.hair in ("tail", "long", "braids"):
        figure.polygon(cap, colour)


def _draw_hat(figure: Figure, look: Appearance, head: _Skull) -> None:
    r = head.radius
    if look.hat == "wide":
        figure.polygon(
            [head.at(-2.1, 0.35), head.at(-0.1, 1.75), head.at(2.0, 0.35), head.at(0.0, 0.65)],
            mix(look.accent, (220, 190, 130), 0.35),
        )
        figure.polygon(
            [head.at(-2.1, 0.35), head.at(0.0, 0.65), head.at(2.0, 0.35), head.at(0.0, 0.35)],
            shade(look.accent, 0.55),
            outline=False,
        )
    elif look.hat == "pointed":
        figure.polygon(
            [
                head.at(-1.35, 0.55),
                head.at(-0.75, 1.3),
                head.at(-1.15, 2.7),
                head.at(0.35, 1.45),
                head.at(1.35, 0.55),
            ],
            look.accent,
        )
        figure.limb(head.at(-1.3, 0.55), head.at(1.3, 0.55), r * 0.16, r * 0.16, look.glow)
    elif look.hat == "crown":
        figure.polygon(
            [
                head.at(-0.85, 0.6),
                head.at(-1.0, 1.65),
                head.at(-0.5, 1.15),
                head.at(0.0, 1.85),
                head.at(0.4, 1.15),
                head.at(0.95, 1.65),
                head.at(0.85, 0.6),
            ],
            look.glow,
        )
        figure.disc(head.at(0.0, 0.95), r * 0.14, look.accent)
    elif look.hat == "horns":
        for side in (1.0, -1.0):
            base = head.at(0.55 * side, 0.75)
            middle = head.at(1.25 * side, 1.15)
            figure.limb(base, middle, r * 0.26, r * 0.20, PAPER)
            figure.limb(middle, head.at(1.3 * side, 2.0), r * 0.20, r * 0.04, PAPER)
    elif look.hat == "band":
        figure.limb(head.at(-0.95, 0.42), head.at(0.95, 0.42), r * 0.17, r * 0.17, look.accent)
        figure.limb(head.at(-0.95, 0.42), head.at(-1.9, 0.15), r * 0.12, r * 0.05, look.accent)
        figure.limb(head.at(-0.95, 0.42), head.at(-1.75, -0.35), r * 0.12, r * 0.05, look.accent)
        figure.disc(head.at(0.75, 0.42), r * 0.15, look.glow, outline=False)
    elif look.hat == "halo":
        for i in range(10):
            a, b = math.radians(i * 36), math.radians(i * 36 + 36)
            figure.limb(
                head.at(-0.25 + 1.25 * math.cos(a), 1.75 + 0.38 * math.sin(a)),
                head.at(-0.25 + 1.25 * math.cos(b), 1.75 + 0.38 * math.sin(b)),
                r * 0.11,
                r * 0.11,
                look.glow,
            )
