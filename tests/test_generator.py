"""The generator: the same inputs give the same unlike characters, of equal worth, that load."""

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from cam_arena import _core, load_roster
from cam_arena.errors import RosterError
from cam_arena.game.rules import Rules
from cam_arena.roster import generator
from cam_arena.roster import load as load_module
from cam_arena.roster.build import build
from cam_arena.roster.checks import check_character
from cam_arena.roster.codes import Slip, Trait, code_names
from cam_arena.roster.generator import structure
from cam_arena.roster.generator.build import (
    HEALTH_REACH,
    LEVEL,
    POWER_RANGE,
    ROLE_HEALTH,
    Knobs,
    Loadouts,
    build_character,
)
from cam_arena.roster.generator.depth import pay_for_depth
from cam_arena.roster.generator.draw import Draw
from cam_arena.roster.generator.gifts import gifted
from cam_arena.roster.generator.names import MOVE_NOUNS, is_denied, move_name
from cam_arena.roster.generator.parts import Kit, Shape
from cam_arena.roster.generator.school import read_schools
from cam_arena.roster.generator.skills import SKILLS
from cam_arena.roster.generator.spread import BITS, MAX_DIMENSIONS, spread_point, spread_value
from cam_arena.roster.generator.ultimates import ULTIMATES
from cam_arena.roster.make import generate_directory
from cam_arena.roster.reader import Problems, read_table
from cam_arena.roster.schema import GENERATED_SKILLS, ROLES
from cam_arena.roster.sources import Sources, read_sources

BUNDLED = Path(load_module.__file__).parent
SEED = generator.ROSTER_SEED
Table = dict[str, Any]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """The bundled files without the one that asks for generated characters."""
    directory = tmp_path_factory.mktemp("roster")
    shutil.copytree(BUNDLED / "schools", directory / "schools")
    for file in ("scrolls.toml", "companions.toml"):
        shutil.copy(BUNDLED / file, directory)
    return read_sources(directory)


@pytest.fixture(scope="module")
def loadouts(sources: Sources) -> Loadouts:
    return Loadouts(sources.scrolls, sources.companions)


@pytest.fixture(scope="module")
def plans(sources: Sources) -> list[list[structure.Plan]]:
    counts = [generator.PER_SCHOOL - len(school["character"]) for school in sources.schools]
    return generator.plan_characters(sources.schools, SEED, counts)


@pytest.fixture(scope="module")
def schools(sources: Sources) -> list[list[Table]]:
    return generator.generate_characters(
        sources.schools, SEED, scrolls=sources.scrolls, companions=sources.companions
    )


@pytest.fixture(scope="module")
def characters(schools: list[list[Table]]) -> list[Table]:
    return [character for school in schools for character in school]


def digest(characters: object) -> str:
    return hashlib.sha256(json.dumps(characters, sort_keys=True).encode()).hexdigest()


