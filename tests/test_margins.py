"""What is noted of the comparisons in a test, and which of them stand on a knife's edge."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import margins
import numpy as np
import pytest
from conftest import ROOT
from margins import ASKED, Margin, compared, noting
from mutants.catalogue import tasks

CELL = """
def best(scores):
    return max(scores) > .5 >= min(scores)

assert best([.2, .9])
assert len("abc") == 3
both = 1 < 2 < near
"""


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list:
    found: list = []
    monkeypatch.setattr(margins, "_noted", found)
    return found


def test_every_comparison_by_size_is_noted_with_its_two_numbers(noted: list):
    names = {"near": 3, "_compared_": compared}
    exec(compile(noting(CELL, "test"), "cell", "exec"), names)
    assert names["both"] is True
    assert [pair for _, *pair in noted] == [[0.9, 0.5], [0.5, 0.2], [1, 2], [2, 3]]
    assert [key for key, *_ in noted] == ["test:3: max(scores) > 0.5 >= min(scores)"] * 2 + ["test:7: 1 < 2 < near"] * 2


def test_a_comparison_gives_what_it_gave(noted: list):
    for source in ("1 < 2 > 3", "3 > 2 in [2]", "2 < 1 < 0", "1 <= 1 != 2", "1 >= 0 == 0"):
        names = {"_compared_": compared}
        exec(compile(noting(f"found = {source}", "test"), "cell", "exec"), names)
        assert names["found"] == eval(source), source
    assert (compared("one", (np.array([1, 3]), 2), ("Lt",)) == [True, False]).all()


def test_the_second_half_of_a_chain_is_not_looked_at_where_the_first_decides(noted: list):
    assert compared("one", (2, 1, "no number"), ("Lt", "Lt")) is False
    assert len(noted) == 1


def of_seeds(*pairs: tuple[float, float]) -> Margin:
    (margin,) = margins.margins({"an answer": [[["test:1", one, other]] for one, other in pairs]})
    return margin


def test_a_threshold_on_a_knifes_edge_is_told_from_a_safe_one():
    edge, safe = of_seeds((0.86, 0.85), (0.89, 0.85), (0.87, 0.85)), of_seeds((0.95, 0.85), (0.97, 0.85), (0.96, 0.85))
    assert edge.decided and edge.deviations < ASKED < safe.deviations
    assert not of_seeds((0.84, 0.85), (0.89, 0.85), (0.87, 0.85)).decided
    assert of_seeds((1, 2), (1, 2)).deviations == np.inf


def test_a_threshold_that_is_met_now_and_then_is_no_search():
    runs = [
        [[key, found, 0.85] for key in ("test:12: found >= 0.85", "sharing:7: found >= 0.85")] for found in (0.83, 0.87)
    ]
    assert [margin.key for margin in margins.margins({"an answer": runs}) if margin.sways] == [
        "an answer · test:12: found >= 0.85 · 1"
    ]
    assert not of_seeds((0.95, 0.85), (0.86, 0.85)).sways


def test_what_is_far_smaller_or_larger_is_compared_by_its_order_of_magnitude():
    assert of_seeds((1e-3, 1e-7), (1e-2, 1e-7), (3e-3, 1e-7)).deviations > ASKED
    assert of_seeds((2e-7, 1e-7), (9e-7, 1e-7), (4e-7, 1e-7)).deviations < ASKED
    assert of_seeds((1e-3, 0.5), (0.09, 0.5), (0.02, 0.5)).deviations > ASKED


def test_numbers_that_grow_and_shrink_together_are_compared_by_their_ratio():
    assert of_seeds((0.5, 0.2), (5.1, 2.0), (1.2, 0.5), (2.4, 1.0)).deviations > ASKED
    assert of_seeds((0.5, 0.2), (2.1, 2.0), (4.2, 0.5), (1.4, 1.0)).deviations < ASKED


def test_a_bound_of_a_probability_is_no_threshold_and_another_zero_is():
    runs = [
        [[f"measuring:1: {bound}", low, 0] for bound in ("np.min(found) >= 0", "np.min(lost) >= 0")] for low in (1, 2)
    ]
    assert [margin.key for margin in margins.margins({"an answer": runs})] == [
        "an answer · measuring:1: np.min(lost) >= 0 · 1"
    ]


def test_the_tasks_that_ask_for_what_training_reaches_are_tasks_that_train():
    trains = {task.name for task in tasks(ROOT / "solutions") if task.trains}
    assert trains >= margins.TRAINED


def test_only_what_all_runs_compared_is_a_margin():
    runs = [[["test:1", 1, 2], ["test:2", 1, 2]], [["test:1", 1, 2]]]
    assert [margin.key for margin in margins.margins({"an answer": runs})] == ["an answer · test:1 · 1"]


def test_the_comparisons_of_a_task_are_found_in_its_test_and_in_the_checks(tmp_path: Path):
    command = [
        sys.executable,
        "-m",
        "tests.margins",
        "--task",
        "own-data",
        "--seeds",
        "3",
        "--kept",
        str(tmp_path / "kept"),
    ]
    ended = subprocess.run(
        [*command, "--workers", "1", "--closest", "99"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr[-2000:]
    assert "measuring:" in ended.stdout and "right >= usual + points" in ended.stdout
    assert "answers 1, " in ended.stdout.splitlines()[-1]
