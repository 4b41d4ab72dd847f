"""Every layer of ``keras.layers`` and every operation of ``keras.ops`` is drawn or described, whatever its settings."""

from __future__ import annotations

import doctest
import functools
import inspect
import warnings

from functional_course import diagrams
from functional_course.diagrams import labels, values
from functional_course.diagrams.facts import Activation, Holding, Parameters, Setting, Settings
from functional_course.diagrams.layout import lay_out
from functional_course.diagrams.scene import Choice, scene_of
from functional_course.diagrams.values import plain, setting
from functional_course.diagrams.words import lines, sentence

import keras
import numpy as np
import pytest
from keras import layers, ops

ROW, STEPS, MAP, VIDEO = (8,), (6, 4), (8, 8, 3), (4, 8, 8, 2)


def words_of(model: keras.Model) -> str:
    """All that a diagram says, without its picture: boxes, places and words."""
    scene = scene_of(model, Choice())
    assert lay_out(scene).boxes
    return "\n".join([sentence(scene), *lines(scene)])


def of_one(layer, *shapes, **options) -> str:
    """The words for a model of one layer."""
    dtype = options.pop("dtype", None)
    entries = [keras.Input(shape, dtype=dtype) for shape in shapes]
    return words_of(keras.Model(entries, layer(entries if len(entries) > 1 else entries[0], **options)))


# Layers with odd arguments, and those that need others than `BY_NAME` has, each with the shapes of its inputs.
ODD = [
    (lambda: layers.Activation(keras.activations.softmax), ROW),
    (lambda: layers.Activation(lambda x: x * 2), ROW),
    (lambda: layers.Activation(layers.LeakyReLU()), ROW),
    (lambda: layers.AdaptiveAveragePooling2D((2, 4)), MAP),
    (lambda: layers.Bidirectional(layers.GRU(3, name="read"), merge_mode="sum"), STEPS),
    (lambda: layers.Bidirectional(layers.LSTM(3), merge_mode=None), STEPS),
    (lambda: layers.Bidirectional(layers.LSTM(3), backward_layer=layers.GRU(3, go_backwards=True)), STEPS),
    (lambda: layers.CategoryEncoding(5, output_mode="one_hot"), (1,)),
    (lambda: layers.Conv2D(2, (1, 3), (2, 1), padding="same", dilation_rate=1, activation=layers.ReLU(6.0)), MAP),
    (lambda: layers.Conv1D(2, 3, padding="causal", dilation_rate=2, use_bias=False), STEPS),
    (lambda: layers.Cropping1D((1, 2)), STEPS),
    (lambda: layers.Dense(3, activation=layers.LeakyReLU(negative_slope=0.1)), ROW),
    (lambda: layers.Dense(3, activation=lambda x: x), ROW),
    (lambda: layers.Dense(3, activation=functools.partial(ops.leaky_relu, negative_slope=0.3)), ROW),
    (lambda: layers.Discretization(bin_boundaries=[0.0, 1.0]), ROW),
    (lambda: layers.Dot(axes=1), ROW, ROW),
    (lambda: layers.Dot(axes=(2, 1), normalize=True), STEPS, (4, 2)),
    (lambda: layers.Dropout(np.float32(0.25), noise_shape=(None, 1)), ROW),
    (lambda: layers.EinsumDense("abc,cd->abd", output_shape=(None, 5)), STEPS),
    (lambda: layers.Embedding(9, 2, mask_zero=True), ROW),
    (lambda: layers.GroupNormalization(1), MAP),
    (lambda: layers.Lambda(lambda x: x + 1), ROW),
    (lambda: layers.Lambda(functools.partial(ops.sum, axis=-1)), STEPS),
    (lambda: layers.LeakyReLU(np.float64(0.1)), ROW),
    (lambda: layers.Masking(-1.0), STEPS),
    (lambda: layers.Normalization(mean=1.0, variance=4.0), ROW),
    (lambda: layers.Normalization(mean=np.ones(8), variance=np.ones(8)), ROW),
    (lambda: layers.Permute((2, 1)), STEPS),
    (lambda: layers.PReLU(shared_axes=[1, 2]), MAP),
    (lambda: layers.ReLU(6.0, 0.1, 0.5), ROW),
    (lambda: layers.RandomPosterization(4), MAP),
    (lambda: layers.RepeatVector(3), ROW),
    (lambda: layers.Rescaling([1, 2, 3], [0, 0, 1]), MAP),
    (lambda: layers.Rescaling(np.ones(3), np.float32(-1)), MAP),
    (lambda: layers.Rescaling((0.5,) * 8), ROW),
    (lambda: layers.Rescaling(np.float64(2), offset=np.array(-1.0)), ROW),
    (lambda: layers.Reshape((-1,)), MAP),
    (lambda: layers.RNN(layers.LSTMCell(3)), STEPS),
    (lambda: layers.RNN([layers.GRUCell(2), layers.GRUCell(3)]), STEPS),
    (lambda: layers.SpectralNormalization(layers.Dense(3)), ROW),
    (lambda: layers.STFTSpectrogram(), (2000, 1)),
    (lambda: layers.TimeDistributed(layers.Dense(3, name="read")), STEPS),
    (lambda: layers.TimeDistributed(layers.Lambda(lambda x: x)), STEPS),
    (lambda: layers.Softmax((1, 2)), MAP),
    (lambda: layers.UnitNormalization((1, 2)), MAP),
    (lambda: layers.UpSampling2D((2, 3)), MAP),
    (lambda: layers.ZeroPadding2D(((1, 0), (2, 1))), MAP),
]
WORDS = [
    (lambda: layers.Hashing(4), (3,), "string"),
    (lambda: layers.StringLookup(vocabulary=["a", "b"]), (3,), "string"),
    (lambda: layers.IntegerLookup(vocabulary=[1, 2]), (3,), "int64"),
    (lambda: layers.TextVectorization(vocabulary=["a", "b"]), (1,), "string"),
]
# Abstract, of other libraries, or what a layer is made of.
NO_LAYERS = {"Layer", "Wrapper", "InputLayer", "TFSMLayer", "JaxLayer", "FlaxLayer", "TorchModuleWrapper", "Pipeline"}
NO_LAYERS |= {"LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"}
# Keras 3.15 cannot make a model with it: its output is its input.
NO_LAYERS |= {"Equalization"}
# It takes a dict of boxes, and has no settings.
NO_LAYERS |= {"MaxNumBoundingBoxes"}
# What arguments without a default are given, by name.
BY_NAME = {
    **{"filters": 2, "kernel_size": 2, "units": 3, "rate": 0.5, "factor": 0.2, "head_dim": 4, "num_query_heads": 4},
    **{"num_key_value_heads": 2, "num_heads": 2, "key_dim": 3, "height": 4, "width": 4, "stddev": 0.1, "num_tokens": 4},
    **{"height_factor": 0.1, "num_bins": 4, "scale": 2.0, "output_size": 2, "activation": "relu", "input_dim": 9},
    **{
        "output_dim": 2,
        "function": abs,
        "n": 3,
        "dims": (2, 1),
        "target_shape": (-1,),
        "axes": -1,
        "equation": "ab,bc->ac",
    },
    **{"output_shape": (3,), "pool_size": 2, "width_factor": 0.1},
}
CLASSES = sorted(
    name
    for name, kind in vars(layers).items()
    if inspect.isclass(kind) and issubclass(kind, layers.Layer) and name not in NO_LAYERS
)
IN_ODD = {"Bidirectional", "CategoryEncoding", "Discretization", "Lambda", "RNN", "TimeDistributed"}
IN_ODD |= {"GroupNormalization", "RandomPosterization", "SpectralNormalization", "STFTSpectrogram"}
IN_WORDS = {"Hashing", "HashedCrossing", "IntegerLookup", "StringLookup", "TextVectorization"}


