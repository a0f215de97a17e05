"""The keys of a roster file: one table for the reader, the checks and the reference in the docs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

from .codes import (
    MAX_HITS,
    NUM_COMPANIONS,
    NUM_KEYS,
    Button,
    Category,
    Direction,
    Effect,
    EntityKind,
    HitFlag,
    Impact,
    Look,
    MoveFlag,
    Op,
    Slip,
    Teleport,
    Trait,
    code_names,
)

__all__ = [
    "ELEMENTS",
    "ENTITY_SPARKS",
    "GENERATED_SKILLS",
    "LEVEL_DEFAULTS",
    "OP_KEYS",
    "ROLES",
    "SCHEMA",
    "SLOT_CANCELS",
    "SLOT_RANGES",
    "Field",
]

REQUIRED: Final = "required"
"""Default of a key that a file must give."""

BY_LEVEL: Final = "by level"
"""Default that LEVEL_DEFAULTS gives, by the hit's level."""

BY_SLOT: Final = "by slot"
"""Default that SLOT_CANCELS gives, by what the move is."""


@dataclass(frozen=True)
class Field:
    """One key of a table in a roster file.

    `kind` is one of int, pair (two integers), window (two integers, first < second), text, name,
    choice, list (of choices), names, colours, table, tables. For table and tables, `table` names
    the schema of the entries. `low` and `high` bound an integer, each number of a pair, or the
    length of a list.
    """

    key: str
    kind: str
    meaning: str
    low: int = 0
    high: int = 0
    default: object = REQUIRED
    choices: tuple[str, ...] = ()
    table: str = ""

    @property
    def allowed(self) -> str:
        """What the key may hold, as the end of the sentence 'it must be ...'."""
        span = f"{self.low}..{self.high}"
        match self.kind:
            case "int":
                return span
            case "pair":
                return f"[a, b], each {span}"
            case "window":
                return f"[from, to], from < to, each {span}"
            case "text":
                return f"text of {span} characters"
            case "name":
                return "a name"
            case "names":
                return f"a list of {span} names"
            case "colours":
                return f"a list of {span} colours like #a1b2c3"
            case "choice":
                return f"one of {', '.join(self.choices)}"
            case "list":
                few = f"{self.low} or more of " if self.low else ""
                return f"a list of {few}{', '.join(self.choices)}"
            case "table":
                return "a table"
        return f"a list of {span} tables"


def _integer(key: str, low: int, high: int, meaning: str, default: object = REQUIRED) -> Field:
    return Field(key, "int", meaning, low, high, default)


def _pair(key: str, low: int, high: int, meaning: str, default: object = REQUIRED) -> Field:
    return Field(key, "pair", meaning, low, high, default)


def _window(key: str, high: int, meaning: str, default: object = REQUIRED) -> Field:
    return Field(key, "window", meaning, 0, high, default)


def _window_from(key: str, low: int, high: int, meaning: str, default: object = REQUIRED) -> Field:
    return Field(key, "window", meaning, low, high, default)


def _choice(
    key: str, codes: type[IntEnum] | tuple[str, ...], meaning: str, default: object = REQUIRED
) -> Field:
    names = codes if isinstance(codes, tuple) else code_names(codes)
    return Field(key, "choice", meaning, default=default, choices=names)


def _list(
    key: str, codes: type[IntEnum] | type[IntFlag], meaning: str, default: object = ()
) -> Field:
    return Field(key, "list", meaning, default=default, choices=code_names(codes))


def _table(key: str, table: str, meaning: str, default: object = REQUIRED) -> Field:
    return Field(key, "table", meaning, default=default, table=table)


def _tables(
    key: str, table: str, meaning: str, low: int, high: int, default: object = REQUIRED
) -> Field:
    return Field(key, "tables", meaning, low, high, default, table=table)


