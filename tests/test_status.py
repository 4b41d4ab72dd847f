"""What the cells of a run took is stored if all of them passed, and stays as it was if not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import status
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook, new_output

OLD = '{"notebooks": {}}\n'


def write(path: Path, *printed: str) -> None:
    """A notebook each of whose cells prints 3 after a moment, and stores that it printed this."""
    cells = [
        new_code_cell(
            "import time\ntime.sleep(0.3)\nprint(3)",
            execution_count=number,
            outputs=[new_output("stream", text=f"{text}\n")],
        )
        for number, text in enumerate(printed, start=1)
    ]
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def executed(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """One run of nbval with the plugin over a folder, which knows no other plugin but xdist."""
    environment = os.environ | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "",
        status.WRITES: str(folder / "status.json"),
    }
    # Nothing here needs Keras: kernels start sooner by themselves.
    environment.pop("JUPYTER_DEFAULT_PROVISIONER_NAME", None)
    plugins = ["nbval.plugin", "tests.status", "tests.without_grammar", "no:cacheprovider"]
    words = [word for plugin in plugins for word in ("-p", plugin)]
    command = [sys.executable, "-m", "pytest", "-q", *words, "-c", "/dev/null", "--rootdir", folder, "--nbval"]
    return subprocess.run(
        [*command, *options, folder], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )


def test_what_passes_on_several_workers_is_stored_with_its_cells_and_seconds(tmp_path: Path):
    write(tmp_path / "b" / "two.ipynb", "3", "3")
    write(tmp_path / "a" / "one.ipynb", "3")
    done = executed(tmp_path, "-p", "xdist.plugin", "-n", "2", "--dist", "loadscope")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "says how long each of 2 notebooks took" in done.stdout
    stored = json.loads((tmp_path / "status.json").read_text())
    assert list(stored) == ["date", "device", "backend", "versions", "workers", "notebooks"]
    assert stored["workers"] == 2 and {"python", "keras", "numpy"} <= set(stored["versions"])
    found = stored["notebooks"]
    assert {name: each["cells"] for name, each in found.items()} == {"a/one.ipynb": 1, "b/two.ipynb": 2}
    assert list(found) == sorted(found)
    for each in found.values():
        assert each["seconds"] >= 0.3 * each["cells"] and each["seconds"] == round(each["seconds"], 1)


def test_a_run_with_another_output_leaves_the_last_results(tmp_path: Path):
    write(tmp_path / "sound.ipynb", "3")
    write(tmp_path / "other.ipynb", "3", "4")
    (tmp_path / "status.json").write_text(OLD)
    done = executed(tmp_path)
    assert done.returncode == 1 and "1 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    assert "stays as it was: 1 of the cells didn't pass, first other.ipynb::Cell 1" in done.stdout
    assert (tmp_path / "status.json").read_text() == OLD


# --- without a kernel -------------------------------------------------------------------------------------------------


def report(name: str, outcome: str = "passed", when: str = "call", duration: float = 0.125) -> pytest.TestReport:
    """What pytest says of one phase of a test."""
    return pytest.TestReport(name, (name, 0, name), {}, outcome, None, when, duration=duration)


def run(folder: Path, *reports: pytest.TestReport, exitstatus: int = 0, workers: int = 1) -> status.Status:
    """The plugin after a run with these reports."""
    (folder / "status.json").write_text(OLD)
    found = status.Status(folder / "status.json", workers)
    for each in reports:
        found.pytest_runtest_logreport(each)
    found.pytest_sessionfinish(exitstatus)
    return found


@pytest.fixture(autouse=True)
def made_elsewhere(monkeypatch: pytest.MonkeyPatch):
    """Where and when a run is made takes an import of Keras; the run in processes of its own has that."""
    monkeypatch.setattr(status, "made_here", lambda: {"date": "2026-01-31"})


def test_seconds_are_those_of_the_calls_of_a_notebooks_cells(tmp_path: Path):
    names = ("a.ipynb::Cell 0", "a.ipynb::Cell 1", "tests/test_it.py::test_it")
    phases = [report(name, when=when) for name in names for when in ("setup", "call", "teardown")]
    run(tmp_path, *phases, workers=3)
    assert json.loads((tmp_path / "status.json").read_text()) == {
        "date": "2026-01-31",
        "workers": 3,
        "notebooks": {"a.ipynb": {"cells": 2, "seconds": 0.2}},
    }


@pytest.mark.parametrize(
    ("reports", "exitstatus", "why"),
    [
        ([report("a.ipynb::Cell 1", "skipped")], 0, "1 of the cells didn't pass"),
        ([report("a.ipynb::Cell 1", "failed", "setup")], 1, "1 of the cells didn't pass"),
        ([report("a.ipynb::Cell 1", "passed")], 2, "the run failed elsewhere, or was stopped"),
    ],
    ids=["a cell left out", "no kernel", "stopped"],
)
def test_a_run_that_is_not_whole_leaves_the_last_results(tmp_path: Path, reports: list, exitstatus: int, why: str):
    found = run(tmp_path, report("a.ipynb::Cell 0"), *reports, exitstatus=exitstatus)
    assert why in found.said and (tmp_path / "status.json").read_text() == OLD


def test_a_run_without_a_notebook_leaves_the_last_results(tmp_path: Path):
    found = run(tmp_path, report("tests/test_it.py::test_it"))
    assert "no notebook was executed" in found.said and (tmp_path / "status.json").read_text() == OLD


class Registering:
    """A stand-in for pytest's configuration."""

    def __init__(self, workers: int | None) -> None:
        self.plugins: list[status.Status] = []
        self.pluginmanager, self.register, self._workers = self, self.plugins.append, workers

    def getoption(self, name: str, default: object) -> object:
        return self._workers if name == "numprocesses" else default


def test_the_process_to_which_reports_come_has_it_and_only_if_it_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(status.WRITES, raising=False)
    unasked = Registering(2)
    status.pytest_configure(unasked)
    monkeypatch.setenv(status.WRITES, "status.json")
    alone, several, worker = Registering(None), Registering(2), Registering(None)
    worker.workerinput = {}
    for each in (alone, several, worker):
        status.pytest_configure(each)
    assert unasked.plugins == worker.plugins == []
    assert [each.workers for each in (*alone.plugins, *several.plugins)] == [1, 2]
