"""`course check` as a learner calls it: what it says, what it leaves alone, how it exits."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

from functional_course import checking, cli
from functional_course.checking import sandboxed
from functional_course.checking.showing import LOOKED_AT
from functional_course.cli import console
from functional_course.grading.releasing.release import release
from functional_course.grading.taking_in.submitted import parse_notebook
from functional_course.notebooks import execution
from functional_course.notebooks.beside import found_beside
from functional_course.rubric import MIME_TYPE
from functional_course.terminal import Console

import nbformat
import needs
import pytest
from click.testing import CliRunner, Result
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from small_course import ASSIGNMENT, SETUP, make_course


def check(path: Path, *options: str) -> Result:
    return CliRunner().invoke(cli.main, ["check", str(path), *options])


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch):
    """Report on 200 columns, to where the test's runner listens."""
    monkeypatch.setattr(console, "out", Console(width=200))
    monkeypatch.setattr(console, "err", Console(stderr=True, width=200))


def test_a_right_answer_passes(write_exercise):
    path = write_exercise("value = 42")
    before = path.read_bytes()
    done = check(path)
    assert done.exit_code == 0, done.output
    assert "2 of 2 points; 1 more are judged when it is graded." in done.output
    assert path.read_bytes() == before
    assert [other.name for other in path.parent.iterdir()] == [path.name]


def test_a_wrong_answer_fails_and_says_why(write_exercise):
    done = check(write_exercise("value = 41"))
    assert done.exit_code == 1
    assert "✗ value is 42" in done.output
    assert "  value is 41" in done.output
    assert "+1 when graded" in done.output
    assert "Read on: Chapter 0, section 1" in done.output


def _marked(make, source: str, grade_id: str, **marks: bool):
    about = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, **marks}
    return make(source, id=grade_id, metadata={"nbgrader": {"grade_id": grade_id, **about}})


@pytest.mark.parametrize(("value", "earned"), [("42", 3), ("41", 0)])
def test_a_test_without_a_rubric_and_cells_for_a_teacher_are_told_as_what_they_are(tmp_path: Path, value, earned):
    cells = [
        _marked(new_code_cell, f"value = {value}", "answer", solution=True),
        _marked(new_code_cell, "assert value == 42, 'not so'", "test-answer", grade=True, locked=True),
        _marked(new_markdown_cell, "I think so.", "essay", grade=True, solution=True),
        _marked(new_code_cell, "picture = 3", "picture", grade=True, solution=True),
        _marked(new_code_cell, "raise NotImplementedError()", "later", grade=True, solution=True),
        _marked(new_markdown_cell, "Do what you like.", "free", task=True),
    ]
    listed = {"answer": None, "test-answer": 3, "essay": 2, "picture": 1, "later": 1, "free": 4}
    notebook = new_notebook(cells=cells)
    notebook.metadata["functional_course"] = {"chapter": "00_x", "notebook": "build", "cells": listed}
    nbformat.write(notebook, tmp_path / "build.ipynb")
    done = check(tmp_path / "build.ipynb")
    assert done.exit_code == console.FAILED  # one has no answer yet
    lines = done.output.splitlines()
    for task, told in (("essay", LOOKED_AT), ("picture", LOOKED_AT), ("free", LOOKED_AT),
                       ("later", "not answered yet"), ("answer", f"{earned} of 3")):  # fmt: skip
        assert any(task in line and told in line for line in lines), task
    assert ("AssertionError: not so" in done.output) == (earned == 0)
    assert f"{earned} of 3 points; 8 more are judged when it is graded." in done.output


def test_a_stub_is_not_answered_yet(write_exercise):
    done = check(write_exercise("# YOUR CODE HERE\nraise NotImplementedError()"))
    assert done.exit_code == 1
    assert "not answered yet" in done.output
    assert "– value is 42" in done.output
    assert "✗" not in done.output
    assert "0 of 2 points" in done.output


def test_an_answer_that_raises_shows_its_error(write_exercise):
    done = check(write_exercise("value = 1 / 0"))
    assert done.exit_code == 1
    assert "The cell answer stopped with ZeroDivisionError: division by zero" in done.output


def test_a_mistake_in_the_syntax_is_shown_without_a_made_up_file(write_exercise):
    done = check(write_exercise("def value:\n    return 42"))
    assert "SyntaxError" in done.output
    assert "(line 1 of the cell)" in done.output


def test_stderr_costs_nothing(write_exercise):
    assert check(write_exercise("import sys\nsys.stderr.write('a log line')\nvalue = 42")).exit_code == 0


def test_the_kernel_that_the_notebook_asks_for_does_not_matter(write_exercise):
    path = write_exercise("value = 42")
    notebook = nbformat.read(path, 4)
    notebook.metadata["kernelspec"] = {"name": "conda-env-mine", "display_name": "mine", "language": "python"}
    nbformat.write(notebook, path)
    assert check(path).exit_code == 0


