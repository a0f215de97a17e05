"""Gains, evaluations on disk and the report: the numbers, the sentences and the page."""

import base64
import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from cam_arena.agents import evaluation as evaluations
from cam_arena.agents.evaluate import NUM_PERIODS, Table
from cam_arena.agents.gains import Behaviour, behaviour, compare
from cam_arena.agents.intervals import wilson
from cam_arena.agents.report import findings, sections, svg, training, write_report
from cam_arena.errors import CheckpointError

NAMES = ("Ash", "Brook", "Clay")


def make_table(rates, games=200, seed=0):
    """Return a table whose win rates are (almost) `rates`, shape (E, E), with made-up uses."""
    size = len(rates)
    wins = np.zeros((size, size), np.int64)
    for i in range(size):
        for j in range(i + 1, size):
            wins[i, j] = round(rates[i][j] * games)
            wins[j, i] = games - wins[i, j]
    played = np.full((size, size), games) - games * np.eye(size, dtype=np.int64)
    rng = np.random.default_rng(seed)
    uses = rng.integers(0, 50, (size, size, NUM_PERIODS, 12)) * (played > 0)[:, :, None, None]
    return Table(
        wins, np.zeros_like(wins), played, np.array([3, 2, 1]), played * 900, wins - wins.T * 1.0,
        uses, uses.sum(axis=2) * 2, uses.any(axis=2) * played[..., None],
    )  # fmt: skip


def make_evaluation(lift=0.1, games=200, seed=0):
    """Return an evaluation in which each specialist wins `lift` more than the shared policy."""
    count = len(NAMES)
    rates = np.full((2 * count, 2 * count), 0.5)
    rates[:count, :count] = [[0.5, 0.6, 0.4], [0.4, 0.5, 0.7], [0.6, 0.3, 0.5]]
    rates[count:, :count] = rates[:count, :count] + lift
    rates[:count, count:] = 1 - rates[count:, :count].T
    facts = {"command": "cam-arena evaluate x", "seconds": "12.5", "commit": "abc"}
    return evaluations.Evaluation(
        "shared policy",
        "specialist",
        NAMES,
        make_table(rates, games, seed),
        seed,
        games,
        "0f" * 8,
        facts,
    )


def test_gain_is_the_lift_on_every_cell():
    gains = compare(make_evaluation(0.1).table, NAMES)
    assert gains.gain == pytest.approx(0.1)
    assert gains.relative == pytest.approx(0.2)
    assert [c.gain for c in gains.characters] == pytest.approx([0.1] * 3)
    assert [c.base for c in gains.characters] == pytest.approx([0.5, 0.55, 0.45])
    assert gains.mirror == pytest.approx(0.6)
    # of five others, three at 0.6 or 0.4 and two of the own kind at 0.5: 0.56 and 0.44
    assert gains.mixed_pool == pytest.approx(0.12)
    assert gains.interval[0] < 0.1 < gains.interval[1]
    assert [c.games for c in gains.characters] == [400] * 3


def test_mean_base_is_one_half_to_the_last_digit():
    gains = compare(make_evaluation(0.13).table, NAMES)
    assert abs(np.mean([c.base for c in gains.characters]) - 0.5) < 1e-12


def test_a_uniform_lift_of_the_papers_size_reads_both_ways():
    gains = compare(make_evaluation(0.066, games=1000).table, NAMES)
    assert gains.gain == pytest.approx(0.066)
    assert gains.relative == pytest.approx(0.132)


def test_the_mirror_row_is_no_part_of_a_gain():
    evaluation = make_evaluation(0.1)
    wins = evaluation.table.wins.copy()
    for i in range(3):  # the specialist wins every mirror game
        wins[3 + i, i], wins[i, 3 + i] = 200, 0
    gains = compare(replace(evaluation.table, wins=wins), NAMES)
    assert gains.gain == pytest.approx(0.1)
    assert gains.mirror == 1


def test_verdicts_follow_the_intervals():
    assert compare(make_evaluation(0.2).table, NAMES).count("better") == 3
    assert compare(make_evaluation(-0.2).table, NAMES).count("worse") == 3
    few = compare(make_evaluation(0.1, games=10).table, NAMES)
    assert few.count("unclear") == 3
    assert few.nominally_improved == 3


def test_spread_measures_the_gap_between_characters():
    gains = compare(make_evaluation(0.1).table, NAMES)
    assert gains.base_spread == pytest.approx(np.std([0.5, 0.55, 0.45]))
    assert gains.specialist_spread == 0


