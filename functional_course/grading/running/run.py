"""Grade a class: take in, execute, score, write feedback. What was done stays done, so a run can be cut off anywhere.

Learner code runs in :mod:`functional_course.grading.judging.execution` only, several submissions at a time. Scores are
written by this process alone, one submission after another.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from functional_course.grading.executing.clocks import grace
from functional_course.grading.gradebook import notes, pages
from functional_course.grading.gradebook.folders import Folders, FoldersError, load_config
from functional_course.grading.gradebook.hiding import hidden_markers
from functional_course.grading.gradebook.naming import why_no_student
from functional_course.grading.gradebook.scoring import Scorer, Standing, is_locked
from functional_course.grading.judging import basis as bases
from functional_course.grading.judging.execution import (
    CONTAINER,
    IMAGE,
    NAMESPACES,
    NONE,
    NOTEBOOK_SECONDS,
    Result,
    Task,
    policy,
)
from functional_course.grading.judging.executors import Executor
from functional_course.grading.releasing.release import ReleaseError, release
from functional_course.grading.reporting.report import (
    RUBRIC,
    TEST,
    Change,
    Row,
    RunReport,
    TaskResult,
    criteria_of,
    task_rows,
)
from functional_course.grading.running.apart import Apart, Limits, OverLimitError, WorkFailedError
from functional_course.grading.running.handling import FEEDBACK, FINISH, SCORE, TAKE_IN, Handling, executed_file
from functional_course.grading.running.remembered import (
    is_whole,
    read_json,
    remembered_file,
    results_of,
    run_folder,
    stored_results,
)
from functional_course.grading.taking_in.plan import CELL_SECONDS, Plan
from functional_course.grading.taking_in.released import ReleasedError, read_released
from functional_course.grading.taking_in.repairs import WAITING, Repair, noted
from functional_course.notebooks.beside import handed_out
from functional_course.sandbox import Policy, container
from functional_course.writing import write_whole

import nbformat
from nbformat.notebooknode import NotebookNode

FORMAT = 3
"""Changes when what is stored between runs does."""


class GradeError(RuntimeError):
    """The class cannot be graded as asked; the message says what to do."""


TAKING_IN = Limits(cpu_seconds=60, memory_bytes=1024**3)
SCORING = Limits(cpu_seconds=60, memory_bytes=1024**3)
PAGES = ((pages.FULL, Limits(cpu_seconds=20)), (pages.PLAIN, Limits(cpu_seconds=20)), (pages.BARE, Limits()))
"""What the work on one submission may take. It is a hundred times what honest ones need."""


@dataclass
class _Submission:
    """A submission that was taken in: the cells to run and nbgrader's marks of cells, both by notebook, and what became
    of the file of each notebook."""

    student: str
    digest: str
    handed_in: str
    found: tuple[Repair, ...]
    cells: dict[str, list[dict[str, Any]]]
    marks: dict[str, dict[int, dict[str, Any]]]
    results: dict[str, Result]
    states: dict[str, str]


class Run:
    """The grading of one assignment.

    Args:
        root: the course.
        assignment: the chapter.
        sandbox: ``namespaces``, ``container`` or ``none``.
        image: the container's.
        cell_seconds: how long a cell may take.
        notebook_seconds: how long a notebook may take, tests included; the usual time if left out, or that of two
            cells if it is more.
        memory_bytes: what a submission may take; a sandbox's usual if left out.
        processes: how many processes and threads it may have; a sandbox's usual if left out.
        provisional: what counts of a test that could not be judged safely until a teacher has looked at it: ``keep``,
            what it earned beside the learner's code, or ``zero``.

    Raises:
        GradeError: there is no such chapter, or one of its notebooks cannot be read.
    """

    def __init__(
        self,
        root: Path,
        assignment: str,
        *,
        sandbox: str = NAMESPACES,
        image: str = IMAGE,
        cell_seconds: int = CELL_SECONDS,
        notebook_seconds: int | None = None,
        memory_bytes: int | None = None,
        processes: int | None = None,
        provisional: str = "keep",
    ) -> None:
        self.provisional = provisional
        self.root, self.assignment, self.sandbox, self.image = root, assignment, sandbox, image
        self.limits = (cell_seconds, notebook_seconds or max(NOTEBOOK_SECONDS, 2 * cell_seconds))
        asked = {"memory_bytes": memory_bytes, "processes": processes}
        self.taken = {name: value for name, value in asked.items() if value is not None}
        self.config = load_config(root)
        try:
            self.folders = Folders(self.config)
        except FoldersError as error:
            raise GradeError(str(error)) from error
        self.work = run_folder(root, assignment)
        place = self.folders.source(assignment)
        sources = sorted(place.glob("*.ipynb"))
        if not sources:
            shown = os.path.relpath(place, root)
            raise GradeError(f"There is no {shown} with notebooks in it. Name a chapter as it is there.")
        markers = hidden_markers(self.config)
        self.plans = {path.stem: Plan(_read_source(path), seconds=cell_seconds, markers=markers) for path in sources}
        self.given = tuple(handed_out(place))
        self.released: dict[str, NotebookNode] = {}
        usual = Policy()
        limits = {
            "cell": f"{self.limits[0]} s",
            "notebook": f"{self.limits[1]} s",
            "memory": f"{self.taken.get('memory_bytes', usual.memory_bytes) // 1024**2} MiB",
            "processes": self.taken.get("processes", usual.processes),
        }
        self.basis = bases.basis(
            sources, self.given, sandbox, container.identified(image) if sandbox == CONTAINER else image, limits
        )

    def prepare(self) -> None:
        """Have nbgrader know the assignment and its tests: generate it again if it changed since the last run."""
        stamp = self.work / "generated.json"
        folder = self.work / "released"
        # The notebooks that learners get, and what nbgrader knows of them, come from these.
        parts = ("the instructor's notebooks", "the course's package")
        made = {"format": FORMAT, **{name: self.basis[name] for name in parts}}
        if not (stamp.exists() and json.loads(stamp.read_text()) == made and self.scorer().known()):
            shutil.rmtree(folder, ignore_errors=True)
            try:
                release(self.root, folder, [self.assignment])
            except ReleaseError as error:
                raise GradeError(str(error)) from error
            stamp.parent.mkdir(parents=True, exist_ok=True)
            write_whole(stamp, json.dumps(made))
        names = sorted((folder / self.assignment).glob("*.ipynb"))
        try:
            self.released = {path.stem: read_released(path) for path in names}
        except ReleasedError as error:
            raise GradeError(str(error)) from error

    def scorer(self) -> Scorer:
        """What writes the scores."""
        return Scorer(self.config, self.work / "clean", self.assignment)

    def students(self) -> list[str]:
        """Who handed in something for this assignment, by name."""
        return self.folders.students(self.assignment)

    def remembers(self, students: Iterable[str]) -> bool:
        """Whether all of these were graded before, which does not say that nothing has changed since."""
        return all(self._remembered(student).exists() for student in students)

    def judged_again(self, students: Iterable[str]) -> dict[str, int]:
        """How many of these were graded on another basis and will be judged again, by the reason why."""
        reasons: dict[str, int] = {}
        for student in students:
            stored = read_json(self._remembered(student))
            reason = bases.why(stored.get("basis"), self.basis) if stored else ""
            if reason:
                reasons[reason] = reasons.get(reason, 0) + 1
        return reasons

    def grade(
        self,
        executor: Executor,
        students: Sequence[str],
        *,
        feedback: bool = True,
        again: bool = False,
        report: Callable[[str, str], None] = lambda student, status: None,
        keep: Collection[int] = (),
    ) -> RunReport:
        """Grade these students.

        Args:
            executor: where notebooks are executed.
            students: whom.
            feedback: whether to write feedback pages.
            again: grade also what is graded and unchanged.
            report: called with a student and what became of the submission.
            keep: file descriptors of a lock that lasts as long as a process of the run.

        Returns:
            The teacher's report, of these students.
        """
        work = Handling(
            self.folders, self.work, self.assignment, self.released, self.plans, [path.name for path in self.given],
            self.scorer(),
        )  # fmt: skip
        with Apart(work, keep, work.prepare) as apart:
            return self._grade(apart, executor, students, feedback, again, report)

    def _grade(
        self,
        apart: Apart,
        executor: Executor,
        students: Sequence[str],
        feedback: bool,
        again: bool,
        report: Callable[[str, str], None],
    ) -> RunReport:
        sentences = again_sentences(self.judged_again(students))
        self._changes: list[Change] = []
        scorer = self.scorer()
        rows: dict[str, tuple[Row, list[TaskResult]]] = {}
        open_ones: dict[str, _Submission] = {}

        def done(student: str, row: Row, results: Iterable[TaskResult] = ()) -> None:
            rows[student] = row, list(results)
            report(student, row.status)

        started, late = 0, []

        def finish(student: str, name: str, result: Result) -> None:
            submission = open_ones[student]
            submission.results[name] = result
            self._store(submission, name, result)
            if len(submission.results) == len(self.released):
                del open_ones[student]
                done(student, *self._finish(apart, submission, scorer, feedback))

        def tasks() -> Iterator[tuple[tuple[str, str], Task]]:
            nonlocal started
            for student in students:
                why_not = why_no_student(student)
                if why_not is not None:
                    done(student, self._unscored(student, (), noted("no-name", why=why_not)))
                    continue
                try:
                    submission = self._taken_in(apart, student)
                except (OverLimitError, WorkFailedError) as error:
                    done(student, self._unscored(student, (), noted("not-taken-in", why=error)))
                    continue
                stored = None if again else self._done(submission)
                if stored is not None and scorer.graded(student):
                    if feedback and not (stored["feedback"] and scorer.has_feedback(student, self.released)):
                        try:
                            about = self._make_pages(apart, student)
                        except Exception as error:  # as in _finish: one submission does not end the run
                            done(student, self._unscored(student, submission.found, _no_score(error)))
                            continue
                        stored = {**stored, "feedback": True}
                        stored["row"] = {
                            **stored["row"],
                            "repairs": stored["row"]["repairs"] + list(map(_plain, about)),
                        }
                        self._remember(student, stored)
                    done(student, *self._unchanged(student, stored, scorer))
                    continue
                stored = {} if again else self._executed(submission)
                submission.results = stored
                missing = [name for name in self.released if name not in stored]
                if not missing:
                    done(student, *self._finish(apart, submission, scorer, feedback))
                    continue
                open_ones[student] = submission
                for name in missing:
                    started += 1
                    yield (student, name), self._task(submission, name)

        for (student, name), result in executor.run(tasks()):
            if isinstance(result, Exception):
                raise GradeError(f"{student}/{name} could not be executed: {result}") from result
            if result.ended_by == "wall" and started > 1:
                late.append((student, name))
                continue
            finish(student, name, result)
        if late:
            sentences.append(_late_sentence(len(late)))
        for student, name in late:
            # One at a time: what was slow beside others has the machine to itself.
            for _, result in executor.run([((student, name), self._task(open_ones[student], name))]):
                if isinstance(result, Exception):
                    raise GradeError(f"{student}/{name} could not be executed: {result}") from result
                finish(student, name, result)
        shutil.rmtree(self.work / "clean", ignore_errors=True)
        ordered = [rows[student] for student in students if student in rows]
        return RunReport(
            self.assignment,
            tuple(row for row, _ in ordered),
            task_rows((row.student, results) for row, results in ordered),
            about=tuple(sentences),
            warnings=self._warnings(),
            changes=tuple(self._changes),
        )

    # --- one submission ----------------------------------------------------------------------------------------------

    def _taken_in(self, apart: Apart, student: str) -> _Submission:
        rests_on = json.dumps([FORMAT, self.basis, self.provisional], sort_keys=True)
        taken = apart({"do": TAKE_IN, "student": student, "rests_on": rests_on}, TAKING_IN)
        found = tuple(Repair(**each) for each in taken["found"])
        marks = {name: {int(index): mark for index, mark in each.items()} for name, each in taken["marks"].items()}
        return _Submission(
            student, taken["digest"], taken["handed_in"], found, taken["cells"], marks, {}, taken["states"]
        )

    def _task(self, submission: _Submission, name: str) -> Task:
        return Task(
            submission.cells[name],
            self.sandbox,
            self.policy(),
            self.limits[1],
            f"{submission.student}/{name}",
            self.image,
        )

    def policy(self) -> str:
        """The sandbox of both sides, as JSON.

        Nothing of the course but its package may be seen, though it may lie in a folder that Python needs.
        """
        database = [self.folders.database] if self.folders.database else []
        hidden = [*self.folders.all(), self.root / ".course", *database]
        # A sandbox ends what takes more than the notebook's time, but not before that was noticed and said.
        most = self.limits[1] + int(grace(self.limits[1]))
        usual = policy(self.sandbox, hidden, most, self.given)
        return replace(Policy.from_json(usual), **self.taken).to_json() if self.taken else usual

    def _store(self, submission: _Submission, name: str, result: Result) -> None:
        path = executed_file(self.work, submission.student, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps({"digest": submission.digest, "result": result.as_json()}))

    def _executed(self, submission: _Submission) -> dict[str, Result]:
        """What an earlier run executed of this very submission and did not come to score."""
        found = {}
        for name in self.released:
            data = read_json(executed_file(self.work, submission.student, name))
            if data and data.get("digest") == submission.digest:
                found[name] = Result.from_json(data["result"])
        return found

    def _remembered(self, student: str) -> Path:
        return remembered_file(self.work, student)

    def _remember(self, student: str, data: dict[str, Any]) -> None:
        path = self._remembered(student)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(data))

    def _done(self, submission: _Submission) -> dict[str, Any] | None:
        """What is remembered of the grading of this very submission: row, results, and whether it has feedback."""
        data = read_json(self._remembered(submission.student))
        return data if data and data.get("digest") == submission.digest and is_whole(data) else None

    def _unchanged(self, student: str, data: dict[str, Any], scorer: Scorer) -> tuple[Row, list[TaskResult]]:
        # The points are the gradebook's: a teacher may have given some since.
        standing = scorer.standing(student) or Standing(0.0, 0.0)
        told = (Repair(**each) for each in data["row"]["repairs"])
        row = Row(**{**data["row"], "status": "unchanged", "repairs": tuple(told)})
        return _as_it_stands(row, standing), results_of(standing, stored_results(data))

    def _finish(
        self, apart: Apart, submission: _Submission, scorer: Scorer, feedback: bool
    ) -> tuple[Row, list[TaskResult]]:
        """Score one submission and remember it. Cut off anywhere, it is done again from what was executed."""
        student = submission.student
        repairs = (*submission.found, *self._found(submission))
        said = {name: notes.sentences(repairs, name) + _graded_by_hand(submission, name) for name in submission.results}
        try:
            provisional = self._provisional(submission)
            same = (read_json(self._remembered(student)) or {}).get("handed_in") == submission.handed_in
            job = {"student": student, "said": said, "provisional": provisional, "same": same}
            repairs = (*repairs, *self._scored(apart, job, feedback))
        except Exception as error:  # what one submission does to nbgrader is not to end the run for a whole class
            if is_locked(error):  # that is no fault of this submission's, and the next ones would wait as long
                raise
            return self._unscored(student, submission.found, _no_score(error)), []
        standing = scorer.standing(student) or Standing(0.0, 0.0)
        results = results_of(standing, self._judged(submission))
        seconds = sum(result.seconds for result in submission.results.values())
        row = _as_it_stands(Row(student, None, 0.0, seconds, "graded", repairs), standing)
        stored = {"row": _plain(row), "results": [_plain(each) for each in results], "feedback": feedback}
        self._changes += self._changed(student, results)
        known = {
            "digest": submission.digest,
            "handed_in": submission.handed_in,
            "basis": self.basis,
            "states": submission.states,
        }
        self._remember(student, {**known, **stored})
        shutil.rmtree(self.work / "executed" / student, ignore_errors=True)
        # Another submission may have been taken in already, and wait for its execution.
        shutil.rmtree(scorer.clean_folder(student), ignore_errors=True)
        return row, results

    def _changed(self, student: str, results: Sequence[TaskResult]) -> Iterator[Change]:
        """The scores that are others than those that are remembered."""
        stored = read_json(self._remembered(student))
        if not stored or not is_whole(stored):
            return
        why = bases.why(stored.get("basis"), self.basis) or "the submission changed or was graded once more"
        before = {(each["notebook"], each.get("cell")): each.get("judged") for each in stored["results"]}
        for each in results:
            points = before.get((each.notebook, each.cell))
            if None not in (points, each.judged) and points != each.judged:
                task = f"{each.notebook} / {each.cell.removeprefix('test-')}"
                yield Change(student, task, points, each.judged, why)

    def _provisional(self, submission: _Submission) -> dict[str, dict[str, float]]:
        """By notebook and grade id, the points of what waits for a teacher."""
        strict = self.provisional == ZERO
        return {
            name: {
                submission.marks[name][index]["grade_id"]: points.strict if strict else points.kept
                for index, points in result.provisional.items()
            }
            for name, result in submission.results.items()
        }

    def _scored(self, apart: Apart, job: Mapping[str, Any], feedback: bool) -> list[Repair]:
        """Score a submission and write its pages; returns what to say of the pages.

        Raises:
            OverLimitError: it could not be scored, or not even the simplest pages could be made.
        """
        if feedback:
            with contextlib.suppress(OverLimitError):
                apart({"do": FINISH, **job}, PAGES[0][1])
                return []
        # One by one, each has limits of its own, and it is known for what they were too little.
        apart({"do": SCORE, **job}, SCORING)
        return self._make_pages(apart, job["student"]) if feedback else []

    def _make_pages(self, apart: Apart, student: str) -> list[Repair]:
        """Write feedback pages, simpler ones if what the learner handed in takes too much; returns what to say of it.

        Raises:
            OverLimitError: not even the simplest could be made.
        """
        over: list[OverLimitError] = []
        for style, limits in PAGES:
            try:
                apart({"do": FEEDBACK, "student": student, "style": style}, limits)
            except OverLimitError as error:
                over.append(error)
                continue
            return [] if style == pages.FULL else [_simpler_pages(over[-1], style)]
        raise over[-1]

    def _unscored(self, student: str, found: tuple[Repair, ...], why: Repair) -> Row:
        """What the report says of a submission that nbgrader could not score. It is tried again in the next run."""
        most = sum(
            float(cell.metadata.get("nbgrader", {}).get("points", 0))
            for notebook in self.released.values()
            for cell in notebook.cells
        )
        return Row(student, None, most, None, "not scored", (*found, why))

    def _judged(self, submission: _Submission) -> dict[tuple[str, str], TaskResult]:
        """By notebook and grade id, what the graded cells of a submission showed; their points are nbgrader's."""
        found = {}
        for name, notebook in self.released.items():
            shown = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in notebook.cells}
            for index, mark in submission.marks[name].items():
                if mark.get("grade") or mark.get("task"):
                    cell, outputs = mark["grade_id"], submission.results[name].outputs.get(index, [])
                    criteria = criteria_of(outputs, shown.get(cell))
                    kind, seconds = RUBRIC if criteria else TEST, _seconds(submission, name, cell)
                    found[name, cell] = TaskResult(
                        name, cell, 0.0, 0.0, criteria, _stopped(outputs), kind=kind, seconds=seconds
                    )
        return found

    def _found(self, submission: _Submission) -> Iterator[Repair]:
        """What the execution has to say about a submission."""
        for name, result in submission.results.items():
            for index, text in result.ended.items():
                task = submission.marks[name].get(index, {}).get("grade_id", "")
                yield noted("ended", name, task, label=f"`{task}`" if task else f"Cell {index + 1}", text=text)
            if result.trouble:
                yield noted("trouble", name, why=result.trouble)
            for index in result.provisional:
                mark = submission.marks[name][index]
                points = self._provisional(submission)[name][mark["grade_id"]]
                yield noted("provisional", name, mark["grade_id"], points=points, most=float(mark["points"]))
            for each in result.said:
                yield noted("unjudged", name, answer=each["name"], text=each["why"])

    def _warnings(self) -> tuple[str, ...]:
        if self.sandbox != NONE:
            return ()
        return (
            "This run had no sandbox (--sandbox none): learners' code ran with your rights. "
            "It could read and change everything that you can.",
        )


