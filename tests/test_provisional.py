"""What cannot be judged safely is judged once more beside the learner's code, and waits for the teacher."""

from __future__ import annotations

import csv
import html
import re
from pathlib import Path

from functional_course.grading.taking_in.repairs import WAITING

import nbformat
import needs
import pytest
from classroom import nbgrader
from nbformat.v4 import new_code_cell, new_notebook
from small_course import ASSIGNMENT, POINTS, hand_in, make_course

pytestmark = [
    needs.sandboxed(),
    pytest.mark.xdist_group("grading"),
]

RIGHT = "def twice(number):\n    return 2 * number"
OF_ITS_OWN = "class Whole(int):\n    pass\n\ntotal = Whole(42)"

MORE = {
    "ordered": (
        "def ordered(items):\n    items.sort()",
        "items = [3, 1, 2]\nordered(items)\nassert items == [1, 2, 3]",
    ),
    "largest": (
        "def largest(items):\n    return max(items)",
        "given = [3, 1, 2]\nassert largest(given) == 3\nassert given == [3, 1, 2]",
    ),
    # The change is made in one criterion, and looked at in another.
    "emptied": (
        "def emptied(box):\n    box.clear()",
        "rubric = Rubric('emptied', points=1, read='Chapter 0')\nbox = {'a': 1}\n"
        "with rubric.criterion(0.5, 'it can be called'):\n    emptied(box)\n"
        "with rubric.criterion(0.5, 'the box is empty'):\n    assert box == {}\nrubric.score()",
    ),
    "shifted": (
        "def shifted(number):\n    return number + 5",
        "rubric = Rubric('shifted', points=1, read='Chapter 0')\n"
        "with rubric.criterion(0.5, 'three'):\n"
        "    base = 5\n    result = shifted(3)\n    assert result == 3 + base\n"
        "with rubric.criterion(0.5, 'a whole number'):\n    assert type(result) is int\nrubric.score()",
    ),
}
"""Tasks that look at what a function did to what it was given. In the first and the third that is what they ask for.

The last makes names that an answer sees in one kernel.
"""

CLASS = {
    # By student: answers, points, and the test that waits for the teacher, or several.
    "changes": (
        {
            "ordered": "def ordered(items):\n    items[:] = [1, 2, 3]",
            "largest": "def largest(items):\n    items.append(7)\n    items.remove(7)\n    return max(items)",
            "emptied": "def emptied(box):\n    while box:\n        box.popitem()",
        },
        3,
        ("test-ordered", "test-emptied"),
    ),
    "changes_wrongly": (
        {
            "ordered": "def ordered(items):\n    items.sort(reverse=True)",
            "largest": "def largest(items):\n    items.sort()\n    return items[-1]",
            "emptied": "def emptied(box):\n    box['a'] = 0",
        },
        0.5,
        "test-largest",
    ),
    "right": ({"total": "total = 42", "twice": RIGHT}, POINTS, None),
    "wrong": ({"total": "total = 41", "twice": RIGHT}, 4, None),
    "error": ({"total": "total = 42", "twice": "def twice(number):\n    return number.twice"}, 3, None),
    "unanswered": ({"twice": RIGHT}, 3, None),
    "own_type": ({"total": OF_ITS_OWN, "twice": RIGHT}, POINTS, "test-total"),
    "own_value": (
        {
            "total": "total = 42",
            "twice": "class Number(float):\n    pass\n\ndef twice(number):\n    return Number(2 * number)",
        },
        POINTS,
        "test-twice",
    ),
    # What a test makes is there in one kernel: for a function when it is called, and for a cell that is run afterwards.
    "reads_a_name_of_the_tests": ({"shifted": "def shifted(number):\n    return number + base"}, 1, "test-shifted"),
    "stops_at_a_name_of_the_tests": (
        {"total": "total = 42", "twice": "two = rubric.points - 1\n\ndef twice(number):\n    return two * number"},
        POINTS,
        "test-twice",
    ),
    "reads_a_name_of_nobodys": ({"shifted": "def shifted(number):\n    return number + bias"}, 0, None),
    "own_and_wrong": ({"total": OF_ITS_OWN.replace("42", "41"), "twice": RIGHT}, 4, "test-total"),
    # In one kernel this one would have all points, and tell what was asked for.
    "attack": (
        {
            "total": (
                "class Liar(int):\n"
                "    def __eq__(self, other):\n"
                "        print('FOUND', other)\n"
                "        open('FOUND.txt', 'w').write(str(other))\n"
                "        return True\n"
                "    __hash__ = None\n\n"
                "total = Liar(1)"
            ),
            "twice": RIGHT,
        },
        POINTS,
        "test-total",
    ),
    "ends": (
        {
            "total": (
                "import os\n\nclass Last(int):\n    def __eq__(self, other):\n        os._exit(1)\n\ntotal = Last(42)"
            ),
            "twice": RIGHT,
        },
        3,
        "test-total",
    ),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory):
    from functional_course.grading.running.grade import grade_class

    course = make_course(tmp_path_factory.mktemp("provisional") / "course", MORE)
    for student, (answers, *_) in CLASS.items():
        hand_in(course, student, answers)
    report = grade_class(course, ASSIGNMENT, workers=2)
    # Some tests go on with the gradebook.
    return course, {row.student: row for row in report.rows}, {student: grades(course, student) for student in CLASS}


def grades(course: Path, student: str) -> dict[str, tuple[float, bool]]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        found = gradebook.find_submission_notebook("small", ASSIGNMENT, student).grades
        return {grade.name: (grade.score, grade.needs_manual_grade) for grade in found}


