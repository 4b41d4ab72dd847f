"""What ``course grade`` is told in ``nbgrader_config.py``: options win, and what cannot be is said in a sentence."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from functional_course.cli import main
from functional_course.grading.running import grade
from functional_course.grading.running.assignment import GradeError
from functional_course.grading.running.conditions import Conditions
from functional_course.grading.running.run import Run
from functional_course.grading.running.settings import CourseGrade, SettingsError, course_settings
from functional_course.grading.taking_in.roles import released_roles
from functional_course.sandbox import Policy, container
from functional_course.sandbox.policy import MIB

import nbformat
import needs
import pytest
import settings_table
from click import Command, Context
from click.testing import CliRunner
from small_course import ANSWERS, ASSIGNMENT, POINTS, hand_in, make_course
from traitlets import Unicode

ALL = """\
c.CourseGrade.memory = 4096
c.CourseGrade.processes = 200
c.CourseGrade.timeout = 60
c.CourseGrade.seconds = 600
c.CourseGrade.sandbox = "none"
c.CourseGrade.image = "mine"
c.CourseGrade.workers = 4
c.CourseGrade.provisional = "zero"
c.CourseGrade.backend = "tensorflow"
c.CourseGrade.feedback = False
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write a course's configuration; the commands run there."""
    (tmp_path / "solutions").mkdir()
    monkeypatch.chdir(tmp_path)

    def written(settings: str) -> Path:
        (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{settings}\n")
        return tmp_path

    return written


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What a run was asked for; none begins."""
    found: dict[str, object] = {}

    def run(root: Path, chapter: str, conditions: Conditions) -> None:
        found.update(asdict(conditions))
        raise GradeError("That is enough.")

    monkeypatch.setattr(grade, "Run", run)
    return found


def test_a_course_that_says_nothing_has_the_usual_settings(course):
    assert course_settings(course("")).trait_values(config=True) == CourseGrade().trait_values(config=True)


# --- an option wins over the file, and the file over the default ------------------------------------------------------


def test_the_file_says_what_holds_for_every_run_and_options_win(course, asked: dict[str, object]):
    course(ALL)
    done = CliRunner().invoke(main, ["grade", "01_x"])
    assert "That is enough." in done.output
    assert asked == {
        "sandbox": "none",
        "image": "mine",
        "cell_seconds": 60,
        "notebook_seconds": 600,
        "memory_bytes": 4096 * 1024**2,
        "processes": 200,
        "provisional": "zero",
        "backend": "tensorflow",
    }
    words = shlex.split("--memory 512 --processes 9 --timeout 5 --seconds 7 --image yours --provisional keep")
    CliRunner().invoke(main, ["grade", "01_x", *words])
    assert asked == {
        "sandbox": "none",
        "image": "yours",
        "cell_seconds": 5,
        "notebook_seconds": 7,
        "memory_bytes": 512 * 1024**2,
        "processes": 9,
        "provisional": "keep",
        "backend": "tensorflow",
    }
    settings = course_settings(Path.cwd())
    assert (settings.workers, settings.feedback, settings.scheduler) == (4, False, None)
    assert course_settings(Path.cwd(), feedback=True, workers=1, scheduler=None).feedback


@pytest.mark.parametrize("name", CourseGrade.class_trait_names(config=True))
def test_each_option_wins_over_the_file_and_the_file_over_the_default(course, name: str):
    in_file, as_option = {
        "memory": (4096, 512),
        "timeout": (60, 30),
        "seconds": (600, 300),
        "processes": (200, 100),
        "sandbox": ("none", "namespaces"),
        "image": ("mine", "yours"),
        "workers": (4, 2),
        "scheduler": ("tcp://host:8786", ""),
        "provisional": ("zero", "keep"),
        "backend": ("torch", "jax"),
        "feedback": (False, True),
    }[name]
    root = course(f"c.CourseGrade.{name} = {in_file!r}")
    usual = getattr(CourseGrade(), name)
    found = [getattr(course_settings(root, **options), name) for options in ({}, {name: None}, {name: as_option})]
    assert found == [in_file, in_file, as_option] and usual != in_file


# --- what cannot be is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "c.CourseGrade.memory = 'much'",
            "memory = 'much'. It takes a whole number from 128 to 1048576, in MiB.",
        ),
        ("c.CourseGrade.memory = 1", "c.CourseGrade.memory = 1. It takes a whole number from 128"),
        ("c.CourseGrade.processes = True", "c.CourseGrade.processes = True. It takes a whole number above 0."),
        (
            "c.CourseGrade.seconds = 0.5",
            "seconds = 0.5. It takes a whole number from 1 to 1000000, in seconds.",
        ),
        ("c.CourseGrade.memory = 2**50", "It takes a whole number from 128 to 1048576, in MiB."),
        ("c.CourseGrade.seconds = 2**70", "It takes a whole number from 1 to 1000000, in seconds."),
        ("c.CourseGrade.timeout = -3", "c.CourseGrade.timeout = -3."),
        ("c.CourseGrade.workers = 0", "c.CourseGrade.workers = 0."),
        ("c.CourseGrade.sandbox = 'docker'", 'It takes "namespaces", "container" or "none".'),
        ("c.CourseGrade.image = None", "c.CourseGrade.image = None. It takes the name of an image."),
        ("c.CourseGrade.image = ' '", "c.CourseGrade.image = ' '. It takes the name of an image."),
        ("c.CourseGrade.image.append('x')", "It takes the name of an image."),
        ("c.CourseGrade.feedback = 'no'", "c.CourseGrade.feedback = 'no'. It takes True or False."),
        ("c.CourseGrade.provisional = 0", 'It takes "keep" or "zero".'),
        ("c.CourseGrade.backend = 'theano'", 'It takes "tensorflow", "jax" or "torch".'),
        ("c.CourseGrade.memroy = 4096", "sets c.CourseGrade.memroy, which there is not. Did you mean memory?"),
        ("c.CourseGrade.xyz = 1", "which there is not. There are backend, feedback, image, memory, "),
        ("c.CourseGrade.Memory.limit = 1", "sets c.CourseGrade.Memory, which there is not. Did you mean memory?"),
        ("c.CourseGrader.memory = 4096", "sets c.CourseGrader, which there is not. Did you mean c.CourseGrade?"),
        ("c.coursegrade.memory = 4096", "sets c.coursegrade, which there is not. Did you mean c.CourseGrade?"),
        ("MEMORY = 1\nc.CourseGrade.memory = MEMROY", "cannot be read in line 3 (NameError: name 'MEMROY' "),
        ("c.CourseGrade = 4096", "cannot be read in line 2 (ValueError: "),
        ("c.CourseGrade.memory = (4096", "cannot be read (SyntaxError: "),
    ],
)
def test_a_bad_value_gives_one_sentence(course, asked: dict[str, object], line: str, said: str):
    with pytest.raises(SettingsError, match=re.escape(said)):
        course_settings(course(line))
    done = CliRunner().invoke(main, ["grade", "01_x"])
    assert done.exit_code == 2 and not asked
    assert "Traceback" not in done.output and "nbgrader_config.py" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--memory 100", "--memory is 100. It takes a whole number from 128 to 1048576, in MiB."),
        ("--seconds 0", "--seconds is 0. It takes a whole number from 1 to 1000000, in seconds."),
        ("--workers -1", "--workers is -1. It takes a whole number above 0."),
        ("--image ''", "--image is ''. It takes the name of an image."),
        ("--memory much", "Invalid value for '--memory': 'much' is not a valid integer."),
        ("--backend theano", "'theano' is not one of 'tensorflow', 'jax', 'torch'."),
        ("--sandbox docker", "'docker' is not one of 'namespaces', 'container', 'none'."),
    ],
)
def test_a_bad_option_gives_one_sentence(course, asked: dict[str, object], words: str, said: str):
    course("c.CourseGrade.memory = 4096")
    done = CliRunner().invoke(main, ["grade", "01_x", *shlex.split(words)])
    assert done.exit_code == 2 and not asked
    assert said in done.output and "Traceback" not in done.output


def test_the_file_is_named_from_where_the_teacher_stands(course, asked: dict[str, object], monkeypatch):
    monkeypatch.chdir(course("c.CourseGrade.workers = 0") / "solutions")
    done = CliRunner().invoke(main, ["grade", "01_x"])
    assert f"{os.path.join('..', 'nbgrader_config.py')} has c.CourseGrade.workers = 0." in done.output


@pytest.mark.parametrize("line", ["c.CourseDirectory.course_id = 'a'", "c.Execute.timeout = 7", "c.Own.memory = 1"])
def test_the_other_sections_are_nobodys_business(course, line: str):
    assert course_settings(course(line)).trait_values() == CourseGrade().trait_values()


def test_no_dask_address_gives_one_sentence(course):
    pytest.importorskip("distributed")
    with pytest.raises(GradeError, match="There is no Dask scheduler at nowhere "):
        grade._executor(None, "nowhere", None)


# --- a setting reaches the place that enforces it ---------------------------------------------------------------------


def test_each_setting_of_the_file_reaches_what_enforces_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    course = make_course(tmp_path / "course")
    hand_in(course, "ann")
    runs: list[Run] = []
    reached: dict[str, object] = {}

    class Recorded(Run):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            runs.append(self)

        def prepare(self) -> None:
            """No release is needed: nothing is executed."""

        def grade(self, executor: Any, students: object, **options: Any) -> Any:
            reached.update(options)

    def executor(kind: str) -> Callable[[object], Any]:
        def made(value: object, backend: object) -> Any:
            reached[kind] = value
            reached["backend"] = backend
            return type("Executor", (), {"warm_up": lambda self: None, "close": lambda self: None})()

        return made

    monkeypatch.setattr(grade, "Run", Recorded)
    monkeypatch.setattr(grade, "LocalExecutor", executor("workers"))
    monkeypatch.setattr(grade, "DaskExecutor", executor("scheduler"))
    monkeypatch.setattr(grade, "_check_sandbox", lambda *asked: reached.update(checked=asked))
    grade.grade_class(course, ASSIGNMENT)
    file = course / "nbgrader_config.py"
    file.write_text(file.read_text() + ALL.replace('"none"', '"container"'))
    grade.grade_class(course, ASSIGNMENT)
    usual, run = runs
    assert reached["checked"] == ("container", "mine", "tensorflow") and reached["backend"] == "tensorflow"
    assert reached["workers"] == 4 and reached["feedback"] is False

    # The sandbox, by the kernel's limits or on the command line of podman and docker.
    policy = Policy.from_json(run.assignment.policy())
    assert (policy.memory_bytes, policy.processes) == (4096 * MIB, 200)
    assert 600 < policy.cpu_seconds < 700 < Policy.from_json(usual.assignment.policy()).cpu_seconds
    assert policy.environment["KERAS_BACKEND"] == "tensorflow"
    words = container.command("podman", run.assignment.conditions.image, policy, ["python"])
    assert {f"--memory={4096 * MIB}", "--pids-limit=200", f"--ulimit=cpu={policy.cpu_seconds}", "mine"} <= set(words)

    # The clocks, of each cell and of the notebook, and what is put into the gradebook.
    source = nbformat.read(course / "solutions" / ASSIGNMENT / "small.ipynb", 4)
    plan = run.assignment.plans["small"]
    assert plan.seconds == 60 and {each.seconds for each in plan.cells(source, released_roles(source))} == {60}
    asked, left_out = run.assignment.conditions, usual.assignment.conditions
    assert (asked.cell_seconds, asked.seconds) == (60, 600)
    assert (left_out.cell_seconds, left_out.seconds) == (180, 900)
    assert asked.provisional == "zero"

    # Verdicts rest on all that can change them: they are found again when one of these changes.
    assert run.assignment.basis["the limits"] == "cell 60 s, notebook 600 s, memory 4096 MiB, processes 200"
    assert run.assignment.basis["the limits"] != usual.assignment.basis["the limits"]
    assert run.assignment.basis["the sandbox"].startswith("container mine")
    assert usual.assignment.basis["the sandbox"] == "namespaces"

    file.write_text(file.read_text() + 'c.CourseGrade.scheduler = "tcp://host:8786"\n')
    grade.grade_class(course, ASSIGNMENT)
    assert reached["scheduler"] == "tcp://host:8786"


GREEDY = {
    "hungry": "block = bytearray(300 * 1024**2)\nblock[::4096] = bytes(len(block[::4096]))",
    "crowded": (
        "import threading, time\n\n"
        "crowd = [threading.Thread(target=time.sleep, args=(0.5,)) for _ in range(40)]\n"
        "for each in crowd:\n    each.start()"
    ),
    "slow": "import time\n\nbegan = time.process_time()\nwhile time.process_time() < began + 2:\n    pass",
}
"""By task, code that takes more than the file allows and less than is usual: of memory, threads and processor time."""


@needs.sandboxed()
@pytest.mark.xdist_group("grading")
def test_what_the_file_limits_stops_an_answer_and_an_option_lets_it_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    course = make_course(tmp_path / "course", {task: (f"{task} = 1", f"assert {task} == 1") for task in GREEDY})
    right = {task: answer for task, (_, answer) in ANSWERS.items()}
    hand_in(course, "ann", {**right, **{task: f"{code}\n{task} = 1" for task, code in GREEDY.items()}})
    file = course / "nbgrader_config.py"
    limits = "c.CourseGrade.memory = 200\nc.CourseGrade.processes = 20\nc.CourseGrade.timeout = 1\n"
    file.write_text(file.read_text() + limits + "c.CourseGrade.feedback = False\n")
    monkeypatch.chdir(course)

    def report(*words: str) -> str:
        done = CliRunner().invoke(main, ["grade", ASSIGNMENT, "--workers", "1", "--report", "report.md", *words])
        assert done.exit_code == 0, done.output
        return " ".join((course / "report.md").read_text(encoding="utf-8").split())

    assert f"| ann | {POINTS:g} of {POINTS + 3:g} |" in report()
    said = report("--memory", "2048", "--processes", "200", "--timeout", "180")
    assert f"| ann | {POINTS + 3:g} of {POINTS + 3:g} |" in said
    assert "judged again: the limits (cell 1 s, notebook 900 s, memory 200 MiB, processes 20 → " in said


# --- the help, the guide and the traits say the same ------------------------------------------------------------------


def unsaid(command: Command, settings: CourseGrade) -> list[str]:
    """The settings that are no option, or whose option does not say what holds without it."""
    options = {option.opts[0].removeprefix("--"): option for option in command.params}
    found = []
    for name in settings.traits(config=True):
        usual = settings_table.usual(settings, name).replace("`timeout`", "--timeout").strip('"')
        said = {"True": name, "False": f"no-{name}"}.get(usual, usual)
        option = options.get(name)
        record = option.get_help_record(Context(command)) if option else None
        if record is None or f"[{said}]" not in record[1]:
            found.append(name)
    return found


def test_the_commands_help_says_every_setting_with_its_default_and_unit():
    command = main.commands["grade"]
    assert unsaid(command, CourseGrade()) == []
    said = " ".join(CliRunner().invoke(main, ["grade", "--help"]).output.split())
    for each in ("--timeout SECONDS", "--seconds SECONDS", "--memory MIB", "--processes COUNT", "--workers COUNT"):
        assert each in said
    assert f"in MiB, from {CourseGrade.memory.min} on" in said
    assert set(CourseGrade.class_trait_names(config=True)) <= set(re.findall(r"\w+", str(command.help)))


def test_a_default_that_the_help_does_not_say_is_found():
    class Changed(CourseGrade):
        image = Unicode("another").tag(config=True, takes="a name")
        colour = Unicode("red").tag(config=True, takes="a colour")

    assert sorted(unsaid(main.commands["grade"], Changed())) == ["colour", "image"]


def test_the_usual_limits_are_those_of_a_run(tmp_path: Path):
    run = Run(make_course(tmp_path / "course"), ASSIGNMENT)
    policy = Policy.from_json(run.assignment.policy())
    assert settings_table.usual(CourseGrade(), "memory") == str(policy.memory_bytes // MIB)
    assert settings_table.usual(CourseGrade(), "processes") == "96, and 4 per processor"
    assert policy.processes == 96 + 4 * (os.cpu_count() or 1)
    seconds = settings_table.usual(CourseGrade(), "seconds")
    usual = run.assignment.conditions
    assert (usual.cell_seconds, usual.seconds) == (CourseGrade().timeout, int(seconds.split(",")[0]))


def test_the_guide_has_the_table_of_the_traits():
    page = settings_table.PAGE.read_text(encoding="utf-8")
    assert settings_table.rendered(page) == page, "write its table anew: python -m tests.settings_table"
    assert settings_table.settings() in page


@pytest.mark.parametrize(
    ("before", "after"), [("| 2048 |", "| 1024 |"), ("in MiB", "in GiB"), ("| `image` |", "| `picture` |")]
)
def test_a_table_that_says_something_else_is_found(before: str, after: str):
    page = settings_table.PAGE.read_text(encoding="utf-8")
    assert before in page and settings_table.rendered(page.replace(before, after)) == page


def test_what_the_guide_sets_as_an_example_can_be_set(course):
    guide = settings_table.PAGE.read_text(encoding="utf-8")
    lines = re.findall(r"^c\.CourseGrade\.\w+ = .*$", guide, re.MULTILINE)
    assert lines
    course_settings(course("\n".join(lines)))
