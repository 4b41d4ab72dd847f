"""Where a rubric says "read on", the page has such a section, under that number."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "solutions").glob("*/*.ipynb"))


def headings(path: Path) -> dict[str, str]:
    """The headings of a page, each with the number of the section in which it stands, empty if there is none."""
    found, number = {}, ""
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type != "markdown":
            continue
        for marks, title in re.findall(r"^(##+) (.+)$", cell.source, re.MULTILINE):
            if marks == "##":
                number, title = re.fullmatch(r"(?:(\d+) · )?(.+)", title).groups(default="")
            found[title] = number
    return found


def places(read: str) -> list[tuple[str, str]]:
    """The sections, by number and title, that such a line names."""
    return re.findall(r"(?:(\d+) )?“([^”]+)”", read)


def lost(read: str, titles: dict[str, str]) -> list[str]:
    """What such a line names and the page does not have."""
    named = places(read)
    return [title for number, title in named if titles.get(title) != number] if named else [read]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[f"{path.parent.name}-{path.stem}" for path in NOTEBOOKS])
def test_every_rubric_names_sections_that_exist(path: Path):
    titles = headings(ROOT / "book" / "chapters" / f"{path.parent.name}.ipynb")
    reads = [
        read
        for cell in nbformat.read(path, 4).cells
        for read in re.findall(r'checks\.Rubric\([^)]*?read="([^"]+)"', cell.source)
    ]
    assert reads
    assert all(read.startswith(f"Chapter {int(path.parent.name[:2])}, ") for read in reads)
    assert not [place for read in reads for place in lost(read, titles)]


@pytest.mark.parametrize(
    ("read", "missing"),
    [
        ("Chapter 0, section 2 “Two”", []),
        ("Chapter 0, sections 2 “Two” and 2 “Inside two”", []),
        ("Chapter 0, section 1 “Two”", ["Two"]),
        ("Chapter 0, section 3 “Three”", ["Three"]),
        ("Chapter 0, “Common mistakes”", []),
        ("Chapter 0, “Two”", ["Two"]),
        ("Chapter 0", ["Chapter 0"]),
    ],
)
def test_a_section_that_does_not_exist_is_found(read: str, missing: list[str]):
    assert lost(read, {"Two": "2", "Inside two": "2", "Common mistakes": ""}) == missing
