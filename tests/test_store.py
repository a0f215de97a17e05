"""The compiled roster: fresh, equal to its sources, fast, and refused when it is not of them."""

import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from cam_arena import cli
from cam_arena.errors import CharacterError
from cam_arena.game.rules import Rules
from cam_arena.roster import load as load_module
from cam_arena.roster import load_roster, store
from cam_arena.roster.load import BUNDLED, compile_sources

SCHOOL = "schools/emberstep.toml"
NUM_CHARACTERS = 304
NUM_AUTHORED = sum(
    (BUNDLED / "schools" / name).read_text(encoding="utf-8").count("[[character]]")
    for name in ("emberstep.toml", "stoneback.toml")
)


@pytest.fixture(scope="module")
def compiled():
    return compile_sources()


@pytest.fixture
def directory(tmp_path):
    """A copy of two schools of the bundled roster."""
    target = tmp_path / "roster"
    (target / "schools").mkdir(parents=True)
    for name in ("scrolls.toml", "companions.toml", SCHOOL, "schools/stoneback.toml"):
        shutil.copy(BUNDLED / name, target / name)
    return target


def arrays_are_equal(one, two):
    return list(one) == list(two) and all(
        one[name].dtype == two[name].dtype and np.array_equal(one[name], two[name]) for name in one
    )


def edit_health(directory, hp):
    """Give the first character of a school another health."""
    path = directory / SCHOOL
    text, count = re.subn(r"(?m)^max_hp = \d+$", f"max_hp = {hp}", path.read_text("utf-8"), count=1)
    assert count
    path.write_text(text, encoding="utf-8")


def test_bundled_file_is_of_the_bundled_sources(compiled):
    stored = store.read(BUNDLED)
    assert stored is not None, "run `cam-arena roster compile` and commit compiled.bin"
    assert arrays_are_equal(stored.arrays, compiled.arrays)
    assert stored.about == json.loads(json.dumps(compiled.about))


def test_a_stored_roster_is_the_compiled_one(directory):
    fresh = load_module._load.__wrapped__(directory, Rules())
    store.write(compile_sources(directory), directory)
    load_module._compiled.cache_clear()
    stored = load_module._load.__wrapped__(directory, Rules())
    assert stored.id == fresh.id
    assert stored.names == fresh.names
    assert stored.splits == fresh.splits
    for one, two in zip(fresh, stored, strict=True):
        assert vars(one) == vars(two)
    for table in ("moves", "entity_types", "schools", "scrolls", "companions"):
        assert list(getattr(fresh, table)) == list(getattr(stored, table))


def test_what_describes_characters_is_no_part_of_the_id(directory, monkeypatch):
    plain = load_module._load.__wrapped__(directory, Rules())
    monkeypatch.setattr("cam_arena.roster.build.profiles", lambda *_: -plain.arrays["profiles"])
    load_module._compiled.cache_clear()
    described = load_module._load.__wrapped__(directory, Rules())
    load_module._compiled.cache_clear()
    assert np.array_equal(described.arrays["profiles"], -plain.arrays["profiles"])
    assert described.id == plain.id


def test_loading_does_not_compile_what_is_stored(directory, monkeypatch):
    store.write(compile_sources(directory), directory)
    monkeypatch.setattr(load_module, "compile_sources", lambda path: pytest.fail("compiled again"))
    assert len(load_roster(directory)) == NUM_AUTHORED


def test_a_changed_source_is_compiled_anew_and_nothing_is_written(directory):
    file = store.write(compile_sources(directory), directory)
    before = file.read_bytes()
    edit_health(directory, 9000)
    assert store.read(directory) is None
    roster = load_roster(directory)
    assert roster[0].stats["max_hp"] == roster.arrays["characters"]["max_hp"][0] == 9000
    assert file.read_bytes() == before


def test_a_wrong_source_is_refused_although_a_compiled_file_is_there(directory):
    store.write(compile_sources(directory), directory)
    edit_health(directory, 1)
    with pytest.raises(CharacterError, match=r"max_hp is 1; it must be 8500\.\.12500"):
        load_roster(directory)


def test_line_ends_of_a_checkout_do_not_matter(directory):
    store.write(compile_sources(directory), directory)
    path = directory / SCHOOL
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert store.read(directory) is not None


def test_a_removed_or_added_file_is_noticed(directory):
    store.write(compile_sources(directory), directory)
    (directory / "splits.toml").write_text("")
    assert store.read(directory) is None
    (directory / "splits.toml").unlink()
    assert store.read(directory) is not None
    (directory / "schools" / "stoneback.toml").unlink()
    assert store.read(directory) is None


def test_a_damaged_file_is_not_used(directory):
    file = store.write(compile_sources(directory), directory)
    whole = file.read_bytes()
    for content in (
        b"",
        b"nonsense",
        whole[:12],
        whole[: len(whole) // 2],
        whole[:-1],
        whole[:-200] + bytes(200),
        whole.replace(b'"moves", ', b'"moves", 9'),
        whole.replace(b'"ops"', b'"pos"'),
    ):
        assert content != whole
        file.write_bytes(content)
        assert store.read(directory) is None
    assert len(load_roster(directory)) == NUM_AUTHORED


def test_command_writes_the_file_and_says_where(directory, capsys):
    assert cli.main(["roster", "compile", str(directory)]) == 0
    assert capsys.readouterr().out.strip() == str(directory / store.FILE)
    assert store.read(directory) is not None


def test_items_are_made_once_and_by_index():
    roster = load_roster()
    assert roster.moves[3] is roster.moves[3] is roster.moves[3 - len(roster.moves)]
    assert roster.characters[1:3] == (roster[1], roster[2])
    assert list(reversed(roster.characters))[-1] is roster[0]
    assert all(roster[name].index == index for index, name in enumerate(roster.names))
    with pytest.raises(IndexError):
        roster.moves[len(roster.moves)]
    with pytest.raises(KeyError, match=f"did you mean '{roster.names[0]}'"):
        roster[roster.names[0][:-1]]


def test_the_whole_game_loads_in_fifty_milliseconds():
    code = (
        "import time\n"
        "from cam_arena import load_roster\n"
        "start = time.process_time()\n"
        "roster = load_roster()\n"
        "print(1000 * (time.process_time() - start), len(roster))"
    )
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    times = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        milliseconds, number = done.stdout.split()
        assert int(number) == NUM_CHARACTERS
        times.append(float(milliseconds))
    assert min(times) < 50, times
