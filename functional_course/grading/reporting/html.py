"""A report as an HTML page. Texts of others are shown as text: only what stands between backticks is markup."""

from __future__ import annotations

from functional_course.grading.reporting.page import rendered
from functional_course.grading.reporting.report import RunReport
from functional_course.grading.reporting.sections import sections
from functional_course.grading.reporting.sentences import summary
from functional_course.grading.reporting.tables import ROW_TITLES, TASK_TITLES, bars_of, row_cells, task_cells


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
        sections=sections(report),
    )