def with_defaults(kind: type) -> keras.Model | None:
    """A model of one layer with as few arguments as it takes, for the first of the usual inputs that fit."""
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    needed = [
        each.name for each in parameters if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD
    ]
    for shapes in ((MAP,), (STEPS,), (ROW,), (VIDEO,), ((3, 4, 4, 4, 2),), (ROW, ROW), (STEPS, STEPS)):
        entries = [keras.Input(shape) for shape in shapes]
        for given in ([entries if len(entries) > 1 else entries[0]], entries):
            try:
                layer = kind(**{name: BY_NAME[name] for name in needed if name in BY_NAME})
                return keras.Model(entries, layer(*given))
            except Exception:  # not these inputs
                continue
    return None


@pytest.fixture(autouse=True)
def _without_keras_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about odd arguments
        yield


@pytest.mark.parametrize("name", CLASSES)
def test_every_layer_is_described(name: str):
    if name in IN_ODD | IN_WORDS:
        return
    model = with_defaults(getattr(layers, name))
    assert model is not None, f"none of the usual inputs fit {name}: add what it needs to BY_NAME, or to ODD"
    text = words_of(model)
    assert f"\n{getattr(layers, name).__name__}" in text and " at 0x" not in text


def test_every_layer_is_described_with_odd_arguments():
    for make, *shapes in ODD:
        layer = make()
        text = of_one(layer, *shapes)
        assert type(layer).__name__ in text and " at 0x" not in text and "np." not in text
    for make, shape, dtype in WORDS:
        assert type(make()).__name__ in of_one(make(), shape, dtype=dtype)


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        (lambda: layers.Dense(3, activation=layers.LeakyReLU(negative_slope=0.1)), ROW, "Dense (LeakyReLU, slope 0.1;"),
        (lambda: layers.Dense(3, activation=functools.partial(ops.elu, alpha=2.0)), ROW, "Dense (elu;"),
        (lambda: layers.Dense(3, activation=lambda x: x), ROW, "Dense (lambda;"),
        (lambda: layers.Dense(3, activation="linear"), ROW, "Dense (27 parameters)"),
        (lambda: layers.Bidirectional(layers.GRU(3), merge_mode="sum"), STEPS, "Bidirectional (of GRU, merge sum;"),
        (lambda: layers.Bidirectional(layers.GRU(3)), STEPS, "Bidirectional (of GRU;"),
        (lambda: layers.Bidirectional(layers.GRU(3, name="read")), STEPS, "Bidirectional (of GRU “read”;"),
        (lambda: layers.LSTM(3, activation="relu"), STEPS, "LSTM (relu;"),
        (lambda: layers.Rescaling([1, 2, 3]), MAP, "Rescaling (× [1, 2, 3])"),
        (lambda: layers.Rescaling((0.5,) * 8), ROW, "Rescaling (× 8 numbers)"),
        (lambda: layers.Rescaling(np.ones(3), 2), MAP, "Rescaling (× array (3,) + 2)"),
        (lambda: layers.Rescaling(1 / 255), MAP, "Rescaling (× 0.003922)"),
        (lambda: layers.LeakyReLU(negative_slope=0.1), ROW, "LeakyReLU (slope 0.1)"),
        (lambda: layers.ReLU(max_value=6), ROW, "ReLU (at most 6)"),
        (lambda: layers.ReLU(), ROW, "ReLU takes"),
    ],
)
def test_what_it_says(layer, shape, said: str):
    assert said in of_one(layer(), shape)


