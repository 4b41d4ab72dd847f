"""Gradients reach what they should: right models, wrong ones, and odd but right ones."""

from __future__ import annotations

from functional_course import checks
from functional_course.checks import CheckFailed

import keras
import numpy as np
import pytest
from keras import layers

GENERATOR = np.random.default_rng(0)
X = {name: GENERATOR.normal(size=(6, 4)).astype("float32") for name in ("a", "b")}


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)


class Inner(keras.Model):
    """A subclassed model without a graph, with a layer that it makes and does not use."""

    def __init__(self, forgotten: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(3, name="used")
        self.forgotten = layers.Dense(3, name="forgotten") if forgotten else None

    def build(self, shape):
        for layer in (self.dense, self.forgotten):
            if layer is not None:
                layer.build(shape)

    def call(self, inputs):
        return self.dense(inputs)


def two_by_two(**options) -> keras.Model:
    """Two inputs and two outputs: ``left`` sees ``a``, ``right`` sees both."""
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    from_a = layers.Dense(3, name="from_a", **options)(a)
    from_b = layers.Dense(3, name="from_b", **options)(b)
    both = layers.Concatenate()([from_a, from_b])
    return keras.Model([a, b], [layers.Dense(1, name="left")(from_a), layers.Dense(2, name="right")(both)])


def refused(*arguments, **options) -> str:
    with pytest.raises(CheckFailed) as failure:
        checks.check_gradient_reaches(*arguments, **options)
    return str(failure.value)


def test_all_outputs_together_reach_every_layer():
    checks.check_gradient_reaches(two_by_two(), X)


def test_one_output_reaches_its_own_way_only():
    model = two_by_two()
    from_a, from_b = model.get_layer("from_a"), model.get_layer("from_b")
    for output in ("left", 0):
        checks.check_gradient_reaches(model, X, from_a, output=output)
        checks.check_gradient_reaches(model, X, from_b, output=output, reaches=False)
        assert "asked for a gradient from output" in refused(model, X, from_b, output=output)
        assert "found one at 'from_a'" in refused(model, X, from_a, output=output, reaches=False)
        assert "found none at 'from_b', 'right'" in refused(model, X, output=output)
    checks.check_gradient_reaches(model, X, from_b, output="right")


def test_the_model_is_left_as_it_was():
    model = two_by_two()
    model.compile("sgd", ["mse", "mse"])
    optimizer, before = model.optimizer, model.get_weights()
    checks.check_gradient_reaches(model, X)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert model.optimizer is optimizer
    assert int(optimizer.iterations) == 0


def with_sequential_inside(a):
    return keras.Sequential([layers.Dense(3), layers.Dense(2)])(a)


def with_subclass_inside(a):
    return layers.Dense(2)(Inner()(a))


def with_wrapper(a):
    return layers.TimeDistributed(layers.Dense(2))(layers.Reshape((2, 2))(a))


def with_recurrence(a):
    return layers.Bidirectional(layers.LSTM(2))(layers.Reshape((2, 2))(a))


def with_softmax(a):
    return layers.Dense(3, activation="softmax")(layers.BatchNormalization()(a))


def with_attention(a):
    steps = layers.Reshape((2, 2))(a)
    return layers.MultiHeadAttention(2, 3)(steps, steps)


def with_dropout(a):
    return layers.Dense(1)(layers.Dropout(0.999)(layers.Dense(3)(a)))


def with_tiny_gradients(a):
    for _ in range(6):
        a = layers.Rescaling(0.01)(layers.Dense(4)(a))
    return a


ODD = [
    with_sequential_inside,
    with_subclass_inside,
    with_wrapper,
    with_recurrence,
    with_softmax,
    with_attention,
    with_dropout,
    with_tiny_gradients,
]


@pytest.mark.parametrize("build", ODD)
def test_odd_but_right_models_pass_with_dict_inputs_and_outputs(build):
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    model = keras.Model({"b": b, "a": a}, {"other": layers.Dense(1, name="from_b")(b), "odd": build(a)})
    checks.check_gradient_reaches(model, X)
    checks.check_gradient_reaches(model, X, model.get_layer("from_b"), output="odd", reaches=False)
    assert "asked for an output 'odder'; found 2 outputs: 'other', 'odd'" in refused(model, X, output="odder")


def test_models_without_a_graph():
    checks.check_gradient_reaches(Inner(), X["a"])
    assert "found none at 'forgotten'" in refused(Inner(forgotten=True), X["a"])


def blocked(a):
    return keras.ops.stop_gradient(layers.Dense(3, name="early")(a))


def cut_to_a_class(a):
    number = keras.ops.argmax(layers.Dense(3, name="early")(a), axis=-1)
    return keras.ops.cast(keras.ops.expand_dims(number, -1), "float32")


def dead(a):
    return layers.ReLU()(layers.Dense(3, name="early", bias_initializer=keras.initializers.Constant(-1e3))(a))


def times_zero(a):
    return layers.Rescaling(0.0)(layers.Dense(3, name="early")(a))


def softmax_over_one(a):
    return layers.Dense(1, activation="softmax")(layers.Dense(3, name="early")(a))


def rounded_away(a):
    """What a softmax over one number is on some processors: the same for every row, with a gradient of 1e-8."""
    return layers.Rescaling(1e-8, offset=1.0)(layers.Dense(1, name="early")(a))


@pytest.mark.parametrize("build", [softmax_over_one, rounded_away])
def test_a_gradient_that_is_rounding_is_none(build):
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    model = keras.Model([a, b], [build(a), layers.Dense(2, name="other")(b)])
    early = model.get_layer("early")
    for output in (None, 0):
        checks.check_gradient_reaches(model, X, early, output=output, reaches=False)
    assert "'early'" in refused(model, X)
    checks.check_gradient_reaches(model, X, model.get_layer("other"))
    assert "found none" in str(pytest.raises(CheckFailed, checks.check_shared_trunk, model, X).value)


@pytest.mark.parametrize("build", [blocked, cut_to_a_class, dead, times_zero, rounded_away])
def test_a_gradient_that_does_not_get_through_is_told(build):
    a = keras.Input((4,), name="a")
    model = keras.Model(a, layers.Dense(2, name="late")(build(a)))
    early = model.get_layer("early")
    checks.check_gradient_reaches(model, X["a"], early, reaches=False)
    assert "all 2 layers; found none at 'early'" in refused(model, X["a"])
    assert "weights of 'early'; found none at 'early'" in refused(model, X["a"], early)


def test_a_layer_inside_another_is_named():
    a = keras.Input((4,), name="a")
    inner = keras.Sequential([layers.Dense(3, name="before"), layers.Rescaling(0.0), layers.Dense(3, name="after")])
    model = keras.Model(a, inner(a))
    assert "found none at 'before'" in refused(model, X["a"], inner)


def test_frozen_weights_get_none():
    model = two_by_two()
    model.get_layer("from_b").trainable = False
    checks.check_gradient_reaches(model, X)
    checks.check_gradient_reaches(model, X, model.get_layer("from_b"), reaches=False)
    message = refused(model, X, model.get_layer("from_b"))
    assert "asked for weights that can be trained in 'from_b'; found none" in message


def test_a_penalty_or_a_constraint_is_no_gradient():
    model = two_by_two(kernel_regularizer="l2", kernel_constraint=keras.constraints.UnitNorm())
    checks.check_gradient_reaches(model, X, model.get_layer("from_b"), output="left", reaches=False)
    checks.check_gradient_reaches(model, X, model.get_layer("from_b"), output="right")


def test_a_gradient_that_is_no_number_is_no_gradient():
    model = two_by_two()
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    assert "asked for finite gradients" in refused(model, X)
