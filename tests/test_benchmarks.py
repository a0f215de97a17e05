"""`make bench` measures every interface and replays legal actions only."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.slow


def run_in_tree(*arguments: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_interface_gets_a_rate_in_every_round(tmp_path):
    run_in_tree("-m", "benchmarks", "--rounds", "2", "--seconds", "0.02", "--out", str(tmp_path))
    with (tmp_path / "rates.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [row["interface"] for row in rows]
    assert len(set(names)) >= 8
    assert all(names.count(name) == 2 for name in names)
    assert all(int(row["units_per_cpu_second"]) > 0 for row in rows)
    reference = [row for row in rows if row["interface"] == "make_vec (256 matches)"]
    assert {float(row["ratio_to_make_vec"]) for row in reference} == {1.0}
    assert json.loads((tmp_path / "machine.json").read_text("utf-8"))["cores"] >= 1


def test_replayed_actions_are_legal():
    code = """
import cam_arena
from benchmarks.interfaces import ParallelSteps, VectorSteps

vector = VectorSteps("vector", cam_arena.make_vec(32, copy=False), 64)
for _ in range(2):
    vector.prepare()
    illegal = sum(int(vector.env.step(row)[4]["illegal_action"].sum()) for row in vector.actions)
    assert illegal == 0, illegal
parallel = ParallelSteps()
for _ in range(2):
    parallel.prepare()
    for actions in parallel.actions:
        infos = parallel.env.step(actions)[4]
    assert [info["illegal_action"] for info in infos.values()] == [0, 0]
"""
    run_in_tree("-c", code)


def test_a_replay_ends_in_the_same_states():
    code = """
from benchmarks.core_ticks import CoreTicks

contender = CoreTicks(8)
hashes = contender.batch.hashes()
contender.prepare()
assert contender.run() == contender.ticks > 0
assert (contender.batch.hashes() == hashes).all()
"""
    run_in_tree("-c", code)


def test_the_profile_of_training_accounts_for_the_whole_sample(tmp_path):
    run_in_tree(
        "-m", "benchmarks.training_profile", "--seconds", "0.2", "--hidden", "32", "32",
        "--epochs", "1", "--out", str(tmp_path),
    )  # fmt: skip
    with (tmp_path / "training_profile.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["precision"] == "float32"]
    spent = {row["part"]: int(row["nanoseconds"]) for row in rows}
    assert min(spent[part] for part in spent if part != "advantages") > 0
    assert spent["bound"] < spent["matrix products"] * 2
    assert spent["all else"] < sum(spent.values()) / 2  # the parts that have a name do the work


def test_a_rate_that_fell_by_more_than_a_twentieth_fails(tmp_path):
    kept = tmp_path / "kept.csv"
    command = [sys.executable, "-m", "benchmarks", "--rounds", "1", "--seconds", "0.02"]
    command += ["--out", str(tmp_path), "--against", str(kept)]
    lines = ["interface,unit,round,units_per_cpu_second,ratio_to_make_vec"]
    # Only the median counts: the middle one of what no machine reaches, and of what all reach.
    lines += [
        f"make_vec (256 matches),agent-steps,{k},{rate},1" for k, rate in enumerate((1, 9e12, 9e13))
    ]
    lines += [f"AEC loop (1 match),agent-steps,{k},{rate},1" for k, rate in enumerate((1, 1, 9e13))]
    kept.write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "make_vec (256 matches)" in done.stderr and "9,000,000,000,000" in done.stderr
    assert "AEC" not in done.stderr
