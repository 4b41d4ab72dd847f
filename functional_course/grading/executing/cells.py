"""Run the cells of a notebook in this process, and keep what they show as a notebook keeps it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

from functional_course.grading.executing import commands
from functional_course.grading.executing.clocks import at_last, by_the_clock
from functional_course.grading.executing.outputs import Descriptors, Outputs, Stream
from functional_course.grading.executing.shell import started
from functional_course.sandbox import seconds_in_line


class CellRunner:
    """A notebook's kernel without a frontend, a terminal and channels. One to a process.

    Magics, commands, display hooks, widgets and inline figures work as in a kernel.

    Attributes:
        shown: what the cell that runs has shown so far.

    Args:
        by_the_clock: how long a cell may take by the clock, from how much processor time it may take.
        descriptors: whether to show also what programs write to this process's standard output and error.
        shown: keeps what cells show; None for :class:`~functional_course.grading.executing.outputs.Outputs`.
    """

    def __init__(
        self,
        by_the_clock: Callable[[float], float] = by_the_clock,
        *,
        descriptors: bool = False,
        shown: Outputs | None = None,
    ) -> None:
        self._by_the_clock = by_the_clock
        self.shown = Outputs() if shown is None else shown
        self._descriptors = Descriptors() if descriptors else None
        self.kernel, self.shell = started(self.shown)
        self._streams = (Stream(self.shown, "stdout"), Stream(self.shown, "stderr"))
        self.error: BaseException | None = None
        """What the last cell raised."""
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)

    @property
    def names(self) -> dict[str, Any]:
        """The namespace that the cells share."""
        return self.shell.user_ns

    def run(self, source: str, seconds: float | None = None) -> list[dict[str, Any]]:
        """Run one cell; an error is one of its outputs.

        Args:
            source: the cell.
            seconds: how long it may take. Then it is interrupted, as a person would do, and what it started ends.

        Returns:
            The cell's outputs, as a notebook holds them.
        """
        self.shown.begin()
        self.error = self.shell.last_error = None
        self.kernel.begin_cell()
        left: list[Any] = []
        why = ""

        def interrupting(said: str) -> None:
            nonlocal left, why
            left, why = commands.children(os.getpid(), began), said

        began = time.time()
        stdout, stderr = self._streams
        with (
            contextlib.redirect_stdout(stdout),
            contextlib.redirect_stderr(stderr),
            interrupted_after(seconds, self._by_the_clock, interrupting),
        ):
            try:
                self._loop.run_until_complete(self.kernel.do_execute(source, silent=False, store_history=True))
                self.error = self.shell.last_error
            except BaseException as error:  # an interrupt between the cell and the shell
                self.error = error
                self._cut_off(error)
        if why:
            commands.end(left)
            self._tell_interrupt(why)
        if self._descriptors is not None:
            self._descriptors.tell(self.shown)
        return self.shown.outputs

    def _cut_off(self, error: BaseException) -> None:
        open_tasks = asyncio.all_tasks(self._loop)
        for task in open_tasks:
            task.cancel()
        with contextlib.suppress(BaseException):
            if open_tasks:
                self._loop.run_until_complete(asyncio.wait(open_tasks, timeout=1))
        if not any(output["output_type"] == "error" for output in self.shown.outputs):
            self.shell._showtraceback(type(error), error, [f"{type(error).__name__}: {error}"])

    def _tell_interrupt(self, why: str) -> None:
        """One error that says what happened, whatever the cell and IPython made of the interrupt."""
        errors = [output for output in self.shown.outputs if output["output_type"] == "error"]
        said = next((each["evalue"] for each in errors if each["evalue"].startswith(why)), why)
        lines = [f"KeyboardInterrupt: {said}"]
        error = {"output_type": "error", "ename": "KeyboardInterrupt", "evalue": said, "traceback": lines}
        self.shown.replace_errors(error)


@contextlib.contextmanager
def interrupted_after(
    seconds: float | None,
    by_the_clock: Callable[[float], float] = by_the_clock,
    first: Callable[[str], object] = lambda said: None,
) -> Iterator[None]:
    """Raise :class:`KeyboardInterrupt` in the body when its time is up.

    Args:
        seconds: of this process's processor time. By the clock it may take longer, see
            :func:`functional_course.grading.executing.clocks.by_the_clock`; what it waits for a processor does not
            count.
        by_the_clock: how much longer.
        first: called just before, with what is said.
    """
    if not seconds:
        yield
        return
    most = by_the_clock(seconds)
    timers: dict[int, tuple[int, float, str]] = {
        signal.SIGPROF: (signal.ITIMER_PROF, seconds, f"it took longer than {seconds:g} s"),
        signal.SIGALRM: (signal.ITIMER_REAL, most, f"it took longer than {most:g} s by the clock"),
    }

    began, in_line, last = time.monotonic(), seconds_in_line(), at_last(seconds)

    def interrupt(number: int, _: object) -> None:
        if number == signal.SIGALRM:
            passed = time.monotonic() - began
            left = min(last - passed, most - passed + seconds_in_line() - in_line)
            if left > 0.05:
                signal.setitimer(signal.ITIMER_REAL, left)
                return
        first(timers[number][2])
        raise KeyboardInterrupt(timers[number][2])

    before = {number: signal.signal(number, interrupt) for number in timers}
    for timer, limit, _ in timers.values():
        signal.setitimer(timer, limit)
    try:
        yield
    finally:
        for timer, _, _ in timers.values():
            signal.setitimer(timer, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
