"""Show what a class says of the tasks: on a terminal, as CSV, JSON or HTML. Learners' texts are shown as text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from functional_course.class_report import sentences
from functional_course.class_report.tasks import ChapterReport, FailedCriterion, TaskStatistics
from functional_course.grading.exporting.formulas import neutral
from functional_course.grading.reporting.page import rendered
from functional_course.grading.reporting.plain_text import one_line
from functional_course.grading.reporting.report_files import write_report

from rich.console import Console
from rich.table import Table
from rich.text import Text

_MOST_CRITERIA = 2
_LONGEST = 1_000
_NUMBERS = ("answered", "mean points", "passed", "discrimination", "seconds")
_FAILED = ("task", "criterion", "failed by", "commonest message")


def show(reports: Sequence[ChapterReport], console: Console) -> None:
    """Print chapters: their tasks, what failed in them, what to look at, and who is not in the figures."""
    for report in reports:
        console.print(Text(f"{one_line(report.chapter)}: {sentences.summary(report)}", style="bold"))
        if report.tasks:
            console.print(_tasks_table(report))
        for sentence in sentences.suspicions(report):
            console.print(Text(one_line(sentence, _LONGEST), style="bold red"))
        if any(task.criteria for task in report.tasks):
            console.print(_criteria_table(report))
        for sentence in sentences.absences(report):
            console.print(Text(one_line(sentence, _LONGEST)))
        console.print()
    if any(report.tasks for report in reports):
        console.print(Text(sentences.MEANING))


def _tasks_table(report: ChapterReport) -> Table:
    table = Table("task", title="tasks")
    for title in _NUMBERS:
        table.add_column(title, justify="right", no_wrap=title != "discrimination")
    for task in report.tasks:
        table.add_row(*map(Text, _task_cells(task)), style="red" if task.suspect else "")
    return table


def _criteria_table(report: ChapterReport) -> Table:
    table = Table(
        "task",
        title="criteria that failed most, with their commonest message",
        caption="Messages that differ in numbers alone are counted together; --output FILE.html has all criteria.",
    )
    table.add_column("failed by", justify="right", no_wrap=True)
    table.add_column("criterion", ratio=1)
    for task in report.tasks:
        shown = task.criteria[:_MOST_CRITERIA]
        for place, each in enumerate(shown):
            message = _message(each)
            found = Text(_title(each)).append(f"\n  {message}" if message else "", style="italic")
            name = Text("" if place else one_line(task.name))
            table.add_row(name, Text(str(each.failed)), found, end_section=place == len(shown) - 1)
    return table


def write(reports: Sequence[ChapterReport], path: Path) -> None:
    """Write chapters to a file in one step, in the form that its name ends in.

    Raises:
        ValueError: there is no such form.
    """
    write_report(path, reports, as_csv, as_json, as_html)


def as_json(reports: Sequence[ChapterReport]) -> str:
    """All that is known, names included."""
    return json.dumps([asdict(report) for report in reports], indent=1, ensure_ascii=False) + "\n"


def as_csv(reports: Sequence[ChapterReport]) -> str:
    """A row for each task."""
    rows = [
        {
            "chapter": report.chapter,
            "notebook": task.notebook,
            "task": task.task,
            "kind": task.kind,
            "points": f"{task.most:g}",
            "learners": report.learners,
            "handed_in": task.handed_in,
            "answered": task.answered,
            "waiting": task.waiting,
            "judged": task.judged,
            "mean_share": _number(task.difficulty),
            "passed": task.passed,
            "discrimination": _number(task.discrimination.value if task.discrimination else None),
            "discrimination_learners": task.discrimination.learners if task.discrimination else "",
            "no_discrimination": task.discrimination.why_none if task.discrimination else task.kind,
            "strong_fail_more_often": "yes" if task.suspect else "no",
            "seconds": _number(task.seconds),
            "failed_most": "; ".join(f"{each.title} ({each.failed})" for each in task.criteria),
        }
        for report in reports
        for task in report.tasks
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0] if rows else ["chapter", "notebook", "task"])
    writer.writerows([neutral(one_line(str(cell))) for cell in row.values()] for row in rows)
    return text.getvalue()


def as_html(reports: Sequence[ChapterReport]) -> str:
    """One page without scripts or anything from elsewhere."""
    chapters = [
        {
            "name": report.chapter,
            "summary": sentences.summary(report),
            "suspicions": sentences.suspicions(report),
            "tasks": [_task_cells(task) for task in report.tasks],
            "failed": _failed_rows(report.tasks),
            "sentences": sentences.absences(report),
        }
        for report in reports
    ]
    return rendered(
        __package__,
        "class.html",
        title="What the class says of the test",
        chapters=chapters,
        task_titles=("task", *_NUMBERS),
        failed_titles=_FAILED,
        meaning=sentences.MEANING,
    )


def _task_cells(task: TaskStatistics) -> tuple[str, ...]:
    answered = f"{task.answered} of {task.answers_known}" if task.answers_known else "–"
    mean = "–" if task.difficulty is None else f"{task.difficulty:.0%}"
    seconds = "–" if task.seconds is None else f"{task.seconds:.1f}"
    return one_line(task.name), answered, mean, f"{task.passed} of {task.judged}", _discrimination(task), seconds


def _discrimination(task: TaskStatistics) -> str:
    found = task.discrimination
    if found is None:
        return task.kind
    if found.value is None:
        return f"{found.why_none} ({found.learners})"
    return f"{found.value:+.2f} ({found.learners})"


def _failed_rows(tasks: Iterable[TaskStatistics]) -> list[tuple[str, str, str, str]]:
    return [(task.name, _title(each), str(each.failed), _message(each)) for task in tasks for each in task.criteria]


def _title(criterion: FailedCriterion) -> str:
    return one_line(criterion.title) + (" (hidden)" if criterion.hidden else "")


def _message(criterion: FailedCriterion) -> str:
    if not criterion.messages:
        return ""
    text, count = criterion.messages[0]
    return f"{one_line(text, 200)} ({count})"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
