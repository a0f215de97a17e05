"""Rates beside peers, and scaling curves: all are measured, what is absent is named."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from benchmarks import peers, scaling, timing
from benchmarks.machine import write_machine

ROOT = Path(__file__).parent.parent


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_an_absent_peer_is_skipped_with_its_pip_command(monkeypatch):
    def absent() -> peers.Entry:
        import no_such_environment  # noqa: F401

    monkeypatch.setattr(
        peers,
        "PEERS",
        {"arena[extra] cv": (absent,), "gymnasium": (peers.cartpole_sync,)},
    )
    said = []
    found = list(peers.installed_peers(said.append))
    assert [package for package, _ in found] == ["gymnasium"]
    (sentence,) = said
    assert "absent is skipped" in sentence and "no_such_environment" in sentence
    assert sentence.endswith("pip install 'arena[extra]' cv")
    found[0][1].contender.close()


def test_the_extra_names_every_peer():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    listed = {line.partition(">=")[0] for line in project["optional-dependencies"]["peers"]}
    needed = {word for requirements in peers.PEERS for word in requirements.split()}
    assert needed - {"gymnasium"} == listed


@pytest.mark.parametrize(
    ("space", "size"),
    [
        (spaces.Box(-1, 1, (3, 2), np.float32), 24),
        (spaces.Discrete(5), 8),
        (spaces.Dict(a=spaces.MultiBinary(4), b=spaces.Box(0, 1, (2,), np.int8)), 6),
        (spaces.Tuple((spaces.Discrete(2), spaces.Discrete(2))), 16),
    ],
)
def test_space_bytes_are_those_of_a_sample(space, size):
    def of_sample(sample) -> int:
        if isinstance(sample, dict | tuple):
            return sum(map(of_sample, sample.values() if isinstance(sample, dict) else sample))
        return np.asarray(sample).nbytes

    assert peers.space_bytes(space) == of_sample(space.sample()) == size


class Pair(gymnasium.Env):
    """Two agents that count; over after 5 steps."""

    action_space = spaces.Tuple((spaces.Discrete(3), spaces.Discrete(3)))
    observation_space = spaces.Tuple((spaces.Discrete(9), spaces.Discrete(9)))

    def reset(self, *, seed=None, options=None):
        self.steps = 0
        return (0, 0), {}

    def step(self, action):
        assert self.action_space.contains(action)
        assert self.steps < 5, "stepped after its end"
        self.steps += 1
        return (self.steps, self.steps), [0, 0], self.steps == 5, False, {}


def test_a_lap_counts_the_decisions_of_one_episode():
    entry = peers.joint_entry("pair", Pair())
    for _ in range(2):
        entry.contender.prepare()
        assert entry.contender.run() == 10
    assert (entry.agents, peers.space_bytes(entry.observation)) == (2, 8)


def test_decisions_of_agents_that_leave_are_not_counted():
    import cam_arena

    env = cam_arena.duel_v0.parallel_env(max_seconds=1)
    entry = peers.parallel_entry("short", env)
    assert entry.contender.decisions == 2 * len(entry.contender.actions) == 20
    entry.contender.prepare()
    assert entry.contender.run() == 20
    assert env.agents == []


def test_ratios_are_formed_within_a_round():
    own = peers.own_entries()[:1]
    results = [timing.Result(peers.VECTOR, "decisions", [10.0, 40.0], [1.0, 1.0])]
    other = peers.joint_entry("pair", Pair())
    entry = peers.Entry(other.contender, 2, other.observation, peers.VECTOR)
    results.append(timing.Result("pair", "decisions", [5.0, 10.0], [0.5, 0.25]))
    lines = list(peers.rows(["cam-arena", "pair"], [*own, entry], results))
    table = [dict(zip(peers.FIELDS, line, strict=True)) for line in lines]
    pair = [row for row in table if row["environment"] == "pair"]
    assert [float(row["ratio_to_like"]) for row in pair] == [0.5, 0.25]
    assert [row["decisions_per_cpu_second"] for row in pair] == [5, 10]
    assert [row["env_steps_per_cpu_second"] for row in pair] == [2, 5]


def test_squads_act_legally_and_every_fighter_counts():
    squad = scaling.SquadSteps(2, num_matches=3)
    assert squad.run() == scaling.STEPS * 3 * 4
    squad.prepare()
    illegal = np.zeros((3, 4), np.int32)
    for actions in squad.actions:
        squad.step(actions)
        squad.batch.illegal_actions(illegal)
        assert not illegal.any()


def test_machine_says_when_and_of_what(tmp_path):
    write_machine(tmp_path / "machine.json", ["numpy"])
    machine = json.loads((tmp_path / "machine.json").read_text("utf-8"))
    assert {"processor", "cores", "date", "commit", "load", "python", "cam-arena"} <= set(machine)
    assert machine["numpy"] == np.__version__


@pytest.mark.parametrize("words", [{"rounds": 0}, {"seconds": 0.0}])
@pytest.mark.parametrize("module", [peers, scaling])
def test_a_config_that_measures_nothing_is_refused(module, words):
    with pytest.raises(ValueError, match="must be"):
        module.Config(**words)


def run_in_tree(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_peers_that_are_installed_get_a_rate_in_every_round(tmp_path):
    size = ("--rounds", "2", "--seconds", "0.01", "--out", str(tmp_path))
    run_in_tree("-m", "benchmarks.peers", *size)
    rows = read(tmp_path / "peers.csv")
    names = [row["environment"] for row in rows]
    assert {peers.VECTOR, peers.PARALLEL, peers.TURNS} < set(names)
    assert any(row["package"] == "gymnasium" for row in rows)
    assert all(names.count(name) == 2 for name in names)
    assert all(float(row["decisions_per_cpu_second"]) > 0 for row in rows)
    versions = json.loads((tmp_path / "peers.json").read_text("utf-8"))
    assert {row["package"] for row in rows} <= set(versions)


@pytest.mark.slow
def test_every_study_of_scaling_is_written_and_plotted(tmp_path):
    few = "--matches 1 8 --threads 1 2 --thread-matches 8 --fighters 1 3 --memory-matches 64"
    size = ("--rounds", "2", "--seconds", "0.01", "--starts", "1", "--out", str(tmp_path))
    run_in_tree("-m", "benchmarks.scaling", *few.split(), *size)
    rows = read(tmp_path / "scaling.csv")
    assert {row["study"] for row in rows} >= {"matches", "threads", "fighters", "first step"}
    assert all(float(row["value"]) > 0 for row in rows if row["unit"] != "ms")
    states = {row["number"]: float(row["value"]) for row in rows if row["setting"] == "state"}
    assert states["3"] > 2 * states["1"]
    for study in ("matches", "threads", "fighters"):
        assert (tmp_path / f"scaling_{study}.png").read_bytes().startswith(b"\x89PNG")
