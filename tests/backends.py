"""``-p tests.backends``: execute notebooks on another backend of Keras, and store what came of each.

Beside nbval, with environment variables that name the backend and, to store it, the file:

    KERAS_BACKEND=jax COURSE_BACKENDS=book/results/backends.json python -m pytest -p tests.backends --nbval solutions

The outputs that the notebooks store are TensorFlow's. On another backend a last digit may differ, and an error may have
other words, so a cell whose output differs is counted and is no fault. One that raises an error is a fault, unless its
tag says that it shows what holds elsewhere only: ``differs-on-jax``, ``differs-on-torch``. What is tagged
``ends-cuda-on-torch`` as well isn't executed there: PyTorch meets a target that isn't allowed with an assertion on the
GPU, after which the process can't use it any more.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from functional_course.writing import write_whole
from tests.status import made_here

import pytest

WRITES = "COURSE_BACKENDS"
"""The environment variable with the file. Without it, nothing is stored."""

_DIFFERS = "Cell outputs differ"
"""What nbval says of a cell that ended, and printed something else than is stored."""


def tag(backend: str) -> str:
    """The tag of a cell that shows what doesn't hold on a backend."""
    return f"differs-on-{backend}"


def without_its_outputs(report: pytest.TestReport) -> None:
    """Let a cell pass that ended well but for its outputs, and say so on the report."""
    if report.failed and report.when == "call" and _DIFFERS in str(report.longrepr):
        report.outcome, report.longrepr = "passed", None
        report.user_properties.append(("otherwise", True))


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
                item.add_marker(pytest.mark.xfail(reason=self._tag, run=self._ends not in tags, strict=False))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item):
        """Tell another output from an error."""
        report = yield
        if hasattr(item, "cell"):
            without_its_outputs(report)
        return report


class Stored:
    """Where all reports arrive: what each notebook took, and how its cells ended.

    Args:
        output: the JSON file, which keeps its runs on other backends and devices.
        workers: how many notebooks are executed side by side.
    """

    def __init__(self, output: Path, workers: int = 1) -> None:
        self.output, self.workers = output, workers
        self.counted: dict[str, Counter[str]] = {}
        self.said = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a cell, as what it ended like."""
        notebook = report.nodeid.partition("::")[0]
        if not notebook.endswith(".ipynb") or (report.when != "call" and report.passed):
            return
        found = self.counted.setdefault(notebook, Counter())
        found["cells"] += 1
        found["seconds"] += report.duration
        if hasattr(report, "wasxfail"):
            found["marked"] += 1
        elif not report.passed:
            found["errors"] += 1
        elif ("otherwise", True) in report.user_properties:
            found["otherwise"] += 1

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Put the run in its place in the file, unless it was stopped."""
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) or not self.counted:
            self.said = f"{self.output} stays as it was: the run was stopped, or no notebook was executed"
            return
        run = made_here() | {
            "workers": self.workers,
            "notebooks": {name: _shown(found) for name, found in sorted(self.counted.items())},
        }
        write_whole(self.output, json.dumps({"runs": placed(self._before(), run)}, indent=1) + "\n")
        self.said = f"{self.output} says how {len(self.counted)} notebooks ended with {run['backend']}"

    def _before(self) -> list[dict[str, Any]]:
        return json.loads(self.output.read_text(encoding="utf-8"))["runs"] if self.output.exists() else []

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what became of the file."""
        terminalreporter.write_line(self.said)


def placed(runs: list[dict[str, Any]], run: dict[str, Any]) -> list[dict[str, Any]]:
    """The runs, with a new one in the place of that on the same backend and device, in a steady order."""
    others = [each for each in runs if (each["backend"], each["device"]) != (run["backend"], run["device"])]
    return sorted([*others, run], key=lambda each: (not each["device"].startswith("CPU"), each["backend"]))


def _shown(found: Counter[str]) -> dict[str, float]:
    counts = {name: found[name] for name in ("cells", "otherwise", "marked", "errors")}
    return counts | {"seconds": round(found["seconds"], 1)}


def pytest_configure(config: pytest.Config) -> None:
    """Every process tolerates what the backend does otherwise; the first of them stores."""
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        config.pluginmanager.register(Tolerant(backend))
    output = os.environ.get(WRITES)
    if output and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Stored(Path(output), config.getoption("numprocesses", None) or 1))
