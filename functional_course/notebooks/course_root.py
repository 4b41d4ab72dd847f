"""Where a checkout of the course begins, and which notebooks it holds."""

from __future__ import annotations

from pathlib import Path

MARK = "nbgrader_config.py"


def find_root(start: str | Path = ".") -> Path | None:
    """The nearest folder at or above ``start`` that holds the course, or ``None``."""
    start = Path(start).resolve()
    return next((folder for folder in (start, *start.parents) if (folder / MARK).is_file()), None)


def chapter_notebooks(root: Path) -> list[Path]:
    """The lessons, in order. A chapter may have several, which begin with its number."""
    return sorted((root / "book" / "chapters").glob("*.ipynb"))


def evidence_notebooks(root: Path) -> list[Path]:
    """The pages that hold the evidence for the lessons, in order."""
    return sorted((root / "book" / "evidence").glob("*.ipynb"))


def comparison_notebooks(root: Path) -> list[Path]:
    """The pages that compare Keras's ways of writing a model with each other and with other libraries, in order."""
    return sorted((root / "book" / "comparisons").glob("*.ipynb"))


def recorded_notebooks(root: Path) -> list[Path]:
    """The pages that record what they rest on, because not every run of the tests executes them."""
    return [*evidence_notebooks(root), *comparison_notebooks(root)]


def reference_notebooks(root: Path) -> list[Path]:
    """The pages to look things up in, which belong to no chapter and are executed like a lesson, in order."""
    return sorted((root / "book" / "reference").glob("*.ipynb"))


def page_notebooks(root: Path) -> list[Path]:
    """The book's pages that are notebooks: the first one, lessons, evidence, comparisons, then those of reference."""
    first = sorted((root / "book").glob("*.ipynb"))
    return [*first, *chapter_notebooks(root), *recorded_notebooks(root), *reference_notebooks(root)]


def assignment_notebooks(root: Path, step: str) -> list[Path]:
    """The notebooks of one of nbgrader's steps, such as ``solutions`` or ``exercises``, in order."""
    return sorted(path for path in (root / step).glob("*/*.ipynb") if not path.name.startswith("."))
