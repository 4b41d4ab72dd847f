"""Whatever is handed in becomes the released notebook with the learner's answers in it, and each repair is said."""

from __future__ import annotations

import copy
import datetime
import errno
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from functional_course.grading.analysis.names import acts, defined
from functional_course.grading.analysis.scope import wanted
from functional_course.grading.taking_in import assembling, opening, submitted
from functional_course.grading.taking_in.intake import MISSING, READ, UNREADABLE, Intake, take_in
from functional_course.grading.taking_in.repairs import NOTE, REFUSED, REPAIRED, SUSPICIOUS
from functional_course.grading.taking_in.roles import Role
from functional_course.notebooks import reading

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
FUNCTION_STUB = "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
GIVEN = "limit = 10\nprint(limit)"
BROKEN = "broken = 1 / 0"
TEST_TOTAL = (
    'rubric = checks.Rubric("total", points=2)\nwith rubric.criterion(2, "3"):\n    assert total == 3\nrubric.score()'
)
TEST_DOUBLE = (
    TEST_TOTAL.replace("total", "double").replace("points=2", "points=3").replace("double == 3", "double(2) == 4")
)
TOTAL, DOUBLE = "total = 1 + 2", "def double(x):\n    return 2 * x"


def marked(grade_id: str, **marks: Any) -> dict[str, Any]:
    usual = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "task": False}
    return {"nbgrader": {"grade_id": grade_id, **usual, **marks}}


def test_marks(grade_id: str, points: float) -> dict[str, Any]:
    return marked(grade_id, grade=True, locked=True, points=points)


test_marks.__test__ = False


def small() -> nbformat.NotebookNode:
    """A released notebook: title, set-up, an answer that is a variable and one that is a function, a broken cell."""
    set_up = marked("set-up", locked=True)
    cells = [
        new_markdown_cell("# Small", id="title"),
        new_code_cell("from functional_course import checks", id="set-up", metadata=set_up),
        new_code_cell(GIVEN, id="given", metadata=marked("given", locked=True)),
        new_code_cell(STUB, id="total", metadata=marked("total", solution=True)),
        new_code_cell(TEST_TOTAL, id="test-total", metadata=test_marks("test-total", 2)),
        new_code_cell(BROKEN, id="broken", metadata={"tags": ["raises-exception"]}),
        new_code_cell(FUNCTION_STUB, id="double", metadata=marked("double", solution=True)),
        new_code_cell(TEST_DOUBLE, id="test-double", metadata=test_marks("test-double", 3)),
    ]
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["functional_course"] = {"chapter": "00_small", "notebook": "build"}
    return notebook


RELEASED = small()
INDEX = {cell.id: index for index, cell in enumerate(RELEASED.cells)}


def answered(total: str = TOTAL, double: str = DOUBLE) -> dict[str, Any]:
    """What a learner hands in, as JSON."""
    notebook = json.loads(nbformat.writes(small()))
    for cell in notebook["cells"]:
        cell["source"] = {"total": total, "double": double}.get(cell["id"], cell["source"])
    return notebook


