"""The checks of what a learner measured, and of how far a map looks: right ones pass, and faults are named."""

from __future__ import annotations

from functional_course import checks

import keras
import numpy as np
import pytest
from keras import layers

SCORES = {"a": [0.5, 0.6, 0.7], "b": [0.9, 0.8, 0.85]}
CLOSE = {"a": [0.5, 0.6, 0.9], "b": [0.7, 0.7, 0.75]}


def decided(scores: dict, ddof: int = 0, **other: object) -> dict:
    mean = {name: np.mean(numbers) for name, numbers in scores.items()}
    spread = {name: np.std(numbers, ddof=ddof) for name, numbers in scores.items()}
    return {"mean": mean, "spread": spread, "better": "b", **other}


def test_scores_of_each_variant_and_seed():
    checks.check_scores({name: np.array(numbers) for name, numbers in SCORES.items()}, ["b", "a"], seeds=[0, 1, 2])
    checks.check_scores({"a": (0.5, 0.5)}, ["a"], seeds=[7, 7])


@pytest.mark.parametrize(
    ("scores", "found"),
    [
        ({"a": [0.5, 0.6]}, "found 2"),
        ({"a": [[0.5], [0.6], [0.7]]}, "found an array of shape (3, 1)"),
        ({"a": [0.5, 0.6, 70.0]}, "found 0.5 to 70"),
        ({"a": [0.5, 0.6, np.nan]}, "asked for scores from 0 to 1"),
        ({"a": [0.5, 0.5, 0.5]}, "found 0.5 for every seed"),
        ({"b": [0.5, 0.6, 0.7]}, "found one with 'b'"),
        ([0.5, 0.6, 0.7], "found a list"),
        ({"a": [0.5, [0.6], "c"]}, "asked for numbers as scores for 'a'; found a list that holds something else"),
        ({"a": None}, "scores for 'a', one a seed; found"),
    ],
)
def test_scores_that_are_not_as_asked(scores: object, found: str):
    with pytest.raises(checks.CheckFailed) as failed:
        checks.check_scores(scores, ["a"], seeds=[0, 1, 2])
    assert found in str(failed.value)


@pytest.mark.parametrize("ddof", [0, 1])
def test_a_decision_that_follows(ddof: int):
    checks.check_decision(decided(SCORES, ddof), SCORES)
    checks.check_decision(decided(CLOSE, ddof, better=None), CLOSE)
    turned = {name: [1 - each for each in numbers] for name, numbers in SCORES.items()}
    checks.check_decision(decided(turned, ddof, better="a"), turned)


@pytest.mark.parametrize(
    ("other", "said", "fault"),
    [
        ({"better": "a"}, "asked for 'b' as `better`", checks.Fault.DECISION),
        ({"better": None}, "found None", checks.Fault.DECISION),
        ({"mean": {"a": None, "b": 0.85}}, "one number as the mean of 'a'; found None", checks.Fault.KIND),
        ({"mean": {"a": "low", "b": 0.85}}, "numbers as the mean of 'a'; found a str", checks.Fault.KIND),
        ({"spread": {"a": [0.1, 0.2], "b": 0.0}}, "one number as the spread of 'a'; found a list", checks.Fault.KIND),
        ({"mean": [0.6, 0.85]}, "asked for a dict with 'a', 'b'; found a list", checks.Fault.KIND),
        ({"mean": {"a": 0.6}}, "found one with 'a'", checks.Fault.NAME),
    ],
)
def test_what_is_wrong_with_a_decision(other: dict, said: str, fault: checks.Fault):
    with pytest.raises(checks.CheckFailed) as failed:
        checks.check_decision(decided(SCORES, **other), SCORES)
    assert said in str(failed.value)
    assert failed.value.fault is fault


def test_at_the_border_either_word_will_do():
    border = {"a": [0.25, 0.75], "b": [0.75, 0.75]}
    for better in (None, "b"):
        checks.check_decision(decided(border, better=better), border)
    with pytest.raises(checks.CheckFailed):
        checks.check_decision(decided(border, better="c"), border)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (decided(SCORES, better="a"), "'b' as `better`"),
        (decided(SCORES, better=None), "'b' as `better`"),
        (decided(SCORES, mean={"a": 0.7, "b": 0.85}), "0.600 as the mean of 'a'"),
        (decided(SCORES, spread={"a": 0.2, "b": 0.1}), "as the spread of 'a'"),
        (decided(SCORES, spread={"a": 0.1}), "a dict with 'a', 'b'"),
        ({"mean": {}, "spread": {}}, "a dict with 'mean', 'spread', 'better'"),
    ],
)
def test_a_decision_that_does_not_follow(wrong: dict, said: str):
    with pytest.raises(checks.CheckFailed) as failed:
        checks.check_decision(wrong, SCORES)
    assert said in str(failed.value)


