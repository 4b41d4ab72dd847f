"""Right answers written otherwise get full marks; tempting wrong ones lose exactly the intended points and hear why.

The answers are in tests/answers/ (see answer_files.py). Plain nbgrader grades five learners of the eight, but of these,
one a chapter apart, only what it hasn't graded before on what it rests on (see graded_before.py). With
``COURSE_ANSWERS=all``, as in a job of CI, it grades all of them, with ``COURSE_ANSWERS=right_3,wrong_4`` these, and
writes down what is as it should be; with ``COURSE_BOTH=1`` besides, ``course grade`` grades the same.
"""

from __future__ import annotations

import functools
import itertools
import os
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

import nbformat
import needs
import pytest
from answer_files import RIGHT, VARIANTS, WRONG, variant
from bare_notebooks import leave_out_shows
from classroom import NOTEBOOKS, Classroom, solution_answers
from conftest import ROOT
from graded_before import GradedBefore, rests_on
from messages import told_too_much

ASKED = os.environ.get("COURSE_ANSWERS", "")
CHOSEN = VARIANTS if ASKED == "all" else tuple(filter(None, ASKED.split(",")))
BY_NBGRADER = CHOSEN or (*RIGHT[:2], *WRONG[:3])
ALWAYS = dict(zip(sorted(NOTEBOOKS), itertools.cycle(BY_NBGRADER)))
"""One learner of each chapter, graded in every run."""
BY_COURSE = CHOSEN if os.environ.get("COURSE_BOTH", "") not in ("", "0") else ()
ON_DEMAND = pytest.mark.skipif(not BY_COURSE, reason="test_grading.py has some; COURSE_BOTH=1 for more")


def classes(grader: str) -> list[pytest.ParameterSet]:
    """A class for each chapter, on one worker each."""
    return [pytest.param(chapter, marks=pytest.mark.xdist_group(f"{grader}-{chapter}")) for chapter in NOTEBOOKS]


def handed_in(folder: Path, chapter: str, students: Mapping[str, Collection[str]]) -> Classroom:
    """A class in which each variant is one student, who hands in these notebooks."""
    classroom = Classroom(folder, chapter)
    given = {
        name: {nb: {task: a.source for task, a in variant(chapter, nb, name).items()} for nb in notebooks}
        for name, notebooks in students.items()
    }
    # What the given cells only show, and no answer and no test needs, would be trained and drawn once a variant.
    for nb in NOTEBOOKS[chapter]:
        with classroom.source(nb) as notebook:
            leave_out_shows(notebook, [source for answers in given.values() for source in answers.get(nb, {}).values()])
    classroom.nbgrader("generate_assignment", chapter)
    for name, answers in given.items():
        classroom.hand_in(name, answers)
        for nb in set(NOTEBOOKS[chapter]) - set(answers):
            (classroom.course / "submitted" / name / chapter / f"{nb}.ipynb").unlink()
    return classroom


def graded_before(chapter: str) -> GradedBefore:
    """What is written of a chapter's answers."""
    return GradedBefore(ROOT / "tests" / "answers" / chapter / "graded.json")


@functools.cache
def rests(chapter: str, notebook: str, name: str) -> str:
    """A digest of what a learner's verdicts rest on."""
    asked = nbformat.read(ROOT / "solutions" / chapter / f"{notebook}.ipynb", 4)
    return rests_on(asked, variant(chapter, notebook, name).values())


def is_known(chapter: str, notebook: str, name: str) -> bool:
    """Whether plain nbgrader has graded it as it should."""
    return graded_before(chapter).holds(f"{notebook} {name}", rests(chapter, notebook, name))


def to_grade(chapter: str) -> dict[str, list[str]]:
    """The notebooks that plain nbgrader grades of each learner, of those who have any."""
    found = {
        name: [nb for nb in NOTEBOOKS[chapter] if CHOSEN or name == ALWAYS[chapter] or not is_known(chapter, nb, name)]
        for name in BY_NBGRADER
    }
    return {name: notebooks for name, notebooks in found.items() if notebooks}


