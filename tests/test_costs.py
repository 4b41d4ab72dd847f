"""The costs that a run prints: of processors, and not of clocks, with those of processes that a test started."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

WORK = "import time\nwhile time.process_time() < {seconds}:\n    pass"

SLEEPS = "import time\n\n\ndef test_it():\n    time.sleep(1.5)\n"

WORKS = """\
import time


def test_it():
    end = time.process_time() + 0.5
    while time.process_time() < end:
        pass
"""

STARTS = f"""\
import subprocess
import sys


def test_it():
    subprocess.run([sys.executable, "-c", {WORK.format(seconds=1)!r}], check=True)
"""

LEAVES = f"""\
import subprocess
import sys


def test_it():
    # Nobody waits for this process, which is still there when the file ends.
    code = {WORK.format(seconds=1.5) + chr(10) + "print(flush=True); time.sleep(3)"!r}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout.readline()
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_files_are_named_by_what_they_cost(tmp_path: Path, workers: tuple[str, ...]):
    files = {"sleeps": SLEEPS, "works": WORKS, "starts": STARTS, "leaves": LEAVES}
    for name, source in files.items():
        (tmp_path / f"test_{name}.py").write_text(source)
    options = [
        "-p",
        "xdist.plugin",
        "-p",
        "tests.costs",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
        "--rootdir",
        tmp_path,
    ]
    command = [sys.executable, "-m", "pytest", *options, *workers, tmp_path]
    # Three processes that load no plugin but those two.
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert "4 passed" in done.stdout, done.stdout + done.stderr
    rows = {name: float(seconds) for seconds, name in re.findall(r"^ +([\d.]+) s  (\S+)$", done.stdout, re.MULTILINE)}
    found = {name: rows[f"test_{name}.py"] for name in files}
    assert found["sleeps"] < 0.4 <= found["works"] < found["starts"] and found["leaves"] > 1.4, rows
    assert list(rows.values()) == sorted(rows.values(), reverse=True) and "collecting" in rows
