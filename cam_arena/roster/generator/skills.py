"""The 30 skill archetypes: for each, the builder that draws one of its kind."""

from collections.abc import Callable, Mapping
from typing import Final

from . import crafts, shots, strikes
from .draw import Draw
from .parts import Kit, Shape

__all__ = ["SKILLS", "Builder", "Kit", "Shape"]

Builder = Callable[[Draw, Shape, str], Kit]
"""Draws a move: from the draw of its slot, the character's shape and the move's name."""

SKILLS: Final[Mapping[str, Builder]] = {
    "lunge": strikes.lunge,
    "flurry": strikes.flurry,
    "launcher": strikes.launcher,
    "slam": strikes.slam,
    "sweep": strikes.sweep,
    "grab": strikes.grab,
    "grab_string": strikes.grab_string,
    "bolt": shots.bolt,
    "fan": shots.fan,
    "seeker": shots.seeker,
    "lob": shots.lob,
    "beam": shots.beam,
    "boomerang": shots.boomerang,
    "orbit": shots.orbit,
    "trap": shots.trap,
    "zone": shots.zone,
    "wall": shots.wall,
    "pull": strikes.pull,
    "repel": strikes.repel,
    "blink": strikes.blink,
    "marker": shots.marker,
    "counter": crafts.counter,
    "armoured_charge": strikes.armoured_charge,
    "hold_charge": strikes.hold_charge,
    "dive": strikes.dive,
    "glide": crafts.glide,
    "empower": crafts.empower,
    "hex": crafts.hex_,
    "clone": crafts.clone,
    "stance": crafts.stance,
}
"""By archetype."""
