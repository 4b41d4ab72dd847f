"""Where a rubric says "read on", a lesson of its chapter has such a section, under that number.

A chapter may have several lessons. Such a line then names the lesson before its sections: Chapter 0, “The lesson's
title”, section 2 “Two”. Without a title it speaks of the lesson that bears the name of the folder of exercises.
"""

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


def title_of(path: Path) -> str:
    """The title of a page: its first heading."""
    return next(re.search(r"^# (.+)$", cell.source, re.MULTILINE)[1] for cell in nbformat.read(path, 4).cells)


def lessons_of(folder: str, chapters: Path = ROOT / "book" / "chapters") -> dict[str, dict[str, str]]:
    """The headings of the lessons of a chapter by the title of the lesson; under "" those of the folder's namesake."""
    pages = sorted(chapters.glob(f"{folder[:2]}_*.ipynb"))
    lessons = {title_of(path): headings(path) for path in pages}
    return lessons | {"": headings(chapters / f"{folder}.ipynb")}


def places(read: str) -> list[tuple[str, str]]:
    """The sections, by number and title, that such a line names."""
    return re.findall(r"(?:(\d+) )?“([^”]+)”", read)


def lost(read: str, lessons: dict[str, dict[str, str]]) -> list[str]:
    """What such a line names and the lesson does not have."""
    named, titles = places(read), lessons[""]
    if named and not named[0][0] and named[0][1] in lessons:
        titles = lessons[named.pop(0)[1]]
    return [title for number, title in named if titles.get(title) != number] if named else [read]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[f"{path.parent.name}-{path.stem}" for path in NOTEBOOKS])
def test_every_rubric_names_sections_that_exist(path: Path):
    lessons = lessons_of(path.parent.name)
    reads = [
        read
        for cell in nbformat.read(path, 4).cells
        for read in re.findall(r'checks\.Rubric\([^)]*?read="([^"]+)"', cell.source)
    ]
    assert reads
    assert all(read.startswith(f"Chapter {int(path.parent.name[:2])}, ") for read in reads)
    assert not [place for read in reads for place in lost(read, lessons)]


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
        ("Chapter 0, “Another lesson”, section 1 “One”", []),
        ("Chapter 0, “Another lesson”, section 2 “Two”", ["Two"]),
        ("Chapter 0, section 1 “One”", ["One"]),
        ("Chapter 0, “Another lesson”", ["Chapter 0, “Another lesson”"]),
    ],
)
def test_a_section_that_does_not_exist_is_found(read: str, missing: list[str]):
    first = {"Two": "2", "Inside two": "2", "Common mistakes": ""}
    assert lost(read, {"": first, "A lesson": first, "Another lesson": {"One": "1"}}) == missing


def test_the_lessons_of_a_chapter_are_found_by_its_number(tmp_path: Path):
    for name, text in (("07_one", "# One\n\n## 1 · First"), ("07_two", "# Two\n\n## 1 · Other"), ("08_no", "# No")):
        page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
        nbformat.write(page, tmp_path / f"{name}.ipynb")
    assert lessons_of("07_one", tmp_path) == {"": {"First": "1"}, "One": {"First": "1"}, "Two": {"Other": "1"}}
