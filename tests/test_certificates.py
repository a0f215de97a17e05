"""Certificates: what each measures, that it finds planted clones, and the command."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cam_arena import _core, load_roster
from cam_arena.balance import certificates as result_parts
from cam_arena.balance import open_loop
from cam_arena.cli import main
from cam_arena.roster.certificates import (
    Certificate,
    behavioural,
    parametric,
    recognition,
    strategic,
    structural,
    trajectories,
)
from cam_arena.roster.certificates.certificate import wilson
from cam_arena.roster.certificates.certify import Part, compute
from cam_arena.roster.certificates.page import markdown

LEGACY = load_roster("legacy")


def with_clones(indices):
    """Return a roster of the characters at these indices; one that is repeated is a clone."""
    characters = tuple(
        replace(LEGACY[i], index=k, name=f"{LEGACY[i].name} {k}") for k, i in enumerate(indices)
    )
    arrays = dict(LEGACY.arrays)
    arrays["characters"] = arrays["characters"][list(indices)].copy()
    arrays["characters"]["id"] = np.arange(len(indices))
    for name in ("descriptors", "profiles"):
        arrays[name] = arrays[name][list(indices)]
    return replace(
        LEGACY,
        characters=characters,
        names=tuple(character.name for character in characters),
        arrays=arrays,
        data=_core.Data(LEGACY.rules.pack(), **arrays),
    )


CLONED = with_clones([0, 1, 2, 3, 4, 5, 6, 7, 8, 8])


def by_name(certificates):
    return {item.name: item for item in certificates}


@pytest.fixture(scope="module")
def recording():
    return trajectories.record(LEGACY, windows=24, characters=range(6))


@pytest.fixture(scope="module")
def recording_of_clones():
    return trajectories.record(with_clones([3, 3, 3, 3]), windows=36)


# ---- structural ----


def test_todays_characters_are_unlike():
    assert all(item.passed for item in structural.certify(LEGACY))


def test_structural_finds_a_clone_and_names_it():
    found = by_name(structural.certify(CLONED))
    assert not found["unique signatures"].passed
    in_school = found["fewest different fields, one school"]
    assert not in_school.passed and in_school.value == "0"
    clone = LEGACY[8].name
    assert in_school.notes[0] == f"too alike: {clone} 8 and {clone} 9: 0"


def test_two_of_other_schools_need_three_unlike_fields():
    one = structural.signature(LEGACY[0], LEGACY)
    other = replace(one, school="Elsewhere", slip="other")
    assert structural.differences(one, other) == ("school", "slip")
    moved = replace(LEGACY[0], index=1, name="Twin", school=LEGACY[1].school)
    roster = replace(LEGACY, characters=(LEGACY[0], moved), names=("One", "Twin"))
    found = by_name(structural.certify(roster))["fewest different fields, other schools"]
    assert (found.value, found.passed) == ("1", False)


def test_swapped_skills_are_the_same_skills():
    moves = dict(LEGACY[0].moves)
    moves["skill1"], moves["skill2"] = moves["skill2"], moves["skill1"]
    swapped = replace(LEGACY[0], moves=moves)
    assert structural.signature(swapped, LEGACY) == structural.signature(LEGACY[0], LEGACY)


def test_chain_pattern_is_read_from_the_moves():
    character = LEGACY["Vesh Cindral"]
    pattern = structural.chain_pattern(character, LEGACY)
    assert str(pattern) == "5 3f1 3b1 qqees knockdown"
    arrays = {name: array.copy() for name, array in LEGACY.arrays.items()}
    third = character.chain[2].index
    arrays["moves"]["next"][third][1] = -1
    arrays["moves"]["recovery"][character.chain[0].index] += 20
    changed = structural.chain_pattern(character, replace(LEGACY, arrays=arrays))
    assert changed.branches == ("3b1",)
    assert changed.rhythm[0] == "s"


# ---- parametric ----


def test_parametric_finds_a_clone_and_names_it():
    (found,) = parametric.certify(CLONED)
    clone = LEGACY[8].name
    assert not found.passed
    assert found.value == "0.00"
    assert found.notes[0] == f"{clone} 8 and {clone} 9: 0"
    assert found.data["nearest_neighbour"][f"{clone} 8"] == 0


def test_todays_numbers_are_unlike():
    (found,) = parametric.certify(LEGACY)
    assert found.passed
    assert 80 <= len(found.data["features"]) <= 110
    pairs = len(LEGACY) * (len(LEGACY) - 1) // 2
    histogram = found.data["histogram"]
    assert sum(histogram["in_school_pairs"]) + sum(histogram["other_pairs"]) == pairs
    assert sum(histogram["nearest_neighbours"]) == len(LEGACY)


def test_features_follow_the_numbers():
    before = parametric.features(LEGACY)
    arrays = {name: array.copy() for name, array in LEGACY.arrays.items()}
    skill = LEGACY[0].moves["skill1"]
    arrays["moves"]["key_vx"][skill.index] += 10
    arrays["moves"]["key_tick"][skill.index][0] = 0
    after = parametric.features(replace(LEGACY, arrays=arrays))
    changed = {after.names[k] for k in np.flatnonzero((after.raw != before.raw)[0])}
    assert changed == {"skill1.travel"}
    assert (after.raw[1:] == before.raw[1:]).all()


def test_scaled_features_have_mean_0_and_no_outlier_decides():
    raw = np.zeros((100, 2))
    raw[0, 0] = 1e9
    raw[:, 1] = np.arange(100)
    scaled = parametric.Features(("stats.a", "stats.b"), raw).scaled
    assert abs(scaled[:, 1].mean()) < 1e-9 and scaled[:, 1].std() == pytest.approx(1)
    assert scaled[0, 0] == 3


def test_variants_differ_in_three_blocks_only():
    names = tuple(f"{block}.x" for block in parametric.BLOCKS)
    raw = np.random.default_rng(0).choice([-1.0, 1.0], size=(400, len(names)))
    found = parametric.variants(parametric.Features(names, raw), ["one"] * 400)
    assert found.max() <= np.sqrt(3 * 4) + 0.2  # three blocks, values about -1 and 1
    assert len(set(found.round(1))) == 4  # 0 to 3 of them unlike


# ---- behavioural ----


def test_recording_sums_up_whole_windows(recording):
    assert len(recording.character) == 6 * 24
    assert (recording["states"].sum(axis=1) == trajectories.WINDOW_TICKS).all()
    assert (recording["directions"].sum(axis=1) == trajectories.WINDOW_TICKS).all()
    assert (recording["distances"].sum(axis=1) == trajectories.WINDOW_TICKS).all()
    assert (recording["starts"].sum(axis=0)[:9] > 0).all()  # attacks, skills, ultimate
    assert recording["damage"].sum() > 0


def test_recording_is_deterministic_and_the_seed_matters():
    again = [
        trajectories.record(LEGACY, windows=8, rounds=1, characters=[0, 1], seed=seed).sums
        for seed in (0, 0, 1)
    ]
    assert (again[0] == again[1]).all()
    assert (again[0] != again[2]).any()


def test_clones_do_the_same_in_every_window(recording_of_clones):
    sums = recording_of_clones.sums.reshape(4, -1, recording_of_clones.sums.shape[1])
    assert (sums[0] == sums[1]).all()


def test_classifier_knows_the_characters(recording):
    found = recognition.recognise(recording, trees=20)
    assert found.windows == 6 * 8
    assert found.top1 > 0.6
    actions = recognition.recognise(recording, "actions", trees=20)
    assert 1 / 6 < actions.top1 < found.top1


def test_classifier_drops_to_chance_on_clones(recording_of_clones):
    found = recognition.recognise(recording_of_clones, trees=10)
    low, high = found.interval
    assert low <= 1 / 4 <= high


def test_classifier_is_tested_on_other_matches_than_it_learned_from(recording):
    tested = recognition._is_test(recording)
    assert not set(recording.lane[tested]) & set(recording.lane[~tested])
    for pilot in range(4):
        assert tested[recording.pilot == pilot].any()


def test_classifier_sees_nothing_that_is_hidden(recording):
    hidden = {"chances", "distances", "damage"}
    changed = replace(recording, sums=recording.sums.copy())
    for name in hidden:
        changed[name][:] = 7
    for group, seen in recognition.features(recording).items():
        assert (recognition.features(changed)[group] == seen).all()


def test_behavioural_certificates_tell_clones_from_characters(recording_of_clones):
    characters = behavioural.certify(LEGACY, windows=48, trees=5)
    assert [item.passed for item in characters] == [True] * 4
    roster = with_clones([3, 3, 3, 3])
    clones = behavioural.certify(roster, recording=recording_of_clones, trees=5)
    assert [item.passed for item in clones] == [False] * 4


def test_jensen_shannon_distance():
    shares = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    table = behavioural.jensen_shannon(shares, shares)
    assert np.diagonal(table) == pytest.approx(0)
    assert table[0, 1] == pytest.approx(1)
    assert table[0, 2] == pytest.approx(np.sqrt(0.311278), abs=1e-5)


def test_use_rates_take_availability_out(recording):
    doubled = replace(recording, sums=recording.sums.copy())
    first = doubled.character == 0
    doubled["starts"][first] *= 2
    doubled["chances"][first] *= 2
    assert behavioural.use_rates(doubled) == pytest.approx(behavioural.use_rates(recording))


# ---- strategic ----


def round_robin(rates, games, seed=0):
    """Return wins, draws and games of a round robin with these win rates."""
    count = len(rates)
    wins = np.zeros((count, count), int)
    upper = np.triu_indices(count, 1)
    wins[upper] = np.random.default_rng(seed).binomial(games, rates[upper])
    wins.T[upper] = games - wins[upper]
    return wins, np.zeros_like(wins), np.full_like(wins, games)


def unlike_rates(count, seed=0):
    logits = np.random.default_rng(seed).normal(size=(count, count)) * 0.5
    return 1 / (1 + np.exp(-(logits - logits.T)))


def test_strategic_passes_unlike_rows_and_finds_a_clone():
    rates = unlike_rates(40)
    names = tuple(map(str, range(40)))
    assert all(item.passed for item in strategic.certify(names, *round_robin(rates, 400)))
    rates[1], rates[:, 1] = rates[0], rates[:, 0]
    rates[0, 1] = rates[1, 0] = 0.5
    found = by_name(strategic.certify(names, *round_robin(rates, 4000)))
    item = found["largest correlation of two alike rows, noise taken out"]
    assert not item.passed
    assert item.notes[0].startswith("0 and 1: ")


def test_strategic_judges_alike_pairs_only():
    rates = unlike_rates(40)
    rates[1], rates[:, 1] = rates[0], rates[:, 0]
    alike = np.zeros((40, 40), bool)
    tables = round_robin(rates, 4000)
    item = strategic.certify(tuple(map(str, range(40))), *tables, alike=alike)[0]
    assert item.passed
    assert "(unlike)" in item.notes[0]
    assert strategic.built_alike(CLONED)[8, 9]
    assert not strategic.built_alike(CLONED)[0, 1]


def test_noise_is_taken_out_of_correlations():
    logits = np.random.default_rng(3).normal(size=(60, 60)) * 0.5
    logits -= logits.T
    logits[1], logits[:, 1] = logits[0], logits[:, 0]
    rates = 1 / (1 + np.exp(-logits))
    found = [strategic.correlate(*round_robin(rates, 40, seed)) for seed in range(40)]
    corrected = np.mean([rows.correlation[0, 1] for rows in found])
    reliability = np.mean([rows.reliability[0] for rows in found])
    assert reliability < 0.95  # uncorrected, the correlation of equal rows would be that
    assert corrected == pytest.approx(1, abs=0.02)


def test_too_few_games_certify_nothing():
    names = tuple(map(str, range(40)))
    few = strategic.certify(names, *round_robin(np.full((40, 40), 0.5), 4))
    assert not few[1].passed
    assert "too few" in few[1].notes[0]


def test_a_certificate_without_enough_games_says_how_many_are():
    names, rates = tuple(map(str, range(60))), unlike_rates(60)
    few = strategic.certify(names, *round_robin(rates, 10))[1]
    assert not few.passed
    needed = int(few.notes[0].split("about ")[1].split(" would")[0])
    assert 10 < needed < 400
    assert not strategic.certify(names, *round_robin(rates, needed // 3))[1].passed
    assert strategic.certify(names, *round_robin(rates, 2 * needed))[1].passed


def test_a_row_that_does_not_vary_is_named_and_decides_nothing():
    names, rates = tuple(map(str, range(40))), unlike_rates(40)
    wins, draws, games = round_robin(rates, 400)
    wins[7], wins[:, 7], draws[7], draws[:, 7] = 200, 200, 0, 0
    wins[7, 7] = 0
    item = strategic.certify(names, wins, draws, games)[1]
    assert item.passed
    assert item.notes == ("rows without differences beyond noise, 1: 7",)


def test_strategic_refuses_tables_that_do_not_fit():
    with pytest.raises(ValueError, match="square tables"):
        strategic.correlate(np.ones((5, 4)), np.ones((5, 4)), np.ones((5, 4)))
    with pytest.raises(ValueError, match="no more results than games"):
        strategic.correlate(np.full((5, 5), 9), np.zeros((5, 5)), np.full((5, 5), 4))
    with pytest.raises(ValueError, match="3 names for 6 rows"):
        strategic.certify(("a", "b", "c"), *round_robin(unlike_rates(6), 10))


# ---- all together ----


def test_a_part_that_is_not_installed_fails():
    def missing(progress):
        import cam_arena.no_such_part  # noqa: F401

    found = compute([Part("lost", missing)], lambda what, done, total: None)
    assert [(item.part, item.passed) for item in found] == [("lost", False)]


def test_parts_report_what_they_do():
    told = []
    item = Certificate("part", "name", "1", "1", True)
    compute([Part("part", lambda _: [item])], lambda *args: told.append(args))
    assert told[0] == ("part", 0, 1)


def test_page_shows_every_certificate():
    found = [*structural.certify(CLONED), *parametric.certify(CLONED)]
    page = markdown(found, CLONED)
    for item in found:
        assert f"| {item.part} | {item.name} | {item.value} | {item.allowed} |" in page
    assert "**failed**" in page


def test_wilson_interval():
    low, high = wilson(50, 100)
    assert (low, high) == (pytest.approx(0.4038, abs=1e-4), pytest.approx(0.5962, abs=1e-4))
    assert wilson(0, 10)[0] == 0
    with pytest.raises(ValueError, match="5 of 4"):
        wilson(5, 4)


def test_results_rematches_and_the_probe_are_played_where_asked(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(open_loop, "_GENERATIONS", 1)
    monkeypatch.setattr(open_loop, "_CHILDREN", 2)
    roster = with_clones(range(6))
    results = tmp_path / "matrix.npz"
    for effort in (result_parts.Effort(), result_parts.Effort(rematch=0, probe_characters=0)):
        found = compute(result_parts.parts(roster, results, effort), lambda *_: None)
        assert {item.name for item in found} == {"results of this roster"}
    effort = result_parts.Effort(4, rematch=2, probe_characters=1, probe_games=10, threads=1)
    told = []
    parts = result_parts.parts(roster, results, effort)
    found = by_name(compute(parts, lambda what, *_: told.append(what)))
    assert {"round robin", "rematches", "open-loop probe"} <= set(told)
    assert "best open-loop script's win rate" in found
    assert "2 fresh games each" in found["pairs beyond 85/15"].notes[0]
    assert results.exists()
    effort = result_parts.Effort(rematch=0, probe_characters=0)
    found = by_name(compute(result_parts.parts(roster, results, effort), lambda *_: None))
    assert "best open-loop script's win rate" not in found
    assert "plausible" in found["pairs beyond 85/15"].notes[0]


@pytest.mark.slow
def test_command_writes_json_and_page_and_fails_without_results(tmp_path: Path, capsys):
    page = tmp_path / "certificates.md"
    code = main(
        [
            *("roster", "certify", "--quick", "--out", str(tmp_path), "--page", str(page)),
            *("--results", str(tmp_path / "missing.npz")),
        ]
    )
    document = json.loads((tmp_path / "certificates.json").read_text())
    assert code == 1
    assert document["roster_id"] == load_roster().id
    assert not document["passed"]
    failed = {item["part"] for item in document["certificates"] if not item["passed"]}
    assert {"strategic", "balance"} <= failed
    assert page.read_text().startswith("# Certificates")
    assert "certificates failed" in capsys.readouterr().err