KEEP, ZERO = "keep", "zero"
"""What counts of a test that could not be judged safely: what it earned in one kernel, or nothing."""


def again_sentences(reasons: Mapping[str, int]) -> list[str]:
    """What a teacher reads about submissions that are judged again, with the reasons of :meth:`Run.judged_again`."""
    return [
        f"{count} {'submission is' if count == 1 else 'submissions are'} judged again: {reason}."
        for reason, count in reasons.items()
    ]


def _late_sentence(count: int) -> str:
    what = (
        "notebook ran out of time by the clock beside others and was"
        if count == 1
        else ("notebooks ran out of time by the clock beside others and were")
    )
    return f"{count} {what} run again alone."


def _simpler_pages(error: Exception, style: str) -> Repair:
    without = "colours and long outputs" if style == pages.PLAIN else "the learner's own cells"
    return noted("simpler-pages", without=without, why=error)


def _no_score(error: Exception) -> Repair:
    of_its_own = isinstance(error, (OverLimitError, WorkFailedError))
    return noted("unscored", why=error if of_its_own else f"{type(error).__name__}: {error}")


def _seconds(submission: _Submission, name: str, cell: str) -> float | None:
    """Processor time of a test and of the answer that it is for; None if neither ran."""
    own = {cell, cell.removeprefix("test-")}
    taken = submission.results[name].taken
    marks = submission.marks[name].items()
    spent = [taken[index] for index, mark in marks if mark["grade_id"] in own and index in taken]
    return round(sum(spent), 3) if spent else None


