"""What may come out otherwise in another run or on another machine, brought about on purpose in this process."""

from __future__ import annotations

import random
from dataclasses import dataclass

from functional_course.rubric import criteria, drawing

import keras
import numpy as np

LAST_DIGITS = 1e-6
"""What a weight is changed by, relative to itself: about what other orders of adding up make of 32-bit numbers."""


@dataclass(frozen=True)
class Chance:
    """One way in which things may come out.

    Attributes:
        start: seeds what is drawn where nobody set a seed; also what tests draw, if it isn't 0.
        shift: is added to every seed that is set through Keras.
        digits: whether the last digits of each new weight are changed.
    """

    start: int = 0
    shift: int = 0
    digits: bool = False

    def take(self) -> None:
        """Let it come out so, from now on in this process."""
        random.seed(self.start)
        np.random.seed(self.start)
        if self.start:
            _draw_others(self.start)
        if self.shift:
            _shift_seeds(self.shift)
        if self.digits:
            _change_digits(np.random.default_rng(self.start))


def _draw_others(start: int) -> None:
    draw_anew = drawing.draw_anew

    def drawn(task: str) -> None:
        draw_anew(f"{task} {start}")

    criteria.draw_anew = drawn


def _shift_seeds(by: int) -> None:
    set_random_seed = keras.utils.set_random_seed

    def shifted(seed: int) -> None:
        set_random_seed(seed + by)

    keras.utils.set_random_seed = shifted


def _change_digits(draw: np.random.Generator) -> None:
    add_weight = keras.Layer.add_weight

    def added(layer: keras.Layer, *given: object, **named: object) -> keras.Variable:
        weight = add_weight(layer, *given, **named)
        if keras.backend.is_float_dtype(weight.dtype):
            value = keras.ops.convert_to_numpy(weight)
            weight.assign(value * (1 + LAST_DIGITS * draw.standard_normal(value.shape)))
        return weight

    keras.Layer.add_weight = added
