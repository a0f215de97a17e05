"""Frame data: known numbers of hand-made characters, and the roster against its declarations."""

import csv
import dataclasses
import json
import shutil
import sys
from pathlib import Path

import pytest
from small_roster import build, character, entity, hit, move

from cam_arena import cli, load_roster
from cam_arena.game.rules import Rules
from cam_arena.roster import frames_report
from cam_arena.roster.codes import Button, Category, EntityKind, HitFlag, Impact
from cam_arena.roster.frames import measure
from cam_arena.roster.frames_check import mismatches
from cam_arena.roster.frames_rig import POINT_BLANK, Use
from cam_arena.roster.load import BUNDLED

ROOT = Path(__file__).parent.parent
ROSTER = load_roster()
NAME = "Vesh Cindral"
HURT_HALF_X, HURT_HALF_Y = 400, Rules().hurt_y
FIRST_ATTACK, SECOND_ATTACK = 1, 2  # move 0 is the scroll


def measured(one=None, *, button=Button.ATTACK, use=None, **rules):
    """Measure a button of a hand-made character against another of average shape."""
    data = build([one or character(), character()], rules=Rules(jitter_x=0, jitter_y=0, **rules))
    return measure(data, [use or Use(0, FIRST_ATTACK, button)], 1)[0]


def skill(*hits, **values):
    """Return a character whose first skill, move 2, is of 4, 2 and 8 ticks."""
    return character(skill1=move(*hits, category=Category.SKILL, **values))


def measured_skill(*hits, character_values=None, **values):
    one = skill(*hits, **values) | (character_values or {})
    return measured(one, use=Use(0, SECOND_ATTACK, Button.SKILL1, spark=8000))


def test_a_plain_attack():
    frames = measured()
    assert frames.starts
    assert (frames.startup, frames.active, frames.recovery) == (4, 2, 8)
    assert frames.distance == POINT_BLANK
    assert frames.first_hit == 4
    assert (frames.damage, frames.chip) == (100, 10)
    assert frames.on_hit == 10 + 1 - 10  # stun and the tick after, less what is left of the move
    assert frames.on_guard == 5 + 1 - 10
    assert frames.on_whiff == -(2 + 8)
    assert frames.reach == 1000 + HURT_HALF_X
    assert frames.depth == 300 + HURT_HALF_Y
    assert (frames.spark_cost, frames.hp_cost, frames.cooldown) == (0, 0, 0)
    assert not frames.knocks_down
    assert not frames.leaves_ground


@pytest.mark.parametrize(("tempo", "ticks"), [(870, (3, 2, 6)), (1150, (4, 2, 9))])
def test_tempo_scales_startup_and_recovery_of_normals(tempo, ticks):
    frames = measured(character(tempo=tempo))
    assert (frames.startup, frames.active, frames.recovery) == ticks


def test_attack_and_defense_change_the_damage():
    data = build([character(attack=1100), character(defense=250)])
    (frames,) = measure(data, [Use(0, FIRST_ATTACK, Button.ATTACK)], 1)
    assert frames.damage == 100 * 1100 // 1000 * 1000 // 1250


def test_costs_and_cooldown():
    values = {"spark_cost": 3000, "hp_cost": 50, "cooldown": 200}
    frames = measured_skill(hit(), **values, character_values={"cooldown_rate": 800})
    assert frames.spark_cost == 3000
    assert frames.hp_cost == 500
    assert frames.cooldown == 250
    assert frames.spark_gain == Rules().spark_skill


def test_a_launcher_puts_the_victim_down():
    frames = measured_skill(hit(impact=Impact.LAUNCH, knock_z=300))
    assert frames.knocks_down
    assert frames.on_hit > 30


