"""A report on the console. Texts of others are shown as text: nothing in them is markup or obeyed by a terminal."""

from __future__ import annotations

from functional_course.grading.reporting.plain_text import one_line
from functional_course.grading.reporting.report import RunReport
from functional_course.grading.reporting.sections import to_look_at
from functional_course.grading.reporting.sentences import LONGEST_NAMES, change_said, summary, waiting_said
from functional_course.grading.reporting.tables import bars_of, row_cells, task_cells
from functional_course.grading.taking_in.repairs import REFUSED, SUSPICIOUS

from rich.console import Console
from rich.table import Table
from rich.text import Text

_MOST_NAMES = 10


def show(report: RunReport, console: Console, most_rows: int = 60) -> None:
    """Print a report: learners, a histogram, tasks, and what to look at.

    Args:
        report: the run.
        console: where to.
        most_rows: the most learners to list; those with something to look at come first where there are more.
    """
    for warning in report.warnings:
        console.print(Text(one_line(warning), style="bold red"), soft_wrap=True)
    rows = list(report.rows)
    if len(rows) > most_rows:
        rows = sorted(rows, key=lambda row: -row.count(SUSPICIOUS, REFUSED))[:most_rows]
    table = Table("who", title=Text(one_line(report.chapter)))
    for title in ("points", "seconds"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("to look at")
    for row in rows:
        style = "red" if row.count(SUSPICIOUS, REFUSED) else ""
        table.add_row(*(Text(cell) for cell in row_cells(row)), style=style)
    console.print(table)
    if len(rows) < len(report.rows):
        console.print(Text(f"… and {len(report.rows) - len(rows)} more"))
    console.print(Text(summary(report)))
    bars = bars_of(report)
    if bars:
        console.print(Text("\n".join(f"{label} {bar} {count}" for label, bar, count in bars)))
    if report.tasks:
        tasks = Table("task", "kind", title="tasks")
        for title in ("points", "failed by", "waiting"):
            tasks.add_column(title, justify="right", no_wrap=True)
        tasks.add_column("commonest messages", overflow="fold")
        for task in report.tasks:
            tasks.add_row(*(Text(cell) for cell in task_cells(task)))
        console.print(tasks)
    for change in report.changes:
        console.print(Text(one_line(change_said(change))), soft_wrap=True)
    for sentence in waiting_said(report, most_names=_MOST_NAMES):
        console.print(Text(one_line(sentence, LONGEST_NAMES)), soft_wrap=True)
    for student, repair in to_look_at(report, SUSPICIOUS, REFUSED):
        console.print(Text.assemble((one_line(student), "bold"), f" {one_line(repair.teacher)}"), soft_wrap=True)
    for sentence in report.about:
        console.print(Text(one_line(sentence)), soft_wrap=True)
