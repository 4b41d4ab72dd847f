"""Of numbers that aren't those asked for, and of models that learned too little, what is said is what is so."""

from __future__ import annotations

import itertools

from functional_course import checks
from functional_course.checks import Fault, Rubric
from functional_course.rubric.wording import IN_HIDDEN

import keras
import numpy as np
import pytest
from keras import layers

ROWS = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")


@pytest.mark.parametrize(
    ("found", "asked", "fault"),
    [
        ([0.2, 0.9], [0.9, 0.2], Fault.SWAPPED),
        ({"a": 3, "b": 1}, {"a": 1, "b": 3}, Fault.SWAPPED),
        (0.75, 0.25, Fault.TURNED),
        (-2.5, 2.5, Fault.SIGN),
        ([4.0, 9.0], [2.0, 3.0], Fault.POWER),
        ([2.0, 3.0], [4.0, 9.0], Fault.POWER),
        ([21.0, 41.0, 61.0], [1.0, 2.0, 3.0], Fault.SCALE),
        ([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], Fault.CONSTANT),
        ([1.0, np.nan], [1.0, 2.0], Fault.UNDEFINED),
        ([1.0, 2.0], [1.0], Fault.SHAPE),
        (0.3, 0.25, None),
        ([1.0, 2.0], [1.0, 2.0], None),
        (np.inf, np.inf, None),
        ("a text", 1.0, None),
        (None, 1.0, None),
    ],
)
def test_a_slip_that_makes_the_right_numbers_those_that_were_found_is_said(found, asked, fault):
    assert checks.what_differs(found, asked) is fault


def test_who_is_asked_again_and_for_something_else():
    drawn = itertools.count()
    assert checks.what_differs(next(drawn), again=lambda: next(drawn)) is Fault.TWICE
    assert checks.what_differs(1.0, 4.0, again=lambda: 1.0, other=lambda: 1.0) is Fault.UNMOVED
    assert checks.what_differs(1.0, 4.0, again=lambda: 1.0, other=lambda: 7.0) is None
    assert checks.what_differs(1.0, 4.0, other=lambda: 1 / 0) is None


def test_another_activation_at_the_end_is_told():
    image = keras.Input((3,))
    models = [keras.Model(image, layers.Dense(1, name=name)(image)) for name in ("sigmoid", "softmax")]
    models = [keras.Model(image, layers.Activation(model.layers[-1].name)(model(image))) for model in models]
    assert [checks.other_activation(model, "", "sigmoid") for model in models] == [None, Fault.ACTIVATION]
    assert checks.other_activation(None, "", "sigmoid") is None
    assert checks.other_activation(models[0], "nothing", "sigmoid") is None


def of_layers(*made: layers.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((3,)), *made])


@pytest.mark.parametrize(
    ("model", "rows", "says"),
    [
        (lambda: of_layers(layers.Dense(1, "softmax", bias_initializer="ones")), ROWS, "a softmax over one number"),
        (lambda: of_layers(layers.Dense(2, bias_initializer="ones")), ROWS, "no probabilities: numbers from"),
        (lambda: of_layers(layers.Dense(1, "sigmoid", bias_initializer="ones")), 999 * ROWS, "they aren't scaled"),
        (lambda: of_layers(layers.Normalization(mean=0.0, variance=1.0), layers.Dense(1)), 999 * ROWS, "aren't scaled"),
        (lambda: of_layers(layers.Dense(1, "sigmoid"), layers.Dropout(0.5)), ROWS, "are dropped to zero"),
        (lambda: of_layers(layers.Dense(1, "sigmoid")), ROWS, "no bias differs from zero"),
        (lambda: of_layers(layers.Dense(1, "sigmoid", bias_initializer="ones")), ROWS, ""),
        (lambda: of_layers(layers.Rescaling(1e-3), layers.Dense(1, bias_initializer="ones")), 999 * ROWS, "no prob"),
        (lambda: None, ROWS, ""),
    ],
)
def test_what_can_be_seen_of_a_model_that_learned_too_little(model, rows, says: str):
    told = checks.why_too_little(model(), rows)
    assert says in told and bool(says) == bool(told)


def test_the_baseline_check_says_which_of_them_it_is():
    amounts = ROWS[:, 0] * 2 + 50
    plain, far = (of_layers(layers.Dense(1, bias_initializer="ones")) for _ in range(2))
    plain.set_weights([np.array([[2.0], [0], [0]]), np.array([1.0])])
    far.set_weights([np.zeros((3, 1)), np.array([np.nan])])
    for model, rows, fault in (
        (plain, ROWS, Fault.SCALE),
        (plain, 999 * ROWS, Fault.UNSCALED),
        (far, ROWS, Fault.UNDEFINED),
    ):
        with pytest.raises(checks.CheckFailed) as failure:
            checks.check_beats_baseline(model, rows, amounts)
        assert failure.value.fault is fault


def test_other_weights_are_told_from_another_function():
    first, second = of_layers(layers.Dense(2)), of_layers(layers.Dense(2))
    before = second.get_weights()
    with pytest.raises(checks.CheckFailed, match="the weights hold other numbers") as failure:
        checks.check_same_outputs(first, second, ROWS)
    assert failure.value.fault is Fault.VALUES
    assert all(map(np.array_equal, before, second.get_weights()))
    with pytest.raises(checks.CheckFailed) as failure:
        checks.check_same_outputs(first, of_layers(layers.Dense(2, "relu")), ROWS)
    assert failure.value.fault is Fault.NUMBERS


def said_of(call) -> str:
    rubric = Rubric("task", 1, read="Chapter 1")
    with rubric.criterion(1, "title", hidden=True):
        call()
    return rubric.verdicts[0].message


def test_where_keras_refuses_a_shape_a_hidden_criterion_says_so():
    dense = layers.Dense(2)
    dense.build((None, 4))
    wide, narrow = (keras.Input((size,)) for size in (3, 5))
    for call in (
        lambda: dense(ROWS),
        lambda: layers.Add()([wide, narrow]),
        lambda: wide - narrow,
        lambda: layers.Conv2D(3, 3)(keras.Input((2, 2, 1))),
        lambda: of_layers(dense)(ROWS[:, :2]),
    ):
        assert said_of(call) == f"not so: {Fault.SHAPE}"
    for call in (lambda: keras.optimizers.get("nothing"), lambda: int("a"), lambda: np.zeros(2) + np.zeros(3)):
        assert said_of(call) == f"ValueError{IN_HIDDEN}"
