"""Attack chains: the patterns they follow, and the moves a pattern becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .draw import Draw
from .parts import Shape, Table, hit, speeds, tinted, trimmed

__all__ = ["CHAIN_PATTERNS", "ChainPattern", "chain"]


@dataclass(frozen=True)
class ChainPattern:
    """How a chain goes: its length, its rhythm, how it ends and where it branches."""

    beats: str
    """One letter a hit before the finisher: q quick, s steady, h heavy, w wide, l long."""
    finisher: str
    """Impact of the last hit."""
    forward: str | None = None
    """Ending with forward held, one of the keys of BRANCHES."""
    back: str | None = None
    """Ending with back held, one of the keys of BRANCHES."""

    @property
    def length(self) -> int:
        """Hits from the first to the plain finisher, 3..6."""
        return len(self.beats) + 1

    @property
    def moves(self) -> int:
        """Moves the pattern makes, branches included: as many names it needs."""
        return self.length + sum(branch is not None for branch in (self.forward, self.back))


CHAIN_PATTERNS: Final[Mapping[str, ChainPattern]] = {
    # three hits
    "one two fall": ChainPattern("ss", "knockdown", "lift", "sweep"),
    "one two crumple": ChainPattern("ss", "crumple", "lift", "away"),
    "two hammers": ChainPattern("hh", "wallbounce", "shoulder", "stamp"),
    "hammer and hook": ChainPattern("hs", "crumple", "hook", None),
    "jab and anvil": ChainPattern("qh", "groundbounce", None, "stamp"),
    "double jab drop": ChainPattern("qq", "knockdown", "lift", "away"),
    "low ring": ChainPattern("ww", "launch", "shoulder", "sweep"),
    "two lances": ChainPattern("ll", "wallbounce", None, "away"),
    "lance and ring": ChainPattern("lw", "knockdown", "hook", "sweep"),
    # four hits
    "steady four": ChainPattern("sss", "knockdown", "lift", "sweep"),
    "steady wall": ChainPattern("sss", "wallbounce", "lift", None),
    "quick four": ChainPattern("qqq", "knockdown", "lift", "away"),
    "quick crumple": ChainPattern("qqq", "crumple", "pierce", "sweep"),
    "slow swell": ChainPattern("qsh", "groundbounce", "lift", "stamp"),
    "falling weight": ChainPattern("hsq", "launch", "shoulder", "away"),
    "stumble": ChainPattern("qhq", "crumple", "lift", "sweep"),
    "three bells": ChainPattern("hsh", "wallbounce", None, "stamp"),
    "wide four": ChainPattern("sww", "knockdown", "lift", "sweep"),
    "long four": ChainPattern("lll", "wallbounce", "pierce", "away"),
    "reeling four": ChainPattern("sls", "knockdown", "lift", "hook"),
    "narrow to wide": ChainPattern("lsw", "launch", "pierce", "sweep"),
    "wide to narrow": ChainPattern("wsl", "crumple", "pierce", "away"),
    "anvil last": ChainPattern("ssh", "groundbounce", "shoulder", "sweep"),
    # five hits
    "steady five": ChainPattern("ssss", "knockdown", "lift", "sweep"),
    "quick five": ChainPattern("qqqq", "knockdown", "lift", "sweep"),
    "quick wall": ChainPattern("qqqs", "wallbounce", "lift", "away"),
    "swallow": ChainPattern("qsqs", "launch", "pierce", "away"),
    "limping five": ChainPattern("qqhq", "crumple", "lift", "stamp"),
    "gathering storm": ChainPattern("qqsh", "groundbounce", "shoulder", "sweep"),
    "wide five": ChainPattern("sqww", "knockdown", "lift", "sweep"),
    "long five": ChainPattern("qsll", "knockdown", "hook", "away"),
    "lone road": ChainPattern("ssqq", "wallbounce"),
    "hidden hook": ChainPattern("qssq", "crumple", "hook", "stamp"),
    "ring and rise": ChainPattern("wsqq", "launch", "shoulder", None),
    # six hits
    "quick six": ChainPattern("qqqqq", "knockdown", "lift", "sweep"),
    "rattle": ChainPattern("qqqqq", "wallbounce", "pierce", "away"),
    "long rattle": ChainPattern("qqlql", "crumple", "hook", None),
    "six steps": ChainPattern("qsqsq", "launch", "lift", "sweep"),
    "rising six": ChainPattern("qqqss", "groundbounce", "lift", "stamp"),
    "rain on tin": ChainPattern("qqwqw", "knockdown", None, "sweep"),
}
"""By name. Three heavy hits hurt about as much as six quick ones."""


@dataclass(frozen=True)
class Beat:
    """A kind of hit before the finisher; ticks, su and milli."""

    startup: tuple[int, int]
    recovery: tuple[int, int]
    weight: int
    """Share of the chain's damage against other beats."""
    level: int
    far: int
    depth: int
    step: tuple[int, int]
    """Speed forward while striking, su/tick."""


