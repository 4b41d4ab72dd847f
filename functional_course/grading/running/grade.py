"""``course grade``: check what is asked for, choose where notebooks are executed, grade the class."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from functional_course import sandbox as sandboxes
from functional_course.grading.executing.contained import asking_state, state
from functional_course.grading.executing.sides import PROGRAM, remove_leftovers
from functional_course.grading.gradebook.scoring import BUSY_SECONDS, LOCKED
from functional_course.grading.judging import backends
from functional_course.grading.judging.execution import CONTAINER, NAMESPACES, policy
from functional_course.grading.judging.executors import DaskExecutor, Executor, LocalExecutor, OtherVersionsError
from functional_course.grading.reporting import sentences
from functional_course.grading.reporting.report import RunReport
from functional_course.grading.running.assignment import GradeError
from functional_course.grading.running.conditions import Conditions
from functional_course.grading.running.finishing import processors
from functional_course.grading.running.run import Run
from functional_course.grading.running.settings import SettingsError, course_settings
from functional_course.grading.running.turns import BusyError, turn
from functional_course.sandbox import Policy, container
from functional_course.sandbox.policy import MIB
from functional_course.scratch import remove_left_behind
from functional_course.writing import PART

__all__ = ["GradeError", "grade_class"]


def grade_class(
    root: Path,
    chapter: str,
    *,
    workers: int | None = None,
    students: Sequence[str] = (),
    sandbox: str | None = None,
    image: str | None = None,
    scheduler: str | None = None,
    cell_seconds: int | None = None,
    notebook_seconds: int | None = None,
    memory: int | None = None,
    processes: int | None = None,
    backend: str | None = None,
    feedback: bool | None = None,
    again: bool = False,
    provisional: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
    say: Callable[[str], None] = lambda sentence: None,
) -> RunReport:
    """Grade what was handed in for a chapter. What is left out is as the course's ``nbgrader_config.py`` says.

    Args:
        root: the course.
        chapter: the assignment.
        workers: how many notebooks are executed at a time; as many as there are processors if left out.
        students: whom to grade; all who handed in if left out.
        sandbox: ``namespaces``, ``container`` or ``none``.
        image: the container's, which holds Python and the course.
        scheduler: the address of a Dask scheduler, to execute there; empty for this machine.
        cell_seconds: how long a cell may take, in seconds of processor time.
        notebook_seconds: how long a notebook may take, tests included; 900 s, or twice a cell's, if left out.
        memory: what a submission may take, in MiB; a sandbox's usual if left out.
        processes: how many processes and threads it may have; a sandbox's usual if left out.
        backend: of Keras, on which answers and tests run: ``tensorflow``, ``jax`` or ``torch``.
        feedback: whether to write feedback pages.
        again: grade also what is graded and unchanged.
        provisional: what counts of a test that could not be judged safely: ``keep`` or ``zero``.
        progress: called with how many submissions are done, of how many.
        say: called with sentences that a teacher should read before the grading.

    Returns:
        The teacher's report.

    Raises:
        GradeError: it cannot be done; the message says why and what to do.
    """
    try:
        settings = course_settings(
            root,
            workers=workers,
            sandbox=sandbox,
            image=image,
            scheduler=scheduler,
            timeout=cell_seconds,
            seconds=notebook_seconds,
            memory=memory,
            processes=processes,
            backend=backend,
            feedback=feedback,
            provisional=provisional,
        )
    except SettingsError as error:
        raise GradeError(str(error)) from error
    missing = backends.why_not(backends.chosen(settings.backend))
    if missing is not None:
        raise GradeError(missing)
    if not settings.scheduler:
        # One that KERAS_BACKEND names is asked for as well.
        other = backends.chosen(settings.backend)
        _check_sandbox(settings.sandbox, settings.image, settings.backend if other == backends.USUAL else other)
    conditions = Conditions(
        sandbox=settings.sandbox,
        image=settings.image,
        cell_seconds=settings.timeout,
        notebook_seconds=settings.seconds,
        memory_bytes=None if settings.memory is None else settings.memory * MIB,
        processes=settings.processes,
        provisional=settings.provisional,
        backend=settings.backend,
    )
    run = Run(root, chapter, conditions)
    folders, handed_in = run.assignment.folders, run.assignment.students()
    unknown = sorted(set(students) - set(handed_in))
    if unknown:
        place = os.path.relpath(folders.submitted(unknown[0], chapter), root)
        raise GradeError(f"{unknown[0]} handed in nothing for {chapter}: there is no {place}.")
    chosen = [name for name in handed_in if not students or name in students]
    if not chosen:
        place = os.path.relpath(folders.submitted("*", chapter), root)
        raise GradeError(f"Nobody handed in {chapter}: there is nothing at {place}. Run nbgrader collect.")
    try:
        with turn(root / ".course" / "grading" / "lock", f"grades {chapter}") as lock:
            remove_left_behind()
            _remove_parts(root / ".course" / "grading")
            for sentence in sentences.judged_again(run.on_another_basis(chosen)):
                say(sentence)
            executor = _executor(settings.workers, settings.scheduler, settings.backend)
            return _graded(run, executor, chosen, settings.feedback, again, progress, lock)
    except BusyError as error:
        raise GradeError(str(error)) from error
    except OSError as error:  # a full disk, a folder that may not be written
        raise GradeError(
            f"The run stopped: {error}. What is graded stays graded: put that right and run the command again."
        ) from error
    except Exception as error:
        if LOCKED not in str(error):
            raise
        raise GradeError(
            "The run stopped: another program works on the gradebook (nbgrader autograde, or the formgrader?) and did "
            f"not let go of it for {BUSY_SECONDS} s. What is graded stays graded: run the command again then."
        ) from error


def _remove_parts(folder: Path) -> None:
    """Remove the halves of files that killed processes left. Nobody writes here but the run that has the lock."""
    for part in folder.rglob(f".*{PART}"):
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


def _graded(
    run: Run,
    executor: Executor,
    chosen: Sequence[str],
    feedback: bool,
    again: bool,
    progress: Callable[[int, int], None],
    lock: int,
) -> RunReport:
    done = 0

    def count(student: str, status: str) -> None:
        nonlocal done
        done += 1
        progress(done, len(chosen))

    progress(0, len(chosen))
    try:
        if again or not run.remembers(chosen):
            executor.warm_up()  # Keras is imported while nbgrader makes the release
        run.prepare()
        return run.grade(executor, chosen, feedback=feedback, again=again, report=count, keep=[lock])
    finally:
        executor.close()


def _check_sandbox(sandbox: str, image: str, backend: str | None) -> None:
    if sandbox == NAMESPACES:
        reason = sandboxes.available()
        if reason is not None:
            raise GradeError(
                f"There is no sandbox on this machine: {reason}. Grade on a Linux machine that has it, or in "
                "containers of podman or docker: --sandbox container. "
                "With --sandbox none learners' code runs with your rights; use it only for code that you trust."
            )
    if sandbox == CONTAINER:
        rules = Policy.from_json(policy(CONTAINER, backend=backend))
        reason = container.why_not(image, rules, [*PROGRAM, *asking_state(backend)], state(backend))
        if reason is not None:
            raise GradeError(f"There is no container to grade in: {reason}.")
        remove_leftovers(str(container.available_engine()))


def _executor(workers: int | None, scheduler: str | None, backend: str | None) -> Executor:
    if not scheduler:
        return LocalExecutor(workers or processors(), backend)
    try:
        return DaskExecutor(scheduler, backend)
    except ModuleNotFoundError as error:
        raise GradeError("Dask is not installed: pip install 'functional-course[cluster]'.") from error
    except OtherVersionsError as error:
        raise GradeError(str(error)) from error
    except (OSError, ValueError) as error:  # nobody answers there, or it is no address
        raise GradeError(f"There is no Dask scheduler at {scheduler} ({error}).") from error
