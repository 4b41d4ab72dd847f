"""The form of stored notebooks: every notebook of the course is in it, and each fault is seen."""

from __future__ import annotations

import copy
from pathlib import Path

from functional_course.notebooks.canonical import canonical, faults, write_notebook
from functional_course.notebooks.course_root import assignment_notebooks, chapter_notebooks, page_notebooks
from functional_course.notebooks.reading import read_notebook

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook, new_output

STORED = [*page_notebooks(ROOT), *assignment_notebooks(ROOT, "solutions")]

PICTURE = {"image/svg+xml": "<svg><path/></svg>", "image/png": "aGk=", "text/plain": "A line."}
SAID = {kind: {"alt": "A line."} for kind in ("image/svg+xml", "image/png")}


def stored() -> nbformat.NotebookNode:
    """A small notebook as the course stores it."""
    error = new_output("error", ename="ValueError", evalue="no", traceback=["ValueError: no"])
    picture = new_output("display_data", data=dict(PICTURE), metadata=copy.deepcopy(SAID))
    cells = [
        new_code_cell("print(1)", id="one", execution_count=1, outputs=[new_output("stream", text="1\n")]),
        new_code_cell("draw()", id="two", execution_count=2, outputs=[picture]),
        new_code_cell("raise ValueError('no')", id="three", execution_count=3, outputs=[error]),
    ]
    cells[2].metadata["tags"] = ["raises-exception"]
    return canonical(new_notebook(cells=cells))


def test_there_are_notebooks_to_look_at():
    assert len(chapter_notebooks(ROOT)) >= 1
    assert len(assignment_notebooks(ROOT, "solutions")) >= 2


