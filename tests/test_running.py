"""What surrounds the grading of a class: on what verdicts rest, whose turn it is, what is left behind, what waits.

Nothing is executed here: results stand in for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

from functional_course import sandbox, scratch
from functional_course.grading.gradebook import scoring
from functional_course.grading.judging import basis as bases
from functional_course.grading.judging import execution, executors
from functional_course.grading.judging.result import Result
from functional_course.grading.reporting.html import as_html
from functional_course.grading.reporting.markdown import as_markdown
from functional_course.grading.running import grade as grading
from functional_course.grading.running import run as running
from functional_course.grading.running import turns
from functional_course.grading.running.conditions import Conditions
from functional_course.grading.running.grade import GradeError, grade_class
from functional_course.grading.running.run import Run

import pytest
from nbgrader.api import Gradebook
from small_course import ASSIGNMENT, POINTS, hand_in, make_course


class Stand:
    """An executor that gives every test these points, and keeps what it was asked for."""

    workers = 1

    def __init__(self, points: float = 3, over: tuple[str, ...] = ()) -> None:
        self.points, self.over, self.asked = points, list(over), []

    def warm_up(self):
        """Nothing to begin with."""

    def run(self, jobs):
        jobs = list(jobs)
        self.asked.append([student for (student, _), _ in jobs])
        for key, job in jobs:
            late = key[0] in self.over
            if late:
                self.over.remove(key[0])
            result = {"output_type": "execute_result", "data": {"text/plain": "0" if late else str(self.points)}}
            outputs = {cell.index: [{**result, "metadata": {}}] for cell in job.cells if cell.role == "test"}
            yield key, Result(outputs=outputs, seconds=1.0, ended_by="wall" if late else None)

    def close(self):
        """Nothing to close."""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path / "course")


def graded(course: Path, executor: Stand, **options):
    run = Run(course, ASSIGNMENT, Conditions(**options))
    run.prepare()
    return run.grade(executor, run.assignment.students(), feedback=False)


# --- on what verdicts rest --------------------------------------------------------------------------------------------


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in the course's place whose files may be changed."""
    folder = tmp_path / "package"
    for name in ("checks", "rubric"):
        (folder / name).mkdir(parents=True)
    for name in ("__init__.py", "wire.py", "checks/structure.py", "rubric/telling.py", "small.weights.h5"):
        (folder / name).write_text(name)
    monkeypatch.setattr(bases, "functional_course", SimpleNamespace(__file__=str(folder / "__init__.py")))
    return folder


def test_a_mended_check_has_everybody_judged_again_and_the_report_says_what_changed(course: Path, package: Path):

    hand_in(course, "ann")
    hand_in(course, "bob")
    assert not graded(course, Stand(1)).changes
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.find_grade("test-total", "small", ASSIGNMENT, "ann").extra_credit = 2
        gradebook.find_grade("test-twice", "small", ASSIGNMENT, "ann").manual_score = 0.5
        gradebook.db.commit()
    idle = Stand()
    assert {row.status for row in graded(course, idle).rows} == {"unchanged"} and idle.asked == [[]]

    (package / "checks" / "structure.py").write_text("mended")
    assert Run(course, ASSIGNMENT).on_another_basis(["ann", "bob", "zoe"]) == {"the course's checks changed": 2}
    report = graded(course, Stand(3))
    points = {row.student: row.points for row in report.rows}
    assert points == {"ann": 3 + 2 + 0.5, "bob": 6}  # what the teacher gave stays
    assert [(each.student, each.task, each.before, each.now) for each in report.changes] == [
        (student, f"small / {task}", 1, 3) for student in ("ann", "bob") for task in ("total", "twice")
    ]
    assert "2 submissions are judged again: the course's checks changed." in report.about
    for text in (as_markdown(report), as_html(report)):
        assert "Changed scores" in text and "1 → 3 points" in text and "checks changed" in text
    assert Run(course, ASSIGNMENT).on_another_basis(["ann", "bob"]) == {}
    assert not graded(course, Stand()).changes


