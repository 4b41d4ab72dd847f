"""The grades of a course, read once out of nbgrader's gradebook for all formats: points, lateness, and what waits.

Points may be provisional, or wait for a teacher. No format but Moodle's, in its feedback, has a place for that: another
column in nbgrader's or Canvas's would be read as something else. So it is said besides, and such grades can be held
back.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from functional_course.grading.exporting.formulas import safe
from functional_course.grading.exporting.rosters import listed

from nbgrader.api import Assignment, Grade, Gradebook, Notebook, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import func, or_


class ExportError(RuntimeError):
    """The grades could not be exported; the message says why and what to do."""


@dataclass(frozen=True)
class Waiting:
    """What of a submission waits for a teacher: how many cells, and how many of them have points all the same."""

    cells: int
    provisional: int


Waits = dict[tuple[str, str], Waiting]
"""By student and assignment."""


@dataclass(frozen=True)
class Score:
    """A grade: the points, less what lateness costs, and how they come about in words."""

    points: float
    detail: str


@dataclass(frozen=True)
class Grades:
    """What a file of grades holds.

    Attributes:
        assignments: by name, the points that there are.
        students: all of the gradebook, by their names.
        scores: by student and assignment; whoever has no grade is not in it.
    """

    assignments: dict[str, float]
    students: list[Student]
    scores: dict[tuple[str, str], Score]

    def shown(self, student: Student, assignment: str, none: str) -> str:
        """A student's points, or ``none``."""
        score = self.scores.get((student.id, assignment))
        return number(score.points) if score else none


def number(value: float) -> str:
    """Points with at most two digits after the point, which is all that Canvas shows."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _judged(gradebook: Gradebook) -> set[str]:
    """The submissions that have a score. A run that was interrupted leaves some without one behind: no grade, not 0."""
    found = (
        gradebook.db.query(SubmittedNotebook.assignment_id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .filter(or_(Grade.auto_score.isnot(None), Grade.manual_score.isnot(None)))
        .distinct()
    )
    return {row[0] for row in found}


def waits_of(gradebook: Gradebook, names: list[str]) -> Waits:
    """What waits for a teacher in submissions that have a score."""
    judged = _judged(gradebook)
    rows = (
        gradebook.db.query(
            SubmittedAssignment.id,
            SubmittedAssignment.student_id,
            Assignment.name,
            func.count(Grade.id),
            func.count(func.coalesce(Grade.manual_score, Grade.auto_score)),
        )
        .select_from(Grade)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name.in_(names), Grade.needs_manual_grade)
        .group_by(SubmittedAssignment.id, SubmittedAssignment.student_id, Assignment.name)
        .order_by(Assignment.name, SubmittedAssignment.student_id)
    )
    return {
        (student, assignment): Waiting(cells, scored)
        for submission, student, assignment, cells, scored in rows
        if submission in judged
    }


def waiting_notes(waits: Waits, held: bool) -> list[str]:
    """What a teacher is told of grades some of which wait, whether they are held back or written."""
    if not waits:
        return []
    cells, provisional = sum(each.cells for each in waits.values()), sum(each.provisional for each in waits.values())
    who = list(dict.fromkeys(student for student, _ in waits))
    what = f"{cells} {'cell waits' if cells == 1 else 'cells wait'} for you, from {listed(who)}"
    where = (
        "Formgrader lists them under Manual Grading, and so does the report of course grade "
        f"{' and '.join(dict.fromkeys(assignment for _, assignment in waits))}."
    )
    if held:
        grades = "1 grade is" if len(waits) == 1 else f"{len(waits)} grades are"
        return [f"{what}: {grades} left out. {where}"]
    empty = cells - provisional
    parts = [f"{provisional} with provisional points"] if provisional else []
    parts += [f"{empty} with none yet"] if empty else []
    return [f"{what}, and the file counts {' and '.join(parts)}. {where} --waiting hold leaves their grades out."]


def read_grades(gradebook: Gradebook, names: list[str], waits: Waits, held: Set[tuple[str, str]]) -> Grades:
    """The grades of some assignments.

    Args:
        gradebook: nbgrader's.
        names: the assignments.
        waits: what of their grades waits for a teacher.
        held: by student and assignment, the grades to leave out.
    """
    session = gradebook.db
    judged = _judged(gradebook)
    rows = (
        session.query(
            SubmittedAssignment.id,
            SubmittedAssignment.student_id,
            Assignment.name,
            Notebook.name,
            SubmittedNotebook.score,
            SubmittedNotebook.max_score,
            SubmittedNotebook.late_submission_penalty,
        )
        .select_from(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .filter(Assignment.name.in_(names))
        .order_by(Notebook.name)
    )
    parts: dict[tuple[str, str], list[tuple[str, float, float, float]]] = {}
    for submission, student, assignment, notebook, points, most, penalty in rows:
        if submission in judged and (student, assignment) not in held:
            parts.setdefault((student, assignment), []).append((notebook, points, most, penalty or 0.0))
    scores = {key: _score(notebooks, waits.get(key)) for key, notebooks in parts.items()}
    most = {name: gradebook.find_assignment(name).max_score for name in names}
    students = sorted(gradebook.students, key=lambda one: (one.last_name or "", one.first_name or "", one.id))
    return Grades(most, students, scores)


def _score(notebooks: list[tuple[str, float, float, float]], waits: Waiting | None) -> Score:
    """nbgrader's score of a submission: the points of its notebooks, less what lateness costs, and not below 0."""
    penalty = sum(late for *_, late in notebooks)
    detail = [f"{name} {number(points)} of {number(most)}" for name, points, most, _ in notebooks]
    detail += [f"{number(penalty)} off for lateness"] if penalty else []
    if waits:
        tasks = "1 task" if waits.cells == 1 else f"{waits.cells} tasks"
        detail.append(f"your teacher has yet to look at {tasks}")
    return Score(max(0.0, sum(points for _, points, *_ in notebooks) - penalty), ", ".join(detail))


def changed_ids(ids: Iterable[str]) -> list[str]:
    """What a teacher is told of ids that were made harmless: nobody would find them again."""
    changed = [one for one in ids if safe(one) != one]
    said = f"These ids look like formulas to a spreadsheet and were changed: {listed(changed)}. Enter them by hand."
    return [said] if changed else []
