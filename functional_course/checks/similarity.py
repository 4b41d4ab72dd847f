"""Checks of what a model of similarity does: nothing is at a distance from itself, and scores tell pairs apart."""

from __future__ import annotations

from typing import Any

from functional_course.checks.behaviour import outputs_of
from functional_course.checks.failure import CheckFailed
from functional_course.checks.numbers import largest_difference
from functional_course.checks.structure import check_model
from functional_course.faults import Fault

import keras
import numpy as np


def check_zero_to_itself(model: object, inputs: Any, tolerance: float = 1e-3) -> None:
    """In inference, every output is zero where all inputs are one and the same thing.

    The square root of a distance is often kept away from zero, where its slope is infinite. So the tolerance is wider
    than that of an equality.

    Args:
        model: a model whose outputs are distances.
        inputs: equal arrays, as the model takes them, a list, a tuple or a dict.
        tolerance: the largest distance that still counts as zero.

    Raises:
        CheckFailed: naming the largest distance.
        ValueError: the arrays differ.

    Example:

    >>> a, b, shared = keras.Input((4,)), keras.Input((4,)), keras.layers.Dense(2)
    >>> model = keras.Model([a, b], keras.ops.sum(keras.ops.abs(shared(a) - shared(b)), axis=-1, keepdims=True))
    >>> check_zero_to_itself(model, [np.ones((3, 4)), np.ones((3, 4))])
    """
    check_model(model)
    arrays = [np.asarray(array) for array in keras.tree.flatten(inputs)]
    if len(arrays) < 2 or not all(np.array_equal(array, arrays[0]) for array in arrays):
        raise ValueError("A distance to itself needs the same array for every input, and two inputs or more.")
    distances = outputs_of(model, inputs)
    largest = largest_difference(distances, [np.zeros_like(each) for each in distances])
    if not largest <= tolerance:
        raise CheckFailed("a distance of 0 from every input to itself", f"one of {largest:.2g}", Fault.NUMBERS)


def check_tells_apart(scores: Any, same: Any, floor: float) -> None:
    """The AUC of the scores is at least ``floor``.

    A floor says something only if wrong models stay below it: a model that does not look at both inputs or cannot
    compare them has about 0.5, and the distance between raw pixels, or between the embeddings of an untrained network,
    often has much more. Measure those first, on pairs that were not trained on.

    Args:
        scores: one number for each pair, larger where the two are more likely the same. For distances, their negative.
        same: 1 or true where the two are the same, one for each pair.
        floor: the lowest AUC that is enough, between 0 and 1.

    Raises:
        CheckFailed: naming the AUC, or why there is none.

    Example:

    >>> check_tells_apart([0.9, 0.4, 0.6, 0.1], [1, 1, 0, 0], floor=0.75)
    """
    scores, same = np.asarray(scores, dtype="float64").ravel(), np.asarray(same).ravel().astype(bool)
    if len(scores) != len(same):
        raise CheckFailed(f"{len(same):,} scores, one for each pair", f"{len(scores):,}", Fault.SHAPE)
    if not np.all(np.isfinite(scores)):
        raise CheckFailed("scores that are finite numbers", "some that aren't, such as NaN", Fault.NUMBERS)
    area = area_under_curve(scores, same)
    if not area >= floor:
        raise CheckFailed(f"an AUC of {floor:.2f} or more", f"{area:.3f}", Fault.LEARNED)


def area_under_curve(scores: Any, same: Any) -> float:
    """How often a positive pair has a higher score than a negative one: the AUC, the area under the ROC curve.

    Every pair of the one kind is compared with every pair of the other; a tie counts one half. This is the statistic of
    the Mann-Whitney test, divided by the number of comparisons (Hanley and McNeil, 1982).

    Args:
        scores: one number for each pair, larger where the two are more likely the same.
        same: 1 or true where the two are the same, one for each pair.

    Returns:
        From 0 to 1; 0.5 for scores that tell nothing.

    Raises:
        ValueError: all pairs are of one kind.

    Example:

    >>> area_under_curve([0.9, 0.4, 0.6, 0.1], [1, 1, 0, 0])
    0.75
    """
    scores, same = np.asarray(scores, dtype="float64").ravel(), np.asarray(same).ravel().astype(bool)
    if same.all() or not same.any():
        raise ValueError("The AUC needs pairs of both kinds, same and different.")
    high, low = scores[same][:, np.newaxis], scores[~same]
    return float(np.mean(high > low) + np.mean(high == low) / 2)
