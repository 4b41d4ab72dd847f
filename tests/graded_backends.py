"""``python -m tests.graded_backends``: grade the same answers on several backends of Keras, and store what came of it.

    python -m tests.graded_backends --output book/results/grading_backends.json --notebook build --student right_1

One notebook is executed at a time. Its seconds are processor time of both sides, so what else the machine does counts
little; the import of Keras, which happens once a run, isn't among them. Points are stored by task, and with them how
many tests wait for a teacher. The file is written after each chapter, so that a run that was stopped has something to
tell, and goes on where it was stopped: what is stored of somebody's answer on a backend isn't graded again. Take that
out of the file to have it graded anew.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import shlex
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from functional_course.grading.judging import backends
from functional_course.grading.judging.execution import Job
from functional_course.grading.judging.executors import LocalExecutor
from functional_course.grading.judging.result import Result
from functional_course.grading.running.conditions import Conditions
from functional_course.grading.running.run import Run
from functional_course.writing import write_whole

from answer_files import VARIANTS, variant
from classroom import NOTEBOOKS, course_of, solution_answers
from status import made_here

SOLUTION = "solution"
"""The student who hands in the instructor's answers."""


class Recorded(LocalExecutor):
    """An executor that keeps how each notebook went, by student and notebook."""

    def __init__(self, backend: str) -> None:
        super().__init__(1, backend)
        self.results: dict[tuple[str, str], Result] = {}

    def run(self, jobs: Iterable[tuple[Any, Job]]) -> Iterator[tuple[Any, Result | Exception]]:
        """See :class:`~functional_course.grading.judging.executors.Executor`."""
        for key, result in super().run(jobs):
            if isinstance(result, Result):
                self.results[key] = result
            yield key, result


def answers_of(chapter: str, name: str, student: str) -> dict[str, str]:
    """The answers of a variant, or the instructor's, by task."""
    if student == SOLUTION:
        return solution_answers(chapter, name)
    return {task: answer.source for task, answer in variant(chapter, name, student).items()}


def graded(
    course: Path, chapter: str, notebooks: Sequence[str], students: Sequence[str], backend: str
) -> dict[str, Any]:
    """Grade them on a backend.

    Returns:
        By notebook, written ``CHAPTER/NAME``, and by student: ``seconds``, the ``points`` of each task, ``most``, which
        is all that there are, and how many tests are ``waiting`` for a teacher.
    """
    from nbgrader.api import Gradebook

    answers = {student: {name: answers_of(chapter, name, student) for name in notebooks} for student in students}
    course_of(course, chapter, notebooks, answers)
    run, executor = Run(course, chapter, Conditions(backend=backend)), Recorded(backend)
    try:
        run.prepare()
        run.grade(executor, students, feedback=False)
    finally:
        executor.close()
    found: dict[str, Any] = {}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for name in notebooks:
            for student in students:
                grades = gradebook.find_submission_notebook(name, chapter, student).grades
                # Who handed in the same as another has no result: it was executed once for both.
                result = executor.results.get((student, name), Result())
                found.setdefault(f"{chapter}/{name}", {})[student] = {
                    "seconds": round(result.processor, 1),
                    "points": {grade.name.removeprefix("test-"): grade.score for grade in grades},
                    "most": sum(grade.max_score for grade in grades),
                    "waiting": len(result.provisional),
                }
    return found


def missing(
    of_backend: Mapping[str, Mapping[str, Any]], notebooks: Iterable[str], students: Sequence[str]
) -> list[str]:
    """Whose answers to some notebooks aren't all stored yet.

    Args:
        of_backend: what is stored of a backend: by notebook, written ``CHAPTER/NAME``, and by student.
        notebooks: written likewise.
        students: who is asked for.
    """
    return [student for student in students if any(student not in of_backend.get(name, {}) for name in notebooks)]


def main() -> None:
    """Grade what is asked for and not yet in the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backends", nargs="*", default=list(backends.NAMES), help="all three if left out")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--student", action="append", choices=[SOLUTION, *VARIANTS], help="[the solution]")
    parser.add_argument("--notebook", action="append", help="such as build [all of each chapter]")
    asked = parser.parse_args()
    students = asked.student or [SOLUTION]
    kept = json.loads(asked.output.read_text(encoding="utf-8")) if asked.output.exists() else {}
    command = "python -m tests.graded_backends " + shlex.join(sys.argv[1:])
    kept = {**made_here(), "command": command, "graded": kept.get("graded", {})}
    del kept["backend"]
    kept["versions"] |= {name: importlib.metadata.version(name) for name in asked.backends}
    for chapter, there in NOTEBOOKS.items():
        notebooks = [name for name in there if not asked.notebook or name in asked.notebook]
        for backend in asked.backends:
            of_backend = kept["graded"].setdefault(backend, {})
            lacking = missing(of_backend, [f"{chapter}/{name}" for name in notebooks], students)
            if not lacking:
                continue
            with tempfile.TemporaryDirectory() as folder:
                found = graded(Path(folder), chapter, notebooks, lacking, backend)
            for name, by_student in found.items():
                of_backend.setdefault(name, {}).update(by_student)
            _write(asked.output, kept)
            print(backend, chapter, found, flush=True)


def _write(output: Path, kept: dict[str, Any]) -> None:
    write_whole(output, json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