def test_compare_refuses_a_table_that_does_not_fit():
    table = make_evaluation().table
    with pytest.raises(ValueError, match="8 entrants"):
        compare(table, ("a", "b", "c", "d"))
    games = table.games.copy()
    games[0, 4] = games[4, 0] = 0
    with pytest.raises(ValueError, match="every two entrants"):
        compare(replace(table, games=games), NAMES)


def test_behaviour_counts_games_against_the_shared_policys_other_characters():
    table = make_evaluation().table
    seen = behaviour(table, 3)
    assert seen.base_uses.shape == (3, 11)
    assert np.array_equal(
        seen.specialist_uses[0], (table.uses[3, 1] + table.uses[3, 2]).sum(axis=0)[1:]
    )
    assert np.array_equal(seen.base_chances[2], (table.chances[2, 0] + table.chances[2, 1])[1:])


def test_findings_say_when_an_interval_includes_zero():
    for lift, sentence in (
        (0.1, "lies above zero"), (-0.1, "lies below zero"), (0.005, "includes zero"),
    ):  # fmt: skip
        gains = compare(make_evaluation(lift).table, NAMES)
        text = " ".join(findings.shows(gains, None, base="shared policy", challenger="specialist"))
        assert sentence in text


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (1.04, "about as unlike each other as before"),
        (0.96, "about as unlike each other as before"),
        (1.06, "more unlike each other than before"),
        (0.94, "less unlike each other than before"),
    ],
)
def test_findings_call_behaviour_unlike_beyond_five_percent_only(after, words):
    gains = compare(make_evaluation().table, NAMES)

    def uses(distance):
        """Return presses of two characters, as vectors of a length a distance apart."""
        angles = np.pi / 4 + np.arcsin(distance / 2) * np.array([1, -1])
        return np.stack([np.cos(angles), np.sin(angles)], 1) * 1e6

    before, then = (uses(distance).round().astype(np.int64) for distance in (0.2, 0.2 * after))
    seen = Behaviour(before, then, before * 2, then * 2)
    assert seen.distances("l2") == pytest.approx((0.2, 0.2 * after), abs=1e-5)
    text = " ".join(findings.shows(gains, seen, base="shared policy", challenger="specialist"))
    assert f"Over one training run the specialists use their skills {words}" in text
    assert "There is no interval around it" in text
    text = " ".join(findings.shows(gains, seen, base="runs/a", challenger="policy"))
    assert "unlike" not in text and "paper" not in text  # neither policy came before the other
    assert f"{0.2 * after:.3f} as the policy plays them and 0.200 as runs/a does" in text


def test_a_single_character_is_compared_in_the_mirror():
    pair = make_evaluation().table.select([0, len(NAMES)])
    found = compare(pair, NAMES[:1])
    won = pair.points[1, 0] / pair.games[1, 0]
    assert found.gain == won - 0.5 and found.mirror == won
    low, high = wilson(float(pair.points[1, 0]), int(pair.games[1, 0]))
    assert found.interval == found.characters[0].interval == (low - 0.5, high - 0.5)
    text = findings.shows(found, None, base="zoner:3", challenger="policy")[0]
    assert text.startswith("Against zoner:3 playing the same character, the policy won")
    assert ". zoner:3 itself wins exactly 50 %" in text
    text = findings.shows(found, None, base="shared policy", challenger="specialist")[0]
    assert text.startswith("Against the shared policy playing the same character, the specialists")
    assert ". The shared policy itself wins" in text


def test_findings_name_a_single_training_run_and_the_budget():
    evaluation = make_evaluation()
    gains = compare(evaluation.table, NAMES)

    def limits(seeds, challenger="specialist"):
        found = findings.does_not_show(
            gains, evaluation.table, seeds=seeds, base="a", challenger=challenger,
            training_seconds=200,
        )  # fmt: skip
        return " ".join(found)

    control = "one policy for all characters that trains on against it gains too"
    assert "One training run" in limits(1)
    assert control in limits(1) and control not in limits(1, "policy")
    assert "3 training runs" in limits(3)
    assert "at least five" not in limits(5)
    assert "3 min 20 s" in limits(1)


