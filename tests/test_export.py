"""The gradebook as CSV, against the columns that nbgrader writes and that Canvas and Moodle import."""

from __future__ import annotations

import codecs
import csv
import io
import os
import shutil
import sysconfig
from collections.abc import Callable
from pathlib import Path

from functional_course import cli
from functional_course.cli import console
from functional_course.grading.exporting.export import Exported, export, gradebook_of
from functional_course.grading.exporting.formulas import safe
from functional_course.grading.exporting.grades import ExportError, number
from functional_course.terminal import Console

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

FIRST, SECOND = "01_first_steps", "02_second_steps"

STUDENTS = {
    "alice": {"first_name": "Alice", "last_name": "Äpfel", "email": "alice@uni.edu"},
    "bob": {"first_name": "Bob", "last_name": "Birne", "email": "Bob.Birne@uni.edu"},
    "carol": {"first_name": "Carol", "last_name": "Citrus", "email": "carol@uni.edu"},
    "dave": {"first_name": "Dave", "last_name": "Dattel", "email": "dave@uni.edu"},
}
SCORES = {
    ("alice", FIRST): {"build": [4.0, 3.5], "debug": [3.0]},
    ("bob", FIRST): {"build": [0.0, 0.0], "debug": [0.0]},
    ("alice", SECOND): {"build": [1 / 3, 0.0], "debug": [0.0]},
    ("dave", FIRST): {"build": [None, None], "debug": [None]},  # the run was interrupted
}
MOST = {"build": [4, 4], "debug": [3]}


@pytest.fixture(scope="module")
def gradebook_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook: one student with grades, one with 0 points, one without a grade, one whose run was interrupted."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader calls `alembic` by name to make a database.
        patch.setenv("PATH", os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]))
        gradebook = Gradebook(f"sqlite:///{path}", "functional_course")
    with gradebook:
        for name, about in STUDENTS.items():
            gradebook.add_student(name, **about)
        for assignment in (SECOND, FIRST):
            gradebook.add_assignment(assignment)
            for notebook, points in MOST.items():
                gradebook.add_notebook(notebook, assignment)
                for index, most in enumerate(points):
                    gradebook.add_grade_cell(f"t{index}", notebook, assignment, max_score=most, cell_type="code")
        for (student, assignment), scores in SCORES.items():
            submission = gradebook.add_submission(assignment, student)
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    grade.auto_score = scores[notebook.name][int(grade.name[1:])]
                    grade.needs_manual_grade = False
                if (student, assignment, notebook.name) == ("alice", FIRST, "debug"):
                    notebook.late_submission_penalty = 1.0
        gradebook.db.commit()
    return path


@pytest.fixture
def course(tmp_path: Path, root: Path, gradebook_file: Path) -> Path:
    """A course with that gradebook."""
    folder = tmp_path / "course"
    folder.mkdir()
    shutil.copy(root / "nbgrader_config.py", folder)
    shutil.copy(gradebook_file, folder)
    return folder


@pytest.fixture
def write(course: Path) -> Callable[..., tuple[Exported, list[list[str]]]]:
    """Export and read what was written."""

    def written(
        form: str, *assignments: str, roster: Path | None = None, waiting: str = "keep"
    ) -> tuple[Exported, list[list[str]]]:
        done = export(*gradebook_of(course), form, course / "out.csv", assignments, roster, waiting)
        assert done.path.read_bytes().decode("utf-8")[:1] != "\ufeff"
        with open(done.path, newline="", encoding="utf-8") as file:
            return done, list(csv.reader(file))

    return written


def change(course: Path, student: str, **about: str) -> None:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "functional_course") as gradebook:
        gradebook.update_or_create_student(student, **about)


def roster_file(course: Path, text: str) -> Path:
    path = course / "roster.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


# --- nbgrader ---------------------------------------------------------------------------------------------------------


