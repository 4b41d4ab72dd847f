"""In a warm process all variables are there before a step is traced: one trace in place of two, same numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from functional_course.kernels import traces
from functional_course.kernels.trainer import tensorflow_trainer

import keras
import numpy as np
import pytest

X = np.linspace(-1, 1, 64, dtype="float32").reshape(16, 4)
Y = X[:, :1] > 0


@pytest.fixture
def installed() -> Iterator[None]:
    """As in a warm process; afterwards Keras is what it was."""
    trainer = tensorflow_trainer()
    kept = trainer.make_train_function, trainer._maybe_symbolic_build
    traces.install()
    traces.install()
    assert (trainer.make_train_function.__wrapped__, trainer._maybe_symbolic_build.__wrapped__) == kept
    yield
    trainer.make_train_function, trainer._maybe_symbolic_build = kept


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


# --- metrics, and losses of several outputs ---------------------------------------------------------------------

MASS, SEX = 3 * X[:, :1], Y.astype("float32")
TWO = {"mass": "mse", "sex": "binary_crossentropy"}


def two_heads(outputs: type = list, kind: type[keras.Model] = keras.Model) -> tuple[keras.Model, Counted]:
    keras.utils.set_random_seed(3)
    entry = keras.Input((4,))
    counted = Counted(3, activation="relu")
    heads = {
        "mass": keras.layers.Dense(1, name="mass")(counted(entry)),
        "sex": keras.layers.Dense(1, activation="sigmoid", name="sex")(counted(entry)),
    }
    return kind(entry, heads if outputs is dict else outputs(heads.values())), counted


def one_head(classes: int = 1) -> tuple[keras.Model, Counted]:
    keras.utils.set_random_seed(3)
    counted = Counted(3, activation="relu")
    last = keras.layers.Dense(classes, activation="sigmoid" if classes == 1 else "softmax")
    return keras.Sequential([keras.Input((4,)), counted, last]), counted


def measured(made: tuple[keras.Model, Counted], targets, **compiled) -> tuple[dict, list, list[str], int]:
    """Losses and metrics of two epochs and of ``evaluate``, the metrics' names, and how often ``fit`` was traced."""
    model, counted = made
    model.compile("adam", **compiled)
    before = counted.calls
    history = model.fit(X, targets, batch_size=8, epochs=2, verbose=0, shuffle=False).history
    traced = counted.calls - before
    return history, model.evaluate(X, targets, verbose=0), [each.name for each in model.metrics], traced


CASES = {
    "one output": lambda: measured(one_head(), Y, loss="mse", metrics=["accuracy", keras.metrics.AUC(name="auc")]),
    "flat targets": lambda: measured(one_head(), Y[:, 0], loss="bce", metrics=["accuracy"]),
    "classes": lambda: measured(one_head(3), Y[:, 0].astype(int), loss="crossentropy", metrics=["acc"]),
    "weighted": lambda: measured(one_head(), Y, loss="mse", weighted_metrics=["mae"]),
    "a metric of one's own": lambda: measured(one_head(), SEX, loss="mse", metrics=[lambda true, found: found - true]),
    "a list": lambda: measured(two_heads(), [MASS, SEX], loss=["mse", "bce"], metrics=[["mae"], ["accuracy"]]),
    "a tuple for a list": lambda: measured(two_heads(), (MASS, SEX), loss=TWO, loss_weights={"mass": 1, "sex": 2}),
    "names for a list": lambda: measured(two_heads(), {"sex": SEX, "mass": MASS}, loss=TWO, metrics={"sex": ["acc"]}),
    "names": lambda: measured(two_heads(dict), {"mass": MASS, "sex": SEX}, loss=TWO, metrics={"mass": "mae"}),
    "a list for names": lambda: measured(two_heads(dict), [MASS, SEX], loss=["mse", "bce"]),
    "one loss for both": lambda: measured(two_heads(tuple), (MASS, SEX), loss="mse", metrics=[["mae"], []]),
    "one target": lambda: measured(two_heads(), [MASS], loss=["mse", None]),
}


@pytest.fixture(scope="module")
def as_keras_does() -> dict[str, tuple[dict, list, list[str], int]]:
    return {name: case() for name, case in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_measures_are_the_same_and_the_step_is_traced_once(name: str, as_keras_does: dict, installed: None):
    *expected, twice = as_keras_does[name]
    *found, once = CASES[name]()
    assert found == expected
    assert twice > once