def moves_of(character: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for owner in (character, character.get("form") or {}):
        yield from owner.get("chain", ())
        yield from (owner[key] for key in ("skill1", "skill2", "ultimate", "trait") if key in owner)
    yield from character.get("followup", ())


# ---- the same inputs, the same characters ----


def test_every_school_is_filled_up(schools: list[list[Table]], sources: Sources) -> None:
    sizes = [
        len(made) + len(school["character"])
        for made, school in zip(schools, sources.schools, strict=True)
    ]
    assert sizes == [generator.PER_SCHOOL] * 16
    assert sum(sizes) == 304


def test_two_runs_give_the_same_characters(
    schools: list[list[Table]], sources: Sources, loadouts: Loadouts
) -> None:
    again = generator.generate_characters(
        sources.schools, SEED, scrolls=loadouts.scrolls, companions=loadouts.companions
    )
    assert digest(again) == digest(schools)


def test_a_character_can_be_made_alone(
    schools: list[list[Table]], plans: list[list[structure.Plan]], loadouts: Loadouts
) -> None:
    assert digest(build_character(plans[5][3], loadouts)) == digest(schools[5][3])


def test_more_characters_leave_the_others_as_they_are(
    schools: list[list[Table]], sources: Sources, loadouts: Loadouts
) -> None:
    counts = [len(made) + 2 for made in schools]
    larger = generator.plan_characters(sources.schools, SEED, counts)
    for made, planned in zip(schools, larger, strict=True):
        assert [plan.name for plan in planned[: len(made)]] == [entry["name"] for entry in made]
    assert build_character(larger[2][4], loadouts) == schools[2][4]


def test_a_new_scroll_changes_only_who_carries_it(
    schools: list[list[Table]], plans: list[list[structure.Plan]], loadouts: Loadouts
) -> None:
    # It is liked by a role, so that some do take it.
    extra = dict(loadouts.scrolls[0]) | {"name": "Borrowed Door"}
    extra["move"] = dict(extra["move"]) | {"archetype": "blink"}
    more = Loadouts([*loadouts.scrolls, extra], loadouts.companions)
    taken = 0
    for planned, made in zip(plans[:4], schools, strict=False):
        for plan, old in zip(planned, made, strict=True):
            new = build_character(plan, more)
            taken += new["scroll"] == "Borrowed Door"
            assert new["scroll"] in (old["scroll"], "Borrowed Door")
            assert new == old or new["scroll"] == "Borrowed Door"
            assert new["skill1"]["name"] == old["skill1"]["name"]
    assert 0 < taken < 30


def test_another_seed_gives_other_characters(plans: list[list[structure.Plan]]) -> None:
    other = generator.plan_characters(generator.bundled_schools(), SEED + 1, [4] * 16)
    old = {plan.signature for planned in plans for plan in planned}
    new = {plan.signature for planned in other for plan in planned}
    assert len(new) == 64
    assert not old & new


def test_a_roster_of_another_seed_has_as_many_as_asked() -> None:
    schools = generator.generate_roster(7, 35)
    assert [len(school) for school in schools] == [3, 3, 3, *[2] * 13]
    assert len({entry["name"] for school in schools for entry in school}) == 35
    with pytest.raises(ValueError, match="count must be at least 1, got 0"):
        generator.generate_roster(7, 0)


def test_no_skill_takes_the_name_of_a_hit_of_a_chain() -> None:
    """Hedge Hook was both, in the roster of seed 12, which could not be loaded."""
    thorns = next(s for s in generator.bundled_schools() if s["name"] == "Thornweaver")
    (school,) = read_schools([thorns])
    made = {move_name(Draw(seed, "any"), school, "pull") for seed in range(3000)}
    assert "Hedge Hook" in school.words["strikes"]
    assert {"Hedge Pull", "Hedge Drag"} <= made
    assert made.isdisjoint(school.words["strikes"])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(300, 312))
def test_rosters_of_any_seed_load(seed: int, tmp_path: Path) -> None:
    generate_directory(seed, 304, tmp_path / "made")
    assert len(load_roster(tmp_path / "made")) == 304


@pytest.mark.slow
def test_a_thousand_are_unlike(sources: Sources) -> None:
    schools = generator.generate_roster(7, 1000)
    made = [entry for school in schools for entry in school]
    assert len({entry["name"] for entry in made}) == len(made) == 1000
    require_equal_strength(sources, schools)


# ---- they are allowed, and the simulation takes them ----


def test_all_pass_the_checks_of_a_roster_file(characters: list[Table], sources: Sources) -> None:
    scrolls = {entry["name"]: i for i, entry in enumerate(sources.scrolls)}
    companions = {entry["name"]: i for i, entry in enumerate(sources.companions)}
    problems = Problems("generated")
    for character in characters:
        values = read_table("character", character, character["name"], problems)
        check_character(values, character["name"], problems, scrolls, companions)
    assert problems.found == []


def test_the_simulation_takes_them(schools: list[list[Table]], sources: Sources) -> None:
    filled = Sources(scrolls=sources.scrolls, companions=sources.companions)
    for school, made in zip(sources.schools, schools, strict=True):
        read = [read_table("character", entry, "", Problems("generated")) for entry in made]
        filled.schools.append(dict(school) | {"character": [*school["character"], *read]})
    filled.splits["all"] = tuple(c["name"] for s in filled.schools for c in s["character"])
    compiled = build(filled)
    data = _core.Data(Rules().pack(), **compiled.arrays)
    assert data.num_characters == 304


