"""`course new-chapter`: a chapter of a teacher's own from a notebook that can be released and graded as it is."""

from __future__ import annotations

import sys
from pathlib import Path

from functional_course import cli
from functional_course.notebooks.canonical import faults
from functional_course.own_course.chapter import CHAPTER, NOTEBOOK, TEMPLATE, ChapterError, new_chapter
from functional_course.own_course.tasks import tasks_of

import nbformat
import prose
import pytest
from click.testing import CliRunner
from conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A teacher's course."""
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "exercises").mkdir()
    monkeypatch.chdir(tmp_path / "exercises")
    return tmp_path


def test_the_names_stand_where_the_templates_stood(own: Path):
    done = CliRunner().invoke(cli.main, ["new-chapter", "07_attention", "--notebook", "debug"])
    assert done.exit_code == 0 and "wrote solutions/07_attention/debug.ipynb" in done.output
    path = own / "solutions" / "07_attention" / "debug.ipynb"
    text, notebook = path.read_text(encoding="utf-8"), nbformat.read(path, 4)
    assert CHAPTER not in text and NOTEBOOK not in text
    assert notebook.metadata["functional_course"] == {"chapter": "07_attention", "notebook": "debug"}
    assert notebook.cells[0].source.startswith("# 07_attention: debug")
    assert {name: task.points for name, task in tasks_of(notebook).items()} == {"classifier": 3, "dense-parameters": 2}


def test_what_is_there_stays(own: Path):
    path = new_chapter(own, "07_attention")
    path.write_text("mine")
    with pytest.raises(ChapterError, match=r"solutions/07_attention/build\.ipynb already"):
        new_chapter(own, "07_attention")
    assert path.read_text() == "mine"
    assert new_chapter(own, "07_attention", "debug").exists()


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "a\\b", "a+b", "two words", 'a"b', "a\n", "-x"])
def test_a_name_that_nbgrader_cannot_use_is_refused(own: Path, name: str):
    for words in ((name,), ("07_attention", name)):
        with pytest.raises(ChapterError, match="can't be a name here"):
            new_chapter(own, *words)
    assert not (own / "solutions").exists()


def test_outside_of_a_course_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.main, ["new-chapter", "07_attention"])
    assert done.exit_code == 2 and "nbgrader_config.py" in done.output


def test_the_template_is_stored_as_it_was_executed_and_is_installed():
    assert faults(nbformat.read(TEMPLATE, 4)) == []
    package_data = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    patterns = package_data[".".join(TEMPLATE.relative_to(ROOT).parent.parts)]
    assert any(TEMPLATE.match(pattern) for pattern in patterns)


def test_the_template_uses_no_word_that_the_course_leaves_out():
    text = prose.text_of(TEMPLATE)
    assert prose.unwanted(text) == [] and prose.proselint({TEMPLATE.name: text}) == []


def test_the_template_shows_every_kind_of_cell_and_test():
    cells = {cell.id: cell for cell in nbformat.read(TEMPLATE, 4).cells}
    rubric, asserts = cells["test-classifier"].source, cells["test-dense-parameters"].source
    assert "checks.check_" in rubric and "hidden=True" in rubric and rubric.endswith("rubric.score()")
    assert "Rubric" not in asserts and asserts.count("assert") == 3
    for source in (rubric, asserts):
        assert source.count("### BEGIN HIDDEN TESTS") == source.count("### END HIDDEN TESTS") == 1
    for answer in ("classifier", "dense-parameters"):
        assert cells[answer].source.count("### BEGIN SOLUTION") == 1
    assert cells["given-classifier"].metadata["nbgrader"]["locked"]
    assert "solution-only" in cells["how"].metadata["tags"]
