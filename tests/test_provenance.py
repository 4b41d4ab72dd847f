"""Whatever is handed in: no text that is not in the release gets a role that the judging process runs."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from functional_course.grading.taking_in.intake import take_in
from functional_course.grading.taking_in.plan import Plan
from functional_course.grading.taking_in.released import ReleasedError, brought_to_date, read_released
from functional_course.grading.taking_in.roles import Role, released_roles, with_roles

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

JUDGED = (Role.GIVEN, Role.TEST)


def _marks(grade_id: str, **more: object) -> dict[str, Any]:
    usual = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "task": False}
    return {"nbgrader": {"grade_id": grade_id, **usual, **more}}


def source() -> nbformat.NotebookNode:
    """The instructor's notebook: cells with and without marks, of every role."""
    cells = [
        new_markdown_cell("# Small", id="title"),
        new_code_cell("from functional_course import checks", id="imports"),
        new_code_cell("offset = 2", id="offset", metadata=_marks("offset", locked=True)),
        new_code_cell("total = 40 + offset", id="total", metadata=_marks("total", solution=True)),
        new_code_cell(
            "checks.Rubric(total)", id="tt", metadata=_marks("test-total", grade=True, locked=True, points=2)
        ),
        new_code_cell("print(offset)", id="look"),
        new_code_cell("def twice(x):\n    return 2 * x", id="tw", metadata=_marks("twice", solution=True)),
        new_code_cell("checks.Rubric(twice(1))", id="t2", metadata=_marks("test-twice", grade=True, points=2)),
        new_markdown_cell("Why?", id="why", metadata=_marks("why", solution=True, grade=True, points=1)),
    ]
    return new_notebook(cells=cells)


def of_minor(notebook: nbformat.NotebookNode, minor: int) -> nbformat.NotebookNode:
    notebook = copy.deepcopy(notebook)
    notebook.nbformat_minor = minor
    if minor < 5:
        for cell in notebook.cells:
            cell.pop("id", None)
    return notebook


SOURCE = source()
RELEASED = copy.deepcopy(SOURCE)
for each in RELEASED.cells:
    if each.metadata.get("nbgrader", {}).get("solution"):
        each.source = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXTS = {cell.source for cell in (*SOURCE.cells, *RELEASED.cells)}
GRADE_IDS = [cell.metadata.nbgrader.grade_id for cell in RELEASED.cells if "nbgrader" in cell.metadata]
IDS = [cell.id for cell in RELEASED.cells] + ["learner-1", "learner-2", "cell-1", "cell-2", "cell-9", "x"]

# Every text that a learner writes here has this word in it.
texts = st.sampled_from(
    ["stolen = 1", "checks.Rubric = stolen", "checks = checks  # stolen", "def twice(stolen): pass", "total = 'stolen'",
     "from functional_course import checks\nstolen = 2", "offset = 2\nstolen = 3", "    stolen",
     "checks.Rubric(stolen)", "stolen\nchecks.Rubric(total)", "%%time\nstolen"]
)  # fmt: skip
marks = st.fixed_dictionaries(
    {"grade_id": st.sampled_from([*GRADE_IDS, "", "new", "learner-1"])},
    optional={
        name: st.sampled_from([True, False, None, "x"]) for name in ("grade", "solution", "locked", "task")
    } | {"schema_version": st.sampled_from([1, 3, 9]), "points": st.sampled_from([0, 2, 100])},
)  # fmt: skip
metadata = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {"nbgrader": marks}, optional={"tags": st.just(["skip-execution"]), "id": st.sampled_from(IDS)}
    ),
    st.fixed_dictionaries({"role": st.sampled_from(["given", "test"]), "functional_course": st.just({"role": "test"})}),
)  # fmt: skip
kinds = st.sampled_from(["code", "code", "code", "markdown", "raw"])
new_cells = st.fixed_dictionaries(
    {"cell_type": kinds, "source": texts, "metadata": metadata}, optional={"id": st.sampled_from(IDS)}
)
deeds = st.lists(
    st.tuples(
        st.sampled_from(["add", "copy", "split", "merge", "move", "drop", "text", "mark", "id", "unmark", "exchange"]),
        st.integers(0, 30),
        st.integers(0, 30),
        new_cells,
    ),
    max_size=12,
)


def changed(cells: list[dict[str, Any]], deeds_: list[Any]) -> list[dict[str, Any]]:
    """What a learner may do to the cells of a notebook."""
    for deed, one, two, new in deeds_:
        if deed == "add" or not cells:
            cells.insert(one % (len(cells) + 1), copy.deepcopy(new))
            continue
        at, other = one % len(cells), two % len(cells)
        cell = cells[at]
        if deed == "copy":
            cells.insert(other, copy.deepcopy(cell))
        elif deed == "split":
            cells.insert(at + 1, {**copy.deepcopy(cell), "source": f"{new['source']}"})
        elif deed == "merge":
            cell["source"] = "".join(cell["source"]) + "\n" + new["source"] + "\n" + "".join(cells[other]["source"])
        elif deed == "move":
            cells.insert(other, cells.pop(at))
        elif deed == "drop":
            del cells[at]
        elif deed == "text":
            cell["source"] = new["source"]
        elif deed == "mark":
            cell["metadata"] = copy.deepcopy(new["metadata"])
        elif deed == "id":
            cell["id"] = IDS[two % len(IDS)]
        elif deed == "unmark":
            cell["metadata"] = {}
            cell.pop("id", None)
        else:
            cell["metadata"], cells[other]["metadata"] = cells[other]["metadata"], cell["metadata"]
    return cells


