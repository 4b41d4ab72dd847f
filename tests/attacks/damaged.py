"""Files that are no notebook, or not the one that was released. Where the answers can be read, they count."""

from __future__ import annotations

import copy
import json
import os

from attacks.attack import ANSWERS, Attack

import nbformat

NOTHING = dict.fromkeys(ANSWERS, 0.0)


def _file(folder):
    return folder / "build.ipynb"


def _written(notebook, folder, name="build.ipynb"):
    (folder / name).write_text(nbformat.writes(notebook), encoding="utf-8")


def data(content):
    """Hands in a file with these bytes."""
    return lambda folder, notebook: _file(folder).write_bytes(content)


def changed(change):
    """Hands in the notebook after a change to it."""

    def hand_in(folder, notebook):
        change(notebook)
        _file(folder).write_text(json.dumps(notebook), encoding="utf-8")

    return hand_in


def link(folder, notebook):
    folder.parent.joinpath("elsewhere.ipynb").write_text(nbformat.writes(notebook))
    _file(folder).symlink_to("../elsewhere.ipynb")


def gradebook_link(folder, notebook):
    _file(folder).symlink_to("../../../gradebook.db")


def pipe(folder, notebook):
    os.mkfifo(_file(folder))


def folder_instead(folder, notebook):
    _file(folder).mkdir()


def renamed(folder, notebook):
    _written(notebook, folder, "build (1).ipynb")


def with_modules(folder, notebook):
    _written(notebook, folder)
    for name in ("numpy.py", "keras.py", "functional_course.py", "sitecustomize.py"):
        (folder / name).write_text("raise SystemExit('attacked')")


def old_format(folder, notebook):
    cells = [
        {"cell_type": "code", "input": cell.source, "outputs": [], "language": "python", "metadata": cell.metadata}
        for cell in notebook.cells
    ]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}
    _file(folder).write_text(json.dumps(old))


def not_utf8(folder, notebook):
    notebook.cells[1].source = "# caf\u00e9\n" + notebook.cells[1].source
    _file(folder).write_bytes(json.dumps(notebook, ensure_ascii=False).encode("latin-1"))


def duplicated(notebook):
    notebook.cells += [copy.deepcopy(cell) for cell in notebook.cells]


def split(notebook):
    answer = notebook.cells[5]
    first, second = answer.source.split("\n")
    answer.source = second
    before = nbformat.v4.new_code_cell(first)
    notebook.cells.insert(5, before)


def reordered(notebook):
    notebook.cells.reverse()


def retagged(notebook):
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution", "raises-exception", "remove-cell"]


def points_changed(notebook):
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        marks["points"], marks["locked"], marks["schema_version"] = 1e9, False, 99


def tests_deleted(notebook):
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("grade")]


def stripped(notebook):
    notebook.metadata = {}
    for cell in notebook.cells:
        cell.metadata = {}


def kernel(notebook):
    notebook.metadata["kernelspec"] = {"name": "evil", "display_name": "x", "language": "bash"}
    notebook.metadata["language_info"] = {"name": "bash"}


def wrong_types(notebook):
    notebook["nbformat"], notebook["metadata"] = "four", []
    for cell in notebook["cells"]:
        cell["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "3"}}]
        cell["execution_count"] = {"x": "y"}
        cell["source"] = cell["source"].splitlines(keepends=True)


def surrogates(notebook):
    notebook.cells[1].source += "\n# \ud800 \x00 \x1b[31m\nprint('\\ud800', '\\x00')"


DAMAGED = [
    Attack(
        "not_json", "Cut off in the middle.", deserved=NOTHING, hands_in=data(b'{"cells": [{"cell_'), says="not JSON"
    ),
    Attack("empty_file", "An empty file.", deserved=NOTHING, hands_in=data(b""), says="is empty"),
    Attack("no_cells", "JSON, but no notebook.", deserved=NOTHING, hands_in=data(b'{"a": 1}'), says="no cells"),
    Attack("deep_json", "Nested a hundred thousand times.", deserved=NOTHING, hands_in=data(b"[" * 100_000)),
    Attack("binary", "Bytes of anything.", deserved=NOTHING, hands_in=data(bytes(range(256)) * 99)),
    Attack("linked", "A link to a notebook elsewhere.", deserved=NOTHING, hands_in=link, says="link"),
    Attack("gradebook_linked", "A link to the gradebook.", deserved=NOTHING, hands_in=gradebook_link, says="link"),
    Attack("pipe", "A pipe that nobody writes to.", deserved=NOTHING, hands_in=pipe, says="no ordinary file"),
    Attack("folder_instead", "A folder of that name.", deserved=NOTHING, hands_in=folder_instead, says="folder"),
    Attack("missing", "Nothing in the folder.", deserved=NOTHING, hands_in=lambda *_: None, says="no `build.ipynb`"),
    Attack("renamed", "A file that a browser renamed.", hands_in=renamed, says="was taken as"),
    Attack("shadows", "numpy.py beside the notebook.", hands_in=with_modules, says="left out"),
    Attack("old_format", "Format 3.", hands_in=old_format, says="format 3"),
    Attack("not_utf8", "Not UTF-8.", hands_in=not_utf8, says="UTF-8"),
    Attack("duplicated", "Every cell twice.", hands_in=changed(duplicated)),
    Attack("split", "An answer in two cells.", hands_in=changed(split)),
    Attack("reordered", "Cells in another order.", hands_in=changed(reordered)),
    Attack("retagged", "Tags that keep cells from being run.", hands_in=changed(retagged)),
    Attack("points_changed", "Points, locks and schema changed.", hands_in=changed(points_changed)),
    Attack("tests_deleted", "Without the tests.", hands_in=changed(tests_deleted)),
    Attack("stripped", "Without metadata.", hands_in=changed(stripped)),
    Attack("kernel", "Another kernel.", hands_in=changed(kernel)),
    Attack("wrong_types", "Fields of wrong types, and outputs with points.", hands_in=changed(wrong_types)),
    Attack("surrogates", "Text that no file can hold.", hands_in=changed(surrogates)),
]
