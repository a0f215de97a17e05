"""The command: what it prints, how it fails, and that it stays light."""

import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cam_arena import Match, __version__, bots, doctor, load_roster
from cam_arena.cli import main
from cam_arena.commands import COMMANDS, SCHEMES, closest
from cam_arena.roster.commands import ROSTER_COMMANDS


@pytest.fixture(autouse=True)
def _no_traceback(monkeypatch):
    monkeypatch.delenv("CAM_ARENA_TRACEBACK", raising=False)
    monkeypatch.setenv("COLUMNS", "160")


def run(capsys, *arguments):
    """Return exit code, standard output and standard error of a command line."""
    try:
        code = main(arguments)
    except SystemExit as stop:  # tyro's way out of --help and of wrong options
        code = stop.code
    out, err = capsys.readouterr()
    return code, out, err


def run_python(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=60,
        check=False,
    )


def test_help_lists_every_command(capsys):
    for arguments in ((), ("--help",), ("-h",)):
        code, out, _ = run(capsys, *arguments)
        assert code == 0
        assert all(re.search(rf"^  {name} +\S", out, re.M) for name in COMMANDS)


def test_version(capsys):
    assert run(capsys, "--version") == (0, f"cam-arena {__version__}\n", "")


@pytest.mark.parametrize(
    "command",
    [*((name,) for name in COMMANDS), *(("roster", name) for name in ROSTER_COMMANDS)],
    ids=" ".join,
)
def test_every_command_explains_itself(capsys, command):
    code, out, err = run(capsys, *command, "--help")
    assert code == 0, err
    assert out.startswith(f"usage: cam-arena {' '.join(command)}")
    assert "{None}" not in out and "(default: )" not in out


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_training_scheme_explains_itself(capsys, scheme):
    code, out, err = run(capsys, "train", scheme, "--help")
    assert code == 0, err
    assert "--out" in out and "--seed" in out
    can_go_on = scheme != "sb3"
    assert bool(re.search(r"--resume RUN +A run to go on with", out)) == can_go_on
    assert max(map(len, out.splitlines())) <= 160
    assert "{None}" not in out and "(default: )" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("whatch",), "no command 'whatch'; did you mean 'watch'"),
        (("xyzzy",), "no command 'xyzzy'; there are demo, play"),
        (("train", "selfpaly"), "no training scheme 'selfpaly'; did you mean 'selfplay'"),
        (("roster", "shwo"), "no roster command 'shwo'; did you mean 'show'"),
        (("roster", "show", "Vesh"), "no character 'Vesh'; did you mean 'Vesh Cindral'"),
        (("watch", "zonr:3"), "no opponent 'zonr'; did you mean 'zoner'"),
        (("watch", "zoner:9"), r"level must be 1\.\.5"),
        (("watch", ""), "no opponent ''"),
        pytest.param(("watch", "a" * 5000), "no opponent 'aaa", id="long"),
        (("watch", "--characters", "core44"), "did you mean 'core4'"),
        (("watch", "--characters", "core4,core4,core4"), "one or two"),
        (("watch", "--record", "match.avi"), r"\.mp4 or \.gif"),
        (("play", "punsher"), "did you mean 'punisher'"),
        (("demo", "--characters", "core5"), "no split 'core5'; did you mean 'core"),
        (("demo", "--minutes", "0"), "minutes must be positive"),
        (("synctest", "--window", "0"), "window is 0"),
        (("synctest", "--characters", "Vesh Cindral"), "two names"),
        (("bench", "--seconds", "0"), "must be positive"),
        (("bench", "--seconds", "nan"), "must be positive and finite, got nan"),
        (
            ("synctest", "--seed", str(10**30)),
            r"seed must be 0\.\.\d+, got 10{30}",
        ),
        (("evaluate", "runs/nothing", "--seed", "-1"), "seed must be .* got -1"),
        (("train", "selfplay", "--out="), "--out: must name a path, got ''; .* directory is '.'"),
        (("train", "selfplay", "--matches", "2147483648"), r"matches must be within 1\.\.1048576"),
        (("bench", "--seconds", "abc"), "--seconds: must be a number, got 'abc'"),
        (("train", "psro", "--members", "2.5"), "--members: must be a whole number, got '2.5'"),
        (("train", "selfplay", "--minutes", "abc"), "--minutes: must be a number, got 'abc'"),
        (
            ("train", "cam", "--reward", "hq"),
            r"^cam-arena: reward must be one of \['paper', 'paper_potential', 'sparse', 'hp'\], "
            "got 'hq'; cam-arena train cam --help shows",
        ),
        (("train", "cam", "--preset", "tiny"), r"'tiny' for argument '--preset'.*'smoke', 'cpu'"),
        (("watch", "--recrd", "x.mp4"), "options: --recrd; did you mean --record.*watch --help"),
        (("watch", "--minuts", "3", "--foo=4"), "options: --minuts, --foo=4;"),
        (("watch", "masher", "idle", "zoner"), "too many words: zoner;"),
        (("evaluate",), "missing from cam-arena evaluate: RUN"),
        (("evaluate", "x", "--opponent", "zoner:3", "mashr"), "did you mean 'masher'"),
        (("evaluate", "x", "--opponent"), "--opponent: takes at least 1, and none follows"),
        (("balance", "run", "--levels", "--games", "2"), "--levels: takes at least 1"),
        (("watch", "--enemy-size", "0", "--record", "x.gif"), r"enemy_size must be 1\.\.5, got 0"),
        (("play", "--two-players", "zoner:2"), "not both: .* got zoner:2"),
        (("synctest", "--team-size", "9"), r"--team-size must be 1\.\.5, got 9"),
        (("synctest", "--enemy-size", "0"), r"--enemy-size must be 1\.\.5, got 0"),
        (("balance", "seeds"), "needs a seed or more: cam-arena balance seeds 11"),
        (("balance", "seeds", "1", "x"), "SEED .*: must be a whole number, got 'x'"),
        (
            ("balance", "even", "--levels", "3", "2.5"),
            "--levels: must be a whole number, got '2.5'",
        ),
        (("balance", "seeds", "11", "--games", "3"), "games per pair must be even"),
        (("balance", "seeds", "-1"), r"seed must be 0\.\."),
    ],
)
def test_a_wrong_command_line_is_answered_in_one_line(capsys, arguments, message):
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("cam-arena: ") and err.count("\n") == 1
    assert re.search(message, err)


