"""What learners read above their notebook on its feedback page: what was put right in it, left out or refused."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

from functional_course.grading.taking_in.repairs import Repair

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell


def sentences(found: Iterable[Repair], notebook: str) -> list[str]:
    """What learners are told about one notebook and about the whole submission, each sentence once.

    Args:
        found: all repairs of a submission.
        notebook: its name, without suffix.
    """
    about = [repair.learner for repair in found if repair.notebook in ("", notebook) and repair.learner]
    return list(dict.fromkeys(about))


def graded_by_hand(marks: Iterable[Mapping[str, Any]]) -> list[str]:
    """What a learner is told of the cells of a notebook that only a teacher can give points for.

    Args:
        marks: nbgrader's metadata of its cells.
    """
    cells = [
        f"`{mark['grade_id']}`"
        for mark in marks
        if mark.get("task") or (mark.get("grade") and (mark.get("solution") or mark.get("cell_type") == "markdown"))
    ]
    if not cells:
        return []
    what, them = ("this cell", "it") if len(cells) == 1 else ("these cells", "them")
    return [f"Your teacher looks at {what} and grades {them} by hand: {', '.join(cells)}."]


def cell(said: Iterable[str]) -> NotebookNode:
    """A cell with these sentences. They may quote the learner: nothing in them is taken for HTML or Markdown."""
    items = [f"<li>{_quoted(each)}</li>" for each in said]
    lines = ["<div>", "<p><strong>About your submission</strong></p>", "<ul>", *items, "</ul>", "</div>"]
    return new_markdown_cell("\n".join(lines), id="about-your-submission")


def _quoted(text: str) -> str:
    # In a block of HTML, Markdown leaves a line as it is; an empty line would end the block.
    escaped = re.sub(r"\s+", " ", html.escape(text))
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escaped)
