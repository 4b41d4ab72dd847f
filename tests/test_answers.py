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
from bare_notebooks import leave_out_shows
from classroom import NOTEBOOKS, Classroom, solution_answers
from conftest import ROOT
from messages import told_too_much

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


def variant(chapter: str, notebook: str, name: str) -> dict[str, Answer]:
    return read_answers(ROOT / "tests" / "answers" / chapter / notebook / f"{name}.py")


CLASSES = [pytest.param(chapter, marks=pytest.mark.xdist_group(f"answers-{chapter}")) for chapter in NOTEBOOKS]


@pytest.fixture(scope="module", params=CLASSES)
def graded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """A class in which each variant is one student, graded by plain nbgrader."""
    chapter = request.param
    classroom = Classroom(tmp_path_factory.mktemp("answers"), chapter)
    given = {
        name: {nb: {task: a.source for task, a in variant(chapter, nb, name).items()} for nb in NOTEBOOKS[chapter]}
        for name in VARIANTS
    }
    # What the given cells only show, and no answer and no test needs, would be trained and drawn once a variant.
    for nb in NOTEBOOKS[chapter]:
        with classroom.source(nb) as notebook:
            leave_out_shows(notebook, [source for answers in given.values() for source in answers[nb].values()])
    classroom.nbgrader("generate_assignment", chapter)
    for name, answers in given.items():
        classroom.hand_in(name, answers)
    classroom.nbgrader("autograde", chapter)
    return classroom


@pytest.mark.parametrize("name", VARIANTS)
def test_answers_get_the_points_and_the_messages_that_they_should(graded: Classroom, name: str):
    wrong = []
    for notebook in NOTEBOOKS[graded.chapter]:
        got = graded.graded(name, notebook)
        solution = solution_answers(graded.chapter, notebook)
        for task, expected in variant(graded.chapter, notebook, name).items():
            if got[task].points != expected.points:
                wrong.append(f"{task}: {got[task].points:g} points, expected {expected.points:g}\n{got[task].text}")
            told = told_too_much(got[task].text, solution[task])
            wrong += [f"{task} tells {each!r}\n{got[task].text}" for each in told if each not in expected.source]
            wrong += [
                f"{task} does not say: {said}\n{got[task].text}" for said in expected.says if said not in got[task].text
            ]
    assert not wrong, "\n\n".join(wrong)


def test_every_task_has_two_right_answers_and_three_wrong_ones(graded: Classroom):
    for notebook in NOTEBOOKS[graded.chapter]:
        marks = [cell.metadata.get("nbgrader", {}) for cell in graded.released(notebook).cells]
        full = {mark["grade_id"].removeprefix("test-"): mark["points"] for mark in marks if mark.get("grade")}
        solution = solution_answers(graded.chapter, notebook)
        right, wrong = Counter(), Counter()
        for name in VARIANTS:
            for task, answer in variant(graded.chapter, notebook, name).items():
                assert answer.source != solution[task].strip()
                if answer.points == full[task]:
                    right[task] += 1
                else:
                    wrong[task] += 1
                    assert answer.says, f"{name}, {task}: a wrong answer has to be told why"
        assert set(full) == set(right) == set(wrong), notebook
        assert min(right.values()) >= 2
        assert min(wrong.values()) >= 3
