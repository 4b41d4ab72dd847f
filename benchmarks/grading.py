"""How fast ``course grade`` is against ``nbgrader autograde``, with the same scores.

    python benchmarks/grading.py [--students 24] [--small 1000] [--chapter NAME] [--notebook build]

Grades one class both ways, in scratch folders: the right and wrong answers of ``tests/answers``, again and again.
Prints the times, their ratio, the scores that differ, and the memory; and how long the cells take by themselves, which
no way of grading goes below. Then tiny submissions, in two sizes of class, to show how time and memory grow.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def make_class(course: Path, chapter: str, name: str, students: int) -> None:
    """A course of one notebook, and a class that hands in answers."""
    import nbformat
    from test_answers import VARIANTS, variant

    source = course / "solutions" / chapter
    source.mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / chapter / f"{name}.ipynb", source)
    shutil.copytree(ROOT / "solutions" / chapter / "images", source / "images")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    released = nbformat.read(ROOT / "exercises" / chapter / f"{name}.ipynb", 4)
    for number in range(students):
        given = variant(chapter, name, VARIANTS[number % len(VARIANTS)])
        for cell in released.cells:
            task = cell.metadata.get("nbgrader", {}).get("grade_id")
            if task in given:
                # Word for word the same as another's, it would be executed once for both.
                cell.source = f"{given[task].source}\n# {number}"
        folder = course / "submitted" / f"student_{number:04d}" / chapter
        folder.mkdir(parents=True)
        nbformat.write(released, folder / f"{name}.ipynb")


def scores(course: Path, chapter: str) -> dict[tuple[str, str], float]:
    """Every cell's score."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {
            (submission.student.id, grade.name): grade.score
            for submission in gradebook.assignment_submissions(chapter)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


class Memory(threading.Thread):
    """The largest memory of a process and its warm children, in MiB, shared pages counted once (Linux)."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.largest = 0.0
        self._stop_now = threading.Event()

    def run(self) -> None:
        while not self._stop_now.wait(3):  # looking takes time as well
            total = 0.0
            for entry in Path("/proc").glob("[0-9]*/smaps_rollup"):
                try:
                    if b"forkserver" in (entry.parent / "cmdline").read_bytes():
                        total += sum(
                            int(line.split()[1]) for line in entry.read_text().splitlines() if line.startswith("Pss:")
                        )
                except OSError:
                    continue
            self.largest = max(self.largest, total / 1024)

    def stop(self) -> float:
        self._stop_now.set()
        return self.largest


def with_nbgrader(course: Path, chapter: str) -> float:
    """Seconds that ``nbgrader autograde`` takes for the class."""
    environment = {**os.environ, "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])}
    environment.pop("JUPYTER_DEFAULT_PROVISIONER_NAME", None)
    run = [sys.executable, "-m", "nbgrader"]
    subprocess.run([*run, "generate_assignment", chapter], cwd=course, env=environment, check=True, capture_output=True)
    started = time.monotonic()
    subprocess.run([*run, "autograde", chapter], cwd=course, env=environment, check=True, capture_output=True)
    return time.monotonic() - started


def with_course(course: Path, chapter: str, workers: int, feedback: bool = False) -> tuple[float, float]:
    """Seconds that ``course grade`` takes for the class, the warm process's start included, and the memory in MiB."""
    from functional_course.grading.running.grade import grade_class

    memory = Memory()
    memory.start()
    started = time.monotonic()
    grade_class(course, chapter, workers=workers, feedback=feedback)
    return time.monotonic() - started, memory.stop()


def cells_alone(course: Path, chapter: str) -> float:
    """Seconds that the cells of all autograded notebooks take in warm kernels, one at a time."""
    from functional_course.grading.judging.execution import environment

    import nbformat
    from nbclient import NotebookClient

    os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "warm-provisioner"
    total = 0.0
    for path in sorted((course / "autograded").glob(f"*/{chapter}/*.ipynb")):
        notebook = nbformat.read(path, 4)
        client = NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": path.parent}})
        client.execute(env={**os.environ, **environment()}, stderr=subprocess.DEVNULL)
        for cell in notebook.cells:
            if "execution" in cell.metadata:
                began, ended = (
                    datetime.fromisoformat(cell.metadata.execution[f"iopub.status.{state}"].replace("Z", "+00:00"))
                    for state in ("busy", "idle")
                )
                total += (ended - began).total_seconds()
    return total


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--students", type=int, default=24)
    parser.add_argument("--small", type=int, default=1000)
    parser.add_argument("--chapter", default="01_sequential_vs_functional")
    parser.add_argument("--notebook", default="build")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        ours, theirs = Path(scratch, "ours"), Path(scratch, "theirs")
        if asked.students:
            for course in (ours, theirs):
                make_class(course, asked.chapter, asked.notebook, asked.students)
            seconds, mib = with_course(ours, asked.chapter, asked.workers)
            plain = with_nbgrader(theirs, asked.chapter)
            here, there = scores(ours, asked.chapter), scores(theirs, asked.chapter)
            different = sum(here.get(key) != value for key, value in there.items())
            print(f"{asked.students} submissions of {asked.chapter}/{asked.notebook}, {asked.workers} workers")
            print(
                f"course grade        {seconds:8.1f} s  {seconds / asked.students:6.2f} s each  {mib:6.0f} MiB in all"
            )
            print(f"nbgrader autograde  {plain:8.1f} s  {plain / asked.students:6.2f} s each")
            print(f"ratio {plain / seconds:.1f}; {len(there)} scores, {different} different")
            alone = cells_alone(theirs, asked.chapter)
            print(
                f"their cells alone   {alone:8.1f} s  {alone / asked.students:6.2f} s each, warm and one at a time: "
                f"with nothing else to do the ratio would be {plain / alone * asked.workers:.1f}"
            )

        from small_course import ASSIGNMENT, hand_in, make_course

        for count in (asked.small // 10, asked.small) if asked.small else ():
            course = make_course(Path(scratch, f"small_{count}"))
            for number in range(count):
                hand_in(course, f"student_{number:04d}")
            seconds, mib = with_course(course, ASSIGNMENT, asked.workers)
            own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{count:5d} small ones      {seconds:8.1f} s  {seconds / count:6.2f} s each  "
                f"{mib:6.0f} MiB in the workers, {own:.0f} MiB here"
            )


if __name__ == "__main__":
    main()