ROLES: Final = ("duelist", "breaker", "keeper", "trickster")
BOTS: Final = ("masher", "walker", "zoner", "punisher", "baiter", "planner", "mcts")
ARCHETYPES: Final = (
    *("strike", "finisher", "lunge", "flurry", "launcher", "slam", "sweep", "grab", "grab_string"),
    *("bolt", "fan", "seeker", "lob", "beam", "trap", "zone", "wall", "pull", "repel", "blink"),
    *("counter", "guard", "armoured_charge", "hold_charge", "dive", "empower", "hex", "dash"),
    *("summon", "rush", "meteor", "execute", "reversal", "mend", "boomerang", "orbit", "marker"),
    *("glide", "clone", "stance", "parry", "air_hop", "cinematic", "lane", "finale"),
    *("transformation", "time_slow", "barrage", "pierce", "titan", "storm"),
)
BODIES: Final = ("slim", "balanced", "broad", "round", "towering", "small", "hunched", "long")
HEADS: Final = ("round", "square", "narrow", "helm", "hood", "mask")
HAIRS: Final = ("none", "crest", "tail", "long", "spikes", "braids", "bun")
HATS: Final = ("none", "wide", "pointed", "crown", "horns", "band", "halo")
CAPES: Final = ("none", "short", "long", "split", "scarf")
WEAPONS: Final = (
    *("fists", "knives", "sword", "greatsword", "spear", "staff", "hammer", "bow", "fan", "chain"),
    *("shield", "bell", "lantern", "claws", "orb", "cannon", "needle", "mirror"),
)

GENERATED_SKILLS: Final = (
    *("lunge", "flurry", "launcher", "slam", "sweep", "grab", "grab_string", "bolt", "fan"),
    *("seeker", "lob", "beam", "boomerang", "orbit", "trap", "zone", "wall", "pull", "repel"),
    *("blink", "marker", "counter", "armoured_charge", "hold_charge", "dive", "glide", "empower"),
    *("hex", "clone", "stance"),
)
GENERATED_ULTIMATES: Final = (
    *("cinematic", "meteor", "lane", "finale", "transformation", "time_slow", "barrage", "pierce"),
    *("titan", "execute", "storm", "reversal"),
)
GIFTS: Final = (
    *("heal", "cost_hp", "cooldown", "dispel", "cleanse", "gain_spark", "drain_spark", "none"),
)
ELEMENTS: Final = (
    *("burn", "venom", "bleed", "slow", "freeze", "root", "stun", "hush", "seal", "weighted"),
    *("featherlight", "reversed", "marked", "drain", "lag", "frail", "exposed", "tempo_down"),
)

_SLOT_TICKS = 120


def _weights(names: tuple[str, ...], default: int) -> tuple[Field, ...]:
    return tuple(_integer(name, 0, 60, "Weight in the draw.", default) for name in names)


def _choices(key: str, choices: tuple[str, ...], meaning: str) -> Field:
    return Field(key, "list", meaning, low=1, choices=choices)


def _words(key: str, low: int, meaning: str) -> Field:
    return Field(key, "names", meaning, low, 80)


_HIT_FIELDS = (
    _table("box", "box", "Where it reaches."),
    _integer("damage", 0, 4000, "HP before all factors."),
    _integer("level", 1, 4, "1 light, 2 medium, 3 heavy, 4 super."),
    _integer("stun", 0, 40, "Ticks."),
    _integer("guard_stun", 0, 30, "Ticks; five less than stun if not given.", None),
    _integer("rehit", 0, 60, "Ticks after which it strikes again, 0 for never.", 0),
    _integer("chip", 0, 1000, "Damage through a guard, milli.", 100),
    _pair("stop", 0, 12, "Hitstop of attacker and target, ticks.", BY_LEVEL),
    _pair("knock", -500, 600, "Speed given: away from the attacker, up; su/tick.", (60, 0)),
    _pair("air_knock", -500, 600, "The same to a target in the air.", (90, 240)),
    _choice("impact", Impact, "What it does to a target it stuns.", "flinch"),
    _integer("protection", 0, 300, "Protection gauge added.", BY_LEVEL),
    _list("flags", HitFlag, "Properties."),
    _integer("armour_break", 0, 4, "Armour level it goes through.", BY_LEVEL),
    _integer("priority", 0, 10, "Level in a trade.", BY_LEVEL),
    _integer("spark_gain", 0, 4000, "Milli quarters for the attacker; see below.", None),
    _choice("effect", Effect, "Effect given to the target.", None),
    _integer("effect_ticks", 0, 900, "Ticks.", 0),
    _integer("effect_power", 0, 4000, "Milli, HP or level.", 0),
)