def test_nbgraders_format_is_what_its_exporter_writes(course: Path, write):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "functional_course") as gradebook:
        plugin = CsvExportPlugin()
        plugin.to = str(course / "own.csv")
        plugin.export(gradebook)
    done, rows = write("nbgrader")
    assert done.path.read_bytes() == (course / "own.csv").read_bytes() and done.students == 4
    assert rows[0] == [
        "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
        "late_submission_penalty", "score", "max_score",
    ]  # fmt: skip
    assert [FIRST, "", "", "alice", "Äpfel", "Alice", "alice@uni.edu", "10.5", "1.0", "9.5", "11.0"] in rows
    assert len(rows) == 1 + 2 * 4


def test_one_assignment_alone(write):
    _, rows = write("nbgrader", FIRST)
    assert {row[0] for row in rows[1:]} == {FIRST}


def test_nbgraders_format_survives_any_name(course: Path, write):
    change(course, "bob", last_name='Birne, "Jr."\n', first_name='=HYPERLINK("http://x")')
    _, rows = write("nbgrader", FIRST)
    [bob] = [row for row in rows if row[3] == "bob"]
    assert bob[4:6] == ['Birne, "Jr."', '\'=HYPERLINK("http://x")'] and len(bob) == 11 and bob[9] == "0.0"


# --- Canvas -----------------------------------------------------------------------------------------------------------


def test_canvas_gets_its_columns_and_points_possible(write):
    done, rows = write("canvas")
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", FIRST, SECOND],
        ["    Points Possible", "", "", "", "", "11", "11"],
        ["Birne, Bob", "", "", "bob", "", "0", ""],
        ["Citrus, Carol", "", "", "carol", "", "", ""],
        ["Dattel, Dave", "", "", "dave", "", "", ""],
        ["Äpfel, Alice", "", "", "alice", "", "9.5", "0.33"],
    ]
    assert done.students == 4 and "--roster FILE" in done.notes[0]


CANVAS = f"""\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,First steps (501),{SECOND} (502),Essay (503),Final Score
,,,,,,Manual Posting,,,
    Points Possible,,,,,,11.00,20.00,5.00,(read only)
"Äpfel, Alice",1001,S-1,alice@uni.edu,Group A,,,7.00,4.00,12.0
"Birne, Bob",1002,S-2,BOB,Group A,,,,3.00,
"Citrus, Carol",1003,carol,c.citrus,Group B,,-1.50,,,
"Student, Test",1009,,0123abc,Group A,,,,,
"""


def test_canvas_keeps_the_ids_of_its_own_export(course: Path, write):
    done, rows = write("canvas", roster=roster_file(course, CANVAS))
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "First steps (501)", f"{SECOND} (502)"],
        ["    Points Possible", "", "", "", "", "11", "11"],
        ["Birne, Bob", "1002", "S-2", "BOB", "Group A", "0", ""],
        # No grade in the gradebook: what Canvas has stays, since an empty cell would take it away.
        ["Citrus, Carol", "1003", "carol", "c.citrus", "Group B", "-1.50", ""],
        ["Äpfel, Alice", "1001", "S-1", "alice@uni.edu", "Group A", "9.5", "0.33"],
    ]
    assert done.notes == (
        f"{SECOND} (502) has 20.00 points in Canvas and 11 in the gradebook; importing the file changes it in Canvas.",
        "Not in roster.csv, and left out: dave.",
    )


def test_a_canvas_export_with_semicolons_and_two_names(course: Path, write):
    text = "LastName;FirstName;ID;SIS Login ID;Section;Other (1)\nPoints Possible;;;;;5\nApfel;Alice;7;alice;A;2,5\n"
    done, rows = write("canvas", FIRST, roster=roster_file(course, text))
    assert rows[0] == ["LastName", "FirstName", "ID", "SIS Login ID", "Section", FIRST]
    assert rows[2] == ["Apfel", "Alice", "7", "alice", "A", "9.5"]
    assert done.notes[0] == f"roster.csv has no assignment {FIRST}; Canvas will offer to add it."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Name,Mail\nx,y\n", "isn't a Canvas gradebook: its first row is not Student, ID"),
        ("Student,ID,SIS Login ID,Section\n", "has no rows of students"),
        (f"Student,ID,Section,{FIRST} (1),{FIRST} (2)\nx,1,A\n", f"more than one assignment for {FIRST}: {FIRST} (1)"),
    ],
)  # fmt: skip
def test_a_roster_that_does_not_fit_is_refused(course: Path, write, text: str, says: str):
    with pytest.raises(ExportError) as refused:
        write("canvas", roster=roster_file(course, text))
    assert says in str(refused.value)
    assert not (course / "out.csv").exists()


