"""The first page: a working model, three ways in, and a map that says of each chapter what its lessons say."""

from __future__ import annotations

import json
import re
from pathlib import Path

from functional_course.notebooks.course_root import assignment_notebooks, chapter_notebooks

import prose
import pytest
from conftest import ROOT

TEXT = prose.text_of(ROOT / "book" / "index.ipynb")
CARDS = dict(re.findall(r"^:::\{grid-item-card\} (\d) · (.*?)^:::$", TEXT, re.MULTILINE | re.DOTALL))
CHAPTERS = sorted({path.stem[:2] for path in chapter_notebooks(ROOT)})


def facts(chapter: str) -> re.Match[str]:
    """What the card of a chapter says of time, tasks and what is needed."""
    said = r"^(?P<minutes>[\d and]+) minutes to read, (?P<tasks>\d+) tasks\. You need (?P<needed>.*)\.$"
    return re.search(said, CARDS[str(int(chapter))], re.MULTILINE)


def lessons(chapter: str) -> list[Path]:
    """The lessons of a chapter in the order in which its card names them."""
    named = re.findall(r"\(chapters/(\w+)\.ipynb\)", CARDS[str(int(chapter))])
    return [ROOT / "book" / "chapters" / f"{name}.ipynb" for name in named]


def tasks(chapter: str) -> int:
    """The graded cells of a chapter's exercises."""
    cells = (
        cell
        for path in assignment_notebooks(ROOT, "exercises")
        if path.parent.name.startswith(chapter)
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    )
    return sum(bool(cell["metadata"].get("nbgrader", {}).get("grade")) for cell in cells)


def test_every_chapter_has_a_card_with_all_its_lessons():
    assert sorted(CARDS) == [str(int(chapter)) for chapter in CHAPTERS]
    assert sorted(path for chapter in CHAPTERS for path in lessons(chapter)) == chapter_notebooks(ROOT)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_card_says_the_minutes_of_its_lessons_and_counts_its_tasks(chapter: str):
    times = [re.search(r"\*\*Time\.\*\* About (\d+) min", prose.text_of(path)).group(1) for path in lessons(chapter)]
    assert facts(chapter)["minutes"].split(" and ") == times
    assert int(facts(chapter)["tasks"]) == tasks(chapter)


@pytest.mark.parametrize("chapter", CHAPTERS[1:])
def test_a_card_names_the_chapters_that_its_first_lesson_needs(chapter: str):
    first, *_ = lessons(chapter)
    needed = re.search(r"\*\*You need\*\*(.*)", prose.text_of(first)).group(1)
    assert re.findall(r"\d", facts(chapter)["needed"]) == re.findall(r"chapter (\d)", needed)


def test_there_are_three_ways_in():
    opening = TEXT.partition("##")[0]
    ways = ["chapters/01_sequential_vs_functional.ipynb", "guides/learn_alone.md", "guides/teach.md"]
    assert re.findall(r"\]\((.*?)\)", opening)[:3] == ways