class Own(layers.Layer):
    """A layer with settings of any type, under names that layers of Keras have."""

    def __init__(self, settings, **options):
        super().__init__(**options)
        self.settings = settings

    def call(self, inputs):
        return inputs * 1.0

    def get_config(self):
        return {**super().get_config(), **self.settings}


NAMES = ("rate", "activation", "strides", "pool_size", "kernel_size", "padding", "dilation_rate", "num_heads", "axis")
VALUES = [
    *(None, True, 3, 0.5, float("inf"), float("nan"), np.float32(0.1), np.ones((2, 3)), np.array(2.0), "a lot", b"raw"),
    *(
        (1, 2),
        [],
        (),
        [None, "x"],
        {"a": 1},
        {"class_name": 3},
        {1, 2},
        len,
        object,
        object(),
        "$x_1^$",
        "a\nb",
        1 + 2j,
    ),
]


def test_settings_of_any_type_are_described():
    for value in VALUES:
        text = of_one(Own({**dict.fromkeys(NAMES, value), "key_dim": value}), ROW)
        assert "Own" in text and " at 0x" not in text


@pytest.mark.parametrize(
    "config", [None, 3, [], {1: 2}, RuntimeError("none"), {"name": None}, {"rate": RecursionError}, {"layer": "Dense"}]
)
def test_a_layer_that_describes_itself_badly_is_a_box(config):
    class Odd(layers.Layer):
        def call(self, inputs):
            return inputs

        def get_config(self):
            if isinstance(config, Exception):
                raise config
            return config

    assert "Odd" in of_one(Odd(), ROW)


# --- operations ------------------------------------------------------------------------------------------------------


def operations() -> list[str]:
    """Those that make a tensor of one tensor."""
    found = []
    for name in sorted(dir(ops)):
        if name.startswith("_") or not callable(getattr(ops, name)):
            continue
        entry = keras.Input((4, 4))
        try:
            made = keras.Model(entry, getattr(ops, name)(entry))
        except Exception:  # it needs more than one tensor
            continue
        text = words_of(made)
        assert " at 0x" not in text
        found.append(name)
    return found


def test_every_operation_on_a_tensor_is_described():
    assert len(operations()) > 80


