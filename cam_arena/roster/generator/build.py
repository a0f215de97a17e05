"""From a plan to a character: statistics, moves, looks, and numbers that fit the budget."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..schema import SCHEMA
from .chains import CHAIN_PATTERNS, chain
from .depth import pay_for_depth
from .draw import Draw
from .gifts import gifted
from .names import chain_names
from .parts import Kit, Shape, Table
from .skills import SKILLS
from .slips import SLIPS
from .spread import BITS, spread_point, spread_value
from .strength import strength
from .structure import Plan
from .texts import sentence
from .traits import TRAITS
from .ultimates import ULTIMATES

__all__ = ["Knobs", "Loadouts", "build_character"]

SPREAD: Final = (
    *("max_hp", "attack", "defense", "walk_x", "walk_y", "weight", "tempo", "reach", "depth"),
    *("hurt_half_x", "hurt_height", "accel_ticks", "getup_ticks", "wake_ticks", "spark_rate"),
    *("cooldown_rate", "size"),
)
"""What a member's point in the school's windows gives, by dimension; new ones go to the end."""

STEPS: Final[Mapping[str, int]] = {
    **{"max_hp": 50, "attack": 5, "defense": 5, "weight": 10, "tempo": 5, "hurt_height": 10},
    **{"spark_rate": 10, "cooldown_rate": 5, "size": 10},
}
"""Steps of presentable numbers."""

ROLE_LEANS: Final[Mapping[str, Mapping[str, int]]] = {
    "duelist": {"attack": 1, "walk_x": 1, "tempo": -1, "defense": -1},
    "breaker": {"max_hp": 1, "weight": 1, "attack": 1, "walk_x": -1, "walk_y": -1},
    "keeper": {"defense": 1, "reach": 1, "cooldown_rate": 1, "walk_x": -1, "attack": -1},
    "trickster": {"walk_y": 1, "walk_x": 1, "spark_rate": 1, "max_hp": -1, "weight": -1},
}
"""Statistics that a role has more (1) or less (-1) of, inside the school's windows."""

POWER_RANGE: Final = (500, 2000)
"""Factor of all damage that evens out strength, milli."""
PACE_SHARE: Final = 0.5
"""How far cooldowns go against damage, as a power of its factor."""
PACE_RANGE: Final = (800, 1200)
"""Factor of all cooldowns, milli."""
HEALTH_REACH: Final = 40
"""Milli of its health that may be added or taken where damage is not enough."""
LEVEL: Final = -0.25
"""Logits of predicted strength that all are brought to: lower makes damage less, matches longer."""
TOLERANCE: Final = 0.02
"""Logits of predicted strength that a character may be off, where its kit allows as much."""

ROLE_HEALTH: Final[Mapping[str, tuple[int, int]]] = {
    "duelist": (9500, 10500),
    "breaker": (10100, 11300),
    "keeper": (9700, 10900),
    "trickster": (9300, 10300),
}
"""HP that a role is meant to have; a character lies between this and its school's window."""

SKILL_POWER: Final = 1600
"""Factor of the damage of skills, milli: a quarter of all damage is theirs, where characters
differ most."""
SKILL_PACE: Final = 750
"""Factor of the cooldowns of skills, milli."""
ULTIMATE_POWER: Final = 940
"""Factor of the damage of ultimates, milli: they land more often where players have learned."""

ARMOUR_SHARE: Final = 220
"""Milli of the wait for a skill's next use that armour from it may last."""

BUTTONS: Final = ("skill1", "skill2")
"""Of the skills."""

LIKED: Final[Mapping[str, frozenset[str]]] = {
    "duelist": frozenset(("blink", "empower", "companion", "launcher", "pull")),
    "breaker": frozenset(("sweep", "pull", "armoured_charge", "companion", "repel")),
    "keeper": frozenset(("wall", "trap", "hex", "mend", "zone", "projectile")),
    "trickster": frozenset(("clone", "marker", "blink", "hex", "counter", "projectile")),
}
"""Archetypes of scrolls, and kinds of what companions are, that a role likes to carry."""

