"""The plain nbgrader command line, the whole way from generate and release to autograde, feedback and export."""

from __future__ import annotations

import getpass
import html
import re
import shutil
from pathlib import Path

from functional_course.grading.releasing.staleness import stale_exercises

import nbformat
import pytest
from bare_notebooks import leave_out_shows
from classroom import CHAPTERS, NOTEBOOKS, Classroom, Graded, hidden_lines, solution_answers

# Makes every later cell write to stderr, the test cells too.
NOISE = """\
import logging
import sys

logging.basicConfig()
logging.warning("from the answer")
get_ipython().events.register("pre_run_cell", lambda *_: print("noise", file=sys.stderr))
"""


CLASSES = [pytest.param(chapter, marks=pytest.mark.xdist_group(f"flow-{chapter}")) for chapter in CHAPTERS]


@pytest.fixture(scope="module", params=CLASSES)
def classroom(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """A class after autograde. Of the first chapter one learner came over the exchange, the whole way."""
    chapter = request.param
    classroom = Classroom(tmp_path_factory.mktemp("flow"), chapter)
    classroom.nbgrader("generate_assignment", chapter)
    if chapter == CHAPTERS[0]:
        over_the_exchange(classroom)
    classroom.hand_in("stub", {})
    noisy = {
        name: {task: NOISE + source for task, source in solution_answers(chapter, name).items()}
        for name in NOTEBOOKS[chapter]
    }
    classroom.hand_in("noisy", noisy)
    # nbval executes what given cells only show. Here they are executed in the first chapter.
    for path in classroom.course.glob("submitted/*/*/*.ipynb") if chapter != CHAPTERS[0] else ():
        notebook = nbformat.read(path, 4)
        leave_out_shows(notebook, solution_answers(chapter, path.stem).values())
        nbformat.write(notebook, path)
    classroom.nbgrader("autograde", chapter)
    classroom.nbgrader("generate_feedback", chapter)
    return classroom


def over_the_exchange(classroom: Classroom) -> None:
    """Release, fetch, submit and collect the solution."""
    chapter = classroom.chapter
    classroom.nbgrader("release_assignment", chapter)
    learner = classroom.folder / "learner"
    learner.mkdir()
    exchange = f"c.Exchange.root = {str(classroom.exchange)!r}\n"
    settings = "c = get_config()\nc.CourseDirectory.course_id = 'functional_course'\n" + exchange
    (learner / "nbgrader_config.py").write_text(settings)
    classroom.nbgrader("fetch_assignment", chapter, at=learner)
    for name in NOTEBOOKS[chapter]:
        path = learner / chapter / f"{name}.ipynb"
        assert path.read_bytes() == (classroom.course / "exercises" / chapter / f"{name}.ipynb").read_bytes()
        nbformat.write(classroom.answered(name, solution_answers(chapter, name)), path)
    classroom.nbgrader("submit", chapter, at=learner)
    classroom.nbgrader("collect", chapter)


def solvers(classroom: Classroom) -> list[str]:
    """Who handed in the solution: one whose every later cell writes to stderr, and one who came over the exchange."""
    return ["noisy", *([getpass.getuser()] if classroom.chapter == CHAPTERS[0] else [])]


def feedback(classroom: Classroom, student: str, name: str, folder: str = "feedback") -> str:
    return (classroom.course / folder / student / classroom.chapter / f"{name}.html").read_text(encoding="utf-8")


def test_the_solution_gets_full_marks_also_when_it_writes_to_stderr(classroom: Classroom):
    for name in NOTEBOOKS[classroom.chapter]:
        for student in solvers(classroom):
            assert not_full(classroom.graded(student, name), worth(classroom, name)) == []


def test_the_stub_scores_nothing(classroom: Classroom):
    for name in NOTEBOOKS[classroom.chapter]:
        assert not_nothing(classroom.graded("stub", name), worth(classroom, name)) == []


def worth(classroom: Classroom, name: str) -> dict[str, float]:
    """The points of each test cell."""
    return {cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points for cell in graded_cells(classroom, name)}


def not_full(graded: dict[str, Graded], most: dict[str, float]) -> list[str]:
    """The tasks that a solution did not get full marks for."""
    return ungraded(graded, most) + [
        f"{task}: {each.points:g} of {most[f'test-{task}']:g} points\n{each.text}"
        for task, each in graded.items()
        if each.points != most[f"test-{task}"] or "✗" in each.text
    ]


def not_nothing(graded: dict[str, Graded], most: dict[str, float]) -> list[str]:
    """The tasks that a stub got points for."""
    return ungraded(graded, most) + [
        f"{task}: {each.points:g} points\n{each.text}" for task, each in graded.items() if each.points != 0
    ]


def ungraded(graded: dict[str, Graded], most: dict[str, float]) -> list[str]:
    return [f"{task}: not graded" for task in (test.removeprefix("test-") for test in most) if task not in graded]


def test_stderr_would_cost_the_points_without_the_setting(classroom: Classroom):
    from nbgrader.utils import determine_grade

    cell = graded_cells(classroom, "build")[0]
    cell.outputs = [nbformat.v4.new_output("stream", name="stderr", text="noise\n")]
    assert determine_grade(cell)[0] == 0


def test_the_export_holds_everybody(classroom: Classroom):
    scores = classroom.exported()
    most = {full for _, full in scores.values()}
    assert len(most) == 1
    full = most.pop()
    assert scores == {"stub": (0.0, full), **dict.fromkeys(solvers(classroom), (full, full))}


def test_feedback_shows_verdicts_and_no_hidden_test(classroom: Classroom):
    for name in NOTEBOOKS[classroom.chapter]:
        lines = hidden_lines(classroom.chapter, name)
        assert len(lines) >= 5
        for student in ("stub", *solvers(classroom)):
            page = feedback(classroom, student, name)
            assert "✗" in page if student == "stub" else "✓" in page
            assert leaked(page, lines) == []


def test_without_the_setting_the_feedback_would_show_them(classroom: Classroom):
    config = classroom.course / "nbgrader_config.py"
    before = config.read_text()
    # Elsewhere: the pages of the other tests stay as they are.
    elsewhere = "\nc.CourseDirectory.feedback_directory = 'without'\n"
    config.write_text(before.replace("steps.GetGrades, HideTests,", "steps.GetGrades,") + elsewhere)
    try:
        classroom.nbgrader("generate_feedback", classroom.chapter, "--student=stub")
    finally:
        config.write_text(before)
    page = feedback(classroom, "stub", "build", folder="without")
    assert leaked(page, hidden_lines(classroom.chapter, "build"))


def leaked(page: str, lines: list[str]) -> list[str]:
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    return [line for line in lines if line in text]


def test_the_release_holds_neither_solutions_nor_hidden_tests(classroom: Classroom):
    for name in NOTEBOOKS[classroom.chapter]:
        hidden, tasks = hidden_lines(classroom.chapter, name), list(solution_answers(classroom.chapter, name))
        assert release_faults(classroom.released(name), hidden, tasks) == []


def release_faults(notebook: nbformat.NotebookNode, hidden: list[str], tasks: list[str]) -> list[str]:
    """What a released notebook must not hold, or lacks."""
    text = "\n".join(cell.source for cell in notebook.cells)
    found = [f"{word} stands in it" for word in ("SOLUTION", "HIDDEN") if word in text]
    found += [f"a line of a hidden test: {line}" for line in leaked(text, hidden)]
    if any("solution-only" in cell.metadata.get("tags", []) for cell in notebook.cells):
        found.append("a cell for the solution only")
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in notebook.cells}
    found += [f"{task} has no stub" for task in tasks if "raise NotImplementedError" not in cells.get(task, "")]
    return found


