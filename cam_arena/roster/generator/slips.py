"""The eight kinds of slip: for each, the builder that draws its numbers and what it leaves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .draw import Draw
from .parts import Kit, Shape, Table, kit, strike, tinted, trimmed

__all__ = ["SLIPS", "SlipKit", "is_slip_for"]


@dataclass(frozen=True)
class SlipKit:
    """What a builder gives: a slip, what it leaves behind and what it ends in."""

    slip: Table
    """The slip's table."""
    entities: Sequence[Table] = ()
    """Tables of what it leaves where its fighter stood."""
    followups: Sequence[Table] = ()
    """Tables of the moves it ends in."""


def _slip(
    draw: Draw, kind: str, cooldown: tuple[int, int], ticks: tuple[int, int], **more: object
) -> Table:
    given = {
        "kind": kind,
        "cost": 4000,
        "cooldown": draw.integer("cooldown", cooldown[0] // 10, cooldown[1] // 10) * 10,
        "ticks": draw.integer("ticks", *ticks),
        **more,
    }
    # A slip says what it costs even where that is the usual price.
    return {"cost": given["cost"], **trimmed("slip", given)}


def backdoor(draw: Draw, shape: Shape, name: str) -> SlipKit:
    """Build the plain slip: it reappears behind the attacker."""
    return SlipKit(_slip(draw, "backdoor", (400, 470), (20, 26)))


def stillness(draw: Draw, shape: Shape, name: str) -> SlipKit:
    """Build a slip that stays in place and leaves its fighter untouchable for longer."""
    return SlipKit(_slip(draw, "stillness", (420, 490), (34, 40)))


def feather(draw: Draw, shape: Shape, name: str) -> SlipKit:
    """Build a slip into the air."""
    return SlipKit(_slip(draw, "feather", (400, 470), (22, 28)))


def powder(draw: Draw, shape: Shape, name: str) -> SlipKit:
    """Build a slip that leaves a burst where its fighter stood."""
    struck = strike(
        shape.burst(draw.integer("radius", 800, 1000), 700, 0, 1700),
        shape.damage(draw.integer("damage", 110, 160)),
        2,
        draw.integer("stun", 15, 18),
        draw.choice("impact", ("stagger", "knockdown", "launch")),
    )
    arm = draw.integer("arm", 4, 7)
    entity = {
        "name": name,
        "kind": "zone",
        "look": draw.choice("look", ("flame", "orb", "star")),
        "ttl": arm + 6,
        "arm_ticks": arm,
        "body_height": 1200,
        "hit": tinted(draw, shape, struck, 500),
    }
    return SlipKit(
        _slip(draw, "powder", (450, 530), (18, 24), entity=name), [trimmed("entity", entity)]
    )


def ledger(draw: Draw, shape: Shape, name: str) -> SlipKit:
    """Build a slip that costs health instead of sparks."""
    return SlipKit(_slip(draw, "ledger", (430, 500), (20, 26), cost=0, hp_cost=60))


def quickened(draw: Draw, shape: Shape, name: str) -> SlipKit:
    """Build a slip that is soon back and dear."""
    return SlipKit(_slip(draw, "quickened", (300, 300), (18, 24), cost=8000))


def riposte(draw: Draw, shape: Shape, name: str) -> SlipKit:
    """Build a slip that ends in a strike of its own."""
    start = draw.integer("startup", 4, 6)
    struck = {
        "window": [start, start + 4],
        **strike(
            shape.box(0, draw.integer("far", 1350, 1500), 460, 0, 2100),
            shape.damage(draw.integer("damage", 140, 190)),
            3,
            18,
            draw.choice("impact", ("launch", "launch", "stagger", "wallbounce")),
        ),
    }
    answer: Kit = kit(
        {
            "name": name,
            "archetype": "reversal",
            "startup": start,
            "active": 4,
            "recovery": draw.integer("recovery", 14, 18),
            "flags": ["turn"],
            "hit": [struck],
        }
    )
    return SlipKit(
        _slip(draw, "riposte", (460, 540), (14, 18), reply=name), followups=[answer.move]
    )


def herd(draw: Draw, shape: Shape, name: str) -> SlipKit:
    """Build a slip that changes places with the second body."""
    return SlipKit(_slip(draw, "herd", (390, 450), (20, 26)))


SLIPS: Final[Mapping[str, Callable[[Draw, Shape, str], SlipKit]]] = {
    "backdoor": backdoor,
    "stillness": stillness,
    "feather": feather,
    "powder": powder,
    "ledger": ledger,
    "quickened": quickened,
    "riposte": riposte,
    "herd": herd,
}
"""By kind. The name is that of what a powder slip leaves or a riposte ends in."""


def is_slip_for(kind: str, kits: Sequence[Kit]) -> bool:
    """Return whether this kind does more for these skills than the plain slip."""
    return kind != "herd" or any(item.spawns("companion", "clone") for item in kits)
