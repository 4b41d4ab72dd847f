"""Execute one notebook of a submission: the learner's cells in one process, the tests in another, both in a sandbox.

Imports neither Keras nor nbgrader: the processes do, see :mod:`functional_course.grading.executing.sides`.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from functional_course.boundary.wire import BoundaryError, Channel
from functional_course.grading.executing.clocks import Clock
from functional_course.grading.executing.leftovers import Leftovers
from functional_course.grading.executing.sides import ContainedSide, ForkedSide, Side
from functional_course.grading.judging import discretion
from functional_course.grading.judging.answer import Answer
from functional_course.grading.judging.job_messages import Begun, JudgeRequest, begun_or_answer
from functional_course.grading.judging.provisional import provisional_points
from functional_course.grading.judging.result import Provisional, Result
from functional_course.grading.taking_in.cell import Cell
from functional_course.grading.taking_in.roles import Role
from functional_course.notebooks.beside import put_copies
from functional_course.sandbox import OUT_OF_MEMORY, OUT_OF_TIME, Policy, available
from functional_course.sandbox.policy import USUAL_LANG, USUAL_PATH
from functional_course.scratch import scratch_folder

NOTEBOOK_SECONDS = 900
MOST_TRIES = 4
_LOOK_SECONDS = 0.25
_LEFT_RUNNING = (
    "The processes that this cell left running used more memory than there is. End them in the cell, or have them use "
    "smaller arrays."
)
_JUDGES_NICE = 1
NAMESPACES, CONTAINER, NONE = "namespaces", "container", "none"
IMAGE = "functional-course"

_PASSED_ON = ("TZ", "KERAS_BACKEND")
_OF_THIS_MACHINE = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH")
_WITHOUT_NETWORK = {"PIP_RETRIES": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
"""Commands that would try again and again say at once that there is no network."""
_THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


@dataclass(frozen=True)
class Job:
    """A notebook to execute: plain data, for a worker on this machine or another.

    Attributes:
        cells: its code cells.
        sandbox: ``namespaces``, ``container`` or ``none``.
        policy: a sandbox policy as JSON.
        image: the container's.
        frank: whether tests may tell what they found with hidden inputs: to a learner who has the solutions.
        backend: of Keras, on both sides; what ``KERAS_BACKEND`` says if left out.
        seconds: processor time that the whole notebook may take, tests included; by the clock it may take longer, see
            :mod:`functional_course.grading.executing.clocks`.
        name: for messages.
    """

    cells: Sequence[Cell]
    sandbox: str = NAMESPACES
    policy: str = field(default_factory=lambda: Policy().to_json())
    seconds: int = NOTEBOOK_SECONDS
    name: str = ""
    image: str = IMAGE
    frank: bool = False
    backend: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The job as plain data."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**plain, "cells": [cell.as_json() for cell in self.cells]}


class NotStartedError(RuntimeError):
    """A side ended before it ran anything: the machine's fault, no submission's."""


def execute(job: Job, at: Callable[[int], object] = lambda index: None) -> Result:
    """Execute a notebook and judge it.

    A cell that ends its process, or takes more than there is, is left out and the notebook is tried again: one cell
    of a learner does not take the others' points along.

    Args:
        job: the notebook.
        at: told the cell that is begun, by its place in the notebook: once when it runs, once when it is judged.

    Raises:
        functional_course.kernels.warm_process.NoWarmProcess: no process could be forked.
        functional_course.sandbox.SandboxError: no container could be started.
        NotStartedError: there is no sandbox on this machine, or a process was started and did not answer.
    """
    why_not = available() if job.sandbox == NAMESPACES else None
    if why_not is not None:
        raise NotStartedError(f"there is no sandbox on this machine: {why_not}")
    started = time.monotonic()
    clock = Clock(job.cells, job.seconds)
    cells = list(job.cells)
    ended: dict[int, str] = {}
    for _ in range(MOST_TRIES):
        answer, status, earlier = _once(job, cells, clock, at)
        if answer is not None and not answer.started:
            continue
        if answer is None or answer.stopped is None or clock.over():
            break
        stopped = answer.stopped if earlier is None else earlier
        ended[stopped] = (
            _LEFT_RUNNING
            if earlier is not None
            else _why(status, str(answer.why or ""), took_too_long=stopped in clock.cells_over)
        )
        said = f"raise RuntimeError({ended[stopped]!r})"
        cells = [replace(cell, source=said) if cell.index == stopped else cell for cell in cells]
    if answer is None and not clock.began and not clock.over():
        raise NotStartedError(f"the judging side did not start ({_exit(status)})")
    if answer is not None and not answer.started:
        raise NotStartedError(f"the learner's side did not start: {answer.why} ({_exit(status)})")
    seconds, processor, taken = time.monotonic() - started, clock.processor_seconds(), clock.taken
    trouble, ended_by = _trouble(clock, answer, ended), clock.ended_by
    outputs: dict[int, list[dict[str, Any]]] = {}
    provisional: dict[int, Provisional] = {}
    if answer is not None:
        outputs |= answer.outputs
        if answer.judged:
            if not job.frank:
                outputs |= _messages(job, cells, clock, answer)
            provisional = _again(job, cells, answer, outputs)
            seconds = time.monotonic() - started
    # To nbgrader a test cell that shows nothing has passed.
    for cell in job.cells:
        if cell.role == Role.TEST and cell.index not in outputs:
            said = f"This test did not run: {trouble or 'it was cut off'}."
            outputs[cell.index] = [{"output_type": "error", "ename": "NotJudged", "evalue": said, "traceback": [said]}]
    unjudged = [] if answer is None else answer.said
    return Result(outputs, ended, unjudged, seconds, trouble, processor, ended_by, provisional, taken)


def _trouble(clock: Clock, answer: Answer | None, ended: dict[int, str]) -> str:
    """Why nothing was judged; empty if it was."""
    over = clock.over()  # which the clock remembers, judged or not
    if answer is not None and answer.judged:
        return ""
    if over:
        return clock.said()
    if answer is None:
        return f"the process that judges ended at {clock.last}"
    return f"too many cells ended their process: {clock.named(ended)}"


def _messages(job: Job, cells: Sequence[Cell], clock: Clock, answer: Answer) -> dict[int, list[dict[str, Any]]]:
    """The outputs of tests with the messages that were left out, from an execution without hidden tests.

    Verdicts stay as they are.
    """
    short = discretion.kept_back(answer.spoken)
    if not short or clock.over():
        return {}
    seen, *_ = _once(job, discretion.released_cells(cells, short), clock)
    if seen is None:
        return {}
    return {
        index: discretion.put_back(answer.outputs[index], answer.spoken[index], seen.spoken.get(index, ()))
        for index in short
    }


def _again(
    job: Job, cells: Sequence[Cell], answer: Answer, shown: dict[int, list[dict[str, Any]]]
) -> dict[int, Provisional]:
    """Judge once more what could not be judged safely. It has the notebook's time again."""

    def start(folder: str, connection: socket.socket) -> Side:
        return _learner_side(job, folder, connection, "functional_course.grading.judging.provisional_side")

    return provisional_points(start, cells, answer.doubted, shown, job.seconds)


