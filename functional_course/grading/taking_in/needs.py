"""Which cells of a notebook a task needs: those that make or change what its test and its answer read, and so on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from functional_course.grading.analysis.effects import (
    handed,
    held,
    iterators,
    reaches_beyond,
    sets_a_seed,
    touched,
)
from functional_course.grading.analysis.scope import (
    binds_unknown,
    definitions,
    imported,
    loaded,
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
        defined = {cell.index: definitions(cell.source) - imported(cell.source) for cell in cells}
        self._written = frozenset().union(*defined.values())
        self._iterators = frozenset().union(*(iterators(cell.source) for cell in cells))
        self._effects = self._effects_of_calls(defined)
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
            if cell.index >= before:
                continue
            # No test runs where answers run, but what it calls does.
            is_seen = cell.role != Role.TEST or for_test
            binds = is_seen and name in stored(cell.source)
            if binds or (is_seen and self._changes(cell, name)) or name in self._effects[cell.index]:
                found.append(cell)
            # An answer may stop before it binds a name.
            if binds and cell.role == Role.GIVEN and name in surely_bound(cell.source):
                break
        return found

    def _changes(self, cell: Cell, name: str) -> bool:
        """Whether a cell may change what a name stands for."""
        if name in self._written and name in held(cell.source):
            return True
        if name in self._iterators and name in loaded(cell.source):
            return True
        # It is a rule of the course's that a test itself leaves what it looks at as it is.
        inside = handed(cell.source, self._functions) if cell.role == Role.TEST else touched(cell.source)
        return name not in self._fixed and name in inside

    def _effects_of_calls(self, defined: Mapping[int, frozenset[str]]) -> dict[int, frozenset[str]]:
        """By the place of a cell, what may be changed by the notebook's functions that it calls, or hands on.

        Args:
            defined: by the place of a cell, the functions and classes that are written there.
        """
        changes = {
            cell.index: (touched(cell.source) - self._fixed) | (held(cell.source) & self._written)
            for cell in self._cells
            if defined[cell.index] and cell.role != Role.TEST
        }
        effects = dict.fromkeys(defined, frozenset[str]())
        while True:
            more = {}
            for cell in self._cells:
                used = [place for place in changes if place != cell.index and defined[place] & loaded(cell.source)]
                more[cell.index] = frozenset().union(*(changes[place] | effects[place] for place in used))
            if more == effects:
                return effects
            effects = more


def _sets_up(cell: Cell) -> bool:
    """Whether a cell does something for all that follow which no name tells of.

    Of seeds only learners' own count. The teacher's stand in cells that show something, often for a second, and both
    what a test draws and what a function draws that it calls begin anew with the test.
    """
    if cell.role == Role.GIVEN:
        return reaches_beyond(cell.source)
    return cell.role in _LEARNERS and sets_a_seed(cell.source)


def _functions(source: str) -> frozenset[str]:
    """The names of a learner's cell that may stand for functions of its own."""
    made_otherwise = "lambda" in source or "partial" in source
    return stored(source) if made_otherwise else definitions(source)