@pytest.mark.parametrize("path", STORED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_notebook_of_the_course_is_in_canonical_form(path: Path):
    assert faults(read_notebook(path)) == []


@pytest.mark.parametrize("path", STORED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_writing_it_again_changes_nothing(path: Path, tmp_path: Path):
    copied = tmp_path / path.name
    copied.write_bytes(path.read_bytes())
    assert not write_notebook(canonical(read_notebook(copied)), copied)


def test_a_sound_notebook_has_no_faults():
    assert faults(stored()) == []


def plant(number: int, fault) -> list[str]:
    notebook = stored()
    fault(notebook.cells[number])
    return faults(notebook)


@pytest.mark.parametrize(
    ("number", "fault", "says"),
    [
        (0, lambda cell: cell.update(execution_count=None), "not executed once each, in order"),
        (0, lambda cell: cell.update(execution_count=5), "not executed once each, in order"),
        (0, lambda cell: cell.update(source=" "), "empty cell"),
        (0, lambda cell: cell.update(id="two"), "not unique"),
        (0, lambda cell: cell.outputs[0].update(name="stderr"), "writes to stderr"),
        (0, lambda cell: cell.outputs[0].update(text="/opt/anybody/notes.txt"), "a machine's path: /opt/anybody/notes"),
        (0, lambda cell: cell.outputs[0].update(text="C:\\Users\\me"), "a machine's path"),
        (0, lambda cell: cell.outputs[0].update(text="<object at 0x7f1b2c3d4e5f>"), "a memory address"),
        (0, lambda cell: cell.metadata.update(execution={"iopub.execute_input": "now"}), "not in canonical form"),
        (0, lambda cell: cell.outputs.append(new_output("stream", text="2\n")), "not in canonical form"),
        (1, lambda cell: cell.outputs[0].metadata.clear(), "without alt text"),
        (1, lambda cell: cell.outputs[0].metadata["image/png"].update(alt=""), "without alt text"),
        (1, lambda cell: cell.outputs[0].data.pop("image/png"), "without image/png"),
        (1, lambda cell: cell.outputs[0].data.pop("image/svg+xml"), "without image/svg+xml"),
        (1, lambda cell: cell.outputs[0].data.pop("text/plain"), "without text/plain"),
        (1, lambda cell: cell.outputs[0].data.update({"text/plain": ""}), "without text/plain"),
        (1, lambda cell: cell.outputs[0].data.update({"text/html": "<b>A line.</b>"}), "as HTML too"),
        (1, lambda cell: cell.outputs[0].update(data={"text/html": "<svg><path/></svg>"}), "as HTML, of which"),
        (1, lambda cell: cell.outputs[0].update(data={"text/html": '<img src="a.png">'}), "as HTML, of which"),
        (1, lambda cell: cell.outputs[0].data.update({"image/png": "x" * 150_001}), "a picture of 150 KB"),
        (1, lambda cell: cell.outputs[0].data.update({"image/svg+xml": "é" * 75_001}), "a picture of 150 KB"),
        (0, lambda cell: cell.outputs[0].update(text="x" * 2_000_000), "takes 2.0 MB, and 2 MB is the most"),
        (2, lambda cell: cell.metadata.pop("tags"), "an error that nobody announced: ValueError"),
        (2, lambda cell: cell.outputs.clear(), "stores no error"),
    ],
)
def test_a_planted_fault_is_seen(number: int, fault, says: str):
    assert any(says in found for found in plant(number, fault)), plant(number, fault)


def test_paths_that_are_not_a_machines_are_left_alone():
    for text in (
        "see exercises/01/build.ipynb",
        "https://keras.io/guides/functional_api/",
        "a/b/c",
        "1/2",
        "</g></svg>",
    ):
        assert plant(0, lambda cell, text=text: cell.outputs[0].update(text=text)) == []


def test_tracebacks_lose_the_place_of_the_installation():
    notebook = stored()
    notebook.cells[2].outputs[0].traceback = [
        "File \x1b[32m/opt/env/lib/python3.11/site-packages/keras/src/x.py:122\x1b[39m, in f",
        "File \x1b[32m/opt/python/lib/python3.11/json/decoder.py:1\x1b[39m",
        "File \x1b[32m/opt/course/functional_course/models/graph.py:1\x1b[39m",
    ]
    assert any("machine's path" in fault for fault in faults(notebook))
    assert canonical(notebook).cells[2].outputs[0].traceback == [
        "File \x1b[32msite-packages/keras/src/x.py:122\x1b[39m, in f",
        "File \x1b[32mpython3.11/json/decoder.py:1\x1b[39m",
        "File \x1b[32mfunctional_course/models/graph.py:1\x1b[39m",
    ]


def test_canonical_keeps_what_counts():
    notebook = stored()
    notebook.metadata["functional_course"] = {"chapter": "00"}
    notebook.cells[0].metadata["nbgrader"] = {"grade_id": "a"}
    again = canonical(copy.deepcopy(notebook))
    assert again.metadata.functional_course == {"chapter": "00"}
    assert again.cells[0].metadata.nbgrader.grade_id == "a"
    assert again.cells[2].metadata.tags == ["raises-exception"]


@pytest.mark.parametrize(
    ("tag", "collapsed"),
    [
        ("hide-input", {"source_hidden"}),
        ("hide-output", {"outputs_hidden"}),
        ("remove-cell", {"source_hidden", "outputs_hidden"}),
        ("raises-exception", set()),
    ],
)
def test_what_the_site_hides_is_collapsed_in_jupyterlab(tag: str, collapsed: set[str]):
    notebook = stored()
    notebook.cells[0].metadata["tags"] = [tag]
    assert canonical(notebook).cells[0].metadata.get("jupyter", {}) == dict.fromkeys(collapsed, True)
    assert any("not in canonical form" in fault for fault in faults(notebook)) == bool(collapsed)
    notebook.cells[0].metadata["jupyter"] = {"source_hidden": False}
    assert canonical(notebook).cells[0].metadata.get("jupyter", {}) == dict.fromkeys(collapsed, True)


def test_writing_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.ipynb"
    assert write_notebook(stored(), path)
    before = path.read_bytes()
    assert not write_notebook(stored(), path)

    changed = stored()
    changed.cells[0].source = "print(2)"

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_notebook(changed, path)
    assert path.read_bytes() == before
    assert [other.name for other in tmp_path.iterdir()] == ["a.ipynb"]
