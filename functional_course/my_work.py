"""A learner's own copy of the exercises, in ``my_work/``: what is new comes in, and what they changed stays theirs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from functional_course.writing import write_bytes_whole, write_whole

FOLDER = "my_work"
RECORD = Path(".course") / "my_work.json"
"""Which version of each file the learner's copy was made from, as a digest."""


@dataclass(frozen=True)
class Brought:
    """What became of the files of a course's exercises, each below ``exercises/`` and ``my_work/`` alike.

    Attributes:
        new: copied, because they were not there.
        updated: copied again, because there is a newer version and the learner had left theirs as it was.
        kept: not copied, although there is a newer version, because the learner has changed theirs.
    """

    new: tuple[Path, ...]
    updated: tuple[Path, ...]
    kept: tuple[Path, ...]


def bring(root: Path) -> Brought:
    """Copy the exercises of a course to where a learner works on them. Nothing that they changed is overwritten.

    Args:
        root: the course's folder.

    Returns:
        What became of each file, in order; none is named that is as it was.

    Raises:
        FileNotFoundError: the course has no exercises.
        OSError: a file can't be read or written. What was copied before stays, and the next call goes on.
    """
    source = root / "exercises"
    if not source.is_dir():
        raise FileNotFoundError(f"There is no folder {source} to copy exercises from.")
    record = _recall(root)
    new: list[Path] = []
    updated: list[Path] = []
    kept: list[Path] = []
    try:
        for name in _files(source):
            data, mine = (source / name).read_bytes(), root / FOLDER / name
            was, now = record.get(name.as_posix()), _digest(data)
            if not os.path.lexists(mine):
                write_bytes_whole(mine, data)
                new.append(name)
            elif was == now:
                continue  # the version that theirs was made from
            elif (theirs := _digest(mine.read_bytes())) == was:
                write_bytes_whole(mine, data)
                updated.append(name)
            elif theirs != now:
                kept.append(name)
                continue
            record[name.as_posix()] = now
    finally:
        write_whole(root / RECORD, json.dumps(record, indent=1, sort_keys=True) + "\n")
    return Brought(tuple(new), tuple(updated), tuple(kept))


def _files(folder: Path) -> Iterator[Path]:
    """All files below a folder, in order, but hidden ones, such as the checkpoints of Jupyter."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            yield name


def _recall(root: Path) -> dict[str, str]:
    """The record. A damaged one counts as empty: then every file that differs counts as changed by the learner."""
    try:
        stored = json.loads((root / RECORD).read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in stored.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