@pytest.mark.parametrize(
    "arguments",
    ["balance seeds 1 --to", "balance fit --write", "balance tune --write",
     "balance even --tuning", "roster frames --out", "roster certify --page"],
)  # fmt: skip
def test_what_cannot_be_written_is_said_before_the_work(capsys, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    for path, reason in ((tmp_path, "Is a directory"), (tmp_path / "file" / "page", "File exists")):
        code, out, err = run(capsys, *arguments.split(), str(path))
        assert (code, out) == (1, "")
        assert err == f"cam-arena: cannot write {path}: {reason}\n"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_what_is_broken_on_disk_ends_with_1(capsys, tmp_path):
    for command in ("evaluate", "report"):
        code, _, err = run(capsys, command, str(tmp_path))
        assert code == 1
        assert str(tmp_path) in err and err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("watch", "runs/nothing", "masher"),
        ("play", "runs/nothing"),
        ("evaluate", "runs/nothing"),
        ("evaluate", "runs/nothing", "--opponent", "runs/nothing"),
        ("held-out", "runs/nothing"),
        ("report", "runs/nothing"),
        ("balance", "learned", "runs/nothing"),
        ("train", "selfplay", "--resume", "runs/nothing"),
        ("train", "cam", "--roster", "runs/nothing"),
        ("demo", "--roster", "runs/nothing"),
        ("bench", "--roster", "runs/nothing"),
        ("roster", "list", "--roster", "runs/nothing"),
        ("roster", "validate", "runs/nothing"),
        ("roster", "compile", "runs/nothing"),
    ],
    ids=" ".join,
)
def test_a_path_that_is_missing_ends_with_1(capsys, monkeypatch, tmp_path, arguments):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *arguments)
    assert code == 1, (out, err)
    assert "runs/nothing" in (err or out) and (err or out).count("\n") == 1


def test_a_missing_stage_1_is_refused_before_anything_is_written(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, "train", "cam", "--stage1", "runs/nothing")
    assert code == 1 and "runs/nothing holds no training run" in err
    assert list((tmp_path / "runs").iterdir()) == []


