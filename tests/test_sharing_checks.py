"""The checks of sharing on right graphs, wrong graphs, and odd but right ones."""

from __future__ import annotations

from functional_course import checks
from functional_course.checks import CheckFailed

import keras
import numpy as np
import pytest
from keras import layers, ops

NUMBERS = np.random.default_rng(0)
LEFT, RIGHT = (NUMBERS.normal(size=(6, 4)).astype("float32") for _ in range(2))


@keras.saving.register_keras_serializable("test_sharing_checks")
class Distance(layers.Layer):
    """A subclassed layer that calls what it holds twice."""

    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, left, right):
        return ops.abs(self.inner(left) - self.inner(right))

    def get_config(self):
        return {**super().get_config(), "inner": keras.saving.serialize_keras_object(self.inner)}

    @classmethod
    def from_config(cls, config):
        return cls(keras.saving.deserialize_keras_object(config.pop("inner")), **config)


def encoder() -> keras.Layer:
    return layers.Dense(3, activation="tanh", name="encoder")


def sides() -> tuple[keras.KerasTensor, keras.KerasTensor]:
    return keras.Input((4,), name="left"), keras.Input((4,), name="right")


def plain(shared) -> keras.Model:
    left, right = sides()
    return keras.Model([left, right], layers.Dense(1)(ops.abs(shared(left) - shared(right))))


def with_dict(shared) -> keras.Model:
    left, right = sides()
    return keras.Model({"right": right, "left": left}, layers.Dense(1)(ops.abs(shared(left) - shared(right))))


def nested(shared) -> keras.Model:
    left, right = sides()
    return keras.Model([left, right], layers.Average()([plain(shared)([left, right])]))


def sequential_inside(shared) -> keras.Model:
    left, right = sides()
    tower = keras.Sequential([layers.Rescaling(2.0), shared])
    return keras.Model([left, right], layers.Dense(1)(ops.abs(tower(left) - tower(right))))


def subclass_inside(shared) -> keras.Model:
    left, right = sides()
    return keras.Model([left, right], layers.Dense(1)(Distance(shared)(left, right)))


def wrapped(shared) -> keras.Model:
    left, right = sides()
    codes = layers.TimeDistributed(shared)(ops.stack([left, right], axis=1))
    return keras.Model([left, right], layers.Dense(1)(ops.abs(codes[:, 0] - codes[:, 1])))


def called_again(shared) -> keras.Model:
    left, right = sides()
    return keras.Model([left, right], layers.Dense(1)(ops.abs(shared(left) - shared(left)) + ops.sum(right)))


def called_on_both_at_once(shared) -> keras.Model:
    left, right = sides()
    return keras.Model([left, right], layers.Dense(1)(shared(left + right)))


def two_equal_layers(shared) -> keras.Model:
    left, right = sides()
    return keras.Model([left, right], layers.Dense(1)(ops.abs(shared(left) - layers.Dense(3)(right))))


def concatenated(shared) -> keras.Model:
    left, right = sides()
    return keras.Model([left, right], layers.Dense(1)(layers.concatenate([shared(left), shared(right)])))


SHARING = [plain, with_dict, nested, sequential_inside, subclass_inside, wrapped]


def refused(check, *arguments, **options) -> str:
    with pytest.raises(CheckFailed) as failure:
        check(*arguments, **options)
    return str(failure.value)


@pytest.mark.parametrize("build", SHARING)
def test_a_shared_layer_is_seen_however_the_graph_is_written(build):
    shared = encoder()
    model = build(shared)
    arrays = checks.inputs_by_name(model, left=LEFT, right=RIGHT)
    checks.check_calls_from(model, shared, ["left", "right"])
    checks.check_calls_from(model, shared, ["right", ["left"]])
    checks.check_layer_shared(model, shared)
    checks.check_symmetric(model, arrays, ("left", "right") if isinstance(arrays, dict) else (0, 1))
    before = model.get_weights()
    checks.check_sharing_survives_saving(model, arrays)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)), "weights are put back"


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (called_again, "called from 'left' and from 'right'; found it called from 'left' and from 'left'"),
        (called_on_both_at_once, "found it called from 'left' with 'right'"),
        (two_equal_layers, "found it called from 'left'"),
    ],
)
def test_calls_from_elsewhere_are_named(build, says):
    shared = encoder()
    assert says in refused(checks.check_calls_from, build(shared), shared, ["left", "right"])


def test_calls_that_nobody_asked_for_are_refused_unless_allowed():
    shared = encoder()
    model = plain(shared)
    assert "found it called from" in refused(checks.check_calls_from, model, shared, ["left"])
    checks.check_calls_from(model, shared, ["left"], exact=False)
    assert "found it called never" in refused(checks.check_calls_from, model, encoder(), ["left"])
    assert "called never; found it called from 'left'" in refused(checks.check_calls_from, model, shared, [])


