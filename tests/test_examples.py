"""The scripts in `examples/` run as they are, and are as short as their pages say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted((ROOT / "examples").glob("*.py"))
SMALL = {"squad_ippo.py": ("--minutes", "0.02")}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_an_example_runs(script, tmp_path):
    done = subprocess.run(
        [sys.executable, script, *SMALL[script.name]],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(r"100% [\d,]+ samples: won \d+% of \d+ matches", last)


def test_the_trainer_of_teams_is_short_and_takes_every_map(tmp_path):
    script = ROOT / "examples" / "squad_ippo.py"
    assert len(script.read_text().splitlines()) < 80
    given = ["--minutes", "0.01", "--map", "3v5", "--opponent", "masher:1"]
    done = subprocess.run(
        [sys.executable, script, *given], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
