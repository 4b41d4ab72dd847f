"""In a warm process an optimizer has its variables before a step is traced: one trace in place of two, same numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from functional_course.kernels import optimizers

import keras
import numpy as np
import pytest

X = np.linspace(-1, 1, 64, dtype="float32").reshape(16, 4)
Y = X[:, :1] > 0


@pytest.fixture
def installed() -> Iterator[None]:
    """As in a warm process; afterwards Keras is what it was."""
    trainer = next(each for each in keras.Model.__mro__ if "make_train_function" in vars(each))
    make = trainer.make_train_function
    optimizers.install()
    optimizers.install()
    assert trainer.make_train_function.__wrapped__ is make
    yield
    trainer.make_train_function = make


class Counted(keras.layers.Dense):
    """Counts how often it is called: in ``fit``, once a trace."""

    calls = 0

    def call(self, inputs):
        self.calls += 1
        return super().call(inputs)


class OwnStep(keras.Model):
    """Whoever writes a training step of their own decides what the optimizer gets."""

    begun_with = None

    def train_step(self, data):
        if self.begun_with is None:
            self.begun_with = self.optimizer.built
        return super().train_step(data)


def fitted(kind: type[keras.Model] = keras.Model, optimizer: str = "adam") -> tuple[keras.Model, int]:
    keras.utils.set_random_seed(3)
    entry = keras.Input((4,))
    counted = Counted(3, activation="relu")
    frozen = keras.layers.Dense(2, trainable=False)
    model = kind(entry, keras.layers.Dense(1)(frozen(counted(entry))))
    model.compile(optimizer, "mse")
    before = counted.calls
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    return model, counted.calls - before


def held(model: keras.Model) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(each) for each in (*model.variables, *model.optimizer.variables)]


def names(model: keras.Model) -> list[str]:
    """Of the optimizer's variables, without the numbers that tell one model's from the next one's."""
    return [re.sub(r"_\d+", "", variable.path) for variable in model.optimizer.variables]


@pytest.fixture(scope="module")
def plain() -> tuple[keras.Model, int]:
    return fitted()


def test_without_it_the_step_is_traced_twice(plain: tuple[keras.Model, int]):
    assert plain[1] == 2


def test_with_it_the_step_is_traced_once_and_all_numbers_are_the_same(plain, installed):
    model, traces = fitted()
    assert traces == 1
    assert names(model) == names(plain[0])
    assert all(map(np.array_equal, held(model), held(plain[0])))


def test_a_step_of_ones_own_is_left_alone(installed):
    model, traces = fitted(OwnStep)
    assert model.begun_with is False
    assert traces == 2


def test_what_is_not_built_or_does_not_train_is_left_alone(installed):
    unbuilt = keras.Sequential([keras.layers.Dense(1)])
    unbuilt.compile("adam", "mse")
    unbuilt.fit(X, Y, verbose=0)
    assert len(unbuilt.trainable_weights) == 2
    frozen = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, trainable=False)])
    frozen.compile("adam", "mse")
    with pytest.warns(UserWarning, match="trainable weights"):
        frozen.fit(X, Y, verbose=0)
