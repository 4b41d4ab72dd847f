"""Right answers written otherwise get full marks; tempting wrong ones lose exactly the intended points and hear why.

Each file in tests/answers/CHAPTER/NOTEBOOK/ is one learner's notebook: a cell a task, with the points that it should
get and, for a wrong answer, a part of the message that the learner should find.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from classroom import CHAPTER, NOTEBOOKS, Classroom, solution_answers
from conftest import ROOT

pytestmark = pytest.mark.xdist_group("answers")

VARIANTS = ("right_1", "right_2", "wrong_1", "wrong_2", "wrong_3")


@dataclass(frozen=True)
class Answer:
    """One learner's answer to one task."""

    task: str
    points: float
    says: tuple[str, ...]
    source: str


def read_answers(path: Path) -> dict[str, Answer]:
    """The answers in one file, by task."""
    answers = {}
    for part in re.split(r"^# %% ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        task, body = part.split("\n", 1)
        points = re.search(r"^# points: ([\d.]+)\n", body, re.MULTILINE)
        assert points, f"{path.name}, {task}: no line '# points:'"
        says = tuple(re.findall(r"^# says: (.+)$", body, re.MULTILINE))
        source = re.sub(r"^# (?:points|says):.*\n?", "", body, flags=re.MULTILINE).strip()
        answers[task.strip()] = Answer(task.strip(), float(points.group(1)), says, source)
    return answers


def variant(notebook: str, name: str) -> dict[str, Answer]:
    return read_answers(ROOT / "tests" / "answers" / CHAPTER / notebook / f"{name}.py")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """A class in which each variant is one student, graded by plain nbgrader."""
    classroom = Classroom(tmp_path_factory.mktemp("answers"))
    classroom.nbgrader("generate_assignment", CHAPTER)
    for name in VARIANTS:
        given = {nb: {task: a.source for task, a in variant(nb, name).items()} for nb in NOTEBOOKS}
        classroom.hand_in(name, given)
    classroom.nbgrader("autograde", CHAPTER)
    return classroom


CASES = [(nb, name, task) for nb in NOTEBOOKS for name in VARIANTS for task in variant(nb, name)]


@pytest.mark.parametrize(("notebook", "name", "task"), CASES)
def test_an_answer_gets_the_points_and_the_message_that_it_should(graded, notebook: str, name: str, task: str):
    expected, got = variant(notebook, name)[task], graded.graded(name, notebook)[task]
    assert got.points == expected.points, got.text
    for phrase in expected.says:
        assert phrase in got.text


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_task_has_two_right_answers_and_three_wrong_ones(notebook: str, graded):
    full = {task: float(points) for task, points in _points(graded, notebook).items()}
    right, wrong = Counter(), Counter()
    for name in VARIANTS:
        for task, answer in variant(notebook, name).items():
            assert answer.source != solution_answers(notebook)[task].strip()
            if answer.points == full[task]:
                right[task] += 1
            else:
                wrong[task] += 1
                assert answer.says, f"{name}, {task}: a wrong answer has to be told why"
    assert set(full) == set(right) == set(wrong)
    assert min(right.values()) >= 2
    assert min(wrong.values()) >= 3


def _points(classroom: Classroom, notebook: str) -> dict[str, float]:
    marks = [cell.metadata.get("nbgrader", {}) for cell in classroom.released(notebook).cells]
    return {mark["grade_id"].removeprefix("test-"): mark["points"] for mark in marks if mark.get("grade")}
