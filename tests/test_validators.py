"""The validators: each finds the character made to break its rule, and nothing in a sound one."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from cam_arena import cli
from cam_arena.game.rules import Rules
from cam_arena.roster import Roster, load_roster
from cam_arena.roster.make import generate_directory
from cam_arena.roster.validators import LIMITS, VALIDATORS, best_combo, validate_roster
from cam_arena.roster.validators.coverage import LARGE
from cam_arena.roster.validators.rig import DUMMY_HP, rig_of

Values = dict[str, Any]
Change = Callable[[Values], None]


def toml(value: object) -> str:
    """Write a value as TOML on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def hit(start: int, end: int, **values: Any) -> Values:
    box = {"x": [100, 1100], "depth": 400, "z": [200, 1600]}
    return {"window": [start, end], "box": box, "damage": 150, "level": 1, "stun": 12} | values


def move(name: str, startup: int, active: int, recovery: int, **values: Any) -> Values:
    ticks = {"startup": startup, "active": active, "recovery": recovery}
    hits = [hit(startup, startup + active)]
    return {"name": name, "archetype": "strike"} | ticks | {"hit": hits} | values


PLAIN: Values = {
    "name": "Plain",
    "text": "A fighter without anything special.",
    "role": "duelist",
    "authored": 0,
    "scroll": "Page",
    "companions": ["Dog"],
    "palette": ["#112233", "#445566", "#778899"],
    "silhouette": {"body": "slim", "head": "round", "weapon": "fists", "size": 1000},
    "stats": {"max_hp": 10000, "attack": 1000, "defense": 120, "walk_x": 120, "walk_y": 80},
    "slip": {"kind": "backdoor"},
    "chain": [
        move("Jab", 4, 2, 8, next="Cross"),
        move("Cross", 4, 2, 8, next="Hook"),
        move("Hook", 5, 3, 10, archetype="finisher", flags=["finisher"]),
    ],
    "skill1": move("Lunge", 8, 4, 12, cooldown=240),
    "skill2": move("Sweep", 10, 4, 14, cooldown=300),
    "ultimate": move("Storm", 8, 6, 16, spark_cost=16000),
}
PLAIN["chain"][2]["hit"] = [hit(5, 8, level=3, stun=18, impact="knockdown", knock=[130, 220])]


def character(name: str, change: Change = lambda values: None) -> Values:
    """Return the plain character with another name and a change."""
    values = deepcopy(PLAIN) | {"name": name}
    change(values)
    return values


def write(directory: Path, characters: list[Values]) -> Path:
    """Write a roster of one or more schools."""
    page = {"name": "Page", "text": "Strikes once.", "move": move("Page", 6, 3, 10, cooldown=900)}
    dog = {"name": "Dog", "text": "Strikes once.", "move": move("Dog", 5, 3, 6)}
    (directory / "scrolls.toml").write_text(f"scroll = {toml([page])}\n")
    (directory / "companions.toml").write_text(f"companion = {toml([dog])}\n")
    (directory / "schools").mkdir()
    for n in range(0, len(characters), 20):
        school = {
            "name": f"School {n}",
            "plan": "Win by being tested.",
            "theme": "Grey rooms.",
            "personality": "Patient.",
            "bot": "walker",
            "palette": ["#112233", "#445566", "#778899"],
            "character": characters[n : n + 20],
        }
        lines = [f"{key} = {toml(value)}" for key, value in school.items()]
        (directory / "schools" / f"school{n}.toml").write_text("\n".join(lines) + "\n")
    return directory


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Roster]:
    def make_roster(*changes: Change, **rules: int) -> Roster:
        characters = [character("Plain")]
        characters += [character(change.__name__, change) for change in changes]
        return load_roster(write(tmp_path, characters), rules=Rules(**rules))

    return make_roster


def found(roster: Roster, validator: str, **options: Any) -> list[str]:
    findings = validate_roster(roster, [validator], quick=True, **options)
    assert all(finding.validator == validator for finding in findings)
    return [finding.text for finding in findings]


# ---- characters that break one rule each ----


def unending(values: Values) -> None:
    """A chain that begins again, stuns long and adds nothing to the gauge."""
    values["chain"][2] = move("Hook", 4, 2, 6, next="Jab")
    for link in values["chain"]:
        link["hit"] = [hit(4, 6, damage=10, stun=20, protection=0, knock=[0, 0])]


def gauged(values: Values) -> None:
    """The same chain, but the gauge fills."""
    unending(values)
    for link in values["chain"]:
        link["hit"][0]["protection"] = 45


def crushing(values: Values) -> None:
    for link in values["chain"]:
        link["hit"][0]["damage"] = 1800


