"""What becomes of each cell of a submitted notebook: who runs it, and which of its names the tests look at.

Imports neither Keras nor nbgrader.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from functional_course.grading.names import acts, defined
from functional_course.grading.roles import Role, released_roles, with_roles

from nbformat.notebooknode import NotebookNode

CELL_SECONDS = 180


@dataclass(frozen=True)
class Cell:
    """One code cell of a submission.

    Attributes:
        index: its place in the notebook.
        role: who wrote it, and so who runs it: see :class:`~functional_course.grading.roles.Role`.
        source: what is run.
        seconds: how long it may take.
        tell: the names that the learner's side tells the judging side after it.
        judged: whether the judging side runs it too. What is there to be seen, and made for no test, it need not run.
        name: what people call it: its grade id if it has one.
    """

    index: int
    role: Role
    source: str
    seconds: int
    tell: tuple[str, ...] = ()
    judged: bool = True
    name: str = ""

    def as_json(self) -> dict[str, Any]:
        """The cell as plain data."""
        return {**asdict(self), "role": self.role.value}


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
        for role, cell in with_roles(source, released_roles(source)):
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if cell.cell_type != "code" or not grade_id:
                continue
            if role == Role.TEST and tests is None:
                self.tests[grade_id] = cell.source
            elif role == Role.ANSWER:
                self._answers[grade_id] = stored(cell.source)
        self._asked: frozenset[str] = frozenset().union(*self._answers.values()) if self._answers else frozenset()

    def cells(self, notebook: NotebookNode, roles: Sequence[Role]) -> list[Cell]:
        """The code cells of a clean submission, in order.

        Args:
            notebook: what :func:`functional_course.grading.intake.take_in` made.
            roles: of each of its cells, as the intake tells them. Nothing in the notebook is asked who wrote it.

        Raises:
            ValueError: there are not as many roles as cells.
        """
        cells: list[Cell] = []
        fixed = _fixed(notebook, roles)
        asked: set[str] = set()  # the names that later cells of the teacher read
        needed: set[str] = set()  # those that have to be there already when they are read
        for index, (role, cell) in reversed(list(enumerate(with_roles(notebook, roles)))):
            if cell.cell_type != "code":
                continue
            grade_id = None if role == Role.ADDED else cell.metadata.get("nbgrader", {}).get("grade_id")
            name = f"`{grade_id}`" if grade_id else f"cell {index + 1}"
            if role == Role.TEST:
                source = self.tests.get(grade_id, cell.source)
                asked |= loaded(source)
                needed |= read_first(source)
                cells.append(Cell(index, role, source, self.seconds, name=name))
            elif role == Role.GIVEN:
                made = stored(cell.source)
                asked |= loaded(cell.source)
                # A cell may also change what an earlier one made, unless it only calls it.
                judged = bool((made | loaded(cell.source) - fixed) & needed)
                if judged:
                    needed = (needed - made) | read_first(cell.source)
                cells.append(Cell(index, role, cell.source, self.seconds, tuple(sorted(made)), judged, name))
            else:
                made = self._asked if acts(cell.source) else defined(cell.source) & self._asked
                told = (self._answers.get(grade_id, set()) | made) & asked
                cells.append(Cell(index, role, cell.source, self.seconds, tuple(sorted(told)), name=name))
        return cells[::-1]


def _fixed(notebook: NotebookNode, roles: Sequence[Role]) -> set[str]:
    """The modules, functions and classes that the teacher's cells define: to read one changes nothing in it."""
    found: set[str] = set()
    for role, cell in with_roles(notebook, roles):
        if role != Role.GIVEN:
            continue
        for node in ast.walk(_tree(cell.source)):
            if isinstance(node, ast.alias):
                found.add((node.asname or node.name).split(".")[0])
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found.add(node.name)
    return found


def stored(source: str) -> set[str]:
    """The names that a teacher's cell binds, functions' own variables left out."""
    return _stores(_tree(source))


def _stores(tree: ast.AST) -> set[str]:
    names: set[str] = set()

    class Stores(ast.NodeVisitor):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
            names.add(node.name)

        def visit_ClassDef(self, node: ast.ClassDef) -> None:
            names.add(node.name)

        def visit_alias(self, node: ast.alias) -> None:
            names.add((node.asname or node.name).split(".")[0])

        def visit_Lambda(self, node: ast.AST) -> None:
            """Its names are its own; so are those of comprehensions."""

        visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_Lambda

        def visit_Name(self, node: ast.Name) -> None:
            if not isinstance(node.ctx, ast.Load):
                names.add(node.id)

    Stores().visit(tree)
    return names


def loaded(source: str) -> set[str]:
    """The names that a teacher's cell reads, anywhere in it."""
    return {node.id for node in ast.walk(_tree(source)) if isinstance(node, ast.Name)}


def read_first(source: str) -> set[str]:
    """The names that a teacher's cell reads before it binds them itself, one statement after the other."""
    read: set[str] = set()
    bound: set[str] = set()

    def go_through(statements: list[ast.stmt]) -> None:
        for statement in statements:
            if isinstance(statement, ast.With):
                for item in statement.items:
                    read.update(_reads(item.context_expr) - bound)
                go_through(statement.body)
                continue
            read.update(_reads(statement) - bound)
            # What is bound in a branch or a loop may stay unbound.
            if isinstance(
                statement, (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
            ):
                bound.update(_stores(statement))

    go_through(_tree(source).body)
    return read


def _reads(node: ast.AST) -> set[str]:
    own: set[str] = set()
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        own = {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
        if isinstance(node, ast.FunctionDef):
            own |= {
                each.id for each in ast.walk(node) if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)
            }
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    found = set().union(*[_reads(child) for child in ast.iter_child_nodes(node)] or [set()])
    return found - own


def _tree(source: str) -> ast.AST:
    lines = ["pass" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines()]
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])