def code(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more}


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    folder = tmp_path / "submitted" / "alice" / "00_small"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def hand_in(submission: Path) -> Callable[..., Intake]:
    """Hand in one notebook, as JSON, text or bytes, and take it in."""

    def take(content: Any, name: str = "build.ipynb", **options: Any) -> Intake:
        text = json.dumps(content) if isinstance(content, (dict, list)) else content
        (submission / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return checked(take_in(submission, {"build": RELEASED}, **options), {"build": RELEASED})

    return take


def checked(intake: Intake, released: dict[str, nbformat.NotebookNode]) -> Intake:
    """What holds of every intake: nothing of a released notebook but its answers is lost or changed."""
    assert set(intake.notebooks) == set(intake.states) == set(released)
    for name, notebook in intake.notebooks.items():
        nbformat.validate(notebook)
        nbformat.writes(notebook).encode("utf-8")
        roles = intake.roles[name]
        assert len(roles) == len(notebook.cells)
        kept = [cell for cell, role in zip(notebook.cells, roles, strict=True) if role != Role.ADDED]
        assert len(kept) == len(released[name].cells)
        for clean, original in zip(kept, released[name].cells, strict=True):
            if original.metadata.get("nbgrader", {}).get("solution"):
                clean = copy.deepcopy(clean)
                clean.source = original.source
            assert clean == original
        for cell in notebook.cells:
            if cell not in kept:
                assert cell.cell_type == "code" and not cell.metadata and not cell.outputs
        assert {key: notebook[key] for key in notebook if key != "cells"} == {
            key: released[name][key] for key in released[name] if key != "cells"
        }
    for repair in intake.found:
        assert repair.kind != "failed", repair.teacher
        assert repair.severity in (NOTE, REPAIRED, SUSPICIOUS, REFUSED)
        for sentence in (repair.learner, repair.teacher):
            assert sentence.endswith(".") and sentence.isprintable() and len(sentence) < 600, sentence
        assert not any(word in repair.learner.lower() for word in ("attack", "cheat", "tamper", "suspicious"))
    return intake


def text_of(intake: Intake, cell: str) -> str:
    return next(one.source for one in intake.notebooks["build"].cells if one.id == cell)


def order(intake: Intake) -> list[str]:
    """Ids of the released cells, and the texts of the added ones."""
    return [one.source if one.id.startswith("learner-") else one.id for one in intake.notebooks["build"].cells]


def said(intake: Intake, kind: str) -> tuple[str, str, str, str]:
    """Severity, cell and sentences of the one repair of a kind."""
    [repair] = [repair for repair in intake.found if repair.kind == kind]
    return repair.severity, repair.cell, repair.learner, repair.teacher


def kinds(intake: Intake) -> list[str]:
    return [repair.kind for repair in intake.found]


# --- an ordinary submission -------------------------------------------------------------------------------------------


def test_an_ordinary_submission_needs_no_repair(hand_in: Callable[..., Intake], submission: Path):
    (submission / "timestamp.txt").write_text("2026-02-02 15:58:23.948203 UTC\n")
    intake = hand_in(answered())
    assert intake.found == () and intake.states == {"build": READ} and intake.files == {"build": "build.ipynb"}
    assert (text_of(intake, "total"), text_of(intake, "double")) == (TOTAL, DOUBLE)
    assert intake.timestamp == datetime.datetime(2026, 2, 2, 15, 58, 23, 948203, tzinfo=datetime.timezone.utc)
    assert len(intake.notebooks["build"].cells) == len(RELEASED.cells)


def test_source_may_be_a_list_or_a_string_and_lines_may_end_as_on_windows(hand_in: Callable[..., Intake]):
    notebook = answered(total=["total = 1\r\n", "total += 2\r\n", 7])
    assert text_of(hand_in(notebook), "total") == "total = 1\ntotal += 2\n"


def test_outputs_tags_ids_and_counts_do_not_arrive(hand_in: Callable[..., Intake]):
    notebook = answered()
    test = notebook["cells"][INDEX["test-total"]]
    test["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "2"}, "metadata": {}}]
    test["execution_count"] = 17
    notebook["cells"].insert(0, code("helper = 1", id="x", metadata={"tags": ["skip-execution"], "collapsed": True}))
    assert order(hand_in(notebook)) == ["helper = 1", *INDEX]  # the rest is in checked()


def test_the_secret_under_which_the_exchange_keeps_feedback_is_passed_on(
    hand_in: Callable[..., Intake], submission: Path, tmp_path: Path
):
    (submission / "submission_secret.txt").write_text("5e" * 64)
    intake = hand_in(answered())
    written = intake.write(tmp_path / "clean")
    assert intake.found == () and [path.name for path in written] == ["build.ipynb", "submission_secret.txt"]
    assert written[1].read_text() == "5e" * 64


@pytest.mark.parametrize("content", [b"", b"5e", b"../" * 40, b"\xff" * 128, b"5e" * 64 + b"\n", b"5e" * 999])
def test_a_secret_that_nbgrader_did_not_make_up_is_left_out(
    hand_in: Callable[..., Intake], submission: Path, tmp_path: Path, content: bytes
):
    (submission / "submission_secret.txt").write_bytes(content)
    intake = hand_in(answered())
    assert intake.secret is None and [path.name for path in intake.write(tmp_path / "clean")] == ["build.ipynb"]


def test_the_digest_tells_whether_there_is_anything_new(hand_in: Callable[..., Intake]):
    first = hand_in(answered()).digest
    noisy = answered()
    noisy["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    assert hand_in(noisy).digest == first
    assert hand_in(answered(total="total = 3")).digest != first


def test_what_is_written_is_what_nbgrader_reads(hand_in: Callable[..., Intake], submission: Path, tmp_path: Path):
    (submission / "timestamp.txt").write_text("2026-02-02 15:58:23 +0100")
    intake = hand_in(answered())
    written = intake.write(tmp_path / "clean")
    assert [path.name for path in written] == ["build.ipynb", "timestamp.txt"]
    assert nbformat.read(written[0], 4) == intake.notebooks["build"]
    assert written[1].read_text() == "2026-02-02 14:58:23.000000 UTC\n"


def test_it_imports_neither_keras_nor_nbgrader():
    program = (
        "import sys, functional_course.grading.taking_in.intake;"
        "print([m for m in ('keras', 'nbgrader') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (b"", "empty", "is empty"),
        (b" \n", "empty", "is empty"),
        (b"import keras\n", "not-json", "is not JSON (line 1, column 1), so it is not a notebook"),
        (b'{"cells": [', "not-json", "is not JSON (line 1, column 12), so it is not a notebook"),
        (b"\x80\x03}q\x00.", "not-json", "is not JSON (line 1, column 1), so it is not a notebook"),
        (b"[1, 2]", "not-a-notebook", "is JSON, but not a notebook"),
        (b'{"nbformat": 4}', "not-a-notebook", "is JSON, but not a notebook: it has no cells"),
        (b'{"cells": 3}', "not-a-notebook", "is JSON, but not a notebook: it has no cells"),
        (b"[" * 200_000 + b"]" * 200_000, "not-a-notebook", "is nested too deeply to be a notebook"),
        (b'{"cells": [' + b"[]," * 1_500_000 + b"[]]}", "too-large", "has more than 2,000,000 values"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_a_file_that_is_no_notebook_is_graded_without_answers(
    hand_in: Callable[..., Intake], content: bytes, kind: str, reason: str
):
    intake = hand_in(content)
    assert intake.states == {"build": UNREADABLE} and intake.notebooks["build"] == RELEASED
    severity, cell, learner, teacher = said(intake, kind)
    assert (severity, cell) == (REFUSED, "") and kinds(intake) == [kind]
    assert learner.startswith(f"`build.ipynb` could not be graded: it {reason}. ")
    assert teacher == f"`build.ipynb` {reason}; the released notebook was graded without answers, 0 points."


def test_a_huge_file_is_not_read(submission: Path):
    with open(submission / "build.ipynb", "wb") as file:
        file.truncate(10**12)
    intake = checked(take_in(submission, {"build": RELEASED}), {"build": RELEASED})
    learner = "`build.ipynb` could not be graded: it has more than 20 MB. Clear its outputs"
    assert said(intake, "too-large")[2].startswith(learner)
    (submission / "build.ipynb").write_text(json.dumps(answered()))
    assert take_in(submission, {"build": RELEASED}, largest=100).states == {"build": UNREADABLE}


def test_a_check_and_an_intake_open_files_alike():
    assert opening.LARGEST is reading.LARGEST and opening.SAFELY is reading.SAFELY


def test_links_are_not_followed(submission: Path, tmp_path: Path):
    secret = tmp_path / "secret.ipynb"
    secret.write_text(json.dumps(answered()))
    for target in (secret, "/nowhere/at/all"):
        (submission / "build.ipynb").unlink(missing_ok=True)
        (submission / "build.ipynb").symlink_to(target)
        intake = checked(take_in(submission, {"build": RELEASED}), {"build": RELEASED})
        severity, _, learner, teacher = said(intake, "link")
        assert severity == REFUSED and intake.states == {"build": UNREADABLE}
        assert learner.endswith("Hand in the file itself, not a link to it.")
        assert teacher.startswith("`build.ipynb` is a link (to `/")


def test_no_part_of_the_path_below_submitted_may_be_a_link(submission: Path, tmp_path: Path):
    (submission / "build.ipynb").write_text(json.dumps(answered()))
    root = tmp_path / "submitted"
    (root / "bob").symlink_to(root / "alice")
    (root / "carol").mkdir()
    (root / "carol" / "00_small").symlink_to(submission)
    for student in ("bob", "carol"):
        intake = checked(take_in(root / student / "00_small", {"build": RELEASED}), {"build": RELEASED})
        severity, _, learner, teacher = said(intake, "folder")
        assert severity == REFUSED and kinds(intake) == ["folder"] and intake.states == {"build": MISSING}
        assert learner.startswith("Your submission could not be opened: it is a link (to `")
        assert teacher.startswith("The submission's folder (or one on the way to it) is a link (to `")
    assert take_in(submission, {"build": RELEASED}).found == ()


@pytest.mark.parametrize("what", ["pipe", "folder", "socket"])
def test_what_is_no_file_is_not_waited_for(submission: Path, what: str, monkeypatch: pytest.MonkeyPatch):
    path = submission / "build.ipynb"
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        import socket

        monkeypatch.chdir(submission)  # the path of a socket must be short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("build.ipynb")
    intake = checked(take_in(submission, {"build": RELEASED}), {"build": RELEASED})
    is_what = "a folder" if what == "folder" else "no ordinary file"
    expected = f"`build.ipynb` could not be graded: it is {is_what}. Hand in the notebook file itself."
    assert said(intake, "not-a-file")[2] == expected


def test_a_hard_link_is_noted(hand_in: Callable[..., Intake], submission: Path, tmp_path: Path):
    (tmp_path / "other").write_text(json.dumps(answered()))
    os.link(tmp_path / "other", submission / "build.ipynb")
    intake = checked(take_in(submission, {"build": RELEASED}), {"build": RELEASED})
    assert said(intake, "hard-link")[3] == (
        "`build.ipynb` is a hard link: the file has 2 names on the disk. It was read as it is."
    )
    assert text_of(intake, "total") == TOTAL


def test_a_file_without_permission_is_said(hand_in: Callable[..., Intake], monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    hand_in(answered())
    with monkeypatch.context() as patch:
        patch.setattr(opening, "_open", lambda name, flags, descriptor: _open_or(name, flags, descriptor, refuse))
        intake = hand_in(answered())
    assert said(intake, "cannot-open")[3].startswith("`build.ipynb` cannot be opened (Permission denied)")


def _open_or(name: str, flags: int, descriptor: int, refuse: Callable[..., int]) -> int:
    if not name.endswith(".ipynb"):
        return os.open(name, flags, dir_fd=descriptor)
    try:
        return refuse()
    except OSError as error:
        raise opening._why(name, descriptor, error) from error


def test_trouble_of_the_machine_costs_nobody_points(hand_in: Callable[..., Intake], monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    hand_in(answered())
    monkeypatch.setattr(opening.os, "open", full)
    with pytest.raises(OSError, match="Too many open files"):
        hand_in(answered())


def test_a_missing_notebook_and_a_missing_folder_are_said(submission: Path):
    intake = checked(take_in(submission, {"build": RELEASED}), {"build": RELEASED})
    severity, _, learner, _ = said(intake, "missing")
    assert severity == NOTE and intake.states == {"build": MISSING}
    assert learner == "There was no `build.ipynb` in what you handed in, so it was graded without answers."
    intake = take_in(submission.parent / "99_none", {"build": RELEASED})
    assert said(intake, "folder")[2] == "Your submission could not be opened: it is not there. Hand it in."


@pytest.mark.parametrize(
    "name", ["build (1).ipynb", "Build.ipynb", "build-1.ipynb", "build-Copy2.ipynb", "alice_build.ipynb",
             "build.ipynb.txt", "BUILD.IPYNB", "Untitled.ipynb"]
)  # fmt: skip
@pytest.mark.parametrize("marks", ["kept", "lost"])
def test_a_renamed_notebook_is_found(hand_in: Callable[..., Intake], name: str, marks: str):
    notebook = answered()
    if marks == "lost":
        for cell in notebook["cells"]:
            cell.pop("id")
            cell["metadata"] = {}
        del notebook["metadata"]["functional_course"]
    intake = hand_in(notebook, name)
    severity, _, learner, teacher = said(intake, "renamed")
    assert severity == REPAIRED and learner == f"Your file `{name}` was graded as `build.ipynb`."
    assert teacher.startswith(f"`{name}` was taken as `build.ipynb`, by its ")
    assert (text_of(intake, "total"), text_of(intake, "double")) == (TOTAL, DOUBLE)


def test_of_several_files_the_one_with_answers_counts(hand_in: Callable[..., Intake], submission: Path):
    (submission / "build.ipynb").write_text(nbformat.writes(RELEASED))
    (submission / "build (1).ipynb").write_text(json.dumps(answered(total="total = 1")))
    intake = hand_in(answered(), "build (2).ipynb")
    assert intake.files == {"build": "build (2).ipynb"} and text_of(intake, "total") == TOTAL
    assert said(intake, "several-files")[2] == (
        "You handed in more than one file for `build`; `build (2).ipynb` was graded, "
        "and `build.ipynb`, `build (1).ipynb` was not."
    )
    intake = hand_in(answered(total="total = 4"))
    assert intake.files == {"build": "build.ipynb"} and text_of(intake, "total") == "total = 4"


def test_a_readable_copy_counts_where_the_file_itself_is_damaged(hand_in: Callable[..., Intake], submission: Path):
    (submission / "build.ipynb").write_text("<<<<<<< HEAD")
    assert text_of(hand_in(answered(), "build (1).ipynb"), "total") == TOTAL


def test_an_unrelated_notebook_is_not_taken_for_one(hand_in: Callable[..., Intake], submission: Path):
    scratch = {"nbformat": 4, "cells": [code("from functional_course import checks"), code("total = 99")]}
    (submission / "scratch.ipynb").write_text(json.dumps(scratch))
    intake = hand_in(nbformat.writes(RELEASED))
    assert intake.files == {"build": "build.ipynb"} and text_of(intake, "total") == STUB


def test_exchanged_files_are_told_apart_by_their_cells(submission: Path):
    other = small()
    for cell in other.cells:
        cell.id = f"debug-{cell.id}"
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.grade_id = f"debug-{cell.metadata.nbgrader.grade_id}"
    released = {"build": RELEASED, "debug": other}
    (submission / "debug.ipynb").write_text(json.dumps(answered()))
    (submission / "build.ipynb").write_text(nbformat.writes(other))
    intake = checked(take_in(submission, released), released)
    assert intake.files == {"build": "debug.ipynb", "debug": "build.ipynb"} and text_of(intake, "total") == TOTAL


def test_a_folder_in_the_folder_is_looked_into(submission: Path):
    (submission / "00_small").mkdir()
    (submission / "00_small" / "build.ipynb").write_text(json.dumps(answered()))
    (submission / "__MACOSX").mkdir()
    intake = checked(take_in(submission, {"build": RELEASED}), {"build": RELEASED})
    assert said(intake, "renamed")[2] == "Your file `00_small/build.ipynb` was graded as `build.ipynb`."
    assert text_of(intake, "total") == TOTAL


@pytest.mark.parametrize("place", ["00_small", "a/b", "ann's work/00_small/00_small", "1/2/3/4/5"])
def test_a_notebook_some_folders_down_is_found(hand_in: Callable[..., Intake], submission: Path, place: str):
    (submission / place).mkdir(parents=True)
    for own in ("__MACOSX", ".ipynb_checkpoints", "__MACOSX/deeper"):
        (submission / own).mkdir()
        (submission / own / "build.ipynb").write_text(json.dumps(answered(total="total = 1")))
    (submission / "other.ipynb").write_text(json.dumps({"nbformat": 4, "cells": [code("y = 1")]}))
    intake = hand_in(answered(), f"{place}/build.ipynb")
    assert intake.states == {"build": READ} and text_of(intake, "total") == TOTAL
    assert said(intake, "renamed")[2] == f"Your file `{place}/build.ipynb` was graded as `build.ipynb`."


def test_what_lies_deeper_is_looked_for_only_where_it_is_missing_above(submission: Path):
    other = small()
    for cell in other.cells:
        cell.id = f"debug-{cell.id}"
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.grade_id = f"debug-{cell.metadata.nbgrader.grade_id}"
    released = {"build": RELEASED, "debug": other}
    (submission / "build.ipynb").write_text(json.dumps(answered()))
    for place in ("new", "new/old"):
        (submission / place).mkdir()
        (submission / place / "build.ipynb").write_text(json.dumps(answered(total="total = 1")))
    (submission / "new" / "old" / "debug.ipynb").write_text(nbformat.writes(other))
    intake = checked(take_in(submission, released), released)
    assert intake.files == {"build": "build.ipynb", "debug": "new/old/debug.ipynb"}
    assert kinds(intake) == ["renamed"]


def test_a_link_some_folders_down_is_not_followed(submission: Path, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "build.ipynb").write_text(json.dumps(answered()))
    (submission / "a").mkdir()
    (submission / "a" / "b").symlink_to(tmp_path / "elsewhere")
    intake = checked(take_in(submission, {"build": RELEASED}), {"build": RELEASED})
    assert intake.states == {"build": MISSING}


def test_very_many_folders_are_not_looked_into_without_end(submission: Path):
    for number in range(100):
        (submission / f"{number:03}" / "x" / "y").mkdir(parents=True)
    (submission / "099" / "build.ipynb").write_text(json.dumps(answered()))
    assert take_in(submission, {"build": RELEASED}).states == {"build": MISSING}


@pytest.mark.parametrize("name", ["work.zip", "A.TAR.GZ", "x.rar", "build.py", "build (1).html", "alice_build.pdf"])
def test_what_may_hold_a_missing_notebook_is_flagged(submission: Path, name: str):
    (submission / name).write_text("x")
    (submission / "notes.py").write_text("x")
    intake = checked(take_in(submission, {"build": RELEASED}), {"build": RELEASED})
    severity, _, learner, teacher = said(intake, "missing")
    assert severity == REFUSED and [repair.kind for repair in intake.flags] == ["missing"]
    assert learner.endswith(f"If it is in `{name}`, hand in the notebook itself.")
    assert teacher.endswith(f"Look at `{name}`: it may be in there.")


def test_stray_files_are_left_out_and_named(hand_in: Callable[..., Intake], submission: Path):
    (submission / "numpy.py").write_text("raise SystemExit")
    (submission / "images").mkdir()
    (submission / "evil\n`x`\u202e").write_text("")
    (submission / "secrets").symlink_to("/etc")
    intake = hand_in(answered(), given={"images"})
    severity, _, learner, teacher = said(intake, "files")
    assert severity == NOTE
    assert learner == (
        "Only the notebooks are graded; these other files were left out: `evil??x??`, `numpy.py`, `secrets`."
    )
    assert teacher.endswith("1 of them are links.")


def test_a_folder_with_very_many_files_is_not_read_to_its_end(
    hand_in: Callable[..., Intake], submission: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(opening, "MOST_ENTRIES", 5)
    for number in range(10):
        (submission / f"{number}.txt").write_text("")
    hand_in(answered())
    assert said(take_in(submission, {"build": RELEASED}), "files")[2].endswith("too many files to list them all.")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"yesterday",
        b"\xff\xfe",
        b"2026-13-45 00:00:00 UTC",
        b"x" * 2000,
        b"2026-01-01 00:00:00 ../../etc/passwd",
        b"0001-01-01 00:00:00 +2359",
    ],
)
def test_a_damaged_timestamp_is_said_and_harms_nothing(
    hand_in: Callable[..., Intake], submission: Path, content: bytes
):
    (submission / "timestamp.txt").write_bytes(content)
    intake = hand_in(answered())
    severity, _, learner, teacher = said(intake, "timestamp")
    assert intake.timestamp is None and severity == REPAIRED and text_of(intake, "total") == TOTAL
    assert learner == "The file with the time of your submission could not be read; your answers were graded anyway."
    assert teacher.endswith("the time of the submission is not known, and no lateness was counted.")


@pytest.mark.parametrize("text", ["2026-07-01 12:00:00.0 Europe/Berlin", "2026-07-01T10:00:00Z", "2026-07-01 10:00:00",
                                  "2026-07-01 05:00:00 -05:00", "2026-07-01 10:00:00.000000 UTC\n"])  # fmt: skip
def test_timestamps_of_every_zone_are_read(hand_in: Callable[..., Intake], submission: Path, text: str):
    (submission / "timestamp.txt").write_text(text)
    assert hand_in(answered()).timestamp == datetime.datetime(2026, 7, 1, 10, tzinfo=datetime.timezone.utc)


# --- what is in a file ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (json.dumps(answered(total="total = 3  # ähm"), ensure_ascii=False).encode("latin-1"), "is not UTF-8 (byte "),
        (json.dumps(answered()).encode("utf-16"), "is UTF-16, not UTF-8"),
    ],
)
def test_another_encoding_is_read_as_far_as_it_goes(hand_in: Callable[..., Intake], data: bytes, reason: str):
    intake = hand_in(data)
    severity, _, learner, teacher = said(intake, "encoding")
    assert severity == REPAIRED and teacher.startswith(f"The file {reason}") and "graded anyway." in learner
    assert text_of(intake, "total").startswith("total = ")


def test_a_byte_order_mark_is_nothing_to_speak_of(hand_in: Callable[..., Intake]):
    assert hand_in(b"\xef\xbb\xbf" + json.dumps(answered()).encode()).found == ()


def test_strange_json_is_read(hand_in: Callable[..., Intake]):
    text = json.dumps(answered(total="total = 3 # \ud800 \x00"))
    text = text.replace('"nbformat": 4', '"x": [NaN, Infinity, -1e999, ' + "9" * 5000 + '], "cells": [], "nbformat": 4')
    body = text[1:]
    twice = "{" + '"cells": [], ' + body
    assert text_of(hand_in(text.replace('"cells": [], "nbformat"', '"nbformat"')), "total") == "total = 3 # ? "
    assert text_of(hand_in(twice.replace(', "cells": [], "nbformat"', ', "nbformat"')), "total") == "total = 3 # ? "


@pytest.mark.parametrize(
    ("version", "reason"),
    [(5, "has the notebook format 5"), (3.5, "does not say its notebook format"), ("four", "does not say its notebook"),
     (None, "does not say its notebook"), (True, "does not say its notebook")],
)  # fmt: skip
def test_another_format_is_read_as_far_as_it_has_cells(hand_in: Callable[..., Intake], version: Any, reason: str):
    intake = hand_in({**answered(), "nbformat": version})
    assert said(intake, "format")[2].startswith(f"Your file {reason}")
    assert text_of(intake, "total") == TOTAL


def test_an_old_format_is_read(hand_in: Callable[..., Intake]):
    cells = [
        {"cell_type": cell["cell_type"], "language": "python", "metadata": cell["metadata"],
         "input" if cell["cell_type"] == "code" else "source": cell["source"]}
        for cell in answered()["cells"]
    ]  # fmt: skip
    intake = hand_in({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}, None, {}]})
    assert said(intake, "format")[3] == "The file has the notebook format 3."
    assert (text_of(intake, "total"), text_of(intake, "double")) == (TOTAL, DOUBLE)


def test_cells_may_lack_everything(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"] += [
        None,
        3,
        [],
        {},
        {"cell_type": 7},
        {"source": {"a": 1}},
        {"cell_type": "code", "metadata": 3},
        {"cell_type": "code", "metadata": {"nbgrader": [], "tags": 5}, "id": 4, "source": None},
    ]
    assert order(hand_in(notebook)) == list(INDEX)


def test_another_kernel_and_another_editor_are_noted(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["metadata"]["kernelspec"]["name"] = "my`venv"
    notebook["metadata"]["colab"] = {"provenance": []}
    for cell in notebook["cells"]:
        cell["metadata"]["id"] = cell.pop("id")
    notebook["nbformat_minor"] = 0
    intake = hand_in(notebook)
    assert kinds(intake) == ["kernel", "editor"] and text_of(intake, "total") == TOTAL
    assert said(intake, "kernel")[2] == (
        "Your notebook asked for the kernel `my?venv`; it was run with `python3`, as released."
    )
    assert (
        said(intake, "editor")[2] == "What Google Colab added to your notebook was left out; your answers were graded."
    )
    notebook = answered()
    notebook["cells"][0]["metadata"]["vscode"] = {"languageId": "python"}
    assert said(hand_in(notebook), "editor")[3] == "The settings of VS Code were left out."


def test_another_chapter_is_said(hand_in: Callable[..., Intake]):
    notebook = {"nbformat": 4, "metadata": {"functional_course": {"chapter": "01_x"}}, "cells": [code("y = 1")]}
    notebook["cells"][0]["metadata"] = marked("y", solution=True, grade=True, points=5)
    intake = hand_in(notebook)
    assert said(intake, "other-chapter")[2] == (
        "Your file says that it belongs to `01_x`; what belongs to `00_small` was graded."
    )
    assert intake.flags == []


# --- answers ----------------------------------------------------------------------------------------------------------


def test_added_cells_stay_at_their_place(hand_in: Callable[..., Intake]):
    notebook = answered(double="def double(x):\n    return helper(x)")
    notebook["cells"].insert(INDEX["double"], code("def helper(x):\n    return 2 * x"))
    notebook["cells"].insert(INDEX["set-up"] + 1, code("import math"))
    notebook["cells"].append(code("print(double(3))"))
    notebook["cells"].append({"cell_type": "markdown", "source": "my notes", "metadata": {}})
    intake = hand_in(notebook)
    assert order(intake) == [
        "title", "set-up", "import math", "given", "total", "test-total", "broken", "def helper(x):\n    return 2 * x",
        "double", "test-double", "print(double(3))",
    ]  # fmt: skip
    assert intake.found == ()


def test_an_added_cell_that_needs_a_deleted_one_comes_after_it(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"][INDEX["given"]] = code("more = limit + 1")
    intake = hand_in(notebook)
    assert order(intake)[:5] == ["title", "set-up", "given", "more = limit + 1", "total"]
    assert said(intake, "restored")[1:3] == ("given", "These cells were missing, and were put back: `given`.")


def test_the_last_copy_of_an_answer_wins(hand_in: Callable[..., Intake]):
    notebook = answered()
    first = copy.deepcopy(notebook["cells"][INDEX["total"]])
    first["source"] = "total = 1"
    notebook["cells"].insert(INDEX["total"], first)
    intake = hand_in(notebook)
    assert text_of(intake, "total") == TOTAL and order(intake) == list(INDEX)
    assert said(intake, "copied-answer")[:3] == (
        REPAIRED, "total", "There was more than one copy of the cell `total`; the last one was graded.",
    )  # fmt: skip


def test_an_untouched_copy_does_not_win(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"].append(json.loads(nbformat.writes(small()))["cells"][INDEX["total"]])
    assert text_of(hand_in(notebook), "total") == TOTAL


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("one = 1", "total = one + 2", "one = 1\n\ntotal = one + 2"),
        ("total = 1\nif total:", "    total = 3", "total = 1\nif total:\n    total = 3"),
    ],
)
def test_a_split_answer_is_joined(hand_in: Callable[..., Intake], first: str, second: str, joined: str):
    notebook = answered(total=second)
    above = copy.deepcopy(notebook["cells"][INDEX["total"]])
    above["source"] = first
    notebook["cells"].insert(INDEX["total"], above)
    intake = hand_in(notebook)
    assert text_of(intake, "total") == joined and order(intake) == list(INDEX)
    assert said(intake, "split")[:3] == (
        REPAIRED, "total", "Your answer `total` was split into several cells; they were joined.",
    )  # fmt: skip


@pytest.mark.parametrize("marked_part", [0, 1])
def test_an_answer_split_within_a_block_is_joined_though_one_part_lost_its_name(
    hand_in: Callable[..., Intake], marked_part: int
):
    notebook = answered()
    parts = ["def double(x):\n    y = x", "    return y + x"]
    cells = [code(part) for part in parts]
    cells[marked_part] = {**notebook["cells"][INDEX["double"]], "source": parts[marked_part]}
    notebook["cells"][INDEX["double"] : INDEX["double"] + 1] = cells
    intake = hand_in(notebook)
    assert text_of(intake, "double") == "\n".join(parts) and order(intake) == list(INDEX)


def test_cells_in_another_order_are_put_back(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"].reverse()
    intake = hand_in(notebook)
    assert (
        said(intake, "order")[2] == "The cells were in a different order; they were put back into the released order."
    )
    assert (text_of(intake, "total"), text_of(intake, "double")) == (TOTAL, DOUBLE) and intake.flags == []


def test_answers_are_found_by_their_names_where_all_metadata_is_lost(hand_in: Callable[..., Intake]):
    notebook = answered()
    for cell in notebook["cells"]:
        cell.pop("id")
        cell["metadata"] = {}
    notebook["cells"].insert(4, code("spare = 1"))
    intake = hand_in(notebook)
    assert (text_of(intake, "total"), text_of(intake, "double")) == (TOTAL, DOUBLE)
    assert [one for one in order(intake) if one not in INDEX] == ["spare = 1"] and intake.flags == []
    found = [repair.learner for repair in intake.found if repair.kind == "found-by-name"]
    assert found[0] == "Your answer `total` was in a different cell; it was found by the names that it defines."
    assert said(intake, "tags-lost")[2] == (
        "The cells had lost the grader's names; they were recognised by their text and by what they define."
    )


def test_an_answer_in_a_new_cell_is_found(hand_in: Callable[..., Intake]):
    notebook = answered(total=STUB, double="")
    notebook["cells"] += [code(TOTAL), code("print(7)"), code(DOUBLE)]
    intake = hand_in(notebook)
    assert (text_of(intake, "total"), text_of(intake, "double")) == (TOTAL, DOUBLE)
    assert order(intake)[-1] == "print(7)"


def test_exchanged_grade_ids_are_put_right(hand_in: Callable[..., Intake]):
    notebook = answered()
    one, other = (notebook["cells"][INDEX[name]] for name in ("total", "double"))
    one["source"], other["source"] = other["source"], one["source"]
    intake = hand_in(notebook)
    assert (text_of(intake, "total"), text_of(intake, "double")) == (TOTAL, DOUBLE) and order(intake) == list(INDEX)


def test_an_answer_that_took_the_name_of_its_test_is_found(hand_in: Callable[..., Intake]):
    notebook = answered()
    answer, test = (notebook["cells"][INDEX[name]] for name in ("total", "test-total"))
    answer["metadata"], test["metadata"] = test["metadata"], answer["metadata"]
    answer["id"], test["id"] = test["id"], answer["id"]
    intake = hand_in(notebook)
    assert text_of(intake, "total") == TOTAL
    assert (
        said(intake, "retagged")[2] == "The cell `test-total` had another cell's name; it was recognised by its text."
    )


def test_given_code_may_be_handed_in_as_an_answer(hand_in: Callable[..., Intake]):
    intake = hand_in(answered(double=GIVEN))
    assert text_of(intake, "double") == GIVEN and intake.found == ()


def test_merged_answers_are_graded_from_one_cell(hand_in: Callable[..., Intake]):
    notebook = answered(total=f"{TOTAL}\n\n\n{DOUBLE}")
    del notebook["cells"][INDEX["double"]]
    intake = hand_in(notebook)
    assert text_of(intake, "double") == "# Answered in the cell `total`."
    assert said(intake, "merged")[2] == "Your answer `double` was in the cell `total`; it was graded from there."


def test_an_answer_merged_into_its_test_is_found(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"][INDEX["test-total"]]["source"] = f"{TOTAL}\n{TEST_TOTAL}"
    del notebook["cells"][INDEX["total"]]
    intake = hand_in(notebook)
    assert text_of(intake, "total").strip() == TOTAL and intake.flags == []


def test_a_deleted_answer_is_graded_as_not_answered(hand_in: Callable[..., Intake]):
    notebook = answered()
    del notebook["cells"][INDEX["total"]]
    intake = hand_in(notebook)
    assert text_of(intake, "total") == STUB
    assert said(intake, "missing-answer")[:3] == (
        REPAIRED, "total", "These cells for answers were missing, and were graded as not answered: `total`.",
    )  # fmt: skip


@pytest.mark.parametrize("source", [TOTAL, f"```python\n{TOTAL}\n```"])
@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_in_a_text_cell_becomes_code_again(hand_in: Callable[..., Intake], source: str, kind: str):
    notebook = answered(total=source)
    notebook["cells"][INDEX["total"]]["cell_type"] = kind
    intake = hand_in(notebook)
    assert text_of(intake, "total") == (TOTAL if kind == "markdown" else source)
    assert said(intake, "cell-type")[2] == f"Your answer `total` was in a {kind} cell; it was run as code."


@pytest.mark.parametrize("source", ["%%bash\nrm -rf ~", "%%time\ntotal = 3", "!ls", "%%writefile x.py\ntotal = 3"])
def test_magics_stay_text(hand_in: Callable[..., Intake], source: str):
    assert text_of(hand_in(answered(total=source)), "total") == source


def test_an_answer_that_was_emptied_is_the_stub_again(hand_in: Callable[..., Intake]):
    assert text_of(hand_in(answered(total=" \n")), "total") == STUB


@pytest.mark.parametrize(
    ("stub", "repaired"),
    [
        (
            "out = []\nfor x in y:\n    z = x + 1\nout.append(z)",
            "out = []\nfor x in y:\n    z = x + 1\n    out.append(z)",
        ),
        ("total = ', '.join(['a','b'])", "total = ','.join(['a','b'])"),
    ],
)
@pytest.mark.parametrize("marks", ["kept", "lost"])
def test_a_repair_by_white_space_alone_is_an_answer(submission: Path, stub: str, repaired: str, marks: str):
    released, notebook = small(), answered()
    released.cells[INDEX["total"]].source = stub
    notebook["cells"][INDEX["total"]]["source"] = repaired
    if marks == "lost":
        for cell in notebook["cells"]:
            cell["metadata"] = {}
    (submission / "build.ipynb").write_text(json.dumps(notebook))
    intake = checked(take_in(submission, {"build": released}), {"build": released})
    assert text_of(intake, "total") == repaired


def test_a_copy_of_the_stub_in_other_white_space_does_not_win(hand_in: Callable[..., Intake]):
    notebook = answered()
    stub = json.loads(nbformat.writes(small()))["cells"][INDEX["double"]]
    notebook["cells"].append({**stub, "source": FUNCTION_STUB.replace("    ", "  ") + "  \n"})
    assert text_of(hand_in(notebook), "double") == DOUBLE


# --- cells that are not the learner's ---------------------------------------------------------------------------------


def test_a_changed_test_cell_is_the_released_one_and_flagged(hand_in: Callable[..., Intake]):
    notebook = answered(total="total = 4")
    notebook["cells"][INDEX["test-total"]]["source"] = TEST_TOTAL.replace("== 3", "== 4")
    intake = hand_in(notebook)
    assert order(intake) == list(INDEX)
    severity, cell, learner, teacher = said(intake, "changed-test")
    assert (severity, cell) == (SUSPICIOUS, "test-total") and len(intake.flags) == 1
    assert learner.startswith("The text of the test cell `test-total` had changed; the released text was used.")
    assert teacher == (
        "The test cell `test-total` had a different text; the released one was used. "
        "Editors such as Colab do not lock cells, so it may be an accident."
    )


def test_a_changed_test_cell_without_metadata_is_not_run_as_the_learners(hand_in: Callable[..., Intake]):
    notebook = answered()
    test = TEST_TOTAL.replace("== 3", "== 4")
    notebook["cells"][INDEX["test-total"]] = code(test)
    assert order(hand_in(notebook)) == list(INDEX)


def test_white_space_is_no_change(hand_in: Callable[..., Intake]):
    notebook = answered()
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("    ", "  ") + "\n\n"
    assert hand_in(notebook).found == ()


def test_what_was_added_to_a_given_cell_is_run(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"][INDEX["given"]]["source"] = f"import math\n{GIVEN}\nmore = limit"
    intake = hand_in(notebook)
    assert order(intake)[1:6] == ["set-up", "import math\n", "given", "more = limit", "total"]
    assert said(intake, "added-to-cell")[2] == (
        "What you added to the given cell `given` was run in a cell of its own."
    )


def test_what_was_added_inside_a_block_of_a_test_is_a_change(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"][INDEX["test-total"]]["source"] = TEST_TOTAL.replace("    assert", "    total = 3\n    assert")
    assert "changed-test" in kinds(hand_in(notebook))


def test_a_changed_read_only_cell_is_the_released_one(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"][INDEX["given"]]["source"] = "limit = 11"
    intake = hand_in(notebook)
    assert order(intake) == list(INDEX) and intake.flags == []
    assert said(intake, "changed-locked")[2].startswith("The text of the given cell `given` had changed; ")


def test_a_changed_free_cell_runs_after_the_released_one(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"][INDEX["broken"]]["source"] = "broken = 1"
    intake = hand_in(notebook)
    assert order(intake)[5:7] == ["broken", "broken = 1"]
    assert said(intake, "changed-given")[2] == (
        "You changed the given cell `broken`, so the original ran first, and then yours."
    )


@pytest.mark.parametrize(
    ("marks", "kind", "learner"),
    [
        ({"points": 200}, "points", "The points of the cell `test-total` had changed; the released ones count."),
        ({"locked": False}, "settings", "The grader's settings for the cell `test-total` had changed (locked); "),
        (
            {"solution": True, "grade": False},
            "settings",
            "The grader's settings for the cell `test-total` had changed ",
        ),
    ],
)
def test_changed_settings_are_flagged(hand_in: Callable[..., Intake], marks: dict[str, Any], kind: str, learner: str):
    notebook = answered()
    notebook["cells"][INDEX["test-total"]]["metadata"]["nbgrader"].update(marks)
    intake = hand_in(notebook)
    assert said(intake, kind)[:2] == (SUSPICIOUS, "test-total") and said(intake, kind)[2].startswith(learner)
    assert kinds(intake) == [kind]


def test_a_test_that_is_told_not_to_run_is_flagged(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"][INDEX["test-total"]]["metadata"]["tags"] = ["skip-execution"]
    assert said(hand_in(notebook), "tag")[2] == "The test cell `test-total` was tagged not to run; it was run anyway."


def test_an_added_graded_cell_has_no_points(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"].append(code("100.0", metadata=test_marks("bonus", 100)))
    intake = hand_in(notebook)
    assert said(intake, "added-points")[:3] == (
        SUSPICIOUS, "bonus", "The cell `bonus` is not part of this notebook, so it earns no points.",
    )  # fmt: skip
    assert intake.notebooks["build"].cells[-1].metadata == {}


def test_copied_and_deleted_test_cells_are_put_right(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"].append(copy.deepcopy(notebook["cells"][INDEX["test-total"]]))
    del notebook["cells"][INDEX["test-double"]]
    intake = hand_in(notebook)
    assert intake.flags == [] and order(intake) == list(INDEX)
    assert said(intake, "copied-cell")[2] == (
        "Some of the notebook's own cells were in it more than once; each counts only once: `test-total`."
    )
    assert said(intake, "restored")[2] == "These cells were missing, and were put back: `test-double`."


def test_a_test_made_a_text_cell_is_put_back(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"][INDEX["test-total"]]["cell_type"] = "raw"
    assert (
        said(hand_in(notebook), "cell-type")[2] == "The cell `test-total` was no longer a code cell; it was put back."
    )


# --- limits -----------------------------------------------------------------------------------------------------------


def test_more_cells_than_can_be_kept_are_cut_and_counted(hand_in: Callable[..., Intake]):
    notebook = answered()
    notebook["cells"] += [code(f"x{number} = 1") for number in range(250)]
    intake = hand_in(notebook)
    assert len(intake.notebooks["build"].cells) == len(RELEASED.cells) + assembling.MOST_EXTRA
    assert said(intake, "cut-cells")[2] == (
        "50 of the cells that you added were left out, because a notebook may have 200 of them and 1,000,000 "
        "characters of code."
    )


def test_more_text_than_can_be_kept_is_cut_and_counted(hand_in: Callable[..., Intake]):
    notebook = answered(total="total = 3 #" + "x" * 1_200_000)
    intake = hand_in(notebook)
    assert text_of(intake, "total") == STUB and text_of(intake, "double") == DOUBLE
    assert said(intake, "cut-answer")[2].startswith("Your answer `total` was left out, because ")
    notebook = answered()
    notebook["cells"].insert(0, code("y" * 3_000_000))
    intake = hand_in(notebook)
    assert text_of(intake, "total") == TOTAL
    assert (
        said(intake, "cut-text")[2]
        == "1 of your cells were left out, because a notebook may have 1,000,000 characters."
    )


def test_very_many_cells_are_read_only_up_to_a_limit(hand_in: Callable[..., Intake], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(submitted, "MOST_CELLS", 100)
    notebook = answered()
    graded = [code("1", metadata=test_marks(f"bonus-{number}", 9)) for number in range(1000)]
    notebook["cells"] += graded
    intake = hand_in(notebook)
    assert said(intake, "cut")[3] == "The file has 1,008 cells; the first 100 were read."
    assert kinds(intake).count("added-points") == 20


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a = b = 3", "a b"), ("a, (b, c) = f()", "a b c"), ("model: keras.Model = f()", "model"), ("x[0] = 3", ""),
        ("f(a=3)", ""), ("a == b", ""), ("def f(x):\n    y = 1", "f"), ("class K(B): pass", "K"), ("a += 3", ""),
        ("%%time\ntotal = (", "total"), ("async def go(): pass", "go"), ("# a = 3", ""),
        ("a = !ls", "a"), ("%time -q a = f()", "a"), ("%prun -l 10 a = f()", "a"), ("%timeit a = 3", ""),
        ("%matplotlib inline\na = 3", "a"), ("!pip install b\na = 3", "a"), ("a?\nb = 3", "b"),
        ("%%capture a\n%%time\nb = 3", "a b"), ("%%bash --out a\nb=3", "a"), ("%%timeit\na = 3", ""),
        ("%%writefile mine.py\ndef total(): pass", ""), ("%%script bash\na=3", ""), ("%%\n%%\n", ""),
        ("  a = 3\n  def f(): pass", "a f"), (">>> a = 3\n>>> b = 4", "a b"), ("In [1]: a = 3", "a"),
    ],
)  # fmt: skip
def test_names_that_a_text_defines(text: str, names: str):
    assert defined(text) == frozenset(names.split())


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("def f(): pass", False), ("%matplotlib inline\ndef f(): pass", False), ("!ls\n%cd data\n", False),
        ("%%bash\nx=3", False), ("%%bash --out x\nls", True), ("%run mine.py", True), ("%time model.fit(x)", True),
        ("%%timeit\nmodel.fit(x)", True), ("%reset -f", True), ("%%capture\ndef f(): pass", False),
    ],
)  # fmt: skip
def test_a_cell_that_may_change_what_others_made(text: str, changes: bool):
    assert acts(text) is changes


def test_nested_magics_take_no_time():
    started = time.process_time()
    for text in ("%%time\n" * 30_000, "%%time\n  " * 30_000, ">>> %%time\n" * 20_000):
        assert defined(text) == frozenset()
    assert time.process_time() - started < 20


def test_an_answer_must_define_what_its_test_reads_and_nobody_provides():
    stubs = [STUB, "def f(x):\n    raise NotImplementedError()", "x = 1\nraise NotImplementedError()"]
    tests = ["assert isclose(total, len(data))", "assert f(total) == g", ""]
    others = ["from math import isclose\ndata = [1]"]
    assert wanted(stubs, tests, others) == [frozenset({"total"}), frozenset({"f", "g"}), frozenset({"x"})]


# --- everything at once -----------------------------------------------------------------------------------------------

REAL = {
    chapter.name: {path.stem: nbformat.read(path, 4) for path in sorted(chapter.glob("*.ipynb"))}
    for chapter in sorted((ROOT / "exercises").iterdir())
    if list(chapter.glob("*.ipynb"))
}


@pytest.mark.parametrize("chapter", REAL)
def test_every_answer_of_the_course_is_known_by_a_name(chapter: str, submission: Path):
    """With all metadata gone, the instructor's answers come back to their cells."""
    for name, released in REAL[chapter].items():
        solution = nbformat.read(ROOT / "solutions" / chapter / f"{name}.ipynb", 4)
        given = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in solution.cells}
        notebook = json.loads(nbformat.writes(released))
        for cell in notebook["cells"]:
            marks = cell["metadata"].get("nbgrader", {})
            cell["source"] = given[marks["grade_id"]] if marks.get("solution") else cell["source"]
            cell.pop("id")
            cell["metadata"] = {}
        (submission / f"{name}.ipynb").write_text(json.dumps(notebook))
    intake = checked(take_in(submission, REAL[chapter]), REAL[chapter])
    for name, clean in intake.notebooks.items():
        solution = nbformat.read(ROOT / "solutions" / chapter / f"{name}.ipynb", 4)
        given = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in solution.cells}
        answers = [cell for cell in clean.cells if cell.metadata.get("nbgrader", {}).get("solution")]
        assert {
            cell.metadata.nbgrader.grade_id for cell in answers if cell.source != given[cell.metadata.nbgrader.grade_id]
        } == set()
        assert len(clean.cells) == len(REAL[chapter][name].cells)
    assert intake.flags == []


VALUES = [
    None,
    True,
    -1,
    1.5,
    "",
    "x",
    [],
    {},
    ["a", 1],
    {"nbgrader": {"grade_id": "test-total"}},
    "\ud800",
    "\0",
    10**30,
    float("nan"),
    [[]] * 50,
    "    indented",
    "def f():",
    "```",
    {"points": float("inf"), "locked": None},
]


def damaged(content: Any, chance: random.Random) -> Any:
    """One random change somewhere in a JSON document."""
    at, path = content, []
    if isinstance(content, dict) and isinstance(content.get("cells"), list) and chance.random() < 0.98:
        at, path = content["cells"], [(content, "cells")] if not content["cells"] else []
    while isinstance(at, (dict, list)) and at and (not path or chance.random() < 0.8):
        key = chance.choice(list(at)) if isinstance(at, dict) else chance.randrange(len(at))
        path.append((at, key))
        at = at[key]
    holder, key = path[-1]
    deed = chance.randrange(4)
    if deed == 0:
        del holder[key]
    elif deed == 1:
        holder[key] = copy.deepcopy(chance.choice(VALUES))
    elif deed == 2 and isinstance(holder, list):
        holder.insert(chance.randrange(len(holder) + 1), copy.deepcopy(chance.choice([holder[key], *VALUES])))
    elif isinstance(holder, list):
        chance.shuffle(holder)
    else:
        holder[str(chance.choice(list(holder)))] = copy.deepcopy(holder[key])
    return content


def test_no_damage_raises_or_touches_a_released_cell(submission: Path):
    chance = random.Random(6)
    sources = [notebook for chapter in REAL.values() for notebook in chapter.values()] + [RELEASED] * 3
    for round_ in range(300):
        released = {"build": chance.choice(sources)}
        content = json.loads(nbformat.writes(released["build"]))
        for _ in range(chance.choice([1, 3, 30, 300])):
            if isinstance(content, (dict, list)) and content:
                content = damaged(content, chance)
        data = json.dumps(content).encode()
        if round_ % 5 == 0:  # bytes as well
            at = chance.randrange(len(data))
            data = data[:at] + chance.randbytes(chance.randrange(4)) + data[at + chance.randrange(3) :]
        (submission / "build.ipynb").write_bytes(data)
        checked(take_in(submission, released), released)
