"""Specialists for clusters of characters: who belongs together, and what it costs and gains."""

import json
from itertools import combinations

import numpy as np
import pytest

import cam_arena
from cam_arena.agents import evaluation
from cam_arena.agents.clusters import cluster_characters, cost_and_gain
from cam_arena.agents.evaluate import NUM_PERIODS, Table
from cam_arena.errors import CheckpointError

ROSTER = cam_arena.load_roster()
NAMES = ROSTER.split("core16")


@pytest.mark.parametrize("count", [1, 3, 8])
def test_every_character_is_in_one_cluster(count):
    clusters = cluster_characters(ROSTER, NAMES, count)
    assert len(clusters) == count
    members = [name for team in clusters.values() for name in team]
    assert sorted(members) == sorted(NAMES)
    assert all(name == team[0] for name, team in clusters.items() if len(team) == 1)
    assert clusters == cluster_characters(ROSTER, NAMES, count)


def test_as_many_clusters_as_characters_are_the_characters():
    assert cluster_characters(ROSTER, NAMES, 16) == {name: (name,) for name in NAMES}


def test_members_of_a_cluster_are_more_alike_than_others():
    clusters = cluster_characters(ROSTER, NAMES, 4)
    points = ROSTER.arrays["descriptors"]
    team = {name: number for number, t in enumerate(clusters.values()) for name in t}
    inside, outside = [], []
    for one, other in combinations(NAMES, 2):
        distance = np.linalg.norm(points[ROSTER[one].index] - points[ROSTER[other].index])
        (inside if team[one] == team[other] else outside).append(distance)
    assert np.mean(inside) < np.mean(outside)


@pytest.mark.parametrize("count", [0, 17])
def test_impossible_counts_are_refused(count):
    with pytest.raises(ValueError, match=r"clusters must be 1\.\.16"):
        cluster_characters(ROSTER, NAMES, count)


def write_run(folder, policies, specialist_wins):
    """Write a finished and evaluated run of two characters, 100 games a pairing."""
    folder.mkdir()
    cost = {"policies": policies, "shipped": 1, "samples": 1000 * policies, "seconds": 2.0}
    (folder / "summary.json").write_text(json.dumps({"cost": cost}))
    wins = np.full((4, 4), 50)
    wins[2:, :2], wins[:2, 2:] = specialist_wins, 100 - specialist_wins
    np.fill_diagonal(wins, 0)
    square = np.zeros((4, 4), np.int64)
    table = Table(
        wins,
        square,
        100 * (1 - np.eye(4, dtype=np.int64)),
        np.zeros(3, np.int64),
        square,
        np.zeros((4, 4)),
        np.zeros((4, 4, NUM_PERIODS, 12), np.int64),
        np.zeros((4, 4, 12), np.int64),
        np.zeros((4, 4, 12), np.int64),
    )
    evaluation.save(
        evaluation.Evaluation("shared policy", "specialist", ("a", "b"), table, 0, 100, "x", {}),
        folder,
    )
    return folder


def test_cost_stands_beside_gain(tmp_path):
    runs = [write_run(tmp_path / "one", 1, 55), write_run(tmp_path / "two", 2, 60)]
    rows = cost_and_gain(runs)
    assert [row["policies"] for row in rows] == [2, 1]
    assert [row["samples"] for row in rows] == [2000, 1000]
    assert [row["gain"] for row in rows] == pytest.approx([0.1, 0.05])
    assert all(row["low"] < row["gain"] < row["high"] for row in rows)
    (tmp_path / "one" / "summary.json").unlink()
    with pytest.raises(CheckpointError, match="not the directory of a finished CAM run"):
        cost_and_gain(runs)
