"""Execute a notebook that a stranger may have written: in the sandbox in which ``course grade`` executes them."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from functional_course.notebooks import CELL_TIMEOUT, execution
from functional_course.notebooks.execution import ExecutionError, name_of
from functional_course.rubric import MIME_TYPE

import nbformat

START_SECONDS = 180
"""How long the process may take to start: it imports Keras first."""


class NoSandbox(RuntimeError):
    """There is none on this machine; the message is the reason, as a part of a sentence."""


def without_sandbox(why: str) -> str:
    """What to say before a notebook is executed without one."""
    return (
        f"There is no sandbox on this machine ({why}), so the notebook's code can do everything that you can. "
        "Check only what you trust."
    )


def execute_apart(
    notebook: nbformat.NotebookNode,
    timeout: int = CELL_TIMEOUT,
    report: Callable[[int, int], None] = lambda done, cells: None,
    hide: Iterable[Path] = (),
    beside: Iterable[Path] = (),
) -> None:
    """Execute every code cell, one after the other, and keep of what they show the errors, the rubrics' results
    and the beginning of what they return.

    Args:
        notebook: its outputs are changed in place.
        timeout: seconds a cell.
        report: called as ``report(done, cells)`` before each cell and at the end.
        hide: what the notebook may not see, even if it lies where Python needs the folder.
        beside: files and folders that lie beside it where it runs, read-only.

    Raises:
        NoSandbox: it was not executed.
        ExecutionError: a cell ran too long, showed without end, or ended its process.
    """
    from functional_course import sandbox

    reason = sandbox.available()
    if reason is not None:
        raise NoSandbox(reason)
    from functional_course.boundary.wire import BoundaryError, Channel
    from functional_course.grading.executing.sides import ForkedSide
    from functional_course.grading.judging.execution import NAMESPACES, NOTEBOOK_SECONDS, environment, policy
    from functional_course.kernels.warm_process import NoWarmProcess

    numbered = [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    rules = policy(NAMESPACES, hide, max(NOTEBOOK_SECONDS, 2 * timeout), beside)
    ours, theirs = socket.socketpair()
    with contextlib.ExitStack() as stack:
        channel = Channel(ours, most_bytes=0)
        stack.callback(channel.close)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="course-check-"))
        module = "functional_course.grading.executing.checking_side"
        try:
            side = ForkedSide(module, [theirs], folder, environment(), rules)
        except NoWarmProcess as error:
            raise NoSandbox(str(error)) from error
        finally:
            theirs.close()
        stack.callback(side.close)
        stack.callback(side.end)
        channel.deadline = time.monotonic() + START_SECONDS
        try:
            channel.receive()
            channel.send({"cells": [cell.source for _, cell in numbered], "most": execution.MOST_OUTPUT})
        except BoundaryError as error:
            raise NoSandbox(f"the process in it did not start ({error})") from error
        for index, cell in numbered:
            report(index, len(notebook.cells))
            until = time.monotonic() + timeout
            channel.deadline = until
            try:
                answer, _ = channel.receive()
            except BoundaryError as error:
                if time.monotonic() >= until:
                    raise ExecutionError(
                        f"{name_of(cell, index)} took longer than {timeout} s and was stopped. "
                        "Look for a loop that does not end, or allow more with --timeout."
                    ) from error
                raise ExecutionError(
                    f"{name_of(cell, index)} ended its kernel. "
                    "Did the code exit Python, or use more memory than there is?"
                ) from error
            if answer.get("flooded"):
                raise ExecutionError(
                    f"{name_of(cell, index)} printed more than {execution.MOST_OUTPUT / 1e6:g} MB and was "
                    "stopped. Look for a loop that prints and does not end."
                )
            cell.outputs = kept(answer.get("outputs"))
    report(len(notebook.cells), len(notebook.cells))


def kept(outputs: Any) -> list[nbformat.NotebookNode]:
    """Of what a process says that a cell showed: errors, rubrics' results and what it returned, as a notebook does."""
    found = []
    for output in outputs if isinstance(outputs, list) else []:
        kind = output.get("output_type") if isinstance(output, Mapping) else None
        if kind == "error":
            name, value = (str(output.get(word, ""))[:10_000] for word in ("ename", "evalue"))
            found.append(nbformat.v4.new_output("error", ename=name, evalue=value, traceback=[]))
        elif kind in ("display_data", "execute_result"):
            data = output.get("data")
            if isinstance(data, Mapping) and MIME_TYPE in data:
                found.append(nbformat.v4.new_output("display_data", data={MIME_TYPE: data[MIME_TYPE]}))
            elif isinstance(data, Mapping) and kind == "execute_result":
                # A number that a test without a rubric returns is its points.
                found.append(nbformat.v4.new_output(kind, data={"text/plain": str(data.get("text/plain", ""))[:100]}))
    return found
