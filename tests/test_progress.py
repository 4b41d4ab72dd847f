"""What `course progress` remembers of checks."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from pathlib import Path

from functional_course import cli, progress
from functional_course.checking import Report, TaskReport, answers_digest, check_notebook, read_exercise
from functional_course.cli import console
from functional_course.terminal import Console

import nbformat
import pytest
from click.testing import CliRunner


@pytest.fixture
def course(tmp_path: Path, write_exercise) -> Path:
    """A course with one exercise."""
    (tmp_path / "nbgrader_config.py").touch()
    folder = tmp_path / "exercises" / "00_small"
    folder.mkdir(parents=True)
    write_exercise("value = 42").rename(folder / "small.ipynb")
    return tmp_path


def report(path: Path, earned: float) -> Report:
    """What a check of this notebook could say."""
    answers = answers_digest(read_exercise(path))
    return Report("00_small", "small", (TaskReport("answer", 3, 2, earned),), answers=answers)


def words(course: Path) -> list[str]:
    return [row.word for row in progress.overview(course)]


def test_from_not_checked_to_done(course: Path):
    path = course / "exercises" / "00_small" / "small.ipynb"
    assert words(course) == ["not checked yet"]
    progress.remember(course, path, report(path, 1))
    assert words(course) == ["open"]
    progress.remember(course, path, report(path, 2))
    assert words(course) == ["done"]


def test_a_changed_answer_is_noticed_and_new_outputs_are_not(course: Path):
    path = course / "exercises" / "00_small" / "small.ipynb"
    progress.remember(course, path, report(path, 2))
    notebook = nbformat.read(path, 4)
    notebook.cells[0].execution_count = 7
    nbformat.write(notebook, path)
    assert words(course) == ["done"]
    notebook.cells[0].source = "value = 43"
    nbformat.write(notebook, path)
    assert words(course) == ["changed since"]


def test_a_notebook_saved_while_it_is_checked_has_changed_since(course: Path):
    path = course / "exercises" / "00_small" / "small.ipynb"

    def save(done: int, cells: int) -> None:
        notebook = nbformat.read(path, 4)
        notebook.cells[0].source = "value = 43"
        nbformat.write(notebook, path)

    progress.remember(course, path, check_notebook(path, report=save))
    assert words(course) == ["changed since"]


def test_two_checks_at_once_both_stand(course: Path, monkeypatch: pytest.MonkeyPatch):
    path = course / "exercises" / "00_small" / "small.ipynb"
    other = path.with_name("other.ipynb")
    other.write_bytes(path.read_bytes())
    recall = progress.recall

    def slow(root: Path) -> dict:
        found = recall(root)
        time.sleep(0.2)
        return found

    monkeypatch.setattr(progress, "recall", slow)
    checks = [threading.Thread(target=progress.remember, args=(course, one, report(one, 2))) for one in (path, other)]
    for check in checks:
        check.start()
    for check in checks:
        check.join()
    assert words(course) == ["done", "done"]


@pytest.mark.parametrize(
    "damage", [{"functional_course": "x"}, {"functional_course": []}, {"functional_course": {"cells": "x"}}]
)
def test_metadata_of_another_sort_is_named_and_the_others_are_shown(course: Path, damage: dict):
    path = course / "exercises" / "00_small" / "small.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.metadata.update(damage)
    nbformat.write(notebook, path.with_name("other.ipynb"))
    notebook = nbformat.read(path, 4)
    notebook.cells[0].metadata["nbgrader"] = "x"
    nbformat.write(notebook, path.with_name("third.ipynb"))
    rows = words(course)
    assert "not an exercise of this course" in rows[0]
    assert rows[1] == "not checked yet"
    assert "lacks the cell answer" in rows[2]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"a": 1}', b"\xff"])
def test_a_damaged_store_counts_as_empty(course: Path, damage: bytes):
    (course / progress.STORE).parent.mkdir()
    (course / progress.STORE).write_bytes(damage)
    assert words(course) == ["not checked yet"]


def test_a_damaged_notebook_is_named_and_the_others_are_shown(course: Path):
    (course / "exercises" / "00_small" / "other.ipynb").write_text("{")
    rows = words(course)
    assert "is not JSON" in rows[0]
    assert rows[1] == "not checked yet"


def test_the_command_shows_a_table(course: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(course / "exercises")
    monkeypatch.setattr(console, "out", Console(width=200))
    path = course / "exercises" / "00_small" / "small.ipynb"
    progress.remember(course, path, report(path, 1))
    shown = CliRunner().invoke(cli.main, ["progress"])
    assert shown.exit_code == 0
    assert "exercises/00_small/small.ipynb" in shown.output
    assert "1 of 2" in shown.output


STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
HERE = "chapter 00_small, notebook small"
COMMAND = "course check exercises/00_small/small.ipynb"


def answer(course: Path, source: str) -> Path:
    path = course / "exercises" / "00_small" / "small.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[0].source = source
    nbformat.write(notebook, path)
    return path


def step(course: Path) -> str:
    return progress.next_step(progress.overview(course))


def test_the_next_step_is_the_first_task_that_is_open(course: Path, monkeypatch: pytest.MonkeyPatch):
    task = f"Next: {HERE}, task answer. Put your answer into its cell and run: {COMMAND}"
    unknown = f"Next: see how {HERE} stands: {COMMAND}"
    path = answer(course, STUB)
    assert step(course) == task
    progress.remember(course, path, report(path, 0))
    assert step(course) == task
    answer(course, "value = 41")
    assert step(course) == unknown
    progress.remember(course, path, report(path, 1))
    assert step(course) == task
    answer(course, "value = 42")
    progress.remember(course, path, report(path, 2))
    assert step(course) == "Everything is done."
    monkeypatch.chdir(course)
    monkeypatch.setattr(console, "out", Console(width=200))
    shown = CliRunner().invoke(cli.main, ["progress"])
    assert shown.exit_code == 0 and "Everything is done" in shown.output


def test_with_solutions_the_visible_criteria_alone_are_not_all(course: Path):
    path = answer(course, "value = 42")
    (course / "solutions" / "00_small").mkdir(parents=True)
    (course / "solutions" / "00_small" / "small.ipynb").write_text("{}")
    progress.remember(course, path, report(path, 2))
    assert words(course) == [progress.VISIBLE]
    assert step(course) == f"Next: have the hidden criteria of {HERE} judged: {COMMAND}"
    progress.remember(course, path, replace(report(path, 2), whole=True))
    assert words(course) == [progress.DONE]


def test_a_notebook_that_cannot_be_checked_and_a_course_without_any_are_told(course: Path):
    path = answer(course, STUB)
    path.write_text("{")
    assert step(course).startswith("Next: take a fresh copy of exercises/00_small/small.ipynb")
    path.unlink()
    assert step(course) == "There are no exercises here."


def test_a_store_of_an_earlier_course_is_read(course: Path):
    path = answer(course, "value = 42")
    progress.remember(course, path, report(path, 2))
    stored = json.loads((course / progress.STORE).read_text())
    for standing in stored.values():
        del standing["open"], standing["whole"]
    (course / progress.STORE).write_text(json.dumps(stored))
    assert words(course) == [progress.DONE]


def test_outside_a_course_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(cli.main, ["progress"])
    assert shown.exit_code == 2
    assert "This isn't a checkout of the course" in shown.output
