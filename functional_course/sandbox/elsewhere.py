"""The sandbox's interface on systems that are not Linux: it says that it is not there."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import NoReturn

from functional_course.sandbox.policy import Policy, SandboxError

OUT_OF_MEMORY = 86
OUT_OF_TIME = 87
END = 9


def available() -> str:
    """Why :func:`enter` cannot work here."""
    return f"it needs Linux, and this is {sys.platform}"


def enter(policy: Policy, keep_fds: Iterable[int] = ()) -> NoReturn:
    """Refuse."""
    raise SandboxError(available())


def describe(policy: Policy) -> tuple[str, ...]:
    """That there is no sandbox."""
    return (f"No sandbox: {available()}.",)


def keep_together() -> None:
    """Do nothing: what leaves its session and its parent behind cannot be found here."""


@contextlib.contextmanager
def nothing_outlives() -> Iterator[None]:
    """Do nothing more than run the body."""
    yield


class ProcessorTime:
    """Nothing is known here of a process's descendants.

    Args:
        pid: the process.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.starved = 0.0

    def seconds(self) -> float:
        """None that is known."""
        return 0.0


def seconds_in_line(pid: int | str = "self") -> float:
    """None that is known."""
    return 0.0


def memory_of_each(pid: int, exact: Callable[[tuple[int, int]], bool]) -> dict[tuple[int, int], int]:
    """Nothing that is known."""
    return {}


def total_memory(pid: int) -> NoReturn:
    """Refuse."""
    raise SandboxError(available())


def collapse_memory() -> int:
    """Do nothing."""
    return 0
