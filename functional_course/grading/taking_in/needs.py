"""Which cells of a notebook a task needs, so that the others can be left out, and needn't be the same as before.

A text tells little of what a cell does to what others made: through an alias, a part of a model, a callback, a function
that keeps something. So this goes the other way round, and leaves out only what does nothing by itself:

- a cell that only defines: functions, classes, constants, imports. Nothing comes of it unless somebody reads a name
  that it binds;
- a test. It's a rule of the course's that a test leaves what it looks at as it is, so it's needed only for its names,
  or if it uses anything of the notebook that isn't known to change and remember nothing.

All others run, in their order. And where what a cell does can't be told from names at all, a task needs the whole
notebook.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Sequence

from functional_course.grading.analysis.effects import (
    hides,
    is_command,
    is_unseen,
    only_defines,
    packages,
    reaches_beyond,
    rests_on_chance,
)
from functional_course.grading.analysis.harmless import harmful
from functional_course.grading.analysis.scope import binds_unknown, loaded, parsed, read_later, read_unsure, stored
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
        self.whole = _is_whole(cells)
        """Whether nobody can tell what a task needs, so that it is all there is."""
        self._acting = [] if self.whole else [*filter(_acts_by_itself, cells), *_acting_tests(cells)]

    def of(self, roots: Iterable[int]) -> frozenset[int]:
        """The places of the cells that these need, they themselves included.

        Args:
            roots: the places of a task's test and of its answer.
        """
        roots = set(roots)
        if self.whole:
            return frozenset(cell.index for cell in self._cells)
        before = [cell for cell in self._cells if cell.index <= max(roots)]
        found = [cell for cell in before if cell.index in roots or cell in self._acting]
        while more := [cell for cell in before if cell not in found and any(_makes_for(cell, each) for each in found)]:
            found += more
        return frozenset(cell.index for cell in found)


def tests_for_names(cells: Iterable[Cell], places: Iterable[int]) -> frozenset[int]:
    """The places of these tests and of those that make names which they read. No text but that of tests is looked at.

    Args:
        cells: of a notebook.
        places: of tests in it.
    """
    tests = [cell for cell in cells if cell.role == Role.TEST]
    found = [cell for cell in tests if cell.index in set(places)]
    while more := [each for each in tests if each not in found and any(_makes_for(each, test) for test in found)]:
        found += more
    return frozenset(cell.index for cell in found)


def _is_whole(cells: Sequence[Cell]) -> bool:
    learners = [cell.source for cell in cells if cell.role in _LEARNERS]
    given = [cell.source for cell in cells if cell.role == Role.GIVEN]
    tests = [cell.source for cell in cells if cell.role == Role.TEST]
    bound = frozenset().union(*map(stored, [*learners, *given]))
    return (
        any(map(reaches_beyond, learners))
        or any(is_command(source, bound) for source in learners)
        or any(map(binds_unknown, given))
        or any(map(hides, [*learners, *given]))
        or any(map(rests_on_chance, tests))
        or any(map(is_unseen, [*learners, *given, *tests]))
    )


def _acting_tests(cells: Sequence[Cell]) -> list[Cell]:
    """The tests that may change something, or have something remember them, and those that go on with their names."""
    acting = harmful([cell.source for cell in cells if cell.role != Role.TEST])
    found: list[Cell] = []
    for cell in cells:
        if cell.role == Role.TEST and (
            read_unsure(cell.source) & acting or any(_makes_for(each, cell) for each in found)
        ):
            found.append(cell)
    return found


def _acts_by_itself(cell: Cell) -> bool:
    return cell.role != Role.TEST and not only_defines(cell.source)


def _makes_for(cell: Cell, other: Cell) -> bool:
    """Whether a cell makes a name that another one reads: if it stands after that, only in functions."""
    late = other.index <= cell.index
    if cell.role != Role.TEST:
        read = (read_later if late else loaded)(other.source) | _imports(other.source)[0]
        return bool(read & (stored(cell.source) | _imports(cell.source)[1]))
    if other.role in _LEARNERS:  # no test runs where answers run, but what it calls does
        return False
    return binds_unknown(cell.source) or bool(stored(cell.source) & (read_later if late else read_unsure)(other.source))


@functools.lru_cache(maxsize=1024)
def _imports(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The packages that a cell imports, and those of which it imports a part, which is there for all from then on."""
    nodes = [each for each in ast.walk(parsed(source) or ast.Pass()) if isinstance(each, (ast.Import, ast.ImportFrom))]
    parts = [each for each in nodes if isinstance(each, ast.ImportFrom) or any("." in one.name for one in each.names)]
    return frozenset().union(*map(packages, nodes)), frozenset().union(*map(packages, parts))
