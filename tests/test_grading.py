"""``course grade``: nbgrader's scores, in parallel and in a sandbox; cut off anywhere, it goes on."""

from __future__ import annotations

import dataclasses
import errno
import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from functional_course import sandbox
from functional_course.writing import PART

import nbformat
import needs
import pytest
from answer_files import RIGHT, WRONG, variant
from classroom import hidden_lines, nbgrader, solution_answers
from conftest import ROOT
from small_course import ASSIGNMENT, POINTS, hand_in, make_course

pytestmark = [
    needs.sandboxed(),
    pytest.mark.xdist_group("grading"),
]

# The answers in these are the hardest to carry across: models with numbers of their own, layers that learners wrote.
# One notebook each: the others are graded the same way, and take time.
GRADED = {"02_multiple_inputs": "build", "03_shared_layers": "build"}
# test_answers.py holds plain nbgrader to the same points and messages.
VARIANTS = (*RIGHT[:2], *WRONG[:3])


def submit(course: Path, chapter: str, name: str, student: str, answers: dict[str, str]) -> None:
    notebook = nbformat.read(ROOT / "exercises" / chapter / f"{name}.ipynb", 4)
    for cell in notebook.cells:
        task = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(task, cell.source)
    folder = course / "submitted" / student / chapter
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")


@pytest.fixture(scope="module", params=sorted(GRADED))
def graded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """A class after ``course grade``: the right and wrong answers of the other tests, the solution, and a stub."""
    from functional_course.grading.running.grade import grade_class

    chapter, name = request.param, GRADED[request.param]
    course = tmp_path_factory.mktemp("graded")
    source = course / "solutions" / chapter
    source.mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / chapter / f"{name}.ipynb", source)
    shutil.copytree(ROOT / "solutions" / chapter / "images", source / "images")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    for student in VARIANTS:
        given = {task: answer.source for task, answer in variant(chapter, name, student).items()}
        submit(course, chapter, name, student, given)
    submit(course, chapter, name, "solution", solution_answers(chapter, name))
    submit(course, chapter, name, "stub", {})
    return course, chapter, name, grade_class(course, chapter, workers=2)


def scores(course: Path, chapter: str, name: str, student: str) -> dict[str, float]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        grades = gradebook.find_submission_notebook(name, chapter, student).grades
        return {grade.name.removeprefix("test-"): grade.score for grade in grades}


def shown(course: Path, chapter: str, name: str, student: str) -> dict[str, str]:
    notebook = nbformat.read(course / "autograded" / student / chapter / f"{name}.ipynb", 4)
    return {
        cell.metadata["nbgrader"]["grade_id"].removeprefix("test-"): "\n".join(
            output.get("text", "") for output in cell.get("outputs", [])
        )
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


@pytest.mark.parametrize("student", VARIANTS)
def test_scores_and_messages_are_those_of_plain_nbgrader(graded, student: str):
    course, chapter, name, _ = graded
    got, texts = scores(course, chapter, name, student), shown(course, chapter, name, student)
    for task, answer in variant(chapter, name, student).items():
        assert got[task] == answer.points, f"{task}\n{texts[task]}"
        assert all(said in texts[task] for said in answer.says), f"{task}\n{texts[task]}"


def test_the_solution_gets_full_marks_and_the_stub_none(graded):
    course, chapter, name, report = graded
    rows = {row.student: row for row in report.rows}
    assert rows["solution"].points == rows["solution"].most > 0
    assert rows["stub"].points == 0
    assert not any(row.repairs for row in report.rows)
    assert set(scores(course, chapter, name, "stub").values()) == {0}


def test_feedback_shows_verdicts_and_no_hidden_test(graded):
    course, chapter, name, _ = graded
    lines = hidden_lines(chapter, name)
    for student in ("solution", "stub"):
        page = (course / "feedback" / student / chapter / f"{name}.html").read_text(encoding="utf-8")
        text = html.unescape(re.sub(r"<[^>]+>", "", page))
        assert ("✗" if student == "stub" else "✓") in text
        assert [line for line in lines if line in text] == []


def test_the_report_says_where_the_class_failed(graded):
    _, _, _, report = graded
    task = next(row for row in report.tasks if row.failed)
    assert task.learners == len(VARIANTS) + 2 and task.messages


def test_few_cells_are_left_to_the_teacher(graded):
    *_, report = graded
    cells, waiting = (sum(task.learners for task in report.tasks), sum(len(task.waiting) for task in report.tasks))
    assert cells == sum(len(variant(*graded[1:3], VARIANTS[0])) for _ in report.rows)
    assert waiting < 0.03 * cells, [(task.task, task.waiting) for task in report.tasks]


# --- a small assignment: what a run does, whatever it grades ----------------------------------------------------------


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path / "course")


