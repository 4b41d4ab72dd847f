"""A check of a model against a reference, whatever order the model made its weights in."""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from functional_course.checks.behaviour import compare_in_training, outputs_of, weights_kept
from functional_course.checks.diagnosis import Diagnosis, diagnosed
from functional_course.checks.failure import CheckFailed
from functional_course.checks.numbers import largest_difference
from functional_course.checks.structure import check_model
from functional_course.faults import Fault

import keras
import numpy as np

_MOST_ORDERS = 1000


def check_computes(
    model: Any,
    references: keras.Model | Iterable[keras.Model],
    inputs: object,
    tolerance: float = 1e-5,
) -> None:
    """The model is the same function as a reference, once it holds the reference's weights.

    Weights are matched by their shapes, and where several have one shape, in every order: a learner may build the
    branches of a model in any order. A 1×1 convolution counts as the ``Dense`` layer that it is. For the comparison the
    weights get random numbers, several times and of either sign, since fresh biases are zero and would hide where they
    stand. What the reference drops in training the model has to drop too, and nothing else. Weights that do not train,
    such as the statistics of a ``Normalization``, stay as they are and are not matched.

    Args:
        model: the model to judge. Its weights are put back.
        references: a model, or several of which any will do, such as the two orders of a concatenation. Their
            weights are put back.
        inputs: arrays that all of them take; a dict by the names of the inputs fits models with any order of inputs.
        tolerance: the largest difference that still counts as the same.

    Raises:
        CheckFailed: the weights that train differ in shape from each reference's, or the outputs differ.
        ValueError: there are more than a thousand orders to try; give the reference layers of different widths.

    Example:

    >>> a, b = keras.Input((4,), name="a"), keras.Input((5,), name="b")
    >>> left, right = keras.layers.Dense(2), keras.layers.Dense(2)
    >>> first = keras.Model([a, b], left(a) - right(b))
    >>> right, left = keras.layers.Dense(2), keras.layers.Dense(2)
    >>> second = keras.Model([b, a], keras.ops.negative(right(b) - left(a)))
    >>> check_computes(second, first, {"a": np.ones((3, 4)), "b": np.ones((3, 5))})
    """
    check_model(model)
    references = [references] if isinstance(references, keras.Model) else list(references)
    found = _by_shape(model.trainable_weights)
    fitting = [ref for ref in references if _sizes(_by_shape(ref.trainable_weights)) == _sizes(found)]
    if not fitting:
        asked = " or ".join(dict.fromkeys(_words(_by_shape(ref.trainable_weights)) for ref in references))
        if any(_sizes(_by_shape(ref.weights)) == _sizes(_by_shape(model.weights)) for ref in references):
            what = f"weights of shapes {asked} that train"
            raise CheckFailed(what, f"{_words(found)}: the others are there, and don't", Fault.TRAINS)
        raise CheckFailed(f"weights of shapes {asked}", _words(found), Fault.WEIGHTS)
    comparisons = [_Comparison(model, reference, inputs, tolerance) for reference in fitting]
    nearest = min(comparison.nearest() for comparison in comparisons)
    if not nearest <= tolerance:
        what = "the same outputs as the model that was asked for, with the same weights"
        if any(comparison.apart_in_statistics() for comparison in comparisons):
            told = "other numbers in weights that don't train, such as the statistics of a Normalization"
            raise CheckFailed(what, told, Fault.NUMBERS)
        diagnosis = _diagnosed(comparisons)
        if nearest < np.inf:
            raise CheckFailed(what, f"differences of up to {nearest:.2g}{diagnosis}", diagnosis.fault)
        told = "NaN" if comparisons[0].same_shapes else "other shapes"
        other = Fault.NUMBERS if comparisons[0].same_shapes else Fault.SHAPE
        known = diagnosis.fault is not Fault.OUTPUTS
        raise CheckFailed(what, f"{told}{diagnosis}" if known else told, diagnosis.fault if known else other)