WHOLE = f"""\
Student;ID;SIS User ID;SIS Login ID;Section;"Essay, long; and late (5)";{FIRST} (501);Read, then write (7)
    Points Possible;;;;;5,00;11,00;3,00
"Äpfel, Alice";1001;S-1;alice@uni.edu;A, B and C;4,00;7,00;
"Birne, Bob";1002;S-2;bob;"A, B";3,00;;
"Citrus, Carol";1003;S-3;carol;A;;;
"Dattel, Dave";1004;S-4;dave;A;;;
"""


def _separated(by: str) -> str:
    rows = csv.reader(WHOLE.splitlines(), delimiter=";")
    text = io.StringIO()
    csv.writer(text, delimiter=by, lineterminator="\n").writerows(rows)
    return text.getvalue()


ROSTERS = {
    "semicolons": WHOLE.encode(),
    "commas": _separated(",").encode(),
    "tabs": _separated("\t").encode(),
    "bars": _separated("|").encode(),
    "sep= line": f"sep=;\n{WHOLE}".encode(),
    "sep= line, quoted and with a mark": f'\ufeff"SEP=;"\r\n{WHOLE}'.encode(),
    "sep= line, tab": f"sep=\t\n{_separated(chr(9))}".encode(),
    "byte order mark": WHOLE.encode("utf-8-sig"),
    "cp1252": WHOLE.encode("cp1252"),
    "Latin-1": WHOLE.encode("latin-1"),
    "UTF-16": WHOLE.encode("utf-16"),
    "UTF-16, big": codecs.BOM_UTF16_BE + WHOLE.encode("utf-16-be"),
    "UTF-16 without its mark": WHOLE.encode("utf-16-le"),
    "UTF-16, big, without its mark": WHOLE.encode("utf-16-be"),
    "UTF-32": WHOLE.encode("utf-32"),
    "CRLF": WHOLE.replace("\n", "\r\n").encode(),
    "CR": WHOLE.replace("\n", "\r").encode(),
    "no-break spaces": WHOLE.replace("SIS Login ID", "SIS\u00a0Login ID").replace("1002", "\u00a01002\u202f").encode(),
    "empty lines": ("\n\n" + WHOLE.replace("\n", "\n\n") + ";;;\n").encode(),
    "NULs": WHOLE.replace("Bob", "B\0ob").encode(),
    "a row twice, word by word": (WHOLE + '"Birne, Bob";1002;S-2;bob;"A, B";3,00;;\n').encode(),
}


@pytest.mark.parametrize("form", ROSTERS)
def test_a_roster_is_read_however_it_was_saved(course: Path, write, form: str):
    (course / "roster.csv").write_bytes(ROSTERS[form])
    done, rows = write("canvas", FIRST, roster=course / "roster.csv")
    assert rows[0][5:] == [f"{FIRST} (501)"] and done.students == 4
    assert [row[1:4] + row[5:] for row in rows[2:]] == [
        ["1002", "S-2", "bob", "0"],
        ["1003", "S-3", "carol", ""],
        ["1004", "S-4", "dave", ""],
        ["1001", "S-1", "alice@uni.edu", "9.5"],
    ]
    assert done.notes == ()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04\x14\x00", "is a workbook (Excel or LibreOffice). Open it there and save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is a workbook of an older Excel. Open it there and save it as CSV"),
        (b"<!DOCTYPE html><p>Log in", "is a page, not a table. Open it"),
        (b"%PDF-1.7", "is a PDF. Open it"),
        (b"", "has no rows of students"),
        (bytes(range(256)) * 3, "isn't a Canvas gradebook"),
    ],
)
def test_what_is_no_text_is_told_how_to_save(course: Path, write, data: bytes, says: str):
    (course / "roster.csv").write_bytes(data)
    with pytest.raises(ExportError) as refused:
        write("canvas", roster=course / "roster.csv")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("canvas", "Student,ID,SIS Login ID,Section\nA,7,alice,S1\nB,8,bob,S1\nX,9,Bob,S2\n"),
        ("canvas", "Student,ID,SIS Login ID,Section\nA,7,alice,S1\nB,8,bob@uni.edu,S1\nX,9,bob@other.edu,S2\n"),
        ("moodle", "Username,Email address\nalice,alice@uni.edu\nbob,b@x\nbob,c@x\n"),
    ],
)
def test_a_login_that_stands_there_twice_is_said(course: Path, write, form: str, text: str):
    done, rows = write(form, FIRST, roster=roster_file(course, text))
    assert done.students == 1
    assert done.notes[-2:] == (
        "Not in roster.csv, and left out: carol, dave.",
        "These are in roster.csv twice, and were left out: bob. Remove the wrong rows.",
    )


