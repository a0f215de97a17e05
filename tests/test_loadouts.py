"""Scrolls and companions in the balance report."""

from types import SimpleNamespace

import numpy as np
import pytest

import cam_arena
from cam_arena import _core, _tournament, cli
from cam_arena.balance import commands
from cam_arena.balance.loadouts import Choice, Loadouts, play_loadouts
from cam_arena.balance.schedule import Plan

ROSTER = cam_arena.load_roster()
META = {"roster_id": "r", "schools": ["a", "b", "c", "d"]}
NAMES = {
    "scrolls": [scroll.name for scroll in ROSTER.scrolls],
    "companions": [companion.name for companion in ROSTER.companions],
}


class Sized(SimpleNamespace):
    """A roster of four."""

    def __len__(self):
        return 4


def choice(worth, fit=0.0, games=400, characters=80, seed=0):
    """Counts of scrolls that are worth so much more or less than one half in any hands."""
    rng = np.random.default_rng(seed)
    rates = 0.5 + np.array(worth) + rng.normal(0, fit, (characters, len(worth)))
    played = np.full(rates.shape, games)
    points = rng.binomial(played, rates).astype(float)
    return Choice(tuple(f"s{k}" for k in range(len(worth))), points, played, 0.25)


def test_mean_scores_and_their_errors():
    found = choice([0.05, 0.0, -0.05])
    assert found.rates == pytest.approx([0.55, 0.5, 0.45], abs=0.01)
    assert found.errors == pytest.approx(0.5 / np.sqrt(80 * 400), rel=0.02)
    assert found.order == [0, 1, 2]


@pytest.mark.parametrize("fit", [0.0, 0.03])
def test_the_spread_of_who_suits_whom_is_found_without_the_noise(fit):
    found = [choice([0.0] * 12, fit, games=60, seed=k).fit for k in range(12)]
    assert np.mean(np.square(found)) == pytest.approx(fit**2, abs=0.014**2)


def test_alike_scrolls_that_suit_different_characters_are_all_picked():
    picks = choice([0.0] * 10, 0.04).pick_rates()
    assert picks.sum() == pytest.approx(1)
    assert picks.min() > 0.05
    assert picks.max() < 0.15


def test_a_scroll_that_is_better_for_everybody_is_picked_by_everybody():
    study = Loadouts({"scrolls": choice([0.1] + [0.0] * 9, 0.01)}, 1000, "x")
    least, most = study.gates()
    assert most.value > 0.95
    assert not most.passed
    assert not least.passed
    assert "s0" in most.note


def test_games_are_played_with_the_loadouts_that_they_name():
    plan = Plan(len(ROSTER), 2, ("walker",), (4,), seed=3)
    games = plan.games_with_loadouts(0, 400, scrolls=18, companions=18)
    assert set(games["scrolls"].ravel()) == set(games["companions"].ravel()) == set(range(18))
    assert np.array_equal(games["characters"], plan.games(0, 400)["characters"])
    changed = games[:40].copy()
    changed["scrolls"] = (changed["scrolls"] + 1) % 18
    results = [np.zeros(40, _core.DTYPES["result"]) for _ in range(3)]
    for list_of_games, list_of_results in zip(
        (games[:40].copy(), changed, games[:40].copy()), results, strict=True
    ):
        _tournament.play(ROSTER.data, list_of_games, list_of_results)
    assert np.array_equal(results[0], results[2])
    assert not np.array_equal(results[0], results[1])
    game = games[0]
    batch = _core.Batch(ROSTER.data, 1)
    for seat in range(2):
        batch.set_bot(0, seat, int(game["kinds"][seat]), int(game["levels"][seat]))
    companions = [[int(c), -2, -2] for c in game["companions"]]
    batch.reset(
        0, int(game["seed"]), game["characters"].tolist(), game["scrolls"].tolist(), companions
    )
    for _ in range(600):
        batch.advance(np.zeros((1, 2), np.int32))
    state = np.frombuffer(batch.state(0), _core.DTYPES["state"])[0]
    assert np.array_equal(state["fighters"]["hp"], results[0][0]["hp"])


def test_a_study_counts_every_game_and_can_be_kept(tmp_path):
    plan = Plan(len(ROSTER), 2, ("walker",), (4,), seed=3, max_ticks=90)
    small = Plan(8, 2, ("walker",), (4,), seed=3, max_ticks=90)
    found = play_loadouts(ROSTER.data, small, names=NAMES, roster_id=ROSTER.id, threads=2)
    assert plan.num_games > small.num_games == found.num_games
    for counted in found.choices.values():
        assert counted.games.sum() == 2 * small.num_games
        assert counted.points.sum() == small.num_games
    found.save(tmp_path / "loadouts.npz")
    again = Loadouts.load(tmp_path / "loadouts.npz")
    assert again.roster_id == ROSTER.id
    assert again.num_games == found.num_games
    for kind, counted in found.choices.items():
        assert again.choices[kind].names == counted.names
        assert np.array_equal(again.choices[kind].points, counted.points)
        assert again.choices[kind].variance == counted.variance


def test_a_scroll_that_there_is_not_is_refused():
    games = Plan(len(ROSTER), 2, ("walker",), (4,)).games(0, 2)
    for field in ("scrolls", "companions"):
        wrong = games.copy()
        wrong[field][1, 1] = 18
        with pytest.raises(ValueError, match=f"{field[:-1]} is 18; it must be -1..17"):
            _tournament.play(ROSTER.data, wrong, np.zeros(2, _core.DTYPES["result"]))


def test_the_command_shows_them_and_the_report_takes_them_in(tmp_path, capsys, monkeypatch):
    few = {name: ROSTER.arrays[name][:4] for name in ("characters", "descriptors", "profiles")}
    small = Sized(
        data=_core.Data(ROSTER.rules.pack(), **{**ROSTER.arrays, **few}),
        names=ROSTER.names[:4], scrolls=ROSTER.scrolls, companions=ROSTER.companions,
    )  # fmt: skip
    monkeypatch.setattr(commands, "_load", lambda path: (small, META))
    out = ["--out", str(tmp_path / "out")]
    options = ["--games", "4", "--pilots", "walker", *out]
    assert cli.main(["balance", "loadouts", *options]) in (0, 1)
    assert "pick rate of the most picked" in capsys.readouterr().out
    cli.main(["balance", "run", *options, "--rematch", "0"])
    assert "scrolls: pick rate" in capsys.readouterr().out
    cli.main(["balance", "report", *out, "--to", str(tmp_path / "page")])
    assert "## Scrolls and companions" in (tmp_path / "page" / "README.md").read_text()
