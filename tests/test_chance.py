"""No test asserts that a few letters are absent from a text: an address, a time or a random name holds them one day."""

from __future__ import annotations

import ast
import re

import pytest
from conftest import ROOT

# As many hexadecimal digits as chance soon puts side by side; a mark such as "✗" or "<h1>" is no part of a number.
_BY_CHANCE = re.compile(r"[0-9a-f]{1,6}", re.IGNORECASE)


def chances(source: str) -> list[str]:
    """The comparisons of a test file that are red by chance, each with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Compare) or not isinstance(node.left, ast.Constant):
            continue
        text = node.left.value
        absent = any(isinstance(operator, ast.NotIn) for operator in node.ops)
        if absent and isinstance(text, str) and _BY_CHANCE.fullmatch(text):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def test_no_test_is_red_by_chance():
    files = sorted((ROOT / "tests").rglob("*.py"))
    found = {str(path.relative_to(ROOT)): chances(path.read_text(encoding="utf-8")) for path in files}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("text", ["17", "3", "dead", "0f3", "8080", "4242"])
def test_what_an_address_may_hold_is_found(text: str):
    assert chances(f"def test():\n    assert {text!r} not in out and 1\n") == [f"line 2: {text!r} not in out"]


@pytest.mark.parametrize("line", ["'marzipan' not in out", "'✗' not in out", "'17' in out", "'<h1>' not in page"])
def test_what_chance_does_not_write_is_left_alone(line: str):
    assert chances(f"assert {line}\n") == []
