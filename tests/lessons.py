"""The form of a lesson and of its evidence, read from the notebooks: what it measures, and where they break it.

``python -m tests.lessons book/chapters/01_sequential_vs_functional.ipynb`` prints both. CONTRIBUTING.md says what the
form is.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

MOST_WORDS = 2500
MOST_LINES = 300
MOST_SECTIONS = 8
FIRST_MODEL = 400  # words before the first model that runs
SHORT = 8  # words: a sentence of so many or fewer is a short one
MOST_SHORT = 0.30  # of the sentences

WORDS_A_MINUTE = 180
LINES_A_MINUTE = 20
MINUTES_A_PREDICTION = 0.5

VERDICTS = ("holds", "holds in part", "does not hold")
EXPLANATION = '<details class="course-explain"><summary>Explanation</summary>'

_UNSEEN = {"remove-cell", "remove-input", "hide-input", "hide-cell"}
_PREDICT = "> **Predict.**"
_TERM = re.compile(r"\[\*\*([^*]+)\*\*\]\(\.\./glossary\.md#(term-[\w-]+)\)")
_EVIDENCE = re.compile(r"\]\(\.\./evidence/([\w]+)\.ipynb#([\w-]+)\)")
_BACK = re.compile(r"\]\(\.\./chapters/[\w]+\.ipynb#[\w-]+\)")
_TIME = re.compile(r"\*\*Time\.\*\* About (\d+) minutes")
_BOLD = re.compile(r"(?<![\[*\w])\*\*([^*\n]+)\*\*")
# What may stand before a bold label: the beginning of a line, of a list's entry, a quotation, a table's entry.
_LABEL = re.compile(r"(?:^|\n)\s*(?:[-*>|] ?|\d+\. )*\s*$|\|\s*$|<summary>$")


@dataclass(frozen=True)
class Lesson:
    """A lesson: its cells, in order."""

    cells: list[nbformat.NotebookNode] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Lesson:
        """Read a stored notebook."""
        return cls(nbformat.read(path, nbformat.NO_CONVERT).cells)

    @property
    def prose(self) -> list[str]:
        """The text of the markdown cells, up to the references."""
        texts = [cell.source for cell in self.cells if cell.cell_type == "markdown" and seen(cell)]
        end = next((index for index, text in enumerate(texts) if "## References" in text), len(texts))
        last = [texts[end].partition("## References")[0]] if end < len(texts) else []
        return [*texts[:end], *last]

    @property
    def words(self) -> int:
        """The words that a reader sees, folded ones too, without the references."""
        return sum(len(plain(text).split()) for text in self.prose)

    @property
    def lines(self) -> int:
        """The lines of code that a reader sees, without blank ones."""
        return sum(1 for cell in self.code for line in cell.source.splitlines() if line.strip())

    @property
    def code(self) -> list[nbformat.NotebookNode]:
        """The code cells whose code a reader sees."""
        return [cell for cell in self.cells if cell.cell_type == "code" and seen(cell)]

    @property
    def sections(self) -> int:
        """The numbered sections."""
        return sum(len(re.findall(r"^## \d+ · ", text, re.MULTILINE)) for text in self.prose)

    @property
    def predictions(self) -> int:
        """How often the reader is asked to predict."""
        return sum(text.count(_PREDICT) for text in self.prose)

    @property
    def minutes(self) -> float:
        """How long reading it takes: words, lines of code and predictions."""
        reading = self.words / WORDS_A_MINUTE + self.lines / LINES_A_MINUTE
        return reading + self.predictions * MINUTES_A_PREDICTION

    @property
    def words_before_the_first_model(self) -> float:
        """The words before the first code that fits a model; infinite if none does."""
        words = 0
        for cell in self.cells:
            if cell.cell_type == "markdown":
                words += len(plain(cell.source).split())
            elif seen(cell) and ".fit(" in cell.source:
                return words
        return float("inf")

    @property
    def words_before_the_first_picture(self) -> float:
        """The words before the first picture; infinite if there is none."""
        words = 0
        for cell in self.cells:
            if cell.cell_type == "markdown":
                words += len(plain(cell.source).split())
            elif any("image/svg+xml" in output.get("data", {}) for output in cell.outputs):
                return words
        return float("inf")

    @property
    def short_sentences(self) -> float:
        """The share of the sentences that have few words."""
        lengths = [len(sentence.split()) for text in self.prose for sentence in sentences(text)]
        return sum(length <= SHORT for length in lengths) / max(1, len(lengths))

    @property
    def terms(self) -> list[str]:
        """The places in the glossary that the lesson's new terms lead to."""
        return [place for text in self.prose for _, place in _TERM.findall(text)]

    @property
    def claims(self) -> set[tuple[str, str]]:
        """The rows of evidence that the lesson leads to: name of the page, name of the row."""
        return {link for text in self.prose for link in _EVIDENCE.findall(text)}

    def faults(self) -> list[str]:
        """Where the lesson breaks the form, a sentence each."""
        limits = (
            (self.words, MOST_WORDS, "words"),
            (self.lines, MOST_LINES, "visible lines of code"),
            (self.sections, MOST_SECTIONS, "numbered sections"),
            (self.words_before_the_first_model, FIRST_MODEL, "words before a model is fitted"),
            (self.words_before_the_first_picture, FIRST_MODEL, "words before the first picture"),
            (round(self.short_sentences, 2), MOST_SHORT, f"of the sentences have {SHORT} words or fewer"),
        )
        found = [f"{value:,} {what}, {most:,} are the most" for value, most, what in limits if value > most]
        stated = [int(number) for text in self.prose for number in _TIME.findall(text)]
        nearest = 5 * round(self.minutes / 5)
        if stated != [nearest]:
            found.append(f'says {stated or "no time"}, and should say "**Time.** About {nearest} minutes", once')
        found += [f"the cell {cell.id} asserts in sight: hide it (remove-cell)" for cell in self.code if asserts(cell)]
        found += self._prediction_faults()
        found += [f"leads to {place} of the glossary twice" for place in twice(self.terms)]
        found += [f"bold without need: {bold!r}" for text in self.prose for bold in stray_bold(text)]
        if not self.claims:
            found.append("leads to no row of the evidence")
        return found

    def _prediction_faults(self) -> list[str]:
        if not self.predictions:
            return ["asks for no prediction"]
        found = []
        for index, cell in enumerate(self.cells):
            if cell.cell_type != "markdown" or _PREDICT not in cell.source:
                continue
            where = f"the prediction in {cell.id}"
            if not cell.source.strip().split("\n\n")[-1].startswith(_PREDICT):
                found.append(f"{where} isn't the last block of its cell")
            after = [other for other in self.cells[index + 1 :] if "remove-cell" not in tags(other)]
            run, explained = (*after, None, None)[:2]
            if run is None or run.cell_type != "code" or not seen(run):
                found.append(f"{where} isn't followed by code that a reader sees")
                continue
            if "hide-output" not in tags(run):
                found.append(f"{where} has its answer in sight: tag {run.id} hide-output")
            if asserts(run) or "#" in run.source:
                found.append(f"{where} may have its answer in the code of {run.id}: no assert, no comment")
            text = explained.source if explained is not None and explained.cell_type == "markdown" else ""
            if not text.startswith(EXPLANATION) or "</details>" not in text:
                found.append(f"{where} isn't explained right under its output: {EXPLANATION}")
        return found