def test_statistics_lie_in_the_schools_windows(
    plans: list[list[structure.Plan]], schools: list[list[Table]]
) -> None:
    for planned, made in zip(plans, schools, strict=True):
        for plan, entry in zip(planned, made, strict=True):
            # A trait costs a little of a statistic, which may leave the window but not the range.
            costs = {key for name in plan.traits for key in structure.TRAITS[name].stats}
            for key in ("attack", "defense", "walk_x", "walk_y", "weight", "tempo"):
                low, high = plan.school.stats[key]
                assert key in costs or low <= entry["stats"][key] <= high, (plan.name, key)


def test_numbers_are_presentable(characters: list[Table]) -> None:
    for character in characters:
        assert character["stats"]["max_hp"] % 10 == 0
        for move in moves_of(character):
            assert move.get("cooldown", 0) % 3 == 0
            assert all(hit["damage"] % 5 == 0 for hit in move.get("hit", ()))


def test_members_of_a_school_spread_out(schools: list[list[Table]]) -> None:
    for made in schools:
        for key in ("attack", "walk_x", "tempo"):
            values = sorted(entry["stats"][key] for entry in made)
            middle = len(values) // 2
            assert len(set(values)) > middle
            assert values[-1] - values[0] > 2 * (values[middle + 2] - values[middle - 2]) > 0


def test_the_gift_of_a_school_is_in_its_skills(
    schools: list[list[Table]], sources: Sources
) -> None:
    for school, made in zip(sources.schools, schools, strict=True):
        given = {
            op["do"]
            for character in made
            for skill in ("skill1", "skill2")
            for op in character[skill].get("op", ())
        }
        favoured = set(school["generator"]["gifts"]) - {"none"}
        assert given & favoured, school["name"]


def test_a_skill_that_costs_health_is_stronger_for_it(
    plans: list[list[structure.Plan]],
) -> None:
    plan = plans[0][0]
    kit = SKILLS["lunge"](plan.draw.at("skill1"), Shape(), "Paid For")
    paid = gifted(plan.draw.at("skill1"), kit, "cost_hp", "skill2")
    assert [op["do"] for op in paid.move["op"]] == ["cost_hp"]
    assert paid.move["hit"][0]["damage"] > 1.2 * kit.move["hit"][0]["damage"]
    assert gifted(plan.draw.at("skill1"), paid, "cost_hp", "skill2") is paid


def test_a_wide_strike_pays_in_time_and_where_that_is_not_enough_in_strength() -> None:
    def strike(depth: int, recovery: int) -> Kit:
        box = {"x": [0, 1200], "depth": depth, "z": [0, 1500]}
        hit = {"window": [8, 10], "box": box, "damage": 400, "level": 2, "stun": 14}
        return Kit({"startup": 8, "active": 2, "recovery": recovery, "hit": [hit]})

    for lasts, expected in ((14, (15, 400)), (18, (12, 395))):
        wide = strike(900, 12)
        pay_for_depth([wide, strike(300, lasts)], "skill")
        assert (wide.move["recovery"], wide.move["hit"][0]["damage"]) == expected


def test_armour_lasts_a_part_of_the_wait_for_it(schools: list[list[Table]]) -> None:
    for character in (character for made in schools for character in made):
        for skill in (character["skill1"], character["skill2"]):
            for op in skill.get("op", ()):
                if op["do"] == "buff_self" and op["effect"] == "armour":
                    assert op["ticks"] <= 0.25 * skill["cooldown"], character["name"]


# ---- strength ----


def require_equal_strength(sources: Sources, schools: list[list[Table]]) -> None:
    """Fail unless all are equally strong by the model, as far as their kits allow it."""
    off = [
        abs(generator.strength(school["name"], character) - LEVEL)
        for school, made in zip(sources.schools, schools, strict=True)
        for character in made
    ]
    assert sum(logits <= 0.05 for logits in off) > 0.9 * len(off)
    assert max(off) < 2


def test_characters_are_as_strong_as_usual_where_their_kits_allow_it(sources: Sources) -> None:
    require_equal_strength(sources, generator.generate_roster(7, 128))