def test_everything_that_verdicts_rest_on_counts(course: Path, package: Path, monkeypatch: pytest.MonkeyPatch):
    source = course / "solutions" / ASSIGNMENT
    (source / "images").mkdir()
    (source / "images" / "a.svg").write_text("a")

    def now(**options):
        return Run(course, ASSIGNMENT, Conditions(**options)).assignment.basis

    before = now()
    assert bases.why(before, now()) == ""

    def after(change, **options) -> str:
        change()
        return bases.why(before, now(**options))

    assert after(lambda: None, cell_seconds=7).startswith("the limits (cell 180 s")
    assert after(lambda: None, memory_bytes=2**30).startswith("the limits (")
    assert after(lambda: None, processes=9).startswith("the limits (")
    assert after(lambda: None, notebook_seconds=9).startswith("the limits (")
    assert after(lambda: None, sandbox="none") == "the sandbox (namespaces → none) changed"
    assert bases.why(now(sandbox="container"), now(sandbox="container", image="mine")).startswith("the sandbox (")
    for file, part in (
        ("rubric/telling.py", "checks"), ("checks/new.py", "checks"), ("wire.py", "package"),
        ("small.weights.h5", "package"),
    ):  # fmt: skip
        path = package / file
        old = path.read_text() if path.exists() else None
        assert after(lambda path=path: path.write_text("mended")) == f"the course's {part} changed"
        path.unlink() if old is None else path.write_text(old)
    (source / "images" / "a.svg").rename(source / "images" / "b.svg")
    assert bases.why(before, now()) == "the files beside the instructor's notebooks changed"
    (source / "images" / "b.svg").rename(source / "images" / "a.svg")
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "wire.pyc").write_text("new")
    assert bases.why(before, now()) == ""
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert bases.why(before, now()) == "Keras's backend (tensorflow → jax) changed"
    assert bases.why(before, now(backend="torch")) == "Keras's backend (tensorflow → torch) changed"
    assert bases.why(before, now(backend="tensorflow")) == ""
    monkeypatch.setattr(bases.importlib.metadata, "version", lambda name: "99")
    changed = bases.why(before, now())
    assert all(f"{name} (" in changed for name in ("Keras", "TensorFlow", "NumPy")) and changed.endswith(" changed")
    assert bases.why(None, now()) == "they were judged by an earlier version of the course"


def test_limits_that_are_asked_for_are_those_of_the_sandbox(course: Path):
    usual = sandbox.Policy.from_json(Run(course, ASSIGNMENT).assignment.policy())
    conditions = Conditions(memory_bytes=2**30, processes=99)
    asked = sandbox.Policy.from_json(Run(course, ASSIGNMENT, conditions).assignment.policy())
    assert (asked.memory_bytes, asked.processes, asked.hide) == (2**30, 99, usual.hide)
    assert usual.processes != 99 and usual.memory_bytes != 2**30


# --- what ran out of time beside others -------------------------------------------------------------------------------


def test_what_ran_out_of_time_by_the_clock_is_run_again_alone_once(course: Path):
    for student in ("ann", "bob", "eve"):
        hand_in(course, student)
    executor = Stand(over=("bob", "eve", "eve"))
    report = graded(course, executor)
    assert executor.asked == [["ann", "bob", "eve"], ["bob"], ["eve"]]
    assert [row.points for row in report.rows] == [POINTS, POINTS, 0]
    assert any("2 notebooks ran out of time by the clock" in sentence for sentence in report.about)


def test_what_ran_alone_is_not_run_again(course: Path):
    hand_in(course, "ann")
    executor = Stand(over=("ann",))
    assert [row.points for row in graded(course, executor).rows] == [0]
    assert executor.asked == [["ann"]]


# --- what is executed once --------------------------------------------------------------------------------------------


class OneAtATime(Stand):
    """Takes a job when the one before is done."""

    def run(self, jobs):
        for key, job in jobs:
            yield from super().run([(key, job)])


def notebooks_asked(executor: Stand) -> list[str]:
    return sum(executor.asked, [])


@pytest.mark.parametrize("kind", [Stand, OneAtATime])
def test_hand_ins_that_are_the_same_word_for_word_are_executed_once(course: Path, kind: type[Stand]):
    for student in ("ann", "bob", "eve"):
        hand_in(course, student, own=False)
    hand_in(course, "kim")
    for student in ("lee", "max"):  # who touched nothing
        hand_in(course, student, {})
    executor = kind()
    report = graded(course, executor)
    assert notebooks_asked(executor) == ["ann", "kim", "lee"]
    assert [row.points for row in report.rows] == [POINTS] * 6
    assert [row.seconds for row in report.rows] == [1, 0, 0, 1, 1, 0]
    assert any(sentence.startswith("3 notebooks hold word for word") for sentence in report.about)


