"""Write the gradebook as CSV: as nbgrader does it, and as Canvas and Moodle import it.

Canvas. The first row is ``Student, ID, SIS User ID, SIS Login ID, Section`` and a column for each assignment, called
``title (id)`` for one that Canvas has already; the second is ``Points Possible``. Students are found by ID, else by SIS
ids, else by name. See "How do I import grades in the Gradebook?",
https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-import-grades-in-the-Gradebook/ta-p/807, and Canvas's own
importer, https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb. An empty cell takes away a
score that Canvas has, so with a roster a student without a grade keeps what stands there.

Moodle. Any header will do: the importer asks which column is the user (username, email address or ID number), which
are grades and which are feedback. It stops at the first user that it does not know, and gives the row of a user with
an empty identifier to the one before, so a column with a gap in it is left out. ``-`` is no grade. See
https://docs.moodle.org/en/Grade_import and https://github.com/moodle/moodle/blob/main/grade/import/csv. A grading
worksheet is another thing: one assignment's table, which Moodle reads back by the columns ``Identifier``, ``Grade`` and
``Last modified (grade)``, see
https://github.com/moodle/moodle/blob/main/mod/assign/feedback/offline/importgradeslib.php.

What a spreadsheet would take for a formula is made harmless, see :mod:`functional_course.grading.exporting.formulas`.
An id that is so changed is named: nobody would find it again.

Points may be provisional, or wait for a teacher. No format but Moodle's, in its feedback, has a place for that: another
column in nbgrader's or Canvas's would be read as something else. So it is said besides, and such grades can be held
back.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from functional_course.grading.exporting.formulas import neutral, safe
from functional_course.grading.exporting.rosters import (
    CANVAS_NUMBER,
    MOODLE_IDS,
    WORKSHEET_NAMES,
    Finder,
    RosterError,
    is_worksheet,
    listed,
    moodle_columns,
    number_in,
    plain,
    table,
)
from functional_course.grading.gradebook.folders import Folders, load_config
from functional_course.scratch import scratch_folder
from functional_course.writing import write_whole

from nbgrader.api import Assignment, Grade, Gradebook, Notebook, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins import CsvExportPlugin
from sqlalchemy import func, or_
from sqlalchemy.engine import make_url

FORMATS = ("nbgrader", "canvas", "moodle")

KEEP, HOLD = "keep", "hold"
"""What becomes of a grade some of which waits for the teacher: it is written, or left out as if there were none."""


class ExportError(RuntimeError):
    """The grades could not be exported; the message says why and what to do."""


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


@dataclass(frozen=True)
class _Waiting:
    """What of a submission waits for a teacher: how many cells, and how many of them have points all the same."""

    cells: int
    provisional: int


_Waits = dict[tuple[str, str], _Waiting]
"""By student and assignment."""


@dataclass(frozen=True)
class _Score:
    points: float
    detail: str


@dataclass(frozen=True)
class _Grades:
    assignments: dict[str, float]
    students: list[Student]
    scores: dict[tuple[str, str], _Score]

    def shown(self, student: Student, assignment: str, none: str) -> str:
        score = self.scores.get((student.id, assignment))
        return number(score.points) if score else none


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
    with Gradebook(url, course_id) as gradebook:
        known = [assignment.name for assignment in gradebook.assignments]
        unknown = [name for name in assignments if name not in known]
        if unknown:
            there = ", ".join(sorted(known)) or "none"
            raise ExportError(f"There is no assignment {unknown[0]} in the gradebook. There are: {there}.")
        chosen = list(dict.fromkeys(assignments)) or sorted(known)
        if not chosen:
            raise ExportError("There is no assignment in the gradebook yet. Release one first.")
        waits = _waits(gradebook, chosen)
        held = set(waits) if waiting == HOLD else set()
        if form == "nbgrader":
            text = _without(_nbgrader_text(gradebook, chosen), held)
            count, notes = len(gradebook.students), []
        else:
            grades = _read(gradebook, chosen, waits, held)
            try:
                if form == "canvas":
                    rows, notes = _canvas_rows(grades, roster)
                else:
                    rows, notes = _moodle_rows(grades, roster, numbers or {})
            except RosterError as error:
                raise ExportError(str(error)) from error
            notes += _changed_ids(student.id for student in grades.students)
            text = _csv(rows)
            count = len(rows) - (2 if form == "canvas" else 1)
    notes += _waiting_notes(waits, waiting)
    write_whole(output, text)
    return Exported(output, count, tuple(notes))


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


def _waits(gradebook: Gradebook, names: list[str]) -> _Waits:
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
        (student, assignment): _Waiting(cells, scored)
        for submission, student, assignment, cells, scored in rows
        if submission in judged
    }


def _waiting_notes(waits: _Waits, waiting: str) -> list[str]:
    if not waits:
        return []
    cells, provisional = sum(each.cells for each in waits.values()), sum(each.provisional for each in waits.values())
    who = list(dict.fromkeys(student for student, _ in waits))
    what = f"{cells} {'cell waits' if cells == 1 else 'cells wait'} for you, from {listed(who)}"
    where = (
        "Formgrader lists them under Manual Grading, and so does the report of course grade "
        f"{' and '.join(dict.fromkeys(assignment for _, assignment in waits))}."
    )
    if waiting == HOLD:
        grades = "1 grade is" if len(waits) == 1 else f"{len(waits)} grades are"
        return [f"{what}: {grades} left out. {where}"]
    empty = cells - provisional
    parts = [f"{provisional} with provisional points"] if provisional else []
    parts += [f"{empty} with none yet"] if empty else []
    return [f"{what}, and the file counts {' and '.join(parts)}. {where} --waiting hold leaves their grades out."]


def _without(text: str, held: set[tuple[str, str]]) -> str:
    """nbgrader's table without these rows: it has no other way to say that there is no grade."""
    if not held:
        return text
    header, *lines = text.splitlines(keepends=True)
    who, what = (next(csv.reader([header])).index(name) for name in ("student_id", "assignment"))
    hidden = {(neutral(safe(student)), neutral(safe(assignment))) for student, assignment in held}
    rows = zip(lines, csv.reader(lines), strict=True)
    return header + "".join(line for line, row in rows if (row[who], row[what]) not in hidden)


