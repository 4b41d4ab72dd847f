"""What the side that judges runs of a teacher's cell: all that tests need, and no training that is only shown."""

from __future__ import annotations

from functional_course.grading.analysis.statements import needed_of
from functional_course.grading.taking_in.plan import Plan
from functional_course.grading.taking_in.roles import Role, released_roles

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

SHOWN = """def make(seed=0):
    return Model(seed, size)


size = 3
rows = load(size)
model = make()
model.fit(rows, size)
print(f"{model.score(rows)} reached")"""


def kept(source: str, *names: str, fixed: tuple[str, ...] = ("make", "load", "Model", "np")) -> list[str]:
    """The lines that are left of a source."""
    return [line for line in needed_of(source, frozenset(names), frozenset(fixed)).split("\n") if line.strip()]


def test_what_is_only_shown_is_left_out_and_lines_keep_their_numbers():
    assert needed_of(SHOWN, frozenset({"make"}), frozenset({"make", "load"})) == "\n".join(SHOWN.split("\n")[:6])
    assert kept(SHOWN.replace("load(size)", "load()"), "size") == ["size = 3"]
    assert kept(SHOWN, "rows") == ["size = 3", "rows = load(size)"]
    assert kept(SHOWN, "other") == []


@pytest.mark.parametrize(
    ("source", "names", "left"),
    [
        # What changes something that is needed is needed.
        ("x = [1]\nx.append(2)\ny = 3", ("x",), ["x = [1]", "x.append(2)"]),
        ("x = [1]\nx[0] = 2", ("x",), ["x = [1]", "x[0] = 2"]),
        ("model = make()\nmodel.fit(x)", ("model",), ["model = make()", "model.fit(x)"]),
        ("model.fit(x)\nshuffle(x)", ("x",), ["shuffle(x)"]),
        ("model.fit(x, callbacks=[note])", ("note",), ["model.fit(x, callbacks=[note])"]),
        (
            "for layer in base.layers:\n    layer.trainable = False",
            ("base",),
            ["for layer in base.layers:", "    layer.trainable = False"],
        ),
        ("part = whole[0]\npart.sort()", ("whole",), ["part = whole[0]", "part.sort()"]),
        # What a function reads may be bound after it, and again after it was called.
        (
            "def f():\n    return w\nw = 1\na = f()\nw = 2",
            ("a",),
            ["def f():", "    return w", "w = 1", "a = f()", "w = 2"],
        ),
        ("once = 1\n@once\ndef f():\n    pass", ("f",), ["once = 1", "@once", "def f():", "    pass"]),
        # A name may be bound twice, or changed by itself.
        ("x = 1\nx = 2\ny = 0", ("x",), ["x = 2"]),
        ("x = 1\nx += 1", ("x",), ["x = 1", "x += 1"]),
        ("x = 1\nif y:\n    x = 2", ("x",), ["x = 1", "if y:", "    x = 2"]),
        ("a, b = 1, 2", ("b",), ["a, b = 1, 2"]),
        # What no name tells of is done.
        ("keras.config.set_floatx('float16')\nx = 1\ny = 2", ("x",), ["keras.config.set_floatx('float16')", "x = 1"]),
        # Nobody can tell.
        ("from x import *\ny = 1", ("z",), ["from x import *", "y = 1"]),
        ("%time x = 1\ny = 2", ("y",), ["%time x = 1", "y = 2"]),
        ("x = 1; y = 2\nz = 3", ("y",), ["x = 1; y = 2", "z = 3"]),
        ("x = (", ("y",), ["x = ("]),
    ],
)
def test_what_is_left(source: str, names: tuple[str, ...], left: list[str]):
    assert kept(source, *names) == left


def test_a_text_of_several_lines_stays_whole():
    source = "x = 1\ntext = '''\n\n  two\n'''\ny = 2"
    assert needed_of(source, frozenset({"text"})) == "\ntext = '''\n\n  two\n'''"


def test_a_plan_has_the_judging_side_define_and_not_train():
    def cell(source: str, **mark: object) -> nbformat.NotebookNode:
        return new_code_cell(source, metadata={"nbgrader": {"schema_version": 3, **mark}} if mark else {})

    locked = {"locked": True, "solution": False, "task": False}
    notebook = new_notebook(
        cells=[
            cell(SHOWN),
            cell("answer = 1", grade_id="one", grade=False, locked=False, solution=True, task=False),
            cell("assert make().size == answer", grade_id="test-one", grade=True, points=1, **locked),
        ]
    )
    given, _, test = Plan(notebook).cells(notebook, released_roles(notebook))
    assert given.role == Role.GIVEN and given.judged
    assert given.source == SHOWN and "fit" not in given.judges and "size = 3" in given.judges
    assert test.judges == ""


STILL_TRAIN = {
    ("04_siamese_similarity", "debug", "`broken-training-pairs`"),
    ("05_vgg_multi_output", "debug", "`broken-swapped-targets`"),
    ("06_transfer_learning", "debug", "`broken-rate-that-forgets`"),
}
"""The cells that hand arrays to functions of their own, which might change them."""


def test_no_other_cell_of_the_course_is_trained_where_answers_are_judged(root):
    found = set()
    for path in sorted(root.glob("solutions/*/*.ipynb")):
        notebook = nbformat.read(path, 4)
        for cell in Plan(notebook).cells(notebook, released_roles(notebook)):
            runs = [line for line in (cell.judges or cell.source).split("\n") if line[:1] not in (" ", ")")]
            trains = any(word in line for line in runs for word in (".fit(", "train(", "tuned("))
            if cell.role == Role.GIVEN and cell.judged and trains:
                found.add((path.parent.name, path.stem, cell.name))
    assert found == STILL_TRAIN