def test_evaluation_survives_the_disk(tmp_path):
    evaluation = make_evaluation()
    evaluations.save(evaluation, tmp_path)
    loaded = evaluations.load(tmp_path)
    assert loaded.characters == NAMES
    assert loaded.provenance == evaluation.provenance
    for name in ("wins", "draws", "games", "seat_wins", "ticks", "returns", "uses", "chances"):
        assert np.array_equal(getattr(loaded.table, name), getattr(evaluation.table, name)), name
    assert [path.name for path in tmp_path.iterdir()] == [evaluations.FILE_NAME]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda d: d.update(format=9), "format is 9"),
        (lambda d: d.pop("table"), "damaged"),
        (lambda d: d["table"].update(wins=[[1]]), "wins has shape"),
        (lambda d: d["table"]["wins"][0].__setitem__(1, 7), "do not sum"),
        (lambda d: d["characters"].append("Dusk"), "shape"),
        (lambda d: d.update(provenance=[1]), "damaged"),
    ],
)
def test_a_damaged_evaluation_is_refused_with_its_path(tmp_path, damage, message):
    path = evaluations.save(make_evaluation(), tmp_path)
    document = json.loads(path.read_text())
    damage(document)
    path.write_text(json.dumps(document))
    with pytest.raises(CheckpointError, match=message) as caught:
        evaluations.load(tmp_path)
    assert str(path) in str(caught.value)


def test_a_missing_evaluation_names_the_command(tmp_path):
    with pytest.raises(CheckpointError, match="cam-arena evaluate"):
        evaluations.load(tmp_path)


class Page(HTMLParser):
    """Checks nesting and collects links, ids and text."""

    VOID = frozenset(("meta", "link", "br", "img", "input"))

    def __init__(self, text):
        super().__init__()
        self.open, self.links, self.words, self.tags = [], [], [], []
        self.feed(text)
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [
            value for name, value in attrs if name in ("href", "src", "srcset", "xlink:href")
        ]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture
