"""Reproduction: verdicts follow the numbers, and a directory of results becomes a report."""

import csv
import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

import cam_arena
from cam_arena.agents import cam, evaluation, held_out, reproduce
from cam_arena.agents.evaluate import NUM_PERIODS, Table
from cam_arena.agents.gains import Behaviour, compare_field, strongest
from cam_arena.agents.networks import NetworkConfig
from cam_arena.agents.population.members import load_member
from cam_arena.agents.report import write_report
from cam_arena.agents.report.publish import publish
from cam_arena.agents.report.tables import paper_tables
from cam_arena.agents.reproduction import claims, experiments, generations, results
from cam_arena.agents.reproduction.ablations import VARIANTS
from cam_arena.agents.reproduction.claim import PRIMARY
from cam_arena.agents.reproduction.strength import REACTIVE, SEARCHING
from cam_arena.cli import main
from cam_arena.errors import CheckpointError

ROSTER = cam_arena.load_roster()
NAMES = tuple(ROSTER.split("core8"))
SIZE = len(NAMES)


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(results, "RESAMPLES", 20)


def make_table(rates, games=200, seed=0):
    """Return a table whose win rates are (almost) `rates`, with made-up uses."""
    size = len(rates)
    off = ~np.eye(size, dtype=bool)
    wins = np.triu(np.round(np.asarray(rates) * games).astype(np.int64), 1)
    wins += np.tril(games - wins.T, -1)
    rng = np.random.default_rng(seed)
    uses = rng.integers(1, 50, (size, size, NUM_PERIODS, 12)) * off[:, :, None, None]
    played = games * off.astype(np.int64)
    return Table(
        wins, np.zeros_like(wins), played, np.array([3, 2, 1]), played * 900, wins - wins.T * 1.0,
        uses, uses.sum(axis=2) * 2, uses.any(axis=2) * played[..., None],
    )  # fmt: skip


def make_run(folder, lift, *, characters=NAMES, seed=0, games=40):
    """Write a finished training run's measurements: every specialist wins `lift` more."""
    count = len(characters)
    rates = np.full((2 * count, 2 * count), 0.5)
    rates[count:, :count] += lift
    rates[:count, count:] -= lift
    folder.mkdir(parents=True)
    table = make_table(rates, games, seed)
    facts = {"command": "cam-arena reproduce", "seconds": "1"}
    result = evaluation.Evaluation(
        "shared policy", "specialist", characters, table, seed, games, ROSTER.id, facts
    )
    evaluation.save(result, folder)
    rows = [
        {"name": name, "step": 1000, "time/seconds": 60.0}
        for name in ("shared policy", *characters)
    ]
    (folder / "metrics.jsonl").write_text("\n".join(map(json.dumps, rows)) + '\n{"na')
    cost = {"policies": count, "shipped": count, "samples": 8000 * count, "seconds": 60.0 * count}
    (folder / "summary.json").write_text(json.dumps({"seconds": 540.0, "cost": cost}))
    neural = {"before": 0.2, "after": 0.25, "moved": 0.1, "states": 64}
    (folder / experiments.NEURAL_NAME).write_text(json.dumps(neural))
    alike, unlike = [[9] * 12] * count, np.eye(count, 12, dtype=int) + 1
    pressed = {"generations": ["1", "2", "3"], "uses": [alike, alike, unlike.tolist()]}
    (folder / experiments.BEHAVIOUR_NAME).write_text(json.dumps(pressed))
    rate = {"rate": 0.8125, "low": 0.79, "high": 0.83, "games": 1280}
    met = {
        who: {bot: {**rate, "rate": 0.8125 + more} for bot in (*REACTIVE, SEARCHING)}
        for who, more in (("shared policy", 0.0), ("specialist", lift / 4))
    }
    (folder / experiments.BOTS_NAME).write_text(json.dumps(met))
    response = {"rate": {**rate, "rate": 0.5675}, "mixture": {"3": 1.0}, "samples": 1000}
    (folder / experiments.RESPONSE_NAME).write_text(json.dumps(response))
    size = 4
    wins = np.zeros((size, size, 2, 2), np.int64)
    played = np.full_like(wins, 1000)
    for g in range(size):
        played[g, g] = 0
        for h in range(g):
            wins[g, h], wins[h, g] = 500 + 60 * (g - h), 500 - 60 * (g - h)
    made = generations.Generations(("0", "1", "2", "3"), wins, np.zeros_like(wins), played)
    generations.save(made, folder, roster_id=ROSTER.id, resamples=10)


