"""Names of folders that nbgrader cannot work with: some are worked round, the others refused before it sees them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from functional_course.scratch import scratch_folder

_PATTERN_LETTERS = frozenset("*?[")


def why_no_student(name: str) -> str | None:
    """Why nbgrader cannot score a student of this name, as the rest of a sentence; None if it can.

    Example:

    >>> why_no_student(" ada")
    'begins or ends with a space, which nbgrader cuts off'
    """
    if set(name) & _PATTERN_LETTERS:
        return "has a *, a ? or a [ in it, and nbgrader would take it for several students"
    if name != name.strip():
        return "begins or ends with a space, which nbgrader cuts off"
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "is not UTF-8, and the gradebook cannot hold it"
    if any(letter != " " and not letter.isprintable() for letter in name):
        return "has a line break or another letter in it that does not show, and nbgrader does not find it again"
    return None


@contextlib.contextmanager
def plainly_named(*folders: Path) -> Iterator[list[Path]]:
    """Other paths to the same folders, without letters that nbgrader takes for a pattern.

    nbgrader looks for files with ``glob`` and regular expressions that it makes of whole paths, so that in a folder
    called ``course-main (1)`` or ``[x]`` it finds none.
    """
    with scratch_folder("names") as scratch:
        links = []
        for number, folder in enumerate(folders):
            links.append(Path(scratch) / f"folder{number}")
            links[-1].symlink_to(folder.absolute(), target_is_directory=True)
        yield links