class NoExecutor:
    """Executes nothing: a run that needs it has work that it should not have."""

    workers = 1

    def run(self, jobs):
        assert list(jobs) == []
        return iter(())

    def close(self):
        """Nothing to close."""


def grade(course: Path, **options):
    from functional_course.grading.running.grade import grade_class

    return grade_class(course, ASSIGNMENT, workers=2, **options)


def test_what_is_graded_and_unchanged_is_left_alone(course: Path):
    from functional_course.grading.running.run import Run

    hand_in(course, "ann")
    hand_in(course, "bob", {"total": "total = 41"})
    first = grade(course)
    assert [(row.student, row.points, row.status) for row in first.rows] == [
        ("ann", POINTS, "graded"),
        ("bob", 1, "graded"),
    ]

    run = Run(course, ASSIGNMENT)
    run.prepare()
    again = run.grade(NoExecutor(), run.assignment.students())
    assert [(row.student, row.points, row.status) for row in again.rows] == [
        ("ann", POINTS, "unchanged"),
        ("bob", 1, "unchanged"),
    ]
    assert again.tasks == first.tasks

    hand_in(course, "bob", {"total": "total = 42"})
    third = grade(course)
    assert [(row.student, row.points, row.status) for row in third.rows] == [
        ("ann", POINTS, "unchanged"),
        ("bob", 3, "graded"),
    ]


def test_keras_is_imported_while_the_release_is_made_if_there_is_anything_new(
    course: Path, monkeypatch: pytest.MonkeyPatch
):
    from functional_course.grading.judging.executors import LocalExecutor
    from functional_course.grading.running.run import Run

    done = []
    warm_up, prepare = LocalExecutor.warm_up, Run.prepare
    monkeypatch.setattr(LocalExecutor, "warm_up", lambda self: (done.append("warm up"), warm_up(self)))
    monkeypatch.setattr(Run, "prepare", lambda self: (done.append("prepare"), prepare(self)))
    hand_in(course, "ann")
    for order in (["warm up", "prepare"], ["prepare"]):
        grade(course, feedback=False)
        assert done == order
        done.clear()
    grade(course, feedback=False, again=True)
    assert done == ["warm up", "prepare"]


def test_scoring_leaves_the_run_as_it_was(course: Path):
    from functional_course.grading.judging.executors import LocalExecutor
    from functional_course.grading.running.run import Run

    hand_in(course, "ann")
    run = Run(course, ASSIGNMENT)
    run.prepare()
    before = run.assignment.students(), run.assignment.policy(), repr(run.assignment.config)
    executor = LocalExecutor(1)
    run.grade(executor, ["ann"])
    executor.close()
    assert (run.assignment.students(), run.assignment.policy(), repr(run.assignment.config)) == before


def test_feedback_follows_the_submission_without_executing_it_again(course: Path):
    from functional_course.grading.running.grade import grade_class
    from functional_course.grading.running.run import Run

    hand_in(course, "ann", {"total": "total = 41"})
    grade_class(course, ASSIGNMENT, workers=1)
    hand_in(course, "ann", {"total": "total = 40 + offset"})
    grade_class(course, ASSIGNMENT, workers=1, feedback=False)
    page = course / "feedback" / "ann" / ASSIGNMENT / "small.html"
    assert "41" in page.read_text(encoding="utf-8")
    run = Run(course, ASSIGNMENT)
    run.prepare()
    (row,) = run.grade(NoExecutor(), run.assignment.students()).rows
    assert row.status == "unchanged"
    assert "40 + offset" in html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))