def test_a_lead_within_the_spread_is_none():
    with pytest.raises(checks.CheckFailed, match="None as `better`"):
        checks.check_decision(decided(CLOSE), CLOSE)


def test_rows_that_are_held_out():
    train = {"a": np.arange(20).reshape(10, 2), "b": np.arange(10)}
    test = {"a": 100 + train["a"], "b": train["b"]}
    checks.check_held_out(train, test)
    checks.check_held_out(train, {name: np.concatenate([rows, rows + 50]) for name, rows in train.items()}, most=0.5)
    test["a"][:2] = train["a"][:2]
    with pytest.raises(checks.CheckFailed, match="found 20%"):
        checks.check_held_out(train, test)


def always(*answer: float) -> keras.Model:
    start = np.array(answer, "float32")
    entry = keras.Input((2,))
    dense = layers.Dense(len(answer), kernel_initializer="zeros")
    model = keras.Model(entry, dense(entry))
    dense.bias.assign(start)
    return model


ROWS = np.zeros((4, 2), "float32")


def reading_the_first(*weights: float) -> keras.Model:
    """As many outputs as there are weights, each the first number of a row times its weight."""
    entry = keras.Input((2,))
    dense = layers.Dense(len(weights), use_bias=False)
    model = keras.Model(entry, dense(entry))
    dense.set_weights([np.array([weights, np.zeros(len(weights))], "float32")])
    return model


def test_better_than_one_answer_for_all():
    rows = np.array([[1, 0], [0, 0], [1, 0], [0, 0]], "float32")
    checks.check_beats_baseline(reading_the_first(1.0), rows, np.array([1, 0, 1, 0]))
    checks.check_beats_baseline(reading_the_first(0.0, 1.0, -1.0), rows, np.array([1, 0, 1, 0]))
    checks.check_beats_baseline(reading_the_first(5.0), rows, np.array([5.0, 1.0, 6.0, 0.0]))


@pytest.mark.parametrize(
    ("answer", "held_out", "said"),
    [
        ((0.0,), [0, 0, 0, 1], "asked for at least 80.0% of the rows held out right"),
        ((0.3, 0.1), [0, 0, 0, 1], "found 75.0%, with one answer for all"),
        ((1.0,), [0, 0, 0, 1], "found 25.0%, with 1 for every row, as a softmax over one number gives"),
        ((float("nan"), 1.0), [1, 1, 0, 0], "gets 50.0%; found 50.0%"),
        (
            (1.2,),
            [1, 1, 1, 0],
            "from 0 to 1, since the targets are integers (amounts are floats); found numbers from 1.2",
        ),
        ((float("nan"),), [1, 1, 1, 0], "asked for outputs that are numbers; found NaN"),
        ((1.5,), [1.0, 2.0, 1.0, 2.0], "where the mean for all has 0.25; found 0.25"),
        ((float("nan"),), [1.0, 2.0, 1.0, 2.0], "found NaN"),
        ((1.5, 2.0), [1.0, 2.0, 1.0, 2.0], "an output of shape (4, 1) for amounts"),
    ],
)
def test_no_better_than_one_answer_for_all(answer: tuple, held_out: list, said: str):
    with pytest.raises(checks.CheckFailed) as failed:
        checks.check_beats_baseline(always(*answer), ROWS, np.array(held_out))
    assert said in str(failed.value)


@pytest.mark.parametrize("held_out", [[1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0]])
@pytest.mark.parametrize("answer", [(0.0,), (1.0,), (0.9, 0.1), (0.1, 0.9)])
def test_no_answer_for_all_beats_whatever_is_usual_among_the_rows_held_out(answer: tuple, held_out: list):
    with pytest.raises(checks.CheckFailed, match="where one class for all gets"):
        checks.check_beats_baseline(always(*answer), ROWS, np.array(held_out))


@pytest.mark.parametrize("answer", [0.0, 5.0, 4.0, 9.0])
def test_no_amount_for_all_beats_the_mean_of_the_rows_held_out(answer: float):
    with pytest.raises(checks.CheckFailed, match="where the mean for all has"):
        checks.check_beats_baseline(always(answer), ROWS, np.array([5.0, 4.0, 6.0, 5.0]))


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        (np.zeros(4), "amounts that differ, so that a model can be better than their mean; found numbers from 0 to 0"),
        (np.full(4, 1e8 / 3, "float32"), "amounts that differ"),
        (np.array([1e200, -1e200, 1e200, 0.0]), "amounts that differ"),
        (np.array([1.0, np.nan, 2.0, 3.0]), "found numbers from nan to nan"),
        (
            np.zeros(4, int),
            "rows held out of which one class has at most 95%, so that a model can be better; found 100.0%",
        ),
        (np.array(["cat", "dog", "cat", "dog"]), "integers for classes, or floats for amounts; found targets of <U3"),
    ],
)
def test_rows_held_out_with_which_no_model_can_be_better_are_named(targets: np.ndarray, said: str):
    for answer in (0.0, float(targets[0]) if targets.dtype.kind == "f" else 0.0):
        with pytest.raises(checks.CheckFailed) as failed:
            checks.check_beats_baseline(always(answer), ROWS, targets)
        assert said in str(failed.value)


