"""Points for what could not be judged safely, until a teacher has looked at it.

The notebook is executed once more, in one process in the learner's sandbox, as plain nbgrader would. Of that run
nothing is used but numbers within the bounds of each criterion, and only for criteria that the first run left open:
hidden tests ran beside a learner's code there.

Imports neither Keras nor nbgrader.
"""

from __future__ import annotations

import contextlib
import math
import socket
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from functional_course.boundary.wire import BoundaryError, Channel
from functional_course.grading.executing.sides import Side
from functional_course.grading.judging.degrees import LENIENT, UNJUDGED
from functional_course.grading.judging.result import Provisional
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.finite import is_finite
from functional_course.grading.taking_in.roles import Role

_MOST_SAID = 100_000
"""Bytes that may come of one test: a few numbers."""

_STEPS = 100
"""Points of a test without a rubric are told in hundredths of the whole: a number could tell a hidden input."""


def provisional_points(
    start: Callable[[str, socket.socket], Side],
    cells: Sequence[Cell],
    doubts: Mapping[int, Mapping[str, Any]],
    shown: Mapping[int, Sequence[Mapping[str, Any]]],
    seconds: float,
) -> dict[int, Provisional]:
    """Judge a notebook once more, for its tests that are in doubt.

    Args:
        start: starts the process, given a folder and its end of the connection.
        cells: of the notebook, as they ran.
        doubts: by test, what :meth:`functional_course.grading.judging.doubt.Doubts.of` says.
        shown: by test, the outputs of the first run.
        seconds: how long it may take.

    Returns:
        By test, its points. What is as doubtful as it was is left out: a failure that earns no more in the second run,
        and a success that earns no less.
    """
    if not doubts:
        return {}
    second = _run(start, cells, max(doubts), seconds)
    found = {}
    for cell in cells:
        index = cell.index
        if index in doubts:
            settled = _settled(doubts[index], cell.points, _points(shown.get(index, ())), second.get(index))
            if settled is not None:
                found[index] = settled
    return found


def _run(
    start: Callable[[str, socket.socket], Side], cells: Sequence[Cell], last: int, seconds: float
) -> dict[int, Mapping[str, Any]]:
    """What the second run says of each test, as it came: a learner may have made it up."""
    asked = [cell for cell in cells if cell.index <= last]
    tests = {cell.index for cell in asked if cell.role == Role.TEST}
    said: dict[int, Mapping[str, Any]] = {}
    ours, theirs = socket.socketpair()
    with contextlib.ExitStack() as stack:
        stack.callback(ours.close)
        stack.callback(theirs.close)
        side = start(stack.enter_context(tempfile.TemporaryDirectory(prefix="course-grade-")), theirs)
        stack.callback(side.close)
        stack.callback(side.end)
        theirs.close()
        # It is read in the process that grades the class.
        channel = Channel(ours, most_header=_MOST_SAID, most_bytes=0)
        channel.deadline = time.monotonic() + seconds
        with contextlib.suppress(BoundaryError):
            channel.send({"cells": [cell.as_json() for cell in asked]})
            for _ in tests:
                header, _ = channel.receive()
                if type(header.get("test")) is not int or header["test"] not in tests:
                    break
                said[header["test"]] = header
    return said


def _settled(
    doubt: Mapping[str, Any], most: float, first: float | None, second: Mapping[str, Any] | None
) -> Provisional | None:
    if doubt["criteria"]:
        told = second.get("criteria") if second is not None else None
        told = told if isinstance(told, list) else []
        strict = kept = 0.0
        waits = second is None
        for place, (points, earned, why) in enumerate(doubt["criteria"]):
            # All or nothing, as a criterion is.
            again = points if place < len(told) and _within(told[place], points) >= points else 0.0
            if not why:
                strict, kept = strict + earned, kept + earned
            elif why == LENIENT:
                # The lesser of two judgements, and the first where there is no second.
                least = min(again, earned)
                strict, kept = strict + least, kept + (earned if second is None else least)
                waits = waits or least < earned
            else:
                waits = waits or why == UNJUDGED
                kept += again
        kept, strict = _within(kept, most), _within(strict, most)
        return Provisional(kept, strict) if waits or kept > strict else None
    again = 0.0
    if second is not None:
        again = most if second.get("cell", 0) is None else _within(second.get("cell"), most)
        again = math.floor(again / most * _STEPS + 1e-6) * most / _STEPS if most > 0 else 0.0
    if doubt["cell"] == UNJUDGED:
        return Provisional(again, 0.0)
    strict = most if first is None else _within(first, most)
    if doubt["cell"] == LENIENT and second is not None and again < strict - most / _STEPS:
        return Provisional(again, again)
    if doubt["cell"] == LENIENT and second is None:
        return Provisional(strict, 0.0)
    return Provisional(max(again, strict), strict) if second is None or again > strict + 1e-9 else None


def _within(value: Any, most: float) -> float:
    if not is_finite(value):
        return 0.0
    return min(max(0.0, float(value)), most)


def _points(outputs: Sequence[Mapping[str, Any]]) -> float | None:
    """The points that nbgrader reads in a test's outputs; None for all of them."""
    for output in outputs:
        if output["output_type"] == "error":
            return 0.0
        if output["output_type"] == "execute_result":
            with contextlib.suppress(ValueError, TypeError):
                return float(output["data"].get("text/plain"))
            return None
    return None
