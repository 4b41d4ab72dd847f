"""Where a rubric says "read on", a lesson of the chapter has such a section, under that number.

A chapter with several lessons names the one that it means: Chapter 2, “Skips and branches”, section 3 “A block”."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "solutions").glob("*/*.ipynb"))


def lessons(chapter: str) -> list[Path]:
    """The pages of a chapter's lessons: they begin with its number."""
    return sorted((ROOT / "book" / "chapters").glob(f"{chapter[:2]}_*.ipynb"))


def headings(path: Path) -> set[tuple[str, str]]:
    """The headings of a page, each with the number of the section in which it stands, empty if there is none."""
    found, number = set(), ""
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type != "markdown":
            continue
        for marks, title in re.findall(r"^(#+) (.+)$", cell.source, re.MULTILINE):
            if marks == "##":
                number, title = re.fullmatch(r"(?:(\d+) · )?(.+)", title).groups(default="")
            found.add((number, title))
    return found


def title_of(path: Path) -> str:
    """The title of a page, its first heading."""
    return next(re.search(r"^# (.+)$", cell.source, re.MULTILINE)[1] for cell in nbformat.read(path, 4).cells)


def places(read: str) -> list[tuple[str, str]]:
    """The sections, by number and title, that such a line names."""
    return re.findall(r"(?:(\d+) )?“([^”]+)”", read)


def lost(read: str, pages: dict[str, set[tuple[str, str]]]) -> list[str]:
    """What such a line names and the lessons, by their titles, don't have: after a title, that lesson."""
    named, here = places(read), set().union(*pages.values())
    missing = []
    for number, title in named:
        if not number and title in pages:
            here = pages[title]
        elif (number, title) not in here:
            missing.append(title)
    return missing if named else [read]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[f"{path.parent.name}-{path.stem}" for path in NOTEBOOKS])
def test_every_rubric_names_sections_that_exist(path: Path):
    pages = {title_of(page): headings(page) for page in lessons(path.parent.name)}
    reads = [
        read
        for cell in nbformat.read(path, 4).cells
        for read in re.findall(r'checks\.Rubric\([^)]*?read="([^"]+)"', cell.source)
    ]
    assert reads
    assert all(read.startswith(f"Chapter {int(path.parent.name[:2])}, ") for read in reads)
    assert not [place for read in reads for place in lost(read, pages)]


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
        ("Chapter 0, section 1 “One”", []),
        ("Chapter 0, “Another”, section 1 “One”", []),
        ("Chapter 0, “Another”, section 2 “Two”", ["Two"]),
        ("Chapter 0, section 2 “Two”, and “Another”, section 1 “One”", []),
        ("Chapter 0, “Another”, section 1 “One”, and “First”, section 1 “One”", ["One"]),
        ("Chapter 0, “No such lesson”, section 1 “One”", ["No such lesson"]),
    ],
)
def test_a_section_that_does_not_exist_is_found(read: str, missing: list[str]):
    first = {("", "First"), ("2", "Two"), ("2", "Inside two"), ("", "Common mistakes")}
    assert lost(read, {"First": first, "Another": {("", "Another"), ("1", "One")}}) == missing