# --- faults are refused -----------------------------------------------------------------------------------------------


RELEASE_FAULTS = {
    "a hidden line": (
        lambda cell, hidden: cell.update(source=cell.source + "\n" + hidden[0]),
        "a line of a hidden test",
    ),
    "a hidden region": (lambda cell, _: cell.update(source="### BEGIN HIDDEN TESTS"), "HIDDEN stands in it"),
    "a solution's region": (lambda cell, _: cell.update(source="### BEGIN SOLUTION"), "SOLUTION stands in it"),
    "a solution": (lambda cell, _: cell.update(source="answer = 1"), "has no stub"),
    "an analysis": (lambda cell, _: cell.metadata.update(tags=["solution-only"]), "a cell for the solution only"),
}


@pytest.mark.parametrize("fault", RELEASE_FAULTS)
def test_a_release_with_a_planted_fault_is_refused(root: Path, fault: str):
    plant, says = RELEASE_FAULTS[fault]
    chapter, name = CHAPTERS[0], "build"
    hidden, tasks = hidden_lines(chapter, name), list(solution_answers(chapter, name))
    notebook = nbformat.read(root / "exercises" / chapter / f"{name}.ipynb", 4)
    assert release_faults(notebook, hidden, tasks) == []
    plant(
        next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == tasks[0]), hidden
    )
    assert says in "\n".join(release_faults(notebook, hidden, tasks))