SCHEMA: Final[Mapping[str, tuple[Field, ...]]] = {
    "school file": (
        Field("name", "text", "Name of the school.", 2, 24),
        Field("plan", "text", "How its characters win.", 4, 120),
        Field("theme", "text", "What its characters look like and where they come from.", 4, 300),
        Field("personality", "text", "How its bot should feel to fight.", 4, 200),
        _choice("bot", BOTS, "Scripted bot that plays it best."),
        Field("palette", "colours", "Colours for screens and plots, main one first.", 3, 6),
        _table("generator", "generator", "What its generated characters are drawn from.", None),
        _tables("character", "character", "Its hand-written characters.", 0, 256, ()),
    ),
    "generator": (
        _choices("elements", ELEMENTS, "Debuffs of its hits, one a character; repeat to favour."),
        Field(
            "gifts",
            "list",
            "Op-code in a skill besides what it is, one a character; repeat to favour.",
            default=("none",),
            choices=GIFTS,
        ),
        _table("roles", "role quota", "How many of every few characters play which part."),
        _table("skills", "skill weights", "Odds of the skills' archetypes."),
        _table("ultimates", "ultimate weights", "Odds of the ultimates' families."),
        _table("traits", "trait weights", "Odds of the traits."),
        _table("slips", "slip weights", "Odds of the kinds of slip."),
        _table("stats", "stat windows", "Where its characters' statistics lie."),
        _table("silhouette", "silhouette parts", "Parts to draw; repeat one to favour it."),
        _table("colours", "colour parts", "Colours to draw palettes from."),
        _table("names", "name parts", "What names are made of."),
        _table("words", "move words", "What the names of moves are made of."),
    ),
    "role quota": tuple(_integer(role, 1, 19, "Share of the characters.") for role in ROLES),
    "skill weights": _weights(GENERATED_SKILLS, 2),
    "ultimate weights": _weights(GENERATED_ULTIMATES, 2),
    "trait weights": _weights(code_names(Trait), 2),
    "slip weights": _weights(code_names(Slip), 1),
    "stat windows": (
        _window_from("max_hp", 8500, 12500, "HP."),
        _window_from("attack", 900, 1120, "Milli."),
        _window_from("defense", 0, 260, "As the statistic."),
        _window_from("walk_x", 92, 143, "Su/tick."),
        _window_from("walk_y", 64, 98, "Su/tick."),
        _window_from("weight", 850, 1200, "Milli."),
        _window_from("tempo", 870, 1150, "Milli."),
        _window_from("reach", 800, 1450, "Extent of its strikes along the stage, milli."),
        _window_from("depth", 800, 1300, "Extent of its strikes in depth, milli."),
        _window_from("hurt_half_x", 307, 492, "Su."),
        _window_from("hurt_height", 1433, 2151, "Su."),
        _window_from("accel_ticks", 0, 3, "Ticks.", (0, 2)),
        _window_from("getup_ticks", 8, 14, "Ticks.", (8, 12)),
        _window_from("wake_ticks", 10, 16, "Ticks.", (10, 14)),
        _window_from("spark_rate", 800, 1250, "Milli.", (900, 1100)),
        _window_from("cooldown_rate", 900, 1100, "Milli.", (950, 1050)),
        _integer("poise", 0, 1000, "Share of them with a base poise of 1, milli.", 0),
    ),
    "silhouette parts": (
        _choices("body", BODIES, "Bodies."),
        _choices("head", HEADS, "Heads."),
        _choices("weapon", WEAPONS, "Weapons."),
        _choices("hair", HAIRS, "Hairs."),
        _choices("hat", HATS, "Hats."),
        _choices("cape", CAPES, "Capes."),
        _window_from("size", 750, 1300, "Milli of the standard size."),
    ),
    "colour parts": (
        Field("body", "colours", "Main colours.", 3, 12),
        Field("accent", "colours", "Second colours.", 3, 12),
        Field("glow", "colours", "Colours of what the moves leave in the air.", 3, 12),
    ),
    "name parts": (
        _words("starts", 8, "Beginnings of given names."),
        _words("ends", 8, "Ends of given names."),
        _words("surnames", 20, "Second names."),
    ),
    "move words": (
        _words("adjectives", 10, "What comes before the noun of a skill."),
        _words("nouns", 10, "Things of the school, as in the name of a skill."),
        _words("strikes", 16, "Names of chain moves."),
    ),
    "roster file": (
        Field("version", "text", "Version of the roster, for its changelog.", 1, 24),
        _integer("seed", 0, 2**63 - 1, "Seed of the characters that are generated."),
        _integer("per_school", 1, 256, "Characters of a school, the hand-written ones included."),
    ),
    "scrolls file": (_tables("scroll", "scroll", "Scrolls that any character can carry.", 1, 64),),
    "companions file": (
        _tables("companion", "scroll", "Companions that any character can call.", 1, 64),
    ),
    "scroll": (
        Field("name", "text", "Unique name.", 2, 32),
        Field("text", "text", "What it does, for players.", 4, 200),
        _table("move", "move", "The move that the button starts."),
        _tables("entity", "entity", "What the move spawns.", 0, 4, ()),
    ),
    "character": (
        Field("name", "text", "Unique name.", 2, 32),
        Field("text", "text", "Who this is, in a sentence.", 4, 200),
        _choice("role", ROLES, "Part it plays."),
        _integer("authored", 0, 1, "1: written by hand.", 1),
        _list("traits", Trait, "What it is by nature; two at most."),
        Field("scroll", "name", "Default scroll."),
        Field("companions", "names", "Default companions, one per slot.", 1, NUM_COMPANIONS),
        Field("palette", "colours", "Body, accent and glow.", 3, 3),
        _table("silhouette", "silhouette", "How it is drawn."),
        _table("stats", "stats", "Statistics."),
        _table("slip", "slip", "How it slips out of combos."),
        _tables("chain", "move", "Attack chain; the first entry starts it.", 3, 8),
        _table("skill1", "move", "First skill."),
        _table("skill2", "move", "Second skill."),
        _table("ultimate", "move", "Ultimate."),
        _table("trait", "move", "Move on the trait button.", None),
        _table("form", "form", "Moves of its form, which the op-code form enters.", None),
        _tables("followup", "move", "Moves that only a parry or a slip leads to.", 0, 4, ()),
        _tables("entity", "entity", "What its moves spawn.", 0, 8, ()),
    ),
    "form": (
        _tables("chain", "move", "Attack chain; the first entry starts it.", 0, 8, ()),
        _table("skill1", "move", "First skill; left out, the button keeps its move.", None),
        _table("skill2", "move", "Second skill.", None),
        _table("ultimate", "move", "Ultimate.", None),
        _table("trait", "move", "Move on the trait button.", None),
    ),
    "silhouette": (
        _choice("body", BODIES, "Shape of the body."),
        _choice("head", HEADS, "Shape of the head."),
        _choice("weapon", WEAPONS, "Glyph in the hand."),
        _integer("size", 750, 1300, "Milli of the standard size."),
        _choice("hair", HAIRS, "Hair.", "none"),
        _choice("hat", HATS, "Hat.", "none"),
        _choice("cape", CAPES, "Cape.", "none"),
    ),
    "stats": (
        _integer("max_hp", 8500, 12500, "Health, HP."),
        _integer("attack", 800, 1250, "Factor of all damage dealt, milli."),
        _integer("defense", 0, 260, "Damage taken is 1000 / (1000 + defense)."),
        _integer("walk_x", 92, 143, "Walking speed along the stage, su/tick."),
        _integer("walk_y", 64, 98, "Walking speed in depth, su/tick."),
        _integer("accel_ticks", 0, 3, "Ticks to full speed.", 1),
        _integer("weight", 850, 1200, "Divides launch speed, milli.", 1000),
        _integer("tempo", 870, 1150, "Factor of startup and recovery of normals, milli.", 1000),
        _integer("base_poise", 0, 1, "Armour levels added in a move's armour window.", 0),
        _integer("getup_ticks", 8, 14, "Ticks of rising.", 10),
        _integer("wake_ticks", 10, 16, "Ticks invulnerable after rising.", 12),
        _integer("spark_rate", 800, 1250, "Factor of spark gains, milli.", 1000),
        _integer("cooldown_rate", 900, 1100, "Factor of cooldown recovery, milli.", 1000),
        _integer("hurt_half_x", 307, 492, "Half-width of the body, su.", 380),
        _integer("hurt_height", 1433, 2151, "Height of the body, su.", 1800),
    ),
    "slip": (
        _choice("kind", Slip, "Where it leads and what it leaves."),
        _integer("cost", 0, 8000, "Spark cost, milli quarters.", 4000),
        _integer("hp_cost", 0, 100, "Health cost, milli of max HP.", 0),
        _integer("cooldown", 300, 540, "Ticks.", 450),
        _integer("ticks", 12, 60, "Ticks invulnerable after reappearing.", 24),
        Field("entity", "name", "Entity it leaves behind.", default=None),
        Field("reply", "name", "Follow-up it reappears in.", default=None),
    ),
    "move": (
        Field("name", "text", "Name; unique within the character.", 2, 32),
        _choice("archetype", ARCHETYPES, "What it is, for viewers and bots."),
        _integer("startup", 1, 30, "Ticks before the first active one."),
        _integer("active", 1, 60, "Active ticks."),
        _integer("recovery", 0, 40, "Ticks after the last active one."),
        _list("flags", MoveFlag, "Properties."),
        _list("aim", Direction, "Directions that matter when it is pressed."),
        _integer("aim_vy", 0, 300, "Depth speed when aimed or steered, su/tick.", 0),
        _integer("spark_cost", 0, 16000, "Milli quarters.", 0),
        _integer("hp_cost", 0, 200, "Milli of max HP.", 0),
        _integer("cooldown", 0, 3000, "Ticks.", 0),
        _integer("charges", 1, 3, "Uses before the cooldown is felt.", 1),
        _integer("freeze", 0, 30, "Ticks of super freeze at its start.", 0),
        _table("hold", "hold", "Holding the button charges it.", None),
        _table("cancel", "cancel", "What it cancels into.", None),
        Field("next", "name", "Chain move that a further attack press leads to.", default=None),
        Field("next_forward", "name", "The same with forward held.", default=None),
        Field("next_back", "name", "The same with back held.", default=None),
        _table("armour", "armour", "Armour while it runs.", None),
        _table("invulnerable", "invulnerable", "What passes through while it runs.", None),
        _window("guard", _SLOT_TICKS, "Ticks of the move that guard.", None),
        _window("parry", _SLOT_TICKS, "Ticks of the move that parry.", None),
        Field("reply", "name", "Follow-up that a parry leads to.", default=None),
        _tables("velocity", "velocity", "Speed from a tick on.", 0, NUM_KEYS, ()),
        _tables("hit", "hit", "Hits.", 0, MAX_HITS, ()),
        _tables("op", "op", "What it does besides hitting.", 0, 8, ()),
    ),
    "hold": (
        _integer("max", 1, 60, "Ticks the charge can be held after startup."),
        _integer("damage", 0, 2000, "Damage added by a full charge, milli."),
    ),
    "cancel": (
        _integer("from", 0, _SLOT_TICKS, "Earliest tick of the move.", BY_SLOT),
        _list("whiff", Category, "Categories, without contact.", BY_SLOT),
        _list("hit", Category, "Categories, after a hit.", BY_SLOT),
        _list("guard", Category, "Categories, after a guarded hit.", BY_SLOT),
    ),
    "armour": (
        _integer("level", 1, 4, "Hits that break less go through without stun."),
        _window("window", _SLOT_TICKS, "Ticks of the move."),
    ),
    "invulnerable": (
        _window("strike", _SLOT_TICKS, "Ticks in which strikes miss.", None),
        _window("projectile", _SLOT_TICKS, "Ticks in which projectiles miss.", None),
        _window("grab", _SLOT_TICKS, "Ticks in which grabs miss.", None),
    ),
    "velocity": (
        _integer("at", 0, _SLOT_TICKS, "Tick of the move from which it holds."),
        _integer("x", -500, 500, "Forward, su/tick.", 0),
        _integer("z", -500, 600, "Up, su/tick; set once.", 0),
    ),
    "hit": (
        _window("window", _SLOT_TICKS, "Ticks of the move, inside its active ones."),
        *_HIT_FIELDS,
    ),
    "strike": (
        _window(
            "window", 60, "Ticks of a trap's or companion's strike; others strike always.", (0, 2)
        ),
        *_HIT_FIELDS,
    ),
    "box": (
        Field("x", "window", "Forward of the feet, su.", -4096, 12288),
        _integer("depth", 50, 4096, "Half-depth, su."),
        Field("z", "window", "Above the feet, su.", -1024, 6144),
    ),
    "op": (
        _integer("at", 0, _SLOT_TICKS, "Tick of the move."),
        _choice("do", tuple(name for name in code_names(Op) if name != "none"), "Op-code."),
        Field("entity", "name", "Entity to spawn.", default=None),
        _choice("effect", Effect, "Effect to give.", None),
        _integer("ticks", 0, 900, "Ticks of an effect, a form or a wait; 0 only for a form.", None),
        _integer("power", 0, 4000, "Power of the effect: milli, HP or level.", None),
        _integer("amount", 1, 16000, "Milli of max HP, or milli quarters of spark.", None),
        _choice("place", Teleport, "Where a teleport goes.", None),
        _integer("distance", 0, 6144, "Distance of a teleport or a push, su.", None),
        _integer("x", -500, 500, "Forward, or away from self, su/tick.", None),
        _integer("z", -500, 600, "Up, su/tick.", None),
        _choice("button", Button, "Button whose cooldown shrinks.", None),
    ),
    "entity": (
        Field("name", "text", "Name; unique within its owner.", 2, 32),
        _choice("kind", EntityKind, "How it behaves."),
        _choice("look", Look, "Shape for viewers."),
        _integer("ttl", 1, 600, "Ticks it lives."),
        _pair("offset", -2048, 6144, "Forward and up of its owner's feet at spawn, su.", (0, 0)),
        _integer("aim_x", 0, 4096, "Further along the aimed direction at spawn, su.", 0),
        _integer("vx", -600, 600, "Forward, su/tick.", 0),
        _integer("vy", 0, 300, "Depth speed, times the aimed depth, su/tick.", 0),
        _integer("vz", -600, 600, "Up, su/tick.", 0),
        _integer("gravity", 0, 100, "Su/tick^2.", 0),
        _integer("turn", 0, 40, "Homing in depth, su/tick^2.", 0),
        _integer("spread", 0, 200, "Depth speed by which copies part, su/tick.", 0),
        _integer("copies", 1, 5, "Spawned at once.", 1),
        _integer("returns", 0, 1, "1: a projectile that turns back to its owner.", 0),
        _integer("max_alive", 1, 8, "Alive at a time; the oldest goes.", 1),
        _integer("durability", 0, 10, "Level in a clash.", 1),
        _integer("hits", 1, 60, "Strikes before it ends.", 1),
        _integer("hp", 0, 4000, "HP, 0 if it cannot be struck.", 0),
        _integer("arm_ticks", 0, 60, "Ticks before it arms or moves.", 0),
        _integer(
            "radius", 0, 2048, "Trigger, reach of a companion, half of a wall or an orbit.", 0
        ),
        _integer("speed", 0, 400, "Su/tick a companion runs; 1/256 turns of an orbit.", 0),
        _integer("body_height", 100, 3000, "Su, for boxes that strike it and for viewers.", 400),
        _integer("strike_startup", 0, 30, "Ticks between trigger and hit.", 0),
        _table("hit", "strike", "What it does to those it strikes.", None),
    ),
}