def test_its_feedback_goes_over_the_exchange(course: Path, tmp_path: Path):
    from nbgrader.utils import notebook_hash

    secret = "5e" * 64
    folder = hand_in(course, "ann")
    (folder / "timestamp.txt").write_text("2026-02-02 15:58:23.948203 UTC")
    (folder / "submission_secret.txt").write_text(secret)
    grade(course)
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    nbgrader(course, tmp_path, "release_feedback", ASSIGNMENT, f"--Exchange.root={exchange}")
    page = exchange / "functional_course" / "feedback" / f"{notebook_hash(secret=secret, notebook_id='small')}.html"
    assert page.read_text() == (course / "feedback" / "ann" / ASSIGNMENT / "small.html").read_text()


def test_feedback_that_cannot_be_made_later_does_not_end_the_run(course: Path, monkeypatch: pytest.MonkeyPatch):
    from functional_course.grading.gradebook.scoring import Scorer
    from functional_course.grading.running.grade import grade_class

    for student in ("ann", "bob"):
        hand_in(course, student)
    grade_class(course, ASSIGNMENT, workers=1, feedback=False)
    feedback = Scorer.feedback

    def fails_for_ann(self, student, style):
        if student == "ann":
            raise RuntimeError("the disk is full")
        feedback(self, student, style)

    with monkeypatch.context() as patched:
        patched.setattr(Scorer, "feedback", fails_for_ann)
        ann, bob = grade_class(course, ASSIGNMENT, workers=1).rows
    assert (ann.status, bob.status) == ("not scored", "unchanged")
    assert any("the disk is full" in repair.teacher for repair in ann.repairs)
    assert [row.status for row in grade_class(course, ASSIGNMENT, workers=1).rows] == ["unchanged", "unchanged"]


def test_more_time_is_another_grading(course: Path):
    hand_in(course, "ann", {"total": f"{BUSY.format(2)}\ntotal = 42"})
    assert [row.points for row in grade(course, cell_seconds=1).rows] == [0]
    assert [row.points for row in grade(course, cell_seconds=60).rows] == [3]


def test_the_points_of_an_unchanged_submission_are_those_of_the_gradebook(course: Path):
    from nbgrader.api import Gradebook

    hand_in(course, "ann", {"total": "total = 42"})
    grade(course)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.find_grade("test-total", "small", ASSIGNMENT, "ann").extra_credit = 2
        gradebook.db.commit()
    assert [row.points for row in grade(course).rows] == [5]


def test_the_course_is_hidden_where_python_needs_the_folder_around_it(course: Path):
    from functional_course.grading.judging.execution import Job, execute
    from functional_course.grading.running.run import Run
    from functional_course.grading.taking_in.cell import Cell
    from functional_course.grading.taking_in.roles import Role

    run = Run(course, ASSIGNMENT)
    hidden = sandbox.Policy.from_json(run.assignment.policy())
    assert {course / "solutions", course / "submitted", course / "gradebook.db"} <= set(hidden.hide)
    (course / "notes.txt").write_text("for all")
    look = f"import os\nsorted(os.listdir({str(course)!r})), os.listdir({str(course / 'solutions')!r})"
    cell = Cell(0, Role.ADDED, look, 20, name="look")
    # As if Python were installed around the course.
    shown = dataclasses.replace(hidden, read=(course,)).to_json()
    (output,) = execute(Job([cell], policy=shown)).outputs[0]
    assert "notes.txt" in str(output) and ASSIGNMENT not in str(output)


def test_changed_tests_are_judged_again(course: Path):
    hand_in(course, "ann", {"total": "total = 41"})
    assert grade(course).rows[0].points == 1
    source = course / "solutions" / ASSIGNMENT / "small.ipynb"
    source.write_text(source.read_text().replace("total == 42", "total == 41"))
    assert grade(course).rows[0].points == 3


