"""What `course progress` remembers of checks."""

from __future__ import annotations

from pathlib import Path

from functional_course import cli, progress
from functional_course.checking import Report, TaskReport

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


def report(earned: float) -> Report:
    return Report("00_small", "small", (TaskReport("answer", 3, 2, earned),))


def words(course: Path) -> list[str]:
    return [word for _, _, word in progress.overview(course)]


def test_from_not_checked_to_done(course: Path):
    path = course / "exercises" / "00_small" / "small.ipynb"
    assert words(course) == ["not checked yet"]
    progress.remember(course, path, report(1))
    assert words(course) == ["open"]
    progress.remember(course, path, report(2))
    assert words(course) == ["done"]


def test_a_changed_answer_is_noticed_and_new_outputs_are_not(course: Path):
    path = course / "exercises" / "00_small" / "small.ipynb"
    progress.remember(course, path, report(2))
    notebook = nbformat.read(path, 4)
    notebook.cells[0].execution_count = 7
    nbformat.write(notebook, path)
    assert words(course) == ["done"]
    notebook.cells[0].source = "value = 43"
    nbformat.write(notebook, path)
    assert words(course) == ["changed since"]


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
    monkeypatch.setattr(cli, "out", cli.Console(width=200))
    progress.remember(course, course / "exercises" / "00_small" / "small.ipynb", report(1))
    shown = CliRunner().invoke(cli.main, ["progress"])
    assert shown.exit_code == 0
    assert "exercises/00_small/small.ipynb" in shown.output
    assert "1 of 2" in shown.output


def test_outside_a_course_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(cli.main, ["progress"])
    assert shown.exit_code == 2
    assert "This is no checkout of the course" in shown.output
