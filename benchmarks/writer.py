"""How many submissions a second ``course grade`` takes in and writes, with their execution left out.

    python benchmarks/writer.py [--students 200] [--chapter 01_sequential_vs_functional]

However many machines execute notebooks, the one on which a run was started takes submissions in and writes scores,
pages and what is remembered, so a course isn't graded faster than that. Here the first of each notebook is executed and
its result is handed out for all others; from there on all is as in any run. Without a chapter, submissions are two
lines long.

What is measured goes into ``book/results/grading.json``. By the clock it says something on an idle machine only, and in
processor time on any.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from functional_course.grading.judging.execution import Job, execute
from functional_course.grading.judging.result import Result
from functional_course.grading.running.run import Run

from classes import make_class
from classroom import CHAPTERS
from small_course import ASSIGNMENT, hand_in, make_course
from stored import RESULTS, store
from usage import own_memory, processor_seconds

SMALL = "small"


class Replayed:
    """An executor that executes the first of each notebook, and answers with its result from then on."""

    workers = 1

    def __init__(self) -> None:
        self._results: dict[str, Result] = {}

    def warm_up(self) -> None:
        """See :class:`~functional_course.grading.judging.executors.Executor`."""

    def run(self, jobs: Iterable[tuple[Any, Job]]) -> Iterator[tuple[Any, Result | Exception]]:
        """See :class:`~functional_course.grading.judging.executors.Executor`."""
        for key, job in jobs:
            _, name = key
            if name not in self._results:
                self._results[name] = execute(job)
            yield key, self._results[name]

    def close(self) -> None:
        """See :class:`~functional_course.grading.judging.executors.Executor`."""


def written(course: Path, chapter: str) -> dict[str, Any]:
    """What all but the execution of a class takes, feedback pages included.

    It counts from when the first submission is written, by which all is executed that will be, and all imported.
    """
    run = Run(course, chapter)
    run.prepare()
    students = run.assignment.students()
    began: list[tuple[float, float]] = []

    def begin(student: str, status: str) -> None:
        began[:] = began or [(time.monotonic(), processor_seconds())]

    run.grade(Replayed(), students, report=begin)
    seconds, processor = (
        now - then for now, then in zip((time.monotonic(), processor_seconds()), began[0], strict=True)
    )
    return {
        "students": len(students) - 1,
        "notebooks": len(run.assignment.released),
        "seconds": round(seconds, 2),
        "processor": round(processor, 2),
        "own_mib": round(own_memory()),
    }


def main() -> None:
    """Measure, store and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--chapter", choices=CHAPTERS)
    parser.add_argument("--output", type=Path, default=RESULTS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        if asked.chapter:
            course, chapter = Path(scratch), asked.chapter
            make_class(course, chapter, asked.students)
        else:
            course, chapter = make_course(Path(scratch)), ASSIGNMENT
            for number in range(asked.students):
                hand_in(course, f"student_{number:05d}")
        found = written(course, chapter)
    store("writer", asked.chapter or SMALL, found, asked.output)
    print(found)


if __name__ == "__main__":
    main()
