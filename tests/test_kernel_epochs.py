"""In a warm process an iterator over the data is made when its first batch is asked for: half as many, same numbers."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from functional_course.kernels import epochs
from functional_course.kernels.trainer import tensorflow_trainer

import keras
import numpy as np
import pytest
import tensorflow as tf

X = np.linspace(-1, 1, 72, dtype="float32").reshape(18, 4)
Y = X[:, :1] > 0
EPOCHS = 3


@pytest.fixture
def installed() -> Iterator[None]:
    """As in a warm process; afterwards Keras is what it was."""
    trainer = tensorflow_trainer()
    feeding = sys.modules[trainer.__module__].TFEpochIterator
    kept = feeding._get_iterator, feeding.__next__
    epochs.install()
    epochs.install()
    assert (feeding._get_iterator.__wrapped__, feeding.__next__.__wrapped__) == kept
    yield
    feeding._get_iterator, feeding.__next__ = kept


def generated():
    while True:
        for start in range(0, 18, 6):
            yield X[start : start + 6], Y[start : start + 6]


CASES = {
    "arrays": lambda model: model.fit(X, Y, batch_size=5, epochs=EPOCHS, verbose=0),
    "arrays in order": lambda model: model.fit(X, Y, batch_size=6, shuffle=False, epochs=EPOCHS, verbose=0),
    "validation": lambda model: model.fit(X, Y, validation_split=0.3, epochs=EPOCHS, verbose=0),
    "fewer steps": lambda model: model.fit(X, Y, batch_size=5, steps_per_epoch=2, epochs=EPOCHS, verbose=0),
    "a dataset": lambda model: model.fit(
        tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(18, seed=1).batch(4), epochs=EPOCHS, verbose=0
    ),
    "a generator": lambda model: model.fit(generated(), steps_per_epoch=3, epochs=EPOCHS, verbose=0),
    "several steps at once": lambda model: model.fit(X, Y, batch_size=5, epochs=EPOCHS, verbose=0),
}


def trained(name: str) -> tuple[dict, list[float], np.ndarray, int]:
    """Losses, what ``evaluate`` and ``predict`` give, and how many iterators TensorFlow made for ``fit``."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
    model.compile("adam", "mse", steps_per_execution=2 if name == "several steps at once" else 1)
    made = []
    begin = tf.data.Dataset.__iter__

    def counted(dataset):
        made.append(dataset)
        return begin(dataset)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tf.data.Dataset, "__iter__", counted)
        history = CASES[name](model).history
    return history, model.evaluate(X, Y, verbose=0), model.predict(X, verbose=0), len(made)


@pytest.fixture(scope="module")
def as_keras_does() -> dict[str, tuple[dict, list[float], np.ndarray, int]]:
    return {name: trained(name) for name in CASES}


@pytest.mark.parametrize("name", CASES)
def test_all_numbers_are_the_same(name: str, as_keras_does: dict, installed: None):
    history, measured, predicted, _ = trained(name)
    expected = as_keras_does[name]
    assert history == expected[0]
    assert measured == expected[1]
    assert np.array_equal(predicted, expected[2])


@pytest.mark.parametrize("name", ["arrays", "arrays in order", "validation"])
def test_only_iterators_that_are_used_are_made(name: str, as_keras_does: dict, installed: None):
    asked = EPOCHS * (2 if name == "validation" else 1)
    assert as_keras_does[name][-1] > asked
    assert trained(name)[-1] == asked
