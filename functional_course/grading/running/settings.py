"""What ``course grade`` can be told in the course's ``nbgrader_config.py``, as nbgrader's own settings are.

An option of the command wins over the file: ``c.CourseGrade.memory = 4096`` there is ``--memory 4096`` here.
"""

from __future__ import annotations

import difflib
import os
import traceback
from pathlib import Path
from typing import Any

from functional_course.grading.gradebook.folders import load_config
from functional_course.grading.judging.backends import NAMES
from functional_course.grading.judging.execution import CONTAINER, IMAGE, NAMESPACES, NONE, NOTEBOOK_SECONDS
from functional_course.grading.taking_in.plan import CELL_SECONDS
from functional_course.notebooks.course_root import MARK
from functional_course.sandbox import Policy
from functional_course.sandbox.policy import MIB

from traitlets import Bool, Enum, Int, TraitError, Unicode, validate
from traitlets.config import Config, Configurable

LEAST_MEMORY, MOST_MEMORY = 128, 1024**2
"""MiB. With less, the process that judges ends even where no model is built; with models it needs some 512. With
far more, the kernel's numbers end."""

MOST_SECONDS = 1_000_000
"""Eleven days. With far more, the clock's numbers end."""

_SECONDS = f"a whole number from 1 to {MOST_SECONDS}, in seconds"


class SettingsError(ValueError):
    """A setting cannot be used; the message says which, in which file or option, and what it takes."""


class CourseGrade(Configurable):
    """The settings of ``course grade``. Each is called as its option.

    What a trait is tagged with besides its help: ``takes`` says which values it can have, and ``usual`` what stands
    for it if it is left out, where that is no value of its own.
    """

    memory = Int(
        None,
        allow_none=True,
        min=LEAST_MEMORY,
        max=MOST_MEMORY,
        help="MiB of memory that a submission may take; its tests may take as much",
    ).tag(
        config=True,
        usual=str(Policy().memory_bytes // MIB),
        takes=f"a whole number from {LEAST_MEMORY} to {MOST_MEMORY}, in MiB",
    )
    timeout = Int(CELL_SECONDS, min=1, max=MOST_SECONDS, help="seconds of processor time that one cell may take").tag(
        config=True, takes=_SECONDS
    )
    seconds = Int(
        None,
        allow_none=True,
        min=1,
        max=MOST_SECONDS,
        help="seconds of processor time that one notebook may take, tests included",
    ).tag(config=True, usual=f"{NOTEBOOK_SECONDS}, or twice `timeout` if that is more", takes=_SECONDS)
    processes = Int(
        None, allow_none=True, min=1, help="processes and threads that a submission may have at a time, together"
    ).tag(config=True, usual="96, and 4 per processor", takes="a whole number above 0")
    sandbox = Enum((NAMESPACES, CONTAINER, NONE), NAMESPACES, help="what keeps learners' code in").tag(
        config=True, takes=f'"{NAMESPACES}", "{CONTAINER}" or "{NONE}"'
    )
    image = Unicode(IMAGE, help="for containers, the image that holds Python and the course").tag(
        config=True, takes="the name of an image"
    )
    backend = Enum(tuple(NAMES), None, allow_none=True, help="the backend of Keras that answers and tests run on").tag(
        config=True, usual="what KERAS_BACKEND says, or tensorflow", takes='"tensorflow", "jax" or "torch"'
    )
    workers = Int(None, allow_none=True, min=1, help="notebooks that are executed at a time").tag(
        config=True, usual="one per processor", takes="a whole number above 0"
    )
    scheduler = Unicode(None, allow_none=True, help="the Dask cluster that executes").tag(
        config=True,
        usual="this machine",
        takes='an address such as "tcp://host:8786", or "" for this machine',
    )
    provisional = Enum(
        ("keep", "zero"), "keep", help="what counts, until you have looked, of a test that wasn't judged safely"
    ).tag(config=True, takes='"keep" or "zero"')
    feedback = Bool(True, help="whether feedback pages are written").tag(config=True, takes="True or False")

    @validate("image")
    def _named(self, proposal: Any) -> str:
        if not proposal["value"].strip():
            raise TraitError("an image has a name")
        return str(proposal["value"])


def course_settings(root: Path, **options: Any) -> CourseGrade:
    """The settings of a course.

    Args:
        root: the folder with ``nbgrader_config.py``.
        options: what was asked for on the command line, by the settings' names; None is not asked for.

    Raises:
        SettingsError: the file cannot be read, or has a setting that there is not, or a value, there or in an option,
            is one that its setting cannot have.
    """
    file = os.path.relpath(root / MARK)
    settings = CourseGrade()
    for name, value in _written(root, file).items():
        if name not in settings.traits(config=True):
            raise SettingsError(_unknown(settings, name, file))
        _set(settings, name, value, f"{file} has c.CourseGrade.{name} = {value!r}")
    for name, value in options.items():
        if value is not None:
            _set(settings, name, value, f"--{name} is {value!r}")
    return settings


def _written(root: Path, file: str) -> Config:
    """What the file says of this class."""
    try:
        config = load_config(root)
        written = config.CourseGrade
    except Exception as error:  # it is Python, and may raise anything
        lines = [
            frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).name == MARK
        ]
        where = f" in line {lines[-1]}" if lines else ""
        raise SettingsError(
            f"{file} cannot be read{where} ({type(error).__name__}: {error}). Put that right and run the command again."
        ) from error
    for section in config:
        # To traitlets any section is a good one, and a limit in a misspelt one would not hold.
        if section != CourseGrade.__name__ and _alike(section):
            raise SettingsError(f"{file} sets c.{section}, which there is not. Did you mean c.CourseGrade?")
    return written


def _alike(section: str) -> bool:
    matcher = difflib.SequenceMatcher(None, section.casefold(), CourseGrade.__name__.casefold())
    return matcher.ratio() > 0.8


def _unknown(settings: CourseGrade, name: str, file: str) -> str:
    known = settings.traits(config=True)
    near = difflib.get_close_matches(name, known, 1)
    meant = f"Did you mean {near[0]}?" if near else f"There are {', '.join(sorted(known))}."
    return f"{file} sets c.CourseGrade.{name}, which there is not. {meant}"


def _set(settings: CourseGrade, name: str, value: object, said: str) -> None:
    trait = settings.traits()[name]
    try:
        if isinstance(value, bool) and not isinstance(trait, Bool):
            raise TraitError("True and False are whole numbers to Python")
        setattr(settings, name, value)
    except TraitError as error:
        raise SettingsError(f"{said}. It takes {trait.metadata['takes']}.") from error