def test_the_notebook_runs_in_a_scratch_folder(write_exercise):
    path = write_exercise("open('left_behind.txt', 'w').write('x')\nvalue = 42")
    assert check(path).exit_code == 0
    assert not (path.parent / "left_behind.txt").exists()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("while True: pass", "The cell answer took longer than 3 s and was stopped. Look for a loop that does not end"),
        ("import os\nos._exit(1)", "The cell answer ended its kernel."),
    ],
)
def test_what_cannot_be_run_to_its_end_is_refused(write_exercise, answer: str, says: str):
    path = write_exercise(answer)
    before = path.read_bytes()
    done = check(path, "--timeout", "3")
    assert done.exit_code == 2
    assert says in done.output
    assert path.read_bytes() == before


def test_printing_without_end_is_stopped(write_exercise, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(execution, "MOST_OUTPUT", 200_000)
    done = check(write_exercise("while True: print('x' * 1000)"), "--timeout", "60")
    assert done.exit_code == 2
    assert "The cell answer printed more than" in done.output


def test_not_json(tmp_path: Path):
    path = tmp_path / "build.ipynb"
    path.write_text("<<<<<<< HEAD")
    done = check(path)
    assert done.exit_code == 2
    assert "is not JSON" in done.output


def test_not_a_notebook_of_the_course(tmp_path: Path):
    path = tmp_path / "own.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), path)
    done = check(path)
    assert done.exit_code == 2
    assert "not an exercise of this course" in done.output


def test_a_missing_or_repeated_cell_is_named(write_exercise):
    path = write_exercise("value = 42")
    whole = nbformat.read(path, 4)
    for cells, says in (
        (whole.cells[:1], "lacks the cell test-answer"),
        ([*whole.cells, whole.cells[0]], "repeats the cell answer"),
    ):
        broken = nbformat.from_dict({**whole, "cells": cells})
        path.write_text(json.dumps(broken))
        done = check(path)
        assert done.exit_code == 2
        assert says in done.output
        assert "Take a fresh copy" in done.output


def test_a_test_cell_that_was_emptied_earns_nothing(write_exercise):
    report = checking.check_notebook(write_exercise("value = 42", test="pass"))
    assert not report.passed
    assert report.points == (0, 3, 3)
    assert report.tasks[0].stopped == "its test gave no points"


@pytest.mark.parametrize(
    ("test", "points"),
    [
        ("assert value == 42\n1.5", (1.5, 3, 3)),
        ("3 if value == 42 else 0", (3, 3, 3)),
        ("assert value == 42\n'well done'", (3, 3, 3)),
        ("assert value == 41\n1.5", (0, 3, 3)),
        ("assert value == 42\n4", (0, 3, 3)),
        ("'well done'", (0, 3, 3)),
        ("float('nan')", (0, 3, 3)),
    ],
)
def test_a_number_that_a_plain_test_returns_is_its_points(write_exercise, test: str, points: tuple[float, ...]):
    assert checking.check_notebook(write_exercise("value = 42", test=test)).points == points


def write_with_given(path: Path, **sources: str) -> Path:
    """Put given cells, by grade id, in front of the exercise at ``path``."""
    notebook = nbformat.read(path, 4)
    mark = {"grade": False, "solution": False, "locked": True, "schema_version": 3, "task": False}
    given = []
    for grade_id, source in sources.items():
        grade_id = grade_id.replace("_", "-")
        cell = nbformat.v4.new_code_cell(source, id=grade_id, metadata={"nbgrader": {**mark, "grade_id": grade_id}})
        given.append(cell)
        notebook.metadata.functional_course.cells[grade_id] = None
    notebook.cells[:0] = given
    nbformat.write(notebook, path)
    return path


NEEDS_SET_UP = """\
rubric = Rubric("answer", points=3, read="Chapter 0, section 1")
with rubric.criterion(1, "value is 42"):
    assert value == 42
with rubric.criterion(1, "value is even"):
    assert value % 2 == 0
rubric.score()"""


@pytest.mark.parametrize("grade_id", ["set_up", "given_answer"])
def test_a_given_cell_that_fails_is_named_once_and_its_task_is_not_judged(write_exercise, grade_id: str):
    path = write_exercise("value = 42", test=NEEDS_SET_UP)
    sources = {grade_id: "import no_such_module\nfrom functional_course.rubric import Rubric", "drawn_answer": "Rubric"}
    done = check(write_with_given(path, **sources))
    name = grade_id.replace("_", "-")
    assert done.exit_code == 1
    said = f"The cell {name} stopped with ModuleNotFoundError: No module named 'no_such_module'"
    assert done.output.count(said) == 1
    assert done.output.count(f"not judged: the cell {name} stopped") == 1
    assert "NameError" not in done.output
    assert "does not exist" not in done.output
    assert "Read on" not in done.output


def test_a_given_cell_that_is_whole_or_meant_to_raise_blocks_nothing(write_exercise):
    path = write_with_given(write_exercise("value = 42"), set_up="x = 1", broken_answer="1 / 0")
    notebook = nbformat.read(path, 4)
    notebook.cells[1].metadata["tags"] = ["raises-exception"]
    nbformat.write(notebook, path)
    done = check(path)
    assert done.exit_code == 0, done.output
    assert "stopped" not in done.output


def test_a_task_that_passes_without_the_given_cell_passes(write_exercise):
    report = checking.check_notebook(write_with_given(write_exercise("value = 42"), set_up="1 / 0"))
    assert report.passed
    assert report.points == (2, 2, 3)
    assert not report.stopped


REACHING = """\
import os, socket
value = 42
reached = []
try:
    open({left!r}, "w").write("x")
    reached.append("wrote")
except OSError:
    pass
try:
    open({secret!r}).read()
    reached.append("read")
except OSError:
    pass
try:
    socket.create_connection(("127.0.0.1", {port}), 2)
    reached.append("called")
except OSError:
    pass
if reached:
    raise RuntimeError(" ".join(reached))"""


@needs.sandboxed()
@pytest.mark.parametrize(("option", "reached"), [("--sandbox", ""), ("--no-sandbox", "wrote read called")])
def test_a_strangers_notebook_reaches_nothing_from_the_sandbox(
    write_exercise, tmp_path_factory: pytest.TempPathFactory, option: str, reached: str
):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret").write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        answer = REACHING.format(left=str(outside / "left"), secret=str(outside / "secret"), port=port)
        # The error counts for nothing where the test passes; here it is what tells.
        done = check(write_exercise(answer, test="assert False"), option)
    assert done.exit_code == 1
    said = f"The cell answer stopped with RuntimeError: {reached}"
    assert (said in done.output) == bool(reached) and ("RuntimeError" in done.output) == bool(reached)
    assert (outside / "left").exists() == ("wrote" in reached)


READING = f"""\
import os
import numpy as np
from helper import doubled
{SETUP}
offset = doubled(int(np.loadtxt("rows 1.csv", delimiter=",").sum()))
listed = sorted(name for name in os.listdir() if not name.startswith((".", "_")))
assert listed == ["data", "helper.py", "rows 1.csv"], listed
assert open("data/more.txt").read() == "5"
try:
    open("rows 1.csv", "a").close()
except OSError:
    pass"""


def test_what_was_handed_out_lies_beside_the_notebook(tmp_path: Path):
    course = make_course(tmp_path / "course")
    source = course / "solutions" / ASSIGNMENT
    notebook = nbformat.read(source / "small.ipynb", 4)
    notebook.cells[1].source = READING
    notebook.cells[2].source = "total = 41 + offset // 20"
    nbformat.write(notebook, source / "small.ipynb")
    (source / "rows 1.csv").write_text("1,2\n3,4\n")
    (source / "helper.py").write_text("def doubled(number):\n    return 2 * number\n")
    (source / "data").mkdir()
    (source / "data" / "more.txt").write_text("5")
    release(course, tmp_path / "exercises")
    path = tmp_path / "exercises" / ASSIGNMENT / "small.ipynb"
    released = nbformat.read(path, 4)
    assert released.metadata.functional_course.files == ["data", "helper.py", "rows 1.csv"]
    for cell, answer in ((2, "total = 41 + offset // 20"), (4, "def twice(number):\n    return 2 * number")):
        released.cells[cell].source = answer
    nbformat.write(released, path)
    (path.parent / "own.txt").write_text("it will not be there when it is graded")
    for option in ("--sandbox", "--no-sandbox"):
        done = check(path, option)
        assert done.exit_code == 0, done.output
        assert "handed out" not in done.output
    assert (path.parent / "rows 1.csv").read_text() == "1,2\n3,4\n"
    (path.parent / "helper.py").unlink()
    done = check(path)
    assert done.exit_code == 1
    assert "`helper.py` was handed out with small.ipynb but is not next to it. Put it there" in done.output


def test_only_what_lies_in_the_notebooks_own_folder_is_shown(tmp_path: Path):
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    for place in (folder / "data", folder / "kept", outside):
        place.mkdir(parents=True)
    for path in (folder / "rows.csv", folder / "data" / "secret", outside / "secret"):
        path.write_text("x")
    (folder / "link").symlink_to(outside / "secret")
    (folder / "inner").symlink_to(folder / "rows.csv")
    (folder / "all").symlink_to(folder)
    (folder / "notebook.ipynb").symlink_to(outside / "notebook.ipynb")
    (outside / "notebook.ipynb").write_text("{}")
    names = ["rows.csv", "inner", "kept", "data", "link", "all", "..", ".", "", "data/secret", str(outside), "none"]
    (folder / "own.ipynb").write_text("{}")
    found, missing = found_beside(folder / "own.ipynb", names, hide=[folder / "data" / "secret"])
    assert [path.name for path in found] == names[:3]
    assert missing == names[3:]
    assert found_beside(folder / "own.ipynb", ["data"], hide=[folder])[0] == []
    assert found_beside(folder / "notebook.ipynb", ["rows.csv", "secret"]) == ([folder / "rows.csv"], ["secret"])
    odd = {"files": [3, None, "", "..", ".", "a/b", "a\\b", "a\0", "x" * 300, ["a"], "b", "b"]}
    for files, kept in ((odd, ("b",)), ({"files": "ab"}, ()), ({"files": {"a": 1}}, ()), ({}, ())):
        data = json.dumps({"nbformat": 4, "cells": [], "metadata": {"functional_course": files}}).encode()
        assert parse_notebook(data).files == kept


def test_without_a_sandbox_it_is_said_before_anything_runs(write_exercise, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("functional_course.sandbox.available", lambda: "no namespaces here")
    done = check(write_exercise("value = 42"))
    assert done.exit_code == 0
    assert (
        "There is no sandbox on this machine (no namespaces here), so the notebook's code can do everything that you "
        "can. Check only what you trust."
    ) in done.output
    asked_for = check(write_exercise("import os\nos._exit(1)"), "--no-sandbox")
    assert asked_for.exit_code == 2 and "The cell answer ended its kernel." in asked_for.output
    assert "no sandbox" not in asked_for.output


def test_what_a_process_says_of_its_outputs_is_looked_at():
    result = {"output_type": "execute_result", "data": {MIME_TYPE: {"earned": 1}, "text/html": "<b>"}, "more": 1}
    error = {"output_type": "error", "ename": 3, "evalue": "x" * 20_000, "traceback": 7}
    strange = [None, 3, "x", [], {}, {"output_type": []}, {"output_type": "display_data", "data": 3}, {"data": {}}]
    found = sandboxed.kept([*strange, result, error])
    assert [each.output_type for each in found] == ["display_data", "error"]
    assert found[0].data == {MIME_TYPE: {"earned": 1}} and len(found[1].evalue) == 10_000
    for nothing in (None, 3, "x", {}):
        assert sandboxed.kept(nothing) == []
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=found)])
    nbformat.validate(notebook)