def _stopped(outputs: Sequence[Mapping[str, Any]]) -> str:
    """What stood between a test and its points."""
    for output in outputs:
        if output["output_type"] == "error":
            return f"{output['ename']}: {output['evalue']}".rstrip(": ")
        if output["output_type"] == "stream" and output["name"] == "stderr":
            return "it wrote to stderr"
    return ""


def _graded_by_hand(submission: _Submission, name: str) -> list[str]:
    """What a learner is told of the cells of a notebook that only a teacher can give points for."""
    cells = [
        f"`{mark['grade_id']}`"
        for mark in submission.marks[name].values()
        if mark.get("task") or (mark.get("grade") and (mark.get("solution") or mark.get("cell_type") == "markdown"))
    ]
    if not cells:
        return []
    what, them = ("this cell", "it") if len(cells) == 1 else ("these cells", "them")
    return [f"Your teacher looks at {what} and grades {them} by hand: {', '.join(cells)}."]


def _as_it_stands(row: Row, standing: Standing) -> Row:
    """A row with what the gradebook has: what a teacher has looked at since waits no longer."""
    waiting = {(mark.notebook, mark.cell) for mark in standing.marks if mark.waits}
    kept = tuple(each for each in row.repairs if each.severity != WAITING or (each.notebook, each.cell) in waiting)
    now = {"points": standing.points, "most": standing.most, "late": standing.late, "waiting": len(waiting)}
    return replace(row, repairs=kept, **now)


def _plain(value: Any) -> Any:
    from dataclasses import asdict

    return asdict(value)


def _read_source(path: Path) -> NotebookNode:
    try:
        return nbformat.read(path, 4)
    except Exception as error:  # not JSON, no notebook, not UTF-8
        raise GradeError(
            f"{path} cannot be read as a notebook: {error}. Repair it and run the command again."
        ) from error
