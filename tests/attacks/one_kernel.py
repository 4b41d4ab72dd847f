"""Execute a notebook as plain nbgrader does, answers and tests in one process: ``one_kernel.py NOTEBOOK OUTPUTS``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from functional_course.grading.executing.cells import CellRunner


def main(notebook: str, outputs: str) -> None:
    """Run all code cells of a notebook and write what they show, by place."""
    runner = CellRunner()
    cells = json.loads(Path(notebook).read_text())["cells"]
    shown = {place: runner.run("".join(cell["source"])) for place, cell in enumerate(cells)}
    Path(outputs).write_text(json.dumps(shown))


main(*sys.argv[1:])
