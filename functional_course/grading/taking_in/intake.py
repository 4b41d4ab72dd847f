"""Take in a submission: nbgrader gets the released notebook with the text of the learner's answers, and nothing else.

What a learner handed in may be damaged, hostile, or simply handled by an editor that knows nothing of nbgrader. Only
*text* crosses over: that of the answer cells, and that of code cells which the learner added. Test cells, given cells,
points, tags, checksums, the kernel, outputs and stray files are always the released ones. Each repair is a plain
sentence to the learner and one to the teacher; an honest mistake is never called an attack.

Needs POSIX, for opening files relative to a folder. Imports neither nbgrader nor Keras.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import re
import zoneinfo
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from functional_course.grading.taking_in.assembling import Cleaned, untouched
from functional_course.grading.taking_in.cleaning import clean
from functional_course.grading.taking_in.opening import (
    LARGEST,
    Entry,
    Unreadable,
    entries,
    inner_folder,
    opened_folder,
    read_file,
    shown,
)
from functional_course.grading.taking_in.released import brought_to_date
from functional_course.grading.taking_in.repairs import NOTE, REFUSED, REPAIRED, SUSPICIOUS, Repair, noted
from functional_course.grading.taking_in.roles import Role
from functional_course.grading.taking_in.slots import text_key
from functional_course.grading.taking_in.submitted import SubmittedNotebook, parse_notebook
from functional_course.writing import write_whole

import nbformat
from nbformat.notebooknode import NotebookNode

READ, MISSING, UNREADABLE = "read", "missing", "unreadable"

MOST_FILES = 12
"""The most notebooks of one folder that are opened."""

MOST_FOLDERS, MOST_LEVELS = 20, 5
"""How many folders of one level are looked into, and how many levels, for a notebook that is missing above."""

_TIME, _SECRET = "timestamp.txt", "submission_secret.txt"
"""What ``nbgrader submit`` puts beside the notebooks."""

_PACKED = re.compile(r"\.(zip|tar|t?gz|tgz|bz2|xz|7z|rar)$", re.IGNORECASE)


@dataclass(frozen=True)
class Intake:
    """A submission, ready for nbgrader.

    Attributes:
        notebooks: for each released notebook the clean one, of nbformat 4.5.
        roles: for each of them the role of each cell, which tells who wrote it.
        states: for each whether a file was ``read``, is ``missing`` or ``unreadable``. In the last two cases the clean
            notebook is the released one: no answers, 0 points.
        files: for each the file that was read, or None.
        found: all repairs, in order.
        timestamp: when it was handed in, in UTC; None if nobody knows.
        secret: what ``nbgrader submit`` made up, under which the exchange keeps the learner's feedback; None if it came
            by other means.
    """

    notebooks: dict[str, NotebookNode]
    roles: dict[str, tuple[Role, ...]]
    states: dict[str, str]
    files: dict[str, str | None]
    found: tuple[Repair, ...]
    timestamp: datetime.datetime | None = None
    secret: str | None = None

    @property
    def repairs(self) -> list[Repair]:
        """What was noted or put right."""
        return [repair for repair in self.found if repair.severity in (NOTE, REPAIRED)]

    @property
    def flags(self) -> list[Repair]:
        """What a teacher should look at: suspicious or refused."""
        return [repair for repair in self.found if repair.severity in (SUSPICIOUS, REFUSED)]

    @property
    def digest(self) -> str:
        """A fingerprint of the clean notebooks: the same one means that there is nothing new to execute."""
        text = json.dumps([self.notebooks, self.roles], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def write(self, folder: Path) -> list[Path]:
        """Write the clean notebooks, and the time and the secret if they are known, file by file in one step each."""
        written = []
        for name, notebook in self.notebooks.items():
            written.append(folder / f"{name}.ipynb")
            write_whole(written[-1], nbformat.writes(notebook) + "\n")
        if self.timestamp:
            written.append(folder / _TIME)
            write_whole(written[-1], f"{self.timestamp:%Y-%m-%d %H:%M:%S.%f} UTC\n")
        if self.secret:
            written.append(folder / _SECRET)
            write_whole(written[-1], self.secret)
        return written


def take_in(
    folder: str | Path,
    released: Mapping[str, NotebookNode],
    *,
    below: str | Path | None = None,
    given: Collection[str] = (),
    largest: int = LARGEST,
) -> Intake:
    """Take in what a learner handed in for one assignment.

    Args:
        folder: the submission, such as ``submitted/alice/01_sequential_vs_functional``.
        released: the released notebooks by name, without ``.ipynb``. They are trusted, and copied.
        below: the folder from which on no part of the path may be a link. Two levels above ``folder`` if left out.
        given: names of files and folders that were released with the notebooks, such as ``images``.
        largest: the most bytes that a file may have.

    Returns:
        The clean notebooks, one for each released one, and what was repaired.

    Raises:
        ReleasedError: a released notebook is of a format that cannot be graded.
        OSError: this machine is in trouble (no descriptors or memory left, a failing disk, no folder ``below``).
            Nothing that a learner hands in raises.

    Example:

    >>> intake = take_in("submitted/alice/01_x", {"build": released})  # doctest: +SKIP
    >>> [repair.teacher for repair in intake.flags]  # doctest: +SKIP
    ['The test cell `test-strip` had a different text; the released one was used.']
    """
    folder = Path(folder)
    released = {name: brought_to_date(name, notebook) for name, notebook in released.items()}
    found: list[Repair] = []
    files: list[_File] = []
    others: list[Entry] = []
    timestamp, secret = None, None
    opened = True
    try:
        with opened_folder(folder, Path(below) if below is not None else folder.absolute().parents[1]) as descriptor:
            listed, whole = entries(descriptor)
            others = [entry for entry in listed if entry.name not in given]
            files = _read_files(descriptor, listed, released, largest)
            timestamp = _timestamp(descriptor, listed, found)
            secret = _secret(descriptor, listed)
            _note_others(listed, whole, files, given, found)
    except Unreadable as error:
        opened = False
        entry = "folder-missing" if error.kind == "missing" else "folder"
        found.append(noted(entry, reason=error.reason, advice=error.advice))
    cleaned: dict[str, Cleaned] = {}
    states, used = {}, {}
    for name, notebook in released.items():
        chosen = _choose(name, files, others, found) if opened else None
        states[name] = MISSING if chosen is None else READ if chosen.content else UNREADABLE
        used[name] = chosen.name if chosen else None
        if chosen is None or chosen.content is None:
            cleaned[name] = untouched(notebook)
        else:
            cleaned[name] = _cleaned(name, notebook, chosen.content, found)
    notebooks = {name: one.notebook for name, one in cleaned.items()}
    roles = {name: one.roles for name, one in cleaned.items()}
    return Intake(notebooks, roles, states, used, tuple(found), timestamp, secret)


def _cleaned(name: str, released: NotebookNode, content: SubmittedNotebook, found: list[Repair]) -> Cleaned:
    try:
        return clean(name, released, content, found)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # a fault of this module must not end the run for a whole class
        found.append(noted("failed", name, error=f"{type(error).__name__}: {shown(error)}"))
        return untouched(released)


@dataclass
class _File:
    """A file that may be one of the notebooks, read or not."""

    name: str
    content: SubmittedNotebook | None = None
    wrong: Unreadable | None = None
    links: int = 1
    fits: str | None = None
    belongs: str | None = None
    work: int = 0

    @property
    def meant(self) -> str | None:
        """The released notebook that it is taken for."""
        return self.belongs or self.fits


def _read_files(
    descriptor: int, listed: list[Entry], released: Mapping[str, NotebookNode], largest: int
) -> list[_File]:
    """Read the notebooks of a folder, and for those that are missing look into the folders in it."""
    files = _read_some(descriptor, [entry.name for entry in listed], "", released, largest)
    # Whoever zips and unzips a folder has it once more inside, or twice.
    folders = _inner(listed, "")
    for _ in range(MOST_LEVELS):
        missing = [name for name in released if not any(file.meant == name for file in files)]
        if not missing or not folders:
            break
        below: list[str] = []
        for path in folders[:MOST_FOLDERS]:
            try:
                with _opened(descriptor, path) as inner:
                    names = entries(inner)[0]
                    found = _read_some(inner, [entry.name for entry in names], f"{path}/", released, largest)
            except Unreadable:
                continue
            below += _inner(names, f"{path}/")
            files += [file for file in found if file.meant in missing]
        folders = below
    return files


def _inner(listed: list[Entry], prefix: str) -> list[str]:
    """The folders in a folder, less those that programs make for themselves."""
    own = (".", "__")
    return [prefix + entry.name for entry in listed if entry.kind == "folder" and not entry.name.startswith(own)]


@contextlib.contextmanager
def _opened(descriptor: int, path: str) -> Iterator[int]:
    """A folder some levels below an open one, opened level by level."""
    with contextlib.ExitStack() as stack:
        for part in path.split("/"):
            descriptor = stack.enter_context(inner_folder(descriptor, part))
        yield descriptor


def _is_notebook(name: str) -> bool:
    return re.search(r"\.ipynb(\.txt|\.json)?$", name.casefold()) is not None and not name.startswith(".")


def _read_some(
    descriptor: int, names: list[str], prefix: str, released: Mapping[str, NotebookNode], largest: int
) -> list[_File]:
    exact = {f"{name}.ipynb" for name in released}
    names = sorted(
        filter(_is_notebook, names), key=lambda name: (name not in exact, _fits(name, released) is None, name)
    )
    files = []
    for name in names[:MOST_FILES]:
        file = _File(prefix + name, fits=_fits(name, released))
        try:
            data, file.links = read_file(descriptor, name, largest)
            file.content = parse_notebook(data)
            file.belongs, file.work = _belongs(file.content, released, file.fits)
        except Unreadable as error:
            file.wrong = error
        files.append(file)
    return files


def _fits(filename: str, released: Iterable[str]) -> str | None:
    """The released notebook that a file's name means: ``build (1).ipynb`` and ``Build-final.ipynb`` mean ``build``."""
    stem = re.sub(r"(\.ipynb)+(\.txt|\.json)?$", "", filename.casefold())
    if stem in released:
        return stem
    meant = [
        name for name in released if re.search(rf"(?<![^\W\d_]){re.escape(name.casefold())}(?![^\W\d_])", stem)
    ]  # fmt: skip
    return meant[0] if len(meant) == 1 else None


