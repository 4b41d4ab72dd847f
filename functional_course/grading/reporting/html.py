"""A report as an HTML page. Texts of others are shown as text: only what stands between backticks is markup."""

from __future__ import annotations

from functional_course.grading.reporting.report import RunReport
from functional_course.grading.reporting.report_page import html_table, html_text, page
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
    parts = [f"<h1>{html_text(report.chapter)}</h1>"]
    parts += [f'<p class="warning">{html_text(warning)}</p>' for warning in report.warnings]
    parts.append(f"<p>{html_text(summary(report))}</p>")
    parts += [f"<p>{html_text(sentence)}</p>" for sentence in report.about]
    rows = map(row_cells, report.rows)
    parts.append(html_table("Learners", ROW_TITLES, rows))
    bars = bars_of(report)
    if bars:
        table = ["<table><caption>Points</caption>", "<tr><th>points</th><th>learners</th></tr>"]
        for label, bar, count in bars:
            width = f'<span class="bar" style="width: {len(bar) / 2:g}em"></span> {count}'
            table.append(f"<tr><td>{html_text(label)}</td><td>{width}</td></tr>")
        parts.append("\n".join([*table, "</table>"]))
    if report.tasks:
        parts.append(html_table("Tasks", TASK_TITLES, map(task_cells, report.tasks)))
    waiting = waiting_said(report)
    if waiting:
        items = [f"<li>{html_text(sentence, LONGEST_NAMES)}</li>" for sentence in waiting]
        parts += ["<h2>Waiting for you</h2>", "<ul>", *items, "</ul>"]
    if report.changes:
        items = [f"<li>{html_text(change_said(change))}</li>" for change in report.changes]
        parts += ["<h2>Changed scores</h2>", "<ul>", *items, "</ul>"]
    for title, repairs in sections(report):
        items = [f"<li>{html_text(student)}: {html_text(repair.teacher)}</li>" for student, repair in repairs]
        parts += [f"<h2>{title}</h2>", "<ul>", *items, "</ul>"]
    return page(report.chapter, parts)