def test_a_moodle_roster_with_semicolons(course: Path, write):
    text = "First name;Last name;ID number;Email address;Quiz, first;Quiz, second\nA;Ä;77;alice@uni.edu;1,0;2,0\n"
    _, rows = write("moodle", FIRST, roster=roster_file(course, text))
    assert rows[1][:2] == ["alice@uni.edu", "77"]


# --- Moodle -----------------------------------------------------------------------------------------------------------


def test_moodle_gets_identifiers_grades_and_feedback(write):
    done, rows = write("moodle", FIRST)
    assert rows == [
        ["Username", "Email address", "First name", "Last name", FIRST, f"{FIRST} (feedback)"],
        ["bob", "Bob.Birne@uni.edu", "Bob", "Birne", "0", "build 0 of 8, debug 0 of 3"],
        ["carol", "carol@uni.edu", "Carol", "Citrus", "-", ""],
        ["dave", "dave@uni.edu", "Dave", "Dattel", "-", ""],
        ["alice", "alice@uni.edu", "Alice", "Äpfel", "9.5", "build 7.5 of 8, debug 3 of 3, 1 off for lateness"],
    ]
    assert done.notes == () and done.students == 4


def test_moodle_gets_no_identifier_with_a_gap(course: Path, write):
    change(course, "carol", email="")
    assert write("moodle", FIRST)[1][0][:2] == ["Username", "First name"]


def test_moodle_knows_only_whom_its_own_export_names(course: Path, write):
    text = "First name,Last name,ID number,Email address,Quiz\nA,Ä,77,alice@uni.edu,1\nB,B,78,bob.birne@uni.edu,2\n"
    done, rows = write("moodle", FIRST, roster=roster_file(course, text))
    assert rows[0][:2] == ["Email address", "ID number"]
    assert [row[:2] + row[4:5] for row in rows[1:]] == [
        ["bob.birne@uni.edu", "78", "0"],
        ["alice@uni.edu", "77", "9.5"],
    ]
    assert done.notes == ("Not in roster.csv, and left out: carol, dave.",)
    with pytest.raises(ExportError, match="has no column called Username, Email address, ID number; it has Vorname"):
        write("moodle", roster=roster_file(course, "Vorname,Nachname\nx,y\n"))


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "roster"),
    [
        ("canvas", "Student,ID,SIS Login ID,Section\nA,7,alice,S1\n"),
        ("canvas", "Student,ID,SIS Login ID,Section\nA,7,ALICE@uni.edu,S1\n"),
        ("moodle", "Username,First name\nalice,A\n"),
    ],
)
def test_two_students_in_one_row_are_refused(course: Path, write, form: str, roster: str):
    change(course, "alicia", email="ALICE")
    change(course, "alice", email="alice@uni.edu")
    with pytest.raises(
        ExportError, match="students (alice and alicia|alicia and alice) are the same row of roster.csv"
    ):
        write(form, roster=roster_file(course, roster))


@pytest.mark.parametrize("form", ["canvas", "moodle"])
def test_a_roster_with_an_endless_cell_is_refused(course: Path, write, form: str):
    with pytest.raises(ExportError, match="cannot be read as a roster: field larger than field limit"):
        write(form, roster=roster_file(course, 'Username,Email\n"' + "x" * 140_000))


