"""The sandbox's interface on systems that are not Linux: it says that it is not there."""

from __future__ import annotations

import sys
from collections.abc import Iterable
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


def total_memory(pid: int) -> NoReturn:
    """Refuse."""
    raise SandboxError(available())


def collapse_memory() -> int:
    """Do nothing."""
    return 0
