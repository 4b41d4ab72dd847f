"""Each solution gets full marks from ``course grade`` on another backend: ``make test BACKEND=torch`` has it graded."""

from __future__ import annotations

import os
from pathlib import Path

import needs
import pytest
from classroom import NOTEBOOKS
from graded_backends import SOLUTION, graded

BACKEND = os.environ.get("KERAS_BACKEND", "tensorflow")

pytestmark = [
    needs.sandboxed(),
    pytest.mark.skipif(
        BACKEND == "tensorflow", reason="make test BACKEND=torch or jax; the other tests grade on this one"
    ),
]


@pytest.mark.parametrize(
    "chapter", [pytest.param(name, marks=pytest.mark.xdist_group(f"graded-{name}")) for name in NOTEBOOKS]
)
def test_a_solution_gets_full_marks(tmp_path: Path, chapter: str):
    found = graded(tmp_path, chapter, NOTEBOOKS[chapter], [SOLUTION], BACKEND)
    assert set(found) == {f"{chapter}/{name}" for name in NOTEBOOKS[chapter]}
    for name, students in found.items():
        each = students[SOLUTION]
        assert sum(each["points"].values()) == each["most"] > 0, f"{name}: {each}"
