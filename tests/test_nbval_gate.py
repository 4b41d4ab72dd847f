"""nbval in strict mode, set up as `make test` runs it, refuses a page whose outputs are not what its code prints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from functional_course.notebooks.canonical import faults

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook, new_output

DRAWN = '<figure class="course-picture"><svg><path d="M0 0"/></svg></figure>'
SHOW = f"""\
from IPython.display import display

display({{"text/html": {DRAWN!r}, "text/plain": "A line to 3."}}, raw=True)"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page as it should be: a number, a picture with its words, and an error that is announced."""
    picture = {"text/html": DRAWN, "text/plain": "A line to 3."}
    error = new_output("error", ename="ValueError", evalue="no", traceback=["ValueError: no"])
    notebook = new_notebook(
        cells=[
            new_code_cell("print(1 + 2)", execution_count=1, outputs=[new_output("stream", text="3\n")]),
            new_code_cell(SHOW, execution_count=2, outputs=[new_output("display_data", data=picture)]),
            new_code_cell("raise ValueError('no')", execution_count=3, outputs=[error]),
        ]
    )
    notebook.cells[2].metadata["tags"] = ["raises-exception"]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = tmp_path / "page.ipynb"
    nbformat.write(notebook, path)
    return path


def nbval(page: Path) -> subprocess.CompletedProcess[str]:
    sanitize = ROOT / "tests" / "nbval_sanitize.cfg"
    options = ["-q", "-p", "no:cacheprovider", "--nbval", "--nbval-sanitize-with", str(sanitize)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(page)],
        cwd=page.parent, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def change(page: Path, fault) -> None:
    notebook = nbformat.read(page, 4)
    fault(notebook.cells)
    nbformat.write(notebook, page)


def test_a_true_page_passes(page: Path):
    done = nbval(page)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


@pytest.mark.parametrize(
    "fault",
    [
        lambda cells: cells[0].outputs[0].update(text="4\n"),
        lambda cells: cells[0].update(source="print(4)"),
        lambda cells: cells[0].update(source="1 / 0"),
        lambda cells: cells[1].outputs[0].data.update({"text/plain": "A line to 4."}),
        lambda cells: cells[2].update(source="pass"),
        lambda cells: cells[2].outputs[0].update(evalue="yes"),
    ],
    ids=["other output stored", "other code", "raises", "other picture", "error gone", "other error"],
)
def test_a_planted_fault_is_refused(page: Path, fault):
    change(page, fault)
    assert nbval(page).returncode == 1


def test_how_a_picture_is_drawn_may_differ(page: Path):
    drawn_otherwise = {"text/html": DRAWN.replace("M0 0", "M1 1")}
    change(page, lambda cells: cells[1].outputs[0].data.update(drawn_otherwise))
    assert nbval(page).returncode == 0


def test_a_cell_that_was_never_executed_passes_nbval_and_not_the_canonical_form(page: Path):
    change(page, lambda cells: cells[0].update(execution_count=None, outputs=[]))
    assert "not executed once each" in faults(nbformat.read(page, 4))[0]
