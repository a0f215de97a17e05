"""The layout: packages, import direction, names, and nothing that runs code from a file."""

import ast
import importlib
import re
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCE_FOLDERS = {"cam_arena": ROOT / "cam_arena", "cam_arena.agents": ROOT / "agents"}

# A module may import from its own layer and from lower ones. The first prefix that fits counts.
LAYERS = [
    ("cam_arena.agents", 4),
    ("cam_arena.cli", 3),
    ("cam_arena.__main__", 3),
    ("cam_arena.integrations", 3),
    ("cam_arena.roster.commands", 3),  # subcommands of the cli, beside what they are about
    ("cam_arena._core", 0),
    ("cam_arena._training", 0),
    ("cam_arena._tournament", 0),
    ("cam_arena.errors", 0),
    ("cam_arena.files", 0),
    ("cam_arena.liveness", 0),
    ("cam_arena.words", 0),
    ("cam_arena.roster", 1),
    ("cam_arena.game.actions", 1),
    ("cam_arena.game.observations", 1),
    ("cam_arena.game.rewards", 1),
    ("cam_arena.game.rules", 1),
    ("cam_arena.game", 2),
    ("cam_arena", 2),  # envs, bots, replay, render and the names that users import
]
COMPILED = ("cam_arena._core", "cam_arena._tournament", "cam_arena._training")
MAY_USE_AGENTS = (
    "cam_arena.cli",
    "cam_arena.integrations",
    "cam_arena.agents",
    "cam_arena.opponents",  # when a trained policy is named; nothing of it at the module's top
)
HEAVY = ("torch", "pygame", "matplotlib", "scipy", "sklearn", "stable_baselines3", "sb3_contrib")
OPTIONAL = ("supersuit", "tensorboard", "imageio_ffmpeg", "PIL", "safetensors", "ray", "torchrl")


def python_files(*names: str) -> Iterator[Path]:
    """Yield the tree's own Python files under the folders named."""
    for name in names:
        yield from sorted((ROOT / name).rglob("*.py"))


def module_names() -> dict[str, Path]:
    """Return the file of every module, by the name under which it is installed."""
    modules = {}
    for prefix, folder in SOURCE_FOLDERS.items():
        for path in folder.rglob("*.py"):
            parts = [prefix, *path.relative_to(folder).with_suffix("").parts]
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            modules[name] = path
    return modules


MODULES = module_names()