def judged(released: nbformat.NotebookNode, handed_in: dict[str, Any], folder: Path) -> list[tuple[Role, str]]:
    """Take in and plan; what each cell that is run has for a role, and what is run."""
    (folder / "build.ipynb").write_text(json.dumps(handed_in))
    intake = take_in(folder, {"build": released}, below=folder)
    assert [repair for repair in intake.found if repair.kind == "failed"] == []
    clean, roles = intake.notebooks["build"], intake.roles["build"]
    nbformat.validate(clean)
    assert (clean.nbformat, clean.nbformat_minor) == (4, 5)
    assert [cell.source for role, cell in with_roles(clean, roles) if role in JUDGED] == [
        cell.source for role, cell in with_roles(RELEASED, released_roles(RELEASED)) if role in JUDGED
    ]
    return [(cell.role, cell.source) for cell in Plan(SOURCE).cells(clean, roles)]


@settings(
    max_examples=150, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)  # fmt: skip
@given(of_release=st.integers(0, 5), of_submission=st.integers(0, 5), what=deeds)
def test_no_text_of_a_learners_is_run_by_the_judging_process(
    tmp_path_factory: pytest.TempPathFactory, of_release: int, of_submission: int, what: list[Any]
):
    released = of_minor(RELEASED, of_release)
    handed_in = json.loads(nbformat.writes(of_minor(RELEASED, of_submission), version=nbformat.NO_CONVERT))
    handed_in["cells"] = changed(handed_in["cells"], what)
    for role, text in judged(released, handed_in, _folder(tmp_path_factory)):
        assert role not in JUDGED or (text in TEXTS and "stolen" not in text)


def _folder(factory: pytest.TempPathFactory) -> Path:
    folder = factory.getbasetemp() / "provenance"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("minor", range(6))
def test_a_cell_that_patches_the_rubric_stays_on_the_learners_side(tmp_path: Path, minor: int):
    """It binds a name that a test reads, in a notebook whose cells may have no ids."""
    stolen = "checks = checks\nchecks.Rubric = lambda *stolen: print(100)"
    handed_in = json.loads(nbformat.writes(of_minor(RELEASED, minor), version=nbformat.NO_CONVERT))
    handed_in["cells"].insert(2, {"cell_type": "code", "source": stolen, "metadata": {}, "outputs": []})
    found = judged(of_minor(RELEASED, minor), handed_in, tmp_path)
    assert [role for role, text in found if text == stolen] == [Role.ADDED]


@pytest.mark.parametrize("minor", range(6))
def test_a_released_notebook_is_brought_to_date_the_same_way_each_time(tmp_path: Path, minor: int):
    old = of_minor(RELEASED, minor)
    new = brought_to_date("build", old)
    assert new == brought_to_date("build", old) and old == of_minor(RELEASED, minor)
    assert (new is old) == (minor == 5) and new.nbformat_minor == 5
    assert len({cell.id for cell in new.cells}) == len(new.cells)
    nbformat.validate(new)
    (tmp_path / "build.ipynb").write_text(nbformat.writes(old, version=nbformat.NO_CONVERT))
    assert read_released(tmp_path / "build.ipynb") == new


def test_ids_that_are_missing_or_stand_there_twice_are_made_up():
    released = copy.deepcopy(RELEASED)
    released.cells[1]["id"] = released.cells[0]["id"]
    del released.cells[2]["id"]
    released.cells[3]["id"] = "not an id"
    released.cells[4]["id"] = "cell-3"
    new = brought_to_date("build", released)
    assert [cell.id for cell in new.cells[:5]] == ["title", "cell-2", "cell-3-2", "cell-4", "cell-3"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"nbformat": 4, "nbformat_minor": 6, "metadata": {}, "cells": []}, "has the format 4.6; 4.0 to 4.5 can be"),
        ({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}, "has the format 3.0; 4.0 to 4.5 can"),
        ({"nbformat": 4, "metadata": {}, "cells": []}, "has the format 4.None; 4.0 to 4.5 can be graded"),
        ({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code"}]}, "is damaged ("),
        ([], "is damaged ("),
    ],
)
def test_another_release_is_refused_with_a_sentence(tmp_path: Path, content: Any, said: str):
    (tmp_path / "build.ipynb").write_text(json.dumps(content))
    with pytest.raises(ReleasedError) as error:
        read_released(tmp_path / "build.ipynb")
    assert str(error.value).startswith(f"The released notebook build {said}") and str(error.value).endswith("again.")


def test_who_wrote_a_cell_is_not_guessed():
    with pytest.raises(ValueError, match="9 cells have 8 roles"):
        Plan(SOURCE).cells(RELEASED, released_roles(RELEASED)[1:])
    assert Role.named("teacher") == Role.named(None) == Role.ADDED
