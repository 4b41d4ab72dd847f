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
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from functional_course import cli
from functional_course.grading.export import ExportError, export, gradebook_of
from functional_course.grading.folders import Folders, load_config
from functional_course.grading.rosters import RosterError
from functional_course.lms.collecting import MOST_FILES, CollectError, collect
from functional_course.lms.names import canvas, moodle
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
        ("doejane_12_901_build.ipynb", [("12", "doejane", "build.ipynb", False)]),
        ("doejane_LATE_12_901_build-1.ipynb", [("12", "doejane", "build-1.ipynb", True)]),
        ("de_la_cruz_12_901_my_build_2.ipynb", [("12", "de_la_cruz", "my_build_2.ipynb", False)]),
        ("12_901_build.ipynb", [("12", "", "build.ipynb", False)]),
        # Who is called Mallory_7 hands in nothing for number 7: both readings are there, and a roster decides.
        ("mallory_7_12_901_x.ipynb", [("7", "mallory", "901_x.ipynb", False), ("12", "mallory_7", "x.ipynb", False)]),
        ("anon_Xy9Pq_901_build.ipynb", []),
        ("doejane_12_text.html", []),
        ("._doejane_12_901_build.ipynb", []),
        ("__MACOSX/doejane_12_901_build.ipynb", []),
        ("doejane_१२_901_build.ipynb", []),
    ],
)
def test_canvass_names_are_read(entry: str, found: list[tuple]):
    assert [(one.number, one.person, one.file, one.late) for one in canvas(entry)] == found


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("Jane Doe_678_assignsubmission_file/build.ipynb", ("678", "Jane Doe", "build.ipynb")),
        ("Jane Doe_678_assignsubmission_file_/a/build.ipynb", ("678", "Jane Doe", "a/build.ipynb")),
        ("Jane Doe_678_assignsubmission_file_my_build.ipynb", ("678", "Jane Doe", "my_build.ipynb")),
        ("week 3/Jane Doe_678_assignsubmission_file/build.ipynb", ("678", "Jane Doe", "build.ipynb")),
        ("Jane Doe_678_assignsubmission_onlinetext/onlinetext.html", None),
        # A learner's own folder may be called like anybody's.
        ("Jane Doe_678_assignsubmission_file/Zoe_679_assignsubmission_file/x.ipynb",
         ("678", "Jane Doe", "Zoe_679_assignsubmission_file/x.ipynb")),
        ("Jane Doe_678_assignsubmission_onlinetext/Zoe_679_assignsubmission_file/x.ipynb", None),
        ("Jane Doe_678_assignsubmission_file/", None),
        ("build.ipynb", None),
    ],
)  # fmt: skip
def test_moodles_names_are_read(entry: str, found: tuple | None):
    assert [(one.number, one.person, one.file) for one in moodle(entry)] == ([found] if found else [])


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


def test_without_a_roster_canvass_numbers_are_the_ids(course: Path, folders: Folders, packed):
    done = collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas")
    assert done.learners == ["12", "13"]
    done = collect(folders, CHAPTER, packed({"mallory_7_12_901_x.ipynb": NOTEBOOK}), "canvas")
    assert done.unknown == [
        ("mallory_7_12_901_x.ipynb", "can be read in two ways: give a roster, which says who is who")
    ]


@pytest.mark.parametrize("roster", [
    MOODLE_WORKSHEET,
    "First name,Last name,Email address\nJane,Doe,jane@uni.edu\nZoë,O'Neil,zoe@uni.edu\nMax,Roe,max@uni.edu\n",
])  # fmt: skip
def test_moodles_archive_is_collected_by_address(course: Path, folders: Folders, packed, table, roster: str):
    done = collect(folders, CHAPTER, packed(MOODLE_FILES), "moodle", table(roster))
    assert done.learners == ["jane@uni.edu", "zoe@uni.edu"]
    assert done.unknown == [
        ("Zoë ONeil_679_assignsubmission_onlinetext/onlinetext.html", "isn't named as Moodle names files")
    ]
    assert handed_in(course) == {
        f"jane@uni.edu/{CHAPTER}/build.ipynb": NOTEBOOK + b"jane",
        f"zoe@uni.edu/{CHAPTER}/build.ipynb": NOTEBOOK + b"zoe",
    }


