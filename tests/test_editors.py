"""A released folder alone, outside any checkout, and what editors other than JupyterLab make of it and need."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from functional_course import cli
from functional_course.checking import read_exercise, visible
from functional_course.cli import console
from functional_course.grading.releasing.unsolved import unsolved
from functional_course.notebooks.course_root import assignment_notebooks, find_root
from functional_course.notebooks.reading import read_notebook
from functional_course.terminal import Console

import click
import nbformat
import pytest
from click.testing import CliRunner
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CHAPTER, NOTEBOOK, ANSWERED = "03_shared_layers", "debug.ipynb", ("tensor-as-layer", "the-loop")
HEADING = "## In another editor"

COLAB = {
    "click": "8.4.2", "ipykernel": "6.17.1", "keras": "3.13.2", "matplotlib": "3.10.0", "nbclient": "0.10.4",
    "nbformat": "5.11.1", "numpy": "2.1.3", "pillow": "11.3.0", "rich": "13.9.4", "scikit-learn": "1.6.1",
    "tensorflow": "2.20.0",
}  # fmt: skip
"""What Google Colab brings with Python 3.13, by its list of 2026-08-19 (pip-freeze.txt of googlecolab/backend-info)."""

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
REQUIREMENTS = {canonicalize_name(each.name): each for each in map(Requirement, PROJECT["project"]["dependencies"])}


def marked(cell: nbformat.NotebookNode) -> dict[str, Any]:
    return cell.metadata.get("nbgrader", {})


def answers(chapter: str, notebook: str) -> dict[str, str]:
    """The solutions' answers by task, without the lines that mark them."""
    source = nbformat.read(ROOT / "solutions" / chapter / notebook, 4)
    return {
        marked(cell)["grade_id"]: re.sub(r"(?m)^\s*### (BEGIN|END) SOLUTION\n?", "", cell.source)
        for cell in source.cells
        if marked(cell).get("solution")
    }


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """What a teacher who hands out one chapter sends, with answers to two tasks."""
    folder = tmp_path / CHAPTER
    shutil.copytree(ROOT / "exercises" / CHAPTER, folder, ignore=shutil.ignore_patterns(".*"))
    assert find_root(folder) is None
    notebook, known = nbformat.read(folder / NOTEBOOK, 4), answers(CHAPTER, NOTEBOOK)
    for cell in notebook.cells:
        if marked(cell).get("grade_id") in ANSWERED:
            cell.source = known[cell.metadata.nbgrader.grade_id]
    nbformat.write(notebook, folder / NOTEBOOK)
    return folder