def test_a_cell_that_ends_python_takes_no_other_along(course: Path):
    hand_in(
        course, "ann", {"total": "import os\nos._exit(3)", "twice": "def twice(number):\n    return number + number"}
    )
    (row,) = grade(course).rows
    assert row.points == 3
    (ended,) = (repair for repair in row.repairs if repair.kind == "ended")
    assert ended.cell == "total"
    assert ended.learner.startswith("`total`: This cell ended its Python process.")


def test_a_cell_without_end_takes_no_other_along(course: Path):
    hand_in(
        course, "ann", {"total": "while True:\n    pass", "twice": "def twice(number):\n    return number + number"}
    )
    (row,) = grade(course, cell_seconds=2).rows
    assert row.points == 3


BUSY = "import time\nuntil = time.process_time() + {}\nwhile time.process_time() < until:\n    pass"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"total": BUSY.format(60)}, "4 s were over at `total`"),
        ({"twice": "def twice(number):\n    while True:\n        pass"}, "4 s were over at `test-twice`"),
        (
            {"total": BUSY.format(3), "twice": BUSY.format(60)},
            "4 s were over at `twice`, and `total` took the longest (3 s)",
        ),
        ({"total": "import time\ntime.sleep(60)"}, "12 s by the clock were over at `total`"),
    ],
    ids=["in an answer", "in a test", "elsewhere than where it went", "asleep"],
)
def test_when_a_notebooks_time_is_over_the_cell_is_named(course: Path, answers: dict[str, str], said: str):
    from functional_course.grading.judging.executors import LocalExecutor
    from functional_course.grading.running.conditions import Conditions
    from functional_course.grading.running.run import Run

    hand_in(course, "ann", {"total": "total = 42", "twice": "def twice(number):\n    return 2 * number", **answers})
    run = Run(course, ASSIGNMENT, Conditions(notebook_seconds=3 if "by the clock" in said else 4))
    run.prepare()
    executor = LocalExecutor(1)
    (row,) = run.grade(executor, ["ann"], feedback=False).rows
    executor.close()
    assert row.points == 0
    (trouble,) = (repair for repair in row.repairs if repair.kind == "trouble")
    assert f"the notebook's {said}" in trouble.teacher
    assert f"the notebook's {said}" in trouble.learner


def test_a_cell_without_a_grade_id_is_named_by_its_place(course: Path):
    from functional_course.grading.taking_in.plan import Plan
    from functional_course.grading.taking_in.roles import released_roles

    path = hand_in(course, "ann") / "small.ipynb"
    notebook = nbformat.read(path, 4)
    cells = Plan(notebook).cells(notebook, released_roles(notebook))
    assert [cell.name for cell in cells] == ["cell 2", "`total`", "`test-total`", "`twice`", "`test-twice`"]


def test_a_learners_own_helper_and_a_deleted_cell_are_graded(course: Path):
    path = hand_in(
        course, "ann", {"total": "total = forty() + offset", "twice": "def twice(number):\n    return 2 * number"}
    )
    notebook = nbformat.read(path / "small.ipynb", 4)
    notebook.cells.insert(1, nbformat.v4.new_code_cell("def forty():\n    return 40"))
    notebook.cells = [cell for cell in notebook.cells if cell.id != "test-total"]
    nbformat.write(notebook, path / "small.ipynb")
    (row,) = grade(course).rows
    assert row.points == POINTS
    assert row.repairs