@dataclass(frozen=True)
class Evidence:
    """A page of evidence: the rows of its first table, as (name, verdict, number, the row's text)."""

    rows: list[tuple[str, str, str, str]]
    twice: list[str]

    @classmethod
    def read(cls, path: Path) -> Evidence:
        """Read the table at the top of a stored notebook."""
        texts = [cell.source for cell in nbformat.read(path, nbformat.NO_CONVERT).cells if cell.cell_type == "markdown"]
        return cls.of(texts)

    @classmethod
    def of(cls, texts: list[str]) -> Evidence:
        """Read the table in the texts of the markdown cells."""
        rows = []
        for line in "\n".join(texts).splitlines():
            mark = re.match(r'\| *<a id="([\w-]+)"></a>', line)
            if mark:
                entries = [entry.strip() for entry in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
                verdict, number = (*entries[1:3], "", "")[:2]
                rows.append((mark.group(1), re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", verdict), number, line))
        return cls(rows, twice([name for name, *_ in rows]))

    def faults(self) -> list[str]:
        """Where the table breaks the form, a sentence each."""
        found = [f"the row {name} is there twice" for name in self.twice]
        if not self.rows:
            found.append('has no row that begins with <a id="name"></a>')
        for name, verdict, number, line in self.rows:
            if verdict not in VERDICTS:
                found.append(f"the row {name} says {verdict!r}, not one of {', '.join(VERDICTS)}")
            if not re.search(r"\d", number):
                found.append(f"the row {name} has no number")
            if not _BACK.search(line):
                found.append(f"the row {name} doesn't lead back to a section of a lesson")
        return found


def tags(cell: nbformat.NotebookNode) -> set[str]:
    """The tags of a cell."""
    return set(cell.metadata.get("tags", ()))


def seen(cell: nbformat.NotebookNode) -> bool:
    """Whether a reader sees what was written into a cell."""
    return not tags(cell) & _UNSEEN


def asserts(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell's code asserts something. Lines for IPython are left out."""
    lines = [line for line in cell.source.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:
        return bool(re.search(r"^\s*assert\b", cell.source, re.MULTILINE))
    return any(isinstance(node, ast.Assert) for node in ast.walk(tree))


def twice(names: list[str]) -> list[str]:
    """What a list names more than once."""
    return sorted({name for name in names if names.count(name) > 1})


def plain(text: str) -> str:
    """Markdown as words: without tags, addresses, fences, and the marks of tables, headings and quotations."""
    text = re.sub(r"<[^>]*>", " ", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"^\s*(```|:::).*$", " ", text, flags=re.MULTILINE)
    text = re.sub(r"^[ >]*(#+|[-*]|\d+\.)\s", " ", text, flags=re.MULTILINE)
    text = re.sub(r"^[-|: ]+$", " ", text, flags=re.MULTILINE)
    return re.sub(r"[|\[\]>*`$]|(?<= )[-=+·:]+(?= )", " ", text)


def sentences(text: str) -> list[str]:
    """The sentences of the running text of a cell: no headings, lists, tables, labels, code or answers of a quiz."""
    text = re.sub(r"<summary>.*?</summary>", "", text, flags=re.DOTALL)
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    blocks = [block for block in re.split(r"\n\s*\n", text) if not re.match(r"\s*(#|\||[-*] |\d+\. |\*\*|>|\+)", block)]
    found = []
    for block in blocks:
        # A piece of code counts as one word, and hides its stops.
        block = plain(re.sub(r"`[^`]*`", "code", block))
        found += [part.strip() for part in re.split(r"(?<=[.!?:;])\s+", " ".join(block.split()))]
    # A verdict before a reason ("Yes.", "No.") is no sentence of the running text.
    return [sentence for sentence in found if len(sentence.split()) > 1]


def stray_bold(text: str) -> list[str]:
    """What is bold in running text and isn't a term that leads to the glossary."""
    return [match.group(1) for match in _BOLD.finditer(text) if not _LABEL.search(text[: match.start()])]


def report(path: Path) -> str:
    """What a lesson measures and where it breaks the form, as text."""
    lesson = Lesson.read(path)
    figures = (
        f"{lesson.words:,} words, {lesson.lines} visible lines of code, {lesson.sections} sections, "
        f"{lesson.predictions} predictions, {lesson.minutes:.0f} minutes; a model after "
        f"{lesson.words_before_the_first_model} words; {lesson.short_sentences:.0%} short sentences"
    )
    return "\n".join([f"{path.name}: {figures}", *(f"  {fault}" for fault in lesson.faults())])


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(report(Path(name)))