def test_amounts_are_compared_without_overflow():
    high = np.array([300, -300, 300, -300], "float16")
    with pytest.raises(checks.CheckFailed, match="where the mean for all has 9e"):
        checks.check_beats_baseline(always(0.0), ROWS, high)
    rows = np.array([[300, 0], [-300, 0], [300, 0], [-300, 0]], "float32")
    checks.check_beats_baseline(reading_the_first(1.0), rows, high)


def test_better_by_too_little_isnt_called_one_answer():
    rows = np.array([[1, 0], [0, 0], [0, 0], [0, 0]], "float32")
    with pytest.raises(checks.CheckFailed) as failed:
        checks.check_beats_baseline(reading_the_first(1.0), rows, np.array([1, 1, 0, 1]))
    assert "found 50.0%" in str(failed.value) and "one answer" not in str(failed.value)


def test_a_probability_that_is_none_is_said_so_in_hidden_criteria():
    for answer, fault in ((float("nan"), checks.Fault.UNDEFINED), (1.2, checks.Fault.PROBABLE)):
        with pytest.raises(checks.CheckFailed) as failed:
            checks.check_beats_baseline(always(answer), ROWS, np.array([1, 1, 1, 0]))
        assert failed.value.fault is fault


@pytest.mark.parametrize("fault", [checks.Fault.NUMBERS, checks.Fault.MERGE])
def test_what_a_linear_layer_cannot_compute_is_the_fault_that_the_test_names(fault: checks.Fault):
    features = np.random.default_rng(0).normal(size=(50, 2))
    with pytest.raises(checks.CheckFailed) as failed:
        checks.check_linear_readout(features, features[:, :1] * features[:, 1:], "the product", fault=fault)
    assert failed.value.fault is fault


class ByPlace(layers.Layer):
    """One and zero in turn, whatever is in the rows."""

    def call(self, rows):
        places = keras.ops.cumsum(keras.ops.ones_like(rows[:, :1]), axis=0)
        return 0.0 * rows[:, :1] + keras.ops.cast(places % 2, "float32")


def test_an_answer_that_comes_from_the_place_of_a_row_beats_nothing():
    entry, rows = keras.Input((2,)), np.random.default_rng(3).normal(size=(40, 2)).astype("float32")
    in_turn = np.arange(1, 41) % 2
    model = keras.Model(entry, ByPlace()(entry))
    assert (keras.ops.convert_to_numpy(model(rows))[:, 0] == in_turn).all()
    with pytest.raises(checks.CheckFailed, match="where one class for all gets 50.0%"):
        checks.check_beats_baseline(model, rows, in_turn)


def test_inputs_by_name_stay_with_their_targets():
    left, right = keras.Input((1,), name="left"), keras.Input((1,), name="right")
    model = keras.Model({"left": left, "right": right}, layers.Subtract()([left, right]))
    rows = np.random.default_rng(4).normal(size=(2, 30, 1)).astype("float32")
    checks.check_beats_baseline(model, {"left": rows[0], "right": rows[1]}, rows[0] - rows[1])


def test_targets_in_a_column_are_the_same_targets():
    rows = np.array([[1, 0], [1, 0], [1, 0], [0, 0]], "float32")
    column = np.array([[1], [1], [1], [0]])
    checks.check_beats_baseline(reading_the_first(1.0), rows, column)
    with pytest.raises(checks.CheckFailed, match="found 25.0%"):
        checks.check_beats_baseline(always(0.0), ROWS, column)
    with pytest.raises(checks.CheckFailed, match="has 0.25; found 0.25"):
        checks.check_beats_baseline(always(1.5), ROWS, np.array([[1.0], [2.0]] * 2))
    with pytest.raises(checks.CheckFailed, match="one for each row; found \\(4, 2\\)"):
        checks.check_beats_baseline(always(1.0), ROWS, np.eye(2, dtype=int)[[1, 1, 1, 0]])


