"""Gifts: the op-code that a school's fighters put into a skill besides what the skill is.

As an element tints some of a character's hits, its gift goes into one of its skills: Redpact pays
health for power, Emberstep sheds cooldowns, Lanternist's light takes buffs away.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from .draw import Draw
from .parts import Kit, Table

__all__ = ["GIFTS", "gifted"]

COST_POWER: Final = 1250
"""Milli of its damage that a skill does which is paid for with health."""


def _heal(draw: Draw, other: str) -> Table:
    return {"do": "heal", "amount": draw.integer("heal", 6, 10)}


def _cost_hp(draw: Draw, other: str) -> Table:
    return {"do": "cost_hp", "amount": draw.integer("cost_hp", 10, 18)}


def _cooldown(draw: Draw, other: str) -> Table:
    return {"do": "cooldown", "button": other, "ticks": draw.integer("cooldown off", 9, 18) * 3}


def _dispel(draw: Draw, other: str) -> Table:
    return {"do": "dispel"}


def _cleanse(draw: Draw, other: str) -> Table:
    return {"do": "cleanse"}


def _gain_spark(draw: Draw, other: str) -> Table:
    return {"do": "gain_spark", "amount": draw.choice("gain_spark", (500, 750, 1000))}


def _drain_spark(draw: Draw, other: str) -> Table:
    return {"do": "drain_spark", "amount": draw.choice("drain_spark", (500, 750, 1000))}


GIFTS: Final[Mapping[str, Callable[[Draw, str], Table]]] = {
    "heal": _heal,
    "cost_hp": _cost_hp,
    "cooldown": _cooldown,
    "dispel": _dispel,
    "cleanse": _cleanse,
    "gain_spark": _gain_spark,
    "drain_spark": _drain_spark,
}
"""By op-code: draws the op, given the button of the other skill, whose cooldown it may shorten."""


def gifted(draw: Draw, kit: Kit, gift: str, other: str) -> Kit:
    """Return a skill with a gift, given on the first active tick; one that has it stays as it is.

    Args:
        draw: of the skill.
        kit: the skill.
        gift: a key of GIFTS.
        other: button of the other skill.
    """
    move = kit.move
    if kit.does(gift):
        return kit
    op = {"at": move["startup"], **GIFTS[gift](draw.at("gift"), other)}
    kit = replace(kit, move=move | {"op": [*move.get("op", ()), op]})
    return _strengthened(kit) if gift == "cost_hp" else kit


def _strengthened(kit: Kit) -> Kit:
    """Return a skill that hits harder for what it costs; damage stays in fives of HP."""

    def stronger(hit: Table) -> Table:
        return hit | {"damage": (hit["damage"] * COST_POWER + 2500) // 5000 * 5}

    def armed(table: Table) -> Table:
        changed: dict[str, Any] = {}
        if "hit" in table:
            hit = table["hit"]
            changed["hit"] = stronger(hit) if isinstance(hit, dict) else [*map(stronger, hit)]
        return table | changed

    return Kit(armed(kit.move), tuple(map(armed, kit.entities)), tuple(map(armed, kit.followups)))
