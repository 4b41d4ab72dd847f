"""Show on a terminal what a check says of a notebook."""

from __future__ import annotations

from datetime import date

from functional_course.checking.reports import Report, TaskReport
from functional_course.rubric.wording import NOT_ANSWERED
from functional_course.terminal import Console

from rich.table import Table
from rich.text import Text

LOOKED_AT = "your teacher looks at this one"


def show(report: Report, out: Console, *, changed_first: bool = False) -> None:
    """Print how a notebook stands.

    Args:
        report: of a check.
        out: where to.
        changed_first: whether the tasks that were judged in this check come before those of earlier ones.
    """
    tasks = sorted(report.tasks, key=lambda task: bool(task.when)) if changed_first else report.tasks
    table = Table(title=f"{report.chapter} / {report.notebook}", show_lines=True)
    table.add_column("task", no_wrap=True)
    table.add_column("points", no_wrap=True)
    table.add_column("what was found", overflow="fold")
    for task in tasks:
        table.add_row(task.name, _points_of(task), findings(task))
    out.print(table)
    for sentence in report.said:
        out.print(sentence, style="yellow", highlight=False, markup=False)
    for stopped in report.stopped:
        out.print(
            f"{stopped}\nThis cell came with the notebook. If you changed it, take it from a fresh copy; "
            "if you didn't, look for what it needs and can't find.",
            style="red",
            highlight=False,
            markup=False,
        )
    earned, judged, points = report.points
    later = f"; {points - judged:g} more are judged when it is graded" if points > judged else ""
    out.print(f"{earned:g} of {judged:g} points{later}.", highlight=False)


def _points_of(task: TaskReport) -> str:
    later = task.points - task.judged
    return f"{task.earned:g} of {task.judged:g}" + (f"\n+{later:g} when graded" if later else "")


def findings(task: TaskReport) -> Text:
    found = Text()
    if task.blocked_by:
        return found.append(f"not judged: the cell {task.blocked_by} stopped")
    untouched = NOT_ANSWERED in (task.stopped, *(verdict.message for verdict in task.verdicts))
    if untouched or task.stopped:
        found.append(f"{NOT_ANSWERED if untouched else task.stopped}\n", style="" if untouched else "red")
    if task.by_hand and not task.stopped:
        found.append(f"{LOOKED_AT}\n")
    if task.provisional:
        found.append(f"your teacher would look at this one; until then it counts {task.earned:g} of {task.points:g}\n")
    for verdict in task.verdicts:
        passed = verdict.earned >= verdict.points
        mark, style = ("✓", "green") if passed else ("–", "") if untouched else ("✗", "red")
        found.append(f"{mark} ", style=style)
        found.append(f"{verdict.title}\n")
        # Where the answer itself stopped, that says it all.
        if verdict.message and not untouched and not task.stopped:
            found.append(f"  {verdict.message}\n")
    if task.read and not task.passed:
        found.append(f"Read on: {task.read}\n", style="italic")
    if task.when:
        found.append(f"as checked {_at(task.when)}\n", style="dim")
    found.rstrip()
    return found


def _at(when: str) -> str:
    """A time as one says it: "at 10:42", with the date if that is not today's."""
    day, _, clock = when.partition("T")
    return f"at {clock}" if day == date.today().isoformat() else f"on {day} at {clock}"
