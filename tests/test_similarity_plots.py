"""Plots about similarity: the numbers they state, what they refuse, and what is drawn."""

from __future__ import annotations

import doctest
import re

from functional_course.figures.plots import similarity
from functional_course.figures.plots.similarity import embedding_map, pair_grid, roc, score_histogram

import numpy as np
import pytest

ANSWERS = np.array([1, 1, 1, 0, 0, 0])
SCORES = np.array([0.9, 0.8, 0.3, 0.4, 0.2, 0.1])


def test_the_examples_say_what_they_print():
    result = doctest.testmod(similarity, extraglobs={"np": np})
    assert result.attempted >= 4 and not result.failed


def test_pairs_lie_side_by_side_with_a_gap():
    text = pair_grid(np.zeros((3, 8, 8, 1)), np.ones((3, 8, 8, 1)), [1, 0, 1], columns=2, what="pairs").text
    assert text == "3 pairs of 8 by 17 pixels, in rows of 2: 1, 0, 1."
    assert "32 by 68 pixels" in pair_grid(np.zeros((1, 32, 32, 3)), np.ones((1, 32, 32, 3))).text


def test_sides_of_different_shape_are_refused():
    with pytest.raises(ValueError, match=r"\(2, 8, 8\) and \(3, 8, 8\)"):
        pair_grid(np.zeros((2, 8, 8)), np.zeros((3, 8, 8)))
    with pytest.raises(ValueError, match="at least one"):
        pair_grid(np.zeros((0, 8, 8)), np.zeros((0, 8, 8)))


def test_a_curve_says_its_area_and_what_its_threshold_does():
    text = roc({"net": (ANSWERS, SCORES), "coin": (ANSWERS, np.zeros(6))}, thresholds={"net": 0.4}).text
    # Eight of the nine ways to take a same and a different pair have them in the right order.
    assert "net: area 0.89; from 0.40 on, 0.67 of the same and 0.33 of the different pairs count as the same." in text
    assert text.endswith("coin: area 0.50.")


def test_the_threshold_is_a_point_with_its_number_and_every_curve_has_its_dash():
    picture = roc({"net": (ANSWERS, SCORES), "pixels": (ANSWERS, -SCORES)}, thresholds={"net": 0.4})
    assert ">0.40</text>" in picture.svg and ">pixels: 0.11</text>" in picture.svg
    assert re.search(r'stroke-dasharray:[^"]*stroke:#d55e00', picture.svg)


@pytest.mark.parametrize(
    ("curves", "thresholds", "message"),
    [
        ({}, {}, "No curve"),
        ({"net": (ANSWERS[:3], SCORES[:3])}, {}, "3 same and 0 different"),
        ({"net": (ANSWERS, SCORES[:3])}, {}, "there are 3 scores"),
        ({"net": (ANSWERS, np.full(6, np.nan))}, {}, "'net' has scores that are not finite"),
        ({"net": (ANSWERS, SCORES)}, {"pixels": 0.5}, "a threshold for 'pixels' and no such curve"),
    ],
)
def test_a_curve_that_cannot_be_drawn_is_refused(curves: dict, thresholds: dict, message: str):
    with pytest.raises(ValueError, match=message):
        roc(curves, thresholds=thresholds)


def test_the_histogram_counts_both_kinds_below_the_threshold():
    picture = score_histogram(ANSWERS, SCORES, threshold=0.35, what="score")
    assert picture.text == (
        "Score of 3 same and 3 different pairs. Same: median 0.80. Different: median 0.20. "
        "Threshold 0.35, below it 1 same and 2 different."
    )
    assert ">threshold 0.35</text>" in picture.svg and ">same pairs</text>" in picture.svg


def test_scores_of_one_kind_only_have_no_histogram():
    with pytest.raises(ValueError, match="0 same and 3 different"):
        score_histogram(ANSWERS[3:], SCORES[3:], threshold=0.5)


def test_the_map_says_how_often_the_nearest_point_is_of_the_same_class():
    points = [[0, 0], [0, 1], [9, 9], [9, 8], [0, 2]]
    text = embedding_map(points, [1, 1, 2, 2, 2], what="codes").text
    assert text == "5 codes of 2 classes: 1, 2. The nearest other point is of the same class for 80% of them."
    assert embedding_map(points, [1, 1, 2, 2, 2]).svg.count(">2</text>") == 3


@pytest.mark.parametrize(("points", "labels"), [(np.zeros((4, 3)), range(4)), (np.zeros((4, 2)), range(3)), ([], [])])
def test_what_is_no_map_is_refused(points: object, labels: object):
    with pytest.raises(ValueError, match="points of shape"):
        embedding_map(points, list(labels))