@pytest.mark.parametrize("student", CLASS)
def test_what_waits_has_its_provisional_points(graded, student: str):
    _, rows, first = graded
    _, points, waits = CLASS[student]
    waits = [] if waits is None else [waits] if isinstance(waits, str) else list(waits)
    assert rows[student].waiting == len(waits)
    assert rows[student].points == points, first[student]
    assert [name for name, (_, waiting) in first[student].items() if waiting] == waits
    assert [each.cell for each in rows[student].repairs if each.kind == "provisional"] == waits


def test_the_learner_is_told_and_no_more(graded):
    course, *_ = graded
    for student, (*_, waits) in CLASS.items():
        page = (course / "feedback" / student / ASSIGNMENT / "small.html").read_text(encoding="utf-8")
        shown = html.unescape(re.sub(r"<[^>]+>", "", page))
        assert ("Your teacher looks at this one" in shown) == bool(waits)
        outputs = html.unescape(re.sub(r"<[^>]+>", "", re.sub(r'<div class="[^"]*highlight[\s\S]*?</pre>', "", page)))
        assert "FOUND" not in outputs.replace("'FOUND'", "").replace("'FOUND.txt'", "")
    assert not list(course.rglob("FOUND*"))


IN_PLACE = {
    # By a value that the teacher makes: that, the instructor's answer, a learner's, the test, and whether it is right.
    "numbers": ("[3, 1, 2]", "numbers.sort()", "numbers[:] = [1, 2, 3]", "numbers == [1, 2, 3]", True),
    "table": ("{}", "table['a'] = 1", "table.update(a=1)", "table == {'a': 1}", True),
    "array": ("np.zeros(3)", "array[0] = 5", "array += 1", "array[0] == 5", False),
    "base": (
        "keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])",
        "base.trainable = False",
        "for layer in base.layers:\n    layer.trainable = False",
        "not base.trainable_weights",
        True,
    ),
    "other": (
        "keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])",
        "other.trainable = False",
        "pass",
        "not other.trainable_weights",
        False,
    ),
}


def test_what_an_answer_does_to_a_value_of_the_teachers_is_left_to_the_teacher():
    from functional_course.grading.judging.execution import Job, execute, policy
    from functional_course.grading.taking_in.plan import Plan
    from functional_course.grading.taking_in.roles import released_roles

    def notebook(answer: int) -> nbformat.NotebookNode:
        given = [f"{name} = {task[0]}" for name, task in IN_PLACE.items()]
        cells = [new_code_cell("\n".join(["import keras", "import numpy as np", *given]))]
        for name, task in IN_PLACE.items():
            marks = {"grade_id": f"do-{name}", "solution": True}
            cells.append(new_code_cell(task[answer], metadata={"nbgrader": marks}))
            marks = {"grade_id": f"test-{name}", "grade": True, "points": 1}
            cells.append(new_code_cell(f"assert {task[3]}", metadata={"nbgrader": marks}))
        return new_notebook(cells=cells)

    handed_in = notebook(2)
    cells = Plan(notebook(1)).cells(handed_in, released_roles(handed_in))
    result = execute(Job(cells, policy=policy()))
    waits = {cells[index].name: points.kept for index, points in result.provisional.items()}
    assert waits == {f"`test-{name}`": 1 for name, (*_, right) in IN_PLACE.items() if right}
    failed = [cells[index].name for index, outputs in result.outputs.items() if "error" in str(outputs)]
    assert failed == [f"`test-{name}`" for name in IN_PLACE]


def test_a_teachers_points_win_and_wait_no_more(graded):
    from functional_course.grading.running.grade import grade_class

    from nbgrader.api import Gradebook

    course, *_ = graded
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("test-total", "small", ASSIGNMENT, "own_type")
        grade.manual_score, grade.needs_manual_grade = 1.5, False  # as formgrader does
        gradebook.db.commit()

    def regraded(**options: bool) -> tuple[str, float, tuple[float, bool], int, list[str]]:
        report = grade_class(course, ASSIGNMENT, workers=1, students=["own_type"], **options)
        (row,) = report.rows
        assert report.changes == ()
        waiting = [each.cell for each in row.repairs if each.kind == "provisional"]
        return row.status, row.points, grades(course, "own_type")["test-total"], row.waiting, waiting

    assert regraded() == ("unchanged", 4.5, (1.5, False), 0, [])
    assert regraded(again=True) == ("graded", 4.5, (1.5, False), 0, [])
    # What is handed in anew is another answer: the points stay, and wait.
    hand_in(course, "own_type", {"total": f"{OF_ITS_OWN}  # now", "twice": RIGHT})
    assert regraded() == ("graded", 4.5, (1.5, True), 1, ["test-total"])


def test_nbgraders_own_commands_go_on_from_there(graded, tmp_path: Path):
    from functional_course.grading.running.grade import grade_class

    course, rows, _ = graded
    assert grades(course, "own_value")["test-twice"] == (3, True)
    nbgrader(course, tmp_path, "export")
    with open(course / "grades.csv", newline="") as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert exported["own_value"] == rows["own_value"].points
    assert set(exported) == set(CLASS)

    # In one kernel all is judged as it comes: nothing waits. The answer that course grade saw is still the same.
    nbgrader(course, tmp_path, "autograde", ASSIGNMENT, "--student", "own_value", "--force")
    assert grades(course, "own_value")["test-twice"] == (3, False)
    (row,) = grade_class(course, ASSIGNMENT, workers=1, students=["own_value"]).rows
    assert (row.status, row.points, row.waiting, row.count(WAITING)) == ("unchanged", POINTS, 0, 0)


def test_zero_keeps_only_what_was_judged(graded):
    from functional_course.grading.running.grade import grade_class

    course, *_ = graded
    (row,) = grade_class(course, ASSIGNMENT, workers=1, students=["attack"], provisional="zero").rows
    assert row.points == 3
    assert grades(course, "attack")["test-total"] == (0, True)
