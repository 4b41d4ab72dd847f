"""``environment.yml`` says the same as ``pyproject.toml`` and the requirements files that it reads."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent

ELSEWHERE = {"gpu", "jax", "torch"}


def by_name(lines: Iterable[str]) -> dict[str, str]:
    """Requirements as name -> everything else, in one spelling."""
    found = {}
    for line in lines:
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        assert name not in found, f"{name} is named twice"
        found[name] = f"{sorted(requirement.extras)} {requirement.specifier} {requirement.marker}"
    return found


def requirement_lines(text: str) -> list[str]:
    """The lines of a requirements file that ask for something."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def asked_for(root: Path) -> dict[str, str]:
    """What ``pip install -e ".[book,grade,cluster,test]"`` asks for: all but what takes another device or backend."""
    project = tomllib.loads((root / "pyproject.toml").read_text())
    lines = list(project["project"]["dependencies"])
    extras = project["tool"]["setuptools"]["dynamic"]["optional-dependencies"]
    assert extras.keys() >= ELSEWHERE
    for extra in extras.keys() - ELSEWHERE:
        for name in extras[extra]["file"]:
            lines += requirement_lines((root / name).read_text())
    return by_name(lines)


def differences(environment: str, root: Path = ROOT) -> list[str]:
    """Where a conda environment and the project part, one line each."""
    dependencies = yaml.safe_load(environment)["dependencies"]
    pip = next(entry["pip"] for entry in dependencies if isinstance(entry, dict))
    there = by_name(line for line in pip if line != "-e .")
    here = asked_for(root)

    faults = [f"{name}: only in pyproject.toml" for name in sorted(here.keys() - there.keys())]
    faults += [f"{name}: only in environment.yml" for name in sorted(there.keys() - here.keys())]
    faults += [
        f"{name}: {there[name]} instead of {here[name]}"
        for name in sorted(here.keys() & there.keys())
        if here[name] != there[name]
    ]
    if "-e ." not in pip:
        faults.append("the course itself (-e .) is missing")
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    version = next(entry for entry in dependencies if str(entry).startswith("python=")).split("=")[1]
    if version not in Requirement("python" + project["requires-python"]).specifier:
        faults.append(f"python {version} is not {project['requires-python']}")
    return faults


def test_the_environment_says_the_same_as_the_project() -> None:
    assert differences((ROOT / "environment.yml").read_text()) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("keras>=3.12,<4", "keras>=3.11,<4", "keras: "),
        ("keras>=3.12,<4", "keras", "keras: "),
        ("      - nbval>=0.11\n", "", "nbval: only in pyproject.toml"),
        ("      - nbval>=0.11\n", "      - nbval>=0.11\n      - pandas\n", "pandas: only in environment.yml"),
        ("jupyter-book>=1.0.4,<2", "jupyter-book>=1.0.4", "jupyter-book: "),
        ("      - -e .\n", "", "the course itself"),
        ("python=3.12", "python=3.9", "python 3.9"),
    ],
)
def test_a_planted_difference_is_found(old: str, new: str, expected: str) -> None:
    text = (ROOT / "environment.yml").read_text()
    assert text.count(old) == 1
    faults = differences(text.replace(old, new))
    assert len(faults) == 1
    assert expected in faults[0]


def test_the_order_and_the_spelling_of_names_do_not_matter() -> None:
    assert by_name(["PyYAML>=6", "scikit_learn<2,>=1"]) == by_name(["scikit-learn>=1,<2", "pyyaml >= 6"])
