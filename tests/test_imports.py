"""Imports point one way: no module and no room of the package needs, even by a detour, one that needs it."""

from __future__ import annotations

import ast
import functools
import graphlib
from collections.abc import Iterable
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = "functional_course"
# A room is a folder or a file right below the package, such as `functional_course/data` and `functional_course/rubric`.
# Grading has rooms of its own.
IN_GRADING = f"{PACKAGE}.grading"


def named(source: str) -> set[str]:
    """What a text imports, at its head or later, apart from what is for a type checker: modules, and names of them."""
    found = set()
    for statement in _ran(ast.parse(source)):
        if isinstance(statement, ast.Import):
            found |= {name.name for name in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            found |= {f"{statement.module}.{name.name}" for name in statement.names}
    return found


def imported(source: str, modules: Iterable[str]) -> set[str]:
    """The modules among these that a text imports."""
    known = set(modules)
    return {name if name in known else name.rpartition(".")[0] for name in named(source)} & known


def _ran(tree: ast.AST) -> Iterable[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _ran(node)


@functools.cache
def graph(root: Path) -> dict[str, set[str]]:
    """What each module of the package imports of it."""
    files = {}
    for path in (root / PACKAGE).rglob("*.py"):
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        files[name] = path.read_text(encoding="utf-8")
    return {name: imported(source, files) - {name, PACKAGE} for name, source in files.items()}


def rooms(modules: dict[str, set[str]], below: str = PACKAGE) -> dict[str, set[str]]:
    """The same between the rooms of a folder."""

    def room(module: str) -> str:
        return ".".join(module.split(".")[: below.count(".") + 2])

    found: dict[str, set[str]] = {}
    for module, others in modules.items():
        if module.startswith(f"{below}."):
            inside = {room(other) for other in others if other.startswith(f"{below}.")}
            found.setdefault(room(module), set()).update(inside - {room(module)})
    return found


def with_nbgrader(root: Path) -> list[str]:
    """The modules of the rooms that `course check` uses that need nbgrader, which a learner's environment may lack."""
    ours = tuple(f"{IN_GRADING}.{room}." for room in ("analysis", "taking_in", "executing", "judging"))
    found = []
    for module, others in graph(root).items():
        if module.startswith(ours):
            inside = {f"{other}." for other in others if other.startswith(f"{IN_GRADING}.")}
            text = (root / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
            from_it = any(name.partition(".")[0] == "nbgrader" for name in named(text))
            if from_it or not all(other.startswith(ours) for other in inside):
                found.append(module)
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


def test_no_room_of_grading_needs_one_that_needs_it():
    within = rooms(graph(ROOT), IN_GRADING)
    assert len(within) > 5, "a folder with modules in it is a room"
    assert circle(within) == []


def test_what_a_learner_checks_with_needs_no_nbgrader():
    assert with_nbgrader(ROOT) == []


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


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("from functional_course.grading.b.two import x", "from functional_course.grading.a.one import x", True),
        ("from functional_course.grading.b.two import x", "def f():\n    import functional_course.grading.a.one", True),
        ("from functional_course.grading.b import two", "import functional_course.cli", False),
    ],
)
def test_a_circle_of_rooms_inside_grading_is_found(tmp_path: Path, first: str, second: str, found: bool):
    texts = {"__init__": "", "a/__init__": "", "a/one": first, "a/three": "", "b/__init__": "", "b/two": second}
    for name, source in texts.items():
        path = tmp_path / PACKAGE / "grading" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    (tmp_path / PACKAGE / "cli.py").write_text("")
    assert bool(circle(rooms(graph(tmp_path), IN_GRADING))) == found


@pytest.mark.parametrize("line", ["from nbgrader.api import Gradebook", "import functional_course.grading.book.scores"])
def test_a_module_that_a_learner_checks_with_and_that_needs_nbgrader_is_found(tmp_path: Path, line: str):
    texts = {"taking_in/plan": "import nbformat", "judging/verdicts": line, "book/scores": "import nbgrader"}
    for name, source in texts.items():
        path = tmp_path / PACKAGE / "grading" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    assert with_nbgrader(tmp_path) == ["functional_course.grading.judging.verdicts"]
