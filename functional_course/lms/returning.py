"""Pack everybody's feedback pages so that Moodle gives each to whom it belongs."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from functional_course.grading.exporting.rosters import listed
from functional_course.grading.gradebook.folders import Folders
from functional_course.lms.collecting import recorded
from functional_course.writing import write_bytes_whole

_OURS = b"feedback, packed by course return"
"""The comment of an archive, by which an earlier one is known."""


class ReturnError(RuntimeError):
    """There is nothing that could be returned; the message says why and what to do."""


@dataclass(frozen=True)
class Returned:
    """What an archive of feedback holds.

    Attributes:
        path: the archive.
        learners: how many people's pages are in it.
        pages: how many pages.
        notes: what else there is to know.
    """

    path: Path
    learners: int
    pages: int
    notes: tuple[str, ...] = ()


def give_back(folders: Folders, chapter: str, output: Path) -> Returned:
    """Pack the feedback pages of an assignment under the names by which Moodle knows everybody.

    Args:
        folders: the course's.
        chapter: the assignment.
        output: the archive to write, in one step; an earlier one of this kind is replaced.

    Raises:
        ReturnError: nothing was collected from Moodle, or nobody has feedback yet, or another file is there.
    """
    record = recorded(folders, chapter)
    if record.system == "canvas":
        raise ReturnError(
            f"{chapter} was collected from Canvas, which would give each page the name of the file that was handed in, "
            f"such as build.ipynb. Hand out the pages in {folders.feedback('LEARNER', chapter)} in another way."
        )
    if not record.prefixes:
        raise ReturnError(
            f"Nothing was collected for {chapter}, so nobody knows what Moodle calls its learners. "
            f"Run: course collect {chapter} ARCHIVE --from moodle --roster WORKSHEET"
        )
    if output.exists() and not _is_ours(output):
        raise ReturnError(f"{output} is there and no archive of feedback. Name another file to write to.")
    packed = io.BytesIO()
    without, older, pages = [], [], 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = _OURS
        for learner, prefix in sorted(record.prefixes.items()):
            found = sorted(folders.feedback(learner, chapter).glob("*.html"))
            if not found:
                without.append(learner)
                continue
            if min(page.stat().st_mtime for page in found) < _handed_in(folders.submitted(learner, chapter)):
                older.append(learner)
                continue
            for page in found:
                archive.writestr(f"{prefix}/{page.name}", page.read_bytes())
            pages += len(found)
    if not pages:
        raise ReturnError(f"Nobody has feedback for {chapter} yet. Run: course grade {chapter}")
    write_bytes_whole(output, packed.getvalue())
    notes = []
    if without:
        notes.append(f"No feedback yet, and left out: {listed(without)}.")
    if older:
        notes.append(
            f"Handed in anew since they were graded, and left out: {listed(older)}. Run: course grade {chapter}"
        )
    return Returned(output, len(record.prefixes) - len(without) - len(older), pages, tuple(notes))


def _handed_in(folder: Path) -> float:
    """When a learner's files were put there."""
    return max((path.stat().st_mtime for path in folder.glob("*")), default=0.0)


def _is_ours(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.comment == _OURS
    except (OSError, zipfile.BadZipFile):
        return False
