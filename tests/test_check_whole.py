"""`course check` in a clone: it judges the hidden criteria too, and shows none of their source."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from functional_course import cli, scratch
from functional_course.checking import by_task, check_notebook
from functional_course.checking.showing import findings
from functional_course.cli import console
from functional_course.grading.judging import execution
from functional_course.grading.judging.execution import NotStartedError
from functional_course.terminal import Console

import nbformat
import pytest
from click.testing import CliRunner, Result
from small_course import ANSWERS, ASSIGNMENT, POINTS, TESTS, make_course, put_exercise

RIGHT = {task: right for task, (_, right) in ANSWERS.items()}
ONLY_FOR_ONE = {**RIGHT, "twice": "def twice(number):\n    return 2"}
"""It passes what learners see, and not what they don't."""

FRANK = """\
rubric = Rubric("double", points=1, read="Chapter 0")
### BEGIN HIDDEN TESTS
secret_rows = 7
with rubric.criterion(1, "seven rows are doubled", hidden=True):
    found = double(secret_rows)
    assert found == 14, f"for {secret_rows} rows it gives {found}"
### END HIDDEN TESTS
rubric.score()"""
STOPS = """\
### BEGIN HIDDEN TESTS
secret_share = 1 / double(0)
assert secret_share
### END HIDDEN TESTS
1"""
MORE = {
    "double": ("def double(number):\n    return 2 * number", FRANK),
    "stops": ("step = 1", STOPS),
}

pytestmark = pytest.mark.xdist_group("grading")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch):
    """Report on 200 columns, to where the test's runner listens."""
    monkeypatch.setattr(console, "out", Console(width=200))
    monkeypatch.setattr(console, "err", Console(stderr=True, width=200))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return make_course(tmp_path)


def check(path: Path, *options: str) -> Result:
    return CliRunner().invoke(cli.main, ["check", str(path), *options])


def test_hidden_criteria_are_judged_and_no_gradebook_is_made(clone: Path):
    path = put_exercise(clone)
    before = path.read_bytes()
    done = check(path)
    assert done.exit_code == 0, done.output
    assert "✓ twice other numbers" in done.output and "✓ total is right" in done.output
    assert f"{POINTS:g} of {POINTS:g} points." in done.output and "when it is graded" not in done.output
    assert path.read_bytes() == before
    assert not (clone / "gradebook.db").exists() and not (clone / ".course" / "grading").exists()


def test_a_wrong_answer_that_looks_right_is_green_by_the_visible_criteria_alone(clone: Path):
    path = put_exercise(clone, ONLY_FOR_ONE)
    seen = check(path, "--visible")
    assert seen.exit_code == 0 and "2 of 2 points; 4 more are judged when it is graded." in seen.output
    judged = check(path)
    assert judged.exit_code == console.FAILED
    assert "✗ twice other numbers" in judged.output and "Read on: Chapter 0, section 2" in judged.output
    assert "4 of 6 points." in judged.output


def test_what_a_hidden_test_found_is_shown_and_its_source_is_not(tmp_path: Path):
    clone = make_course(tmp_path, MORE)
    path = put_exercise(clone, {**RIGHT, "double": "def double(number):\n    return 0", "stops": "step = 1"})
    done = check(path)
    assert "✗ seven rows are doubled" in done.output and "for 7 rows it gives 0" in done.output
    assert "ZeroDivisionError: division by zero" in done.output
    shown = "".join(done.output.split())
    for test in (FRANK, STOPS, *TESTS.values()):
        hidden = test.partition("BEGIN HIDDEN TESTS\n")[2].partition("### END")[0]
        assert hidden
        for line in hidden.splitlines():
            assert "".join(line.split()) not in shown, line


def test_without_solutions_it_is_as_before(clone: Path):
    path = put_exercise(clone, ONLY_FOR_ONE)
    (clone / "solutions").rename(clone.with_name(f"{clone.name}-elsewhere"))
    done = check(path)
    assert done.exit_code == 0
    assert "2 of 2 points; 4 more are judged when it is graded." in done.output and "solutions" not in done.output


def test_an_exercise_that_no_solution_belongs_to_is_told(clone: Path):
    path = put_exercise(clone)
    for chapter, name in (("00_other", "small"), (f"../solutions/{ASSIGNMENT}", "small"), (ASSIGNMENT, "other")):
        notebook = nbformat.read(path, 4)
        notebook.metadata.functional_course.update(chapter=chapter, notebook=name)
        nbformat.write(notebook, path)
        said: list[str] = []
        assert check_notebook(path, warn=said.append).points == (2, 2, 6)
        assert said == ["There is no notebook for it in solutions, so only the visible criteria are judged."]


