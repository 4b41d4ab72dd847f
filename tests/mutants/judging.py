"""Mutants judged, each in a process of its own forked from one that has imported Keras; what is known is kept."""

from __future__ import annotations

import ast
import contextlib
import gc
import hashlib
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from functools import cache
from multiprocessing.connection import Connection, wait
from pathlib import Path

from functional_course.kernels import shortcuts
from functional_course.notebooks.rests_on import digest
from mutants.chances import Chance

import keras
import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from one_task import Judged, judge, needed

SETTINGS = ("TF_ENABLE_ONEDNN_OPTS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
"""Environment variables on which the last digits of a result depend."""

STARTS = "import functional_course, keras, numpy, sklearn.model_selection"


@dataclass(frozen=True)
class Job:
    """One answer to judge.

    Attributes:
        key: what says which one it is.
        notebook: the instructor's notebook.
        task: the task in it.
        source: the answer.
        hidden: whether hidden tests are run.
        shown: how often visible tests call each function, for answers that remember what they saw.
        seconds: after so many it has failed.
        chance: how what nobody decided comes out.
    """

    key: str
    notebook: Path
    task: str
    source: str
    hidden: bool = True
    shown: tuple[tuple[str, int], ...] = ()
    seconds: int = 60
    chance: Chance | None = None


def judged(
    jobs: Iterable[Job], workers: int, kept: Kept, report: Callable[[str, Judged], None] = lambda key, result: None
) -> dict[str, Judged]:
    """Judge answers side by side, those that are kept not again.

    Args:
        jobs: the answers.
        workers: how many at a time.
        kept: what is known, and where what is found goes.
        report: called with each key and its result.
    """
    context = multiprocessing.get_context("fork")
    shortcuts.install()
    waiting, running, found = list(jobs), {}, {}
    for notebook in dict.fromkeys(job.notebook for job in waiting):
        exec(imports(nbformat.read(notebook, 4).cells), {})
    while waiting or running:
        while waiting and len(running) < workers:
            job = waiting.pop(0)
            known = kept.of(job)
            if known is not None:
                found[job.key] = known
                report(job.key, known)
                continue
            exec(STARTS, {})
            ours, theirs = context.Pipe()
            process = context.Process(target=_judge_apart, args=(job, theirs), daemon=True)
            process.start()
            theirs.close()
            running[ours] = (job, process, time.monotonic() + job.seconds)
        for ours in wait(list(running), timeout=0.5):
            job, process, _ = running.pop(ours)
            found[job.key] = _heard(ours, process)
            kept.put(job, found[job.key])
            report(job.key, found[job.key])
        for ours, (job, process, end) in list(running.items()):
            if time.monotonic() > end:
                process.kill()
                process.join()
                running.pop(ours)
                found[job.key] = Judged(0.0, stopped=f"TimeoutError: over {job.seconds} seconds")
                # Not kept: the machine may have been busy.
                report(job.key, found[job.key])
    return found


@cache
def _judges() -> str:
    """A digest of what judges here: another way of judging may say something else."""
    here = Path(__file__).resolve().parent
    files = (here.parent / "one_task.py", here / "chances.py", here / "judging.py")
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def imports(cells: list[nbformat.NotebookNode]) -> str:
    """The imports of the course's modules in a notebook's set-up, which every answer to it needs."""
    set_up = next((cell.source for cell in cells if cell.cell_type == "code"), "")
    lines = (ast.unparse(each) for each in ast.parse(set_up).body if isinstance(each, ast.ImportFrom))
    return "\n".join(line for line in lines if line.startswith("from functional_course"))


def _taking(answer: str) -> str:
    """The answer, if it may take something from the course's checks: then that counts as what its test takes."""
    with contextlib.suppress(SyntaxError):
        if "checks" in answer and ast.parse(answer):
            return answer
    return ""


def _heard(ours: Connection, process: multiprocessing.Process) -> Judged:
    try:
        return Judged(**ours.recv())
    except EOFError:
        process.join()
        return Judged(0.0, stopped=f"the process ended with {process.exitcode}")
    finally:
        process.join()
        ours.close()


def _judge_apart(job: Job, theirs: Connection) -> None:
    # A fork that collected what it inherited of TensorFlow would come down.
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere:
        Path(folder, "images").mkdir()
        os.chdir(folder)
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        warnings.simplefilter("ignore")
        if job.chance is not None:
            job.chance.take()
        names = {f"SHOWN_{name}": count for name, count in job.shown}
        result = judge(job.notebook, job.task, job.source, hidden=job.hidden, names=names)
        os.chdir("/")
    theirs.send(asdict(replace(result, verdicts=[dict(each) for each in result.verdicts])))
    theirs.close()
    os._exit(0)


class Kept:
    """Verdicts of earlier runs, a line each in a file, found again as long as nothing that decides them changed.

    Args:
        file: the file, which need not be there.
        course: the folder of ``functional_course``, as far as a task's cells lead to its modules.
    """

    def __init__(self, file: Path, course: Path) -> None:
        self._file, self._course = file, course
        self._of_task: dict[tuple[Path, str, bool, str], str] = {}
        self._known: dict[str, Judged] = {}
        if file.exists():
            for line in file.read_text(encoding="utf-8").splitlines():
                try:
                    entry = json.loads(line)
                    self._known[entry["of"]] = Judged(**entry["judged"])
                except (ValueError, KeyError, TypeError):
                    continue  # the last line of a run that was stopped

    def of(self, job: Job) -> Judged | None:
        """What is known of an answer."""
        return self._known.get(self._digest(job))

    def put(self, job: Job, result: Judged) -> None:
        """Keep what was found."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with open(self._file, "a", encoding="utf-8") as file:
            file.write(json.dumps({"of": self._digest(job), "judged": asdict(result)}) + "\n")

    def _digest(self, job: Job) -> str:
        task = (job.notebook, job.task, job.hidden, _taking(job.source))
        if task not in self._of_task:
            cells = needed(nbformat.read(job.notebook, 4).cells, f"test-{job.task}")
            code = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") != job.task]
            self._of_task[task] = digest(new_notebook(cells=[*code, new_code_cell(task[-1])]), self._course)
        chance = job.chance and asdict(job.chance)
        deciding = [self._of_task[task], job.source, job.hidden, job.shown, chance, *map(os.environ.get, SETTINGS)]
        said = json.dumps([sys.version, keras.__version__, _judges(), *deciding])
        return hashlib.sha256(said.encode()).hexdigest()