def make_large(folder, gain):
    """Write the measurements of a large population's run."""
    folder.mkdir(parents=True)
    characters = [
        {
            "character": name, "base": 0.6, "specialist": 0.6 + gain, "interval": [gain - 0.02,
            gain + 0.02], "mirror": 0.5 + gain, "mirror_interval": [0.5, 0.7], "games": 700,
            "gain": gain, "verdict": "better" if gain > 0.02 else "unclear",
        }
        for name in NAMES
    ]  # fmt: skip
    field = {
        "characters": characters, "gain": gain, "interval": [gain - 0.01, gain + 0.01],
        "relative": gain / 0.6, "opponents": 49, "names": NAMES,
    }  # fmt: skip
    (folder / experiments.FIELD_NAME).write_text(json.dumps(field))
    block = {"rate": 0.4, "interval": [0.38, 0.42], "games": 2000}
    scaling = {"shared policy": block, "specialist": {**block, "rate": 0.55,
               "interval": [0.53, 0.57]}}  # fmt: skip
    (folder / experiments.SCALING_NAME).write_text(json.dumps(scaling))


def make_reproduction(out, lifts, *, large=None, ablations=()):
    config = reproduce.Config(out=out, preset="cpu")
    reproduce._write_plan(config)
    for seed, lift in enumerate(lifts):
        make_run(results.run_folder(out, "core8", seed), lift, seed=seed)
    if large is not None:
        make_large(results.run_folder(out, "core50", 0), large)
    for name, lift in ablations:
        for seed in range(len(lifts)):
            folder = results.variant_folder(out, name) / f"seed_{seed}"
            make_run(folder, lift + 0.005 * seed, characters=NAMES[:4], seed=seed)
            if name != "reference":
                even = {"rate": 0.5, "interval": [0.48, 0.52], "games": 1600}
                met = {"shared policy": even, "specialist": {**even, "rate": 0.45 + lift}}
                (folder / experiments.REFERENCE_NAME).write_text(json.dumps(met))
    return results.collect(out)


def make_beyond(out, *, control=0.05):
    """Write what E7 and E8 leave."""
    for name, policies in (("2", 2), (results.CONTROL, 1)):
        run = results.clusters_folder(out, name) / "seed_0"
        make_run(run, control)
        cost = {"policies": policies, "shipped": 2, "samples": 2_400_000, "seconds": 90.0}
        (run / "summary.json").write_text(json.dumps({"seconds": 100.0, "cost": cost}))
        met = {"specialist": {"rate": 0.45, "interval": [0.43, 0.47], "games": 1600}}
        (run / experiments.REFERENCE_NAME).write_text(json.dumps(met))
    rate = {"win_rate": 0.75, "interval": [0.7, 0.8], "games": 400}
    bot = {"bot": "planner:5", "seen": rate, "unseen": {**rate, "win_rate": 0.625},
           "difference": {"win_rate": -0.125, "interval": [-0.2, -0.05]}}  # fmt: skip
    curve = [{"samples": 0, "win_rate": 0.375}, {"samples": 500_000, "win_rate": 0.5625}]
    learned = {"character": NAMES[0], "curve": curve, "kept": "candidate", "win_rate": 0.55}
    folder = results.unseen_folder(out) / "seed_0"
    folder.mkdir(parents=True)
    (folder / held_out.FILE_NAME).write_text(json.dumps({"bots": [bot], "adaptation": [learned]}))


def verdicts(document):
    return {claim.key: claim for claim in claims.judge(document)}


def test_a_gain_of_the_published_size_holds_and_a_smaller_one_holds_in_part(tmp_path):
    large = verdicts(make_reproduction(tmp_path / "a", [0.125, 0.15, 0.125]))
    assert large["gain absolute"].verdict == "holds"
    assert large["gain absolute"].ours == "+13.3 points"
    small = verdicts(make_reproduction(tmp_path / "b", [0.05, 0.05, 0.075]))
    assert small["gain absolute"].verdict == "holds in part"
    # twice as much relative to one half, so that the same games agree with the other reading less
    assert small["gain relative"].ours == "+11.6 %"
    assert "3 training runs" in small["gain absolute"].why
    assert large["most improved"].verdict == "holds"
    assert small["most improved"].verdict == "holds in part"


def test_a_gain_that_is_not_shown_does_not_hold(tmp_path):
    for index, (lifts, verdict) in enumerate(
        (
            ([0.05, -0.05, 0.0], "not shown either way"),
            ([-0.1, -0.12, -0.11], "does not hold"),
            ([0.15, 0.1], "not shown either way"),  # t of two runs: 12.7 standard errors
        )
    ):
        found = verdicts(make_reproduction(tmp_path / str(index), lifts))
        assert found["gain absolute"].verdict == verdict, lifts
    assert found["gain absolute"].interval == "[-19.3, +44.3]"


