"""What a class did in a chapter: points from nbgrader's gradebook, criteria from what ``course grade`` remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functional_course.grading.gradebook.folders import Folders, FoldersError, load_config
from functional_course.grading.gradebook.scoring import Scorer
from functional_course.grading.reporting.report import TaskResult
from functional_course.grading.running.remembered import (
    read_json,
    remembered_file,
    results_of,
    run_folder,
    stored_results,
)
from functional_course.grading.taking_in.finite import is_finite
from functional_course.grading.taking_in.intake import READ


class ReportError(RuntimeError):
    """There is nothing to report; the message says why and what to do."""


@dataclass(frozen=True)
class Learner:
    """What one learner did in a chapter.

    Attributes:
        student: who it is.
        results: in all graded cells.
        unread: the notebooks that were not handed in, or could not be read.
        verdicts: whether it is known what the tests showed; else there are only points.
    """

    student: str
    results: tuple[TaskResult, ...]
    unread: frozenset[str] = frozenset()
    verdicts: bool = True


@dataclass(frozen=True)
class ClassResults:
    """What a class did in a chapter.

    Attributes:
        chapter: the assignment.
        learners: who has been graded, in order.
        nothing: who is in the gradebook and handed in nothing.
        ungraded: who handed in something that has no score yet.
        damaged: whose remembered verdicts could not be read.
    """

    chapter: str
    learners: tuple[Learner, ...] = ()
    nothing: tuple[str, ...] = ()
    ungraded: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()


def read_class(root: Path, chapters: tuple[str, ...] = ()) -> list[ClassResults]:
    """What the class did in some chapters, or in all that somebody handed in.

    Args:
        root: the course.
        chapters: their names.

    Raises:
        ReportError: there is no gradebook, no such chapter, or nobody handed in anything.
    """
    config = load_config(root)
    try:
        folders = Folders(config)
    except FoldersError as error:
        raise ReportError(str(error)) from error
    database = folders.database
    if database is not None and not database.is_file():
        raise ReportError("There is no gradebook yet. Run course grade CHAPTER first.")
    known = folders.assignments()
    unknown = [chapter for chapter in chapters if chapter not in known]
    if unknown:
        raise ReportError(f"There is no chapter {unknown[0]}. There are: {', '.join(known) or 'none'}.")
    chosen = list(dict.fromkeys(chapters)) or [chapter for chapter in known if folders.students(chapter)]
    if not chosen:
        raise ReportError("Nobody has handed in anything yet. Run nbgrader collect, and then course grade CHAPTER.")
    return [_read(root, Scorer(config, root, chapter), chapter) for chapter in chosen]


def _read(root: Path, scorer: Scorer, chapter: str) -> ClassResults:
    handed_in = set(scorer.folders.students(chapter))
    standings = scorer.standings()
    work = run_folder(root, chapter)
    learners, damaged = [], []
    for student, standing in standings.items():
        if standing is None or all(mark.points is None and not mark.waits for mark in standing.marks):
            continue
        try:
            stored = _checked(read_json(remembered_file(work, student)))
        except (KeyError, TypeError, ValueError, AttributeError):
            damaged.append(student)
            learners.append(Learner(student, tuple(results_of(standing, {})), verdicts=False))
            continue
        results, unread = stored
        learners.append(Learner(student, tuple(results_of(standing, results)), unread))
    graded = {learner.student for learner in learners}
    return ClassResults(
        chapter,
        tuple(learners),
        nothing=tuple(sorted(set(standings) - graded - handed_in)),
        ungraded=tuple(sorted(handed_in - graded)),
        damaged=tuple(damaged),
    )


def _checked(data: Mapping[str, Any] | None) -> tuple[dict[tuple[str, str], TaskResult], frozenset[str]]:
    """What is remembered of one submission: its results, and the notebooks that were not read.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is nothing that a run wrote.
    """
    if data is None:
        raise ValueError("nothing is remembered")
    results = stored_results(data)
    for result in results.values():
        texts = [result.stopped, *(text for each in result.criteria for text in (each.title, each.message))]
        if not all(isinstance(text, str) for text in texts) or not (
            result.seconds is None or is_finite(result.seconds)
        ):
            raise TypeError("these are no verdicts")
    # Runs before this was remembered say nothing of it.
    return results, frozenset(name for name, state in data.get("states", {}).items() if state != READ)
