"""The sentence that says what is special about a character."""

from collections.abc import Mapping, Sequence
from typing import Final

from .draw import Draw

__all__ = ["sentence"]

_DOES: Final[Mapping[str, tuple[str, ...]]] = {
    "lunge": ("runs through the middle", "closes the distance in one thrust"),
    "flurry": ("drowns a guard in blows", "answers one mistake with six blows"),
    "launcher": ("sends opponents up", "lifts whoever comes too close"),
    "slam": ("breaks the ground", "lands where nobody can stand"),
    "sweep": ("cuts low and wide", "takes the feet away"),
    "grab": ("takes hold through any armour", "ends arguments with a throw"),
    "grab_string": ("strikes until a hold is open", "ties blows into a throw"),
    "bolt": ("keeps the lane busy with shots", "shoots first"),
    "fan": ("fills the whole depth with shots", "leaves no side to step to"),
    "seeker": ("sends something slow that does not forget", "shoots around corners"),
    "lob": ("drops things from above", "aims where you are going to be"),
    "beam": ("draws a line across the stage", "owns the straight way"),
    "boomerang": ("hits on the way out and on the way back", "throws what always returns"),
    "orbit": ("walks inside a ring of blades", "is never approached for free"),
    "trap": ("hides teeth in the ground", "wins rounds with steps not taken"),
    "zone": ("makes the ground hostile", "rents out the floor at a price"),
    "wall": ("builds a wall and fights from behind it", "cuts the stage in two"),
    "pull": ("drags the distant close", "decides who stands where"),
    "repel": ("throws back all who crowd in", "keeps an arm's length by force"),
    "blink": ("strikes from behind", "is gone before the blow lands"),
    "marker": ("leaves a way back everywhere", "fights from two places"),
    "counter": ("waits for your best blow and returns it", "punishes haste"),
    "armoured_charge": ("walks through blows", "charges and does not stop"),
    "hold_charge": ("saves everything for one blow", "makes you wait for the hit"),
    "dive": ("falls from the sky", "jumps over what is meant to hurt"),
    "glide": ("hangs in the air and shoots down", "hardly touches the ground"),
    "empower": ("grows stronger between exchanges", "needs a quiet second, then none"),
    "hex": ("weakens before striking", "spoils what the other had planned"),
    "clone": ("brings a second body", "lets a double take the blows"),
    "stance": ("changes style in mid-fight", "has two ways to fight and shows one"),
}
"""What a skill's owner does, third person."""

_ENDS: Final[Mapping[str, str]] = {
    "cinematic": "one clean opening ends in a storm of blows",
    "meteor": "the sky falls when the sparks are full",
    "lane": "a full lane of light waits at four sparks",
    "finale": "the last hold is the one to fear",
    "transformation": "at full sparks another fighter appears",
    "time_slow": "the last seconds belong to one side only",
    "barrage": "a crowd arrives with the last spark",
    "pierce": "three passes settle it",
    "titan": "something huge comes when called",
    "execute": "the weak are finished at once",
    "storm": "the end takes health and gives it back",
    "reversal": "the strongest blow is the one that is answered",
}
"""What an ultimate means, as a clause."""

_TRAITS: Final[Mapping[str, str]] = {
    "dash": "never caught standing",
    "guard": "shield up at the right time",
    "parry_just": "turns blows aside by a hair",
    "air_hop": "always one jump more",
    "momentum": "worse the longer the run",
    "last_stand": "most dangerous when nearly beaten",
    "first_strike": "the first blow is the hard one",
    "wall_runner": "the wall is part of the plan",
    "heavy_bones": "too heavy to throw about",
    "feather": "falls like a leaf",
    "spark_thief": "steals sparks with every skill",
    "blood_price": "pays for skills in blood",
    "ammo": "a shot always in reserve",
    "heat": "hotter with every hit",
    "stance_dancer": "each change shakes off what clings",
    "puppet_tether": "shares every wound with a helper",
    "beast_bond": "helpers stand longer here",
    "trapper": "one trap more than you counted",
    "depth_dancer": "sidesteps faster than others run",
    "longarm": "half a step longer than it looks",
    "iron_will": "hard to hold, hard to slow",
    "opportunist": "makes a missed blow cost double",
    "second_skin": "nothing stops the last blow",
    "echo": "every skill is felt twice",
}
"""What a trait means, as an aside."""


def sentence(
    draw: Draw, name: str, role: str, skills: Sequence[str], ultimate: str, traits: Sequence[str]
) -> str:
    """Return a sentence of at most 200 characters about a character.

    Args:
        draw: of the character.
        name: full name.
        role: one of the schema's roles.
        skills: archetypes of both skills.
        ultimate: family of the ultimate.
        traits: names of 0 to 2 traits.
    """
    given = name.split()[0]
    first, second = (draw.choice(f"does {i}", _DOES[skill]) for i, skill in enumerate(skills))
    aside = _TRAITS[draw.choice("aside", traits)] if traits else _ENDS[ultimate]
    forms = (
        f"A {role} who {first} and {second}; {aside}.",
        f"{given} {first}, then {second}; {aside}.",
        f"{given} {second}; {_ENDS[ultimate]}.",
        f"A {role} who {first}; {aside}.",
        f"{given} {first}, and {_ENDS[ultimate]}.",
    )
    return draw.choice("form", forms, (4, 4, 2, 2, 2))
