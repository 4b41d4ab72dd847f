"""Folders of courses and students may be called as the system allows, or what is wrong with a name is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from functional_course.grading.gradebook.naming import plainly_named, why_no_student
from functional_course.grading.judging.execution import Job
from functional_course.grading.judging.result import Result

import pytest
from small_course import ASSIGNMENT, POINTS, hand_in, make_course

SCORED = [
    "ann",
    "e+f.g",
    "(x)",
    "%s",
    "{x}",
    "quo'te\"",
    "ünï",
    "a;b",
    "back\\slash",
    "$HOME",
    "a b",
    "-dash",
    "a&b<i>",
]
REFUSED = {
    " ada": "begins or ends with a space",
    "ada ": "begins or ends with a space",
    "\u00a0ada": "begins or ends with a space",
    "a*b": "has a *, a ? or a [ in it",
    "[x]": "has a *, a ? or a [ in it",
    "a?": "has a *, a ? or a [ in it",
    "new\nline": "has a line break",
    "a\x1b[31m": "has a *, a ? or a [ in it",
    "a\x1bb": "has a line break or another letter in it that does not show",
    "\u202eb": "has a line break or another letter in it that does not show",
    "bad\udc80": "is not UTF-8",
}


class Executed:
    """Executes nothing: every test has its full points."""

    def run(self, jobs: Iterable[tuple[tuple[str, str], Job]]) -> Iterator[tuple[tuple[str, str], Result]]:
        for key, job in jobs:
            full = [{"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}}]
            yield key, Result(outputs={cell.index: full for cell in job.cells if cell.role == "test"})


def graded(course: Path, students: Iterable[str]) -> dict[str, tuple[float | None, str]]:
    """Of each student the points, and what the teacher is told."""
    from functional_course.grading.running.run import Run

    for student in students:
        hand_in(course, student)
    run = Run(course, ASSIGNMENT)
    run.prepare()
    rows = run.grade(Executed(), run.assignment.students()).rows
    return {row.student: (row.points, " ".join(repair.teacher for repair in row.repairs)) for row in rows}


@pytest.mark.parametrize("name", ["course-main (1)", "[x] e+f.g", "a*b 'q\" %s {x}\n"])
def test_a_course_lies_in_a_folder_of_any_name(tmp_path: Path, name: str):
    course = tmp_path / name
    course.mkdir()
    assert graded(make_course(course), ["ann"]) == {"ann": (POINTS, "")}
    assert [path.name for path in (course / "feedback" / "ann" / ASSIGNMENT).iterdir()] == ["small.html"]
    assert (course / "autograded" / "ann" / ASSIGNMENT / "small.ipynb").is_file()


def test_a_student_is_scored_or_it_is_said_what_is_wrong_with_the_name(tmp_path: Path):
    found = graded(make_course(tmp_path), [*SCORED, *REFUSED])
    assert {student: found[student] for student in SCORED} == dict.fromkeys(SCORED, (POINTS, ""))
    for student, why in REFUSED.items():
        points, said = found[student]
        assert points is None
        assert said.startswith(f"The name of this student's folder in submitted/ {why}")
        assert said.endswith("Rename the folder, and run the command again.")


def test_a_question_mark_in_the_path_is_refused_for_the_whole_course(tmp_path: Path):
    from functional_course.grading.running.assignment import GradeError
    from functional_course.grading.running.run import Run

    course = tmp_path / "what?"
    course.mkdir()
    make_course(course)
    with pytest.raises(GradeError, match=r"rename the folder with the \? in its name"):
        Run(course, ASSIGNMENT)


def test_names_that_do_for_nbgrader(tmp_path: Path):
    assert [name for name in SCORED if why_no_student(name)] == []
    with plainly_named(tmp_path, tmp_path / "[x]") as (plain, other):
        assert plain.resolve() == tmp_path.resolve() and not set("[]()*?") & set(f"{plain}{other}")
    assert not plain.exists()
