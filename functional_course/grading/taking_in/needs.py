"""Which cells of a notebook a task needs: those that make or change what its test and its answer read, and so on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from functional_course.grading.analysis.effects import handed, reaches_beyond, touched
from functional_course.grading.analysis.scope import (
    binds_unknown,
    definitions,
    read_at_once,
    read_later,
    stored,
    surely_bound,
)
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.roles import Role

_LEARNERS = (Role.ANSWER, Role.ADDED)


class Needs:
    """What the cells of one notebook need of each other, as their texts tell.

    Args:
        cells: all code cells, in order.
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._cells = list(cells)
        given = [cell for cell in cells if cell.role == Role.GIVEN]
        # Modules, functions and classes are called, and that does not change them.
        self._fixed = frozenset().union(*(definitions(cell.source) for cell in cells))
        # Called with what is given, a function may change it; a model does not change arrays.
        learners = [cell.source for cell in cells if cell.role in _LEARNERS]
        self._functions = frozenset().union(*(_functions(source) for source in learners))
        self.whole = any(reaches_beyond(cell.source) for cell in cells if cell.role in _LEARNERS) or any(
            binds_unknown(cell.source) for cell in given
        )
        """Whether nobody can tell what a task needs, so that it is all there is."""

    def of(self, roots: Iterable[int]) -> frozenset[int]:
        """The places of the cells that these need, they themselves included.

        Args:
            roots: the places of a task's test and of its answer.
        """
        roots = set(roots)
        if self.whole:
            return frozenset(cell.index for cell in self._cells)
        last = max(roots)
        needed: set[int] = set()
        settled: set[tuple[str, int, bool]] = set()
        waiting = [cell for cell in self._cells if cell.index in roots]
        waiting += [cell for cell in self._cells if cell.index < last and _sets_up(cell)]
        while waiting:
            cell = waiting.pop()
            if cell.index in needed:
                continue
            needed.add(cell.index)
            is_test = cell.role == Role.TEST
            reads = [(name, cell.index) for name in read_at_once(cell.source)]
            if is_test and cell.index == last:
                # Nobody calls its functions but the test itself, which has bound its own names by then.
                reads += [(name, last) for name in read_later(cell.source) - surely_bound(cell.source)]
            else:
                # What a function reads is read when it is called: until the test that may be anywhere.
                reads += [(name, last) for name in read_later(cell.source)]
            for name, before in reads:
                if (name, before, is_test) not in settled:
                    settled.add((name, before, is_test))
                    waiting += self._makers(name, before, is_test)
        return frozenset(needed)

    def _makers(self, name: str, before: int, for_test: bool) -> list[Cell]:
        """The cells before a place that bind a name there, or change what it stands for."""
        found = []
        for cell in reversed(self._cells):
            # No test runs where answers run.
            if cell.index >= before or (cell.role == Role.TEST and not for_test):
                continue
            binds = name in stored(cell.source)
            if binds or (name not in self._fixed and name in self._changed_in(cell)):
                found.append(cell)
            # An answer may stop before it binds a name.
            if binds and cell.role == Role.GIVEN and name in surely_bound(cell.source):
                break
        return found

    def _changed_in(self, cell: Cell) -> frozenset[str]:
        # It is a rule of the course's that a test itself leaves what it looks at as it is.
        return handed(cell.source, self._functions) if cell.role == Role.TEST else touched(cell.source)


def _sets_up(cell: Cell) -> bool:
    """Whether a cell of the teacher's does something for all that follow which no name tells of."""
    return cell.role == Role.GIVEN and reaches_beyond(cell.source)


def _functions(source: str) -> frozenset[str]:
    """The names of a learner's cell that may stand for functions of its own."""
    made_otherwise = "lambda" in source or "partial" in source
    return stored(source) if made_otherwise else definitions(source)
