"""Put the hand-ins of an archive from Canvas or Moodle where nbgrader looks for them."""

from __future__ import annotations

import contextlib
import filecmp
import itertools
import json
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from functional_course.grading.gradebook.folders import Folders
from functional_course.grading.taking_in.opening import shown
from functional_course.lms.names import NAMES, Handed, is_nobodys
from functional_course.lms.people import PEOPLE
from functional_course.notebooks.reading import LARGEST
from functional_course.writing import write_whole

MOST_FILES = 50
"""The most files that are taken of one learner."""

MOST_BYTES = 3 * LARGEST
"""The most bytes that are taken of one learner."""

MOST_ENTRIES = 100_000
"""The most entries of an archive."""

_LONGEST = 200
"""Bytes of a name. File systems take 255."""

_NBGRADERS = ("timestamp.txt", "submission_secret.txt")
"""What nbgrader itself puts beside the notebooks and believes; here it would be the learner who wrote it."""

_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What reading an entry may end with: cut off, of a wrong checksum, packed in an unknown way, or encrypted."""


class CollectError(RuntimeError):
    """The archive can't be collected; the message says why and what to do."""


@dataclass
class Collected:
    """What was collected.

    Attributes:
        learners: whose files were put into ``submitted/``.
        unchanged: whose files were there already.
        older: who has other files there, which were left as they are.
        replaced: where what was there before is kept, if anything was replaced.
        late: whose hand-in the archive calls late.
        unknown: entries that belong to nobody, and why.
        notes: what else there is to know.
    """

    learners: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    older: list[str] = field(default_factory=list)
    replaced: Path | None = None
    late: list[str] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Record:
    """By which names and numbers the system knows the learners of an assignment.

    Attributes:
        system: ``canvas`` or ``moodle``; empty if nothing was collected.
        prefixes: what the names of a learner's files began with.
        numbers: the user's number.
    """

    system: str = ""
    prefixes: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)


def recorded(folders: Folders, chapter: str) -> Record:
    """What earlier collections wrote down; empty if there was none, or if the file can't be read."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(_record_of(folders, chapter).read_text(encoding="utf-8"))
        return Record(str(known["system"]), dict(known["prefixes"]), dict(known["numbers"]))
    return Record()


def _record_of(folders: Folders, chapter: str) -> Path:
    return folders.root / ".course" / "collected" / f"{chapter}.json"


def collect(
    folders: Folders, chapter: str, archive: Path, system: str, roster: Path, *, update: bool = False
) -> Collected:
    """Put everybody's files into ``submitted/<learner>/<chapter>/``, a learner's all at once.

    Args:
        folders: the course's.
        chapter: the assignment that the archive is of.
        archive: what ``canvas`` or ``moodle`` gave out.
        system: which of the two.
        roster: a table that says who is who, see :mod:`functional_course.lms.people`.
        update: take the archive's files where others are there already, and keep those in ``.course/replaced``.

    Returns:
        What became of everybody. A file that is too large is cut after the most that the grader reads, so that the
        report says what is wrong with it.

    Raises:
        CollectError: the archive is none, or holds nothing of anybody in the roster, or was collected before with
            another roster.
        RosterError: the roster can't be used.
        OSError: nothing can be written.
    """
    people = PEOPLE[system](roster)
    done, before = Collected(), recorded(folders, chapter)
    owned: dict[str, list[tuple[zipfile.ZipInfo, Handed]]] = {}
    named: set[str] = set()
    with _opened(archive) as packed:
        for entry in packed.infolist():
            path = _path_of(entry)
            if entry.is_dir() or is_nobodys(path):
                continue
            try:
                handed = NAMES[system](path)
                named.add(handed.number)
                owned.setdefault(_folder_name(people(handed)), []).append((entry, handed))
            except LookupError as error:
                done.unknown.append((path, error.args[0]))
        if not owned:
            why = f" The first, {shown(done.unknown[0][0])}, {done.unknown[0][1]}." if done.unknown else ""
            raise CollectError(
                f"Nothing in {archive.name} is a file of somebody in {roster.name}.{why} Download all submissions of "
                "the assignment and the roster again, and give the archive as it is."
            )
        _agree(before, system, {learner: files[0][1] for learner, files in owned.items()}, roster)
        record = Record(system, dict(before.prefixes), dict(before.numbers))
        try:
            for learner, files in sorted(owned.items()):
                handed = files[0][1]
                if any(each.late for _, each in files):
                    done.late.append(learner)
                try:
                    _put(folders, chapter, learner, packed, files, done, update=update)
                except _DAMAGED as error:
                    done.notes.append(f"{shown(learner)} is left out, because a file is damaged: {shown(error)}.")
                    continue
                record.prefixes[learner], record.numbers[learner] = handed.prefix, handed.number
        finally:
            about = {"system": system, "prefixes": record.prefixes, "numbers": record.numbers}
            write_whole(_record_of(folders, chapter), json.dumps(about, indent=1, ensure_ascii=False))
    absent = [learner for number, learner in people.numbers.items() if number not in named]
    if absent:
        done.notes.append(f"{len(absent)} in the roster handed in nothing.")
    return done


@contextlib.contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        packed = zipfile.ZipFile(archive)
    except OSError as error:
        raise CollectError(f"{archive} can't be opened: {error.strerror or error}.") from error
    except (*_DAMAGED, ValueError) as error:
        raise CollectError(f"{archive} isn't a whole zip archive: {error}. Download it again.") from error
    with packed:
        if len(packed.infolist()) > MOST_ENTRIES:
            raise CollectError(f"{archive.name} has more than {MOST_ENTRIES:,} files. Collect it in parts.")
        yield packed


def _path_of(entry: zipfile.ZipInfo) -> str:
    """An entry's path as it was meant: Windows packs with backslashes, macOS without saying that names are UTF-8."""
    path = entry.filename
    if not entry.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            path = path.encode("cp437").decode("utf-8")
    return path.replace("\\", "/")