_STATS: Final = {field.key: field for field in SCHEMA["stats"]}
_HEALTH: Final = _STATS["max_hp"]
_HP_STEP: Final = 10


@dataclass(frozen=True)
class Loadouts:
    """What characters can carry."""

    scrolls: Sequence[Mapping[str, Any]]
    """Tables of the scrolls."""
    companions: Sequence[Mapping[str, Any]]
    """Tables of the companions."""
    slots: int = 3
    """Companions a character carries by default."""


@dataclass(frozen=True)
class Knobs:
    """What is set last, so that strengths come out even."""

    power: int
    """Milli; factor of all damage of its moves."""
    pace: int
    """Milli; factor of all cooldowns."""
    max_hp: int
    """HP."""
    stats: Mapping[str, int] = field(default_factory=dict)
    """Other statistics that are set and not drawn."""


def build_character(
    plan: Plan,
    loadouts: Loadouts,
    *,
    surplus: float = 0.0,
    knobs: Callable[[Plan, Mapping[str, int]], Knobs] | None = None,
) -> Table:
    """Return the table of a planned character, as strong as all others by the model of strengths.

    Args:
        plan: what it is.
        loadouts: what it can carry.
        surplus: logits that play has shown it to be stronger than the model says.
        knobs: gives the knobs for a plan and its drawn statistics, instead of solving for them.
    """
    draw = plan.draw
    stats, shape = _statistics(plan)
    scroll, companions = _loadout(plan, loadouts)

    def made(knobs: Knobs) -> Table:
        scaled = replace(shape, power=knobs.power, pace=knobs.pace)
        traits = {"name": plan.name} | ({"traits": list(plan.traits)} if plan.traits else {})
        given = {**stats, **knobs.stats, "max_hp": knobs.max_hp}
        return traits | {"stats": given} | _moves(plan, scaled)

    def off(knobs: Knobs) -> float:
        carried = {"role": plan.role, "scroll": scroll, "companions": companions}
        return strength(plan.school.name, made(knobs) | carried) + surplus - LEVEL

    character = made(knobs(plan, stats) if knobs else _solved(off, stats["max_hp"]))
    text = sentence(draw.at("text"), plan.name, plan.role, plan.skills, plan.ultimate, plan.traits)
    return {
        "name": plan.name,
        "text": text,
        "role": plan.role,
        "authored": 0,
        "scroll": scroll,
        "companions": companions,
        "palette": _palette(plan),
        "silhouette": _silhouette(plan),
        **character,
    }


