"""The same answer gets the same points in one kernel and through ``course grade``, in whatever form it is written.

The forms stand in tests/answer_forms. Right ones and wrong ones: neither grader may be the kinder one unseen. Plain
nbgrader grades the groups of forms that it hasn't graded before on what they rest on (see graded_before.py), and one of
them always; with ``COURSE_ANSWERS=all`` all of them, and what is as it should be is written down.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import nbformat
import needs
import pytest
from answer_forms.reading import ASSIGNMENT, GROUPS, Form, forms, make_course
from classroom import nbgrader
from conftest import ROOT
from graded_before import GradedBefore, rests_on

pytestmark = [needs.sandboxed(), pytest.mark.xdist_group("forms")]

ALL = [(group, form) for group in GROUPS for form in forms(group)]
ALWAYS = min(GROUPS, key=lambda group: len(forms(group)))
"""Graded by plain nbgrader in every run."""
EVERYTHING = os.environ.get("COURSE_ANSWERS") == "all"
GRADED = GradedBefore(ROOT / "tests" / "answer_forms" / "graded.json")
MOST_FLAGGED = 0.03
"""Of all forms, the share that may be left to the teacher."""


def rests(course: Path, group: str) -> str:
    """A digest of what the points of a group rest on."""
    return rests_on(nbformat.read(course / "solutions" / ASSIGNMENT / f"{group}.ipynb", 4), forms(group))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple[float, bool]]:
    """Points by plain nbgrader, all cells in one kernel: by group and form, of the groups that are graded."""
    all_forms = make_course(tmp_path_factory.mktemp("all") / "course")
    known = {group: GRADED.holds(group, rests(all_forms, group)) for group in GROUPS}
    groups = [group for group in GROUPS if EVERYTHING or group == ALWAYS or not known[group]]
    course = make_course(tmp_path_factory.mktemp("plain") / "course", groups)
    home = course.parent / "home"
    home.mkdir()
    nbgrader(course, home, "generate_assignment", ASSIGNMENT)
    nbgrader(course, home, "autograde", ASSIGNMENT)
    found = grades(course, groups)
    for group in groups if EVERYTHING else ():
        if all(found[group, form.name][0] == form.points for form in forms(group)):
            GRADED.write(group, rests(all_forms, group))
    return found


@pytest.fixture(scope="module")
def separate(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple[float, bool]]:
    """Points by ``course grade``, and whether the cell is left to the teacher."""
    from functional_course.grading.running.grade import grade_class

    course = make_course(tmp_path_factory.mktemp("separate") / "course")
    grade_class(course, ASSIGNMENT, workers=1, feedback=False)
    kept = os.environ.get("COURSE_KEEP_FORMS")
    if kept:
        shutil.copytree(course, kept, dirs_exist_ok=True)
    return grades(course, GROUPS)


def grades(course: Path, groups: Iterable[str]) -> dict[tuple[str, str], tuple[float, bool]]:
    """What the gradebook holds: points, and whether a teacher has to look."""
    from nbgrader.api import Gradebook

    found = {}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for group in groups:
            for grade in gradebook.find_submission_notebook(group, ASSIGNMENT, "ann").grades:
                name = grade.name.removeprefix("test-")
                found[group, name] = (float(grade.score), bool(grade.needs_manual_grade))
    return found


def _named(case: tuple[str, Form]) -> str:
    return f"{case[0]}-{case[1].name}"


@pytest.mark.parametrize(("group", "form"), ALL, ids=map(_named, ALL))
def test_one_kernel_and_two_processes_give_what_the_answer_deserves(group: str, form: Form, plain, separate):
    if (group, form.name) in plain:
        assert plain[group, form.name][0] == form.points, "plain nbgrader"
    points, flagged = separate[group, form.name]
    if flagged:
        assert form.may_be_flagged, f"left to the teacher ({points:g} provisional points)"
    assert points == form.points, "course grade"


def test_there_are_forms_enough_and_few_are_left_to_the_teacher(separate):
    assert len(ALL) >= 150
    flagged = [key for key, (_, waits) in separate.items() if waits]
    assert len(flagged) <= MOST_FLAGGED * len(ALL), flagged