LEVEL_DEFAULTS: Final[Mapping[str, tuple[object, object, object, object]]] = {
    "stop": ((1, 1), (2, 2), (3, 3), (4, 4)),
    "protection": (45, 65, 110, 60),
    "armour_break": (0, 1, 2, 3),
    "priority": (1, 2, 3, 5),
}
"""Defaults of a hit by its level, 1..4."""

SLOT_CANCELS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "chain": {
        "whiff": (),
        "hit": ("chain", "skill", "scroll", "ultimate", "companion"),
        "guard": ("chain", "skill"),
    },
    "skill": {"whiff": (), "hit": ("scroll", "ultimate"), "guard": ()},
    "scroll": {"whiff": (), "hit": ("ultimate",), "guard": ()},
    "ultimate": {"whiff": (), "hit": (), "guard": ()},
    "companion": {"whiff": (), "hit": (), "guard": ()},
    "trait": {"whiff": (), "hit": (), "guard": ()},
}
"""Default cancels by what the move is.

`from` is the first active tick, and in the chain the first tick after the active ones. The category
chain only means the next move of the chain: nothing else cancels into an attack.
"""

OP_KEYS: Final[Mapping[str, Mapping[str, str]]] = {
    "spawn": {"entity": "a"},
    "buff_self": {"effect": "a", "ticks": "b", "power": "c"},
    "buff_target": {"effect": "a", "ticks": "b", "power": "c"},
    "cleanse": {},
    "dispel": {},
    "heal": {"amount": "a"},
    "cost_hp": {"amount": "a"},
    "gain_spark": {"amount": "a"},
    "drain_spark": {"amount": "a"},
    "teleport": {"place": "a", "distance": "b"},
    "set_velocity": {"x": "a", "z": "b"},
    "cooldown": {"button": "a", "ticks": "b"},
    "form": {"ticks": "a"},
    "marker": {"entity": "a", "ticks": "b"},
    "push": {"x": "a", "distance": "b"},
}
"""The keys an op-code needs besides `at` and `do`, and the field of `CamOp` that each fills."""

ENTITY_SPARKS: Final[Mapping[str, int]] = {"skill": 4000, "followup": 4000, "scroll": 2000}
"""Milli quarters that an entity's strikes give together by default, by what spawned it.

Where a move hits by itself, the rules give as much at its first connect.
"""

SLOT_RANGES: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    "chain": {"startup": (2, 7), "active": (1, 6), "recovery": (4, 16), "cooldown": (0, 0)},
    "skill": {"startup": (2, 14), "active": (1, 24), "recovery": (4, 22), "cooldown": (90, 600)},
    "ultimate": {"startup": (4, 15), "active": (2, 45), "recovery": (8, 24), "cooldown": (0, 600)},
    "trait": {"startup": (1, 8), "active": (1, 30), "recovery": (0, 14), "cooldown": (30, 600)},
    "scroll": {"startup": (2, 12), "active": (1, 30), "recovery": (4, 20), "cooldown": (300, 1500)},
    "companion": {"startup": (1, 9), "active": (1, 9), "recovery": (0, 9), "cooldown": (0, 600)},
    "followup": {"startup": (1, 14), "active": (1, 20), "recovery": (4, 22), "cooldown": (0, 0)},
}
"""Narrower ranges of a move's ticks by its slot."""
