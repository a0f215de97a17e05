"""Counts in sentences."""

import pytest

from cam_arena.cli import main
from cam_arena.words import counted


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 matches"), (1, "1 match"), (2, "2 matches"), (2000, "2,000 matches")],
)
def test_a_count_agrees_with_its_noun(count, words):
    assert counted(count, "match", "matches") == words
    assert counted(count, "game") == words.replace("matches", "games").replace("match", "game")


def test_one_match_is_not_one_matches(capsys):
    assert main(["bench", "--matches", "1", "--seconds", "0.01"]) == 0
    assert "with 1 match on 1 thread, observations" in capsys.readouterr().out
