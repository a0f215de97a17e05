"""Names of characters and moves: put together from a school's parts, never a known one."""

import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from .draw import Draw
from .school import School

__all__ = ["MAX_NAME", "MOVE_NOUNS", "chain_names", "is_denied", "move_name", "person_name"]

MAX_NAME: Final = 32
"""Characters of a name; the schema's limit."""

MOVE_NOUNS: Final[Mapping[str, tuple[str, ...]]] = {
    # skills
    "lunge": ("Lunge", "Thrust", "Rush", "Drive", "Advance", "Pass"),
    "flurry": ("Flurry", "Hail", "Cascade", "Volley of Blows", "Rhythm", "Patter"),
    "launcher": ("Rise", "Uplift", "Upthrust", "Heave", "Ascent", "Lift"),
    "slam": ("Slam", "Crash", "Impact", "Fall", "Drop", "Weight"),
    "sweep": ("Sweep", "Scythe", "Arc", "Low Cut", "Crescent", "Swath"),
    "grab": ("Hold", "Grip", "Seizure", "Clasp", "Throw", "Embrace"),
    "grab_string": ("Tangle", "Wrangle", "Catch", "Capture", "Wrestle", "Knot"),
    "bolt": ("Bolt", "Shot", "Dart", "Missile", "Needle", "Ray"),
    "fan": ("Spray", "Scatter", "Fan", "Spread", "Shower", "Burst"),
    "seeker": ("Seeker", "Hunter", "Follower", "Wisp", "Pursuit", "Finder"),
    "lob": ("Lob", "Toss", "Cast", "Mortar", "Gift", "Throwback"),
    "beam": ("Beam", "Line", "Stream", "Column", "Stare", "Lance"),
    "boomerang": ("Return", "Circuit", "Round Trip", "Wheel", "Homecoming", "Loop"),
    "orbit": ("Ring", "Halo", "Orbit", "Circle", "Wreath", "Carousel"),
    "trap": ("Snare", "Trap", "Pitfall", "Ambush", "Surprise", "Trigger"),
    "zone": ("Field", "Bed", "Ground", "Patch", "Domain", "Acre"),
    "wall": ("Wall", "Barrier", "Screen", "Fence", "Bulwark", "Partition"),
    "pull": ("Pull", "Drag", "Hook", "Draw", "Reel", "Summons"),
    "repel": ("Repulse", "Refusal", "Shove", "Outburst", "Ward", "Rebuff"),
    "blink": ("Step", "Blink", "Crossing", "Passage", "Detour", "Doorway"),
    "marker": ("Mark", "Waypoint", "Recall", "Bookmark", "Milestone", "Promise"),
    "counter": ("Answer", "Reply", "Riposte", "Retort", "Parry", "Rejoinder"),
    "armoured_charge": ("Charge", "March", "Onset", "Stampede", "Bull Run", "Breach"),
    "hold_charge": ("Wind-Up", "Pent Blow", "Gathering", "Long Draw", "Patience", "Build-Up"),
    "dive": ("Dive", "Plunge", "Stoop", "Descent", "Nosedive", "Landing"),
    "glide": ("Glide", "Hover", "Drift", "Float", "Updraft", "Flight"),
    "empower": ("Rite", "Surge", "Blessing", "Resolve", "Focus", "Fervour"),
    "hex": ("Hex", "Curse", "Spell", "Omen", "Verdict", "Jinx"),
    "clone": ("Double", "Twin", "Copy", "Decoy", "Stand-In", "Company"),
    "stance": ("Stance", "Form", "Guise", "Posture", "Change", "Turn"),
    # ultimates
    "cinematic": ("Masterpiece", "Last Scene", "Execution", "Grand Finale", "Tragedy", "Legend"),
    "meteor": ("Rain", "Downfall", "Barrage of Stars", "Avalanche", "Deluge", "Cataclysm"),
    "lane": ("Horizon", "Straight Road", "Avenue", "Great Line", "Meridian", "Long Street"),
    "finale": ("Last Embrace", "Burial", "Final Throw", "Undoing", "Closing Grip", "Judgement"),
    "transformation": ("Awakening", "True Shape", "Rebirth", "Unveiling", "Other Self", "Crown"),
    "time_slow": ("Stillness", "Standstill", "Long Moment", "Vigil", "Slow Hour", "Pause"),
    "barrage": ("Host", "Legion", "Chorus", "Procession", "Hundred Hands", "Crowd"),
    "pierce": ("Threefold Pass", "Triple Cut", "Three Roads", "Needlework", "Crossing Out", "Seam"),
    "titan": ("Colossus", "Titan", "Giant", "Guardian", "Great One", "Monument"),
    "execute": ("Sentence", "Last Word", "Settlement", "End", "Mercy", "Closing"),
    "storm": ("Storm", "Tempest", "Maelstrom", "Feast", "Harvest", "Upheaval"),
    "reversal": ("Reversal", "Great Answer", "Turning Point", "Reckoning", "Recoil", "Last Laugh"),
    # moves on the trait button
    "dash": ("Dash", "Quickstep", "Sidestep", "Skip", "Slide", "Bound"),
    "guard": ("Guard", "Brace", "Cover", "Shelter", "Fold", "Shell"),
    "parry_just": ("Deflection", "Turn-Aside", "Flick", "Glance Off", "Timing", "Touch"),
    "air_hop": ("Hop", "Vault", "Spring", "Leap", "Bounce", "Perch"),
    # what slips leave or lead to
    "powder": ("Powder", "Keg", "Parting Gift", "Charge Left Behind", "Farewell", "Smoke"),
    "riposte": ("Comeback", "Sudden Turn", "Afterthought", "Second Thought", "Rebound", "Revenge"),
}
"""Last words of a move's name, by what the move is."""

