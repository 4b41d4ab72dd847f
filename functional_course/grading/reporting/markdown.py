"""A report as Markdown. Texts of others are shown as text: only what stands between backticks is markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from functional_course.grading.reporting.plain_text import plain
from functional_course.grading.reporting.report import RunReport
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


def as_markdown(report: RunReport) -> str:
    """The report as Markdown, all learners and all repairs in it."""
    lines = [f"# {_markdown(report.chapter)}", ""]
    lines += [f"**{_markdown(warning)}**\n" for warning in report.warnings]
    lines += [_markdown(summary(report)), "", *(_markdown(sentence) + "  " for sentence in report.about), ""]
    lines += _markdown_table(ROW_TITLES, map(row_cells, report.rows))
    bars = bars_of(report)
    if bars:
        lines += ["", "## Points", "", "```text", *(f"{label} {bar} {count}" for label, bar, count in bars), "```"]
    if report.tasks:
        lines += ["", "## Tasks", ""]
        lines += _markdown_table(TASK_TITLES, map(task_cells, report.tasks))
    waiting = waiting_said(report)
    if waiting:
        lines += ["", "## Waiting for you", "", *(f"- {_markdown(sentence, LONGEST_NAMES)}" for sentence in waiting)]
    if report.changes:
        lines += ["", "## Changed scores", "", *(f"- {_markdown(change_said(change))}" for change in report.changes)]
    for title, repairs in sections(report):
        lines += ["", f"## {title}", ""]
        lines += [f"- {_markdown(student)}: {_markdown(repair.teacher)}" for student, repair in repairs]
    return "\n".join(lines).rstrip() + "\n"


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
