"""What moves are put together from: a character's shape, hits, boxes, effects, speeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..schema import SCHEMA
from .draw import Draw

__all__ = [
    "AFFLICTIONS",
    "BOONS",
    "CONTROL",
    "TIMINGS",
    "Affliction",
    "Kit",
    "Shape",
    "Table",
    "Timing",
    "afflicted",
    "boon",
    "hit",
    "kit",
    "skill",
    "spawn",
    "speeds",
    "startup",
    "strike",
    "tinted",
    "trimmed",
]

Table = dict[str, Any]
"""A table of a roster file, as tomllib would read it."""

STANDARD_HEIGHT: Final = 1800
"""Height of the body that all heights of hits are given for, su."""


@dataclass(frozen=True)
class Affliction:
    """What a debuff or buff may be given with: its ticks and its power, each (low, high)."""

    ticks: tuple[int, int]
    power: tuple[int, int] = (0, 0)


AFFLICTIONS: Final[Mapping[str, Affliction]] = {
    "burn": Affliction((75, 120), (25, 40)),
    "venom": Affliction((90, 150), (10, 16)),
    "bleed": Affliction((90, 150), (15, 25)),
    "slow": Affliction((45, 90), (200, 350)),
    "freeze": Affliction((14, 24)),
    "root": Affliction((22, 36)),
    "stun": Affliction((12, 20)),
    "hush": Affliction((24, 36)),
    "seal": Affliction((40, 75)),
    "weighted": Affliction((90, 150), (200, 300)),
    "featherlight": Affliction((60, 90), (200, 300)),
    "reversed": Affliction((30, 50)),
    "marked": Affliction((75, 120)),
    "drain": Affliction((60, 120), (200, 400)),
    "lag": Affliction((90, 180), (200, 350)),
    "frail": Affliction((90, 150), (100, 180)),
    "exposed": Affliction((90, 150), (100, 180)),
    "tempo_down": Affliction((75, 120), (100, 180)),
}
"""Debuffs that hits may carry; the elements of the schools are among them.

Control effects shrink to 600 and 300 milli one after another: three of 36 ticks hold for 68.
"""

CONTROL: Final = frozenset(("freeze", "root", "stun", "hush"))
"""Debuffs that take actions away."""

BOONS: Final[Mapping[str, Affliction]] = {
    "might": Affliction((150, 240), (120, 200)),
    "guarded": Affliction((150, 240), (120, 200)),
    "haste": Affliction((120, 240), (200, 350)),
    "tempo_up": Affliction((150, 240), (120, 200)),
    "regen": Affliction((120, 240), (25, 45)),
    "shield": Affliction((150, 240), (450, 900)),
    "thorns": Affliction((150, 240), (150, 250)),
    "leech": Affliction((150, 240), (100, 150)),
    "quicken": Affliction((150, 240), (200, 400)),
    "sparkflow": Affliction((150, 240), (350, 500)),
    "armour": Affliction((120, 150), (1, 2)),
    "unstoppable": Affliction((120, 150)),
    "deathward": Affliction((120, 180)),
}
"""Buffs that moves may give to their own fighter."""

KNOCKS: Final[Mapping[str, tuple[int, int]]] = {
    "flinch": (60, 0),
    "stagger": (90, 0),
    "crumple": (60, 0),
    "knockdown": (130, 220),
    "launch": (60, 420),
    "wallbounce": (300, 180),
    "groundbounce": (60, -260),
}
"""Speed a hit gives by its impact, unless it says otherwise; su/tick away and up."""


@dataclass(frozen=True)
class Timing:
    """Startup in ticks and cooldown in seconds of an archetype, each (low, high)."""

    startup: tuple[int, int]
    cooldown: tuple[int, int]


TIMINGS: Final[Mapping[str, Timing]] = {
    "lunge": Timing((5, 9), (7, 10)),
    "flurry": Timing((6, 10), (8, 12)),
    "launcher": Timing((4, 6), (9, 12)),
    "slam": Timing((9, 13), (8, 11)),
    "sweep": Timing((7, 10), (7, 10)),
    "grab": Timing((7, 11), (9, 13)),
    "grab_string": Timing((6, 9), (10, 13)),
    "bolt": Timing((6, 9), (5, 8)),
    "fan": Timing((8, 11), (7, 10)),
    "seeker": Timing((10, 13), (8, 12)),
    "lob": Timing((9, 12), (7, 10)),
    "beam": Timing((11, 14), (10, 14)),
    "boomerang": Timing((8, 10), (8, 11)),
    "orbit": Timing((7, 9), (12, 15)),
    "trap": Timing((8, 10), (8, 12)),
    "zone": Timing((10, 13), (10, 14)),
    "wall": Timing((8, 11), (11, 15)),
    "pull": Timing((8, 12), (9, 12)),
    "repel": Timing((5, 8), (10, 14)),
    "blink": Timing((8, 11), (10, 13)),
    "marker": Timing((5, 7), (8, 12)),
    "counter": Timing((2, 4), (9, 12)),
    "armoured_charge": Timing((7, 10), (9, 12)),
    "hold_charge": Timing((6, 10), (7, 11)),
    "dive": Timing((8, 11), (8, 12)),
    "glide": Timing((6, 8), (12, 15)),
    "empower": Timing((5, 8), (12, 15)),
    "hex": Timing((8, 12), (10, 14)),
    "clone": Timing((8, 12), (12, 15)),
    "stance": Timing((6, 10), (8, 15)),
}
"""By skill archetype. The cooldown is before the character's pace."""


