"""What becomes of each cell of a submitted notebook: who runs it, and which of its names the tests look at.

Imports neither Keras nor nbgrader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from functional_course.grading.analysis.names import acts, defined
from functional_course.grading.analysis.scope import (
    binds_unknown,
    changed,
    definitions,
    loaded,
    read_first,
    stored,
    surely_bound,
)
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.roles import Role, released_roles, with_roles

from nbformat.notebooknode import NotebookNode

CELL_SECONDS = 180

HIDDEN = re.compile(r"^.*BEGIN HIDDEN TESTS[\s\S]*?(?:END HIDDEN TESTS.*\n?|\Z)", re.MULTILINE)
"""What nbgrader leaves out of a released test."""

ONLY_SHOWS = "only-shows"
"""The tag by which a teacher says of a given cell, which has a grade id, that it shows something and changes nothing
that a test looks at: not the arrays with which it trains a model, for instance, which no text can tell."""

MARKERS = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
"""What begins and ends it, unless a course's configuration has other words."""


class Plan:
    """How one notebook of an assignment is judged.

    Args:
        source: the instructor's notebook.
        tests: the text of each test cell with its hidden part, by grade id; that of ``source`` if left out.
        seconds: how long a cell may take.
        markers: what begins and ends hidden tests in this course.
    """

    def __init__(
        self,
        source: NotebookNode,
        tests: Mapping[str, str] | None = None,
        seconds: int = CELL_SECONDS,
        markers: tuple[str, str] = MARKERS,
    ) -> None:
        self.seconds = seconds
        self.tests = dict(tests) if tests is not None else {}
        self._answers: dict[str, frozenset[str]] = {}
        self._changed: frozenset[str] = frozenset()
        self._only_show: set[str] = set()
        for role, cell in with_roles(source, released_roles(source)):
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if cell.cell_type != "code" or not grade_id:
                continue
            if role == Role.TEST and tests is None:
                self.tests[grade_id] = with_our_markers(cell.source, markers)
            elif role == Role.GIVEN and ONLY_SHOWS in cell.metadata.get("tags", ()):
                self._only_show.add(grade_id)
            elif role == Role.ANSWER:
                self._answers[grade_id] = stored(cell.source)
                self._changed |= changed(cell.source)
        self._asked: frozenset[str] = frozenset().union(*self._answers.values()) if self._answers else frozenset()

    def cells(self, notebook: NotebookNode, roles: Sequence[Role]) -> list[Cell]:
        """The code cells of a clean submission, in order.

        Args:
            notebook: what :func:`functional_course.grading.taking_in.intake.take_in` made.
            roles: of each of its cells, as the intake tells them. Nothing in the notebook is asked who wrote it.

        Raises:
            ValueError: there are not as many roles as cells.
        """
        cells: list[Cell] = []
        fixed = _fixed(notebook, roles)
        made_here = (stored(cell.source) for role, cell in with_roles(notebook, roles) if role == Role.GIVEN)
        in_place = self._changed & frozenset().union(*made_here) - fixed
        asked: set[str] = set()  # the names that later cells of the teacher read
        needed: set[str] = set()  # those that have to be there already when they are read
        for index, (role, cell) in reversed(list(enumerate(with_roles(notebook, roles)))):
            if cell.cell_type != "code":
                continue
            grade_id = "" if role == Role.ADDED else cell.metadata.get("nbgrader", {}).get("grade_id", "")
            name = f"`{grade_id}`" if grade_id else f"cell {index + 1}"
            if role == Role.TEST:
                source = self.tests.get(grade_id, cell.source)
                asked |= loaded(source)
                needed |= read_first(source)
                released = HIDDEN.sub("", cell.source)
                points = float(cell.metadata["nbgrader"].get("points", 0))
                shaky = tuple(sorted(in_place & loaded(source)))
                cells.append(Cell(index, role, source, self.seconds, (), True, name, released, points, in_place=shaky))
            elif role == Role.GIVEN:
                made = stored(cell.source)
                asked |= loaded(cell.source)
                # A cell may also change what an earlier one made, unless it only calls it, or its teacher says so.
                shows = grade_id in self._only_show
                used = frozenset() if shows else loaded(cell.source) - fixed
                judged = bool((made | used) & needed or (needed and binds_unknown(cell.source)))
                if judged:
                    needed = (needed - surely_bound(cell.source)) | read_first(cell.source)
                named = tuple(sorted(made))
                cells.append(Cell(index, role, cell.source, self.seconds, named, judged, name, only_shows=shows))
            else:
                made = self._asked if acts(cell.source) else defined(cell.source) & self._asked
                told = (self._answers.get(grade_id, frozenset()) | made) & asked
                cells.append(Cell(index, role, cell.source, self.seconds, tuple(sorted(told)), name=name))
        return cells[::-1]


def with_our_markers(source: str, markers: tuple[str, str]) -> str:
    """A test with the usual markers in the place of a course's own.

    Example:

    >>> with_our_markers("# SECRET\\nassert x", ("SECRET", "END"))
    '# BEGIN HIDDEN TESTS\\nassert x'
    """
    if markers == MARKERS:
        return source
    begin, end = (re.compile(re.escape(each)) for each in markers)
    # As nbgrader reads a line: what may begin a hidden part is looked for first.
    lines = (
        begin.sub(MARKERS[0], line, count=1) if begin.search(line) else end.sub(MARKERS[1], line, count=1)
        for line in source.split("\n")
    )
    return "\n".join(lines)


def _fixed(notebook: NotebookNode, roles: Sequence[Role]) -> frozenset[str]:
    """The modules, functions and classes that the teacher's cells define: to read one changes nothing in it."""
    cells = (cell for role, cell in with_roles(notebook, roles) if role == Role.GIVEN)
    return frozenset().union(*(definitions(cell.source) for cell in cells))
