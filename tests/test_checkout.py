"""The repository holds what the course is made of, and nothing that strayed into it."""

from __future__ import annotations

import subprocess

import pytest
from conftest import ROOT

TOP = {
    *(".ci", ".dockerignore", ".github", ".gitignore", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "Dockerfile"),
    *("LICENSE", "LICENSE-TEXT"),
    *("Makefile", "README.md", "_config.yml", "benchmarks", "book", "constraints.txt", "environment.yml", "exercises"),
    *("functional_course", "nbgrader_config.py", "pyproject.toml", "solutions", "tests"),
}
MOST = 7_000_000
"""Bytes of a file. The largest are the weights of chapter 6's backbone."""


def strays(sizes: dict[str, int]) -> list[str]:
    """The files that stand where none is expected, or are too large."""
    where = [f"{name} is nothing that the course is made of" for name in sizes if name.partition("/")[0] not in TOP]
    return where + [f"{name} has {size:,} bytes" for name, size in sizes.items() if size > MOST]


def test_nothing_strayed_into_the_repository():
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("no checkout of git")
    files = {name: ROOT / name for name in done.stdout.split("\0") if name}
    assert len(files) > 500
    assert strays({name: path.stat().st_size for name, path in files.items() if path.is_file()}) == []


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        ("playwright.whl", 600_000, "nothing that the course is made of"),
        ("notes/today.md", 1, "nothing that the course is made of"),
        ("book/weights.npz", 53_474_566, "53,474,566 bytes"),
    ],
)
def test_a_planted_stray_is_found(name: str, size: int, said: str):
    (found,) = strays({"README.md": 1, "functional_course/backbones/lite0.npz": 6_500_000, name: size})
    assert said in found
