"""`course check` and `course grade` read the same files, and find the same text in them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from functional_course.checking import read_exercise
from functional_course.grading.taking_in.intake import READ, take_in
from functional_course.grading.taking_in.released import brought_to_date
from functional_course.notebooks.reading import NotebookError, read_notebook

import nbformat
import pytest

ANSWER = "value = 42  # größer\nother = 'é'"


def _with(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], bytes]:
    def made(notebook: dict[str, Any]) -> bytes:
        change(notebook)
        return json.dumps(notebook, ensure_ascii=False).encode()

    return made


def _cells(**more: Any) -> Callable[[dict[str, Any]], bytes]:
    return _with(lambda notebook: [cell.update(copy.deepcopy(more)) for cell in notebook["cells"]])


def _colab(notebook: dict[str, Any]) -> None:
    notebook.update(nbformat_minor=0)
    notebook["metadata"].update(colab={"provenance": []}, accelerator="GPU", widgets={"a": {"state": 3}})
    for cell in notebook["cells"]:
        cell["metadata"].update(id=cell.pop("id"), colab={"base_uri": "https://localhost:8080/", "height": 17})
        cell["source"] = cell["source"].splitlines(keepends=True)


def _vscode(notebook: dict[str, Any]) -> None:
    notebook.update(nbformat_minor=2)
    notebook["metadata"]["vscode"] = {"interpreter": {"hash": "x"}}
    for cell in notebook["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}
        cell.pop("id")


def _old(notebook: dict[str, Any]) -> None:
    cells = [
        {"cell_type": cell["cell_type"], "language": "python", "metadata": cell["metadata"], "outputs": [],
         "prompt_number": 1, "input": cell["source"]}
        for cell in notebook.pop("cells")
    ]  # fmt: skip
    notebook.update(nbformat=3, nbformat_minor=0, worksheets=[{"cells": cells}])


FORMS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "byte order mark": lambda notebook: b"\xef\xbb\xbf" + json.dumps(notebook).encode(),
    "UTF-16": lambda notebook: json.dumps(notebook, ensure_ascii=False).encode("utf-16"),
    "ids in 4.4": _with(lambda notebook: notebook.update(nbformat_minor=4)),
    "no ids in 4.5": _with(lambda notebook: [cell.pop("id") for cell in notebook["cells"]]),
    "one id twice": _cells(id="same"),
    "an id that is none": _cells(id="not an id!"),
    "a later minor": _with(lambda notebook: notebook.update(nbformat_minor=9)),
    "no minor": _with(lambda notebook: notebook.pop("nbformat_minor")),
    "outputs left out": _with(lambda notebook: [cell.pop("outputs", None) for cell in notebook["cells"]]),
    "outputs that are none": _cells(outputs=[{"output_type": "wrong"}, 3]),
    "no counts": _with(lambda notebook: [cell.pop("execution_count", None) for cell in notebook["cells"]]),
    "transient": _cells(
        outputs=[{"output_type": "display_data", "data": {}, "metadata": {}, "transient": {"display_id": "a"}}]
    ),
    "markdown with outputs": _with(
        lambda notebook: notebook["cells"].insert(
            0, {"cell_type": "markdown", "source": "x", "metadata": {}, "outputs": [], "execution_count": None}
        )
    ),
    "cells of another kind": _with(
        lambda notebook: notebook["cells"].insert(0, {"cell_type": "sql", "source": "SELECT", "metadata": {}})
    ),
    "no metadata of a cell": _with(
        lambda notebook: notebook["cells"].insert(0, {"cell_type": "markdown", "source": "x"})
    ),
    "more keys": _cells(attachments={}, more=1),
    "CRLF": lambda notebook: (
        json.dumps(
            {**notebook, "cells": [{**c, "source": c["source"].replace("\n", "\r\n")} for c in notebook["cells"]]},
            indent=1,
        ).replace("\n", "\r\n").encode()
    ),
    "CR": _with(lambda notebook: [c.update(source=c["source"].replace("\n", "\r")) for c in notebook["cells"]]),
    "lines": _with(lambda notebook: [c.update(source=c["source"].splitlines(True)) for c in notebook["cells"]]),
    "Colab": _with(_colab),
    "VS Code": _with(_vscode),
    "nbformat 3": _with(_old),
    "numbers that are none": lambda notebook: (
        json.dumps({**notebook, "x": [float("nan"), float("inf")]}).encode()
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_is_graded_is_checked_and_says_the_same(write_exercise, tmp_path: Path, form: str):
    path = write_exercise(ANSWER)
    released = brought_to_date("build", nbformat.read(path, 4))
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    data = FORMS[form](notebook)
    path.write_bytes(data)
    checked = read_exercise(path)
    nbformat.validate(checked)
    graded = take_in(path.parent, {"build": released}, below=path.parent)
    assert graded.states == {"build": READ}
    answers = [
        [cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "answer"]
        for notebook in (checked, graded.notebooks["build"])
    ]
    assert answers == [[ANSWER], [ANSWER]]
    assert checked.metadata.functional_course == released.metadata.functional_course


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"{}", b"[" * 100_000, b'{"cells": 3}', b'{"worksheets": 3}'])
def test_what_the_grader_refuses_the_check_refuses_with_the_same_words(tmp_path: Path, data: bytes):
    (tmp_path / "build.ipynb").write_bytes(data)
    with pytest.raises(NotebookError) as refused:
        read_exercise(tmp_path / "build.ipynb")
    intake = take_in(tmp_path, {"build": brought_to_date("build", nbformat.v4.new_notebook())}, below=tmp_path)
    reason = intake.found[-1].teacher.removeprefix("`build.ipynb` ").partition(";")[0]
    assert f"{tmp_path / 'build.ipynb'} {reason}. " in str(refused.value)


@pytest.mark.parametrize("cells", [3, [], {}, {"answer": "3"}, {"a" * 300: 1}, {"answer": [1]}, {"answer": True}])
def test_a_list_of_tasks_that_is_none_is_no_exercise(write_exercise, cells: Any):
    path = write_exercise(ANSWER)
    notebook = json.loads(path.read_text())
    notebook["metadata"]["functional_course"]["cells"] = cells
    path.write_text(json.dumps(notebook))
    with pytest.raises(NotebookError, match="not an exercise of this course"):
        read_exercise(path)


def test_a_byte_order_mark_in_a_chapter_is_nothing_to_speak_of(tmp_path: Path):
    data = nbformat.writes(nbformat.v4.new_notebook()).encode()
    (tmp_path / "chapter.ipynb").write_bytes(b"\xef\xbb\xbf" + data)
    assert read_notebook(tmp_path / "chapter.ipynb").cells == []