@pytest.mark.parametrize("form", ["nbgrader", "canvas", "moodle"])
def test_no_cell_is_a_formula(course: Path, write, form: str):
    for student, sign in zip(STUDENTS, "=+-@", strict=True):
        change(course, student, first_name=f"{sign}cmd|' /C calc'!A0", last_name=f" {sign}1+1", email=f"\t{sign}x@y")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "functional_course") as gradebook:
        gradebook.add_student("=SUM(1)")
    _, rows = write(form)
    cells = [cell for row in rows for cell in row]
    assert any(cell.startswith("'=") for cell in cells)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and cell != "-"] == []


FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\ufeff=1", "\u200b=1", "\0=1",
    "a;=1+1", "a;;=1", "a; =1", 'a;"=1', "a\t=1", "a|=1", "a,=1", "a;=1;+2", '"=1', "＝1", "a;＠x",
    "-1.5+cmd|' /C calc'!A0",
]  # fmt: skip


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_whatever_the_separator_no_cell_is_a_formula(separator: str):
    for formula in FORMULAS:
        text = safe(formula)
        assert text == safe(text) and text.replace("'", "") == formula.strip("\r\n\t \0\ufeff\u00a0").replace(
            "\t", " "
        ).replace("'", "")
        for cell in text.split(separator):
            assert cell.strip(' "\u200b')[:1] not in set("=+-@＝＋－＠"), (formula, text)


def test_ids_stay_as_they_are_or_it_is_said(course: Path, write):
    kept = ["alice", "S-1", "1001", "-1.50", "a@uni.edu", "o'neil", "x=1", "a-b;c", "ünï", "0123abc", "1,5", "98.5%"]
    assert [safe(one) for one in kept] == kept
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "functional_course") as gradebook:
        gradebook.add_student("a;=1+1")
    done, rows = write("moodle", FIRST)
    assert ["a;'=1+1"] in [row[:1] for row in rows]
    said = "These ids look like formulas to a spreadsheet and were changed: a;'=1+1. Enter them by hand."
    assert said in done.notes


# --- what waits for the teacher ---------------------------------------------------------------------------------------


