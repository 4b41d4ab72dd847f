"""Show which answers are alike: on a terminal, as CSV, JSON or HTML. Learners' texts are shown as text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from functional_course.grading.exporting.formulas import neutral
from functional_course.grading.reporting.page import rendered
from functional_course.grading.reporting.plain_text import one_line
from functional_course.grading.reporting.report_files import write_report
from functional_course.likeness.comparing import ALIKE, Pair, TaskLikeness

from rich.console import Console
from rich.table import Table
from rich.text import Text

_LONGEST, _LONGEST_LINE = 1_000, 160
_MOST_PAIRS, _MOST_LINES = 10, 12

NO_VERDICT = (
    f"A likeness of {ALIKE} or more is a reason to look, not a verdict: two people may have learned from the same "
    "page, worked together as you allowed, or had the same idea. Read both answers, and ask both, before you conclude "
    "anything."
)
_TITLES = ("task", "answers", "long enough", "alike")


@dataclass(frozen=True)
class ChapterLikeness:
    """What can be told of a chapter.

    Attributes:
        chapter: the assignment.
        students: how many handed in something.
        tasks: in the order of the notebooks.
        skipped: what could not be read, and why.
    """

    chapter: str
    students: int
    tasks: tuple[TaskLikeness, ...]
    skipped: tuple[str, ...] = ()

    @property
    def pairs(self) -> list[Pair]:
        """All pairs, the most alike first."""
        found = [pair for task in self.tasks for pair in task.pairs]
        return sorted(found, key=lambda pair: (-pair.likeness, pair.notebook, pair.task, pair.first, pair.second))


def show(chapters: Sequence[ChapterLikeness], console: Console) -> None:
    """Print for each task whether anything can be told, and the pairs with the statements that they have in common."""
    for chapter in chapters:
        console.print(Text(_summary(chapter), style="bold"))
        table = Table(_TITLES[0])
        for title in _TITLES[1:]:
            table.add_column(title, justify="right", no_wrap=True)
        for task in chapter.tasks:
            table.add_row(*map(Text, _task_cells(task)))
        console.print(table)
        for pair in chapter.pairs[:_MOST_PAIRS]:
            console.print(_sides(pair))
        if len(chapter.pairs) > _MOST_PAIRS:
            console.print(Text(f"… and {len(chapter.pairs) - _MOST_PAIRS} more pairs, which --output FILE.html has."))
        for sentence in _sentences(chapter):
            console.print(Text(one_line(sentence, _LONGEST)))
        console.print()
    if any(chapter.pairs for chapter in chapters):
        console.print(Text(NO_VERDICT))


def _sides(pair: Pair) -> Table:
    more = len(pair.lines) - _MOST_LINES
    table = Table(
        title=Text(_pair_title(pair)),
        caption=Text(f"and {more} more lines, which --output FILE.html has") if more > 0 else None,
        expand=True,
    )
    for who in (pair.first, pair.second):
        table.add_column(Text(one_line(who)), ratio=1, overflow="fold")
    for line in pair.lines[:_MOST_LINES]:
        table.add_row(*(Text(one_line(text, _LONGEST_LINE)) for text in line))
    return table


def write(chapters: Sequence[ChapterLikeness], path: Path) -> None:
    """Write it to a file in one step, in the form that its name ends in.

    Raises:
        ValueError: there is no such form.
    """
    write_report(path, chapters, as_csv, as_json, as_html)


def as_json(chapters: Sequence[ChapterLikeness]) -> str:
    """All that is known, with the statements of both sides."""
    return json.dumps([asdict(chapter) for chapter in chapters], indent=1, ensure_ascii=False) + "\n"


def as_csv(chapters: Sequence[ChapterLikeness]) -> str:
    """A row for each pair, the most alike of a chapter first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["chapter", "notebook", "task", "first", "second", "likeness", "lines"])
    for chapter in chapters:
        for pair in chapter.pairs:
            cells = (chapter.chapter, pair.notebook, pair.task, pair.first, pair.second, pair.likeness, len(pair.lines))
            writer.writerow([neutral(one_line(str(cell))) for cell in cells])
    return text.getvalue()


def as_html(chapters: Sequence[ChapterLikeness]) -> str:
    """One page without scripts or anything from elsewhere."""
    shown = [
        {
            "name": chapter.chapter,
            "summary": _summary(chapter),
            "tasks": [_task_cells(task) for task in chapter.tasks],
            "pairs": [
                (_pair_title(pair), (pair.first, pair.second), [_quoted(line) for line in pair.lines])
                for pair in chapter.pairs
            ],
            "sentences": _sentences(chapter),
        }
        for chapter in chapters
    ]
    return rendered(
        __package__,
        "likeness.html",
        title="Answers that are alike",
        chapters=shown,
        task_titles=_TITLES,
        no_verdict=NO_VERDICT,
    )


def _quoted(line: tuple[str, str]) -> tuple[str, ...]:
    # As code, unless the code has such marks itself.
    return tuple(f"`{one_line(text, _LONGEST_LINE)}`" if "`" not in text else text for text in line)


def _summary(chapter: ChapterLikeness) -> str:
    count = len(chapter.pairs)
    found = "no two answers are alike" if not count else "1 pair is alike" if count == 1 else f"{count} pairs are alike"
    return f"{one_line(chapter.chapter)}: {chapter.students} handed in, {found}."


def _task_cells(task: TaskLikeness) -> tuple[str, ...]:
    alike = str(len(task.pairs) or "–") if task.can_tell else "can't tell"
    return one_line(f"{task.notebook} / {task.task}"), str(task.answers), str(task.comparable), alike


def _pair_title(pair: Pair) -> str:
    return one_line(f"{pair.notebook} / {pair.task}: {pair.first} and {pair.second}, {pair.likeness:.2f}")


def _sentences(chapter: ChapterLikeness) -> list[str]:
    found = []
    if any(not task.can_tell for task in chapter.tasks):
        found.append(
            "Where it says “can't tell”, fewer than two answers have enough in them that is neither in the notebook "
            "nor in your own solution: right answers look like that, whoever wrote them."
        )
    if chapter.skipped:
        found.append(f"Not compared: {'; '.join(chapter.skipped)}.")
    return found
