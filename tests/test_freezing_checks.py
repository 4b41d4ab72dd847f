"""The checks of what does not change: right models, wrong ones, and odd but right ones."""

from __future__ import annotations

from functional_course import checks
from functional_course.checks import CheckFailed

import keras
import numpy as np
import pytest
from keras import layers

GENERATOR = np.random.default_rng(0)
X = (GENERATOR.normal(size=(12, 4)) + 3).astype("float32")
Y = GENERATOR.normal(size=(12, 1)).astype("float32")


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)


@keras.saving.register_keras_serializable("test_freezing_checks")
class Still(layers.Layer):
    """Calls what it holds in inference mode, whatever it is told."""

    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, inputs):
        return self.inner(inputs, training=False)


def make_base(**options) -> keras.Model:
    return keras.Sequential(
        [keras.Input((4,)), layers.Dense(5, name="dense"), layers.BatchNormalization(name="normal", **options)],
        name="base",
    )


def with_head(base, call=lambda base, rows: base(rows)) -> keras.Model:
    rows = keras.Input((4,))
    return keras.Model(rows, layers.Dense(1, name="head")(call(base, rows)))


def trained(model: keras.Model) -> keras.Model:
    model.compile("sgd", "mse")
    return model


def refused(check, *arguments, **options) -> str:
    with pytest.raises(CheckFailed) as failure:
        check(*arguments, **options)
    return str(failure.value)


# --- frozen ----------------------------------------------------------------------------------------------------------


def whole(base):
    base.trainable = False
    return with_head(base)


def layer_by_layer(base):
    for layer in base.layers:
        layer.trainable = False
    return with_head(base)


def flat(base):
    base.trainable = False
    return keras.Model(base.inputs[0], layers.Dense(1, name="head")(base.outputs[0]))


def deeper(base):
    base.trainable = False
    return with_head(keras.Sequential([base]))


@pytest.mark.parametrize("freeze", [whole, layer_by_layer, flat, deeper])
def test_a_frozen_base_passes_and_is_left_as_it_was(freeze):
    base = make_base()
    model = trained(freeze(base))
    before = model.get_weights()
    checks.check_frozen(model, base)
    checks.check_stays_frozen(model, base, X, Y)
    checks.check_statistics_kept(model, X)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_a_base_that_trains_is_told():
    base = make_base()
    model = trained(with_head(base))
    assert "asked for 'base' frozen; found 4 weights in it that train: base/dense/kernel" in refused(
        checks.check_frozen, model, base
    )
    message = refused(checks.check_stays_frozen, model, base, X, Y)
    assert "asked for 'base' unchanged by fit; found 6 weights that changed: base/dense/kernel" in message


def test_one_loose_layer_is_enough():
    base = make_base()
    base.trainable = False
    base.get_layer("dense").trainable = True
    model = trained(with_head(base))
    assert "found 2 weights in it that train" in refused(checks.check_frozen, model, base)
    checks.check_frozen(model, base.get_layer("normal"))


def test_frozen_weights_with_moving_statistics_change():
    base = make_base()
    for layer in base.layers:
        layer.trainable = isinstance(layer, layers.BatchNormalization)
    base.get_layer("normal").gamma.trainable = base.get_layer("normal").beta.trainable = False
    model = trained(with_head(base))
    checks.check_frozen(model, base)
    message = refused(checks.check_stays_frozen, model, base, X, Y)
    assert "found 2 weights that changed: base/normal/moving_mean" in message


def test_frozen_after_fit_without_compile_still_trains():
    base = make_base()
    model = trained(with_head(base))
    model.fit(X, Y, verbose=0)
    base.trainable = False
    checks.check_frozen(model, base)
    assert "unchanged by fit; found" in refused(checks.check_stays_frozen, model, base, X, Y)
    trained(model)
    checks.check_stays_frozen(model, base, X, Y)


