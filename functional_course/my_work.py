"""A learner's own copy of the exercises, in ``my_work/``: what is new comes in, and what they changed stays theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from functional_course import bringing
from functional_course.bringing import Brought

__all__ = ["FOLDER", "RECORD", "Brought", "bring"]

FOLDER = "my_work"
RECORD = Path(".course") / "my_work.json"
"""Which version of each file the learner's copy was made from, as a digest."""


def bring(root: Path) -> Brought:
    """Copy the exercises of a course to where a learner works on them. Nothing that they changed is overwritten.

    Args:
        root: the course's folder.

    Returns:
        What became of each file, in order; none is named that is as it was.

    Raises:
        FileNotFoundError: the course has no exercises.
        OSError: a file can't be read or written. What was copied before stays, and the next call goes on.
    """
    source = root / "exercises"
    if not source.is_dir():
        raise FileNotFoundError(f"There is no folder {source} to copy exercises from.")
    files = ((name, (source / name).read_bytes()) for name in files_below(source))
    return bringing.bring(files, root / FOLDER, root / RECORD)


def files_below(folder: Path) -> Iterator[Path]:
    """All files below a folder, in order, but hidden ones, such as the checkpoints of Jupyter."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            yield name