def test_the_same_hand_ins_wait_for_the_one_that_is_run_again_alone(course: Path):
    for student in ("ann", "bob", "eve"):
        hand_in(course, student, own=student == "ann")
    executor = Stand(over=("bob",))
    report = graded(course, executor)
    assert executor.asked == [["ann", "bob"], ["bob"]]
    assert [row.points for row in report.rows] == [POINTS] * 3


@pytest.mark.parametrize("kind", [Stand, OneAtATime])
def test_what_is_the_same_as_a_notebook_that_was_cut_off_is_executed_itself(course: Path, kind: type[Stand]):
    for student in ("ann", "bob", "eve"):
        hand_in(course, student, own=False)
    executor = kind()
    run = executor.run

    def cut_off(jobs):
        for key, result in run(jobs):
            yield key, Result(trouble="the process that judges ended") if key[0] == "ann" else result

    executor.run = cut_off
    report = graded(course, executor)
    assert notebooks_asked(executor) == (["ann", "bob", "eve"] if kind is Stand else ["ann", "bob"])
    assert [row.points for row in report.rows][1:] == [POINTS] * 2


def test_the_time_of_a_hand_in_executes_nothing_again(course: Path):
    folder = hand_in(course, "ann")
    (folder / "timestamp.txt").write_text("2026-01-01 10:00:00 UTC")
    assert graded(course, Stand()).rows[0].status == "graded"
    (folder / "timestamp.txt").write_text("2026-01-02 10:00:00 UTC")
    executor = Stand(points=0)
    report = graded(course, executor)
    assert report.rows[0].status == "graded" and report.rows[0].points == POINTS
    assert notebooks_asked(executor) == []
    assert any(sentence.startswith("1 notebook was executed in an earlier run") for sentence in report.about)


def test_a_job_is_the_same_from_another_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    before = execution.policy()
    # A virtual environment that isn't activated, a home folder with commands, another language.
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.defpath}")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert execution.policy() == before


def test_commands_are_those_that_a_sandbox_shows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/opt/own/bin")

    def path_in(kind: str) -> list[str]:
        return sandbox.Policy.from_json(execution.policy(kind)).environment.get("PATH", "").split(os.pathsep)

    scripts = sysconfig.get_path("scripts")
    assert path_in(execution.NAMESPACES) == [scripts, "/usr/local/bin", "/usr/bin", "/bin"]
    assert path_in(execution.NONE) == [scripts, "/opt/own/bin"]
    assert path_in(execution.CONTAINER) == [""], "an image has its own"


def test_grading_all_again_executes_what_was_executed(course: Path):
    hand_in(course, "ann")
    graded(course, Stand())
    run, executor = Run(course, ASSIGNMENT), Stand()
    run.prepare()
    run.grade(executor, ["ann"], feedback=False, again=True)
    assert notebooks_asked(executor) == ["ann"]


@pytest.mark.parametrize("cut_off", [{"trouble": "no memory"}, {"ended": {1: "it ended"}}, {"ended_by": "processor"}])
def test_what_was_cut_off_is_executed_again(course: Path, cut_off: dict):
    folder = hand_in(course, "ann")
    executor = Stand()
    executor.run = lambda jobs: ((key, Result(**cut_off)) for key, _ in jobs)
    graded(course, executor)
    (folder / "timestamp.txt").write_text("2026-01-02 10:00:00 UTC")
    graded(course, again := Stand())
    assert notebooks_asked(again) == ["ann"]


def test_a_mended_test_judges_again_what_rests_on_it_and_nothing_else(course: Path, package: Path):
    source = course / "solutions" / ASSIGNMENT
    for folder in (source, *(hand_in(course, student) for student in ("ann", "bob"))):
        text = (folder / "small.ipynb").read_text()
        text = text.replace('"notebook": "small"', '"notebook": "other"').replace("offset = 2", "offset = 1 + 1")
        (folder / "other.ipynb").write_text(text)

    def again() -> list[str]:
        """Whose notebooks are executed, once for each."""
        executor = Stand()
        report = graded(course, executor)
        assert [row.points for row in report.rows] == [2 * POINTS] * 2
        return sorted(notebooks_asked(executor))

    assert again() == ["ann", "ann", "bob", "bob"]
    assert again() == []
    text = (source / "other.ipynb").read_text()
    (source / "other.ipynb").write_text(text.replace("assert total == 42", "assert total in (42, 42.0)"))
    assert again() == ["ann", "bob"]
    # What learners read, and no cell: nothing is judged by it.
    (source / "other.ipynb").write_text(text.replace("# Small", "# Smaller"))
    assert again() == ["ann", "bob"]  # the test is as it was at first, and what came of it then isn't kept
    (source / "other.ipynb").write_text(text.replace("# Small", "# Smallest"))
    assert again() == []
    (package / "checks" / "one.py").write_text("changed = True")
    assert again() == ["ann", "ann", "bob", "bob"]


