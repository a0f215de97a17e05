"""A roster of one's own, from `roster new` to a trained policy that is evaluated and watched."""

import json
import shutil

import pytest

from cam_arena import load_roster
from cam_arena.agents.run_config import read_config
from cam_arena.cli import main

TINY = ["--characters", "all", "--workers", "1", "--matches", "2", "--rollout", "4"]
TINY += ["--no-tensorboard", "--network.hidden", "8", "8", "--steps", "16", "--snapshots", "0"]


def say(capsys, *arguments):
    code = main([str(one) for one in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A directory with a roster of one character and a run on it."""
    folder = tmp_path_factory.mktemp("own")
    assert main(["roster", "new", "Ash Vale", "--out", str(folder / "mine")]) == 0
    options = [*TINY, "--roster", str(folder / "mine"), "--out", str(folder / "run")]
    assert main(["train", "selfplay", *options]) == 0
    return folder


def test_a_policy_of_it_is_evaluated_and_watched(capsys, made, tmp_path):
    run, own = made / "run", load_roster(made / "mine").id
    assert read_config(run)["roster_id"] == own != load_roster().id
    manifest = next((run / "policy").glob("*/manifest.json"))
    assert json.loads(manifest.read_text())["roster_id"] == own
    code, out, err = say(
        capsys, "evaluate", run, "--games", "2", "--no-video", "--opponent", "idle:1"
    )
    assert code == 0, err
    assert " against idle:1, " in out
    assert json.loads((run / "evaluation.json").read_text())["roster_id"] == own
    text = (run / "report.html").read_text(encoding="utf-8")
    assert "Against idle:1 playing the same character, the policy won" in text
    for word in (run, run / "policy"):
        film = tmp_path / "x.gif"
        code, out, err = say(capsys, "watch", word, "idle", "--record", film, "--seconds", "0.1")
        assert code == 0, err
        assert out.startswith("Ash Vale against Ash Vale")


def test_a_policy_of_it_is_refused_on_another(capsys, made, tmp_path):
    shutil.copytree(made / "run" / "policy", tmp_path / "policy")
    words = f"trained on roster {load_roster(made / 'mine').id}, this is {load_roster().id}"
    bundled = load_roster().path
    record = ["--record", tmp_path / "x.gif"]
    for arguments in (
        ["watch", made / "run", "idle", *record, "--roster", bundled],
        ["watch", tmp_path / "policy", "idle", *record],
        ["evaluate", made / "run", "--roster", bundled],
        ["train", "selfplay", "--resume", made / "run", "--roster", bundled],
    ):
        code, _, err = say(capsys, *arguments)
        assert code == 1 and words in err, arguments


@pytest.mark.parametrize("scheme", ["selfplay", "cam", "psro", "neupl", "simplex-neupl", "sb3"])
def test_a_split_that_it_lacks_is_refused_before_anything_is_written(
    capsys, made, tmp_path, monkeypatch, scheme
):
    monkeypatch.chdir(tmp_path)
    arguments = ["--roster", made / "mine", "--characters", "core4"]
    code, _, err = say(capsys, "train", scheme, *arguments)
    assert code == 2
    assert "characters must be a split (all) or a name of the roster in" in err
    assert err.count("\n") == 1 and list(tmp_path.iterdir()) == []


def test_a_roster_that_moved_is_asked_for(capsys, made, tmp_path):
    run, place = tmp_path / "run", tmp_path / "elsewhere"
    shutil.copytree(made / "run", run)
    shutil.copytree(made / "mine", place)
    config = json.loads((run / "config.json").read_text())
    config["roster"] = str(tmp_path / "gone")
    (run / "config.json").write_text(json.dumps(config))
    for command in (["evaluate", run], ["watch", run, "idle", "--record", tmp_path / "x.gif"]):
        code, _, err = say(capsys, *command)
        assert code == 1 and f"trained on the roster in {tmp_path / 'gone'}" in err
        assert "give its place by --roster" in err
    more = ["--steps", "32", "--roster", place]
    assert say(capsys, "train", "selfplay", "--resume", run, *more)[0] == 0
    assert read_config(run)["roster"] == str(place)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["cam", "psro", "neupl"])
def test_every_scheme_trains_on_it(capsys, made, tmp_path, scheme):
    options = ["--preset", "smoke", "--minutes", "0.02", "--no-tensorboard", "--workers", "1"]
    options += ["--roster", made / "mine", "--characters", "all", "--out", tmp_path / "run"]
    code, _, err = say(capsys, "train", scheme, *options)
    assert code == 0, err
    code, out, err = say(capsys, "evaluate", tmp_path / "run", "--games", "2")
    assert code == 0, err
    assert "gain" in out and (tmp_path / "run" / "match.mp4").exists()
