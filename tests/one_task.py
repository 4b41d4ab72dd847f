"""One task of an instructor's notebook in this process: what it needs, an answer, and its test."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import keras
import nbformat
import numpy as np
from bare_notebooks import leave_out_shows

_HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS\n?", re.DOTALL)


@dataclass(frozen=True)
class Judged:
    """What one test says of one answer.

    Attributes:
        points: those it gives; 0 if it gives none.
        verdicts: its criteria, each as a dict with title, points, earned and message; empty if there is no rubric.
        stopped: the error at which the answer or the test stopped.
        calls: how often the test called each function of the answer.
        changeable: those that were given something that a function can change.
        text: what the test printed, as a learner reads it.
    """

    points: float
    verdicts: list[dict] = field(default_factory=list)
    stopped: str = ""
    calls: dict[str, int] = field(default_factory=dict)
    changeable: list[str] = field(default_factory=list)
    text: str = ""


def ran(source: str, names: dict) -> tuple[object, str]:
    """Run a cell as a kernel does; its result, and what it printed."""
    # Each has a file of its own, by which an error of the answer is told from one of the test.
    tree, name = ast.parse(source), f"cell {zlib.crc32(source.encode())}"
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, result = io.StringIO(), None
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        exec(compile(tree, name, "exec"), names)
        if last is not None:
            result = eval(compile(ast.Expression(last.value), name, "eval"), names)
    return result, printed.getvalue()


def needed(cells: list, test: str) -> Iterator[nbformat.NotebookNode]:
    """The set-up and the cells of one task, up to its test: tasks do not depend on each other."""
    heading, part = re.compile(r"## \d+"), []
    set_up = None
    for cell in cells:
        if cell.cell_type == "markdown" and heading.match(cell.source):
            set_up = part if set_up is None else set_up
            part = []
        elif cell.cell_type == "code" and "raises-exception" not in cell.metadata.get("tags", []):
            part.append(cell)
            if cell.metadata.get("nbgrader", {}).get("grade_id") == test:
                yield from (*set_up, *part)
                return


def judge(path: Path, task: str, answer: str, *, hidden: bool = True, names: dict | None = None) -> Judged:
    """Run one task with an answer in the place of the instructor's. What stops it is part of the result.

    Args:
        path: the instructor's notebook.
        task: its name.
        answer: the text of the answer's cell.
        hidden: whether the hidden tests are run, too.
        names: that the answer may use besides.
    """
    names = {"__name__": "__main__", **(names or {})}
    stopped, calls, changeable, result, text = "", {}, set(), None, ""
    notebook = nbformat.read(path, 4)
    leave_out_shows(notebook, [answer])
    for cell in needed(notebook.cells, f"test-{task}"):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        source = answer if grade_id == task else cell.source
        if not hidden:
            source = _HIDDEN.sub("", source)
        if grade_id == f"test-{task}":
            _count_calls(ast.parse(answer), names, calls, changeable)
        try:
            result, text = ran(source, names)
        except BaseException as error:
            # The test runs all the same, as in nbgrader.
            stopped = f"{type(error).__name__}: {error}"
            sys.last_value = error  # as IPython does
            result, text = None, ""
    rubric = getattr(result, "rubric", {})
    return Judged(float(result or 0.0), list(rubric.get("verdicts", [])), stopped, calls, sorted(changeable), text)


def _count_calls(answer: ast.Module, names: dict, calls: dict[str, int], changeable: set[str]) -> None:
    def counting(name: str) -> None:
        function = names[name]

        def counted(*given: object, **named: object) -> object:
            calls[name] += 1
            if any(map(_can_change, (*given, *named.values()))):
                changeable.add(name)
            return function(*given, **named)

        counted.__name__ = name
        names[name] = counted

    for each in answer.body:
        if isinstance(each, ast.FunctionDef) and callable(names.get(each.name)):
            calls[each.name] = 0
            counting(each.name)


def _can_change(given: object) -> bool:
    if isinstance(given, tuple):
        return any(map(_can_change, given))
    return isinstance(given, (list, dict, keras.Model)) or (isinstance(given, np.ndarray) and given.flags.writeable)
