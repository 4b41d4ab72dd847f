"""The form of the page of tested claims, read from the notebook, and where it breaks it.

The page has one table of all claims. Each row leads to a section, which repeats the claim and its verdict, shows the
few lines that decide it or leads to a row of the evidence, and says what to do.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from lessons import seen, twice

VERDICTS = (
    "✓ true",
    "± true with a condition",
    "↺ false today",
    "✗ was never true",
    "○ a matter of opinion",
)
OPINION = VERDICTS[-1]
MOST_LINES = 10  # of code in one cell, without blank ones
SOURCES = re.compile(r"often read|\[\d(?:, \d)*\]")

_ROW = re.compile(r'^\| *<a id="([\w-]+)"></a>(.*?) *\| *([^|]*?) *\| *\[([^\]]*)\]\(#([\w-]+)\) *\|$', re.MULTILINE)
_MARKED = re.compile(r'^\| *<a id="([\w-]+)">', re.MULTILINE)
_TITLE = re.compile(r"^### (.+)$", re.MULTILINE)
_CLAIM = re.compile(r"^\*\*Claim\.\*\* (.+) (?:\((often read)\)|(\[[\d, ]+\]))$", re.MULTILINE)
_VERDICT = re.compile(r"^\*\*Verdict: ([^*]+)\.\*\* \S", re.MULTILINE)
_ADVICE = re.compile(r"^\*\*What to do\.\*\* \S", re.MULTILINE)
_EVIDENCE = re.compile(r"\]\(\.\./evidence/(\w+)\.ipynb#([\w-]+)\)")


@dataclass(frozen=True)
class Row:
    """A row of the table of claims."""

    name: str
    claim: str
    source: str
    verdict: str
    place: str


@dataclass
class Section:
    """What stands under the heading of one claim: its texts and its code cells."""

    title: str
    texts: list[str]
    cells: list[nbformat.NotebookNode] = field(default_factory=list, repr=False)

    @property
    def place(self) -> str:
        """The name that the site gives its heading."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")

    @property
    def text(self) -> str:
        """Everything that is written in it."""
        return "\n\n".join(self.texts)

    @property
    def code(self) -> list[nbformat.NotebookNode]:
        """The code cells that a reader sees."""
        return [cell for cell in self.cells if seen(cell)]

    @property
    def evidence(self) -> set[tuple[str, str]]:
        """The rows of evidence that it leads to: name of the page, name of the row."""
        return set(_EVIDENCE.findall(self.text))


@dataclass(frozen=True)
class Claims:
    """The page: the rows of its table, its sections, and the cell that all others need."""

    table: str
    rows: list[Row]
    sections: list[Section]
    setup: str

    @classmethod
    def read(cls, path: Path) -> Claims:
        """Read a stored notebook."""
        return cls.of(nbformat.read(path, nbformat.NO_CONVERT).cells)

    @classmethod
    def of(cls, cells: list[nbformat.NotebookNode]) -> Claims:
        """Read the cells of the page. The first one holds the table, and the first one with code is the setup."""
        table = cells[0].source
        setup = next((cell.source for cell in cells if cell.cell_type == "code"), "")
        return cls(table, [Row(*found) for found in _ROW.findall(table)], list(_sections(cells)), setup)

    def faults(self, evidence: Iterable[tuple[str, str]]) -> list[str]:
        """Where the page breaks its form, a sentence each.

        Args:
            evidence: the rows of evidence that exist, as (name of the page, name of the row).
        """
        found = [f"the row {name} is there twice" for name in twice([row.name for row in self.rows])]
        found += [f"the section {place} is there twice" for place in twice([each.place for each in self.sections])]
        for verdict in VERDICTS:
            number = [row.verdict for row in self.rows].count(verdict)
            if not re.search(rf"^\| {re.escape(verdict)} \| {number} \| \w", self.table, re.MULTILINE):
                found.append(f"the first table doesn't say that {verdict!r} is said {number} times and what it means")
        unread = set(_MARKED.findall(self.table)) - {row.name for row in self.rows}
        found += [f"the row {name} isn't of the table's form" for name in sorted(unread)]
        if [row.place for row in self.rows] != [section.place for section in self.sections]:
            places = {row.place for row in self.rows} ^ {section.place for section in self.sections}
            found.append(f"rows and sections don't go together: {sorted(places) or 'they have another order'}")
        known = set(evidence)
        sections = {section.place: section for section in self.sections}
        for row in self.rows:
            found += [f"{row.name}: {fault}" for fault in _row_faults(row, sections.get(row.place))]
        for section in self.sections:
            found += [f"{section.place}: {fault}" for fault in self._section_faults(section, known)]
        return found

    def _section_faults(self, section: Section, known: set[tuple[str, str]]) -> Iterator[str]:
        if len(_ADVICE.findall(section.text)) != 1:
            yield "doesn't say once what to do"
        yield from (f"leads to evidence that isn't there: {link}" for link in sorted(section.evidence - known))
        opinion = f"**Verdict: {OPINION}.**" in section.text
        if opinion and section.code:
            yield "has code for a matter of opinion"
        if not opinion and not section.code and not section.evidence:
            yield "has neither code nor a link to the evidence"
        for cell in section.code:
            lines = [line for line in cell.source.splitlines() if line.strip()]
            if len(lines) > MOST_LINES:
                yield f"has {len(lines)} lines of code in a cell, {MOST_LINES} are the most"
            if not cell.outputs:
                yield "has code whose output isn't stored"
        missing = needed("\n".join(cell.source for cell in section.code)) - made(self.setup)
        if missing:
            yield f"has code that needs more than the setup: {', '.join(sorted(missing))}"


def _row_faults(row: Row, section: Section | None) -> Iterator[str]:
    if row.verdict not in VERDICTS:
        yield f"says {row.verdict!r}, not one of {', '.join(VERDICTS)}"
    if not SOURCES.fullmatch(row.source):
        yield f"names no source: {row.source!r}"
    if section is None:
        return
    claims = [(claim, often or numbers) for claim, often, numbers in _CLAIM.findall(section.text)]
    if claims != [(row.claim, row.source)]:
        yield f"says something else than its section: {claims}"
    verdicts = _VERDICT.findall(section.text)
    if verdicts != [row.verdict]:
        yield f"has the verdict {row.verdict!r}, and its section {verdicts}"


def _sections(cells: list[nbformat.NotebookNode]) -> Iterator[Section]:
    section: Section | None = None
    for cell in cells:
        if cell.cell_type == "code":
            if section is not None:
                section.cells.append(cell)
            continue
        title = _TITLE.search(cell.source)
        if title or re.search(r"^## ", cell.source, re.MULTILINE):
            if section is not None:
                yield section
            section = Section(title.group(1), [cell.source]) if title else None
        elif section is not None:
            section.texts.append(cell.source)
    if section is not None:
        yield section


def made(code: str) -> set[str]:
    """The names that code makes, at any depth: by assigning, importing, defining or as an argument."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return found


def needed(code: str) -> set[str]:
    """The names that code reads and doesn't make itself, without those of Python."""
    read = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    return read - made(code) - set(dir(builtins))
