"""Why a pair is one-sided."""

import numpy as np
import pytest

import cam_arena
from cam_arena.balance.ablation import Ablation, explain, load_ablations, save_ablations
from cam_arena.balance.extremes import Rematches
from cam_arena.balance.schedule import Plan
from cam_arena.errors import BalanceError
from cam_arena.roster.codes import Button

ROSTER = cam_arena.load_roster()
PLAN = Plan(len(ROSTER), 2, ("walker", "planner"), (4,), seed=5)


def strengthened(name, button):
    """The roster's arrays with hits of one move made ten times as strong."""
    arrays = {key: array.copy() for key, array in ROSTER.arrays.items()}
    move = arrays["moves"][arrays["characters"][ROSTER[name].index]["moves"][button]]
    first, count = int(move["first_hit"]), int(move["num_hits"])
    assert count > 0
    arrays["hits"]["damage"][first : first + count] *= 10
    return arrays


def test_the_part_that_was_made_too_strong_is_found():
    name = next(
        character.name
        for character in ROSTER
        if ROSTER.arrays["moves"]["num_hits"][
            ROSTER.arrays["characters"][character.index]["moves"][Button.SKILL1]
        ]
        > 0
    )
    winner, loser = ROSTER[name].index, ROSTER["Gorm Talus"].index
    arrays = strengthened(name, Button.SKILL1)
    (found,) = explain(
        arrays, ROSTER.rules.pack(), [(winner, loser)], PLAN, names=ROSTER.names, games=60
    )
    assert (found.winner, found.loser, found.games) == (name, "Gorm Talus", 60)
    assert found.dominant == "skill1"
    assert found.rate > 0.8
    assert found.without["skill1"] < found.rate - 0.2


def test_only_parts_that_a_character_has_are_taken_away():
    bare = next(c.index for c in ROSTER if ROSTER.arrays["characters"][c.index]["moves"][10] < 0)
    (found,) = explain(
        ROSTER.arrays, ROSTER.rules.pack(), [(bare, 0)], PLAN, names=ROSTER.names, games=2
    )
    assert "trait" not in found.without
    assert "slip" in found.without
    with pytest.raises(ValueError, match="even"):
        explain(ROSTER.arrays, ROSTER.rules.pack(), [], PLAN, names=ROSTER.names, games=3)


def test_one_sided_pairs_are_named_winner_first():
    found = Rematches(np.array([[0, 1], [2, 3], [4, 5]]), np.array([6.0, 1.0, 9.5]), 10, 100)
    assert found.most_one_sided(2) == [(4, 5), (3, 2)]


def test_what_was_found_can_be_kept(tmp_path):
    rows = [Ablation("a", "b", 0.9, {"slip": 0.6, "skill1": 0.7}, 20)]
    path = tmp_path / "explained.json"
    assert load_ablations(path, "r") == []
    save_ablations(path, rows, "r")
    assert load_ablations(path, "r") == rows
    assert rows[0].dominant == "slip"
    assert load_ablations(path, "other") == []
    path.write_text("{}")
    with pytest.raises(BalanceError, match="balance explain again"):
        load_ablations(path, "r")
