"""The 12 ultimate families: for each, the builder that draws one of its kind."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from .crafts import reply
from .draw import Draw
from .parts import Kit, Shape, Table, afflicted, boon, hit, kit, spawn, speeds, strike, tinted

__all__ = ["ULTIMATES"]

SUPER: Final[Table] = {"flags": ["super"], "protection": 20}
"""What every hit of an ultimate has: a damage floor of its own, and little protection."""


def cinematic(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a strike that opens a string of blows from all sides and ends it."""
    start, beats = _startup(draw), draw.integer("beats", 4, 6)
    damage = _Damage(draw, shape)
    rush, rehit = draw.choice("rush", ("dash", "step", "vanish")), draw.choice("rehit", (3, 4))
    far = 1600 if rush == "dash" else 1900
    string = start + 6
    last = string + beats * rehit + 2
    impact = draw.choice("impact", ("knockdown", "wallbounce", "groundbounce", "crumple"))
    box = shape.box(-400, far, 560, 0, 1900)
    move = _ultimate(
        draw,
        name,
        "cinematic",
        last + 4 - start,
        invulnerable={"strike": [0, start + 2], "projectile": [0, last], "grab": [0, start + 2]},
        flags=["turn"],
        hit=[
            _hit((start, start + 4), box, damage.share(22), 26, "stagger", knock=[10, 0]),
            _hit(
                (string, string + beats * rehit),
                shape.box(-700, far, 600, 0, 1900),
                damage.share(40, beats),
                16,
                knock=[0, 0],
                rehit=rehit,
            ),
            tinted(draw, shape, _hit((last, last + 4), box, damage.share(38), 24, impact), 500),
        ],
    )
    if rush == "vanish":
        move["flags"] = ["ghost"]
        at = start - 3
        move["op"] = [{"at": at, "do": "teleport", "place": "behind", "distance": 850}]
    else:
        speed = 400 if rush == "dash" else 220
        move["velocity"] = speeds((start - 3, speed), (start + 2, 40), (last, 0))
    return kit(move)


