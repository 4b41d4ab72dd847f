"""No criterion judges what another task's test left behind under the same name, if an earlier criterion made nothing.

A name that one criterion binds and a later one reads is bound by no other cell of the notebook. Else an answer that
isn't there would be judged by the model of the task before. And no test binds a name of an answer: in one kernel it
would be another answer's from then on, so each criterion that fails would be judged a second time.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from functional_course.grading.analysis.scope import read_first, stored

import nbformat
import pytest
from conftest import ROOT

PATHS = sorted((ROOT / "solutions").glob("*/*.ipynb"))


def rests_on_a_criterion(test: str) -> set[str]:
    """The names that a criterion binds, nothing binds in any case, and a later statement of the test reads."""
    in_a_criterion: set[str] = set()
    anyway: set[str] = set()
    found: set[str] = set()
    for statement in ast.parse(test).body:
        text = ast.unparse(statement)
        body = statement.body if isinstance(statement, ast.With) and ".criterion(" in text.partition("\n")[0] else None
        read = read_first(text if body is None else "\n".join(map(ast.unparse, body)))
        found |= read & in_a_criterion - anyway
        (anyway if body is None else in_a_criterion).update(stored(text))
    return found


def left_over(cells: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Names that stand for something else where a criterion failed, each with the test that reads it.

    Args:
        cells: of a notebook, each with its id, and its text.
    """
    for name, test in cells:
        if name.startswith("test-"):
            others = set().union(*(stored(text) for other, text in cells if other != name))
            yield from (f"{name}: {each}" for each in sorted(rests_on_a_criterion(test) & others))


def bound_again(cells: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Names of an answer that a test binds, each with the test.

    Args:
        cells: of a notebook, each with its id, and its text.
    """
    asked = {name.removeprefix("test-") for name, _ in cells if name.startswith("test-")}
    answers = set().union(*(stored(text) for name, text in cells if name in asked))
    for name, test in cells:
        if name.startswith("test-"):
            yield from (f"{name}: {each}" for each in sorted(stored(test) & answers))


def cells_of(path: Path) -> list[tuple[str, str]]:
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    return [(cell.metadata.get("nbgrader", {}).get("grade_id", ""), cell.source) for cell in cells]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name[:2]}-{path.stem}")
def test_a_criterion_finds_nothing_of_another_tasks(path: Path):
    assert list(left_over(cells_of(path))) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name[:2]}-{path.stem}")
def test_no_test_binds_a_name_of_an_answer(path: Path):
    assert list(bound_again(cells_of(path))) == []


FIRST = "with rubric.criterion(1, 'a'):\n    made = build()\n"


@pytest.mark.parametrize(
    ("test", "found"),
    [
        (FIRST + "with rubric.criterion(1, 'b'):\n    assert made", ["test-two: made"]),
        (FIRST + "def all_of():\n    return made", ["test-two: made"]),
        (FIRST + "with rubric.criterion(1, 'b'):\n    made = build()\n    assert made", []),
        ("made = 0\n" + FIRST + "with rubric.criterion(1, 'b'):\n    assert made", []),
        (FIRST + "with rubric.criterion(1, 'b'):\n    assert rubric", []),
    ],
)
def test_what_another_test_left_is_found(test: str, found: list[str]):
    cells = [("", "rubric = 1"), ("test-one", FIRST), ("test-two", test)]
    assert list(left_over(cells)) == found
    assert list(left_over([cells[0], cells[2]])) == []


def test_a_name_of_an_answer_that_a_test_binds_is_found():
    cells = [("given-two", "rows = 1"), ("two", "wide = 1\ndef build():\n    deep = 1"), ("test-two", "assert wide")]
    assert list(bound_again(cells)) == []
    bound = "def made():\n    wide = 2\ndeep, rows = 3, 4\nfor wide in (1, 2):\n    pass\nbuild = made"
    assert list(bound_again([*cells, ("test-three", bound)])) == ["test-three: build", "test-three: wide"]
