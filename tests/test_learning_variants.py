"""The comparison of fast and plain training: continues, adds up, and holds at a small size."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cam_arena.agents.networks import supports_bfloat16

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.skipif(
    not supports_bfloat16(), reason="this CPU has no bfloat16 arithmetic to compare with"
)


def compare(out, *arguments):
    command = [sys.executable, "-m", "benchmarks.learning_variants", "--out", str(out), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_a_comparison_keeps_what_is_finished(tmp_path):
    small = ("--seeds", "2", "--steps", "9000", "--snapshots", "1", "--games", "2")
    summary = compare(tmp_path, *small)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").iterdir()}
    assert len(kept) == 2 * len(summary) == 8
    victim = next(iter(kept))
    before = victim.read_text(encoding="utf-8")
    victim.unlink()
    assert compare(tmp_path, *small) == summary  # the same seed gives the same policy again
    for path, written in kept.items():
        assert (path.stat().st_mtime_ns == written) == (path != victim)
    after, known = json.loads(victim.read_text(encoding="utf-8")), json.loads(before)
    assert after["win_rates"] == known["win_rates"]
    with (tmp_path / "results.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 16
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.learning
def test_fast_training_learns_as_well_at_a_small_size(tmp_path):
    """Two seeds and a million samples: a coarse version of docs/benchmarks/learning."""
    summary = compare(tmp_path, "--seeds", "2", "--steps", "1000000", "--snapshots", "3")
    plain, *others = summary.values()
    assert plain["win_rate"] > 0.5
    for row in others:
        assert row["win_rate"] > plain["win_rate"] - 0.15
