"""The documentation: links lead somewhere, examples run, generated pages are what the code says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from tiny_runs import train_tiny

from cam_arena import cli
from cam_arena.agents import evaluation
from cam_arena.agents.evaluate_run import evaluate_run

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda path: path.as_posix()
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in headings}


def python_blocks(page: Path) -> list[str]:
    """Return the Python examples of a page, top to bottom."""
    return re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target} does not exist"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file), f"{page.name}: no heading for {target}"


def test_every_page_is_in_the_index():
    index = ROOT / "docs" / "README.md"
    linked = {
        (index.parent / target.partition("#")[0]).resolve()
        for target in LINK.findall(index.read_text(encoding="utf-8"))
    }
    pages = set((ROOT / "docs").rglob("*.md")) - {index}
    assert not {page.relative_to(ROOT).as_posix() for page in pages if page.resolve() not in linked}


EXAMPLES = [
    pytest.param(block, id=f"{page.relative_to(ROOT).as_posix()}-{number}")
    for page in PAGES
    for number, block in enumerate(python_blocks(page))
]


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Train and evaluate what the pages call runs/cam, as little as can be."""
    folder = tmp_path_factory.mktemp("trained")
    run = train_tiny(folder / "runs" / "cam")
    evaluation.save(evaluate_run(run, games=2, opponent="idle:1", seed=0), run)
    for name in ("a", "b"):
        shutil.copytree(run, folder / "runs" / name)
    shutil.copytree(run / "stage1", folder / "runs" / "selfplay")
    return folder


@pytest.mark.parametrize("block", EXAMPLES)
def test_an_example_runs_by_itself(block, tmp_path, request):
    folder = tmp_path
    if "runs/" in block:
        folder = request.getfixturevalue("trained")
    script = tmp_path / "example.py"
    script.write_text(block, encoding="utf-8")
    environment = os.environ | {"SDL_VIDEODRIVER": "dummy", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{block}\n{done.stderr}"


def test_the_pages_have_examples():
    assert len(EXAMPLES) > 15


def test_the_reward_of_the_example_pays_for_damage():
    page = ROOT / "docs" / "stable_baselines3.md"
    (code,) = (block for block in python_blocks(page) if "def bold" in block)
    names = {}
    exec(code, names)  # the example as it stands
    options = {"opponent": "idle", "characters": "core4", "reward": names["bold"]}
    env = gymnasium.make("cam_arena/Duel-v0", **options)
    observation, _ = env.reset(seed=1)
    match = env.unwrapped.match
    most = match.state["fighters"][1]["hp"]
    rng, paid, is_over = np.random.default_rng(0), 0.0, False
    while not is_over:
        action = int(rng.choice(np.flatnonzero(observation["action_mask"])))
        observation, reward, terminated, truncated, _ = env.step(action)
        assert reward >= 0
        paid += reward
        is_over = terminated or truncated
    lost = 1 - match.state["fighters"][1]["hp"] / most  # an idle opponent heals nothing
    assert lost > 0.2
    assert paid == pytest.approx((match.winner == 0) + lost, abs=1e-3)


def test_readme_examples_are_there():
    text = "\n".join(python_blocks(ROOT / "README.md"))
    assert "cam_arena.duel_v0" in text
    assert "cam_arena.agents" in text


def test_generated_pages_are_up_to_date(tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nrun `make docs`"


def test_make_verbs_in_the_pages_exist():
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for page in PAGES:
        for verb in re.findall(r"(?:^|`)make ([a-z][a-z-]*)", page.read_text("utf-8"), re.M):
            assert verb in targets, f"{page.name}: make {verb} does not exist"


def test_commands_in_the_pages_exist():
    for page in PAGES:
        for verb in re.findall(r"(?:^|`|bin/)cam-arena ([a-z-]+)", page.read_text("utf-8"), re.M):
            assert verb in cli.COMMANDS, f"{page.name}: cam-arena {verb} does not exist"
