"""What ``course grade`` is told in ``nbgrader_config.py``: options win, and what cannot be is said in a sentence."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from functional_course.cli import main
from functional_course.grading import grade
from functional_course.grading.execution import NOTEBOOK_SECONDS
from functional_course.grading.run import GradeError
from functional_course.grading.settings import CourseGrade, SettingsError, course_settings
from functional_course.sandbox import Policy

import pytest
from click.testing import CliRunner
from conftest import ROOT

ALL = """\
c.CourseGrade.memory = 4096
c.CourseGrade.processes = 200
c.CourseGrade.timeout = 60
c.CourseGrade.seconds = 600
c.CourseGrade.sandbox = "none"
c.CourseGrade.image = "mine"
c.CourseGrade.workers = 4
c.CourseGrade.provisional = "zero"
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

    def run(root: Path, chapter: str, **options: object) -> None:
        found.update(options)
        raise GradeError("That is enough.")

    monkeypatch.setattr(grade, "Run", run)
    return found


def test_a_course_that_says_nothing_has_the_usual_settings(course):
    assert course_settings(course("")).trait_values(config=True) == CourseGrade().trait_values(config=True)


def test_the_commands_help_says_the_usual_settings():
    said = " ".join(CliRunner().invoke(main, ["grade", "--help"]).output.split())
    usual = CourseGrade()
    for each in (usual.sandbox, usual.image, usual.timeout, usual.provisional, Policy().memory_bytes // 1024**2):
        assert f"[{each}]" in said
    assert f"[{NOTEBOOK_SECONDS}, or twice --timeout]" in said


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
    }
    words = shlex.split("--memory 100 --processes 9 --timeout 5 --seconds 7 --image yours --provisional keep")
    CliRunner().invoke(main, ["grade", "01_x", *words])
    assert asked == {
        "sandbox": "none",
        "image": "yours",
        "cell_seconds": 5,
        "notebook_seconds": 7,
        "memory_bytes": 100 * 1024**2,
        "processes": 9,
        "provisional": "keep",
    }
    settings = course_settings(Path.cwd())
    assert (settings.workers, settings.feedback, settings.scheduler) == (4, False, None)
    assert course_settings(Path.cwd(), feedback=True, workers=1, scheduler=None).feedback


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("c.CourseGrade.memory = 'much'", "c.CourseGrade.memory = 'much'. It takes a whole number from 64 on, in MiB."),
        ("c.CourseGrade.memory = 1", "c.CourseGrade.memory = 1. It takes a whole number from 64 on"),
        ("c.CourseGrade.processes = True", "c.CourseGrade.processes = True. It takes a whole number above 0."),
        ("c.CourseGrade.seconds = 0.5", "c.CourseGrade.seconds = 0.5. It takes a whole number above 0, in seconds."),
        ("c.CourseGrade.timeout = -3", "c.CourseGrade.timeout = -3."),
        ("c.CourseGrade.workers = 0", "c.CourseGrade.workers = 0."),
        ("c.CourseGrade.sandbox = 'docker'", 'It takes "namespaces", "container" or "none".'),
        ("c.CourseGrade.image = None", "c.CourseGrade.image = None. It takes the name of an image."),
        ("c.CourseGrade.feedback = 'no'", "c.CourseGrade.feedback = 'no'. It takes True or False."),
        ("c.CourseGrade.provisional = 0", 'It takes "keep" or "zero".'),
        ("c.CourseGrade.memroy = 4096", "sets c.CourseGrade.memroy, which there is not. Did you mean memory?"),
        ("c.CourseGrade.xyz = 1", "which there is not. There are feedback, image, memory, "),
        ("c.CourseGrade = 4096", "cannot be read (ValueError: "),
        ("c.CourseGrade.memory = (4096", "cannot be read (SyntaxError: "),
    ],
)
def test_a_bad_value_gives_one_sentence(course, asked: dict[str, object], line: str, said: str):
    with pytest.raises(SettingsError, match=re.escape(said)):
        course_settings(course(line))
    done = CliRunner().invoke(main, ["grade", "01_x"])
    assert done.exit_code == 2 and not asked
    assert "Traceback" not in done.output and "nbgrader_config.py" in done.output


def test_the_guide_the_help_and_the_command_name_every_setting():
    names = set(CourseGrade.class_trait_names(config=True))
    guide = (ROOT / "book" / "guides" / "teach.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^c\.CourseGrade\.(\w+)", guide, re.MULTILINE)) == names
    command = main.commands["grade"]
    assert names <= {word.removeprefix("--") for option in command.params for word in option.opts}
    assert names <= set(re.findall(r"\w+", str(command.help)))
