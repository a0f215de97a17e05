"""docs/reliability.md: every promise and every row of its table leads to tests that exist."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "reliability.md").read_text(encoding="utf-8")
PROMISES = re.findall(r"^\d\. .+$", PAGE, re.MULTILINE)
ROWS = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", PAGE, re.MULTILINE)


def functions(path):
    """Return the names of the test functions of a file, methods of machines too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)} | {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def test_there_are_six_promises_and_all_rows():
    assert len(PROMISES) == 6
    assert [int(number) for number, _ in ROWS] == list(range(1, 23))


@pytest.mark.parametrize(("number", "tests"), ROWS)
def test_the_tests_of_a_row_exist(number, tests):
    named = re.findall(r"`(test_\w+)(?:::(\w+))?`", tests)
    assert named or re.search(r"`make [a-z-]+`", tests), f"row {number} names no test"
    for file, name in named:
        path = TESTS / f"{file}.py"
        assert path.exists(), f"row {number}: {path.name} does not exist"
        if name:
            assert name in functions(path), f"row {number}: {path.name} has no {name}"
