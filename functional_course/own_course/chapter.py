"""``course new-chapter``: a chapter of the teacher's own, begun from a notebook that can be released and graded."""

from __future__ import annotations

import re
from pathlib import Path

from functional_course.own_course.repository import SOLUTIONS
from functional_course.writing import write_whole

TEMPLATE = Path(__file__).parent / "template.ipynb"
"""A whole instructor's notebook: set-up, tasks, solutions, visible and hidden tests, with the outputs of a run."""

CHAPTER, NOTEBOOK = "CHAPTER_NAME", "NOTEBOOK_NAME"
"""What stands in the template for the names."""

_NAME = re.compile(r"\w[\w.-]*")


class ChapterError(ValueError):
    """There can't be such a chapter. The message says why and what to do."""


def new_chapter(root: Path, name: str, notebook: str = "build") -> Path:
    """Write a chapter's first notebook, or one more, from the template.

    Args:
        root: the course's folder.
        name: of the chapter, which is nbgrader's assignment.
        notebook: its name, without ``.ipynb``.

    Returns:
        The notebook's file.

    Raises:
        ChapterError: the name can't be a folder's, or there is such a notebook already.
        OSError: the file can't be written.
    """
    for word in (name, notebook):
        if not _NAME.fullmatch(word):
            raise ChapterError(
                f"{word!r} can't be a name here: nbgrader makes folders and files of it. Use letters, digits, - and _, "
                "as in 07_attention."
            )
    path = root / SOLUTIONS / name / f"{notebook}.ipynb"
    if path.exists():
        raise ChapterError(f"There is a {path.relative_to(root)} already, and it stays as it is. Choose another name.")
    text = TEMPLATE.read_text(encoding="utf-8")
    # Neither name has a letter that JSON would write in another way.
    write_whole(path, text.replace(CHAPTER, name).replace(NOTEBOOK, notebook))
    return path