BEATS: Final[Mapping[str, Beat]] = {
    "q": Beat((3, 3), (6, 7), 80, 1, 1120, 370, (60, 100)),
    "s": Beat((4, 4), (7, 8), 100, 1, 1180, 380, (50, 85)),
    "h": Beat((5, 5), (8, 10), 130, 2, 1220, 400, (60, 95)),
    "w": Beat((4, 5), (8, 9), 95, 1, 1150, 600, (40, 70)),
    "l": Beat((4, 5), (8, 9), 100, 1, 1550, 260, (30, 60)),
}
"""By the letters of ChainPattern.beats. Who reaches wide reaches less far, and the other way."""

TOTALS: Final = {3: 645, 4: 765, 5: 810, 6: 840}
"""Damage of the plain chain by its length, HP; longer ones are easier to escape from."""

FINISHER_WEIGHT: Final = 195
"""Share of the finisher against the beats; the branches have less, for what they lead to."""


@dataclass(frozen=True)
class Branch:
    """An ending that a held direction leads to."""

    impact: str
    near: int
    far: int
    depth: int
    low: int
    high: int
    weight: int
    step: int
    """Speed forward while striking, su/tick."""
    knock: tuple[int, int]
    stun: int = 18
    flags: tuple[str, ...] = ()
    armour: bool = False


BRANCHES: Final[Mapping[str, Branch]] = {
    "lift": Branch("launch", 100, 1050, 380, 300, 2050, 165, 90, (60, 420)),
    "sweep": Branch("knockdown", 100, 1300, 900, 0, 400, 125, 60, (130, 220), 16, ("otg",)),
    "stamp": Branch("launch", -900, 1400, 950, 0, 420, 120, 0, (60, 400), 16, ("otg",)),
    "away": Branch("stagger", 100, 1220, 400, 300, 1600, 130, -165, (110, 0)),
    "shoulder": Branch("wallbounce", 100, 1150, 360, 300, 1600, 175, 170, (300, 180), armour=True),
    "hook": Branch("stagger", 100, 1950, 260, 300, 1600, 140, 0, (-170, 0), 20),
    "pierce": Branch("stagger", 100, 2200, 240, 600, 1500, 150, 30, (120, 0), 19),
}
"""By name: a launcher, low arcs, a retreat, a rush, a pull, a thrust. The arcs are the weakest."""


STRIDES: Final = (500, 1600)
"""Milli of the steps of a chain's plain hits."""
RESTS: Final = (-1, 2)
"""Ticks more that they recover for."""
LONGEST_RECOVERY: Final = 16
"""Of a chain's hit, ticks."""


@dataclass(frozen=True)
class Gait:
    """How far a chain's plain hits carry its fighter and how long they hold it: its signature."""

    stride: int
    """Milli of their steps."""
    rest: int
    """Ticks more of recovery."""

    def shape(self, move: Table) -> None:
        """Give a hit this gait."""
        move["recovery"] = min(move["recovery"] + self.rest, LONGEST_RECOVERY)
        for key in move["velocity"]:
            if key.get("x"):
                key["x"] = key["x"] * self.stride // 1000


def chain(draw: Draw, shape: Shape, pattern: str, names: Sequence[str]) -> list[Table]:
    """Build a chain's moves, the starter first, then beats, finisher and branches.

    Every hit stuns for as long as the next one takes to arrive, so the chain combos by itself at
    any tempo.

    Args:
        draw: of the chain.
        shape: of the character; its height and element matter here as well.
        pattern: a key of CHAIN_PATTERNS.
        names: unique names, `CHAIN_PATTERNS[pattern].moves` of them.

    Raises:
        ValueError: if the pattern does not exist or there are too few or too many names.
    """
    if pattern not in CHAIN_PATTERNS:
        raise ValueError(f"pattern must be one of {', '.join(CHAIN_PATTERNS)}, got {pattern!r}")
    plan = CHAIN_PATTERNS[pattern]
    if len(names) != plan.moves:
        raise ValueError(f"names of {pattern!r} must be {plan.moves}, got {len(names)}")
    weights = [BEATS[letter].weight for letter in plan.beats] + [FINISHER_WEIGHT]
    total = TOTALS[plan.length] * draw.integer("total", 960, 1040)
    per_weight = total // sum(weights)
    ends = [finisher(draw.at("finisher"), shape, plan.finisher, per_weight)]
    ends += [
        branch(draw.at(way), shape, kind, per_weight)
        for way, kind in (("forward", plan.forward), ("back", plan.back))
        if kind is not None
    ]
    beats = [
        beat(draw.at(f"beat {n}"), shape, letter, per_weight, n == len(plan.beats) - 1)
        for n, letter in enumerate(plan.beats)
    ]
    gait = Gait(draw.integer("stride", *STRIDES), draw.integer("rest", *RESTS))
    for move in (*beats, ends[0]):
        gait.shape(move)
    # Branches leave from the last beat, or from the one before it in a longer chain.
    early = plan.length > 3 and draw.chance("branches early", 500)
    fork = len(beats) - (2 if early else 1)
    moves = [*beats, *ends]
    for move, name in zip(moves, names, strict=True):
        move["name"] = name
    for n, move in enumerate(beats):
        move["next"] = moves[n + 1]["name"]
        follow = [moves[n + 1]]
        if n == fork:
            branches = iter(ends[1:])
            for way, kind in (("next_forward", plan.forward), ("next_back", plan.back)):
                if kind is not None:
                    end = next(branches)
                    move[way] = end["name"]
                    follow.append(end)
            move["aim"] = ["E", "W"] if plan.moves > plan.length else []
        _link(move, follow)
    return [trimmed("move", {"name": move["name"], **move}) for move in moves]


