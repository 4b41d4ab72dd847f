"""Read the forms, and make the assignment and the class of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook

FOLDER = Path(__file__).resolve().parent
ASSIGNMENT = "00_forms"
GROUPS = sorted(path.stem for path in FOLDER.glob("*.ipy") if path.stem != "tasks")


@dataclass(frozen=True)
class Form:
    """One answer.

    Attributes:
        name: of its own, in its file.
        task: which test cell of ``tasks.ipy`` looks at it.
        points: what it deserves.
        may_be_flagged: whether ``course grade`` may leave it to the teacher.
        source: the answer's cell.
        later: what a cell at the end of the notebook does.
    """

    name: str
    task: str
    points: float
    may_be_flagged: bool
    source: str
    later: str = ""


def _parts(path: Path) -> dict[str, str]:
    parts = re.split(r"^# %% ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    named = [part.split("\n", 1) for part in parts]
    names = [name.strip() for name, _ in named]
    assert len(set(names)) == len(names), f"{path.name}: two forms of one name"
    return dict(zip(names, (body for _, body in named), strict=True))


def forms(group: str) -> list[Form]:
    """The forms of one file, in its order."""
    found = []
    for name, body in _parts(FOLDER / f"{group}.ipy").items():
        marks = dict(re.findall(r"^# (task|points): (\S+)$", body, re.MULTILINE))
        assert set(marks) == {"task", "points"}, f"{group}, {name}: say '# task:' and '# points:'"
        flagged = re.search(r"^# flagged$", body, re.MULTILINE) is not None
        # A cell magic stands in the first line of its cell.
        source, _, later = re.sub(r"^# (?:task: .*|points: .*|flagged)\n", "", body, flags=re.M).partition("# later\n")
        found.append(Form(name, marks["task"], float(marks["points"]), flagged, source.strip(), later.strip()))
    return found


def _mark(grade_id: str, **more: object) -> dict[str, object]:
    common = {"schema_version": 3, "task": False, "grade": False, "solution": False, "locked": False}
    return {"nbgrader": {**common, "grade_id": grade_id, **more}}


def make_course(folder: Path, groups: Iterable[str] = GROUPS) -> Path:
    """Write a course with one assignment, one notebook for each file of forms, and one student who hands all in.

    Args:
        folder: where.
        groups: the names of the files.
    """
    tasks = _parts(FOLDER / "tasks.ipy")
    set_up = tasks.pop("set-up").strip()
    source = folder / "solutions" / ASSIGNMENT
    submitted = folder / "submitted" / "ann" / ASSIGNMENT
    source.mkdir(parents=True)
    submitted.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    for group in groups:
        asked, handed_in = ([new_code_cell(set_up, id="set-up")] for _ in range(2))
        for form in forms(group):
            points = re.search(r"^# points: (\S+)\n", tasks[form.task], re.MULTILINE)
            assert points, f"tasks.ipy, {form.task}: say '# points:'"
            solution, _, test = tasks[form.task].partition("# test\n")
            visible, _, hidden = test.partition("# hidden\n")
            hidden, _, last = hidden.strip().rpartition("\n")
            whole = f"{visible}### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS\n{last}"
            marks = (
                _mark(form.name, solution=True),
                _mark(f"test-{form.name}", grade=True, locked=True, points=float(points.group(1))),
            )
            stub = f"### BEGIN SOLUTION\n{solution}### END SOLUTION"
            for cells, answer, tests in ((asked, stub, whole), (handed_in, form.source, visible + last)):
                cells.append(new_code_cell(answer, id=form.name, metadata=marks[0]))
                cells.append(new_code_cell(tests, id=f"test-{form.name}", metadata=marks[1]))
        handed_in += [new_code_cell(form.later, id=f"later-{form.name}") for form in forms(group) if form.later]
        for cells, where in ((asked, source), (handed_in, submitted)):
            notebook = new_notebook(cells=cells)
            notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
            notebook.metadata["functional_course"] = {"chapter": ASSIGNMENT, "notebook": group}
            nbformat.write(notebook, where / f"{group}.ipynb")
    return folder
