"""A model that differs from the reference by one slip is told which; one with two slips is told nothing specific."""

from __future__ import annotations

import functools

from functional_course import checks
from functional_course.checks import CheckFailed, Fault

import keras
import numpy as np
import pytest
from keras import layers

NUMBERS = np.random.default_rng(0)
X = {
    "image": NUMBERS.normal(size=(6, 8, 8, 2)).astype("float32"),
    "other": NUMBERS.normal(size=(6, 8, 8, 2)).astype("float32"),
    "words": NUMBERS.integers(0, 3, size=(6, 5)),
}


def built(
    first="relu",
    last="softmax",
    pool=layers.GlobalAveragePooling2D,
    join=layers.Add,
    order=(0, 1),
    swapped=False,
    padding="same",
    strides=1,
    scale=True,
    mask=False,
    dropped=0.0,
    twice=False,
    crossed=False,
    prepared=False,
    skipped=False,
    after_join=None,
    nested=False,
):
    """Two images and some words, compared and joined; each argument is a slip."""
    image, other = keras.Input((8, 8, 2), name="image"), keras.Input((8, 8, 2), name="other")
    words = keras.Input((5,), dtype="int32", name="words")
    entries = [other, image] if swapped else [image, other]
    convolution = layers.Conv2D(4, 3, padding=padding, strides=strides, activation=first)
    encoder = keras.Sequential([convolution]) if nested else convolution
    half = layers.Rescaling(0.5) if scale else layers.Identity()
    maps = [encoder(half(each / 255 if prepared else each)) for each in entries]
    joined = maps[0] if skipped else join()(maps)
    if after_join:
        joined = layers.Activation(after_join)(joined)
    pooled = layers.Dropout(dropped)(pool()(joined))
    square = layers.Dense(4, activation="tanh")
    code = square(square(pooled)) if twice else square(pooled)
    read = layers.GlobalAveragePooling1D()(layers.Embedding(9, 3, mask_zero=mask)(words))
    both = [code, read]
    answer = layers.Dense(5, activation=last)(layers.Concatenate()([both[place] for place in order]))
    size = [layers.Dense(2)(code), layers.Dense(2, use_bias=False)(read)]
    age, height = size[::-1] if crossed else size
    return keras.Model([image, other, words], {"answer": answer, "age": age, "height": height})


reference = functools.cache(built)


SEEN = " at output 'age' and 'answer'"  # what an image leads to

SLIPS = {
    "linear": ({"first": None}, Fault.ACTIVATION, SEEN),
    "nested": ({"first": None, "nested": True}, Fault.ACTIVATION, SEEN),
    "relu": ({"after_join": "relu", "first": "tanh"}, Fault.ACTIVATION, SEEN),
    "pooling": ({"pool": layers.GlobalMaxPooling2D}, Fault.POOLING, SEEN),
    "multiply": ({"join": layers.Multiply}, Fault.MERGE, SEEN),
    "skip": ({"skipped": True}, Fault.CONNECTED, SEEN),
    "order": ({"order": (1, 0)}, Fault.ORDER, " at output 'answer'"),
    "inputs": ({"swapped": True, "join": layers.Subtract}, Fault.ORDER, SEEN),
    "outputs": ({"crossed": True}, Fault.ORDER, " at output 'age' and 'height'"),
    "valid": ({"padding": "valid"}, Fault.PADDING, SEEN),
    "strides": ({"strides": 2}, Fault.PADDING, SEEN),
    "mask": ({"mask": True}, Fault.PADDING, " at output 'answer' and 'height'"),
    "no rescaling": ({"scale": False}, Fault.SCALE, SEEN),
    "prepared": ({"prepared": True}, Fault.SCALE, SEEN),
    "dropout": ({"dropped": 0.4}, Fault.DROPPED, ""),
    "twice": ({"twice": True}, Fault.CONNECTED, SEEN),
    "two slips": ({"first": None, "pool": layers.GlobalMaxPooling2D}, Fault.OUTPUTS, SEEN),
}


