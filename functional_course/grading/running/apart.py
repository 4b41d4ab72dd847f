"""Do work on texts of learners in processes of its own, with limits: whatever it meets there, the run goes on.

One process is forked early, from all that is imported and read by then, and has a single thread. From it come as many
desks as pieces of work are done at a time. A desk forks a child for each piece, one after the other, and ends the child
that takes more than it may. What goes to a child and what comes back is JSON, limited in size.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import json
import os
import resource
import select
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NoReturn

MOST_ANSWER = 32_000_000
"""Bytes of JSON that a child may answer."""

_LENGTH = struct.Struct("!Q")


@dataclass(frozen=True)
class Limits:
    """What one piece of work may take.

    Attributes:
        cpu_seconds: processor time.
        seconds: time by the clock; it is there for what waits, and long, for the machine may be busy.
        memory_bytes: address space on top of what the process has when it begins.
    """

    cpu_seconds: int = 60
    seconds: float = 600.0
    memory_bytes: int = 1024**3


class OverLimitError(RuntimeError):
    """The work took more than it may, or brought its process down. The message says which, as the end of a sentence."""


class WorkFailedError(RuntimeError):
    """The work raised; the message is the exception's kind and text."""


class Apart:
    """A function that is called in forked children. Threads may call it; those that find no desk free wait for one.

    Args:
        work: takes and returns what JSON can hold. It finds what there was when the first call was made.
        keep: file descriptors that the children shall have open, such as a lock that ends with the last of them.
        prepare: called once before the first child is forked, so that what it imports and makes is there for all. It
            may fail: then each child does that by itself.
        desks: how many pieces of work are done at a time at most. One that isn't needed isn't opened.

    Example:

    >>> with Apart(len) as apart:
    ...     apart("a text of a learner's")
    21
    """

    def __init__(
        self,
        work: Callable[[Any], Any],
        keep: Collection[int] = (),
        prepare: Callable[[], None] = lambda: None,
        desks: int = 1,
    ) -> None:
        self._work, self._keep, self._prepare = work, tuple(keep), prepare
        self._office: tuple[socket.socket, int] | None = None
        self._opening = threading.Lock()
        self._seats = threading.BoundedSemaphore(desks)
        self._free: list[socket.socket] = []
        self._desks: set[socket.socket] = set()
        self._closed = False

    def __enter__(self) -> Apart:
        with self._opening:
            self._started()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, piece: Any, limits: Limits | None = None) -> Any:
        """Do a piece of work.

        Args:
            piece: what the function is called with.
            limits: what it may take; the usual if left out.

        Returns:
            What the function returned.

        Raises:
            OverLimitError: it took more than it may.
            WorkFailedError: it raised.
            OSError: it raised this: the machine's trouble, such as a full disk.
        """
        limits = limits or Limits()
        with self._seats:
            desk = self._a_desk()
            try:
                _send(desk, json.dumps([piece, limits.cpu_seconds, limits.seconds, limits.memory_bytes]).encode())
                said = json.loads(_receive(desk))
            except (EOFError, ConnectionError):
                self._give_up(desk)
                raise OverLimitError("its process came down with the one that watches it") from None
            except BaseException:  # an answer that comes later must not be taken for that to the next question
                self._give_up(desk)
                raise
            kind, value = said
            if kind == "trouble":  # perhaps that of making this desk
                self._give_up(desk)
                raise OSError(*value)
            self._free.append(desk)
        if kind == "over":
            raise OverLimitError(value)
        if kind == "failed":
            raise WorkFailedError(value)
        return value

    def close(self) -> None:
        """End all its processes; what is being done ends as well, and nothing more is."""
        with self._opening:
            self._closed = True
            desks, self._desks = [*self._desks], set()
            for desk in desks:
                with contextlib.suppress(OSError):
                    desk.shutdown(socket.SHUT_WR)
            free, self._free = self._free, []
            for desk in free:  # whoever waits for another desk's answer closes that one
                with contextlib.suppress(OSError):
                    while desk.recv(1 << 20):
                        pass
                desk.close()
            self._close_office()

    def _give_up(self, desk: socket.socket) -> None:
        with self._opening:
            self._desks.discard(desk)
        desk.close()

    def _a_desk(self) -> socket.socket:
        """A desk that is free, or a new one."""
        with contextlib.suppress(IndexError):
            return self._free.pop()
        with self._opening:
            if self._closed:
                raise ConnectionError("nothing is done here any more")
            try:
                desk = self._opened()
            except ConnectionError:  # the office came down, perhaps for want of memory
                self._close_office()
                desk = self._opened()
            self._desks.add(desk)
        return desk

    def _opened(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._started(), [b"\0"], [theirs.fileno()])
        return ours

    def _started(self) -> socket.socket:
        if self._office is None:
            ours, theirs = socket.socketpair()
            pid = os.fork()
            if pid == 0:
                self._open_desks(theirs)
            theirs.close()
            self._office = ours, pid
        return self._office[0]

    def _close_office(self) -> None:
        if self._office is not None:
            (connection, pid), self._office = self._office, None
            connection.close()
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)

    # --- in the process that is forked once ---------------------------------------------------------------------------

    def _open_desks(self, connection: socket.socket) -> NoReturn:
        try:
            # Ctrl-C goes to all processes of a terminal; this one ends when the run does.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            # What the caller left for the collector stays: TensorFlow's functions bring a fork down that frees them.
            gc.freeze()
            _close_all_but({0, 1, 2, connection.fileno(), *self._keep})
            with contextlib.suppress(Exception):
                self._prepare()
            gc.collect()
            gc.freeze()  # the children share what is there
            while True:
                asked, descriptors, _, _ = socket.recv_fds(connection, 1, 1)
                if not asked:  # the run is over, and every desk hears that as well
                    _reap(0)
                    os._exit(0)
                _reap(os.WNOHANG)
                with socket.socket(fileno=descriptors[0]) as desk:
                    try:
                        pid = os.fork()
                    except OSError as error:  # who asks first at this desk hears of it
                        _send(desk, json.dumps(["trouble", [error.errno, error.strerror]]).encode())
                        continue
                    if pid == 0:
                        connection.close()
                        self._serve(desk)
        except (EOFError, OSError):
            os._exit(0)
        finally:
            os._exit(1)

    # --- at a desk ----------------------------------------------------------------------------------------------------

    def _serve(self, connection: socket.socket) -> NoReturn:
        try:
            while True:
                piece, cpu_seconds, seconds, memory_bytes = json.loads(_receive(connection))
                _send(connection, self._in_a_child(piece, Limits(cpu_seconds, seconds, memory_bytes), connection))
        except (EOFError, OSError):
            os._exit(0)
        finally:
            os._exit(1)

    def _in_a_child(self, piece: Any, limits: Limits, connection: socket.socket) -> bytes:
        reading, writing = os.pipe()
        try:
            pid = os.fork()
        except OSError as error:
            os.close(reading)
            os.close(writing)
            return json.dumps(["trouble", [error.errno, error.strerror]]).encode()
        if pid == 0:
            connection.close()
            os.close(reading)
            self._do(piece, limits, writing)
        os.close(writing)
        parts: list[bytes] = []
        try:
            over = _read(reading, connection, parts, time.monotonic() + limits.seconds)
        except BaseException:  # nobody waits for the answer any more
            over = "gone"
            raise
        finally:
            os.close(reading)
            if over:
                os.kill(pid, signal.SIGKILL)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if not over and status == 0:
            return b"".join(parts)
        if status == -signal.SIGXCPU:
            over = f"it took more than {limits.cpu_seconds} s of processor time"
        elif over == "seconds":
            over = f"it took more than {limits.seconds:g} s"
        elif over == "size":
            over = "it gave more than can be kept"
        else:
            over = f"its process ended (exit code {status})"
        return json.dumps(["over", over]).encode()

    # --- in the child -------------------------------------------------------------------------------------------------

    def _do(self, piece: Any, limits: Limits, writing: int) -> NoReturn:
        try:
            _limit(limits)
            with open(writing, "wb") as file:
                file.write(self._answer(piece, limits))
            os._exit(0)
        finally:
            os._exit(1)

    def _answer(self, piece: Any, limits: Limits) -> bytes:
        memory = json.dumps(["over", f"it took more than {limits.memory_bytes // 1024**2:,} MiB of memory"]).encode()
        try:
            return json.dumps(["done", self._work(piece)]).encode()
        except MemoryError:
            return memory
        except OSError as error:
            if error.errno == errno.ENOMEM:
                return memory
            text = error.strerror or str(error)
            return json.dumps(["trouble", [error.errno or errno.EIO, text, *filter(None, [error.filename])]]).encode()
        except RecursionError:
            return json.dumps(["over", "it is nested too deeply"]).encode()
        except Exception as error:
            if "MemoryError" in (type(error).__name__, str(error)):
                return memory
            return json.dumps(["failed", f"{type(error).__name__}: {str(error)[:2000]}"]).encode()