def annihilating(values: Values) -> None:
    values["ultimate"]["hit"][0] |= {"damage": 4000, "flags": ["super"], "rehit": 2}


_ACROSS = {"x": [0, 6000], "depth": 400, "z": [200, 1600]}


def sniping(values: Values) -> None:
    """A first strike that reaches across the stage."""
    values["chain"][0]["hit"][0]["box"] = _ACROSS


def patient(values: Values) -> None:
    """A skill that does: skills are not ready before half a second."""
    values["skill1"]["startup"] = 10
    values["skill1"]["hit"] = [hit(10, 12, box=_ACROSS)]


def ironclad(values: Values) -> None:
    values["trait"] = move("Shell", 1, 20, 0, cooldown=40, hit=[])
    values["trait"]["armour"] = {"level": 2, "window": [0, 20]}


def ghostly(values: Values) -> None:
    values["trait"] = move("Fade", 1, 20, 0, cooldown=40, hit=[])
    values["trait"]["invulnerable"] = {"strike": [0, 20]}


def walled(values: Values) -> None:
    values["trait"] = move("Guard", 1, 20, 0, cooldown=40, hit=[], guard=[0, 20])


def slow(values: Values) -> None:
    values["stats"]["walk_x"] = 92


def gripping(values: Values) -> None:
    values["skill1"]["hit"][0] |= {"effect": "root", "effect_ticks": 100}


def chaining(values: Values) -> None:
    """Two effects, each short enough, that follow on each other."""
    for skill in ("skill1", "skill2"):
        values[skill]["hit"][0] |= {"effect": "root", "effect_ticks": 60}
    values["skill1"]["cancel"] = {"hit": ["skill"]}


def broken(values: Values) -> None:
    """A chain whose first strike cancels into nothing."""
    values["chain"][0]["cancel"] = {"hit": ["skill"], "guard": []}


def resetting(values: Values) -> None:
    """Two skills that take each other's cooldown away and cancel into each other."""
    for skill, other in (("skill1", "skill2"), ("skill2", "skill1")):
        values[skill]["cancel"] = {"hit": ["skill"]}
        values[skill]["op"] = [{"at": 0, "do": "cooldown", "button": other, "ticks": 900}]


def sweeping(values: Values) -> None:
    """A skill as quick and as strong as the other, and three times as deep."""
    for skill, depth in (("skill1", 300), ("skill2", 900)):
        values[skill] |= {"startup": 8, "active": 4, "recovery": 12, "cooldown": 240}
        box = {"x": [100, 1100], "depth": depth, "z": [200, 1600]}
        values[skill]["hit"] = [hit(8, 12, box=box)]


def rushed(values: Values) -> None:
    values["chain"][0] = move("Jab", 7, 2, 8, next="Cross")


@pytest.mark.parametrize(
    ("change", "validator", "words"),
    [
        (unending, "infinites", ("combo from the middle", "60 hits", "more protection")),
        (unending, "reachability", ("Jab > Cross > Hook > Jab", "loop")),
        (resetting, "reachability", ("Lunge > Sweep > Lunge", "loop")),
        (broken, "reachability", ("nothing leads to Cross",)),
        (crushing, "damage", ("chain, skills and trait", "at most 45%")),
        (annihilating, "damage", ("ultimate and scroll", "at most 60%")),
        (sniping, "openers", ("4096 su", "by tick", "0 attack", "before tick 16")),
        (ironclad, "uptime", ("armour holds", "trait", "at most 35%")),
        (ghostly, "uptime", ("invulnerable", "trait", "at most 35%")),
        (walled, "uptime", ("guards or parries", "trait", "at most 35%")),
        (gripping, "control", ("without a gap (0 skill1)", "at most 75")),
        (chaining, "control", ("skill1", "skill2", "at most 75")),
        (sweeping, "ranges", ("Sweep is 900 su deep", "slower or weaker")),
        (rushed, "ranges", ("startup of Jab is 7 ticks", "2..5")),
    ],
)
def test_a_broken_rule_is_found_by_name_and_nothing_in_the_sound_character(
    make: Callable[..., Roster], change: Change, validator: str, words: tuple[str, ...]
) -> None:
    texts = found(make(change), validator)
    assert texts
    assert all(text.startswith(f"{change.__name__}: ") for text in texts), texts
    assert any(all(word in text for word in words) for text in texts), texts


def test_the_gauge_ends_a_chain_that_begins_again(make: Callable[..., Roster]) -> None:
    assert found(make(gauged), "infinites") == []


def test_a_late_shot_is_no_surprise(make: Callable[..., Roster]) -> None:
    assert found(make(patient), "openers") == []


