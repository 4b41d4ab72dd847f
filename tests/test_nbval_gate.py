"""nbval in strict mode, set up as `make test` runs it, refuses a page whose outputs are not what its code prints."""

from __future__ import annotations

import re
import subprocess
import sys

from functional_course.notebooks.canonical import faults

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook, new_output

# What its tests share is made once, on one worker.
pytestmark = pytest.mark.xdist_group("nbval-gate")

DRAWN = '<svg class="course-picture"><path d="M0 0"/></svg>'
PANELS = '<svg class="course-panels"><svg class="course-picture"><path d="M0 0"/></svg></svg>'
PICTURE = {"image/svg+xml": DRAWN, "image/png": "aGk=", "text/plain": "A line to 3."}
SHOW = f"""\
from IPython.display import display

display({PICTURE!r}, raw=True)
display({PICTURE | {"image/svg+xml": PANELS}!r}, raw=True)"""


FAULTS = {
    "none": lambda cells: None,
    "picture_drawn_otherwise": lambda cells: (
        [
            cells[1].outputs[place].data.update({"image/svg+xml": drawn.replace("M0 0", "M1 1"), "image/png": "aGo="})
            for place, drawn in enumerate((DRAWN, PANELS))
        ]
    ),
    "never_executed": lambda cells: cells[0].update(execution_count=None, outputs=[]),
    "other_output_stored": lambda cells: cells[0].outputs[0].update(text="4\n"),
    "other_code": lambda cells: cells[0].update(source="print(4)"),
    "raises": lambda cells: cells[0].update(source="1 / 0"),
    "other_picture": lambda cells: cells[1].outputs[0].data.update({"text/plain": "A line to 4."}),
    "other_panels": lambda cells: cells[1].outputs[1].data.update({"text/plain": "A line to 4."}),
    "picture_of_another_kind": lambda cells: cells[1].outputs[0].data.update({"image/svg+xml": "<svg><path/></svg>"}),
    "picture_gone": lambda cells: cells[1].outputs[0].data.pop("image/svg+xml"),
    "error_gone": lambda cells: cells[2].update(source="pass"),
    "other_error": lambda cells: cells[2].outputs[0].update(evalue="yes"),
}


def page() -> nbformat.NotebookNode:
    """A page as it should be: a number, a picture with its words, and an error that is announced."""
    pictures = [
        new_output("display_data", data=PICTURE),
        new_output("display_data", data=PICTURE | {"image/svg+xml": PANELS}),
    ]
    error = new_output("error", ename="ValueError", evalue="no", traceback=["ValueError: no"])
    notebook = new_notebook(
        cells=[
            new_code_cell("print(1 + 2)", execution_count=1, outputs=[new_output("stream", text="3\n")]),
            new_code_cell(SHOW, execution_count=2, outputs=pictures),
            new_code_cell("raise ValueError('no')", execution_count=3, outputs=[error]),
        ]
    )
    notebook.cells[2].metadata["tags"] = ["raises-exception"]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """One run of nbval over a page without and pages with a planted fault: those that it refuses."""
    folder = tmp_path_factory.mktemp("pages")
    for name, plant in FAULTS.items():
        notebook = page()
        plant(notebook.cells)
        nbformat.write(notebook, folder / f"{name}.ipynb")
    sanitize = ROOT / "tests" / "nbval_sanitize.cfg"
    options = ["-q", "--tb=no", "-rfE", "-p", "no:cacheprovider", "--nbval", "--nbval-sanitize-with", str(sanitize)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder)],
        cwd=folder, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    return set(re.findall(r"^(?:FAILED|ERROR) (?:.*/)?(\w+)\.ipynb", done.stdout, re.MULTILINE))


@pytest.mark.parametrize("name", list(FAULTS)[:3])
def test_what_nbval_lets_pass(name: str, refused: set[str]):
    assert name not in refused


@pytest.mark.parametrize("name", list(FAULTS)[3:])
def test_a_planted_fault_is_refused(name: str, refused: set[str]):
    assert name in refused


def test_a_cell_that_was_never_executed_is_refused_by_the_canonical_form():
    notebook = page()
    assert not any("not executed" in fault for fault in faults(notebook))
    FAULTS["never_executed"](notebook.cells)
    assert "not executed once each" in faults(notebook)[0]