def _limit(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 5)  # what ends it first says why
    with contextlib.suppress(OSError, ValueError), open("/proc/self/statm", encoding="ascii") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
        _lower(resource.RLIMIT_AS, mapped + limits.memory_bytes, mapped + limits.memory_bytes)


def _lower(limit: int, soft: int, hard: int) -> None:
    _, present = resource.getrlimit(limit)
    if present != resource.RLIM_INFINITY:
        soft, hard = min(soft, present), min(hard, present)
    resource.setrlimit(limit, (soft, hard))


def _read(reading: int, connection: socket.socket, parts: list[bytes], until: float) -> str:
    """Read all that the child says; returns what it went over, if anything, and raises if nobody waits for it."""
    size = 0
    while True:
        waiting: list[int | socket.socket] = [reading, connection]
        ready, _, _ = select.select(waiting, [], [], max(0.0, until - time.monotonic()))
        if connection in ready:  # nothing is asked before the answer: this is the end of the run
            raise EOFError
        if not ready:
            return "seconds"
        part = os.read(reading, 1 << 20)
        if not part:
            return ""
        size += len(part)
        if size > MOST_ANSWER:
            return "size"
        parts.append(part)


def _reap(options: int) -> None:
    """Have no desk that has ended stay in the table of processes."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, options)[0]:
            pass


def _close_all_but(kept: Collection[int]) -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    first = 0
    for descriptor in [*sorted(kept), most if most != resource.RLIM_INFINITY else 1 << 20]:
        if first < descriptor:
            os.closerange(first, descriptor)
        first = descriptor + 1


def _send(connection: socket.socket, data: bytes) -> None:
    connection.sendall(_LENGTH.pack(len(data)) + data)


def _receive(connection: socket.socket) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    return _exactly(connection, length)


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        part = connection.recv(min(1 << 20, count - len(data)))
        if not part:
            raise EOFError
        data += part
    return bytes(data)
