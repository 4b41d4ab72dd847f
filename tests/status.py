"""``-p tests.status``: how long each notebook's cells took, stored at the end of a run in which all of them passed.

Beside nbval, with an environment variable that names the file:

    COURSE_STATUS=book/results/status.json python -m pytest -p tests.status --nbval book solutions

Seconds are those of a clock, from the call of each cell until its outputs were compared. The start of a kernel belongs
to no cell and isn't counted.
"""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Any

from functional_course.writing import write_whole

import pytest

WRITES = "COURSE_STATUS"
"""The environment variable with the file. Without it, nothing is stored."""


def made_here() -> dict[str, Any]:
    """When and on what a run is made: its date, device, backend and versions."""
    # Here and not above: it takes ten seconds, and only a run that is stored needs it.
    from functional_course.reproduce.made_on import device, versions

    import keras

    return {
        "date": datetime.date.today().isoformat(),
        "device": device(),
        "backend": keras.backend.backend(),
        "versions": versions(),
    }


class Status:
    """What the cells of a run took. One in the process to which all reports come, however many there are that test.

    Args:
        output: the JSON file to write.
        workers: how many notebooks are executed side by side.
    """

    def __init__(self, output: Path, workers: int = 1) -> None:
        self.output, self.workers = output, workers
        self.seconds: dict[str, list[float]] = {}
        self.not_passed: set[str] = set()
        self.said = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what a cell took, or that it failed or was skipped, as it does where its kernel didn't start."""
        notebook = report.nodeid.partition("::")[0]
        if not notebook.endswith(".ipynb"):
            return
        if not report.passed:
            self.not_passed.add(report.nodeid)
        elif report.when == "call":
            self.seconds.setdefault(notebook, []).append(report.duration)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the file if the run went to its end, and every cell passed."""
        why = self._why_not(exitstatus)
        if why:
            self.said = f"{self.output} stays as it was: {why}"
            return
        notebooks = {
            name: {"cells": len(each), "seconds": round(sum(each), 1)} for name, each in sorted(self.seconds.items())
        }
        results = made_here() | {"workers": self.workers, "notebooks": notebooks}
        write_whole(self.output, json.dumps(results, indent=1) + "\n")
        self.said = f"{self.output} says how long each of {len(notebooks)} notebooks took"

    def _why_not(self, exitstatus: int) -> str:
        if self.not_passed:
            return f"{len(self.not_passed)} of the cells didn't pass, first {min(self.not_passed)}"
        if not self.seconds:
            return "no notebook was executed"
        return "" if exitstatus == pytest.ExitCode.OK else "the run failed elsewhere, or was stopped"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what became of the file."""
        terminalreporter.write_line(self.said)


def pytest_configure(config: pytest.Config) -> None:
    """Only where all reports arrive, which is no worker."""
    output = os.environ.get(WRITES)
    if output and not hasattr(config, "workerinput"):
        workers = config.getoption("numprocesses", None) or 1
        config.pluginmanager.register(Status(Path(output), workers))