def meteor(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a field of falling or bursting stars in front of a fighter that keeps others off."""
    start, waves = _startup(draw), draw.integer("waves", 3, 4)
    damage = _Damage(draw, shape)
    gap = draw.integer("gap", 5, 6)
    bursts, arms = draw.chance("bursts from the ground", 650), draw.integer("arms", 5, 8)
    copies = 1 if bursts else draw.choice("copies", (1, 2))
    names = (f"{name[:25]} Low", f"{name[:25]} High")
    stars = []
    for n, (star, height, far) in enumerate(zip(names, (2800, 4200), (1100, 1500), strict=True)):
        radius = draw.integer(f"radius {n}", 560, 680)
        struck = _strike(
            shape.burst(radius, radius),
            damage.share(70, waves * (copies if n == 0 else 1)),
            18,
            "stagger" if n == 0 else draw.choice("impact", ("groundbounce", "launch")),
        )
        burst = {
            "kind": "zone",
            "ttl": arms + 5,
            "offset": [far + 700 * n, 0],
            "arm_ticks": arms,
            "body_height": 200,
        }
        fall = {
            "kind": "projectile",
            "ttl": 60 + 10 * n,
            "offset": [far, height],
            "vx": draw.integer(f"vx {n}", 70, 120),
            "vz": -80,
            "gravity": 16,
            "turn": 10,
            "spread": 30 if n == 0 and copies > 1 else 0,
            "copies": copies if n == 0 else 1,
            "durability": 4,
        }
        stars.append(
            {
                "name": star,
                "look": draw.choice("look", ("star", "flame", "orb")),
                "max_alive": 4 if n == 0 else 3,
                **(burst if bursts else fall),
                "hit": tinted(draw, shape, struck, 500 if n else 0),
            }
        )
    move = _ultimate(
        draw,
        name,
        "meteor",
        gap * waves + 2,
        invulnerable={"strike": [0, start + 3]},
        op=[spawn(start + gap * n, names[n % 2]) for n in range(waves)],
        hit=[
            _hit(
                (start, start + gap * waves),
                shape.box(-800, 1200, 800, 0, 2000),
                damage.share(30, -(-gap * waves // 4)),
                12,
                knock=[160, 0],
                rehit=4,
            )
        ],
    )
    return kit(move, stars)


def lane(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a beam along the whole stage."""
    start, rehit = _startup(draw, 10), draw.choice("rehit", (3, 4))
    beats = draw.integer("beats", 6, 9)
    damage = _Damage(draw, shape)
    last = start + beats * rehit + 1
    depth, far = draw.integer("depth", 320, 420), draw.integer("far", 8000, 10000)
    line = {"x": [300, far], "depth": shape.y(depth), "z": [400, shape.z(1650)]}
    finish = _hit(
        (last, last + 3),
        line,
        damage.share(35),
        22,
        draw.choice("impact", ("knockdown", "wallbounce")),
        knock=[260, 240],
    )
    move = _ultimate(
        draw,
        name,
        "lane",
        last + 3 - start,
        startup=start,
        invulnerable={"strike": [0, start]},
        hit=[
            _hit((start, last - 1), line, damage.share(65, beats), 14, knock=[30, 0], rehit=rehit),
            tinted(draw, shape, finish, 500),
        ],
    )
    if draw.chance("steers", 650):
        move |= {"flags": ["steer"], "aim_vy": draw.integer("aim_vy", 18, 34)}
    else:
        move["armour"] = {"level": 4, "window": [0, last]}
    return kit(move)


def finale(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a grab that no slip ends, and what follows it."""
    start, beats = _startup(draw), draw.integer("beats", 2, 4)
    damage = _Damage(draw, shape)
    kind = draw.choice("kind", ("leap", "arm", "chain"))
    far, depth = {"leap": (1450, 480), "arm": (1750, 420), "chain": (2900, 300)}[kind]
    held = shape.box(0, 1500, 380)
    first = start + 8
    last = first + 6 * beats + 2
    impact = draw.choice("impact", ("knockdown", "wallbounce", "launch"))
    release = _hit((last, last + 2), held, damage.share(60), 24, impact)
    release |= {"flags": ["held", "release", "super"], "protection": 60}
    move = _ultimate(
        draw,
        name,
        "finale",
        last + 2 - start,
        invulnerable={"strike": [0, start + 1], "grab": [0, start + 3]},
        hit=[
            _hit((start, start + 4), shape.box(0, far, depth), 0, 20)
            | {"flags": ["grab", "super"], "stop": [3, 3]},
            _hit((first, first + 6 * beats), held, damage.share(40, beats), 0, rehit=6)
            | {"flags": ["held", "super"]},
            tinted(draw, shape, release, 400),
        ],
    )
    if kind != "chain":
        speed = 260 if kind == "leap" else 150
        move["velocity"] = speeds((start - 3, speed), (start + 3, 0))
    return kit(move)


def transformation(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build eight seconds in another form, begun with a burst."""
    start, damage = _startup(draw), _Damage(draw, shape, 55)
    gifts = draw.choice(
        "gifts",
        (("might", "haste"), ("tempo_up", "leech"), ("armour", "might"), ("regen", "haste")),
    )
    burst = _hit(
        (start, start + 5),
        shape.box(-1500, 1700, 1000, 0, 2200),
        damage.share(100),
        22,
        draw.choice("impact", ("wallbounce", "knockdown", "launch")),
    )
    move = _ultimate(
        draw,
        name,
        "transformation",
        6,
        invulnerable={"strike": [0, start + 3], "projectile": [0, start + 6]},
        op=[
            {"at": start, "do": "form", "ticks": draw.integer("form", 70, 90) * 3},
            {"at": start, "do": "cleanse"},
            *(boon(draw, start, gift) for gift in gifts),
        ],
        hit=[tinted(draw, shape, burst, 500)],
    )
    return kit(move)


def time_slow(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build four seconds in which the opponent is slow, begun with strikes all around."""
    start, beats = _startup(draw), draw.integer("beats", 3, 4)
    damage = _Damage(draw, shape, 85)
    last = start + 3 * beats + 1
    ticks = draw.integer("ticks", 105, 125)
    reach = draw.integer("reach", 2000, 2500)
    round_about = shape.box(-reach, reach + 100, 1250, 0, 2200)
    slowed = (("tempo_down", 400), ("slow", draw.integer("slow", 280, 380)))
    finish = _hit((last, last + 3), round_about, damage.share(50), 24, "crumple")
    effect = draw.choice("effect", ("lag", "weighted", "drain"))
    move = _ultimate(
        draw,
        name,
        "time_slow",
        last + 3 - start,
        freeze=10,
        invulnerable={"strike": [0, start + 4], "grab": [0, start + 4]},
        op=[
            {"at": start, "do": "buff_target", "effect": slow, "ticks": ticks, "power": power}
            for slow, power in slowed
        ],
        hit=[
            _hit(
                (start, start + 3 * beats),
                round_about,
                damage.share(50, beats),
                16,
                knock=[20, 0],
                rehit=3,
            ),
            afflicted(draw, finish, effect),
        ],
    )
    return kit(move)


def barrage(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a crowd of doubles that strikes with its owner."""
    start, copies = _startup(draw), draw.integer("copies", 2, 3)
    damage = _Damage(draw, shape)
    kind = draw.choice("kind", ("hunters", "echoes"))
    blow = _strike(
        {"x": [0, shape.x(1100)], "depth": shape.y(450), "z": [0, 1600]},
        damage.share(40, 2 * copies),
        16,
        "stagger",
        knock=[30, 0],
    )
    blow["window"] = [0, 3]
    entity: Table = {
        "name": name,
        "kind": "companion" if kind == "hunters" else "clone",
        "look": "puppet",
        "ttl": draw.integer("ttl", 110, 140),
        "offset": [500, 0],
        "spread": 60 if kind == "echoes" else 0,
        "copies": copies,
        "max_alive": copies,
        "hits": 2,
        "hp": draw.integer("hp", 10, 14) * 50,
        "body_height": shape.z(1500),
        "hit": blow,
    }
    if kind == "hunters":
        entity |= {"arm_ticks": 2, "radius": 850, "speed": draw.integer("speed", 140, 180)}
        entity["strike_startup"] = 5
    last = start + 14
    box = shape.box(-900, 1650, 800, 0, 1900)
    impact = draw.choice("impact", ("stagger", "launch", "knockdown"))
    move = _ultimate(
        draw,
        name,
        "barrage",
        last + 3 - start,
        invulnerable={"strike": [0, start + 3]},
        op=[spawn(start, name)],
        hit=[
            _hit((start, last - 2), box, damage.share(30, 3), 14, knock=[20, 0], rehit=4),
            tinted(draw, shape, _hit((last, last + 3), box, damage.share(30), 22, impact), 400),
        ],
    )
    return kit(move, [entity])


def pierce(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build three dashes through the opponent; a rush is one that never vanishes between them."""
    start, damage = _startup(draw), _Damage(draw, shape)
    gap = draw.integer("gap", 10, 12)
    speed = draw.integer("speed", 150, 210)
    hits, keys = [], [(start - 3, 360), (start + 3, 40)]
    ops: list[Table] = []
    for n in range(3):
        at = start + gap * n
        impact = (
            "stagger" if n < 2 else draw.choice("impact", ("crumple", "groundbounce", "launch"))
        )
        struck = _hit(
            (at, at + 5),
            shape.box(-500, 1500, 500),
            damage.share((28, 28, 44)[n]),
            22 if n < 2 else 24,
            impact,
            knock=[20, 0] if n < 2 else None,
            stop=[2, 2],
        )
        hits.append(tinted(draw, shape, struck, 500) if n == 2 else struck)
        if n and draw.chance("vanishes", 600):
            behind = {"place": "behind", "distance": 700}
            ops.append({"at": at - 1, "do": "teleport", **behind})
        elif n:
            keys += [(at - 1, speed), (at + 3, 40)]
    end = start + 2 * gap + 5
    move = _ultimate(
        draw,
        name,
        "pierce" if ops else "rush",
        end - start,
        flags=["ghost"],
        invulnerable={"strike": [0, start + 4], "projectile": [0, end], "grab": [0, start + 4]},
        velocity=speeds(*keys),
        op=ops,
        hit=hits,
    )
    return kit(move)


def titan(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a giant that fights on its owner's side for seconds."""
    start, damage = _startup(draw, 9), _Damage(draw, shape, 84)
    blows = 2
    struck = _strike(
        {"x": [-200, 1500], "depth": shape.y(550), "z": [0, 2400]},
        damage.share(65, blows),
        20,
        draw.choice("blow", ("stagger", "knockdown", "launch")),
    )
    struck["window"] = [0, 4]
    entity = {
        "name": name,
        "kind": "companion",
        "look": draw.choice("look", ("puppet", "boar", "bird", "hound")),
        "ttl": draw.integer("seconds", 45, 55) * 3,
        "offset": [800, 0],
        "hits": blows,
        "hp": draw.integer("hp", 16, 26) * 50,
        "arm_ticks": 10,
        "radius": draw.integer("radius", 1250, 1450),
        "speed": draw.integer("speed", 75, 100),
        "body_height": 2600,
        "strike_startup": draw.integer("strike_startup", 12, 15),
        "hit": tinted(draw, shape, struck, 500),
    }
    move = _ultimate(
        draw,
        name,
        "titan",
        6,
        startup=start,
        invulnerable={"strike": [0, start + 4], "grab": [0, start + 4]},
        op=[spawn(start, name)],
        hit=[
            _hit(
                (start, start + 5),
                shape.box(-900, 1900, 800, 0, 2200),
                damage.share(35),
                20,
                "stagger",
                knock=[140, 0],
            )
        ],
    )
    return kit(move, [entity])


def execute(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a cut that hurts far more whoever has little health left."""
    start, damage = _startup(draw), _Damage(draw, shape, 88)
    effect = draw.choice("effect", ("bleed", "exposed", None))
    last = start + draw.integer("pause", 8, 10)
    finish = _hit(
        (last, last + 3),
        shape.box(-1800, 1700, 460),
        damage.share(60),
        24,
        draw.choice("impact", ("crumple", "knockdown", "wallbounce")),
        stop=[6, 6],
    ) | {"flags": ["super", "execute"]}
    move = _ultimate(
        draw,
        name,
        "execute",
        last + 3 - start,
        flags=["ghost"],
        invulnerable={"strike": [0, start], "projectile": [0, last], "grab": [0, start]},
        velocity=speeds((start - 2, draw.integer("speed", 320, 400)), (start + 4, 0)),
        hit=[
            _hit(
                (start, start + 5),
                shape.box(-300, 1700, 420),
                damage.share(40),
                24,
                "stagger",
                knock=[0, 0],
                stop=[4, 6],
            ),
            afflicted(draw, finish, effect) if effect else tinted(draw, shape, finish, 600),
        ],
    )
    return kit(move)


def storm(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a whirl that heals its fighter by what it takes."""
    start, rehit = _startup(draw), 3
    beats = draw.integer("beats", 6, 8)
    damage = _Damage(draw, shape, 92)
    last = start + beats * rehit + 1
    near = shape.box(-1150, 1250, 680, 0, 2000)
    finish = _hit(
        (last, last + 4),
        shape.box(-1300, 1500, 720, 0, 2200),
        damage.share(35),
        22,
        draw.choice("impact", ("knockdown", "launch", "wallbounce")),
    )
    leech = {"effect": "leech", "ticks": last + 20, "power": draw.integer("leech", 22, 32) * 10}
    ops: list[Table] = [{"at": 1, "do": "buff_self", **leech}]
    gift = draw.choice("gift", (None, "deathward", "tempo_up", "unstoppable"))
    if gift is not None:
        ops.append(boon(draw, 1, gift))
    move = _ultimate(
        draw,
        name,
        "storm",
        last + 4 - start,
        flags=["steer", "turn"],
        aim_vy=draw.integer("aim_vy", 40, 65),
        invulnerable={"strike": [0, start + 2], "projectile": [0, last]},
        velocity=speeds((start - 4, draw.integer("rush", 240, 310)), (start + 1, 65), (last, 0)),
        op=ops,
        hit=[
            _hit((start, last - 1), near, damage.share(65, beats), 13, knock=[30, 0], rehit=rehit),
            tinted(draw, shape, finish, 400),
        ],
    )
    return kit(move)


def reversal(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a long counter: whoever strikes into it takes the whole answer."""
    start = 6 + draw.integer("startup", 0, 2)
    damage = _Damage(draw, shape, 95, REVERSAL_COST)
    length = draw.integer("length", 28, 40)
    answer = reply(draw, shape, name, 500)
    opening = answer["hit"][0] | {"damage": damage.share(60), "level": 4, "stun": 24} | SUPER
    at = answer["startup"] + 8
    final = _hit(
        (at, at + 4),
        shape.box(-400, 2100, 800, 0, 2400),
        damage.share(40),
        24,
        draw.choice("impact", ("wallbounce", "knockdown", "groundbounce")),
    )
    # The first blow holds its victim where the second will find it.
    opening |= {"impact": "stagger", "knock": [20, 0]}
    answer |= {"active": at + 4 - answer["startup"], "hit": [opening, final]}
    move = _ultimate(
        draw,
        name,
        "reversal",
        length,
        startup=start,
        spark_cost=REVERSAL_COST,
        flags=["reflect"] if draw.chance("reflects", 500) else [],
        parry=[start, start + length],
        reply=answer["name"],
        armour={"level": 1, "window": [0, start]},
    )
    if draw.chance("opens with slow", 400):
        slow = {"effect": "slow", "ticks": 60, "power": 300}
        move["op"] = [{"at": start, "do": "buff_target", **slow}]
    return kit(move, followups=[answer])


ULTIMATES: Final[Mapping[str, Callable[[Draw, Shape, str], Kit]]] = {
    "cinematic": cinematic,
    "meteor": meteor,
    "lane": lane,
    "finale": finale,
    "transformation": transformation,
    "time_slow": time_slow,
    "barrage": barrage,
    "pierce": pierce,
    "titan": titan,
    "execute": execute,
    "storm": storm,
    "reversal": reversal,
}
"""By family."""


class _Damage:
    """The damage of one ultimate, dealt out in hundredths; a cheaper one has less of it."""

    def __init__(
        self, draw: Draw, shape: Shape, percent: int = 100, cost: int | None = None
    ) -> None:
        full = draw.integer("damage", 2350, 2700)
        cost = _cost(draw) if cost is None else cost
        self.total = full * percent * COST_SHARE[cost] // 10000
        self.shape = shape

    def share(self, percent: int, strikes: int = 1) -> int:
        """Return the damage of one of `strikes` strikes that share `percent` of the whole."""
        return self.shape.damage(self.total * percent // (100 * strikes))


COST_SHARE: Final = {16000: 100, 12000: 84, 8000: 64}
"""Percent of the full damage by spark cost in milli quarters."""

REVERSAL_COST: Final = 8000
"""A reversal answers a blow as a slip does, and costs what the dearest slip costs: at twice that,
beside such a slip, sparks for it are rarely there."""


def _cost(draw: Draw) -> int:
    return draw.choice("spark_cost", tuple(COST_SHARE), (5, 2, 1))


def _startup(draw: Draw, low: int = 7) -> int:
    return draw.integer("startup", low, 12)


def _ultimate(draw: Draw, name: str, archetype: str, active: int, **more: Any) -> Table:
    return {
        "name": name,
        "archetype": archetype,
        "startup": _startup(draw),
        "active": active,
        "recovery": draw.integer("recovery", 15, 21),
        "spark_cost": _cost(draw),
        "freeze": 8,
        **more,
    }


def _strike(box: Table, damage: int, stun: int, impact: str = "flinch", **more: Any) -> Table:
    return strike(box, damage, 4, stun, impact, **SUPER, **more)


def _hit(
    window: tuple[int, int], box: Table, damage: int, stun: int, impact: str = "flinch", **more: Any
) -> Table:
    if "knock" in more and more["knock"] is None:
        del more["knock"]
    if "rehit" in more:
        more.setdefault("stop", [1, 1])
    return hit(window, box, damage, 4, stun, impact, **SUPER, **more)
