"""Mutants: a fault put into the code on purpose makes the fast test that is named for it fail.

`mutants.toml` lists them. To add one, put the fault in by hand, find or write the fast test that
notices, and name it. Each is tried in a copy of the tree whose extensions are built without
optimisation; of those only what includes the changed file is built again.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MUTANTS = tomllib.loads((ROOT / "tests/mutants.toml").read_text(encoding="utf-8"))["mutant"]
COPIED = ("agents", "benchmarks", "cam_arena", "csrc", "docs", "tests")
COPIED += ("README.md", "pyproject.toml", "setup.cfg", "setup.py")
BUILD = (sys.executable, "setup.py", "build_ext", "--inplace")


def name_of(mutant):
    return f"{mutant['file']}:{mutant['test'].rpartition('::')[2]}"


def included(path, seen=frozenset()):
    """Return a C file and all it includes from its own folder, as paths."""
    if path in seen or not path.is_file():
        return seen
    seen = seen | {path}
    for name in re.findall(r'#include "([\w.]+)"', path.read_text(encoding="utf-8")):
        seen = included(path.parent / name, seen)
    return seen


@dataclass(frozen=True)
class Tree:
    """A copy of the tree, and the commands that built its extensions."""

    root: Path
    compiles: dict[str, list[str]]
    links: list[list[str]]
    changed: set[Path] = field(default_factory=set)

    def run(self, *command):
        environment = dict(os.environ, PYTHONPATH=str(self.root), PYTHONDONTWRITEBYTECODE="1")
        return subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=300
        )

    def build(self, *command):
        done = self.run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def test(self, *names):
        return self.run(
            sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *names
        )

    def write(self, file, text):
        (self.root / file).write_text(text, encoding="utf-8")
        self.changed.add(self.root / file)

    def rebuild(self):
        """Bring the extensions up to date with what was written since they were built."""
        if any(path.suffix in (".pyx", ".pxi", ".pxd") for path in self.changed):
            self.build(*BUILD)
        stale = [s for s in self.compiles if included(self.root / s) & self.changed]
        for source in stale:
            self.build(*self.compiles[source])
        objects = {self.compiles[s][self.compiles[s].index("-o") + 1] for s in stale}
        for link in self.links:
            if objects & set(link):
                self.build(*link)
        self.changed.clear()


def copy_tree(root):
    """Copy what tests need into a folder and build the extensions there, without optimisation."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.so")
            shutil.copytree(ROOT / name, root / name, ignore=ignored)
        else:
            shutil.copy2(ROOT / name, root / name)
    # An installed package has the trainers there; without it the checkout's own would be found.
    (root / "cam_arena/agents").symlink_to("../agents", target_is_directory=True)
    setup = (root / "setup.py").read_text(encoding="utf-8")
    assert setup.count('"-O3"') == 1
    (root / "setup.py").write_text(setup.replace('"-O3"', '"-O0"'), encoding="utf-8")
    tree = Tree(root, {}, [])
    for line in tree.build(*BUILD).splitlines():
        if " -o " not in line or not line.startswith(("gcc", "cc", "clang")):
            continue
        command = shlex.split(line)
        output = command.index("-o") + 1
        if "-c" in command:
            tree.compiles[command[command.index("-c") + 1]] = command
        else:  # setup.py links into a folder of its own and copies from there
            command[output] = f"cam_arena/{Path(command[output]).name}"
            tree.links.append(command)
    assert len(tree.links) == 3
    return tree


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    tree = copy_tree(tmp_path_factory.mktemp("mutants"))
    where = tree.build(sys.executable, "-c", "import cam_arena.agents as a; print(a.__file__)")
    assert where.startswith(str(tree.root))
    unchanged = tree.test(*sorted({mutant["test"] for mutant in MUTANTS}))
    assert unchanged.returncode == 0, unchanged.stdout
    return tree


@pytest.mark.parametrize("mutant", MUTANTS, ids=name_of)
def test_a_mutant_is_of_this_code(mutant):
    assert set(mutant) == {"file", "old", "new", "test"}
    code = (ROOT / mutant["file"]).read_text(encoding="utf-8")
    assert code.count(mutant["old"]) == 1, f"{mutant['old']!r} must occur once"
    assert mutant["new"] != mutant["old"]
    path, _, test = mutant["test"].partition("::")
    assert f"def {test.partition('[')[0]}(" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="reads the commands of a Unix compiler")
@pytest.mark.parametrize("mutant", MUTANTS, ids=name_of)
def test_a_mutant_is_noticed(tree, mutant):
    code = (tree.root / mutant["file"]).read_text(encoding="utf-8")
    tree.write(mutant["file"], code.replace(mutant["old"], mutant["new"]))
    try:
        tree.rebuild()
        done = tree.test(mutant["test"])
    finally:
        tree.write(mutant["file"], code)
    # 1: a test failed; below 0: a signal ended the process. Anything else is no test's word.
    assert done.returncode == 1 or done.returncode < 0, done.stdout