@pytest.mark.xdist_group("grading")
def test_a_released_folder_alone_can_be_checked(alone: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(alone.parent)
    monkeypatch.setattr(console, "out", Console(width=200))
    before = {path: path.read_bytes() for path in alone.rglob("*") if path.is_file()}
    done = CliRunner().invoke(cli.main, ["check", f"{CHAPTER}/{NOTEBOOK}"])
    assert done.exit_code == 1, done.output
    assert "4 of 12 points; 16 more are judged when it is graded." in done.output
    assert done.output.count("not answered yet") == 4 and "was handed out" not in done.output
    assert {path: path.read_bytes() for path in alone.parent.rglob("*") if path.is_file()} == before


def test_pictures_that_a_text_shows_are_not_missed_and_what_a_cell_reads_is(
    alone: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(visible, "execute_apart", lambda *given: None)
    shutil.rmtree(alone / "images")
    said, begun = [], []
    visible.check_visible(alone / NOTEBOOK, begin=begun.append, warn=said.append)
    assert said == [] and len(begun) == 1 and set(ANSWERED) < set(begun[0]) and len(begun[0]) == 6
    notebook = nbformat.read(alone / NOTEBOOK, 4)
    notebook.cells[-1].source += '\nkeras.utils.load_img("images/seven.png")'
    nbformat.write(notebook, alone / NOTEBOOK)
    visible.check_visible(alone / NOTEBOOK, warn=said.append)
    assert [each.partition(" but ")[0] for each in said] == ["`images` was handed out with debug.ipynb"]


@pytest.mark.parametrize("command", ["start", "progress"])
def test_a_command_that_needs_the_course_tells_so(alone: Path, monkeypatch: pytest.MonkeyPatch, command: str):
    monkeypatch.chdir(alone)
    done = CliRunner().invoke(cli.main, [command])
    assert done.exit_code == 2 and "This isn't a checkout of the course" in done.output


def imported(notebook: nbformat.NotebookNode) -> set[str]:
    found: set[str] = set()
    for cell in notebook.cells:
        if cell.cell_type == "code" and "raises-exception" not in cell.metadata.get("tags", ()):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    found |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    found.add(node.module or "")
    return found


def test_what_notebooks_import_is_the_standard_library_the_course_or_a_dependency():
    known = {*REQUIREMENTS, *sys.stdlib_module_names, "functional_course", "sklearn", "PIL"}
    for path in assignment_notebooks(ROOT, "exercises"):
        for notebook in (
            read_notebook(path),
            unsolved(read_notebook(ROOT / "solutions" / path.parent.name / path.name)),
        ):
            assert {name.partition(".")[0] for name in imported(notebook)} <= known, path


def test_the_wheel_takes_every_file_of_the_package():
    patterns = PROJECT["tool"]["setuptools"]["package-data"]
    listed = subprocess.run(["git", "ls-files", "functional_course"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this isn't a git checkout")
    names = [Path(name) for name in listed.stdout.splitlines()]
    for name in names:
        globs = patterns.get(".".join(name.parent.parts), ())
        assert name.suffix == ".py" or any(name.match(glob) for glob in globs), f"{name} isn't in the wheel"
        assert (ROOT / name.parent / "__init__.py").is_file(), f"{name.parent} isn't a package"


def test_in_colab_nothing_that_is_there_has_to_change():
    lacking = {
        name: COLAB.get(name) for name, each in REQUIREMENTS.items() if COLAB.get(name, "0") not in each.specifier
    }
    assert not lacking, "pip would put other versions in the place of those that the running kernel has loaded"
    assert REQUIREMENTS.keys() == COLAB.keys(), "look the new one up in Colab's list"
    assert "3.13" in Requirement("python" + PROJECT["project"]["requires-python"]).specifier


def as_vs_code_writes_it(notebook: dict[str, Any]) -> None:
    """A cell that the learner added has no id, in a file whose format asks for one (VS Code 1.139)."""
    notebook["cells"].insert(
        2, {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": ["mine = 1"]}
    )


def as_colab_writes_it(notebook: dict[str, Any]) -> None:
    """The ids are in the metadata, and the first cell installs the course."""
    notebook.update(nbformat_minor=0)
    notebook["metadata"] |= {"colab": {"provenance": []}, "accelerator": "GPU", "language_info": {"name": "python"}}
    notebook["cells"].insert(
        0, {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": ["!pip install x.whl"]}
    )
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] |= {"id": cell.pop("id", f"cell{number}"), "colab": {"base_uri": "https://localhost:8080/"}}


@pytest.mark.parametrize("written", [as_vs_code_writes_it, as_colab_writes_it])
def test_what_another_editor_saved_is_read_as_before(alone: Path, written: Any):
    path = alone / NOTEBOOK
    was = read_exercise(path)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    written(notebook)
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")
    now = read_exercise(path)
    assert len(now.cells) == len(was.cells) + 1 and now.metadata.functional_course == was.metadata.functional_course
    taken = [{marked(cell)["grade_id"]: cell.source for cell in each.cells if marked(cell)} for each in (was, now)]
    assert taken[0] == taken[1]


def section() -> str:
    text = (ROOT / "book/guides/learn_alone.md").read_text(encoding="utf-8")
    if HEADING not in text:
        pytest.skip(f"the guide has no section “{HEADING.lstrip('# ')}”")
    return HEADING + re.split(r"(?m)^## ", text.partition(HEADING)[2])[0]


def test_the_commands_of_the_section_exist():
    blocks = re.findall(r"(?s)```\w*\n(.*?)```", section())
    lines = [line for block in blocks for line in block.splitlines()] + re.findall(r"(?<!`)`([^`\n]+)`(?!`)", section())
    called = [shlex.split(line)[1:] for line in (each.lstrip("!") for each in lines) if line.startswith("course ")]
    assert {name for name, *_ in called} >= {"check", "start", "progress"}
    for name, *arguments in called:
        command = cli.main.commands[name]
        command.make_parser(click.Context(command)).parse_args(list(arguments))
    wheels = set(re.findall(r"functional_course-([\d.]+)-py3-none-any\.whl", section()))
    assert wheels <= {PROJECT["project"]["version"]}, "the wheel has another name"