_DENYLIST: Final = Path(__file__).with_name("denylist.txt")
_VOWELS: Final = frozenset("aeiouy")
_AWKWARD: Final = re.compile(r"[^aeiouy]{4}|[aeiou]{3}|(.)\1\1|^(.)\2")


@functools.cache
def _denied() -> frozenset[tuple[str, ...]]:
    lines = _DENYLIST.read_text(encoding="utf-8").splitlines()
    return frozenset(_as_words(line) for line in lines if line and not line.startswith("#"))


def is_denied(name: str) -> bool:
    """Return whether a name holds one of the deny-list, as whole words."""
    words, denied = _as_words(name), _denied()
    spans = range(1, len(words) + 1)
    return any(words[i : i + n] in denied for n in spans for i in range(len(words) - n + 1))


def person_name(draw: Draw, school: School) -> str:
    """Return a given name and a surname of the school.

    Draws again where a given name cannot be said or the deny-list has it.
    """
    parts = school.names
    for n in range(64):
        start, end = (
            draw.choice(f"start {n}", parts["starts"]),
            draw.choice(f"end {n}", parts["ends"]),
        )
        given = start + end
        name = f"{given} {draw.choice(f'surname {n}', parts['surnames'])}"
        if _is_pronounceable(given) and not is_denied(name):
            return name
    raise ValueError(
        f"names of {school.name} must have parts that can be said; no pair of {parts['starts']} "
        f"and {parts['ends']} that was tried can"
    )


def move_name(draw: Draw, school: School, kind: str) -> str:
    """Return a name for a move of a kind of MOVE_NOUNS, at most MAX_NAME characters."""
    words = school.words
    for n in range(64):
        noun = draw.choice(f"noun {n}", MOVE_NOUNS[kind])
        thing, adjective = (
            draw.choice(f"thing {n}", words["nouns"]),
            draw.choice(f"adjective {n}", words["adjectives"]),
        )
        pattern = draw.choice(f"pattern {n}", ("{a} {n}", "{t} {n}", "{n} of the {t}"), (4, 4, 1))
        if " of " in noun and " of " in pattern:
            continue
        name = pattern.format(a=adjective, t=thing, n=noun)
        if name in words["strikes"]:  # a hit of some chain has it
            continue
        told = [word for word in _as_words(name) if word not in ("of", "the")]
        if len(name) <= MAX_NAME and len(set(told)) == len(told) and not is_denied(name):
            return name
    raise ValueError(f"words of {school.name} must give names of {MAX_NAME} characters or fewer")


def chain_names(draw: Draw, school: School) -> Sequence[str]:
    """Return the school's names of chain moves in an order of its own."""
    strikes = sorted(set(school.words["strikes"]))
    return sorted(strikes, key=lambda strike: draw.bits(f"strike {strike}"))


def _as_words(name: str) -> tuple[str, ...]:
    return tuple(re.sub(r"[^a-z0-9]+", " ", name.lower()).split())


def _is_pronounceable(given: str) -> bool:
    spoken = given.lower()
    return (
        3 <= len(spoken) <= 11 and bool(_VOWELS & set(spoken)) and _AWKWARD.search(spoken) is None
    )
