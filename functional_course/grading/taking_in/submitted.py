"""Read the cells of a notebook that may be damaged, of any format, or hostile: as plain text, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from functional_course.grading.taking_in.finite import is_finite
from functional_course.grading.taking_in.opening import Unreadable

import nbformat
from nbformat.notebooknode import NotebookNode

MOST_VALUES = 2_000_000
"""The most JSON values in a notebook: 20 MB of empty lists would otherwise take a gigabyte of memory."""

MOST_CELLS = 5_000
"""The most cells of a notebook that are looked at."""

_FRESH = "Take a fresh copy of the notebook, put your answers in, and hand it in again."


@dataclass(frozen=True)
class SubmittedCell:
    """A cell as it was handed in.

    Attributes:
        kind: ``code``, ``markdown``, ``raw`` or whatever the file says.
        text: its source: a string without NULs, lone surrogates and carriage returns.
        grade_id: nbgrader's name of it, if it has one.
        ids: the cell's own ids, in the places where editors put them.
        marks: nbgrader's other settings, as they stand in the file.
        tags: its tags.
    """

    kind: str
    text: str
    grade_id: str | None = None
    ids: tuple[str, ...] = ()
    marks: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class SubmittedNotebook:
    """What is of use in a file that was handed in.

    Attributes:
        cells: its cells, in order.
        kernel: the name of the kernel that it asks for.
        chapter: the assignment that it says it belongs to.
        notebook: which of its notebooks it says it is.
        tasks: the graded cells and answers that it says it has, with their points, None for an answer.
        files: what it says was handed out beside it.
        editor: ``Google Colab`` or ``VS Code``, if such an editor left its settings.
        remarks: what was unusual about the file: a word for programs, and the rest of a sentence about the file.
    """

    cells: list[SubmittedCell]
    kernel: str | None = None
    chapter: str | None = None
    notebook: str | None = None
    tasks: Mapping[str, float | None] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    editor: str | None = None
    remarks: tuple[tuple[str, str], ...] = ()


def parse_notebook(data: bytes) -> SubmittedNotebook:
    """Read the bytes of a notebook, of format 2, 3, 4 or a later one that still has cells.

    Raises:
        Unreadable: there are no cells to be found in it.
    """
    remarks: list[tuple[str, str]] = []
    content = _json(_decoded(data, remarks))
    if not isinstance(content, dict):
        raise Unreadable("not-a-notebook", "is JSON, but not a notebook", _FRESH)
    listed = _listed(content)
    if listed is None:
        raise Unreadable("not-a-notebook", "is JSON, but not a notebook: it has no cells", _FRESH)
    version = content.get("nbformat")
    if version != 4 or isinstance(version, bool):
        known = isinstance(version, int) and not isinstance(version, bool) and 0 < version < 1000
        remarks.append(
            ("format", f"has the notebook format {version}" if known else "does not say its notebook format")
        )
    if len(listed) > MOST_CELLS:
        remarks.append(("cut", f"has {len(listed):,} cells; the first {MOST_CELLS:,} were read"))
    cells = [_cell(cell) for cell in listed[:MOST_CELLS] if isinstance(cell, dict)]
    about = _mapping(content.get("metadata"))
    kernel = _mapping(about.get("kernelspec")).get("name")
    course = _mapping(about.get("functional_course"))
    return SubmittedNotebook(
        cells,
        kernel=kernel if isinstance(kernel, str) else None,
        chapter=_word(course.get("chapter")),
        notebook=_word(course.get("notebook")),
        tasks=_tasks(course.get("cells")),
        files=_files(course.get("files")),
        editor=_editor(about, listed[:MOST_CELLS]),
        remarks=tuple(remarks),
    )


def as_notebook(content: SubmittedNotebook) -> NotebookNode:
    """A notebook to execute: its texts and nbgrader's marks in the newest form, and no output, id or setting more."""
    cells = []
    for number, cell in enumerate(content.cells, 1):
        make = {"code": nbformat.v4.new_code_cell, "raw": nbformat.v4.new_raw_cell}
        made = make.get(cell.kind, nbformat.v4.new_markdown_cell)(cell.text, id=f"cell-{number}")
        if cell.grade_id:
            marks = {word: cell.marks.get(word) is True for word in ("grade", "solution", "locked", "task")}
            made.metadata["nbgrader"] = {"grade_id": cell.grade_id, **marks}
        if cell.tags:
            made.metadata["tags"] = list(cell.tags)
        cells.append(made)
    about = {"chapter": content.chapter or "", "notebook": content.notebook or "", "cells": dict(content.tasks)}
    if content.files:
        about["files"] = list(content.files)
    return nbformat.v4.new_notebook(cells=cells, metadata={"functional_course": about})


