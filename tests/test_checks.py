"""Each check on right models, wrong models, and odd but right ones."""

from __future__ import annotations

from functional_course import checks
from functional_course.checks import CheckFailed

import keras
import numpy as np
import pytest
from keras import layers

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


class Doubled(layers.Layer):
    """A subclassed layer, for graphs that are odd but right."""

    def call(self, inputs):
        return inputs * 2


@keras.saving.register_keras_serializable("tests")
class Inner(keras.Model):
    """A subclassed model without a graph."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(3)

    def call(self, inputs):
        return self.dense(inputs)


def flat() -> keras.Model:
    pixels = keras.Input((4,), name="pixels")
    return keras.Model(pixels, layers.Dense(2, name="answer")(layers.Dense(3)(pixels)))


def stack() -> keras.Sequential:
    return keras.Sequential([keras.Input((4,), name="pixels"), layers.Dense(3), layers.Dense(2, name="answer")])


def with_sequential_inside() -> keras.Model:
    pixels = keras.Input((4,), name="pixels")
    return keras.Model(pixels, layers.Dense(2, name="answer")(keras.Sequential([layers.Dense(3)])(pixels)))


def with_subclass_inside() -> keras.Model:
    pixels = keras.Input((4,), name="pixels")
    return keras.Model(pixels, layers.Dense(2, name="answer")(Inner()(pixels)))


def refused(check, *arguments, **options) -> str:
    with pytest.raises(CheckFailed) as failure:
        check(*arguments, **options)
    return str(failure.value)


RIGHT = [flat, stack, with_sequential_inside, with_subclass_inside]


@pytest.mark.parametrize("build", RIGHT)
def test_right_models_pass_however_they_are_built(build):
    model = build()
    checks.check_model(model)
    checks.check_inputs(model, [(None, 4)])
    checks.check_inputs(model, {"pixels": (None, 4)})
    checks.check_outputs(model, [(None, 2)])
    checks.check_outputs(model, {"answer": (None, 2)})
    checks.check_parameters(model, total=23, trainable=23)
    checks.check_layers(model, {layers.Dense: 2, layers.Conv2D: 0})
    checks.check_survives_saving(model, X)


@pytest.mark.parametrize("build", RIGHT)
@pytest.mark.parametrize("other", RIGHT)
def test_the_same_function_however_it_is_built(build, other):
    first, second = build(), other()
    before = second.get_weights()
    checks.check_same_function(first, second, X)
    assert all(np.array_equal(a, b) for a, b in zip(before, second.get_weights(), strict=True)), "weights are put back"


@pytest.mark.parametrize(
    ("check", "arguments", "says"),
    [
        (checks.check_inputs, ([(None, 5)],), "asked for 1 input of shape (None, 5); found (None, 4)"),
        (checks.check_inputs, ([(None, 4), (None, 4)],), "asked for 2 inputs"),
        (checks.check_inputs, ({"image": (None, 4)},), "found 'pixels' (None, 4)"),
        (checks.check_outputs, ([(None, 10)],), "found (None, 2)"),
        (checks.check_outputs, ({"Answer": (None, 2)},), "found 'answer' (None, 2)"),
        (checks.check_parameters, (24,), "asked for 24 parameters; found 23"),
        (checks.check_parameters, (None, 1), "asked for 1 trainable parameters; found 23"),
        (checks.check_layers, ({layers.Dense: 3},), "asked for 3 Dense layers; found 2"),
        (checks.check_sequential, (), "asked for a keras.Sequential model; found a Functional model"),
    ],
)
def test_wrong_structure_is_named(check, arguments, says):
    assert says in refused(check, flat(), *arguments)


@pytest.mark.parametrize(
    ("thing", "says"),
    [
        (keras.Input((4,)), "a KerasTensor"),
        (layers.Dense(2), "a Dense"),
        (Inner, "the class itself"),
        (None, "a NoneType"),
    ],
)
def test_what_is_no_model_is_named(thing, says):
    assert says in refused(checks.check_model, thing)


def test_kinds_of_models():
    checks.check_functional(flat())
    checks.check_sequential(stack())
    assert "a Sequential model" in refused(checks.check_functional, stack())
    assert "a subclassed one" in refused(checks.check_functional, Inner())
    assert "asked for a model that is built; found a Sequential that is not" in refused(
        checks.check_sequential, keras.Sequential([layers.Dense(1)])
    )


def test_dict_inputs_and_outputs_are_known_by_their_keys():
    inputs = {"a": keras.Input((4,), name="a"), "b": keras.Input((3,), name="b")}
    both = layers.Concatenate()([inputs["a"], inputs["b"]])
    model = keras.Model(inputs, {"sum": layers.Dense(1)(both), "difference": layers.Dense(2)(both)})
    checks.check_inputs(model, {"b": (None, 3), "a": (None, 4)})
    checks.check_outputs(model, {"difference": (None, 2), "sum": (None, 1)})


def test_frozen_parameters_do_not_train():
    model = flat()
    model.layers[1].trainable = False
    checks.check_parameters(model, total=23, trainable=8)


def test_calls_are_counted_here_and_inside():
    a, b, shared = keras.Input((4,)), keras.Input((4,)), layers.Dense(4)
    twice = keras.Model([a, b], shared(a) - shared(b))
    checks.check_calls(twice, shared, times=2)
    assert "called once in the model; found twice" in refused(checks.check_calls, twice, shared, 1)
    assert "found never" in refused(checks.check_calls, flat(), shared, 1)

    c, d = keras.Input((4,)), keras.Input((4,))
    nested = keras.Model([c, d], twice([c, d]) + twice([d, c]))
    checks.check_calls(nested, twice, times=2)
    checks.check_calls(nested, shared, times=4)


def test_paths():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    left_layer = Doubled()
    left, right = left_layer(a), layers.Dense(4)(b)
    model = keras.Model([a, b], [left, right])
    checks.check_path(model, a, left)
    checks.check_path(model, a, right, exists=False)
    way = f"path from 'b' to the output of {left_layer.name!r}"
    assert f"asked for a {way}; found none" == refused(checks.check_path, model, b, left)
    assert "found one" in refused(checks.check_path, model, a, left, exists=False)


def crossed() -> keras.Model:
    """A model of two outputs of which each depends on one of two inputs, with the inputs in another order."""
    p, q = keras.Input((4,), name="p"), keras.Input((4,), name="q")
    return keras.Model([q, p], [layers.Dense(4)(p), Doubled()(q)], name="crossed")


def call_by_list(inner, a, b):
    return inner([a, b])


def call_by_dict(inner, a, b):
    return inner({"p": b, "q": a, "unused": a})


@pytest.mark.parametrize("call", [call_by_list, call_by_dict])
def test_paths_are_followed_through_a_nested_model(call):
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    from_b, from_a = call(crossed(), a, b)
    ends = [keras.Sequential([layers.Dense(2)])(from_a), layers.Activation("relu")(from_b)]
    model = keras.Model({"a": a, "b": b}, dict(zip(("first", "second"), ends, strict=True)))
    for source, reached, other in ((a, ends[0], ends[1]), (b, ends[1], ends[0])):
        checks.check_path(model, source, reached)
        checks.check_path(model, source, other, exists=False)
        assert "found none" in refused(checks.check_path, model, source, other)
        assert "found one" in refused(checks.check_path, model, source, reached, exists=False)
    twice = keras.Model([a, b], model({"b": a, "a": b}))
    checks.check_path(twice, a, twice.outputs[1])
    checks.check_path(twice, a, twice.outputs[0], exists=False)


@pytest.mark.parametrize(
    "layer",
    [
        Inner,
        lambda: keras.Sequential([layers.Dense(3), layers.Dense(2)]),
        lambda: keras.Sequential([keras.Input((4,)), layers.Dense(3)]),
        lambda: layers.Bidirectional(layers.LSTM(2)),
    ],
    ids=["subclass", "open Sequential", "Sequential", "wrapper"],
)
def test_paths_go_through_layers_of_every_kind(layer):
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    made = layer()
    given = layers.Reshape((4, 1))(a) if isinstance(made, layers.Bidirectional) else a
    out = made(given)
    model = keras.Model({"b": b, "a": a}, {"out": out, "rest": Doubled()(b)})
    checks.check_path(model, a, out)
    checks.check_path(model, b, out, exists=False)


def test_an_input_that_reaches_nothing_has_no_path_and_a_tensor_from_elsewhere_is_named():
    a, unused = keras.Input((4,), name="a"), keras.Input((4,), name="unused")
    try:
        model = keras.Model([a, unused], layers.Dense(2)(a))
    except ValueError:
        pytest.skip("Keras before 3.13 refuses such a model")
    checks.check_path(model, unused, model.outputs[0], exists=False)
    assert "asked for a path from 'unused'" in refused(checks.check_path, model, unused, model.outputs[0])
    elsewhere = keras.Input((4,), name="elsewhere")
    for exists in (True, False):
        assert "'elsewhere' from outside it" in refused(
            checks.check_path, model, elsewhere, model.outputs[0], exists=exists
        )


def test_other_functions_are_told_apart():
    pixels = keras.Input((4,))
    without = keras.Model(pixels, layers.Dense(2)(layers.Dense(3)(pixels)))
    relu = keras.Model(pixels, layers.Dense(2)(layers.Dense(3, activation="relu")(pixels)))
    assert "differences of up to" in refused(checks.check_same_function, without, relu, X)
    narrow = keras.Model(pixels, layers.Dense(2)(pixels))
    assert "weights of the same shapes" in refused(checks.check_same_function, without, narrow, X)
    assert "differences of up to" in refused(checks.check_same_outputs, without, relu, X)


def test_nan_is_never_the_same():
    model = flat()
    model.set_weights([np.full_like(w, np.nan) for w in model.get_weights()])
    assert "differences of up to nan" in refused(checks.check_same_outputs, model, model, X)


def test_nan_in_any_output_is_never_the_same():
    def two_outputs(value: float) -> keras.Model:
        pixels = keras.Input((4,))
        return keras.Model(pixels, [pixels * 1.0, pixels * value])

    checks.check_same_outputs(two_outputs(1.0), two_outputs(1.0), X)
    assert "differences of up to nan" in refused(
        checks.check_same_outputs, two_outputs(1.0), two_outputs(float("nan")), X
    )


def test_models_that_share_a_weight_are_not_separate():
    first, second = flat(), flat()
    checks.check_separate(first, second)
    pixels = keras.Input((4,))
    around = keras.Model(pixels, layers.Dense(1)(first(pixels)))
    assert "asked for models without a weight in common; found 4 that both have" in refused(
        checks.check_separate, around, first
    )


def test_a_model_that_does_not_come_back_is_refused():
    relu = layers.Activation("relu")
    repeated = keras.Sequential([keras.Input((4,)), layers.Dense(4), relu, layers.Dense(4), relu])
    assert "after save and load" in refused(checks.check_survives_saving, repeated, X)
    pixels = keras.Input((4,))
    unregistered = keras.Model(pixels, Doubled()(pixels))
    assert "can be saved and loaded" in refused(checks.check_survives_saving, unregistered, X)


def test_the_loss_falls_or_not():
    y = X.sum(axis=1, keepdims=True)

    def model(rate: float) -> keras.Model:
        keras.utils.set_random_seed(0)
        made = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
        made.compile(keras.optimizers.SGD(rate), "mse")
        return made

    learns = model(0.1)
    before = learns.get_weights()
    checks.check_loss_falls(learns, X, y, to=0.9, epochs=10)
    assert all(np.array_equal(a, b) for a, b in zip(before, learns.get_weights(), strict=True))
    assert "asked for a loss below 90%" in refused(checks.check_loss_falls, model(0.0), X, y, to=0.9, epochs=2)
    assert "asked for a loss" in refused(checks.check_loss_falls, model(float("nan")), X, y, to=0.9, epochs=2)
    assert "one that wasn't compiled" in refused(checks.check_loss_falls, flat(), X, y, to=0.9)


def test_a_layer_that_says_nothing_of_why_it_cannot_be_saved():
    class Silent(keras.layers.Layer):
        def call(self, x):
            return x

        def get_config(self):
            raise NotImplementedError

    inputs = keras.Input((3,))
    model = keras.Model(inputs, Silent()(inputs))
    said = refused(checks.check_survives_saving, model, np.ones((2, 3)))
    assert said.endswith("asked for a model that can be saved and loaded; found NotImplementedError")
