"""A public function of the checks and the models says what it takes and what it raises."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

ROOMS = ("checks", "models")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """The public functions of a module and the public methods of its public classes, by name."""
    for node in tree.body:
        if node_is_public(node) and isinstance(node, Function):
            yield node.name, node
        elif node_is_public(node) and isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{each.name}", each) for each in filter(node_is_public, node.body))


def node_is_public(node: ast.stmt) -> bool:
    return isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")


def arguments(function: Function) -> list[str]:
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    return [each.arg for each in named if each.arg not in ("self", "cls")]


def raised(node: ast.AST) -> Iterator[str]:
    """The classes of errors that a function raises itself; not what functions inside it do."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(child, ast.Raise) and child.exc is not None:
            made = child.exc.func if isinstance(child.exc, ast.Call) else child.exc
            name = ast.unparse(made).rpartition(".")[2]
            if name[0].isupper():
                yield name
        yield from raised(child)


def section(text: str, title: str) -> str:
    found = re.search(rf"^{title}:\n((?:\s+.*\n?|\n)+)", text, re.MULTILINE)
    return found[1] if found else ""


def left_out(function: Function) -> list[str]:
    """What the docstring doesn't say. Of a function of one argument it may speak in its sentences."""
    text = ast.get_docstring(function)
    if text is None:
        return ["all"]
    names = arguments(function)
    said = section(text, "Args")
    missing = [name for name in names if not re.search(rf"^\s+\*{{0,2}}{name}: ", said, re.MULTILINE)]
    if len(names) == 1 and not said:
        missing = [name for name in names if not re.search(rf"\b{name.removesuffix('s')}", text, re.IGNORECASE)]
    errors = section(text, "Raises")
    return missing + sorted({name for name in raised(function) if f" {name}: " not in errors})


def wrong(package: Path) -> dict[str, list[str]]:
    found = {}
    for room in ROOMS:
        for path in sorted((package / room).glob("*.py")):
            for name, function in functions(ast.parse(path.read_text(encoding="utf-8"))):
                found[f"{room}/{path.name}: {name}"] = left_out(function)
    return {name: missing for name, missing in found.items() if missing}


def test_public_functions_say_what_they_take_and_raise():
    assert wrong(ROOT / "functional_course") == {}


SAID = '''
def check(model, layer, *others):
    """One line.

    Args:
        model: a model.
        layer: a layer.
        *others: more.

    Raises:
        CheckFailed: always.
    """
    if layer:
        raise CheckFailed("this", "that")
    raise errors.CheckFailed("this")
'''


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        (SAID, []),
        (SAID.replace("        layer: a layer.\n", ""), ["layer"]),
        (SAID.replace("        *others: more.\n", ""), ["others"]),
        (SAID.replace("        CheckFailed: always.\n", "        ValueError: never.\n"), ["CheckFailed"]),
        (SAID.replace("check(", "_check(").replace("One", "No"), []),
        ("def count(model):\n    '''How many layers a model has.'''", []),
        ("def count(model):\n    '''How many there are.'''", ["model"]),
        ("def count(model):\n    return 1", ["all"]),
        ("class Graph:\n    '''A graph.'''\n\n    def find(self, name):\n        '''What there is.'''", ["name"]),
        ("class _Own:\n    def find(self, name):\n        return name", []),
        ("def f():\n    '''No more.'''\n    try:\n        g()\n    except E as error:\n        raise error", []),
        ("def f():\n    '''No more.'''\n\n    def g():\n        raise KeyError(1)\n\n    return g", []),
    ],
)
def test_what_is_left_out_is_found(tmp_path: Path, source: str, missing: list[str]):
    for room in ROOMS:
        (tmp_path / room).mkdir()
    (tmp_path / "checks" / "planted.py").write_text(source)
    assert [*wrong(tmp_path).values()] == ([missing] if missing else [])