def test_one_run_shows_nothing_of_the_method(tmp_path):
    for lift, verdict in ((0.1, "seen in one run"), (0.0, "not seen in one run")):
        found = verdicts(make_reproduction(tmp_path / str(lift), [lift]))
        assert found["gain absolute"].verdict == found["most improved"].verdict == verdict
        assert found["gain absolute"].runs == 1
    found = verdicts(make_reproduction(tmp_path / "c", [0.1]))
    assert "One training run: the interval is of its games" in found["gain absolute"].why
    assert found["gain absolute"].shown_interval.endswith("] (one run)")
    # nothing is said of the runs' spread, so there is no interval at all where games have none
    assert found["gain mixed pool"].interval == "" and "sign alone" in found["gain mixed pool"].why
    low, high = (float(x) for x in found["gain absolute"].interval.strip("[]").split(", "))
    assert low < 10 < high


def test_every_claim_has_a_row_whatever_was_run(tmp_path):
    empty = claims.judge(make_reproduction(tmp_path / "empty", []))
    make_reproduction(
        tmp_path / "full", [0.1, 0.12], large=0.05,
        ablations=[("reference", 0.05), ("lambda_mi 0.05", 0.1)],
    )  # fmt: skip
    make_beyond(tmp_path / "full")
    full = claims.judge(results.collect(tmp_path / "full"))
    assert [claim.key for claim in empty] == [claim.key for claim in full]
    assert not any(claim.is_tested for claim in empty)
    assert {c.key for c in full if c.verdict == "not run"} == {"gain other seeds"}
    assert {c.key for c in full if c.is_primary} == set(PRIMARY)
    assert all(bool(c.runs) == (c.ours != "-") for c in full)
    assert all(claim.why for claim in full)


def test_claims_of_population_size_follow_the_large_population(tmp_path):
    found = verdicts(make_reproduction(tmp_path, [0.1], large=0.05))
    assert found["fourteen of sixteen"].ours == "16 of 16, 16 clearly"
    assert found["gain larger field"].ours == "+5.0 points"
    assert found["baseline scaling"].verdict == "seen in one run"  # 40 % against the smaller
    assert found["cam scaling"].verdict == "seen in one run"


def test_an_ablation_is_judged_by_games_against_the_reference(tmp_path):
    better = [("reference", 0.05), ("lambda_mi 0.05", 0.1), ("lambda_mi 0.01", 0.04)]
    document = make_reproduction(tmp_path, [0.1, 0.1, 0.1], ablations=better)
    found = verdicts(document)["mutual information"]
    assert found.verdict == "holds" and found.interval
    assert found.ours == "+5.0 points (lambda_mi 0.05)"
    assert "best of 2 weights" in found.why and "wins 50.0 % against" in found.why
    table = next(table for table in paper_tables(document) if "E5" in table.title)
    cells = {row[0]: row[table.head.index("Against the reference")] for row in table.rows}
    assert cells["lambda_mi 0.01"] == "49.0 [48.0, 52.0]" and cells["reference"] == "-"

    worse = make_reproduction(tmp_path / "2", [0.1, 0.1], ablations=[("lambda_mi 0.05", 0.04)])
    assert verdicts(worse)["mutual information"].verdict == "does not hold"
    one = make_reproduction(tmp_path / "3", [0.1], ablations=[("lambda_mi 0.05", 0.04)])
    assert verdicts(one)["mutual information"].verdict == "not seen in one run"


def test_generations_that_rise_hold(tmp_path):
    found = verdicts(make_reproduction(tmp_path / "three", [0.1, 0.1, 0.1]))
    assert found["row means"].verdict == "holds"
    assert found["each step"].ours == "9 of 9 clearly; 0 clearly lose"
    one = verdicts(make_reproduction(tmp_path / "one", [0.1]))
    assert one["row means"].verdict == one["each step"].verdict == "seen in one run"


def test_who_beats_the_last_generation_bounds_its_distance_from_an_equilibrium(tmp_path):
    found = verdicts(make_reproduction(tmp_path / "three", [0.1, 0.1, 0.125]))["equilibrium"]
    assert found.verdict == "does not hold"
    # a win rate of 61 % is a payoff of .22
    assert found.ours == "epsilon at least 0.22" and found.interval == "[0.14, 0.29]"
    make_beyond(tmp_path / "three", control=0.15)
    found = verdicts(results.collect(tmp_path / "three"))["equilibrium"]
    assert found.ours == "epsilon at least 0.30" and "an epsilon below 0.30" in found.why
    none = verdicts(make_reproduction(tmp_path / "none", [0.0, 0.01, -0.01]))["equilibrium"]
    assert none.verdict == "not shown either way"


