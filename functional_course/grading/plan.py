"""What becomes of each cell of a submitted notebook: who runs it, and which of its names the tests look at.

Imports neither Keras nor nbgrader.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from functional_course.grading.names import defined

from nbformat.notebooknode import NotebookNode

SETUP, LEARNER, TEST = "setup", "learner", "test"
CELL_SECONDS = 180


@dataclass(frozen=True)
class Cell:
    """One code cell of a submission.

    Attributes:
        index: its place in the notebook.
        role: ``setup`` (the teacher's; both sides run it), ``learner`` (the learner's side) or ``test`` (the judging
            side).
        source: what is run.
        seconds: how long it may take.
        tell: the names that the learner's side tells the judging side after it.
    """

    index: int
    role: str
    source: str
    seconds: int
    tell: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The cell as plain data."""
        return asdict(self)


class Plan:
    """How one notebook of an assignment is judged.

    Args:
        source: the instructor's notebook.
        tests: the text of each test cell with its hidden part, by grade id; that of ``source`` if left out.
        seconds: how long a cell may take.
    """

    def __init__(
        self, source: NotebookNode, tests: Mapping[str, str] | None = None, seconds: int = CELL_SECONDS
    ) -> None:
        self.seconds = seconds
        self.tests = dict(tests) if tests is not None else {}
        self._answers: dict[str, set[str]] = {}
        for cell in source.cells:
            mark = cell.metadata.get("nbgrader", {})
            if cell.cell_type != "code" or not mark.get("grade_id"):
                continue
            if mark.get("grade") and tests is None:
                self.tests[mark["grade_id"]] = cell.source
            elif mark.get("solution"):
                self._answers[mark["grade_id"]] = stored(cell.source)
        self._asked: frozenset[str] = frozenset().union(*self._answers.values()) if self._answers else frozenset()

    def cells(self, notebook: NotebookNode) -> list[Cell]:
        """The code cells of a clean submission, in order.

        Args:
            notebook: what :func:`functional_course.grading.intake.take_in` made.
        """
        cells: list[Cell] = []
        needed: set[str] = set()
        for index in range(len(notebook.cells) - 1, -1, -1):
            cell = notebook.cells[index]
            if cell.cell_type != "code":
                continue
            mark = cell.metadata.get("nbgrader", {})
            grade_id = mark.get("grade_id")
            if mark.get("grade") and not mark.get("solution"):
                source = self.tests.get(grade_id, cell.source)
                needed |= loaded(source)
                cells.append(Cell(index, TEST, source, self.seconds))
            elif mark.get("solution"):
                told = (self._answers.get(grade_id, set()) | (defined(cell.source) & self._asked)) & needed
                cells.append(Cell(index, LEARNER, cell.source, self.seconds, tuple(sorted(told))))
            elif str(cell.get("id", "")).startswith("learner-"):
                told = defined(cell.source) & self._asked & needed
                cells.append(Cell(index, LEARNER, cell.source, self.seconds, tuple(sorted(told))))
            else:
                needed |= loaded(cell.source)
                made = tuple(sorted(stored(cell.source)))
                cells.append(Cell(index, SETUP, cell.source, self.seconds, made))
        return cells[::-1]


def stored(source: str) -> set[str]:
    """The names that a teacher's cell binds, functions' own variables left out."""
    names: set[str] = set()

    class Stores(ast.NodeVisitor):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
            names.add(node.name)

        def visit_ClassDef(self, node: ast.ClassDef) -> None:
            names.add(node.name)

        def visit_Lambda(self, node: ast.AST) -> None:
            """Its names are its own; so are those of comprehensions."""

        visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_Lambda

        def visit_Name(self, node: ast.Name) -> None:
            if not isinstance(node.ctx, ast.Load):
                names.add(node.id)

    Stores().visit(_tree(source))
    return names


def loaded(source: str) -> set[str]:
    """The names that a teacher's cell reads, anywhere in it."""
    return {node.id for node in ast.walk(_tree(source)) if isinstance(node, ast.Name)}


def _tree(source: str) -> ast.AST:
    lines = ["pass" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines()]
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])
