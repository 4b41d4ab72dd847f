"""What later cells need of a teacher's cell, statement by statement.

A cell that shows a training often defines what a test uses as well. Its statements are told apart here, so that the
side that judges defines and doesn't train.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence
from itertools import pairwise

from functional_course.grading.analysis.effects import reaches_beyond, touched
from functional_course.grading.analysis.scope import (
    binds_unknown,
    python_of,
    read_first,
    read_later,
    stored,
    surely_bound,
)


@functools.lru_cache(maxsize=1024)
def needed_of(source: str, names: frozenset[str], fixed: frozenset[str] = frozenset()) -> str:
    """The statements of a cell that make or change what these names stand for, or what these statements need.

    Args:
        source: of the cell, which is a teacher's.
        names: that later cells read.
        fixed: those of modules, functions and classes, which aren't changed when they are used.

    Returns:
        The source with empty lines in the place of all others, so that the lines keep their numbers. A cell with
        magics, or which nobody can tell the effects of, stays whole, and so does a statement.

    Example:

    >>> print(needed_of("model = make()\\nmodel.fit(x)\\ndef f(z):\\n    return z + w\\nw = 1", frozenset({"f"})))
    <BLANKLINE>
    <BLANKLINE>
    def f(z):
        return z + w
    w = 1
    """
    if "\r" in source or python_of(source) != source or binds_unknown(source):
        return source
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source
    lines, places = source.split("\n"), _places(body)
    texts = ["\n".join(lines[first:last]) for first, last in places]
    if any(before[1] > after[0] for before, after in pairwise(places)):
        return source  # two on a line
    kept: frozenset[int] = frozenset()
    while True:
        # What functions read is read when they are called, which may be anywhere.
        later = frozenset().union(*(read_later(texts[place]) for place in kept))
        more = frozenset(_needed(source, texts, names, later, fixed))
        if more == kept:
            break
        kept = more
    shown = [
        line if any(first <= number < last for first, last in (places[place] for place in kept)) else ""
        for number, line in enumerate(lines)
    ]
    return "\n".join(shown).rstrip("\n")


def _needed(
    source: str, texts: Sequence[str], names: frozenset[str], later: frozenset[str], fixed: frozenset[str]
) -> Iterator[int]:
    """The places of the statements that are needed, from the last to the first."""
    needed = names
    for place in reversed(range(len(texts))):
        text = texts[place]
        if (stored(text) | touched(text, source) - fixed) & (needed | later) or reaches_beyond(text):
            needed = needed - surely_bound(text) | read_first(text)
            yield place


def _places(body: Sequence[ast.stmt]) -> list[tuple[int, int]]:
    """The lines of each statement, decorators included, from the first and up to the one after the last."""
    firsts = [min([each.lineno, *(one.lineno for one in getattr(each, "decorator_list", []))]) for each in body]
    return [(first - 1, each.end_lineno or each.lineno) for first, each in zip(firsts, body, strict=True)]
