"""One model in four forms, on two pages: both start from the same numbers and print the same, and a table says what."""

from __future__ import annotations

import copy
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from functional_course.cli import main
from functional_course.kernels.provisioner import COLD
from functional_course.notebooks import needs
from functional_course.notebooks.course_root import comparison_notebooks, page_notebooks
from functional_course.notebooks.reading import read_notebook

import nbformat
import pytest
from click.testing import CliRunner
from conftest import ROOT
from lessons import Lesson
from nbformat.v4 import new_code_cell, new_notebook

KERAS = ROOT / "book" / "comparisons" / "other_hands.ipynb"
PYTORCH = KERAS.with_name("other_hands_pytorch.ipynb")

MOST_WORDS = 1500  # on both pages
MOST_LINES = 200  # of code that a reader sees, on each

THE_SAME = {
    "answers": r"the first six pairs:((?: \d\.\d{3}){6})\n(?!.*the first six pairs)",
    "training": r"after training: (loss \d\.\d\d, accuracy \d\.\d\d)",
    "parameters": r"(?m)^(\d,\d{3}) parameters$",
}

# What the table says in words, and what the cells of the column's page printed then.
IN_WORDS = {
    ("takes two images", "no, one array with both"): "You cannot add a different Input layer to it",
    ("known before data", "no"): "ValueError: You tried to call `count_params` on layer 'subclassed'",
    ("inputs by name", "none"): "AttributeError: 'TwoTowers' object has no attribute 'inputs'",
    ("a picture", "two paths"): r"Diagram of a Functional model[^\n]*1 layer called more than once",
    ("a picture", "a chain"): "Diagram of the Sequential model",
    ("a picture", "none"): "NoGraphError: 'subclassed'",
    ("a picture", "none, text"): r"\(encoder\): Sequential\(",
    ("loads without its class", "yes"): "functional: +8,417 parameters, same answers: True",
    ("loads without its class", "no"): "Could not locate class 'Gap'[^$]*Could not locate class 'TwoTowers'",
    ("loads without its class", "no; exported, yes"): "Weights only load failed\nexported, same answers: True",
    ("9 × 9 pixels", "an answer"): r"9 × 9 pixels(?:, stacked|, subclassed)?: no error",
}

Page = nbformat.NotebookNode


def pages() -> tuple[Page, Page]:
    """The page on Keras and the one on PyTorch."""
    return read_notebook(KERAS), read_notebook(PYTORCH)


def shown(page: Page) -> str:
    """What a page's cells print and raise, and the words of their pictures."""
    outputs = [output for cell in page.cells if cell.cell_type == "code" for output in cell.outputs]
    return "".join(map(said, outputs))


def said(output: Page) -> str:
    """What an output says in words."""
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}\n"
    return output.get("text") or output.data["text/plain"] + "\n"


def cell(page: Page, name: str) -> Page:
    """The cell with an id."""
    return next(each for each in page.cells if each.id == name)


def faults(keras_page: Page, pytorch_page: Page) -> list[str]:
    """Where the two pages don't show one model, or the table doesn't say what they printed, a sentence each."""
    found = []
    if cell(keras_page, "weights").source != cell(pytorch_page, "weights").source:
        found.append("the pages start from other weights")
    for what, pattern in THE_SAME.items():
        printed = [set(re.findall(pattern, shown(page))) for page in (keras_page, pytorch_page)]
        if not printed[0] or len(printed[0] | printed[1]) != 1 or not printed[1]:
            found.append(f"the pages print other {what}: {printed}")
    rows = [line.strip("| ").split(" | ") for line in cell(keras_page, "table").source.splitlines() if line[:1] == "|"]
    for question, *columns in rows[2:]:
        if len(columns) != 4:
            found.append(f"the row {question!r} has {len(columns)} columns")
        for column, answer in enumerate(columns):
            printed = shown(pytorch_page if column == 3 else keras_page)
            if not re.search(IN_WORDS.get((question, answer), ""), printed):
                found.append(f"no cell printed {answer!r}, which the table says of {question!r}")
            for token in re.findall(r"`(\w+)`|(\d[\d.,]*)", answer):
                if not re.search(rf"(?<![\w.,]){re.escape(''.join(token))}(?![\w.,]*\d)", printed):
                    found.append(f"no cell printed {''.join(token)!r}, which the table says of {question!r}")
    return found


def test_the_pages_show_one_model_and_the_table_says_what_they_printed() -> None:
    assert faults(*pages()) == []


def test_the_pages_are_short() -> None:
    read = [Lesson.read(path) for path in (KERAS, PYTORCH)]
    assert sum(page.words for page in read) <= MOST_WORDS
    assert max(page.lines for page in read) <= MOST_LINES


def replaced(page: Page, name: str, old: str, new: str) -> None:
    """Change what a cell says or prints."""
    place = cell(page, name)
    holder, key = (place, "source") if old in place.source else (place.outputs[0], "text")
    assert old in holder[key]
    holder[key] = holder[key].replace(old, new)


