"""Messages between two processes: a header in JSON and the bytes of arrays, with limits on both."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from typing import Any

from functional_course.boundary.tags import Key

MOST_HEADER = 20_000_000
"""Bytes of JSON in one message."""

MOST_BYTES = 500_000_000
"""Bytes of arrays in one message."""

MOST_ARRAYS = 20_000

_LENGTHS = struct.Struct("!IQ")


class BoundaryError(RuntimeError):
    """The other side did not keep to the protocol, is gone, took too long, or holds what cannot be judged."""


class CannotCross(BoundaryError):
    """The answer may be right, but what it is made of cannot be made again, or called, on the side that judges.

    Its text is a plain sentence that names the part of the answer: it is shown to learners and teachers.
    """


class Pipes:
    """Two pipes with as much of a socket's interface as a :class:`Channel` without deadline uses.

    Args:
        reading: file descriptor of the pipe to read from.
        writing: of the pipe to write to.
    """

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing

    def settimeout(self, seconds: float | None) -> None:
        """Refuse anything but to wait as long as it takes.

        Raises:
            ValueError: ``seconds`` is not None.
        """
        if seconds is not None:
            raise ValueError("pipes have no deadline")

    def recv(self, count: int) -> bytes:
        """Wait for some bytes, at most ``count``; none means that the other end is closed.

        Raises:
            OSError: the pipe cannot be read.
        """
        return os.read(self._reading, count)

    def sendall(self, data: bytes) -> None:
        """Write all of ``data``, however long it takes.

        Raises:
            OSError: the other end is closed.
        """
        left = memoryview(data)
        while left:
            left = left[os.write(self._writing, left) :]

    def close(self) -> None:
        """Close both."""
        os.close(self._reading)
        os.close(self._writing)


class Channel:
    """One end of a stream.

    Args:
        connection: a connected socket or a pair of pipes; it becomes this object's own.
        most_header: bytes of JSON in one message that comes.
        most_bytes: bytes of arrays in one message that comes.
    """

    def __init__(
        self, connection: socket.socket | Pipes, *, most_header: int = MOST_HEADER, most_bytes: int = MOST_BYTES
    ) -> None:
        self._connection, self._most_header, self._most_bytes = connection, most_header, most_bytes
        self.deadline: float | None = None
        """Reading and writing end with an error at this time of :func:`time.monotonic`."""
        self.broken = False
        """Whether a message was cut off: what would come next is the rest of it, or the answer to something else."""

    def send(self, header: dict[str, Any], arrays: Sequence[bytes] = ()) -> None:
        """Send one message.

        Args:
            header: what JSON can say; :attr:`.tags.Key.ARRAYS` in it is set here.
            arrays: the bytes of each array.

        Raises:
            BoundaryError: it is too large, the time is up, or the other side is gone.
            TypeError: the header is no JSON; nothing was sent.
        """
        text = json.dumps({**header, Key.ARRAYS: [len(array) for array in arrays]}).encode()
        size = sum(len(array) for array in arrays)
        if len(text) > MOST_HEADER or size > MOST_BYTES or len(arrays) > MOST_ARRAYS:
            raise BoundaryError(f"a message of {(len(text) + size) / 1e6:.0f} MB is too large")
        with self._whole():
            try:
                self._connection.settimeout(self._left())
                self._connection.sendall(_LENGTHS.pack(len(text), size) + text)
                for array in arrays:
                    self._connection.sendall(array)
            except OSError as error:
                raise BoundaryError(f"the other side does not listen ({type(error).__name__})") from error

    def receive(self) -> tuple[dict[str, Any], list[bytes]]:
        """Wait for one message.

        Raises:
            BoundaryError: what came is no message, it is too large, or nothing came before the deadline.
        """
        with self._whole():
            return self._receive()

    def _receive(self) -> tuple[dict[str, Any], list[bytes]]:
        length, size = _LENGTHS.unpack(self._read(_LENGTHS.size))
        if length > self._most_header or size > self._most_bytes:
            raise BoundaryError(f"a message of {(length + size) / 1e6:.0f} MB is too large")
        try:
            header = json.loads(self._read(length))
            sizes = header[Key.ARRAYS]
            if not isinstance(sizes, list) or len(sizes) > MOST_ARRAYS:
                raise ValueError("too many arrays")
            if not all(type(each) is int and each >= 0 for each in sizes) or sum(sizes) != size:
                raise ValueError("sizes that do not add up")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BoundaryError("what came is no message") from error
        return header, [self._read(each) for each in sizes]

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        if self.broken:
            raise BoundaryError("the other side is gone")
        try:
            yield
        except BaseException:
            self.broken = True
            raise

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _left(self) -> float | None:
        if self.deadline is None:
            return None
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise BoundaryError("the time is up")
        return left

    def _read(self, count: int) -> bytes:
        # It grows with what comes, so that a length that nothing follows takes no memory.
        data = bytearray()
        while len(data) < count:
            self._connection.settimeout(self._left())
            try:
                part = self._connection.recv(min(count - len(data), 1 << 20))
            except TimeoutError as error:
                raise BoundaryError("the time is up") from error
            except OSError as error:
                raise BoundaryError(f"the other side is gone ({type(error).__name__})") from error
            if not part:
                raise BoundaryError("the other side is gone")
            data += part
        return bytes(data)