def test_who_is_in_the_archive_twice_by_another_name_gets_nobody_elses_place(
    course: Path, folders: Folders, packed, table
):
    files = {
        "doejane_12_901_build.ipynb": NOTEBOOK,
        "mallory_12_14_902_build.ipynb": NOTEBOOK + b"for jane",  # who calls herself Mallory_12 and isn't in the roster
        "group_blue_13_903_build.ipynb": NOTEBOOK,
        "roemax_99_904_build.ipynb": NOTEBOOK,
    }
    done = collect(folders, CHAPTER, packed(files), "canvas", table(CANVAS_ROSTER))
    assert handed_in(course) == {f"jane/{CHAPTER}/build.ipynb": NOTEBOOK}
    other = "has the number of somebody in the roster, but another name: is it a group's?"
    assert dict(done.unknown) == {
        "mallory_12_14_902_build.ipynb": other,
        "group_blue_13_903_build.ipynb": other,
        "roemax_99_904_build.ipynb": "isn't in the roster",
    }


def test_two_of_one_name_are_told_apart_by_number_or_not_at_all(course: Path, folders: Folders, packed, table):
    files = {"Jane Doe_678_assignsubmission_file/build.ipynb": NOTEBOOK}
    twins = "First name,Last name,Username\nJane,Doe,jane1\nJane,Doe,jane2\n"
    done = collect(folders, CHAPTER, packed(files), "moodle", table(twins))
    assert [why for _, why in done.unknown] == ["may be more than one person's in the roster"] and not done.learners
    twins = MOODLE_WORKSHEET.replace("Zoë O'Neil", "Jane Doe")
    assert collect(folders, CHAPTER, packed(files), "moodle", table(twins)).learners == ["jane@uni.edu"]


def test_what_is_there_stays_unless_it_is_to_be_replaced(course: Path, folders: Folders, packed):
    collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas")
    (course / "submitted" / "12" / CHAPTER / "timestamp.txt").write_text("2026-11-02 09:00:00 UTC")
    newer = CANVAS_FILES | {"doejane_12_901_build.ipynb": NOTEBOOK + b"better"}
    done = collect(folders, CHAPTER, packed(newer), "canvas")
    assert (done.learners, done.unchanged, done.older) == ([], ["13"], ["12"])
    assert handed_in(course)[f"12/{CHAPTER}/build.ipynb"] == NOTEBOOK + b"jane"
    done = collect(folders, CHAPTER, packed(newer), "canvas", update=True)
    assert (done.learners, done.unchanged, done.older) == (["12"], ["13"], [])
    assert handed_in(course) == {
        f"12/{CHAPTER}/build.ipynb": NOTEBOOK + b"better",
        f"13/{CHAPTER}/build-1.ipynb": NOTEBOOK + b"zoe",
        f"13/{CHAPTER}/debug.ipynb": NOTEBOOK,
    }


def test_an_interrupt_loses_nothing(course: Path, folders: Folders, packed, monkeypatch: pytest.MonkeyPatch):
    collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas")
    before = handed_in(course)
    rename = Path.rename

    def interrupted(path: Path, to: Path) -> Path:
        if path.name == "new":
            raise KeyboardInterrupt
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        collect(folders, CHAPTER, packed({"doejane_12_901_build.ipynb": b"new"}), "canvas", update=True)
    assert handed_in(course) == before


