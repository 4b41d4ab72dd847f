"""What the tests take for nbgrader's word on a new gradebook is what nbgrader says, wherever its command is."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from functional_course.grading.releasing import release

import gradebooks
import pytest
from nbgrader import api
from small_course import ASSIGNMENT, make_course


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course whose gradebook nbgrader makes in its own way, in an environment that is not activated."""
    monkeypatch.setattr(api, "get_alembic_version", gradebooks.nbgraders_own())
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return make_course(tmp_path)


def test_a_release_makes_a_gradebook_of_this_version(course: Path):
    release.release(course, course / "exercises")
    assert (course / "exercises" / ASSIGNMENT / "small.ipynb").is_file()
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [(gradebooks.version(),)]


def test_it_would_not_where_nbgrader_is_left_to_look_for_the_command(course: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(release, "_scripts_on_path", contextlib.nullcontext)
    with pytest.raises(release.ReleaseError, match="alembic"):
        release.release(course, course / "exercises")