@pytest.mark.parametrize(
    "later",
    [
        "line.set_weights([np.array([[3.0]])])",
        "same = line\nsame.set_weights([np.array([[3.0]])])",
        "if line is not None:\n    line = keras.Sequential([line, keras.layers.Rescaling(3)])",
        "@tripled\ndef unused():\n    pass",
    ],
)
def test_what_a_later_cell_changes_counts(later: str):
    from functional_course.grading.judging.execution import Job, execute, policy
    from functional_course.grading.taking_in.plan import Plan
    from functional_course.grading.taking_in.roles import Role

    def mark(grade_id: str, **more: object) -> dict:
        return {"nbgrader": {"grade_id": grade_id, **more}}

    cell = nbformat.v4.new_code_cell
    answer = "line = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, 'linear', False)])"
    test = "points = float(line(np.array([[2.0]]))[0, 0]) == 6\nint(points)"
    triples = "def tripled(function):\n    line.set_weights([np.array([[3.0]])])\n    return function"
    cells = [
        cell("import keras\nimport numpy as np", id="set-up"),
        cell(answer + "\nline.set_weights([np.array([[1.0]])])", metadata=mark("line", solution=True)),
        cell(triples),
        cell(later),
        cell(test, metadata=mark("test-line", grade=True, points=1)),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    roles = [Role.GIVEN, Role.ANSWER, Role.ADDED, Role.ADDED, Role.TEST]
    (output,) = execute(Job(Plan(notebook).cells(notebook, roles), policy=policy())).outputs[4]
    assert output["data"]["text/plain"] == "1"


def test_a_learner_reads_what_was_done_to_the_submission(course: Path):
    from functional_course.grading.running.grade import grade_class

    folder = hand_in(course, "one")
    (folder / "small.ipynb").rename(folder / "small (1)<img src=x onerror=alert(1)>.ipynb")
    hand_in(course, "two")
    report = grade_class(course, ASSIGNMENT, workers=1)
    assert [row.points for row in report.rows] == [POINTS, POINTS]
    said = [repair.learner for repair in report.rows[0].repairs]
    assert said
    one, two = (
        (course / "feedback" / student / ASSIGNMENT / "small.html").read_text(encoding="utf-8")
        for student in ("one", "two")
    )
    text = html.unescape(re.sub(r"<[^>]+>", "", one))
    assert all(each.replace("`", "") in text for each in said)
    assert "<img src=x" not in one
    assert "About your submission" not in two


def test_a_student_named_like_a_pattern_touches_nobody(course: Path, monkeypatch: pytest.MonkeyPatch):
    from functional_course.cli import main

    from click.testing import CliRunner

    hand_in(course, "one")
    hand_in(course, "*", {})
    rows = {row.student: row for row in grade(course, feedback=False).rows}
    assert rows["one"].points == POINTS
    assert rows["*"].points is None
    assert "Rename the folder" in rows["*"].repairs[0].teacher
    monkeypatch.chdir(course)
    done = CliRunner().invoke(main, ["grade", ASSIGNMENT, "--no-feedback"])
    assert done.exit_code == 1 and "Rename the folder" in " ".join(done.output.split())


def test_a_link_in_the_place_of_the_results_leads_nowhere(course: Path, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept.txt").write_text("kept")
    hand_in(course, "ann")
    hand_in(course, "bob")
    for step in ("autograded", "feedback"):
        (course / step / "ann").mkdir(parents=True)
        (course / step / "ann" / ASSIGNMENT).symlink_to(elsewhere)
    assert [row.points for row in grade(course).rows] == [POINTS, POINTS]
    assert [path.name for path in elsewhere.iterdir()] == ["kept.txt"]
    assert (course / "autograded" / "ann" / ASSIGNMENT / "small.ipynb").is_file()


def test_a_fault_of_the_machine_costs_nobody_points(course: Path, monkeypatch: pytest.MonkeyPatch):
    from functional_course.grading.judging import execution
    from functional_course.grading.running.grade import GradeError

    hand_in(course, "ann")
    with monkeypatch.context() as patched:
        # A folder that is not there: entering the sandbox fails in the forked process.
        broken = sandbox.Policy(read=(course / "nothing",)).to_json()
        patched.setattr("functional_course.grading.running.conditions.policy", lambda *_: broken)
        with pytest.raises(GradeError, match="ann/small could not be executed: the judging side did not start"):
            grade(course)
    with monkeypatch.context() as patched:
        patched.setattr(execution, "available", lambda: "the kernel is too old")
        with pytest.raises(GradeError, match="the kernel is too old"):
            grade(course)
    assert [(row.points, row.status) for row in grade(course).rows] == [(POINTS, "graded")]


def test_a_submission_that_cannot_be_scored_does_not_end_the_run(course: Path, monkeypatch: pytest.MonkeyPatch, caplog):
    from nbgrader import api

    hand_in(course, "ann")
    hand_in(course, "bob")
    make = api.Gradebook.update_or_create_student

    def fails_for_ann(self, student, **more):
        if student == "ann":
            api.app_log.error("Rolling back session due to database error")
            raise RuntimeError("the disk is full")
        return make(self, student, **more)

    with monkeypatch.context() as patched:
        patched.setattr(api.Gradebook, "update_or_create_student", fails_for_ann)
        ann, bob = grade(course).rows
    assert (ann.points, ann.status, bob.points) == (None, "not scored", POINTS)
    assert any("the disk is full" in repair.teacher for repair in ann.repairs)
    assert "Rolling back" not in caplog.text
    assert [row.points for row in grade(course).rows] == [POINTS, POINTS]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"students": ["zoe"]}, "zoe handed in nothing"),
        ({}, "Nobody handed in"),
    ],
)
def test_what_cannot_be_graded_is_said(course: Path, options, message: str):
    from functional_course.grading.running.grade import GradeError, grade_class

    with pytest.raises(GradeError, match=message):
        grade(course, **options)
    with pytest.raises(GradeError, match="no solutions/07"):
        grade_class(course, "07")


