"""The released form of an instructor's notebook that is made without nbgrader is the one that nbgrader makes."""

from __future__ import annotations

from pathlib import Path

from functional_course.grading.releasing.unsolved import OWN_WORDS, unsolved
from functional_course.notebooks.course_root import MARK, assignment_notebooks

import nbformat
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


def _texts(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.id, cell.source) for cell in notebook.cells]


def test_all_exercises_are_the_same():
    sources = assignment_notebooks(ROOT, "solutions")
    assert sources
    for path in sources:
        released = nbformat.read(ROOT / "exercises" / path.parent.name / path.name, 4)
        assert _texts(unsolved(nbformat.read(path, 4))) == _texts(released), path


def test_an_answer_without_marks_is_left_out_as_a_whole():
    mark = {"nbgrader": {"solution": True, "grade_id": "a"}}
    source = new_notebook(
        cells=[
            new_code_cell("value = 42", metadata=mark, outputs=[nbformat.v4.new_output("stream", text="42")]),
            new_markdown_cell("Because.", metadata=mark),
            new_code_cell("for n in ():\n    ### BEGIN SOLUTION\n    n\n    ### END SOLUTION\n", metadata=mark),
        ]
    )
    code, text, loop = unsolved(source).cells
    assert code.source == "# YOUR CODE HERE\nraise NotImplementedError()" and code.outputs == []
    assert text.source == "YOUR ANSWER HERE"
    assert loop.source == "for n in ():\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"
    assert source.cells[0].source == "value = 42"


def test_a_course_with_marks_of_its_own_is_told():
    for setting in ("c.ClearSolutions.begin_solution_delimeter = 'x'", "c.ClearSolutions.code_stub = {}"):
        assert OWN_WORDS.search(setting)
    assert not OWN_WORDS.search(Path(ROOT / MARK).read_text())