def test_a_solution_without_full_marks_and_a_stub_with_points_are_refused():
    full, most = {"one": Graded(2, "✓ 2/2"), "two": Graded(3, "✓ 3/3")}, {"test-one": 2, "test-two": 3}
    assert not_full(full, most) == []
    assert not_full({**full, "two": Graded(2.5, "✓ 2.5/3")}, most) == ["two: 2.5 of 3 points\n✓ 2.5/3"]
    assert not_full({**full, "two": Graded(3, "✗ 0/1")}, most) == ["two: 3 of 3 points\n✗ 0/1"]
    assert not_full({"one": full["one"]}, most) == ["two: not graded"]
    stub = {"one": Graded(0, "✗ 0/2"), "two": Graded(0, "✗ 0/3")}
    assert not_nothing(stub, most) == []
    assert not_nothing({**stub, "one": Graded(0.5, "✓ 0.5/2")}, most) == ["one: 0.5 points\n✓ 0.5/2"]
    assert not_nothing({}, most) == ["one: not graded", "two: not graded"]


def test_the_committed_exercises_are_what_nbgrader_makes(classroom: Classroom, root: Path):
    for made in sorted((classroom.course / "exercises").rglob("*.*")):
        committed = root / made.relative_to(classroom.course)
        assert committed.read_bytes() == made.read_bytes(), f"{committed.name} is out of step: run make release"


@pytest.fixture
def course_copy(tmp_path: Path, root: Path) -> Path:
    """The parts of the course that a release reads and writes."""
    for part in ("solutions", "exercises"):
        shutil.copytree(root / part, tmp_path / part)
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    return tmp_path


def test_exercises_in_step_are_not_stale(course_copy: Path):
    assert stale_exercises(course_copy) == []
    assert not (course_copy / "gradebook.db").exists()


def test_stale_exercises_are_refused(course_copy: Path):
    changed = course_copy / "solutions" / CHAPTERS[0] / "build.ipynb"
    changed.write_text(changed.read_text().replace("Eight tasks", "Nine tasks"))
    extra = course_copy / "exercises" / CHAPTERS[0] / "left_over.ipynb"
    extra.write_text("{}")
    (course_copy / "exercises" / CHAPTERS[0] / "debug.ipynb").unlink()
    names = [path.name for path in stale_exercises(course_copy)]
    assert names == ["build.ipynb", "debug.ipynb", "left_over.ipynb"]


def graded_cells(classroom: Classroom, name: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in classroom.released(name).cells if cell.metadata.get("nbgrader", {}).get("grade")]
