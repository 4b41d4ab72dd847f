"""What a rubric judges, its task's text asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import nbformat
import pytest
from classroom import EACH_NOTEBOOK
from conftest import ROOT

# What an optimizer was made with says nothing about saving a model.
SAVES = re.compile(r"survives_saving|load_model|(?<!optimizer\.)get_config|from_config|to_json|\.save\(")
ASKED = re.compile(r"\b[Ss]aved?\b|`get_config`")


def unasked(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """The tests that save a model or make it again from its configuration, where no text since the last test asks.

    Much that computes as it should cannot be saved: a ``Lambda`` of one's own, for one.
    """
    text = ""
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown":
            text += cell.source
        if marks.get("grade"):
            if SAVES.search(cell.source) and not ASKED.search(text):
                yield marks["grade_id"]
            text = ""


@pytest.mark.parametrize(("chapter", "name"), EACH_NOTEBOOK)
def test_no_rubric_saves_a_model_that_the_text_does_not_ask_to_be_saved(chapter: str, name: str):
    notebook = nbformat.read(ROOT / "solutions" / chapter / f"{name}.ipynb", 4)
    assert list(unasked(notebook)) == []


def test_one_that_does_is_found():
    notebook = nbformat.read(ROOT / "solutions" / "04_siamese_similarity" / "build.ipynb", 4)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    cells["test-triplet"].source += "\nchecks.check_survives_saving(triplet, test_triplets)"
    assert list(unasked(notebook)) == ["test-triplet"]
