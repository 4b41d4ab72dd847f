"""The types of the package hold, but in the modules that pyproject.toml lists, and that list only gets shorter."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli")

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
EXEMPT = {module for override in SETTINGS.get("overrides", ()) for module in override["module"]}


def errors(folder: Path, cache: Path) -> dict[str, list[str]]:
    """What mypy finds in the package of a folder without exemptions, by module."""
    settings = cache / "mypy.ini"
    given = {**SETTINGS, "packages": ",".join(SETTINGS["packages"])}
    lines = [f"{name} = {value}\n" for name, value in given.items() if name != "overrides"]
    settings.write_text("".join(["[mypy]\n", *lines]))
    command = [sys.executable, "-m", "mypy", "--config-file", settings, "--cache-dir", cache / "mypy", "--no-color"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found: dict[str, list[str]] = {}
    for file, said in re.findall(r"^(functional_course\S*?)\.py:(\d+: error: .+)$", done.stdout, re.MULTILINE):
        found.setdefault(file.replace("/", ".").removesuffix(".__init__"), []).append(said)
    return found


def unlike(found: dict[str, list[str]], exempt: set[str]) -> list[str]:
    """What the list of exempt modules says otherwise."""
    new = [f"{module}: {said}" for module, lines in sorted(found.items()) if module not in exempt for said in lines]
    return new + [
        f"{module} is clean: take it off the list in pyproject.toml" for module in sorted(exempt - set(found))
    ]


def test_types_hold_but_where_they_are_known_not_to(tmp_path: Path):
    assert not (wrong := unlike(errors(ROOT, tmp_path), EXEMPT)), "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def half(number):\n    return 'four' + 1\n", "Unsupported operand"),
        ("same = 1 == 'one'\n", "Non-overlapping equality"),
        ("from typing import cast\n\nfour = cast(int, 4)\n", "Redundant cast"),
        ("four: int = 4  # type: ignore[assignment]\n", "Unused"),
    ],
)
def test_what_the_settings_ask_for_is_refused(tmp_path: Path, source: str, said: str):
    package = tmp_path / "functional_course"
    package.mkdir()
    (package / "__init__.py").write_text(source)
    assert said in errors(tmp_path, tmp_path)["functional_course"][0]


def test_a_wrong_type_is_refused_and_so_is_a_clean_module_on_the_list(tmp_path: Path):
    package = tmp_path / "functional_course"
    package.mkdir()
    (package / "__init__.py").write_text("def half(number: int) -> float:\n    return number / 2\n")
    (package / "wrong.py").write_text("from functional_course import half\n\nhalf('four')\n")
    found = errors(tmp_path, tmp_path)
    assert list(found) == ["functional_course.wrong"]
    assert 'incompatible type "str"' in unlike(found, set())[0]
    assert unlike(found, {"functional_course.wrong"}) == []
    assert "is clean" in unlike(found, {"functional_course", "functional_course.wrong"})[0]
