"""Tests that share what is costly to make run on one worker of `make test`: each class is graded once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from conftest import ROOT

GROUP = 'marks=pytest.mark.xdist_group(f"group-{number}")'
SUITE = """\
import os

import pytest


@pytest.fixture(scope="module", params=[pytest.param(number, {marks}) for number in range(2)])
def made(request):
    return request.param


@pytest.mark.parametrize("time", range(6))
def test_it(made, time):
    print("made", made, "on", os.environ["PYTEST_XDIST_WORKER"])
"""


def workers_of_each(folder: Path, marks: str) -> dict[str, set[str]]:
    """The workers that each of two costly things was made on."""
    (folder / "test_suite.py").write_text(SUITE.format(marks=marks))
    words = ["-p", "xdist", "-n", "2", "--dist", "loadgroup", "-rP", "-p", "no:cacheprovider"]
    # Without what this test's own worker says of itself, and without plugins that take seconds to import.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = defaultdict(set)
    for line in done.stdout.splitlines():
        if line.startswith("made "):
            _, made, _, worker = line.split()
            found[made].add(worker)
    assert len(found) == 2
    return found


def test_make_test_asks_for_groups():
    assert "-n $(MORE_WORKERS) --dist loadgroup" in (ROOT / "Makefile").read_text()


def test_every_test_has_a_group(request: pytest.FixtureRequest):
    assert [item.nodeid for item in request.session.items if item.get_closest_marker("xdist_group") is None] == []


def test_a_group_stays_on_one_worker(tmp_path: Path):
    assert [len(workers) for workers in workers_of_each(tmp_path, GROUP).values()] == [1, 1]


def test_without_groups_both_workers_make_it(tmp_path: Path):
    assert max(len(workers) for workers in workers_of_each(tmp_path, "marks=()").values()) == 2
