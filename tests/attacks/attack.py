"""What an attack is, and the small assignment that all of them are handed in for."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ASSIGNMENT, NAME, POINTS = "00_attacked", "build", 3

SET_UP = """\
from functional_course import checks

import keras
import numpy as np

readings = np.random.default_rng(3).normal(size=(12,))
given = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, name="inside")], name="given")
given.set_weights([np.eye(4) * 2, np.arange(4)])"""

ANSWERS = {
    "spread": "spread = float(readings.max() - readings.min())",
    "rescale": ("def rescale(x, low, high):\n    return low + (high - low) * (x - x.min()) / (x.max() - x.min())"),
    "skip": (
        'row = keras.Input((4,), name="row")\nskip = keras.Model(row, row + keras.layers.Dense(4, name="inner")(row))'
    ),
    "twin": (
        "twin = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])\ntwin.set_weights(given.get_weights())"
    ),
    "Gain": """\
class Gain(keras.layers.Layer):
    def build(self, shape):
        self.gain = self.add_weight(shape=(shape[-1],), initializer="ones", name="gain")

    def call(self, x):
        return x * self.gain""",
}
"""The right answers, by task."""

JUNK = {
    "spread": "spread = -1.0",
    "rescale": "def rescale(x, low, high):\n    return None",
    "skip": 'row = keras.Input((4,), name="row")\nskip = keras.Model(row, keras.layers.Dense(3)(row))',
    "twin": "twin = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])",
    "Gain": "class Gain(keras.layers.Layer):\n    def call(self, x):\n        return x * 0",
}
"""Answers that earn nothing."""

VISIBLE = {
    "spread": 'with rubric.criterion(1, "the spread is above 0"):\n    assert spread > 0',
    "rescale": """\
with rubric.criterion(1, "0, 5, 10 between 0 and 1"):
    assert np.max(np.abs(rescale(np.array([0.0, 5.0, 10.0]), 0, 1) - [0, 0.5, 1])) < 1e-9""",
    "skip": """\
with rubric.criterion(1, "(None, 4) in and out, 20 parameters"):
    checks.check_outputs(skip, [(None, 4)])
    checks.check_parameters(skip, total=20)""",
    "twin": """\
with rubric.criterion(1, "20 parameters"):
    checks.check_parameters(twin, total=20)""",
    "Gain": """\
with rubric.criterion(1, "one gain a number"):
    row = keras.Input((5,))
    checks.check_parameters(keras.Model(row, Gain()(row)), total=5)""",
}

HIDDEN = {
    "spread": """\
with rubric.criterion(2, "the very number", hidden=True):
    assert abs(spread - float(np.ptp(readings))) < 1e-9""",
    "rescale": """\
SECRET = 424242.25
with rubric.criterion(2, "other numbers", hidden=True):
    cases = [np.random.default_rng(seed).normal(size=(9,)) * SECRET for seed in range(3)]
    found = [rescale(case, -2, 7) for case in cases]
    right = [np.interp(case, [case.min(), case.max()], [-2, 7]) for case in cases]
    assert all(list(map(np.shape, found))[0] == (9,) for _ in cases)
    assert max(float(np.max(np.abs(one - other))) for one, other in zip(found, right)) < 1e-9""",
    "skip": """\
with rubric.criterion(2, "the function that was asked for", hidden=True):
    numbers = np.random.default_rng(5)
    kernel, bias, rows = numbers.normal(size=(4, 4)), numbers.normal(size=(4,)), numbers.normal(size=(6, 4))
    skip.set_weights([kernel, bias])
    computed = checks.outputs_of(skip, rows.astype("float32"))[0]
    assert computed.shape == (6, 4) and np.max(np.abs(computed - (rows + rows @ kernel + bias))) < 1e-4""",
    "twin": """\
with rubric.criterion(2, "it computes what the given model computes", hidden=True):
    rows = np.random.default_rng(6).normal(size=(6, 4)).astype("float32")
    one, other = checks.outputs_of(twin, rows)[0], checks.outputs_of(given, rows)[0]
    assert one.shape == other.shape and np.max(np.abs(one - other)) < 1e-5""",
    "Gain": """\