def test_traceback_on_request(capsys, monkeypatch):
    monkeypatch.setenv("CAM_ARENA_TRACEBACK", "1")
    with pytest.raises(ValueError, match="level"):
        main(["watch", "zoner:9"])


def test_windows_need_a_display(capsys, monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    for command in ("play", "watch"):
        code, _, err = run(capsys, command)
        assert code == 2
        assert "--record" in err


def test_watch_records_without_a_display(capsys, tmp_path):
    path = tmp_path / "match.gif"
    code, out, err = run(
        capsys, "watch", "masher:5", "idle:1", "--record", str(path), "--seconds", "0.3"
    )
    assert code == 0, err
    assert path.read_bytes()[:3] == b"GIF"
    said, place = out.splitlines()
    assert re.fullmatch(r".+ against .+, seed 0: stopped after 0\.3 s\.", said)
    assert place == str(path)


def test_watch_says_which_teams_it_showed(capsys, tmp_path):
    options = ["--record", str(tmp_path / "x.gif"), "--seconds", "0.1", "--seed", "4"]
    code, out, err = run(capsys, "watch", "masher:5", "idle", "--team-size", "2", *options)
    assert code == 0, err
    assert out.startswith("blue, masher:5, against red, idle, seed 4: stopped before the end.\n")


def test_roster_list_and_show(capsys):
    roster = load_roster()
    code, out, _ = run(capsys, "roster", "list")
    assert code == 0
    assert roster.id in out and roster.names[0].split()[0] in out
    code, out, _ = run(capsys, "roster", "show", roster.names[1])
    assert code == 0
    assert roster.names[1] in out and "measured in the simulation" in out


def test_tables_are_not_wrapped_where_there_is_no_terminal(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS")
    roster = load_roster()
    rows = run(capsys, "roster", "list")[1].splitlines()
    for character in (roster[0], roster["Vesh Cindral"]):
        (row,) = [row for row in rows if character.name in row]
        skills = [character.moves[key].archetype for key in ("skill1", "skill2", "ultimate")]
        assert ", ".join(skills) in row and character.school.name in row
    long = roster["Vesh Cindral"].moves["skill2"].name  # two lines of 80 columns
    for command in ("show", "frames"):
        assert long in run(capsys, "roster", command, "Vesh Cindral")[1]


def test_roster_show_explains_what_it_shows_and_no_more(capsys):
    traits = {len(one.traits): one for one in load_roster()}
    for one, told in ((traits[0], "none"), (traits[2], ", ".join(traits[2].traits))):
        out = " ".join(run(capsys, "roster", "show", one.name)[1].split())
        assert "None" not in out and "whiff" not in out and " depth" not in out
        assert "Hit, guard: ticks the user is free" in out and "Reach: su between" in out
        assert "slip kind" in out
        assert f"Traits, beside the move on its trait button: {told.replace('_', ' ')} " in out


def test_roster_validate(capsys, tmp_path):
    assert run(capsys, "roster", "validate")[:2] == (0, "no problems\n")
    code, out, _ = run(capsys, "roster", "validate", str(tmp_path))
    assert code == 1
    assert str(tmp_path) in out


def test_synctest_finds_the_simulation_sound(capsys):
    code, out, err = run(capsys, "synctest", "--ticks", "4000", "--seed", "1")
    assert (code, err) == (0, ""), err
    assert "4,000 ticks" in out


def test_bench_measures_a_rate(capsys):
    code, out, _ = run(capsys, "bench", "--seconds", "0.1", "--matches", "64")
    assert code == 0
    assert int(out.split()[0].replace(",", "")) > 10_000


def test_doctor_names_what_is_there_and_what_to_install(capsys, monkeypatch):
    code, out, _ = run(capsys, "doctor")
    assert code == 0
    assert __version__ in out and load_roster().id in out
    found = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: None if name == "torch" else found(name))
    code, out, _ = run(capsys, "doctor")
    assert code == 0
    assert 'pip install "cam-arena[agents]"' in out and "missing torch" in out


def test_doctor_fails_without_what_everything_needs(monkeypatch):
    found = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: None if name == "numpy" else found(name))
    fatal = [finding.name for finding in doctor.diagnose() if finding.is_fatal]
    assert fatal == ["numpy"]


