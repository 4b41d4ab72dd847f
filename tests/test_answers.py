"""Right answers written otherwise get full marks; tempting wrong ones lose exactly the intended points and hear why.

The answers are in tests/answers/ (see answer_files.py).
"""

from __future__ import annotations

from collections import Counter

import pytest
from answer_files import variant
from bare_notebooks import leave_out_shows
from classroom import NOTEBOOKS, Classroom, solution_answers
from messages import told_too_much

VARIANTS = ("right_1", "right_2", "wrong_1", "wrong_2", "wrong_3")


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
