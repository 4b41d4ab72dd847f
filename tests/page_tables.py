"""Tables in a page of the book that are written from stored results, between marks that stay where they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_PLACE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(heads: Iterable[str], rows: Iterable[Iterable[object]], texts: int = 1) -> str:
    """A table in Markdown: the first columns, ``texts`` of them, are text, the others are numbers."""
    heads = list(heads)
    rule = f"|{'---|' * texts}{' --: |' * (len(heads) - texts)}"
    first, *others = (f"| {' | '.join(map(_shown, line))} |" for line in (heads, *rows))
    return "\n".join([first, rule, *others])


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def summed(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows and their sum, column by column."""
    return [*rows, ("all", *(sum(row[place] for row in rows) for place in range(1, len(rows[0]))))]


def made_with(result: Mapping[str, Any]) -> str:
    """When and on what something was run, in a sentence."""
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return f"Run on {result['date']} on a {result['device']} with {versions}."


def filled(page: str, tables: Mapping[str, Callable[[], str]]) -> str:
    """The page with each table written anew in its place, ``<!-- table: NAME -->`` to ``<!-- end -->``.

    Raises:
        KeyError: a place asks for a table that nobody makes.

    Example:

    >>> filled("Before\\n<!-- table: sizes -->\\n<!-- end -->\\nafter", {"sizes": lambda: "| 3 |"})
    'Before\\n<!-- table: sizes -->\\n| 3 |\\n<!-- end -->\\nafter'
    """
    return _PLACE.sub(lambda place: f"{place[1]}{tables[place[2]]()}\n{place[3]}", page)