def _read(gradebook: Gradebook, names: list[str], waits: _Waits, held: set[tuple[str, str]]) -> _Grades:
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
    return _Grades(most, students, scores)


def _score(notebooks: list[tuple[str, float, float, float]], waits: _Waiting | None) -> _Score:
    """nbgrader's score of a submission: the points of its notebooks, less what lateness costs, and not below 0."""
    penalty = sum(late for *_, late in notebooks)
    detail = [f"{name} {number(points)} of {number(most)}" for name, points, most, _ in notebooks]
    detail += [f"{number(penalty)} off for lateness"] if penalty else []
    if waits:
        tasks = "1 task" if waits.cells == 1 else f"{waits.cells} tasks"
        detail.append(f"your teacher has yet to look at {tasks}")
    return _Score(max(0.0, sum(points for _, points, *_ in notebooks) - penalty), ", ".join(detail))


def _csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    # "-" alone is no grade to Moodle, and no formula.
    whole = ([cell if cell == "-" else neutral(cell) for cell in row] for row in rows)
    csv.writer(text, lineterminator="\n").writerows(whole)
    return text.getvalue()


def _changed_ids(ids: Iterable[str]) -> list[str]:
    changed = [one for one in ids if safe(one) != one]
    said = f"These ids look like formulas to a spreadsheet and were changed: {listed(changed)}. Enter them by hand."
    return [said] if changed else []


# nbgrader


class _Quoted:
    """A gradebook as nbgrader's exporter sees it, with names that fit into a cell: it does not quote them itself."""

    def __init__(self, gradebook: Gradebook) -> None:
        self._gradebook = gradebook
        self._names: dict[str, str] = {}
        self.assignments = [self._copy(one, ("name",), ("duedate", "max_score")) for one in gradebook.assignments]
        names = ("id", "last_name", "first_name", "email")
        self.students = [self._copy(student, names, ()) for student in gradebook.students]

    def _copy(self, row: Any, names: Sequence[str], others: Sequence[str]) -> SimpleNamespace:
        cells = {name: getattr(row, name) for name in (*names, *others)}
        for name in names:
            if cells[name] is not None:
                quoted = _csv([[safe(cells[name])]]).rstrip("\n")
                self._names[quoted] = cells[name]
                cells[name] = quoted
        return SimpleNamespace(**cells)

    def find_submission(self, assignment: str, student: str) -> SubmittedAssignment:
        return self._gradebook.find_submission(self._names[assignment], self._names[student])