def test_health_does_not_pay_for_a_weak_kit(
    plans: list[list[structure.Plan]], schools: list[list[Table]]
) -> None:
    for planned, made in zip(plans, schools, strict=True):
        for plan, entry in zip(planned, made, strict=True):
            ends = zip(plan.school.stats["max_hp"], ROLE_HEALTH[plan.role], strict=True)
            low, high = (sum(pair) / 2 for pair in ends)
            given = sum(structure.TRAITS[name].stats.get("max_hp", 0) for name in plan.traits)
            reach = HEALTH_REACH / 1000
            lowest, highest = low * (1 - reach) - 10, high * (1 + reach) + 10
            assert lowest <= entry["stats"]["max_hp"] - given <= highest, plan.name


def test_who_has_shown_to_be_too_strong_is_made_with_less_damage(
    plans: list[list[structure.Plan]], loadouts: Loadouts
) -> None:
    plan = plans[3][2]
    usual, less = (build_character(plan, loadouts, surplus=logits) for logits in (0.0, 0.5))
    damage = [sum(hit["damage"] for move in made["chain"] for hit in move["hit"])
              for made in (usual, less)]  # fmt: skip
    assert damage[1] < 0.95 * damage[0]
    name = plan.school.name
    assert generator.strength(name, usual) - generator.strength(name, less) > 0.4


@pytest.mark.parametrize(
    ("knob", "value"), [("max_hp", 11000), ("power", 1200), ("stats", {"attack": 1100})]
)
def test_strength_grows_with_what_is_better(
    plans: list[list[structure.Plan]], loadouts: Loadouts, knob: str, value: Any
) -> None:
    given: Table = {"power": 1000, "pace": 1000, "max_hp": 10000, "stats": {"attack": 1000}}
    better = given | {knob: value}
    name = plans[0][0].school.name
    made = [build_character(plans[0][0], loadouts, knobs=lambda *_, knobs=knobs: Knobs(**knobs))
            for knobs in (given, better)]  # fmt: skip
    usual, stronger = (generator.strength(name, entry) for entry in made)
    assert stronger - usual > 0.2


def test_the_model_explains_rosters_it_was_not_fitted_to() -> None:
    about = generator.read_model().about
    assert not set(about["seeds"]) & set(about["held_out"])
    assert about["r2"] > 0.85
    for value, low, high in generator.read_model().worth.values():
        assert low <= high
        assert abs(value) < 50


def test_damage_stays_in_its_range(plans: list[list[structure.Plan]], loadouts: Loadouts) -> None:
    weakest, strongest = (
        build_character(plans[0][0], loadouts, surplus=logits)["chain"][0]["hit"][0]["damage"]
        for logits in (-20.0, 20.0)
    )
    low, high = POWER_RANGE
    assert weakest / strongest == pytest.approx(high / low, rel=0.1)


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "strength.toml"
    file.write_text('[fit]\nusual = 1\n[worth]\n"log attack" = 3\n', encoding="utf-8")
    with pytest.raises(RosterError, match=r"is not a model of strengths .* cam-arena balance fit"):
        generator.read_model(file)


# ---- unlike each other ----


def test_structures_differ(plans: list[list[structure.Plan]]) -> None:
    signatures = [plan.signature for planned in plans for plan in planned]
    for one, other in combinations(signatures, 2):
        differing = sum(a != b for a, b in zip(one, other, strict=True))
        assert differing >= (2 if one[0] == other[0] else 3), (one, other)


def test_a_school_does_not_have_a_pair_of_skills_twice(plans: list[list[structure.Plan]]) -> None:
    for planned in plans:
        pairs = [frozenset(plan.skills) for plan in planned]
        assert len(set(pairs)) == len(pairs)


def test_pairs_of_skills_open_follow_and_answer_beams(plans: list[list[structure.Plan]]) -> None:
    for planned in plans:
        for plan in planned:
            first, second = plan.skills
            assert {first, second} & structure.OPENERS
            assert {first, second} & structure.FOLLOWERS
            assert structure.BEAM_ANSWERS & {first, second, plan.slip, *plan.traits}
            assert not any({first, second} <= group for group in structure.EXCLUSIVE)


