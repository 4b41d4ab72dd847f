"""What a report says, in whichever form: its sentences, and the cells of its tables, each on one line."""

from __future__ import annotations

import math
from collections import Counter

from functional_course.grading.reporting.plain_text import plain
from functional_course.grading.reporting.report import AGAIN, BY_HAND, PROVISIONAL, Change, Row, RunReport, TaskRow
from functional_course.grading.reporting.statistics import histogram
from functional_course.grading.taking_in.repairs import NOTE, REFUSED, REPAIRED, SUSPICIOUS, WAITING, Repair

LONGEST_NAMES = 100_000
"""Characters that a list of who waits may have."""

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
    return plain(row.student), points, seconds, plain(row.status), told


TASK_TITLES = ("task", "kind", "points", "failed by", "waiting", "commonest messages")


def task_cells(task: TaskRow) -> tuple[str, ...]:
    """The cells of a task, under :data:`TASK_TITLES`."""
    messages = "; ".join(f"{plain(message, 200)} ({count})" for message, count in task.messages)
    points = "–" if task.points is None else f"{task.points:.1f}"
    # To have less than all points that a teacher gives is not to have failed.
    failed = "–" if task.kind == BY_HAND else f"{task.failed} of {task.learners}"
    waiting = f"{len(task.waiting)} of {task.learners}" if task.waiting else ""
    return _task_name(task), task.kind, f"{points} of {task.most:g}", failed, waiting, messages


def _task_name(task: TaskRow) -> str:
    return plain(f"{task.notebook} / {task.task}" if task.notebook else task.task)


_WAITS = {
    BY_HAND: "you grade by hand",
    PROVISIONAL: "could not be judged safely and {count} provisionally",
    AGAIN: "you graded by hand before the answer was handed in or judged again",
}


def waiting_said(report: RunReport, most_names: int | None = None) -> list[str]:
    """What waits for the teacher: how much it is, and in which task for whom."""
    graded = sum(task.learners for task in report.tasks)
    counts = Counter(why for task in report.tasks for _, why in task.waiting)
    count = counts.total()
    if not count:
        return []
    parts = [
        f"{counts[why]} {text.format(count='counts' if counts[why] == 1 else 'count')}"
        for why, text in _WAITS.items()
        if counts[why]
    ]
    lines = [
        f"{count} of {graded} graded cells ({100 * count / graded:.1f} %) {'waits' if count == 1 else 'wait'} for you: "
        f"{'; '.join(parts)}. Formgrader shows them under Manual Grading."
    ]
    for task in report.tasks:
        for why in _WAITS:
            names = [plain(student) for student, other in task.waiting if other == why]
            if names:
                more = 0 if most_names is None else len(names) - most_names
                listed = ", ".join(names[:most_names]) + (f" and {more} more" if more > 0 else "")
                lines.append(f"{_task_name(task)} ({why}): {listed}")
    return lines


def change_said(change: Change) -> str:
    """A score that is another than before."""
    return f"{change.student}, {change.task}: {change.before:g} → {change.now:g} points, because {change.why}"


def summary(report: RunReport) -> str:
    """The whole class in one sentence."""
    points = sorted(row.points for row in report.rows if row.points is not None)
    if not points:
        return f"{len(report.rows)} learners, no scores."
    middle = (points[(len(points) - 1) // 2] + points[len(points) // 2]) / 2
    most = max(row.most for row in report.rows)
    seconds = sum(row.seconds or 0.0 for row in report.rows)
    return f"{len(report.rows)} learners; median {middle:g} of {most:g} points; {seconds:.0f} s of execution."


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


def to_look_at(report: RunReport, *severities: str) -> list[tuple[str, Repair]]:
    """Who has repairs of these severities, and which."""
    return [(row.student, repair) for row in report.rows for repair in row.repairs if repair.severity in severities]


def sections(report: RunReport) -> list[tuple[str, list[tuple[str, Repair]]]]:
    """All repairs under titles, what matters most first; a title without any is left out."""
    sections = [
        ("To look at", to_look_at(report, SUSPICIOUS, REFUSED)),
        ("Provisional", to_look_at(report, WAITING)),
        ("Repaired", to_look_at(report, REPAIRED)),
        ("Noted", to_look_at(report, NOTE)),
    ]
    return [(title, repairs) for title, repairs in sections if repairs]