def _belongs(
    content: SubmittedNotebook, released: Mapping[str, NotebookNode], fits: str | None
) -> tuple[str | None, int]:
    """Which released notebook the cells come from, and how many of a learner's own there are in them."""
    signs = {sign for cell in content.cells for sign in (cell.grade_id, *cell.ids, text_key(cell.text)) if sign}
    hits = {name: len(signs & _signs(notebook)) for name, notebook in released.items()}
    best = max(hits, key=lambda name: (hits[name], name == content.notebook, name == fits), default=None)
    # One cell in common, such as the imports, does not make another notebook of the learner's this one.
    if best is not None and hits[best] < (1 if best == fits else 3):
        best = None
    likely = best or fits
    known = {text_key(cell.source) for cell in released[likely].cells} if likely else set()
    own = [cell for cell in content.cells if cell.kind != "markdown" and text_key(cell.text) not in known | {""}]
    return best, len(own)


def _signs(notebook: NotebookNode) -> set[str]:
    grade_ids = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    return (
        grade_ids | {cell.get("id") for cell in notebook.cells} | {text_key(cell.source) for cell in notebook.cells}
    ) - {
        None,
        "",
    }


def _choose(name: str, files: list[_File], others: list[Entry], found: list[Repair]) -> _File | None:
    """The file to grade as ``name``, and what there is to say about the choice."""
    exact = f"{name}.ipynb"
    mine = [file for file in files if file.meant == name]
    mine.sort(key=lambda file: (file.content is None, file.name != exact, [-number for number in _numbers(file.name)]))
    readable = [file for file in mine if file.content]
    worked = [file for file in readable if file.work]
    chosen = next(iter(worked or readable or mine), None)
    if chosen is None:
        instead = [entry.name for entry in others if _stands_for(entry, name)]
        near = {"place": shown(instead[0])} if instead else {}
        found.append(noted("missing-but-near" if near else "missing", name, **near))
        return None
    label = shown(chosen.name)
    if chosen.wrong:
        wrong = chosen.wrong
        repair = noted("unreadable", name, label=label, reason=wrong.reason, advice=wrong.advice)
        found.append(replace(repair, kind=wrong.kind))
        return chosen
    if chosen.name != exact:
        found.append(noted("renamed", name, label=label, by="cells" if chosen.belongs else "name"))
    not_graded = [shown(file.name) for file in mine if file is not chosen]
    if not_graded:
        listed = ", ".join(f"`{other}`" for other in not_graded[:5])
        found.append(noted("several-files", name, label=label, listed=listed))
    if chosen.links > 1:
        found.append(noted("hard-link", name, label=label, links=chosen.links))
    return chosen


