"""``-p tests.backends``: execute notebooks on another backend of Keras, and store what came of each.

Beside nbval, with environment variables that name the backend and, to store it, the file:

    KERAS_BACKEND=jax COURSE_BACKENDS=book/results/backends.json python -m pytest -p tests.backends --nbval solutions

The outputs that the notebooks store are TensorFlow's. On another backend a last digit may differ, and an error may have
other words, so a cell whose output differs is counted and is no fault, as long as a test cell gives the same points. A
cell is a fault that raises an error where none is stored, or none where one is, unless its tag says that it shows what
holds elsewhere only: ``differs-on-jax``, ``differs-on-torch``. What is tagged ``ends-cuda-on-torch`` as well isn't
executed on a GPU: PyTorch meets a target that isn't allowed with an assertion there, after which the process can't use
the GPU any more.
"""

from __future__ import annotations

import functools
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from functional_course.writing import write_whole
from tests.status import made_here

import nbformat
import pytest
from nbval.plugin import NbCellError

WRITES = "COURSE_BACKENDS"
"""The environment variable with the file. Without it, nothing is stored."""

_DIFFERS = "Cell outputs differ"
"""What nbval says of a cell that ended, and printed something else than is stored."""


def tag(backend: str) -> str:
    """The tag of a cell that shows what doesn't hold on a backend."""
    return f"differs-on-{backend}"


def has_the_points(cell: nbformat.NotebookNode, outputs: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a cell that another output came from gave the points that are stored, and an error only where one is.

    A criterion that fails raises nothing: it costs points, which are the result of a test cell.
    """

    def result(found: Sequence[Mapping[str, Any]]) -> list[str]:
        return [each["data"]["text/plain"] for each in found if each["output_type"] == "execute_result"]

    def raises(found: Sequence[Mapping[str, Any]]) -> bool:
        return any(each["output_type"] == "error" for each in found)

    is_test = cell.metadata.get("nbgrader", {}).get("grade", False)
    return raises(outputs) == raises(cell.outputs) and (not is_test or result(outputs) == result(cell.outputs))


@functools.cache
def has_cuda() -> bool:
    """Whether PyTorch sees a GPU."""
    import torch

    return torch.cuda.is_available()


class Tolerant:
    """In each process that executes: cells marked for this backend may fail, and outputs may differ.

    Args:
        backend: its name in Keras.
    """

    def __init__(self, backend: str) -> None:
        self._tag, self._ends = tag(backend), f"ends-cuda-on-{backend}"

    @pytest.hookimpl
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Expect a failure of the marked cells, and leave out what would end the notebook."""
        for item in items:
            tags = item.cell.metadata.get("tags", ()) if hasattr(item, "cell") else ()
            if self._tag in tags:
                run = self._ends not in tags or not has_cuda()
                item.add_marker(pytest.mark.xfail(reason=self._tag, raises=NbCellError, run=run, strict=False))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]):
        """Tell another output from an error, and a marked cell from one that nbval excuses, as after a time-out."""
        report = yield
        if not hasattr(item, "cell"):
            return report
        excused = getattr(report, "wasxfail", None)
        if (excused is not None and self._tag not in excused) or item.parent.timed_out:
            report.outcome, report.longrepr = "failed", f"{item.nodeid} took too long, or a cell before it did"
            vars(report).pop("wasxfail", None)
        elif report.failed and report.when == "call" and call.excinfo is not None:
            error = call.excinfo.value
            differs = isinstance(error, NbCellError) and error.args[:1] == (_DIFFERS,)
            if differs and has_the_points(item.cell, item.test_outputs):
                report.outcome, report.longrepr = "passed", None
                report.user_properties.append(("otherwise", True))
        return report


class Stored:
    """Where all reports arrive: what each notebook took, and how its cells ended.

    Args:
        output: the JSON file, which keeps its runs on other backends and devices.
        workers: how many notebooks are executed side by side.
    """

    def __init__(self, output: Path, workers: int = 1) -> None:
        self.output, self.workers = output, workers
        self.ended: dict[str, str] = {}
        self.seconds: Counter[str] = Counter()
        self.said = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a cell ended. Whatever comes later, an error stays one."""
        notebook = report.nodeid.partition("::")[0]
        if not notebook.endswith(".ipynb") or (report.when != "call" and report.passed):
            return
        if report.when == "call":
            self.seconds[notebook] += report.duration
        if self.ended.get(report.nodeid) != "errors":
            self.ended[report.nodeid] = _ending(report)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Put the run in its place in the file, unless it was stopped."""
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) or not self.ended:
            self.said = f"{self.output} stays as it was: the run was stopped, or no notebook was executed"
            return
        run = made_here() | {"workers": self.workers, "notebooks": self._notebooks()}
        write_whole(self.output, json.dumps({"runs": placed(self._before(), run)}, indent=1) + "\n")
        self.said = f"{self.output} says how {len(run['notebooks'])} notebooks ended with {run['backend']}"

    def _notebooks(self) -> dict[str, dict[str, float]]:
        found: dict[str, Counter[str]] = {}
        for nodeid, ending in self.ended.items():
            found.setdefault(nodeid.partition("::")[0], Counter())[ending] += 1
        return {
            name: {"cells": counted.total()}
            | {ending: counted[ending] for ending in ("otherwise", "marked", "errors")}
            | {"seconds": round(self.seconds[name], 1)}
            for name, counted in sorted(found.items())
        }

    def _before(self) -> list[dict[str, Any]]:
        return json.loads(self.output.read_text(encoding="utf-8"))["runs"] if self.output.exists() else []

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what became of the file."""
        terminalreporter.write_line(self.said)


def _ending(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return "marked"
    if not report.passed:
        return "errors"
    return "otherwise" if ("otherwise", True) in report.user_properties else "as stored"


def placed(runs: list[dict[str, Any]], run: dict[str, Any]) -> list[dict[str, Any]]:
    """The runs, with a new one in the place of that on the same backend and device, in a steady order."""
    others = [each for each in runs if (each["backend"], each["device"]) != (run["backend"], run["device"])]
    return sorted([*others, run], key=lambda each: (not each["device"].startswith("CPU"), each["backend"]))


def pytest_configure(config: pytest.Config) -> None:
    """Every process tolerates what the backend does otherwise; the first of them stores."""
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        config.pluginmanager.register(Tolerant(backend))
    output = os.environ.get(WRITES)
    if output and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Stored(Path(output), config.getoption("numprocesses", None) or 1))