def test_ratios_have_intervals_that_hold_them(tmp_path):
    document = make_reproduction(tmp_path, [0.1])
    found = document["diversity"][0]
    for norm in ("l1", "l2", "max"):
        before, after = found["distance"][norm]
        low, high = found["intervals"][norm]
        assert 0 < low < high
        assert low * 0.8 < after / before < high * 1.2


def test_the_attack_button_may_hide_that_skills_differ(tmp_path):
    before, after = np.full((2, 12), 1), np.full((2, 12), 1)
    before[:, 1], after[:, 1] = 10, 10_000
    after[1, 3] = 90  # among skills, not beside so many attacks
    seen = Behaviour(before[:, 1:], after[:, 1:], before[:, 1:], after[:, 1:])
    assert max(seen.distances("l2")) < 0.01
    assert seen.without_attack().distances("l2") == (0, pytest.approx(1.142, abs=0.001))
    assert seen.attack_shares[0] == 0.5
    assert seen.attack_shares[1] > 0.98

    document = make_reproduction(tmp_path, [0.1])
    found = document["diversity"][0]
    assert found["without_attack"]["l2"] != found["distance"]["l2"]
    low, high = found["intervals"]["without attack"]
    first, last = found["without_attack"]["l2"]
    assert low * 0.8 < last / first < high * 1.2
    row = verdicts(document)["distance without attack"]
    assert row.ours == f"{last / first:.3f}"
    assert "is 9 % of presses before, 9 % after" in row.why
    rise = [f"{found['by_generation']['without_attack'][end]:.3f}" for end in (0, -1)]
    assert f"Within stage 1 the distance went from {rise[0]} to {rise[1]}." in row.why
    neural = verdicts(document)["distance neural"]
    assert neural.ours == "1.250"


def test_distances_by_generation_end_with_the_specialists(tmp_path):
    document = make_reproduction(tmp_path, [0.1, 0.1])
    found = document["diversity"][1]
    assert found["by_generation"]["distance"][:2] == [0, 0]
    assert found["by_generation"]["without_attack"][2] > 0
    write_report(tmp_path)
    for number, key in ((1, "distance"), (2, "without_attack")):
        path = tmp_path / "figures" / f"diversity_by_generation_{number}.svg"
        lines = [x for x in ElementTree.parse(path).iter() if x.tag.endswith("polyline")]
        assert len(lines) == 2  # one a training run
        heights = [float(point.split(",")[1]) for point in lines[1].get("points").split()]
        assert len(heights) == 4 and heights[0] == heights[1]
        values = [*found["by_generation"][key], found[key]["l2"][1]]
        assert np.argsort(heights[1:]).tolist() == np.argsort([-x for x in values[1:]]).tolist()


def test_what_the_paper_does_not_ask_has_tables_on_the_page_and_in_the_results(tmp_path):
    make_reproduction(tmp_path, [0.1])
    assert results.collect(tmp_path)["clusters"] == []
    make_beyond(tmp_path)
    text = publish(tmp_path, tmp_path / "docs").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert "| 8 for 8 | 0 | 64k | 8 min 0 s | +10.0 | [+8.0, +12.0] | - |" in lines
    assert "| 8 characters | 0 | 1k | 1k | 9 min 0 s | +10.0 |" in lines
    config = results.run_folder(tmp_path, "core8", 0) / "config.json"
    config.write_text(json.dumps({"workers": 2}))
    halved = publish(tmp_path, tmp_path / "docs").read_text(encoding="utf-8")
    assert "| 8 characters | 0 | 1k | 1k | 5 min 0 s | +10.0 |" in halved.splitlines()
    few = "| 2 for 8 | 0 | 2.4M | 1 min 30 s | +5.0 | [+2.9, +7.0] | 45.0 [43.0, 47.0] |"
    assert few in lines
    assert "| 1 for 8 | 0 | 2.4M |" in lines[lines.index(few) + 1]
    found = verdicts(results.collect(tmp_path))["control"]
    assert (found.ours, found.interval) == ("+5.0 points", "[+3.0, +7.0]")
    assert found.verdict == "seen in one run" and "is +5.0 points" in found.why
    path = results.clusters_folder(tmp_path, results.CONTROL) / "seed_0"
    met = {"specialist": {"rate": 0.52, "interval": [0.51, 0.53], "games": 6400}}
    (path / experiments.REFERENCE_NAME).write_text(json.dumps(met))
    assert verdicts(results.collect(tmp_path))["control"].verdict == "not seen in one run"
    unseen = "| planner:5 | 0 | 75.0 [70.0, 80.0] | 62.5 [70.0, 80.0] | -12.5 [-20.0, -5.0] |"
    assert unseen in lines
    assert f"| {NAMES[0]} | 0 | 38 at 0, 56 at 500k | 55.0 | candidate |" in lines
    assert "| shared policy | 0 | planner:5 | 81.2 % | [79.0, 83.0] | 1,280 |" in lines
    page = write_report(tmp_path).read_text(encoding="utf-8")
    for words in ("Fewer specialists than characters", "2 for 8", "never met", "56 at 500k"):
        assert words in page, words


