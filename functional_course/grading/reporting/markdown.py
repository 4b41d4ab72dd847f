"""A report as Markdown. Texts of others are shown as text: only what stands between backticks is markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from functional_course.grading.reporting.plain_text import LONGEST_TEXT, pieces
from functional_course.grading.reporting.report import RunReport
from functional_course.grading.reporting.sections import sections
from functional_course.grading.reporting.sentences import summary
from functional_course.grading.reporting.tables import ROW_TITLES, TASK_TITLES, bars_of, row_cells, task_cells


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
    for section in sections(report):
        lines += ["", f"## {section.title}", ""]
        lines += [f"- {': '.join(_markdown(part, section.longest) for part in line)}" for line in section.lines]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    return lines + [f"| {' | '.join(_markdown(cell) for cell in row)} |" for row in rows]


def _markdown(text: str, most: int = LONGEST_TEXT) -> str:
    """A text as Markdown in which nothing but what stands between backticks is markup."""
    return "".join(
        f"`{piece}`".replace("|", "\\|") if is_code and piece else _escaped(piece)
        for piece, is_code in pieces(text, most)
    )


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+-.!|~<>&$" and sign not in ".-()" else sign for sign in text)