@pytest.mark.parametrize("command", [["grade", "00_small"], ["release"], ["export"]])
def test_what_python_lacks_on_a_system_is_not_to_be_installed(tmp_path: Path, command: list[str]):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    code = (
        "import sys\nfor name in ('fcntl', 'resource', 'pwd', 'grp', 'termios'): sys.modules[name] = None\n"
        "from functional_course.cli import main\nmain(sys.argv[1:])"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, cwd=tmp_path)
    said = " ".join(done.stderr.split())
    assert "pip install" not in said and "Traceback" not in said
    if command[0] == "grade":
        assert said.startswith("This Python has no ")
        assert said.endswith(", which this command needs. Run it on Linux, or in a container.")


@pytest.mark.parametrize(
    "room", ["class_report.reading", "grading.exporting.export", "lms.collecting", "lms.returning"]
)
def test_what_executes_nothing_needs_nothing_of_linux(room: str):
    code = "import sys\nfor name in ('fcntl', 'resource', 'termios'): sys.modules[name] = None\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}import functional_course.{room}"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_command_is_a_module_too():
    done = subprocess.run([sys.executable, "-m", "functional_course.cli", "--version"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("course, version ")


def test_windows_is_told_where_grading_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "nbgrader_config.py").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.name", "nt")
    # Paths cannot be made while the system is said to be another.
    monkeypatch.setattr(console, "root", lambda: tmp_path)
    done = CliRunner().invoke(cli.main, ["grade", "00_small"])
    assert done.exit_code == 2 and "on Windows run it in WSL 2 or in a container of Linux." in done.output


@pytest.mark.parametrize("words", [["--help"], ["check", "--help"], ["--version"]])
def test_help_comes_without_what_reads_notebooks(words: list[str]):
    code = (
        "import sys\nfrom functional_course.cli import main\nmain(sys.argv[1:], standalone_mode=False)\n"
        "print([m for m in ('keras', 'jsonschema', 'nbclient', 'nbformat', 'nbgrader') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_command_reads_notebooks_without_a_grammar_for_addresses(root: Path):
    code = (
        "import sys\nfrom functional_course.cli import main\nmain(['progress'], standalone_mode=False)\n"
        "import nbformat\nprint([m for m in ('lark', 'jsonschema') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "['jsonschema']"