@pytest.mark.parametrize("text", ["no notebook", "{}", json.dumps(nbformat.v4.new_notebook())])
def test_a_solution_that_is_none_is_named(course: Path, text: str):
    from functional_course.grading.running.grade import GradeError

    hand_in(course, "ann")
    (course / "solutions" / ASSIGNMENT / "small.ipynb").write_text(text)
    with pytest.raises(GradeError, match="small"):
        grade(course)


def test_without_a_sandbox_nothing_is_graded_unless_asked_by_name(course: Path, monkeypatch: pytest.MonkeyPatch):
    from functional_course.grading.running.grade import GradeError

    hand_in(course, "ann")
    monkeypatch.setattr(sandbox, "available", lambda: "user namespaces are switched off")
    with pytest.raises(GradeError, match="user namespaces are switched off"):
        grade(course)
    report = grade(course, sandbox="none")
    assert report.rows[0].points == POINTS
    assert "no sandbox" in report.warnings[0]


def test_a_cluster_of_two_workers_gives_the_same_scores(course: Path):
    distributed = pytest.importorskip("distributed")
    for number in range(4):
        hand_in(course, f"student_{number}", {"total": f"total = {40 + number}"})
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        report = grade(course, scheduler=cluster.scheduler_address)
    assert [row.points for row in report.rows] == [1, 1, 3, 1]


def start(course: Path) -> subprocess.Popen:
    code = (
        "import sys; from pathlib import Path; from functional_course.grading.running.grade import grade_class;"
        f"grade_class(Path(sys.argv[1]), {ASSIGNMENT!r}, workers=2)"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(course)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def test_killed_at_any_moment_a_run_goes_on(course: Path):
    wanted = {}
    for number in range(6):
        answers = {"total": f"total = {40 + number % 3}", "twice": "def twice(number):\n    return number * 2"}
        hand_in(course, f"student_{number}", answers)
        wanted[f"student_{number}"] = 3 + (3 if number % 3 == 2 else 1)
    from functional_course.grading.running.run import Run

    Run(course, ASSIGNMENT).prepare()
    graded = course / ".course" / "grading" / ASSIGNMENT / "graded"
    killed = 0
    for moment in range(6):
        process = start(course)
        # Killed a little after one more submission is graded, or early on: a moment each time.
        end = time.monotonic() + 60
        while len(list(graded.glob("*.json"))) <= moment - 1 and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.03 * moment)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
        process.stderr.close()
    assert killed >= 3
    # A process that is killed while it writes leaves a part behind; the run that ends leaves none of its own.
    left = set((course / ".course").rglob(f"*{PART}"))
    report = grade(course)
    assert {row.student: row.points for row in report.rows} == wanted
    assert {student: sum(scores(course, ASSIGNMENT, "small", student).values()) for student in wanted} == wanted
    assert set((course / ".course").rglob(f"*{PART}")) <= left
    executed = list((course / ".course" / "grading" / ASSIGNMENT / "executed").glob("*/*"))
    assert sorted(path.parent.name for path in executed) == sorted(wanted)