def test_operations_with_odd_arguments_are_described():
    x, mask = keras.Input((4, 4)), keras.Input((4, 4), dtype="bool")
    infinite = float("inf")
    for made, said in [
        (ops.where(mask, x, -infinite), "-inf"),
        (ops.where(mask, x, float("nan")), "nan"),
        (ops.clip(x, 0, infinite), "inf"),
        (ops.clip(x, np.float32(-1), np.float64("inf")), "inf"),
        (x / np.sqrt(64), "8.0"),
        (x * np.float32(0.1), "0.1"),
        (x + np.int64(3), "3"),
        (x * np.ones((4, 4), "float32"), "array (4, 4)"),
        (x * ops.ones((4, 1)), "array (4, 1)"),
        (x + ops.convert_to_tensor(2.5), "2.5"),
        (x[:, ::2], "x[:, ::2]"),
        (x[..., None], "x[..., None]"),
        (x[:, 1], "x[:, 1]"),
        (x[:, -1:], "x[:, -1:]"),
        (ops.reshape(x, (-1, np.int64(16))), "(-1, 16)"),
        (ops.transpose(x, axes=(0, 2, 1)), "axes=(0, 2, 1)"),
        (ops.pad(x, [[0, 0], [1, 1], [0, 0]]), "[[0, 0], [1, 1], [0, 0]]"),
        (ops.cast(x, "int32"), "int32"),
        (ops.sum(x, axis=[1, 2]), "axis="),
        (ops.einsum("bij,bjk->bik", x, x), "bij,bjk->bik"),
        (ops.softmax(x, axis=np.int64(1)), "axis=1"),
        (ops.concatenate([x, x], axis=-1), "axis=-1"),
        (ops.stack(ops.split(x, 2, axis=1), axis=0), "axis=1"),
    ]:
        text = words_of(keras.Model([x, mask], made))
        assert said in text and "np." not in text and " at 0x" not in text, text


# --- facts, which become words last ----------------------------------------------------------------------------------


def facts_of(layer, shape) -> tuple:
    """The box of the only layer of a model, and the wires into it and out of it."""
    entry = keras.Input(shape)
    scene = scene_of(keras.Model(entry, layer(entry)), Choice())
    (box,) = [box for box in scene.boxes if box.kind == "layer"]
    return box, scene.wires


def test_a_scene_holds_numbers_and_settings_and_no_words():
    box, (into, out) = facts_of(layers.Conv2D(2, 3, strides=2, activation="relu", trainable=False), MAP)
    assert box.parameters == Parameters(frozen=56) and box.frozen
    assert (into.shape, out.shape, out.dtype, out.output) == ((None, 8, 8, 3), (None, 3, 3, 2), "float32", 0)
    settings = (Setting("kernel_size", (3, 3)), Setting("strides", (2, 2)), Activation("relu"))
    assert box.details == (Settings(settings),)
    box, _ = facts_of(layers.Bidirectional(layers.LSTM(3), merge_mode="sum"), STEPS)
    assert box.details == (Holding("LSTM", merge="sum"),) and box.parameters == Parameters(192)


@pytest.mark.parametrize("module", [labels, values])
def test_the_examples_say_what_they_print(module):
    result = doctest.testmod(module, extraglobs={"np": np})
    assert result.attempted >= 2 and not result.failed


# --- what a picture holds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.25, "0.25"),
        (1e-7, "1e-07"),
        (np.float64(8), "8"),
        (True, "True"),
        (10**30, "1" + "0" * 30),
        (float("-inf"), "-inf"),
        ((), "()"),
        ((1,), "(1,)"),
        (range(3), "range(0, 3)"),
        (keras.initializers.Zeros(), "Zeros"),
        ("two\nlines", "two lines"),
        ("x" * 99, "x" * 29 + "…"),
    ],
)
def test_settings_in_a_few_letters(value, said: str):
    assert setting(value) == said


def test_text_is_one_line_of_letters():
    assert plain("a\tb\x00c\u202ed\ud800") == "a b\ufffdc\ufffdd\ufffd"
    assert len(plain("long" * 100)) == 60
    assert plain("größer 概要 🙂 $x^2$ <b>") == "größer 概要 🙂 $x^2$ <b>"


ODD_NAMES = (
    "$x^",
    "a$b$",
    "\\alpha $\\frac{1}$",
    "<b>&amp;",
    "two\nlines",
    "概要 🙂",
    "\x07\u202eevil",
    "%s {0}",
    "n" * 300,
)


def test_names_that_look_like_markup_are_drawn_as_they_are():
    x = entry = keras.Input((4,), name="in $put")
    for name in ODD_NAMES:
        x = Own({"rate": "$50_{"}, name=name)(x)
    model = keras.Model(entry, x, name="$model^")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = diagrams.draw(model, fold=False)
    for said in ("$x^", "a$b$", "&lt;b&gt;&amp;amp;", "two lines", "概要 🙂", "%s {0}", "rate $50_{"):
        assert said in picture.svg
    assert "$x^" in picture.text and "\u202e" not in picture.svg + picture.text