def test_a_slow_character_cannot_cross_a_long_stage(make: Callable[..., Roster]) -> None:
    roster = make(slow, stage_half_x=9000, start_x=4400)
    (text,) = found(roster, "approach")
    assert text.startswith("slow: ") and "walk_x is 92" in text and "90 ticks" in text


def test_the_plain_character_keeps_every_rule(make: Callable[..., Roster]) -> None:
    assert validate_roster(make(), quick=True) == []


def test_a_large_roster_must_use_every_rule(tmp_path: Path) -> None:
    characters = [character(f"Plain {n}") for n in range(LARGE)]
    texts = found(load_roster(write(tmp_path, characters)), "coverage")
    for words in (
        "op-code teleport is used by 0 of 100 characters; it must be 8..40",
        "op-code spawn_zone is used by 0",
        "archetype beam is used by 0",
        "effect venom is used by nobody",
        "impact crumple is used by nobody",
        "entity kind wall is used by nobody",
        "slip kind feather is used by nobody",
        "trait momentum is used by nobody",
    ):
        assert any(words in text for text in texts), words
    assert not any("slip kind backdoor" in text or "archetype strike" in text for text in texts)


def test_a_rule_used_by_too_many_is_found(tmp_path: Path) -> None:
    def healing(values: Values) -> None:
        values["skill1"]["op"] = [{"at": 8, "do": "heal", "amount": 10}]

    characters = [character(f"Healer {n}", healing) for n in range(41)]
    characters += [character(f"Plain {n}") for n in range(LARGE - 41)]
    texts = found(load_roster(write(tmp_path, characters)), "coverage")
    assert any("op-code heal is used by 41 of 100" in text for text in texts)


# ---- how they run ----


def test_a_combo_replays_to_its_damage(make: Callable[..., Roster]) -> None:
    roster = make()
    fighter = roster["Plain"]
    combo = best_combo(roster, fighter, LIMITS[1].buttons, quick=True)
    rig = rig_of(roster)
    last = rig.play(rig.start(fighter, combo.start), combo.actions)[-1]["fighters"][1]
    assert DUMMY_HP - int(last["hp"]) == combo.damage > 500
    assert int(last["combo_hits"]) == combo.hits > 3


def test_the_ultimate_adds_to_the_strongest_combo() -> None:
    roster = load_roster()
    fighter = roster["Ondre Mael"]
    without, with_it = (best_combo(roster, fighter, limit.buttons) for limit in LIMITS[:2])
    assert with_it.damage > without.damage > 2000


def test_names_characters_and_progress_narrow_and_tell(make: Callable[..., Roster]) -> None:
    calls: list[tuple[int, int]] = []
    texts = found(
        make(sniping, ironclad),
        "openers",
        characters=["Plain", "sniping"],
        progress=lambda done, total: calls.append((done, total)),
    )
    assert len(texts) == 1
    assert calls == [(1, 2), (2, 2)]


def test_two_workers_find_what_one_does(make: Callable[..., Roster]) -> None:
    roster = make(sniping, ironclad)
    alone = validate_roster(roster, ["openers", "uptime"], quick=True)
    assert validate_roster(roster, ["openers", "uptime"], quick=True, workers=2) == alone != []


def test_an_unknown_validator_lists_the_known(make: Callable[..., Roster]) -> None:
    with pytest.raises(ValueError, match=r"validator must be one of ranges, .*, got 'luck'"):
        validate_roster(make(), ["luck"])
    assert all(validator.meaning for validator in VALIDATORS.values())


def test_the_command_prints_findings_and_fails(
    make: Callable[..., Roster], capsys: pytest.CaptureFixture[str]
) -> None:
    directory = str(make(sniping).path)
    assert cli.main(["roster", "validate", directory]) == 0
    assert cli.main(["roster", "validate", directory, "--quick"]) == 1
    assert "openers: sniping: " in capsys.readouterr().out


@pytest.mark.parametrize("validator", ["ranges", "reachability", "openers"])
def test_the_bundled_roster_keeps_the_rule(validator: str) -> None:
    assert validate_roster(load_roster(), [validator]) == []


@pytest.mark.slow
@pytest.mark.parametrize("validator", sorted(VALIDATORS))
def test_the_bundled_roster_keeps_every_rule(validator: str) -> None:
    assert validate_roster(load_roster(), [validator]) == []


def test_generated_characters_keep_to_their_ranges(tmp_path: Path) -> None:
    generate_directory(5, 32, tmp_path / "made")
    roster = load_roster(tmp_path / "made")
    assert validate_roster(roster, ["ranges", "openers", "uptime"]) == []
