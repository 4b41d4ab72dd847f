"""The book may be handed to a class: no page of it holds an answer, or what a hidden test asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

import nbformat
import pytest
from classroom import EACH_NOTEBOOK, without_markers
from conftest import ROOT

LINES = 3
"""So many lines of an answer, one after the other, give it away. Fewer stand in any text on Keras."""

_HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)


def lines_of(text: str) -> list[str]:
    """The lines that say something, without their indentation."""
    return [line.strip() for line in text.splitlines() if len(line.strip()) > 3]


def pieces(text: str) -> Iterator[tuple[str, ...]]:
    """All runs of so many lines, or the whole of what has fewer."""
    lines = lines_of(text)
    for start in range(max(1, len(lines) - LINES + 1)):
        yield tuple(lines[start : start + LINES])


def secrets(chapter: str, name: str) -> dict[tuple[str, ...], str]:
    """The pieces of the answers and hidden tests of a notebook that its learners aren't given, each with its task."""
    given = {
        piece
        for cell in nbformat.read(ROOT / "exercises" / chapter / f"{name}.ipynb", 4).cells
        for piece in pieces(cell.source)
    }
    found: dict[tuple[str, ...], str] = {}
    for cell in nbformat.read(ROOT / "solutions" / chapter / f"{name}.ipynb", 4).cells:
        mark = cell.metadata.get("nbgrader", {})
        texts = _HIDDEN.findall(cell.source)
        if mark.get("solution") and cell.cell_type == "code":
            texts.append(without_markers(cell.source))
        for text in texts:
            for piece in set(pieces(text)) - given:
                # One line of import or an empty answer tells nothing.
                if len(piece) == LINES:
                    found[piece] = f"{chapter} {name} {mark['grade_id']}"
    return found


def pages() -> dict[str, str]:
    """What a reader sees of each page of the book: prose, code and what it printed."""
    found = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "book").rglob("*.md")}
    for path in (ROOT / "book").rglob("*.ipynb"):
        cells = nbformat.read(path, 4).cells
        found[path.relative_to(ROOT / "book").as_posix()] = "\n".join(map(_shown, cells))
    return found


def _shown(cell: nbformat.NotebookNode) -> str:
    printed = (
        output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", ())
    )
    return "\n".join([cell.source, *printed])


def given_away(page: str, known: dict[tuple[str, ...], str]) -> list[str]:
    """The tasks that a page gives away, with the first lines that do."""
    return [f"{known[piece]}: {piece[0]}" for piece in pieces(page) if piece in known]


@pytest.fixture(scope="module")
def known() -> dict[tuple[str, ...], str]:
    return {piece: task for notebook in EACH_NOTEBOOK for piece, task in secrets(*notebook).items()}


def test_no_page_holds_an_answer_or_a_hidden_test(known: dict[tuple[str, ...], str]):
    read = pages()
    assert len(read) > 25 and len(known) > 2000
    assert {name: found for name, text in read.items() if (found := given_away(text, known))} == {}


def test_a_page_with_an_answer_is_refused(known: dict[tuple[str, ...], str]):
    solution = nbformat.read(ROOT / "solutions" / "02_multiple_inputs" / "choose.ipynb", 4)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in solution.cells}
    answer = without_markers(cells["branches-in-budget"])
    (hidden,) = _HIDDEN.findall(cells["test-branches-in-budget"])
    for text in (answer, f"def other():\n    if True:\n{answer}", hidden):
        assert any("branches-in-budget" in line for line in given_away(f"# A page\n\n{text}\n\nMore", known))
    assert given_away("\n".join(answer.splitlines()[:2]), known) == []


def test_the_plan_for_a_semester_has_every_lesson_and_every_notebook_once():
    plan = (ROOT / "book" / "guides" / "teach.md").read_text(encoding="utf-8")
    (rows,) = re.findall(r"^## A plan for a semester\n(.*?)^## ", plan, re.DOTALL | re.MULTILINE)
    handed_out = re.findall(r"\b(\d) `(\w+)`", rows)
    assert sorted(handed_out) == sorted((str(int(chapter[:2])), name) for chapter, name in EACH_NOTEBOOK)
    lessons = re.findall(r"\]\(\.\./chapters/([\w.]+)\)", rows)
    assert sorted(lessons) == sorted(path.name for path in (ROOT / "book" / "chapters").glob("*.ipynb"))
    # In the order of the book.
    assert lessons == sorted(lessons, key=toc_place)
    assert [chapter for chapter, _ in handed_out] == sorted(chapter for chapter, _ in handed_out)


def toc_place(lesson: str) -> int:
    return (ROOT / "book" / "_toc.yml").read_text(encoding="utf-8").index(lesson.removesuffix(".ipynb"))
