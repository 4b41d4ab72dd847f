"""Finish submissions beside each other: score them, make their pages, remember them, while others are executed.

The threads only wait: the work is done in processes of :mod:`functional_course.grading.running.apart`, and what writes
to the gradebook waits there for whoever is writing.
"""

from __future__ import annotations

import concurrent.futures
import os
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

Piece = TypeVar("Piece")
Done = TypeVar("Done")


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


class Finishing(Generic[Piece, Done]):
    """Calls a function in threads, and hands on what comes of it in the thread that asks.

    Args:
        threads: how many at a time.

    Example:

    >>> seen = []
    >>> with Finishing(2) as finishing:
    ...     finishing.add(len, "a text", seen.append)
    ...     finishing.wait()
    >>> seen
    [6]
    """

    def __init__(self, threads: int) -> None:
        self._most = 2 * threads
        self._pool = concurrent.futures.ThreadPoolExecutor(threads, thread_name_prefix="finish")
        self._begun: dict[concurrent.futures.Future[Done], Callable[[Done], None]] = {}

    def __enter__(self) -> Finishing[Piece, Done]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def add(self, finish: Callable[[Piece], Done], piece: Piece, then: Callable[[Done], None]) -> None:
        """Begin to finish a piece, and hand on what is finished by now. Waits while too many others do.

        Args:
            finish: called in a thread.
            piece: with what.
            then: called with what came of it, in this thread or that of a later call.

        Raises:
            Exception: what was raised for this piece or for one before.
        """
        self._begun[self._pool.submit(finish, piece)] = then
        self._hand_on(self._most - 1)

    def wait(self) -> None:
        """Hand on all that was begun.

        Raises:
            Exception: what was raised for one of them.
        """
        self._hand_on(0)

    def _hand_on(self, most: int) -> None:
        """Until no more than these are left."""
        while True:
            for done in [each for each in self._begun if each.done()]:
                then = self._begun.pop(done)
                then(done.result())
            if len(self._begun) <= most:
                return
            concurrent.futures.wait(self._begun, return_when=concurrent.futures.FIRST_COMPLETED)