def _nbgrader_text(gradebook: Gradebook, names: list[str]) -> str:
    with scratch_folder("export") as scratch:
        plugin = CsvExportPlugin()
        plugin.to = str(Path(scratch) / "grades.csv")
        plugin.assignment = names
        plugin.export(_Quoted(gradebook))
        return Path(plugin.to).read_text()  # in the encoding in which nbgrader wrote it


# Canvas


def _canvas_rows(grades: _Grades, roster: Path | None) -> tuple[list[list[str]], list[str]]:
    if roster is not None:
        return _canvas_rows_of(grades, *_canvas_roster(roster), roster)
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


def _canvas_roster(path: Path) -> tuple[list[str], list[list[str]]]:
    header, *rows = table(path)
    single = len(header) > 3 and "Student" in header[0] and "ID" in header[1]
    double = len(header) > 4 and header[:2] == ["LastName", "FirstName"] and "ID" in header[2]
    if not (single or double) or "Section" not in header:
        raise ExportError(
            f"{path} isn't a Canvas gradebook: its first row is not Student, ID, …, Section, … "
            "In Canvas: Gradebook, Export, Export Entire Gradebook."
        )
    return header, rows


def _canvas_rows_of(
    grades: _Grades, header: list[str], lines: list[list[str]], path: Path
) -> tuple[list[list[str]], list[str]]:
    who = header.index("Section") + 1
    columns = {name: _canvas_column(name, header, who) for name in grades.assignments}
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
        header[:who] + [name if columns[name] is None else header[columns[name]] for name in grades.assignments],
        ["    Points Possible"] + [""] * (who - 1) + [number(most) for most in grades.assignments.values()],
    ]
    order = ("SIS Login ID", "SIS User ID", "Integration ID", "ID")
    numbered = [[*row, CANVAS_NUMBER + row[header.index("ID")]] for row in people]
    find = Finder(numbered, [header.index(name) for name in order if name in header[:who]] + [len(header)], path)
    for student in grades.students:
        row = find(student)
        if row is None:
            continue
        there = ["" if columns[name] is None else row[columns[name]] for name in grades.assignments]
        kept = [cell if re.fullmatch(r"-?[\d.,]+%?", cell) else safe(cell) for cell in there]
        shown = [grades.shown(student, name, old) for name, old in zip(grades.assignments, kept, strict=True)]
        rows.append([safe(cell) for cell in row[:who]] + shown)
    return rows, notes + find.notes


def _canvas_column(name: str, header: list[str], who: int) -> int | None:
    """The roster's column for an assignment: by its title, capitals and signs aside, the chapter's number or not."""
    titles = {column: plain(re.sub(r"\s*\(\d+\)\s*$", "", header[column])) for column in range(who, len(header))}
    for wanted in (plain(name), plain(re.sub(r"^\d+_", "", name))):
        found = [column for column, title in titles.items() if title == wanted]
        if len(found) > 1:
            both = " and ".join(header[column] for column in found[:2])
            raise ExportError(f"Canvas has more than one assignment for {name}: {both}. Rename one of them.")
        if found:
            return found[0]
    return None


# Moodle


def _moodle_rows(grades: _Grades, roster: Path | None, numbers: Mapping[str, str]) -> tuple[list[list[str]], list[str]]:
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
        people, notes = _moodle_people(grades, header, lines, roster)
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


def _moodle_people(
    grades: _Grades, header: list[str], lines: list[list[str]], roster: Path
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
    grades: _Grades, header: list[str], lines: list[list[str]], roster: Path, numbers: Mapping[str, str]
) -> tuple[list[list[str]], list[str]]:
    """Moodle's worksheet with grades and comments, of those alone who have a grade: Moodle reads no others."""
    if len(grades.assignments) != 1:
        raise ExportError(
            f"{roster} is the grading worksheet of one assignment. Name the chapter whose grades belong into it."
        )
    known = [column for column in moodle_columns(header) if column is not None]
    if not known:
        raise ExportError(f"{roster} doesn't say who is who: {WORKSHEET_NAMES}")
    titles = [plain(title) for title in header]
    grade, comment, most, locked = (
        titles.index(name) if name in titles else None
        for name in ("grade", "feedbackcomments", "maximumgrade", "gradecanbechanged")
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
        if locked is not None and plain(row[locked]) == "no":
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
