"""The page of the last full run says what the run stored, and this counts every notebook with the cells that it has."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from status_page import PAGE, RESULTS, executed, faults, main, rendered, shown


@pytest.fixture(scope="module")
def stored() -> dict:
    return json.loads((ROOT / RESULTS).read_text(encoding="utf-8"))


# --- the course's page ------------------------------------------------------------------------------------------------


def test_the_page_says_what_was_stored(stored: dict):
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    assert rendered(page, stored) == page, "write its tables anew: python -m tests.status_page"
    assert re.findall(r"<!-- table: (\w+) -->", page) == ["run", "notebooks"]
    assert page.count("<!-- end -->") == 2


def test_an_empty_place_takes_its_table_and_nothing_else(stored: dict):
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    empty = re.sub(r"(<!-- table: \w+ -->\n).*?(?=<!-- end -->)", r"\1", page, flags=re.DOTALL)
    assert len(empty) < len(page) and rendered(empty, stored) == page


def test_a_number_that_was_not_stored_is_written_over(stored: dict):
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| all \d+ \|.*", page, re.MULTILINE)
    assert rendered(page.replace(row, re.sub(r"\d", "9", row)), stored) == page


def test_the_stored_run_is_one_of_the_notebooks_as_they_are(stored: dict):
    assert faults(stored) == []


def named(makefile: str) -> set[str]:
    """The notebooks that `make status` has nbval execute."""
    recipe = re.search(r"^status:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)[1].replace("\\\n", " ")
    paths = next(line for line in recipe.splitlines() if "--nbval " in line).partition(".cfg")[2].split()
    found = (
        path for name in paths for path in ([ROOT / name] if name.endswith(".ipynb") else (ROOT / name).rglob("*"))
    )
    return {
        path.relative_to(ROOT).as_posix() for path in found if path.suffix == ".ipynb" and ".ipynb_" not in str(path)
    }


def test_make_status_executes_what_the_page_names():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert named(makefile) == set(executed())
    assert "COURSE_STATUS=book/results/status.json $(PYTEST)" in makefile and "-m tests.status_page" in makefile


@pytest.mark.parametrize("left_out", ["book/index.ipynb ", "book/reference ", " book/evidence"])
def test_a_notebook_that_make_status_leaves_out_is_seen(left_out: str):
    changed = (ROOT / "Makefile").read_text(encoding="utf-8").replace(left_out, " ")
    assert named(changed) < set(executed())


# --- a course of three notebooks --------------------------------------------------------------------------------------


def write(root: Path, name: str, cells: int, title: str = "") -> None:
    """A notebook with so many code cells, the last of which isn't compared."""
    code = [new_code_cell("1") for _ in range(cells)]
    code[-1].metadata["tags"] = ["nbval-ignore-output"]
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[new_markdown_cell(f"# {title}\n\nText."), *code]), root / name)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A course with a lesson, a page that needs what isn't installed, and a solution."""
    write(tmp_path, "book/chapters/01_first.ipynb", 3, "First steps")
    write(tmp_path, "solutions/01_first/build.ipynb", 2)
    needy = tmp_path / "book" / "comparisons" / "other.ipynb"
    write(tmp_path, "book/comparisons/other.ipynb", 1)
    notebook = nbformat.read(needy, 4)
    notebook.metadata["functional_course"] = {"needs": ["no_such_module"]}
    nbformat.write(notebook, needy)
    return tmp_path


