"""Temporary folders that do not stay: one whose process was killed is removed when the next run starts."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ModuleNotFoundError:  # Windows, where a folder of a process that was killed stays
    fcntl = None  # type: ignore[assignment]

_NAME = re.compile(r"course-(?P<new>new-)?(grade|release|stale|check|export|names|rehearsal)-[a-z0-9_]{8}")
_HALF_MADE_SECONDS = 3600.0


@contextlib.contextmanager
def scratch_folder(kind: str) -> Iterator[str]:
    """A fresh folder, removed with all that is in it at the end.

    It is locked while it is in use, and the kernel ends the lock with the process.

    Args:
        kind: what it is for: ``grade``, ``release``, ``stale``, ``check``, ``export``, ``names`` or
            ``rehearsal``.
    """
    # A folder has its final name only when it is locked: what has that name and no lock is nobody's any more.
    made = Path(tempfile.mkdtemp(prefix=f"course-new-{kind}-"))
    folder = made.with_name(made.name.replace("course-new-", "course-", 1))
    with _locked(made):
        try:
            made.rename(folder)
            yield str(folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def remove_left_behind() -> list[Path]:
    """Remove the folders that :func:`scratch_folder` made for this user in processes that are gone; returns them."""
    removed: list[Path] = []
    if fcntl is None:
        return removed
    for path in sorted(Path(tempfile.gettempdir()).iterdir()):
        match = _NAME.fullmatch(path.name)
        if match and _is_left_behind(path, bool(match["new"])):
            shutil.rmtree(path, ignore_errors=True)
            removed.append(path)
    return removed


def _is_left_behind(path: Path, half_made: bool) -> bool:
    try:
        about = path.lstat()
        if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
            return False
        if half_made and time.time() - about.st_mtime < _HALF_MADE_SECONDS:
            return False
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
