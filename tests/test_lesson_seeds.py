"""A page that trains, and then asserts, draws no weights before it sets the seed: now and then it would be red."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from functional_course.notebooks import course_root
from functional_course.notebooks.reading import read_notebook

import pytest
from conftest import ROOT
from IPython.core.inputtransformer2 import TransformerManager

PAGES = [
    *course_root.chapter_notebooks(ROOT),
    *course_root.reference_notebooks(ROOT),
    ROOT / "book" / "index.ipynb",
]
DRAW = ("Dense", "Conv", "Depthwise", "Separable", "EinsumDense", "Embedding", "LSTM", "GRU", "SimpleRNN", "MultiHead")
"""What the layers are called that draw weights, or how their names begin."""


def _named(call: ast.expr) -> str:
    return call.attr if isinstance(call, ast.Attribute) else call.id if isinstance(call, ast.Name) else ""


class _Page:
    """The code of a page in the order of its statements, and what its own functions and classes call."""

    def __init__(self, sources: Iterable[str]) -> None:
        self.statements = [statement for source in sources for statement in ast.parse(source).body]
        self._own = {
            each.name: each
            for statement in self.statements
            for each in ast.walk(statement)
            if isinstance(each, (ast.FunctionDef, ast.ClassDef))
        }

    def calls(self, node: ast.AST, within: frozenset[str] = frozenset()) -> Iterable[ast.Call]:
        """The calls that a statement makes, in order, and those that the page's own functions make in it."""
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            return
        for child in ast.iter_child_nodes(node):
            yield from self.calls(child, within)
        if isinstance(node, ast.Call):
            yield node
            name = _named(node.func)
            if name in self._own and name not in within:
                yield from self._inside(self._own[name], within | {name})

    def _inside(self, own: ast.FunctionDef | ast.ClassDef, within: frozenset[str]) -> Iterable[ast.Call]:
        for statement in own.body:
            if isinstance(statement, ast.FunctionDef) and isinstance(own, ast.ClassDef):
                yield from self._inside(statement, within)
            else:
                yield from self.calls(statement, within)


def drawn_unseeded(sources: Iterable[str]) -> list[str]:
    """The statements of a page that trains which keep something whose weights were drawn before its first seed."""
    page = _Page(sources)
    every = [each for statement in page.statements for each in ast.walk(statement)]
    if not any(isinstance(each, ast.Call) and _named(each.func) == "fit" for each in every):
        return []
    if not any(isinstance(each, ast.Assert) for each in every):
        return []
    found = []
    for statement in page.statements:
        for call in page.calls(statement):
            if _named(call.func) == "set_random_seed":
                return found
            # What is only drawn or printed is gone before anything is trained.
            if _named(call.func).startswith(DRAW) and not isinstance(statement, ast.Expr):
                found.append(ast.unparse(statement))
                break
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_weights_are_drawn_before_the_seed(path: Path):
    plain = TransformerManager().transform_cell
    code = [plain(cell.source) for cell in read_notebook(path).cells if cell.cell_type == "code"]
    assert drawn_unseeded(code) == []


SEED = "keras.utils.set_random_seed(0)"
MODEL = "model = keras.Sequential([layers.Dense(2)])"
TRAIN = "model.fit(x, y)\nassert model.evaluate(x, y) < 1"
OWN = "class Own:\n    def __init__(self):\n        self.d = layers.Dense(2)"
BUILT = "def build():\n    return keras.Sequential([layers.Dense(2)])"


@pytest.mark.parametrize(
    ("cells", "drawn"),
    [
        ([SEED, MODEL, TRAIN], []),
        ([MODEL, SEED, TRAIN], [MODEL]),
        ([MODEL, TRAIN], [MODEL]),
        ([BUILT, "model = build()", SEED, TRAIN], ["model = build()"]),
        ([BUILT, SEED, "model = build()", TRAIN], []),
        (
            [OWN, "d = Own()", SEED, TRAIN],
            ["d = Own()"],
        ),
        ([MODEL, "model.summary()"], []),
        ([MODEL, "model.fit(x, y)"], []),
        (["draw(keras.Sequential([layers.Dense(2)]))", SEED, MODEL, TRAIN], []),
        (["line = layers.Flatten()", SEED, MODEL, TRAIN], []),
    ],
)
def test_weights_that_are_drawn_before_the_seed_are_seen(cells: list[str], drawn: list[str]):
    assert drawn_unseeded(cells) == drawn
