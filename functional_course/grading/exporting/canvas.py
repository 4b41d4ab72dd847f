"""Grades as Canvas imports them.

The first row is ``Student, ID, SIS User ID, SIS Login ID, Section`` and a column for each assignment, called
``title (id)`` for one that Canvas has already; the second is ``Points Possible``. Students are found by ID, else by SIS
ids, else by name. See "How do I import grades in the Gradebook?",
https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-import-grades-in-the-Gradebook/ta-p/807, and Canvas's own
importer, https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb. An empty cell takes away a
score that Canvas has, so with a roster a student without a grade keeps what stands there.
"""

from __future__ import annotations

import re
from pathlib import Path

from functional_course.grading.exporting.formulas import safe
from functional_course.grading.exporting.grades import ExportError, Grades, number
from functional_course.grading.exporting.rosters import CANVAS_NUMBER, Finder, normalized, table


def canvas_rows(grades: Grades, roster: Path | None) -> tuple[list[list[str]], list[str]]:
    """The rows of the file, two of titles first, and what a teacher should know before importing it.

    Args:
        grades: what to write.
        roster: a gradebook exported from Canvas.

    Raises:
        ExportError: two assignments in Canvas could be meant, or the roster is none.
        RosterError: the roster can't be read.
    """
    if roster is not None:
        return _rows_of(grades, *_roster(roster), roster)
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    rows = [
        header + list(grades.assignments),
        ["    Points Possible"] + [""] * 4 + [number(most) for most in grades.assignments.values()],
    ]
    for student in grades.students:
        name = ", ".join(part for part in (student.last_name, student.first_name) if part) or student.id
        shown = [grades.shown(student, name, "") for name in grades.assignments]
        rows.append([safe(name), "", "", safe(student.id), "", *shown])
    note = "Without a roster Canvas finds students by login, and adds the assignments as new ones; see --roster FILE."
    return rows, [note]


def _roster(path: Path) -> tuple[list[str], list[list[str]]]:
    header, *rows = table(path)
    single = len(header) > 3 and "Student" in header[0] and "ID" in header[1]
    double = len(header) > 4 and header[:2] == ["LastName", "FirstName"] and "ID" in header[2]
    if not (single or double) or "Section" not in header:
        raise ExportError(
            f"{path} isn't a Canvas gradebook: its first row is not Student, ID, …, Section, … "
            "In Canvas: Gradebook, Export, Export Entire Gradebook."
        )
    return header, rows


def _rows_of(
    grades: Grades, header: list[str], lines: list[list[str]], path: Path
) -> tuple[list[list[str]], list[str]]:
    who = header.index("Section") + 1
    columns = {name: _column(name, header, who) for name in grades.assignments}
    possible = next((row for row in lines if "Points Possible" in row[0]), [""] * len(header))
    people = [
        row
        for row in lines
        if "Points Possible" not in row[0]
        and not all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.IGNORECASE) for cell in row)
    ]
    notes = []
    for name, most in grades.assignments.items():
        column = columns[name]
        if column is None:
            notes.append(f"{path.name} has no assignment {name}; Canvas will offer to add it.")
        elif possible[column] not in ("", number(most), f"{most:.2f}", f"{most:.2f}".replace(".", ",")):
            told = f"{header[column]} has {possible[column]} points in Canvas and {number(most)} in the gradebook"
            notes.append(f"{told}; importing the file changes it in Canvas.")
    rows = [
        header[:who] + [name if column is None else header[column] for name, column in columns.items()],
        ["    Points Possible"] + [""] * (who - 1) + [number(most) for most in grades.assignments.values()],
    ]
    order = ("SIS Login ID", "SIS User ID", "Integration ID", "ID")
    numbered = [[*row, CANVAS_NUMBER + row[header.index("ID")]] for row in people]
    find = Finder(numbered, [header.index(name) for name in order if name in header[:who]] + [len(header)], path)
    for student in grades.students:
        row = find(student)
        if row is None:
            continue
        there = ["" if column is None else row[column] for column in columns.values()]
        kept = [cell if re.fullmatch(r"-?[\d.,]+%?", cell) else safe(cell) for cell in there]
        shown = [grades.shown(student, name, old) for name, old in zip(grades.assignments, kept, strict=True)]
        rows.append([safe(cell) for cell in row[:who]] + shown)
    return rows, notes + find.notes


def _column(name: str, header: list[str], who: int) -> int | None:
    """The roster's column for an assignment: by its title, capitals and signs aside, the chapter's number or not."""
    titles = {column: normalized(re.sub(r"\s*\(\d+\)\s*$", "", header[column])) for column in range(who, len(header))}
    for wanted in (normalized(name), normalized(re.sub(r"^\d+_", "", name))):
        found = [column for column, title in titles.items() if title == wanted]
        if len(found) > 1:
            both = " and ".join(header[column] for column in found[:2])
            raise ExportError(f"Canvas has more than one assignment for {name}: {both}. Rename one of them.")
        if found:
            return found[0]
    return None
