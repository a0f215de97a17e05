"""What each generated character is, before any number: so that no two are alike."""

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ...errors import RosterError
from ..schema import GENERATED_SKILLS, ROLES
from .chains import CHAIN_PATTERNS
from .draw import Draw
from .names import move_name, person_name
from .parts import Kit, Shape
from .school import School
from .skills import SKILLS
from .slips import is_slip_for
from .traits import TRAITS
from .ultimates import ULTIMATES

__all__ = ["MAX_ATTEMPTS", "Plan", "Signature", "plan_roster"]

MAX_ATTEMPTS: Final = 64
"""Sub-seeds tried until a character is unlike all before it."""

Signature = tuple[object, ...]
"""School, skills, ultimate, traits, slip and chain pattern."""

OPENERS: Final = frozenset(
    """
    lunge flurry sweep grab grab_string bolt fan seeker lob beam boomerang trap pull blink
    armoured_charge hold_charge dive hex
    """.split()
)
"""Skills that start an exchange."""

FOLLOWERS: Final = frozenset(
    """
    flurry launcher slam sweep grab_string pull repel counter wall trap zone orbit clone marker
    glide empower stance hex blink armoured_charge hold_charge seeker boomerang dive
    """.split()
)
"""Skills that extend a combo or defend."""

BEAM_ANSWERS: Final = frozenset(
    """
    lunge flurry blink dive glide marker armoured_charge bolt fan seeker lob beam boomerang wall
    clone counter dash air_hop depth_dancer parry_just momentum backdoor quickened ledger riposte
    herd
    """.split()
)
"""Skills, traits and slips that get past a beam: by moving, by shooting back, by slipping."""

EXCLUSIVE: Final = (
    *(frozenset(("grab", "grab_string")), frozenset(("empower", "stance", "glide"))),
    *(frozenset(("zone", "wall")), frozenset(("counter", "repel", "wall"))),
    *(frozenset(("clone", "stance")), frozenset(("beam", "lob", "fan"))),
    frozenset(("marker", "blink")),
)
"""Archetypes of which one character has one: they answer the same question."""

RELATED: Final = (
    *(
        frozenset(("bolt", "fan", "seeker", "lob", "beam", "boomerang")),
        frozenset(("zone", "trap")),
    ),
    frozenset(("lunge", "flurry", "armoured_charge", "dive", "blink")),
    frozenset(("slam", "sweep", "repel")),
)
"""Archetypes that go together seldom."""

ROLE_SKILLS: Final[Mapping[str, frozenset[str]]] = {
    "duelist": frozenset(("lunge", "flurry", "launcher", "dive", "blink", "counter", "empower")),
    "breaker": frozenset(
        ("slam", "sweep", "grab", "grab_string", "armoured_charge", "hold_charge", "pull")
    ),
    "keeper": frozenset(
        ("bolt", "fan", "seeker", "lob", "beam", "trap", "zone", "wall", "hex", "repel", "orbit")
    ),
    "trickster": frozenset(
        ("boomerang", "blink", "marker", "clone", "glide", "stance", "trap", "counter", "orbit")
    ),
}
"""Archetypes a role has twice as often."""

RARE_TRAITS: Final = frozenset(("ammo", "stance_dancer", "puppet_tether", "beast_bond", "trapper"))
"""Traits that few kits can use; those that can have them often."""

RARE_WEIGHT: Final = 12
"""Factor of the weight of a rare trait."""


@dataclass(frozen=True)
class Plan:
    """What one character is."""

    school: School
    """Its school."""
    slot: int
    """Its place among the generated characters of its school."""
    draw: Draw
    """Its draws; the path holds the sub-seed that made it unlike the others."""
    role: str
    """One of the schema's roles."""
    skills: tuple[str, str]
    """Archetypes of both skills."""
    ultimate: str
    """Family of the ultimate."""
    traits: tuple[str, ...]
    """Names of 0 to 2 traits."""
    slip: str
    """Kind of slip."""
    pattern: str
    """Chain pattern."""
    form: Mapping[str, str]
    """By button, what its form has instead: an archetype, or for `chain` a pattern."""
    name: str = ""
    """Full name."""
    moves: Mapping[str, str] = field(default_factory=dict)
    """Names of moves, by button; those of the form as `form skill1`."""

    @property
    def signature(self) -> Signature:
        """What must differ from every other character."""
        skills = tuple(sorted(self.skills))
        traits = tuple(sorted(self.traits))
        return (self.school.name, skills, self.ultimate, traits, self.slip, self.pattern)


def plan_roster(schools: Sequence[School], seed: int, counts: Sequence[int]) -> list[list[Plan]]:
    """Return the plans of each school's characters.

    Slot 0 of all schools is planned first, then slot 1, and so on; each slot looks only at those
    before it. So more characters a school never change the others.

    Args:
        schools: in order.
        seed: roster seed, 0..2**64 - 1.
        counts: generated characters of each school.

    Raises:
        RosterError: if MAX_ATTEMPTS sub-seeds of a character are all too like others.
    """
    roster = _Planned(schools)
    plans: list[list[Plan]] = [[] for _ in schools]
    for slot in range(max(counts, default=0)):
        for school, count, planned in zip(schools, counts, plans, strict=True):
            if slot < count:
                planned.append(roster.add(school, seed, slot))
    return plans


