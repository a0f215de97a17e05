"""Profiles: every parameter of a character that a policy may be told, in [-1, 1]."""

import numpy as np
import pytest

from cam_arena import _core
from cam_arena.roster import Roster, load_roster
from cam_arena.roster.codes import Slip, Trait
from cam_arena.roster.profiles import PROFILE_FIELDS, profiles

NAMES = [field[0] for field in PROFILE_FIELDS]


@pytest.fixture(scope="module")
def roster() -> Roster:
    return load_roster()


def column(roster: Roster, name: str) -> list[float]:
    """Return a column in the units of its field."""
    _, low, high, _ = PROFILE_FIELDS[NAMES.index(name)]
    values = roster.arrays["profiles"][:, NAMES.index(name)]
    return [round(float(low + (value + 1) / 2 * (high - low))) for value in values]


def test_profiles_are_numbers_in_range_with_unique_names(roster: Roster) -> None:
    table = roster.arrays["profiles"]
    assert np.array_equal(table, profiles(roster.characters, roster.arrays))
    assert table.shape == (len(roster), _core.PROFILE_SIZE) == (len(roster), len(set(NAMES)))
    assert table.dtype == np.float32
    assert np.isfinite(table).all() and np.abs(table).max() <= 1
    assert all(low < high and meaning for _, low, high, meaning in PROFILE_FIELDS)


def test_no_two_characters_have_the_same_profile(roster: Roster) -> None:
    table = roster.arrays["profiles"]
    assert len(np.unique(table, axis=0)) == len(roster)


def test_profiles_say_what_the_characters_are(roster: Roster) -> None:
    for name in ("max_hp", "walk_x", "weight"):
        assert column(roster, name) == [c.stats[name] for c in roster]
    for button in ("skill1", "ultimate"):
        assert column(roster, f"{button}_startup") == [
            c.moves[button].declared.startup for c in roster
        ]
    assert column(roster, "skill2_cooldown") == [
        c.moves["skill2"].declared.cooldown for c in roster
    ]
    for trait in Trait:
        name = trait.name.lower()
        assert column(roster, f"trait_{name}") == [int(name in c.traits) for c in roster]
    for kind in Slip:
        name = kind.name.lower()
        assert column(roster, f"slip_{name}") == [int(c.slip["kind"] == name) for c in roster]


def test_profiles_tell_grabs_effects_and_forms(roster: Roster) -> None:
    grabs = dict(zip(roster.names, column(roster, "skill1_grabs"), strict=True))
    assert grabs["Gorm Talus"] == 1
    assert roster["Gorm Talus"].moves["skill1"].archetype in ("grab", "grab_string")
    bolts = [c.index for c in roster if c.moves["skill1"].archetype == "bolt"]
    assert all(column(roster, "skill1_ranged")[index] for index in bolts)
    assert any(column(roster, "skill1_control") + column(roster, "skill2_control"))
    forms = roster.arrays["characters"]["form_moves"]
    has_form = [int((row >= 0).any()) for row in forms]
    told = np.array(
        [column(roster, f"form_{b}") for b in ("attack", "skill1", "skill2", "ultimate", "trait")]
    )
    assert told.any(0).astype(int).tolist() == has_form
