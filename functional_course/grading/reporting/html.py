"""A report as an HTML page. Texts of others are shown as text: only what stands between backticks is markup."""

from __future__ import annotations

from functional_course.grading.reporting.report import RunReport
from functional_course.grading.reporting.report_page import rendered
from functional_course.grading.reporting.words import (
    LONGEST_NAMES,
    ROW_TITLES,
    TASK_TITLES,
    bars_of,
    change_said,
    row_cells,
    sections,
    summary,
    task_cells,
    waiting_said,
)


def as_html(report: RunReport) -> str:
    """The report as one HTML page without scripts or anything from elsewhere."""
    return rendered(
        __package__,
        "run.html",
        title=report.chapter,
        report=report,
        summary=summary(report),
        row_titles=ROW_TITLES,
        rows=[row_cells(row) for row in report.rows],
        bars=bars_of(report),
        task_titles=TASK_TITLES,
        tasks=[task_cells(task) for task in report.tasks],
        waiting=waiting_said(report),
        longest_names=LONGEST_NAMES,
        changes=[change_said(change) for change in report.changes],
        sections=sections(report),
    )
