"""What Jupyter Book 2 would lose is counted from what it says; the lines are from a real build with 2.1.7."""

from __future__ import annotations

import subprocess
from pathlib import Path

import next_book
import pytest
from conftest import ROOT

LOG = """\
building myst-cli session with API URL: https://api.mystmd.org
🌎 Building Jupyter Book (via myst) site
⛔️ book/chapters/03_shared_layers.ipynb:119 Could not find DOI "https://doi.org/10.1093/biomet/39.3-4.324" from doi.org\
 as doi:10.1093/biomet/39.3-4.324
   Please check the DOI and, if correct, add citation info to local BibTeX file
📖 Built book/chapters/03_shared_layers.ipynb in 2 s.
⚠️  book/chapters/01_sequential_vs_functional.ipynb Duplicate identifier in project "title"
   In files: book/chapters/01_sequential_vs_functional.ipynb, book/evidence/01_sequential_vs_functional.ipynb
⛔️ book/evidence/01_sequential_vs_functional.ipynb Link has no URL: \n\
⚠️  book/index.ipynb:7 unexpected option "class-card" provided (in grid-item-card)
⚠️  book/index.ipynb:8 unexpected option "img-top" provided (in grid-item-card)
⚠️  book/evidence/02_multiple_inputs.ipynb:7 Linking "each-input-alone" to an implicit heading reference, best practice\
 is to create an explicit reference.
\x1b[33m⚠️  book/chapters/01_sequential_vs_functional.ipynb:3 Cross reference target was not found: both-inputs\x1b[39m
⚠️  book/chapters/02_multiple_inputs.ipynb Cross reference target was not found: claim-alone
⚠️  book/chapters/02_multiple_inputs.ipynb:7 Cross reference target was not found: claim-needed
📚 Built 4 pages for project in 18 s.
🔍 Querying template metadata from https://api.mystmd.org/templates/site/myst/book-theme
"""
TOC = "format: jb-book\nroot: book/index\nparts:\n  - caption: A\n    chapters:\n" + "".join(
    f"      - file: book/{name}\n" for name in "abcd"
)
CONFIG = (
    'sphinx:\n  local_extensions:\n    address: "book/_ext"\n    anchors: "book/_ext"\n  config:\n    language: "en"\n'
)


def rows(table: str) -> dict[str, list[str]]:
    """A table's cells, by what a row tells."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {name: counts for name, *counts in cells}


def test_what_is_lost_is_counted_by_kind() -> None:
    assert rows(next_book.report(LOG, TOC, CONFIG)) == {
        "lost with Jupyter Book 2": ["times", "on pages"],
        "---": ["--:", "--:"],
        "pages that are not built": ["1", ""],
        "extensions that are not read": ["2", ""],
        "Cross reference target was not found": ["3", "2"],
        "unexpected option … provided (in grid-item-card)": ["2", "1"],
        "Could not find DOI … from doi.org as …": ["1", "1"],
        "Duplicate identifier in project …": ["1", "1"],
        "Link has no URL": ["1", "1"],
    }


def test_one_more_is_one_more() -> None:
    more = LOG + "⚠️  book/a.md:37 Cross reference target was not found: errors-by-group\n"
    assert rows(next_book.report(more, TOC, CONFIG))["Cross reference target was not found"] == ["4", "3"]


def test_a_build_that_comes_to_no_page_is_told_from_one_that_loses_nothing() -> None:
    with pytest.raises(next_book.NotBuilt, match="read no pages(?s:.*)it ends here"):
        next_book.report("⛔️ no\nit ends here\n", TOC, CONFIG)


def test_the_table_of_contents_of_the_course_is_counted_in_full() -> None:
    toc = (ROOT / "book" / "_toc.yml").read_text()
    assert next_book.listed(toc) == toc.count("book/")
    config = (ROOT / "_config.yml").read_text()
    assert rows(next_book.report(LOG, toc, config))["extensions that are not read"] == [
        str(config.count(': "book/_ext"')),
        "",
    ]


STAND_IN = """\
#!/bin/sh
case "$1" in
  init) read -r take; read -r serve; [ -f _toc.yml ] && mv _config.yml taken; echo "$take $serve";;
  build) [ -f taken ] && echo "{said}";;
esac
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of two files, and one that isn't checked in."""
    folder = tmp_path / "course"
    (folder / "book").mkdir(parents=True)
    (folder / "book" / "_toc.yml").write_text(TOC)
    (folder / "_config.yml").write_text(CONFIG)
    for words in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    (folder / "taken").write_text("not checked in")
    monkeypatch.setattr(next_book, "ROOT", folder)
    return folder


def stand_in(folder: Path, said: str) -> str:
    path = folder / "jupyter-book"
    path.write_text(STAND_IN.format(said=said))
    path.chmod(0o755)
    return str(path)


def test_the_course_itself_stays_as_it_is(course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}
    assert next_book.main(stand_in(tmp_path, "Built 5 pages for project in 1 s.")) == 0
    assert rows(capsys.readouterr().out)["pages that are not built"] == ["0", ""]
    assert {path: path.read_bytes() for path in course.rglob("*") if path.is_file()} == before


def test_a_build_that_fails_is_an_error(course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert next_book.main(stand_in(tmp_path, "It asks for another version")) == 1
    told = capsys.readouterr()
    assert told.out == "" and "It asks for another version" in told.err