def test_ratings_cover_every_entrant(tmp_path):
    found = make_reproduction(tmp_path, [0.1])["ratings"]
    for name in ("elo", "mu", "melo", "alpha_rank"):
        assert len(found[name]) == 2 * SIZE, name
    assert sum(found["alpha_rank"]) == pytest.approx(1, abs=1e-3)
    # specialists beat shared policies, so imitation ends among specialists
    assert sum(found["alpha_rank"][SIZE:]) > 0.9
    assert set(found["losses"]) == {"Elo", "mElo, k = 1", "mElo, k = 2"}


def test_the_report_of_a_reproduction_is_one_page_with_every_claim(tmp_path):
    document = make_reproduction(
        tmp_path, [0.1, 0.12], large=0.05,
        ablations=[("reference", 0.05), ("lambda_mi 0.05", 0.1)],
    )  # fmt: skip
    page = write_report(tmp_path).read_text(encoding="utf-8")
    assert page.count("<html") == 1 and "<script" not in page
    assert not re.search(r'(src|href)="(?!data:)', page)
    for claim in claims.judge(document):
        assert claim.title.replace("'", "&#x27;") in page, claim.key
    for needed in ("figure 1", "figure 2", "figure 3", "figure 5", "Ablations", ROSTER.id,
                   "Cost against gain", "lambda_mi 0.05"):  # fmt: skip
        assert needed in page, needed
    rows = list(csv.DictReader(io.StringIO((tmp_path / "claims.csv").read_text())))
    assert [row["key"] for row in rows] == [claim.key for claim in claims.judge(document)]
    assert json.loads((tmp_path / "results.json").read_text())["format"] == results.FORMAT
    for path in (tmp_path / "figures").glob("*.svg"):
        ElementTree.parse(path)  # well-formed
    drawn = {path.name for path in (tmp_path / "figures").glob("*.svg")}
    assert {"figure_1_gains.svg", "figure_5_generations.svg", "figure_3_skills_8.svg"} <= drawn
    cells = ElementTree.parse(tmp_path / "figures" / "matchups_3.svg").getroot().itertext()
    assert "61" in {text.strip() for text in cells}  # 50 and the mean of the two lifts
    assert all(
        "xmlns=" in path.read_text() and "<style>" in path.read_text()
        for path in (tmp_path / "figures").glob("*.svg")
    )


def test_the_report_says_what_bots_and_a_best_response_win(tmp_path):
    make_reproduction(tmp_path, [0.05])
    page = write_report(tmp_path).read_text(encoding="utf-8")
    for words in ("planner:5", "81.2 %", "fresh best response", "56.8 %", "1.00 of generation 3"):
        assert words in page, words
    seed = results.run_folder(tmp_path, "core8", 0)
    (seed / experiments.RESPONSE_NAME).unlink()
    page = write_report(tmp_path).read_text(encoding="utf-8")
    assert "planner:5" in page and "best response" not in page
    (seed / experiments.BOTS_NAME).unlink()
    assert "Strength outside" not in write_report(tmp_path).read_text(encoding="utf-8")


def test_the_report_is_the_same_for_the_same_results(tmp_path):
    make_reproduction(tmp_path, [0.1])
    assert write_report(tmp_path).read_bytes() == write_report(tmp_path).read_bytes()


def test_publishing_leaves_tables_and_figures_without_weights(tmp_path):
    make_reproduction(tmp_path / "run", [0.1])
    target = tmp_path / "docs" / "results"
    readme = publish(tmp_path / "run", target)
    text = readme.read_text(encoding="utf-8")
    assert "| Claim | Published | Ours |" in text
    for name in re.findall(r'(?:src="|\]\()([^")]+)', text):
        assert (target / name).exists(), name
    kinds = {path.suffix for path in target.rglob("*") if path.is_file()}
    assert kinds == {".md", ".html", ".json", ".csv", ".svg"}


