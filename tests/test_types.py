"""The types of the whole package hold, by the settings of pyproject.toml."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def said(folder: Path, cache: Path) -> str:
    """What mypy says of the package in a folder."""
    settings = folder / "pyproject.toml"
    command = [sys.executable, "-m", "mypy", "--config-file", settings, "--cache-dir", cache / "mypy", "--no-color"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def test_the_types_of_the_package_hold(tmp_path: Path):
    assert (found := said(ROOT, tmp_path)).startswith("Success"), found


def test_no_module_is_left_out():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert settings["packages"] == ["functional_course"]
    assert not {"overrides", "exclude", "ignore_errors"} & set(settings)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def half(number: int) -> float:\n    return number / 2\n\n\nhalf('four')\n", 'incompatible type "str"'),
        ("def half(number):\n    return 'four' + 1\n", "Unsupported operand"),
        ("same = 1 == 'one'\n", "Non-overlapping equality"),
        ("from typing import cast\n\nfour = cast(int, 4)\n", "Redundant cast"),
        ("four: int = 4  # type: ignore[assignment]\n", "Unused"),
    ],
)
def test_a_wrong_type_is_refused(tmp_path: Path, source: str, expected: str):
    package = tmp_path / "functional_course"
    package.mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (package / "__init__.py").write_text(source)
    assert expected in said(tmp_path, tmp_path)
