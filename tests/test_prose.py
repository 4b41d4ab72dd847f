"""The pages and exercises use the field's words and none of those that the course leaves out."""

from __future__ import annotations

from pathlib import Path

import prose
import pytest
from conftest import ROOT

PAGES = prose.pages()


def test_there_are_pages_of_each_kind() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in PAGES} == {"README.md", "CONTRIBUTING.md", "book", "solutions"}
    assert {"chapters", "evidence", "guides", "index.ipynb"} <= {
        path.relative_to(ROOT / "book").parts[0] for path in PAGES if "book" in path.parts
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_page_uses_no_word_that_the_course_leaves_out(path: Path) -> None:
    assert prose.unwanted(prose.text_of(path)) == []


def test_proselint_finds_nothing() -> None:
    assert prose.proselint({str(path.relative_to(ROOT)): prose.text_of(path) for path in PAGES}) == []


def test_proselint_finds_what_is_planted() -> None:
    found = prose.proselint({"a page": "It holds the the answer.\n", "another": "A sound page.\n"})
    assert len(found) == 1
    assert found[0].startswith("a page: ")
    assert "the the" in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "It raises nothing.",
        "A pair of the same digit.",
        "The losses are weighed.",
        "one of 36 places",
        "This is simply a layer.",
        "> We leverage\n> a network.",
        "| Very large | deep |",
    ],
)
def test_a_word_that_is_planted_is_found(text: str) -> None:
    assert prose.unwanted(text)


@pytest.mark.parametrize(
    "text",
    [
        "`very large`",
        "```\nvery large\n```",
        "*Very Large Networks*",
        "“very large”",
        "[deep](very large.md)",
        "Every layer.",
        "A page.\n\n## References\n\n1. Very large nets.",
    ],
)
def test_code_titles_and_addresses_are_left_alone(text: str) -> None:
    assert prose.unwanted(text) == []


def test_every_word_that_the_course_leaves_out_has_a_better_one() -> None:
    assert all(instead.strip() for instead in prose.vocabulary().values())
