"""Write a text file in one step: until the new one is whole, the old one stays."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: str | os.PathLike[str], text: str) -> None:
    """Write ``text`` to ``path`` as UTF-8, or leave what is there. Missing folders are made.

    Args:
        path: the file, new or old.
        text: all that it shall hold. Line ends are written as they are.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(part, 0o644)  # mkstemp lets nobody else read
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
