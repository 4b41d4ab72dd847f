"""Run the cells of a notebook in this process, and keep what they show as a notebook keeps it."""

from __future__ import annotations

import contextlib
import io
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from functional_course.grading.clocks import at_last, by_the_clock
from functional_course.sandbox import seconds_in_line

from ipykernel.jsonutil import encode_images, json_clean
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

MOST_OUTPUT = 2_000_000
"""Characters that the cells of one notebook may show, pictures included."""


MOST_RESULT = 200_000
"""Characters of a result or an error that is kept beyond that."""


class _Sink:
    """The outputs of the cell that runs, up to a size."""

    def __init__(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self.size = 0

    def add(self, output: dict[str, Any], size: int) -> None:
        self.size += size
        # A cell's result and its errors stay, however much it printed: they are what it is scored by.
        kept = output["output_type"] in ("error", "execute_result") and size <= MOST_RESULT
        if kept or self.size <= MOST_OUTPUT:
            self.outputs.append(output)
        elif self.size - size <= MOST_OUTPUT:
            said = f"[the rest is left out: more than {MOST_OUTPUT / 1e6:g} MB were shown]\n"
            self.outputs.append({"output_type": "stream", "name": "stderr", "text": said})

    def write(self, name: str, text: str) -> None:
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last.get("name") == name and self.size + len(text) <= MOST_OUTPUT:
            self.size += len(text)
            last["text"] += text
        else:
            self.add({"output_type": "stream", "name": name, "text": text}, len(text))


class _Stream(io.TextIOBase):
    encoding = "utf-8"

    def __init__(self, sink: _Sink, name: str) -> None:
        self._sink, self.name = sink, name

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self._sink.write(self.name, text)
        return len(text)

    def writable(self) -> bool:
        return True


class _Publisher(DisplayPublisher):
    sink: Any = None

    def publish(self, data, metadata=None, **_: Any) -> None:
        data = json_clean(encode_images(data))
        output = {"output_type": "display_data", "data": data, "metadata": json_clean(metadata or {})}
        self.sink.add(output, len(str(data)))

    def clear_output(self, wait: bool = False) -> None:
        self.sink.outputs.clear()


class _Results(DisplayHook):
    sink: Any = None
    number = 0

    def write_output_prompt(self) -> None:
        """A notebook has its own."""

    def write_format_data(self, format_dict, md_dict=None) -> None:
        data = json_clean(encode_images(format_dict))
        output = {
            "output_type": "execute_result",
            "data": data,
            "metadata": json_clean(md_dict or {}),
            "execution_count": self.number,
        }
        self.sink.add(output, len(str(data)))

    def finish_displayhook(self) -> None:
        sys.stdout.flush()


class _Shell(InteractiveShell):
    displayhook_class = Type(_Results)
    display_pub_class = Type(_Publisher)


class CellRunner:
    """An IPython shell without a terminal and without a kernel's channels.

    Magics, display hooks and inline figures work as in a kernel. One to a process.

    Args:
        by_the_clock: how long a cell may take by the clock, from how much processor time it may take.
    """

    def __init__(self, by_the_clock: Callable[[float], float] = by_the_clock) -> None:
        self._by_the_clock = by_the_clock
        settings = Config()
        settings.HistoryManager.enabled = False
        settings.InteractiveShell.colors = "nocolor"
        self.shell = _Shell.instance(config=settings)
        self.shell._showtraceback = self._show_error
        # Commands write to this process's output, which is the cell's.
        self.shell.system = self.shell.system_piped
        self.shell.ask_exit = lambda: None
        self._sink = _Sink()
        self._number = 0
        self.error: BaseException | None = None
        """What the last cell raised."""

    @property
    def names(self) -> dict[str, Any]:
        """The namespace that the cells share."""
        return self.shell.user_ns

    def run(self, source: str, seconds: float | None = None) -> list[dict[str, Any]]:
        """Run one cell; an error is one of its outputs.

        Args:
            source: the cell.
            seconds: how long it may take. Then it is interrupted, as a person would do.

        Returns:
            The cell's outputs, as a notebook holds them.
        """
        self._number += 1
        self._sink.outputs = []
        self.error = None
        self.shell.displayhook.sink = self.shell.display_pub.sink = self._sink
        self.shell.displayhook.number = self._number
        streams = contextlib.ExitStack()
        streams.enter_context(contextlib.redirect_stdout(_Stream(self._sink, "stdout")))
        streams.enter_context(contextlib.redirect_stderr(_Stream(self._sink, "stderr")))
        with streams, interrupted_after(seconds, self._by_the_clock):
            try:
                done = self.shell.run_cell(source, store_history=True)
                self.error = done.error_before_exec or done.error_in_exec
            except BaseException as error:  # an interrupt between the cell and the shell
                self.error = error
                self._show_error(type(error), error, [f"{type(error).__name__}: {error}"])
        return self._sink.outputs

    def _show_error(self, kind, error, lines) -> None:
        lines = [str(line)[:10_000] for line in (lines or [])]
        lines = lines if len(lines) <= 20 else [*lines[:10], "...", *lines[-9:]]
        try:
            said = str(error)[:10_000]
        except BaseException:  # an error of a learner's own class may not know what to say
            said = ""
        output = {"output_type": "error", "ename": kind.__name__[:200], "evalue": said, "traceback": lines}
        self._sink.add(output, sum(map(len, lines)))


@contextlib.contextmanager
def interrupted_after(seconds: float | None, by_the_clock: Callable[[float], float] = by_the_clock) -> Iterator[None]:
    """Raise :class:`KeyboardInterrupt` in the body when its time is up.

    Args:
        seconds: of this process's processor time. By the clock it may take longer, see
            :func:`functional_course.grading.clocks.by_the_clock`; what it waits for a processor does not count.
        by_the_clock: how much longer.
    """
    if not seconds:
        yield
        return
    most = by_the_clock(seconds)
    timers = {
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