def test_a_full_disk_ends_the_run_with_a_word_and_the_next_one_goes_on(course: Path, monkeypatch: pytest.MonkeyPatch):
    from functional_course.grading.running import ledger
    from functional_course.grading.running.grade import GradeError

    for student in ("ann", "bob", "eve"):
        hand_in(course, student)
    write = ledger.write_whole

    def until_it_is_full(path, text):
        if path.name == "bob.json":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, text)

    with monkeypatch.context() as full:
        full.setattr(ledger, "write_whole", until_it_is_full)
        with pytest.raises(GradeError, match="No space left on device. What is graded stays graded"):
            grade(course)
    rows = grade(course).rows
    assert [row.points for row in rows] == [POINTS] * 3
    assert "graded" in {row.status for row in rows}


def test_an_interrupted_run_says_so_and_the_next_one_goes_on(course: Path):
    for number in range(6):
        hand_in(course, f"student_{number}")
    # What runs in the background of a shell begins without an ear for Ctrl-C.
    hears = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{hears}; from functional_course.cli import main; main()"]
    process = subprocess.Popen(
        [*command, "grade", ASSIGNMENT, "--workers", "2", "--no-feedback"],
        cwd=course,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    graded = course / ".course" / "grading" / ASSIGNMENT / "graded"
    end = time.monotonic() + 120
    while not list(graded.glob("*.json")) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2 and "Interrupted. Run the same command to continue from here" in " ".join(
        said.split()
    ), said
    assert "Traceback" not in said
    rows = grade(course, feedback=False).rows
    assert {row.points for row in rows} == {POINTS} and {row.status for row in rows} == {"graded", "unchanged"}


def test_the_command_reports_and_refuses(course: Path, monkeypatch: pytest.MonkeyPatch):
    from functional_course.cli import main

    from click.testing import CliRunner

    monkeypatch.chdir(course)
    hand_in(course, "ann")
    done = CliRunner().invoke(main, ["grade", ASSIGNMENT, "--report", "report.md", "--no-feedback"])
    assert done.exit_code == 0, done.output
    assert "ann" in done.output and "6 of 6" in done.output
    assert "ann" in (course / "report.md").read_text()
    assert not (course / "feedback").exists()
    refused = CliRunner().invoke(main, ["grade", "07_nothing"])
    assert refused.exit_code == 2 and "no solutions/07_nothing" in refused.output


NEIGHBOURS = {
    "busy": """
import os, time
for _ in range(100):
    try:
        if os.fork() == 0:
            os.setsid()
            while True:
                pass
    except OSError:
        break
time.sleep(600)""",
    "forks": """
import os, time
while True:
    try:
        os.fork()
    except OSError:
        pass""",
}


def test_an_honest_learner_keeps_all_points_beside_the_worst_neighbours():
    """Two at a time, each neighbour with far more processes than there are processors."""
    from functional_course.grading.judging.execution import Job
    from functional_course.grading.judging.executors import LocalExecutor
    from functional_course.grading.taking_in.cell import Cell
    from functional_course.grading.taking_in.roles import Role

    def answer(source: str) -> Cell:
        return Cell(0, Role.ADDED, source, 3, ("answer",), name="`0`")

    test = Cell(1, Role.TEST, "assert answer == 42\n'3 points'", 3, name="`1`")
    honest = [answer(f"{BUSY.format(1)}\nanswer = 42"), test]
    jobs = [(name, Job([answer(source), test])) for name, source in NEIGHBOURS.items()]
    executor = LocalExecutor(3)
    began = time.monotonic()
    results = dict(executor.run([*jobs, ("honest", Job(honest))]))
    executor.close()
    seconds = time.monotonic() - began
    assert [output["output_type"] for output in results["honest"].outputs[1]] == ["execute_result"], results["honest"]
    assert results["honest"].ended_by is None
    for name in NEIGHBOURS:
        assert results[name].ended_by is not None and results[name].ended, results[name]
        assert results[name].outputs[1][0]["output_type"] == "error"
    assert seconds < 90, seconds
