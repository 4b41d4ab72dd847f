"""ruff, set up as `make test` runs it, refuses unused code and another form, in modules and in notebooks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook

GOOD = "import sys\n\nprint(sys.path)\n"
FAULTS = {
    "unused import": ("check", "import os\nimport sys\n\nprint(sys.path)\n", "F401"),
    "undefined name": ("check", "print(sys.path)\n", "F821"),
    "too long a line": ("check", GOOD + f"# {'x' * 120}\n", "E501"),
    "other quotes": ("format", "print('x')\n", "1 file would be reformatted"),
}


def ruff(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ruff", *words, "."], cwd=folder, capture_output=True, text=True)


def refusals(folder: Path) -> dict[str, str]:
    """What `make test` would stop at, by command."""
    done = {"check": ruff(folder, "check", "--no-cache"), "format": ruff(folder, "format", "--check", "--no-cache")}
    return {command: each.stdout + each.stderr for command, each in done.items() if each.returncode != 0}


def write(folder: Path, source: str, kind: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", folder)
    if kind == "module":
        (folder / "module.py").write_text(source)
    else:
        nbformat.write(new_notebook(cells=[new_code_cell(source.rstrip())]), folder / "page.ipynb")


def test_make_test_runs_both():
    recipe = (ROOT / "Makefile").read_text()
    assert "ruff check .\n" in recipe and "ruff format --check .\n" in recipe


@pytest.mark.parametrize("kind", ["module", "notebook"])
def test_what_is_in_form_passes(tmp_path: Path, kind: str):
    write(tmp_path, GOOD, kind)
    assert refusals(tmp_path) == {}


@pytest.mark.parametrize("kind", ["module", "notebook"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_refused(tmp_path: Path, fault: str, kind: str):
    command, source, says = FAULTS[fault]
    write(tmp_path, source, kind)
    assert says in refusals(tmp_path)[command]
