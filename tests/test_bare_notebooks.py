"""Without what they only show, the given cells still have all that answers and tests need."""

from __future__ import annotations

import nbformat
import pytest
from answer_files import VARIANTS, variant
from bare_notebooks import leave_out_shows
from classroom import EACH_NOTEBOOK
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from test_tasks_alone import faults

GIVEN = """\
import math
def helper(n):
    return math.sqrt(n) + other
@cached
def other(n):
    return n
def broken(n):
    return helper(n) * 2
keras.utils.set_random_seed(3)
rows = np.ones(3)
rows[0] = 2
rows.sort()
model = broken(rows)
model.fit(rows)
helper(model)
for step in range(3):
    model.step(step)
print(model)
diagrams.draw(model)
helper(3)"""
KEPT = """\
import math
def helper(n):
    return math.sqrt(n) + other
@cached
def other(n):
    return n
keras.utils.set_random_seed(3)
rows = np.ones(3)
rows[0] = 2
rows.sort()"""


def notebook(test: str) -> nbformat.NotebookNode:
    answer, graded = (
        {"nbgrader": {"grade_id": name, mark: True}} for name, mark in (("a", "solution"), ("t", "grade"))
    )
    return new_notebook(
        cells=[
            new_code_cell(
                "import keras\nimport numpy as np\nfrom functional_course import cached, diagrams\nprint('set up')"
            ),
            new_markdown_cell("## 1. One"),
            new_code_cell(GIVEN),
            new_code_cell("answer = rows.sum()", metadata=answer),
            new_code_cell(test, metadata=graded),
            new_code_cell("draw(answer)"),
        ]
    )


def test_what_makes_or_changes_what_is_needed_stays():
    made = notebook("assert answer == helper(4)")
    before = [cell.source for cell in made.cells]
    leave_out_shows(made, [])
    after = [cell.source for cell in made.cells]
    assert after == [*before[:2], KEPT, *before[3:5], ""]


@pytest.mark.parametrize("way", ["a test", "an answer"])
def test_what_is_trained_stays_where_somebody_needs_it(way: str):
    made = notebook("assert model" if way == "a test" else "assert answer")
    leave_out_shows(made, ["answer = model.predict(rows)"] if way == "an answer" else [])
    kept = made.cells[2].source
    for changes in ("model.fit(rows)", "helper(model)", "model.step(step)"):
        assert changes in kept


@pytest.mark.parametrize(("chapter", "name"), EACH_NOTEBOOK)
def test_no_name_is_missing(chapter: str, name: str):
    made = nbformat.read(ROOT / "solutions" / chapter / f"{name}.ipynb", 4)
    given = [{task: answer.source for task, answer in variant(chapter, name, each).items()} for each in VARIANTS]
    leave_out_shows(made, [source for answers in given for source in answers.values()])
    for answers in given:
        for cell in made.cells:
            cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
        assert faults(made.cells) == []
