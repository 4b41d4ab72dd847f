"""A solution that costs too much processor time is refused while nbval executes it, by its name and its cells."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import budget
import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook

BURN = "import time\nend = time.process_time() + {seconds}\nwhile time.process_time() < end:\n    pass"


def write(path: Path, seconds: float) -> None:
    """A page that burns so much in its second cell."""
    cells = [new_code_cell("x = 1"), new_code_cell(BURN.format(seconds=seconds)), new_code_cell("x = 2")]
    for number, cell in enumerate(cells, start=1):
        cell.execution_count = number
    cells[1].metadata["nbgrader"] = {"grade_id": "test-burns"}
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What one run of nbval with the plugin says of three notebooks, which may cost a fifth of a reference."""
    folder = tmp_path_factory.mktemp("pages")
    write(folder / "solutions" / "00_small" / "sparing.ipynb", 0)
    write(folder / "solutions" / "00_small" / "burning.ipynb", 1.5)
    write(folder / "chapters" / "lesson.ipynb", 1.5)
    environment = {
        **os.environ,
        "JUPYTER_DEFAULT_PROVISIONER_NAME": "warm-provisioner",
        budget.HOLDS: "0.2",
    }
    options = ["-q", "-rA", "-p", "no:cacheprovider", "-p", "tests.budget", "--nbval"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    return done.stdout


def test_a_notebook_that_burns_too_much_is_refused_by_name_and_by_cell(said: str):
    assert re.search(r"00_small/burning costs 1\.\d+ s of processor time", said)
    assert re.search(r"most expensive cells so far: test-burns 1\.\d+ s", said)


def test_it_is_refused_once_and_no_other_is(said: str):
    assert len(re.findall(r"^FAILED ", said, re.MULTILINE)) == 1
    assert len(re.findall(r"^PASSED ", said, re.MULTILINE)) == 8


def test_the_suite_holds_the_solutions_to_it():
    commands = (ROOT / "Makefile").read_text().replace("\\\n", " ").splitlines()
    on_tensorflow = [each for each in commands if "tests.backends" not in each]
    (nbval,) = (each for each in on_tensorflow if "--nbval" in each and each.endswith(" solutions"))
    assert "-p tests.budget" in nbval