class _Planned:
    """The characters planned so far, and what they have taken."""

    def __init__(self, schools: Sequence[School]) -> None:
        self.signatures: list[Signature] = []
        self.names: set[str] = set()
        self.moves: set[str] = set()
        self.used: dict[str, Counter[str]] = {school.name: Counter() for school in schools}
        for school in schools:
            for character in school.authored:
                self.signatures.append(_authored_signature(school, character))
                self.names |= {character["name"], *_parts(character["name"])}
                self.moves |= {character[key]["name"] for key in ("skill1", "skill2", "ultimate")}

    def add(self, school: School, seed: int, slot: int) -> Plan:
        """Plan a character, and keep what it takes."""
        owner = Draw(seed, f"{school.name} {slot}")
        for attempt in range(MAX_ATTEMPTS):
            plan = self._drawn(school, slot, owner.at(f"attempt {attempt}"))
            if self._is_unlike(plan, strict=attempt < MAX_ATTEMPTS // 2):
                break
        else:
            raise RosterError(
                f"{school.name}: character {slot} is too like others for {MAX_ATTEMPTS} "
                "sub-seeds; ask for fewer characters or give the school more weights"
            )
        name = self._person(plan)
        moves = dict(self._named_moves(plan))
        plan = replace(plan, name=name, moves=moves)
        used = self.used[school.name]
        used.update((plan.ultimate, plan.slip, plan.pattern, *plan.skills, *plan.traits))
        self.signatures.append(plan.signature)
        self.names |= {name, *_parts(name)}
        self.moves |= set(moves.values())
        return plan

    def _drawn(self, school: School, slot: int, draw: Draw) -> Plan:
        used, role = self.used[school.name], _role(school, slot)
        skills = _skills(draw, school, role, used)
        ultimate = _weighted(draw, "ultimate", school.ultimates, used)
        kits = _kits(draw, skills, ultimate)
        traits = _traits(draw, school, kits, used)
        answered = not BEAM_ANSWERS.isdisjoint((*skills, *traits))
        slips = {
            kind: weight
            for kind, weight in school.slips.items()
            if (answered or kind in BEAM_ANSWERS) and is_slip_for(kind, kits)
        }
        pattern = _least_used(draw, "pattern", CHAIN_PATTERNS, used)
        return Plan(
            school=school,
            slot=slot,
            draw=draw,
            role=role,
            skills=skills,
            ultimate=ultimate,
            traits=traits,
            slip=_weighted(draw, "slip", slips, used),
            pattern=pattern,
            form=_form(draw, school, role, skills, ultimate, pattern, used),
        )

    def _is_unlike(self, plan: Plan, strict: bool) -> bool:
        """Whether 3 fields differ from each other character, and 2 within the school.

        Strictly, a school does not have the same pair of skills twice either.
        """
        signature = plan.signature
        for other in self.signatures:
            differing = sum(a != b for a, b in zip(signature, other, strict=True))
            same_school = signature[0] == other[0]
            if differing < (2 if same_school else 3):
                return False
            if strict and same_school and signature[1] == other[1]:
                return False
        return True

    def _person(self, plan: Plan) -> str:
        draw = plan.draw.at("name")
        fallback = ""
        for n in range(256):
            name = person_name(draw.at(str(n)), plan.school)
            if name in self.names:
                continue
            if self.names.isdisjoint(_parts(name)):
                return name
            fallback = fallback or name
        if not fallback:
            raise RosterError(
                f"{plan.school.name}: no name is left for character {plan.slot}; give the school "
                "more starts, ends or surnames"
            )
        return fallback

    def _named_moves(self, plan: Plan) -> Iterator[tuple[str, str]]:
        own: set[str] = set()
        for button, kind in _kinds(plan):
            draw = plan.draw.at(f"{button} name")
            tries = [move_name(draw.at(str(n)), plan.school, kind) for n in range(2)]
            n = 2
            while (tries[-1] in self.moves or tries[-1] in own) and n < MAX_ATTEMPTS:
                tries.append(move_name(draw.at(str(n)), plan.school, kind))
                n += 1
            free = [name for name in tries if name not in own]
            name = next((name for name in free if name not in self.moves), free[0])
            own.add(name)
            yield button, name


def _parts(name: str) -> list[str]:
    """Split a full name into the given one and the other."""
    return name.split(" ", 1)


def _kinds(plan: Plan) -> Iterator[tuple[str, str]]:
    yield from zip(("skill1", "skill2"), plan.skills, strict=True)
    yield "ultimate", plan.ultimate
    yield from (("trait", trait) for trait in plan.traits if TRAITS[trait].button is not None)
    if plan.slip in ("powder", "riposte"):
        yield "slip", plan.slip
    yield from ((f"form {button}", kind) for button, kind in plan.form.items() if button != "chain")


def _role(school: School, slot: int) -> str:
    """Return the role that is furthest behind its share; more slots never change earlier ones."""
    total = sum(school.roles.values())
    given: Counter[str] = Counter()
    role = ROLES[0]
    for n in range(slot + 1):
        role = max(ROLES, key=lambda role: school.roles[role] * (n + 1) - given[role] * total)
        given[role] += 1
    return role


def _skills(draw: Draw, school: School, role: str, used: Mapping[str, int]) -> tuple[str, str]:
    """Draw a pair with an opener and a follow-up that do not answer the same question."""
    weights = {
        name: 60 * school.skills[name] * (2 if name in ROLE_SKILLS[role] else 1) // (1 + used[name])
        for name in GENERATED_SKILLS
    }
    pairs = _pairs()
    odds = [weights[first] * weights[second] // part for (first, second), part in pairs.items()]
    return draw.choice("skills", list(pairs), odds)


@functools.cache
def _pairs() -> Mapping[tuple[str, str], int]:
    """List the pairs of skills that fit, with what the odds of each are divided by."""
    return {
        (first, second): 1 + 2 * any({first, second} <= group for group in RELATED)
        for first in GENERATED_SKILLS
        for second in GENERATED_SKILLS
        if first != second and _fit(first, second)
    }


def _fit(first: str, second: str) -> bool:
    pair = {first, second}
    if any(len(group & pair) > 1 for group in EXCLUSIVE):
        return False
    # One move cannot both open and follow.
    return (first in OPENERS and second in FOLLOWERS) or (second in OPENERS and first in FOLLOWERS)


def _kits(draw: Draw, skills: Sequence[str], ultimate: str) -> list[Kit]:
    """Build the moves in the shape of nobody: what they are does not depend on it."""
    kits = [SKILLS[skill](draw.at(f"skill{i}"), Shape(), "-") for i, skill in enumerate(skills, 1)]
    return [*kits, ULTIMATES[ultimate](draw.at("ultimate"), Shape(), "-")]


def _traits(
    draw: Draw, school: School, kits: Sequence[Kit], used: Mapping[str, int]
) -> tuple[str, ...]:
    """Draw 0 to 2 traits that work with the moves."""
    possible = {
        name: weight * (RARE_WEIGHT if name in RARE_TRAITS else 1)
        for name, weight in school.traits.items()
        if TRAITS[name].fits(kits)
    }
    traits: list[str] = []
    for i in range(draw.choice("number of traits", (0, 1, 2), (3, 11, 6))):
        trait = _weighted(draw, f"trait {i}", possible, used)
        traits.append(trait)
        clash = {trait} | (
            {"heavy_bones", "feather"} if trait in ("heavy_bones", "feather") else set()
        )
        if TRAITS[trait].button is not None:
            clash |= {name for name in possible if TRAITS[name].button is not None}
        possible = {name: weight for name, weight in possible.items() if name not in clash}
    return tuple(traits)


def _form(
    draw: Draw,
    school: School,
    role: str,
    skills: tuple[str, str],
    ultimate: str,
    pattern: str,
    used: Mapping[str, int],
) -> dict[str, str]:
    """Draw what a stance or a transformation changes: the chain, and the skills beside it."""
    if "stance" not in skills and ultimate != "transformation":
        return {}
    draw = draw.at("form")
    others = {name: 1 for name in CHAIN_PATTERNS if name != pattern}
    form = {"chain": _least_used(draw, "pattern", others, used)}
    free = {
        name: weight
        for name, weight in school.skills.items()
        if name not in (*skills, "stance", "glide", "marker", "wall", "zone", "clone", "orbit")
    }
    for button, skill in zip(("skill1", "skill2"), skills, strict=True):
        if skill == "stance":
            continue
        partner = skills[0] if button == "skill2" else skills[1]
        odds = {
            name: weight
            for name, weight in free.items()
            if name not in form.values()
            and not any({name, partner} <= group for group in EXCLUSIVE)
        }
        form[button] = _weighted(draw, button, odds, used)
    return form


def _weighted(draw: Draw, field: str, weights: Mapping[str, int], used: Mapping[str, int]) -> str:
    """Draw by weight, each divided by how often the school has it already."""
    names = sorted(weights)
    return draw.choice(field, names, [60 * weights[name] // (1 + used[name]) for name in names])


def _least_used(draw: Draw, field: str, names: Mapping[str, Any], used: Mapping[str, int]) -> str:
    fewest = min(used[name] for name in names)
    return draw.choice(field, sorted(name for name in names if used[name] == fewest))


def _authored_signature(school: School, character: Mapping[str, Any]) -> Signature:
    skills = tuple(sorted(character[key]["archetype"] for key in ("skill1", "skill2")))
    traits = tuple(sorted(character.get("traits") or ()))
    ultimate, slip = character["ultimate"]["archetype"], character["slip"]["kind"]
    return (school.name, skills, ultimate, traits, slip, f"{character['name']}'s own")