def imported_modules(name: str, path: Path) -> set[str]:
    """Return what a module imports anywhere in it, relative imports made absolute."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                base = package.split(".")[: len(package.split(".")) - node.level + 1]
                source = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                member = f"{source}.{alias.name}"
                is_module = member in MODULES or member in COMPILED
                found.add(member if is_module else source)
    return found


def layer(name: str) -> int:
    """Return the layer of a module of ours."""
    return next(rank for prefix, rank in LAYERS if f"{name}.".startswith(f"{prefix}."))


def stub_of(name: str) -> ast.Module:
    """Return the parsed stub of a compiled module."""
    path = ROOT / f"{name.replace('.', '/')}.pyi"
    return ast.parse(path.read_text(encoding="utf-8"))


def is_or_under(name: str, prefixes: tuple[str, ...]) -> bool:
    """Tell whether a dotted name is one of the prefixes or below one."""
    return any(f"{name}.".startswith(f"{prefix}.") for prefix in prefixes)


def test_packages_in_pyproject_are_the_folders_on_disk():
    found = set()
    for prefix, folder in SOURCE_FOLDERS.items():
        for init in folder.rglob("__init__.py"):
            found.add(".".join([prefix, *init.parent.relative_to(folder).parts]))
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == found


def test_every_folder_with_python_is_a_package():
    for folder in SOURCE_FOLDERS.values():
        for path in folder.rglob("*.py"):
            assert (path.parent / "__init__.py").exists(), f"{path.parent} has no __init__.py"


def test_imports_point_downwards():
    wrong = []
    for name, path in MODULES.items():
        for target in imported_modules(name, path):
            if not is_or_under(target, ("cam_arena",)):
                continue
            if is_or_under(name, MAY_USE_AGENTS) and is_or_under(target, ("cam_arena.agents",)):
                continue
            if layer(target) > layer(name):
                wrong.append(f"{name} (layer {layer(name)}) imports {target} ({layer(target)})")
    assert not wrong, "\n".join(wrong)


def test_tests_of_the_core_are_collected_without_pytorch():
    """A test that needs an optional library imports it in its body, by pytest.importorskip."""
    wrong = []
    for path in python_files("tests"):
        nodes = ast.parse(path.read_text(encoding="utf-8")).body
        found: set[str] = set()
        for node in nodes:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
        is_core = not any(is_or_under(name, ("cam_arena.agents",)) for name in found)
        optional = {*HEAVY, *OPTIONAL} - {"pygame"}  # pygame comes with the package
        needed = (*optional, "cam_arena.integrations")
        skips = "pytest.importorskip" in "".join(map(ast.unparse, nodes[:12]))
        if is_core and not skips and any(is_or_under(name, needed) for name in found):
            wrong.append(path.name)
    assert not wrong, wrong


def test_only_cli_and_integrations_know_of_trainers():
    wrong = [
        f"{name} imports {target}"
        for name, path in MODULES.items()
        if not is_or_under(name, MAY_USE_AGENTS)
        for target in imported_modules(name, path)
        if is_or_under(target, ("cam_arena.agents", "torch"))
    ]
    assert not wrong, "\n".join(wrong)


def test_agents_are_not_imported_by_their_folder_name():
    # `import agents.x` from the repository root would make a second module with a second registry.
    wrong = [
        f"{path.relative_to(ROOT)} imports {target}"
        for path in python_files("cam_arena", "agents", "tests", "benchmarks", "docs")
        for target in imported_modules("outside.module", path)
        if is_or_under(target, ("agents",))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_module_is_named_like_the_standard_library():
    # `python agents/x.py` puts agents/ on sys.path, where such a file would hide the real one.
    stems = {path.stem for path in (ROOT / "agents").glob("*.py")} - {"__init__", "__main__"}
    stems |= {path.name for path in (ROOT / "agents").iterdir() if path.is_dir()}
    assert not stems & sys.stdlib_module_names


def run_python(code: str) -> str:
    """Run code in a new interpreter outside the tree and return what it printed."""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=ROOT / "tests", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_is_light():
    names = run_python("import sys, cam_arena; print(*sys.modules)").split()
    loaded = {name.partition(".")[0] for name in names}
    assert not loaded & {*HEAVY, *OPTIONAL}


@pytest.mark.parametrize(
    "module", [name for name in sorted(MODULES) if layer(name) < 3 and ".render" not in name]
)
def test_no_core_module_imports_heavy_libraries_at_its_top(module):
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    for node in tree.body:
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        for name in names:
            assert not is_or_under(name, (*HEAVY, *OPTIONAL)), f"{module} imports {name}"


@pytest.mark.parametrize("name", COMPILED)
def test_stub_names_are_those_of_the_compiled_module(name):
    module = importlib.import_module(name)
    stub = set()
    for node in stub_of(name).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            stub.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            stub.add(node.target.id)
    public = {
        key
        for key, value in vars(module).items()
        if not key.startswith("_") and not isinstance(value, type(sys))
    }
    assert public == stub


@pytest.mark.parametrize("name", COMPILED)
def test_stub_methods_are_those_of_the_compiled_classes(name):
    module = importlib.import_module(name)
    for node in stub_of(name).body:
        if not isinstance(node, ast.ClassDef):
            continue
        stub = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
        stub |= {item.target.id for item in node.body if isinstance(item, ast.AnnAssign)}
        public = {key for key in vars(getattr(module, node.name)) if not key.startswith("_")}
        assert public == {key for key in stub if not key.startswith("_")}, node.name


# Loading a file must not be able to run code: none of these may appear in what is shipped.
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_MODULES = ("pickle", "cPickle", "cloudpickle", "dill", "marshal", "shelve", "joblib")


def test_nothing_in_the_tree_can_run_code_from_a_file():
    wrong = []
    for path in python_files("cam_arena", "agents", "benchmarks"):
        place = path.relative_to(ROOT)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names]
                names.append(getattr(node, "module", None) or "")
                wrong += [f"{place}: {n}" for n in names if is_or_under(n, FORBIDDEN_MODULES)]
            elif isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in FORBIDDEN_CALLS or called == "torch.load":
                    wrong.append(f"{place}:{node.lineno}: {called}")
                if any(word.arg == "allow_pickle" for word in node.keywords):
                    wrong.append(f"{place}:{node.lineno}: allow_pickle")
    assert not wrong, "\n".join(wrong)


def test_cores_are_counted_in_one_place():
    """Containers, taskset and Slurm leave a process fewer cores than the machine has."""
    count = re.compile(r"cpu_count|sched_getaffinity")
    files = python_files("cam_arena", "agents", "benchmarks")
    found = [path for path in files if count.search(path.read_text(encoding="utf-8"))]
    assert [path.relative_to(ROOT).as_posix() for path in found] == ["cam_arena/cores.py"]


def test_no_machine_path_in_the_tree():
    pattern = re.compile(r"(?<![\w.])/(work|home|root|tmp)/\w")
    folders = ("cam_arena", "agents", "benchmarks", "docs", "csrc")
    wrong = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in {".py", ".md", ".toml", ".c", ".h", ".pyx", ".pxd", ".sh"}:
                continue
            text = path.read_text(encoding="utf-8")
            wrong += [f"{path.relative_to(ROOT)}: {m.group()}" for m in pattern.finditer(text)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", COMPILED)
def test_extensions_use_the_stable_abi(name):
    if sysconfig.get_config_var("Py_GIL_DISABLED") or sys.platform == "win32":
        pytest.skip("this interpreter has no tagged stable ABI")
    assert ".abi3." in Path(importlib.import_module(name).__file__).name
