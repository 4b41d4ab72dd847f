"""The tables of a run's report, in whichever form: titles, cells, each on one line, and the bars of the points."""

from __future__ import annotations

import math

from functional_course.grading.reporting.plain_text import one_line
from functional_course.grading.reporting.report import BY_HAND, Row, RunReport, TaskRow
from functional_course.grading.reporting.statistics import histogram
from functional_course.grading.taking_in.repairs import NOTE, REFUSED, REPAIRED, SUSPICIOUS

ROW_TITLES = ("who", "points", "seconds", "status", "to look at")
_BAR = 40


def row_cells(row: Row) -> tuple[str, ...]:
    """The cells of a learner, under :data:`ROW_TITLES`."""
    points = "–" if row.points is None else f"{row.points:g} of {row.most:g}"
    points += f" ({row.late:g} off: late)" if row.late and row.points is not None else ""
    counts = (
        (row.count(SUSPICIOUS), "suspicious"),
        (row.count(REFUSED), "refused"),
        (row.waiting, "waiting"),
        (row.count(REPAIRED), "repaired"),
        (row.count(NOTE), "noted"),
    )
    told = ", ".join(f"{count} {word}" for count, word in counts if count)
    seconds = "–" if row.seconds is None else f"{row.seconds:.1f}"
    return one_line(row.student), points, seconds, one_line(row.status), told


TASK_TITLES = ("task", "kind", "points", "failed by", "waiting", "commonest messages")


def task_cells(task: TaskRow) -> tuple[str, ...]:
    """The cells of a task, under :data:`TASK_TITLES`."""
    messages = "; ".join(f"{one_line(message, 200)} ({count})" for message, count in task.messages)
    points = "–" if task.points is None else f"{task.points:.1f}"
    # To have less than all points that a teacher gives is not to have failed.
    failed = "–" if task.kind == BY_HAND else f"{task.failed} of {task.learners}"
    waiting = f"{len(task.waiting)} of {task.learners}" if task.waiting else ""
    return task_name(task), task.kind, f"{points} of {task.most:g}", failed, waiting, messages


def task_name(task: TaskRow) -> str:
    """A task with its notebook."""
    return one_line(f"{task.notebook} / {task.task}" if task.notebook else task.task)


def bars_of(report: RunReport) -> list[tuple[str, str, int]]:
    """The spread of points: of each bin its bounds, a bar, and how many learners are in it."""
    bins = histogram(report.rows)
    highest = max((count for *_, count in bins), default=0)
    labels = [f"{low:.1f}–{high:.1f}" for low, high, _ in bins]
    width = max(map(len, labels), default=0)
    # Whoever is there shows: a bar of one learner is never empty.
    return [
        (label.rjust(width), "█" * math.ceil(_BAR * count / highest) if count else "", count)
        for label, (*_, count) in zip(labels, bins, strict=True)
    ]
