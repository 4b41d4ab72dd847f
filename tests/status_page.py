"""``python -m tests.status_page``: put what ``make status`` stored into the page of the book that tells it.

The prose of ``book/guides/status.md`` is written by hand. Its tables are written here, from
``book/results/status.json`` and the titles of the notebooks.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from functional_course.notebooks import course_root
from functional_course.notebooks.needs import needs
from functional_course.notebooks.reading import read_notebook
from functional_course.writing import write_whole

from conftest import ROOT
from page_tables import filled, made_with, table

PAGE = Path("book", "guides", "status.md")
RESULTS = Path("book", "results", "status.json")

NAMES = {
    "python": "Python",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "jax": "JAX",
    "torch": "PyTorch",
    "numpy": "NumPy",
}
ANEW = "run make status"
NOT_COMPARED = "nbval-ignore-output"
"""The tag of a cell that is executed without a look at its output."""


def executed(root: Path = ROOT) -> dict[str, str]:
    """The notebooks that a full run executes, with the kind of each, in the order of the table.

    A page that needs what the course doesn't install is not among them.
    """
    kinds = {
        "first page": sorted((root / "book").glob("*.ipynb")),
        "lesson": course_root.chapter_notebooks(root),
        "evidence": course_root.evidence_notebooks(root),
        "comparison": [path for path in course_root.comparison_notebooks(root) if not needs(read_notebook(path))],
        "reference": course_root.reference_notebooks(root),
        "solution": course_root.assignment_notebooks(root, "solutions"),
    }
    return {path.relative_to(root).as_posix(): kind for kind, paths in kinds.items() for path in paths}


def code_cells(path: Path) -> tuple[int, int]:
    """How many cells of a notebook nbval executes, and of how many it compares the output."""
    cells = [cell for cell in read_notebook(path).cells if cell.cell_type == "code"]
    return len(cells), sum(NOT_COMPARED not in cell.metadata.get("tags", ()) for cell in cells)


def shown(name: str, root: Path = ROOT) -> str:
    """What a notebook is called in the table: a page's title, which leads there, or a solution's chapter and name."""
    path = root / name
    if name.startswith("solutions/"):
        return f"Solutions: chapter {int(path.parent.name[:2])}, {path.stem}"
    text = "\n".join(cell.source for cell in read_notebook(path).cells if cell.cell_type == "markdown")
    title = re.search(r"^# (.+)$", text, re.MULTILINE)
    return f"[{title[1] if title else path.stem}]({os.path.relpath(path, (root / PAGE).parent)})"


def run(results: Mapping[str, Any]) -> str:
    """When and on what the notebooks were executed, in a sentence."""
    several = "1 notebook" if results["workers"] == 1 else f"{results['workers']} notebooks"
    return f"{made_with(results)[:-1]}, {several} at a time."


def notebooks(results: Mapping[str, Any], root: Path = ROOT) -> str:
    """What each notebook took, and all of them."""
    stored = results["notebooks"]
    rows = [
        (shown(name, root), stored[name]["seconds"], stored[name]["cells"], code_cells(root / name)[1])
        for name in executed(root)
        if name in stored
    ]
    rows.append((f"all {len(rows)}", *(sum(row[place] for row in rows) for place in range(1, 4))))
    heads = ("notebook", "seconds", "cells", "compared")
    return table(heads, [(row[0], f"{row[1]:,.1f}", *row[2:]) for row in rows])


def rendered(page: str, results: Mapping[str, Any], root: Path = ROOT) -> str:
    """The page with its tables written anew."""
    return filled(page, {"run": lambda: run(results), "notebooks": lambda: notebooks(results, root)})


def faults(results: Mapping[str, Any], root: Path = ROOT) -> list[str]:
    """What the stored results don't say, or say of notebooks that are others by now, a line each."""
    made_with = ("date", "device", "backend", "versions", "workers")
    found = [f"the {name} of the last full run is missing: {ANEW}" for name in made_with if not results.get(name)]
    stored = results["notebooks"]
    counted = {name: code_cells(root / name)[0] for name in executed(root)}
    found += [f"{name} isn't in the last full run: {ANEW}" for name in counted if name not in stored]
    found += [
        f"{name}, of the last full run, isn't executed any more: {ANEW}" for name in stored if name not in counted
    ]
    for name, each in stored.items():
        cells, seconds = each.get("cells"), each.get("seconds")
        if name in counted and cells != counted[name]:
            found.append(f"{name} has {counted[name]} code cells and had {cells} in the last full run: {ANEW}")
        if not isinstance(seconds, int | float) or not 0 <= seconds < math.inf:
            found.append(f"{name} can't have taken {seconds} seconds: {ANEW}")
    return found


def main(root: Path = ROOT) -> int:
    """Write the page, or say why its tables would be wrong, and then return 1."""
    results = json.loads((root / RESULTS).read_text(encoding="utf-8"))
    found = faults(results, root)
    for line in found:
        print(line, file=sys.stderr)
    if not found:
        write_whole(root / PAGE, rendered((root / PAGE).read_text(encoding="utf-8"), results, root))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
