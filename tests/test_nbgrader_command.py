"""The forked commands that the tests give nbgrader end and write as ``python -m nbgrader`` does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbgrader_command
import pytest
from small_course import ASSIGNMENT, make_course


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return make_course(tmp_path / "course")


def environment(course: Path) -> dict[str, str]:
    own = {name: str(course.parent / "home") for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    return {**os.environ, **own, "ONLY_HERE": "1"}


@pytest.mark.parametrize(
    ("arguments", "ends", "says"),
    [(["autograde", "00_nothing"], 1, "00_nothing"), (["export", "--to=made.csv"], 0, "made.csv")],
    ids=["a mistake", "an export"],
)
def test_it_ends_and_writes_as_the_command_does(course: Path, arguments: list[str], ends: int, says: str):
    status, said = nbgrader_command.run(["generate_assignment", ASSIGNMENT], course, environment(course))
    assert status == 0, said
    assert (course / "exercises" / ASSIGNMENT / "small.ipynb").is_file()
    status, said = nbgrader_command.run(arguments, course, environment(course))
    words = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(
        words, cwd=course, env=environment(course), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert status == done.returncode == ends
    assert says in said
    assert _plain(said) == _plain(done.stdout)


def _plain(said: str) -> list[str]:
    """The lines, without what a terminal makes of them."""
    return re.sub(r"\x1b\[[0-9;]*m", "", said).split("\n")


def test_it_has_the_variables_and_the_folder_of_its_own_and_nothing_of_the_tests(course: Path):
    look = """\
import os, sys
print("looked", os.environ["ONLY_HERE"], "tests" in [each.rpartition("/")[2] for each in sys.path])
print(os.getcwd())
"""
    (course / "nbgrader_config.py").write_text(look)
    status, said = nbgrader_command.run(["export"], course, environment(course))
    assert status == 0
    assert f"looked 1 False\n{course}\n" in said
    assert "ONLY_HERE" not in os.environ
