"""What an answer is given comes back unchanged, and what differs only in training or in sign is seen."""

from __future__ import annotations

import sys

from functional_course import checks
from functional_course.checks import CheckFailed

import keras
import numpy as np
import pytest
from keras import layers

NUMBERS = np.random.default_rng(0)
X = NUMBERS.normal(size=(6, 4)).astype("float32")


def given() -> keras.Model:
    entry = keras.Input((4,))
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(2, activation="tanh"), layers.BatchNormalization()])
    return keras.Model(entry, inner(layers.Dense(3, name="first")(entry)), name="given")


def refused(check, *arguments, **options) -> str:
    with pytest.raises(CheckFailed) as failure:
        check(*arguments, **options)
    return str(failure.value)


# --- what is given ---------------------------------------------------------------------------------------------------


def first(model) -> layers.Dense:
    return model.get_layer("first")


def fitted(model) -> None:
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(X, X[:, :2], verbose=0)


CHANGES = {
    "weights": (lambda model: model.set_weights([w * 0 for w in model.get_weights()]), "weights that changed"),
    "one weight": (lambda model: first(model).bias.assign([0, 0, 1e-6]), "1 weights that changed"),
    "statistics": (lambda model: model(X, training=True), "weights that changed"),
    "training": (
        lambda model: (model.compile("sgd", "mse"), model.fit(X, X[:, :2], verbose=0)),
        "weights that changed",
    ),
    "frozen": (lambda model: setattr(model, "trainable", False), "a different `trainable` at given, first"),
    "a layer frozen": (lambda model: setattr(first(model), "trainable", False), "a different `trainable` at first"),
    "a weight frozen": (lambda model: setattr(first(model).bias, "trainable", False), "a different `trainable` at"),
    "compiled": (lambda model: model.compile("sgd", "mse"), "a different `compile`"),
    "an activation": (lambda model: setattr(first(model), "activation", keras.activations.relu), "settings of first"),
    "a number of units": (lambda model: setattr(first(model), "units", 30), "different settings of first"),
    "a layer inside": (lambda model: model.layers[-1].add(layers.Rescaling(2.0)), "different layers in it"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_of_a_model_is_named(name: str):
    act, said = CHANGES[name]
    for arguments, options in (((), {"model": given()}), ((given(),), {}), (([0, {"deep": given()}],), {})):

        def answer(*arguments, **options):
            model = options.get("model") or arguments[0]
            act(model[1]["deep"] if isinstance(model, list) else model)
            return 3

        message = refused(checks.leaving_alone, answer, *arguments, **options)
        assert "asked for 'given' as it was; found" in message and said in message


ARRAYS = {
    "zeros": lambda array: array.fill(0),
    "one number": lambda array: array.__setitem__((0, 0), np.nextafter(array[0, 0], 9)),
    "sorted": lambda array: array.sort(axis=0),
    "scaled": lambda array: np.multiply(array, 2, out=array),
    "reshaped": lambda array: array.resize((4, 6), refcheck=False),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_each_change_of_an_array_is_seen(name: str):
    for wrapped in (lambda array: array, lambda array: [array], lambda array: {"x": (1, array)}):
        array = X.copy()
        message = refused(checks.leaving_alone, lambda _, array=array: ARRAYS[name](array), wrapped(array))
        assert message.startswith("asked for the given array of shape (6, 4) as it was")


@pytest.mark.parametrize("act", [list.reverse, list.clear, list.sort, list.pop, lambda some: some.append(some[0])])
def test_a_list_that_changes_is_seen(act):
    assert "the given list as it was" in refused(checks.leaving_alone, act, [3, 1, 2])
    assert "the given list as it was" in refused(
        checks.leaving_alone, lambda outer: act(outer["in"]), {"in": [3, 1, 2]}
    )


@pytest.mark.parametrize(
    "act", [dict.clear, dict.popitem, lambda some: some.update(c=3), lambda some: some.update(a=9)]
)
def test_a_dict_that_changes_is_seen(act):
    assert "the given dict as it was" in refused(checks.leaving_alone, act, {"a": 1, "b": 2})


def test_what_only_reads_passes_and_its_result_comes_back():
    model, rows = given(), np.array([[1.0, float("nan"), 0, 0]])
    shared = checks.leaving_alone(
        lambda model, *, rows: keras.Model(model.inputs, model(model.inputs[0])), model, rows=rows
    )
    assert {id(weight) for weight in shared.weights} == {id(weight) for weight in model.weights}
    open_ended = keras.Sequential([layers.Dense(2)])
    assert checks.leaving_alone(lambda layer: layer(X).shape, open_ended) == (6, 2)  # it may be built
    assert checks.leaving_alone(lambda layer: layer(X).shape, layers.Dense(3)) == (6, 3)
    assert checks.leaving_alone(lambda model: keras.models.clone_model(model).name, model) == "given"
    assert checks.leaving_alone(checks.outputs_of, model, X)[0].shape == (6, 2)
    compiled = given()
    compiled.compile("sgd", "mse")
    assert checks.leaving_alone(lambda model: model.compiled, compiled)


def test_an_error_of_the_function_is_its_own():
    with pytest.raises(ZeroDivisionError):
        checks.leaving_alone(lambda x: x / 0, 1)


def test_freezing_may_be_allowed_and_nothing_else():
    model = given()
    with checks.check_unchanged(model, X, trainable=False):
        model.trainable = False
    with pytest.raises(CheckFailed, match="weights that changed"), checks.check_unchanged(model, trainable=False):
        first(model).bias.assign([1, 2, 3])
    with pytest.raises(CheckFailed, match="a different `compile`"), checks.check_unchanged(model, trainable=False):
        model.compile("sgd", "mse")


def test_what_prints_is_seen_on_either_stream(capsys):
    with checks.printing_nothing():
        pass
    for text, said in (("Epoch 1/3\n", "1 line"), ("a\nb", "2 lines")):
        for stream in ("stdout", "stderr"):
            with pytest.raises(CheckFailed, match=f"found {said}$"), checks.printing_nothing():
                getattr(sys, stream).write(text)
    assert capsys.readouterr() == ("", "")


# --- what only training or another sign shows ------------------------------------------------------------------------


def net(*middle, after=(), activation=None, units=2) -> keras.Model:
    """Two dense layers, with layers in between and behind."""
    x = entry = keras.Input((4,))
    for layer in (layers.Dense(8), *middle, layers.Dense(units, activation=activation), *after):
        x = layer(x)
    return keras.Model(entry, x)


def test_a_relu_that_all_positive_numbers_would_hide_is_seen():
    asked, wrong = net(), net(activation="relu")
    asked.layers[-1].bias.assign([50.0, 50.0])  # as they stand, both give the same
    assert "with other weights" in refused(checks.check_same_function, asked, wrong, X)
    assert "differences" in refused(checks.check_computes, wrong, asked, X)
    refused(checks.check_computes, net(activation="softplus"), asked, X)
    checks.check_computes(net(activation=lambda x: keras.ops.maximum(x, -1e9)), asked, X)


DROPS = {
    "Dropout": lambda: layers.Dropout(0.3),
    "a little Dropout": lambda: layers.Dropout(0.05),
    "noise": lambda: layers.GaussianNoise(0.1),
    "Dropout inside": lambda: keras.Sequential([layers.Dropout(0.5)]),
    "AlphaDropout": lambda: layers.AlphaDropout(0.2),
    "GaussianDropout": lambda: layers.GaussianDropout(0.2),
}


@pytest.mark.parametrize("name", DROPS)
def test_what_drops_in_training_is_seen_where_nothing_should(name: str):
    wrong = net(DROPS[name]())
    assert "change from call to call" in refused(checks.check_steady, wrong, X)
    assert "change from call to call" in refused(checks.check_same_function, net(), wrong, X)
    assert "same at every call" in refused(checks.check_same_in_training, wrong, net(), X)
    assert "change from call to call" in refused(checks.check_computes, wrong, net(), X)
    checks.check_same_function(net(), wrong, X, training=False, tolerance=1e-6)


def test_a_model_that_drops_nothing_is_steady_whatever_training_changes():
    for middle in (
        (),
        (layers.BatchNormalization(),),
        (layers.Dropout(0.0),),
        (layers.SpectralNormalization(layers.Dense(3)),),
    ):
        model = net(*middle)
        before = model.get_weights()
        checks.check_steady(model, X)
        assert all(map(np.array_equal, before, model.get_weights()))


def test_what_is_dropped_may_be_written_otherwise():
    asked = net(layers.Dropout(0.3))
    for same in (
        net(layers.Dropout(0.3, seed=5)),
        net(keras.Sequential([layers.Dropout(0.3)])),
        net(layers.Reshape((2, 4)), layers.Dropout(0.3), layers.Flatten()),
    ):
        checks.check_same_function(asked, same, X, tolerance=1e-6)
        checks.check_computes(same, asked, X)


def test_what_is_dropped_elsewhere_or_otherwise_is_seen():
    relu, pool = layers.ReLU, lambda: layers.MaxPooling1D(4)
    shape, flat = lambda: layers.Reshape((8, 1)), layers.Flatten
    asked = net(relu(), shape(), pool(), flat(), layers.Dropout(0.3))
    for wrong in (
        net(relu(), shape(), layers.Dropout(0.3), pool(), flat()),
        net(relu(), shape(), pool(), flat(), layers.Dropout(0.5)),
        net(relu(), shape(), pool(), flat(), layers.Dropout(0.3), layers.Dropout(0.3)),
        net(relu(), shape(), pool(), flat(), after=[layers.Dropout(0.3)]),
    ):
        verdicts = {refused(checks.check_same_in_training, asked, wrong, X) for _ in range(2)}
        assert len(verdicts) == 1  # a verdict is a function of the answer
        assert "dropped in training" in verdicts.pop()