class _Comparison:
    """A model and a reference with weights of the same shapes.

    Args:
        model: the model to judge.
        reference: what it is compared with.
        inputs: arrays that both take.
        tolerance: the largest difference that still counts as the same.

    Raises:
        ValueError: there are too many orders to try.
    """

    def __init__(self, model: keras.Model, reference: keras.Model, inputs: object, tolerance: float) -> None:
        self.model, self.reference, self.inputs, self.tolerance = model, reference, inputs, tolerance
        self._theirs, self._ours = _by_shape(reference.trainable_weights), _by_shape(model.trainable_weights)
        orders = math.prod(math.factorial(len(group)) for group in self._theirs.values())
        if orders > _MOST_ORDERS:
            raise ValueError(f"{orders:,} ways to match weights of equal shape: give the layers different widths.")
        self._draws = list(_draws(reference))
        self.same_shapes = False

    def nearest(self) -> float:
        """The smallest of the largest differences, over the orders of equal weights; ends early at one that will do."""
        nearest = np.inf
        with weights_kept(self.reference), weights_kept(self.model):
            asked = [_outputs_with(self.reference, numbers, self.inputs) for numbers in self._draws]
            for pairs in self._orders():
                furthest = 0.0
                for draw, outputs in enumerate(asked):
                    found = self._answer(pairs, draw)
                    self.same_shapes |= [each.shape for each in found] == [each.shape for each in outputs]
                    furthest = max(furthest, _apart(outputs, found))
                    if furthest > self.tolerance:
                        break
                nearest = min(nearest, furthest)
                if nearest <= self.tolerance:
                    _outputs_with(self.reference, self._draws[-1], self.inputs)
                    compare_in_training(self.reference, self.model, self.inputs)
                    break
        return nearest

    def apart_in_statistics(self) -> bool:
        """Whether it is the same function once it has the reference's numbers in the weights that don't train, too."""
        ours, theirs = self.model.non_trainable_weights, self.reference.non_trainable_weights
        if not theirs or [each.shape for each in ours] != [each.shape for each in theirs]:
            return False
        with weights_kept(self.model):
            for own, other in zip(ours, theirs, strict=True):
                own.assign(other)
            try:
                return self.nearest() <= self.tolerance
            except CheckFailed:  # the outputs are the same, and what is dropped in training isn't
                return False

    def for_diagnosis(self) -> tuple[keras.Model, list[list[np.ndarray]], list[Callable[[int], list[np.ndarray]]]]:
        """The reference, its weights in each draw, and the model's answers for each order of equal weights."""
        kept = {
            id(weight): number
            for weight, number in zip(self.reference.weights, self.reference.get_weights(), strict=True)
        }
        weights = [[{**kept, **numbers}[id(weight)] for weight in self.reference.weights] for numbers in self._draws]
        return self.reference, weights, [functools.partial(self._answer, pairs) for pairs in self._orders()]

    def _orders(self) -> Iterator[list[tuple[keras.Variable, keras.Variable]]]:
        """The ways to match the model's weights with the reference's."""
        for order in itertools.product(*(itertools.permutations(group) for group in self._theirs.values())):
            yield [
                (ours, theirs)
                for shape, group in zip(self._theirs, order, strict=True)
                for ours, theirs in zip(self._ours[shape], group, strict=True)
            ]

    def _answer(self, pairs: Iterable[tuple[keras.Variable, keras.Variable]], draw: int) -> list[np.ndarray]:
        numbers = self._draws[draw]
        given = {id(ours): np.reshape(numbers[id(theirs)], ours.shape) for ours, theirs in pairs}
        return _outputs_with(self.model, given, self.inputs)


def _diagnosed(comparisons: Sequence[_Comparison]) -> Diagnosis:
    """What differs from the reference; put back are the weights of all."""
    first = comparisons[0]
    with contextlib.ExitStack() as kept:
        for model in (first.model, *(each.reference for each in comparisons)):
            kept.enter_context(weights_kept(model))
        return diagnosed([each.for_diagnosis() for each in comparisons], first.inputs, first.tolerance)


def _draws(reference: keras.Model) -> Iterator[dict[int, np.ndarray]]:
    """Numbers for the weights that train, several times and of either sign: outputs that are all positive by chance
    would hide a ReLU that nobody asked for."""
    for seed, sign in ((0, 1), (0, -1), (1, 1)):
        generator = np.random.default_rng(seed)
        yield {
            id(weight): sign * generator.uniform(-0.5, 0.6, size=weight.shape) for weight in reference.trainable_weights
        }


def _outputs_with(model: keras.Model, numbers: Mapping[int, np.ndarray], inputs: object) -> list[np.ndarray]:
    for weight in model.trainable_weights:
        weight.assign(numbers[id(weight)])
    return outputs_of(model, inputs)


def _apart(asked: Sequence[np.ndarray], found: Sequence[np.ndarray]) -> float:
    largest = largest_difference(asked, found)
    return np.inf if np.isnan(largest) else largest


def _by_shape(weights: Iterable[keras.Variable]) -> dict[tuple[int, ...], list[keras.Variable]]:
    groups: dict[tuple[int, ...], list[keras.Variable]] = {}
    for weight in weights:
        shape = tuple(weight.shape)
        while len(shape) > 2 and shape[0] == 1:
            shape = shape[1:]
        groups.setdefault(shape, []).append(weight)
    return groups


def _sizes(groups: Mapping[tuple[int, ...], Sequence]) -> dict[tuple[int, ...], int]:
    return {shape: len(group) for shape, group in groups.items()}


def _words(groups: Mapping[tuple[int, ...], Sequence]) -> str:
    ordered = sorted(groups, key=lambda shape: (-math.prod(shape), shape))
    return ", ".join("×".join(map(str, shape)) or "scalar" for shape in ordered for _ in groups[shape]) or "none"
