"""The sentences of a run's report, in whichever form: on the class, on what waits, on the run as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from functional_course.grading.judging.backends import NAMES, USUAL
from functional_course.grading.reporting.plain_text import one_line
from functional_course.grading.reporting.report import AGAIN, BY_HAND, PROVISIONAL, Change, RunReport
from functional_course.grading.reporting.tables import task_name

LONGEST_NAMES = 100_000
"""Characters that a list of who waits may have."""

NO_SANDBOX = (
    "This run had no sandbox (--sandbox none): learners' code ran with your rights. "
    "It could read and change everything that you can.",
)


def summary(report: RunReport) -> str:
    """The whole class in one sentence."""
    points = sorted(row.points for row in report.rows if row.points is not None)
    if not points:
        return f"{len(report.rows)} learners, no scores."
    middle = (points[(len(points) - 1) // 2] + points[len(points) // 2]) / 2
    most = max(row.most for row in report.rows)
    seconds = sum(row.seconds or 0.0 for row in report.rows)
    return f"{len(report.rows)} learners; median {middle:g} of {most:g} points; {seconds:.0f} s of execution."


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
            names = [one_line(student) for student, other in task.waiting if other == why]
            if names:
                more = 0 if most_names is None else len(names) - most_names
                listed = ", ".join(names[:most_names]) + (f" and {more} more" if more > 0 else "")
                lines.append(f"{task_name(task)} ({why}): {listed}")
    return lines


def change_said(change: Change) -> str:
    """A score that is another than before."""
    return f"{change.student}, {change.task}: {change.before:g} → {change.now:g} points, because {change.why}"


def other_backend(backend: str) -> list[str]:
    """What is said of the backend of Keras that answers ran on; nothing of the usual one.

    Args:
        backend: as Keras calls it.
    """
    return [] if backend == USUAL else [f"Graded with Keras on {NAMES.get(backend, backend)}."]


def judged_again(reasons: Mapping[str, int]) -> list[str]:
    """What is said of submissions that are judged again.

    Args:
        reasons: how many, by the reason as a clause.

    Example:

    >>> judged_again({"the course's checks changed": 2})
    ["2 submissions are judged again: the course's checks changed."]
    """
    return [
        f"{count} {'submission is' if count == 1 else 'submissions are'} judged again: {reason}."
        for reason, count in reasons.items()
    ]


def run_alone(count: int) -> list[str]:
    """What is said of so many notebooks that were slow beside others."""
    if not count:
        return []
    what, was = ("notebook", "was") if count == 1 else ("notebooks", "were")
    return [f"{count} {what} ran out of time by the clock beside others and {was} run again alone."]


def executed_before(count: int) -> list[str]:
    """What is said of so many notebooks that an earlier run executed, whose submissions are graded now."""
    if not count:
        return []
    what, was = ("notebook", "was") if count == 1 else ("notebooks", "were")
    return [f"{count} {what} {was} executed in an earlier run and would be judged in the same way, so not again."]


def executed_once(count: int) -> list[str]:
    """What is said of so many notebooks that are word for word as another's."""
    if not count:
        return []
    what, holds, was = ("notebook", "holds", "was") if count == 1 else ("notebooks", "hold", "were")
    return [f"{count} {what} {holds} word for word the code of another notebook and {was} executed with it, once."]
