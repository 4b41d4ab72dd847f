"""The checks of several outputs on right models, wrong ones, and odd but right ones."""

from __future__ import annotations

from functional_course import checks
from functional_course.checks import CheckFailed

import keras
import numpy as np
import pytest
from keras import layers, ops

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(12, 4)).astype("float32")
Y = {
    "age": GENERATOR.uniform(1, 90, size=12).astype("float32"),
    "label": np.arange(12) % 2,
    "group": np.arange(12) % 3,
}
LOSSES = {"age": "mse", "label": "binary_crossentropy", "group": "sparse_categorical_crossentropy"}


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)


def three(order=("age", "label", "group"), as_dict: bool = True) -> keras.Model:
    """Three heads on one code, in some order, as a dict or as a list."""
    rows = keras.Input((4,))
    code = layers.Dense(5, activation="relu", name="trunk")(rows)
    made = {
        "age": layers.Dense(1, name="age"),
        "label": layers.Dense(1, activation="sigmoid", name="label"),
        "group": layers.Dense(3, activation="softmax", name="group"),
    }
    outputs = {name: made[name](code) for name in order}
    return keras.Model(rows, outputs if as_dict else list(outputs.values()))


def refused(check, *arguments, **options) -> str:
    with pytest.raises(CheckFailed) as failure:
        check(*arguments, **options)
    return str(failure.value)


# --- names -----------------------------------------------------------------------------------------------------------

ARRANGED = [
    (order, as_dict) for order in (("age", "label", "group"), ("label", "group", "age")) for as_dict in (True, False)
]


@pytest.mark.parametrize(("order", "as_dict"), ARRANGED)
def test_outputs_go_by_name_in_any_order(order, as_dict):
    model = three(order, as_dict)
    assert sorted(checks.output_names(model)) == ["age", "group", "label"]
    found = checks.outputs_by_name(model, X)
    assert {name: each.shape for name, each in found.items()} == {"age": (12, 1), "label": (12, 1), "group": (12, 3)}
    assert np.abs(found["group"].sum(axis=1) - 1).max() < 1e-5


# --- activations -----------------------------------------------------------------------------------------------------


def by_layer(x):
    return layers.Activation("sigmoid")(layers.Dense(1)(x))


def by_operation(x):
    return ops.sigmoid(layers.Dense(1)(x))


def by_reshape(x):
    return layers.Reshape((1,))(layers.Dropout(0.2)(layers.Dense(1, activation=keras.activations.sigmoid)(x)))


def by_nesting(x):
    return keras.Sequential([keras.Sequential([layers.Dense(3), layers.Dense(1, activation="sigmoid")])])(x)


def by_identity(x):
    return layers.Activation("linear")(layers.Dense(1, activation="sigmoid")(x))


def by_hand(x):
    return 1 / (1 + ops.exp(-layers.Dense(1)(x)))


@pytest.mark.parametrize("head", [by_layer, by_operation, by_reshape, by_nesting, by_identity, by_hand])
def test_a_sigmoid_is_found_however_it_is_written(head):
    rows = keras.Input((4,))
    model = keras.Model(rows, {"label": head(rows), "other": layers.Dense(2)(rows)})
    checks.check_activation(model, "label", "sigmoid")
    checks.check_activation(model, "other", "linear")
    for wrong in ("linear", "softmax", "relu"):
        message = refused(checks.check_activation, model, "label", wrong)
        assert f"asked for {wrong} at the end of output 'label'; found" in message


def in_years(x):
    return layers.Rescaling(20.0, offset=40.0)(layers.Dense(1)(x))


def by_operations(x):
    return layers.Dense(1)(x) * 20.0 + 40.0


def normalised(x):
    return layers.BatchNormalization()(layers.Dense(1)(x))


@pytest.mark.parametrize("head", [in_years, by_operations, normalised])
def test_what_only_scales_is_linear(head):
    rows = keras.Input((4,))
    model = keras.Model(rows, {"age": head(rows)})
    before = model.get_weights()
    checks.check_activation(model, "age", "linear")
    refused(checks.check_activation, model, "age", "sigmoid")
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_wrong_activations_are_told_by_name():
    rows = keras.Input((4,))
    squashed = layers.Rescaling(90.0)(layers.Dense(1, activation="sigmoid")(rows))
    model = keras.Model(rows, {"age": squashed, "alone": layers.Dense(1, "softmax")(rows), "relu": layers.ReLU()(rows)})
    assert "found values that" in refused(checks.check_activation, model, "age", "linear")
    assert "found softmax" in refused(checks.check_activation, model, "alone", "sigmoid")
    assert "found relu" in refused(checks.check_activation, model, "relu", "linear")
    message = refused(checks.check_activation, model, "Age", "linear")
    assert "asked for an output 'Age'; found 'age', 'alone', 'relu'" in message