def _solved(off: Callable[[Knobs], float], max_hp: int) -> Knobs:
    """Find the knobs with which a character is as strong as usual: damage, then a little health."""

    def knobs(power: float, health: int = 1000) -> Knobs:
        pace = min(max(round(1000 * power**-PACE_SHARE), PACE_RANGE[0]), PACE_RANGE[1])
        hp = min(max(max_hp * health // 1000, _HEALTH.low), _HEALTH.high)
        return Knobs(round(1000 * power), pace, hp // _HP_STEP * _HP_STEP)

    # Strength grows with the logarithm of damage nearly in a line: a few secants are enough.
    ends = [math.log(end / 1000) for end in POWER_RANGE]
    tried = {at: off(knobs(math.exp(at))) for at in (0.0, 0.1)}
    for _ in range(6):
        (a, at_a), (b, at_b) = sorted(tried.items(), key=lambda item: abs(item[1]))[:2]
        if abs(at_a) <= TOLERANCE or at_a == at_b:
            break
        guess = min(max(a - at_a * (b - a) / (at_b - at_a), ends[0]), ends[1])
        if guess in tried:
            break
        tried[guess] = off(knobs(math.exp(guess)))
    best, left = min(tried.items(), key=lambda item: abs(item[1]))
    power = math.exp(best)
    if abs(left) <= TOLERANCE:
        return knobs(power)
    moved = [knobs(power, 1000 + step) for step in (-HEALTH_REACH, 0, HEALTH_REACH)]
    return min(moved, key=lambda given: abs(off(given)))


def _loadout(plan: Plan, loadouts: Loadouts) -> tuple[str, list[str]]:
    scroll = _carried(plan.draw.at("scroll"), plan, loadouts.scrolls, 1)
    companions = plan.draw.at("companions")
    return scroll[0], _carried(companions, plan, loadouts.companions, loadouts.slots)


def _statistics(plan: Plan) -> tuple[dict[str, int], Shape]:
    school, draw = plan.school, plan.draw
    # One scramble a school: its members are points of one sequence, so that they spread out.
    spread = Draw(draw.seed, f"{school.name} spread")
    point = dict(zip(SPREAD, spread_point(spread, plan.slot, len(SPREAD)), strict=True))
    values: dict[str, int] = {}
    for key, coordinate in point.items():
        window = _window(plan, key)
        lean = ROLE_LEANS[plan.role].get(key, 0)
        end = (1 << BITS) - 1 if lean > 0 else 0
        placed = coordinate if lean == 0 else (3 * coordinate + end) // 4
        step = STEPS.get(key, 1)
        value = spread_value(placed, *window)
        values[key] = min(max((value + step // 2) // step * step, window[0]), window[1])
    for trait in plan.traits:
        for key, delta in TRAITS[trait].stats.items():
            field = _STATS[key]
            values[key] = min(max(values[key] + delta, field.low), field.high)
    values["base_poise"] = int(draw.chance("poise", school.stats["poise"]))
    shape = Shape(
        reach=values.pop("reach"),
        depth=values.pop("depth"),
        height=values["hurt_height"],
        element=draw.choice("element", school.elements),
    )
    values.pop("size")
    return values, shape


def _window(plan: Plan, key: str) -> tuple[int, int]:
    if key == "size":
        low, high = plan.school.silhouette["size"]
        return low, high
    low, high = plan.school.stats[key]
    if key != "max_hp":
        return low, high
    ends = zip((low, high), ROLE_HEALTH[plan.role], strict=True)
    low, high = ((one + other) // 2 for one, other in ends)
    return low, high


def _size(plan: Plan) -> int:
    spread = Draw(plan.draw.seed, f"{plan.school.name} spread")
    coordinate = spread_point(spread, plan.slot, len(SPREAD))[SPREAD.index("size")]
    low, high = plan.school.silhouette["size"]
    return spread_value(coordinate, low, high) // STEPS["size"] * STEPS["size"]


def _moves(plan: Plan, shape: Shape) -> Table:
    """Build all moves in a shape, with what they spawn and lead to."""
    draw, names = plan.draw, plan.moves
    strikes = chain_names(draw.at("chain"), plan.school)
    length = CHAIN_PATTERNS[plan.pattern].moves
    kits: dict[str, Kit] = {}
    skilled = replace(
        shape, power=shape.power * SKILL_POWER // 1000, pace=shape.pace * SKILL_PACE // 1000
    )
    gift, bearer = draw.choice("gift", plan.school.gifts), draw.choice("bearer", BUTTONS)
    for button, skill in zip(BUTTONS, plan.skills, strict=True):
        kits[button] = SKILLS[skill](draw.at(button), skilled, names[button])
        if gift != "none" and button == bearer:
            other = BUTTONS[1 - BUTTONS.index(button)]
            kits[button] = gifted(draw.at(button), kits[button], gift, other)
    grand = replace(shape, power=shape.power * ULTIMATE_POWER // 1000)
    kits["ultimate"] = ULTIMATES[plan.ultimate](draw.at("ultimate"), grand, names["ultimate"])
    for trait in plan.traits:
        builder = TRAITS[trait].button
        if builder is not None:
            kits["trait"] = builder(draw.at("trait"), shape, names["trait"])
    slip = SLIPS[plan.slip](draw.at("slip"), shape, names.get("slip", plan.slip))
    character: Table = {
        "slip": slip.slip,
        "chain": chain(draw.at("chain"), shape, plan.pattern, strikes[:length]),
        **{button: kit.move for button, kit in kits.items()},
    }
    if plan.form:
        of_form = draw.at("form")
        form: Table = {
            "chain": chain(
                of_form.at("chain"),
                shape,
                plan.form["chain"],
                strikes[length:][: CHAIN_PATTERNS[plan.form["chain"]].moves],
            )
        }
        for button in BUTTONS:
            if button in plan.form:
                name = names[f"form {button}"]
                kit = SKILLS[plan.form[button]](of_form.at(button), skilled, name)
                kits[f"form {button}"] = kit
                form[button] = kit.move
        character["form"] = form
    _settle(plan, character, kits)
    entities = [*slip.entities, *(item for kit in kits.values() for item in kit.entities)]
    followups = [*slip.followups, *(item for kit in kits.values() for item in kit.followups)]
    if followups:
        character["followup"] = followups
    if entities:
        character["entity"] = entities
    return character


def _settle(plan: Plan, character: Table, kits: Mapping[str, Kit]) -> None:
    """Hold the moves, in place, to what they must be to each other and to their cooldowns."""
    skills = [kit for button, kit in kits.items() if button.endswith(BUTTONS)]
    for kit in skills:
        _limit_armour(kit.move, "blood_price" in plan.traits)
    pay_for_depth([kit for kit in skills if _is_plain(kit)], "skill")
    chains = [*character["chain"], *character.get("form", {}).get("chain", ())]
    ends = [Kit(move) for move in chains if move["archetype"] == "finisher"]
    pay_for_depth(ends, "finisher")


def _is_plain(kit: Kit) -> bool:
    """Whether a skill neither waits for a blow nor grabs."""
    grabs = any("grab" in hit.get("flags", ()) for hit in kit.move.get("hit", ()))
    return kit.move["archetype"] != "counter" and not grabs


def _limit_armour(move: Table, is_paid: bool) -> None:
    """Shorten the armour a skill gives to its share of the shortest wait for the next use."""
    wait = move["cooldown"] * 1000 // _STATS["cooldown_rate"].high // (2 if is_paid else 1)
    longest = wait // move.get("charges", 1) * ARMOUR_SHARE // 5000 * 5
    for op in move.get("op", ()):
        if op["do"] == "buff_self" and op["effect"] == "armour":
            op["ticks"] = min(op["ticks"], longest)


def _palette(plan: Plan) -> list[str]:
    draw, colours = plan.draw.at("palette"), plan.school.colours
    body = draw.choice("body", colours["body"])
    accents = [colour for colour in colours["accent"] if colour != body]
    accent = draw.choice("accent", accents)
    glows = [colour for colour in colours["glow"] if colour not in (body, accent)]
    return [body, accent, draw.choice("glow", glows)]


def _silhouette(plan: Plan) -> Table:
    draw, parts = plan.draw.at("silhouette"), plan.school.silhouette
    drawn = {
        key: draw.choice(key, parts[key])
        for key in ("body", "head", "weapon", "hair", "hat", "cape")
    }
    shown = {key: value for key, value in drawn.items() if value != "none"}
    return shown | {"size": _size(plan)}


def _carried(draw: Draw, plan: Plan, entries: Sequence[Mapping[str, Any]], count: int) -> list[str]:
    """Choose by role and school, so that a new entry changes only who takes it."""

    def score(entry: Mapping[str, Any]) -> int:
        entities = entry.get("entity") or ()
        hits = [hit for hit in (*(entry["move"].get("hit") or ()),) if hit]
        hits += [item["hit"] for item in entities if item.get("hit")]
        kinds = {entry["move"]["archetype"], *(item["kind"] for item in entities)}
        weight = 2 + 2 * bool(kinds & LIKED[plan.role])
        weight += 3 * any(hit.get("effect") in plan.school.elements for hit in hits)
        weight -= entry["move"]["archetype"] in plan.skills
        # The best of several draws: the odds of being first are as the weights.
        return max(draw.bits(f"{entry['name']} {i}") for i in range(weight))

    return [entry["name"] for entry in sorted(entries, key=score, reverse=True)[:count]]