def test_results_name_the_code_that_trained_not_the_last_sitting(tmp_path):
    document = make_reproduction(tmp_path / "run", [0.1, 0.12])
    text = publish(tmp_path / "run", tmp_path / "docs", document).read_text()
    assert f"| E1 | cpu | 85 | 0, 1 | {ROSTER.id} | not recorded |" in text
    for seed, commit in enumerate(("abc123", "def456")):
        config = {"provenance": {"commit": commit}}
        folder = results.run_folder(tmp_path / "run", "core8", seed)
        (folder / "config.json").write_text(json.dumps(config))
    page = publish(tmp_path / "run", tmp_path / "docs").read_text()
    assert f"| E1 | cpu | 85 | 0, 1 | {ROSTER.id} | abc123, def456 |" in page


def against(folder, other, lift, games=40):
    """Write what a run won against another seed: its specialists `lift` more, its policy half."""
    played = np.tile(games * (1 - np.eye(SIZE, dtype=int)), (2, 2))
    points = played * np.repeat([0.5, 0.5 + lift], SIZE)[:, None]
    # against the other's specialists everyone wins a tenth less
    points[:, SIZE:] -= played[:, SIZE:] * 0.1
    document = {"characters": NAMES, "points": points.tolist(), "games": played.tolist()}
    (folder / f"against_{other.name}.json").write_text(json.dumps(document))


def test_a_gain_is_measured_against_seeds_that_nobody_trained_against(tmp_path):
    make_reproduction(tmp_path, [0.1, 0.1, 0.1])
    runs = [results.run_folder(tmp_path, "core8", seed) for seed in range(3)]
    for own, other, lift in ((1, 0, 0.05), (2, 0, 0.06), (2, 1, 0.04)):
        against(runs[own], runs[other], lift)
    document = results.collect(tmp_path)
    found = [run["other_seeds"] for run in document["gains"]]
    assert [run["seeds"] for run in found] == [2, 2, 2]
    assert found[2]["gain"] == pytest.approx(0.05)
    assert found[2]["shared policy"]["base"] == pytest.approx(0.5)
    assert found[2]["specialist"]["specialist"] == pytest.approx(0.45)
    # 2 kinds of opponents in 7 characters each, of 2 seeds, 40 games, by 8 characters
    assert found[2]["games"] == 2 * 7 * 2 * 40 * 8
    # Seed 0 has no file of its own: it lost what the others won. Its shared policy and its
    # specialists met policies that won 50 and 40 % (seed 1: 55 and 45 %, 2: 56 and 46 %).
    assert found[0]["gain"] == pytest.approx(0.1)
    assert found[0]["shared policy"]["base"] == pytest.approx(0.5)
    rows = verdicts(document)
    assert (
        rows["gain other seeds"].ours == f"{100 * (0.1 + found[1]['gain'] + 0.05) / 3:+.1f} points"
    )
    assert rows["gain other seeds"].runs == 3 and rows["gain other seeds"].is_primary
    assert rows["gain absolute"].ours == "+10.0 points"
    assert "that they trained against" in rows["gain absolute"].title
    table = next(t for t in paper_tables(document) if "by opponent" in t.title)
    by = {row[0]: row for row in table.rows}
    assert by["shared policy of the same run"][1:6] == ("yes", "3", "50.0", "60.0", "+10.0")
    assert by["planner:5"][1:6] == ("no", "3", "81.2", "83.8", "+2.5")
    assert by["specialist of other seeds"][1] == "no"
    (runs[2] / "against_seed_0.json").write_text('{"points": [[3]], "games": [[2]]}')
    with pytest.raises(CheckpointError, match=r"against_seed_0\.json: damaged, .*remove it"):
        results.collect(tmp_path)


