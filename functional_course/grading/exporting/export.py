"""Write the gradebook as CSV: as nbgrader does it, and as Canvas and Moodle import it.

:mod:`~functional_course.grading.exporting.grades` reads the gradebook, and each format has a module of its own. What a
spreadsheet would take for a formula is made harmless, see :mod:`functional_course.grading.exporting.formulas`. An id
that is so changed is named: nobody would find it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from functional_course.grading.exporting.canvas import canvas_rows
from functional_course.grading.exporting.formulas import csv_text
from functional_course.grading.exporting.grades import (
    ExportError,
    changed_ids,
    read_grades,
    waiting_notes,
    waits_of,
)
from functional_course.grading.exporting.moodle import moodle_rows
from functional_course.grading.exporting.nbgrader_format import nbgrader_text
from functional_course.grading.exporting.rosters import RosterError
from functional_course.grading.gradebook.folders import Folders, load_config
from functional_course.writing import write_whole

from nbgrader.api import Gradebook
from sqlalchemy.engine import make_url

FORMATS = ("nbgrader", "canvas", "moodle")

KEEP, HOLD = "keep", "hold"
"""What becomes of a grade some of which waits for the teacher: it is written, or left out as if there were none."""


@dataclass(frozen=True)
class Exported:
    """What an export wrote.

    Attributes:
        path: the file.
        students: how many rows of students it has.
        notes: sentences on what a teacher should know before importing it.
    """

    path: Path
    students: int
    notes: tuple[str, ...] = ()


def gradebook_of(root: Path) -> tuple[str, str]:
    """Where nbgrader keeps a course's grades, as a URL, and the course's id, from its configuration."""
    folders = Folders(load_config(root))
    return folders.db_url, folders.course_id


def export(
    url: str,
    course_id: str,
    form: str,
    output: Path,
    assignments: Sequence[str] = (),
    roster: Path | None = None,
    waiting: str = KEEP,
    numbers: Mapping[str, str] | None = None,
) -> Exported:
    """Write the grades of some assignments, or of all, to a CSV file in one step.

    Args:
        url: nbgrader's database, such as ``sqlite:////srv/course/gradebook.db``.
        course_id: nbgrader's course id.
        form: ``nbgrader``, ``canvas`` or ``moodle``.
        output: the file to write.
        assignments: their names; all in the gradebook if left out.
        roster: a gradebook exported from Canvas; or grades, participants or the assignment's grading worksheet from
            Moodle. Students and, for Canvas, assignments keep the ids that they have there, and whoever is not in it
            is left out and named.
        waiting: ``keep``, or ``hold`` to leave out grades some of which waits for the teacher.
        numbers: what Moodle called the learners when their files were collected, which a worksheet has to agree with.

    Returns:
        The file, and what there is to know about it.

    Raises:
        ExportError: there is no gradebook or no such assignment, or the roster is not what it should be.
    """
    if form not in FORMATS:
        raise ExportError(f"There is no format {form!r}. Formats: {', '.join(FORMATS)}.")
    if roster is not None and form == "nbgrader":
        raise ExportError("nbgrader's format takes no roster. Leave --roster out, or use --format canvas or moodle.")
    if roster is not None and output.exists() and output.samefile(roster):
        raise ExportError(f"{output} is the roster. Name another file to write to.")
    database = make_url(url).database
    if url.startswith("sqlite") and (not database or not Path(database).is_file()):
        raise ExportError(f"There is no gradebook {database}. Grade something first.")
    notes: list[str] = []
    with Gradebook(url, course_id) as gradebook:
        known = [assignment.name for assignment in gradebook.assignments]
        unknown = [name for name in assignments if name not in known]
        if unknown:
            there = ", ".join(sorted(known)) or "none"
            raise ExportError(f"There is no assignment {unknown[0]} in the gradebook. There are: {there}.")
        chosen = list(dict.fromkeys(assignments)) or sorted(known)
        if not chosen:
            raise ExportError("There is no assignment in the gradebook yet. Release one first.")
        waits = waits_of(gradebook, chosen)
        held = set(waits) if waiting == HOLD else set()
        if form == "nbgrader":
            text = nbgrader_text(gradebook, chosen, held)
            count = len(gradebook.students)
        else:
            grades = read_grades(gradebook, chosen, waits, held)
            try:
                if form == "canvas":
                    rows, notes = canvas_rows(grades, roster)
                else:
                    rows, notes = moodle_rows(grades, roster, numbers or {})
            except RosterError as error:
                raise ExportError(str(error)) from error
            notes += changed_ids(student.id for student in grades.students)
            text = csv_text(rows)
            count = len(rows) - (2 if form == "canvas" else 1)
    notes += waiting_notes(waits, waiting == HOLD)
    write_whole(output, text)
    return Exported(output, count, tuple(notes))
