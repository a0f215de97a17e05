"""Roster files that the package writes: one of your own, a generated one, a character's table."""

import functools
import json
import re
import tomllib
from pathlib import Path

import pytest

from cam_arena import duel_v0, load_roster
from cam_arena.cli import main
from cam_arena.roster import store
from cam_arena.roster.load import BUNDLED
from cam_arena.roster.reader import Problems, read_table
from cam_arena.roster.sources import Sources, read_sources
from cam_arena.roster.toml_writer import write_table

ROOT = Path(__file__).parent.parent


@functools.cache
def bundled() -> Sources:
    """Return the values of all 304 characters."""
    return read_sources(BUNDLED)


def run(capsys, *arguments):
    """Return exit code, standard output and standard error of a command line."""
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def same(one: object, two: object) -> bool:
    """Compare values; the lists of files are the tuples of defaults."""
    return json.dumps(one) == json.dumps(two)


def read(table: str, text: str) -> dict[str, object]:
    problems = Problems("text")
    values = read_table(table, tomllib.loads(text), "", problems)
    assert not problems.found
    return values


# ---- the writer ----


@pytest.mark.parametrize("index", range(16))
def test_a_school_and_all_its_characters_are_read_as_they_were_written(index):
    school = bundled().schools[index]
    assert len(school["character"]) == 19
    assert same(read("school file", write_table("school file", school)), school)


def test_scrolls_and_companions_are_read_as_they_were_written():
    for key, entries in (("scroll", bundled().scrolls), ("companion", bundled().companions)):
        values = {key: entries}
        assert same(read(f"{key}s file", write_table(f"{key}s file", values)), values)


def test_what_the_reader_fills_in_is_not_written():
    character = bundled().schools[0]["character"][0]
    text = write_table("character", character, "[[character]]")
    assert "by slot" not in text and "None" not in text
    assert "\naccel_ticks = 1\n" not in text and "priority" not in text
    assert len(text) < 0.6 * len(json.dumps(character))


@pytest.mark.parametrize("text", ['say "no"', "a\\b", "tab\there", "line\nbreak", "\x7f é 漢 \x01"])
def test_any_text_is_read_as_it_was_written(text):
    assert tomllib.loads(write_table("character", {"text": text})) == {"text": text}


def test_a_key_that_does_not_exist_is_an_error_and_not_lost():
    with pytest.raises(KeyError, match="colour"):
        write_table("character", {"name": "Ada", "colour": "red"})


# ---- roster new ----


@pytest.mark.parametrize("name", ["", "   ", "x "])
def test_a_name_of_blanks_is_refused(capsys, tmp_path, name):
    code, _, err = run(capsys, "roster", "new", name, "--out", tmp_path / "mine")
    shown = name if name.strip() else "blank"
    assert code and f"character[0].name is {shown}; it must be text of 2..32 characters" in err
    assert not (tmp_path / "mine").exists()


@pytest.fixture
def made(capsys, tmp_path):
    path = tmp_path / "mine"
    code, out, err = run(capsys, "roster", "new", "Ada Vex", "--school", "Iron Reed", "--out", path)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"made {path / 'schools' / 'iron_reed.toml'}",
        f"check: cam-arena roster validate {path}",
        f"watch: cam-arena watch --roster {path}",
    ]
    return path


def test_a_new_roster_is_valid_and_has_what_the_example_shows(capsys, made):
    assert run(capsys, "roster", "validate", made)[:2] == (0, "no problems\n")
    roster = load_roster(made)
    assert roster.names == ("Ada Vex",)
    character = roster["Ada Vex"]
    assert character.school.name == "Iron Reed" and character.authored
    assert character.moves["skill1"].is_ranged
    assert character.traits == ("dash", "momentum") and "trait" in character.moves
    assert character.slip["kind"] == "backdoor"
    assert character.followups and character.form is None


def test_a_new_roster_fights(capsys, made, tmp_path):
    env = duel_v0.parallel_env(roster=str(made), max_seconds=10)
    observations, _ = env.reset(seed=1)
    for agent in env.agents:
        env.action_space(agent).seed(1)
    used = set()
    while env.agents:
        actions = {
            agent: env.action_space(agent).sample(seen["action_mask"])
            for agent, seen in observations.items()
        }
        observations, _, _, _, _ = env.step(actions)
        used |= {actions[agent] % 12 for agent in actions}
    assert {1, 2, 3, 10} <= used  # attack, both skills, trait
    film = tmp_path / "match.gif"
    code, _, err = run(
        capsys, "watch", "masher:5", "zoner:3", "--roster", made, "--characters", "Ada Vex",
        "--record", film, "--seconds", "0.3",
    )  # fmt: skip
    assert code == 0, err
    assert film.stat().st_size > 0


