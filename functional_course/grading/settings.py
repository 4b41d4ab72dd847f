"""What ``course grade`` can be told in the course's ``nbgrader_config.py``, as nbgrader's own settings are.

An option of the command wins over the file: ``c.CourseGrade.memory = 4096`` there is ``--memory 4096`` here.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from functional_course.grading.execution import CONTAINER, IMAGE, NAMESPACES, NONE
from functional_course.grading.folders import load_config
from functional_course.grading.plan import CELL_SECONDS
from functional_course.notebooks.course_root import MARK

from traitlets import Bool, Enum, Int, TraitError, Unicode
from traitlets.config import Configurable

LEAST_MEMORY = 64
"""MiB. With less no notebook runs."""


class SettingsError(ValueError):
    """The configuration cannot be used; the message says what to change."""


class CourseGrade(Configurable):
    """The settings of ``course grade``. Each is called as its option."""

    workers = Int(
        None, allow_none=True, min=1, help="Notebooks executed at a time; one a processor if it is None."
    ).tag(config=True, takes="a whole number above 0")
    sandbox = Enum((NAMESPACES, CONTAINER, NONE), NAMESPACES, help="What keeps learners' code in.").tag(
        config=True, takes=f'"{NAMESPACES}", "{CONTAINER}" or "{NONE}"'
    )
    image = Unicode(IMAGE, help="For containers: the image that holds Python and the course.").tag(
        config=True, takes="the name of an image"
    )
    scheduler = Unicode(None, allow_none=True, help="The address of a Dask scheduler, to execute there.").tag(
        config=True, takes='an address such as "tcp://host:8786"'
    )
    timeout = Int(CELL_SECONDS, min=1, help="Seconds that one cell may take.").tag(
        config=True, takes="a whole number above 0, in seconds"
    )
    seconds = Int(
        None, allow_none=True, min=1, help="Seconds that one notebook may take; 900, or twice timeout, if it is None."
    ).tag(config=True, takes="a whole number above 0, in seconds")
    memory = Int(None, allow_none=True, min=LEAST_MEMORY, help="MiB that a submission may take; None is 2048.").tag(
        config=True, takes=f"a whole number from {LEAST_MEMORY} on, in MiB"
    )
    processes = Int(None, allow_none=True, min=1, help="Processes and threads that a submission may have.").tag(
        config=True, takes="a whole number above 0"
    )
    feedback = Bool(True, help="Whether to write feedback pages.").tag(config=True, takes="True or False")
    provisional = Enum(
        ("keep", "zero"), "keep", help="What counts, until you have looked, of a test that was not judged safely."
    ).tag(config=True, takes='"keep" or "zero"')


def course_settings(root: Path, **options: Any) -> CourseGrade:
    """The settings of a course.

    Args:
        root: the folder with ``nbgrader_config.py``.
        options: what was asked for on the command line, by the settings' names; None is not asked for.

    Raises:
        SettingsError: the file cannot be read, or has a setting that there is not, or a value that it cannot have.
    """
    try:
        written = load_config(root).CourseGrade
    except Exception as error:  # it is Python, and may raise anything
        raise SettingsError(
            f"{MARK} cannot be read ({type(error).__name__}: {error}). Put that right and run the command again."
        ) from error
    settings = CourseGrade()
    known = settings.traits(config=True)
    for name, value in written.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            meant = f"Did you mean {near[0]}?" if near else f"There are {', '.join(sorted(known))}."
            raise SettingsError(f"{MARK} sets c.CourseGrade.{name}, which there is not. {meant}")
        try:
            if isinstance(value, bool) and not isinstance(known[name], Bool):
                raise TraitError("True and False are whole numbers to Python")
            setattr(settings, name, value)
        except TraitError as error:
            takes = known[name].metadata["takes"]
            raise SettingsError(f"{MARK} has c.CourseGrade.{name} = {value!r}. It takes {takes}.") from error
    for name, value in options.items():
        if value is not None:
            setattr(settings, name, value)
    return settings
