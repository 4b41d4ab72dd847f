"""Whose a file in an archive is, from the name that Canvas or Moodle gave it.

Learners choose what their files, their folders and often they themselves are called. So what can be read in two ways is
read in none, and the first part of a path that the system made decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NOBODYS = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|\.ipynb_checkpoints/)")
"""What macOS adds when somebody packs the archive once more, and what Jupyter keeps beside a notebook."""

TYPED = "is a text that was typed in, not a file"
TWO_WAYS = "can be read in two ways, so it may be somebody else's: put it in place by hand"


@dataclass(frozen=True)
class Handed:
    """A file in an archive.

    Attributes:
        number: the user's, as the system counts them.
        person: their name, as it stands there.
        file: the file's own path.
        prefix: what stood before it, by which the system knows whose it is.
        late: whether the name says that it came late.
    """

    number: str
    person: str
    file: str
    prefix: str
    late: bool = False


def is_nobodys(entry: str) -> bool:
    """Whether an entry is none of a learner's files, and nothing to speak of.

    Example:

    >>> is_nobodys("__MACOSX/._doejane_12_345_build.ipynb")
    True
    """
    return _NOBODYS.search(entry) is not None


def canvas(entry: str) -> Handed:
    """Read a name as Canvas makes it: two numbers that follow each other say whose it is.

    Args:
        entry: the name, or a path that ends with it.

    Raises:
        LookupError: saying why it says of nobody.

    Example:

    >>> canvas("doejane_LATE_12_345_build.ipynb").number
    '12'
    """
    name = entry.rpartition("/")[2]
    parts = name.split("_")
    if parts[0] == "anon":
        raise LookupError("is anonymous")
    if re.fullmatch(r".*_[0-9]+_(text|link)\.html", name):
        raise LookupError(TYPED)
    numeric = [bool(re.fullmatch(r"[0-9]+", part)) for part in parts]
    places = [place for place in range(len(parts) - 2) if numeric[place] and numeric[place + 1]]
    if not places:
        raise LookupError("isn't named as Canvas names files")
    if len(places) > 1:
        # Somebody called Jane_7, or a file called 01_build.ipynb.
        raise LookupError(TWO_WAYS)
    (user,) = places
    late = user > 0 and parts[user - 1] == "LATE"
    person = "_".join(parts[: user - late])
    return Handed(parts[user], person, "_".join(parts[user + 2 :]), "_".join(parts[: user + 2]), late)


def moodle(entry: str) -> Handed:
    """Read a path as Moodle makes it, with or without folders.

    Raises:
        LookupError: saying why it says of nobody.

    Example:

    >>> moodle("Jane Doe_678_assignsubmission_file/build.ipynb").file
    'build.ipynb'
    """
    folders = entry.split("/")
    made = (level for level, folder in enumerate(folders) if re.search(r"_assign(submission|feedback)_", folder))
    level = next(made, None)
    if level is None:
        raise LookupError("isn't named as Moodle names files")
    parts = folders[level].split("_", 4)
    if len(parts) < 4 or not re.fullmatch(r"[0-9]+", parts[1]) or parts[2] != "assignsubmission":
        raise LookupError("has no user's number: is it a group's?")
    if parts[3] != "file":
        raise LookupError(TYPED)
    file = "/".join([*parts[4:], *folders[level + 1 :]]).strip("/")
    return Handed(parts[1], parts[0], file, "_".join(parts[:4]))


NAMES = {"canvas": canvas, "moodle": moodle}
"""How each system's names are read."""
