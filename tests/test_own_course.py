"""A teacher's own course from the guide's commands to points: a course chapter and a new one, released and graded."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from functional_course import cli

import nbformat
import needs
import pytest
from classroom import nbgrader, solution_answers, without_markers
from click.testing import CliRunner
from conftest import ROOT
from nbgrader.api import Gradebook

pytestmark = [needs.sandboxed(), pytest.mark.xdist_group("own-course")]

GUIDE = (ROOT / "book" / "guides" / "teach.md").read_text(encoding="utf-8")
SECTION = GUIDE.partition("\n## A course of your own\n")[2].partition("\n## ")[0]
OWN, CHAPTER = "07_attention", "01_sequential_vs_functional"


def commands() -> list[list[str]]:
    """The commands of the guide's section, in order."""
    blocks = re.findall(r"```bash\n(.*?)```", SECTION, re.DOTALL)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines() if line.strip()]


def choice() -> str:
    """The ``course.yml`` that the guide shows."""
    return re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL)[0]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of somebody who ran all the commands of the guide, put its choice into the file, and has learners."""
    folder = tmp_path_factory.mktemp("teacher") / "repository"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        chosen = False
        for words in commands():
            if words[0] == "cd":
                folder = Path(folder, words[1]).resolve()
                patch.chdir(folder)
                continue
            if words == ["course", "init", "."] and not chosen:
                (folder / "course.yml").write_text(choice())
                chosen = True
            assert words[0] == "course"
            done = CliRunner().invoke(cli.main, words[1:])
            assert done.exit_code == 0, done.output
    assert chosen
    hand_in(folder, OWN, "solver", own_answers(folder))
    hand_in(folder, OWN, "stub", {})
    return folder


def released(course: Path, chapter: str) -> nbformat.NotebookNode:
    return nbformat.read(course / "exercises" / chapter / "build.ipynb", 4)


def hand_in(course: Path, chapter: str, student: str, answers: Mapping[str, str]) -> None:
    """Hand in a released chapter with some answers."""
    folder = course / "submitted" / student / chapter
    shutil.copytree(course / "exercises" / chapter, folder)
    notebook = released(course, chapter)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    nbformat.write(notebook, folder / "build.ipynb")


def own_answers(course: Path) -> dict[str, str]:
    """The template's answers, as a learner writes them."""
    cells = nbformat.read(course / "solutions" / OWN / "build.ipynb", 4).cells
    marked = [(cell.metadata.get("nbgrader", {}), cell.source) for cell in cells]
    return {marks["grade_id"]: without_markers(source) for marks, source in marked if marks.get("solution")}


def points(course: Path, chapter: str, student: str) -> dict[str, tuple[float, float]]:
    """By task what a student got, and the most there is."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        grades = gradebook.find_submission_notebook("build", chapter, student).grades
        return {grade.name.removeprefix("test-"): (grade.score, grade.max_score) for grade in grades}


def with_course_grade(course: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course)
        done = CliRunner().invoke(cli.main, ["grade", OWN, "--no-feedback", "--workers", "2"])
    assert done.exit_code == 0, done.output


def with_nbgrader(course: Path) -> None:
    nbgrader(course, course.parent, "autograde", OWN, "--force")


@pytest.mark.parametrize("grade", [with_course_grade, with_nbgrader])
def test_the_templates_solution_gets_all_points_and_its_stub_none(course: Path, grade: Callable[[Path], None]):
    grade(course)
    assert points(course, OWN, "solver") == {"classifier": (3, 3), "dense-parameters": (2, 2)}
    assert points(course, OWN, "stub") == {"classifier": (0, 3), "dense-parameters": (0, 2)}


def test_the_released_template_has_neither_solutions_nor_hidden_tests(course: Path):
    text = "\n".join(cell.source for cell in released(course, OWN).cells)
    assert (
        "SOLUTION" not in text and "HIDDEN" not in text and "For you alone" not in text and "Why it is so" not in text
    )
    assert "inputs * units" not in text and "dense_parameters(1, 3)" not in text and "rows add up" not in text
    assert text.count("raise NotImplementedError()\n") == 2


def test_the_released_chapter_is_what_the_guide_chooses(course: Path):
    title = released(course, CHAPTER).cells[0].source
    assert re.findall(r"`([\w-]+)` .* (\d+) \|$", title, re.MULTILINE) == [
        ("translate-to-functional", "5"),
        ("translate-to-sequential", "4"),
        ("predict", "14"),
        ("copy-weights", "5"),
        ("strip", "6"),
        ("two-branch", "6"),
    ]


def test_partial_credit_counts_by_the_new_points(course: Path):
    predicted = solution_answers(CHAPTER, "build")["predict"].replace('"total": 160 +', '"total": 161 +')
    hand_in(course, CHAPTER, "ada", {"predict": predicted})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course)
        done = CliRunner().invoke(cli.main, ["grade", CHAPTER, "--no-feedback"])
    assert done.exit_code == 0, done.output
    assert points(course, CHAPTER, "ada") == {
        "translate-to-functional": (0, 5),
        "translate-to-sequential": (0, 4),
        "predict": (12, 14),
        "copy-weights": (0, 5),
        "strip": (0, 6),
        "two-branch": (0, 6),
    }
