"""From Canvas and Moodle and back: archives as their sources make them, grades and pages as their sources read them.

The names follow ``lib/content_zipper.rb`` of Canvas and ``mod/assign/classes/downloader.php`` of Moodle; a returned
archive is read as in ``mod/assign/feedback/file/importziplib.php``.
"""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import sysconfig
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from functional_course import cli
from functional_course.grading.exporting.export import export, gradebook_of
from functional_course.grading.exporting.grades import ExportError
from functional_course.grading.exporting.rosters import RosterError
from functional_course.grading.gradebook.folders import Folders, load_config
from functional_course.lms.collecting import MOST_BYTES, MOST_FILES, CollectError, Record, collect, recorded
from functional_course.lms.names import canvas, is_nobodys, moodle
from functional_course.lms.people import canvas_people, moodle_people
from functional_course.lms.returning import ReturnError, give_back
from functional_course.notebooks.reading import LARGEST

import pytest
from click.testing import CliRunner
from conftest import ROOT
from nbgrader.api import Gradebook

CHAPTER = "03_shared_layers"
NOTEBOOK = b'{"cells": []}'

CANVAS_ROSTER = """\
Student,ID,SIS User ID,SIS Login ID,Section,Chapter 3: Shared layers (77)
    Points Possible,,,,,5
"Doe, Jane",12,s-12,jane,A,
"O'Neil, Zoë",13,s-13,zoe,A,
"Roe, Max",14,s-14,,A,
"""
MOODLE_WORKSHEET = """\
Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",\
"Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 678","Jane Doe",jane@uni.edu,"Submitted for grading",,5.00,Yes,"Monday, 2 November 2026, 9:00 AM",-,
"Participant 679","Zoë O'Neil",zoe@uni.edu,"Submitted for grading",,5.00,Yes,"Monday, 2 November 2026, 9:00 AM",-,
"Participant 680","Max Roe",max@uni.edu,"No submission",,5.00,Yes,-,-,
"""
ZOES = "Zoë ONeil_679_assignsubmission_file"
CANVAS_FILES = {
    "doejane_12_901_build.ipynb": NOTEBOOK + b"jane",
    "oneilzoë_LATE_13_902_build-1.ipynb": NOTEBOOK + b"zoe",
    "oneilzoë_LATE_13_903_debug.ipynb": NOTEBOOK,
}
MOODLE_FILES = {
    "Jane Doe_678_assignsubmission_file/build.ipynb": NOTEBOOK + b"jane",
    "Zoë ONeil_679_assignsubmission_file_/mine/build.ipynb": NOTEBOOK + b"zoe",
    "Zoë ONeil_679_assignsubmission_onlinetext/onlinetext.html": b"<p>hello</p>",
}


@pytest.fixture
def course(tmp_path: Path, root: Path) -> Path:
    """A course with a chapter, and nobody in it yet."""
    folder = tmp_path / "course"
    (folder / "solutions" / CHAPTER).mkdir(parents=True)
    shutil.copy(root / "nbgrader_config.py", folder)
    shutil.copy(root / "solutions" / CHAPTER / "build.ipynb", folder / "solutions" / CHAPTER)
    return folder


@pytest.fixture
def folders(course: Path) -> Folders:
    return Folders(load_config(course))


@pytest.fixture
def packed(tmp_path: Path) -> Callable[[Mapping[str, bytes]], Path]:
    """Make an archive of some files."""

    def made(files: Mapping[str, bytes]) -> Path:
        path = tmp_path / "submissions.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path

    return made


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str], Path]:
    """Make a roster."""

    def made(text: str) -> Path:
        path = tmp_path / "roster.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return made


def handed_in(course: Path) -> dict[str, bytes]:
    """All that lies in ``submitted/``."""
    submitted = course / "submitted"
    return {str(path.relative_to(submitted)): path.read_bytes() for path in submitted.rglob("*") if path.is_file()}


