"""Which names a cell defines, and which an answer must define for its test."""

from __future__ import annotations

import ast
import builtins
import functools
import re
from collections.abc import Sequence

# A learner's text is read line by line and never parsed: Python's parser can be brought down by what it is given,
# and an answer with a slip in it still has a name.
_DEFINED = re.compile(r"(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_ASSIGNED = re.compile(r"([*(\[]*[A-Za-z_]\w*(?:[ \t,*()\[\]]+[A-Za-z_]\w*)*[)\], \t]*)(?::[^=\n]*)?=(?!=)")
_ONLY_DEFINES = re.compile(r"(?:async[ \t]+def|def|class|import|from)[ \t]|[)\]}]")
_CALL = re.compile(r"\w[(\[]")
_LONGEST_LINE, _LONGEST_TEXT, _LONGEST_CHAIN = 300, 200_000, 8


def defined(text: str) -> frozenset[str]:
    """The names that the unindented lines of a text define as functions, classes or variables."""
    return _functions(text) | _variables(text)


def _functions(text: str) -> frozenset[str]:
    return frozenset(found[1] for line in _lines(text) if (found := _DEFINED.match(line)))


def _variables(text: str) -> frozenset[str]:
    names: set[str] = set()
    for line in _lines(text):
        for _ in range(_LONGEST_CHAIN):
            found = _ASSIGNED.match(line)
            if not found or _CALL.search(found[1]):
                break
            names.update(re.findall(r"\w+", found[1]))
            line = line[found.end() :].lstrip()
    return frozenset(names)


def _lines(text: str) -> list[str]:
    return [line[:_LONGEST_LINE] for line in text[:_LONGEST_TEXT].splitlines() if line and line[0] not in " \t#%!"]


def acts(text: str) -> bool:
    """Whether a text does more than define functions and classes: then it may change what earlier cells made.

    Example:

    >>> acts("def line():\\n    return 1"), acts("line.fit(x, y)")
    (False, True)
    """
    return any(not _ONLY_DEFINES.match(line) for line in _lines(text))


def mentions(text: str, names: frozenset[str]) -> bool:
    """Whether one of the names stands anywhere in a text."""
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)


@functools.lru_cache(maxsize=512)
def _asked(text: str) -> frozenset[str]:
    """The names that a released cell reads and does not bind itself."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return frozenset()
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return frozenset(read - _bound(tree))


@functools.lru_cache(maxsize=512)
def _provided(text: str) -> frozenset[str]:
    """The names that a released cell binds."""
    try:
        return frozenset(_bound(ast.parse(text)))
    except SyntaxError:
        return defined(text)


def _bound(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
    return names


def wanted(stubs: Sequence[str], tests: Sequence[str], others: Sequence[str]) -> list[frozenset[str]]:
    """The names that each answer of a released notebook has to define.

    They are the functions and classes of its stub, and what its test reads that no other cell of the notebook
    provides. Variables of a stub count where the test reads them, or where nothing else is known.

    Args:
        stubs: the text of each answer cell, in order.
        tests: the text of each answer's test, in the same order; empty where there is none.
        others: the text of every code cell that is no answer and no test.

    Returns:
        One set for each answer. No name is in two of them.

    Example:

    >>> wanted(["raise NotImplementedError()"], ["assert abs(total - 3) < tolerance"], ["tolerance = 0.1"])
    [frozenset({'total'})]
    """
    given = set(dir(builtins)) | {"get_ipython", "display"}
    for text in others:
        given |= _provided(text)
    taken = set().union(*(defined(stub) for stub in stubs))
    answers: list[frozenset[str]] = []
    for stub, test in zip(stubs, tests, strict=True):
        read = _asked(test)
        own = _functions(stub) | (_variables(stub) & read)
        more = read - given - taken
        taken |= more
        answers.append((own | more) or _variables(stub))
    return answers