def _stands_for(entry: Entry, name: str) -> bool:
    """Whether a file may hold a notebook in a form that is not read: packed, or as a script or a page."""
    exported = re.search(r"\.(py|html?|pdf|md|docx?)$", entry.name, re.IGNORECASE) is not None
    return entry.kind != "folder" and bool(_PACKED.search(entry.name) or (exported and _fits(entry.name, [name])))


def _numbers(name: str) -> list[int]:
    return [int(number[:9]) for number in re.findall(r"\d+", name)] or [0]


def _timestamp(descriptor: int, listed: list[Entry], found: list[Repair]) -> datetime.datetime | None:
    if not any(entry.name == _TIME for entry in listed):
        return None
    try:
        data, _ = read_file(descriptor, _TIME, 1000)
        moment = _moment(data.decode("utf-8", "replace").strip())
        reason = "does not hold a time"
    except Unreadable as error:
        moment, reason = None, error.reason
    if moment is None:
        found.append(noted("timestamp", reason=reason))
    return moment


def _moment(text: str) -> datetime.datetime | None:
    """nbgrader's timestamp, such as ``2015-02-02 15:58:23.948203 UTC``, in UTC."""
    parts = re.fullmatch(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,6})? ?([+-]\d\d:?\d\d|[\w/+-]{1,40})?", text)
    if not parts:
        return None
    day, clock, fraction, zone = parts.groups()
    try:
        moment = datetime.datetime.strptime(f"{day} {clock}{fraction or '.0'}", "%Y-%m-%d %H:%M:%S.%f")
        if zone and zone[0] in "+-":
            offset = datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
            known: datetime.tzinfo = datetime.timezone(-offset if zone[0] == "-" else offset)
        else:
            known = _UTC if zone in (None, "UTC", "Z", "GMT") else zoneinfo.ZoneInfo(zone)
        return moment.replace(tzinfo=known).astimezone(_UTC)
    except (ValueError, OverflowError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None


_UTC = datetime.timezone.utc


def _secret(descriptor: int, listed: list[Entry]) -> str | None:
    """nbgrader's secret, 128 hexadecimal digits; of anything else ``release_feedback`` could make no name."""
    if not any(entry.name == _SECRET for entry in listed):
        return None
    try:
        data, _ = read_file(descriptor, _SECRET, 1000)
    except Unreadable:
        return None
    return data.decode("ascii") if re.fullmatch(rb"[0-9a-f]{128}", data) else None


def _note_others(
    listed: list[Entry], whole: bool, files: list[_File], given: Collection[str], found: list[Repair]
) -> None:
    known = {_TIME, _SECRET, ".ipynb_checkpoints", ".DS_Store", *given}
    used = {file.name.split("/")[0] for file in files} | known
    left = [entry for entry in listed if entry.name not in used]
    if not left and whole:
        return
    names = ", ".join(f"`{shown(entry.name, 40)}`" for entry in left[:5])
    more = f" and {len(left) - 5} more" if len(left) > 5 else ""
    cut = "" if whole else " There are too many files to list them all."
    links = sum(entry.kind == "link" for entry in left)
    about = f" {links} of them are links." if links else ""
    found.append(noted("files", names=f"{names}{more}", cut=cut, linked=about))