def beat(draw: Draw, shape: Shape, letter: str, per_weight: int, is_last: bool) -> Table:
    """Return a hit before the finisher, without name and links; `per_weight` is milli HP."""
    kind = BEATS[letter]
    start, active = draw.integer("startup", *kind.startup), draw.choice("active", (2, 3), (3, 1))
    struck = hit(
        (start, start + active),
        shape.box(100, kind.far + draw.integer("far", -40, 40), kind.depth, 300, 1600),
        shape.damage(kind.weight * per_weight // 1000),
        2 if is_last and draw.chance("is heavy", 600) else kind.level,
        10 + kind.level,
    )
    end = start + active
    return {
        "archetype": "strike",
        "startup": start,
        "active": active,
        "recovery": draw.integer("recovery", *kind.recovery),
        "velocity": speeds((start - 2, draw.integer("step", *kind.step)), (end, 0)),
        "hit": [struck],
    }


def finisher(draw: Draw, shape: Shape, impact: str, per_weight: int) -> Table:
    """Return the plain end of a chain, without name."""
    start, active = draw.integer("startup", 5, 7), draw.integer("active", 2, 3)
    wide = draw.chance("is wide", 350)
    far, depth = (1200, 600) if wide else (1300, 400)
    struck = hit(
        (start, start + active),
        shape.box(100, far + draw.integer("far", -50, 80), depth, 300, 1650),
        shape.damage(FINISHER_WEIGHT * per_weight // 1000),
        3,
        draw.integer("stun", 18, 20),
        impact,
    )
    move = {
        "archetype": "finisher",
        "startup": start,
        "active": active,
        "recovery": draw.integer("recovery", 12, 15),
        "flags": ["finisher"],
        "velocity": speeds((start - 2, draw.integer("step", 40, 130)), (start + active, 0)),
        "hit": [tinted(draw, shape, struck, 300)],
    }
    if impact in ("wallbounce", "groundbounce", "crumple") and draw.chance("has armour", 250):
        move["armour"] = {"level": 1, "window": [3, start + active]}
    return move


def branch(draw: Draw, shape: Shape, kind: str, per_weight: int) -> Table:
    """Return an end that a held direction leads to, without name."""
    end = BRANCHES[kind]
    start, active = draw.integer("startup", 5, 7), draw.integer("active", 2, 3)
    struck = hit(
        (start, start + active),
        shape.box(end.near, end.far, end.depth, end.low, end.high),
        shape.damage(end.weight * per_weight // 1000),
        2 if end.impact == "stagger" else 3,
        end.stun,
        end.impact,
        knock=list(end.knock),
        flags=list(end.flags),
    )
    move = {
        "archetype": "finisher",
        "startup": start,
        "active": active,
        "recovery": draw.integer("recovery", 11, 14) - 2 * (kind == "away"),
        "flags": ["finisher"],
        "hit": [tinted(draw, shape, struck, 250)],
    }
    if end.step:
        move["velocity"] = speeds((start - 2, end.step), (start + active, 0))
    if end.armour:
        move["armour"] = {"level": 1, "window": [2, start + active]}
    return move


def _link(move: Table, follow: Sequence[Table]) -> None:
    """Let the hit stun until the slowest of what follows arrives, at the slowest tempo."""
    slowest = max(item["startup"] for item in follow)
    struck = move["hit"][0]
    struck["stun"] = max(struck["stun"], move["active"] + -(-slowest * 1150 // 1000) + 2)
