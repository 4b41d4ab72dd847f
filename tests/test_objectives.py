"""The page ``book/guides/objectives.md`` says which graded task belongs to which objective, and says it truly."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "book" / "chapters").glob("*.ipynb"))
CHAPTERS = sorted((ROOT / "exercises").glob("*/"))
PAGE = ROOT / "book" / "guides" / "objectives.md"

LEAD = re.compile(r"\*\*After this (?:chapter|lesson) you can\*\*")


def cells(path: Path) -> list[dict]:
    """The cells of a notebook, with their text in one piece."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in found]


def objectives(lesson: list[dict]) -> list[str]:
    """The list that follows the line "After this lesson you can"."""
    for cell in lesson:
        lead = LEAD.search(cell["source"])
        if lead:
            lines = cell["source"][lead.end() :].strip().split("\n\n")[0].splitlines()
            return [line[2:].strip() for line in lines if line.startswith("- ")]
    return []


def matrix(page: str, number: int) -> dict[str, set[str]]:
    """The table under ``## Chapter <number>``: objective -> the names of its tasks."""
    section = re.search(rf"^## Chapter {number}\b.*?(?=^## |\Z)", page, flags=re.DOTALL | re.MULTILINE)
    rows = re.findall(r"^\|(.*)\|$", section.group(), flags=re.MULTILINE)[2:] if section else []
    split = [[entry.strip() for entry in row.split("|")] for row in rows]
    return {entries[0]: set(re.findall(r"`([^`]+)`", " ".join(entries[1:]))) for entries in split}


def graded_tasks(folder: Path) -> set[str]:
    """The names of the tasks that nbgrader gives points for in a folder of exercises."""
    return {
        about["grade_id"].removeprefix("test-")
        for path in folder.glob("*.ipynb")
        for cell in cells(path)
        if (about := cell["metadata"].get("nbgrader", {})).get("grade") and about.get("points")
    }


def faults(asked: list[str], rows: dict[str, set[str]], tasks: set[str]) -> list[str]:
    """Where a chapter, the matrix and the exercises disagree, one line each."""
    found = [
        f"{objective!r} stands in the chapter and not in the matrix" for objective in asked if objective not in rows
    ]
    found += [
        f"{objective!r} stands in the matrix and not in the chapter" for objective in rows if objective not in asked
    ]
    found += [f"{objective!r} has no graded task" for objective, names in rows.items() if not names]
    named = set().union(*rows.values()) if rows else set()
    found += [f"there is no graded task {name}" for name in sorted(named - tasks)]
    found += [f"the task {name} serves no objective" for name in sorted(tasks - named)]
    return found


def test_there_is_a_lesson_for_every_chapter_with_exercises() -> None:
    assert {path.name[:2] for path in LESSONS} == {path.name[:2] for path in CHAPTERS} != set()


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_every_objective_has_its_graded_tasks(chapter: Path) -> None:
    asked = []
    for lesson in LESSONS:
        if lesson.name[:2] == chapter.name[:2]:
            own = objectives(cells(lesson))
            assert own, f'{lesson.name} has no list after "After this lesson you can"'
            asked += own
    rows = matrix(PAGE.read_text(encoding="utf-8"), int(chapter.name[:2]))
    assert faults(asked, rows, graded_tasks(chapter)) == []


ASKED = ["build a graph", "prove it equal"]
ROWS = {"build a graph": {"branch"}, "prove it equal": {"copy", "branch"}}
TASKS = {"branch", "copy"}


def test_the_reading_of_page_and_chapter() -> None:
    page = "\n".join(
        ["# Matrix", "## Chapter 1: One", "| you can | build | debug |", "|---|---|---|"]
        + ["| build a graph | `branch` | |", "| prove it equal | `copy` | `branch` |", "", "## Chapter 2: Two", "none"]
    )
    assert matrix(page, 1) == ROWS
    assert matrix(page, 2) == matrix(page, 3) == {}
    listed = "**After this lesson you can**\n\n- build a graph\n- prove it equal\n\n- other"
    chapter = [{"source": "# One"}, {"source": f"Text.\n\n{listed}"}]
    assert objectives(chapter) == ASKED
    assert faults(ASKED, ROWS, TASKS) == []


@pytest.mark.parametrize(
    ("asked", "rows", "tasks", "expected"),
    [
        ([*ASKED, "draw it"], ROWS, TASKS, "'draw it' stands in the chapter and not in the matrix"),
        (ASKED[:1], ROWS, TASKS, "'prove it equal' stands in the matrix and not in the chapter"),
        (ASKED, {**ROWS, "build a graph": set()}, TASKS, "'build a graph' has no graded task"),
        (ASKED, {**ROWS, "build a graph": {"branch", "lost"}}, TASKS, "there is no graded task lost"),
        (ASKED, ROWS, {*TASKS, "extra"}, "the task extra serves no objective"),
    ],
)
def test_a_planted_gap_is_found(asked: list[str], rows: dict[str, set[str]], tasks: set[str], expected: str) -> None:
    assert faults(asked, rows, tasks) == [expected]
