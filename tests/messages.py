"""What no message to a learner may hold: a class of the grader's own, an address in memory, a line of the solution."""

from __future__ import annotations

import ast
import functools
import re

from conftest import ROOT

_GRADERS = ("boundary", "checking", "grading", "kernels", "sandbox")
_LONG = 24
"""A shorter line, such as ``return model``, may stand in a message by chance."""


@functools.cache
def graders_classes() -> frozenset[str]:
    """The classes of the grader whose names are no words, such as ``CannotCross`` and ``_Unjudged``."""
    names = {
        node.name
        for part in _GRADERS
        for path in (ROOT / "functional_course" / part).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    return frozenset(name for name in names if re.fullmatch(r"_[A-Z]\w+|[A-Z][a-z]+[A-Z]\w+", name))


def told_too_much(text: str, solution: str) -> list[str]:
    """What a message holds and shouldn't.

    Args:
        text: what a test cell says.
        solution: the instructor's answer to the task.
    """
    lines = [line.strip() for line in solution.splitlines()]
    found = [line for line in lines if len(line) >= _LONG and line in text]
    found += [name for name in sorted(graders_classes()) if re.search(rf"(?<!\w){name}(?!\w)", text)]
    return found + re.findall(r"0x[0-9a-fA-F]{6,}", text)