def test_each_kind_occurs_often_enough(plans: list[list[structure.Plan]]) -> None:
    every = [plan for planned in plans for plan in planned]
    skills = Counter(skill for plan in every for skill in plan.skills)
    schools = Counter(
        skill for planned in plans for skill in {skill for plan in planned for skill in plan.skills}
    )
    assert set(skills) == set(GENERATED_SKILLS)
    assert min(skills.values()) >= 8
    assert min(schools.values()) >= 4
    for kinds, counted, least in (
        (ULTIMATES, Counter(plan.ultimate for plan in every), 8),
        (code_names(Slip), Counter(plan.slip for plan in every), 8),
        (code_names(Trait), Counter(trait for plan in every for trait in plan.traits), 4),
    ):
        assert set(counted) == set(kinds)
        assert min(counted.values()) >= least, counted


def test_roles_follow_the_quotas(plans: list[list[structure.Plan]]) -> None:
    for planned in plans:
        counted = Counter(plan.role for plan in planned)
        quota = planned[0].school.roles
        total = sum(quota.values())
        for role in ROLES:
            assert abs(counted[role] - quota[role] * len(planned) / total) <= 1


def test_too_few_structures_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structure._Planned, "_is_unlike", lambda *_, **__: False)
    with pytest.raises(RosterError, match=r"character 0 is too like others for 64 sub-seeds"):
        generator.plan_characters(generator.bundled_schools(), SEED, [1] * 16)


# ---- names and texts ----


def test_names_are_unique_and_short(characters: list[Table], sources: Sources) -> None:
    authored = [entry["name"] for school in sources.schools for entry in school["character"]]
    names = [*authored, *(entry["name"] for entry in characters)]
    assert len(set(names)) == len(names) == 304
    assert all(2 <= len(name) <= 32 for name in names)
    assert {entry["authored"] for entry in characters} == {0}
    assert all(re.fullmatch(r"[A-Z][a-z]+( [A-Z][a-z]+)+", entry["name"]) for entry in characters)
    given = Counter(entry["name"].split()[0] for entry in characters)
    assert sum(count - 1 for count in given.values()) < 8


def test_no_name_is_a_known_one(characters: list[Table], sources: Sources) -> None:
    authored = [entry for school in sources.schools for entry in school["character"]]
    for entry in (*authored, *characters):
        for name in (entry["name"], *(move["name"] for move in moves_of(_present(entry)))):
            assert not is_denied(name), name
        assert not any(is_denied(item["name"]) for item in entry.get("entity", ()))
    for entry in (*sources.scrolls, *sources.companions):
        assert not is_denied(entry["name"]), entry["name"]


def _present(entry: Mapping[str, Any]) -> Table:
    """Return a table without the keys that `read_table` filled in with None."""
    present = {key: value for key, value in entry.items() if value is not None}
    if "form" in present:
        present["form"] = _present(present["form"])
    return present


@pytest.mark.parametrize("name", ["Ryu", "the Kamehameha", "Sub-Zero", "Obi Wan of the Hill"])
def test_known_names_are_denied(name: str) -> None:
    assert is_denied(name)


def test_the_deny_list_is_long_and_plain() -> None:
    file = BUNDLED / "generator" / "denylist.txt"
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) > 300
    assert lines == sorted(set(lines))
    assert all(line == line.lower() for line in lines)
    assert not is_denied("Vesh Cindral")


def test_skills_have_names_of_their_own(characters: list[Table]) -> None:
    named = Counter(
        character[key]["name"]
        for character in characters
        for key in ("skill1", "skill2", "ultimate")
    )
    assert max(named.values()) == 1


def test_every_kind_of_move_has_nouns() -> None:
    moved = {"dash", "guard", "parry_just", "air_hop", "powder", "riposte"}
    assert set(MOVE_NOUNS) == {*GENERATED_SKILLS, *ULTIMATES} | moved


def test_texts_differ(characters: list[Table]) -> None:
    texts = Counter(character["text"] for character in characters)
    assert len(texts) > 0.9 * len(characters)
    openings = Counter(" ".join(text.split()[2:5]) for text in texts)
    assert max(openings.values()) < 0.15 * len(characters)


