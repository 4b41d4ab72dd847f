"""A run opens its gradebook quickly: SQL is compiled once, what is written stays the same, the rehearsal is private."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from functional_course.grading.gradebook.connecting import KeptEngine
from functional_course.grading.gradebook.scoring import Scorer
from functional_course.grading.running.assignment import Assignment
from functional_course.grading.running.handling import Handling
from functional_course.grading.running.pieces import TakeIn
from functional_course.grading.running.run import Run

import pytest
from nbgrader.api import Gradebook
from small_course import ASSIGNMENT, hand_in, make_course
from sqlalchemy.sql.compiler import SQLCompiler

POINTS = {"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}}


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """One that is released, and that two handed in."""
    course = make_course(tmp_path_factory.mktemp("connecting") / "course")
    for student in ("ann", "ben"):
        hand_in(course, student)
    run = Run(course, ASSIGNMENT)
    run.prepare()
    for student in ("ann", "ben"):
        Handling(run.assignment).take_in(TakeIn(student, ""))
    return run.assignment


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """All SQL that is compiled from here on."""
    found: list[object] = []
    compile_it = SQLCompiler.__init__

    def noted(compiler: SQLCompiler, *arguments, **more) -> None:
        found.append(arguments[1] if len(arguments) > 1 else more.get("statement"))
        compile_it(compiler, *arguments, **more)

    monkeypatch.setattr(SQLCompiler, "__init__", noted)
    return found


def prepared(assignment: Assignment) -> Scorer:
    scorer = assignment.scorer()
    scorer.prepare(list(assignment.released.values()))
    return scorer


def scored(scorer: Scorer, student: str) -> None:
    tests = {index: [POINTS] for index in (3, 5)}
    scorer.score(student, {"small": tests}, {"small": ["A note."]})
    scorer.feedback(student)


def rows(assignment: Assignment) -> dict[str, list[tuple]]:
    """All that the gradebook has, but for the keys that are made at random."""
    with sqlite3.connect(assignment.folders.database) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: sorted(
                tuple(value for value in row if not (isinstance(value, str) and len(value) == 32 and value.isalnum()))
                for row in database.execute(f"SELECT * FROM {table}")
            )
            for table in tables
        }


def files(assignment: Assignment, student: str) -> dict[str, bytes]:
    folders = (folder(student, ASSIGNMENT) for folder in (assignment.folders.autograded, assignment.folders.feedback))
    return {path.name: path.read_bytes() for folder in folders for path in folder.glob("*.*")}


def test_nothing_is_compiled_for_a_submission_after_the_rehearsal(assignment: Assignment, compiled: list[object]):
    scorer = prepared(assignment)
    compiled.clear()
    scored(scorer, "ann")
    assert compiled == []
    scored(assignment.scorer(), "ann")  # as it would be without
    assert len(compiled) > 20


def test_scores_and_pages_are_those_of_nbgrader_alone(assignment: Assignment, tmp_path: Path):
    found = []
    database = assignment.folders.database
    shutil.copy(database, tmp_path)
    for scorer in (assignment.scorer(), prepared(assignment)):
        shutil.copy(tmp_path / database.name, database)
        scored(scorer, "ben")
        found.append((scorer.standing("ben"), rows(assignment), files(assignment, "ben")))
    alone, quick = found
    assert quick[0].points == 6 and len(quick[2]) == 2
    assert (quick[0].points, quick[0].most, sorted(map(str, quick[0].marks))) == (
        alone[0].points,
        alone[0].most,
        sorted(map(str, alone[0].marks)),
    )
    assert quick[1] == alone[1] and quick[2] == alone[2]


def test_the_rehearsal_leaves_nothing_in_the_course(assignment: Assignment):
    course = assignment.root

    def there() -> set[Path]:
        return set(course.rglob("*"))

    before, in_gradebook = there(), rows(assignment)
    prepared(assignment)
    assert there() == before and rows(assignment) == in_gradebook


def test_it_uses_no_hook_of_the_course(assignment: Assignment, monkeypatch: pytest.MonkeyPatch):
    called = []
    monkeypatch.setattr(assignment.config.BaseConverter, "post_convert_hook", lambda **more: called.append(more), False)
    scorer = prepared(assignment)
    assert called == []
    scored(scorer, "ann")
    assert called


def test_nbgrader_opens_gradebooks_in_its_own_way_again(assignment: Assignment):
    own = Gradebook.__init__
    scorer = prepared(assignment)
    with pytest.raises(Exception, match="nbgrader|notebooks"):
        scorer.score("nobody", {})
    assert Gradebook.__init__ is own


def test_a_course_that_nbgrader_does_not_know_is_opened_in_its_way(assignment: Assignment, tmp_path: Path):
    course = make_course(tmp_path / "course")
    scorer = Run(course, ASSIGNMENT).assignment.scorer()
    scorer.keep_engine()
    assert not scorer.known()
    with sqlite3.connect(scorer.folders.database) as database:
        assert database.execute("SELECT id FROM course").fetchall()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///g.db?timeout=3", "postgresql://host/g"])
def test_only_a_plain_file_is_kept_open(url: str):
    assert KeptEngine.of(url) is None


def test_a_file_is(tmp_path: Path):
    kept = KeptEngine.of(f"sqlite:///{tmp_path / 'gradebook.db'}")
    assert kept is not None and kept.database == tmp_path / "gradebook.db"
