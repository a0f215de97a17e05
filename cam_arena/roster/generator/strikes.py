"""Skills that strike with the body: rushes, blows, grabs, pulls and leaps."""

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
    "armoured_charge",
    "blink",
    "dive",
    "flurry",
    "grab",
    "grab_string",
    "hold_charge",
    "launcher",
    "lunge",
    "pull",
    "repel",
    "slam",
    "sweep",
]

OPENER = {"hit": ["skill", "scroll", "ultimate"]}
"""Cancels of a skill that starts combos."""


def lunge(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a forward strike that carries its fighter two to four bodies."""
    start, active = startup(draw, "lunge"), draw.integer("active", 3, 4)
    kind = draw.choice("kind", ("thrust", "cut", "shoulder", "pass"))
    far, depth = {
        "thrust": (1500, 270),
        "cut": (1250, 400),
        "shoulder": (1050, 360),
        "pass": (1150, 320),
    }[kind]
    impact = "wallbounce" if kind == "shoulder" else draw.choice("impact", ("stagger", "crumple"))
    charges = draw.choice("charges", (1, 2), (4, 1))
    damage = draw.integer("damage", 350, 400) - 70 * (charges - 1)
    leaves = max(start - draw.integer("stride", 3, 5), 1)
    travel = draw.integer("travel", 2048, 3900)
    speed = min(travel // (start + active - leaves), 480)
    struck = hit(
        (start, start + active),
        shape.box(0 if kind == "pass" else 100, far, depth),
        shape.damage(damage),
        3 if kind == "shoulder" else 2,
        draw.integer("stun", 15, 18),
        impact,
    )
    move = skill(
        draw,
        shape,
        name,
        "lunge",
        active,
        (10, 13),
        flags=["ghost"] if kind == "pass" else [],
        charges=charges,
        velocity=speeds((leaves, speed), (start + active, 0)),
        hit=[tinted(draw, shape, struck, 450)],
        cancel=None if kind == "shoulder" else OPENER,
    )
    if draw.chance("is aimed", 600):
        move |= {"aim": ["N", "S"], "aim_vy": draw.integer("aim_vy", 45, 80)}
    if draw.chance("passes projectiles", 300):
        move["invulnerable"] = {"projectile": [leaves, start]}
    return kit(move)


def flurry(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a moving string of light hits whose last one throws down."""
    start, rehit = startup(draw, "flurry"), draw.choice("rehit", (2, 3))
    beats = min(draw.integer("beats", 3, 6), 16 // rehit)
    last = start + beats * rehit + 1
    impact = draw.choice("impact", ("knockdown", "launch", "wallbounce"))
    each = draw.integer("share", 300, 400) // beats
    steers = draw.chance("steers", 600)
    far, depth = (1150, 420) if steers else (1300, 340)
    finish = hit(
        (last, last + 2),
        shape.box(0, far + 150, depth),
        shape.damage(draw.integer("finish", 200, 260)),
        3,
        draw.integer("stun", 16, 18),
        impact,
    )
    beat = hit(
        (start, start + beats * rehit),
        shape.box(0, far, depth),
        shape.damage(each),
        1,
        draw.integer("beat stun", 9, 11),
        knock=[draw.integer("knock", 40, 60), 0],
        rehit=rehit,
        stop=[1, 1],
        protection=30,
    )
    move = skill(
        draw,
        shape,
        name,
        "flurry",
        last + 2 - start,
        (11, 14),
        flags=["steer"] if steers else [],
        aim_vy=draw.integer("aim_vy", 30, 50) if steers else 0,
        velocity=speeds((max(start - 2, 1), draw.integer("speed", 60, 115)), (last, 0)),
        hit=[beat, tinted(draw, shape, finish, 600)],
    )
    return kit(move)


def launcher(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a short rising strike that nothing hits while it starts."""
    start, active = startup(draw, "launcher"), draw.integer("active", 3, 5)
    leaps = draw.chance("leaps", 400)
    struck = hit(
        (start, start + active),
        shape.box(0, draw.integer("far", 980, 1120), draw.integer("depth", 340, 420), 0, 2200),
        shape.damage(draw.integer("damage", 350, 410)),
        3,
        draw.integer("stun", 18, 20),
        "launch",
        knock=[draw.integer("knock", 30, 60), draw.integer("height", 430, 510)],
        protection=130,
    )
    move = skill(
        draw,
        shape,
        name,
        "launcher",
        active,
        (13, 17),
        invulnerable={"strike": [0, 4]},
        velocity=speeds(
            (2, draw.integer("speed", 90, 170), 260) if leaps else (2, 120), (start + active, 0)
        ),
        hit=[tinted(draw, shape, struck, 300)],
        cancel=OPENER,
    )
    if not leaps and draw.chance("gains spark", 250):
        move["op"] = [{"at": start, "do": "gain_spark", "amount": 500}]
    return kit(move)


def slam(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a blow on the ground that reaches all around, deep and wide."""
    start, active = startup(draw, "slam"), draw.integer("active", 3, 5)
    kind = draw.choice("kind", ("disc", "crater", "front"))
    near, far, depth = {
        "disc": (-1350, 1350, 1050),
        "crater": (-950, 1300, 900),
        "front": (-200, 1900, 950),
    }[kind]
    impact = draw.choice("impact", ("launch", "knockdown", "groundbounce"))
    reaches_lying = draw.chance("otg", 500)
    struck = hit(
        (start, start + active),
        shape.box(near, far, depth, 0, 900 if reaches_lying else 1300),
        shape.damage(draw.integer("damage", 400, 470) - (40 if reaches_lying else 0)),
        3,
        draw.integer("stun", 17, 20),
        impact,
        flags=["otg"] if reaches_lying else [],
    )
    move = skill(
        draw, shape, name, "slam", active, (12, 16), hit=[tinted(draw, shape, struck, 450)]
    )
    if kind == "crater":
        move["velocity"] = speeds((2, draw.integer("speed", 80, 140), 330), (start + active, 0))
    elif draw.chance("has armour", 450):
        move["armour"] = {"level": 1, "window": [3, start]}
    return kit(move)


def sweep(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a low wide arc that side steps do not leave, but jumps do."""
    start, active = startup(draw, "sweep"), draw.integer("active", 3, 5)
    kind = draw.choice("kind", ("front", "round", "retreat"))
    impact = draw.choice("impact", ("knockdown", "launch", "stagger"))
    near, far = {"front": (0, 1700), "round": (-1350, 1450), "retreat": (0, 1900)}[kind]
    struck = hit(
        (start, start + active),
        shape.box(near, far, draw.integer("depth", 850, 1150), 0, 420),
        shape.damage(draw.integer("damage", 310, 370)),
        2,
        draw.integer("stun", 16, 18),
        impact,
        flags=["otg"],
        **({"knock": [60, 330]} if impact == "launch" else {}),
    )
    speed = {"front": 90, "round": 0, "retreat": -150}[kind]
    move = skill(
        draw,
        shape,
        name,
        "sweep",
        active,
        (10, 13),
        hit=[tinted(draw, shape, struck, 500)],
        cancel=OPENER if impact != "knockdown" else None,
    )
    if speed:
        move["velocity"] = speeds((start - 3, speed), (start + active, 0))
    if draw.chance("drains", 250):
        move["op"] = [{"at": start, "do": "drain_spark", "amount": 500}]
    return kit(move)


def grab(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a throw: through guard and armour, and its victim cannot slip."""
    start = startup(draw, "grab")
    kind = draw.choice("kind", ("toss", "drive", "drain"))
    reach = draw.choice("reach", ("arm", "step", "long"))
    far = {"arm": 1150, "step": 1100, "long": 1450}[reach]
    blows = draw.integer("blows", 1, 3)
    held = shape.box(0, 1200, 380)
    total = draw.integer("damage", 460, 540)
    finish = {"toss": ("wallbounce", [280, 260]), "drive": ("groundbounce", [40, -260])}.get(
        kind, ("knockdown", [160, 240])
    )
    hits = [
        hit(
            (start, start + (2 if reach == "long" else 3)),
            shape.box(100, far, 400 if reach == "arm" else 340),
            0,
            3,
            20,
            flags=["grab"],
            stop=[2, 2],
        )
    ]
    each = total * 35 // 100 // blows
    for n in range(blows):
        at = start + 5 + 4 * n
        hits.append(
            hit((at, at + 1), held, shape.damage(each), 3, 0, flags=["held"], protection=30)
        )
    last = start + 6 + 4 * blows
    release = hit(
        (last, last + 1),
        held,
        shape.damage(total - each * blows),
        3,
        18,
        finish[0],
        knock=finish[1],
        flags=["held", "release"],
        protection=80,
    )
    hits.append(afflicted(draw, release, "exposed") if kind == "drive" else release)
    move = skill(draw, shape, name, "grab", last + 1 - start, (16, 20), hit=hits)
    if reach == "step":
        move["velocity"] = speeds((3, draw.integer("speed", 110, 190)), (start + 2, 0))
    if kind == "drain":
        move["op"] = [{"at": last, "do": "drain_spark", "amount": 1000}]
    elif draw.chance("has armour", 400):
        move["armour"] = {"level": 1, "window": [2, start]}
    return kit(move)


def grab_string(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build strikes that end in a grab: a late slip is too late."""
    start, blows = startup(draw, "grab_string"), draw.integer("blows", 1, 3)
    hooks = draw.chance("hooks", 400)
    near = shape.box(0, 1500 if hooks else 1250, 360)
    each = draw.integer("share", 210, 270) // blows
    hits = []
    for n in range(blows):
        at = start + 4 * n
        hits.append(
            hit(
                (at, at + 2),
                near,
                shape.damage(each),
                2,
                14,
                "stagger",
                knock=[-140 if hooks else 30, 0],
                stop=[1, 1],
            )
        )
    seize = start + 4 * blows + 1
    last = seize + min(draw.integer("holds", 5, 7), 18 - 4 * blows)
    impact = draw.choice("impact", ("knockdown", "launch", "wallbounce"))
    hits.append(hit((seize, seize + 2), near, 0, 3, 20, flags=["grab"], stop=[2, 2]))
    release = hit(
        (last, last + 1),
        near,
        shape.damage(draw.integer("finish", 270, 320)),
        3,
        18,
        impact,
        flags=["held", "release"],
        protection=80,
    )
    hits.append(tinted(draw, shape, release, 500))
    move = skill(
        draw,
        shape,
        name,
        "grab_string",
        last + 1 - start,
        (14, 18),
        velocity=speeds((max(start - 3, 1), draw.integer("speed", 80, 130)), (seize, 0)),
        hit=hits,
    )
    return kit(move)


def pull(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a hook that drags its target in: a long arm or a thrown one."""
    start = startup(draw, "pull")
    effect = draw.choice("effect", (None, "seal", "slow", "exposed"), (3, 2, 2, 1))
    stun, damage = draw.integer("stun", 20, 23), shape.damage(draw.integer("damage", 270, 330))
    speed = -draw.integer("speed", 220, 280)
    if draw.chance("is thrown", 250):
        struck = strike(shape.burst(260, 260, -250, 250), damage, 2, stun, "stagger")
        struck |= {"knock": [speed, 0], "air_knock": [speed, 140]}
        struck = afflicted(draw, struck, effect) if effect else tinted(draw, shape, struck, 300)
        entity = {
            "name": name,
            "kind": "projectile",
            "look": draw.choice("look", ("spear", "roots", "disc")),
            "ttl": draw.integer("ttl", 14, 18),
            "offset": [500, 1000],
            "vx": draw.integer("vx", 270, 330),
            "durability": 2,
            "hit": struck,
        }
        move = skill(draw, shape, name, "pull", 2, (12, 15), op=[spawn(start, name)])
        return kit(move, [entity])
    struck = hit(
        (start, start + 4),
        shape.box(400, draw.integer("far", 2900, 3600), draw.integer("depth", 240, 300), 500),
        damage,
        2,
        stun,
        "stagger",
        knock=[speed, 0],
        air_knock=[speed, 140],
    )
    struck = afflicted(draw, struck, effect) if effect else tinted(draw, shape, struck, 300)
    move = skill(draw, shape, name, "pull", 4, (12, 15), hit=[struck], cancel=OPENER)
    if draw.chance("drags the ground", 350):
        move["op"] = [{"at": start, "do": "push", "x": -90, "distance": shape.x(2600)}]
    return kit(move)


def repel(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a burst that throws everything around away, safe while it starts."""
    start, active = startup(draw, "repel"), draw.integer("active", 3, 5)
    kind = draw.choice("kind", ("burst", "gale", "anchor"))
    radius = draw.integer("radius", 1250, 1550)
    impact = "stagger" if kind == "anchor" else draw.choice("impact", ("wallbounce", "knockdown"))
    struck = hit(
        (start, start + active),
        shape.box(-radius, radius, 1100, 0, 1800),
        shape.damage(draw.integer("damage", 390, 460) - (60 if kind == "gale" else 0)),
        3,
        draw.integer("stun", 17, 20),
        impact,
        knock=[draw.integer("knock", 240, 340), 0 if impact == "stagger" else 190],
    )
    struck = (
        afflicted(draw, struck, draw.choice("effect", ("weighted", "root")))
        if kind == "anchor"
        else tinted(draw, shape, struck, 350)
    )
    move = skill(
        draw,
        shape,
        name,
        "repel",
        active,
        (11, 15),
        invulnerable={"strike": [draw.integer("safe from", 0, 1), start]},
        hit=[struck],
    )
    ops: list[Table] = []
    if kind == "gale":
        push = draw.integer("push", 140, 220)
        ops.append({"at": start, "do": "push", "x": push, "distance": 2600})
    if draw.chance("cleanses", 300):
        ops.append({"at": 1, "do": "cleanse"})
    return kit(move | {"op": ops})


def blink(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a vanish and a strike from where nobody looks."""
    start, active = startup(draw, "blink"), draw.integer("active", 3, 4)
    place = draw.choice("place", ("behind", "direction"), (3, 1))
    goes = start - draw.integer("lead", 3, 4)
    distance = draw.integer("distance", 800, 950) if place == "behind" else 2400
    impact = draw.choice("impact", ("stagger", "launch", "crumple"))
    far = 1200 if place == "behind" else 1400
    struck = hit(
        (start, start + active),
        shape.box(0 if place == "behind" else -far, far, draw.integer("depth", 380, 440)),
        shape.damage(draw.integer("damage", 350, 420)),
        2,
        draw.integer("stun", 16, 18),
        impact,
        **({"knock": [50, 360]} if impact == "launch" else {}),
    )
    ops: list[Table] = [{"at": goes, "do": "teleport", "place": place, "distance": distance}]
    if draw.chance("veils", 300):
        veil = {"effect": "veil", "ticks": draw.integer("veil", 45, 90), "power": 0}
        ops.insert(0, {"at": goes - 1, "do": "buff_self", **veil})
    move = skill(
        draw,
        shape,
        name,
        "blink",
        active,
        (11, 17),
        flags=["ghost"],
        invulnerable={way: [goes - 1, start - 1] for way in ("strike", "projectile", "grab")},
        op=ops,
        hit=[tinted(draw, shape, struck, 450)],
        cancel=OPENER,
    )
    if place == "direction":
        move["aim"] = ["E", "W", "N", "S"]
    return kit(move)


def armoured_charge(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a charge that strikes do not stop; a grab does."""
    start, active = startup(draw, "armoured_charge"), draw.integer("active", 8, 12)
    level = draw.choice("level", (1, 2))
    impact = draw.choice("impact", ("knockdown", "wallbounce", "crumple"))
    end = start + active
    struck = hit(
        (start, end),
        shape.box(0, draw.integer("far", 1050, 1200), draw.integer("depth", 380, 450)),
        shape.damage(draw.integer("damage", 350, 410) - 20 * level),
        3,
        draw.integer("stun", 18, 21),
        impact,
        **({"knock": [200, 230]} if impact == "knockdown" else {}),
    )
    move = skill(
        draw,
        shape,
        name,
        "armoured_charge",
        active,
        (13, 16),
        armour={"level": level, "window": [draw.integer("armour from", 2, 4), end]},
        velocity=speeds((start - 3, draw.integer("speed", 150, 210)), (end, 0)),
        hit=[tinted(draw, shape, struck, 350)],
    )
    extra = draw.choice("extra", (None, "shield", "guarded", "guard", "steer"))
    if extra in ("shield", "guarded"):
        move["op"] = [boon(draw, 2, str(extra))]
    elif extra == "guard":
        move["guard"] = [1, start]
    elif extra == "steer":
        move |= {"flags": ["steer"], "aim_vy": draw.integer("aim_vy", 30, 55)}
    return kit(move)


def hold_charge(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a blow that grows while the button is held, in three levels."""
    start, active = startup(draw, "hold_charge"), draw.integer("active", 3, 4)
    kind = draw.choice("kind", ("smash", "thrust", "arc"))
    longest = draw.choice("longest", (10, 20, 30))
    near, far, depth = {
        "smash": (0, 1400, 460),
        "thrust": (100, 2000, 300),
        "arc": (-400, 1300, 800),
    }[kind]
    impact = {"smash": "groundbounce", "thrust": "knockdown", "arc": "wallbounce"}[kind]
    struck = hit(
        (start, start + active),
        shape.box(near, far, depth),
        # The longer it can be held, the less it does at once and the more in the end.
        shape.damage(draw.integer("damage", 370, 400) - 2 * longest),
        3,
        draw.integer("stun", 18, 20),
        impact,
        **({"knock": [240, 260]} if kind == "thrust" else {}),
    )
    move = skill(
        draw,
        shape,
        name,
        "hold_charge",
        active,
        (11, 15),
        hold={"max": longest, "damage": 200 + 20 * longest + draw.integer("bonus", 0, 8) * 20},
        hit=[tinted(draw, shape, struck, 400)],
    )
    if draw.chance("steps", 600):
        speed = draw.integer("speed", 140, 260)
        move["velocity"] = speeds((start, speed), (start + active, 0))
    if draw.chance("has armour", 400):
        move["armour"] = {"level": 1, "window": [3, start + active]}
    elif draw.chance("turns", 500):
        move["flags"] = ["turn"]
    return kit(move)


def dive(draw: Draw, shape: Shape, name: str) -> Kit:
    """Build a leap over low hits that comes down on the target's lane."""
    start, active = startup(draw, "dive"), draw.integer("active", 10, 12)
    impact = draw.choice("impact", ("groundbounce", "knockdown", "launch"))
    leaps, falls = 2, start + draw.integer("hangs", 0, 2)
    struck = hit(
        (start, start + active),
        shape.box(-200, draw.integer("far", 980, 1120), draw.integer("depth", 400, 470), -500),
        shape.damage(draw.integer("damage", 420, 490)),
        3,
        draw.integer("stun", 16, 18),
        impact,
    )
    height = draw.integer("height", 380, 450)
    move = skill(
        draw,
        shape,
        name,
        "dive",
        active,
        (8, 11),
        aim=["N", "S"],
        aim_vy=draw.integer("aim_vy", 55, 80),
        velocity=speeds(
            (leaps, draw.integer("rise", 80, 140), height),
            (falls, draw.integer("speed", 150, 210), -draw.integer("fall", 280, 340)),
            (start + active, 0),
        ),
        hit=[tinted(draw, shape, struck, 400)],
    )
    if draw.chance("starts in the air", 500):
        move["flags"] = ["air_ok"]
    return kit(move)