@pytest.fixture
def waiting(course: Path) -> Path:
    """In the first assignment two tests of alice's have provisional points and one of bob's waits without any."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "functional_course") as gradebook:
        for student, notebook, cell in (("alice", "build", "t0"), ("alice", "debug", "t0"), ("bob", "build", "t1")):
            grade = gradebook.find_grade(cell, notebook, FIRST, student)
            grade.needs_manual_grade = True
            if student == "bob":
                grade.auto_score = None
        gradebook.db.commit()
    return course


WHERE = f"Formgrader lists them under Manual Grading, and so does the report of course grade {FIRST}."


@pytest.mark.parametrize("form", ["nbgrader", "canvas", "moodle"])
def test_what_waits_is_said_and_counts(waiting: Path, write, form: str):
    done, rows = write(form)
    said = [note for note in done.notes if "wait" in note]
    # Nor does the submission count that was never scored, though nbgrader calls each of its cells waiting.
    assert said == [
        "3 cells wait for you, from alice, bob, and the file counts 2 with provisional points and 1 with none yet. "
        f"{WHERE} --waiting hold leaves their grades out."
    ]
    assert any("9.5" in row for row in rows)
    if form == "nbgrader":
        assert len(rows[0]) == 11 and "score" in rows[0]


def test_moodles_feedback_says_that_a_task_waits(waiting: Path, write):
    _, rows = write("moodle", FIRST)
    told = {row[0]: row[-1] for row in rows[1:]}
    assert told["alice"].endswith("1 off for lateness, your teacher has yet to look at 2 tasks")
    assert told["bob"].endswith("debug 0 of 3, your teacher has yet to look at 1 task")
    assert told["carol"] == ""


@pytest.mark.parametrize("form", ["nbgrader", "canvas", "moodle"])
def test_what_waits_can_be_held_back(waiting: Path, write, form: str):
    done, rows = write(form, waiting="hold")
    said = [note for note in done.notes if "wait" in note]
    assert said == [f"3 cells wait for you, from alice, bob: 2 grades are left out. {WHERE}"]
    assert not any("9.5" in row for row in rows)
    if form == "nbgrader":
        got = {(row[0], row[3]) for row in rows[1:]}
        assert got == {(name, who) for name in (FIRST, SECOND) for who in STUDENTS} - {
            (FIRST, "alice"),
            (FIRST, "bob"),
        }
    else:
        none = "" if form == "canvas" else "-"
        place = rows[0].index(FIRST)
        assert {row[place] for row in rows[2 if form == "canvas" else 1 :]} == {none}


def test_with_a_roster_what_is_held_back_stays_as_it_is_there(waiting: Path, write):
    text = f"Student,ID,SIS Login ID,Section,{FIRST} (5)\nA,7,alice,S1,4.5\nB,8,bob,S1,\n"
    _, rows = write("canvas", FIRST, roster=roster_file(waiting, text), waiting="hold")
    assert [row[-1] for row in rows[2:]] == ["", "4.5"]


def test_rows_are_held_back_whatever_the_names(waiting: Path, write):
    change(waiting, "alice", last_name='A, "B"\n', first_name="=1")
    _, rows = write("nbgrader", FIRST, waiting="hold")
    assert {row[3] for row in rows[1:]} == {"carol", "dave"}


def test_without_anything_that_waits_nothing_is_said(course: Path, write):
    for form in ("nbgrader", "canvas", "moodle"):
        kept, rows = write(form)
        held, same = write(form, waiting="hold")
        assert rows == same and not any("wait" in note for note in (*kept.notes, *held.notes))


def test_texts_and_numbers():
    assert [safe(text) for text in ("Ann", None, " =1", "a\nb", "-", "'x")] == ["Ann", "", "'=1", "a b", "'-", "'x"]
    assert [number(value) for value in (0.0, 10.0, 1 / 3, 2.5, 99.999)] == ["0", "10", "0.33", "2.5", "100"]


@pytest.mark.parametrize("form", ["nbgrader", "canvas", "moodle"])
def test_what_is_not_there_is_named(course: Path, write, form: str):
    with pytest.raises(ExportError, match=f"no assignment 09_x in the gradebook. There are: {FIRST}, {SECOND}"):
        write(form, "09_x")
    (course / "gradebook.db").unlink()
    with pytest.raises(ExportError, match="There is no gradebook .*gradebook.db. Grade something first."):
        write(form)
    assert not (course / "gradebook.db").exists()


def test_options_that_do_not_go_together_are_refused(course: Path, write):
    with pytest.raises(ExportError, match="takes no roster"):
        write("nbgrader", roster=roster_file(course, CANVAS))
    roster_file(course, CANVAS).rename(course / "out.csv")
    with pytest.raises(ExportError, match="is the roster. Name another file"):
        write("canvas", roster=course / "out.csv")
    assert (course / "out.csv").read_text(encoding="utf-8-sig") == CANVAS
    with pytest.raises(ExportError, match="There is no format 'excel'"):
        write("excel")


def test_a_failed_export_leaves_the_old_file(course: Path, write, monkeypatch: pytest.MonkeyPatch):
    (course / "out.csv").write_text("old")
    monkeypatch.setattr("functional_course.writing.os.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write("canvas")
    assert (course / "out.csv").read_text() == "old"
    assert sorted(path.name for path in course.glob(".*")) == []


def test_the_command(course: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(course)
    monkeypatch.setattr(console, "out", Console(width=200))
    monkeypatch.setattr(console, "err", Console(stderr=True, width=200))
    done = CliRunner().invoke(cli.main, ["export", FIRST, "--format", "moodle"])
    assert done.exit_code == 0, done.output
    assert "wrote grades-moodle.csv: 4 students" in done.output
    assert (course / "grades-moodle.csv").read_text(encoding="utf-8").startswith("Username,")
    done = CliRunner().invoke(cli.main, ["export", FIRST, "--format", "moodle", "--waiting", "hold"])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(cli.main, ["export", "09_x"])
    assert done.exit_code == console.REFUSED and "There is no assignment 09_x" in done.output
