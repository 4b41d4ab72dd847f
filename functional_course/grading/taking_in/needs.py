"""Which cells of a notebook a task needs, so that the others can be left out, and needn't be the same as before.

A text tells little of what a cell does to what others made: through an alias, a part of a model, a callback, a function
that keeps something. So this goes the other way round, and leaves out only what does nothing by itself:

- a cell that only defines: functions, classes, constants, imports. Nothing comes of it unless somebody reads a name
  that it binds;
- a given cell of which its teacher says that it only shows something;
- a test. It's a rule of the course's that a test leaves what it looks at as it is, so it's needed only for its names,
  or if it hands the notebook's values to functions of an answer, which may change them or remember.

All others run, in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from functional_course.grading.analysis.effects import (
    handed,
    keeps_something,
    only_defines,
    reaches_beyond,
    touched,
)
from functional_course.grading.analysis.scope import binds_unknown, definitions, loaded, read_first, read_later, stored
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
        learners = [cell.source for cell in cells if cell.role in _LEARNERS]
        # Modules, functions and classes are called, and that does not change them.
        self._fixed = frozenset().union(*(definitions(cell.source) for cell in cells))
        # Called with what is given, a function may change it; a model does not change arrays.
        self._functions = frozenset().union(*(_functions(source) for source in learners))
        self._kept_by = self._kept_by_functions([cell.source for cell in cells if cell.role != Role.TEST])
        self.whole = any(reaches_beyond(source) for source in learners) or any(
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
        before = [cell for cell in self._cells if cell.index <= max(roots)]
        # A test that hands something on matters to who reads that, and not to all that runs in any case.
        read = self._with_makers([cell for cell in before if cell.index in roots], before, tests=True)
        acting = [cell for cell in before if cell not in read and _acts_by_itself(cell)]
        return frozenset(cell.index for cell in self._with_makers([*read, *acting], before, tests=False))

    def _with_makers(self, cells: list[Cell], among: Sequence[Cell], *, tests: bool) -> list[Cell]:
        """These cells, those that make what they read, and so on.

        Args:
            cells: of the notebook.
            among: where the others are taken from.
            tests: whether a test counts that has answers change or remember something.
        """
        found = list(cells)
        while more := [cell for cell in among if cell not in found and self._makes_for(cell, found, tests=tests)]:
            found += more
        return found

    def _makes_for(self, cell: Cell, others: Iterable[Cell], *, tests: bool) -> bool:
        made = stored(cell.source)
        if cell.role != Role.TEST:
            return any(made & _reads_after(each, cell) for each in others)
        # No test runs where answers run, but what it calls does.
        if any(_is_made_by(cell, each) for each in others):
            return True
        changed = handed(cell.source, self._functions) - self._fixed
        changed = changed.union(*(self._kept_by.get(name, frozenset()) for name in loaded(cell.source)))
        return tests and any(changed & _reads_after(each, cell) for each in others)

    def _kept_by_functions(self, sources: Sequence[str]) -> dict[str, frozenset[str]]:
        """By the name of a function or class of the notebook, who may know afterwards that it was called.

        That is itself, if it keeps something, what it changes, and whoever those know that it calls.
        """
        found: dict[str, frozenset[str]] = {}
        while True:
            known = dict(found)
            for source in filter(definitions, sources):
                made = definitions(source)
                kept = made | (touched(source) - self._fixed) if keeps_something(source, self._fixed) else frozenset()
                kept = kept.union(*(known.get(name, frozenset()) for name in loaded(source) - made))
                known |= {name: known.get(name, frozenset()) | kept for name in made if kept}
            if known == found:
                return found
            found = known


def tests_for_names(cells: Iterable[Cell], places: Iterable[int]) -> frozenset[int]:
    """The places of these tests and of those that make names which they read. No text but that of tests is looked at.

    Args:
        cells: of a notebook.
        places: of tests in it.
    """
    tests = [cell for cell in cells if cell.role == Role.TEST]
    found = [cell for cell in tests if cell.index in set(places)]
    while more := [each for each in tests if each not in found and any(_is_made_by(each, test) for test in found)]:
        found += more
    return frozenset(cell.index for cell in found)


def _is_made_by(test: Cell, cell: Cell) -> bool:
    """Whether a cell is a test that reads a name which an earlier test makes."""
    if cell.role != Role.TEST or cell.index <= test.index:
        return False
    return binds_unknown(test.source) or bool(stored(test.source) & read_first(cell.source))


def _acts_by_itself(cell: Cell) -> bool:
    return cell.role != Role.TEST and not cell.only_shows and not only_defines(cell.source)


def _reads_after(cell: Cell, other: Cell) -> frozenset[str]:
    """The names that a cell reads after another one has run: if it stands before that, only in functions."""
    return loaded(cell.source) if cell.index > other.index else read_later(cell.source)


def _functions(source: str) -> frozenset[str]:
    """The names of a learner's cell that may stand for functions of its own."""
    made_otherwise = "lambda" in source or "partial" in source
    return stored(source) if made_otherwise else definitions(source)
