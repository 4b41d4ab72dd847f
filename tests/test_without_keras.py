"""``make check`` runs tests that import no Keras, and says which one does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT


@pytest.mark.parametrize("heavy", ["keras", "tensorflow"])
def test_a_test_that_imports_it_is_refused_by_name_and_the_others_run(tmp_path: Path, heavy: str):
    (tmp_path / "test_light.py").write_text("def test_one():\n    pass\n")
    (tmp_path / "test_heavy.py").write_text(f"def test_two():\n    import {heavy}\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.without_keras", "-p", "no:cacheprovider", tmp_path]
    done = subprocess.run([*command, "-c", "/dev/null"], cwd=ROOT, capture_output=True, text=True)
    assert "1 failed, 1 passed" in done.stdout
    assert f"`make check` runs what needs no {heavy}" in done.stdout and "test_heavy.py::test_two" in done.stdout


def test_the_quick_tests_are_there():
    line = subprocess.run(["make", "--dry-run", "check"], cwd=ROOT, capture_output=True, text=True).stdout
    named = [word for word in line.split() if word.startswith("tests/test_")]
    assert len(named) > 25 and all((ROOT / name).is_file() for name in named)
