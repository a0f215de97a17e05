"""Skills that change the fight rather than strike: counters, hover, buffs, hexes, clones, forms."""

from typing import Final

from .draw import Draw
from .parts import (
    CONTROL,
    Kit,
    Shape,
    Table,
    afflicted,
    boon,
    hit,
    kit,
    skill,
    spawn,
    speeds,
    startup,
    strike,
    tinted,
)

__all__ = ["clone", "counter", "empower", "glide", "hex_", "reply", "stance"]

EMPOWERMENTS: Final = (
    *("might", "haste", "tempo_up", "regen", "shield", "thorns", "leech", "quicken"),
    *("sparkflow", "armour", "deathward", "guarded"),
)
HEXES: Final = (
    *("slow", "hush", "reversed", "marked", "frail", "exposed", "seal", "drain", "lag"),
    *("weighted", "tempo_down"),
)


def reply(draw: Draw, shape: Shape, name: str, damage: int) -> Table:
    """Return a followup that strikes back where a blow came from, safe while it starts."""
    start = draw.integer("reply startup", 3, 4)
    kind = draw.choice("reply", ("rise", "collapse", "throw off", "behind"))
    impact = {"rise": "launch", "collapse": "crumple", "throw off": "wallbounce"}.get(
        kind, draw.choice("reply impact", ("stagger", "knockdown"))
    )
    struck = hit(
        (start, start + 4),
        shape.box(-250, draw.integer("reply far", 1500, 1700), 600, 0, 2000),
        shape.damage(damage),
        3,
        20,
        impact,
    )
    move = {
        "name": f"{name[:21]} {draw.choice('reply name', ('Answer', 'Return', 'Due', 'Reply'))}",
        "archetype": "reversal",
        "startup": start,
        "active": 4,
        "recovery": draw.integer("reply recovery", 12, 15),
        "invulnerable": {"strike": [0, start + 1], "grab": [0, start + 1]},
        "velocity": speeds((0, draw.integer("reply speed", 110, 170)), (start + 3, 0)),
        "hit": [tinted(draw, shape, struck, 500)],
    }
    if kind == "behind":
        move["op"] = [{"at": 1, "do": "teleport", "place": "behind", "distance": 800}]
        del move["velocity"]
    return move


