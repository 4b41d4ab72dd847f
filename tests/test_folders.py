"""Where ``course grade`` looks is what nbgrader's configuration says; nbgrader's own quickstart course is graded."""

from __future__ import annotations

import csv
import html
import os
import re
import shutil
import sysconfig
from pathlib import Path

from functional_course.grading.gradebook import pages
from functional_course.grading.gradebook.folders import Folders, FoldersError, load_config
from functional_course.grading.gradebook.hiding import HideTests, hidden_markers
from functional_course.grading.reporting.report import BY_HAND, PROVISIONAL, TEST
from functional_course.grading.taking_in.plan import MARKERS, with_our_markers

import nbformat
import needs
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader import preprocessors
from nbgrader.plugins import CsvExportPlugin
from traitlets.config import Config

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
            cell.source = answers.get(grade_id.replace("-", "_"), cell.source.partition("\n# SECRET")[0])
        nbformat.write(notebook, path)


HIDDEN = {
    "test-total": """\
assert total > 0
# SECRET
print('CANARY', total)
assert total == 7919, f'CANARY {total} 7919'
# OVER""",
    "test-double": """\
assert callable(double)
# SECRET
found = double(7907)
assert found == 15814, f'CANARY {found}'
# OVER""",
    "test-sign": """\
assert total < 0, 'what learners may read'
# SECRET
assert False, 'CANARY'
# OVER""",
}
"""Tests with hidden parts, between markers of the course's own."""

ADDED = {
    "total": ("total = 7919", "total = 7900 + 19", "total = 5"),
    "double": (
        "def double(x):\n    return 2 * x",
        "def double(x):\n    print('heard', x)\n    raise ValueError(f'heard {x}')",
        "def double(x):\n    return x",
    ),
}
"""By answer: the instructor's, and what the two students hand in."""


def add_hidden_tests(course: Path) -> None:
    """A third notebook, with hidden tests."""
    cells = []
    for name, (solution, *_) in ADDED.items():
        marks = {"grade_id": name, "grade": False, "locked": False, "solution": True}
        cells.append(_cell(f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION", marks))
    for name, source in HIDDEN.items():
        cells.append(_cell(source, {"grade_id": name, "grade": True, "locked": True, "solution": False, "points": 1}))
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, course / "source" / "ps1" / "problem3.ipynb")


def _cell(source: str, marks: dict[str, object]):
    marks = {"schema_version": 3, "task": False, **marks}
    return new_code_cell(source, id=str(marks["grade_id"]), metadata={"nbgrader": marks})


def gradebook_of(course: Path):
    from nbgrader.api import Gradebook

    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")


@pytest.fixture(scope="module")
def graded(quickstart: Path, tmp_path_factory: pytest.TempPathFactory):
    """The quickstart course after ``course grade``. One student handed in late, which costs all points here."""
    from functional_course.grading.running.grade import grade_class

    (quickstart / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.LateSubmissionPlugin.penalty_method = 'zero'\n"
        "c.ClearHiddenTests.begin_test_delimeter = 'SECRET'\n"
        "c.ClearHiddenTests.end_test_delimeter = 'OVER'\n"
    )
    add_hidden_tests(quickstart)
    right = {"squares": SQUARES, "sum_of_squares": SUM, "sum_of_squares_equation": "$n$"}
    wrong = {"squares": "def squares(n):\n    return [1]", "sum_of_squares": SUM}
    hand_in(quickstart, "bitdiddle", **right, **{name: wrong for name, (*_, wrong) in ADDED.items()})
    hand_in(quickstart, "hacker", **wrong, **{name: told for name, (_, told, _) in ADDED.items()})
    (quickstart / "submitted" / "hacker" / "ps1" / "timestamp.txt").write_text("2015-02-02 17:00:00 UTC")
    with pytest.MonkeyPatch.context() as patched:
        # nbgrader calls `alembic` by name to make a database.
        patched.setenv("PATH", os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]))
        with gradebook_of(quickstart) as gradebook:
            gradebook.add_assignment("ps1", duedate="2015-02-02 15:00:00 UTC")
        patched.chdir(tmp_path_factory.mktemp("elsewhere"))  # from any folder
        return quickstart, grade_class(quickstart, "ps1", workers=2)