def run_dir(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    evaluations.save(make_evaluation(), run)
    rows = [
        {"name": name, "step": step, "rollout/return": step / 10, "loss/entropy": 3.0 - step / 100}
        for name in ("shared policy", "Ash", "Brook")
        for step in range(0, 250)
    ]
    text = "\n".join(map(json.dumps, rows)) + '\n{"name": "shared policy", "st'  # cut off by a kill
    (run / "metrics.jsonl").write_text(text)
    (run / "match.mp4").write_bytes(b"not really a video")
    (run / "match.txt").write_text("Ash against Brook <&>")
    return run


def test_report_is_one_page_without_outside_resources(run_dir):
    path = write_report(run_dir)
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert path == run_dir / "report.html"
    assert page.links and all(link.startswith("data:") for link in page.links)
    assert "http://" not in text and "https://" not in text and "@import" not in text
    assert "script" not in page.tags
    assert {"video", "svg", "table"} <= set(page.tags)
    words = " ".join(page.words)
    for needed in (
        "+10.0 points",
        "cam-arena evaluate x",
        "0f0f0f0f0f0f0f0f",
        "abc",
        "12 s",
        *NAMES,
    ):
        assert needed in words, needed
    assert "Ash against Brook <&>" in words
    assert len(text) < 400_000


def test_report_is_the_same_for_the_same_run(run_dir):
    first = write_report(run_dir).read_bytes()
    assert write_report(run_dir).read_bytes() == first


def test_downloads_hold_the_numbers_of_the_table(run_dir):
    page = Page(write_report(run_dir).read_text(encoding="utf-8"))
    files = [
        link for link in page.links if link.startswith(("data:text/csv", "data:application/json"))
    ]
    payoff, gains, summary = (base64.b64decode(link.partition(",")[2]).decode() for link in files)
    rows = list(csv.DictReader(io.StringIO(payoff)))
    assert len(rows) == 30
    assert {(r["row"], r["column"]): r["win_rate"] for r in rows}[
        "Ash (specialist)", "Brook (shared policy)"
    ] == "0.7"
    assert [r["character"] for r in csv.DictReader(io.StringIO(gains))] == list(NAMES)
    assert json.loads(summary)["gain"] == pytest.approx(0.1)


def test_report_over_runs_has_intervals_over_runs(tmp_path):
    for seed, lift in enumerate((0.05, 0.1, 0.15)):
        (tmp_path / f"seed_{seed}").mkdir()
        evaluations.save(make_evaluation(lift, seed=seed), tmp_path / f"seed_{seed}")
    words = " ".join(Page(write_report(tmp_path).read_text(encoding="utf-8")).words)
    assert "Over 3 training runs the mean gain is +10.0 points" in words
    # t with 2 degrees of freedom, 4.303, times 5 / sqrt 3: wider than the three runs lie apart
    assert "95 % interval over runs [-2.4, +22.4], which includes zero" in words
    assert "seed_2" in words


def test_runs_of_other_characters_are_named(tmp_path):
    evaluation = make_evaluation()
    others = tuple(f"{name} II" for name in NAMES)
    for name, characters in (("a", NAMES), ("b", NAMES), ("c", others)):
        (tmp_path / name).mkdir()
        evaluations.save(replace(evaluation, characters=characters), tmp_path / name)
    with pytest.raises(CheckpointError, match="c and a do not have the same characters"):
        write_report(tmp_path)


def test_runs_on_several_rosters_are_not_compared(tmp_path):
    for seed, roster in enumerate(("aa", "bb")):
        (tmp_path / f"seed_{seed}").mkdir()
        evaluation = replace(make_evaluation(seed=seed), roster_id=roster)
        evaluations.save(evaluation, tmp_path / f"seed_{seed}")
    with pytest.raises(CheckpointError, match="on rosters aa, bb"):
        write_report(tmp_path)


def test_report_without_an_evaluation_says_what_to_run(tmp_path):
    with pytest.raises(CheckpointError, match="cam-arena evaluate"):
        write_report(tmp_path)
    with pytest.raises(CheckpointError, match="not a directory"):
        write_report(tmp_path / "nothing")


def test_report_of_bots_has_no_behaviour_to_compare(tmp_path):
    evaluation = make_evaluation()
    table = replace(
        evaluation.table, uses=evaluation.table.uses * 0, chances=evaluation.table.chances * 0
    )
    evaluations.save(replace(evaluation, table=table), tmp_path)
    assert "<h2>Behaviour</h2>" not in write_report(tmp_path).read_text(encoding="utf-8")


def test_names_cannot_break_the_page(tmp_path):
    evaluation = replace(make_evaluation(), characters=("<b>", '"x" & y', "</section>"))
    evaluations.save(evaluation, tmp_path)
    page = Page(write_report(tmp_path).read_text(encoding="utf-8"))
    assert "</section>" in page.words or any("</section>" in word for word in page.words)


def test_a_large_matrix_is_drawn_without_numbers():
    rates, games = np.full((40, 40), 0.7), np.ones((40, 40), np.int64)
    drawing = sections.heat_map(rates, games, [f"{i}" for i in range(40)])
    assert drawing.startswith("<svg") and drawing.count("<rect") == 1600


def test_curves_are_thinned_and_keep_their_ends_near(run_dir):
    panels = training.read_curves(run_dir / "metrics.jsonl")
    (shared,) = panels["Return of an episode, shared policy"]
    assert [line.label for line in panels["Return of an episode, specialists"]] == ["Ash", "Brook"]
    assert len(shared.points) == training.MAX_POINTS
    assert shared.points[0][0] < 3 and shared.points[-1][0] > 246


def test_win_rates_have_charts_of_their_own(tmp_path):
    rows = [
        {"name": "selfplay", "step": step, "evaluation/win_rate_zoner:3": step / 10,
         "evaluation/win_rate_previous": 0.5}
        for step in (1, 2, 3)
    ]  # fmt: skip
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    panels = training.read_curves(tmp_path / "metrics.jsonl")
    assert set(panels) == {"Win rate against zoner:3", "Win rate against the snapshot before"}
    (line,) = panels["Win rate against zoner:3"]
    assert line.points == [(1, 0.1), (2, 0.2), (3, 0.3)]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3.2, 8.1), (0.5, 0.5), (0, 2.7e7), (-1e-3, 0)])
def test_axis_marks_are_round_and_cover_the_data(low, high):
    marks = svg.ticks(low, high)
    assert marks[0] <= low and marks[-1] >= high
    assert 2 <= len(marks) <= 8 or low == high
    steps = np.diff(marks)
    assert steps == pytest.approx(steps[:1].repeat(len(steps)))


def test_chart_points_lie_inside_the_drawing():
    rows = [svg.Whisker("x", 40, -90, 99, "unclear"), svg.Whisker("y", -3, -4, -2, "worse")]
    drawing = svg.whisker_chart(rows, label="gain")
    positions = [float(x) for x in re.findall(r'x[12]="([\d.]+)"', drawing)]
    assert min(positions) >= 118 and max(positions) <= 420