# --- losses ----------------------------------------------------------------------------------------------------------


def as_names(order):
    return dict(LOSSES)


def as_objects(order):
    return {
        "age": keras.losses.MeanSquaredError(),
        "label": keras.losses.BinaryCrossentropy(),
        "group": keras.losses.SparseCategoricalCrossentropy(),
    }


def as_functions(order):
    return {
        "age": lambda y, p: ops.mean(ops.square(ops.cast(y, "float32") - p), axis=-1),
        **dict(list(LOSSES.items())[1:]),
    }


@pytest.mark.parametrize("losses", [as_names, as_objects, as_functions])
@pytest.mark.parametrize(("order", "as_dict"), ARRANGED)
def test_the_right_loss_of_each_output_passes(order, as_dict, losses):
    model = three(order, as_dict)
    model.compile("sgd", loss=losses(order))
    checks.check_loss(model, X, Y, LOSSES)


@pytest.mark.parametrize(("order", "as_dict"), ARRANGED)
def test_a_list_of_losses_counts_in_keras_s_own_order(order, as_dict):
    model = three(order, as_dict)
    model.compile("sgd", loss=[LOSSES[name] for name in checks.output_names(model)])
    checks.check_loss(model, X, Y, LOSSES)


def test_what_regularizers_add_is_no_part_of_a_loss():
    rows = keras.Input((4,))
    model = keras.Model(rows, {"age": layers.Dense(1, kernel_regularizer="l2")(rows)})
    model.compile("sgd", loss={"age": "mae"})
    checks.check_loss(model, X, Y, {"age": "mae"})


def test_a_model_with_a_single_output_has_a_name_too():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1, name="age")])
    model.compile("sgd", loss="mae")
    checks.check_loss(model, X, Y, {"age": "mae"})
    assert "found mean_absolute_error" in refused(checks.check_loss, model, X, Y, {"age": "mse"})


def test_wrong_losses_are_told_by_name_and_output():
    model = three()
    model.compile("sgd", loss={"age": "mae", "label": "mse", "group": "sparse_categorical_crossentropy"})
    checks.check_loss(model, X, Y, {"group": "sparse_categorical_crossentropy"})
    message = refused(checks.check_loss, model, X, Y, {"age": "mse"})
    assert message == "asked for output 'age' to have the loss mse; found mean_absolute_error"
    message = refused(checks.check_loss, model, X, Y, {"label": "binary_crossentropy"})
    assert message == "asked for output 'label' to have the loss binary_crossentropy; found mean_squared_error"


def test_weights_count():
    model = three()
    model.compile("sgd", loss=dict(LOSSES), loss_weights={"age": 0.004, "label": 3.0, "group": 1.0})
    checks.check_loss(model, X, Y, LOSSES, weights={"age": 0.004, "label": 3.0})
    message = refused(checks.check_loss, model, X, Y, {"age": "mse"}, weights={"age": 1.0})
    assert message == "asked for output 'age' to have the loss mse times 1; found that loss times 0.004"
    assert "found mean_squared_error times 0.004" in refused(checks.check_loss, model, X, Y, {"age": "mae"})
    assert "found that loss times 3" in refused(checks.check_loss, model, X, Y, {"label": "binary_crossentropy"})


def test_no_loss_at_all_is_told():
    model = three()
    assert "asked for a compiled model" in refused(checks.check_loss, model, X, Y, LOSSES)
    model.compile("sgd", loss={"age": "mse"})
    checks.check_loss(model, X, Y, {"age": "mse"})
    message = refused(checks.check_loss, model, X, Y, {"label": "binary_crossentropy"})
    assert "found none: the total loss doesn't depend on this output" in message
    model.compile("sgd", loss={"Age": "mse"})
    assert "found KeyError" in refused(checks.check_loss, model, X, Y, {"age": "mse"})


def test_a_loss_that_is_no_number_does_not_pass():
    model = three()
    model.compile("sgd", loss={**LOSSES, "age": lambda y, p: ops.mean(p, axis=-1) * float("nan")})
    refused(checks.check_loss, model, X, Y, {"age": "mse"})


# --- metrics ---------------------------------------------------------------------------------------------------------


