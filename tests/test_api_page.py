"""The examples of docs/api.md run, and the names it tells of exist."""

import re
from pathlib import Path

import pytest

import cam_arena

PAGE = (Path(__file__).parent.parent / "docs" / "api.md").read_text(encoding="utf-8")


def test_members_of_a_match_exist():
    table = PAGE.partition("| Member | Meaning |")[2].partition("\n\n")[0]
    members = {
        name
        for row in table.splitlines()
        for name in re.findall(r"`([a-z_]+)(?:\([^`]*\))?`", row.split(" | ")[0])
    }
    assert len(members) > 15
    assert not members - set(dir(cam_arena.Match))


@pytest.mark.parametrize("name", cam_arena.__all__)
def test_public_names_exist(name):
    assert getattr(cam_arena, name) is not None
    assert name in dir(cam_arena)


def test_unknown_name():
    with pytest.raises(AttributeError, match="duel_v1"):
        cam_arena.duel_v1  # noqa: B018
