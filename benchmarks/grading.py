"""How fast ``course grade`` is, against ``nbgrader autograde`` and with the same scores.

    python benchmarks/grading.py class [--chapter 01_sequential_vs_functional] [--students 24] [--sample 2]
    python benchmarks/grading.py small 200 1000

The first has a class of learners hand in all notebooks of each chapter. ``course grade`` grades all of them, plain
nbgrader the first few, and what these get is compared score by score. The second has classes of these sizes hand in a
notebook of two lines, to show how time and memory grow.

What is measured goes into ``book/results/grading.json``, chapter by chapter and size by size. A run that was cut off
goes on with the next one when the command is run again; ``--again`` measures also what is there.
``python -m tests.grading_speed_page`` then puts it into the page of the book.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import multiprocessing
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from classes import make_class
from classroom import CHAPTERS, NOTEBOOKS
from small_course import ASSIGNMENT, hand_in, make_course
from stored import RESULTS, read, store
from usage import Memory, own_memory, processor_seconds


def with_course(course: Path, chapter: str, workers: int) -> dict[str, Any]:
    """What ``course grade`` takes for a class, from the start of the process that imports Keras, without feedback."""
    from functional_course.grading.running.grade import grade_class

    memory = Memory()
    memory.start()
    before, began = processor_seconds(), time.monotonic()
    grade_class(course, chapter, workers=workers, feedback=False, progress=_show)
    seconds, processor = time.monotonic() - began, processor_seconds() - before
    return {
        "workers": workers,
        "seconds": round(seconds, 1),
        "processor": round(processor, 1),
        "workers_mib": round(memory.stop()),
        "own_mib": round(own_memory()),
    }


def with_nbgrader(course: Path, chapter: str) -> dict[str, Any]:
    """What ``nbgrader autograde`` takes for a class."""
    environment = {**os.environ, "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])}
    environment.pop("JUPYTER_DEFAULT_PROVISIONER_NAME", None)
    run = [sys.executable, "-m", "nbgrader"]
    subprocess.run([*run, "generate_assignment", chapter], cwd=course, env=environment, check=True, capture_output=True)
    before, began = processor_seconds(), time.monotonic()
    subprocess.run([*run, "autograde", chapter], cwd=course, env=environment, check=True, capture_output=True)
    return {"seconds": round(time.monotonic() - began, 1), "processor": round(processor_seconds() - before, 1)}


def scores(course: Path, chapter: str) -> dict[tuple[str, str, str], tuple[float, bool]]:
    """By student, notebook and cell, the points, and whether a teacher has to look at them."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {
            (submission.student.id, notebook.name, grade.name): (grade.score, bool(grade.needs_manual_grade))
            for submission in gradebook.assignment_submissions(chapter)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def compared(
    ours: dict[tuple[str, str, str], tuple[float, bool]], theirs: dict[tuple[str, str, str], tuple[float, bool]]
) -> dict[str, int]:
    """How many scores of theirs we have otherwise; those that wait for a teacher count apart."""
    waiting = {key for key in theirs if key in ours and ours[key][1]}
    different = sum(key not in ours or ours[key][0] != theirs[key][0] for key in theirs.keys() - waiting)
    return {"scores": len(theirs), "different": different, "waiting": len(waiting)}


@contextlib.contextmanager
def own_warm_process() -> Iterator[str]:
    """A folder for temporary files, and so for a process with Keras that nobody has started before."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        os.environ["TMPDIR"] = tempfile.tempdir = scratch
        yield scratch


def of_a_class(chapter: str, students: int, sample: int, workers: int) -> dict[str, Any]:
    """Grade a chapter for a class both ways; nbgrader grades its first learners."""
    with own_warm_process() as scratch:
        ours, theirs = Path(scratch, "ours"), Path(scratch, "theirs")
        make_class(ours, chapter, students)
        make_class(theirs, chapter, min(sample, students))
        found = with_course(ours, chapter, workers)
        plain = with_nbgrader(theirs, chapter)
        both = compared(scores(ours, chapter), scores(theirs, chapter))
    notebooks = {"students": students, "notebooks": len(NOTEBOOKS[chapter])}
    return {**notebooks, **found, "nbgrader": {"students": min(sample, students), **plain}, **both}


def of_small_ones(students: int, workers: int) -> dict[str, Any]:
    """Grade a small notebook for a class, no two hand-ins the same."""
    with own_warm_process() as scratch:
        course = make_course(Path(scratch))
        for number in range(students):
            hand_in(course, f"student_{number:05d}")
        return {"students": students, **with_course(course, ASSIGNMENT, workers)}


def measured(part: str, name: str, work: Callable[..., dict[str, Any]], *arguments: object, output: Path) -> None:
    """Measure in a process of its own, which starts as ``course grade`` does, and store what came of it."""
    print(f"{part}: {name}", flush=True)
    fresh = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=fresh) as pool:
        found = pool.submit(work, *arguments).result()
    store(part, name, found, output)
    print(f"\r{found}", flush=True)


def _show(done: int, of: int) -> None:
    print(f"\r{done} of {of}", end="", flush=True)


def main() -> None:
    """Measure what is asked for and isn't there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    common.add_argument("--output", type=Path, default=RESULTS)
    common.add_argument("--again", action="store_true", help="measure also what is there")
    parts = parser.add_subparsers(dest="part", required=True)
    of_class = parts.add_parser("class", parents=[common])
    of_class.add_argument("--chapter", action="append", choices=CHAPTERS, help="[all]")
    of_class.add_argument("--students", type=int, default=24)
    of_class.add_argument("--sample", type=int, default=2, help="how many of them nbgrader grades [2]")
    parts.add_parser("small", parents=[common]).add_argument("students", type=int, nargs="+")
    asked = parser.parse_args()

    there = read(asked.output)
    if asked.part == "class":
        for chapter in asked.chapter or CHAPTERS:
            if asked.again or there.get("chapters", {}).get(chapter, {}).get("students") != asked.students:
                arguments = (chapter, asked.students, asked.sample, asked.workers)
                measured("chapters", chapter, of_a_class, *arguments, output=asked.output)
    else:
        for students in asked.students:
            name = f"{students:06d}"
            if asked.again or name not in there.get("small", {}):
                measured("small", name, of_small_ones, students, asked.workers, output=asked.output)


if __name__ == "__main__":
    main()
