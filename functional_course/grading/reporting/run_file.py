"""A run's report in a file."""

from __future__ import annotations

from pathlib import Path

from functional_course.grading.reporting.html import as_html
from functional_course.grading.reporting.markdown import as_markdown
from functional_course.grading.reporting.report import RunReport
from functional_course.writing import write_whole


def write_run_report(report: RunReport, path: Path) -> None:
    """Write a report to ``path`` in one step: as HTML if the name ends in ``.html``, else as Markdown."""
    write_whole(path, as_html(report) if path.suffix.lower() in (".html", ".htm") else as_markdown(report))
