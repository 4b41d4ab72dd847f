"""Execute a notebook in a kernel of its own, within limits, with progress."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from functional_course.kernels.provisioner import COLD
from functional_course.notebooks import CELL_TIMEOUT
from functional_course.sandbox import nothing_outlives

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

MOST_OUTPUT = 10_000_000
"""Bytes that one notebook may print."""


class ExecutionError(RuntimeError):
    """A notebook could not be executed to its end. The message says at which cell, and what to do."""


class _LimitedClient(NotebookClient):
    """A client that ends the kernel of a notebook that prints without end."""

    printed = 0

    @property
    def flooded(self) -> bool:
        return self.printed > MOST_OUTPUT

    def process_message(
        self, msg: dict[str, Any], cell: nbformat.NotebookNode, cell_index: int
    ) -> nbformat.NotebookNode | None:
        before = self.flooded
        if msg["msg_type"] == "stream":
            self.printed += len(msg["content"]["text"])
        if not self.flooded:
            return super().process_message(msg, cell, cell_index)
        if not before:
            # The client polls in a task of its own, where an exception would get lost: it notices a dead kernel.
            manager: Any = self.km  # an asynchronous one, whatever nbclient declares
            asyncio.ensure_future(manager.shutdown_kernel(now=True))
        return None


def execute(
    notebook: nbformat.NotebookNode,
    folder: str | os.PathLike[str],
    timeout: int = CELL_TIMEOUT,
    report: Callable[[int, int], None] = lambda done, cells: None,
    allow_errors: bool = True,
    alone: bool = False,
    cold: bool = False,
) -> nbformat.NotebookNode:
    """Execute every cell, in a fresh kernel of this Python, and store the outputs in the notebook.

    Args:
        notebook: changed in place.
        folder: the kernel's working directory.
        timeout: seconds a cell.
        report: called as ``report(done, cells)`` before each cell and at the end.
        allow_errors: go on after a cell that raises. A cell tagged ``raises-exception`` may raise in any case.
        alone: whether all that the notebook starts ends with it, where the system can: Linux.
        cold: whether the kernel is a new process in any case, in which nothing is imported yet.

    Returns:
        The notebook.

    Raises:
        ExecutionError: a cell ran too long, printed without end or ended the kernel.
        nbclient.exceptions.CellExecutionError: a cell raised and ``allow_errors`` is false.
    """
    running = 0

    def started(cell_index: int, **_: object) -> None:
        nonlocal running
        running = cell_index
        report(cell_index, len(notebook.cells))

    client = _LimitedClient(
        notebook,
        timeout=timeout,
        # Whatever kernel the notebook asks for: the course runs in the Python that it is installed in.
        kernel_name="python3",
        allow_errors=allow_errors,
        on_cell_start=started,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--HistoryManager.hist_file=:memory:"],
    )
    try:
        # What cells write reaches the notebook over the kernel's own channels. Its process has nothing to say on this
        # terminal: it warns of unencrypted loopback connections, and libraries complain while it shuts down.
        own = {"env": {**os.environ, COLD: "1"}} if alone or cold else {}
        with nothing_outlives() if alone else nullcontext():
            client.execute(stderr=subprocess.DEVNULL, **own)
    except CellTimeoutError as error:
        raise ExecutionError(
            f"{name_of(notebook.cells[running], running)} took longer than {timeout} s and was stopped. "
            "Look for a loop that does not end, or allow more with --timeout."
        ) from error
    except DeadKernelError as error:
        if client.flooded:
            raise ExecutionError(
                f"{name_of(notebook.cells[running], running)} printed more than {MOST_OUTPUT / 1e6:g} MB and was "
                "stopped. Look for a loop that prints and does not end."
            ) from error
        raise ExecutionError(
            f"{name_of(notebook.cells[running], running)} ended its kernel. "
            "Did the code exit Python, or use more memory than there is?"
        ) from error
    report(len(notebook.cells), len(notebook.cells))
    return notebook


def name_of(cell: nbformat.NotebookNode, index: int) -> str:
    """How a message calls a cell: by its grade id if it has one, else by its place."""
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
    return f"The cell {grade_id}" if grade_id else f"Cell {index + 1}"
