"""The teacher's report after a run: who has which points, what to look at, and where the class failed.

Everything here takes plain data. Names, messages and sentences come from learners in part, so they are shown as text
and never as markup, whether in a terminal, in Markdown or in HTML.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functional_course.grading.reporting.report_page import LONGEST_MESSAGE, html_table, html_text, page, plain
from functional_course.grading.taking_in.finite import is_finite
from functional_course.grading.taking_in.repairs import NOTE, REFUSED, REPAIRED, SUSPICIOUS, WAITING, Repair
from functional_course.rubric import MIME_TYPE, NOT_ANSWERED
from functional_course.writing import write_whole

from rich.console import Console
from rich.table import Table
from rich.text import Text

_MOST_CRITERIA, _LONGEST_TITLE = 100, 200
_MOST_MESSAGES = 3
_MOST_NAMES, _LONGEST_NAMES = 10, 100_000
_BAR = 40


RUBRIC, TEST, BY_HAND = "rubric", "test", "by hand"
PROVISIONAL, AGAIN = "provisional", "again"


@dataclass(frozen=True)
class Criterion:
    """What became of one criterion of a task.

    Attributes:
        title: what it asks for.
        passed: whether it earned all of its points.
        message: why it failed; empty if it did not.
        hidden: whether learners cannot see it before they hand in; None if that is not known.
    """

    title: str
    passed: bool
    message: str
    hidden: bool | None = None


@dataclass(frozen=True)
class TaskResult:
    """One learner's result in one task.

    Attributes:
        notebook: the notebook's name.
        cell: the grade id of the cell that has the points.
        points: the points earned, as the gradebook has them; None if nobody has given any yet.
        most: the points that there are.
        criteria: what became of its criteria.
        stopped: what ended the test before it gave points; empty if nothing did.
        kind: how the points come about: ``RUBRIC``, ``TEST`` (all or nothing, or what the test says) or ``BY_HAND``.
        given: whether the points are a teacher's.
        judged: the grader's own points, whatever a teacher has given besides; None if it has none.
        waits: what the teacher is waited for: ``BY_HAND`` (there are no points yet), ``PROVISIONAL`` (they could not
            be judged safely), ``AGAIN`` (the answer has changed since); empty if it does not wait.
        seconds: processor time that the answer and its test took; None if it is not known.
    """

    notebook: str
    cell: str
    points: float | None
    most: float
    criteria: tuple[Criterion, ...] = ()
    stopped: str = ""
    kind: str = TEST
    given: bool = False
    judged: float | None = None
    waits: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class TaskRow:
    """One task over all learners.

    Attributes:
        notebook: the notebook's name.
        task: the task's name: the grade id of its test without ``test-``.
        points: the points that were earned on average, of those who have any or none; None if nobody has yet.
        most: the points that there are.
        failed: how many learners have less than all points; those who wait for the teacher not among them.
        learners: how many have a result.
        messages: the commonest reasons, each with the number of learners who met it, the commonest first.
        kind: ``RUBRIC``, ``TEST`` or ``BY_HAND``, see :class:`TaskResult`.
        waiting: who waits for the teacher, and what for: ``BY_HAND``, ``PROVISIONAL`` or ``AGAIN``.
    """

    notebook: str
    task: str
    points: float | None
    most: float
    failed: int
    learners: int
    messages: tuple[tuple[str, int], ...] = ()
    kind: str = RUBRIC
    waiting: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Row:
    """One learner.

    Attributes:
        student: who it is.
        points: the points earned, less what lateness costs; None if there is no score.
        most: the points that there are.
        seconds: how long the execution took; None if nothing was executed.
        status: one word or two, such as ``graded``, ``unchanged`` or ``out of time``.
        repairs: what the intake or the run found.
        late: the points that lateness costs.
        waiting: how many cells wait for the teacher.
    """

    student: str
    points: float | None
    most: float
    seconds: float | None
    status: str
    repairs: tuple[Repair, ...] = ()
    late: float = 0.0
    waiting: int = 0

    def count(self, *severities: str) -> int:
        """How many of its repairs are of these severities."""
        return sum(repair.severity in severities for repair in self.repairs)


@dataclass(frozen=True)
class Change:
    """A score of a task that another judging has changed.

    Attributes:
        student: whose.
        task: the notebook's and the task's name.
        before: the points that there were.
        now: the points that there are.
        why: what made the difference, as a clause.
    """

    student: str
    task: str
    before: float
    now: float
    why: str


@dataclass(frozen=True)
class RunReport:
    """A run of the grader.

    Attributes:
        chapter: the assignment.
        rows: the learners.
        tasks: the tasks.
        about: sentences on the run as a whole: how long it took, in which sandbox.
        warnings: sentences that must not be overlooked, such as that there was no sandbox.
        changes: the scores that are others than before.
    """

    chapter: str
    rows: tuple[Row, ...]
    tasks: tuple[TaskRow, ...] = ()
    about: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


# --- collecting -------------------------------------------------------------------------------------------------------


def criteria_of(outputs: Iterable[Any], released: str | None = None) -> tuple[Criterion, ...]:
    """The criteria in the result of a test cell. Whatever is not what a rubric writes is left out.

    Args:
        outputs: the cell's outputs. They say nothing about points: those are what nbgrader scored.
        released: the text of the released test cell. A criterion whose title is not in it is a hidden one.

    Returns:
        The criteria of the last result that is a rubric's; none if there is none.
    """
    found: tuple[Criterion, ...] = ()
    for output in outputs if isinstance(outputs, (list, tuple)) else ():
        if not isinstance(output, Mapping) or output.get("output_type") != "execute_result":
            continue
        data = output.get("data")
        rubric = data.get(MIME_TYPE) if isinstance(data, Mapping) else None
        verdicts = rubric.get("verdicts") if isinstance(rubric, Mapping) else None
        if isinstance(verdicts, (list, tuple)):
            found = tuple(
                criterion for verdict in verdicts[:_MOST_CRITERIA] if (criterion := _criterion(verdict, released))
            )
    return found


def _criterion(verdict: Any, released: str | None) -> Criterion | None:
    if not isinstance(verdict, Mapping):
        return None
    title, message = verdict.get("title"), verdict.get("message")
    points, earned = verdict.get("points"), verdict.get("earned")
    if not isinstance(title, str) or not isinstance(message, str) or not (is_finite(points) and is_finite(earned)):
        return None
    hidden = None if released is None else title not in released
    return Criterion(plain(title, _LONGEST_TITLE), earned >= points, plain(message, LONGEST_MESSAGE), hidden)


def task_rows(results: Iterable[tuple[str, Iterable[TaskResult]]]) -> tuple[TaskRow, ...]:
    """Put the results of all learners together, task by task, in the order in which the tasks first appear.

    Args:
        results: each learner with the results in all tasks.
    """
    together: dict[tuple[str, str], list[tuple[str, TaskResult]]] = {}
    for student, learner in results:
        for result in learner:
            together.setdefault((result.notebook, result.cell), []).append((student, result))
    rows = []
    for (notebook, cell), mine in together.items():
        # A cell for an answer may have points itself, besides those of its test.
        short = cell.removeprefix("test-")
        task = cell if (notebook, short) in together else short
        scored = [result for _, result in mine if result.points is not None]
        failed = [result for result in scored if not result.points >= result.most and not result.waits]
        messages = Counter(reason for result in failed for reason in _reasons(result))
        # Those met equally often in the order of the alphabet, so that a report can be compared with the next one.
        commonest = sorted(messages.items(), key=lambda item: (-item[1], item[0]))[:_MOST_MESSAGES]
        mean = sum(result.points for result in scored) / len(scored) if scored else None
        most = max(result.most for _, result in mine)
        kinds = {result.kind for _, result in mine}
        kind = next(each for each in (BY_HAND, RUBRIC, TEST) if each in kinds)
        waiting = tuple((student, result.waits) for student, result in mine if result.waits)
        rows.append(TaskRow(notebook, task, mean, most, len(failed), len(mine), tuple(commonest), kind, waiting))
    return tuple(rows)


def _reasons(result: TaskResult) -> set[str]:
    """Why a learner failed in a task, each reason once."""
    if result.given or result.kind == BY_HAND:
        return set()
    wrong = [criterion for criterion in result.criteria if not criterion.passed]
    if any(criterion.message == NOT_ANSWERED for criterion in wrong) or result.stopped == NOT_ANSWERED:
        return {NOT_ANSWERED}
    reasons = {f"{one.title}: {one.message}" if one.message else one.title for one in wrong}
    return reasons or {plain(result.stopped or "its test gave no points", LONGEST_MESSAGE)}


def histogram(rows: Iterable[Row], bins: int = 10) -> list[tuple[float, float, int]]:
    """How many learners have how many points: lower end, upper end and count of each bin; the last holds full marks."""
    scored = [row for row in rows if row.points is not None]
    most = max((row.most for row in scored), default=0.0)
    if not most > 0:
        return []
    counts = [0] * bins
    for row in scored:
        counts[min(bins - 1, max(0, int(row.points / most * bins)))] += 1
    return [(most * place / bins, most * (place + 1) / bins, count) for place, count in enumerate(counts)]


# --- showing ----------------------------------------------------------------------------------------------------------


def show(report: RunReport, console: Console, most_rows: int = 60) -> None:
    """Print a report: learners, a histogram, tasks, and what to look at.

    Args:
        report: the run.
        console: where to.
        most_rows: the most learners to list; those with something to look at come first where there are more.
    """
    for warning in report.warnings:
        console.print(Text(plain(warning), style="bold red"), soft_wrap=True)
    rows = list(report.rows)
    if len(rows) > most_rows:
        rows = sorted(rows, key=lambda row: -row.count(SUSPICIOUS, REFUSED))[:most_rows]
    table = Table("who", title=Text(plain(report.chapter)))
    for title in ("points", "seconds"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("to look at")
    for row in rows:
        style = "red" if row.count(SUSPICIOUS, REFUSED) else ""
        table.add_row(*(Text(cell) for cell in _row_cells(row)), style=style)
    console.print(table)
    if len(rows) < len(report.rows):
        console.print(Text(f"… and {len(report.rows) - len(rows)} more"))
    console.print(Text(_summary(report)))
    bars = _bars(report)
    if bars:
        console.print(Text("\n".join(f"{label} {bar} {count}" for label, bar, count in bars)))
    if report.tasks:
        tasks = Table("task", "kind", title="tasks")
        for title in ("points", "failed by", "waiting"):
            tasks.add_column(title, justify="right", no_wrap=True)
        tasks.add_column("commonest messages", overflow="fold")
        for task in report.tasks:
            tasks.add_row(*(Text(cell) for cell in _task_cells(task)))
        console.print(tasks)
    for change in report.changes:
        console.print(Text(plain(_change(change))), soft_wrap=True)
    for sentence in _waiting(report, most_names=_MOST_NAMES):
        console.print(Text(plain(sentence, _LONGEST_NAMES)), soft_wrap=True)
    for student, repair in _to_look_at(report, SUSPICIOUS, REFUSED):
        console.print(Text.assemble((plain(student), "bold"), f" {plain(repair.teacher)}"), soft_wrap=True)
    for sentence in report.about:
        console.print(Text(plain(sentence)), soft_wrap=True)


def write_report(report: RunReport, path: Path) -> None:
    """Write a report to ``path`` in one step: as HTML if the name ends in ``.html``, else as Markdown."""
    write_whole(path, as_html(report) if path.suffix.lower() in (".html", ".htm") else as_markdown(report))


def as_markdown(report: RunReport) -> str:
    """The report as Markdown, all learners and all repairs in it."""
    lines = [f"# {_markdown(report.chapter)}", ""]
    lines += [f"**{_markdown(warning)}**\n" for warning in report.warnings]
    lines += [_markdown(_summary(report)), "", *(_markdown(sentence) + "  " for sentence in report.about), ""]
    lines += _markdown_table(("who", "points", "seconds", "status", "to look at"), map(_row_cells, report.rows))
    bars = _bars(report)
    if bars:
        lines += ["", "## Points", "", "```text", *(f"{label} {bar} {count}" for label, bar, count in bars), "```"]
    if report.tasks:
        lines += ["", "## Tasks", ""]
        lines += _markdown_table(_TASK_TITLES, map(_task_cells, report.tasks))
    waiting = _waiting(report)
    if waiting:
        lines += ["", "## Waiting for you", "", *(f"- {_markdown(sentence, _LONGEST_NAMES)}" for sentence in waiting)]
    if report.changes:
        lines += ["", "## Changed scores", "", *(f"- {_markdown(_change(change))}" for change in report.changes)]
    for title, repairs in _sections(report):
        lines += ["", f"## {title}", ""]
        lines += [f"- {_markdown(student)}: {_markdown(repair.teacher)}" for student, repair in repairs]
    return "\n".join(lines).rstrip() + "\n"


def as_html(report: RunReport) -> str:
    """The report as one HTML page without scripts or anything from elsewhere."""
    parts = [f"<h1>{html_text(report.chapter)}</h1>"]
    parts += [f'<p class="warning">{html_text(warning)}</p>' for warning in report.warnings]
    parts.append(f"<p>{html_text(_summary(report))}</p>")
    parts += [f"<p>{html_text(sentence)}</p>" for sentence in report.about]
    rows = map(_row_cells, report.rows)
    parts.append(html_table("Learners", ("who", "points", "seconds", "status", "to look at"), rows))
    bars = _bars(report)
    if bars:
        table = ["<table><caption>Points</caption>", "<tr><th>points</th><th>learners</th></tr>"]
        for label, bar, count in bars:
            width = f'<span class="bar" style="width: {len(bar) / 2:g}em"></span> {count}'
            table.append(f"<tr><td>{html_text(label)}</td><td>{width}</td></tr>")
        parts.append("\n".join([*table, "</table>"]))
    if report.tasks:
        parts.append(html_table("Tasks", _TASK_TITLES, map(_task_cells, report.tasks)))
    waiting = _waiting(report)
    if waiting:
        items = [f"<li>{html_text(sentence, _LONGEST_NAMES)}</li>" for sentence in waiting]
        parts += ["<h2>Waiting for you</h2>", "<ul>", *items, "</ul>"]
    if report.changes:
        items = [f"<li>{html_text(_change(change))}</li>" for change in report.changes]
        parts += ["<h2>Changed scores</h2>", "<ul>", *items, "</ul>"]
    for title, repairs in _sections(report):
        items = [f"<li>{html_text(student)}: {html_text(repair.teacher)}</li>" for student, repair in repairs]
        parts += [f"<h2>{title}</h2>", "<ul>", *items, "</ul>"]
    return page(report.chapter, parts)


def _row_cells(row: Row) -> tuple[str, ...]:
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


_TASK_TITLES = ("task", "kind", "points", "failed by", "waiting", "commonest messages")


def _task_cells(task: TaskRow) -> tuple[str, ...]:
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


def _waiting(report: RunReport, most_names: int | None = None) -> list[str]:
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


def _change(change: Change) -> str:
    return f"{change.student}, {change.task}: {change.before:g} → {change.now:g} points, because {change.why}"


def _summary(report: RunReport) -> str:
    points = sorted(row.points for row in report.rows if row.points is not None)
    if not points:
        return f"{len(report.rows)} learners, no scores."
    middle = (points[(len(points) - 1) // 2] + points[len(points) // 2]) / 2
    most = max(row.most for row in report.rows)
    seconds = sum(row.seconds or 0.0 for row in report.rows)
    return f"{len(report.rows)} learners; median {middle:g} of {most:g} points; {seconds:.0f} s of execution."


def _bars(report: RunReport) -> list[tuple[str, str, int]]:
    bins = histogram(report.rows)
    highest = max((count for *_, count in bins), default=0)
    labels = [f"{low:.1f}–{high:.1f}" for low, high, _ in bins]
    width = max(map(len, labels), default=0)
    # Whoever is there shows: a bar of one learner is never empty.
    return [
        (label.rjust(width), "█" * math.ceil(_BAR * count / highest) if count else "", count)
        for label, (*_, count) in zip(labels, bins, strict=True)
    ]


def _to_look_at(report: RunReport, *severities: str) -> list[tuple[str, Repair]]:
    return [(row.student, repair) for row in report.rows for repair in row.repairs if repair.severity in severities]


def _sections(report: RunReport) -> list[tuple[str, list[tuple[str, Repair]]]]:
    sections = [
        ("To look at", _to_look_at(report, SUSPICIOUS, REFUSED)),
        ("Provisional", _to_look_at(report, WAITING)),
        ("Repaired", _to_look_at(report, REPAIRED)),
        ("Noted", _to_look_at(report, NOTE)),
    ]
    return [(title, repairs) for title, repairs in sections if repairs]


def _markdown_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    return lines + [f"| {' | '.join(_markdown(cell) for cell in row)} |" for row in rows]


def _markdown(text: str, most: int = 1000) -> str:
    """A text as Markdown in which nothing but what stands between backticks is markup."""
    parts = plain(text, most).split("`")
    if len(parts) % 2 == 0:
        return _escaped("`".join(parts))
    return "".join(
        f"`{part}`".replace("|", "\\|") if place % 2 and part else _escaped(part) for place, part in enumerate(parts)
    )


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+-.!|~<>&$" and sign not in ".-()" else sign for sign in text)
