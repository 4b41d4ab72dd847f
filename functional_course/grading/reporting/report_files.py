"""A report in the form that its file's name ends in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from functional_course.writing import write_whole

FORMS = (".csv", ".json", ".html")

Report = TypeVar("Report")


def form_of(path: Path) -> str:
    """The form that a file's name ends in, one of :data:`FORMS`.

    Raises:
        ValueError: there is no such form.

    Example:

    >>> form_of(Path("class.HTML"))
    '.html'
    """
    form = path.suffix.lower()
    if form not in FORMS:
        raise ValueError(f"{path} should end in {', '.join(FORMS[:-1])} or {FORMS[-1]}.")
    return form


def write_report(
    path: Path,
    report: Report,
    as_csv: Callable[[Report], str],
    as_json: Callable[[Report], str],
    as_html: Callable[[Report], str],
) -> None:
    """Write a report to a file in one step.

    Raises:
        ValueError: see :func:`form_of`.
    """
    make = dict(zip(FORMS, (as_csv, as_json, as_html), strict=True))[form_of(path)]
    write_whole(path, make(report))