def test_publishing_keeps_the_experiments_that_were_not_run_again(tmp_path):
    make_reproduction(tmp_path / "old", [0.1, 0.1, 0.1], large=0.05)
    make_beyond(tmp_path / "old")
    publish(tmp_path / "old", tmp_path / "docs")
    new = tmp_path / "new"
    make_reproduction(new, [0.15, 0.15, 0.175])
    for seed in range(3):
        run = results.run_folder(new, "core8", seed)
        for name in (experiments.NEURAL_NAME, experiments.BOTS_NAME, experiments.RESPONSE_NAME):
            (run / name).unlink()
        (run / generations.FILE_NAME).unlink()
        (run / "config.json").write_text(json.dumps({"provenance": {"commit": "abc123"}}))
    publish(new, tmp_path / "docs")
    merged = results.load(tmp_path / "docs" / "results.json")
    old, own = results.collect(tmp_path / "old"), results.collect(new)
    for part in ("gains", "ratings"):
        assert merged[part] == json.loads(json.dumps(own[part]))
    for part in ("large", "diversity", "profiles", "generations", "strength", "clusters", "unseen"):
        assert merged[part] == json.loads(json.dumps(old[part])), part
    assert merged["made"]["E1"]["commits"] == ["abc123"]
    assert merged["made"]["E4"] == old["made"]["E4"]
    rows = verdicts(merged)
    assert rows["gain absolute"].ours == "+15.8 points" and rows["control"].ours == "+5.0 points"
    path = tmp_path / "docs" / "results.json"
    path.write_text(json.dumps({**merged, "format": 1}))
    with pytest.raises(CheckpointError, match="not of format 2"):
        publish(new, tmp_path / "docs")


def test_another_preset_or_budget_in_the_same_directory_is_refused(tmp_path):
    reproduce._write_plan(reproduce.Config(out=tmp_path, preset="cpu"))
    reproduce._write_plan(reproduce.Config(out=tmp_path, preset="cpu", seeds=3))
    for change in ({"preset": "smoke"}, {"minutes": 5.0}):
        with pytest.raises(ValueError, match="holds a reproduction with"):
            reproduce._write_plan(reproduce.Config(**{"out": tmp_path, "preset": "cpu"} | change))


def test_a_directory_without_a_reproduction_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="no reproduction"):
        results.collect(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"experiments": ("E9",)}, "E9"),
        ({"experiments": ()}, "experiments are"),
        ({"seeds": 0}, "at least 1"),
        ({"minutes": -1.0}, "positive"),
        ({"preset": "huge"}, "preset must be"),
        ({"variants": ("own hat",)}, "variants are reference, .*got own hat"),
        ({"variants": ("own head",), "experiments": ("E1", "E2")}, "not in E1, E2"),
    ],
)
def test_values_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        reproduce.Config(**change)


def test_only_the_chosen_variants_and_the_reference_are_trained(tmp_path, monkeypatch):
    trained = []
    monkeypatch.setattr(experiments, "train", lambda run, config, bench: trained.append(run))
    for step in ("evaluate", "meet_rival"):
        monkeypatch.setattr(experiments, step, lambda *_, **__: None)
    options = ["--preset", "smoke", "--out", str(tmp_path), "--seeds", "2"]
    assert main(["reproduce", "E5", *options, "--variants", "own head", "F nash"]) == 0
    expected = ["reference", "f_nash", "own_head"]
    assert [run.parent.name for run in trained] == expected * 2
    assert [run.name for run in trained] == ["seed_0"] * 3 + ["seed_1"] * 3


@pytest.mark.parametrize("minutes", [50, None])
def test_the_control_has_what_all_specialists_have_together(tmp_path, monkeypatch, minutes):
    asked = {}
    monkeypatch.setattr(
        experiments, "train", lambda run, config, _: asked.update({run.parent.name: config})
    )
    for step in ("evaluate", "meet_rival"):
        monkeypatch.setattr(experiments, step, lambda *_, **__: None)
    preset = "cpu" if minutes else "smoke"
    reproduce.run(
        reproduce.Config(experiments=("E7",), preset=preset, minutes=minutes, out=tmp_path)
    )
    control = asked[results.CONTROL]
    assert control.clusters == 1
    assert control.stage1 == asked["2"].stage1
    if minutes:  # two workers train eight specialists in four turns
        whole = 50 * experiments.TRAIN_SHARE * reproduce.STAGE_2_OF_BOTH
        assert [asked[name].minutes for name in ("4", "2", "1")] == [
            pytest.approx(whole * turns / 4) for turns in (2, 1, 1)
        ]
        assert control.minutes == pytest.approx(2 * whole) and control.specialist_steps is None
    else:
        assert control.specialist_steps == 4 * cam.PRESETS["smoke"].specialist_steps


def test_variants_are_options_of_cam():
    for changes in VARIANTS.values():
        cam.Config(**changes)
    assert VARIANTS["reference"] == {}


def test_a_population_is_as_large_as_the_time_allows():
    splits = ("core50", "core16")
    assert reproduce.affordable(splits, None, 1) == "core50"
    assert reproduce.affordable(splits, 85, 2) == "core50"
    assert reproduce.affordable(splits, 20, 2) == "core16"
    assert reproduce.affordable(splits, 1, 1) == "core16"