def test_a_course_with_markers_of_its_own_and_a_damaged_solution_are_told(clone: Path):
    path = put_exercise(clone)
    config = clone / "nbgrader_config.py"
    before = config.read_text()
    config.write_text(f"{before}\nc.ClearHiddenTests.begin_test_delimeter = 'SECRET'\n")
    said: list[str] = []
    assert check_notebook(path, warn=said.append).points == (2, 2, 6)
    config.write_text(before)
    (clone / "solutions" / ASSIGNMENT / "small.ipynb").write_text("{")
    assert check_notebook(path, warn=said.append).points == (2, 2, 6)
    assert "markers of its own" in said[0] and "The released notebook small is damaged" in said[1]


def test_nbgrader_need_not_be_there(clone: Path):
    path = put_exercise(clone)
    code = (
        "import sys\nfor name in ('nbgrader', 'sqlalchemy', 'alembic'): sys.modules[name] = None\n"
        "from functional_course.cli import main\nmain(sys.argv[1:])"
    )
    done = subprocess.run([sys.executable, "-c", code, "check", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "6 of 6 points." in done.stdout


def test_what_cannot_be_judged_safely_is_left_to_a_teacher(clone: Path):
    report = check_notebook(put_exercise(clone, {**RIGHT, "total": "class Whole(int):\n    pass\n\ntotal = Whole(42)"}))
    task = report.tasks[0]
    assert task.provisional and task.passed and task.points == task.earned == 3
    assert not report.tasks[1].provisional
    shown = findings(task).plain
    assert "your teacher would look at this one; until then it counts 3 of 3" in shown


def test_the_released_test_is_what_counts(clone: Path):
    path = put_exercise(clone, ONLY_FOR_ONE)
    notebook = nbformat.read(path, 4)
    notebook.cells[5].source = "rubric = Rubric('twice', points=3, read='')\nrubric.score()"
    nbformat.write(notebook, path)
    done = check(path)
    assert done.exit_code == console.FAILED and "✗ twice other numbers" in done.output
    assert "The text of the test cell test-twice had changed" in done.output.replace("`", "")


def test_an_answer_that_ends_its_process_costs_no_other_task_its_points(clone: Path):
    report = check_notebook(put_exercise(clone, {**RIGHT, "total": "import os\nos._exit(1)"}))
    assert "This cell ended its Python process" in report.tasks[0].stopped
    assert report.tasks[1].passed


def test_without_a_sandbox_it_is_said_and_all_is_judged(clone: Path, monkeypatch: pytest.MonkeyPatch):
    path = put_exercise(clone, ONLY_FOR_ONE)
    monkeypatch.setattr("functional_course.sandbox.available", lambda: "no namespaces here")
    said: list[str] = []
    assert check_notebook(path, warn=said.append).points == (4, 6, 6)
    assert len(said) == 1 and "There is no sandbox on this machine (no namespaces here)" in said[0]
    assert check_notebook(path, sandbox=False).points == (4, 6, 6)


def test_where_no_process_can_be_forked_only_the_visible_criteria_are_judged(
    clone: Path, monkeypatch: pytest.MonkeyPatch
):
    path = put_exercise(clone, ONLY_FOR_ONE)

    def refuse(*_: object) -> None:
        raise NotStartedError("the judging side did not start")

    monkeypatch.setattr(execution, "execute", refuse)
    said: list[str] = []
    assert check_notebook(path, warn=said.append).points == (2, 2, 6)
    assert said == ["the judging side did not start, so only the visible criteria are judged."]


def test_a_system_without_the_two_processes_is_told_once(clone: Path, monkeypatch: pytest.MonkeyPatch):
    path = put_exercise(clone, ONLY_FOR_ONE)
    # Paths cannot be made while the system is said to be another: only this module is told so.
    monkeypatch.setattr(by_task, "os", SimpleNamespace(name="nt"))
    said: list[str] = []
    assert check_notebook(path, warn=said.append).points == (2, 2, 6)
    assert said == ["This system can't judge hidden criteria, so only the visible ones are judged."]


def test_a_scratch_folder_needs_no_locks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scratch, "fcntl", None)
    with scratch.scratch_folder("check") as folder:
        assert Path(folder).is_dir()
    assert not Path(folder).exists() and scratch.remove_left_behind() == []
