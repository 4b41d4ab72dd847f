"""Words that mean something to nbgrader are only words in what a learner writes."""

from __future__ import annotations

import html
import re
from pathlib import Path

from functional_course.grading.gradebook.hiding import HideTests

import nbformat
import needs
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from small_course import ASSIGNMENT, POINTS, hand_in, make_course

pytestmark = [needs.sandboxed(), pytest.mark.xdist_group("grading")]

REGIONS = ("HIDDEN TESTS", "SOLUTION", "MARK SCHEME")
MARKED = {
    "open": "### BEGIN {0}",
    "nested": "### BEGIN {0}\n### BEGIN {0}\n### END {0}",
    "others": "### BEGIN {0}\n# kept\n### END {0}\n### END {0}\nsaid = 'BEGIN {0}'\n### AUTOTEST 1 {0}",
}


def test_an_answer_with_markers_is_scored_and_its_text_survives(tmp_path: Path):
    from functional_course.grading.running.grade import grade_class

    course = make_course(tmp_path)
    answers: dict[str, str] = {}
    for name, text in MARKED.items():
        lines = "\n".join(text.format(region) for region in REGIONS)
        inside = lines.replace("\n", "\n    ")
        answers[name] = f"{lines}\ntotal = 42\n# after {name}"
        twice = f"def twice(number):\n    {inside}\n    return 2 * number"
        folder = hand_in(course, name, {"total": answers[name], "twice": twice}, own=False)
        notebook = nbformat.read(folder / "small.ipynb", 4)
        notebook.cells.insert(1, new_code_cell(f"{lines}\n# an added cell"))
        notebook.cells.insert(2, new_markdown_cell(lines))
        nbformat.write(notebook, folder / "small.ipynb")
    report = grade_class(course, ASSIGNMENT, workers=1)
    assert {row.student: row.points for row in report.rows} == dict.fromkeys(MARKED, POINTS)
    for name, answer in answers.items():
        graded = nbformat.read(course / "autograded" / name / ASSIGNMENT / "small.ipynb", 4)
        assert answer in [cell.source for cell in graded.cells]
        page = (course / "feedback" / name / ASSIGNMENT / "small.html").read_text(encoding="utf-8")
        text = html.unescape(re.sub(r"<[^>]+>", "", page))
        assert all(line in text for line in answer.splitlines())
        assert "# an added cell" in text
        assert "total == 42" not in text and 'twice other numbers", hidden' not in text


@pytest.mark.parametrize(
    ("marks", "hidden"),
    [
        ({"grade": True, "locked": True}, True),
        ({"grade": True, "locked": False}, True),
        ({"grade": False, "locked": True}, True),
        ({"grade": True, "solution": True, "locked": True}, True),
        ({"solution": True, "locked": False}, False),
        ({"grade_id": "", "grade": True}, False),
    ],
)
def test_marks_that_were_changed_show_no_hidden_test(marks: dict[str, object], hidden: bool):
    text = "a\n### BEGIN HIDDEN TESTS\nsecret\n### END HIDDEN TESTS\nb"
    usual = {"grade_id": "test-a", "solution": False, "schema_version": 3, "points": 1}
    step = HideTests()
    step.enforce_metadata = False
    notebook = new_notebook(cells=[new_code_cell(text, metadata={"nbgrader": {**usual, **marks}})])
    (cell,) = step.preprocess(notebook, {})[0].cells
    assert ("secret" not in cell.source) == hidden
