"""Floating-point operations against counts made by hand."""

from __future__ import annotations

from functional_course.models import Cost, UnknownCostError, by_layer, count_flops

import keras
import pytest
from keras import layers


def model_of(shape: tuple[int | None, ...], *stack) -> keras.Model:
    inputs = x = keras.Input(shape)
    for layer in stack:
        x = layer(x)
    return keras.Model(inputs, x)


@pytest.mark.parametrize(
    ("shape", "layer", "flops"),
    [
        # 3 inputs, 2 units: 6 multiplications and 6 additions; 2 biases; 2 activations.
        ((3,), layers.Dense(2, use_bias=False), 12),
        ((3,), layers.Dense(2), 14),
        ((3,), layers.Dense(2, activation="relu"), 16),
        # The same weights at 5 places.
        ((5, 3), layers.Dense(2), 5 * 14),
        # 6 × 6 places, 4 filters, each 3 × 3 × 2 weights.
        ((8, 8, 2), layers.Conv2D(4, 3, use_bias=False), 36 * 4 * (2 * 18)),
        ((8, 8, 2), layers.Conv2D(4, 3, activation="relu"), 36 * 4 * (2 * 18 + 2)),
        ((8, 8, 2), layers.Conv2D(4, 3, padding="same"), 64 * 4 * (2 * 18 + 1)),
        ((8, 8, 2), layers.Conv2D(4, 3, strides=2), 9 * 4 * (2 * 18 + 1)),
        # Two groups: each filter sees one of the two channels.
        ((8, 8, 2), layers.Conv2D(4, 3, groups=2, use_bias=False), 36 * 4 * (2 * 9)),
        ((10, 4), layers.Conv1D(3, 5), 6 * 3 * (2 * 20 + 1)),
        ((8, 8, 2), layers.MaxPooling2D(2), 8 * 8 * 2),
        ((10, 4), layers.AveragePooling1D(2), 40),
        ((8, 8, 2), layers.GlobalAveragePooling2D(), 128),
        ((8, 8, 2), layers.BatchNormalization(), 256),
        ((7,), layers.Activation("relu"), 7),
        ((8, 8, 2), layers.Flatten(), 0),
        ((7,), layers.Dropout(0.5), 0),
        ((7,), keras.ops.abs, 7),
    ],
)
def test_layers_against_counts_by_hand(shape: tuple[int, ...], layer, flops: int):
    assert count_flops(model_of(shape, layer)) == flops


def test_merges_count_all_but_one_of_their_inputs():
    a, b, c = (keras.Input((5,)) for _ in range(3))
    assert count_flops(keras.Model([a, b, c], layers.Add()([a, b, c]))) == 10
    assert count_flops(keras.Model([a, b], layers.Concatenate()([a, b]))) == 0
    assert count_flops(keras.Model([a, b], keras.ops.abs(a - b))) == 10


def test_a_shared_layer_computes_twice_and_weighs_once():
    a, b = keras.Input((3,)), keras.Input((3,))
    dense = layers.Dense(2, name="shared")
    shared = keras.Model([a, b], layers.Add(name="sum")([dense(a), dense(b)]))
    assert by_layer(shared) == [Cost("shared", "Dense", 2, 28, 8), Cost("sum", "Add", 1, 2, 0)]
    separate = keras.Model([a, b], layers.Add()([layers.Dense(2)(a), layers.Dense(2)(b)]))
    assert count_flops(shared) == count_flops(separate) == 30


def test_a_shared_tensor_is_computed_once():
    x = keras.Input((3,))
    trunk = layers.Dense(2)(x)
    assert count_flops(keras.Model(x, [layers.Dense(1)(trunk), layers.Dense(1)(trunk)])) == 14 + 5 + 5


def test_a_nested_model_costs_what_is_inside_at_each_call():
    encoder = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dense(1)], name="encoder")
    a, b = keras.Input((3,)), keras.Input((3,))
    model = keras.Model([a, b], [encoder(a), encoder(b)])
    assert by_layer(model) == [Cost("encoder", "Sequential", 2, 2 * (14 + 5), 11)]


def test_what_the_rule_does_not_name_is_refused():
    with pytest.raises(UnknownCostError, match=r"does not say what 'recurrent' \(LSTM\) costs"):
        count_flops(model_of((4, 2), layers.LSTM(3, name="recurrent")))
    with pytest.raises(UnknownCostError, match="Conv2DTranspose"):
        count_flops(model_of((8, 8, 2), layers.Conv2DTranspose(4, 3)))
    with pytest.raises(UnknownCostError, match=r"shape \(None, None, 3\)"):
        count_flops(model_of((None, 3), layers.Dense(2)))
