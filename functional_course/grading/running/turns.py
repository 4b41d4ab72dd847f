"""One run of the grader at a time on a course: a lock that says who holds it, and that ends with its processes."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

WAIT_SECONDS = 20.0
"""How long the processes of a run that was killed may take to end."""


class BusyError(RuntimeError):
    """Another run has the course; the message says which, and what to do."""


@contextlib.contextmanager
def turn(path: Path, what: str) -> Iterator[int]:
    """Have the course to oneself.

    The kernel keeps the lock for as long as a process has the file open, so nothing is left of a run that was killed.

    Args:
        path: the lock's file.
        what: what is done, for those who come meanwhile, such as ``grades 01_x``.

    Yields:
        The lock's file descriptor: processes that write for this run keep it open.

    Raises:
        BusyError: another run has the course.
        OSError: the file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    try:
        _lock(descriptor, path)
        since = f"{datetime.datetime.now():%Y-%m-%d %H:%M:%S}"
        said = {"pid": os.getpid(), "host": socket.gethostname(), "since": since, "what": what}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(said).encode(), 0)
        try:
            yield descriptor
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            holder = _holder(descriptor)
            if _may_run(holder) or time.monotonic() > until:
                raise BusyError(_busy(holder, path)) from None
        except OSError:
            return  # a file system without locks: the gradebook still has its own
        time.sleep(0.1)


def _holder(descriptor: int) -> dict[str, object]:
    try:
        said = json.loads(os.pread(descriptor, 4096, 0))
        return said if isinstance(said, dict) else {}
    except ValueError:  # it is being written, or has just been emptied
        return {}


def _may_run(holder: dict[str, object]) -> bool:
    if holder.get("host") != socket.gethostname():
        return bool(holder)
    try:
        os.kill(int(str(holder.get("pid"))), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _busy(holder: dict[str, object], path: Path) -> str:
    if not holder:
        return f"Another run of the grader has this course ({path} is locked). Wait until it has ended."
    return (
        f"Another run of the grader has this course: process {holder.get('pid')} on {holder.get('host')} "
        f"{holder.get('what')} since {holder.get('since')}. Wait until it has ended, or end it."
    )