def test_hits_that_strike_again_are_counted_and_scaled():
    frames = measured_skill(hit(rehit=3, stun=12), active=7)
    assert [strike.tick for strike in frames.strikes] == [4, 7, 10]
    scale = Rules().damage_scale
    assert frames.damage == sum(100 * scale[n] // 1000 for n in range(3))


def test_hitstop_of_both_counts_in_the_advantage():
    frames = measured_skill(hit(stop_attacker=2, stop_victim=5))
    assert frames.on_hit == 1 + 5 - 2
    assert frames.first_hit == 4


def test_super_freeze_is_not_counted():
    frames = measured_skill(hit(), freeze=8)
    assert (frames.startup, frames.active, frames.recovery, frames.first_hit) == (4, 2, 8, 4)


def test_a_charge_is_let_go_at_once():
    frames = measured_skill(hit(), hold_max=20, hold_damage=1000)
    assert (frames.startup, frames.active, frames.recovery) == (4, 2, 8)
    assert frames.first_hit == 5
    assert frames.damage == 100


def test_unblockable_and_grab_cannot_be_guarded():
    assert measured_skill(hit(flags=HitFlag.UNBLOCKABLE)).on_guard is None
    hold = hit(**{"from": 4, "to": 5}, flags=HitFlag.GRAB, damage=0)
    end = hit(**{"from": 8, "to": 9}, flags=HitFlag.HELD | HitFlag.RELEASE)
    frames = measured_skill(hold, end, active=6)
    assert frames.first_hit == 4
    assert frames.damage == 100
    assert frames.on_guard is None


def test_a_projectile_is_measured_at_point_blank():
    arrow = entity(EntityKind.PROJECTILE, vx=200, hit=hit(damage=150))
    data = build([character(skill1=move(category=Category.SKILL, spawn=arrow)), character()])
    use = Use(0, SECOND_ATTACK, Button.SKILL1, spawns=True)
    (frames,) = measure(data, [use], 1)
    assert frames.distance == POINT_BLANK
    assert frames.first_hit == 1  # spawned in the first tick, strikes in the next
    assert frames.damage == 150
    assert frames.reach is None
    assert frames.startup == 4


def test_a_move_that_travels_reaches_further():
    frames = measured_skill(
        hit(), key_tick=(0, -1, -1, -1, -1, -1), key_vx=(100, 0, 0, 0, 0, 0), recovery=4
    )
    assert frames.reach == 1000 + HURT_HALF_X + 6 * 100  # six ticks until the last active one


def test_a_later_chain_move_is_reached_by_a_press():
    second = move(hit(), startup=6)
    data = build([character(chain=move(hit(), next=(second, None, None), cancel_hit=1))] * 2)
    use = Use(0, SECOND_ATTACK, Button.ATTACK, before=FIRST_ATTACK, before_tick=13)
    (frames,) = measure(data, [use], 1)
    assert frames.starts
    assert frames.startup == 6


def test_a_press_that_starts_nothing_is_noticed():
    frames = measured(skill(hit(), spark_cost=9000), use=Use(0, 2, Button.SKILL1, spark=8000))
    assert not frames.starts


# ---- the bundled roster ----


def test_a_sample_of_the_roster_does_what_it_declares():
    assert mismatches(ROSTER, ROSTER.names[:: len(ROSTER) // 4]) == []


@pytest.mark.slow
def test_the_whole_roster_does_what_it_declares():
    assert mismatches(ROSTER) == []


def altered(table, index, field, change):
    arrays = {name: array.copy() for name, array in ROSTER.arrays.items()}
    arrays[table][field][index] += change
    return dataclasses.replace(ROSTER, arrays=arrays)


@pytest.mark.parametrize(
    ("table", "field", "change", "noticed"),
    [
        ("moves", "startup", 1, "startup"),
        ("moves", "active", 1, "active"),
        ("moves", "recovery", -1, "recovery"),
        ("moves", "cooldown", 10, "cooldown"),
        ("moves", "spark_cost", 500, "spark cost"),
        ("moves", "hp_cost", 10, "HP cost"),
        ("hits", "damage", 30, "damage in tick"),
        ("hits", "chip", 50, "damage through a guard"),
        ("hits", "stun", 1, "advantage on hit"),
        ("hits", "guard_stun", 1, "advantage on guard"),
        ("hits", "stop_victim", 1, "advantage on hit"),
        ("hits", "from", 1, "hits landed"),
        ("hits", "x1", 5, "reach"),
        ("hits", "depth", 5, "depth"),
        ("characters", "attack", 40, "damage in tick"),
        ("characters", "tempo", 200, "recovery"),
        ("characters", "cooldown_rate", 50, "cooldown"),
    ],
)
def test_a_changed_number_is_noticed(table, field, change, noticed):
    skill_index = ROSTER[NAME].moves["skill1"].index
    first_hit = int(ROSTER.arrays["moves"]["first_hit"][skill_index])
    index = {"moves": skill_index, "hits": first_hit, "characters": ROSTER[NAME].index}[table]
    found = mismatches(altered(table, index, field, change), [NAME])
    assert any(noticed in sentence for sentence in found), found


# ---- one truth ----

PAGE = list(csv.DictReader((ROOT / "docs/frames/frames.csv").read_text("utf-8").splitlines()))


def check_one_truth(name, capsys):
    """`roster show`, `roster frames`, `Roster.frames` and the page give the same numbers."""
    character, measured_here = ROSTER[name], ROSTER.frames(name)
    assert sorted(measured_here) == sorted(m.index for m in ROSTER.moves if m.owner == name)
    page = [row for row in PAGE if row["owner"] == name]
    columns = ("startup", "active", "recovery", "on_hit", "on_guard", "damage", "reach", "cooldown")
    for (index, frames), row in zip(measured_here.items(), page, strict=True):
        assert ROSTER.moves[index].name == row["move"]
        values = [getattr(frames, column) for column in columns]
        assert ["" if v is None else str(v) for v in values] == [row[c] for c in columns]
    assert cli.main(["roster", "frames", name]) == 0
    table = capsys.readouterr().out
    assert cli.main(["roster", "show", name]) == 0
    shown = capsys.readouterr().out
    assert shown.endswith(table)
    for text in ("Button", "Move", "Frames", "Damage", "Hit", "Guard", "Reach", "Cost", "Wait"):
        assert f" {text}" in table  # no heading is cut
    assert character.text in " ".join(shown.split())
    for row in page:
        assert f"{row['startup']}/{row['active']}/{row['recovery']}" in shown


@pytest.mark.parametrize("name", [NAME, "Alteon Parallax", "Hild Verglas"])
def test_everything_that_shows_frame_data_shows_the_same(name, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    check_one_truth(name, capsys)


@pytest.mark.slow
def test_everything_shows_the_same_of_all_304_characters(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for name in ROSTER.names:
        check_one_truth(name, capsys)


def test_what_is_measured_is_not_what_is_declared():
    move = ROSTER["Vesh Cindral"].moves["attack"]  # written by hand: its moves stay what they are
    frames = ROSTER.frames("Vesh Cindral")[move.index]
    assert (move.declared.startup, move.declared.active, move.declared.recovery) == (3, 2, 6)
    assert (frames.startup, frames.active, frames.recovery) == (2, 2, 5)  # at its tempo
    assert (frames.on_hit, frames.on_guard) == (5, 0)


# ---- what is written ----


def test_formats_hold_the_same_numbers(tmp_path, capsys):
    texts = {}
    for kind in ("csv", "json", "md", "table"):
        out = tmp_path / f"frames.{kind}"
        assert cli.main(["roster", "frames", NAME, "--format", kind, "--out", str(out)]) == 0
        assert capsys.readouterr().out.strip() == str(out)
        texts[kind] = out.read_text(encoding="utf-8")
    rows = list(csv.DictReader(texts["csv"].splitlines()))
    data = json.loads(texts["json"])
    assert data["roster"] == ROSTER.id
    assert list(rows[0]) == list(data["moves"][0]) == list(data["columns"])
    as_text = [
        {key: "" if v is None else str(v) for key, v in row.items()} for row in data["moves"]
    ]
    assert as_text == rows
    owned = [move.name for move in ROSTER.moves if move.owner == NAME]
    assert sorted(row["move"] for row in rows) == sorted(owned)
    for row in rows:
        assert row["move"] in texts["md"]
        assert f"{row['startup']}/{row['active']}/{row['recovery']}" in texts["md"]
        assert f"{row['startup']}/{row['active']}/{row['recovery']}" in texts["table"]


def test_a_school_is_measured_and_a_wrong_name_is_explained(capsys, tmp_path):
    (tmp_path / "schools").mkdir()
    names = ("scrolls.toml", "companions.toml", "schools/stoneback.toml", "schools/emberstep.toml")
    for name in names:
        shutil.copy(BUNDLED / name, tmp_path / name)
    command = ["roster", "frames", "--school", "Stoneback", "--format", "csv"]
    assert cli.main([*command, "--roster", str(tmp_path)]) == 0
    owners = {row["owner"] for row in csv.DictReader(capsys.readouterr().out.splitlines())}
    written = [c for c in load_roster(tmp_path) if c.school.name == "Stoneback"]
    assert owners == {character.name for character in written}
    assert cli.main(["roster", "frames", NAME[:-2]]) == 2
    assert f"did you mean '{NAME}'" in capsys.readouterr().err
    assert cli.main(["roster", "frames", NAME, "--school", "Stoneback"]) == 2


@pytest.mark.slow
def test_pages_hold_what_is_measured():
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        import generate
    finally:
        sys.path.pop(0)
    for page, text in generate.frames_pages().items():
        assert page.read_text(encoding="utf-8") == text, f"{page} is old; run `make docs`"


def test_every_number_of_a_row_is_plain():
    for row in frames_report.rows(ROSTER, [NAME]):
        assert all(value is None or type(value) in (int, str) for value in row.values())
        assert row["owner"] == NAME