@pytest.mark.parametrize(
    ("plant", "says"),
    [
        (lambda keras, torch: replaced(torch, "weights", "default_rng(0)", "default_rng(1)"), "other weights"),
        (lambda keras, torch: replaced(torch, "ported", "0.561", "0.562"), "other answers"),
        (lambda keras, torch: replaced(torch, "training", "loss 0.37", "loss 0.36"), "other training"),
        (lambda keras, torch: replaced(keras, "same", "accuracy 0.86\nsub", "accuracy 0.87\nsub"), "other training"),
        (lambda keras, torch: replaced(torch, "model", "8,417", "8,418"), "other parameters"),
        (lambda keras, torch: replaced(keras, "table", "| 8,417 |\n", "| 8,418 |\n"), "'8,418', which the table says"),
        (lambda keras, torch: replaced(keras, "table", "`pair`", "`couple`"), "'couple', which the table says"),
        (lambda keras, torch: replaced(keras, "table", "`TypeError`", "`KeyError`"), "'KeyError', which the table"),
        (
            lambda keras, torch: replaced(torch, "mistakes", "9 × 9 pixels: no error", "9 × 9 pixels: Er"),
            "'an answer'",
        ),
        (lambda keras, torch: replaced(torch, "files", "exported, same answers: True", "not"), "'no; exported, yes'"),
        (lambda keras, torch: replaced(keras, "table", " | an answer |\n", " |\n"), "has 3 columns"),
    ],
)
def test_a_planted_fault_is_found(plant: Callable[[Page, Page], None], says: str) -> None:
    planted = copy.deepcopy(pages())
    plant(*planted)
    assert any(says in fault for fault in faults(*planted)), faults(*planted)


# --- a page that needs what the course doesn't install ----------------------------------------------------------------


def test_a_comparison_is_executed_by_make_evidence_or_says_what_it_needs() -> None:
    target = re.search(r"^evidence:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE).group(1)
    for path in comparison_notebooks(ROOT):
        assert (path.relative_to(ROOT).as_posix() in target) != bool(needs.needs(read_notebook(path))), path.name


def test_no_other_page_and_no_requirement_names_pytorch() -> None:
    others = [path for path in page_notebooks(ROOT) if path != PYTORCH]
    code = "\n".join(each.source for path in others for each in read_notebook(path).cells if each.cell_type == "code")
    assert not re.search(r"^\s*(?:import|from) torch\b", code, re.MULTILINE)
    # Whoever wants it asks for it by name.
    extra = 'optional-dependencies.torch = { file = ["solutions/torch.txt"] }'
    for path in [ROOT / "pyproject.toml", ROOT / "environment.yml", *ROOT.glob("*/requirements.txt")]:
        assert "torch" not in path.read_text(encoding="utf-8").replace(extra, "").replace("[torch]", ""), path


def test_what_is_lacking_is_found_without_an_import() -> None:
    page = new_notebook(cells=[new_code_cell("import json")])
    assert needs.needs(page) == needs.lacking(page) == []
    page.metadata["functional_course"] = {"needs": ["json", "no_such_module"]}
    assert needs.lacking(page) == ["no_such_module"]
    assert needs.needs(read_notebook(PYTORCH)) == ["torch"]


def test_the_page_on_pytorch_stays_as_it_is_where_there_is_no_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    before = PYTORCH.read_bytes()
    monkeypatch.setattr(needs, "find_spec", lambda name: None)
    done = CliRunner().invoke(main, ["notebooks", str(PYTORCH)])
    assert done.exit_code == 0, done.output
    assert "left as it is stored, because executing it needs torch" in " ".join(done.output.split())
    assert PYTORCH.read_bytes() == before


def refused_by_nbval(path: Path) -> str:
    """What nbval says against a page, in a kernel in which nothing is imported; empty if it accepts the page."""
    sanitize = ROOT / "tests" / "nbval_sanitize.cfg"
    options = ["-q", "-p", "no:cacheprovider", "--nbval", "--nbval-sanitize-with", str(sanitize)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(path)],
        cwd=ROOT, env={**os.environ, COLD: "1"}, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.skipif(
    importlib.util.find_spec("torch") is None,
    reason="book/comparisons/other_hands_pytorch.ipynb isn't executed again: PyTorch isn't installed",
)
def test_the_page_on_pytorch_prints_what_it_stores(tmp_path: Path) -> None:
    assert refused_by_nbval(PYTORCH) == ""
    page = read_notebook(PYTORCH)
    page.cells = page.cells[: 1 + page.cells.index(cell(page, "ported"))]
    replaced(page, "ported", "0.561", "0.562")
    nbformat.write(page, tmp_path / "planted.ipynb")
    assert "0.562" in refused_by_nbval(tmp_path / "planted.ipynb")
