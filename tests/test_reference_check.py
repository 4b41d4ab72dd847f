"""A model against a reference: however it is built, and not when it computes something else."""

from __future__ import annotations

from functional_course import checks
from functional_course.checks import CheckFailed

import keras
import numpy as np
import pytest
from keras import layers

GENERATOR = np.random.default_rng(0)
X = {name: GENERATOR.normal(size=(5, 6, 6, 2)).astype("float32") for name in ("a", "b")}


class Inner(keras.Model):
    """A subclassed model without a graph."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.narrow = layers.Conv2D(4, 1, activation="relu")

    def call(self, inputs):
        return self.narrow(inputs)


def inputs():
    return keras.Input((6, 6, 2), name="a"), keras.Input((6, 6, 2), name="b")


def head(merged):
    return layers.Dense(3)(layers.GlobalAveragePooling2D()(merged))


def reference(order=(0, 1), activation="relu"):
    a, b = inputs()
    branches = [layers.Conv2D(4, 1, activation=activation)(a), layers.Conv2D(4, 3, padding="same")(b)]
    return keras.Model([a, b], head(layers.Concatenate()([branches[place] for place in order])))


def later_branch_first():
    a, b = inputs()
    from_b = layers.Conv2D(4, 3, padding="same")(b)
    return keras.Model({"b": b, "a": a}, head(layers.Concatenate()([layers.Dense(4, activation="relu")(a), from_b])))


def with_sequential_inside():
    a, b = inputs()
    wide = keras.Sequential([layers.Conv2D(4, 3, padding="same")])
    return keras.Model([b, a], head(layers.Concatenate()([layers.ReLU()(layers.Conv2D(4, 1)(a)), wide(b)])))


def with_subclass_inside():
    a, b = inputs()
    wide = layers.Conv2D(4, 3, padding="same")(b)
    return keras.Model([a, b], head(keras.ops.concatenate([Inner()(a), wide], axis=-1)))


@pytest.mark.parametrize("build", [reference, later_branch_first, with_sequential_inside, with_subclass_inside])
def test_the_same_function_passes_however_it_is_built(build):
    model, asked = build(), reference()
    before = [model.get_weights(), asked.get_weights()]
    checks.check_computes(model, asked, X)
    for old, kept in zip(before, (model, asked), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(old, kept.get_weights(), strict=True))


def test_any_of_several_references_will_do():
    other = reference(order=(1, 0))
    checks.check_computes(other, [reference(), reference(order=(1, 0))], X)
    with pytest.raises(CheckFailed, match="same outputs as the model that was asked for"):
        checks.check_computes(other, reference(), X)


def test_another_function_of_the_same_weights_is_refused():
    with pytest.raises(CheckFailed, match="differences of up to"):
        checks.check_computes(reference(activation=None), reference(), X)
    a, b = inputs()
    swapped = keras.Model([b, a], reference()([b, a]))
    with pytest.raises(CheckFailed, match="differences of up to"):
        checks.check_computes(swapped, reference(), X)


def test_other_weights_are_named():
    a, b = inputs()
    model = keras.Model(
        [a, b], head(layers.Concatenate()([layers.Conv2D(4, 1)(a), layers.Conv2D(5, 3, padding="same")(b)]))
    )
    with pytest.raises(CheckFailed) as failure:
        checks.check_computes(model, reference(), X)
    asked = "asked for weights of shapes 3×3×2×4, 8×3, 2×4, 4, 4, 3"
    assert str(failure.value) == f"{asked}; found 3×3×2×5, 9×3, 2×4, 5, 4, 3"


def test_other_output_shapes_and_nan_are_refused():
    pixels = keras.Input((4,), name="a")
    x = {"a": np.ones((3, 4), "float32")}
    dense = keras.Model(pixels, layers.Dense(2)(pixels))
    for other, said in (
        (keras.Model(pixels, layers.Reshape((2, 1))(layers.Dense(2)(pixels))), "other shapes"),
        (keras.Model(pixels, layers.Dense(2)(pixels) * float("nan")), "NaN"),
    ):
        with pytest.raises(CheckFailed, match=f"found {said}"):
            checks.check_computes(other, dense, x)


def test_statistics_stay_as_they_are_and_are_not_matched():
    rows = np.array([[1.0, 30.0], [3.0, 10.0], [8.0, 20.0]], "float32")
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    measured = keras.Input((2,), name="rows")
    adapted = layers.Normalization()
    adapted.adapt(rows)
    model = keras.Model(measured, layers.BatchNormalization()(layers.Dense(3)(adapted(measured))))
    scaled = layers.Rescaling(1 / spread, offset=-mean / spread)(measured)
    checks.check_computes(model, keras.Model(measured, layers.BatchNormalization()(layers.Dense(3)(scaled))), rows)
    with pytest.raises(CheckFailed, match="differences of up to"):
        checks.check_computes(
            model, keras.Model(measured, layers.BatchNormalization()(layers.Dense(3)(measured))), rows
        )


def normalized(*, frozen: bool = False, mean: float = 0.0, dropped: float = 0.0) -> keras.Model:
    entry = keras.Input((2,), name="rows")
    normal = layers.Normalization(mean=[mean, 1.0], variance=[1.0, 4.0]) if mean else layers.Normalization()
    normal.build((None, 2))
    if mean == 0:
        normal.adapt(np.array([[1.0, 30.0], [3.0, 10.0]], "float32"))
    statistics = layers.BatchNormalization()
    out = layers.Dropout(dropped)(statistics(layers.Dense(3, trainable=not frozen)(normal(entry))))
    return keras.Model(entry, out)


def test_other_statistics_are_other_numbers():
    rows = np.array([[1.0, 30.0], [3.0, 10.0], [8.0, 20.0]], "float32")
    other = normalized()
    checks.check_computes(other, normalized(), rows)
    other.layers[3].moving_mean.assign([1.0, 2.0, 3.0])
    before = other.get_weights()
    with pytest.raises(CheckFailed, match="found other numbers in weights that don't train") as failure:
        checks.check_computes(other, normalized(), rows)
    assert failure.value.fault is checks.Fault.NUMBERS
    assert all(np.array_equal(*pair) for pair in zip(before, other.get_weights(), strict=True))
    other = normalized()
    other.layers[1].mean.assign([[5.0, 5.0]]) if hasattr(other.layers[1].mean, "assign") else None
    other.layers[3].moving_variance.assign([4.0, 4.0, 4.0])
    with pytest.raises(CheckFailed) as failure:
        checks.check_computes(keras.Model(other.inputs, layers.ReLU()(other.outputs[0])), normalized(), rows)
    assert failure.value.fault is not checks.Fault.NUMBERS


def test_what_only_trains_otherwise_is_told_so():
    rows = np.ones((3, 2), "float32")
    with pytest.raises(CheckFailed, match="the others are there, and don't") as failure:
        checks.check_computes(normalized(frozen=True), normalized(), rows)
    assert failure.value.fault is checks.Fault.TRAINS
    with pytest.raises(CheckFailed) as failure:
        checks.check_computes(normalized(), normalized(frozen=True), rows)
    assert failure.value.fault is checks.Fault.TRAINS


def test_too_many_orders_are_refused():
    def model():
        a = x = keras.Input((4,), name="a")
        for _ in range(6):
            x = layers.Dense(4)(x)
        return keras.Model(a, x)

    with pytest.raises(ValueError, match="give the layers different widths"):
        checks.check_computes(model(), model(), {"a": np.ones((3, 4), "float32")})
