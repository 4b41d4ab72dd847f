"""`course init`: a teacher's own course, chosen in one file, brought up to date, and nothing of theirs overwritten."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterable
from pathlib import Path

from functional_course import cli
from functional_course.cli import console
from functional_course.grading.gradebook.folders import load_config
from functional_course.own_course import repository
from functional_course.own_course.choice import NotebookChoice
from functional_course.own_course.dropping import NeededError
from functional_course.own_course.folder import InitError, prepare
from functional_course.own_course.making import chosen
from functional_course.own_course.tasks import tasks_of
from functional_course.own_course.weighing import WeighingError, shared_out, weigh

import nbformat
import pytest
from classroom import EACH_NOTEBOOK
from click.testing import CliRunner
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from small_course import SETUP, TESTS, mark

TITLE = """\
# Build: one

Three tasks.

| task | what you do | points |
|---|---|---|
| 1 `total` | a total | 3 |
| 2 `twice` | a function | 3 |
| 3 `plain` | a test with asserts | 2 |"""

PICTURE = Path("01_one/images/model.svg")


def task(number: int, name: str, answer: str, test: str, points: float = 3) -> list[nbformat.NotebookNode]:
    """The section of one task."""
    graded = mark(f"test-{name}", grade=True, locked=True, points=points)
    return [
        new_markdown_cell(f"## {number}. The task {name}", id=f"text-{name}"),
        new_code_cell(f"given_{name} = 1", id=f"given-{name}"),
        new_code_cell(f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION", id=name, metadata=mark(name, solution=True)),
        new_code_cell(test, id=f"test-{name}", metadata=graded, outputs=[new_output("stream", text="3/3")]),
    ]


def notebook(chapter: str, more: Iterable[nbformat.NotebookNode] = ()) -> nbformat.NotebookNode:
    """An instructor's notebook of three tasks."""
    made = new_notebook(
        cells=[
            new_markdown_cell(TITLE, id="title"),
            new_code_cell(SETUP, id="set-up"),
            *task(1, "total", "total = 40 + offset", TESTS["total"]),
            *task(2, "twice", "def twice(number):\n    return 2 * number", TESTS["twice"]),
            *task(3, "plain", "plain = 1", "assert plain == 1", points=2),
            *more,
        ]
    )
    made.metadata["functional_course"] = {"chapter": chapter, "notebook": "build"}
    return made


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of two chapters, in the place of the repository; tests work beside it."""
    folder = tmp_path / "repository"
    for chapter, names in {"01_one": ("build", "debug"), "02_two": ("build",)}.items():
        (folder / "solutions" / chapter).mkdir(parents=True)
        for name in names:
            nbformat.write(notebook(chapter), folder / "solutions" / chapter / f"{name}.ipynb")
    (folder / "solutions" / PICTURE).parent.mkdir()
    (folder / "solutions" / PICTURE).write_bytes(b"<svg/>")
    (folder / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    monkeypatch.setattr(repository, "REPOSITORY", folder)
    monkeypatch.chdir(tmp_path)
    return folder


def choose(text: str) -> None:
    """Write the file of a course in ``mine``."""
    Path("mine/course.yml").write_text(text)


def ids(path: str) -> list[str]:
    return [cell.id for cell in nbformat.read(Path("mine/solutions") / path, 4).cells]


def source(path: str, cell_id: str) -> str:
    return next(cell.source for cell in nbformat.read(Path("mine/solutions") / path, 4).cells if cell.id == cell_id)


# --- the folder -------------------------------------------------------------------------------------------------------


def test_without_a_word_all_is_used_as_it_is(course: Path):
    made = prepare(Path("mine"))
    assert (made.chapters, made.notebooks, made.tasks, made.points, made.unused) == (2, 3, 9, 24, ())
    for path in sorted((course / "solutions").rglob("*.*")):
        assert (Path("mine/solutions") / path.relative_to(course / "solutions")).read_bytes() == path.read_bytes()
    again = prepare(Path("mine")).brought
    assert not any((again.new, again.updated, again.kept, again.removed, again.left))


def test_chapters_can_be_named_and_the_others_are_said(course: Path):
    made = prepare(Path("mine"), ["02_two"])
    assert made.unused == ("01_one",) and made.tasks == 3
    assert [path.name for path in Path("mine/solutions").iterdir()] == ["02_two"]
    choose("chapters:\n  01_one:\n    debug:\n")
    assert prepare(Path("mine")).unused == ("01_one/build", "02_two")


def test_the_settings_are_the_courses_and_the_teachers_win(course: Path):
    prepare(Path("my class"))
    settings = Path("my class/nbgrader_config.py")
    assert load_config(settings.parent).CourseDirectory.course_id == "my_class"
    assert load_config(settings.parent).CourseDirectory.source_directory == "solutions"
    with (course / "nbgrader_config.py").open("a") as shared:
        shared.write("c.CourseGrade.timeout = 99\nc.CourseGrade.memory = 512\n")
    settings.write_text(settings.read_text() + "c.CourseGrade.memory = 4096\n")
    prepare(Path("my class"))
    assert load_config(settings.parent).CourseGrade == {"timeout": 99, "memory": 4096}


def test_a_course_that_was_installed_without_its_exercises_says_so(course: Path):
    prepare(Path("mine"))
    (course / "solutions").rename(course / "away")
    with pytest.raises(InitError, match="no exercises in .*pip install -e"):
        prepare(Path("mine"))
    with pytest.raises(repository.RepositoryError):
        load_config(Path("mine"))


@pytest.mark.parametrize("command", [["release"], ["grade", "01_one"], ["report"], ["likeness", "01_one"], ["export"]])
def test_every_command_says_so_in_a_sentence(course: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]):
    prepare(Path("mine"))
    (course / "solutions").rename(course / "away")
    monkeypatch.chdir("mine")
    ended = CliRunner().invoke(cli.main, command)
    assert ended.exit_code == console.REFUSED and not isinstance(ended.exception, repository.RepositoryError)
    assert "because this functional_course was installed without them" in " ".join(ended.output.split())


def test_a_course_whose_file_cannot_be_read_is_refused(course: Path):
    prepare(Path("mine"))
    Path("mine/course.yml").write_bytes("chapters: Übung".encode("latin-1"))
    with pytest.raises(InitError, match=r"course\.yml is not UTF-8 \(byte 10\)"):
        prepare(Path("mine"))


def test_a_notebook_of_the_teachers_in_a_chapter_of_the_course_is_left_alone(course: Path):
    prepare(Path("mine"))
    own = Path("mine/solutions/01_one/extra.ipynb")
    own.write_text("mine")
    nbformat.write(notebook("01_one"), course / "solutions/01_one/extra.ipynb")
    assert prepare(Path("mine")).unused == ("01_one/extra",)
    choose("chapters:\n  01_one:\n")
    assert prepare(Path("mine")).brought.kept == (Path("01_one/extra.ipynb"),)
    assert own.read_text() == "mine"


@pytest.mark.parametrize(
    ("place", "chapters", "said"),
    [
        ("repository", (), "is the Keras course itself"),
        ("repository/book/mine", (), "lies inside the Keras course"),
        ("to repository", (), "is the Keras course itself"),
        ("a file", (), "is a file"),
        ("to nowhere", (), "is a link to a folder that isn't there"),
        ("another", (), "another course of nbgrader's"),
        ("new", ("01_on",), "no chapter 01_on. Did you mean 01_one?"),
        ("new", ("7",), "The chapters are 01_one, 02_two."),
        ("mine", ("01_one",), "Put 01_one below `chapters:` there"),
    ],
)
def test_what_can_be_no_course_is_refused_and_left_alone(
    course: Path, place: str, chapters: tuple[str, ...], said: str
):
    prepare(Path("mine"), ["02_two"])
    Path("a file").touch()
    Path("to repository").symlink_to("repository")
    Path("to nowhere").symlink_to("nowhere")
    Path("another").mkdir()
    Path("another/nbgrader_config.py").touch()
    before = sorted(Path().rglob("*"))
    with pytest.raises(InitError, match=said):
        prepare(Path(place), chapters)
    assert sorted(Path().rglob("*")) == before


# --- tasks ------------------------------------------------------------------------------------------------------------


def test_a_dropped_task_goes_with_its_section_and_the_title_says_so(course: Path):
    prepare(Path("mine"))
    choose("chapters:\n  01_one:\n    build:\n      drop: twice\n    debug:\n")
    made = prepare(Path("mine"))
    assert made.brought.updated == (Path("01_one/build.ipynb"),) and made.tasks == 5
    assert ids("01_one/build.ipynb") == [
        *("title", "set-up"),
        *("text-total", "given-total", "total", "test-total"),
        *("text-plain", "given-plain", "plain", "test-plain"),
    ]
    title = source("01_one/build.ipynb", "title")
    assert "Your class does 2 of the 3 tasks, and each keeps its number.\n\n| task |" in title
    assert "`twice`" not in title and "| 3 `plain` |" in title
    choose("chapters:\n  01_one:\n")
    prepare(Path("mine"))
    assert len(ids("01_one/build.ipynb")) == 14


@pytest.mark.parametrize(
    ("cell", "tags", "drop", "needs"),
    [
        ("print(given_total)", [], ["total"], "total can't be left out: more needs `given_total`"),
        ("def later():\n    return twice(2)", [], ["twice"], "twice can't be left out: more needs `twice`"),
        ("print(given_total)", ["solution-only"], ["total"], "more needs `given_total`"),
        ("given_total = 2\nprint(given_total, offset)", [], ["total"], ""),
        ("given_twice = 3\nprint(given_twice)", [], ["total", "twice"], ""),
    ],
)
def test_a_task_of_which_another_needs_a_cell_is_not_left_out(cell: str, tags: list[str], drop: list[str], needs: str):
    more = [*task(4, "more", "more = 1", "assert more"), new_code_cell(cell, metadata={"tags": tags})]
    made = notebook("01_one", more)
    if not needs:
        chosen(made, NotebookChoice(drop=tuple(drop)))
        return
    with pytest.raises(NeededError, match=needs):
        chosen(made, NotebookChoice(drop=tuple(drop)))
    chosen(notebook("01_one", more), NotebookChoice(drop=(*drop, "more")))


def test_an_import_that_only_the_instructors_cells_share_goes_along():
    own = {"tags": ["solution-only"]}
    made = notebook("01_one", [new_code_cell("print(os.sep)", id="second", metadata=own)])
    made.cells.insert(6, new_code_cell("import os, sys\nprint(os.sep)", id="first", metadata=own))
    chosen(made, NotebookChoice(drop=("total",)))
    assert [cell.source for cell in made.cells if cell.id in ("first", "second")] == ["import os\nprint(os.sep)"]


def test_two_tasks_in_a_section_go_together_or_not_at_all():
    made = notebook("01_one")
    made.cells = [cell for cell in made.cells if cell.id != "text-twice"]
    with pytest.raises(NeededError, match="twice is in the same section"):
        chosen(made, NotebookChoice(drop=("total",)))
    chosen(made, NotebookChoice(drop=("total", "twice")))
    assert list(tasks_of(made)) == ["plain"]


def test_a_text_that_speaks_of_a_dropped_task_is_named():
    made = notebook("01_one", [new_markdown_cell("In task 2 no number was halved.")])
    assert chosen(made, NotebookChoice(drop=("twice",))) == ["“3. The task plain” speaks of task 2, which is left out."]


# --- points -----------------------------------------------------------------------------------------------------------


def result_of(test: str, answer: str) -> nbformat.NotebookNode:
    """The cell of a test after a kernel ran it on an answer."""
    names: dict[str, object] = {}
    exec(f"{SETUP}\n{answer}", names)
    tree = ast.parse(test)
    last = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
    exec(compile(tree, "test", "exec"), names)
    shown = eval(compile(last, "test", "eval"), names)._repr_mimebundle_()
    output = new_output("execute_result", data=json.loads(json.dumps(shown)), execution_count=1)
    return new_code_cell(test, outputs=[output])


@pytest.mark.parametrize(("points", "partly"), [(10, 3.33), (1.5, 0.5), (0.02, 0.01), (1000, 333.33), (3, 1)])
def test_nbgrader_takes_the_new_points_whole_and_in_part(points: float, partly: float):
    from nbgrader.utils import determine_grade

    made = notebook("01_one")
    chosen(made, NotebookChoice(points={"total": points}))
    cell = made.cells[tasks_of(made)["total"].test]
    assert cell.outputs == [] and f"| a total | {points:g} |" in made.cells[0].source
    for answer, earned in {"total = 42": points, "total = 41": partly, "total = ''": 0}.items():
        ran = result_of(cell.source, answer)
        ran.metadata = cell.metadata
        assert determine_grade(ran) == (earned, points)


def test_a_test_without_a_rubric_changes_only_its_mark():
    made = notebook("01_one")
    weigh(made, {"plain": 5})
    cell = made.cells[tasks_of(made)["plain"].test]
    assert (cell.source, cell.metadata["nbgrader"]["points"]) == ("assert plain == 1", 5)


@pytest.mark.parametrize(
    ("old", "new", "points", "said"),
    [
        ("criterion(1,", "criterion(worth,", 6, "doesn't say in plain numbers"),
        ("criterion(1,", "criterion(2,", 6, "doesn't say in plain numbers"),
        ("points=3", "points=worth", 6, "doesn't say in plain numbers"),
        ("rubric.score()", "if:", 6, "its test is no Python"),
        ("", "", 0.01, "one of its 2 criteria would be worth 0"),
    ],
)
def test_a_rubric_that_cannot_be_weighed_is_refused(old: str, new: str, points: float, said: str):
    made = notebook("01_one")
    cell = made.cells[tasks_of(made)["total"].test]
    cell.source = cell.source.replace(old, new) if old else cell.source
    with pytest.raises(WeighingError, match=said):
        weigh(made, {"total": points})


def test_shares_keep_their_proportions_and_add_up():
    for parts, total in (([1, 1, 1, 2], 7.01), ([5, 1], 0.29), ([0.5, 0.5, 4], 12.5)):
        shares = shared_out(parts, total)
        assert math.isclose(math.fsum(shares), total)
        exact = [part / sum(parts) * total for part in parts]
        assert all(abs(share - each) < 0.01 for share, each in zip(shares, exact, strict=True))


@pytest.mark.parametrize(("chapter", "name"), EACH_NOTEBOOK)
def test_every_task_of_the_course_can_get_other_points_and_a_half_of_them_can_go(chapter: str, name: str):
    whole = nbformat.read(ROOT / "solutions" / chapter / f"{name}.ipynb", 4)
    before = tasks_of(whole)
    changed = nbformat.from_dict(whole)
    weigh(changed, {name: task.points for name, task in before.items()})
    assert [cell.source for cell in changed.cells] == [cell.source for cell in whole.cells]
    dropped, kept = tuple(before)[: len(before) // 2], tuple(before)[len(before) // 2 :]
    chosen(changed, NotebookChoice(drop=dropped, points=dict.fromkeys(kept, 7.35)))
    after = tasks_of(changed)
    assert {name: task.points for name, task in after.items()} == dict.fromkeys(kept, 7.35)
    for task in after.values():
        numbers = [
            node.value
            for call in ast.walk(ast.parse(changed.cells[task.test].source))
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "criterion"
            for node in call.args[:1]
        ]
        assert math.isclose(math.fsum(numbers), 7.35), task.name
    rows = [line for line in changed.cells[0].source.splitlines() if line.startswith("|")][2:]
    assert len(rows) == len(kept) and all(row.endswith("| 7.35 |") for row in rows)


# --- course.yml -------------------------------------------------------------------------------------------------------


BUILD = "chapters:\n  01_one:\n    build:\n      "

FAULTS = {
    "": "is empty",
    "chapters:": "names no chapter",
    "chapter:\n  01_one:": "line 1: there is no chapter. Did you mean chapters?",
    "chapters: [01_one]": "line 1: below `chapters` there are names with a colon",
    "chapters:\n  01_one\n  02_two:": "line 3 is no YAML",
    "chapters:\n  01_on:": "line 2: there is no chapter 01_on. Did you mean 01_one?",
    "chapters:\n  01_one:\n    biuld:": "line 3: there is no notebook biuld. Did you mean build?",
    "chapters:\n  01_one:\n  01_one:": "line 3: 01_one is there twice",
    BUILD + "skip: [total]": "line 4: there is no skip",
    BUILD + "drop: [totl]": "line 4: there is no task totl. Did you mean total?",
    BUILD + "drop: [[total]]": "takes the names of tasks",
    BUILD + "drop: [total, twice, plain]": "line 3: no task of 01_one/build is left",
    BUILD + "points: {totl: 3}": "line 4: there is no task totl",
    BUILD + "points:\n        total: -3": "line 5: total in 01_one/build can't be worth -3",
    BUILD + "points: {total: 0}": "can't be worth 0",
    BUILD + "points: {total: 1.234}": "at most two decimals",
    BUILD + "points: {total: 1001}": "at most 1000",
    BUILD + "points: {total: many}": "can't be worth many",
    BUILD + "points: {total: [3]}": "can't be worth that",
    BUILD + "drop: total\n      points: {total: 3}": "is under `drop` and under `points`",
    BUILD + "points: {total: 0.01}": "line 3: in 01_one/build, total can't be worth 0.01",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_in_the_file_is_one_sentence_and_changes_nothing(course: Path, text: str):
    prepare(Path("mine"))
    choose(text)
    before = {path: path.read_bytes() for path in Path("mine").rglob("*.*") if path.is_file()}
    done = CliRunner().invoke(cli.main, ["init", "mine"])
    said = " ".join(done.output.split())
    assert done.exit_code == 2 and said.startswith("course.yml") and FAULTS[text] in said
    assert {path: path.read_bytes() for path in Path("mine").rglob("*.*") if path.is_file()} == before


# --- up to date -------------------------------------------------------------------------------------------------------


def edit(path: Path, word: str) -> None:
    """Change a given cell as somebody does who edits a notebook."""
    changed = nbformat.read(path, 4)
    changed.cells[3].source = word
    nbformat.write(changed, path)


def test_what_was_left_alone_is_updated_and_what_was_changed_is_kept_and_named(course: Path):
    prepare(Path("mine"))
    for name in ("build", "debug"):
        edit(course / f"solutions/01_one/{name}.ipynb", "newer = 1")
    edit(Path("mine/solutions/01_one/debug.ipynb"), "mine = 1")
    for _ in range(2):
        brought = prepare(Path("mine")).brought
        assert brought.kept == (Path("01_one/debug.ipynb"),)
    assert source("01_one/build.ipynb", "given-total") == "newer = 1"
    assert source("01_one/debug.ipynb", "given-total") == "mine = 1"
    said = CliRunner().invoke(cli.main, ["init", "mine"]).output
    assert "kept solutions/01_one/debug.ipynb: you've changed it" in said


def test_to_execute_and_save_a_notebook_is_no_change(course: Path):
    prepare(Path("mine"))
    path = Path("mine/solutions/01_one/build.ipynb")
    saved = nbformat.read(path, 4)
    saved.metadata["kernelspec"] = {"name": "other", "display_name": "Other"}
    for cell in saved.cells:
        cell.metadata["trusted"] = True
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = 7, [new_output("stream", text="7")]
    path.write_text(json.dumps(saved))
    edit(course / "solutions/01_one/build.ipynb", "newer = 1")
    assert prepare(Path("mine")).brought.updated == (Path("01_one/build.ipynb"),)


@pytest.mark.parametrize("change", ["source", "points", "tags", "damaged"])
def test_what_an_instructor_writes_is_a_change(course: Path, change: str):
    prepare(Path("mine"))
    path = Path("mine/solutions/01_one/build.ipynb")
    mine = nbformat.read(path, 4)
    if change == "source":
        mine.cells[2].source += " Take care."
    elif change == "points":
        mine.cells[5].metadata["nbgrader"]["points"] = 4
    else:
        mine.cells[3].metadata["tags"] = ["solution-only"]
    path.write_text("{" if change == "damaged" else json.dumps(mine))
    before = path.read_bytes()
    edit(course / "solutions/01_one/build.ipynb", "newer = 1")
    assert prepare(Path("mine")).brought.kept == (Path("01_one/build.ipynb"),)
    assert path.read_bytes() == before


def test_what_is_not_used_any_more_goes_unless_it_was_changed(course: Path):
    prepare(Path("mine"))
    edit(Path("mine/solutions/02_two/build.ipynb"), "mine = 1")
    released = Path("mine/exercises/01_one/debug.ipynb")
    released.parent.mkdir(parents=True)
    released.touch()
    own = Path("mine/solutions/03_own/build.ipynb")
    own.parent.mkdir()
    own.touch()
    choose("chapters:\n  01_one:\n    build:\n")
    made = prepare(Path("mine"))
    assert made.brought.removed == (Path("01_one/debug.ipynb"),)
    assert made.brought.left == (Path("02_two/build.ipynb"),)
    assert made.notes[0].startswith("exercises/01_one/debug.ipynb is still there")
    assert own.exists() and Path("mine/solutions/02_two/build.ipynb").exists()
    choose("chapters:\n  02_two:\n")
    prepare(Path("mine"))
    assert sorted(path.name for path in Path("mine/solutions").iterdir()) == ["02_two", "03_own"]


def test_the_command_says_what_came_what_is_not_used_and_what_there_is(course: Path):
    done = CliRunner().invoke(cli.main, ["init", "mine", "--chapter", "02_two"])
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "new solutions/02_two/build.ipynb",
        "Not used: 01_one.",
        "mine: 1 chapter, 1 notebook, 3 tasks, 8 points.",
    ]
