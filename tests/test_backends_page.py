"""The page about other backends says what the runs stored, and these executed the notebooks that there are."""

from __future__ import annotations

import copy
import json
import re

import pytest
from backends_page import PAGE, RESULTS, faults, graded_with, grading, made, mnist, rendered, runs
from conftest import ROOT
from graded_backends import missing


@pytest.fixture(scope="module")
def stored() -> dict:
    return json.loads((ROOT / RESULTS).read_text(encoding="utf-8"))


def test_the_page_says_what_was_stored():
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    assert rendered(page) == page, "write its tables anew: python -m tests.backends_page"
    assert re.findall(r"<!-- table: (\w+) -->", page) == ["runs", "made", "notebooks", "grading", "mnist"]


def test_a_number_that_was_not_stored_is_written_over():
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| errors \|.*", page, re.MULTILINE)
    assert rendered(page.replace(row, re.sub(r"\d", "9", row))) == page


def test_each_run_executed_every_notebook(stored: dict):
    assert faults(stored) == []
    assert {run["backend"] for run in stored["runs"]} == {"jax", "torch"}


@pytest.mark.parametrize("place", [0, -1])
def test_a_notebook_more_or_less_is_refused(stored: dict, place: int):
    found = copy.deepcopy(stored)
    there = found["runs"][place]["notebooks"]
    there["book/gone.ipynb"] = there.pop("book/index.ipynb")
    lacks, gone = faults(found)
    assert lacks.startswith("book/index.ipynb isn't in the run with")
    assert gone.startswith("book/gone.ipynb, of the run with") and gone.endswith("isn't executed any more")


def test_a_run_is_the_sum_of_its_notebooks():
    counts = {"cells": 2, "otherwise": 1, "marked": 0, "errors": 1, "seconds": 600.6}
    run = {
        "date": "2026-01-31",
        "backend": "jax",
        "device": "A GPU",
        "versions": {"jax": "0.9"},
        "workers": 4,
        "notebooks": {"a": counts, "b": counts},
    }
    assert runs({"runs": [run]}).splitlines() == [
        "| all notebooks | JAX, GPU |",
        "|---| --: |",
        "| cells | 4 |",
        "| another output | 2 |",
        "| marked | 0 |",
        "| errors | 2 |",
        "| seconds | 1,201 |",
    ]
    assert made({"runs": [run]}) == "- JAX, GPU: 2026-01-31, JAX 0.9, A GPU, 4 notebooks at a time."


def test_points_that_a_backend_gives_otherwise_are_counted():
    def of(seconds: float, *points: float, waiting: int = 0) -> dict:
        tasks = dict(zip(("a", "b"), points, strict=True))
        return {"ann": {"seconds": seconds, "points": tasks, "most": 4.0, "waiting": waiting}}

    stored = {
        "date": "2026-01-31",
        "device": "CPU",
        "versions": {"keras": "3"},
        "command": "python -m tests.graded_backends",
        "graded": {
            "tensorflow": {"04_x/build": of(2.0, 1, 3), "05_y/build": of(1.0, 1, 3), "06_z/build": of(9.0, 1, 3)},
            "torch": {"04_x/build": of(1.24, 1, 2, waiting=1), "05_y/build": of(3.0, 1, 3)},  # which was stopped
        },
    }
    assert grading(stored).splitlines() == [
        "| seconds | TensorFlow | PyTorch | tasks | with other points | waiting |",
        "|---| --: | --: | --: | --: | --: |",
        "| chapter 4, build | 2.0 | 1.2 | 2 | 1 | 1 |",
        "| chapter 5, build | 1.0 | 3.0 | 2 | 0 | 0 |",
    ]
    stored["graded"]["tensorflow"]["04_x/build"] |= {"ben": of(5.0, 0, 0)["ann"]}  # whom PyTorch hasn't graded
    assert grading(stored).splitlines()[2] == "| chapter 4, build | 2.0 | 1.2 | 2 | 1 | 1 |"
    assert "Run on 2026-01-31 on a CPU with keras 3." in graded_with(stored) and stored["command"] in graded_with(
        stored
    )


def test_an_answer_counts_as_graded_only_if_it_is_stored_itself():
    stored = {"04_x/build": {"solution": {}, "right_1": {}}, "04_x/debug": {"solution": {}}}
    both = ["04_x/build", "04_x/debug"]
    assert missing(stored, both, ["solution"]) == []
    assert missing(stored, both, ["solution", "right_1"]) == ["right_1"]
    assert missing(stored, both[:1], ["right_1", "wrong_1"]) == ["wrong_1"]
    assert missing({}, both, ["solution"]) == ["solution"]


def test_what_was_right_after_the_last_epoch():
    def trained(*right: float) -> dict:
        return {
            "versions": {"jax": "0.9"},
            "runs": [{"title": "One", "history": [{"val_accuracy": each} for each in right]}],
        }

    assert (
        mnist({"CPU": trained(0.1, 0.5), "GPU": trained(0.2, 0.25)}).splitlines()[-1] == "| One | 50.00 % | 25.00 % |"
    )
