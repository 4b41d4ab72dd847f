"""What several test files share: the course's folder, and small notebooks made on the spot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gradebooks
import keras_as_it_was
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout under test."""
    return ROOT


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Before the fixtures of each test: new gradebooks need no process of their own."""
    gradebooks.make_quick()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a file run on one worker, where what they share is made once. Some files share something, too."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="module", autouse=True)
def keras_is_left_as_it_was() -> Iterator[None]:
    """The next file on this worker finds Keras new, whatever this one has judged."""
    yield
    keras_as_it_was.restore()


ANSWER = "answer"
TEST = f"""\
from functional_course.rubric import Rubric

rubric = Rubric("{ANSWER}", points=3, read="Chapter 0, section 1")
with rubric.criterion(2, "value is 42"):
    assert value == 42, f"value is {{value}}"
rubric.score()"""


def exercise(answer: str, test: str = TEST) -> nbformat.NotebookNode:
    """A released exercise notebook with one task, which needs no Keras."""
    common = {"schema_version": 3, "task": False}
    answer_mark = {"grade_id": ANSWER, "grade": False, "solution": True, "locked": False} | common
    test_mark = {"grade_id": f"test-{ANSWER}", "grade": True, "solution": False, "locked": True, "points": 3} | common
    notebook = new_notebook(
        cells=[
            new_code_cell(answer, id="answer", metadata={"nbgrader": answer_mark}),
            new_code_cell(test, id="test", metadata={"nbgrader": test_mark}),
        ]
    )
    notebook.metadata["functional_course"] = {
        "chapter": "00_small",
        "notebook": "small",
        "cells": {ANSWER: None, f"test-{ANSWER}": 3},
    }
    return notebook


@pytest.fixture
def write_exercise(tmp_path: Path):
    """Write such a notebook with a given answer and return its path."""

    def write(answer: str, test: str = TEST, name: str = "small.ipynb") -> Path:
        path = tmp_path / name
        nbformat.write(exercise(answer, test), path)
        return path

    return write
