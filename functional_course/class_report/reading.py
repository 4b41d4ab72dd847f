"""What a class did in a chapter: points from nbgrader's gradebook, criteria from what ``course grade`` remembers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from functional_course.grading.gradebook.folders import Folders, FoldersError, load_config
from functional_course.grading.gradebook.scoring import Scorer
from functional_course.grading.reporting.report import TaskResult
from functional_course.grading.running.ledger import Ledger, run_folder
from functional_course.grading.running.standing import results_of
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
    ledger = Ledger(run_folder(root, chapter))
    learners, damaged = [], []
    for student, standing in standings.items():
        if standing is None or all(mark.points is None and not mark.waits for mark in standing.marks):
            continue
        stored = ledger.graded(student)
        if stored is None:
            damaged.append(student)
            learners.append(Learner(student, tuple(results_of(standing, {})), verdicts=False))
            continue
        unread = frozenset(name for name, state in stored.states.items() if state != READ)
        learners.append(Learner(student, tuple(results_of(standing, stored.by_cell)), unread))
    graded = {learner.student for learner in learners}
    return ClassResults(
        chapter,
        tuple(learners),
        nothing=tuple(sorted(set(standings) - graded - handed_in)),
        ungraded=tuple(sorted(handed_in - graded)),
        damaged=tuple(damaged),
    )
