"""The words of the course's pages and exercises: those that it doesn't use, and what proselint finds.

``python -m tests.prose`` prints where they stand.
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import yaml

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent


def pages(root: Path = ROOT) -> list[Path]:
    """Every file whose text the course has written: pages, guides and the instructor's notebooks."""
    texts = [
        root / "README.md",
        root / "CONTRIBUTING.md",
        *(root / "book").glob("*.md"),
        *root.glob("book/guides/*.md"),
    ]
    return sorted([*texts, *root.glob("book/*.ipynb"), *root.glob("book/*/*.ipynb"), *root.glob("solutions/*/*.ipynb")])


def text_of(path: Path) -> str:
    """A page's text: of a notebook, what stands in its markdown cells."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, nbformat.NO_CONVERT).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def words_only(text: str) -> str:
    """Markdown without code, quotations of titles, addresses and tags; its lines stay where they are."""

    number = itertools.count()

    def blank(match: re.Match[str]) -> str:
        # Another word each time: proselint looks for words that are repeated.
        return "\n" * match.group().count("\n") if "\n" in match.group() else f" code{next(number)} "

    text = re.sub(r"```.*?```", blank, text, flags=re.DOTALL)
    text = re.sub(r"`[^`\n]*`|^:::+.*$", blank, text, flags=re.MULTILINE)
    text = re.sub(r"\]\([^)\n]*\)", "]", text)
    text = re.sub(r"<[^>\n]*>", " ", text)
    text = re.sub(r"^## References$.*", blank, text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"“[^”\n]*”|(?<!\*)\*[^*\n]+\*(?!\*)", blank, text)
    # Between two blocks, or the entries of a table, no word is repeated.
    return re.sub(r"\n\s*\n|\|", lambda match: f"{match.group()}text{next(number)}{match.group()}", text)


def vocabulary() -> dict[re.Pattern[str], str]:
    """What the course doesn't say, and what it says instead."""
    table = yaml.safe_load((TESTS / "words.yml").read_text(encoding="utf-8"))
    return {re.compile(rf"\b(?:{words})\b", re.IGNORECASE): instead for words, instead in table.items()}


def unwanted(text: str) -> list[str]:
    """Where a text uses a word that the course doesn't use, a sentence each."""
    found = []
    for words, instead in vocabulary().items():
        for match in words.finditer(words_only(text)):
            found.append(f"{match.group()!r}: say {instead}")
    return found


def proselint(texts: dict[str, str]) -> list[str]:
    """What proselint finds.

    Args:
        texts: name -> Markdown.

    Returns:
        A line for each finding: the name, and what it is.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = {str(number): name for number, name in enumerate(texts)}
        for number, name in paths.items():
            # Two equal numbers are no repeated word.
            numbers = itertools.count()
            words = re.sub(r"\b\d+\b", lambda _, numbers=numbers: f"n{next(numbers)}", words_only(texts[name]))
            (Path(folder) / f"{number}.md").write_text(words + "\n", encoding="utf-8")
        settings = ["--config", str(TESTS / "proselint.json"), "--output-format", "json"]
        done = subprocess.run(
            [sys.executable, "-m", "proselint", "check", *settings, folder], capture_output=True, text=True
        )
    if not done.stdout.strip():
        raise RuntimeError(f"proselint didn't run: {done.stderr}")
    said = json.loads(done.stdout)["result"]
    return sorted(
        f"{paths[Path(file).stem]}: {finding['message']}"
        for file, findings in said.items()
        for finding in findings.get("diagnostics", ())
    )


if __name__ == "__main__":
    for page in pages():
        for word in unwanted(text_of(page)):
            print(f"{page.relative_to(ROOT)}: {word}")
    for line in proselint({str(page.relative_to(ROOT)): text_of(page) for page in pages()}):
        print(line)
