"""A public function of the checks, the models and the boundary says what it takes and what it raises."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

ROOMS = ("boundary", "checks", "models")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[tuple[str, Function, bool]]:
    """The public functions of a module and the public methods of its public classes, by name.

    With each, whether it may override a method: its class derives from another.
    """
    for node in tree.body:
        if node_is_public(node) and isinstance(node, Function):
            yield node.name, node, False
        elif node_is_public(node) and isinstance(node, ast.ClassDef):
            methods = filter(node_is_public, node.body)
            yield from ((f"{node.name}.{each.name}", each, bool(node.bases)) for each in methods)


def node_is_public(node: ast.stmt) -> bool:
    return isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")


def arguments(function: Function) -> list[str]:
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    return [each.arg for each in named if each.arg not in ("self", "cls")]


def raised(node: ast.AST) -> Iterator[str]:
    """The classes of errors that leave a function that raises them; not what functions inside it do."""
    if isinstance(node, ast.Raise) and node.exc is not None:
        made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = ast.unparse(made).rpartition(".")[2]
        if name[0].isupper():
            yield name
    caught = {name for handler in node.handlers for name in caught_by(handler)} if isinstance(node, ast.Try) else set()
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Function | ast.Lambda | ast.ClassDef):
            stays = caught if isinstance(node, ast.Try) and child in node.body else set()
            yield from (name for name in raised(child) if name not in stays)


def caught_by(handler: ast.ExceptHandler) -> list[str]:
    """The classes that a handler catches, by the names that it gives; none if it raises what it caught again."""
    if handler.type is None or any(isinstance(each, ast.Raise) and each.exc is None for each in ast.walk(handler)):
        return []
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [ast.unparse(kind).rpartition(".")[2] for kind in kinds]


def says_what_it_overrides(function: Function, text: str) -> bool:
    """Whether a docstring leaves the arguments to the method of the same name that this one overrides."""
    return re.match(rf"See :meth:`[~.\w]*\.{function.name}`\.", text) is not None


def section(text: str, title: str) -> str:
    found = re.search(rf"^{title}:\n((?:\s+.*\n?|\n)+)", text, re.MULTILINE)
    return found[1] if found else ""


def left_out(function: Function, may_override: bool = False) -> list[str]:
    """What the docstring doesn't say. Of a function of one argument it may speak in its sentences.

    That of a method may say which one it overrides, and what is different here: then its arguments are that one's.
    """
    text = ast.get_docstring(function)
    if text is None:
        return ["all"]
    names = [] if may_override and says_what_it_overrides(function, text) else arguments(function)
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
            for name, function, may_override in functions(ast.parse(path.read_text(encoding="utf-8"))):
                found[f"{room}/{path.name}: {name}"] = left_out(function, may_override)
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

OVERRIDES = '''
class Mirror(keras.layers.Layer):
    """A layer."""

    def build(self, input_shape):
        """See :meth:`keras.Layer.build`. Another is built."""
'''

CAUGHT = '''
def check():
    """No more."""
    try:
        raise KeyError("this")
    except (KeyError, errors.Other) as error:
        raise ValueError("that")
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
        (OVERRIDES, []),
        (OVERRIDES.replace("Layer.build`", "Layer.call`"), ["input_shape"]),
        (OVERRIDES.replace("(keras.layers.Layer)", ""), ["input_shape"]),
        (OVERRIDES.replace("See :meth:", "As :meth:"), ["input_shape"]),
        (OVERRIDES + "        raise ValueError(1)", ["ValueError"]),
        (CAUGHT, ["ValueError"]),
        (CAUGHT.replace("(KeyError, errors.Other)", "TypeError"), ["KeyError", "ValueError"]),
        (CAUGHT.replace('ValueError("that")', 'KeyError("that")'), ["KeyError"]),
        (CAUGHT.replace(' ValueError("that")', ""), ["KeyError"]),
    ],
)
def test_what_is_left_out_is_found(tmp_path: Path, source: str, missing: list[str]):
    for room in ROOMS:
        (tmp_path / room).mkdir()
    (tmp_path / "checks" / "planted.py").write_text(source)
    assert [*wrong(tmp_path).values()] == ([missing] if missing else [])