def _once(
    job: Job, cells: Sequence[Cell], clock: Clock, at: Callable[[int], object] = lambda index: None
) -> tuple[Answer | None, int | None, int | None]:
    """Run both sides once.

    Returns:
        What the judging side says; how the learner's side ended, if it did; and if that was for want of memory, the
        earlier cell that had left something running which took it.
    """
    to_judge, to_learner = socket.socketpair()
    ours, theirs = socket.socketpair()
    sides: list[Side] = []
    with contextlib.ExitStack() as stack:
        for end in (to_judge, to_learner, ours, theirs):
            stack.callback(end.close)
        folder = stack.enter_context(scratch_folder("grade"))
        stack.callback(lambda: _end(sides))
        sides.append(_judging_side(job, folder, [to_judge, theirs]))
        sides.append(_learner_side(job, folder, to_learner))
        to_judge.close()
        to_learner.close()
        theirs.close()
        controller = Channel(ours)
        controller.deadline = clock.deadline
        clock.watch(sides)
        leftovers = Leftovers(sides[1].memory)
        try:
            controller.send(JudgeRequest(tuple(cells), job.frank).to_json())
            while isinstance(answer := _next(controller, ours, sides, clock, leftovers), Begun):
                clock.at(answer.index)
                at(answer.index)
                leftovers.begin(answer.index)
        except BoundaryError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return None, sides[0].wait(timeout=2), None
            return None, None, None
        clock.at(None)
        status = None
        if answer.stopped is not None or not answer.started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = sides[1].wait(timeout=2)
        if status == OUT_OF_MEMORY and answer.stopped is not None:
            earlier = leftovers.to_blame(answer.stopped)
            # A process that a test or a given cell had started is the answer's that was called there.
            mine = {cell.index for cell in cells if cell.role in (Role.ANSWER, Role.ADDED)}
            if earlier in mine - {answer.stopped}:
                return answer, status, earlier
        return answer, status, None


def _next(
    controller: Channel, connection: socket.socket, sides: list[Side], clock: Clock, leftovers: Leftovers
) -> Begun | Answer:
    """What the judging side says next. Meanwhile, a learner's side that takes too much is ended.

    Raises:
        BoundaryError: the notebook's time is over, or the judging side is gone.
    """
    while not select.select([connection], [], [], _LOOK_SECONDS)[0]:
        if clock.over():
            raise BoundaryError("the notebook's time is over")
        if clock.cell_over():
            sides[1].end()
        leftovers.look()
    return begun_or_answer(controller.receive()[0])