with rubric.criterion(2, "each number times its gain", hidden=True):
    row = keras.Input((3,))
    model = keras.Model(row, Gain()(row))
    model.set_weights([np.array([2.0, -1.0, 0.5])])
    rows = np.random.default_rng(7).normal(size=(4, 3)).astype("float32")
    assert np.max(np.abs(checks.outputs_of(model, rows)[0] - rows * [2, -1, 0.5])) < 1e-5""",
}


def _marks(grade_id: str, **marks: Any) -> dict[str, Any]:
    usual = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "task": False}
    return {"nbgrader": {"grade_id": grade_id, **usual, **marks}}


def test_cell(task: str) -> str:
    """The text of a task's test, hidden part included."""
    return (
        f'rubric = checks.Rubric("{task}", points={POINTS}, read="Chapter 0")\n{VISIBLE[task]}\n'
        f"### BEGIN HIDDEN TESTS\n{HIDDEN[task]}\n### END HIDDEN TESTS\nrubric.score()"
    )


test_cell.__test__ = False


def instructors() -> nbformat.NotebookNode:
    """The instructor's notebook, in a format whose cells have no ids: a learner's file could give them some."""
    cells = [new_code_cell(SET_UP, id="set-up", metadata=_marks("set-up", locked=True))]
    for task, answer in ANSWERS.items():
        solved = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
        cells.append(new_code_cell(solved, id=f"a-{task}", metadata=_marks(task, solution=True)))
        marks = _marks(f"test-{task}", grade=True, locked=True, points=POINTS)
        cells.append(new_code_cell(test_cell(task), id=f"t-{task}", metadata=marks))
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["functional_course"] = {"chapter": ASSIGNMENT, "notebook": NAME}
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    return notebook


@dataclass(frozen=True)
class Attack:
    """One submission.

    Args:
        name: of the attack, and of the student who hands it in.
        about: what it tries, in a sentence.
        task: the one task that it answers, wrongly; the others are answered well. None: all answers are junk.
        cell: the text of that answer, or, without a task, of a cell of the learner's own before all answers.
        answers: further answers, by task.
        deserved: the points that it deserves, by task, where that is not 0 for what it attacks and all for the rest.
            None for a task means that it took the place of all answers: nothing, unless its cell was left out.
        hands_in: writes the submission: called with its folder and the released notebook with these answers in it.
        says: a part of what the teacher's report has to say.
        ways: how many things it tries; a submission takes seconds to grade.
    """

    name: str
    about: str
    task: str | None = None
    cell: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    deserved: Mapping[str, float | None] = field(default_factory=dict)
    hands_in: Callable[[Path, nbformat.NotebookNode], None] | None = None
    says: str = ""
    ways: int = 1

    def notebook(self, released: nbformat.NotebookNode) -> nbformat.NotebookNode:
        """The released notebook with the attack in it."""
        text = textwrap.dedent(self.cell).strip()
        if self.hands_in is not None:
            given = dict(ANSWERS)
        else:
            given = {**ANSWERS, self.task: text} if self.task else dict(JUNK)
        given |= self.answers
        for cell in released.cells:
            task = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = given.get(task, cell.source)
        if self.task is None and text:
            released.cells.insert(1, new_code_cell(text))
        return released

    def points(self) -> dict[str, float | None]:
        """What it deserves, by task."""
        bad = set(ANSWERS) if self.task is None and self.hands_in is None else {self.task}
        return {task: 0.0 if task in bad else float(POINTS) for task in ANSWERS} | dict(self.deserved)


def breaking(task: str) -> dict[str, float | None]:
    """What an attack deserves that takes the place of all answers: nothing, or once it was left out, the others'."""
    return {**dict.fromkeys(ANSWERS, None), task: 0.0}


def rescaling(name: str, about: str, body: str, **more: Any) -> Attack:
    """An attack by the function ``rescale``: ``body`` is what it does with ``x``, ``low`` and ``high``."""
    inside = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    return Attack(name, about, task="rescale", cell=f"def rescale(x, low, high):\n{inside}", **more)