def _tasks(listed: object) -> dict[str, float | None]:
    """A notebook's own list of its tasks, as far as it is one."""
    found: dict[str, float | None] = {}
    for name, points in list(_mapping(listed).items())[:MOST_CELLS]:
        if _word(name) and (points is None or (is_finite(points) and 0 <= points < 1e6)):
            found[name] = points
    return found


def _files(listed: object) -> tuple[str, ...]:
    """A notebook's own list of files, as far as it is one: plain names, each once."""
    names = [name for name in listed[:MOST_CELLS] if _word(name)] if isinstance(listed, list) else []
    return tuple(dict.fromkeys(name for name in names if name not in (".", "..") and not set(name) & set("/\\\0")))


def _decoded(data: bytes, remarks: list[tuple[str, str]]) -> str:
    if not data.strip():
        raise Unreadable("empty", "is empty", "Save the notebook in Jupyter and hand it in again.")
    structure = sum(data.count(mark) for mark in (b"[", b"{", b",", b":"))
    if structure > MOST_VALUES:
        raise Unreadable(
            "too-large",
            f"has more than {MOST_VALUES:,} values",
            "Clear its outputs (Jupyter: Edit, Clear Outputs of All Cells), save it, and hand it in again.",
        )
    for mark, encoding in ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if data.startswith(mark):
            remarks.append(("encoding", f"is {encoding}, not UTF-8"))
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # JSON's own signs are ASCII: what gets lost is a letter of a comment, a text or an output.
        remarks.append(("encoding", f"is not UTF-8 (byte {error.start}); letters that could not be read became �"))
        return data.decode("utf-8-sig", "replace")


def _json(text: str) -> Any:
    try:
        # Numbers beyond what a notebook holds are not worth the time that it takes to read them.
        return json.loads(
            text, parse_int=lambda digits: int(digits) if len(digits) < 20 else None, parse_constant=lambda _: None
        )
    except json.JSONDecodeError as error:
        reason = f"is not JSON (line {error.lineno}, column {error.colno}), so it is not a notebook"
        raise Unreadable("not-json", reason, f"Was it saved only in part? {_FRESH}") from error
    except RecursionError as error:
        raise Unreadable("not-a-notebook", "is nested too deeply to be a notebook", _FRESH) from error


def _listed(content: dict[str, Any]) -> list[Any] | None:
    if isinstance(content.get("cells"), list):
        return content["cells"]
    sheets = content.get("worksheets")
    if isinstance(sheets, list):
        return [
            cell for sheet in sheets if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]  # fmt: skip
    return None


def _cell(cell: dict[str, Any]) -> SubmittedCell:
    about = _mapping(cell.get("metadata"))
    marks = _mapping(about.get("nbgrader"))
    kind = cell.get("cell_type")
    # Format 3 calls the text of a code cell "input".
    source = cell.get("source", cell.get("input") if kind in ("code", None) else None)
    tags = about.get("tags")
    return SubmittedCell(
        kind=kind if isinstance(kind, str) else "code",
        text=clean_text(source),
        grade_id=_word(marks.get("grade_id")),
        ids=tuple(word for word in (_word(cell.get("id")), _word(about.get("id"))) if word),
        marks=marks,
        tags=tuple(tag for tag in tags[:100] if isinstance(tag, str)) if isinstance(tags, list) else (),
    )


def clean_text(source: object) -> str:
    """A cell's source as text: a string or a list of strings, without what no text file can hold."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    text = source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    # A lone surrogate cannot be written as UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


def _editor(about: Mapping[str, Any], cells: list[Any]) -> str | None:
    if "colab" in about:
        return "Google Colab"
    marked = (_mapping(cell.get("metadata")) for cell in cells if isinstance(cell, dict))
    return "VS Code" if "vscode" in about or any("vscode" in marks for marks in marked) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= 200 else None
