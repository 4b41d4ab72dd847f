"""Which answers and forms of answers plain nbgrader has graded as it should, and what that rests on.

To grade one again tells nothing new while that is the same: the instructor's notebook, the answers with what they
should get, what these import of the course, how they are graded, and the libraries. It is written by ``make answers``,
which grades whatever is written, for one Python and one kind of processor: others grade anew.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path

from functional_course.notebooks.rests_on import digest
from functional_course.writing import write_whole

from answer_files import Answer
from answer_forms.reading import Form
from conftest import ROOT
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

LIBRARIES = (
    "keras",
    "tensorflow",
    "numpy",
    "scikit-learn",
    "matplotlib",
    "ipykernel",
    "nbclient",
    "nbconvert",
    "nbgrader",
)
GRADED_BY = (
    *("answer_files", "bare_notebooks", "classroom", "gradebooks", "messages", "nbgrader_command", "test_answers"),
    *("answer_forms/reading", "test_answer_forms"),
)
"""The modules of the tests that hand in, grade, and say what is wrong."""

KERNELS = "from functional_course.kernels import forkserver, provisioner, shortcuts, warm_process"
"""What a kernel is made with."""


def rests_on(asked: NotebookNode, answers: Iterable[Answer | Form], root: Path = ROOT) -> str:
    """A digest of all that decides what plain nbgrader makes of a learner's notebook.

    Args:
        asked: the instructor's notebook.
        answers: the learner's.
        root: a checkout of the course.

    Returns:
        20 hexadecimal digits.
    """
    answers = list(answers)
    cells = [new_code_cell(text) for answer in answers for text in (answer.source, getattr(answer, "later", ""))]
    settings = new_code_cell((root / "nbgrader_config.py").read_text(encoding="utf-8"))
    answered = new_notebook(cells=[*filter(_is_python, cells), settings, new_code_cell(KERNELS)])
    found = hashlib.sha256(_common(root))
    for cell in asked.cells:
        found.update(json.dumps([cell.cell_type, cell.metadata.get("nbgrader"), cell.metadata.get("tags")]).encode())
    for answer in answers:
        found.update(json.dumps(asdict(answer)).encode())
    for each in (asked, answered):
        found.update(digest(each, root / "functional_course").encode())
    return found.hexdigest()[:20]


def _is_python(cell: NotebookNode) -> bool:
    """Whether it may import something; what Python can't read imports nothing."""
    try:
        ast.parse("\n".join(line for line in cell.source.splitlines() if not line.lstrip().startswith(("%", "!"))))
    except (SyntaxError, ValueError):
        return False
    return True


@cache
def _common(root: Path) -> bytes:
    """What all of them rest on."""
    files = [root / "tests" / f"{module}.py" for module in GRADED_BY]
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    made_with = [*sys.version_info[:2], platform.machine(), backend, *map(importlib.metadata.version, LIBRARIES)]
    return json.dumps(made_with).encode() + b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)


class GradedBefore:
    """What is written of some notebooks, in a file of their own, so that others can be graded beside them.

    Args:
        file: the JSON file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._written: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def holds(self, name: str, digest: str) -> bool:
        """Whether a notebook was graded as it should, on all that it rests on now."""
        return self._written.get(name) == digest

    def write(self, name: str, digest: str) -> None:
        """Write that it was, just now."""
        self._written[name] = digest
        write_whole(self._file, json.dumps(dict(sorted(self._written.items())), indent=1) + "\n")
