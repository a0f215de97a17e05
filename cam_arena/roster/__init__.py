"""The roster: characters, scrolls and companions as data."""

from .descriptors import DESCRIPTOR_FIELDS
from .load import load_roster
from .model import Character, EntityType, Loadable, Move, Roster, School
from .profiles import PROFILE_FIELDS

__all__ = [
    "DESCRIPTOR_FIELDS",
    "PROFILE_FIELDS",
    "Character",
    "EntityType",
    "Loadable",
    "Move",
    "Roster",
    "School",
    "load_roster",
]
