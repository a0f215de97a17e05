"""Splits chosen from a large roster, and the frozen roster of the first release."""

import pickle
import tomllib
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from cam_arena import Match, _core, load_roster
from cam_arena.cli import main
from cam_arena.errors import RosterError
from cam_arena.game.rules import Rules
from cam_arena.roster import frozen, splits
from cam_arena.roster.certificates import parametric
from cam_arena.roster.compiled import Compiled

LEGACY = load_roster("legacy")
ROLES = ("duelist", "breaker", "keeper", "trickster")


def large_roster(members=19):
    """Return 16 schools of characters that differ in statistics and role."""
    rng = np.random.default_rng(1)
    characters = []
    for founder in LEGACY:
        for k in range(members):
            stats = {key: value + int(rng.integers(100)) for key, value in founder.stats.items()}
            name = founder.name if k == 0 else f"{founder.name} {k}"
            index = len(characters)
            role = ROLES[k % 4]
            characters.append(replace(founder, index=index, name=name, stats=stats, role=role))
    names = tuple(character.name for character in characters)
    return replace(LEGACY, characters=tuple(characters), names=names)


LARGE = large_roster()


@pytest.fixture(scope="module")
def chosen():
    return splits.choose(LARGE)


def schools(names):
    return Counter(LARGE[name].school.name for name in names)


def test_splits_of_304_have_the_names_of_the_literature(chosen):
    sizes = {name: len(members) for name, members in chosen.items()}
    assert sizes == {"core50": 50, "all304": 304, "train256": 256, "heldout48": 48}
    assert chosen["all304"] == LARGE.names


def test_core_covers_all_schools_and_holds_core8(chosen):
    assert set(schools(chosen["core50"]).values()) == {3, 4}
    assert set(LARGE.split("core8")) <= set(chosen["core50"])


def test_core_is_spread_wider_than_chance(chosen):
    table = parametric.distances(parametric.features(LARGE).scaled)
    index = {name: k for k, name in enumerate(LARGE.names)}

    def least(picked):
        inner = table[np.ix_(picked, picked)]
        return (inner + np.diag(np.full(len(inner), np.inf))).min(axis=1).mean()

    core = least([index[name] for name in chosen["core50"]])
    rng = np.random.default_rng(0)
    draws = [least(rng.choice(304, 50, replace=False)) for _ in range(20)]
    assert core > max(draws)


def test_farthest_point_rule_on_a_line():
    line = large_roster(2)
    one_school = tuple(replace(c, school=LEGACY.schools[0]) for c in line.characters[:10])
    roster = replace(line, characters=one_school, names=line.names[:10])
    places = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 30.0])
    table = np.abs(places[:, None] - places[None, :])
    assert splits.core(roster, table, 4) == [9, 0, 8, 4]


def test_held_out_characters_are_three_of_each_school_with_balanced_roles(chosen):
    held = chosen["heldout48"]
    assert set(schools(held).values()) == {3}
    assert not set(held) & set(chosen["core50"])
    assert set(held) | set(chosen["train256"]) == set(LARGE.names)
    assert not set(held) & set(chosen["train256"])
    roles = Counter(LARGE[name].role for name in held)
    assert set(roles.values()) == {12}


def test_choice_is_deterministic(chosen):
    assert splits.choose(large_roster()) == chosen


def test_a_small_roster_has_no_such_splits():
    with pytest.raises(RosterError, match="Bellkeeper has 1"):
        splits.choose(LEGACY)


def test_the_command_says_what_stays(capsys, monkeypatch):
    roster = load_roster()
    inner = roster.split("core50")
    other = next(name for name in roster.names if name not in inner)
    today = {**roster.splits, "core50": (other, *inner[1:]), "new9": ()}
    monkeypatch.setattr(splits, "choose", lambda _: today)
    assert main(["roster", "splits"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "all304: 304 characters, in splits.toml, and stays as it is" in lines
    assert "new9: 0 characters, not in splits.toml yet" in lines
    [core] = [line for line in lines if line.startswith("core50")]
    assert core.endswith("stays as it is; chosen today, 1 of them would be others")


def test_written_splits_are_kept(tmp_path):
    file = tmp_path / "splits.toml"
    file.write_text('# by hand\n\ncore2 = ["A", "B"]\n', encoding="utf-8")
    assert splits.write({"core2": ("C",), "all3": ("A", "B", "Ç")}, file) == ["all3"]
    assert splits.write({"all3": ("A",)}, file) == []
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# by hand")
    assert tomllib.loads(text) == {"core2": ["A", "B"], "all3": ["A", "B", "Ç"]}


# ---- the frozen roster ----


def test_legacy_is_what_it_was():
    assert LEGACY.id == "883838da97aa7430"
    assert len(LEGACY) == 16
    assert LEGACY.split("core8")[0] == "Vesh Cindral"
    character = LEGACY["Vesh Cindral"]
    assert (character.stats["max_hp"], character.moves["skill1"].name) == (9500, "Coalrush")
    assert not character.traits and character.form is None


def test_legacy_takes_the_place_of_a_directory_everywhere():
    match = Match(3, roster="legacy", characters="core8", frame_skip=3)
    twin = Match(3, roster=LEGACY, characters="core8", frame_skip=3)
    for _ in range(60):
        match.step([13, 14])
        twin.step([13, 14])
    assert match.hash() == twin.hash()
    again = pickle.loads(pickle.dumps(LEGACY))  # noqa: S301
    assert (again.id, again.names) == (LEGACY.id, LEGACY.names)


def test_other_rules_make_it_another_roster():
    changed = load_roster("legacy", rules=Rules(gravity=41))
    assert changed.id != LEGACY.id
    assert load_roster("legacy", rules=LEGACY.rules).id == LEGACY.id
    assert pickle.loads(pickle.dumps(changed)).id == changed.id  # noqa: S301


def test_a_frozen_roster_gains_fields_that_change_nothing(tmp_path):
    arrays = {name: array.copy() for name, array in LEGACY.arrays.items()}
    kept = [name for name in arrays["moves"].dtype.names if name != "charges"]
    arrays["moves"] = arrays["moves"][kept].copy()
    file = tmp_path / "older.npz"
    frozen.freeze(Compiled(arrays, about_of(LEGACY)), LEGACY.rules, "0" * 16, file)
    loaded = frozen._load(file, None)
    assert loaded.id == "0" * 16
    for name, array in LEGACY.arrays.items():
        assert loaded.arrays[name].tobytes() == array.tobytes()


def test_a_frozen_roster_with_a_field_that_is_gone_is_refused(tmp_path):
    arrays = {name: array.copy() for name, array in LEGACY.arrays.items()}
    dtype = [*_core.DTYPES["op"].descr, ("obsolete", "<i2")]
    arrays["ops"] = np.ones(len(arrays["ops"]), dtype)
    file = tmp_path / "odd.npz"
    frozen.freeze(Compiled(arrays, about_of(LEGACY)), LEGACY.rules, "0" * 16, file)
    with pytest.raises(RosterError, match="obsolete"):
        frozen._load(file, None)


def about_of(roster):
    import json

    with np.load(roster.path) as stored:
        return json.loads(stored["head"].tobytes())["about"]


def test_rules_that_came_later_do_not_hold_in_the_frozen_roster() -> None:
    rules = load_roster("legacy").rules
    assert (rules.opening_ticks, rules.draw_margin, rules.spark_hurt_hp) == (0, 0, 800)
