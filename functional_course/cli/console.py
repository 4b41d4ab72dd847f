"""What all commands share: where they print, how long work shows its progress, and how they refuse.

What a command found goes to stdout, and everything else to stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from functional_course.notebooks.course_root import find_root
from functional_course.terminal import Console

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

FAILED, REFUSED = 1, 2

out = Console()
err = Console(stderr=True)


@contextmanager
def progress() -> Iterator[Progress]:
    """Bars on stderr, which disappear where nobody watches: what a command found can be piped."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
        yield bar


def root() -> Path:
    """The course in which the command was called, or a refusal."""
    found = find_root()
    if found is None:
        refuse(
            "This isn't a checkout of the course: there is no nbgrader_config.py here or above. Change into the "
            "course's folder first. If you were given only a folder of exercises, course check NOTEBOOK is what works "
            "there."
        )
    return found


def refuse_missing(error: ModuleNotFoundError) -> NoReturn:
    """End with what to install, or with where the command works."""
    if error.name in sys.stdlib_module_names:  # no package index has it: Python itself lacks it on this system
        refuse(f"This Python has no {error.name}, which this command needs. Run it on Linux, or in a container.")
    refuse(f"{error.name} is not installed. In the course's folder: pip install -e '.[grade]'.")


def refuse(message: str) -> NoReturn:
    """End with a sentence that says what was wrong and what to do."""
    err.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(REFUSED)
