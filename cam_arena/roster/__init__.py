"""The roster: characters, scrolls and companions as data."""

from .descriptors import DESCRIPTOR_FIELDS
from .load import load_roster
from .model import Character, EntityType, Loadable, Move, Roster, School

__all__ = [
    "DESCRIPTOR_FIELDS",
    "Character",
    "EntityType",
    "Loadable",
    "Move",
    "Roster",
    "School",
    "load_roster",
]
