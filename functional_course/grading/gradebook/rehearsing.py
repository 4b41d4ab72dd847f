"""Score a notebook that nobody handed in, in a scratch course: what comes after finds all imported and compiled."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

from functional_course.grading.gradebook.connecting import KeptEngine
from functional_course.scratch import scratch_folder

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import SaveCells
from traitlets.config import Config

STUDENT, ASSIGNMENT, NOTEBOOK = "nobody", "rehearsal", "rehearsal"


def rehearse(released: NotebookNode, engine: KeptEngine, score: Callable[[Config, Path], None]) -> None:
    """Have one notebook scored in a course of its own.

    Nothing of the real course's configuration is used: it may name folders elsewhere, and hooks that shall hear of
    what was handed in alone.

    Args:
        released: a notebook as learners have it.
        engine: what compiles the SQL. It works on the scratch course's gradebook meanwhile.
        score: does all that is done with a submission, from a configuration and the folder of clean submissions. The
            submission is ``NOTEBOOK`` of ``ASSIGNMENT``, by ``STUDENT``.
    """
    with scratch_folder("rehearsal") as folder:
        root = Path(folder)
        config = Config()
        config.CourseDirectory.root = str(root)
        config.CourseDirectory.db_url = url = f"sqlite:///{root / 'gradebook.db'}"
        place = root / "clean" / STUDENT / ASSIGNMENT
        place.mkdir(parents=True)
        nbformat.write(released, place / f"{NOTEBOOK}.ipynb")
        with engine.elsewhere(root / "gradebook.db"):
            with engine.opening():
                with Gradebook(url) as gradebook:
                    gradebook.check_course()
                    gradebook.add_assignment(ASSIGNMENT)
                told = {"notebook": NOTEBOOK, "assignment": ASSIGNMENT, "db_url": url}
                SaveCells().preprocess(copy.deepcopy(released), {"nbgrader": told})
            score(config, root / "clean")