@pytest.mark.parametrize(("options", "fault", "where"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_named(options, fault, where):
    kept = {name: options[name] for name in ("join",) if options.get("swapped")}
    kept |= {"first": options["first"]} if "after_join" in options else {}
    asked, found = reference(**kept), built(**options)
    before = asked.get_weights(), found.get_weights()
    with pytest.raises(CheckFailed) as failure:
        checks.check_computes(found, asked, X)
    assert failure.value.fault is fault
    assert where in str(failure.value)
    assert (" at output " in str(failure.value)) == bool(where)
    for old, model in zip(before, (asked, found), strict=True):
        assert all(np.array_equal(*pair) for pair in zip(old, model.get_weights(), strict=True))


def test_the_weights_are_matched_in_any_order_and_any_reference_will_do():
    def joined(pool, *places):
        entries = [keras.Input((8, 8, 2), name=name) for name in ("image", "other")]
        maps = [layers.Conv2D(3, 3, activation="relu")(entry) for entry in entries]
        both = layers.Concatenate()([maps[place] for place in places])
        return keras.Model(entries, layers.Dense(2)(pool()(both)))

    references = [joined(layers.GlobalAveragePooling2D, *places) for places in ((0, 1), (1, 0))]
    rows = {name: X[name] for name in ("image", "other")}
    for places in ((0, 1), (1, 0)):
        with pytest.raises(CheckFailed) as failure:
            checks.check_computes(joined(layers.GlobalMaxPooling2D, *places), references, rows)
        assert failure.value.fault is Fault.POOLING


def test_a_slip_that_shows_with_some_weights_only_is_named():
    # Of 16 positive pixels these weights make positive numbers first, as they are drawn: there a ReLU does nothing.
    rows = np.ones((4, 16), "float32")
    asked, found = (one(layers.Dense(1, activation=each), shape=(16,)) for each in ("relu", None))
    with pytest.raises(CheckFailed) as failure:
        checks.check_computes(found, asked, rows)
    assert failure.value.fault is Fault.ACTIVATION


def test_an_output_that_differs_with_some_weights_only_is_named_with_the_others():
    def two(activation, join):
        entry = keras.Input((16,))
        left, right = layers.Dense(1, activation=activation)(entry), layers.Dense(3, activation=join)(entry)
        return keras.Model(entry, {"a": left, "b": right, "c": layers.Dense(2)(entry)})

    with pytest.raises(CheckFailed, match=" at output 'a' and 'b': with the right weights"):
        checks.check_computes(two(None, "tanh"), two("relu", "sigmoid"), np.ones((4, 16), "float32"))


def one(*steps, shape=(8, 8, 2)) -> keras.Model:
    entry = x = keras.Input(shape)
    for step in steps:
        x = step(x)
    return keras.Model(entry, x)


def compared(join, shape=(6,)) -> keras.Model:
    a, b = keras.Input(shape), keras.Input(shape)
    return keras.Model([a, b], layers.Dense(2, activation="tanh")(join(a, b)))


PAIR = [NUMBERS.normal(size=(6, 6)).astype("float32") for _ in range(2)]


MODELS = {
    "no abs": (
        lambda: compared(lambda a, b: keras.ops.abs(a - b)),
        lambda: compared(lambda a, b: a - b),
        Fault.MERGE,
    ),
    "square": (
        lambda: compared(lambda a, b: keras.ops.abs(a - b)),
        lambda: compared(lambda a, b: keras.ops.square(a - b)),
        Fault.MERGE,
    ),
    "turned": (lambda: compared(lambda a, b: a - b), lambda: compared(lambda a, b: b - a), Fault.ORDER),
    "sum": (lambda: compared(lambda a, b: a * b), lambda: compared(lambda a, b: a + b), Fault.MERGE),
    "pool": (
        lambda: one(layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(2)),
        lambda: one(layers.AveragePooling2D(2), layers.Flatten(), layers.Dense(2)),
        Fault.POOLING,
    ),
    "mean": (
        lambda: one(lambda x: keras.ops.mean(x, axis=(1, 2)), layers.Dense(2)),
        lambda: one(lambda x: keras.ops.max(x, axis=(1, 2)), layers.Dense(2)),
        Fault.POOLING,
    ),
    "relu": (lambda: one(layers.Dense(3), layers.ReLU()), lambda: one(layers.Dense(3)), Fault.ACTIVATION),
    "half": (lambda: one(layers.Dense(3), lambda x: x * 0.5), lambda: one(layers.Dense(3)), Fault.SCALE),
    "triple": (lambda: one(layers.Dense(3)), lambda: one(layers.Dense(3), lambda x: x * 3.0), Fault.SCALE),
    "nan": (lambda: one(layers.Dense(3)), lambda: one(layers.Dense(3), lambda x: x * float("nan")), Fault.NUMBERS),
    "flat": (lambda: one(layers.Dense(3)), lambda: one(layers.Dense(3), layers.Flatten()), Fault.SHAPE),
    "plus": (lambda: one(layers.Dense(3)), lambda: one(layers.Dense(3), lambda x: x + 1.0), Fault.OUTPUTS),
    "unit": (
        lambda: one(layers.UnitNormalization(), layers.Dense(3)),
        lambda: one(layers.Dense(3)),
        Fault.SCALE,
    ),
    "valid": (
        lambda: one(layers.Conv2D(2, 3, padding="same", activation="relu")),
        lambda: one(layers.Conv2D(2, 3, activation="relu")),
        Fault.PADDING,
    ),
    "strides of a pool": (
        lambda: one(layers.MaxPooling2D(2, strides=1), layers.GlobalAveragePooling2D(), layers.Dense(2)),
        lambda: one(layers.MaxPooling2D(2), layers.GlobalAveragePooling2D(), layers.Dense(2)),
        Fault.PADDING,
    ),
    "strides of three": (
        lambda: one(layers.Conv2D(2, 3), layers.GlobalMaxPooling2D()),
        lambda: one(layers.Conv2D(2, 3, strides=3), layers.GlobalMaxPooling2D()),
        Fault.PADDING,
    ),
    "flat, in 255ths": (
        lambda: one(lambda x: x / 255, layers.Dense(3, activation="tanh"), shape=(6,)),
        lambda: one(layers.Dense(3, activation="tanh"), shape=(6,)),
        Fault.SCALE,
    ),
    "flat, twice in 255ths": (
        lambda: one(layers.Dense(3, activation="tanh"), shape=(6,)),
        lambda: one(lambda x: x / 255, layers.Dense(3, activation="tanh"), shape=(6,)),
        Fault.SCALE,
    ),
    "variance": (
        lambda: one(lambda x: keras.ops.std(x, axis=(1, 2)), layers.Dense(2)),
        lambda: one(lambda x: keras.ops.var(x, axis=(1, 2)), layers.Dense(2)),
        Fault.SCALE,
    ),
    "no root": (
        lambda: one(lambda x: keras.ops.sqrt(keras.ops.var(x, axis=(1, 2))), layers.Dense(2)),
        lambda: one(lambda x: keras.ops.var(x, axis=(1, 2)), layers.Dense(2)),
        Fault.SCALE,
    ),
    "by d, not by its root": (
        lambda: one(layers.Dense(9), lambda x: keras.ops.softmax(x / 3.0), layers.Dense(2)),
        lambda: one(layers.Dense(9), lambda x: keras.ops.softmax(x / 9.0), layers.Dense(2)),
        Fault.SCALE,
    ),
    "by the root of d": (
        lambda: one(layers.Dense(9), lambda x: keras.ops.softmax(x * 9.0), layers.Dense(2)),
        lambda: one(layers.Dense(9), lambda x: keras.ops.softmax(x * 3.0), layers.Dense(2)),
        Fault.SCALE,
    ),
    "softmax along rows": (
        lambda: one(layers.Dense(3), layers.Softmax()),
        lambda: one(layers.Dense(3), layers.Softmax(axis=1)),
        Fault.ACTIVATION,
    ),
    "softmax of an operation": (
        lambda: one(layers.Dense(3), lambda x: keras.ops.softmax(x, axis=2), layers.Dense(2)),
        lambda: one(layers.Dense(3), lambda x: keras.ops.softmax(x, axis=-1), layers.Dense(2)),
        Fault.ACTIVATION,
    ),
    "softmax in a layer": (
        lambda: one(layers.Dense(3, activation="softmax")),
        lambda: one(layers.Dense(3), layers.Softmax(axis=1)),
        Fault.ACTIVATION,
    ),
}


@pytest.mark.parametrize(("asked", "found", "fault"), MODELS.values(), ids=MODELS)
def test_slips_in_layers_and_in_operations(asked, found, fault):
    asked, found = asked(), found()
    rows = PAIR if len(asked.inputs) > 1 else X["image"] if len(asked.inputs[0].shape) == 4 else PAIR[0]
    for check in (checks.check_computes, lambda found, asked, rows: checks.check_same_function(asked, found, rows)):
        with pytest.raises(CheckFailed) as failure:
            check(found, asked, rows)
        assert failure.value.fault is fault


class NoGraph(keras.Model):
    """A reference that records no graph."""

    def __init__(self, activation):
        super().__init__()
        self.dense = layers.Dense(3, activation=activation)

    def call(self, inputs):
        return self.dense(inputs)


def test_a_reference_that_no_slip_can_be_made_of_has_the_general_sentence():
    asked, found = NoGraph("relu"), NoGraph(None)
    for model in (asked, found):
        model(PAIR[0])
    with pytest.raises(CheckFailed, match="with the right weights its outputs differ") as failure:
        checks.check_computes(found, asked, PAIR[0])
    assert failure.value.fault is Fault.OUTPUTS


def test_a_large_reference_is_not_diagnosed(monkeypatch):
    from functional_course.checks import diagnosis

    monkeypatch.setattr(diagnosis, "_MOST_WORK", 1000)
    with pytest.raises(CheckFailed) as failure:
        checks.check_computes(one(layers.Dense(3)), one(layers.Dense(3, activation="relu")), X["image"])
    assert failure.value.fault is Fault.OUTPUTS


def test_what_fails_on_the_way_costs_nobody_a_verdict(monkeypatch):
    from functional_course.checks import diagnosis

    def fails(*_):
        raise RuntimeError("planted")

    monkeypatch.setattr(diagnosis, "slips_of", fails)
    asked = one(layers.Dense(3, activation="relu"))
    before = asked.get_weights()
    with pytest.raises(CheckFailed) as failure:
        checks.check_computes(one(layers.Dense(3)), asked, X["image"])
    assert failure.value.fault is Fault.OUTPUTS
    assert all(np.array_equal(*pair) for pair in zip(before, asked.get_weights(), strict=True))