# --- whose turn it is -------------------------------------------------------------------------------------------------

HOLD = (
    "import sys, time; from pathlib import Path; from functional_course.grading.running.turns import turn\n"
    "with turn(Path(sys.argv[1]), 'grades 01_x'):\n    print('has it', flush=True)\n    time.sleep(60)"
)


def test_a_second_run_is_told_who_has_the_course_and_a_killed_one_has_it_no_more(course: Path):
    hand_in(course, "ann")
    lock = course / ".course" / "grading" / "lock"
    first = subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline() == "has it\n"
    with pytest.raises(GradeError) as refused:
        grade_class(course, ASSIGNMENT, sandbox="none")
    said = str(refused.value)
    assert f"process {first.pid} on " in said and "grades 01_x since " in said and "\n" not in said
    first.kill()
    first.wait()
    first.stdout.close()
    assert json.loads(lock.read_text())["pid"] == first.pid  # it could not tidy up
    with turns.turn(lock, "grades 02_y"):
        assert json.loads(lock.read_text())["what"] == "grades 02_y"
        with pytest.raises(turns.BusyError, match=f"process {os.getpid()} "), turns.turn(lock, "grades 03_z"):
            pytest.fail("two had their turn at once")
    with turns.turn(lock, "grades 03_z"):
        pass
    assert lock.read_text() == ""


def test_the_processes_of_a_killed_run_are_waited_for(tmp_path: Path):
    # A child keeps the lock a little longer than the run that was killed.
    code = (
        HOLD.replace("as_", "")
        .replace("):\n", ") as lock:\n    import os, subprocess\n")
        .replace(
            "    print", "    subprocess.Popen(['sleep', '2'], pass_fds=[lock], stdout=subprocess.DEVNULL)\n    print"
        )
    )
    first = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "lock")], stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline() == "has it\n"
    first.kill()
    first.wait()
    first.stdout.close()
    with turns.turn(tmp_path / "lock", "grades"):
        pass


# --- a gradebook that another program has -----------------------------------------------------------------------------


