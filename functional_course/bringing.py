"""Bring files to where somebody edits them: what is new comes in, and what they changed stays theirs."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from functional_course.writing import write_bytes_whole, write_whole


@dataclass(frozen=True)
class Brought:
    """What became of the files, each below its source and below the place that it was brought to alike.

    Attributes:
        new: brought, because they were not there.
        updated: brought again, because there is a newer version and theirs was as it had been brought.
        kept: not brought, although there is a newer version, because they have changed theirs.
        removed: taken away, because there is none any more and theirs was as it had been brought.
        left: not taken away, although there is none any more, because they have changed theirs.
    """

    new: tuple[Path, ...]
    updated: tuple[Path, ...]
    kept: tuple[Path, ...]
    removed: tuple[Path, ...] = ()
    left: tuple[Path, ...] = ()


def digest_of(name: str, data: bytes) -> str:
    """The SHA-256 of a file, in which every byte counts."""
    return hashlib.sha256(data).hexdigest()


def bring(
    files: Iterable[tuple[Path, bytes]],
    place: Path,
    record: Path,
    *,
    removing: bool = False,
    digest: Callable[[str, bytes], str] = digest_of,
) -> Brought:
    """Write files to a place, each in one step. Nothing that somebody changed there is overwritten.

    Args:
        files: each by its name below ``place``, in order.
        place: the folder that they go to.
        record: the file that remembers which version each of theirs was made from. A damaged or missing one counts as
            empty: then every file that differs counts as changed.
        removing: whether a file that came earlier and is not among ``files`` any more is taken away.
        digest: what tells versions apart, from a file's name and what it holds.

    Returns:
        What became of each file, in order; none is named that is as it was.

    Raises:
        OSError: a file can't be read or written. What was brought before stays, and the next call goes on.
    """
    known = _recall(record)
    new, updated, kept, removed, left = [], [], [], [], []
    seen: set[str] = set()
    try:
        for name, data in files:
            key, mine = name.as_posix(), place / name
            seen.add(key)
            was, now = known.get(key), digest(key, data)
            if not os.path.lexists(mine):
                write_bytes_whole(mine, data)
                new.append(name)
            elif was == now:
                continue  # the version that theirs was made from
            elif (theirs := digest(key, mine.read_bytes())) == was:
                write_bytes_whole(mine, data)
                updated.append(name)
            elif theirs != now:
                kept.append(name)
                continue
            known[key] = now
        for key in sorted(set(known) - seen) if removing else ():
            mine = place / key
            if os.path.lexists(mine):
                if not mine.is_file() or digest(key, mine.read_bytes()) != known[key]:
                    left.append(Path(key))
                    continue
                mine.unlink()
                _remove_empty(mine.parent, place)
                removed.append(Path(key))
            del known[key]
    finally:
        write_whole(record, json.dumps(known, indent=1, sort_keys=True) + "\n")
    return Brought(tuple(new), tuple(updated), tuple(kept), tuple(removed), tuple(left))


def _remove_empty(folder: Path, place: Path) -> None:
    """Remove the folders below a place that hold nothing any more."""
    with contextlib.suppress(OSError):  # one that still holds something
        while folder != place:
            folder.rmdir()
            folder = folder.parent


def _below(name: str) -> bool:
    return not Path(name).is_absolute() and ".." not in Path(name).parts


def _recall(record: Path) -> dict[str, str]:
    try:
        stored = json.loads(record.read_text(encoding="utf-8"))
        # Nothing outside the place was ever brought.
        return {str(name): str(digest) for name, digest in stored.items() if _below(str(name))}
    except (OSError, ValueError, AttributeError):
        return {}