@pytest.fixture(scope="module", params=classes("nbgrader"))
def by_nbgrader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """A class graded by plain nbgrader."""
    classroom = handed_in(tmp_path_factory.mktemp("answers"), request.param, to_grade(request.param))
    classroom.nbgrader("autograde", classroom.chapter)
    return classroom


@pytest.fixture(scope="module", params=classes("course"))
def by_course(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """A class graded by ``course grade``."""
    from functional_course.grading.running.grade import grade_class

    students = dict.fromkeys(BY_COURSE, NOTEBOOKS[request.param])
    classroom = handed_in(tmp_path_factory.mktemp("answers"), request.param, students)
    grade_class(classroom.course, classroom.chapter, workers=1, feedback=False)
    return classroom


def faults(classroom: Classroom, name: str, notebooks: Collection[str]) -> list[str]:
    """Where a student's points and messages are not those that they should be."""
    found = []
    for notebook in notebooks:
        got = classroom.graded(name, notebook)
        solution = solution_answers(classroom.chapter, notebook)
        for task, expected in variant(classroom.chapter, notebook, name).items():
            text = got[task].text
            found += [f"{task}: {fault}\n{text}" for fault in expected.unlike(got[task].points, text)]
            told = told_too_much(text, solution[task])
            found += [f"{task} tells {each!r}\n{text}" for each in told if each not in expected.source]
    return found


@pytest.mark.parametrize("name", BY_NBGRADER)
def test_nbgrader_gives_the_points_and_the_messages_that_it_should(by_nbgrader: Classroom, name: str):
    notebooks = to_grade(by_nbgrader.chapter).get(name, ())
    if not notebooks:
        pytest.skip("graded before, and nothing that this rests on has changed; COURSE_ANSWERS=all for all")
    assert not (wrong := faults(by_nbgrader, name, notebooks)), "\n\n".join(wrong)
    if CHOSEN:
        for notebook in notebooks:
            rested = rests(by_nbgrader.chapter, notebook, name)
            graded_before(by_nbgrader.chapter).write(f"{notebook} {name}", rested)


@ON_DEMAND
@needs.sandboxed()
@pytest.mark.parametrize("name", BY_COURSE or ["nobody"])
def test_course_grade_gives_the_points_and_the_messages_that_it_should(by_course: Classroom, name: str):
    assert not (wrong := faults(by_course, name, NOTEBOOKS[by_course.chapter])), "\n\n".join(wrong)


def test_there_are_no_other_files():
    for chapter, notebooks in NOTEBOOKS.items():
        folder = ROOT / "tests" / "answers" / chapter
        assert {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.py")} == {
            f"{notebook}/{name}" for notebook in notebooks for name in VARIANTS
        }


@pytest.mark.parametrize(("chapter", "notebook"), [(chapter, nb) for chapter in NOTEBOOKS for nb in NOTEBOOKS[chapter]])
def test_every_task_has_three_right_answers_and_five_wrong_ones(chapter: str, notebook: str):
    marks = [
        cell.metadata.get("nbgrader", {})
        for cell in nbformat.read(ROOT / "solutions" / chapter / f"{notebook}.ipynb", 4).cells
    ]
    full = {mark["grade_id"].removeprefix("test-"): mark["points"] for mark in marks if mark.get("grade")}
    solution = solution_answers(chapter, notebook)
    right, wrong, texts = Counter(), Counter(), Counter()
    for name in VARIANTS:
        for task, answer in variant(chapter, notebook, name).items():
            assert answer.source != solution[task].strip()
            texts[task, answer.source] += 1
            if answer.points == full[task]:
                right[task] += 1
            else:
                wrong[task] += 1
                assert answer.says, f"{name}, {task}: a wrong answer has to be told why"
    assert set(full) == set(right) == set(wrong)
    assert min(right.values()) >= 3 and min(wrong.values()) >= 5
    assert max(texts.values()) == 1, "an answer stands there twice"
