"""Grades as nbgrader's own exporter writes them, with names that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
from collections.abc import Sequence, Set
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from functional_course.grading.exporting.formulas import csv_text, neutral, safe
from functional_course.scratch import scratch_folder

from nbgrader.api import Gradebook, SubmittedAssignment
from nbgrader.plugins import CsvExportPlugin


def nbgrader_text(gradebook: Gradebook, names: list[str], held: Set[tuple[str, str]]) -> str:
    """The grades of some assignments as CSV.

    Args:
        gradebook: nbgrader's.
        names: the assignments.
        held: by student and assignment, the grades to leave out.
    """
    with scratch_folder("export") as scratch:
        plugin = CsvExportPlugin()
        plugin.to = str(Path(scratch) / "grades.csv")
        plugin.assignment = names
        plugin.export(_Quoted(gradebook))
        text = Path(plugin.to).read_text()  # in the encoding in which nbgrader wrote it
    return _without(text, held)


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
                quoted = csv_text([[safe(cells[name])]]).rstrip("\n")
                self._names[quoted] = cells[name]
                cells[name] = quoted
        return SimpleNamespace(**cells)

    def find_submission(self, assignment: str, student: str) -> SubmittedAssignment:
        return self._gradebook.find_submission(self._names[assignment], self._names[student])


def _without(text: str, held: Set[tuple[str, str]]) -> str:
    """nbgrader's table without these rows: it has no other way to say that there is no grade."""
    if not held:
        return text
    header, *lines = text.splitlines(keepends=True)
    who, what = (next(csv.reader([header])).index(name) for name in ("student_id", "assignment"))
    hidden = {(neutral(safe(student)), neutral(safe(assignment))) for student, assignment in held}
    rows = zip(lines, csv.reader(lines), strict=True)
    return header + "".join(line for line, row in rows if (row[who], row[what]) not in hidden)
