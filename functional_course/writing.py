"""Write a file in one step: until the new one is whole, the old one stays."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

PART = ".part"
"""How the name of a file ends while it is written. One that stays was left by a process that was killed."""


def write_whole(path: str | os.PathLike[str], text: str) -> None:
    """Write ``text`` to ``path`` as UTF-8, or leave what is there. Missing folders are made.

    A new file gets the permissions that any new file gets, an old one keeps its own.

    Args:
        path: the file, new or old.
        text: all that it shall hold. Line ends are written as they are.
    """
    write_bytes_whole(path, text.encode("utf-8"))


def write_bytes_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write bytes as :func:`write_whole` writes a text."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PART)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(part, _mode(path))  # mkstemp lets nobody else read
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)
        raise


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0o666 & ~_umask()


def _umask() -> int:
    # Python can ask for the umask only by setting it, which other threads would notice.
    with contextlib.suppress(OSError, StopIteration, ValueError), open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("Umask:")).split()[1], 8)
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