# ---- points that spread ----


def test_points_fill_every_interval_once() -> None:
    draw = Draw(5, "a school")
    points = [spread_point(draw, i, MAX_DIMENSIONS) for i in range(32)]
    for coordinates in zip(*points, strict=True):
        assert sorted(value >> (BITS - 5) for value in coordinates) == list(range(32))


def test_points_agree_with_the_published_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    qmc = pytest.importorskip("scipy.stats").qmc
    monkeypatch.setattr("cam_arena.roster.generator.spread._scrambled", lambda value, key: value)
    expected = qmc.Sobol(MAX_DIMENSIONS, scramble=False, bits=BITS).random(128) * 2**BITS
    for i, row in enumerate(expected):
        assert spread_point(Draw(0, "x"), i, MAX_DIMENSIONS) == tuple(int(value) for value in row)


def test_a_point_does_not_depend_on_the_others() -> None:
    draw = Draw(5, "a school")
    assert spread_point(draw, 7, 4) == spread_point(draw, 7, 12)[:4]
    assert spread_point(draw, 7, 4) != spread_point(Draw(6, "a school"), 7, 4)


def test_a_point_out_of_range_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"dimensions must be 1\.\.21, got 22"):
        spread_point(Draw(0, "x"), 0, 22)
    with pytest.raises(ValueError, match=r"index must be 0\.\.1048575, got -1"):
        spread_point(Draw(0, "x"), -1, 1)


def test_values_reach_both_ends() -> None:
    assert spread_value(0, 10, 20) == 10
    assert spread_value((1 << BITS) - 1, 10, 20) == 20


# ---- tuning ----


def test_tuning_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "tuning.toml"
    tuning = {
        "Vesh Cindral": {"max_hp": 1012, "attack": 985},
        "Pell Hollow": {"spark_rate": 1040, "surplus": -350},
    }
    generator.write_tuning(file, tuning | {"Gorm Talus": {"attack": 1000}})
    assert generator.read_tuning(file) == tuning
    assert generator.read_tuning(tmp_path / "none.toml") == {}


def test_tuning_stays_in_the_ranges() -> None:
    stats = {"max_hp": 12400, "attack": 1000, "defense": 0}
    tuned = generator.tune(stats, {"max_hp": 1050, "attack": 985, "cooldown_rate": 1020})
    assert tuned == {"max_hp": 12500, "attack": 985, "defense": 0, "cooldown_rate": 1020}
    assert generator.tune(stats, {"max_hp": 993})["max_hp"] == 12310
    assert stats["max_hp"] == 12400


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[x]\nluck = 1000", "x.luck is not a known key; allowed are max_hp, attack"),
        ("[x]\nattack = 2000", "x.attack is 2000; it must be 800..1250"),
        ("[x]\nsurplus = 9000", "x.surplus is 9000; it must be -5000..5000"),
        ("x = 3", "x is 3; it must be a table of factors"),
        ("[x", "is not valid TOML"),
    ],
)
def test_a_bad_tuning_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "tuning.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RosterError, match=re.escape(message)):
        generator.read_tuning(file)


# ---- school files ----


def test_a_bad_generator_table_is_refused() -> None:
    school = dict(generator.bundled_schools()[0])
    table = dict(school["generator"])
    for key, value, message in (
        ("skills", {"lunge": 99}, "generator.skills.lunge is 99; it must be 0..60"),
        ("elements", [], "generator.elements is []; it must be a list of 1 or more of"),
        ("luck", 1, "generator.luck is not a known key"),
    ):
        problems = Problems("x.toml")
        read_table("school file", school | {"generator": table | {key: value}}, "", problems)
        assert any(message in found for found in problems.found), problems.found


def test_a_school_without_a_table_gets_none() -> None:
    schools = [dict(school) for school in generator.bundled_schools()[:2]]
    schools[0]["generator"] = None
    made = generator.generate_characters(schools, SEED, 3)
    assert not made[0]
    assert len(made[1]) == 3 - len(schools[1]["character"])
