"""The tables of students that Canvas and Moodle export, read however a spreadsheet has saved them since."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from functional_course.grading.exporting.formulas import safe

from nbgrader.api import Student


class RosterError(RuntimeError):
    """A roster can't be used; the message says why and what to do."""


MOODLE_IDS = {"Username": ("username",), "Email address": ("emailaddress", "email"), "ID number": ("idnumber",)}
"""The columns by which Moodle knows a user, the surest first, with the titles that they have."""

CANVAS_NUMBER = "canvas-"
"""How the course's id of somebody begins who has no login in Canvas: Canvas's number follows."""

WORKSHEET_NAMES = (
    f"it has no column Full name, or none of {', '.join(MOODLE_IDS)}. In Moodle, let the identities be shown (Site "
    "administration, Users, User policies, Show user identity; no anonymous submissions), and download the grading "
    "worksheet again."
)
"""What to do about a worksheet that doesn't say who is who."""

_NOT_TEXT = {
    b"PK": "is a workbook (Excel or LibreOffice)",
    b"\xd0\xcf\x11\xe0": "is a workbook of an older Excel",
    b"%PDF": "is a PDF",
    b"<": "is a page, not a table",
}
_TITLES = {"student", "id", "section", "sisuserid", "sisloginid", "lastname", "firstname", "username", "emailaddress",
           "email", "idnumber", "surname", "identifier", "fullname", "grade", "lastmodifiedgrade"}  # fmt: skip
_SEPARATORS = ",;\t|"


def _text(path: Path) -> str:
    """A roster's text, in whatever encoding spreadsheets save it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RosterError(f"{path} cannot be read as a roster: {error}.") from error
    for mark, what in _NOT_TEXT.items():
        if data.lstrip().startswith(mark):
            raise RosterError(f"{path} {what}. Open it there and save it as CSV, in UTF-8 if you are asked.")
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"),
                           (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):  # fmt: skip
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    half = data[:400]
    if half.count(0) > len(half) // 4:  # UTF-16 without its mark: every second byte of a header is 0
        return data.decode("utf-16-be" if half[0] == 0 else "utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # What Excel calls CSV. It holds more letters than Latin-1, and the same ones at the same places.
        return data.decode("cp1252", "replace")


def table(path: Path) -> list[list[str]]:
    """The rows of a roster, its header first, none shorter than that; separators and line ends as they come.

    Raises:
        RosterError: it can't be read, is no text, or has no students.
    """
    text = _text(path).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    said = re.match(r'"?sep=(.)"?[;,\t ]*\n', text, re.IGNORECASE)
    if said:  # a line for Excel
        text, separators = text[said.end() :], said[1]
    else:
        separators = _SEPARATORS
    tables, wrong = [], None
    for separator in separators:
        try:
            rows = list(csv.reader(io.StringIO(text), delimiter=separator))
        except csv.Error as error:  # above all a cell of more than 131,072 letters: a quotation mark nothing closes
            wrong = error
            continue
        rows = [[cell.replace("\u00a0", " ").replace("\u202f", " ").strip() for cell in row] for row in rows]
        rows = [row for row in rows if any(row)]
        header = [" ".join(title.split()) for title in rows[0]] if rows else []
        known = sum(normalized(title) in _TITLES for title in header)
        tables.append((known, len(header), [header, *rows[1:]]))
    if not tables:
        raise RosterError(f"{path} cannot be read as a roster: {wrong}. Export it again.") from wrong
    # A title may hold the other separators; the right one is the one by which the titles are known.
    rows = max(tables, key=lambda table: table[:2])[2]
    if len(rows) < 2:
        raise RosterError(f"{path} has no rows of students.")
    return [row + [""] * (len(rows[0]) - len(row)) for row in rows]


def moodle_columns(header: Sequence[str]) -> list[int | None]:
    """Where a table from Moodle has each of :data:`MOODLE_IDS`; None where it hasn't."""
    titles = [normalized(title) for title in header]
    return [next((titles.index(name) for name in names if name in titles), None) for names in MOODLE_IDS.values()]


def is_worksheet(header: Sequence[str]) -> bool:
    """Whether a table is the grading worksheet of an assignment in Moodle."""
    return {normalized(title) for title in header} >= {"identifier", "grade", "lastmodifiedgrade"}


def number_in(identifier: str) -> str:
    """A user's number in a worksheet, from ``Participant 678``, in whatever language; empty if there is none."""
    return re.sub(r"^.*?([0-9]*)$", r"\1", identifier)


def normalized(text: str) -> str:
    """A title or a name without what makes no difference: ``normalized("E-mail  Address")`` is ``emailaddress``."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def listed(students: Sequence[str]) -> str:
    """The first ten of some ids, for a message."""
    more = f" and {len(students) - 10} more" if len(students) > 10 else ""
    return ", ".join(safe(student) for student in students[:10]) + more


class Finder:
    """Finds a student's row: by the whole of an id, column by column, and then by a login before its ``@``.

    Args:
        rows: of the roster, without its header.
        columns: those that hold ids, the surest first.
        path: the roster, for messages.
    """

    def __init__(self, rows: list[list[str]], columns: list[int], path: Path) -> None:
        self._path = path
        self._missing: list[str] = []
        self._twice: list[str] = []
        self._taken: dict[int, str] = {}
        self._tables: list[dict[str, list[list[str]]]] = []
        rows = list({tuple(row): row for row in rows}.values())  # a row that stands there twice, word by word, is one
        for shorten in (False, True):
            for column in columns:
                table: dict[str, list[list[str]]] = {}
                for row in rows:
                    key = row[column].casefold()
                    key = key.partition("@")[0] if shorten and "@" in key else "" if shorten else key
                    table.setdefault(key, []).append(row)
                table.pop("", None)
                self._tables.append(table)

    def __call__(self, student: Student) -> list[str] | None:
        """The row of a student; None if there is none, or nobody can tell which, see :attr:`notes`.

        Raises:
            RosterError: it is another student's as well.
        """
        several = False
        for table in self._tables:
            for key in (student.id, student.email or ""):
                found = table.get(key.casefold(), [])
                several |= len(found) > 1
                if len(found) == 1:
                    other = self._taken.setdefault(id(found[0]), student.id)
                    if other != student.id:
                        raise RosterError(
                            f"The gradebook's students {other} and {student.id} are the same row of {self._path.name}, "
                            "so it seems to be one person with two grades. Remove one of them: nbgrader db student "
                            "remove ID."
                        )
                    return found[0]
        (self._twice if several else self._missing).append(student.id)
        return None

    @property
    def notes(self) -> list[str]:
        """Who was not found, and why."""
        found = []
        if self._missing:
            found.append(f"Not in {self._path.name}, and left out: {listed(self._missing)}.")
        if self._twice:
            names = listed(self._twice)
            found.append(f"These are in {self._path.name} twice, and were left out: {names}. Remove the wrong rows.")
        return found
