"""Balance by learned play: ranks are compared, use of the kit is checked, the verdict can turn."""

import json

import numpy as np
import pytest
from scipy.stats import spearmanr

import cam_arena
from cam_arena import cli
from cam_arena.agents import learned_balance, selfplay
from cam_arena.agents.learned_balance import Config, spearman
from cam_arena.agents.learned_fights import play_itself
from cam_arena.agents.learner import Config as LearnerConfig
from cam_arena.agents.networks import NetworkConfig
from cam_arena.balance.matrix import COMBO_BINS, LENGTH_BINS, TOTALS, Matrix
from cam_arena.balance.schedule import Plan
from cam_arena.errors import BalanceError
from cam_arena.game.actions import action_id
from cam_arena.game.options import Options
from cam_arena.roster.codes import Button, Direction

ROSTER = cam_arena.load_roster()
NAMES = ROSTER.split("core4")
OTHERS = tuple(name for name in ROSTER.names if name not in NAMES)[:4]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    config = selfplay.Config(
        out=tmp_path_factory.mktemp("run"), minutes=None, steps=512, characters="core4",
        network=NetworkConfig((16, 16), 8, 4, 4),
        learner=LearnerConfig(minibatch=128, precision="float32"),
        workers=1, matches=8, rollout=16, snapshots=0, tensorboard=False,
    )  # fmt: skip
    return selfplay.train(config)


def save_matrix(path, order, roster_id=ROSTER.id, names=(*OTHERS, *NAMES)):
    """Write a round robin in which of `order` the earlier beats the later; the others draw."""
    size, rank = len(names), {name: k for k, name in enumerate(order)}
    sides = np.zeros((3, size, size), np.int32)
    for i, one in enumerate(names):
        for j, other in enumerate(names):
            if i != j and one in rank and other in rank:
                sides[0 if rank[one] < rank[other] else 2, i, j] = 20
            elif i != j:
                sides[1, i, j] = 20
    Matrix(
        tuple(names), sides, np.zeros((size, size), np.int32),
        np.zeros((size, 1, len(TOTALS)), np.int64), np.zeros(LENGTH_BINS, np.int64),
        np.zeros(COMBO_BINS, np.int64), Plan(size, 40, ("walker",), (3,)), None,
        {"roster_id": roster_id, "schools": ["s"] * size},
    ).save(path)  # fmt: skip
    return path


@pytest.fixture(autouse=True, scope="module")
def few_fights():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learned_balance, "FIGHTS", 12)
        yield