@dataclass(frozen=True)
class Shape:
    """What a character lends to its moves; from its statistics, its school and the budget."""

    reach: int = 1000
    """Milli; scales how far melee hits get. 800..1450."""
    depth: int = 1000
    """Milli; scales half-depths of hits. 800..1300."""
    height: int = STANDARD_HEIGHT
    """Height of the body, su."""
    power: int = 1000
    """Milli; factor of every damage."""
    pace: int = 1000
    """Milli; factor of every cooldown. 800..1200."""
    element: str | None = None
    """Debuff that some of its hits carry, one of AFFLICTIONS, or None."""

    def __post_init__(self) -> None:
        if self.element is not None and self.element not in AFFLICTIONS:
            raise ValueError(
                f"element must be None or one of {', '.join(AFFLICTIONS)}, got {self.element!r}"
            )

    def x(self, su: int) -> int:
        """Return a length along the stage of a melee hit, scaled, in tens of su."""
        return _tens(su * self.reach // 1000)

    def y(self, su: int) -> int:
        """Return a half-depth, scaled, in tens of su."""
        return _tens(su * self.depth // 1000)

    def z(self, su: int) -> int:
        """Return a height above the feet, scaled by the body, in tens of su."""
        return _tens(su * self.height // STANDARD_HEIGHT)

    def damage(self, hp: int) -> int:
        """Return a damage, scaled, in fives of HP; a hit never loses all of it."""
        return max(5, (hp * self.power + 2500) // 5000 * 5)

    def cooldown(self, ticks: int) -> int:
        """Return a cooldown, scaled, in threes of ticks."""
        return (ticks * self.pace + 1500) // 3000 * 3

    def box(self, near: int, far: int, depth: int, low: int = 200, high: int = 1500) -> Table:
        """Return the box of a melee hit, su before scaling."""
        near = self.x(near) if near < 0 else near
        return {"x": [near, self.x(far)], "depth": self.y(depth), "z": [low, self.z(high)]}

    def burst(self, half: int, depth: int, low: int = -200, high: int = 600) -> Table:
        """Return the box of what a move spawns, around it; the arm's length does not matter."""
        return {"x": [-half, half], "depth": self.y(depth), "z": [low, high]}


@dataclass(frozen=True)
class Kit:
    """What a builder gives: a move, what it spawns, and what a parry leads to."""

    move: Table
    """The table of the move."""
    entities: Sequence[Table] = ()
    """Tables of what it spawns."""
    followups: Sequence[Table] = ()
    """Tables of its replies."""

    def does(self, op: str) -> bool:
        """Return whether the move has such an op."""
        return any(item["do"] == op for item in self.move.get("op", ()))

    def spawns(self, *kinds: str) -> bool:
        """Return whether it spawns an entity of one of these kinds."""
        return any(entity["kind"] in kinds for entity in self.entities)

    @property
    def strikes(self) -> bool:
        """Whether it can hurt: by itself, by what it spawns or by its reply."""
        tables = (self.move, *self.entities, *self.followups)
        return any("hit" in table for table in tables)


def kit(move: Table, entities: Sequence[Table] = (), followups: Sequence[Table] = ()) -> Kit:
    """Return a kit without the keys that say no more than the default."""
    return Kit(
        trimmed("move", move),
        tuple(trimmed("entity", entity) for entity in entities),
        tuple(trimmed("move", followup) for followup in followups),
    )


def trimmed(table: str, values: Mapping[str, Any]) -> Table:
    """Return a table without None, empty lists of tables and values equal to the default."""
    fields = {field.key: field for field in SCHEMA[table]}
    kept: Table = {}
    for key, value in values.items():
        field = fields.get(key)
        if field is not None and field.kind == "table" and value is not None:
            value = trimmed(field.table, value)
        elif field is not None and field.kind == "tables":
            value = [trimmed(field.table, item) for item in value]
        default = None if field is None else field.default
        if value is None or value == (list(default) if isinstance(default, tuple) else default):
            continue
        kept[key] = value
    return kept


def startup(draw: Draw, archetype: str) -> int:
    """Draw the startup of a skill."""
    return draw.integer("startup", *TIMINGS[archetype].startup)


def skill(
    draw: Draw,
    shape: Shape,
    name: str,
    archetype: str,
    active: int,
    recovery: tuple[int, int],
    **more: Any,
) -> Table:
    """Return a skill's move: drawn startup, recovery and cooldown, and what else is given."""
    low, high = TIMINGS[archetype].cooldown
    # Tenths of a second, which are three ticks.
    ticks = 3 * draw.integer("cooldown", 10 * low, 10 * high)
    return {
        "name": name,
        "archetype": archetype,
        "startup": startup(draw, archetype),
        "active": active,
        "recovery": draw.integer("recovery", *recovery),
        "cooldown": shape.cooldown(ticks),
        **more,
    }


def strike(
    box: Table, damage: int, level: int, stun: int, impact: str = "flinch", **more: Any
) -> Table:
    """Return a hit without a window, as entities have it; the impact sets the knock."""
    knock = list(KNOCKS.get(impact, KNOCKS["flinch"]))
    given = {"box": box, "damage": damage, "level": level, "stun": stun, "impact": impact}
    return {**given, "knock": knock, **more}


def hit(
    window: tuple[int, int],
    box: Table,
    damage: int,
    level: int,
    stun: int,
    impact: str = "flinch",
    **more: Any,
) -> Table:
    """Return a hit of a move; its window is in ticks of the move."""
    return {"window": list(window), **strike(box, damage, level, stun, impact, **more)}


def afflicted(draw: Draw, struck: Table, effect: str, share: int = 1000) -> Table:
    """Return a hit that gives a debuff, for `share` milli of the usual ticks."""
    usual = AFFLICTIONS[effect]
    ticks = draw.integer(f"{effect} ticks", *usual.ticks) * share // 1000
    power = draw.integer(f"{effect} power", *usual.power)
    return {**struck, "effect": effect, "effect_ticks": max(ticks, 1), "effect_power": power}


def tinted(draw: Draw, shape: Shape, struck: Table, milli: int) -> Table:
    """Return the hit with the character's element, in `milli` of a thousand characters."""
    if shape.element is None or not draw.chance("has element", milli):
        return struck
    return afflicted(draw, struck, shape.element)


def boon(draw: Draw, at: int, effect: str) -> Table:
    """Return an op that gives a buff to the own fighter."""
    usual = BOONS[effect]
    ticks = draw.integer(f"{effect} ticks", *usual.ticks) // 5 * 5
    power = draw.integer(f"{effect} power", *usual.power)
    return {
        "at": at,
        "do": "buff_self",
        "effect": effect,
        "ticks": ticks,
        "power": power // 5 * 5 if power > 20 else power,
    }


def spawn(at: int, entity: str) -> Table:
    """Return an op that spawns an entity."""
    return {"at": at, "do": "spawn", "entity": entity}


def speeds(*keys: tuple[int, int] | tuple[int, int, int]) -> list[Table]:
    """Return velocity keys from (tick, forward) or (tick, forward, up)."""
    return [{"at": key[0], "x": key[1]} | ({"z": key[2]} if len(key) == 3 else {}) for key in keys]


def _tens(su: int) -> int:
    return (su + 5) // 10 * 10
