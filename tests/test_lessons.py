"""A lesson is short, begins with a model that runs, hides its answers, and leads to the evidence for what it claims."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path

from functional_course.notebooks.course_root import chapter_notebooks, evidence_notebooks

import pytest
from conftest import ROOT
from lessons import (
    EXPLANATION,
    MOST_LINES,
    MOST_SECTIONS,
    MOST_WORDS,
    Evidence,
    Lesson,
    plain,
    sentences,
    stray_bold,
)
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

LESSONS = chapter_notebooks(ROOT)
EVIDENCE = evidence_notebooks(ROOT)


def named(paths: list[Path]) -> dict:
    """How a test is told the notebooks, and what it is called for each."""
    return {"argvalues": paths, "ids": [path.stem for path in paths]}


@pytest.mark.parametrize("path", **named(LESSONS))
def test_a_lesson_keeps_the_form(path: Path) -> None:
    assert Lesson.read(path).faults() == []


@pytest.mark.parametrize("path", **named(LESSONS))
def test_a_lesson_leads_to_rows_of_its_evidence_that_exist(path: Path) -> None:
    rows = {(page.stem, name) for page in EVIDENCE for name, *_ in Evidence.read(page).rows}
    assert Lesson.read(path).claims - rows == set()
    assert {page[:2] for page, _ in Lesson.read(path).claims} == {path.name[:2]}


@pytest.mark.parametrize("path", **named(EVIDENCE))
def test_evidence_begins_with_its_claims(path: Path) -> None:
    assert Evidence.read(path).faults() == []


def test_every_chapter_has_evidence() -> None:
    assert {path.name[:2] for path in LESSONS} == {path.name[:2] for path in EVIDENCE}


@pytest.mark.parametrize("path", **named(LESSONS))
def test_the_new_words_of_a_lesson_are_in_the_glossary(path: Path) -> None:
    assert set(Lesson.read(path).terms) - glossary((ROOT / "book" / "glossary.md").read_text(encoding="utf-8")) == set()


def glossary(page: str) -> set[str]:
    """The places that the site gives the terms of a glossary."""
    terms = re.findall(r"^(\w.*)\n  ", page.partition("```{glossary}")[2], re.MULTILINE)
    return {"term-" + re.sub(r"\W+", "-", term).strip("-") for term in terms}


def test_the_glossary_is_in_order() -> None:
    page = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r"^(\w.*)\n  ", page.partition("```{glossary}")[2], re.MULTILINE)
    assert terms == sorted(set(terms), key=str.lower) != []


# --- planted faults ---------------------------------------------------------------------------------------------------

PICTURE = new_output("display_data", data={"image/svg+xml": "<svg/>"})
ROOMY = "A ticket comes in with a text and some tags, and two people wait for what the model says about it."
MEASURED = "How often it's right is measured over five seeds in the [evidence](../evidence/00_inputs.ipynb#row)."
TERM = "What the model learns for each of the words is an [**embedding**](../glossary.md#term-embedding)."
EXPLAINED = f"{EXPLANATION}\n\nIt prints the count because both inputs have weights of their own.\n\n</details>"


def sound() -> Lesson:
    """A lesson that keeps the form."""
    cells = [
        new_markdown_cell(f"# Inputs\n\n{ROOMY} {MEASURED}", id="title"),
        new_code_cell("draw(model)", id="picture", outputs=[PICTURE]),
        new_code_cell("model.fit(x, y)", id="fit"),
        new_markdown_cell("**Time.** About 0 minutes to read.\n\n**You need** Python.", id="time"),
        new_markdown_cell(
            f"## 1 · One\n\n{ROOMY} What it learns for each word is an [**embedding**](../glossary.md#term-embedding).",
            id="one",
        ),
        new_markdown_cell("> **Predict.** How many weights does it have?", id="ask"),
        new_code_cell("print(model.count_params())", id="run", metadata={"tags": ["hide-output"]}),
        new_code_cell("assert model.count_params() == 4", id="guard", metadata={"tags": ["remove-cell"]}),
        new_markdown_cell(EXPLAINED, id="explain"),
        new_markdown_cell(f"## References\n\n{'word ' * 3000}", id="references"),
    ]
    return Lesson(cells)


def test_a_sound_lesson_has_no_faults() -> None:
    assert sound().faults() == []


def change(name: str, **changes: object) -> Callable[[Lesson], None]:
    """A fault: a cell with something else in it."""

    def plant(lesson: Lesson) -> None:
        next(cell for cell in lesson.cells if cell.id == name).update(copy.deepcopy(changes))

    return plant


def add(cell) -> Callable[[Lesson], None]:
    """A fault: one more cell."""
    return lambda lesson: lesson.cells.insert(5, copy.deepcopy(cell))


HIDDEN = {"tags": ["hide-output"]}


@pytest.mark.parametrize(
    ("plant", "says"),
    [
        (add(new_markdown_cell(f"{ROOMY} " * 130)), f"words, {MOST_WORDS:,} are the most"),
        (add(new_code_cell("x = 1\n\n" * 320)), f"lines of code, {MOST_LINES} are the most"),
        (add(new_markdown_cell("\n\n".join(f"## {n} · More" for n in range(2, 10)))), f"{MOST_SECTIONS} are the most"),
        (change("title", source=f"# Inputs\n\n{ROOMY * 25}"), "words before a model is fitted"),
        (change("fit", metadata={"tags": ["hide-input"]}), "inf words before a model is fitted"),
        (change("picture", outputs=[]), "inf words before the first picture"),
        (add(new_markdown_cell("It is short. So is this. And this one. It reads badly.")), "have 8 words or fewer"),
        (change("time", source="**Time.** About 45 minutes to read."), 'should say "**Time.** About 0 minutes"'),
        (change("time", source="**You need** Python."), "says no time"),
        (add(new_code_cell("x = 1\nassert x")), "asserts in sight"),
        (change("guard", metadata={}), "asserts in sight"),
        (change("one", source="See [**a**](../glossary.md#term-a), [**b**](../glossary.md#term-a)."), "twice"),
        (change("one", source=f"{ROOMY} That is **very** important."), "bold without need: 'very'"),
        (change("title", source=f"# Inputs\n\n{ROOMY}"), "leads to no row of the evidence"),
        (change("ask", source="How many?"), "asks for no prediction"),
        (change("ask", source="> **Predict.** How many?\n\nThink of the bias."), "isn't the last block"),
        (change("run", metadata={}), "has its answer in sight"),
        (change("run", source="print(n)  # four", metadata=HIDDEN), "may have its answer in the code"),
        (change("run", source="print(n)\nassert n == 4", metadata=HIDDEN), "may have its answer in the code"),
        (change("run", metadata={"tags": ["hide-output", "hide-input"]}), "isn't followed by code that a reader sees"),
        (change("explain", source="**Explain.** Because."), "isn't explained right under its output"),
        (change("explain", source=EXPLANATION), "isn't explained right under its output"),
        (change("guard", source="plots.curves(x)", metadata={}), "isn't explained right under its output"),
    ],
)
def test_a_planted_fault_is_seen(plant: Callable[[Lesson], None], says: str) -> None:
    lesson = sound()
    plant(lesson)
    assert any(says in fault for fault in lesson.faults()), lesson.faults()


ROW = '| <a id="same"></a>Losses are the same | [holds](#loss) | 0.0, 8 epochs | [1](../chapters/00_a.ipynb#one) |'


def test_a_sound_table_of_claims_has_no_faults() -> None:
    assert Evidence.of([f"# Evidence\n\n| claim | verdict |\n|---|---|\n{ROW}"]).faults() == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# Evidence", "has no row"),
        (f"{ROW}\n{ROW}", "is there twice"),
        (ROW.replace("holds", "true"), "says 'true'"),
        (ROW.replace("0.0, 8 epochs", "none"), "has no number"),
        (ROW.replace("../chapters/00_a.ipynb#one", "https://keras.io"), "doesn't lead back"),
        ('| <a id="same"></a>The losses are the same |', "says ''"),
    ],
)
def test_a_fault_in_the_table_of_claims_is_seen(text: str, says: str) -> None:
    assert any(says in fault for fault in Evidence.of([text]).faults()), Evidence.of([text]).faults()


def test_how_words_and_sentences_are_counted() -> None:
    assert plain("## 1 · A [link](x.md#y) to **one** `thing`\n\n| a | b |\n|---|---|").split() == (
        ["1", "A", "link", "to", "one", "thing", "a", "b"]
    )
    text = "# A title\n\nOne `x.y. z` two. Three four!\n\n- a list\n\n| a | b |\n\n> A quotation.\n\nYes. Five six."
    assert sentences(text) == ["One code two.", "Three four!", "Five six."]


def test_bold_labels_are_no_stray_words() -> None:
    text = "**You need** Python.\n\n- **Left** and right\n\n> **Predict.** What?\n\n| **a** | b |\n\n**1. Why?**"
    assert stray_bold(text) == []
    assert stray_bold("An [**embedding**](../glossary.md#term-embedding) is **not** a vector.") == ["not"]


def test_the_places_of_a_glossary() -> None:
    assert glossary("# G\n\n```{glossary}\nbatch axis\n  The first.\n\nAUC\n  A number.\n```") == {
        "term-batch-axis", "term-AUC",
    }  # fmt: skip