def test_closest_returns_what_is_allowed():
    assert closest("b", ["a", "b"], "letter") == "b"


def test_help_is_fast_and_imports_nothing_heavy():
    code = (
        "import sys, time; start = time.process_time()\n"
        "from cam_arena.cli import main; main(['--help'])\n"
        "print(time.process_time() - start, *sys.modules)"
    )
    done = run_python(code)
    assert done.returncode == 0, done.stderr
    seconds, *modules = done.stdout.splitlines()[-1].split()
    assert float(seconds) < 1.0
    assert not {"torch", "pygame", "matplotlib", "scipy", "PIL"} & set(modules)


@pytest.mark.parametrize("arguments", [["train", "cam"], ["demo"], ["evaluate", "runs/x"]])
def test_a_missing_extra_is_named_with_the_command_to_install_it(arguments):
    code = (
        "import sys; sys.modules['torch'] = None\n"
        f"from cam_arena.cli import main; sys.exit(main({arguments!r}))"
    )
    done = run_python(code)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert 'torch, not installed: pip install "cam-arena[agents]"' in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_interrupting_ends_with_130_and_no_traceback():
    code = (
        "import os, signal, sys, threading, time; from cam_arena.cli import main\n"
        "def interrupt():\n"
        "    while 'cam_arena.game.synctest' not in sys.modules: time.sleep(0.01)\n"
        "    time.sleep(0.5)\n"  # an interrupt in the middle of an import can get lost in Python
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Thread(target=interrupt, daemon=True).start()\n"
        "sys.exit(main(['synctest', '--ticks', '100000000']))"
    )
    done = run_python(code)
    assert done.returncode == 130, done.stderr
    assert done.stderr == "cam-arena: interrupted\n"
    assert done.stdout == ""


def test_the_package_runs_as_a_module(capsys):
    for arguments in (["--help"], ["roster", "show", "nobody"]):
        done = subprocess.run(
            [sys.executable, "-m", "cam_arena", *arguments], capture_output=True, text=True
        )
        assert (done.returncode, done.stdout, done.stderr) == run(capsys, *arguments)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system ties to no core")