def test_a_holder_counts_only_for_what_feeds_it():
    shared = encoder()
    left, right = sides()
    model = keras.Model([left, right], [layers.TimeDistributed(shared)(ops.stack([left, left], axis=1)), -right])
    checks.check_calls_from(model, shared, ["left"])
    assert "found it called from 'left'" in refused(checks.check_calls_from, model, shared, ["left", "right"])


def test_an_unknown_input_is_named():
    shared = encoder()
    assert "asked for an input 'middle'; found inputs 'left', 'right'" in refused(
        checks.check_calls_from, plain(shared), shared, ["left", "middle"]
    )


def test_calls_on_tensors_of_the_model_are_told_apart():
    image, shared = keras.Input((4,), name="image"), layers.Dense(4, name="again")
    first = layers.Dense(4, name="first")(image)
    second = shared(first)
    model = keras.Model(image, shared(second))
    checks.check_calls_from(model, shared, [first, second])
    checks.check_calls_from(model, shared, ["image", "image"])
    checks.check_calls_from(model, shared, [image, second])
    assert "asked for" in refused(checks.check_calls_from, model, shared, [second, second])
    assert "asked for" in refused(checks.check_calls_from, model, shared, [first, "image"])


def test_nested_calls_are_followed_to_the_outer_inputs():
    shared = encoder()
    inner = plain(shared)
    a, b, c = (keras.Input((4,), name=name) for name in "abc")
    outer = keras.Model([a, b, c], inner([a, b]) + inner([b, c]))
    checks.check_calls_from(outer, inner, [["a", "b"], ["c", "b"]])
    checks.check_calls_from(outer, shared, ["a", "b", "b", "c"])
    assert "asked for" in refused(checks.check_calls_from, outer, shared, ["a", "b", "c", "c"])


def test_no_graph_is_said():
    class Inner(keras.Model):
        def call(self, inputs):
            return inputs

    assert "a model with a graph" in refused(checks.check_calls_from, Inner(), encoder(), [])
    assert "asked for a keras.Model" in refused(checks.check_layer_shared, encoder(), encoder())


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (called_again, "2 calls on one and the same tensor"),
        (two_equal_layers, "one call, so only its output, a tensor, can be shared"),
    ],
)
def test_what_is_no_shared_layer_is_told_why(build, says):
    shared = encoder()
    model = build(shared)
    assert says in refused(checks.check_layer_shared, model, shared)
    assert "found no call" in refused(checks.check_layer_shared, model, encoder())


def test_the_same_tensor_is_recognised_inside_a_model_that_is_called_again():
    image, inner = keras.Input((4,), name="image"), encoder()
    tower = keras.Sequential([layers.Dense(4), inner])
    model = keras.Model(image, [tower(image), tower(image)])
    assert "2 calls on one and the same tensor" in refused(checks.check_layer_shared, model, inner)


def heads(trunk, of) -> keras.Model:
    image = keras.Input((4,), name="image")
    return keras.Model(image, of(image, trunk))


def two_heads(image, trunk):
    code = trunk(image)
    return {"one": layers.Dense(1, name="one")(code), "two": layers.Dense(2, name="two")(code)}


def heads_behind_dropout(image, trunk):
    code = layers.Dropout(0.5)(trunk(image))
    return [layers.Dense(1)(code), layers.Dense(2)(code)]


def skip(image, trunk):
    code = trunk(image)
    return layers.Dense(1)(code + layers.Dense(3)(code))


def answer_and_code(image, trunk):
    code = trunk(image)
    return {"answer": layers.Dense(1)(code), "code": code}


def trunk_in_a_stack(image, trunk):
    code = keras.Sequential([layers.Rescaling(2.0), trunk])(image)
    return [layers.Dense(1)(code), layers.Dense(2)(code)]


def trunk_in_a_wrapper(image, trunk):
    code = layers.TimeDistributed(trunk)(ops.stack([image, image], axis=1))
    return [layers.Dense(1)(code), layers.Dense(2)(code)]


def called_for_each_head(image, trunk):
    return [layers.Dense(1)(trunk(image)), layers.Dense(2)(trunk(image))]


def one_head(image, trunk):
    return layers.Dense(1)(trunk(image))


def head_on_head(image, trunk):
    return [layers.Dense(1)(trunk(image)), layers.Dense(2)(image)]


@pytest.mark.parametrize(
    "of", [two_heads, heads_behind_dropout, skip, answer_and_code, trunk_in_a_stack, trunk_in_a_wrapper]
)
def test_a_shared_tensor_is_seen_however_the_graph_is_written(of):
    trunk = encoder()
    checks.check_tensor_shared(heads(trunk, of), trunk)


@pytest.mark.parametrize(
    ("of", "says"),
    [
        (called_for_each_head, "2 calls: the weights are shared, the computation is not"),
        (one_head, "an output that is used once"),
        (head_on_head, "an output that is used once"),
    ],
)
def test_what_is_no_shared_tensor_is_told_why(of, says):
    trunk = encoder()
    model = heads(trunk, of)
    assert says in refused(checks.check_tensor_shared, model, trunk)
    assert "found no call" in refused(checks.check_tensor_shared, model, encoder())


