"""Pack everybody's feedback pages so that Moodle gives each to whom it belongs."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from functional_course.grading.folders import Folders
from functional_course.grading.rosters import listed
from functional_course.lms.collecting import record_of
from functional_course.writing import write_bytes_whole


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
        output: the archive to write, in one step.

    Raises:
        ReturnError: nothing was collected from Moodle, or nobody has feedback yet.
    """
    try:
        record = json.loads(record_of(folders, chapter).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReturnError(
            f"Nothing was collected for {chapter}, so nobody knows what Moodle calls its learners. "
            f"Run: course collect {chapter} ARCHIVE --from moodle --roster WORKSHEET"
        ) from None
    if record["system"] != "moodle":
        raise ReturnError(
            f"{chapter} was collected from {record['system'].title()}, which would give each page the name of the file "
            f"that was handed in, such as build.ipynb. Hand out the pages in {folders.feedback('LEARNER', chapter)} "
            "in another way."
        )
    packed, without, pages = io.BytesIO(), [], 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for learner, prefix in sorted(record["prefixes"].items()):
            found = sorted(folders.feedback(learner, chapter).glob("*.html"))
            without += [] if found else [learner]
            for page in found:
                archive.write(page, f"{prefix}/{page.name}")
            pages += len(found)
    if not pages:
        raise ReturnError(f"Nobody has feedback for {chapter} yet. Run: course grade {chapter}")
    write_bytes_whole(output, packed.getvalue())
    notes = (f"No feedback yet, and left out: {listed(without)}.",) if without else ()
    return Returned(output, len(record["prefixes"]) - len(without), pages, notes)