def counter(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a stance that turns a strike into a reply; some send shots back as well."""
    start, length = startup(draw, "counter"), draw.integer("length", 12, 20)
    answer = reply(draw, shape, name, draw.integer("damage", 460, 540) - 4 * length)
    move = skill(
        draw,
        shape,
        name,
        "counter",
        length,
        (9, 12),
        flags=["reflect"] if draw.chance("reflects", 350) else [],
        parry=[start, start + length],
        reply=answer["name"],
        cancel={"hit": []},
    )
    if draw.chance("gains spark", 250):
        answer.setdefault("op", []).append({"at": 2, "do": "gain_spark", "amount": 1000})
    return kit(move, followups=[answer])


def glide(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a hover of three to five seconds; each further use strikes or shoots from up there."""
    start = startup(draw, "glide")
    struck = strike(
        shape.burst(260, draw.integer("depth", 280, 360), -260, 260),
        shape.damage(draw.integer("damage", 200, 240)),
        draw.choice("level", (1, 2)),
        draw.integer("stun", 14, 16),
        draw.choice("impact", ("stagger", "flinch")),
    )
    entity = {
        "name": name,
        "kind": "projectile",
        "look": draw.choice("look", ("bird", "shard", "star", "orb")),
        "ttl": draw.integer("ttl", 22, 28),
        "offset": [400, 700],
        "vx": draw.integer("vx", 210, 270),
        "vz": -draw.integer("fall", 40, 70),
        "max_alive": 3,
        "body_height": 250,
        "hit": tinted(draw, shape, struck, 500),
    }
    rises, floats = start - 5, start + 1
    shoots = not draw.chance("strikes from above", 450)
    hover = {"effect": "featherlight", "ticks": draw.integer("hover", 90, 150), "power": 1000}
    ops: list[Table] = [
        *([spawn(start, name)] if shoots else []),
        {"at": floats, "do": "set_velocity", "x": 0, "z": 0},
        {"at": floats, "do": "buff_self", **hover},
    ]
    move = skill(
        draw,
        shape,
        name,
        "glide",
        3,
        (6, 9),
        flags=["air_ok"],
        charges=draw.integer("charges", 2, 3),
        velocity=speeds(
            (rises, draw.choice("drift", (-70, 0, 90)), draw.integer("rise", 230, 280)),
            (floats, 0),
        ),
        op=ops,
    )
    if shoots:
        return kit(move, [entity])
    talons = hit(
        (start, start + 3),
        shape.box(-200, draw.integer("talons", 1350, 1600), 420, -1020, 500),
        struck["damage"],
        2,
        struck["stun"],
        "stagger",
    )
    return kit(move | {"hit": [tinted(draw, shape, talons, 500)]})


def empower(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build one or two buffs of four to eight seconds, with a small burst around."""
    start = startup(draw, "empower")
    first = draw.choice("first", EMPOWERMENTS)
    second = draw.choice("second", (None, *EMPOWERMENTS), (len(EMPOWERMENTS), *[1] * 12))
    pays = draw.chance("pays", 200)
    ops = [boon(draw, start, effect) for effect in dict.fromkeys((first, second)) if effect]
    if draw.chance("cleanses", 200):
        ops.append({"at": start, "do": "cleanse"})
    radius = draw.integer("radius", 800, 1100)
    struck = hit(
        (start, start + 3),
        shape.box(-radius, radius, 600),
        # One buff leaves more for the burst than two do.
        shape.damage(draw.integer("damage", 190, 230) - 40 * (len(ops) > 1) + 50 * pays),
        draw.choice("level", (1, 2)),
        14,
        "stagger",
        knock=[draw.integer("knock", 140, 210), 0],
    )
    move = skill(
        draw,
        shape,
        name,
        "empower",
        3,
        (8, 11),
        hp_cost=draw.integer("hp_cost", 25, 45) if pays else 0,
        op=ops,
        hit=[tinted(draw, shape, struck, 250)],
        cancel={"hit": ["skill", "scroll", "ultimate"]},
    )
    return kit(move)


def hex_(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a debuff from afar: a shot, a cone or a ring."""
    start = startup(draw, "hex")
    effect = draw.choice("effect", HEXES)
    kind = draw.choice("kind", ("shot", "cone", "ring"), (1, 2, 2))
    # What takes actions away is long enough as it is.
    near, far = (1000, 1000) if effect in CONTROL else (1300, 1500)
    stun, damage = draw.integer("stun", 15, 18), draw.integer("damage", 280, 340)
    if kind == "shot":
        struck = strike(shape.burst(240, 320, -300, 400), shape.damage(damage), 1, stun, "stagger")
        entity = {
            "name": name,
            "kind": "projectile",
            "look": draw.choice("look", ("wave", "orb", "bird")),
            "ttl": draw.integer("ttl", 26, 32),
            "offset": [650, 900],
            "vx": draw.integer("vx", 200, 260),
            "turn": draw.choice("turn", (0, 6)),
            "hit": afflicted(draw, struck, effect, far),
        }
        move = skill(draw, shape, name, "hex", 2, (9, 12), op=[spawn(start, name)])
        return kit(move, [entity])
    box = (
        shape.box(0, draw.integer("far", 2300, 2700), draw.integer("depth", 500, 600), 200, 1700)
        if kind == "cone"
        else shape.box(-1550, 1550, 1100, 0, 1800)
    )
    struck = hit((start, start + 4), box, shape.damage(damage - 20), 2, stun, "stagger")
    move = skill(
        draw,
        shape,
        name,
        "hex",
        4,
        (11, 13),
        flags=["turn"] if draw.chance("turns", 500) else [],
        hit=[afflicted(draw, struck, effect, near)],
    )
    if draw.chance("dispels", 300):
        move["op"] = [{"at": start, "do": "dispel"}]
    return kit(move)


def clone(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a second body: an echo of its owner's blows, a decoy, or a puppet that hunts."""
    start, kind = startup(draw, "clone"), draw.choice("kind", ("echo", "decoy", "puppet"))
    entity: Table = {
        "name": name,
        "kind": "companion" if kind == "puppet" else "clone",
        "look": draw.choice("look", ("puppet", "hound", "hare", "boar")),
        "ttl": draw.integer("seconds", 60, 90) * 3,
        "offset": [draw.integer("throw", 500, 900), 0],
        "hp": draw.integer("hp", 10, 16) * 50 + (300 if kind == "decoy" else 0),
        "body_height": shape.z(1700),
    }
    move = skill(draw, shape, name, "clone", 3, (8, 11), op=[spawn(start, name)])
    if kind == "decoy":
        shove = hit(
            (start, start + 3),
            shape.box(-200, 1250, 480),
            shape.damage(draw.integer("shove", 260, 310)),
            2,
            16,
            "stagger",
        )
        move |= {"hit": [tinted(draw, shape, shove, 400)], "flags": ["ghost"]}
        step = {"place": "direction", "distance": draw.integer("step", 800, 1200)}
        veil = {"effect": "veil", "ticks": draw.integer("veil", 30, 60), "power": 0}
        late = {"at": start + 2, "do": "buff_self", **veil}
        move["op"] += [{"at": start + 2, "do": "teleport", **step}, late]
        move["aim"] = ["E", "W", "N", "S"]
        return kit(move, [entity])
    blow = strike(
        shape.burst(0, 430, 200, 1600) | {"x": [0, shape.x(1150)]},
        shape.damage(draw.integer("blow", 95, 115) if kind == "echo" else 150),
        draw.choice("level", (1, 2)),
        draw.integer("stun", 14, 17),
        draw.choice("impact", ("stagger", "flinch")),
    )
    blow["window"] = [0, 3]
    entity["hit"] = tinted(draw, shape, blow, 500)
    if kind == "puppet":
        entity |= {"hits": 3, "arm_ticks": 8, "radius": draw.integer("radius", 850, 1000)}
        entity |= {"speed": draw.integer("speed", 105, 150)}
        entity |= {"strike_startup": draw.integer("strike_startup", 6, 9)}
    else:
        entity |= {"hits": draw.integer("hits", 4, 5)}
    return kit(move, [entity])


def stance(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a change of form, for seconds or until the next use, with a strike or a boon."""
    start, active = startup(draw, "stance"), 3
    ticks = draw.choice("ticks", (0, 150, 210, 300))
    ops: list[Table] = [{"at": start, "do": "form", "ticks": ticks}]
    # A form that can be kept gives less on entering it.
    kind = draw.choice("kind", ("strike", "step", "boon"), (2, 2, 1))
    damage = draw.integer("damage", 250, 300) - (30 if ticks == 0 else 0)
    struck = hit(
        (start, start + active),
        shape.box(-300, 1300, 500),
        shape.damage(damage if kind != "boon" else damage * 6 // 10),
        2,
        16,
        draw.choice("impact", ("stagger", "knockdown")),
    )
    if kind == "boon":
        ops.append(boon(draw, start, draw.choice("gift", ("haste", "tempo_up", "shield", "might"))))
    move = skill(
        draw,
        shape,
        name,
        "stance",
        active,
        (8, 11),
        op=ops,
        hit=[tinted(draw, shape, struck, 400)],
        cancel={"hit": ["skill", "scroll", "ultimate"]},
    )
    if kind == "step":
        move |= {"velocity": speeds((2, draw.integer("speed", 150, 240)), (start + 3, 0))}
        move |= {"flags": ["aimed", "ghost"], "aim": ["E", "W"]}
    return kit(move)