def test_a_shared_layer_is_no_shared_tensor_and_the_other_way_round():
    shared, trunk = encoder(), encoder()
    assert "2 calls" in refused(checks.check_tensor_shared, plain(shared), shared)
    assert "one call, so only its output" in refused(checks.check_layer_shared, heads(trunk, two_heads), trunk)


def test_order_that_matters_is_found():
    for build in (concatenated, two_equal_layers):
        model = build(encoder())
        said = refused(checks.check_symmetric, model, [LEFT, RIGHT])
        assert "the same outputs when two inputs are exchanged; found differences of up to" in said
    a, b = sides()
    checks.check_symmetric(keras.Model((a, b), a * b), (LEFT, RIGHT))
    assert "asked for" in refused(checks.check_symmetric, keras.Model((a, b), a + b * float("nan")), (LEFT, RIGHT))
    with pytest.raises(ValueError, match="shows nothing"):
        checks.check_symmetric(plain(encoder()), [LEFT, LEFT])


def test_symmetry_in_two_of_three_inputs():
    a, b, c = (keras.Input((4,), name=name) for name in "abc")
    model = keras.Model([a, b, c], a * c - b)
    arrays = [LEFT, RIGHT, LEFT + 1]
    checks.check_symmetric(model, arrays, (0, 2))
    assert "asked for" in refused(checks.check_symmetric, model, arrays, (0, 1))


def test_arrays_go_where_their_names_are():
    b, a = keras.Input((2,), name="b"), keras.Input((3,), name="a")
    arrays = {"a": np.ones((1, 3)), "b": np.ones((1, 2))}
    assert [array.shape for array in checks.inputs_by_name(keras.Model([b, a], [-a, -b]), **arrays)] == [(1, 2), (1, 3)]
    keyed = keras.Model({"a": a, "b": b}, [-a, -b])
    assert checks.inputs_by_name(keyed, **arrays) == arrays
    assert "asked for inputs 'a'" in refused(checks.inputs_by_name, keyed, a=arrays["a"])


def test_a_model_that_does_not_load_is_refused():
    shared = encoder()
    towers = [keras.Sequential([keras.Input((4,)), shared, layers.Dense(units)]) for units in (1, 2)]
    left, right = sides()
    nested_twice = keras.Model([left, right], [towers[0](left), towers[1](right)])
    assert "a model that can be saved and loaded" in refused(
        checks.check_sharing_survives_saving, nested_twice, [LEFT, RIGHT]
    )


@keras.saving.register_keras_serializable("test_sharing_checks")
class Parting(layers.Layer):
    """One kernel for both sides; a loaded one has two, which begin equal."""

    def __init__(self, kernels=1, **kwargs):
        super().__init__(**kwargs)
        self.count = kernels

    def build(self, left_shape, right_shape):
        self.kernels = [self.add_weight(shape=(left_shape[-1], 3)) for _ in range(self.count)]

    def call(self, left, right):
        return ops.abs(ops.matmul(left, self.kernels[0]) - ops.matmul(right, self.kernels[-1]))

    def get_config(self):
        return {**super().get_config(), "kernels": 2}

    def save_own_variables(self, store):
        store["kernel"] = self.kernels[0]

    def load_own_variables(self, store):
        for kernel in self.kernels:
            kernel.assign(store["kernel"])


def test_copies_with_equal_numbers_are_not_shared():
    left, right = sides()
    model = keras.Model([left, right], Parting()(left, right))
    checks.check_survives_saving(model, [LEFT, RIGHT])
    said = refused(checks.check_sharing_survives_saving, model, [LEFT, RIGHT])
    assert "asked for 12 parameters in 1 arrays after save and load, as before; found 24 in 2" in said


@keras.saving.register_keras_serializable("test_sharing_checks")
class Frozen(layers.Layer):
    """Multiplies by the kernel of a layer that it does not track; a loaded one has a copy of the numbers."""

    def __init__(self, dense=None, **kwargs):
        super().__init__(**kwargs)
        self.plain = [dense]
        self.numbers = None

    def call(self, inputs):
        kernel = self.plain[0].kernel if self.plain[0] is not None else self.numbers
        return ops.matmul(inputs, ops.transpose(kernel))

    def get_config(self):
        return {**super().get_config(), "numbers": self.plain[0].get_weights()[0].tolist()}

    @classmethod
    def from_config(cls, config):
        numbers = ops.convert_to_tensor(config.pop("numbers"))
        layer = cls(**config)
        layer.numbers = numbers
        return layer


def test_weights_that_no_longer_matter_are_found():
    pixels, dense = keras.Input((4,)), layers.Dense(3)
    model = keras.Model(pixels, Frozen(dense)(dense(pixels)))
    checks.check_survives_saving(model, LEFT)
    said = refused(checks.check_sharing_survives_saving, model, LEFT)
    assert "get the same new weights" in said
