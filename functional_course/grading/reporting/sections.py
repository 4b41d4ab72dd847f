"""The lists of a run's report under their titles, in whichever form, what matters most first."""

from __future__ import annotations

from dataclasses import dataclass

from functional_course.grading.reporting.plain_text import LONGEST_TEXT
from functional_course.grading.reporting.report import RunReport
from functional_course.grading.reporting.sentences import LONGEST_NAMES, change_said, waiting_said
from functional_course.grading.taking_in.repairs import NOTE, REFUSED, REPAIRED, SUSPICIOUS, WAITING, Repair


@dataclass(frozen=True)
class Section:
    """A list under a title.

    Attributes:
        title: what is listed.
        lines: of each line its parts, between which stands a colon: a text, or a learner and a text.
        longest: characters that stay of each part.
    """

    title: str
    lines: tuple[tuple[str, ...], ...]
    longest: int = LONGEST_TEXT


def sections(report: RunReport) -> list[Section]:
    """What waits for the teacher, the scores that changed, and all repairs; a section without any line is left out."""
    found = [
        Section("Waiting for you", tuple((sentence,) for sentence in waiting_said(report)), LONGEST_NAMES),
        Section("Changed scores", tuple((change_said(change),) for change in report.changes)),
        Section("To look at", _repairs(report, SUSPICIOUS, REFUSED)),
        Section("Provisional", _repairs(report, WAITING)),
        Section("Repaired", _repairs(report, REPAIRED)),
        Section("Noted", _repairs(report, NOTE)),
    ]
    return [section for section in found if section.lines]


def to_look_at(report: RunReport, *severities: str) -> list[tuple[str, Repair]]:
    """Who has repairs of these severities, and which."""
    return [(row.student, repair) for row in report.rows for repair in row.repairs if repair.severity in severities]


def _repairs(report: RunReport, *severities: str) -> tuple[tuple[str, str], ...]:
    return tuple((student, repair.teacher) for student, repair in to_look_at(report, *severities))
