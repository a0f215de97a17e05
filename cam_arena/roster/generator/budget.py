"""What a character is worth in power points, from the numbers of its own tables.

A move is worth what one use of it does, in HP, times how often it is used in a match. What one use
does: its damage by the odds that it lands, the ticks of control it gives, where it carries its
fighter, how safe it is, and what its buffs are worth. The weights are set by hand, so that the
hand-written characters are worth 1000 on average.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["TARGET", "TOLERANCE", "Points", "power_points"]

TARGET: Final = 1120
"""Power points that every generated character has."""

TOLERANCE: Final = 15
"""How far from TARGET it may be."""

Table = Mapping[str, Any]

_TICK_VALUES: Final[Mapping[str, float]] = {
    "stun": 9.0,
    "freeze": 9.0,
    "root": 3.0,
    "hush": 2.5,
    "seal": 1.5,
    "reversed": 3.0,
    "veil": 0.8,
    "unstoppable": 1.5,
    "marked": 0.8,
    "deathward": 1.5,
    "armour": 2.5,
}
"""HP that a tick of an effect is worth, whatever its power."""

_POWER_VALUES: Final[Mapping[str, float]] = {
    "burn": 0.067,
    "bleed": 0.067,
    "venom": 0.080,
    "regen": 0.067,
    "might": 0.006,
    "frail": 0.005,
    "guarded": 0.006,
    "exposed": 0.006,
    "haste": 0.0025,
    "slow": 0.0025,
    "tempo_up": 0.006,
    "tempo_down": 0.006,
    "thorns": 0.003,
    "leech": 0.006,
    "sparkflow": 0.0015,
    "drain": 0.0015,
    "quicken": 0.0025,
    "lag": 0.0025,
    "weighted": 0.0010,
    "featherlight": 0.0010,
}
"""HP that a tick of an effect is worth, times its power."""

_KIND_HITS: Final[Mapping[str, tuple[int, float]]] = {
    "projectile": (3, 0.80),
    "zone": (6, 0.50),
    "trap": (1, 0.80),
    "companion": (3, 0.75),
    "clone": (4, 0.60),
    "orbit": (4, 0.50),
    "wall": (0, 0.0),
    "marker": (0, 0.0),
}
"""By kind of entity: strikes of one copy that can be expected at most, and their odds."""

_TRAIT_POINTS: Final[Mapping[str, int]] = {
    **{"dash": 34, "guard": 22, "parry_just": 18, "air_hop": 20, "momentum": 16, "last_stand": 14},
    **{"first_strike": 16, "wall_runner": 14, "heavy_bones": 12, "feather": 4, "spark_thief": 16},
    **{"blood_price": 24, "ammo": 26, "heat": 20, "stance_dancer": 12, "puppet_tether": 16},
    **{"beast_bond": 10, "trapper": 12, "depth_dancer": 14, "longarm": 20, "iron_will": 12},
    **{"opportunist": 10, "second_skin": 14, "echo": 18},
}
"""Points of a trait; a move on the trait button has no others."""

_SLIP_POINTS: Final[Mapping[str, int]] = {
    **{"backdoor": 70, "stillness": 62, "feather": 60, "powder": 64, "ledger": 66},
    **{"quickened": 66, "riposte": 72, "herd": 66},
}
"""Points of a kind of slip at a cooldown of 450."""

_DURABILITY: Final = 0.0300
"""Points of 1 HP of effective health."""
_CHAIN_USES: Final = 0.330
"""Points of 1 HP done by a chain."""
_SKILL_USES: Final = 124.0
"""Points of 1 HP done by a skill that is used every tick."""
_ULTIMATE_USES: Final = 0.065
"""Points of 1 HP done by an ultimate that costs four sparks."""
_OWN_HP: Final = 4.0
"""HP that a milli of own health is worth when a move costs it: it is paid when it pays."""
_FORM_SHARE: Final = 0.35
"""Share of a match that a form is used for."""


@dataclass(frozen=True)
class Points:
    """Power points of a character by what they come from."""

    stats: float
    """Health, speed, size."""
    chain: float
    """Attack chain."""
    skill1: float
    """First skill."""
    skill2: float
    """Second skill."""
    ultimate: float
    """Ultimate."""
    traits: float
    """Traits."""
    slip: float
    """Slip."""

    @property
    def total(self) -> float:
        """All of them."""
        skills = self.skill1 + self.skill2
        return self.stats + self.chain + skills + self.ultimate + self.traits + self.slip


def power_points(character: Table) -> Points:
    """Return the power points of a character.

    Args:
        character: its table, as a roster file holds it or as `read_table` returns it.
    """
    stats = character["stats"]
    entities = {item["name"]: item for item in character.get("entity") or ()}
    replies = {item["name"]: item for item in character.get("followup") or ()}
    rate = _stat(stats, "attack", 1000) / 1000
    form = character.get("form") or {}

    def chain(moves: Sequence[Table]) -> float:
        quick = 1000 / _stat(stats, "tempo", 1000)
        return _CHAIN_USES * _chain_value(moves, rate) * quick

    def skill(move: Table) -> float:
        wait = move.get("cooldown", 0) * 1000 / _stat(stats, "cooldown_rate", 1000) + 90
        charges: float = 1 + 0.2 * ((move.get("charges") or 1) - 1)
        return float(_SKILL_USES * charges * _move_value(move, entities, replies, rate) / wait)

    def ultimate(move: Table) -> float:
        cheap: float = 16000 / max(move.get("spark_cost", 16000), 4000)
        sparks = _stat(stats, "spark_rate", 1000) / 1000
        value = _move_value(move, entities, replies, rate)
        return _ULTIMATE_USES * value * sparks * (0.5 + 0.5 * cheap)

    def both(worth: Callable[[Any], float], button: str) -> float:
        """Points of a button whose move the form may change."""
        points = worth(character[button])
        if not form.get(button):
            return points
        return points + _FORM_SHARE * (worth(form[button]) - points)

    return Points(
        stats=_stat_points(stats),
        chain=both(chain, "chain"),
        skill1=both(skill, "skill1"),
        skill2=both(skill, "skill2"),
        ultimate=ultimate(character["ultimate"]),
        traits=_trait_points(character),
        slip=_slip_points(character["slip"], stats),
    )


def _stat(stats: Table, key: str, default: int) -> int:
    value: int = stats.get(key, default)
    return value


def _stat_points(stats: Table) -> float:
    health: float = stats["max_hp"] * (1000 + stats["defense"]) / 1000
    points = _DURABILITY * health
    points += 0.9 * (stats["walk_x"] - 118) + 0.9 * (stats["walk_y"] - 81)
    points += 4.0 * (1 - _stat(stats, "accel_ticks", 1))
    points += 0.06 * (_stat(stats, "weight", 1000) - 1000)
    points += 20.0 * _stat(stats, "base_poise", 0)
    points += 1.5 * (10 - _stat(stats, "getup_ticks", 10))
    points += 1.5 * (_stat(stats, "wake_ticks", 12) - 12)
    points += 0.12 * (380 - _stat(stats, "hurt_half_x", 380))
    return float(points + 0.02 * (1800 - _stat(stats, "hurt_height", 1800)))


def _trait_points(character: Table) -> float:
    names = list(character.get("traits") or ())
    move = character.get("trait")
    if move and not set(names) & {"dash", "guard", "parry_just", "air_hop"}:
        kind = move["archetype"]
        names.append({"parry": "parry_just"}.get(kind, kind))
    return sum(_TRAIT_POINTS.get(name, 15) for name in names)


def _slip_points(slip: Table, stats: Table) -> float:
    points = _SLIP_POINTS[slip["kind"]]
    usual = 300 if slip["kind"] == "quickened" else 450
    sparks = _stat(stats, "spark_rate", 1000)
    return points + 0.1 * (usual - (slip.get("cooldown") or usual)) + 0.02 * (sparks - 1000)


def _chain_value(moves: Sequence[Table], rate: float) -> float:
    """HP that starting the chain does: later hits land less often, an ending at the end of it."""
    by_name = {move["name"]: move for move in moves}
    move: Table | None = moves[0]
    value, odds, seen = 0.0, 1.0, set()
    while move is not None and move["name"] not in seen:
        seen.add(move["name"])
        value += odds * _move_value(move, {}, {}, rate)
        odds *= 0.86
        move = by_name.get(move.get("next") or "")
    branches = [move for name, move in by_name.items() if name not in seen]
    return value + 0.12 * sum(_move_value(move, {}, {}, rate) for move in branches)


def _move_value(
    move: Table, entities: Mapping[str, Table], replies: Mapping[str, Table], rate: float
) -> float:
    """HP that one use of a move is worth."""
    startup, active, recovery = move["startup"], move["active"], move["recovery"]
    travel = _travel(move)
    value: float = sum(
        _hit_value(hit, _strikes(hit), rate) * _odds(hit["box"], travel, startup)
        for hit in move.get("hit") or ()
    )
    value *= 1 + (move.get("hold") or {"damage": 0})["damage"] / 3000
    value += sum(_op_value(op, entities, rate) for op in move.get("op") or ())
    value += 0.012 * max(travel, 0) - 3.0 * max(recovery - 8, 0) - 2.0 * max(startup - 6, 0)
    for name, worth in (("strike", 5.0), ("projectile", 1.5), ("grab", 2.0)):
        start, end = (move.get("invulnerable") or {}).get(name) or (0, 0)
        value += worth * (end - start)
    armour = move.get("armour")
    if armour:
        value += 2.5 * armour["level"] * (armour["window"][1] - armour["window"][0])
    start, end = move.get("guard") or (0, 0)
    value += 2.0 * (end - start)
    start, end = move.get("parry") or (0, 0)
    if end:
        value += 3.0 * (end - start)
        reply = replies.get(move.get("reply") or "")
        value += 0.045 * (end - start) * _move_value(reply, entities, {}, rate) if reply else 0.0
    if "steer" in (move.get("flags") or ()):
        value += 0.5 * active
    return value - _OWN_HP * int(move.get("hp_cost") or 0)


def _travel(move: Table) -> int:
    """How far the move carries its fighter before its last active tick, su."""
    end = move["startup"] + move["active"]
    keys = move.get("velocity") or ()
    stops = [*(key["at"] for key in keys), end][1:]
    return sum(
        int(key.get("x", 0)) * max(min(stop, end) - key["at"], 0)
        for key, stop in zip(keys, stops, strict=True)
    )


def _strikes(hit: Table) -> int:
    if not hit.get("rehit"):
        return 1
    ticks: int = hit["window"][1] - hit["window"][0]
    return -(-ticks // int(hit["rehit"]))


def _odds(box: Table, travel: int, startup: int) -> float:
    """Odds that a hit lands, from how far, how wide and how soon it strikes."""
    reach, depth = max(box["x"][1] + max(travel, 0), 0), box["depth"]
    far: float = reach / (reach + 1400)
    wide: float = depth / (depth + 450)
    soon = max(1 - startup / 16, 0)
    return 0.16 + 0.28 * far + 0.28 * wide + 0.28 * soon


def _hit_value(hit: Table, strikes: float, rate: float) -> float:
    """HP that a hit is worth which strikes so often; it holds its target and afflicts it once."""
    control = 4.0 * max((hit.get("stun") or 0) - 10, 0)
    impact = hit.get("impact") or "flinch"
    control += {"launch": 40, "crumple": 35, "wallbounce": 40, "groundbounce": 40}.get(impact, 0)
    if "unblockable" in (hit.get("flags") or ()) or "grab" in (hit.get("flags") or ()):
        control += 40
    if hit.get("effect"):
        control += _effect_value(hit["effect"], hit["effect_ticks"], hit.get("effect_power") or 0)
    return float(strikes * hit["damage"] * rate + control)


def _effect_value(effect: str, ticks: int, power: int) -> float:
    if effect == "shield":
        return 0.5 * power
    if effect == "armour":
        return _TICK_VALUES["armour"] * ticks * max(power, 1) / 2
    if effect in _TICK_VALUES:
        return _TICK_VALUES[effect] * ticks
    return _POWER_VALUES[effect] * ticks * power


def _op_value(op: Table, entities: Mapping[str, Table], rate: float) -> float:
    match op["do"]:
        case "spawn":
            return _entity_value(entities[op["entity"]], rate)
        case "buff_self" | "buff_target":
            odds = 0.8 if op["do"] == "buff_self" else 0.6
            return odds * _effect_value(op["effect"], op["ticks"], op["power"])
        case "cleanse" | "dispel":
            return 40.0
        case "heal":
            return 10.0 * float(op["amount"])
        case "cost_hp":
            return -_OWN_HP * float(op["amount"])
        case "gain_spark" | "drain_spark":
            return 0.035 * float(op["amount"])
        case "teleport":
            return 60.0 + 0.02 * float(op["distance"])
        case "cooldown":
            return 0.5 * float(op["ticks"])
        case "form":
            return 60.0 if not op["ticks"] else 30.0 + 0.2 * float(op["ticks"])
        case "marker":
            return 70.0
        case "push":
            return 0.2 * abs(float(op["x"]))
    return 0.0


def _entity_value(entity: Table, rate: float) -> float:
    """HP that a spawned thing is worth, all copies together."""
    most, odds = _KIND_HITS[entity["kind"]]
    copies = 1 + 0.45 * ((entity.get("copies") or 1) - 1)
    value = 0.10 * (entity.get("hp") or 0)
    if entity["kind"] == "wall":
        value += 0.8 * entity["ttl"]
    hit = entity.get("hit")
    if hit:
        hits = min(entity.get("hits") or 1, most)
        depth = hit["box"]["depth"]
        wide = 0.7 + 0.6 * depth / (depth + 450)
        turning = 1.08 if entity.get("turn") else 1.0
        value += odds * wide * turning * _hit_value(hit, copies * hits, rate)
    return value
