"""docs/rules.md says the numbers that the simulation runs on, and names every effect."""

import re
from dataclasses import fields
from pathlib import Path

from cam_arena.game.rules import Rules
from cam_arena.roster.codes import Effect, Slip, Trait

PAGE = (Path(__file__).parent.parent / "docs" / "rules.md").read_text(encoding="utf-8")
PROSE, TABLE = PAGE.split("<!-- table -->\n")


def shown(value):
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def test_the_table_has_every_rule_and_its_value():
    rows = re.findall(r"^\| `(\w+)` \| ([\d ]+) \| .+\. \|$", TABLE, re.MULTILINE)
    assert rows == [(rule.name, shown(getattr(Rules(), rule.name))) for rule in fields(Rules)]


def test_numbers_in_the_text_are_the_rules():
    named = re.findall(r"`(\w+)`\s+\((\d+)\)", PROSE)
    assert len(named) > 30
    for name, value in named:
        assert (name, value) == (name, str(getattr(Rules(), name)))


def test_every_effect_is_explained_once():
    section = PROSE.partition("## Effects")[2].partition("## ")[0]
    first_cells = re.findall(r"^\| ([a-z_, ]+) \| ", section, re.MULTILINE)
    names = [name for cell in first_cells for name in cell.split(", ")]
    assert sorted(names) == sorted(["effect", *(effect.name.lower() for effect in Effect)])


def test_every_trait_and_slip_is_explained_once():
    section = PROSE.partition("## Traits")[2].partition("## ")[0]
    first_cells = re.findall(r"^\| ([a-z_, ]+) \| ", section, re.MULTILINE)
    names = [name for cell in first_cells for name in cell.split(", ")]
    assert sorted(names) == sorted(["trait", *(str(trait.name).lower() for trait in Trait)])
    slips = PROSE.partition("- Kinds of slip:")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"\*(\w+)\*", slips)) == sorted(s.name.lower() for s in Slip)
