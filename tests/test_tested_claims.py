"""Each claim on the page of tested claims has a verdict, what decides it, and what to do."""

from __future__ import annotations

from collections.abc import Callable

from functional_course.notebooks.course_root import evidence_notebooks, reference_notebooks

import pytest
from conftest import ROOT
from lessons import Evidence
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from tested_claims import VERDICTS, Claims, made, needed

PAGE = ROOT / "book" / "reference" / "tested_claims.ipynb"


def test_the_page_keeps_its_form() -> None:
    evidence = {(page.stem, name) for page in evidence_notebooks(ROOT) for name, *_ in Evidence.read(page).rows}
    assert Claims.read(PAGE).faults(evidence) == []


def test_the_page_is_executed_like_a_lesson() -> None:
    assert PAGE in reference_notebooks(ROOT)
    assert "book/chapters book/reference solutions" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_there_are_claims_of_each_article_and_with_each_verdict() -> None:
    rows = Claims.read(PAGE).rows
    assert len(rows) >= 40
    assert {row.verdict for row in rows} == set(VERDICTS)
    assert all(any(str(number) in row.source for row in rows) for number in (1, 2, 3, 4))
    assert any(row.source == "often read" for row in rows)


# --- planted faults ---------------------------------------------------------------------------------------------------

KNOWN = {("01_lists", "row")}
TIMES = dict(zip(VERDICTS, (1, 0, 0, 1, 1), strict=True))
MEANINGS = "\n".join(f"| {verdict} | {number} | what it means |" for verdict, number in TIMES.items())
ROWS = """\
| <a id="claim-sum"></a>A sum is 3. | [1] | [✓ true](#a-sum) |
| <a id="claim-list"></a>A list is slow. | often read | [✗ was never true](#a-list) |
| <a id="claim-taste"></a>Graphs are nicer. | [1, 2] | [○ a matter of opinion](#a-taste) |"""
SUM = "## Numbers\n\n### A sum\n\n**Claim.** A sum is 3. [1]\n\n**Verdict: ✓ true.** It is."
LIST = """\
### A list

**Claim.** A list is slow. (often read)

**Verdict: ✗ was never true.** See the [evidence](../evidence/01_lists.ipynb#row).

**What to do.** Use one."""
TASTE = """\
### A taste

**Claim.** Graphs are nicer. [1, 2]

**Verdict: ○ a matter of opinion.** Nothing decides it.

**What to do.** Write both."""


def sound() -> list:
    """The cells of a page that keeps the form."""
    return [
        new_markdown_cell(f"# Claims\n\n| verdict | claims | means |\n|---|---|---|\n{MEANINGS}\n\n{ROWS}", id="title"),
        new_code_cell("import keras\nfrom keras import layers", id="setup"),
        new_markdown_cell(SUM, id="sum"),
        new_code_cell("total = 1 + 2\nprint(total)", id="run", outputs=[new_output("stream", text="3\n")]),
        new_code_cell("assert total == 3", id="guard", metadata={"tags": ["remove-cell"]}),
        new_markdown_cell("**What to do.** Count.", id="instead"),
        new_markdown_cell(LIST, id="list"),
        new_markdown_cell(TASTE, id="taste"),
        new_markdown_cell("## References\n\n1. A book.", id="references"),
    ]


def test_a_sound_page_has_no_faults() -> None:
    claims = Claims.of(sound())
    assert [section.place for section in claims.sections] == ["a-sum", "a-list", "a-taste"]
    assert claims.faults(KNOWN) == []


def replaced(name: str, old: str, new: str) -> Callable[[list], None]:
    """A fault: other words in a cell."""

    def plant(cells: list) -> None:
        cell = next(cell for cell in cells if cell.id == name)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return plant


def without(name: str) -> Callable[[list], None]:
    """A fault: a cell less."""
    return lambda cells: cells.remove(next(cell for cell in cells if cell.id == name))


def without_output(cells: list) -> None:
    cells[3].outputs = []


def with_code(cells: list) -> None:
    cells.insert(8, new_code_cell("1", outputs=[new_output("stream", text="1\n")]))


@pytest.mark.parametrize(
    ("plant", "says"),
    [
        (replaced("title", ROWS.splitlines()[1], ROWS.splitlines()[0]), "the row claim-sum is there twice"),
        (replaced("title", ROWS.splitlines()[0] + "\n", ""), "don't go together: ['a-sum']"),
        (replaced("title", "#a-sum", "#a-product"), "don't go together: ['a-product', 'a-sum']"),
        (replaced("title", "[✓ true](#a-sum)", "✓ true"), "the row claim-sum isn't of the table's form"),
        (replaced("title", "[✓ true](#a-sum)", "[✓ yes](#a-sum)"), "says '✓ yes', not one of"),
        (replaced("title", "| [1] |", "| somebody |"), "names no source: 'somebody'"),
        (replaced("title", "| ↺ false today | 0 | what it means |", ""), "doesn't say that '↺ false today' is said 0"),
        (replaced("title", "| ✓ true | 1 |", "| ✓ true | 2 |"), "doesn't say that '✓ true' is said 1 times"),
        (replaced("title", "A sum is 3.", "A sum is 4."), "says something else than its section"),
        (replaced("sum", "✓ true", "↺ false today"), "and its section ['↺ false today']"),
        (replaced("sum", "**Verdict: ✓ true.** It is.", "It is true."), "and its section []"),
        (without("list"), "don't go together: ['a-list']"),
        (without("instead"), "doesn't say once what to do"),
        (without("run"), "has neither code nor a link to the evidence"),
        (without_output, "whose output isn't stored"),
        (with_code, "has code for a matter of opinion"),
        (replaced("run", "print(total)", "print(total)\n" * 10), f"has {11} lines of code in a cell"),
        (replaced("run", "1 + 2", "1 + two"), "needs more than the setup: two"),
        (replaced("list", "01_lists.ipynb#row", "01_lists.ipynb#lost"), "isn't there: ('01_lists', 'lost')"),
        (replaced("list", "### A list", "### A sum"), "the section a-sum is there twice"),
    ],
)
def test_a_planted_fault_is_seen(plant: Callable[[list], None], says: str) -> None:
    cells = sound()
    plant(cells)
    found = Claims.of(cells).faults(KNOWN)
    assert any(says in fault for fault in found), found


def test_which_names_code_needs() -> None:
    code = "import a.b\nfrom c import d as e\ndef f(g, *h):\n    return g + i\nfor j in a: k = [l for l in e]\nprint(m)"
    assert made(code) == {"a", "e", "f", "g", "h", "j", "k", "l"}
    assert needed(code) == {"i", "m"}
