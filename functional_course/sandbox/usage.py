"""What the processes of a sandbox have used so far, ended ones included: processor time, memory, sockets.

Nothing here needs a right, a control group or a particular kernel: it is read from ``/proc``.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from functional_course.sandbox import limits

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_USUAL_BUFFER = 212_992  # net.core.wmem_default where it cannot be read


@dataclass(frozen=True)
class Times:
    """Processor time of one process in seconds: its own, and that of the ended children that it waited for."""

    own: float
    waited: float
    session: int = 0


class UsedTime:
    """Adds up processor time over many looks, so that what ended between two of them is not forgotten.

    The time of an ended process goes to whoever waited for it. Where nobody did (``SIGCHLD`` ignored), it would be
    lost: what was last seen of it is kept here.
    """

    def __init__(self) -> None:
        self._last: dict[tuple[int, int], Times] = {}
        self._lost = 0.0

    def seconds(self, now: Mapping[tuple[int, int], Times]) -> float:
        """The time used so far.

        Args:
            now: each process that there is, by its number and the moment it started, since numbers come again.
        """
        ended = sum(times.own + times.waited for key, times in self._last.items() if key not in now)
        before = {key: self._last[key].waited if key in self._last else 0.0 for key in now}
        taken_over = sum(times.waited - before[key] for key, times in now.items())
        self._lost += max(0.0, ended - taken_over)
        self._last = dict(now)
        return self._lost + sum(times.own + times.waited for times in now.values())


class PidNamespace:
    """The processes of one pid namespace, seen from outside.

    Walking from parent to child misses a process whose parent ends meanwhile; the namespace's own list does not.

    Args:
        proc: an open folder: the namespace's ``/proc``.
        scratch: an open folder of the one file system that can be written to.
        own_network: whether its network is its own, so that every socket there counts. Otherwise those that the
            processes have open count, and what is on its way in a message doesn't.
    """

    def __init__(self, proc: int, scratch: int, *, own_network: bool = True) -> None:
        self._proc, self._scratch, self._own_network = proc, scratch, own_network
        self._used = UsedTime()
        self._sessions: dict[int, int] = {}

    def close(self) -> None:
        """Let both folders go."""
        os.close(self._proc)
        os.close(self._scratch)

    def _read(self, path: str) -> bytes:
        file = os.open(path, os.O_RDONLY, dir_fd=self._proc)
        try:
            parts = []
            while part := os.read(file, 1 << 16):
                parts.append(part)
            return b"".join(parts)
        finally:
            os.close(file)

    def processes(self) -> list[int]:
        """Their numbers in the namespace."""
        return [int(name) for name in os.listdir(self._proc) if name.isdigit()]

    def processor_seconds(self) -> float:
        """What all of them together have used since the first look, ended ones included."""
        now = {}
        self._sessions = {}
        for pid in self.processes():
            with contextlib.suppress(OSError):  # it ended meanwhile
                key, times = parsed(pid, self._read(f"{pid}/stat"))
                now[key] = times
                self._sessions.setdefault(times.session, pid)
        return self._used.seconds(now)

    def memory_at_most(self) -> int:
        """An upper bound in bytes, cheap: what processes share is counted for each of them."""
        total = self._beside()
        for pid in self.processes():
            with contextlib.suppress(OSError):
                total += _resident(self._read(f"{pid}/status"))
        return total

    def memory(self) -> int:
        """What all of them use in bytes: their pages (shared ones in equal parts), page tables, files and sockets."""
        total = self._beside()
        for pid in self.processes():
            with contextlib.suppress(OSError):
                status = self._read(f"{pid}/status")
                try:
                    total += limits.proportional(self._read(f"{pid}/smaps_rollup").decode("ascii"))
                    total += limits.lines_of(status.decode(errors="replace"), ("VmPTE",))["VmPTE"]
                except OSError:  # it forbids to look
                    total += _resident(status)
        return total

    def _beside(self) -> int:
        """Memory that no process maps: files in memory, and what may wait in sockets."""
        place = os.fstatvfs(self._scratch)
        return (place.f_blocks - place.f_bfree) * place.f_frsize + self.sockets() * _socket_bytes()

    def sockets(self) -> int:
        """How many sockets there are in the namespace's network, those on their way in a message included."""
        if not self._own_network:
            return sum(map(self._open_sockets, self.processes()))
        with contextlib.suppress(OSError, ValueError):
            words = self._read("1/net/sockstat").split()
            return int(words[words.index(b"used") + 1])
        return 0

    def _open_sockets(self, pid: int) -> int:
        with contextlib.suppress(OSError):  # it ended meanwhile, or forbids to look
            folder = os.open(f"{pid}/fd", os.O_RDONLY | os.O_DIRECTORY, dir_fd=self._proc)
            try:
                return sum(os.readlink(name, dir_fd=folder).startswith("socket:") for name in os.listdir(folder))
            finally:
                os.close(folder)
        return 0

    def step_back(self, first: int = 10, others: int = 19) -> None:
        """Lower the weight of each session, where the kernel gives each session its share of the processors.

        A process can lower its own priority by much and gain by it: in a session of its own it counts as one more
        person. So the learner's session gets ``first`` and every further one the least weight. That of process 1, on
        whose end others wait, is left as it is.
        """
        for session, pid in self._sessions.items():
            with contextlib.suppress(OSError):  # there is no such thing here, or it is asked too often
                if session > 1 and _niceness(self._read(f"{pid}/autogroup")) < (first if session == 2 else others):
                    file = os.open(f"{pid}/autogroup", os.O_WRONLY, dir_fd=self._proc)
                    try:
                        os.write(file, str(first if session == 2 else others).encode())
                    finally:
                        os.close(file)


