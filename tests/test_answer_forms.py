"""The same answer gets the same points in one kernel and through ``course grade``, in whatever form it is written.

The forms stand in tests/answer_forms. Right ones and wrong ones: neither grader may be the kinder one unseen.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import needs
import pytest
from answer_forms.reading import ASSIGNMENT, GROUPS, Form, forms, make_course
from classroom import nbgrader

pytestmark = [needs.sandboxed(), pytest.mark.xdist_group("forms")]

ALL = [(group, form) for group in GROUPS for form in forms(group)]
MOST_FLAGGED = 0.03
"""Of all forms, the share that may be left to the teacher."""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple[float, bool]]:
    """Points by plain nbgrader, all cells in one kernel: by group and form."""
    course = make_course(tmp_path_factory.mktemp("plain") / "course")
    home = course.parent / "home"
    home.mkdir()
    nbgrader(course, home, "generate_assignment", ASSIGNMENT)
    nbgrader(course, home, "autograde", ASSIGNMENT)
    return grades(course)


@pytest.fixture(scope="module")
def separate(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple[float, bool]]:
    """Points by ``course grade``, and whether the cell is left to the teacher."""
    from functional_course.grading.grade import grade_class

    course = make_course(tmp_path_factory.mktemp("separate") / "course")
    grade_class(course, ASSIGNMENT, workers=1, feedback=False)
    kept = os.environ.get("COURSE_KEEP_FORMS")
    if kept:
        shutil.copytree(course, kept, dirs_exist_ok=True)
    return grades(course)


def grades(course: Path) -> dict[tuple[str, str], tuple[float, bool]]:
    """What the gradebook holds: points, and whether a teacher has to look."""
    from nbgrader.api import Gradebook

    found = {}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for group in GROUPS:
            for grade in gradebook.find_submission_notebook(group, ASSIGNMENT, "ann").grades:
                name = grade.name.removeprefix("test-")
                found[group, name] = (float(grade.score), bool(grade.needs_manual_grade))
    return found


def _named(case: tuple[str, Form]) -> str:
    return f"{case[0]}-{case[1].name}"


@pytest.mark.parametrize(("group", "form"), ALL, ids=map(_named, ALL))
def test_one_kernel_and_two_processes_give_what_the_answer_deserves(group: str, form: Form, plain, separate):
    assert plain[group, form.name][0] == form.points, "plain nbgrader"
    points, flagged = separate[group, form.name]
    if flagged:
        assert form.may_be_flagged, f"left to the teacher ({points:g} provisional points)"
    assert points == form.points, "course grade"


def test_there_are_forms_enough_and_few_are_left_to_the_teacher(separate):
    assert len(ALL) >= 150
    flagged = [key for key, (_, waits) in separate.items() if waits]
    assert len(flagged) <= MOST_FLAGGED * len(ALL), flagged