def test_only_the_cores_that_are_left_to_the_process_count():
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from cam_arena import cores, doctor\n"
        "print(cores.usable_cores(), *(f.value for f in doctor.diagnose()))"
    )
    done = run_python(code)
    assert done.stdout.startswith("1 ") and "1 cores usable" in done.stdout, done


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes")
def test_a_reader_that_stops_early_is_no_error():
    shell = f"{sys.executable} -m cam_arena.cli roster list | head -1"
    done = subprocess.run(shell, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr == ""


def save_random(folder, observation="full", *, seed=0, **facts):
    """Save a policy with random weights."""
    import torch

    from cam_arena import observation_layout
    from cam_arena.agents.networks import NetworkConfig
    from cam_arena.agents.population.members import save_member
    from cam_arena.agents.sharing import make_policy

    sizes = NetworkConfig(hidden=(16, 16), element=8, effect=4, embedding=4)
    layout, count = observation_layout(observation), len(load_roster())
    generator = torch.Generator().manual_seed(seed)
    save_member(folder, make_policy("full", layout, count, sizes, generator=generator), state=facts)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A CAM run with random weights, as `train cam` would leave it."""
    from cam_arena.agents.cam import slug

    roster, run_dir = load_roster(), tmp_path_factory.mktemp("runs") / "cam"
    save_random(run_dir / "stage1" / "policy")
    save_random(run_dir / "stage1" / "snapshots" / "000", seed=1)
    for seed, name in enumerate(roster.split("core4")):
        save_random(run_dir / "specialists" / slug(name), seed=seed + 2)
    facts = {"characters": "core4", "roster_id": roster.id, "frame_skip": 3, "seed": 7}
    (run_dir / "config.json").write_text(json.dumps(facts))
    return run_dir


def test_evaluate_writes_counts_and_report_of_a_run(capsys, trained):
    code, out, err = run(capsys, "evaluate", str(trained), "--games", "2", "--no-video")
    assert code == 0, err
    assert f"{trained}: specialists against the shared policy: gain" in out
    assert json.loads((trained / "evaluation.json").read_text())["games_per_pairing"] == 2
    names = json.loads((trained / "generations.json").read_text())["names"]
    assert names == ["random", "generation 1", "final"]
    text = (trained / "report.html").read_text(encoding="utf-8")
    assert "Generations of the shared policy" in text
    assert all(name in text for name in load_roster().split("core4"))
    assert run(capsys, "report", str(trained))[1] == f"{trained / 'report.html'}\n"


def test_evaluate_meets_several_opponents_on_chosen_characters(capsys, trained, tmp_path):
    other = trained / "stage1" / "policy"
    code, out, err = run(
        capsys, "evaluate", str(trained), "--games", "2", "--no-video",
        "--characters", "vesh cindral", "--opponent", "idle:1", str(other), str(trained),
    )  # fmt: skip
    assert code == 0, err
    assert re.search(r"\nopponent +win rate  95 % interval   games\nidle:1 +", out)
    assert json.loads((trained / "evaluation.json").read_text())["characters"] == ["Vesh Cindral"]
    document = json.loads((trained / "opponents.json").read_text())
    assert document["characters"] == ["Vesh Cindral"]
    rows = document["opponents"]
    assert [row["opponent"] for row in rows] == ["idle:1", str(other), str(trained)]
    for row in rows:
        low, high = row["interval"]
        assert row["games"] == 2 and low <= row["win_rate"] <= high
    assert f"\n{other} " in out and f"counts: {trained / 'opponents.json'}" in out
    text = (trained / "report.html").read_text(encoding="utf-8")
    assert (
        "<h2>Against chosen opponents</h2>" in text and f"{100 * rows[0]['win_rate']:.1f} %" in text
    )


def test_evaluate_meets_what_is_hard_to_beat_by_one_word(capsys, trained, monkeypatch):
    monkeypatch.setattr(bots, "YARDSTICK", ("idle:1", "masher:1"))
    code, _, err = run(
        capsys, "evaluate", str(trained), "--games", "2", "--no-video",
        "--characters", "vesh cindral", "--opponent", "yardstick", "walker:1",
    )  # fmt: skip
    assert code == 0, err
    rows = json.loads((trained / "opponents.json").read_text())["opponents"]
    assert [row["opponent"] for row in rows] == ["idle:1", "masher:1", "walker:1"]


def test_evaluate_says_what_it_cannot_compare(capsys, trained, tmp_path):
    for arguments, words in (
        (["--characters", "Pelley Hinge"], "has no specialist for Pelley Hinge; it has Vesh"),
        (["--characters", "Nobody"], "characters must be a split (all, core4"),
    ):
        code, _, err = run(capsys, "evaluate", str(trained), *arguments)
        assert code == 2 and words in err and err.count("\n") == 1
    save_random(tmp_path / "other", "tiny")
    code, _, err = run(capsys, "evaluate", str(trained), "--opponent", str(tmp_path / "other"))
    assert code == 2 and "sees observation 'tiny' and the run 'full'" in err


def test_evaluate_is_the_same_for_the_same_seed(capsys, trained):
    counts = []
    for _ in range(2):
        run(capsys, "evaluate", str(trained), "--games", "2", "--no-video", "--seed", "3")
        counts.append(json.loads((trained / "evaluation.json").read_text())["table"])
    assert counts[0] == counts[1]


def test_evaluate_refuses_an_interrupted_run_and_another_roster(capsys, trained, tmp_path):
    facts = json.loads((trained / "config.json").read_text())
    (tmp_path / "stage1").mkdir()
    (tmp_path / "config.json").write_text(json.dumps(facts))
    code, _, err = run(capsys, "evaluate", str(tmp_path))
    assert code == 1 and "interrupted before a specialist for Vesh Cindral; run the same" in err
    for scheme in ("cam", "simplex_neupl"):
        (tmp_path / "config.json").write_text(json.dumps({**facts, "scheme": scheme}))
        code, _, err = run(capsys, "evaluate", str(tmp_path))
        named = scheme.replace("_", "-")
        assert code == 1 and f"go on with: cam-arena train {named} --resume {tmp_path}\n" in err
    (tmp_path / "stage1").rmdir()
    (tmp_path / "config.json").write_text(json.dumps({**facts, "scheme": "selfplay"}))
    code, _, err = run(capsys, "evaluate", str(tmp_path))
    assert code == 1 and "interrupted before its policy; go on with: cam-arena train self" in err
    (tmp_path / "config.json").write_text(json.dumps(facts | {"roster_id": "00"}))
    code, _, err = run(capsys, "evaluate", str(tmp_path))
    assert code == 1 and "trained on roster 00" in err


def test_evaluate_reads_runs_of_stable_baselines3(capsys, tmp_path):
    import torch
    from sb3_contrib.ppo_mask.policies import MaskableMultiInputActorCriticPolicy

    from cam_arena.agents.sb3_member import save_weights
    from cam_arena.envs.single import DuelEnv

    torch.manual_seed(0)
    env = DuelEnv()
    policy = MaskableMultiInputActorCriticPolicy(
        env.observation_space, env.action_space, lambda _: 0.0
    )
    for step in (0, 1):
        weights = policy.state_dict()
        save_weights(tmp_path / "shared", step, weights, "full", state={})
    facts = {"characters": "core4", "scheme": "sb3 independent", "roster_id": load_roster().id}
    (tmp_path / "config.json").write_text(json.dumps(facts))
    code, out, err = run(
        capsys, "evaluate", str(tmp_path), "--games", "2", "--no-video", "--opponent", "idle:1"
    )
    assert code == 0, err
    assert re.match(
        rf"{tmp_path} against idle:1, without mirror matches: \d+\.\d % won, 95 % interval .*\n"
        r"characters that it plays clearly better than idle:1 does: \d of 4, clearly worse: \d\n"
        rf"counts: .*\n{tmp_path} against each, .* mirrors included:\nopponent ", out,
    )  # fmt: skip
    assert "<h2>Behaviour</h2>" not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_evaluate_takes_a_saved_policy(capsys, tmp_path):
    save_random(tmp_path / "mine", config={"characters": "Vesh Cindral"})
    save_random(tmp_path / "unknown", "tiny")
    options = ["--games", "2", "--no-video", "--opponent", "idle:1"]
    code, out, err = run(capsys, "evaluate", str(tmp_path / "mine"), *options)
    assert code == 0, err
    assert f"{tmp_path / 'mine'} against idle:1, in mirror matches:" in out
    code, _, err = run(capsys, "evaluate", str(tmp_path / "unknown"), *options)
    assert code == 2 and "does not say on which characters it was trained; give --char" in err
    code, out, err = run(
        capsys, "evaluate", str(tmp_path / "unknown"), *options, "--characters", "Gorm Talus"
    )
    assert code == 0, err


@pytest.mark.filterwarnings("always")
def test_a_policy_that_never_met_a_character_is_told_once(capsys, tmp_path):
    save_random(tmp_path, config={"characters": "core4"})
    _, _, err = run(
        capsys, "evaluate", str(tmp_path), "--games", "2", "--no-video",
        "--opponent", "idle:1", "--characters", "Bram Quill",
    )  # fmt: skip
    assert err.count("never met Bram Quill") == 1


def test_a_report_over_runs_names_those_that_were_not_evaluated(capsys, trained, tmp_path):
    run(capsys, "evaluate", str(trained), "--games", "2", "--no-video")
    for name in ("first", "second"):
        shutil.copytree(trained, tmp_path / name)
    (tmp_path / "second" / "evaluation.json").unlink()
    code, _, err = run(capsys, "report", str(tmp_path))
    command = f"cam-arena evaluate {tmp_path / 'second'}"
    assert code == 0 and f"not evaluated, so not in the report: second; run: {command}\n" in err
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<h2>Left out</h2>" in text and command in text
    assert "Left out" not in (tmp_path / "first" / "report.html").read_text(encoding="utf-8")


def test_watch_shows_trained_policies(capsys, trained, tmp_path):
    left = trained / "stage1" / "policy"
    code, out, err = run(
        capsys, "watch", str(left), "masher", "--record", str(tmp_path / "x.gif"),
        "--seconds", "0.3", "--characters", "Vesh Cindral,Gorm Talus",
    )  # fmt: skip
    assert code == 0, err
    assert out.startswith("Vesh Cindral against Gorm Talus, seed 0: stopped after")
    assert (tmp_path / "x.gif").exists()


def test_watch_shows_runs_with_specialists(capsys, trained, tmp_path):
    code, out, err = run(
        capsys, "watch", str(trained), str(trained), "--record", str(tmp_path / "x.gif"),
        "--seconds", "0.3", "--characters", "Vesh Cindral",
    )  # fmt: skip
    assert code == 0, err
    assert out.startswith("Vesh Cindral against Vesh Cindral, seed 0: stopped after 0.3 s.")


@pytest.mark.filterwarnings("default::cam_arena.errors.UnmetWarning")
def test_characters_that_a_policy_never_met_are_said_as_errors_are(capsys, tmp_path):
    save_random(tmp_path / "mine", config={"characters": "core4"})
    code, _, err = run(
        capsys, "watch", str(tmp_path / "mine"), "idle", "--record", str(tmp_path / "x.gif"),
        "--seconds", "0.1", "--characters", "Pelley Hinge",
    )  # fmt: skip
    assert code == 0
    said = [line for line in err.splitlines() if "never met" in line]
    assert said == [
        "cam-arena: mine was trained on core4 and never met Pelley Hinge: what it does there says "
        "nothing of its training"
    ]
    assert "Warning" not in err


def test_watch_refuses_a_policy_on_another_roster(capsys, trained, tmp_path):
    other = tmp_path / "roster"
    assert run(capsys, "roster", "new", "Ash Vale", "--out", str(other))[0] == 0
    code, _, err = run(
        capsys, "watch", str(trained / "stage1" / "policy"), "masher", "--roster", str(other),
        "--record", str(tmp_path / "x.gif"),
    )  # fmt: skip
    assert code == 1
    assert f"trained on roster {load_roster().id}, this is {load_roster(other).id}" in err


def test_demo_does_not_continue_another_run(capsys, trained):
    code, _, err = run(capsys, "demo", "--out", str(trained), "--seed", "1")
    assert code == 2
    assert "holds a run with seed 7, not 1" in err


@pytest.mark.slow
def test_demo_from_nothing_to_a_report(capsys, tmp_path, monkeypatch):
    from cam_arena.agents import demo
    from cam_arena.agents.demo import Config

    small = functools.partial(Config, games=2)
    monkeypatch.setattr(demo, "Config", small)
    out = tmp_path / "demo"
    code, printed, err = run(capsys, "demo", "--minutes", "0.3", "--out", str(out))
    assert code == 0, err
    assert f"report: {out / 'report.html'}" in printed
    text = (out / "report.html").read_text(encoding="utf-8")
    assert "data:video/mp4;base64," in text
    assert "Learning curves" in text
    assert len(text) < 10_000_000
    # again: what is trained stays trained
    before = (out / "stage1" / "policy").stat().st_mtime_ns
    assert run(capsys, "demo", "--minutes", "0.3", "--out", str(out))[0] == 0
    assert (out / "stage1" / "policy").stat().st_mtime_ns == before


def test_a_watched_match_is_the_match_of_training():
    import numpy as np

    from cam_arena import Match
    from cam_arena.seated import Seated, play_ticks

    class Presser:
        def __init__(self):
            self.actions, self.rng = [], np.random.default_rng(0)

        def act(self, observation, action_mask):
            self.actions.append(int(self.rng.choice(np.flatnonzero(action_mask))))
            return self.actions[-1]

    players = (Presser(), Presser())
    shown = Match(5, frame_skip=1)
    seats = [Seated(shown, seat, [player]) for seat, player in enumerate(players)]
    ticks = sum(1 for _ in play_ticks(shown, seats, seed=5))
    played = Match(5, frame_skip=3)
    for left, right in zip(*(player.actions for player in players), strict=True):
        played.step([left, right])
    assert played.tick == shown.tick == ticks - 1
    for name in ("hp", "x", "y", "z", "spark", "state"):
        assert np.array_equal(played.state["fighters"][name], shown.state["fighters"][name]), name


def test_command_page_names_every_command():
    page = (Path(__file__).parent.parent / "docs" / "command_line.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"cam-arena {name}" in page, name


def test_names_are_taken_as_people_write_them(capsys):
    from cam_arena import Match

    roster = load_roster()
    assert roster["vesh_cindral"] is roster["VESH CINDRAL"] is roster["Vesh Cindral"]
    assert Match(characters="vesh cindral").characters[0].name == "Vesh Cindral"
    assert Match(characters="CORE_4").options.pools[0].size == 4
    with pytest.raises(KeyError, match="did you mean 'Vesh Cindral'"):
        roster["Vesh"]
    with pytest.raises(ValueError, match="did you mean 'Vesh Cindral'"):
        Match(characters="Vesh")
    assert run(capsys, "roster", "show", "vesh_cindral")[0] == 0
    code, _, err = run(capsys, "roster", "show", "Vesh")
    assert code == 2 and "did you mean 'Vesh Cindral'?" in err


def test_roster_list_can_be_cut_down(capsys):
    _, out, _ = run(capsys, "roster", "list", "--split", "core4")
    assert "4 characters" in out
    assert all(name in out for name in load_roster().split("core4"))
    _, out, _ = run(capsys, "roster", "list", "--school", "rimebound", "--split", "all304")
    members = [one.name for one in load_roster() if one.school.name == "Rimebound"]
    assert f"{len(members)} characters" in out and members[-1] in out


def test_a_terminal_without_unicode_gets_what_it_can_write():
    arguments = ["roster", "list", "--split", "core4"]
    code = f"import sys; from cam_arena.cli import main; sys.exit(main({arguments}))"
    done = run_python(code, PYTHONUTF8="0", PYTHONIOENCODING="ascii", COLUMNS="60")
    assert done.returncode == 0, done.stderr
    assert "characters, roster" in done.stdout and "?" in done.stdout  # for what is cut off


@pytest.mark.fault
@pytest.mark.skipif(os.name == "nt", reason="a POSIX signal")
def test_a_command_that_is_terminated_while_it_reads_its_options_ends_with_143():
    code = (
        "import os, signal, sys, tyro, cam_arena.cli\n"
        "read = tyro.cli\n"
        "def cli(*given, **named):\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return read(*given, **named)\n"
        "tyro.cli = cli\n"
        "sys.exit(cam_arena.cli.main(['bench', '--seconds', '0.01']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr, done.stdout) == (143, "", "")


def test_a_video_that_is_terminated_leaves_nothing_half_written(tmp_path):
    command = [sys.executable, "-m", "cam_arena", "watch", "zoner:3", "zoner:3", "--record"]
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy"}
    with subprocess.Popen([*command, str(tmp_path / "match.gif")], env=environment) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.terminate()
    assert process.returncode == 143
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".tmp")]


TINY_RUN = ["--characters", "core4", "--steps", "512", "--workers", "1", "--matches", "4"]


@pytest.mark.fault
@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
@pytest.mark.parametrize("streams", ["2>&1 | head -c 5", ">&- 2>&-", "2>&-", ">&-"])
def test_training_goes_on_when_nobody_reads(streams, tmp_path):
    """Before the pipe's status, the shell tells that of the training itself."""
    out = tmp_path / "run"
    command = [sys.executable, "-m", "cam_arena", "train", "selfplay", *TINY_RUN, "--out", str(out)]
    line = f"{shlex.join(command)} {streams}; exit ${{PIPESTATUS[0]}}"
    assert subprocess.run(["bash", "-c", line], stdout=subprocess.DEVNULL).returncode == 0
    assert (out / "policy").is_dir()


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
def test_commands_work_without_output():
    for arguments in (["roster", "list"], ["--help"], ["watch", "--help"]):
        command = shlex.join([sys.executable, "-m", "cam_arena", *arguments])
        done = subprocess.run(["sh", "-c", f"{command} >&-"], stderr=subprocess.PIPE, text=True)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("labels", "winners"),
    [(("mine", "zoner:3"), ("mine", "zoner:3")), (("", ""), ("the left one", "the right one"))],
)
def test_the_sentence_on_a_mirror_match_says_who_won(labels, winners, tmp_path):
    from cam_arena.agents import exhibition

    names = ("Vesh Cindral", "Vesh Cindral")
    match = Match(seed=3, characters=names, frame_skip=1, max_seconds=8)
    said = exhibition.watch(
        match, ("punisher:5", "idle"), seed=3, labels=labels, speed=8,
        record=tmp_path / "match.gif", size=(160, 90),
    )  # fmt: skip
    assert match.winner == 0
    assert f"Vesh Cindral against Vesh Cindral, seed 3: {winners[0]} wins after" in said
