"""Each allocation of the compiled parts fails once: an error or the usual result, and no leak."""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.slow
def test_each_failing_allocation_is_an_error_and_the_next_call_works(tmp_path):
    if shutil.which("gcc") is None or platform.libc_ver()[0] != "glibc":
        pytest.skip("needs gcc and glibc")
    shim = tmp_path / "failing.so"
    command = ["gcc", "-O1", "-fno-optimize-sibling-calls", "-Wall", "-Werror", "-fno-builtin"]
    source = HERE / "c" / "failing.c"
    subprocess.run([*command, "-shared", "-fPIC", source, "-o", shim, "-ldl"], check=True)
    done = subprocess.run(
        [sys.executable, HERE / "failing_allocations.py"],
        env={**os.environ, "LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    endings = json.loads(done.stdout)
    errors = {name: ended["error"] for name, ended in endings.items()}
    assert min(errors[name] for name in ("data", "match", "snapshot", "tournament")) > 0, endings
    assert errors["send"] > errors["vector"] > 0, endings  # a step does without other threads
    assert endings["forked"] == {"error": 5, "same": 0}, endings  # 3 locks, 2 threads
