"""The keys and tags of the boundary's messages stand in one table, and are written as texts nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from conftest import ROOT

BOUNDARY = ROOT / "functional_course" / "boundary"
TABLE = "tags"
KERASS = {
    "configs": {"config", "function", "module"},
    "layers": {"config", "training"},
    "packing": {"config"},
    "standing_in": {"call"},
    "states": {"name", "trainable"},
}
"""What Keras itself calls parts of its configurations, methods and arguments, in the modules that read those."""


def tags(table: str) -> dict[str, str]:
    """The texts in the table, each with the name that it has there."""
    return {
        each.value.value: f"{group.name}.{each.target.id}"
        for group in ast.parse(table).body
        if isinstance(group, ast.ClassDef)
        for each in group.body
        if isinstance(each, ast.AnnAssign)
        and isinstance(each.target, ast.Name)
        and isinstance(each.value, ast.Constant)
    }


def keys(source: str) -> Iterator[tuple[int, str]]:
    """The texts that a module uses as keys or compares with, each with its line."""
    for node in ast.walk(ast.parse(source)):
        used: list[ast.expr | None] = []
        if isinstance(node, ast.Dict):
            used = list(node.keys)
        elif isinstance(node, ast.Subscript):
            used = [node.slice]
        elif isinstance(node, ast.Compare):
            used = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            used = node.args[:1] if node.func.attr in ("get", "pop", "request", "request_unread", "setdefault") else []
        for each in used:
            for part in each.elts if isinstance(each, (ast.Tuple, ast.List, ast.Set)) else [each]:
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.lineno, part.value


def written(source: str, table: str, kerass: set[str] = frozenset()) -> list[str]:
    """The keys and tags that a module writes as texts."""
    named = tags(table)
    return [
        f"line {line}: {text!r}, which is {named[text]}"
        for line, text in keys(source)
        if text in named and text not in kerass
    ]


def test_keys_and_tags_are_written_nowhere_but_in_the_table():
    table = (BOUNDARY / f"{TABLE}.py").read_text(encoding="utf-8")
    found = {
        path.name: written(path.read_text(encoding="utf-8"), table, KERASS.get(path.stem, set()))
        for path in sorted(BOUNDARY.glob("*.py"))
        if path.stem != TABLE
    }
    assert len(found) > 20
    assert not {name: lines for name, lines in found.items() if lines}


def test_every_entry_says_what_stands_under_it():
    table = (BOUNDARY / f"{TABLE}.py").read_text(encoding="utf-8")
    assert len(re.findall(r"^    [A-Z_]+: Final = ", table, re.MULTILINE)) > 90
    groups = [node for node in ast.parse(table).body if isinstance(node, ast.ClassDef)]
    assert groups and all(ast.get_docstring(group) for group in groups)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('header["kind"]', True),
        ('header.get("kind")', True),
        ('{"kind": 1}', True),
        ('{**header, "kind": 1}', True),
        ('header[x] == "request"', True),
        ('header[x] in ("answer", "error")', True),
        ('peer.request("call", [])', True),
        ("header[Key.KIND]", False),
        ('header["shown"]', False),
        ('raise BoundaryError("kind")', False),
    ],
)
def test_a_text_in_the_place_of_a_tag_is_found(source: str, found: bool):
    table = (BOUNDARY / f"{TABLE}.py").read_text(encoding="utf-8")
    assert bool(written(source, table)) == found


def test_a_word_of_kerass_is_let_through_only_where_it_is_said():
    table = 'class Key:\n    CONFIG: Final = "config"'
    assert written('part["config"]', table) == ["line 1: 'config', which is Key.CONFIG"]
    assert written('part["config"]', table, {"config"}) == []