def test_the_examples_form_works_when_its_lines_are_uncommented(made):
    file = next((made / "schools").glob("*.toml"))
    text, count = re.subn(r"^#(?! )", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert count > 5
    file.write_text(text, encoding="utf-8")
    character = load_roster(made)["Ada Vex"]
    assert character.form is not None and set(character.form) == {"skill1"}
    assert character.form["skill1"].name == "Long Lunge"


def test_a_new_roster_takes_the_description_of_a_bundled_school(capsys, tmp_path):
    path = tmp_path / "mine"
    assert run(capsys, "roster", "new", "Ada", "--school", "Emberstep", "--out", path)[0] == 0
    school = load_roster(path).schools[0]
    of_bundle = next(one for one in load_roster().schools if one.name == "Emberstep")
    assert (school.plan, school.palette) == (of_bundle.plan, of_bundle.palette)


@pytest.mark.parametrize("name", ["x", "x" * 33])
def test_a_bad_name_is_refused_and_nothing_is_made(capsys, tmp_path, name):
    code, _, err = run(capsys, "roster", "new", name, "--out", tmp_path / "mine")
    assert code == 2 and "must be text of 2..32 characters" in err
    assert not (tmp_path / "mine").exists()


def test_a_name_with_quotes_is_written_as_it_is(capsys, tmp_path):
    path, name = tmp_path / "mine", 'Ada "Ace" \\1'
    assert run(capsys, "roster", "new", name, "--out", path)[0] == 0
    assert load_roster(path).names == (name,)


def test_an_odd_school_name_makes_a_file_inside_the_directory(capsys, tmp_path):
    path = tmp_path / "mine"
    assert run(capsys, "roster", "new", "Ada", "--school", "../..", "--out", path)[0] == 0
    assert [file.parent.name for file in path.rglob("*.toml")].count("schools") == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    "command", [("new", "Ada Vex"), ("generate", "--count", "2")], ids=lambda words: words[0]
)
def test_a_directory_with_files_is_left_alone(capsys, tmp_path, command):
    (tmp_path / "notes.txt").write_text("mine")
    code, _, err = run(capsys, "roster", *command, "--out", tmp_path)
    assert code == 2 and "is not empty" in err
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes.txt"]


# ---- roster generate ----


def generate(capsys, path, *, seed=7, count=40):
    code, out, err = run(
        capsys, "roster", "generate", "--seed", seed, "--count", count, "--out", path
    )
    assert (code, err) == (0, "")
    return out


def test_a_generated_roster_is_readable_valid_and_compiled(capsys, tmp_path):
    path = tmp_path / "generated"
    out = generate(capsys, path)
    roster = load_roster(path)
    assert out == f"made {path}: 40 characters in 16 schools, id {roster.id}\n"
    assert len(roster) == 40 and not any(character.authored for character in roster)
    assert run(capsys, "roster", "validate", path)[:2] == (0, "no problems\n")
    assert store.read(path) is not None
    (path / store.FILE).unlink()  # and the files alone make the same roster
    assert load_roster(path.rename(tmp_path / "moved")).id == roster.id
    text = next((tmp_path / "moved" / "schools").glob("*.toml")).read_text(encoding="utf-8")
    assert text.startswith("# Made by cam-arena roster generate --seed 7 --count 40.\n")


def test_the_seed_decides_the_generated_roster(capsys, tmp_path):
    ids = []
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        generate(capsys, tmp_path / name, seed=seed, count=5)
        ids.append(load_roster(tmp_path / name).id)
    assert ids[0] == ids[1] != ids[2]


def test_fewer_characters_than_schools_make_fewer_schools(capsys, tmp_path):
    generate(capsys, tmp_path / "few", count=3)
    assert len(list((tmp_path / "few" / "schools").glob("*.toml"))) == 3


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [("--count", 0, r"1\.\.2048"), ("--count", 2049, r"1\.\.2048"), ("--seed", -1, "seed must be")],
)
def test_what_cannot_be_generated_is_refused(capsys, tmp_path, option, value, message):
    given = {"--count": 2, "--seed": 1, "--out": tmp_path / "none"} | {option: value}
    code, _, err = run(capsys, "roster", "generate", *(x for pair in given.items() for x in pair))
    assert code == 2 and re.search(message, err)
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_the_most_that_can_be_generated_load(capsys, tmp_path):
    generate(capsys, tmp_path / "most", count=2048)
    assert len(load_roster(tmp_path / "most")) == 2048


# ---- roster show --toml ----


@pytest.mark.parametrize("authored", [True, False])
def test_a_shown_character_can_be_copied_into_a_roster(capsys, made, authored):
    chosen = next(one for one in load_roster() if one.authored is authored)
    code, out, _ = run(capsys, "roster", "show", chosen.name, "--toml")
    assert code == 0
    assert out.startswith(f'[[character]]\nname = "{chosen.name}"\n')
    file = next((made / "schools").glob("*.toml"))
    file.write_text(file.read_text(encoding="utf-8") + "\n" + out, encoding="utf-8")
    copied = load_roster(made)[chosen.name]
    assert copied.stats == chosen.stats and copied.slip == chosen.slip
    assert copied.authored
    for button, move in chosen.moves.items():
        other = copied.moves[button]
        assert (move.name, move.declared) == (other.name, other.declared)


def test_the_documented_example_is_the_one_that_new_writes():
    page = (ROOT / "docs" / "roster.md").read_text(encoding="utf-8")
    example = (BUNDLED / "example" / "character.toml").read_text(encoding="utf-8")
    assert f"```toml\n{example}```" in page