def _agree(before: Record, system: str, found: dict[str, Handed], roster: Path) -> None:
    """Refuse a roster that has other ids than an earlier one: everybody would be there twice.

    Raises:
        CollectError: naming somebody.
    """
    if before.system != system:
        return
    learners = {number: learner for learner, number in before.numbers.items()}
    for learner, handed in found.items():
        known = learners.get(handed.number, learner)
        if known != learner:
            raise CollectError(
                f"Who is {shown(learner)} in {roster.name} was collected as {shown(known)} before. Give a roster with "
                "the same columns as then."
            )


def _folder_name(learner: str) -> str:
    """An id that can be a folder's name, as it has to be for nbgrader.

    Raises:
        LookupError: it can't.
    """
    unfit = not learner.isprintable() or re.search(r"[/\\]", learner) or learner.startswith(".")
    if unfit or len(learner.encode()) > _LONGEST:
        raise LookupError(f"is of somebody whose id can't be a folder's name: {shown(learner)}")
    return learner


def _put(
    folders: Folders,
    chapter: str,
    learner: str,
    packed: zipfile.ZipFile,
    files: list[tuple[zipfile.ZipInfo, Handed]],
    done: Collected,
    *,
    update: bool,
) -> None:
    """Put a learner's files into their folder in one step, if it isn't there, or others may be replaced."""
    place = folders.submitted(learner, chapter)
    with tempfile.TemporaryDirectory(prefix=".collect-", dir=_made(folders.root / ".course")) as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        # Those in no folder first: they get the names that they have.
        ordered = sorted(files, key=lambda each: each[1].file.count("/"))
        size = 0
        for entry, handed in ordered[:MOST_FILES]:
            with packed.open(entry) as source:
                data = source.read(LARGEST + 1)
            size += len(data)
            if size > MOST_BYTES:
                done.notes.append(f"{shown(learner)} handed in more than {MOST_BYTES:,} bytes; the rest was left out.")
                break
            (new / _free_name(handed.file, new)).write_bytes(data)
        if len(files) > MOST_FILES:
            done.notes.append(f"{shown(learner)} handed in {len(files)} files; the first {MOST_FILES} were taken.")
        if place.exists():
            if _are_the_same(place, new):
                done.unchanged.append(learner)
                return
            if not update:
                done.older.append(learner)
                return
            done.replaced = folders.root / ".course" / "replaced" / chapter
            kept = (_made(done.replaced / learner) / str(count) for count in itertools.count(1))
            place.rename(next(free for free in kept if not free.exists()))
        _made(place.parent)
        new.rename(place)
        done.learners.append(learner)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _free_name(path: str, folder: Path) -> str:
    """A file's own name without its folders, or another one where that is taken or not the learner's to choose."""
    name = "".join(letter if letter.isprintable() else "_" for letter in path.rpartition("/")[2]).lstrip(".") or "file"
    if name.lower() in _NBGRADERS:
        name = f"handed_in_{name}"
    stem, ending = os.path.splitext(name)
    ending = _cut(ending, _LONGEST // 5)
    stem = _cut(stem, _LONGEST - len(ending.encode()))
    names = (f"{stem}{ending}", *(f"{stem} ({count}){ending}" for count in range(2, MOST_FILES + 2)))
    return next(each for each in names if not (folder / each).exists())


def _cut(text: str, most: int) -> str:
    """The beginning of a text, of at most so many bytes."""
    return text.encode("utf-8", "replace")[:most].decode(errors="ignore")


def _are_the_same(place: Path, new: Path) -> bool:
    """Whether a folder holds these files and no others, nbgrader's own apart."""
    names = {path.name for path in place.iterdir()} - set(_NBGRADERS)
    if names != {path.name for path in new.iterdir()} or any((place / name).is_symlink() for name in names):
        return False
    return all((place / name).is_file() and filecmp.cmp(place / name, new / name, shallow=False) for name in names)
