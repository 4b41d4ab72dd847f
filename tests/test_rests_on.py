"""A page of evidence whose code, or what it imports of the course, has changed since is refused; so is a comparison."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from functional_course.notebooks.course_root import recorded_notebooks
from functional_course.notebooks.reached import reached
from functional_course.notebooks.reading import read_notebook
from functional_course.notebooks.rests_on import PACKAGE, digest, record, recorded

import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


@pytest.mark.parametrize("path", recorded_notebooks(ROOT), ids=lambda path: path.stem)
def test_a_page_was_executed_with_the_code_that_is_here(path: Path) -> None:
    page = read_notebook(path)
    assert recorded(page) == digest(page, results=ROOT / "book" / "results"), (
        f"The code of {path.name}, or what it imports of the course, has changed since the page was executed. "
        f"Run: course notebooks {path.relative_to(ROOT)}"
    )


CODE = """\
%xmode Minimal
import json
from course_here.data import birds
print(json.load(open("../results/one.json")))"""

FILES = {
    "package/course_here/__init__.py": '"""A course."""\n',
    "package/course_here/data/__init__.py": "",
    "package/course_here/data/birds.py": '"""Birds."""\nfrom course_here import tables\n\ndef load():\n    """A."""\n',
    "package/course_here/data/birds.csv": "1,2\n",
    "package/course_here/data/fish.py": "",
    "package/course_here/tables.py": "ROWS = 1\n",
    "package/course_here/plots.py": "SIZE = 1\n",
    "results/one.json": "1",
    "results/two.json": "2",
}


def page_of(code: str = CODE):
    return new_notebook(cells=[new_markdown_cell("# Evidence"), new_code_cell(code)])


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def digest_at(place: Path, page) -> str:
    return digest(page, place / "package" / "course_here", place / "results")


def written(name: str, text: str) -> Callable[[Path], None]:
    return lambda place: (place / name).write_text(text) and None


@pytest.mark.parametrize(
    "change",
    [
        written("package/course_here/__init__.py", "import os\n"),
        written("package/course_here/data/birds.py", FILES["package/course_here/data/birds.py"] + "    return 1\n"),
        written("package/course_here/data/birds.csv", "1,3\n"),
        written("package/course_here/tables.py", "ROWS = 2\n"),
        written("results/one.json", "3"),
    ],
)
def test_a_change_of_what_a_page_rests_on_is_seen(place: Path, change: Callable[[Path], None]) -> None:
    page = page_of()
    record(page, digest_at(place, page))
    change(place)
    assert recorded(page) != digest_at(place, page)


@pytest.mark.parametrize("code", [CODE + "\nprint(1)", CODE.replace("Minimal", "Verbose"), "import course_here.plots"])
def test_a_change_of_the_code_is_seen(place: Path, code: str) -> None:
    assert digest_at(place, page_of(code)) != digest_at(place, page_of())


def test_an_order_of_cells_counts(place: Path) -> None:
    page = new_notebook(cells=[new_code_cell("a = 1"), new_code_cell("a = 2")])
    before = digest_at(place, page)
    page.cells.reverse()
    assert digest_at(place, page) != before


def test_what_changes_nothing_asks_for_no_execution(place: Path) -> None:
    page = page_of()
    before = digest_at(place, page)
    record(page, before)
    page.cells[0].source = "# Other words"
    for change in (
        written("package/course_here/plots.py", "SIZE = 2\n"),
        written("package/course_here/data/fish.py", "FISH = 2\n"),
        written("package/course_here/data/birds.py", FILES["package/course_here/data/birds.py"].replace("A.", "B.")),
        written("results/two.json", "3"),
    ):
        change(place)
    assert digest_at(place, page) == before == recorded(page)


@pytest.mark.parametrize(
    "code",
    [
        "import course_here.plots",
        "import course_here.plots as plots",
        "from course_here import plots",
        "from course_here.plots import SIZE",
        "def show():\n    from course_here.plots import SIZE",
    ],
)
def test_every_way_to_import_counts(place: Path, code: str) -> None:
    before = digest_at(place, page_of(code))
    written("package/course_here/plots.py", "SIZE = 2\n")(place)
    assert digest_at(place, page_of(code)) != before


GATHERED = {
    "package/course_here/checks/__init__.py": (
        '"""Checks."""\nfrom course_here.checks.one import first\nfrom course_here.checks.two import second as other\n'
        '__all__ = ["first", "other"]\n'
    ),
    "package/course_here/checks/one.py": "def first():\n    return 1\n",
    "package/course_here/checks/two.py": "from course_here.tables import ROWS\n\ndef second():\n    return ROWS\n",
}
"""A package that gathers the names of its modules."""


@pytest.mark.parametrize(
    ("code", "rests"),
    [
        ("from course_here import checks\nchecks.first()", {"one"}),
        ("from course_here import checks\ndef f():\n    return checks.other()", {"two", "tables"}),
        ("from course_here.checks import first", {"one"}),
        ("from course_here.checks import other as first", {"two", "tables"}),
        ("from course_here.checks.one import first", {"one"}),
        ("import course_here.checks as c\nc.first()", {"one"}),
        ("import course_here.checks\ncourse_here.checks.first()", {"checks", "one", "two", "tables"}),
        ("from course_here import checks\nchecks.first(checks)", {"checks", "one", "two", "tables"}),
        ("from course_here import checks\ncheck = checks", {"checks", "one", "two", "tables"}),
        ("from course_here import checks\nchecks.third()", {"checks", "one", "two", "tables"}),
        ("from course_here import checks", {"checks", "one", "two", "tables"}),
        ("from course_here.checks import *", {"checks", "one", "two", "tables"}),
    ],
)
def test_of_a_package_that_gathers_names_those_taken_count(place: Path, code: str, rests: set[str]) -> None:
    for name, text in GATHERED.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(text)
    named = {path.parent.name if path.stem == "__init__" else path.stem for path in reached_at(place, code)}
    assert named == rests
    # One that does more than gather names counts whole: what it does may change what they are.
    written("package/course_here/checks/__init__.py", GATHERED["package/course_here/checks/__init__.py"] + "first()\n")(
        place
    )
    named = {path.parent.name if path.stem == "__init__" else path.stem for path in reached_at(place, code)}
    assert named == {"checks", "one", "two", "tables"}


def test_the_checks_of_the_course_gather_names() -> None:
    found = reached("from functional_course import checks\nchecks.check_no_chain(model)", PACKAGE)
    assert {"structure.py", "graph.py"} <= {path.name for path in found} and len(found) < 12
    assert PACKAGE / "checks" / "extents.py" not in found


def reached_at(place: Path, code: str) -> set[Path]:
    return reached(code, place / "package" / "course_here")
