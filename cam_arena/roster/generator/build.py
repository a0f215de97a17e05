"""From a plan to a character: statistics, moves, looks, and numbers that fit the budget."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...errors import RosterError
from ..schema import SCHEMA
from .budget import TARGET, TOLERANCE, power_points
from .chains import CHAIN_PATTERNS, chain
from .depth import pay_for_depth
from .draw import Draw
from .gifts import gifted
from .measured import measured_points
from .names import chain_names
from .parts import Kit, Shape, Table
from .skills import SKILLS
from .slips import SLIPS
from .spread import BITS, spread_point, spread_value
from .structure import Plan
from .texts import sentence
from .traits import TRAITS
from .ultimates import ULTIMATES

__all__ = ["Loadouts", "build_character"]

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

POWER_RANGE: Final = (560, 1750)
"""Factor of all damage that the budget may choose, milli."""
HEALTH_SHARE: Final = 0.7
"""How far health goes along with damage, as a power of its factor."""
PACE_SHARE: Final = 0.5
"""How far cooldowns go against damage, as a power of its factor."""
PACE_RANGE: Final = (800, 1200)
"""Factor of all cooldowns that the budget may choose, milli."""

SKILL_POWER: Final = 1600
"""Factor of the damage of skills, milli: a quarter of all damage is theirs, where characters
differ most."""
SKILL_PACE: Final = 750
"""Factor of the cooldowns of skills, milli."""

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


def build_character(plan: Plan, loadouts: Loadouts) -> Table:
    """Return the table of a planned character, worth TARGET power points within TOLERANCE.

    Raises:
        RosterError: if neither damage nor cooldowns nor health bring it to the budget.
    """
    draw = plan.draw
    stats, shape = _statistics(plan)

    def made(knobs: Mapping[str, int]) -> Table:
        scaled = replace(shape, power=knobs["power"], pace=_pace(knobs["pace"], knobs["power"]))
        traits = {"name": plan.name} | ({"traits": list(plan.traits)} if plan.traits else {})
        health = _health(knobs["max_hp"], knobs["power"])
        return traits | {"stats": {**stats, "max_hp": health}} | _moves(plan, scaled)

    character = _solved(plan, made, stats["max_hp"])
    text = sentence(draw.at("text"), plan.name, plan.role, plan.skills, plan.ultimate, plan.traits)
    carried = {loadout: draw.at(loadout) for loadout in ("scroll", "companions")}
    scroll = _carried(carried["scroll"], plan, loadouts.scrolls, 1)
    companions = _carried(carried["companions"], plan, loadouts.companions, loadouts.slots)
    return {
        "name": plan.name,
        "text": text,
        "role": plan.role,
        "authored": 0,
        "scroll": scroll[0],
        "companions": companions,
        "palette": _palette(plan),
        "silhouette": _silhouette(plan),
        **character,
    }


def _solved(plan: Plan, made: Callable[[Mapping[str, int]], Table], max_hp: int) -> Table:
    """Bring a character to the budget: by damage, cooldowns and health together, then alone."""
    field = _STATS["max_hp"]
    values = {"power": 1000, "pace": 1000, "max_hp": max_hp}
    knobs = (
        ("power", *POWER_RANGE, 1),
        ("pace", *PACE_RANGE, 1),
        ("max_hp", field.low, field.high, _HP_STEP),
    )
    nearest, solved = math.inf, made(values)
    for knob, low, high, step in knobs:
        # Points grow and fall with a knob nearly in a line: a few secants are enough.
        other = values[knob] + max((high - low) // 8, step)
        tried = {values[knob]: 0.0, min(other, high - high % step): 0.0}
        for value in tried:
            tried[value] = _worth(plan, made({**values, knob: value})) - TARGET
        for _ in range(6):
            (a, points_a), (b, points_b) = sorted(
                tried.items(), key=lambda item: (abs(item[1]), item[0])
            )[:2]
            if abs(points_a) <= TOLERANCE / 3 or points_a == points_b:
                break
            guess = a - points_a * (b - a) / (points_b - points_a)
            value = min(max(round(guess / step) * step, low), high)
            if value in tried:
                break
            tried[value] = _worth(plan, made({**values, knob: value})) - TARGET
        values[knob], error = min(tried.items(), key=lambda item: (abs(item[1]), item[0]))
        if abs(error) < nearest:
            nearest, solved = abs(error), made(values)
        if nearest <= TOLERANCE / 3:
            break
    # What play has measured may be more than damage and health can make up for.
    measured = abs(measured_points(plan.school.name, solved))
    if nearest > TOLERANCE + measured:
        raise RosterError(
            f"{plan.name} of {plan.school.name} is {nearest:.0f} power points off {TARGET}; it "
            f"must be within {TOLERANCE}: change the school's windows of statistics"
        )
    return solved


def _health(max_hp: int, power: int) -> int:
    """HP of a character whose damage was moved: health goes along, so that neither goes far."""
    field = _STATS["max_hp"]
    factor: float = (power / 1000) ** HEALTH_SHARE
    moved = round(max_hp * factor / _HP_STEP) * _HP_STEP
    return min(max(moved, field.low), field.high)


def _pace(pace: int, power: int) -> int:
    """Milli of the cooldowns of a character whose damage was moved, inside PACE_RANGE."""
    factor: float = (power / 1000) ** -PACE_SHARE
    return min(max(round(pace * factor), PACE_RANGE[0]), PACE_RANGE[1])


def _worth(plan: Plan, character: Table) -> float:
    return power_points(character).total + measured_points(plan.school.name, character)


def _statistics(plan: Plan) -> tuple[dict[str, int], Shape]:
    school, draw = plan.school, plan.draw
    # One scramble a school: its members are points of one sequence, so that they spread out.
    spread = Draw(draw.seed, f"{school.name} spread")
    point = dict(zip(SPREAD, spread_point(spread, plan.slot, len(SPREAD)), strict=True))
    values: dict[str, int] = {}
    for key, coordinate in point.items():
        window = school.silhouette["size"] if key == "size" else school.stats[key]
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
    kits["ultimate"] = ULTIMATES[plan.ultimate](draw.at("ultimate"), shape, names["ultimate"])
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
