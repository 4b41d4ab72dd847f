"""Grades as Moodle imports them.

Any header will do: the importer asks which column is the user (username, email address or ID number), which
are grades and which are feedback. It stops at the first user that it does not know, and gives the row of a user with
an empty identifier to the one before, so a column with a gap in it is left out. ``-`` is no grade. See
https://docs.moodle.org/en/Grade_import and https://github.com/moodle/moodle/blob/main/grade/import/csv. A grading
worksheet is another thing: one assignment's table, which Moodle reads back by the columns ``Identifier``, ``Grade`` and
``Last modified (grade)``, see
https://github.com/moodle/moodle/blob/main/mod/assign/feedback/offline/importgradeslib.php.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from functional_course.grading.exporting.formulas import safe
from functional_course.grading.exporting.grades import ExportError, Grades, number
from functional_course.grading.exporting.rosters import (
    MOODLE_IDS,
    WORKSHEET_NAMES,
    Finder,
    is_worksheet,
    listed,
    moodle_columns,
    normalized,
    number_in,
    table,
)

from nbgrader.api import Student


def moodle_rows(grades: Grades, roster: Path | None, numbers: Mapping[str, str]) -> tuple[list[list[str]], list[str]]:
    """The rows of the file, the titles first, and what a teacher should know before importing it.

    Args:
        grades: what to write.
        roster: grades, participants, or the assignment's grading worksheet from Moodle.
        numbers: what Moodle called the learners when their files were collected, which a worksheet has to agree with.

    Raises:
        ExportError: the roster is not what it should be.
        RosterError: it can't be read.
    """
    notes: list[str] = []
    people: list[tuple[Student, list[str]]] = []
    if roster is None:
        for student in grades.students:
            email = student.email or (student.id if "@" in student.id else "")
            people.append((student, [student.id, email, ""]))
    else:
        header, *lines = table(roster)
        if is_worksheet(header):
            return _worksheet_rows(grades, header, lines, roster, numbers)
        people, notes = _people(grades, header, lines, roster)
    # A gap in the column by which Moodle knows users would give a row to the user before.
    whole = [place for place in range(len(MOODLE_IDS)) if people and all(ids[place].strip() for _, ids in people)]
    if people and not whole:
        raise ExportError(f"{roster} has neither a username nor an email address nor an ID number for everybody.")
    header = [list(MOODLE_IDS)[place] for place in whole] + ["First name", "Last name"]
    for name in grades.assignments:
        header += [name, f"{name} (feedback)"]
    rows = [header]
    for student, ids in people:
        row = [safe(ids[place]) for place in whole] + [safe(student.first_name), safe(student.last_name)]
        for name in grades.assignments:
            score = grades.scores.get((student.id, name))
            row += [grades.shown(student, name, "-"), safe(score.detail) if score else ""]
        rows.append(row)
    return rows, notes


def _people(
    grades: Grades, header: list[str], lines: list[list[str]], roster: Path
) -> tuple[list[tuple[Student, list[str]]], list[str]]:
    columns = moodle_columns(header)
    known = [column for column in columns if column is not None]
    if not known:
        raise ExportError(
            f"{roster} has no column called {', '.join(MOODLE_IDS)}; it has {', '.join(header[:8])}. "
            "In Moodle, in English: Grades, Export, Plain text file."
        )
    find = Finder(lines, known, roster)
    found = []
    for student in grades.students:
        row = find(student)
        if row is not None:
            found.append((student, ["" if column is None else row[column] for column in columns]))
    return found, find.notes


def _worksheet_rows(
    grades: Grades, header: list[str], lines: list[list[str]], roster: Path, numbers: Mapping[str, str]
) -> tuple[list[list[str]], list[str]]:
    """Moodle's worksheet with grades and comments, of those alone who have a grade: Moodle reads no others."""
    if len(grades.assignments) != 1:
        raise ExportError(
            f"{roster} is the grading worksheet of one assignment. Name the chapter whose grades belong into it."
        )
    known = [column for column in moodle_columns(header) if column is not None]
    if not known:
        raise ExportError(f"{roster} doesn't say who is who: {WORKSHEET_NAMES}")
    titles = [normalized(title) for title in header]
    grade = titles.index("grade")
    comment, most, locked = (
        titles.index(name) if name in titles else None
        for name in ("feedbackcomments", "maximumgrade", "gradecanbechanged")
    )
    ((name, points),) = grades.assignments.items()
    find = Finder(lines, known, roster)
    rows, shut, limits = [header], [], set()
    for student in grades.students:
        row = find(student)
        score = grades.scores.get((student.id, name))
        if row is None or score is None:
            continue
        number_here = number_in(row[titles.index("identifier")])
        if numbers.get(student.id, number_here) != number_here:
            raise ExportError(
                f"{roster} is the worksheet of another assignment: there {safe(student.id)} is {number_here}, and "
                f"{numbers[student.id]} in the one that was collected as {name}."
            )
        if locked is not None and normalized(row[locked]) == "no":
            shut.append(student.id)
            continue
        new = [cell if cell == "-" else safe(cell) for cell in row]
        new[grade] = number(score.points)
        if comment is not None:
            # What the teacher wrote stays.
            new[comment] = (
                new[comment] if score.detail in new[comment] else f"{new[comment]} {safe(score.detail)}".strip()
            )
        if most is not None:
            limits.add(row[most])
        rows.append(new)
    notes = find.notes
    if shut:
        notes.append(f"Moodle doesn't let these grades be changed, so they were left out: {listed(shut)}.")
    notes += [
        f"The assignment's maximum is {each} in Moodle and {number(points)} in the gradebook. Set it to "
        f"{number(points)} in Moodle before you upload the file: Moodle refuses a grade above it."
        for each in sorted(limits)
        if re.fullmatch(r"\d+([.,]\d+)?", each) and abs(float(each.replace(",", ".")) - points) > 0.005
    ]
    if comment is None:
        notes.append("The worksheet has no column Feedback comments, so Moodle's learners read their points alone.")
    return rows, notes