@needs.sandboxed()
@pytest.mark.xdist_group("grading")
class TestQuickstart:
    def test_it_is_graded(self, graded):
        course, report = graded
        assert [row.status for row in report.rows] == ["graded", "graded"]
        with gradebook_of(course) as gradebook:
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
            assert len(list((course / step / "bitdiddle" / "ps1").glob("problem*"))) == 3

    def test_its_tasks_are_shown_as_what_they_are(self, graded):
        _, report = graded
        both = ("bitdiddle", "hacker")
        names = dict.fromkeys(both, BY_HAND)
        assert [
            (row.task, row.kind, row.points, row.most, row.failed, row.learners, dict(row.waiting))
            for row in report.tasks
        ] == [
            ("correct_squares", TEST, 0.5, 1, 1, 2, {}),
            ("squares_invalid_input", TEST, 0.5, 1, 1, 2, {}),
            ("correct_sum_of_squares", TEST, 0.25, 0.5, 1, 2, {}),
            # It takes a function of the learner's away, to see whether another one uses it.
            ("sum_of_squares_uses_squares", TEST, 0.5, 0.5, 0, 2, dict.fromkeys(both, PROVISIONAL)),
            ("sum_of_squares_equation", BY_HAND, None, 1, 0, 2, names),
            ("sum_of_squares_application", BY_HAND, None, 2, 0, 2, names),
            ("cell-938593c4a215c6cc", BY_HAND, None, 4, 0, 2, names),
            ("part-a", BY_HAND, None, 1, 0, 2, names),
            ("part-b", BY_HAND, None, 2, 0, 2, names),
            ("total", TEST, 0.5, 1, 1, 2, {}),
            ("double", TEST, 0, 1, 2, 2, {}),
            ("sign", TEST, 0, 1, 2, 2, {}),
        ]
        assert [row.messages for row in report.tasks[:4]] == [
            (("AssertionError", 1),),
            (("AssertionError: did not raise", 1),),
            (("AssertionError", 1),),
            (),
        ]

    def test_what_lateness_costs_is_off_in_the_report_as_in_the_export(self, graded):
        course, report = graded
        plugin = CsvExportPlugin(to=str(course / "grades.csv"))
        with gradebook_of(course) as gradebook:
            plugin.export(gradebook)
        with open(course / "grades.csv", newline="") as file:
            exported = {row["student_id"]: row for row in csv.DictReader(file)}
        assert {row.student: (row.points, row.late, row.waiting) for row in report.rows} == {
            "bitdiddle": (3.0, 0.0, 6),
            "hacker": (0.0, 1.5, 6),
        }
        for row in report.rows:
            assert row.points == float(exported[row.student]["score"])
            assert row.late == float(exported[row.student]["late_submission_penalty"])

    def test_a_learner_is_told_what_the_teacher_looks_at(self, graded):
        course, _ = graded
        told = {}
        for name in ("problem1", "problem2", "problem3"):
            page = (course / "feedback" / "bitdiddle" / "ps1" / f"{name}.html").read_text(encoding="utf-8")
            text = html.unescape(re.sub(r"<[^>]+>", "", page))
            told[name] = re.findall(r"Your teacher looks at these cells and grades them by hand: (.*)\.", text)
        first = "sum_of_squares_equation, sum_of_squares_application, cell-938593c4a215c6cc"
        assert told == {"problem1": [first], "problem2": ["part-a, part-b"], "problem3": []}

    def test_no_page_holds_a_hidden_test_or_what_it_found(self, graded):
        course, _ = graded
        for student in ("bitdiddle", "hacker"):
            page = (course / "feedback" / student / "ps1" / "problem3.html").read_text(encoding="utf-8")
            text = html.unescape(re.sub(r"<[^>]+>", "", page))
            assert "what learners may read" in text and "assert total > 0" in text
            assert [word for word in ("CANARY", "SECRET", "7919", "7907", "15814") if word in text] == []
        # They are in what the teacher has.
        kept = (course / "autograded" / "hacker" / "ps1" / "problem3.ipynb").read_text(encoding="utf-8")
        assert "CANARY" in kept and "7907" in kept

    def test_points_given_since_are_the_reports(self, graded):
        from functional_course.grading.running.grade import grade_class

        course, _ = graded
        with gradebook_of(course) as gradebook:
            for cell, points in (("sum_of_squares_equation", 0.5), ("sum_of_squares_uses_squares", 0.0)):
                grade = gradebook.find_grade(cell, "problem1", "ps1", "bitdiddle")
                grade.manual_score, grade.needs_manual_grade = points, False  # as formgrader does
            gradebook.db.commit()
        report = grade_class(course, "ps1", workers=1)
        assert [(row.status, row.points, row.waiting) for row in report.rows] == [
            ("unchanged", 3.0, 4),
            ("unchanged", 0.0, 6),
        ]
        assert [each.kind for each in report.rows[0].repairs] == []
        tasks = {row.task: row for row in report.tasks}
        equation, uses = tasks["sum_of_squares_equation"], tasks["sum_of_squares_uses_squares"]
        assert (equation.points, equation.waiting) == (0.5, (("hacker", BY_HAND),))
        assert (uses.points, uses.failed, uses.messages) == (0.25, 1, ())
        assert uses.waiting == (("hacker", PROVISIONAL),)


# --- hidden tests -----------------------------------------------------------------------------------------------------


class Own(preprocessors.ClearHiddenTests):
    """A course's own step."""


@pytest.mark.parametrize(
    "own",
    [
        [],
        [preprocessors.GetGrades],
        ["nbgrader.preprocessors.GetGrades", "nbgrader.preprocessors.ClearHiddenTests"],
        [preprocessors.GetGrades, preprocessors.ClearHiddenTests],
        [Own(), preprocessors.GetGrades],
        [preprocessors.GetGrades, HideTests],
    ],
)
@pytest.mark.parametrize("style", [pages.FULL, pages.PLAIN, pages.BARE])
def test_pages_are_made_without_hidden_tests_whatever_the_configuration_has(own: list, style: str):
    config = Config({"GenerateFeedback": {"preprocessors": own}})
    pages.configure(style, config)
    made = config.GenerateFeedback.preprocessors
    hiding = [step for step in made if "Hid" in str(step) or isinstance(step, Own)]
    assert hiding == [HideTests]
    assert any("GetGrades" in str(step) for step in made)


def test_a_courses_own_markers_are_read_as_ours():
    markers = hidden_markers(Config({"ClearHiddenTests": {"begin_test_delimeter": "<<", "end_test_delimeter": ">>"}}))
    assert markers == ("<<", ">>") and hidden_markers(Config()) == MARKERS
    assert with_our_markers("a = 1 << 2\n# <<\nb\n# >>", markers).splitlines()[1:] == [
        f"# {MARKERS[0]}",
        "b",
        f"# {MARKERS[1]}",
    ]
    same = "x\n### BEGIN HIDDEN TESTS\ny"
    assert with_our_markers(same, MARKERS) == same
