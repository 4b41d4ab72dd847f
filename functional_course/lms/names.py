"""Whose a file in an archive is, from the name that Canvas or Moodle gave it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MACOS = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$)")
"""What macOS adds when somebody packs the archive once more."""


@dataclass(frozen=True)
class Handed:
    """A file in an archive.

    Attributes:
        number: the user's, as the system counts them.
        person: their name, as it stands there.
        file: what the file is called without all this.
        prefix: what stood before it, which the system knows the file's owner by.
        late: whether the name says that it came late.
    """

    number: str
    person: str
    file: str
    prefix: str
    late: bool = False


def canvas(entry: str) -> list[Handed]:
    """Read a name as Canvas makes it, in every way in which it can be read.

    Two numbers that follow each other say whose it is. A person may be called ``Jane_7`` and a file ``01_build.ipynb``,
    and then there is more than one way.

    Example:

    >>> [handed.number for handed in canvas("doejane_LATE_12_345_build.ipynb")]
    ['12']
    """
    if _MACOS.search(entry):
        return []
    parts = entry.rpartition("/")[2].split("_")
    numeric = [bool(re.fullmatch(r"[0-9]+", part)) for part in parts]
    found = []
    for user in range(len(parts) - 2):
        if numeric[user] and numeric[user + 1]:
            late = user > 0 and parts[user - 1] == "LATE"
            person = "_".join(parts[: user - late])
            found.append(Handed(parts[user], person, "_".join(parts[user + 2 :]), "_".join(parts[: user + 2]), late))
    return found


def moodle(entry: str) -> list[Handed]:
    """Read a path as Moodle makes it, with or without folders; at most one way.

    The first part of the path that Moodle made decides, since learners name what lies in their folder.

    Example:

    >>> moodle("Jane Doe_678_assignsubmission_file/build.ipynb")[0].file
    'build.ipynb'
    """
    if _MACOS.search(entry):
        return []
    folders = entry.split("/")
    for level, folder in enumerate(folders):
        parts = folder.split("_", 4)
        if len(parts) < 4 or not re.fullmatch(r"[0-9]+", parts[1]) or not parts[2].startswith("assign"):
            continue
        file = "/".join([*parts[4:], *folders[level + 1 :]]).strip("/")
        whole = file and parts[2:4] == ["assignsubmission", "file"]
        return [Handed(parts[1], parts[0], file, "_".join(parts[:4]))] if whole else []
    return []


NAMES = {"canvas": canvas, "moodle": moodle}
"""How each system's names are read."""