@pytest.mark.parametrize(
    ("file", "becomes"),
    [
        ("../../../evil.ipynb", "evil.ipynb"),
        ("/etc/passwd", "passwd"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("a\\..\\b.ipynb", "a_.._b.ipynb"),
        ("a\nb.ipynb", "a_b.ipynb"),
        ("timestamp.txt", "handed_in_timestamp.txt"),
        ("Submission_Secret.TXT", "handed_in_Submission_Secret.TXT"),
        ("x" * 300 + ".ipynb", "x" * 144 + ".ipynb"),
    ],
)
def test_no_name_leads_out_of_the_folder_or_is_believed(
    course: Path, folders: Folders, packed, table, file: str, becomes: str
):
    files = {f"Jane Doe_678_assignsubmission_file/{file}": b"x"}
    collect(folders, CHAPTER, packed(files), "moodle", table(MOODLE_WORKSHEET))
    assert handed_in(course) == {f"jane@uni.edu/{CHAPTER}/{becomes}": b"x"}
    assert {path.name for path in course.parent.iterdir()} == {"course", "submissions.zip", "roster.csv"}


def test_files_of_one_name_are_all_kept(course: Path, folders: Folders, packed, table):
    inside = "Jane Doe_678_assignsubmission_file"
    files = {f"{inside}/a/build.ipynb": b"1", f"{inside}/b/build.ipynb": b"2"}
    collect(folders, CHAPTER, packed(files), "moodle", table(MOODLE_WORKSHEET))
    assert sorted(handed_in(course).values()) == [b"1", b"2"]


def test_a_bomb_is_cut(course: Path, folders: Folders, packed):
    files = {"doejane_12_901_build.ipynb": bytes(LARGEST + 5_000_000)}
    collect(folders, CHAPTER, packed(files), "canvas")
    assert [len(data) for data in handed_in(course).values()] == [LARGEST + 1]
    files = {f"doejane_12_{number}_f{number}.ipynb": b"x" for number in range(900, 900 + MOST_FILES + 9)}
    done = collect(folders, CHAPTER, packed(files), "canvas", update=True)
    assert len(handed_in(course)) == MOST_FILES
    assert done.notes == [f"12 handed in {MOST_FILES + 9} files; the first {MOST_FILES} were taken."]


@pytest.mark.parametrize("login", ["../zoe", "a/b", ".hidden", "x" * 201, "a\u202eb"])
def test_an_id_that_is_no_folders_name_is_left_out(course: Path, folders: Folders, packed, table, login: str):
    done = collect(folders, CHAPTER, packed(CANVAS_FILES), "canvas", table(CANVAS_ROSTER.replace("jane", login)))
    assert done.learners == ["zoe"]
    assert [why.partition(":")[0] for _, why in done.unknown] == ["has an id that can't be a folder's name"]


def test_what_is_no_such_archive_is_refused(course: Path, folders: Folders, packed, tmp_path: Path):
    with pytest.raises(CollectError, match=r"Nothing in submissions\.zip is named as Moodle names"):
        collect(folders, CHAPTER, packed(CANVAS_FILES), "moodle", _worksheet(tmp_path))
    path = tmp_path / "no.zip"
    path.write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(CollectError, match="can't be read as an archive"):
        collect(folders, CHAPTER, path, "canvas")
    with pytest.raises(CollectError, match="can't be read as an archive"):
        collect(folders, CHAPTER, tmp_path / "none.zip", "canvas")
    assert not (course / "submitted").exists()


def _worksheet(folder: Path, text: str = MOODLE_WORKSHEET) -> Path:
    path = folder / "worksheet.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("people", "text", "says"),
    [
        (canvas_people, "Name,Mail\nJane,j@x\n", "isn't a Canvas gradebook"),
        (moodle_people, "Name,Mail\nJane,j@x\n", "needs the columns First name and Last name"),
        (moodle_people, MOODLE_WORKSHEET.replace("Email address", "Town"), "doesn't say who is who"),
    ],
)
def test_a_roster_that_says_too_little_is_refused(table, people: Callable, text: str, says: str):
    with pytest.raises(RosterError, match=says):
        people(table(text))


def test_moodle_needs_a_roster():
    with pytest.raises(RosterError, match="hold for one assignment alone"):
        moodle_people(None)


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
    assert code == 2 and "--roster FILE" in text
    code, text = said("collect", "04_none", archive, "--from", "moodle", "--roster", roster)
    assert code == 2 and f"There are: {CHAPTER}." in text
    code, text = said("collect", CHAPTER, archive, "--from", "moodle", "--roster", roster)
    assert code == 0 and text.splitlines() == [
        "left out Zoë ONeil_679_assignsubmission_onlinetext/onlinetext.html: it isn't named as Moodle names files",
        "1 in the roster handed in nothing.",
        "collected 2 learners; 0 were there already",
    ]
    assert said("collect", CHAPTER, archive, "--from", "moodle", "--roster", roster)[1].endswith(
        "2 were there already\n"
    )
    assert said("return", CHAPTER, "feedback.zip")[0] == 2
    grade(course, {"jane@uni.edu": 4.5, "zoe@uni.edu": 3.0})
    assert said("return", CHAPTER, "feedback.zip") == (0, "wrote feedback.zip: 2 pages for 2 learners\n")