# A metric of its own for each model: a second one would go on counting where the first ended.
@pytest.mark.parametrize(
    "make", [lambda: ["mae"], lambda: "mean_absolute_error", lambda: [keras.metrics.MeanAbsoluteError(name="years")]]
)
@pytest.mark.parametrize("as_dict", [True, False])
def test_metrics_by_any_name(make, as_dict):
    model, metrics = three(("label", "age", "group"), as_dict), make()
    model.compile("sgd", loss=dict(LOSSES), metrics={"age": metrics, "label": ["accuracy"], "group": ["accuracy"]})
    asked = {"age": "mae", "label": "binary_accuracy", "group": "sparse_categorical_accuracy"}
    checks.check_metrics(model, X, Y, asked)


def test_a_metric_of_another_output_does_not_count():
    model = three()
    model.compile("sgd", loss=dict(LOSSES), metrics={"label": ["mae"]})
    message = refused(checks.check_metrics, model, X, Y, {"age": "mae"})
    assert message == "asked for mae reported for output 'age'; found no metric for it"
    assert "found label_mae" in refused(checks.check_metrics, model, X, Y, {"label": "binary_accuracy"})


# --- trunks ----------------------------------------------------------------------------------------------------------


def test_a_trunk_that_both_losses_reach():
    model = three()
    checks.check_shared_trunk(model, X)
    checks.check_shared_trunk(model, X, ("age", "label"))
    message = refused(checks.check_shared_trunk, model, X, ("age", "label"), shared=False)
    assert message == "asked for no layer that trains on outputs 'age' and 'label' together; found 'trunk'"


def test_a_frozen_trunk_is_none():
    model = three()
    model.get_layer("trunk").trainable = False
    checks.check_shared_trunk(model, X, shared=False)
    message = refused(checks.check_shared_trunk, model, X, ("age", "label"))
    assert message == "asked for a layer that trains on outputs 'age' and 'label' together; found none"


def test_a_common_input_or_a_blocked_gradient_is_no_trunk():
    rows = keras.Input((4,))
    code = layers.Dense(5)(rows)
    apart = keras.Model(rows, {"age": layers.Dense(1)(rows), "label": layers.Dense(1)(layers.Dense(2)(rows))})
    blocked = keras.Model(rows, {"age": layers.Dense(1)(code), "label": layers.Dense(1)(ops.stop_gradient(code))})
    for model in (apart, blocked):
        checks.check_shared_trunk(model, X, shared=False)
        refused(checks.check_shared_trunk, model, X)


def test_one_output_above_the_other_shares_what_is_below():
    rows = keras.Input((4,))
    label = layers.Dense(1, name="label")(rows)
    model = keras.Model(rows, {"label": label, "age": layers.Dense(1, name="age")(label)})
    checks.check_shared_trunk(model, X)
    assert "found 'label'" in refused(checks.check_shared_trunk, model, X, shared=False)


@pytest.mark.parametrize("found", [[[0.0], [1.0]], [[0.25, 0.75], [1.0, 0.0]], [[0.2, 0.3, 0.5]]])
def test_probabilities_pass(found: list):
    checks.check_probabilities(np.array(found))


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([[-0.1], [0.5]], "asked for probabilities, from 0 to 1; found numbers from -0.1 to 0.5"),
        ([[1.5]], "found numbers from 1.5 to 1.5"),
        ([[0.5, 0.6]], "asked for probabilities of all classes, which add up to 1; found a sum that is off by 0.1"),
        ([[-0.5, 1.5]], "found numbers from -0.5 to 1.5"),
    ],
)
def test_numbers_that_are_no_probabilities_are_named(found: list, says: str):
    with pytest.raises(checks.CheckFailed) as failed:
        checks.check_probabilities(np.array(found))
    assert says in str(failed.value) and failed.value.fault is checks.Fault.PROBABLE


def test_a_probability_that_is_not_a_number_is_named():
    with pytest.raises(checks.CheckFailed, match="asked for probabilities, from 0 to 1; found NaN") as failed:
        checks.check_probabilities(np.array([[float("nan")]]))
    assert failed.value.fault is checks.Fault.UNDEFINED


def test_weights_that_hold_other_numbers_are_told_from_those_that_hold_the_same_ones_elsewhere():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3), layers.Dense(1)])
    kernel, bias, *_ = model.get_weights()
    assert checks.other_values(model, bias, kernel) is None
    assert checks.other_values(model, kernel + 1e-8) is None
    assert checks.other_values(model, kernel + 0.1) is checks.Fault.VALUES
    assert checks.other_values(model, kernel.T) is checks.Fault.VALUES
    assert checks.other_values("no model", kernel) is checks.Fault.VALUES
