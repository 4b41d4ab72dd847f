"""``course init``: a teacher's own course folder, made once and brought up to date with the course ever after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from functional_course.bringing import Brought, bring
from functional_course.notebooks.course_root import MARK
from functional_course.notebooks.reading import NotebookError
from functional_course.own_course.choice import FILE, ChoiceError, choices_in, read_choices, written
from functional_course.own_course.making import make, meaning, offered
from functional_course.own_course.repository import SOLUTIONS, RepositoryError, repository
from functional_course.writing import write_whole

RELEASED = "exercises"
RECORD = Path(".course") / "init.json"
"""Which version of each file below ``solutions`` was made last, as a digest."""

_SETTINGS = '''\
"""nbgrader's settings for this course: the Keras course's own, as they are today, and what you set here."""

from functional_course.own_course.repository import settings

c = get_config()  # noqa: F821  (nbgrader gives it)
load_subconfig(*settings())  # noqa: F821

# What you set from here on wins, such as c.CourseGrade.timeout = 60.
c.CourseDirectory.course_id = "{course_id}"
'''


class InitError(RuntimeError):
    """There can't be such a folder, or it can't be brought up to date. The message says why and what to do."""


@dataclass(frozen=True)
class Prepared:
    """What became of a teacher's course folder.

    Attributes:
        brought: what became of each file, by its name below ``solutions``.
        chapters: how many chapters the course uses.
        notebooks: how many notebooks.
        tasks: how many tasks.
        points: what they are worth together.
        unused: what the course has besides, as ``chapter`` or ``chapter/notebook``.
        notes: what the teacher should read, as sentences.
    """

    brought: Brought
    chapters: int
    notebooks: int
    tasks: int
    points: float
    unused: tuple[str, ...]
    notes: tuple[str, ...]


def prepare(folder: Path, chapters: Sequence[str] = ()) -> Prepared:
    """Make a teacher's course folder, or bring it up to date with the course and with its ``course.yml``.

    Everything is made before anything is written, so what can't be made leaves the folder as it was. A notebook that
    the teacher changed is never overwritten, and neither are ``course.yml`` and ``nbgrader_config.py``.

    Args:
        folder: new, or a folder that this function made.
        chapters: which to use in a new folder; all if left out.

    Returns:
        What became of it.

    Raises:
        InitError: the folder is the course itself or lies in it, or is something else than a course of this kind;
            chapters are given for one that has a ``course.yml``; or ``course.yml`` asks for what there can't be.
        OSError: a file can't be read or written. What was written stays, and the next call goes on.
    """
    try:
        course = repository()
        _check(folder, course, chapters)
        known, choice = offered(course), folder / FILE
        new = None if choice.exists() else written(known, chapters)
        choices = read_choices(choice, known) if new is None else choices_in(new, known)
        made = make(course, choices)
    except (RepositoryError, ChoiceError, NotebookError) as error:
        raise InitError(str(error)) from error
    if new is not None:
        write_whole(choice, new)
    if not (folder / MARK).exists():
        write_whole(folder / MARK, _SETTINGS.format(course_id=_course_id(folder)))
    brought = bring(made.files, folder / SOLUTIONS, folder / RECORD, removing=True, digest=meaning)
    unused = [chapter for chapter in known if chapter not in choices]
    unused += [f"{chapter}/{name}" for chapter in choices for name in known[chapter] if name not in choices[chapter]]
    count = sum(map(len, choices.values()))
    notes = [*made.notes, *_still_released(folder, brought.removed)]
    return Prepared(brought, len(choices), count, made.tasks, made.points, tuple(sorted(unused)), tuple(notes))


def _check(folder: Path, course: Path, chapters: Sequence[str]) -> None:
    """Refuse what can't become a teacher's course, or be one."""
    if folder.is_symlink() and not folder.exists():
        raise InitError(f"{folder} is a link to a folder that isn't there. Name a folder for your course.")
    if folder.exists() and not folder.is_dir():
        raise InitError(f"{folder} is a file. Name a folder for your course.")
    if folder.resolve().is_relative_to(course):
        what = "is the Keras course itself" if folder.resolve() == course else "lies inside the Keras course"
        raise InitError(f"{folder} {what}. Name a folder outside of {course} for yours: course init ../my_course.")
    choice = folder / FILE
    if choice.exists():
        if chapters:
            raise InitError(
                f"{choice} says which chapters this course uses. Put {', '.join(chapters)} below `chapters:` there, "
                "and run the command without --chapter."
            )
    elif (folder / MARK).exists():
        raise InitError(
            f"{folder} has an {MARK} and no {FILE}, so it's another course of nbgrader's. Name a new folder, or put "
            f"its {FILE} back if it had one."
        )


def _still_released(folder: Path, removed: Iterable[Path]) -> Iterator[str]:
    """A sentence for each exercise that was released from what the course doesn't use any more."""
    for name in removed:
        released = Path(RELEASED) / name
        if name.suffix == ".ipynb" and (folder / released).exists():
            yield f"{released.as_posix()} is still there from an earlier release. Remove it before you hand it out."


def _course_id(folder: Path) -> str:
    """The folder's name, in the letters that the exchange takes in a course's name."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", folder.resolve().name).strip("_.") or "my_course"
