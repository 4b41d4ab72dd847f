"""On another backend a notebook may print something else, and none of its cells may fail but those that are marked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from functional_course.notebooks import course_root
from functional_course.notebooks.reading import read_notebook

import backends
import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook, new_output

OTHERS = ("jax", "torch")


def write(path: Path, *cells: tuple[str, str, list[str]]) -> None:
    """A notebook of cells with a source, what they printed when they were stored, and tags."""
    made = [
        new_code_cell(
            source, execution_count=number, outputs=[new_output("stream", text=text)], metadata={"tags": tags}
        )
        for number, (source, text, tags) in enumerate(cells, start=1)
    ]
    notebook = new_notebook(cells=made)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


def executed(folder: Path, backend: str, gpu: bool = False) -> subprocess.CompletedProcess[str]:
    """One run of nbval with the plugin, on two workers, which stores nothing: that would take an import of Keras."""
    stand_in = folder / "stand_in"
    stand_in.mkdir(exist_ok=True)
    (stand_in / "torch.py").write_text(f"class cuda:\n    is_available = staticmethod(lambda: {gpu})\n")
    environment = os.environ | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "",
        "KERAS_BACKEND": backend,
        "PYTHONPATH": os.pathsep.join([str(stand_in), os.environ.get("PYTHONPATH", "")]),
    }
    environment.pop("JUPYTER_DEFAULT_PROVISIONER_NAME", None)
    environment.pop(backends.WRITES, None)
    plugins = ["nbval.plugin", "xdist.plugin", "tests.backends", "tests.without_grammar", "no:cacheprovider"]
    words = [word for plugin in plugins for word in ("-p", plugin)]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        *words,
        "-n",
        "2",
        "--dist",
        "loadscope",
        "-c",
        "/dev/null",
        "--rootdir",
        folder,
        "--nbval",
    ]
    return subprocess.run([*command, folder], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


def test_another_output_passes_and_an_error_does_not(tmp_path: Path):
    write(tmp_path / "other.ipynb", ("print(3)", "3\n", []), ("print(3)", "4\n", []))
    assert "2 passed" in executed(tmp_path, "torch").stdout
    assert "1 failed, 1 passed" in executed(tmp_path, "tensorflow").stdout
    write(tmp_path / "fails.ipynb", ("print(three)", "3\n", []))
    done = executed(tmp_path, "torch")
    assert done.returncode == 1 and "1 failed, 2 passed" in done.stdout


def test_a_marked_cell_may_fail_on_its_backend_alone(tmp_path: Path):
    marked = ("three = 4\nassert three == 3", "", [backends.tag("torch")])
    write(tmp_path / "marked.ipynb", marked, ("print(three)", "4\n", []))
    assert "1 passed, 1 xfailed" in executed(tmp_path, "torch").stdout
    assert "1 failed, 1 passed" in executed(tmp_path, "jax").stdout


def test_where_an_error_is_stored_there_has_to_be_one(tmp_path: Path):
    for name, source in (("other.ipynb", "raise TypeError('so')"), ("none.ipynb", "three = 3")):
        write(tmp_path / name, (source, "", ["raises-exception"]))
        notebook = nbformat.read(tmp_path / name, 4)
        notebook.cells[0].outputs = [new_output("error", ename="ValueError", evalue="not so", traceback=[])]
        nbformat.write(notebook, tmp_path / name)
    done = executed(tmp_path, "torch")
    assert "1 failed, 1 passed" in done.stdout and "none.ipynb" in done.stdout


def test_a_test_cell_that_gives_other_points_is_a_fault(tmp_path: Path):
    for name, points in (("same.ipynb", "4.0"), ("fewer.ipynb", "3.0")):
        write(tmp_path / name, (f"print(3)\n{points}", "4\n", []))
        notebook = nbformat.read(tmp_path / name, 4)
        notebook.cells[0].metadata["nbgrader"] = {"grade": True, "grade_id": "test"}
        stored = new_output("execute_result", data={"text/plain": "4.0"}, execution_count=1)
        notebook.cells[0].outputs.append(stored)
        nbformat.write(notebook, tmp_path / name)
    done = executed(tmp_path, "torch")
    assert "1 failed, 1 passed" in done.stdout and "fewer.ipynb" in done.stdout


@pytest.mark.parametrize(("gpu", "ended"), [(True, "1 failed, 1 xfailed"), (False, "1 passed, 1 xpassed")])
def test_what_would_end_the_notebook_is_not_executed_on_a_gpu(tmp_path: Path, gpu: bool, ended: str):
    ends = ("three = 3\nprint(three)", "3\n", [backends.tag("torch"), "ends-cuda-on-torch"])
    write(tmp_path / "ends.ipynb", ends, ("print(three)", "3\n", []))
    assert ended in executed(tmp_path, "torch", gpu).stdout


# --- what is stored, without a kernel ---------------------------------------------------------------------------------


def report(name: str, outcome: str = "passed", when: str = "call", **more: object) -> pytest.TestReport:
    """What pytest says of one phase of a cell."""
    made = pytest.TestReport(name, (name, 0, name), {}, outcome, None, when, duration=0.25)
    for attribute, value in more.items():
        setattr(made, attribute, value)
    return made


REPORTS = [
    *(report("a.ipynb::Cell 0", when=when) for when in ("setup", "call", "teardown")),
    report("a.ipynb::Cell 1", user_properties=[("otherwise", True)]),
    report("a.ipynb::Cell 2", "failed"),
    report("a.ipynb::Cell 3", "skipped", wasxfail="reason: differs-on-jax"),
    report("a.ipynb::Cell 4", "skipped", "setup", wasxfail="reason: [NOTRUN] differs-on-jax"),
    report("b.ipynb::Cell 0", "failed", "setup"),
    report("b.ipynb::Cell 1"),
    report("b.ipynb::Cell 1", "failed", "teardown"),
    report("b.ipynb::Cell 1"),
    report("tests/test_it.py::test_it"),
]


@pytest.fixture(autouse=True)
def made_elsewhere(monkeypatch: pytest.MonkeyPatch):
    made = {"date": "2026-01-31", "device": "CPU (2 cores)", "backend": "jax", "versions": {"jax": "1"}}
    monkeypatch.setattr(backends, "made_here", lambda: made)


def run(output: Path, exitstatus: int = 1, reports: list = REPORTS) -> backends.Stored:
    found = backends.Stored(output, workers=3)
    for each in reports:
        found.pytest_runtest_logreport(each)
    found.pytest_sessionfinish(exitstatus)
    return found


def test_each_cell_is_counted_once_as_what_it_ended_like(tmp_path: Path):
    run(tmp_path / "backends.json")
    (stored,) = json.loads((tmp_path / "backends.json").read_text())["runs"]
    assert (stored["backend"], stored["workers"]) == ("jax", 3)
    assert stored["notebooks"] == {
        "a.ipynb": {"cells": 5, "otherwise": 1, "marked": 2, "errors": 1, "seconds": 1.0},
        "b.ipynb": {"cells": 2, "otherwise": 0, "marked": 0, "errors": 2, "seconds": 0.5},
    }


def test_a_run_takes_the_place_of_the_one_on_the_same_backend_and_device(tmp_path: Path):
    output = tmp_path / "backends.json"
    there = [
        {"backend": "torch", "device": "A GPU", "notebooks": {}},
        {"backend": "jax", "device": "CPU (2 cores)", "notebooks": {}},
        {"backend": "torch", "device": "CPU (2 cores)", "notebooks": {}},
    ]
    output.write_text(json.dumps({"runs": there}))
    run(output)
    runs = json.loads(output.read_text())["runs"]
    assert [(each["device"], each["backend"]) for each in runs] == [
        ("CPU (2 cores)", "jax"),
        ("CPU (2 cores)", "torch"),
        ("A GPU", "torch"),
    ]
    assert len(runs[0]["notebooks"]) == 2 and runs[1]["notebooks"] == {}


@pytest.mark.parametrize(("exitstatus", "reports"), [(2, REPORTS), (0, []), (5, [])])
def test_a_run_that_was_stopped_leaves_what_was_stored(tmp_path: Path, exitstatus: int, reports: list):
    output = tmp_path / "backends.json"
    output.write_text('{"runs": []}')
    assert "stays as it was" in run(output, exitstatus, reports).said
    assert output.read_text() == '{"runs": []}'


# --- the course's notebooks -------------------------------------------------------------------------------------------


def test_no_tag_names_a_backend_that_is_none():
    """A slip in a tag would let a cell fail unseen, or not be left out."""
    known = {backends.tag(each) for each in OTHERS} | {"ends-cuda-on-torch"}
    paths = [*course_root.chapter_notebooks(ROOT), *course_root.reference_notebooks(ROOT)]
    paths += course_root.assignment_notebooks(ROOT, "solutions")
    tags = [set(cell.metadata.get("tags", ())) for path in paths for cell in read_notebook(path).cells]
    found = {each for held in tags for each in held if each.startswith(("differs-on", "ends-"))}
    assert found == known
    assert all(backends.tag("torch") in held for held in tags if "ends-cuda-on-torch" in held)
