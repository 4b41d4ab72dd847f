"""A notebook without what its given cells only show: a broken model that is trained, drawn and printed about."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from functional_course.grading.analysis.scope import loaded, stored

import nbformat

HEADING = re.compile(r"## \d+")
"""Begins a task; what stands before the first is the set-up."""

_MAGIC = ("%", "!")


def names_of(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a cell makes, and those that it needs from elsewhere."""
    made = stored(source)
    return made, loaded(source) - made


def leave_out_shows(notebook: nbformat.NotebookNode, answers: Iterable[str]) -> None:
    """Take out of the given cells of all tasks the statements that nothing after them needs.

    The set-up, the answers and the tests stay as they are, and so does what sets a seed.

    Args:
        notebook: an instructor's.
        answers: the text of those that will stand in the place of the instructor's.
    """
    wanted = set().union(*(names_of(answer)[1] for answer in answers))
    first = next(place for place, cell in enumerate(notebook.cells) if HEADING.match(cell.source))
    modules = {name for cell in notebook.cells[:first] if cell.cell_type == "code" for name in _imported(cell.source)}
    for cell in reversed([cell for cell in notebook.cells[first:] if cell.cell_type == "code"]):
        mark = cell.metadata.get("nbgrader", {})
        has_magics = any(line.startswith(_MAGIC) for line in cell.source.splitlines())
        if mark.get("solution") or mark.get("grade") or has_magics:
            wanted |= names_of(cell.source)[1]
        else:
            cell.source = _needed(cell.source, wanted, modules)


def _imported(source: str) -> set[str]:
    found = (node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.Import, ast.ImportFrom)))
    return {(alias.asname or alias.name).partition(".")[0] for node in found for alias in node.names}


def _needed(source: str, wanted: set[str], modules: set[str]) -> str:
    """The statements that make or change what is wanted; what they need is wanted, too."""
    kept: dict[int, str] = {}
    statements = ast.parse(source).body
    known = -1
    while len(kept) > known:  # a function may need one that stands after it
        known = len(kept)
        for place, statement in enumerate(statements):
            text = _text(source, statement)
            made, needed = names_of(text)
            changed = made | (set(_called_on(statement)) - modules)
            sets_a_seed = isinstance(statement, ast.Expr) and needed and needed <= modules
            if place not in kept and (changed & wanted or sets_a_seed):
                kept[place] = text
                wanted |= needed
    return "\n".join(kept[place] for place in sorted(kept))


def _text(source: str, statement: ast.stmt) -> str:
    decorators = getattr(statement, "decorator_list", [])
    if decorators:
        return "\n".join(source.splitlines()[decorators[0].lineno - 1 : statement.end_lineno])
    return ast.get_source_segment(source, statement) or ""


def _called_on(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement may change: it calls something of theirs or something on them, or sets a part."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
            yield from (each.id for each in node.value.args if isinstance(each, ast.Name))
        elif isinstance(node, ast.Expr):
            yield from _root(node.value)
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, (ast.Store, ast.Del)):
            yield from _root(node)


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        yield node.id