def test_a_model_that_learns_nothing_does_not_pass():
    base = make_base()
    model = with_head(base)
    assert "asked for a compiled model" in refused(checks.check_stays_frozen, model, base, X, Y)
    model.trainable = False
    message = refused(checks.check_stays_frozen, trained(model), base, X, Y)
    assert "asked for something besides 'base' to learn in fit; found no weight that changed" in message


def test_a_frozen_weight_that_becomes_no_number_has_changed():
    base = make_base()
    base.trainable = False
    base.get_layer("dense").kernel.assign(np.full((4, 5), np.nan))
    refused(checks.check_stays_frozen, trained(with_head(base)), base, X, Y)


def test_another_base_is_not_this_one():
    base = make_base()
    base.trainable = False
    model = trained(with_head(keras.Sequential([keras.models.clone_model(base)])))
    for check in (checks.check_frozen, lambda *given: checks.check_stays_frozen(*given, X, Y)):
        message = refused(check, model, base)
        assert "asked for the 6 weights of 'base' in the model; found none of them" in message
    assert "asked for weights in" in refused(checks.check_frozen, model, layers.Flatten())


# --- statistics ------------------------------------------------------------------------------------------------------


def test_training_false_in_the_call_does_not_keep_statistics():
    model = with_head(make_base(), lambda base, rows: base(rows, training=False))
    before = model.get_weights()
    message = refused(checks.check_statistics_kept, model, X)
    assert "asked for statistics that training leaves alone; found 1 of 1 moved: normal by" in message
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize("by", [True, False])
def test_a_layer_of_inference_and_a_frozen_one_keep_statistics(by):
    base = make_base()
    if not by:
        base.get_layer("normal").trainable = False
    model = with_head(base, (lambda base, rows: Still(base)(rows)) if by else lambda base, rows: base(rows))
    checks.check_statistics_kept(model, X)


def test_only_the_part_is_looked_at():
    base = make_base()
    base.trainable = False
    rows = keras.Input((4,))
    model = keras.Model(rows, layers.Dense(1)(layers.BatchNormalization(name="own")(base(rows))))
    checks.check_statistics_kept(model, X, base)
    assert "1 of 2 moved: own" in refused(checks.check_statistics_kept, model, X)
    assert "asked for a BatchNormalization in 'dense'; found none" in refused(
        checks.check_statistics_kept, model, X, base.get_layer("dense")
    )


# --- the source ------------------------------------------------------------------------------------------------------


def changed(source, act) -> str:
    with pytest.raises(CheckFailed) as failure, checks.check_unchanged(source, X):
        act(source)
    return str(failure.value)


def test_copies_leave_the_source_alone():
    source = make_base()
    with checks.check_unchanged(source, X):
        copy = keras.models.clone_model(source)
        copy.set_weights(source.get_weights())
        copy.trainable = False
        trained(with_head(copy)).fit(X, Y, verbose=0)


def test_a_frozen_source_is_used_and_thawed_again():
    source = make_base()
    with checks.check_unchanged(source, X):
        source.trainable = False
        trained(with_head(source)).fit(X, Y, verbose=0)
        source.trainable = True


def test_each_change_is_named():
    assert "asked for 'base' as it was; found 6 weights that changed: base/dense/kernel" in changed(
        make_base(), lambda source: trained(with_head(source)).fit(X, Y, verbose=0)
    )
    message = changed(make_base(), lambda source: setattr(source, "trainable", False))
    assert "found a different `trainable` at base, dense, normal" in message
    message = changed(make_base(), lambda source: setattr(source.get_layer("normal"), "trainable", False))
    assert "found a different `trainable` at normal" in message
    message = changed(make_base(), lambda source: source.add(layers.Dense(2)))
    assert "found different weights: 6 before and 8 after" in message
    message = changed(make_base(), lambda source: source.add(layers.Rescaling(2.0)))
    assert "found different layers in it" in message


def test_an_error_in_the_block_is_not_hidden():
    with pytest.raises(ZeroDivisionError), checks.check_unchanged(make_base(), X):
        raise ZeroDivisionError
