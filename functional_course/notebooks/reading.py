"""Read a notebook that somebody else wrote: whatever is wrong with the file becomes one clear sentence."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import nbformat

LARGEST = 20_000_000
"""The most bytes that a notebook file may have."""

SAFELY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
"""How a file of somebody else's is opened: through no link, and without waiting for a pipe or becoming a terminal's."""


class NotebookError(ValueError):
    """A file is not the notebook that it should be. The message says what is wrong, where, and what to do."""


def read_notebook(path: str | os.PathLike[str]) -> nbformat.NotebookNode:
    """Read a notebook of this house, outputs and all, of any format version, as version 4.

    What a learner hands in or has checked is read by :mod:`functional_course.grading.taking_in.submitted`.

    Args:
        path: a regular file; links are not followed.

    Raises:
        NotebookError: there is no such file, it is a link or a folder, too large, not UTF-8, not JSON, or no notebook.
    """
    path = Path(path)
    data = read_bytes(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotebookError(f"{path} is not UTF-8 (byte {error.start}), so it is not a notebook.") from error
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotebookError(
            f"{path} is not JSON (line {error.lineno}, column {error.colno}: {error.msg}), so it is not a notebook. "
            "Was it saved only in part, or merged with conflicts? Take a fresh copy and put your answers in."
        ) from error
    except RecursionError as error:
        raise NotebookError(f"{path} is nested too deeply to be a notebook. Take a fresh copy.") from error
    if not isinstance(content, dict) or "nbformat" not in content:
        raise NotebookError(f"{path} is JSON, but not a notebook: it has no nbformat. Give a file made by Jupyter.")
    try:
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # nbformat raises whatever the damaged part leads to
        reason = str(error).strip().splitlines()
        raise NotebookError(
            f"{path} is a damaged notebook ({reason[0] if reason else type(error).__name__}). "
            "Open it in Jupyter and save it, or take a fresh copy and put your answers in."
        ) from error
    return notebook


def read_bytes(path: Path) -> bytes:
    """What a file holds.

    Raises:
        NotebookError: there is no such file, it is a link or a folder, or too large.
    """
    try:
        # Opened before it is looked at, and never through a link: what is checked is what is read.
        descriptor = os.open(path, SAFELY)
    except FileNotFoundError as error:
        raise NotebookError(f"There is no file {path}.{_elsewhere(path)}") from error
    except OSError as error:
        what = "is a link" if path.is_symlink() else f"cannot be opened ({error.strerror})"
        raise NotebookError(f"{path} {what}. Give the notebook file itself.") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise NotebookError(f"{path} is not a file. Give a notebook, such as exercises/.../build.ipynb.")
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > LARGEST:
            raise NotebookError(
                f"{path} has {status.st_size / 1e6:.0f} MB, the most is {LARGEST / 1e6:.0f} MB. "
                "Clear its outputs (Jupyter: Edit, Clear Outputs of All Cells) and save it."
            )
        return file.read(LARGEST + 1)


def _elsewhere(path: Path) -> str:
    """Where such a file lies one folder below: people are often in the folder that has the exercises."""
    if path.is_absolute() or ".." in path.parts:
        return ""
    found = sorted(str(each / path) for each in Path().iterdir() if each.is_dir() and (each / path).is_file())
    return f" Did you mean {' or '.join(found)}?" if found else ""
