"""What users install: an sdist builds a wheel, and the wheel works outside the tree."""

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command without the tree on its path and return what it printed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """Build the sdist from a copy of the tree and the wheel from the unpacked sdist."""
    folder = tmp_path_factory.mktemp("dist")
    tree = folder / "tree"
    ignored = shutil.ignore_patterns(
        ".venv", ".git", "build", "runs", "*.so", "*.egg-info", "__pycache__", ".*_cache"
    )
    shutil.copytree(ROOT, tree, ignore=ignored)
    build = (sys.executable, "-m", "build", "--no-isolation", "-o", folder)
    run(*build, "--sdist", tree, cwd=folder)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (source,) = (folder / "unpacked").iterdir()
    run(*build, "--wheel", source, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel_names(dist):
    """Return the names of the files in the wheel."""
    (wheel,) = dist.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_sdist_holds_what_a_build_and_the_tests_need(dist):
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {"setup.py", "pyproject.toml", "LICENSE", "README.md", "Makefile", "constraints.txt"}
    needed |= {"csrc/_core.pyx", "csrc/engine.c", "csrc/types.h", "cam_arena/_core.pyi"}
    needed |= {"tests/test_layout.py", "docs/README.md", "agents/__init__.py"}
    assert needed <= names
    assert not [name for name in names if name.endswith((".so", ".o", ".pyc"))]


def test_wheel_serves_every_python_from_the_minimum_on(dist):
    (wheel,) = dist.glob("*.whl")
    assert wheel.name.startswith("cam_arena-0.1.0-cp311-abi3-")


def test_wheel_holds_data_and_types_and_no_sources(wheel_names):
    assert {"cam_arena/py.typed", "cam_arena/_core.pyi"} <= wheel_names
    schools = [name for name in wheel_names if name.startswith("cam_arena/roster/schools/")]
    on_disk = list((ROOT / "cam_arena" / "roster" / "schools").glob("*.toml"))
    assert len([name for name in schools if name.endswith(".toml")]) == len(on_disk) > 0
    assert [name for name in wheel_names if name.endswith((".so", ".pyd"))]
    assert not [name for name in wheel_names if name.endswith((".c", ".h", ".pyx", ".pxd"))]
    assert not [name for name in wheel_names if name.startswith(("tests", "agents", "benchmarks"))]


def test_wheel_holds_every_module(wheel_names):
    expected = {str(p.relative_to(ROOT)) for p in (ROOT / "cam_arena").rglob("*.py")}
    expected |= {f"cam_arena/{p.relative_to(ROOT)}" for p in (ROOT / "agents").rglob("*.py")}
    assert {name for name in wheel_names if name.endswith(".py")} == expected


def test_wheel_works_outside_the_tree(dist, tmp_path):
    # The dependencies of this interpreter are lent to the new one; the package itself is not there.
    (wheel,) = dist.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=False)
    binaries = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    run(sys.executable, "-m", "pip", "--python", binaries / "python", "install", "--no-deps",
        "--no-index", wheel, cwd=tmp_path)  # fmt: skip
    (site,) = (tmp_path / "venv").rglob("site-packages")
    import numpy

    lent = Path(numpy.__file__).parent.parent
    # A plain .pth line adds a folder without running the .pth files in it, so that an editable
    # install of the tree over there stays invisible here.
    (site / "lent.pth").write_text(f"{lent}\n", encoding="utf-8")
    code = (
        "import cam_arena, pathlib, sys\n"
        "assert pathlib.Path(cam_arena.__file__).is_relative_to(sys.argv[1]), cam_arena.__file__\n"
        "env = cam_arena.duel_v0.parallel_env()\n"
        "observations, infos = env.reset(seed=1)\n"
        "env.step({agent: 0 for agent in env.agents})\n"
        "import cam_arena.agents\n"
        "print('works')"
    )
    assert run(binaries / "python", "-c", code, tmp_path / "venv", cwd=tmp_path).strip() == "works"
    help_text = run(binaries / "cam-arena", "--help", cwd=tmp_path)
    for verb in ("demo", "play", "watch", "train", "evaluate", "roster"):
        assert verb in help_text


def other_pythons() -> list[str]:
    """Return interpreters from 3.12 on, one a version; CAM_ARENA_PYTHONS may name more."""
    named = os.environ.get("CAM_ARENA_PYTHONS", "").split(os.pathsep)
    found = [shutil.which(f"python3.{minor}") for minor in range(12, 16)]
    installed = sorted(Path.home().glob(".pyenv/versions/3.1[2-9]*/bin/python"))
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    versions: dict[str, str] = {}
    for path in filter(None, [*named, *found, *map(str, installed)]):
        asked = [path, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip() != own:
            versions.setdefault(done.stdout.strip(), path)
    return list(versions.values())


CORE_TESTS = ("match", "parallel", "aec", "gymnasium", "vector", "simulation", "bad_input")


@pytest.mark.parametrize("python", other_pythons())
def test_the_wheel_passes_the_core_tests_on_other_pythons(dist, tmp_path, python):
    """One wheel for all, installed from the index with what it needs and without PyTorch."""
    (wheel,) = dist.glob("*.whl")
    run(python, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    inside = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(inside, "-m", "pip", "install", "-q", f"{wheel}[test]", cwd=tmp_path)
    tests = tmp_path / "tests"
    shutil.copytree(ROOT / "tests", tests, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "csrc", tmp_path / "csrc")  # of which some tests build harnesses
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    files = [tests / f"test_{name}.py" for name in CORE_TESTS]
    printed = run(
        inside,
        "-m",
        "pytest",
        "-q",
        "-m",
        "not slow",
        "-p",
        "no:cacheprovider",
        *files,
        cwd=tmp_path,
    )
    assert " passed" in printed
    code = "import cam_arena.bench as b; print(b.signature() == b.SIGNATURE)"
    assert run(inside, "-c", code, cwd=tmp_path).strip() == "True"
