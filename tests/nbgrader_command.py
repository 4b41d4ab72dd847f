"""nbgrader's command line, each command in a process of its own, forked from one that has imported nbgrader.

``python -m nbgrader`` imports for 3 s before it begins.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import gradebooks

SECONDS = 1200
"""What a command may take."""

_forked = multiprocessing.get_context("forkserver")
_forked.set_forkserver_preload(["nbgrader.apps", "alembic.script", __name__])


def run(arguments: Sequence[str], at: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a command as ``python -m nbgrader`` does; how it ended, and what it wrote.

    Args:
        arguments: of the command.
        at: the folder that it runs in.
        environment: all its variables.

    Raises:
        TimeoutError: it did not end.
    """
    with tempfile.NamedTemporaryFile() as written:
        given = list(arguments), str(at), dict(environment), written.name
        process = _forked.Process(target=_command, args=given)
        process.start()
        process.join(SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"nbgrader {' '.join(arguments)} did not end")
        return process.exitcode, written.read().decode(errors="replace")


def _command(arguments: list[str], at: str, environment: dict[str, str], path: str) -> None:
    """In the forked process: leave behind what it has of the tests, and be the command."""
    with open(path, "wb") as file:
        for end in (1, 2):
            os.dup2(file.fileno(), end)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(at)
    tests = str(Path(__file__).parent)
    sys.path[:] = [at, *(entry for entry in sys.path if entry != tests)]
    sys.argv = ["nbgrader", *arguments]
    gradebooks.make_quick()
    try:
        runpy.run_module("nbgrader", run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # multiprocessing calls none
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
