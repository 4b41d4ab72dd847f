"""A public class of the package has a name of its own, so that a name that is read means one thing."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = "functional_course"
TWICE = {
    "About": "what there is to know of a layer, and the keys that it has on its way",
    "Answer": "what one process sends back to another: at the boundary for a request, to the grader for a notebook",
    "Call": "a call in a model's graph, and the message that tells of it",
    "Graph": "a model's graph, and the message that tells of it",
    "Network": "what an experiment trains, in each of two experiments",
    "ProcessorTime": "where there is a sandbox, and where there is none",
    "Result": "what came of a test in `course check`, and of a notebook in `course grade`",
    "Spec": "a tensor's shape and dtype, and the keys that they have on their way",
    "State": "a layer's state, and the keys that it has on its way",
}
"""The names that two classes may share, and what for."""


@cache
def shared(root: Path) -> dict[str, list[str]]:
    """The names of public classes that stand in more than one module, with these modules."""
    found: dict[str, list[str]] = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(statement, ast.ClassDef) and not statement.name.startswith("_"):
                found.setdefault(statement.name, []).append(path.relative_to(root / PACKAGE).as_posix())
    return {name: modules for name, modules in found.items() if len(modules) > 1}


def test_a_public_class_has_a_name_of_its_own():
    assert {name: modules for name, modules in shared(ROOT).items() if name not in TWICE} == {}


def test_no_third_class_has_a_name_that_two_may_share():
    assert {name: modules for name, modules in shared(ROOT).items() if len(modules) > 2} == {}


def test_a_name_that_is_no_longer_shared_comes_off_the_list():
    assert set(TWICE) - set(shared(ROOT)) == set()


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("class Row:\n    pass", "class Row(list):\n    pass", {"Row": ["a/one.py", "b.py"]}),
        ("class _Row:\n    pass", "class _Row:\n    pass", {}),
        ("class Row:\n    pass", "from functional_course.a.one import Row", {}),
        ("class Row:\n    class Cell:\n        pass", "class Cell:\n    pass", {}),
    ],
)
def test_a_name_that_two_classes_share_is_found(tmp_path: Path, first: str, second: str, found: dict[str, list[str]]):
    for name, source in {"a/one": first, "b": second}.items():
        path = tmp_path / PACKAGE / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    assert shared(tmp_path) == found