def _judging_side(job: Job, folder: str, sockets: list[socket.socket]) -> Side:
    # It runs no learner's code: where only containers are to be had, it runs without a sandbox.
    sandboxed = job.sandbox == NAMESPACES or (job.sandbox == CONTAINER and available() is None)
    module = "functional_course.grading.judging.judging_side"
    # Nor does it wait for one: its priority is higher than theirs.
    policy = replace(Policy.from_json(job.policy), nice=_JUDGES_NICE).to_json()
    place = _place(job, folder, "judging", sandboxed)
    return ForkedSide(module, sockets, place, environment(job.backend), policy if sandboxed else None)


def _learner_side(
    job: Job, folder: str, connection: socket.socket, module: str = "functional_course.grading.executing.learner_side"
) -> Side:
    if job.sandbox == CONTAINER:
        return ContainedSide(connection, folder, job.image, job.policy, module)
    place = _place(job, folder, "learner", job.sandbox != NONE)
    rules = None if job.sandbox == NONE else job.policy
    return ForkedSide(module, [connection], place, environment(job.backend), rules)


def _place(job: Job, folder: str, name: str, sandboxed: bool) -> str:
    """A folder for one side. In a sandbox it sees its own; elsewhere it gets copies of what lies beside the notebook.

    Each side has its own: what a learner writes is nothing that the other would import.
    """
    place = Path(folder, name)
    place.mkdir()
    if not sandboxed:
        put_copies(Policy.from_json(job.policy).beside.values(), place)
    return str(place)


def _end(sides: list[Side]) -> None:
    for side in sides:
        side.end()
    for side in sides:
        side.close()


def environment(backend: str | None = None) -> dict[str, str]:
    """The variables of the warm process for grading: none of this user's own, for a learner's process sees them.

    Args:
        backend: of Keras; what ``KERAS_BACKEND`` says here if left out.
    """
    kept = {name: os.environ[name] for name in (*_PASSED_ON, *_OF_THIS_MACHINE, *_THREADS) if name in os.environ}
    kept.update({name: value for name, value in os.environ.items() if name.startswith("FUNCTIONAL_COURSE_")})
    if backend is not None:
        kept["KERAS_BACKEND"] = backend
    for name in _THREADS:
        kept.setdefault(name, "1")
    # `!pip` and `!python` are those of the environment that the cells run in.
    kept["PATH"] = _with_scripts(kept.get("PATH", os.defpath))
    # Whichever shell it was started from: what is executed is found again, and all of a class is executed alike.
    kept["LANG"] = USUAL_LANG
    return {**kept, "HOME": "/nonexistent", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}


def _with_scripts(path: str) -> str:
    return os.pathsep.join([sysconfig.get_path("scripts"), path])


def policy(
    sandbox: str = NAMESPACES,
    hide: Iterable[Path] = (),
    cpu_seconds: int = NOTEBOOK_SECONDS,
    beside: Iterable[Path] = (),
    backend: str | None = None,
) -> str:
    """The sandbox for both sides, as JSON.

    Args:
        sandbox: ``namespaces``, ``container`` or ``none``.
        hide: what is not to be seen, even if it lies in a folder that Python needs.
        cpu_seconds: processor time of all processes of a side together.
        beside: files and folders that lie beside the notebook where it runs, read-only.
        backend: of Keras; what ``KERAS_BACKEND`` says here if left out.
    """
    left_out = {"HOME", *(_OF_THIS_MACHINE if sandbox == CONTAINER else ())}
    passed = {name: value for name, value in environment(backend).items() if name not in left_out}
    if sandbox == NAMESPACES:  # which shows little of what a shell's own would name
        passed["PATH"] = _with_scripts(USUAL_PATH)
    passed.update(_WITHOUT_NETWORK if sandbox != NONE else {})
    usual = Policy()
    hidden, given = (*usual.hide, *hide), {path.name: path.absolute() for path in beside}
    return replace(usual, hide=hidden, cpu_seconds=cpu_seconds, environment=passed, beside=given).to_json()


def _exit(status: int | None) -> str:
    return "it needs more memory than its limit" if status == OUT_OF_MEMORY else f"exit code {status}"


def _why(status: int | None, said: str, took_too_long: bool) -> str:
    if took_too_long or "time is up" in said or status in (OUT_OF_TIME, -signal.SIGXCPU):
        return "This cell took too long and was stopped. Look for a loop that does not end."
    if status == OUT_OF_MEMORY:
        return "This cell used more memory than there is. Use smaller arrays or batches."
    return "This cell ended its Python process. Does it exit, kill its process, or use too much memory or time?"
