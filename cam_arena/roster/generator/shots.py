"""Skills that strike from afar or hold ground: shots, beams, blades, traps, zones, walls."""

from .draw import Draw
from .parts import (
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

__all__ = [
    "beam",
    "bolt",
    "boomerang",
    "fan",
    "lob",
    "marker",
    "orbit",
    "seeker",
    "trap",
    "wall",
    "zone",
]

EVERYWHERE = ["E", "W", "N", "S"]


def bolt(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a straight shot of level 1 to 3: the heavier, the slower and stronger in a clash."""
    level = draw.integer("level", 1, 3)
    start = startup(draw, "bolt")
    charges = draw.choice("charges", (1, 2, 3), (4, 1, 1)) if level < 3 else 1
    pierces = draw.chance("pierces", 250)
    damage = (260, 300, 340)[level - 1] * (10, 7, 6)[charges - 1] // 10
    struck = strike(
        shape.burst(170 + 50 * level, draw.integer("depth", 220, 270), -180, 180 + 40 * level),
        shape.damage(damage * 6 // 10 if pierces else damage),
        level,
        12 + 2 * level,
        "knockdown" if level == 3 else draw.choice("impact", ("stagger", "flinch")),
        rehit=6 if pierces else 0,
    )
    marks = draw.chance("marks", 200)
    entity = {
        "name": name,
        "kind": "projectile",
        "look": draw.choice("look", ("orb", "shard", "spear", "flame")),
        "ttl": draw.integer("ttl", 24, 30),
        "offset": [600, draw.integer("height", 950, 1100)],
        "vx": draw.integer("vx", 260, 330) - 20 * level,
        "hits": 2 if pierces else 1,
        "durability": level,
        "body_height": 200 + 50 * level,
        "hit": afflicted(draw, struck, "marked") if marks else tinted(draw, shape, struck, 550),
    }
    move = skill(
        draw,
        shape,
        name,
        "bolt",
        2,
        (8, 11),
        charges=charges,
        op=[spawn(start, name)],
        cancel={"hit": ["skill", "ultimate"]},
    )
    flags = [draw.choice("flag", ("turn", "air_ok"))] if draw.chance("has flag", 600) else []
    if draw.chance("bends", 350):
        entity["vy"] = draw.integer("vy", 50, 90)
        move["aim"] = ["N", "S"]
    return kit(move | {"flags": flags}, [entity])


def fan(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build shots that part in depth, so that side steps do not leave them: a few, or a volley."""
    copies, start = draw.integer("copies", 3, 5), startup(draw, "fan")
    charges = draw.choice("charges", (1, 2), (4, 1))
    total = draw.integer("damage", 440, 500) * (100, 70)[charges - 1] // 100
    if draw.chance("is a volley", 400):
        return _volley(draw, shape, name, charges, total)
    struck = strike(
        shape.burst(200, draw.integer("depth", 220, 260), -180, 180),
        shape.damage(total // copies),
        1,
        13,
        draw.choice("impact", ("flinch", "stagger")),
    )
    entity = {
        "name": name,
        "kind": "projectile",
        "look": draw.choice("look", ("shard", "spear", "flame", "disc")),
        "ttl": draw.integer("ttl", 20, 27),
        "offset": [500, 1000],
        "vx": draw.integer("vx", 200, 260),
        "spread": draw.integer("spread", 90, 130) // (copies - 1),
        "copies": copies,
        "max_alive": copies,
        "body_height": 200,
        "hit": tinted(draw, shape, struck, 500),
    }
    move = skill(draw, shape, name, "fan", 2, (10, 13), charges=charges, op=[spawn(start, name)])
    if draw.chance("hops back", 300):
        move |= {"velocity": speeds((2, -110, 200), (start, -60))}
    elif draw.chance("starts in the air", 350):
        move["flags"] = ["air_ok"]
    return kit(move, [entity])


def _volley(draw: Draw, shape: Shape, name: str, charges: int, total: int) -> Kit:
    """Build all shots of a fan at once: so many that they fill what is in front, and not far."""
    start, beats = startup(draw, "fan"), draw.integer("beats", 2, 3)
    reach, depth = draw.integer("reach", 1900, 2300), draw.integer("width", 540, 600)
    shots = hit(
        (start, start + 3 * beats),
        shape.box(300, reach, depth, 300, 1500),
        shape.damage(total * 3 // 4 // beats),
        1,
        13,
        knock=[draw.integer("knock", 60, 110), 0],
        rehit=3,
        stop=[1, 1],
        protection=40,
    )
    struck = tinted(draw, shape, shots, 500)
    move = skill(draw, shape, name, "fan", 3 * beats, (11, 14), charges=charges, hit=[struck])
    if draw.chance("hops back", 300):
        move["velocity"] = speeds((2, -110, 200), (start, -60))
    return kit(move)


def seeker(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a slow shot that turns after its target."""
    hits, start = draw.integer("hits", 1, 3), startup(draw, "seeker")
    struck = strike(
        shape.burst(280, draw.integer("depth", 330, 420), -250, 250),
        shape.damage(draw.integer("damage", 350, 420) * (100, 58, 43)[hits - 1] // 100),
        2,
        draw.integer("stun", 14, 17),
        draw.choice("impact", ("stagger", "flinch")),
        rehit=12 if hits > 1 else 0,
    )
    entity = {
        "name": name,
        "kind": "projectile",
        "look": draw.choice("look", ("orb", "star", "disc", "bird")),
        "ttl": draw.integer("ttl", 60, 90),
        "offset": [500, 1000],
        "vx": draw.integer("vx", 130, 200),
        "turn": draw.integer("turn", 6, 12),
        "hits": hits,
        "durability": draw.integer("durability", 1, 2),
        "hit": tinted(draw, shape, struck, 550),
    }
    ops = [spawn(start, name)]
    move = skill(draw, shape, name, "seeker", 2, (9, 12))
    if draw.chance("steps away", 300):
        move |= {"aim": EVERYWHERE, "flags": ["ghost"]}
        step = {"place": "direction", "distance": draw.integer("step", 700, 1000)}
        ops.insert(0, {"at": 4, "do": "teleport", **step})
    return kit(move | {"op": ops}, [entity])


def lob(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a thrown or falling shot that bursts where it lands."""
    start, falls = startup(draw, "lob"), draw.chance("falls from the sky", 400)
    charges = draw.choice("charges", (1, 2), (4, 1))
    radius = draw.integer("radius", 450, 650)
    struck = strike(
        shape.burst(radius, radius, -200, 700),
        shape.damage(draw.integer("damage", 350, 420) * (100, 70)[charges - 1] // 100),
        2,
        draw.integer("stun", 17, 19),
        draw.choice("impact", ("launch", "knockdown")),
        knock=[40, draw.integer("height", 300, 360)],
    )
    entity = {
        "name": name,
        "kind": "projectile",
        "look": draw.choice("look", ("star", "flame", "disc", "orb")),
        "durability": draw.integer("durability", 1, 2),
        "hit": tinted(draw, shape, struck, 500),
    }
    if falls and draw.chance("bursts where it is aimed", 600):
        arms = draw.integer("arms", 6, 10)
        entity |= {"kind": "zone", "ttl": arms + 5, "arm_ticks": arms, "body_height": 200}
        entity |= {"offset": [1500, 0], "aim_x": 1000, "max_alive": 2}
        del entity["durability"]
    elif falls:
        entity |= {"ttl": 60, "offset": [1400, 2400], "aim_x": 1000, "vx": 50, "vz": -120}
        entity |= {"gravity": 16, "turn": draw.integer("turn", 8, 14), "max_alive": 2}
    else:
        entity |= {"ttl": 45, "offset": [300, 1300], "vx": draw.integer("vx", 140, 190), "vy": 50}
        entity |= {"vz": draw.integer("vz", 190, 240), "gravity": draw.integer("gravity", 22, 28)}
        entity["max_alive"] = 2
    move = skill(
        draw,
        shape,
        name,
        "lob",
        2,
        (9, 12),
        charges=charges,
        aim=EVERYWHERE if falls else ["N", "S"],
        op=[spawn(start, name)],
    )
    if draw.chance("starts in the air", 400):
        move["flags"] = ["air_ok"]
    return kit(move, [entity])


def beam(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a long held line; its fighter stands still and narrow is its lane."""
    start, rehit = startup(draw, "beam"), draw.choice("rehit", (2, 3, 4))
    beats = min(draw.integer("beats", 3, 6), 18 // rehit)
    last = start + beats * rehit
    depth, far = draw.integer("depth", 260, 360), draw.integer("far", 3600, 5400)
    each = draw.integer("share", 280, 330) // beats
    line = {"x": [300, far], "depth": shape.y(depth), "z": [500, shape.z(1500)]}
    finish = hit(
        (last, last + 2),
        line,
        shape.damage(draw.integer("finish", 110, 140)),
        2,
        16,
        draw.choice("impact", ("knockdown", "stagger")),
    )
    beat = hit(
        (start, last),
        line,
        shape.damage(each),
        draw.choice("level", (1, 2)),
        12,
        knock=[draw.integer("knock", 20, 50), 0],
        rehit=rehit,
        stop=[1, 1],
        protection=30,
    )
    move = skill(
        draw,
        shape,
        name,
        "beam",
        last + 2 - start,
        (13, 16),
        hit=[beat, tinted(draw, shape, finish, 500)],
    )
    if draw.chance("steers", 500):
        move |= {"flags": ["steer"], "aim_vy": draw.integer("aim_vy", 16, 28)}
    elif draw.chance("has armour", 300):
        move["armour"] = {"level": 1, "window": [4, last]}
    return kit(move)


def boomerang(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a blade that strikes on its way out and on its way back: thrown, or on a line."""
    start, charges = startup(draw, "boomerang"), draw.choice("charges", (1, 2), (4, 1))
    struck = strike(
        shape.burst(260, draw.integer("depth", 260, 420), -220, 220),
        shape.damage(draw.integer("damage", 205, 240) * (100, 72)[charges - 1] // 100),
        2,
        draw.integer("stun", 14, 17),
        draw.choice("impact", ("stagger", "flinch")),
        rehit=draw.integer("rehit", 14, 18),
    )
    entity = {
        "name": name,
        "kind": "projectile",
        "look": draw.choice("look", ("disc", "shard", "mine")),
        "ttl": draw.integer("ttl", 44, 54),
        "offset": [500, draw.integer("height", 800, 1050)],
        "vx": draw.integer("vx", 220, 290),
        "returns": 1,
        "hits": 2,
        "durability": draw.integer("durability", 1, 3),
        "max_alive": charges,
        "hit": tinted(draw, shape, struck, 450),
    }
    if draw.chance("is on a line", 550):
        return _on_a_line(draw, shape, name, charges, struck)
    move = skill(
        draw, shape, name, "boomerang", 2, (9, 12), charges=charges, op=[spawn(start, name)]
    )
    if draw.chance("bends", 450):
        entity["vy"] = draw.integer("vy", 40, 80)
        move["aim"] = ["N", "S"]
    elif draw.chance("starts in the air", 400):
        move["flags"] = ["air_ok"]
    return kit(move, [entity])


def _on_a_line(draw: Draw, shape: Shape, name: str, charges: int, struck: Table) -> Kit:
    """Build a blade that stays on its line: out through its lane, and back with what it finds."""
    start, far = startup(draw, "boomerang"), draw.integer("line", 2500, 3100)
    turns = start + draw.integer("flies", 6, 7)
    depth = draw.integer("lane", 250, 310)

    def swing(at: int, near: int, far: int, knock: int) -> Table:
        blow = hit((at, at + 3), shape.box(near, far, depth), struck["damage"], 2, struck["stun"])
        return blow | {"impact": "stagger", "knock": [knock, 0]}

    back = swing(turns, 100, far - 500, -draw.integer("drags", 110, 170))
    hits = [swing(start, 300, far, 40), tinted(draw, shape, back, 450)]
    move = skill(
        draw, shape, name, "boomerang", turns + 3 - start, (10, 13), charges=charges, hit=hits
    )
    if draw.chance("bends", 450):
        move |= {"flags": ["steer"], "aim_vy": draw.integer("steers", 20, 35)}
    return kit(move)


def orbit(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build two to four blades that circle their owner for seconds."""
    start, copies = startup(draw, "orbit"), draw.integer("copies", 2, 4)
    hits = draw.choice("hits", (1, 2))
    total = draw.integer("damage", 460, 540)
    struck = strike(
        shape.burst(300, 300, -300, 300),
        shape.damage(total // (copies * hits)),
        draw.choice("level", (1, 2)),
        draw.integer("stun", 11, 14),
        draw.choice("impact", ("flinch", "stagger")),
        rehit=20 if hits > 1 else 0,
        protection=40,
    )
    entity = {
        "name": name,
        "kind": "orbit",
        "look": draw.choice("look", ("shard", "orb", "flame", "star")),
        "ttl": draw.integer("ttl", 40, 60) * 3,
        "offset": [0, draw.integer("height", 700, 1000)],
        "radius": draw.integer("radius", 700, 1150),
        "speed": draw.integer("speed", 5, 11),
        "copies": copies,
        "max_alive": copies,
        "hits": hits,
        "durability": draw.integer("durability", 1, 2),
        "hit": tinted(draw, shape, struck, 450),
    }
    ops = [spawn(start, name)]
    move = skill(draw, shape, name, "orbit", 2, (7, 10), op=ops)
    return kit(move, [entity])


def trap(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build something hidden that waits for a foot: it holds, throws up or poisons."""
    start, kind = startup(draw, "trap"), draw.choice("kind", ("snare", "mine", "spike"))
    charges = draw.choice("charges", (1, 2), (4, 1))
    radius = draw.integer("radius", 550, 750)
    damage = {"snare": 340, "mine": 430, "spike": 330}[kind] + draw.integer("damage", -20, 30)
    struck = strike(
        shape.burst(radius + 100, radius - 50, 0, 1500),
        shape.damage(damage * (100, 75)[charges - 1] // 100),
        2,
        draw.integer("stun", 21, 24) if kind == "snare" else 18,
        {"snare": "stagger", "mine": "launch", "spike": "knockdown"}[kind],
        **({"knock": [0, 0]} if kind == "snare" else {}),
    )
    struck["window"] = [0, 3]
    if kind == "snare":
        struck = afflicted(draw, struck, draw.choice("effect", ("root", "slow", "seal")))
    else:
        struck = tinted(draw, shape, struck, 700 if kind == "spike" else 300)
    entity = {
        "name": name,
        "kind": "trap",
        "look": "roots" if kind == "snare" else "mine",
        "ttl": draw.integer("ttl", 36, 54) * 10,
        "offset": [draw.integer("throw", 700, 1300), 0],
        "aim_x": draw.integer("aim_x", 600, 900),
        "max_alive": 2,
        "arm_ticks": 15,
        "radius": radius,
        "strike_startup": draw.integer("strike_startup", 1, 3),
        "body_height": 160,
        "hit": struck,
    }
    move = skill(
        draw,
        shape,
        name,
        "trap",
        2,
        (8, 11),
        charges=charges,
        aim=EVERYWHERE,
        op=[spawn(start, name)],
    )
    if draw.chance("starts in the air", 250):
        move["flags"] = ["air_ok"]
    return kit(move, [entity])


def zone(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a field on the ground that hurts or hinders whoever stays on it."""
    start = startup(draw, "zone")
    kind = draw.choice("kind", ("scorch", "mire", "toll"))
    half, period = draw.integer("half", 850, 1100), draw.choice("period", (10, 15))
    ttl = draw.integer("seconds", 90, 150)
    beats = ttl // period
    total = {"scorch": 480, "mire": 280, "toll": 300}[kind] + draw.integer("damage", -20, 20)
    struck = strike(
        shape.burst(half, half - 100, 0, 600),
        shape.damage(total // beats),
        1,
        0,
        "none",
        rehit=period,
        stop=[0, 0],
        protection=0,
    )
    if kind == "mire":
        struck |= {"effect": "slow", "effect_ticks": 2 * period}
        struck["effect_power"] = draw.integer("slow", 250, 380)
    elif kind == "toll":
        effect = draw.choice("effect", ("tempo_down", "lag", "weighted", "drain"))
        struck = afflicted(draw, struck, effect, 400)
    else:
        struck = tinted(draw, shape, struck, 500)
    entity = {
        "name": name,
        "kind": "zone",
        "look": draw.choice("look", ("field", "disc", "roots", "flame")),
        "ttl": ttl,
        "offset": [draw.integer("throw", 900, 1400), 0],
        "aim_x": draw.integer("aim_x", 700, 1000),
        "hits": beats,
        "arm_ticks": draw.integer("arm", 3, 6),
        "body_height": 200,
        "hit": struck,
    }
    move = skill(draw, shape, name, "zone", 3, (10, 12), aim=EVERYWHERE, op=[spawn(start, name)])
    if kind != "scorch":
        opening = hit(
            (start, start + 3),
            shape.box(100, 1450, 600, 0, 900),
            shape.damage(draw.integer("opening", 170, 210)),
            2,
            16,
            "stagger",
        )
        move["hit"] = [opening]
    return kit(move, [entity])


def wall(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a wall that stops shots and walking, and the shove that raises it."""
    start = startup(draw, "wall")
    struck = hit(
        (start, start + 3),
        shape.box(0, draw.integer("far", 1250, 1450), draw.integer("depth", 480, 620)),
        shape.damage(draw.integer("damage", 270, 330)),
        2,
        18,
        draw.choice("impact", ("stagger", "knockdown")),
        knock=[draw.integer("knock", 170, 230), 0],
    )
    entity = {
        "name": name,
        "kind": "wall",
        "look": "wall",
        "ttl": draw.integer("seconds", 60, 120),
        "offset": [draw.integer("throw", 900, 1200), 0],
        "hp": draw.integer("hp", 14, 22) * 50,
        "radius": draw.integer("radius", 130, 210),
        "body_height": draw.integer("height", 1500, 2000),
    }
    ops = [spawn(start, name)]
    gift = draw.choice("gift", (None, "thorns", "guarded", "shield", "regen"), (4, 1, 1, 1, 1))
    if gift is not None:
        ops.append(boon(draw, start, gift))
    move = skill(
        draw, shape, name, "wall", 3, (9, 12), op=ops, hit=[tinted(draw, shape, struck, 300)]
    )
    if draw.chance("is thrown", 400):
        entity["aim_x"] = draw.integer("aim_x", 600, 1000)
        move["aim"] = ["E", "W"]
    return kit(move, [entity])


def marker(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a mark left behind: the next use returns to it with a strike."""
    start, active = startup(draw, "marker"), draw.integer("active", 3, 4)
    round_about = draw.chance("strikes all around", 500)
    struck = hit(
        # The strike follows the return by a tick, so that it falls where its fighter arrives.
        (start, start + active),
        shape.box(*((-1200, 1300, 800) if round_about else (0, 1450, 420))),
        shape.damage(draw.integer("damage", 300, 350)),
        2,
        draw.integer("stun", 16, 18),
        draw.choice("impact", ("stagger", "launch", "knockdown")),
    )
    entity: Table = {
        "name": name,
        "kind": "marker",
        "look": draw.choice("look", ("star", "disc", "field", "orb")),
        "ttl": draw.integer("seconds", 40, 60) * 10,
        "offset": [draw.choice("throw", (0, 900, 1800)), 0],
        "body_height": 300,
    }
    ready = draw.integer("ready", 10, 24)
    ops: list[Table] = [{"at": start - 1, "do": "marker", "entity": name, "ticks": ready}]
    extra = draw.choice("extra", (None, "cleanse", "veil", "haste"), (2, 1, 1, 1))
    if extra == "cleanse":
        ops.append({"at": start, "do": "cleanse"})
    elif extra == "veil":
        veil = {"effect": "veil", "ticks": draw.integer("veil", 30, 60), "power": 0}
        ops.append({"at": start, "do": "buff_self", **veil})
    elif extra == "haste":
        ops.append(boon(draw, start, extra))
    move = skill(
        draw,
        shape,
        name,
        "marker",
        active,
        (9, 12),
        flags=["ghost"],
        aim=EVERYWHERE,
        op=ops,
        hit=[tinted(draw, shape, struck, 450)],
        cancel={"hit": ["skill", "scroll", "ultimate"]},
    )
    entity["aim_x"] = draw.choice("aim_x", (0, 800))
    if not entity["aim_x"]:
        del move["aim"]
    return kit(move, [entity])
