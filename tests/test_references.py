"""Whatever was published stands in the references with a DOI or an address that leads to it."""

from __future__ import annotations

import re
from pathlib import Path

import prose
import pytest
from conftest import ROOT

# Articles of which the course has the text and no address, and pictures that a library ships.
WITHOUT = re.compile(
    r"a blog article|developers' blog|a tutorial page without a named author|that scikit-learn ships with"
)
ADDRESS = re.compile(r"\]\(https?://|<https?://")
PAGES = [path for path in prose.pages() if re.search(r"^## References$", prose.text_of(path), re.MULTILINE)]


def without_an_address(text: str) -> list[str]:
    """The references of a page that lead nowhere."""
    section = re.search(r"^## References$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    entries = re.findall(r"^\d+\. .*(?:\n +\S.*)*", section.group(1), re.MULTILINE)
    return [entry for entry in entries if not ADDRESS.search(entry) and not WITHOUT.search(" ".join(entry.split()))]


def test_there_are_pages_with_references():
    assert len(PAGES) >= 12


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_references_lead_to_what_they_name(path: Path):
    assert without_an_address(prose.text_of(path)) == []


def test_one_that_leads_nowhere_is_found():
    text = "## References\n\n1. A, *A paper*,\n   2020.\n2. B, *Another*, [arXiv](https://arxiv.org).\n\n## More\n3. x"
    assert without_an_address(text) == ["1. A, *A paper*,\n   2020."]


def test_so_do_the_entries_of_the_bibliography():
    entries = re.split(r"\n(?=@)", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"))
    nowhere = [each for each in entries if not re.search(r"^ *(?:doi|url) *=", each, re.MULTILINE)]
    assert {re.search(r"\{([^,]+)", each).group(1) for each in nowhere} == {
        "millar_functional_api",
        "kulkarni_functional_api",
    }