def test_scored_beside_each_other_or_one_by_one_the_gradebook_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    found = []
    for beside in (1, 4):
        course = make_course(tmp_path / str(beside))
        for number in range(9):
            hand_in(course, f"student_{number}")
        monkeypatch.setattr(running, "processors", lambda beside=beside: beside)
        report = graded(course, Stand(2))
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
            scores = {
                (submission.student.id, grade.name): (grade.score, grade.max_score, grade.needs_manual_grade)
                for submission in gradebook.assignment_submissions(ASSIGNMENT)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
        pages = sorted(path.relative_to(course) for path in (course / "autograded").rglob("*.ipynb"))
        found.append(([(row.student, row.status, row.points) for row in report.rows], scores, pages))
    assert found[0] == found[1]
    rows, scores, pages = found[0]
    assert [student for student, _, _ in rows] == [f"student_{number}" for number in range(9)]
    assert len(scores) == 18 and len(pages) == 9


def test_a_locked_gradebook_is_waited_for_and_then_one_sentence_is_said(course: Path, monkeypatch: pytest.MonkeyPatch):
    hand_in(course, "ann")
    graded(course, Stand(1))
    hand_in(course, "ann", {"total": "total = 42"})
    monkeypatch.setattr(grading, "_executor", lambda workers, scheduler, backend: Stand())
    monkeypatch.setattr(scoring, "BUSY_SECONDS", 1)
    for kind in ("EXCLUSIVE", "IMMEDIATE"):  # nobody else may read, nobody else may write
        with other_program(course, kind), pytest.raises(GradeError, match="another program works on the") as refused:
            grade_class(course, ASSIGNMENT, sandbox="none", feedback=False)
        assert "\n" not in str(refused.value)
    monkeypatch.setattr(scoring, "BUSY_SECONDS", 60)
    with other_program(course, "IMMEDIATE") as done:
        timer = threading.Timer(3, done)
        timer.start()
        report = grade_class(course, ASSIGNMENT, sandbox="none", feedback=False)
        timer.join()
    assert [(row.points, row.status) for row in report.rows] == [(POINTS, "graded")]


@contextlib.contextmanager
def other_program(course: Path, kind: str):
    """A process that has the gradebook until the function that this gives is called, or to the end."""
    code = (
        "import sqlite3, sys; other = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "other.execute(f'BEGIN {sys.argv[2]}'); print('has it', flush=True); input(); other.execute('ROLLBACK')"
    )
    command = [sys.executable, "-c", code, str(course / "gradebook.db"), kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "has it\n"

        def done():
            if not process.stdin.closed:
                process.stdin.write("\n")
                process.stdin.close()

        try:
            yield done
        finally:
            done()


def test_what_a_learner_writes_does_not_look_like_a_locked_gradebook():
    assert scoring.is_locked(RuntimeError("OperationalError: (sqlite3.OperationalError) database is locked"))
    for text in ("database is locked", "ValueError: OperationalError: (sqlite3.OperationalError) database is locked"):
        assert not scoring.is_locked(RuntimeError(text))


# --- what is left behind ----------------------------------------------------------------------------------------------


def test_temporary_folders_of_killed_processes_go_and_all_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        "import time; from functional_course.scratch import scratch_folder\n"
        "with scratch_folder('grade') as folder:\n    print(folder, flush=True)\n    time.sleep(60)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
    folder = Path(process.stdout.readline().strip())
    (folder / "inside").mkdir()
    assert folder.parent == tmp_path
    mine = ["course-grade-notes", "course-grade-abcdefgh.txt", "course-other-abcdefgh", "course-new-grade-abcdefgh"]
    for name in mine:
        (tmp_path / name).mkdir()
    (tmp_path / "course-grade-aaaaaaaa").write_text("a file")
    (tmp_path / "course-grade-bbbbbbbb").symlink_to(tmp_path / mine[0])
    kept = {path.name for path in tmp_path.iterdir()}
    with scratch.scratch_folder("release") as used:
        assert scratch.remove_left_behind() == []
        assert Path(used).is_dir() and {path.name for path in tmp_path.iterdir()} == kept | {Path(used).name}
    process.kill()
    process.wait()
    process.stdout.close()
    assert scratch.remove_left_behind() == [folder]
    assert {path.name for path in tmp_path.iterdir()} == kept - {folder.name}
    old = time.time() - 2 * 3600
    os.utime(tmp_path / mine[3], (old, old))
    assert scratch.remove_left_behind() == [tmp_path / mine[3]]


def test_a_scratch_folder_goes_at_its_end_whatever_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with contextlib.suppress(ValueError), scratch.scratch_folder("check") as folder:
        shutil.copy(__file__, folder)
        raise ValueError("inside")
    assert not Path(folder).exists() and list(tmp_path.iterdir()) == []


# --- workers elsewhere ------------------------------------------------------------------------------------------------


def test_a_worker_with_other_versions_is_refused_whenever_it_came(course: Path, monkeypatch: pytest.MonkeyPatch):
    distributed = pytest.importorskip("distributed")
    hand_in(course, "ann")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, silence_logs=50
    ) as cluster:

        def refused() -> str:
            with pytest.raises(GradeError) as error:
                grade_class(course, ASSIGNMENT, scheduler=cluster.scheduler_address, feedback=False)
            return str(error.value)

        here = bases.made_with()
        with monkeypatch.context() as patched:
            others = [{**here, "Keras": "2.0", "the course's package": "another"}, here]
            patched.setattr(executors, "made_with", lambda backend: others.pop())
            said = refused()
        assert "would judge with others than this machine has: the course's package and Keras (there 2.0, here" in said
        assert "Install the same there" in said
        with monkeypatch.context() as patched:
            found = [LookupError("no such function"), here]

            def asked(backend: str | None) -> dict[str, str]:
                answer = found.pop()
                if isinstance(answer, Exception):
                    raise answer
                return answer

            patched.setattr(executors, "made_with", asked)
            assert "than this machine has: the course." in refused()
        # One that came after the others were asked:
        monkeypatch.setattr(executors, "_made_here", lambda backend: {**here, "TensorFlow": "1.0"})
        assert "ann/small could not be executed: The Dask worker" in (said := refused())
        assert "TensorFlow (there 1.0, here " in said
