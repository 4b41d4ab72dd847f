"""Where the course itself lies, which a teacher's own course takes exercises and settings from."""

from __future__ import annotations

from pathlib import Path

import functional_course
from functional_course.notebooks.course_root import MARK

REPOSITORY = Path(functional_course.__file__).resolve().parent.parent
SOLUTIONS = "solutions"


class RepositoryError(RuntimeError):
    """The package was installed without the course around it; the message says what to do."""


def repository() -> Path:
    """The checkout of the course that this package belongs to.

    Raises:
        RepositoryError: there is none around it.
    """
    if not (REPOSITORY / MARK).is_file() or not (REPOSITORY / SOLUTIONS).is_dir():
        raise RepositoryError(
            f"There are no exercises in {REPOSITORY}, because this functional_course was installed without them. "
            "Clone the course, and install it from there: pip install -e '.[grade]'."
        )
    return REPOSITORY


def settings() -> tuple[str, str]:
    """What ``load_subconfig`` in an ``nbgrader_config.py`` needs to load the course's settings as they are today.

    Returns:
        The name of the file, and the folder that it is in.

    Raises:
        RepositoryError: the course isn't there.
    """
    return MARK, str(repository())
