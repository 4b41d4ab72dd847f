"""Exercises come into `my_work/`, and nothing that a learner changed there is ever overwritten."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from functional_course import bringing, cli
from functional_course.my_work import RECORD, Brought, bring
from functional_course.progress import next_step, overview

import pytest
from click.testing import CliRunner
from conftest import ROOT

BUILD, PICTURE = Path("01_one/build.ipynb"), Path("01_one/images/model.svg")
NOTHING = Brought((), (), ())


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with a notebook and its picture."""
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "exercises" / PICTURE).parent.mkdir(parents=True)
    (tmp_path / "exercises" / BUILD).write_text("version 1")
    (tmp_path / "exercises" / PICTURE).write_bytes(b"<svg/>")
    return tmp_path


def test_all_files_come_once_and_hidden_ones_not(course: Path):
    (course / "exercises" / "01_one" / ".ipynb_checkpoints").mkdir()
    (course / "exercises" / "01_one" / ".ipynb_checkpoints" / "build.ipynb").write_text("old")
    assert bring(course) == Brought((BUILD, PICTURE), (), ())
    assert (course / "my_work" / BUILD).read_text() == "version 1"
    assert (course / "my_work" / PICTURE).read_bytes() == b"<svg/>"
    assert bring(course) == NOTHING
    assert sorted(path.name for path in (course / "my_work").rglob("*")) == [
        "01_one",
        "build.ipynb",
        "images",
        "model.svg",
    ]


def test_what_was_left_alone_is_updated(course: Path):
    bring(course)
    (course / "exercises" / BUILD).write_text("version 2")
    assert bring(course) == Brought((), (BUILD,), ())
    assert (course / "my_work" / BUILD).read_text() == "version 2"
    assert bring(course) == NOTHING


@pytest.mark.parametrize("forgotten", [False, True], ids=["", "its record lost"])
def test_what_was_changed_stays_and_is_named_as_long_as_there_is_a_newer_one(course: Path, forgotten: bool):
    bring(course)
    (course / "my_work" / BUILD).write_text("version 1 with my answer")
    assert bring(course) == NOTHING, "there is no newer version"
    (course / "exercises" / BUILD).write_text("version 2")
    if forgotten:
        (course / RECORD).write_text("{damaged")
    for _ in range(2):
        assert bring(course) == Brought((), (), (BUILD,))
        assert (course / "my_work" / BUILD).read_text() == "version 1 with my answer"


def test_a_lost_record_alone_overwrites_nothing_and_names_nothing(course: Path):
    bring(course)
    (course / RECORD).unlink()
    assert bring(course) == NOTHING


def test_what_is_removed_comes_again_and_what_is_more_stays(course: Path):
    bring(course)
    (course / "my_work" / BUILD).unlink()
    (course / "my_work" / "01_one" / "notes.md").write_text("mine")
    assert bring(course) == Brought((BUILD,), (), ())
    assert (course / "my_work" / "01_one" / "notes.md").read_text() == "mine"


def test_a_link_in_the_place_of_a_notebook_is_not_followed_to_overwrite(course: Path):
    (course / "my_work" / "01_one").mkdir(parents=True)
    (course / "elsewhere").write_text("mine")
    (course / "my_work" / BUILD).symlink_to(course / "elsewhere")
    assert bring(course).kept == (BUILD,)
    assert (course / "elsewhere").read_text() == "mine"


def test_after_a_file_that_cannot_be_written_the_next_call_goes_on(course: Path):
    (course / "my_work").mkdir()
    (course / "my_work" / "01_one").write_text("a file where a folder should be")
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        bring(course)
    (course / "my_work" / "01_one").unlink()
    assert bring(course).new == (BUILD, PICTURE)


def test_the_command_says_what_came_and_what_stayed(course: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(course)
    first = CliRunner().invoke(cli.main, ["start"])
    assert first.exit_code == 0 and "my_work/01_one/build.ipynb" in first.output
    (course / "my_work" / BUILD).write_text("my answer")
    (course / "exercises" / BUILD).write_text("version 2")
    second = CliRunner().invoke(cli.main, ["start"])
    assert second.exit_code == 0 and "yours is as you left it" in second.output
    (course / "exercises").rename(course / "away")
    third = CliRunner().invoke(cli.main, ["start"])
    assert third.exit_code == 2 and "no folder" in third.output


def test_progress_looks_where_the_learner_works_and_names_paths_from_where_they_are(
    course: Path, monkeypatch: pytest.MonkeyPatch
):

    assert [row.path for row in overview(course)] == ["exercises/01_one/build.ipynb"]
    bring(course)
    rows = overview(course)
    assert [row.path for row in rows] == ["my_work/01_one/build.ipynb"]
    for folder, path in ((course, "my_work/01_one/build.ipynb"), (course / "my_work", "01_one/build.ipynb")):
        monkeypatch.chdir(folder)
        assert f" {path} " in next_step(rows, course), "it can't be checked: it holds no notebook"


def test_one_command_copies_the_exercises_and_opens_jupyterlab_there():
    lines = subprocess.run(["make", "--dry-run", "learn"], cwd=ROOT, capture_output=True, text=True).stdout
    assert lines.index("course start") < lines.index("jupyter lab") and "my_work" in lines
    assert "/my_work/" in (ROOT / ".gitignore").read_text().splitlines()


def test_a_record_takes_nothing_away_outside_its_place(tmp_path: Path):
    theirs, record = tmp_path / "theirs.txt", tmp_path / "record.json"
    theirs.write_text("mine")
    known = bringing.digest_of("", b"mine")
    record.write_text(json.dumps({"../theirs.txt": known, str(theirs): known}))
    bringing.bring([], tmp_path / "place", record, removing=True)
    assert theirs.read_text() == "mine"
