"""The 24 traits: what each says and costs, whom it fits, and the moves of four of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from .draw import Draw
from .parts import Kit, Shape, kit, speeds

__all__ = ["TRAITS", "Trait"]

Builder = Callable[[Draw, Shape, str], Kit]


def _anyone(kits: Sequence[Kit]) -> bool:
    return True


@dataclass(frozen=True)
class Trait:
    """One trait of a character."""

    name: str
    """As roster files spell it."""
    text: str
    """What it does, for players."""
    button: Builder | None = None
    """Draws the move on the trait button; None if the trait has none. One such trait each."""
    stats: Mapping[str, int] = field(default_factory=dict)
    """What it costs: added to statistics of these names."""
    fits: Callable[[Sequence[Kit]], bool] = _anyone
    """Whether it does anything for a character with these kits of skills and ultimate."""


def dash(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a dash: far or often, in four or eight directions, through bodies or shots."""
    kind = draw.choice("kind", ("step", "rush", "ghost", "weave"))
    length = draw.integer("length", 5, 6)
    speed = draw.integer("speed", 260, 340) if kind == "step" else draw.integer("speed", 310, 420)
    plain = ["E", "W", "N", "S"]
    move = {
        "name": name,
        "archetype": "dash",
        "startup": 1,
        "active": length,
        "recovery": draw.integer("recovery", 3, 5),
        "cooldown": draw.integer("cooldown", 10, 15) * 3 + (15 if kind in ("rush", "ghost") else 0),
        "flags": ["aimed", "ghost"] if kind == "ghost" else ["aimed"],
        "aim": plain if kind in ("rush", "ghost") else [*plain, "NE", "NW", "SE", "SW"],
        "aim_vy": draw.integer("aim_vy", 160, 230),
        "velocity": speeds((1, speed), (1 + length, 0)),
    }
    if kind == "weave":
        move["invulnerable"] = {"projectile": [1, length]}
    return kit(move)


def guard(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a guard: long and slow, or short and ready to strike back."""
    is_long = draw.chance("is long", 500)
    length = draw.integer("length", 18, 26) if is_long else draw.integer("length", 10, 15)
    cooldown = draw.integer("cooldown", 20, 26) * 3 - (0 if is_long else 18)
    move = {
        "name": name,
        "archetype": "guard",
        "startup": 1,
        "active": length,
        "recovery": draw.integer("recovery", 3, 5),
        # Nobody stands behind a guard for more than a quarter of the time.
        "cooldown": max(cooldown, -(-4 * length // 3) * 3),
        "guard": [1, 1 + length],
        "cancel": {"from": 8 if is_long else 4, "whiff": ["skill"]},
    }
    if draw.chance("turns", 400):
        move["flags"] = ["turn"]
    return kit(move)


def parry_just(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a parry of a few ticks: at the right time it stops any strike, else it is late."""
    start, length = draw.integer("startup", 1, 2), draw.integer("length", 4, 6)
    leads_to = ["skill", "ultimate"] if draw.chance("leads on", 400) else ["skill"]
    move = {
        "name": name,
        "archetype": "parry",
        "startup": start,
        "active": length,
        "recovery": draw.integer("recovery", 8, 11),
        "cooldown": draw.integer("cooldown", 15, 25) * 3,
        "flags": ["reflect"] if draw.chance("reflects", 500) else [],
        "parry": [start, start + length],
        "cancel": {"from": start + 2, "whiff": leads_to},
    }
    return kit(move)


def air_hop(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a hop, from the ground or in the air, over all that is low."""
    vanishes = draw.chance("passes projectiles", 400)
    rise = draw.integer("rise", 300, 380)
    move = {
        "name": name,
        "archetype": "air_hop",
        "startup": 2,
        "active": 6,
        "recovery": draw.integer("recovery", 1, 3),
        "cooldown": draw.integer("cooldown", 14, 22) * 3,
        "flags": ["air_ok", "aimed"],
        "aim": ["E", "W", "N", "S"],
        "aim_vy": draw.integer("aim_vy", 70, 120),
        "velocity": speeds((1, draw.integer("speed", 120, 200), rise)),
        "cancel": {"from": 6, "whiff": ["skill"]},
    }
    if vanishes:
        move["invulnerable"] = {"projectile": [1, 6]}
    return kit(move)


def _has_body(kits: Sequence[Kit]) -> bool:
    return any(item.spawns("companion", "clone") for item in kits)


def _has_trap(kits: Sequence[Kit]) -> bool:
    return any(item.spawns("trap") for item in kits)


def _has_charges(kits: Sequence[Kit]) -> bool:
    return any(item.move.get("charges", 1) > 1 for item in kits)


def _has_form(kits: Sequence[Kit]) -> bool:
    return any(item.does("form") for item in kits)


def _has_striking_skill(kits: Sequence[Kit]) -> bool:
    return any(item.strikes and not item.move.get("spark_cost") for item in kits)


_ALL: Final = (
    Trait("dash", "Dashes on the trait button.", dash, {"max_hp": -100}),
    Trait("guard", "Guards on the trait button.", guard, {"walk_x": -3}),
    Trait(
        "parry_just",
        "Parries on the trait button, for a blink of an eye.",
        parry_just,
        {"max_hp": -50},
    ),
    Trait("air_hop", "Hops on the trait button, in the air as well.", air_hop, {"max_hp": -50}),
    Trait("momentum", "Hits harder after a second of walking.", stats={"accel_ticks": 1}),
    Trait("last_stand", "Hits harder below 30 % of its health.", stats={"attack": -10}),
    Trait("first_strike", "The first hit of its combos hurts more.", stats={"max_hp": -150}),
    Trait("wall_runner", "Its chain endings bounce off the wall.", stats={"attack": -10}),
    Trait("heavy_bones", "Is thrown less high and less far.", stats={"walk_x": -4}),
    Trait("feather", "Falls more slowly.", stats={"walk_y": 2}),
    Trait(
        "spark_thief",
        "Its skills steal a quarter of a spark.",
        stats={"spark_rate": -60},
        fits=_has_striking_skill,
    ),
    Trait("blood_price", "Its skills cost health and come back in half the time."),
    Trait("ammo", "Carries more than one use of a skill.", fits=_has_charges),
    Trait("heat", "Hits heat it up: it hurts more until it cools.", stats={"attack": -15}),
    Trait(
        "stance_dancer",
        "Changing form ends slows and quickens its blows.",
        fits=_has_form,
    ),
    Trait(
        "puppet_tether",
        "Its second body takes a fifth of its wounds.",
        stats={"max_hp": -150},
        fits=_has_body,
    ),
    Trait("beast_bond", "Its second bodies are sturdier.", fits=_has_body),
    Trait("trapper", "Keeps one trap more.", fits=_has_trap),
    Trait("depth_dancer", "Walks a quarter faster in depth.", stats={"max_hp": -100}),
    Trait("longarm", "Its blows reach further.", stats={"tempo": 20}),
    Trait("iron_will", "Holds and silences end sooner on it.", stats={"attack": -5}),
    Trait("opportunist", "Stuns recovering opponents for longer."),
    Trait("second_skin", "Its chain endings have armour.", stats={"defense": -10}),
    Trait(
        "echo",
        "A skill that hits hurts once more, a moment later.",
        stats={"cooldown_rate": -20},
        fits=_has_striking_skill,
    ),
)

TRAITS: Final[Mapping[str, Trait]] = {trait.name: trait for trait in _ALL}
"""By name."""
