"""What must hold of a roster in play, beyond its files: found by graphs and by search."""

from .damage import LIMITS, Combo, best_combo
from .registry import VALIDATORS, Finding, Validator, validate_roster

__all__ = [
    "LIMITS",
    "VALIDATORS",
    "Combo",
    "Finding",
    "Validator",
    "best_combo",
    "validate_roster",
]
