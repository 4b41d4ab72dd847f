"""In a warm process a model that is built and compiled like an earlier one takes its graph: same numbers, one trace."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

from functional_course.kernels import alike, steps, traces
from functional_course.kernels.trainer import tensorflow_trainer

import keras
import numpy as np
import pytest
from keras import layers, ops

X = np.random.default_rng(0).normal(size=(22, 5)).astype("float32")
Y = (X.mean(axis=1, keepdims=True) > 0).astype("float32")
PAIR = {"left": X, "right": X[::-1].copy()}


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_kept", steps._Kept())


NAMES = ("make_train_function", "make_test_function", "make_predict_function", "_maybe_symbolic_build")


class Installed:
    """As in a warm process; afterwards Keras is what it was."""

    def __enter__(self) -> None:
        self.trainer = tensorflow_trainer()
        self.kept = [getattr(self.trainer, name) for name in NAMES]
        for each in (traces, steps, steps):
            each.install()

    def __exit__(self, *_: object) -> None:
        for name, function in zip(NAMES, self.kept, strict=True):
            setattr(self.trainer, name, function)


@pytest.fixture
def installed() -> Iterator[None]:
    with Installed():
        yield


def network(activation: object = "relu", rate: float = 0.5, units: int = 4, frozen: bool = False) -> keras.Model:
    entry = keras.Input((5,))
    x = layers.Dropout(rate)(layers.Dense(units, activation=activation, trainable=not frozen)(entry))
    return keras.Model(entry, layers.Dense(1, activation="sigmoid")(x))


def of_images() -> keras.Model:
    entry = keras.Input((6, 6, 1))
    x = layers.BatchNormalization()(layers.Conv2D(3, 3, activation="relu")(entry))
    return keras.Model(entry, layers.Dense(1, activation="sigmoid")(layers.Flatten()(x)))


def sequential() -> keras.Model:
    return keras.Sequential([keras.Input((5,)), layers.Dense(1, activation="sigmoid")])


def towers(shared: bool = True, swapped: bool = False, ends: str = "") -> keras.Model:
    left, right = keras.Input((5,), name="left"), keras.Input((5,), name="right")
    one, other = (keras.Sequential([keras.Input((5,)), layers.Dense(4, activation="tanh")]) for _ in range(2))
    first, second = one(left), (one if shared else other)(right)
    if swapped:
        first, second = second, first
    out = layers.Dense(1, activation="sigmoid")(first - 2 * second + ops.abs(first - second))
    entries = {"left": left, "right": right}
    return keras.Model([entries[name] for name in ends.split()] or entries, out)


def two_heads(names: tuple[str, str] = ("low", "high")) -> keras.Model:
    entry = keras.Input((5,))
    return keras.Model(entry, [layers.Dense(1, activation="sigmoid", name=name)(entry) for name in names])


def compiled(model: keras.Model, optimizer: object = "sgd", loss: object = "binary_crossentropy", **more: object):
    model.compile(optimizer, loss, metrics=more.pop("metrics", ["accuracy"]), **more)
    return model


def ran(model: keras.Model, x: object = X, y: object = Y) -> list:
    """All numbers that a model gives: of training, measured, predicted, its weights and its optimizer's."""
    history = model.fit(x, y, batch_size=16, epochs=2, verbose=0).history
    measured = model.evaluate(x, y, verbose=0, return_dict=True)
    predicted = model.predict(x, verbose=0)
    held = [*model.get_weights(), *(np.asarray(each) for each in model.optimizer.variables)]
    return [history, measured, *keras.tree.flatten(predicted), *held]


def fitted(model: keras.Model, x: object = X, y: object = Y) -> list:
    """The numbers of training alone."""
    history = model.fit(x, y, batch_size=16, verbose=0).history
    return [history, *model.get_weights()]


def equal(one: list, other: list) -> bool:
    return len(one) == len(other) and all(
        a == b if isinstance(a, dict) else np.array_equal(a, b) for a, b in zip(one, other, strict=True)
    )


