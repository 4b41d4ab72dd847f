"""What was graded is graded again as soon as anything changes that its verdict rests on."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import graded_before
import nbformat
import pytest
import test_answers
from answer_files import VARIANTS, variant
from answer_forms.reading import Form
from conftest import ROOT
from graded_before import GradedBefore, rests_on
from nbformat.v4 import new_notebook

CHAPTER, NOTEBOOK, NAME = "03_shared_layers", "build", "right_1"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a digest looks at."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "functional_course", root / "functional_course", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copytree(ROOT / "solutions" / CHAPTER, root / "solutions" / CHAPTER)
    (root / "tests").mkdir()
    for module in graded_before.GRADED_BY:
        place = root / "tests" / f"{module}.py"
        place.parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "tests" / f"{module}.py", place)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    return root


def digest_of(root: Path) -> str:
    graded_before._common.cache_clear()
    asked = nbformat.read(root / "solutions" / CHAPTER / f"{NOTEBOOK}.ipynb", 4)
    return rests_on(asked, variant(CHAPTER, NOTEBOOK, NAME).values(), root)


def replaced(path: str, old: str, new: str) -> Callable[[Path], None]:
    def replace(root: Path) -> None:
        text = (root / path).read_text()
        assert old in text
        (root / path).write_text(text.replace(old, new, 1))

    return replace


@pytest.mark.parametrize(
    "change",
    [
        replaced(f"solutions/{CHAPTER}/{NOTEBOOK}.ipynb", "> 0.715", "> 0.716"),
        replaced(
            f"solutions/{CHAPTER}/{NOTEBOOK}.ipynb",
            '"locked": true,\n     "points": ',
            '"locked": true,\n     "points": 1',
        ),
        replaced("functional_course/checks/sharing.py", "import", "import os\nimport"),
        replaced("functional_course/rubric/criteria.py", "class Rubric", "OTHER = 1\n\n\nclass Rubric"),
        replaced("functional_course/kernels/steps.py", "MOST_KEPT = 16", "MOST_KEPT = 17"),
        replaced("nbgrader_config.py", "c.Execute.timeout = 180", "c.Execute.timeout = 90"),
        replaced("functional_course/grading/gradebook/hiding.py", "import", "import os\nimport"),
        replaced("tests/messages.py", "_LONG = 24", "_LONG = 25"),
    ],
    ids=[
        "its tests",
        "its points",
        "a check",
        "the rubric",
        "the kernels",
        "the settings",
        "what they use",
        "what is wrong",
    ],
)
def test_it_rests_on(checkout: Path, change: Callable[[Path], None]):
    before = digest_of(checkout)
    assert digest_of(checkout) == before
    change(checkout)
    assert digest_of(checkout) != before


def test_it_does_not_rest_on_another_notebook_or_on_a_page_of_the_book(checkout: Path):
    before = digest_of(checkout)
    replaced(f"solutions/{CHAPTER}/debug.ipynb", "import", "import os, ")(checkout)
    replaced("functional_course/figures/plots/curves.py", "import", "import os\nimport")(checkout)
    assert digest_of(checkout) == before


@pytest.mark.parametrize(
    "other",
    [{"points": 0.5}, {"says": ("something else",)}, {"source": "def none_at_all(: # no Python"}],
    ids=["what it gets", "what it hears", "its text"],
)
def test_it_rests_on_the_answer(other: dict):
    asked = nbformat.read(ROOT / "solutions" / CHAPTER / f"{NOTEBOOK}.ipynb", 4)
    first, *others = variant(CHAPTER, NOTEBOOK, NAME).values()
    assert rests_on(asked, [dataclasses.replace(first, **other), *others]) != rests_on(asked, [first, *others])


def test_it_rests_on_what_a_form_does_later():
    asked = new_notebook(cells=[])
    form = Form("one", "task", 1.0, False, "x = 1", "x = 2")
    assert rests_on(asked, [form]) != rests_on(asked, [dataclasses.replace(form, later="x = 3")])
    assert rests_on(asked, [dataclasses.replace(form, source="%matplotlib inline\n!ls\nx = 1")])


def test_it_rests_on_the_libraries_and_on_the_backend(monkeypatch: pytest.MonkeyPatch):
    before = digest_of(ROOT)
    monkeypatch.setattr(graded_before.importlib.metadata, "version", lambda library: f"{library} of tomorrow")
    assert digest_of(ROOT) != before
    monkeypatch.undo()
    monkeypatch.setenv("KERAS_BACKEND", "another")
    assert digest_of(ROOT) != before
    monkeypatch.undo()
    assert digest_of(ROOT) == before


def test_what_is_written_holds_until_it_rests_on_something_else(tmp_path: Path):
    file = tmp_path / "graded.json"
    assert not GradedBefore(file).holds("build right_1", "one")
    GradedBefore(file).write("build right_1", "one")
    GradedBefore(file).write("debug right_1", "two")
    assert GradedBefore(file).holds("build right_1", "one")
    assert not GradedBefore(file).holds("build right_1", "other")
    assert not GradedBefore(file).holds("build wrong_1", "one")


def test_what_is_not_written_is_graded_and_one_learner_of_each_chapter_always(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(test_answers, "CHOSEN", ())
    monkeypatch.setattr(GradedBefore, "holds", lambda self, name, digest: name != "debug right_2")
    always = test_answers.ALWAYS[CHAPTER]
    assert always != "right_2"
    assert test_answers.to_grade(CHAPTER) == {"right_2": ["debug"], always: ["build", "debug"]}
    assert set(test_answers.ALWAYS.values()) == set(test_answers.BY_NBGRADER)


def test_who_asks_for_all_gets_all(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(test_answers, "CHOSEN", VARIANTS)
    monkeypatch.setattr(GradedBefore, "holds", lambda *asked: True)
    graded = test_answers.to_grade(CHAPTER)
    assert all(graded[name] == ["build", "debug"] for name in test_answers.BY_NBGRADER)
