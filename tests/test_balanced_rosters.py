"""Rosters that bots even out: straight out of the generator, with --balance, of several seeds."""

import shutil
from itertools import islice

import numpy as np
import pytest

import cam_arena
from cam_arena import cli
from cam_arena.balance.even import AIM, LEAST, even_out, even_quickly
from cam_arena.balance.generated import generate_balanced, generate_played
from cam_arena.balance.matrix import Matrix
from cam_arena.balance.sample import play_sample
from cam_arena.balance.schedule import Plan
from cam_arena.roster import store
from cam_arena.roster.generator import generate_roster
from cam_arena.roster.make import generate_directory


def spread(path, *, seed):
    """True spread of strengths, logits, by games of another seed."""
    data = cam_arena.load_roster(path).data
    return play_sample(data, Plan(data.num_characters, 40, seed=seed), 31).strengths.spread


def test_a_few_games_make_a_roster_more_even(tmp_path):
    generate_directory(3, 32, tmp_path / "model")
    generate_played(3, 32, tmp_path / "played")
    before, after = (spread(tmp_path / way, seed=99) for way in ("model", "played"))
    assert before > 0.3
    assert after < 0.6 * before
    names = [cam_arena.load_roster(tmp_path / way).names for way in ("model", "played")]
    assert names[0] == names[1]


def test_the_same_seed_gives_the_same_roster_whatever_the_threads(tmp_path):
    ids = []
    for threads in (1, 2):
        generate_played(4, 8, tmp_path / str(threads), threads=threads)
        ids.append(cam_arena.load_roster(tmp_path / str(threads)).id)
    assert ids[0] == ids[1]


def test_what_few_games_say_is_taken_from_the_model_once_a_round(tmp_path):
    generate_directory(3, 24, tmp_path / "model")
    asked = []

    def make(surplus):
        asked.append(dict(surplus))
        return cam_arena.load_roster(tmp_path / "model")

    found = even_quickly(make, Plan(24, 2, ("punisher",), (4,), seed=2), threads=1)
    first, second = asked
    assert not first
    steps = np.array([second[name] for name in found])
    again = np.array([found[name] for name in found]) - steps
    assert np.abs(steps).max() > 0.2
    assert np.corrcoef(steps, again)[0, 1] > 0.3  # the roster stayed as it was: the same once more


def test_a_round_takes_what_is_too_much_and_gives_back_what_is_too_little(tmp_path):
    generate_directory(3, 12, tmp_path / "model")
    roster = cam_arena.load_roster(tmp_path / "model")
    plan = Plan(12, 4, ("punisher",), (4,), seed=2)

    def steps(spread):
        rounds = list(islice(even_out(lambda _: roster, plan, spread=spread, threads=1), 2))
        strengths = rounds[0].strengths.value
        return rounds, [
            float(np.array(list(one.surplus.values())) @ strengths / (strengths @ strengths))
            for one in rounds[1:2]
        ]

    rounds, (step,) = steps(0.03)
    assert 0.1 < step < 1 - AIM * 0.03 / rounds[0].spread
    rounds, (step,) = steps(0.5)
    assert step < -0.4
    found = rounds[0].spread
    assert steps(found / 0.9)[1] == []
    assert steps(found * 0.97)[1] != []


def test_generate_says_by_which_command_a_roster_was_made(tmp_path, capsys):
    heads = {"": (), " --unplayed": ("--unplayed",), " --balance": ("--balance",)}
    for options, given in heads.items():
        path = tmp_path / (options.strip() or "plain")
        code = cli.main(
            ["roster", "generate", "--count", "6", "--seed", "5", "--out", str(path), *given]
        )
        assert code in ((0, 1) if options == " --balance" else (0,))
        assert "made" in capsys.readouterr().out
        text = next((path / "schools").iterdir()).read_text()
        command = f"cam-arena roster generate --seed 5 --count 6{options}"
        assert text.startswith(f"# Made by {command}.\n")
    assert not (tmp_path / "plain" / "balance").exists()
    matrix = Matrix.load(tmp_path / "--balance" / "balance" / "matrix.npz")
    assert matrix.meta["roster_id"] == cam_arena.load_roster(tmp_path / "--balance").id
    assert "punisher" in matrix.meta["mirror_locks"]


def test_one_character_has_nobody_to_be_evened_out_with(tmp_path, capsys):
    given = ["roster", "generate", "--count", "1", "--out", str(tmp_path / "x")]
    assert cli.main([*given, "--balance"]) == 2
    assert "--balance needs 2 characters or more to play each other, got 1" in (
        capsys.readouterr().err
    )
    assert not (tmp_path / "x").exists()
    assert cli.main(given) == 0


def test_a_directory_is_made_whole_or_not_at_all(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            generate_directory(5, 3, tmp_path / "made")
    assert not list(tmp_path.iterdir())
    (tmp_path / "made").mkdir()
    generate_directory(5, 3, tmp_path / "made")
    assert [file.name for file in tmp_path.iterdir()] == ["made"]


def test_a_roster_that_is_copied_stays_compiled(tmp_path):
    generate_directory(5, 3, tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    assert store.read(tmp_path / "two") is not None
    assert store.key(tmp_path / "one") == store.key(tmp_path / "two")
    (tmp_path / "two" / "scrolls.toml").rename(tmp_path / "two" / "companions.toml")
    assert store.key(tmp_path / "one") != store.key(tmp_path / "two")


def test_balance_and_unplayed_exclude_each_other(tmp_path, capsys):
    given = ["--count", "6", "--out", str(tmp_path / "x"), "--balance", "--unplayed"]
    assert cli.main(["roster", "generate", *given]) == 2
    assert "give one of them" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_unplayed_is_what_the_model_says(tmp_path):
    generate_directory(6, 8, tmp_path / "x")
    names = [table["name"] for tables in generate_roster(6, 8) for table in tables]
    assert list(cam_arena.load_roster(tmp_path / "x").names) == names


@pytest.mark.slow
def test_seeds_are_measured_by_a_command_that_goes_on(tmp_path, capsys):
    page, out = tmp_path / "seeds.md", tmp_path / "seeds"
    given = ["balance", "seeds", "8", "9", "--out", str(out), "--to", str(page),
             "--characters", "24", "--games", "4"]  # fmt: skip
    assert cli.main(given) in (0, 1)
    text = page.read_text()
    assert "| Gate | Allowed | seed 8 | seed 9 |" in text
    assert "cam-arena balance seeds 8 9 --characters 24 --games 4" in text
    assert "| damage of skills | at least 0.25 |" in text
    stamps = [file.stat().st_mtime_ns for file in sorted(out.rglob("compiled.bin"))]
    assert len(stamps) == 6
    assert cli.main(given) in (0, 1)
    assert [file.stat().st_mtime_ns for file in sorted(out.rglob("compiled.bin"))] == stamps
    assert page.read_text() == text


@pytest.mark.slow
def test_a_balanced_roster_spreads_as_asked(tmp_path):
    generate_balanced(10, 64, tmp_path / "x", games=20)
    matrix = Matrix.load(tmp_path / "x" / "balance" / "matrix.npz")
    mean = (matrix.rates.sum(axis=1) - 0.5) / 63
    assert LEAST * AIM * 0.03 < mean.std() < 0.045  # the noise of few games is in it
