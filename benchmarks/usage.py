"""What a run takes: the machine's processor time, and the memory of this process and all that it starts (Linux)."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import psutil

_EVERY_SECONDS = 3.0


def processor_seconds() -> float:
    """The processor time that the machine has spent on anything so far.

    That of one process and its descendants can't be known: what a killed process had started takes its time along. So
    nothing else should run meanwhile.
    """
    times = psutil.cpu_times()
    return sum(getattr(times, kind, 0.0) for kind in ("user", "nice", "system", "irq", "softirq"))


def own_memory() -> float:
    """The most memory that this process had, in MiB; what it was forked from doesn't count."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024


class Memory(threading.Thread):
    """The most memory that all descendants had at a time, in MiB, with shared pages counted once."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._most = 0.0
        self._stop_now = threading.Event()

    def run(self) -> None:
        """Look now and then: looking takes time as well."""
        while not self._stop_now.wait(_EVERY_SECONDS):
            self._look()

    def stop(self) -> float:
        """Look once more; returns the most there was."""
        self._stop_now.set()
        self.join()
        self._look()
        return self._most

    def _look(self) -> None:
        total = 0
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(OSError, StopIteration):
                lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
                total += int(next(line for line in lines if line.startswith("Pss:")).split()[1])
        self._most = max(self._most, total / 1024)