def failing(*faults: checks.Fault | None):
    """What is found from each seed, in turn, and the first random numbers from there."""
    drawn: list[float] = []

    def make() -> float:
        drawn.append(float(np.random.random()))
        return drawn[-1]

    def check(made: float) -> None:
        assert made == drawn[-1]
        fault = faults[len(drawn) - 1]
        if fault is not None:
            raise checks.CheckFailed("enough", f"{len(drawn)}", fault)

    return make, check, drawn


def test_a_model_that_learns_from_one_seed_of_three_is_good_enough():
    make, check, drawn = failing(checks.Fault.LEARNED, checks.Fault.SCALE, None)
    checks.check_learns(make, check, seeds=(7, 8, 9))
    assert len(set(drawn)) == 3
    again, check, once = failing(None)
    checks.check_learns(again, check, seeds=(7, 8, 9))
    assert once == drawn[:1]


def test_a_model_that_learns_from_no_seed_fails_with_what_the_first_one_found():
    make, check, drawn = failing(checks.Fault.LEARNED, checks.Fault.LEARNED)
    with pytest.raises(checks.CheckFailed, match="found 1"):
        checks.check_learns(make, check, seeds=(7, 8))
    assert len(drawn) == 2


@pytest.mark.parametrize("fault", [checks.Fault.SHAPE, checks.Fault.PROBABLE, checks.Fault.UNSCALED])
def test_a_fault_that_no_seed_explains_is_said_at_once(fault: checks.Fault):
    make, check, drawn = failing(fault, None)
    with pytest.raises(checks.CheckFailed, match="found 1"):
        checks.check_learns(make, check, seeds=(7, 8))
    assert len(drawn) == 1


def test_targets_turned_around():
    classes = np.array([0, 1, 2, 0])
    assert checks.turned_around(classes, like=classes).tolist() == [1, 2, 0, 1]
    assert checks.turned_around(classes[:1], like=classes).tolist() == [1]
    amounts = np.array([2.0, 10.0], "float32")
    assert checks.turned_around(amounts, like=amounts).tolist() == [10.0, 2.0]


def test_what_a_linear_layer_can_compute():
    a, b = np.random.default_rng(0).normal(size=(2, 60, 2))
    checks.check_linear_readout(np.concatenate([a, b], axis=1), 2 * a - b + 3, "a sum")
    checks.check_linear_readout((a + b) ** 2 - (a - b) ** 2, a * b, "the product")
    with pytest.raises(checks.CheckFailed, match="a linear layer computes the product"):
        checks.check_linear_readout(np.concatenate([a, b], axis=1), a * b, "the product")


def test_how_far_each_channel_looks():
    entry = keras.Input((9, 11, 3))
    one = layers.Conv2D(2, 1, activation="relu")(entry)
    flat = layers.Conv2D(1, (1, 5), padding="same", activation="relu")(entry)
    twice = layers.Conv2D(2, 3, padding="same")(layers.Conv2D(2, 3, padding="same", activation="relu")(entry))
    none = 0 * one[..., :1]
    gaps = layers.Conv2D(1, 3, dilation_rate=2, padding="same")(entry)
    model = keras.Model(entry, layers.Concatenate()([one, flat, twice, none, gaps]))
    before = model.get_weights()
    assert checks.extents_of_channels(model) == [(1, 1), (1, 1), (1, 5), (5, 5), (5, 5), (0, 0), (0, 0)]
    assert all(np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))


def test_a_window_is_around_its_place_and_may_hold_maxima_or_minima():
    entry = keras.Input((9, 9, 2))
    most = layers.MaxPooling2D(3, strides=1, padding="same")(entry)
    least = -layers.MaxPooling2D(3, strides=1, padding="same")(-entry)
    aside = layers.Conv2D(1, 3)(layers.ZeroPadding2D(((2, 0), (1, 1)))(entry))
    model = keras.Model(entry, layers.Concatenate()([most, least, aside]))
    assert checks.extents_of_channels(model) == [(3, 3)] * 4 + [(0, 0)]


def chain(nested: bool = False) -> keras.Model:
    entry = keras.Input((4,))
    inner = keras.Sequential([layers.Dense(4), layers.Dense(4)])
    return keras.Model(entry, layers.Add()([inner(entry)] * 2) if nested else layers.Dense(2)(layers.Dense(4)(entry)))


def branched(nested: bool = False) -> keras.Model:
    entry = keras.Input((4,))
    model = keras.Model(entry, layers.Dense(4)(entry) + entry)
    return keras.Sequential([keras.Input((4,)), model, layers.Dense(2)]) if nested else model


@pytest.mark.parametrize("nested", [False, True])
def test_a_chain_is_told_from_a_graph_in_which_tensors_meet(nested: bool):
    checks.check_no_chain(branched(nested))
    with pytest.raises(checks.CheckFailed, match="found a chain"):
        checks.check_no_chain(chain(nested))
