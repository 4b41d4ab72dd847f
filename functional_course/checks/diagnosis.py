"""Which slip makes the reference the model that a learner built: a diagnosis by repair.

Two models hold the same weights and give different outputs. Of the reference with one slip (see
:mod:`functional_course.checks.slips`), the first that gives the learner's outputs with all weights that are tried tells
what differs. So what is said was seen to be true, and where no single slip explains the difference, nothing is guessed.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from functional_course.checks.numbers import largest_difference
from functional_course.checks.slips import Slip, slips_of, work_of
from functional_course.faults import Fault
from functional_course.models import Graph

import keras
import numpy as np

_MOST_SLIPS = 60
_MOST_MATCHINGS = 24
# Multiplications, about a second's worth: of a large reference fewer slips are tried. No clock, so that a verdict says
# the same on a slow machine.
_MOST_WORK = 2e9

Arrays = list[np.ndarray]
Answers = Callable[[int], Arrays]
"""What a model gives with the weights of one draw, by the draw's number."""


@dataclass(frozen=True)
class Diagnosis:
    """What differs, and where.

    Attributes:
        fault: what differs; :attr:`Fault.OUTPUTS` where it isn't one slip, or too hard to say.
        outputs: the names of the reference's outputs that differ, if it has several and only some of them do.
    """

    fault: Fault
    outputs: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = " and ".join(map(repr, self.outputs))
        return f" at output {named}: {self.fault}" if named else f": {self.fault}"


def diagnosed(
    references: Sequence[tuple[keras.Model, Sequence[Arrays], Sequence[Answers]]], inputs: object, tolerance: float
) -> Diagnosis:
    """What differs between a model and its references, with the same weights.

    It never raises. The references' weights are not put back.

    Args:
        references: each with several draws of numbers for its weights, and with the model's answers to the same
            numbers, once for each way to match the weights of the two.
        inputs: arrays as the references take them.
        tolerance: the largest difference that still counts as the same.
    """
    nothing = Diagnosis(Fault.OUTPUTS)
    try:
        searches = [_Search(*each, inputs, tolerance) for each in references]
        if all(search.broken() for search in searches):
            return Diagnosis(Fault.NUMBERS)
        for search in searches:
            for slip in itertools.islice(slips_of(search.reference), search.most):
                matching = search.explained_by(slip)
                if matching is not None:
                    return Diagnosis(slip.fault, search.differing(matching))
        for search in searches:
            matching = search.scaled()
            if matching is not None:
                return Diagnosis(Fault.SCALE, search.differing(matching))
        if len(searches) == 1:
            (search,) = searches
            return Diagnosis(Fault.OUTPUTS, search.differing(*range(len(search.found))))
    except Exception:  # a diagnosis is a favour: what cannot be looked at so has the general sentence
        return nothing
    return nothing


class _Search:
    """One reference, and the model's answers to its weights."""

    def __init__(
        self,
        reference: keras.Model,
        draws: Sequence[Arrays],
        answers: Sequence[Answers],
        inputs: object,
        tolerance: float,
    ) -> None:
        self.reference, self.draws, self.inputs = reference, draws, inputs
        self.answers = [functools.cache(answer) for answer in answers[:_MOST_MATCHINGS]]
        self.tolerance = max(tolerance, 1e-5)
        self.found = [answer(0) for answer in self.answers]
        self.plain = [self._with(Slip(Fault.OUTPUTS), draw) for draw in range(len(draws))]
        rows = max(len(array) for array in keras.tree.flatten(inputs))
        self.most = min(_MOST_SLIPS, int(_MOST_WORK / (rows * work_of(reference))))

    def explained_by(self, slip: Slip) -> int | None:
        """The matching of weights with which the slip explains what the model gives, if there is one."""
        try:
            begun = self._with(slip, 0)
            matching = [number for number, found in enumerate(self.found) if self._same(begun, found)]
            if not matching:
                return None
            made = [begun, *(self._with(slip, draw) for draw in range(1, len(self.draws)))]
            # A slip need not show with all weights, but one that shows with none explains nothing.
            if all(self._same(*pair) for pair in zip(made, self.plain, strict=True)):
                return None
            for number in matching:
                if all(self._same(outputs, self.answers[number](draw)) for draw, outputs in enumerate(made)):
                    return number
        except Exception:  # this slip doesn't fit into this model: shapes, types
            return None
        return None

    def broken(self) -> bool:
        """Whether the model gives NaN or infinity, and the reference doesn't."""
        finite = [all(np.all(np.isfinite(each)) for each in outputs) for outputs in (self.plain[0], *self.found)]
        return finite[0] and not any(finite[1:])

    def scaled(self) -> int | None:
        """The matching with which each output is the reference's, multiplied by a number."""
        for number, found in enumerate(self.found):
            if [each.shape for each in found] != [each.shape for each in self.plain[0]]:
                continue
            factors = [_factor(*pair) for pair in zip(self.plain[0], found, strict=True)]
            if all(
                self._same(
                    [factor * each for factor, each in zip(factors, plain, strict=True)], self.answers[number](draw)
                )
                for draw, plain in enumerate(self.plain)
            ):
                return number
        return None

    def differing(self, *matchings: int) -> tuple[str, ...]:
        """The outputs that differ from the reference's with each of these matchings, by name, if not all do."""
        names = Graph(self.reference).output_names
        if not all(len(self.found[number]) == len(names) == len(self.plain[0]) for number in matchings):
            return ()
        places = range(len(names))
        differ = [at for at in places if not any(self._agrees(number, at) for number in matchings)]
        return tuple(names[at] for at in differ) if len(differ) < len(names) else ()

    def _agrees(self, matching: int, place: int) -> bool:
        """Whether one output is the reference's in each draw."""
        answer = self.answers[matching]
        return all(self._same([plain[place]], [answer(draw)[place]]) for draw, plain in enumerate(self.plain))

    def _with(self, slip: Slip, draw: int) -> Arrays:
        self.reference.set_weights(self.draws[draw])
        given = keras.tree.flatten(self.inputs)
        if slip.order_in is not None:
            given = [given[place] for place in slip.order_in]
        if slip.before is not None:
            given = [slip.before(array) for array in given]
        with slip.entered():
            made = self.reference(keras.tree.pack_sequence_as(self.inputs, given), training=False)
        outputs = [np.asarray(keras.ops.convert_to_numpy(output)) for output in keras.tree.flatten(made)]
        return outputs if slip.order_out is None else [outputs[place] for place in slip.order_out]

    def _same(self, one: Arrays, other: Arrays) -> bool:
        size = max([1.0, *(float(np.max(np.abs(array), initial=0.0)) for array in one)])
        return bool(largest_difference(one, other) <= self.tolerance * size)


def _factor(plain: np.ndarray, found: np.ndarray) -> float:
    return float(np.vdot(plain, found) / max(float(np.vdot(plain, plain)), 1e-12))