def compare(trained, out, order, **options):
    results = save_matrix(out / "matrix.npz", order)
    path = learned_balance.run(Config(trained, results, out, games=options.pop("games", 6)))
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def found(trained, tmp_path_factory):
    """One comparison, and the page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learned_balance, "USAGE_FLOOR", 0.0)
        out = tmp_path_factory.mktemp("out")
        return compare(trained, out, NAMES), (out / "learned.md").read_text(encoding="utf-8")


def test_everyone_meets_everyone_from_both_sides(found):
    result, _ = found
    wins, draws, games = (np.array(result[key]) for key in ("wins", "draws", "games"))
    assert np.array_equal(games, 6 * (1 - np.eye(4, dtype=int)))
    assert np.array_equal(wins + wins.T + draws, games)
    assert [one["name"] for one in result["characters"]] == list(NAMES)
    assert result["roster_id"] == ROSTER.id
    points = (wins + draws / 2).sum(axis=1)
    strength = [one["strength"] for one in result["characters"]]
    assert np.array_equal(np.argsort(points, kind="stable"), np.argsort(strength, kind="stable"))
    for one in result["characters"]:
        assert one["low"] < one["strength"] < one["high"]
        assert 0 <= min(one["skills"], one["ultimate"], one["slip"])
        assert max(one["skills"], one["ultimate"], one["slip"]) <= 1
    assert any(one["skills"] > 0 for one in result["characters"])


def test_the_verdict_turns_with_the_bots(trained, found, tmp_path, monkeypatch):
    monkeypatch.setattr(learned_balance, "USAGE_FLOOR", 0.0)
    order = [
        one["name"] for one in sorted(found[0]["characters"], key=lambda one: -one["strength"])
    ]
    agreeing = compare(trained, tmp_path, order)
    strengths = {one["name"]: one["strength"] for one in agreeing["characters"]}
    places = range(len(order), 0, -1)
    expected = spearmanr([strengths[name] for name in order], places).statistic
    assert expected > 0.9  # 1 but where two are as strong
    assert agreeing["wins"] == found[0]["wins"]  # the same seed: the same games
    assert agreeing["verdict"] == "agrees"
    assert agreeing["spearman"]["value"] == pytest.approx(expected)
    page = (tmp_path / "learned.md").read_text()
    assert f"**Verdict: agrees.** Spearman {expected:.2f}" in page
    against = compare(trained, tmp_path, order[::-1])
    assert against["verdict"] == "overrides"
    assert against["spearman"]["value"] == pytest.approx(-expected)
    page = (tmp_path / "learned.md").read_text()
    assert f"**Verdict: overrides.** Spearman {-expected:.2f}" in page


def test_characters_whose_kit_is_not_used_are_not_judged(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(learned_balance, "USAGE_FLOOR", 1.01)
    result = compare(trained, tmp_path, NAMES, games=2)
    assert result["verdict"] == "undecided" and result["judged"] == []
    assert f"left out: {', '.join(NAMES)}" in (tmp_path / "learned.md").read_text()


def test_the_command_writes_counts_and_a_page(trained, tmp_path, capsys):
    results = save_matrix(tmp_path / "matrix.npz", NAMES)
    out = tmp_path / "page"
    arguments = ["--results", str(results), "--out", str(out), "--games", "2", "--seed", "4"]
    assert cli.main(["balance", "learned", str(trained), *arguments]) == 0
    assert str(out / "learned_core4.json") in capsys.readouterr().out
    stale = json.loads((out / "learned_core4.json").read_text()) | {
        "split": "old",
        "roster_id": "0",
    }
    (out / "learned_old.json").write_text(json.dumps(stale))
    assert cli.main(["balance", "learned", str(trained), *arguments]) == 0
    page = (out / "learned.md").read_text()
    assert "## core4" in page and "## old" in page
    assert page.count("measure again") == 1
    assert all(page.count(f"| {name} |") == 2 for name in NAMES)


def test_a_matrix_of_another_roster_is_refused(trained, tmp_path):
    results = save_matrix(tmp_path / "matrix.npz", NAMES, roster_id="aa")
    with pytest.raises(BalanceError, match=f"roster aa, this is {ROSTER.id}.*balance run"):
        learned_balance.run(Config(trained, results, tmp_path, games=2))
    with pytest.raises(ValueError, match="even"):
        Config(trained, games=3)


def test_a_damaged_comparison_beside_it_is_named(trained, tmp_path):
    results = save_matrix(tmp_path / "matrix.npz", NAMES)
    (tmp_path / "learned_x.json").write_text("{}")
    with pytest.raises(BalanceError, match=r"learned_x\.json: damaged"):
        learned_balance.run(Config(trained, results, tmp_path, games=2))


def test_spearman_finds_ranks_and_their_ceiling():
    rng = np.random.default_rng(0)
    first = rng.normal(size=40)
    errors = (np.full(40, 0.1), np.full(40, 0.1))
    same = spearman(first, np.exp(first), errors=errors)
    assert same.value == pytest.approx(1) and same.low == pytest.approx(1)
    assert 0.97 < same.ceiling < 1
    noise = spearman(first, rng.normal(size=40), errors=errors)
    assert noise.low < 0 < noise.high and abs(noise.value) < 0.4
    drowned = spearman(first, np.exp(first), errors=(np.full(40, 9.0), errors[1]))
    assert drowned.ceiling == 0
    assert np.isnan(spearman(first, np.ones(40), errors=errors).value)


def test_it_is_told_how_the_policy_fights(found):
    result, page = found
    fights, mirrors = result["fights"], result["mirrors"]
    assert fights["matches"] == mirrors["matches"] == 12
    assert sum(fights["damage"].values()) > 1000 * fights["matches"]
    assert fights["decisions"] >= fights["ticks"] // 3
    gates = {gate["name"]: gate for gate in result["gates"]}
    chain = fights["damage"]["chain"] / sum(fights["damage"].values())
    assert gates["damage of normals"]["value"] == pytest.approx(chain)
    assert gates["damage of normals"]["holds"] == (chain <= 0.48)
    assert f"| damage of normals | {chain:.3f} | at most 0.48 |" in page
    assert f"| ultimates | {fights['uses']['ultimates'] / 24:.2f} |" in page


def test_fights_are_counted_from_the_matches_themselves():
    """Two that walk at each other and attack: normals alone, and nobody may use anything else."""

    class Presser:
        name = "presser"

        def act(self, observations, masks, *, rng, deterministic=False):
            attack = action_id(Direction.NONE, Button.ATTACK)
            forward = action_id(Direction.E, Button.NONE)  # rows are seen as if from the left
            wanted = np.where(rng.random(len(masks)) < 0.3, attack, forward)
            legal = np.take_along_axis(masks, wanted[:, None], axis=1)[:, 0]
            return np.where(legal == 1, wanted, 0).astype(np.int32)

    indices = [ROSTER[name].index for name in NAMES]
    pairs = [(own, own) for own in indices]
    found = play_itself(Presser(), pairs, seed=3, options=Options(max_seconds=20))
    again = play_itself(Presser(), pairs, seed=3, options=Options(max_seconds=20))
    assert found == again
    assert found.matches == 4 and found.ticks <= 4 * 600
    assert found.uses["attacks"] > 10 and found.uses["skill1"] == 0
    assert found.damage["skill"] == 0 and found.damage["chain"] > 0
    assert found.timeouts == 4 and found.decisions == found.ticks // 3
    assert 0 <= found.locked < 0.02 * found.decisions