class Traces:
    """Counts how often Keras's own steps are traced."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        trainer = tensorflow_trainer()
        self.of = dict.fromkeys(("train_step", "test_step", "predict_step"), 0)
        for name in self.of:
            monkeypatch.setattr(trainer, name, self._counting(name, getattr(trainer, name)))

    def _counting(self, name: str, step: Callable) -> Callable:
        def counted(model: keras.Model, data: object) -> object:
            self.of[name] += 1
            return step(model, data)

        counted.__module__ = step.__module__
        return counted


ALIKE = {
    "a graph": lambda: ran(compiled(network(), "adam")),
    "of images": lambda: ran(compiled(of_images()), np.random.default_rng(0).normal(size=(22, 6, 6, 1))),
    "a sequence": lambda: ran(compiled(sequential())),
    "towers that share": lambda: ran(compiled(towers()), PAIR),
    "objects": lambda: ran(
        compiled(
            network(), keras.optimizers.SGD(0.1, momentum=0.9), keras.losses.BinaryCrossentropy(label_smoothing=0.1)
        )
    ),
    "a loss that is a function": lambda: ran(compiled(network(), loss=squared)),
    "a loss that is defined anew": lambda: ran(compiled(network(), loss=defined_anew())),
    "heads with names": lambda: ran(
        compiled(two_heads(), loss={"low": "mse", "high": "mae"}, metrics={"low": ["mae"], "high": ["mse"]}),
        y={"low": Y, "high": Y},
    ),
    "frozen": lambda: ran(compiled(network(frozen=True))),
}


def squared(y_true: object, y_pred: object) -> object:
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


def defined_anew() -> Callable:
    def loss(y_true: object, y_pred: object) -> object:
        return keras.ops.mean(abs(y_true - y_pred), axis=-1)

    return loss


def seeded(run: Callable[[], list], seed: int) -> list:
    keras.utils.set_random_seed(seed)
    return run()


@pytest.mark.parametrize("run", ALIKE.values(), ids=ALIKE)
def test_the_second_is_not_traced_and_its_numbers_are_the_same(monkeypatch: pytest.MonkeyPatch, run: Callable):
    expected = [seeded(run, seed) for seed in (1, 2)]
    counted = Traces(monkeypatch)
    with Installed():
        found = [seeded(run, 1)]
        first = dict(counted.of)
        found.append(seeded(run, 2))
    assert counted.of == first
    assert 0 not in first.values()
    assert all(map(equal, found, expected))
    assert not equal(found[0], found[1])


def test_a_loss_that_says_something_says_it_each_time(installed: None, capsys: pytest.CaptureFixture):
    def said() -> int:
        fitted(compiled(network(), loss=loud))
        return capsys.readouterr().out.count("traced")

    assert [said(), said()] == [1, 1]


def loud(y_true: object, y_pred: object) -> object:
    print("traced")
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


@pytest.mark.parametrize(
    "loss", ["drawn", "remembering", "counting", "importing", "of_keras_random", "with_scale", "with_margin", "loud"]
)
def test_a_loss_that_may_do_something_else_each_time_is_none_to_share(installed: None, loss: str):
    fitted(compiled(network(), loss=globals()[loss]))
    assert not steps._kept._graphs
    fitted(compiled(network(), loss=squared))
    assert steps._kept._graphs


def test_models_live_side_by_side(installed: None):
    keras.utils.set_random_seed(4)
    one, other = compiled(network()), compiled(network())
    ran(one)
    kept = one.get_weights()
    ran(other)
    assert all(map(np.array_equal, one.get_weights(), kept))
    before = one.predict(X, verbose=0)
    ran(other)
    assert np.array_equal(one.predict(X, verbose=0), before)


def test_the_first_may_be_gone(installed: None):
    run = ALIKE["a graph"]
    seeded(run, 1)
    gc.collect()
    keras.backend.clear_session()
    gc.collect()
    found = seeded(run, 2)
    steps._kept = steps._Kept()
    assert equal(found, seeded(run, 2))


class Halved(layers.Layer):
    """Does something else each time it is traced."""

    factor = 1.0

    def call(self, inputs: object) -> object:
        return inputs * Halved.factor


def with_own_layer(factor: float) -> keras.Model:
    Halved.factor = factor
    entry = keras.Input((5,))
    return keras.Model(entry, layers.Dense(1, activation="sigmoid")(Halved()(entry)))


MARGIN = {"is": 1.0}


def with_margin(y_true: object, y_pred: object) -> object:
    return MARGIN["is"] * squared(y_true, y_pred)


def drawn(y_true: object, y_pred: object) -> object:
    return np.random.uniform() * squared(y_true, y_pred)


def remembering(y_true: object, y_pred: object) -> object:
    MARGIN["seen"] = y_pred
    return ops.mean(y_pred)


def counting(y_true: object, y_pred: object) -> object:
    global CALLS
    CALLS = 1
    return ops.mean(y_pred)


def importing(y_true: object, y_pred: object) -> object:
    import random

    return random.random() * ops.mean(y_pred)


def of_keras_random(y_true: object, y_pred: object) -> object:
    return ops.mean(y_pred) * keras.random.uniform(())


SCALE = np.float32(1.0)


def with_scale(y_true: object, y_pred: object) -> object:
    return SCALE * ops.mean(ops.square(y_true - y_pred), axis=-1)


def of_scale(scale: float) -> object:
    global SCALE
    SCALE = np.float32(scale)
    return with_scale


def decayed(without: str) -> keras.Model:
    optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=[without])
    return compiled(network(), optimizer)


def of_margin(margin: float) -> object:
    MARGIN["is"] = margin
    return with_margin


def closed_over(margin: float) -> Callable:
    return lambda y_true, y_pred: margin * squared(y_true, y_pred)


def own_step(model: keras.Model, factor: float) -> keras.Model:
    def predict_step(data: object) -> object:
        return factor * model(keras.tree.flatten(data)[0], training=False)

    model.predict_step = predict_step
    return model


def own_call(model: keras.Model, factor: float) -> keras.Model:
    dense = next(layer for layer in model.layers if isinstance(layer, layers.Dense))
    call = dense.call
    dense.call = lambda inputs, training=None: factor * call(inputs)
    return model


def falling(share: float) -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 1, share))


OTHER = {
    "activation": (lambda: fitted(compiled(network("relu"))), lambda: fitted(compiled(network("tanh")))),
    "an activation of one's own": (
        lambda: fitted(compiled(network(lambda x: ops.relu(x)))),
        lambda: fitted(compiled(network(lambda x: ops.tanh(x)))),
    ),
    "a rate": (lambda: fitted(compiled(network(rate=0.5))), lambda: fitted(compiled(network(rate=0.1)))),
    "frozen": (lambda: fitted(compiled(network())), lambda: fitted(compiled(network(frozen=True)))),
    "units": (lambda: fitted(compiled(network())), lambda: fitted(compiled(network(units=5)))),
    "sharing": (lambda: fitted(compiled(towers()), PAIR), lambda: fitted(compiled(towers(shared=False)), PAIR)),
    "which is subtracted": (
        lambda: fitted(compiled(towers()), PAIR),
        lambda: fitted(compiled(towers(swapped=True)), PAIR),
    ),
    "which input is first": (
        lambda: fitted(compiled(towers(ends="left right")), list(PAIR.values())),
        lambda: fitted(compiled(towers(ends="right left")), list(PAIR.values())),
    ),
    "names of outputs": (
        lambda: fitted(compiled(two_heads(), loss="mse", metrics=None), y={"low": Y, "high": 1 - Y}),
        lambda: fitted(compiled(two_heads(("high", "low")), loss="mse", metrics=None), y={"low": Y, "high": 1 - Y}),
    ),
    "loss": (lambda: fitted(compiled(network())), lambda: fitted(compiled(network(), loss="mse"))),
    "a loss that reads a global": (
        lambda: fitted(compiled(network(), loss=of_margin(1.0))),
        lambda: fitted(compiled(network(), loss=of_margin(3.0))),
    ),
    "a loss that closes over a number": (
        lambda: fitted(compiled(network(), loss=closed_over(1.0))),
        lambda: fitted(compiled(network(), loss=closed_over(3.0))),
    ),
    "a loss that reads a number": (
        lambda: fitted(compiled(network(), loss=of_scale(1.0))),
        lambda: fitted(compiled(network(), loss=of_scale(3.0))),
    ),
    "what is not decayed": (lambda: fitted(decayed("kernel")), lambda: fitted(decayed("bias"))),
    "weights of losses": (
        lambda: fitted(compiled(two_heads(), loss=["mse", "mse"], loss_weights=[1, 2], metrics=None), y=[Y, Y]),
        lambda: fitted(compiled(two_heads(), loss=["mse", "mse"], loss_weights=[2, 1], metrics=None), y=[Y, Y]),
    ),
    "metric": (lambda: fitted(compiled(network())), lambda: fitted(compiled(network(), metrics=["mae"]))),
    "momentum": (
        lambda: fitted(compiled(network(), keras.optimizers.SGD(0.1, momentum=0.1))),
        lambda: fitted(compiled(network(), keras.optimizers.SGD(0.1, momentum=0.9))),
    ),
    "a schedule": (
        lambda: fitted(
            compiled(network(), keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)))
        ),
        lambda: fitted(
            compiled(network(), keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.9)))
        ),
    ),
    "a layer of one's own": (
        lambda: fitted(compiled(with_own_layer(1.0))),
        lambda: fitted(compiled(with_own_layer(3.0))),
    ),
    "a step of one's own": (
        lambda: ran(own_step(compiled(network()), 1.0)),
        lambda: ran(own_step(compiled(network()), 3.0)),
    ),
    "a call of one's own": (
        lambda: fitted(own_call(compiled(network()), 1.0)),
        lambda: fitted(own_call(compiled(network()), 3.0)),
    ),
    "a number in the graph": (lambda: fitted(compiled(times(2.0))), lambda: fitted(compiled(times(3.0)))),
    "an array in the graph": (
        lambda: fitted(compiled(times(np.full(5, 2.0, "float32")))),
        lambda: fitted(compiled(times(np.full(5, 3.0, "float32")))),
    ),
}


def times(factor: object) -> keras.Model:
    entry = keras.Input((5,))
    return keras.Model(entry, layers.Dense(1, activation="sigmoid")(entry * factor))


@pytest.mark.parametrize(("first", "second"), OTHER.values(), ids=OTHER)
def test_what_is_traced_otherwise_is_traced(first: Callable[[], list], second: Callable[[], list]):
    """Without what tells them apart, the second would have the numbers of the first."""
    expected = seeded(second, 1)
    with Installed():
        assert not equal(seeded(first, 1), expected)
        assert equal(seeded(second, 1), expected)


def test_a_rate_is_a_number_of_the_models_own(monkeypatch: pytest.MonkeyPatch):
    runs = [lambda rate=rate: ran(compiled(network(), keras.optimizers.Adam(rate))) for rate in (0.1, 0.001)]
    expected = [seeded(run, 1) for run in runs]
    counted = Traces(monkeypatch)
    with Installed():
        found = [seeded(runs[0], 1)]
        first = dict(counted.of)
        found.append(seeded(runs[1], 1))
    assert counted.of == first
    assert all(map(equal, found, expected))


def frozen_late(recompile: bool) -> list:
    model = compiled(network())
    before = ran(model)
    model.layers[1].trainable = False
    if recompile:
        compiled(model)
    return [*before, *ran(model)]


@pytest.mark.parametrize("recompile", [True, False])
def test_freezing_after_fit_does_what_it_does_in_keras(recompile: bool):
    expected = seeded(lambda: frozen_late(recompile), 1), seeded(lambda: frozen_late(recompile), 2)
    with Installed():
        found = seeded(lambda: frozen_late(recompile), 1), seeded(lambda: frozen_late(recompile), 2)
    assert equal(found[0], expected[0])
    assert equal(found[1], expected[1])


def test_no_more_graphs_are_kept_than_may_be(installed: None):
    for units in range(1, steps.MOST_KEPT + 4):
        compiled(network(units=units)).predict(X, verbose=0)
    assert len(steps._kept._graphs) == steps.MOST_KEPT


def test_a_large_model_is_not_kept(monkeypatch: pytest.MonkeyPatch, installed: None):
    monkeypatch.setattr(alike, "MOST_NUMBERS", 10)
    ran(compiled(network()))
    assert not steps._kept._graphs


def test_a_fault_in_what_tells_models_apart_would_be_seen(monkeypatch: pytest.MonkeyPatch):
    """The cases above hold because of the signature: with one that says nothing they fail."""
    first, second = OTHER["loss"]
    expected = seeded(second, 1)
    monkeypatch.setattr(alike, "_compiled", lambda *_: ())
    with Installed():
        seeded(first, 1)
        assert not equal(seeded(second, 1), expected)