def test_strongest_characters_of_a_field_are_measured_over_all_of_it():
    rates = np.full((6, 6), 0.5)
    rates[2, :] = 0.8
    rates[:, 2] = 0.2
    rates[4, :4] = 0.7  # the specialist of character 2 as entrant 4
    rates[:4, 4] = 0.3
    table = make_table(rates)
    assert strongest(table, 4, 2)[0] == 2
    found = compare_field(table, ("a", "b", "c", "d"), (2, 0))
    assert [character.character for character in found.characters] == ["c", "a"]
    assert found.characters[0].base == pytest.approx(0.8)
    assert found.characters[0].gain == pytest.approx(-0.1)
    assert found.gain == pytest.approx((found.characters[0].gain + found.characters[1].gain) / 2)
    with pytest.raises(ValueError, match="7 entrants"):
        compare_field(table, ("a", "b", "c", "d", "e"), (2, 0))
    unmet = table.games.copy()
    unmet[5, 1] = unmet[1, 5] = 0
    with pytest.raises(ValueError, match="met every other"):
        compare_field(replace(table, games=unmet), ("a", "b", "c", "d"), (2, 0))


@pytest.mark.slow
def test_a_smoke_run_goes_from_nothing_to_a_report_and_is_not_done_twice(tmp_path, monkeypatch):
    config = reproduce.Config(
        experiments=("E1", "E3", "E4", "E6", "E7", "E8"), preset="smoke", workers=1, out=tmp_path
    )
    said = reproduce.run(config)
    assert "report:" in said
    run = results.run_folder(tmp_path, "core4", 0)
    assert (run / generations.FILE_NAME).exists() and list((run / "films").glob("*.mp4"))
    assert len(generations.load(run).names) == 4  # random play and three generations
    pressed = json.loads((run / experiments.BEHAVIOUR_NAME).read_text())
    assert pressed["generations"] == ["1", "2", "3"] and pressed["games_per_pairing"] == 2
    assert np.shape(pressed["uses"])[:2] == (3, 4) and np.min(np.sum(pressed["uses"], axis=2)) > 0
    document = results.collect(tmp_path)
    assert set(document["strength"][0]["bots"]) == {"shared policy", "specialist"}
    assert "fresh best response" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert [row["policies"] for row in document["clusters"][0]["rows"]] == [4, 2, 1]
    samples = [row["samples"] for row in document["clusters"][0]["rows"]]
    assert samples[2] > 0.9 * samples[0]  # the control's one policy has as many as all specialists
    assert {row["bot"] for row in document["unseen"][0]["bots"]} == set(reproduce.UNSEEN_BOTS)
    assert len(document["unseen"][0]["adaptation"]) == 1
    tested = {claim.experiment for claim in claims.judge(document) if claim.is_tested}
    assert tested == {"E1", "E3", "E4", "E6", "E7"}
    monkeypatch.setattr(cam, "train", None)  # would fail if it were called
    before = (tmp_path / "results.json").read_text()
    reproduce.run(config)
    assert (tmp_path / "results.json").read_text() == before


@pytest.mark.slow
def test_ablations_share_the_references_stage_1_and_get_its_time(tmp_path, monkeypatch):
    tiny = replace(
        cam.PRESETS["smoke"], generation_steps=512, specialist_steps=512, matches=8,
        specialist_matches=8, rollout=16, evaluation_games=2,
        network=NetworkConfig((8, 8), 4, 4, 4),
    )  # fmt: skip
    monkeypatch.setitem(cam.PRESETS, "smoke", tiny)
    chosen = ("reference", "own head")
    sizes = replace(reproduce.PRESETS["smoke"], ablation_games=2)
    monkeypatch.setitem(reproduce.PRESETS, "smoke", sizes)
    config = reproduce.Config(
        experiments=("E5",), variants=chosen[1:], preset="smoke", workers=1, out=tmp_path
    )
    reproduce.run(config)
    found = results.collect(tmp_path)["ablations"]
    assert set(found) == set(chosen)
    assert found["reference"][0]["rival"] is None
    assert found["own head"][0]["rival"]["specialist"]["games"] == 2 * 16
    shared = [
        load_member(results.variant_folder(tmp_path, name) / "seed_0" / "stage1" / "policy")
        for name in chosen
    ]
    first, second = (member.policy.state_dict() for member in shared)
    assert all((first[name] == second[name]).all() for name in first)
    assert "own head" in (tmp_path / "report.html").read_text(encoding="utf-8")
