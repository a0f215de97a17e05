"""What a character looks like: its colours and the parts of its silhouette, from the roster."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .colours import INK, PAPER, Colour, mix, parse, shade

__all__ = ["CHARMS", "ORNAMENTS", "Appearance", "Build", "appearance"]

_SKINS: Final[tuple[Colour, ...]] = (
    (245, 212, 182),
    (226, 178, 138),
    (196, 142, 102),
    (150, 102, 72),
    (104, 72, 56),
)
_DARKEST: Final = 76
_HAIRS: Final[tuple[Colour, ...]] = (
    (44, 36, 46),
    (98, 60, 38),
    (206, 168, 96),
    (190, 190, 204),
    (150, 52, 44),
)

ORNAMENTS: Final = (
    *("none", "quiver", "pennant", "pack", "horns", "ribbons", "scabbard", "spines", "wings"),
)
"""What a character wears on its back or shoulders besides the parts that the roster names."""

CHARMS: Final = ("none", "gourd", "dagger", "sash", "case", "keys", "tails")
"""What hangs from its belt."""


@dataclass(frozen=True, slots=True)
class Build:
    """Proportions of a body; 1 is usual."""

    shoulders: float = 1.0
    waist: float = 1.0
    limbs: float = 1.0
    head: float = 1.0
    hunch: float = 0.0  # degrees the torso leans more
    garment: str = "tunic"


_BUILDS: Final[Mapping[str, Build]] = {
    "slim": Build(0.82, 0.78, 0.82, 0.95, 0.0, "wraps"),
    "balanced": Build(1.0, 0.95, 1.0, 1.0, 0.0, "tunic"),
    "broad": Build(1.42, 1.05, 1.28, 0.95, 2.0, "plates"),
    "round": Build(1.22, 1.75, 1.15, 1.05, 0.0, "apron"),
    "towering": Build(1.62, 1.25, 1.42, 0.78, 4.0, "loincloth"),
    "small": Build(0.86, 1.12, 0.92, 1.42, 0.0, "coat"),
    "hunched": Build(1.15, 1.02, 0.90, 1.05, 22.0, "shawl"),
    "long": Build(0.92, 0.86, 0.80, 0.90, -2.0, "robe"),
}


@dataclass(frozen=True, slots=True)
class Appearance:
    """Everything that the drawing of a fighter depends on besides its pose."""

    main: Colour
    accent: Colour
    glow: Colour
    skin: Colour
    hair_colour: Colour
    build: Build
    head: str
    hair: str
    hat: str
    cape: str
    weapon: str
    ornament: str
    charm: str
    size: float
    ink: Colour = INK
    """Colour of the outlines."""

    def in_form(self) -> "Appearance":
        """Looks of the same body in its other form: colours turned round, outlines alight."""
        return replace(
            self,
            main=mix(self.glow, shade(self.accent, 0.8), 0.42),
            accent=mix(self.main, INK, 0.35),
            glow=mix(self.glow, PAPER, 0.45),
            hair_colour=mix(self.glow, PAPER, 0.3),
            ink=mix(self.glow, INK, 0.15),
        )

    @property
    def dark(self) -> Colour:
        """The main colour in shadow: the far arm and leg, the inside of cloth."""
        return mix(shade(self.main, 0.58), (30, 24, 52), 0.25)


def appearance(
    name: str, palette: Sequence[str | Sequence[int]], silhouette: Mapping[str, object]
) -> Appearance:
    """Read a character's looks.

    Args:
        name: the character's; it picks the tones of skin and hair, an ornament and a charm.
        palette: body, accent and glow.
        silhouette: the roster's table: body, head, hair, hat, cape, weapon, size.
    """
    main, accent, glow = (_visible(parse(colour)) for colour in palette[:3])
    code = zlib.crc32(name.encode())

    def part(key: str, default: str) -> str:
        return str(silhouette.get(key, default))

    size = silhouette.get("size", 1000)
    return Appearance(
        main=main,
        accent=accent,
        glow=glow,
        skin=_SKINS[code % len(_SKINS)],
        hair_colour=_HAIRS[code // 7 % len(_HAIRS)],
        build=_BUILDS[part("body", "balanced")],
        head=part("head", "round"),
        hair=part("hair", "none"),
        hat=part("hat", "none"),
        cape=part("cape", "none"),
        weapon=part("weapon", "fists"),
        ornament=ORNAMENTS[code // 35 % len(ORNAMENTS)],
        charm=CHARMS[code // 331 % len(CHARMS)],
        size=(size if isinstance(size, int) else 1000) / 1000.0,
    )


def _visible(colour: Colour) -> Colour:
    """Lift a colour that could not be told from its own outline."""
    return mix(colour, (112, 104, 150), 0.42) if max(colour) < _DARKEST else colour
