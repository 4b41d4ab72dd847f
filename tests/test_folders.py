"""Where ``course grade`` looks is what nbgrader's configuration says; nbgrader's own quickstart course is graded."""

from __future__ import annotations

import shutil
from pathlib import Path

from functional_course.grading.folders import Folders, FoldersError, load_config

import nbformat
import needs
import pytest

SQUARES = """\
def squares(n):
    if n < 1:
        raise ValueError("n must be greater than or equal to 1")
    return [i ** 2 for i in range(1, n + 1)]"""
SUM = "def sum_of_squares(n):\n    return sum(squares(n))"


def course(folder: Path, settings: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\n{settings}\n")
    return folder


def folders(folder: Path, settings: str = "") -> Folders:
    return Folders(load_config(course(folder, settings)))


def test_what_the_configuration_leaves_open_is_nbgraders(tmp_path: Path):
    found = folders(tmp_path / "here")
    root = tmp_path / "here"
    assert found.source("ps1") == root / "source" / "ps1"
    assert found.release("ps1") == root / "release" / "ps1"
    assert found.submitted("ann", "ps1") == root / "submitted" / "ann" / "ps1"
    assert found.autograded("ann", "ps1") == root / "autograded" / "ann" / "ps1"
    assert found.feedback("ann", "ps1") == root / "feedback" / "ann" / "ps1"
    assert found.database == root / "gradebook.db"
    assert found.course_id == ""


@pytest.mark.parametrize("name", ["plain", "main (1)", "e+f.g", "a[bc]*", "{x}"])
@pytest.mark.parametrize(
    "structure", ["{nbgrader_step}/{student_id}/{assignment_id}", "{nbgrader_step}/{assignment_id}/of {student_id}"]
)
def test_assignments_and_students_are_found_in_a_folder_of_any_name(tmp_path: Path, name: str, structure: str):
    found = folders(
        tmp_path / name,
        f"c.CourseDirectory.directory_structure = {structure!r}\n"
        "c.CourseDirectory.source_directory = 'the sources'\n"
        "c.CourseDirectory.submitted_directory = 'in'",
    )
    for assignment in ("ps1", "p[s]2"):
        found.source(assignment).mkdir(parents=True)
        (found.source(assignment) / "x.ipynb").touch()
    found.source("empty").mkdir(parents=True)
    for student in ("ann", "b.o+b", "c[d]", ".hidden"):
        found.submitted(student, "ps1").mkdir(parents=True)
    found.submitted("eve", "p[s]2").mkdir(parents=True)
    assert found.assignments() == ["p[s]2", "ps1"]
    assert found.students("ps1") == ["ann", "b.o+b", "c[d]"]
    assert found.students("p[s]2") == ["eve"]
    assert found.students("other") == []


def test_a_database_of_another_name_lies_in_the_course(tmp_path: Path):
    found = folders(tmp_path / "here", "c.CourseDirectory.db_url = 'sqlite:///grades/all.db'")
    assert found.database == tmp_path / "here" / "grades" / "all.db"


def test_folders_that_do_not_begin_with_the_step_are_refused(tmp_path: Path):
    with pytest.raises(FoldersError, match="begins with {nbgrader_step}"):
        folders(tmp_path / "here", "c.CourseDirectory.directory_structure = '{student_id}/{nbgrader_step}'")


# --- nbgrader's quickstart --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course that ``nbgrader quickstart`` makes."""
    from nbgrader.apps import quickstartapp

    def called(arguments: list[str], **_: object) -> None:
        """A file with every setting in a comment, and students without a submission, are not worth their seconds."""
        if "generate_config" in arguments:
            Path("nbgrader_config.py").touch()

    folder = tmp_path_factory.mktemp("quickstart")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.setattr(quickstartapp.subprocess, "call", called)
        app = quickstartapp.QuickStartApp()
        app.initialize(["course101"])
        app.start()
    return folder / "course101"


def hand_in(root: Path, student: str, **answers: str) -> None:
    source = root / "source" / "ps1"
    target = root / "submitted" / student / "ps1"
    shutil.copytree(source, target)
    for path in target.glob("*.ipynb"):
        notebook = nbformat.read(path, 4)
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            cell.source = answers.get(grade_id.replace("-", "_"), cell.source)
        nbformat.write(notebook, path)


@needs.sandboxed()
@pytest.mark.xdist_group("grading")
def test_nbgraders_quickstart_is_graded(quickstart: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from functional_course.grading.grade import grade_class

    from nbgrader.api import Gradebook

    hand_in(quickstart, "bitdiddle", squares=SQUARES, sum_of_squares=SUM)
    hand_in(quickstart, "hacker", squares="def squares(n):\n    return [1]", sum_of_squares=SUM)
    monkeypatch.chdir(tmp_path)  # from any folder
    report = grade_class(quickstart, "ps1", workers=2)
    assert [row.status for row in report.rows] == ["graded", "graded"]
    with Gradebook(f"sqlite:///{quickstart / 'gradebook.db'}") as gradebook:
        found = {
            student: {
                grade.name: grade.score
                for grade in gradebook.find_submission_notebook("problem1", "ps1", student).grades
                if grade.cell.cell_type == "code" and grade.auto_score is not None
            }
            for student in ("bitdiddle", "hacker")
        }
    right = {"correct_squares": 1, "squares_invalid_input": 1, "correct_sum_of_squares": 0.5}
    assert {name: found["bitdiddle"][name] for name in right} == right
    assert {found["hacker"][name] for name in right} == {0}
    for step in ("autograded", "feedback"):
        assert len(list((quickstart / step / "bitdiddle" / "ps1").glob("problem*"))) == 2