def grade(course: Path, points: Mapping[str, float]) -> None:
    """A gradebook in which these learners have these points of five, and their pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]))
        gradebook = Gradebook(f"sqlite:///{course / 'gradebook.db'}", "functional_course")
    with gradebook:
        gradebook.add_assignment(CHAPTER)
        gradebook.add_notebook("build", CHAPTER)
        gradebook.add_grade_cell("t", "build", CHAPTER, max_score=5, cell_type="code")
        for learner, score in points.items():
            gradebook.add_student(learner)
            found = gradebook.add_submission(CHAPTER, learner).notebooks[0].grades[0]
            found.auto_score, found.needs_manual_grade = score, False
            page = course / "feedback" / learner / CHAPTER / "build.html"
            page.parent.mkdir(parents=True)
            page.write_text(f"page of {learner}")
        gradebook.db.commit()


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("doejane_12_901_build.ipynb", ("12", "doejane", "build.ipynb", False)),
        ("doejane_LATE_12_901_build-1.ipynb", ("12", "doejane", "build-1.ipynb", True)),
        ("de_la_cruz_12_901_my_build_2.ipynb", ("12", "de_la_cruz", "my_build_2.ipynb", False)),
        ("week 3/doejane_12_901_build.ipynb", ("12", "doejane", "build.ipynb", False)),
        ("12_901_build.ipynb", ("12", "", "build.ipynb", False)),
        # Who is called Jane Doe_12 hands in nothing for number 12, whoever the roster knows.
        ("doejane_12_14_902_build.ipynb", "can be read in two ways"),
        ("doejane_12_901_01_build.ipynb", "can be read in two ways"),
        ("anon_Xy9Pq_901_build.ipynb", "is anonymous"),
        ("anon_58321_901_build.ipynb", "is anonymous"),
        ("anon_Xy9Pq_901_x_12_3_build.ipynb", "is anonymous"),
        ("doejane_12_text.html", "was typed in"),
        ("doejane_LATE_12_link.html", "was typed in"),
        ("build.ipynb", "isn't named as Canvas names files"),
        ("doejane_१२_901_build.ipynb", "isn't named as Canvas names files"),
    ],
)
def test_canvass_names_are_read(entry: str, found: tuple | str):
    if isinstance(found, str):
        with pytest.raises(LookupError, match=found):
            canvas(entry)
    else:
        one = canvas(entry)
        assert (one.number, one.person, one.file, one.late) == found


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("Jane Doe_678_assignsubmission_file/build.ipynb", ("678", "Jane Doe", "build.ipynb")),
        ("Jane Doe_678_assignsubmission_file_/a/build.ipynb", ("678", "Jane Doe", "a/build.ipynb")),
        ("Jane Doe_678_assignsubmission_file_my_build.ipynb", ("678", "Jane Doe", "my_build.ipynb")),
        ("week 3/Jane Doe_678_assignsubmission_file/build.ipynb", ("678", "Jane Doe", "build.ipynb")),
        ("Jane Doe_678_assignsubmission_onlinetext/onlinetext.html", "was typed in"),
        # A learner's own folder, or file, may be called like anybody's.
        (f"Jane Doe_678_assignsubmission_file/{ZOES}/x.ipynb", ("678", "Jane Doe", f"{ZOES}/x.ipynb")),
        (f"Jane Doe_678_assignsubmission_onlinetext/{ZOES}/x.ipynb", "was typed in"),
        (f"Default group_assignsubmission_file_/{ZOES}/x.ipynb", "no user's number"),
        (f"Default group_assignsubmission_file_/{ZOES}_x.ipynb", "no user's number"),
        ("build.ipynb", "isn't named as Moodle names files"),
    ],
)
def test_moodles_names_are_read(entry: str, found: tuple | str):
    if isinstance(found, str):
        with pytest.raises(LookupError, match=found):
            moodle(entry)
    else:
        one = moodle(entry)
        assert (one.number, one.person, one.file) == found


@pytest.mark.parametrize("entry", ["__MACOSX/a.ipynb", "x/._build.ipynb", ".DS_Store", "a/.ipynb_checkpoints/b.ipynb"])
def test_what_is_nobodys_is_passed_over(entry: str):
    assert is_nobodys(entry) and not is_nobodys("doejane_12_901_build.ipynb")


# --- collecting -------------------------------------------------------------------------------------------------------


def test_canvass_archive_is_collected_by_login(course: Path, folders: Folders, packed, table):
    done = collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas", table(CANVAS_ROSTER))
    assert (done.learners, done.late, done.unknown) == (["jane", "zoe"], ["zoe"], [])
    assert done.notes == ["1 in the roster handed in nothing."]
    assert handed_in(course) == {
        f"jane/{CHAPTER}/build.ipynb": NOTEBOOK + b"jane",
        f"zoe/{CHAPTER}/build-1.ipynb": NOTEBOOK + b"zoe",
        f"zoe/{CHAPTER}/debug.ipynb": NOTEBOOK,
    }
    assert folders.students(CHAPTER) == ["jane", "zoe"]


def test_who_has_no_login_is_known_by_canvass_number_and_gets_their_own_grade(
    course: Path, folders: Folders, packed, table, tmp_path: Path
):
    # Jane's SIS id is Max's number.
    roster = table(CANVAS_ROSTER.replace("s-12", "14"))
    files = CANVAS_FILES | {"roemax_14_904_build.ipynb": NOTEBOOK + b"max"}
    assert collect(folders, CHAPTER, packed(files), "canvas", roster).learners == ["canvas-14", "jane", "zoe"]
    grade(course, {"canvas-14": 5.0})
    export(*gradebook_of(course), "canvas", tmp_path / "out.csv", (CHAPTER,), roster)
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        assert [(row["ID"], row[CHAPTER]) for row in csv.DictReader(file)] == [("", "5"), ("14", "5")]


def test_moodles_archive_is_collected_by_address(course: Path, folders: Folders, packed, table):
    done = collect(folders, CHAPTER, packed(MOODLE_FILES), "moodle", table(MOODLE_WORKSHEET))
    assert done.learners == ["jane@uni.edu", "zoe@uni.edu"]
    assert done.unknown == [
        (
            "Zoë ONeil_679_assignsubmission_onlinetext/onlinetext.html",
            "is a text that was typed in, not a file",
        )
    ]
    assert handed_in(course) == {
        f"jane@uni.edu/{CHAPTER}/build.ipynb": NOTEBOOK + b"jane",
        f"zoe@uni.edu/{CHAPTER}/build.ipynb": NOTEBOOK + b"zoe",
    }


def test_who_is_called_like_somebody_gets_nobody_elses_place(course: Path, folders: Folders, packed, table):
    files = {
        "doejane_12_901_build.ipynb": NOTEBOOK,
        "doejane_12_14_902_build.ipynb": NOTEBOOK + b"by Jane_12",
        "group_blue_13_903_build.ipynb": NOTEBOOK,
        "roemax_99_904_build.ipynb": NOTEBOOK,
    }
    done = collect(folders, CHAPTER, packed(files), "canvas", table(CANVAS_ROSTER))
    assert handed_in(course) == {f"jane/{CHAPTER}/build.ipynb": NOTEBOOK}
    assert {entry: why.partition(",")[0] for entry, why in done.unknown} == {
        "doejane_12_14_902_build.ipynb": "can be read in two ways",
        "group_blue_13_903_build.ipynb": "has the number of O'Neil",
        "roemax_99_904_build.ipynb": "isn't in the roster",
    }
    assert done.notes == ["1 in the roster handed in nothing."]


@pytest.mark.parametrize("name", ["doejane", "janedoe", "DoeJane"])
def test_a_name_may_be_turned_round(course: Path, folders: Folders, packed, table, name: str):
    done = collect(folders, CHAPTER, packed({f"{name}_12_901_x.ipynb": b"x"}), "canvas", table(CANVAS_ROSTER))
    assert done.learners == ["jane"]


def test_an_anagram_is_another_name(course: Path, folders: Folders, packed, table):
    with pytest.raises(CollectError, match="another name"):
        collect(folders, CHAPTER, packed({"eodenaj_12_901_x.ipynb": b"x"}), "canvas", table(CANVAS_ROSTER))


@pytest.mark.parametrize(
    ("old", "new", "system"),
    [("s-14,,A", "s-14,JANE,A", "canvas"), ("max@uni.edu", "jane@uni.edu", "moodle"), ("680", "678", "moodle")],
)
def test_who_has_what_somebody_else_has_is_left_out(
    course: Path, folders: Folders, packed, table, old: str, new: str, system: str
):
    roster = table(
        {"canvas": CANVAS_ROSTER, "moodle": MOODLE_WORKSHEET.replace("Max Roe", "Jane Doe")}[system].replace(old, new)
    )
    done = collect(folders, CHAPTER, packed({"canvas": CANVAS_FILES, "moodle": MOODLE_FILES}[system]), system, roster)
    assert len(done.learners) == 1 and done.learners[0].startswith("zoe")
    assert "is of somebody whose number or id somebody else has as well" in dict(done.unknown).values()


def test_another_rosters_ids_are_refused(course: Path, folders: Folders, packed, table):
    collect(folders, CHAPTER, packed(MOODLE_FILES), "moodle", table(MOODLE_WORKSHEET))
    text = MOODLE_WORKSHEET.replace('"Email address"', "Username").replace("@uni.edu", "")
    with pytest.raises(CollectError, match="Who is jane in roster.csv was collected as jane@uni.edu before"):
        collect(folders, CHAPTER, packed(MOODLE_FILES), "moodle", table(text))
    assert folders.students(CHAPTER) == ["jane@uni.edu", "zoe@uni.edu"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_may_be_spelt_with_accents_of_their_own(course: Path, folders: Folders, packed, table, form: str):
    files = {unicodedata.normalize(form, name): data for name, data in CANVAS_FILES.items()}
    other = unicodedata.normalize("NFD" if form == "NFC" else "NFC", CANVAS_ROSTER)
    assert collect(folders, CHAPTER, packed(files), "canvas", table(other)).learners == ["jane", "zoe"]


def test_archives_of_other_machines_are_read(course: Path, folders: Folders, packed, table):
    path = packed({"oneilzo##_13_902_build.ipynb": b"zoe", "week3\\doejane_12_901_build.ipynb": b"jane"})
    # As macOS writes it: UTF-8, and nothing that says so.
    path.write_bytes(path.read_bytes().replace(b"zo##", "zoë".encode()))
    assert collect(folders, CHAPTER, path, "canvas", table(CANVAS_ROSTER)).learners == ["jane", "zoe"]


def test_two_of_one_name_are_told_apart_by_number(course: Path, folders: Folders, packed, table):
    files = {"Jane Doe_678_assignsubmission_file/a.ipynb": b"1", "Jane Doe_679_assignsubmission_file/a.ipynb": b"2"}
    twins = MOODLE_WORKSHEET.replace("Zoë O'Neil", "Jane Doe")
    assert collect(folders, CHAPTER, packed(files), "moodle", table(twins)).learners == ["jane@uni.edu", "zoe@uni.edu"]
    assert sorted(handed_in(course).values()) == [b"1", b"2"]


def test_what_is_there_stays_unless_it_is_to_be_replaced_and_then_it_is_kept(
    course: Path, folders: Folders, packed, table
):
    roster = table(CANVAS_ROSTER)
    collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas", roster)
    (course / "submitted" / "jane" / CHAPTER / "timestamp.txt").write_text("2026-11-02 09:00:00 UTC")
    assert collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas", roster).unchanged == ["jane", "zoe"]
    newer = CANVAS_FILES | {"doejane_12_901_build.ipynb": NOTEBOOK + b"better"}
    done = collect(folders, CHAPTER, packed(newer), "canvas", roster)
    assert (done.learners, done.unchanged, done.older) == ([], ["zoe"], ["jane"])
    assert handed_in(course)[f"jane/{CHAPTER}/build.ipynb"] == NOTEBOOK + b"jane"
    for turn, files in enumerate((newer, CANVAS_FILES), 1):
        done = collect(folders, CHAPTER, packed(files), "canvas", roster, update=True)
        assert (done.learners, done.unchanged, done.older) == (["jane"], ["zoe"], [])
        assert handed_in(course)[f"jane/{CHAPTER}/build.ipynb"] == files["doejane_12_901_build.ipynb"]
        assert (done.replaced / "jane" / str(turn) / "build.ipynb").read_bytes().startswith(NOTEBOOK)
    assert (done.replaced / "jane" / "1" / "timestamp.txt").exists()
    assert len(handed_in(course)) == 3


def test_another_file_in_a_folder_of_its_own_is_a_difference(course: Path, folders: Folders, packed, table):
    collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas", table(CANVAS_ROSTER))
    (course / "submitted" / "jane" / CHAPTER / "more").mkdir()
    assert collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas", table(CANVAS_ROSTER)).older == ["jane"]


def test_an_interrupt_loses_nothing_and_the_next_run_goes_on(
    course: Path, folders: Folders, packed, table, monkeypatch: pytest.MonkeyPatch
):
    roster = table(CANVAS_ROSTER)
    collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas", roster)
    newer = CANVAS_FILES | {"doejane_12_901_build.ipynb": b"new"}
    rename = Path.rename

    def interrupted(path: Path, to: Path) -> Path:
        if path.name == "new":
            raise KeyboardInterrupt
        return rename(path, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            collect(folders, CHAPTER, packed(newer), "canvas", roster, update=True)
    kept = course / ".course" / "replaced" / CHAPTER / "jane" / "1" / "build.ipynb"
    assert kept.read_bytes() == NOTEBOOK + b"jane"
    assert collect(folders, CHAPTER, packed(newer), "canvas", roster).learners == ["jane"]
    assert handed_in(course)[f"jane/{CHAPTER}/build.ipynb"] == b"new"
    assert not list((course / ".course").glob(".collect-*"))


@pytest.mark.parametrize(
    ("file", "becomes"),
    [
        ("../../../evil.ipynb", "evil.ipynb"),
        ("/etc/passwd", "passwd"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("a\\..\\b.ipynb", "b.ipynb"),
        ("a\nb.ipynb", "a_b.ipynb"),
        ("timestamp.txt", "handed_in_timestamp.txt"),
        ("Submission_Secret.TXT", "handed_in_Submission_Secret.TXT"),
        ("x" * 300 + ".ipynb", "x" * 194 + ".ipynb"),
        ("ж" * 140 + ".ipynb", "ж" * 97 + ".ipynb"),
        ("課" * 150 + "." + "課" * 104, "課" * 53 + "." + "課" * 13),
        ("a\x9b31mb\u202ec.ipynb", "a_31mb_c.ipynb"),
    ],
)
def test_no_name_leads_out_of_the_folder_or_is_believed(
    course: Path, folders: Folders, packed, table, file: str, becomes: str
):
    files = {f"Jane Doe_678_assignsubmission_file/{file}": b"x"}
    collect(folders, CHAPTER, packed(files), "moodle", table(MOODLE_WORKSHEET))
    assert handed_in(course) == {f"jane@uni.edu/{CHAPTER}/{becomes}": b"x"}
    assert {path.name for path in course.parent.iterdir()} == {"course", "submissions.zip", "roster.csv"}


def test_files_of_one_name_are_all_kept_and_the_one_in_no_folder_keeps_it(
    course: Path, folders: Folders, packed, table
):
    inside = "Jane Doe_678_assignsubmission_file"
    files = {f"{inside}/a/build.ipynb": b"1", f"{inside}/b/build.ipynb": b"2", f"{inside}/build.ipynb": b"3"}
    collect(folders, CHAPTER, packed(files), "moodle", table(MOODLE_WORKSHEET))
    found = handed_in(course)
    assert sorted(found.values()) == [b"1", b"2", b"3"] and found[f"jane@uni.edu/{CHAPTER}/build.ipynb"] == b"3"


def test_a_bomb_is_cut(course: Path, folders: Folders, packed, table):
    roster = table(CANVAS_ROSTER)
    collect(folders, CHAPTER, packed({"doejane_12_901_b.ipynb": bytes(LARGEST + 5_000_000)}), "canvas", roster)
    assert [len(data) for data in handed_in(course).values()] == [LARGEST + 1]
    files = {f"doejane_12_{number}_f{number}.ipynb": bytes(LARGEST) for number in range(900, 906)}
    done = collect(folders, CHAPTER, packed(files), "canvas", roster, update=True)
    assert len(handed_in(course)) == MOST_BYTES // LARGEST
    assert done.notes[0] == f"jane handed in more than {MOST_BYTES:,} bytes; the rest was left out."
    files = {f"doejane_12_{number}_f{number}.ipynb": b"x" for number in range(900, 900 + MOST_FILES + 9)}
    done = collect(folders, CHAPTER, packed(files), "canvas", roster, update=True)
    assert len(handed_in(course)) == MOST_FILES
    assert done.notes[0] == f"jane handed in {MOST_FILES + 9} files; the first {MOST_FILES} were taken."


def test_one_damaged_file_costs_nobody_elses_place(course: Path, folders: Folders, packed, table):
    path = packed(CANVAS_FILES | {"doejane_12_901_build.ipynb": bytes(range(256)) * 9})
    data = bytearray(path.read_bytes())
    data[60:64] = b"\0\0\0\0"
    path.write_bytes(data)
    done = collect(folders, CHAPTER, path, "canvas", table(CANVAS_ROSTER))
    assert done.learners == ["zoe"] and done.notes[0].startswith("jane is left out, because a file is damaged")
    assert list(recorded(folders, CHAPTER).prefixes) == ["zoe"]


def test_what_cannot_be_written_isnt_the_archives_fault(course: Path, folders: Folders, packed, table):
    (course / "submitted").write_text("a file")
    with pytest.raises(NotADirectoryError):
        collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas", table(CANVAS_ROSTER))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"system": "moodle"}', "\xff"])
def test_a_record_that_is_damaged_is_written_anew(course: Path, folders: Folders, packed, table, text: str):
    path = course / ".course" / "collected" / f"{CHAPTER}.json"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="latin-1")
    assert recorded(folders, CHAPTER) == Record()
    collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas", table(CANVAS_ROSTER))
    assert recorded(folders, CHAPTER).numbers == {"jane": "12", "zoe": "13"}


@pytest.mark.parametrize("login", ["../zoe", "a/b", ".hidden", "x" * 201, "課" * 80, "a\u202eb"])
def test_an_id_that_is_no_folders_name_is_left_out(course: Path, folders: Folders, packed, table, login: str):
    done = collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas", table(CANVAS_ROSTER.replace("jane", login)))
    assert done.learners == ["zoe"]
    why = "is of somebody whose id can't be a folder's name"
    assert [each.partition(":")[0] for _, each in done.unknown] == [why]


def test_what_is_no_such_archive_is_refused(course: Path, folders: Folders, packed, table, tmp_path: Path):
    with pytest.raises(CollectError, match=r"Nothing in submissions\.zip is a file of somebody in worksheet\.csv"):
        collect(folders, CHAPTER, packed(CANVAS_FILES), "moodle", _worksheet(tmp_path))
    other = table(CANVAS_ROSTER.replace(",1", ",99"))
    with pytest.raises(CollectError, match="The first, doejane_12_901_build.ipynb, isn't in the roster"):
        collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas", other)
    path = tmp_path / "no.zip"
    for data in (b"PK\x03\x04 and nothing more", b"", b"PK\x05\x06" + bytes(18)):
        path.write_bytes(data)
        with pytest.raises(CollectError, match="isn't a whole zip archive|Nothing in no"):
            collect(folders, CHAPTER, path, "canvas", table(CANVAS_ROSTER))
    for path in (tmp_path / "none.zip", tmp_path):
        with pytest.raises(CollectError, match="can't be opened"):
            collect(folders, CHAPTER, path, "canvas", table(CANVAS_ROSTER))
    assert not (course / "submitted").exists()


def _worksheet(folder: Path, text: str = MOODLE_WORKSHEET) -> Path:
    path = folder / "worksheet.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("people", "text", "says"),
    [
        (canvas_people, "Name,Mail\nJane,j@x\n", "isn't a Canvas gradebook"),
        (moodle_people, "Name,Mail\nJane,j@x\n", "isn't a grading worksheet"),
        (moodle_people, "First name,Last name,Email address\nJane,Doe,j@x\n", "isn't a grading worksheet"),
        (moodle_people, MOODLE_WORKSHEET.replace("Email address", "Town"), "doesn't say who is who"),
    ],
)
def test_a_roster_that_says_too_little_is_refused(table, people: Callable, text: str, says: str):
    with pytest.raises(RosterError, match=says):
        people(table(text))


# --- there and back ---------------------------------------------------------------------------------------------------


def test_canvas_gets_everybodys_grade_back(course: Path, folders: Folders, packed, table, tmp_path: Path):
    roster = table(CANVAS_ROSTER)
    collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas", roster)
    grade(course, {"jane": 4.5, "zoe": 3.0})
    export(*gradebook_of(course), "canvas", tmp_path / "out.csv", (CHAPTER,), roster)
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        rows = [(row["ID"], row[CHAPTER]) for row in csv.DictReader(file)]
    assert rows == [("", "5"), ("12", "4.5"), ("13", "3")]
    with pytest.raises(ReturnError, match="would give each page the name of the file that was handed in"):
        give_back(folders, CHAPTER, tmp_path / "feedback.zip")


def test_moodle_gets_everybodys_grade_and_page_back(course: Path, folders: Folders, packed, table, tmp_path: Path):
    roster = table(MOODLE_WORKSHEET)
    collect(folders, CHAPTER, packed(MOODLE_FILES), "moodle", roster)
    grade(course, {"jane@uni.edu": 4.5, "zoe@uni.edu": 3.0})
    done = export(*gradebook_of(course), "moodle", tmp_path / "out.csv", (CHAPTER,), roster)
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    with open(roster, newline="", encoding="utf-8") as file:
        assert header == next(csv.reader(file))
    told = [dict(zip(header, row, strict=True)) for row in rows]
    assert [
        (row["Identifier"], row["Grade"], row["Last modified (grade)"], row["Feedback comments"]) for row in told
    ] == [
        ("Participant 678", "4.5", "-", "build 4.5 of 5"),
        ("Participant 679", "3", "-", "build 3 of 5"),
    ]
    assert done.notes == ()
    returned = give_back(folders, CHAPTER, tmp_path / "feedback.zip")
    assert (returned.learners, returned.pages, returned.notes) == (2, 2, ())
    assert _as_moodle_reads(returned.path) == {
        678: {"build.html": b"page of jane@uni.edu"},
        679: {"build.html": b"page of zoe@uni.edu"},
    }


def _as_moodle_reads(archive: Path) -> dict[int, dict[str, bytes]]:
    """Whose file is what, as Moodle finds out."""
    found: dict[int, dict[str, bytes]] = {}
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.namelist():
            parts = entry.split("/")
            while parts:
                info = parts.pop(0).split("_", 4)
                if len(info) >= 4 and info[1].isdigit() and info[2:4] == ["assignsubmission", "file"]:
                    name = "/".join([*info[4:], *parts]).strip("/")
                    found.setdefault(int(info[1]), {})[name] = packed.read(entry)
                    break
    return found


def test_a_worksheet_is_of_one_assignment_and_says_what_does_not_fit(
    course: Path, folders: Folders, packed, tmp_path: Path
):
    text = (
        MOODLE_WORKSHEET.replace("5.00", "100.00").replace(",Yes,", ",No,", 1).replace("Feedback comments", "Remarks")
    )
    roster = _worksheet(tmp_path, text)
    collect(folders, CHAPTER, packed(MOODLE_FILES), "moodle", roster)
    grade(course, {"jane@uni.edu": 4.5, "zoe@uni.edu": 3.0})
    done = export(*gradebook_of(course), "moodle", tmp_path / "out.csv", (CHAPTER,), roster)
    assert done.students == 1
    assert done.notes == (
        "Moodle doesn't let these grades be changed, so they were left out: jane@uni.edu.",
        "The assignment's maximum is 100.00 in Moodle and 5 in the gradebook. Set it to 5 in Moodle before you upload "
        "the file: Moodle refuses a grade above it.",
        "The worksheet has no column Feedback comments, so Moodle's learners read their points alone.",
    )
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "functional_course") as gradebook:
        gradebook.add_assignment("other")
    with pytest.raises(ExportError, match="the grading worksheet of one assignment"):
        export(*gradebook_of(course), "moodle", tmp_path / "out.csv", (), roster)


def test_who_has_no_page_yet_is_named(course: Path, folders: Folders, packed, tmp_path: Path):
    with pytest.raises(ReturnError, match="Nothing was collected"):
        give_back(folders, CHAPTER, tmp_path / "feedback.zip")
    collect(folders, CHAPTER, packed(MOODLE_FILES), "moodle", _worksheet(tmp_path))
    with pytest.raises(ReturnError, match="Nobody has feedback"):
        give_back(folders, CHAPTER, tmp_path / "feedback.zip")
    grade(course, {"jane@uni.edu": 4.5})
    returned = give_back(folders, CHAPTER, tmp_path / "feedback.zip")
    assert returned.learners == 1 and returned.notes == ("No feedback yet, and left out: zoe@uni.edu.",)


def test_a_page_of_an_earlier_hand_in_is_not_returned(course: Path, folders: Folders, packed, table, tmp_path: Path):
    roster = table(MOODLE_WORKSHEET)
    collect(folders, CHAPTER, packed(MOODLE_FILES), "moodle", roster)
    grade(course, {"jane@uni.edu": 4.5, "zoe@uni.edu": 3.0})
    for page in (course / "feedback").rglob("*.html"):
        os.utime(page, (1_500_000_000, 1_500_000_000))
    newer = MOODLE_FILES | {"Jane Doe_678_assignsubmission_file/build.ipynb": b"new"}
    collect(folders, CHAPTER, packed(newer), "moodle", roster, update=True)
    for file in (course / "submitted" / "zoe@uni.edu").rglob("*"):
        os.utime(file, (1_400_000_000, 1_400_000_000))
    returned = give_back(folders, CHAPTER, tmp_path / "feedback.zip")
    assert list(_as_moodle_reads(returned.path)) == [679]
    assert returned.notes == (
        f"Handed in anew since they were graded, and left out: jane@uni.edu. Run: course grade {CHAPTER}",
    )


def test_no_other_file_is_overwritten_by_feedback(course: Path, folders: Folders, packed, table):
    archive = packed(MOODLE_FILES)
    collect(folders, CHAPTER, archive, "moodle", table(MOODLE_WORKSHEET))
    grade(course, {"jane@uni.edu": 4.5})
    before = archive.read_bytes()
    with pytest.raises(ReturnError, match="is there and no archive of feedback"):
        give_back(folders, CHAPTER, archive)
    assert archive.read_bytes() == before
    for _ in range(2):
        assert give_back(folders, CHAPTER, archive.with_name("feedback.zip")).pages == 1


def test_the_worksheet_of_another_assignment_is_refused(course: Path, folders: Folders, packed, table, tmp_path: Path):
    collect(folders, CHAPTER, packed(MOODLE_FILES), "moodle", table(MOODLE_WORKSHEET))
    grade(course, {"jane@uni.edu": 4.5})
    numbers = recorded(folders, CHAPTER).numbers
    other = table(MOODLE_WORKSHEET.replace("678", "1678"))
    with pytest.raises(ExportError, match="there jane@uni.edu is 1678, and 678 in the one that was collected"):
        export(*gradebook_of(course), "moodle", tmp_path / "out.csv", (CHAPTER,), other, numbers=numbers)
    assert not (tmp_path / "out.csv").exists()


def test_what_the_teacher_wrote_into_the_worksheet_stays(course: Path, folders: Folders, packed, table, tmp_path: Path):
    roster = table(MOODLE_WORKSHEET.replace("-,\n", "-,Well done\n", 1))
    collect(folders, CHAPTER, packed(MOODLE_FILES), "moodle", roster)
    grade(course, {"jane@uni.edu": 4.5})
    export(*gradebook_of(course), "moodle", tmp_path / "out.csv", (CHAPTER,), roster)
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        assert [row["Feedback comments"] for row in csv.DictReader(file)] == ["Well done build 4.5 of 5"]


def commands_of_the_guide() -> dict[str, list[list[str]]]:
    """The lines of the section on Canvas and Moodle, as words, by the system that they're about."""
    guide = (ROOT / "book" / "guides" / "teach.md").read_text(encoding="utf-8")
    section = re.search(r"^## Canvas and Moodle\n(.*?)^## ", guide, re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^```bash\n(.*?)^```", section[1], re.MULTILINE | re.DOTALL)
    return {
        system: [shlex.split(line)[1:] for line in block.splitlines()]
        for system, block in zip(("canvas", "moodle"), blocks, strict=True)
    }


@pytest.mark.parametrize(
    ("system", "files", "roster", "text", "learners", "graded"),
    [
        ("canvas", CANVAS_FILES, "from_canvas.csv", CANVAS_ROSTER, ("jane", "zoe"), ["", "12", "13"]),
        ("moodle", MOODLE_FILES, "worksheet.csv", MOODLE_WORKSHEET, ("jane@uni.edu", "zoe@uni.edu"), ["678", "679"]),
    ],
)  # fmt: skip
def test_the_guides_commands_go_there_and_back(
    course: Path,
    packed,
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    files: dict[str, bytes],
    roster: str,
    text: str,
    learners: tuple[str, str],
    graded: list[str],
):
    monkeypatch.chdir(course)
    shutil.copy(packed(files), "submissions.zip")
    Path(roster).write_text(text, encoding="utf-8")
    lines = commands_of_the_guide()[system]
    assert [line[0] for line in lines] == ["collect", "grade", "export", "return"][: len(lines)]
    for line in lines:
        if line[0] == "grade":
            # Grading is tested elsewhere; what it leaves behind is what the next commands read.
            assert line == ["grade", CHAPTER] and {path.name for path in Path("submitted").iterdir()} == set(learners)
            grade(course, dict.fromkeys(learners, 3.0))
            continue
        ended = CliRunner().invoke(cli.main, line)
        assert ended.exit_code == 0, ended.output
    with open(f"grades-{system}.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    ids = [row["ID"] if system == "canvas" else row["Identifier"].rpartition(" ")[2] for row in rows]
    assert ids == graded
    assert Path("feedback.zip").exists() is (system == "moodle")


def test_the_commands(course: Path, packed, table, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(course)
    archive, roster = str(packed(MOODLE_FILES)), str(table(MOODLE_WORKSHEET))

    def said(*words: str) -> tuple[int, str]:
        ended = CliRunner().invoke(cli.main, words)
        return ended.exit_code, ended.output

    code, text = said("collect", CHAPTER, archive, "--from", "moodle")
    assert code == 2 and "--roster" in text
    code, text = said("collect", "04_none", archive, "--from", "moodle", "--roster", roster)
    assert code == 2 and f"There are: {CHAPTER}." in text
    code, text = said("collect", CHAPTER, archive, "--from", "moodle", "--roster", roster)
    assert code == 0 and text.splitlines() == [
        "left out Zoë ONeil_679_assignsubmission_onlinetext/onlinetext.html: "
        "it is a text that was typed in, not a file",
        "1 in the roster handed in nothing.",
        "collected 2 learners; 0 left as before",
    ]
    assert said("collect", CHAPTER, archive, "--from", "moodle", "--roster", roster)[1].endswith("2 left as before\n")
    assert said("return", CHAPTER, "feedback.zip")[0] == 2
    grade(course, {"jane@uni.edu": 4.5, "zoe@uni.edu": 3.0})
    assert said("return", CHAPTER, "feedback.zip") == (0, "wrote feedback.zip: feedback for 2 of the learners\n")
    Path(roster).write_text(MOODLE_WORKSHEET.replace("678", "1678"), encoding="utf-8")
    code, text = said("export", CHAPTER, "--format", "moodle", "--roster", roster)
    assert code == 2 and "the worksheet of another assignment" in text
