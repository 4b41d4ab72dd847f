"""Imports point one way: no module and no room of the package needs, even by a detour, one that needs it."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterable
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = "functional_course"
# A room is a folder or a file right below the package. `functional_course.wine` and `functional_course/data` are two.
ROOM = 2


def imported(source: str, modules: Iterable[str]) -> set[str]:
    """The modules that a text imports, at its head or later, those for a type checker apart."""
    found = set()
    for statement in _ran(ast.parse(source)):
        if isinstance(statement, ast.Import):
            found |= {name.name for name in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            longer = {f"{statement.module}.{name.name}" for name in statement.names}
            found |= longer & set(modules) or {statement.module}
    return found & set(modules)


def _ran(tree: ast.AST) -> Iterable[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _ran(node)


def graph(root: Path) -> dict[str, set[str]]:
    """What each module of the package imports of it."""
    files = {}
    for path in (root / PACKAGE).rglob("*.py"):
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        files[name] = path.read_text(encoding="utf-8")
    return {name: imported(source, files) - {name, PACKAGE} for name, source in files.items()}


def rooms(modules: dict[str, set[str]]) -> dict[str, set[str]]:
    """The same between rooms."""

    def room(module: str) -> str:
        return ".".join(module.split(".")[:ROOM])

    found: dict[str, set[str]] = {}
    for module, others in modules.items():
        found.setdefault(room(module), set()).update({room(other) for other in others} - {room(module)})
    return found


def circle(modules: dict[str, set[str]]) -> list[str]:
    """A way that leads back to where it began; empty if there is none."""
    try:
        graphlib.TopologicalSorter(modules).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def test_no_module_needs_one_that_needs_it():
    assert circle(graph(ROOT)) == []


def test_no_room_needs_one_that_needs_it():
    assert circle(rooms(graph(ROOT))) == []


def test_no_room_but_the_command_line_needs_it():
    needed = {other for others in rooms(graph(ROOT)).values() for other in others}
    assert f"{PACKAGE}.cli" not in needed


@pytest.mark.parametrize(
    ("first", "second", "modules", "between_rooms"),
    [
        ("from functional_course.b import two", "import functional_course.a.one", True, True),
        ("from functional_course import b", "def f():\n    from functional_course.a import one", False, True),
        ("from functional_course.b.two import x", "import functional_course.a", False, True),
        ("if TYPE_CHECKING:\n    from functional_course.b import two", "import functional_course.a.one", False, False),
        ("from functional_course.b import two", "import numpy", False, False),
    ],
)
def test_a_circle_is_found(tmp_path: Path, first: str, second: str, modules: bool, between_rooms: bool):
    for name, source in {"a/__init__": "", "a/one": first, "b/__init__": "", "b/two": second, "cli": ""}.items():
        path = tmp_path / PACKAGE / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    found = graph(tmp_path)
    assert (bool(circle(found)), bool(circle(rooms(found)))) == (modules, between_rooms)