def _niceness(text: bytes) -> int:
    return int(text.split()[-1])  # "/autogroup-12 nice 0"


def _resident(status: bytes) -> int:
    found = limits.lines_of(status.decode(errors="replace"), ("RssAnon", "RssShmem", "VmPTE"))
    return sum(found.values())


def _socket_bytes() -> int:
    """What one socket can hold: its buffer, and the one message that may overshoot it by as much."""
    try:
        return 2 * int(Path("/proc/sys/net/core/wmem_default").read_text())
    except (OSError, ValueError):
        return 2 * _USUAL_BUFFER


def parsed(pid: int, stat: bytes) -> tuple[tuple[int, int], Times]:
    """A line of ``/proc/PID/stat``: the process by number and start, and its times."""
    words = stat.rpartition(b")")[2].split()  # from field 3 on: a program's name may hold anything
    own, waited = int(words[11]) + int(words[12]), int(words[13]) + int(words[14])
    return (pid, int(words[19])), Times(own * _TICK, waited * _TICK, int(words[3]))


def memory_of_each(pid: int, exact: Callable[[tuple[int, int]], bool]) -> dict[tuple[int, int], int]:
    """What a process and each of its descendants use in bytes, by number and start, as a caller sees them.

    Args:
        pid: the process.
        exact: for which of them pages that several share count in equal parts, which takes some milliseconds.
    """
    found = {}
    for each in limits.tree(pid):
        with contextlib.suppress(OSError):  # it ended meanwhile
            key, _ = parsed(each, Path(f"/proc/{each}/stat").read_bytes())
            found[key] = limits.memory(each) if exact(key) else limits.resident(each)
    return found


class ProcessorTime:
    """Processor time of the processes that descend from one, as a caller without any right sees them.

    Args:
        pid: the process; its own time counts, too.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._used = UsedTime()
        self._most = 0.0
        self._first: tuple[int, int] | None = None
        self._waits: dict[int, float] = {}
        self._looked = time.monotonic()
        self.starved = 0.0
        """Seconds during which one of them could have run and waited for a processor, as far as they were seen."""

    def seconds(self) -> float:
        """What all of them together have used, ended ones included as far as they were seen; it never falls."""
        now = {}
        for pid in limits.tree(self._pid):
            with contextlib.suppress(OSError):  # it ended meanwhile
                key, times = parsed(pid, Path(f"/proc/{pid}/stat").read_bytes())
                now[key] = times
                if pid == self._pid:
                    self._first = self._first or key
                    if key != self._first:
                        return self._most  # its number is another process's by now
        self._most = max(self._most, self._used.seconds(now))
        waits = {pid: seconds_in_line(pid) for pid, _ in now}
        more = sum(max(0.0, seconds - self._waits.get(pid, 0.0)) for pid, seconds in waits.items())
        looked = time.monotonic()
        self.starved += min(more, looked - self._looked)
        self._waits, self._looked = waits, looked
        return self._most


def seconds_in_line(pid: int | str = "self") -> float:
    """How long the threads of a process were ready and waited for a processor, all together; 0 if unknown."""
    nanoseconds = 0
    with contextlib.suppress(OSError, ValueError, IndexError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            nanoseconds += int(Path(f"/proc/{pid}/task/{thread}/schedstat").read_bytes().split()[1])
    return nanoseconds / 1e9
