"""Open what a learner handed in without following a link, waiting for a pipe, or reading without an end."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from functional_course.notebooks.reading import LARGEST, SAFELY

MOST_ENTRIES = 1_000
"""The most entries of a folder that are looked at."""

# Not the learner's doing: with one of these nothing may be marked as unreadable, since that costs the points.
_OUR_TROUBLE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO}

_FOLDER = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_DIRECTORY", 0)


class Unreadable(ValueError):
    """What was handed in cannot be used.

    Args:
        kind: one word for programs.
        reason: what is wrong, as the rest of a sentence that begins with the file's name.
        advice: what the learner can do; a whole sentence.
    """

    def __init__(self, kind: str, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.kind, self.reason, self.advice = kind, reason, advice


@dataclass(frozen=True)
class Entry:
    """One name in a folder, and what stands behind it: ``file``, ``folder``, ``link`` or ``other``."""

    name: str
    kind: str


def shown(name: object, most: int = 60) -> str:
    """A name that somebody else chose, fit for a sentence: printable, on one line, not long, without backticks."""
    text = "".join(letter if letter.isprintable() and letter != "`" else "?" for letter in str(name)[: most + 1])
    return text if len(text) <= most else text[: most - 1] + "…"


@contextlib.contextmanager
def opened_folder(folder: Path, below: Path) -> Iterator[int]:
    """A descriptor of ``folder``; no part of the path after ``below`` may be a link.

    Raises:
        Unreadable: there is no such folder, or a part of its path is a link or no folder.
        ValueError: ``folder`` does not lie below ``below``.
    """
    parts = Path(os.path.abspath(folder)).relative_to(os.path.abspath(below)).parts
    descriptor = os.open(below, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        for part in parts:
            inner = _open(part, _FOLDER, descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def entries(descriptor: int) -> tuple[list[Entry], bool]:
    """What is in an open folder, sorted by name, and whether that is all of it."""
    found: list[Entry] = []
    with os.scandir(descriptor) as names:
        for name in names:
            if len(found) == MOST_ENTRIES:
                return sorted(found, key=lambda entry: entry.name), False
            found.append(Entry(name.name, _kind(name)))
    return sorted(found, key=lambda entry: entry.name), True


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        if entry.is_symlink():
            return "link"
        if entry.is_dir(follow_symlinks=False):
            return "folder"
        return "file" if entry.is_file(follow_symlinks=False) else "other"
    except OSError:
        return "other"


@contextlib.contextmanager
def inner_folder(descriptor: int, name: str) -> Iterator[int]:
    """A folder in an open folder; never through a link."""
    inner = _open(name, _FOLDER, descriptor)
    try:
        yield inner
    finally:
        os.close(inner)


def read_file(descriptor: int, name: str, largest: int = LARGEST) -> tuple[bytes, int]:
    """Read a regular file of an open folder, once.

    Returns:
        What it holds, and how many names the file has on the disk (1, unless there are hard links).

    Raises:
        Unreadable: it is a link, a folder, a pipe or a device, is larger than ``largest``, or cannot be opened.
        OSError: this machine is in trouble (no more descriptors or memory, a failing disk).
    """
    handle = _open(name, SAFELY, descriptor)
    try:
        # What was opened is looked at, not the name: a name can come to mean another file in between.
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "no ordinary file"
            raise Unreadable("not-a-file", f"is {what}", "Hand in the notebook file itself.")
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = b"" if status.st_size > largest else file.read(largest + 1)
    finally:
        os.close(handle)
    if status.st_size > largest or len(data) > largest:
        raise Unreadable(
            "too-large",
            f"has more than {largest / 1e6:g} MB",
            "Clear its outputs (Jupyter: Edit, Clear Outputs of All Cells), save it, and hand it in again.",
        )
    return data, status.st_nlink


def _open(name: str, flags: int, descriptor: int) -> int:
    try:
        return os.open(name, flags | getattr(os, "O_CLOEXEC", 0), dir_fd=descriptor)
    except OSError as error:
        if error.errno in _OUR_TROUBLE:
            raise
        raise _why(name, descriptor, error) from error
    except ValueError as error:  # a NUL in the name
        raise Unreadable("cannot-open", "cannot be opened", "Give it an ordinary name.") from error


def _why(name: str, descriptor: int, error: OSError) -> Unreadable:
    try:
        mode = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return Unreadable("missing", "is not there", "Hand it in.")
    except OSError:
        return Unreadable("cannot-open", f"cannot be opened ({error.strerror})", "Hand it in again.")
    if stat.S_ISLNK(mode):
        with contextlib.suppress(OSError):
            target = shown(os.readlink(name, dir_fd=descriptor), most=80)
            return Unreadable("link", f"is a link (to `{target}`)", "Hand in the file itself, not a link to it.")
        return Unreadable("link", "is a link", "Hand in the file itself, not a link to it.")
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        return Unreadable("not-a-file", "is no ordinary file", "Hand in the notebook file itself.")
    if error.errno == errno.ENOTDIR:
        return Unreadable("not-a-folder", "is no folder", "Hand in a folder with your notebooks.")
    return Unreadable("cannot-open", f"cannot be opened ({error.strerror})", "Hand it in again.")
