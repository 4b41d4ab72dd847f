"""The process that judges once more what could not be judged safely: all cells of a notebook, as in one kernel.

``python -m functional_course.grading.judging.provisional_side``, with the controller's socket as file descriptor 3.
Learner code runs beside the tests here and can make of them what it likes. So the process is sandboxed as the learner's
side is, its output goes nowhere, and what it sends are numbers that nobody takes for a verdict.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from typing import Any

from functional_course.boundary.wire import BoundaryError, Channel
from functional_course.grading.executing.cells import CellRunner
from functional_course.grading.executing.first_draws import seed_first_draws
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.roles import Role
from functional_course.rubric import MIME_TYPE

SOCKET = 3


def serve(channel: Channel) -> None:
    """Read the cells, run them one after the other, and send the points of the tests."""
    try:
        header, _ = channel.receive()
        seed_first_draws()
        runner = CellRunner()
        for cell in map(Cell.from_json, header["cells"]):
            outputs = runner.run(cell.source, cell.seconds)
            if cell.role == Role.TEST:
                channel.send({"test": cell.index, **points_in(outputs)})
        channel.send({"done": True})
    except BoundaryError:
        return


def points_in(outputs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The points in a test's outputs, as nbgrader reads them.

    Returns:
        ``cell``, its points, None for all of them; ``criteria``, those of each criterion of a rubric.
    """
    for output in outputs:
        if output["output_type"] == "error":
            return {"cell": 0.0, "criteria": []}
        if output["output_type"] == "execute_result":
            data = output["data"]
            try:
                earned = float(data.get("text/plain", ""))
            except ValueError:
                return {"cell": None, "criteria": []}
            verdicts = data.get(MIME_TYPE, {}).get("verdicts", [])
            return {"cell": earned, "criteria": [float(each["earned"]) for each in verdicts]}
    return {"cell": None, "criteria": []}


if __name__ == "__main__":
    serve(Channel(socket.socket(fileno=SOCKET)))