RUN = {
    "date": "2026-01-31",
    "device": "CPU (x86_64, 2 cores)",
    "backend": "tensorflow",
    "versions": {"python": "3.12.1", "keras": "3.15.1", "tensorflow": "2.21.0", "numpy": "2.4.6"},
    "workers": 2,
    "notebooks": {
        "book/chapters/01_first.ipynb": {"cells": 3, "seconds": 1200.04},
        "solutions/01_first/build.ipynb": {"cells": 2, "seconds": 0.0},
    },
}
PLACES = "<!-- table: run -->\n<!-- end -->\n\n<!-- table: notebooks -->\n<!-- end -->\n"
WRITTEN = """\
<!-- table: run -->
Run on 2026-01-31 on a CPU (x86_64, 2 cores) with python 3.12.1, keras 3.15.1, tensorflow 2.21.0, numpy 2.4.6, \
2 notebooks at a time.
<!-- end -->

<!-- table: notebooks -->
| notebook | seconds | cells | compared |
|---| --: | --: | --: |
| [First steps](../chapters/01_first.ipynb) | 1,200.0 | 3 | 2 |
| Solutions: chapter 1, build | 0.0 | 2 | 1 |
| all 2 | 1,200.0 | 5 | 3 |
<!-- end -->
"""


def test_the_tables_have_a_row_for_each_notebook_and_a_sum(small: Path):
    assert rendered(PLACES, RUN, small) == WRITTEN
    assert faults(RUN, small) == []


def test_a_page_without_a_title_is_called_by_its_file(small: Path):
    nbformat.write(new_notebook(cells=[new_markdown_cell("Text.")]), small / "book" / "chapters" / "02_bare.ipynb")
    assert shown("book/chapters/02_bare.ipynb", small) == "[02_bare](../chapters/02_bare.ipynb)"


LESSON, SOLUTION = RUN["notebooks"]


@pytest.mark.parametrize(
    ("plant", "told"),
    [
        (lambda run: run.pop("device"), "the device of the last full run is missing"),
        (lambda run: run["notebooks"].pop(LESSON), f"{LESSON} isn't in the last full run"),
        (
            lambda run: run["notebooks"].update({"book/gone.ipynb": run["notebooks"][LESSON]}),
            "book/gone.ipynb, of the last full run, isn't executed any more",
        ),
        (
            lambda run: run["notebooks"].update({"book/comparisons/other.ipynb": {"cells": 1, "seconds": 1.0}}),
            "book/comparisons/other.ipynb, of the last full run, isn't executed any more",
        ),
        (
            lambda run: run["notebooks"][LESSON].update(cells=2),
            f"{LESSON} has 3 code cells and had 2 in the last full run",
        ),
        (lambda run: run["notebooks"][SOLUTION].pop("cells"), f"{SOLUTION} has 2 code cells and had None"),
        (lambda run: run["notebooks"][SOLUTION].update(seconds=-0.1), f"{SOLUTION} can't have taken -0.1 seconds"),
        (lambda run: run["notebooks"][SOLUTION].pop("seconds"), f"{SOLUTION} can't have taken None seconds"),
        (lambda run: run["notebooks"][SOLUTION].update(seconds=float("nan")), f"{SOLUTION} can't have taken nan"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_refused(small: Path, plant, told: str):
    run = copy.deepcopy(RUN)
    plant(run)
    (found,) = faults(run, small)
    assert found.startswith(told) and found.endswith("run make status")


def test_a_notebook_that_gets_a_cell_or_a_neighbour_later_is_refused(small: Path):
    write(small, LESSON, 4)
    write(small, "book/evidence/01_first.ipynb", 1)
    new, grown = faults(RUN, small)
    assert new.startswith("book/evidence/01_first.ipynb isn't in the last full run")
    assert grown.startswith(f"{LESSON} has 4 code cells and had 3")


@pytest.mark.parametrize("fault", [False, True])
def test_the_page_is_written_if_its_tables_would_be_true(small: Path, capsys: pytest.CaptureFixture, fault: bool):
    run = RUN | {"notebooks": {}} if fault else RUN
    for name, text in ((RESULTS, json.dumps(run)), (PAGE, PLACES)):
        (small / name).parent.mkdir(parents=True, exist_ok=True)
        (small / name).write_text(text, encoding="utf-8")
    assert main(small) == fault
    assert (small / PAGE).read_text(encoding="utf-8") == (PLACES if fault else WRITTEN)
    assert ("run make status" in capsys.readouterr().err) == fault
