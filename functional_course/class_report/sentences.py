"""What is said besides the figures: what they mean, which tasks to look at, and who is not in them."""

from __future__ import annotations

from collections.abc import Sequence

from functional_course.class_report.items import FEWEST
from functional_course.class_report.tasks import ChapterReport, TaskStatistics
from functional_course.grading.reporting.report import BY_HAND

_MOST_NAMES = 5

MEANING = (
    "Mean points is the difficulty: the lower, the harder. Discrimination is the point-biserial correlation between "
    "passing the task (all of its points) and the share of points on the rest of the chapter. Above 0.2, the task "
    "tells strong learners from weak ones; below 0, the strong fail it more often. Chance alone gives it a standard "
    f"deviation of 0.33 with 10 learners and 0.14 with 50, and with fewer than {FEWEST} it isn't given. Seconds are "
    "processor time: the median of those who answered."
)


def suspicions(report: ChapterReport) -> list[str]:
    """For each task that strong learners fail more often than weak ones, what to look at."""
    return [_suspicion(task) for task in report.tasks if task.suspect]


def _suspicion(task: TaskStatistics) -> str:
    groups = task.thirds
    assert groups is not None, "only who is compared can be suspect"
    most = f" The criterion that failed most is “{task.criteria[0].title}”." if task.criteria else ""
    return (
        f"Look at {task.name}: {groups.strong_passed} of the {len(groups.strong)} learners who are strongest on the "
        f"rest passed it, but {groups.weak_passed} of the {len(groups.weak)} weakest did.{most} Begin with the answers "
        f"of {named(groups.strong_failed)}: does the test refuse something that is right, can the text be read in two "
        "ways, or does a wrong answer pass?"
    )


def absences(report: ChapterReport) -> list[str]:
    """Who is in none of the figures, and what in them waits."""
    found = []
    if report.nothing:
        found.append(f"Handed in nothing, and in none of the figures: {named(report.nothing)}.")
    if report.ungraded:
        found.append(
            f"Handed in, and not graded yet: {named(report.ungraded)}. Run course grade {report.chapter} for them."
        )
    for notebook, who in report.unread.items():
        found.append(
            f"Without a {notebook}.ipynb that can be read, and so not in the figures of its tasks: {named(who)}."
        )
    for notebook, who in report.untouched.items():
        found.append(
            f"With a {notebook}.ipynb without any answer, and so not in the figures of its tasks: {named(who)}."
        )
    if report.damaged:
        found.append(
            f"What the tests showed is missing or damaged for {named(report.damaged)}: only the points count here. "
            f"course grade {report.chapter} judges {'this one' if len(report.damaged) == 1 else 'these'} again."
        )
    waiting = [task for task in report.tasks if task.waiting]
    if waiting:
        parts = ", ".join(f"{task.name} ({task.waiting})" for task in waiting)
        found.append(f"Waiting for you, and not in the figures until you have given points: {parts}.")
    by_hand = [task.name for task in report.tasks if task.kind == BY_HAND]
    if by_hand:
        found.append(f"Graded by hand, so without discrimination, and in nobody's rest: {', '.join(by_hand)}.")
    return found


def summary(report: ChapterReport) -> str:
    """How many learners there are, in a sentence."""
    graded = report.learners - len(report.nothing) - len(report.ungraded)
    if not report.learners:
        return "Nobody is in the gradebook, and nobody has handed in anything."
    return f"{report.learners} learners, {graded} graded."


def named(who: Sequence[str]) -> str:
    """Some names, and how many more there are."""
    more = f" and {len(who) - _MOST_NAMES} more" if len(who) > _MOST_NAMES else ""
    return ", ".join(who[:_MOST_NAMES]) + more
