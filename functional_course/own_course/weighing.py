"""Give tasks other points: in nbgrader's mark of the test cell, in its rubric, and in the table of the notebook.

nbgrader and ``course grade`` take from a rubric's cell the number that it returns, as it is, and never more than the
mark says. So the points of the criteria change with those of the task, each in proportion.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping, Sequence

from functional_course.own_course.tasks import tasks_of

from nbformat.notebooknode import NotebookNode

_HUNDREDTHS = 100


class WeighingError(ValueError):
    """A task can't get these points. The message says which one and why, as a sentence."""


def weigh(notebook: NotebookNode, points: Mapping[str, float]) -> None:
    """Give tasks other points.

    A test without a rubric gets all points or none, so only its mark changes. The outputs that a changed test stored
    are dropped, because they tell of the old points.

    Args:
        notebook: changed in place.
        points: what tasks are to be worth, by name.

    Raises:
        WeighingError: a rubric's criteria don't say in plain numbers what they are worth, or get too little.
    """
    tasks = tasks_of(notebook)
    for name, worth in points.items():
        cell = notebook.cells[tasks[name].test]
        marks = cell.metadata["nbgrader"]
        if cell.cell_type == "code":
            cell.source = _weighed(name, cell.source, float(marks["points"]), worth)
            cell.outputs, cell.execution_count = [], None
        marks["points"] = int(worth) if worth == int(worth) else worth


def in_table(text: str, task: str, points: float | None) -> str:
    """The text of a notebook's first cell with other points in a task's row of the table.

    Args:
        text: may have a row such as ``| 3 `task` | what it is about | 6 |``.
        task: its name.
        points: None takes the row out.

    Example:

    >>> in_table("| 3 `gate` | a gate | 4 |\\n", "gate", 8)
    '| 3 `gate` | a gate | 8 |\\n'
    """
    row = re.compile(rf"^(\|[^|\n]*`{re.escape(task)}`.*\|)[^|\n]*\|[ \t]*(?:\n|\Z)", re.MULTILINE)
    if points is None:
        return row.sub("", text)
    return row.sub(lambda match: match[0].replace(match[0].rstrip()[len(match[1]) :], f" {points:g} |"), text)


def shared_out(parts: Sequence[float], total: float) -> list[float]:
    """Parts in the same proportions, in whole hundredths, that add up to another total.

    Args:
        parts: above 0.
        total: with at most two decimals.

    Example:

    >>> shared_out([1, 1, 1], 10), shared_out([1, 3], 2)
    ([3.34, 3.33, 3.33], [0.5, 1.5])
    """
    before = math.fsum(parts)
    # Through thousandths first: 0.29 * 100 is a little less than 29.
    exact = [round(part / before * total * _HUNDREDTHS, 6) for part in parts]
    shares = [math.floor(each) for each in exact]
    missing = round(total * _HUNDREDTHS) - sum(shares)
    for place in sorted(range(len(parts)), key=lambda each: shares[each] - exact[each])[:missing]:
        shares[place] += 1
    return [share / _HUNDREDTHS for share in shares]


def _weighed(task: str, source: str, before: float, points: float) -> str:
    """A test with other points in its rubric and its criteria; as it is if it has no rubric."""
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError as error:
        raise WeighingError(f"{task} can't get other points: its test is no Python (line {error.lineno}).") from error
    rubrics = [_points(call, 1) for call in calls if _called(call) == "Rubric"]
    if not rubrics:
        return source
    criteria = [_points(call, 0) for call in calls if _called(call) == "criterion"]
    nodes = [node for node in (*rubrics, *criteria) if node is not None]
    plain = len(rubrics) == 1 and len(nodes) == 1 + len(criteria)
    worth = [float(node.value) for node in nodes]  # type: ignore[arg-type]  # _points gives numbers only
    if not plain or not math.isclose(worth[0], before) or not math.isclose(math.fsum(worth[1:]), before):
        raise WeighingError(
            f"{task} can't get other points: its test doesn't say in plain numbers, which add up to {before:g}, what "
            "each criterion is worth. Take it out of `points`, and change the test in the notebook itself."
        )
    shares = shared_out(worth[1:], points)
    if min(shares) <= 0:
        raise WeighingError(f"{task} can't be worth {points:g}: one of its {len(shares)} criteria would be worth 0.")
    return _replaced(source, dict(zip(nodes, [points, *shares], strict=True)))


def _called(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def _points(call: ast.Call, place: int) -> ast.Constant | None:
    """The number of points in a call, by keyword or by place; None if it is no plain number."""
    node: ast.expr | None = next((each.value for each in call.keywords if each.arg == "points"), None)
    if node is None and len(call.args) > place:
        node = call.args[place]
    number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
    return node if number and isinstance(node, ast.Constant) else None


def _replaced(source: str, numbers: Mapping[ast.Constant, float]) -> str:
    """A text with other numbers in the places of some."""
    # The places that Python's parser tells count bytes.
    lines = [line.encode() for line in source.split("\n")]
    for node, number in sorted(numbers.items(), key=lambda each: (each[0].lineno, each[0].col_offset), reverse=True):
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = line[: node.col_offset] + f"{number:g}".encode() + line[node.end_col_offset :]
    return "\n".join(line.decode() for line in lines)
