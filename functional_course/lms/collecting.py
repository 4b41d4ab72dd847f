"""Put the hand-ins of an archive from Canvas or Moodle where nbgrader looks for them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from functional_course.grading.folders import Folders
from functional_course.grading.opening import shown
from functional_course.lms.names import NAMES, Handed
from functional_course.lms.people import PEOPLE
from functional_course.notebooks.reading import LARGEST
from functional_course.writing import write_whole

MOST_FILES = 50
"""The most files that are taken of one learner."""

MOST_ENTRIES = 100_000
"""The most entries of an archive."""

_NBGRADERS = ("timestamp.txt", "submission_secret.txt")
"""What nbgrader itself puts beside the notebooks and believes; here it would be the learner who wrote it."""


_NOT_NAMED = "isn't named as"


class CollectError(RuntimeError):
    """The archive can't be collected; the message says why and what to do."""


@dataclass
class Collected:
    """What was collected.

    Attributes:
        learners: whose files were put into ``submitted/``.
        unchanged: whose files were there already.
        older: who has other files there, which were left as they are.
        late: whose hand-in the archive calls late.
        unknown: entries that belong to nobody, and why.
        notes: what else there is to know.
    """

    learners: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    older: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def record_of(folders: Folders, chapter: str) -> Path:
    """Where it is written down by which names the system knows everybody's files."""
    return folders.root / ".course" / "collected" / f"{chapter}.json"


def collect(
    folders: Folders, chapter: str, archive: Path, system: str, roster: Path | None = None, *, update: bool = False
) -> Collected:
    """Put everybody's files into ``submitted/<learner>/<chapter>/``, a learner's all at once.

    Args:
        folders: the course's.
        chapter: the assignment that the archive is of.
        archive: what ``canvas`` or ``moodle`` gave out.
        system: which of the two.
        roster: a table that says who is who, see :mod:`functional_course.lms.people`.
        update: take the archive's files where others are there already.

    Returns:
        What became of everybody. A file that is too large is cut after the most that the grader reads, so that the
        report says what is wrong with it.

    Raises:
        CollectError: the archive is none, or none of its names are such as the system makes.
        RosterError: the roster can't be used.
    """
    people = PEOPLE[system](roster)
    done = Collected()
    with _opened(archive) as packed:
        owned: dict[str, list[tuple[zipfile.ZipInfo, Handed]]] = {}
        for entry in packed.infolist():
            if entry.is_dir():
                continue
            readings = NAMES[system](entry.filename)
            if not readings:
                done.unknown.append((entry.filename, f"{_NOT_NAMED} {system.title()} names files"))
                continue
            try:
                learner, handed = people(readings)
                owned.setdefault(_folder_name(learner), []).append((entry, handed))
            except LookupError as error:
                done.unknown.append((entry.filename, error.args[0]))
        if not owned and all(why.startswith(_NOT_NAMED) for _, why in done.unknown):
            raise CollectError(
                f"Nothing in {archive.name} is named as {system.title()} names what was handed in. Download all "
                "submissions of the assignment, and give the archive as it is."
            )
        record = _record(record_of(folders, chapter), system)
        for learner, files in sorted(owned.items()):
            if any(handed.late for _, handed in files):
                done.late.append(learner)
            if len(files) > MOST_FILES:
                done.notes.append(f"{shown(learner)} handed in {len(files)} files; the first {MOST_FILES} were taken.")
            _put(folders.submitted(learner, chapter), packed, files[:MOST_FILES], learner, done, update=update)
            record[learner] = files[0][1].prefix
    absent = people.everybody - set(owned)
    if absent:
        done.notes.append(f"{len(absent)} in the roster handed in nothing.")
    write_whole(
        record_of(folders, chapter), json.dumps({"system": system, "prefixes": record}, indent=1, ensure_ascii=False)
    )
    return done


@contextlib.contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(archive) as packed:
            if len(packed.infolist()) > MOST_ENTRIES:
                raise CollectError(f"{archive.name} has more than {MOST_ENTRIES:,} files. Collect it in parts.")
            yield packed
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, CollectError):
            raise
        raise CollectError(f"{archive} can't be read as an archive: {error}. Download it again.") from error


def _folder_name(learner: str) -> str:
    """An id that can be a folder's name, as it has to be for nbgrader.

    Raises:
        LookupError: it can't.
    """
    if not learner.isprintable() or re.search(r"[/\\]", learner) or learner.startswith(".") or len(learner) > 200:
        raise LookupError(f"has an id that can't be a folder's name: {shown(learner)}")
    return learner


def _record(file: Path, system: str) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(file.read_text(encoding="utf-8"))
        if known["system"] == system:
            return known["prefixes"]
    return {}


def _put(
    place: Path,
    packed: zipfile.ZipFile,
    files: list[tuple[zipfile.ZipInfo, Handed]],
    learner: str,
    done: Collected,
    *,
    update: bool,
) -> None:
    """Put a learner's files into their folder in one step, if it isn't there, or others may be replaced."""
    place.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".collect-", dir=place.parent))
    try:
        new = scratch / "new"
        new.mkdir()
        for entry, handed in files:
            with packed.open(entry) as source:
                (new / _free_name(handed.file, new)).write_bytes(source.read(LARGEST + 1))
        if place.exists():
            if _contents(place) == _contents(new):
                done.unchanged.append(learner)
                return
            if not update:
                done.older.append(learner)
                return
            place.rename(scratch / "old")
        new.rename(place)
        done.learners.append(learner)
    finally:
        if (scratch / "old").exists() and not place.exists():
            (scratch / "old").rename(place)
        shutil.rmtree(scratch, ignore_errors=True)


def _free_name(name: str, folder: Path) -> str:
    """The file's own name without its folders, or another one where that is taken or not the learner's to choose."""
    name = re.sub(r"[\x00-\x1f\x7f\\]", "_", name.rpartition("/")[2])[-150:].lstrip(".") or "file"
    if name.lower() in _NBGRADERS:
        name = f"handed_in_{name}"
    stem, ending = os.path.splitext(name)
    names = (name, *(f"{stem} ({count}){ending}" for count in range(2, MOST_FILES + 2)))
    return next(each for each in names if not (folder / each).exists())


def _contents(folder: Path) -> dict[str, bytes]:
    """The files right in a folder, nbgrader's own apart."""
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and not path.is_symlink() and path.name not in _NBGRADERS
    }
